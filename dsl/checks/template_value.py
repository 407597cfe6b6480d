"""A template uses a value that this scenario does not have.

## Why

The letter could not be filled in, and the journey would fail when it is due.
A template may use the entities that the trigger provides, the names after `with`, promo codes issued before the send,
recommendations, and the product segments of `define products`.

## Avoid

```scn
on customer registered
  transactional
  send receipt
  limit 1 per customer
```

## Prefer

```scn
on order created
  transactional
  send receipt
  limit 1 per order
```
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping

from dsl.catalog import ENTITIES
from dsl.catalog import Type
from dsl.catalog import written_list
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.diagnostic import error
from dsl.meaning.fields import near_field
from dsl.meaning.fields import step
from dsl.meaning.mistakes import Kind
from dsl.meaning.reading import Reading
from dsl.meaning.reading import SendPlace
from dsl.meaning.reading import readings
from dsl.meaning.scopes import Scope
from dsl.meaning.scopes import providers
from dsl.offers import OF_PRODUCT
from dsl.offers import RECOMMENDATIONS
from dsl.offers import SEGMENT
from dsl.project import Project
from dsl.spelling import closest
from dsl.spelling import question

SEVERITY = Severity.ERROR

#: Names that every template has: `interpreter/delivery/values.py`.
_ALWAYS = frozenset({"scenario", "template", "unsubscribe_url", "now", "project"})


def check(project: Project) -> Iterator[Diagnostic]:
    """What the texts of the channels of each send read, against what the journey has there."""
    for reading in readings(project):
        for send in reading.sends:
            if send.template:
                told: set[str] = set()
                for channel in send.known_channels or send.template.channels:
                    for used, place in send.template.uses.get(channel, ()):
                        problem = _problem(used, reading, send)
                        if problem and problem[0] not in told:
                            told.add(problem[0])
                            name = send.node.template.text
                            message = f"the template `{name}` uses `{used}` ({place}), {problem[0]}"
                            yield error("template-value", reading.source, send.node.template.span, message, problem[1])
                    yield from _offers(project, channel, reading, send, told)


def _offers(project: Project, channel: str, reading: Reading, send: SendPlace, told: set[str]) -> Iterator[Diagnostic]:
    """What the offers of a template need of the project."""
    assert send.template
    for use in send.template.offers.get(channel, ()):
        problem = None
        if use.offer.name == "category_match" and project.surroundings.category_match is None:
            problem = "and there is no table for it", "write `offers/category_match.csv` with the columns category, recommend, count"
        elif use.offer.name == "popular" and use.offer.segment is not None and use.offer.segment not in project.vocabulary.products:
            problem = _no_segment(use.offer.segment, project.vocabulary.products)
        if problem and problem[0] not in told:
            told.add(problem[0])
            message = f"the template `{send.node.template.text}` uses `{use.written}` ({use.place}), {problem[0]}"
            yield error("template-value", reading.source, send.node.template.span, message, problem[1])


def _no_segment(name: str, known: Iterable[str]) -> tuple[str, str]:
    near = closest(name, known)
    return f"and there is no product segment `{name}`", question(name, near) if near else f"write `define products {name} where …`"


def _problem(used: str, reading: Reading, send: SendPlace) -> tuple[str, str] | None:
    """What is wrong with a dotted name, and what to do about it."""
    root, *rest = used.split(".")
    if root in _ALWAYS or any(argument.name.text == root for argument in send.node.arguments):
        return None
    scope = reading.scope
    for name in send.place.state.issued:
        scope = scope.issued(name)
    entity = scope.roots.get(root)
    if root == SEGMENT and rest:
        segments = scope.vocabulary.products
        return _field_problem("product", rest[1:], scope) if rest[0] in segments else _no_segment(rest[0], segments)
    if entity == "customer" and rest[:1] == ["recommendations"]:
        return _recommendation_problem(rest[1:], RECOMMENDATIONS, scope)
    if entity == "product" and rest[:1] == ["recommendations"]:
        return _recommendation_problem(rest[1:], OF_PRODUCT, scope)
    if entity == "customer" and rest[:1] == ["balances"]:
        return _balance_problem(rest[1:], scope)
    if entity:
        return _field_problem(entity, rest, scope)
    if root in ENTITIES:
        who = scope.lacking.get(root)
        if root == "promo":
            return "and no promo code is issued before this send", "write `issue promo` before it"
        provided = f"and `{who}` does not provide `{root}`" if who else f"and nothing provides `{root}`"
        return provided, f"`{root}` comes with {written_list(providers(root), 'and')}"
    return "which this send does not give it", f"write `send {send.node.template.text} with {root} = …`"


def _recommendation_problem(names: list[str], known: Mapping[str, str], scope: Scope) -> tuple[str, str] | None:
    if names and names[0] in known:
        return _field_problem("product", names[1:], scope)
    found = f"no recommendation `{names[0]}`" if names else "no recommendation is named"
    near = closest(names[0], known) if names else None
    return f"and there is {found}" if names else f"and {found}", (question(names[0], near) if near else f"expected {written_list(known)}")


def _balance_problem(names: list[str], scope: Scope) -> tuple[str, str] | None:
    known = scope.vocabulary.balances
    if not names:
        return "and no balance is named", "write `customer.balances.bonus.available`"
    if known and names[0] not in known:
        near = closest(names[0], known)
        return f"and there is no balance `{names[0]}`", question(names[0], near) if near else f"expected {written_list(known)}"
    if names[1:2] == ["expiring"]:
        return _field_problem("change", names[2:], scope)
    if names[1:] and names[1:] not in (["available"], ["blocked"]):
        return f"and a balance has no `{'.'.join(names[1:])}`", "expected `available`, `blocked` or `expiring`"
    return None


def _field_problem(entity: str, names: list[str], scope: Scope) -> tuple[str, str] | None:
    kind = Kind(Type.ENTITY, entity)
    for name in names:
        if not kind.of:
            return None
        found = step(kind.of, name, scope)
        if found is None:
            near = near_field(kind.of, name, scope)
            hint = f"did you mean `{near}`?" if near else f"expected {written_list(ENTITIES[kind.of].fields)}"
            return f"and `{kind.of}` has no field `{name}`", hint
        kind = found
    return None
