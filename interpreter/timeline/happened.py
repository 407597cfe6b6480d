"""What happened in a rehearsal, each thing as an expectation would say it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import attrs

from dsl import nodes
from dsl.printer import print_node
from interpreter.rehearsal import Rehearsal
from interpreter.store.listing import DecisionRow
from interpreter.store.listing import JourneyRow

#: The facts that the step `set` makes.
_SETTING = frozenset({"customer.edit", "order.status", "order.update"})


@attrs.frozen(slots=True, eq=False)
class Happening:
    """One thing that an expectation may be about."""

    at: int
    """Seconds since 1970 UTC: the `now` of its tick."""
    line: nodes.Expect | None
    """The expectation that would be met by it; None: a call, of which none can be written."""
    said: str
    """In words: `send review_request to ann by email`."""
    scenario: str = ""
    counts: bool = True
    """`expect nothing` minds it: messages, skipped ones too, values set, calls. A journey that stops is nothing."""
    failed: bool = False
    """Something went wrong: no test passes over it in silence."""
    letter: str | None = None
    """Of a message: all its texts."""
    to: str | None = None
    """Of a message: the address."""
    step: tuple[int, int] | None = None
    """Of a message: its journey and step."""
    decision: DecisionRow | None = None


@attrs.frozen(slots=True)
class Story:
    """All of it, in order, with what explains it."""

    happenings: tuple[Happening, ...]
    decisions: tuple[DecisionRow, ...]
    journeys: tuple[JourneyRow, ...]
    names: dict[str, str]
    """External ids under which a customer is known -> the one he is listed by."""
    missing_templates: frozenset[str]

    def customer(self, name: str) -> str:
        """The id by which a customer is listed."""
        return self.names.get(name, name)


def story(rehearsal: Rehearsal, names: list[str]) -> Story:
    """What the store of a rehearsal holds. `names`: customers that will be asked for."""
    store = rehearsal.store
    decisions = tuple(store.listing.decisions())
    found = [*_messages(rehearsal), *_sets(rehearsal), *_decided(decisions)]
    numbers = store.entities.aliases(names)
    keys = {customer.id: customer.key for customer in store.entities.customers(ids=set(numbers.values()))}
    return Story(
        tuple(sorted(found, key=lambda happening: happening.at)),
        decisions,
        tuple(store.listing.journeys()),
        {name: keys[number] for name, number in numbers.items() if number in keys},
        frozenset(rehearsal.writer.missing),
    )


def _messages(rehearsal: Rehearsal) -> Iterator[Happening]:
    for row in rehearsal.store.listing.messages():
        place = (row.journey, row.step)
        customer, template = nodes.Name(row.customer), nodes.Name(row.template)
        if row.kind == "call":
            yield Happening(row.at, None, f"call {row.template} for {row.customer}", row.scenario, step=place)
        elif row.kind == "message" and row.state == "skipped":
            line: nodes.Expect = nodes.ExpectSkip(template, customer, nodes.Name(row.reason or ""))
            yield Happening(row.at, line, said(line), row.scenario, step=place)
        elif row.kind == "message":
            line = nodes.ExpectSend(template, customer, nodes.Name(row.channel) if row.channel else None)
            yield Happening(row.at, line, said(line), row.scenario, letter=rehearsal.writer.letters.get(place, ""), to=row.to, step=place)


def _sets(rehearsal: Rehearsal) -> Iterator[Happening]:
    for fact in rehearsal.rehearsed.made_facts():
        if not fact.data:
            # Somebody erased since.
            continue
        if fact.op == "promo.issue":
            issued = nodes.ExpectIssue(nodes.Name(fact.data["pool"]), nodes.Name(fact.customer or ""))
            yield Happening(fact.at, issued, said(issued))
        if fact.op == "balance.change":
            amount, account = fact.data["amount"], nodes.Name(fact.data["account"])
            kind = nodes.ExpectAward if amount > 0 else nodes.ExpectDeduct
            moved = kind(abs(amount), account, nodes.Name(fact.customer or ""))
            yield Happening(fact.at, moved, said(moved))
        if fact.op not in _SETTING:
            continue
        entity = "order" if "order" in fact.data else "customer"
        values: dict[str, Any] = dict(fact.data["order"]) if entity == "order" else dict(fact.data)
        ident = str(values.pop("id")) if entity == "order" else fact.customer or ""
        for field, value in values.items():
            line = nodes.ExpectSet(nodes.Name(entity), nodes.Name(ident), nodes.Name(field), value)
            head = said(nodes.changed(line, value=0)).removesuffix("0")
            yield Happening(fact.at, line, head + json.dumps(value, ensure_ascii=False))


def _decided(decisions: tuple[DecisionRow, ...]) -> Iterator[Happening]:
    for row in decisions:
        customer, scenario = nodes.Name(row.customer), nodes.Name(row.scenario)
        stopped = row.outcome in {"stopped", "failed"} or (row.outcome == "refused" and row.reason == "limit")
        if stopped:
            line: nodes.Expect = nodes.ExpectStopped(customer, scenario, nodes.Name(row.reason or ""))
            yield Happening(row.at, line, said(line), row.scenario, counts=False, failed=row.outcome == "failed", decision=row)
        elif row.outcome == "goal":
            line = nodes.ExpectGoal(scenario, customer)
            yield Happening(row.at, line, said(line), row.scenario, counts=False, decision=row)


def said(line: nodes.Expect) -> str:
    """An expectation as it would be written, without `expect`."""
    return " ".join(print_node(line).split()).removeprefix("expect ")


def detail(decision: DecisionRow) -> Any:
    """What the ledger keeps of a decision: the entries of its trace, or a sentence."""
    return None if decision.detail is None else json.loads(decision.detail)
