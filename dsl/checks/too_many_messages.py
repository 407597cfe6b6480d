"""More messages within 7 days, from all scenarios together, than a customer wants to read.

## Why

Each scenario alone looks modest, and none knows of the others. Who gets a letter a day, or several, unsubscribes from all of them.
The finding tells how it comes to that: which events bring which messages, how long after, and how often.

More than 7 within any 7 days are told; `pressure = 12` in [`scn.toml`](config.md) sets another number. Counted is what may happen at
worst: waits end as early as they can, of branches and arms the one that sends most is taken, every condition is true, nobody is held back
by quiet hours. Visits, looks, actions, lists and the products in them are taken to bring their event once a day, everything else once in
7 days, unless a limit `per customer` lets less through; "each" says that more of it would bring more. Transactional messages, notices to
staff and paused scenarios do not count; scenarios that are `active` at different times do not add up. A `policy cap` of messages over 7
days or longer is your own answer, and nothing is told; a cap over a shorter time counts for what it lets through.

## Avoid

```scn
scenario digest
  every day at 10:00
  if subscribed email
  send new_arrivals
  limit 1 per customer within 1d

scenario hello
  on customer registered
  if subscribed email
  send welcome
  limit 1 per customer
```

## Prefer

```scn
policy cap 3 messages within 7d

scenario digest
  every day at 10:00
  if subscribed email
  send new_arrivals
  limit 1 per customer within 1d

scenario hello
  on customer registered
  if subscribed email
  send welcome
  limit 1 per customer
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dsl import nodes
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Fix
from dsl.diagnostic import Label
from dsl.diagnostic import Severity
from dsl.diagnostic import warning
from dsl.meaning.reading import Reading
from dsl.meaning.reading import everywhere
from dsl.meaning.reading import readings
from dsl.meaning.scopes import written_event
from dsl.project import Project
from dsl.source import Span

if TYPE_CHECKING:
    from dsl.meaning.pressure import Share

SEVERITY = Severity.WARNING

#: Scenarios whose part is told; the others are summed up.
_TOLD = 5


def check(project: Project) -> Iterator[Diagnostic]:
    """One finding for the whole project, at the cap that lets too much through, else at the scenario that sends most."""
    sensible = project.surroundings.pressure
    if _is_small(project, sensible):
        return
    # Read only here: few projects come to this.
    from dsl.meaning import pressure
    from dsl.meaning.rates import WEEK
    from dsl.meaning.rates import shortest

    caps = [placed for placed in project.policies if isinstance(placed.node, nodes.PolicyCap)]
    for_all = [placed for placed in caps if isinstance(placed.node, nodes.PolicyCap) and placed.node.channel is None]
    if any(isinstance(placed.node, nodes.PolicyCap) and shortest(placed.node.within) >= WEEK for placed in for_all):
        return
    shares = pressure.heaviest(readings(project))
    messages = pressure.let_through(readings(project), shares, [cap.node for cap in caps if isinstance(cap.node, nodes.PolicyCap)])
    if messages <= sensible:
        return
    parts = [_told(share) for share in shares[:_TOLD]]
    rest = shares[_TOLD:]
    if rest:
        others = "1 other scenario" if len(rest) == 1 else f"{len(rest):,} other scenarios"
        parts.append(f"and {sum(share.messages for share in rest):,} more from {others}")
    labels = [Label(share.reading.source, share.reading.triggers[0][0].span, _told(share)) for share in shares[:_TOLD]]
    message = f"a customer can get {messages:,} messages within 7 days: {'; '.join(parts)}"
    if for_all:
        hint = f"let the cap hold for longer: `policy cap {sensible} messages within 7d`; `pressure = {messages}` in scn.toml accepts it"
        yield warning("too-many-messages", for_all[0].source, for_all[0].node.span, message, hint, labels=tuple(labels))
        return
    source, name = shares[0].reading.source, shares[0].reading.node.name
    cap = f"policy cap {sensible} messages within 7d"
    fix = Fix(f"add `{cap}`", Span(0, 0), f"{cap}\n\n", safe=False)
    hint = f"hold them back with `{cap}`; `pressure = {messages}` in scn.toml accepts it"
    yield warning("too-many-messages", source, name.span, message, hint, fix=fix, labels=tuple(labels))


def _is_small(project: Project, sensible: int) -> bool:
    """Whether it cannot come to so many, seen without looking closer: no scenario starts more than once a day, and none twice at a time."""
    kinds: tuple[type[nodes.Node], ...] = (nodes.Every, nodes.WaitForEvent, nodes.WaitUntil, nodes.WaitUntilDate)
    if any(everywhere(project, kind) for kind in kinds):
        return False
    triggers = max((len(reading.triggers) for reading in readings(project)), default=0)
    return len(everywhere(project, nodes.Send)) * triggers * 7 <= sensible


def _told(share: Share) -> str:
    """`customer registered` brings `welcome` at once and `sale` after 3d (`hello`)"""
    plain = len(share.hits) == 1 and not share.hits[0].at and not share.on_event
    parts = [f"`{hit.send.template.text}`{'' if plain else _when(hit.at)}" for hit in share.hits]
    sends = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    if share.messages > len(share.hits):
        times = share.messages // len(share.hits)
        sends += f" {times} times" if share.messages == times * len(share.hits) else f", {share.messages} messages in all,"
    events = " or ".join(_written(share.reading, clause) for clause, _ in share.reading.triggers)
    return f"{'each ' if share.repeats else ''}{events} brings {sends} (`{share.reading.name}`)"


def _when(seconds: int) -> str:
    from dsl.checks._hours import length

    minutes = seconds // 60
    return f" after {length(minutes)}" if minutes else " at once"


def _written(reading: Reading, clause: nodes.On | nodes.Every) -> str:
    if isinstance(clause, nodes.On):
        return f"`{written_event(reading.source, clause.event)}`"
    span = clause.schedule.span
    return f"`every {' '.join(reading.source.text[span.start : span.end].split())}`"
