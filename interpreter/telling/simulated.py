"""What a simulation showed, for people: per scenario what was started, sent, skipped, stopped and why, and when it was sent."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import date
from datetime import timedelta

from dsl.report.display import clean
from interpreter.rules import Rules
from interpreter.tally import Summary
from interpreter.tally import Tally
from interpreter.timeline.lines import shown

#: Bars of a histogram at most: days, else weeks, else months.
BARS = 31
#: The longest bar, in characters.
LONGEST = 48
_EIGHTHS = " ▏▎▍▌▋▊▉"
_INDENT = "  "
_WORD = 11


def text(summary: Summary, rules: Rules, zone: str) -> str:
    """The whole report."""
    facts = f"{summary.facts:,} {'fact' if summary.facts == 1 else 'facts'}"
    lines = [f"{facts}, from {shown(summary.launch, zone)} to {shown(summary.last, zone)} ({zone}); nothing was sent"]
    reader = _Reader(summary.tally, rules)
    for name, placed in rules.project.scenarios.items():
        line = placed.source.position(placed.node.name.span.start).line
        lines += ["", f"{clean(name)}  {clean(placed.source.path)}:{line}"]
        lines += [f"{_INDENT}{row}" for row in reader.rows(name)]
        sent = {date.fromordinal(day): count for (scenario, day), count in summary.tally.sent.items() if scenario == name}
        lines += [f"{_INDENT}{row}" for row in histogram(sent)]
    return "\n".join(lines) + "\n"


class _Reader:
    """The numbers of all scenarios."""

    def __init__(self, tally: Tally, rules: Rules) -> None:
        self.rules = rules
        self.tally = tally

    def rows(self, scenario: str) -> Iterator[str]:
        """What became of one scenario."""
        of = [(outcome, str(reason), count) for (name, outcome, reason), count in self.tally.outcomes.items() if name == scenario]
        started = self.tally.started[scenario]
        if not started:
            yield _row("started", 0, "no fact started it")
        else:
            yield _row("started", started)
        messages = [(*letter[1:], count) for letter, count in self.tally.letters.items() if letter[0] == scenario]
        messages.sort(key=lambda row: (-row[-1], str(row[0]), str(row[1]), str(row[3])))
        sent = [(f"{clean(template)} by {channel}", count) for template, channel, state, _, count in messages if state == "sent"]
        yield _row("sent", sum(count for _, count in sent), _listed(sent, always=True))
        yield from _reasons("skipped", [(str(reason), count) for _, _, state, reason, count in messages if state == "skipped"])
        yield from _reasons("stopped", [(reason, count) for outcome, reason, count in of if outcome == "stopped"])
        for (name, step), count in sorted(self.tally.gates.items()):
            if name == scenario:
                yield f"{'':{_WORD}}{count:>9,}  {self._gate(scenario, step)}"
        yield from _reasons("failed", [(reason, count) for outcome, reason, count in of if outcome == "failed"])
        yield from _reasons("not started", [(reason, count) for outcome, reason, count in of if outcome == "refused"])
        yield from _reasons("goal", [(reason, count) for outcome, reason, count in of if outcome == "goal"])
        if self.tally.waiting[scenario]:
            yield _row("waiting", self.tally.waiting[scenario], "at the end")

    def _gate(self, scenario: str, step: int) -> str:
        source = self.rules.project.scenarios[scenario].source
        found = self.rules.scenarios[scenario].steps[step].span
        place = source.position(found.start)
        written = " ".join(source.text[found.start : found.end].split())
        return f"`{clean(written)}` ({clean(source.path)}:{place.line}:{place.column})"


def _reasons(word: str, counted: Iterable[tuple[str, int]]) -> Iterator[str]:
    summed: dict[str, int] = {}
    for reason, count in counted:
        summed[reason] = summed.get(reason, 0) + count
    if summed:
        rows = sorted(summed.items(), key=lambda row: (-row[1], row[0]))
        yield _row(word, sum(summed.values()), _listed(rows, always=True))


def _row(word: str, count: int, more: str = "") -> str:
    return f"{word:<{_WORD}}{count:>9,}  {more}".rstrip()


def _listed(counted: Sequence[tuple[str, int]], *, always: bool) -> str:
    """`no_consent 10, unreachable 2`; one alone needs no number."""
    if len(counted) == 1 and always:
        return counted[0][0]
    return ", ".join(f"{what} {count:,}" for what, count in counted)


def histogram(days: Mapping[date, int]) -> list[str]:
    """How many were sent on each day; over a longer time in each week (from Monday), or month."""
    if not days:
        return []
    first, last = min(days), max(days)
    length = (last - first).days + 1
    unit = "day" if length <= BARS else "week" if length <= BARS * 7 - 7 else "month"
    counts: dict[date, int] = dict.fromkeys(_units(first, last, unit), 0)
    for day, count in days.items():
        counts[_start(day, unit)] += count
    most = max(counts.values())
    form = "%Y-%m" if unit == "month" else "%Y-%m-%d"
    bars = (f"{_INDENT}{start.strftime(form)}  {f'{_bar(count, most)} {count:,}'.strip()}" for start, count in counts.items())
    return [f"sent by {unit}", *bars]


def _units(first: date, last: date, unit: str) -> Iterator[date]:
    start = _start(first, unit)
    while start <= last:
        yield start
        start = _start(start + timedelta(days={"day": 1, "week": 7, "month": 31}[unit]), unit)


def _start(day: date, unit: str) -> date:
    if unit == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if unit == "month" else day


def _bar(count: int, most: int) -> str:
    eighths = round(count / most * LONGEST * 8)
    if count and not eighths:
        eighths = 1
    full, rest = divmod(eighths, 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")
