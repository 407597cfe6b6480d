"""Orders: created and changed (E02), all lines in a status (E03a), any line in a status (E03b), a product bought (E04).

Events of one fact: `customer.created` when he was unknown, `order.created`, `order.changed`, `order.status`, `line.status`, then for each
line `product.bought`, in this order.
The order keeps the latest news by the source's own dates: of the order as a whole, of its status, of every line (`domain.md` §3.3).
A fact older than the order's latest is a late one: its events say so, and what it says counts only where nothing newer is known.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from collections.abc import Container
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from dsl.catalog import ResolvedEvent
from interpreter.entities import Customer
from interpreter.entities import Line
from interpreter.entities import Order
from interpreter.entities import Product
from interpreter.events import promos
from interpreter.events.event import NONE
from interpreter.events.event import UNHEARD
from interpreter.events.event import Event
from interpreter.events.event import Matcher
from interpreter.events.event import Moves
from interpreter.events.event import Statuses
from interpreter.events.event import Words
from interpreter.events.who import who
from interpreter.facts import Fact
from interpreter.payloads import Line as LinePayload
from interpreter.payloads import Order as OrderPayload
from interpreter.shop import Shop

#: `delivery_date` is kept as it came, with the shop's own fields.
_ORDER_FIELDS = frozenset(OrderPayload.__struct_fields__) - {"delivery_date"}
#: Kept as they come, in attributes of their own.
_GIVEN = frozenset({"total", "email", "phone"})
_LINE_FIELDS = frozenset(LinePayload.__struct_fields__)
_NOTHING: Mapping[str, Any] = {}
_UNKNOWN: Statuses = frozenset({None})


def apply(fact: Fact, shop: Shop, project: Words, heard: Container[str]) -> list[Event]:
    """`order.create`, `order.update` (both create an order that is unknown and change one that is known), `order.status`."""
    data = fact.data["order"]
    order = shop.order(data["id"])
    if order is None and (fact.op == "order.status" or fact.customer is None):
        lacking = "a status creates none" if fact.op == "order.status" else "without a `customer` it cannot be created"
        shop.note(fact.id, f"the order `{data['id']}` is unknown, and {lacking}: the fact changes nothing")
        return []
    customer, events = _customer(fact, order, shop)
    if customer is None:
        return []
    new = order is None
    hears_bought = "product.bought" in heard
    lines = {} if order is None or not hears_bought else {line.id: _as_it_was(line) for line in order.lines.values()}
    before = NONE
    late = False
    if order is None:
        order = shop.new_order(data["id"], customer, fact.at)
        after, moves = _fill(fact, data, order, project)
    else:
        before = _statuses(order)
        late = fact.at < order.updated_at
        if not late and order.customer != customer.id:
            shop.give_order(order, customer)
        after, moves = _change(fact, data, order, project, late=late)
    order.facts.append(fact.id)
    shop.order_changed(order)

    kinds = ["order.created", "order.changed"] if new else ["order.changed"]
    if after not in (before, _UNKNOWN):
        kinds.append("order.status")
    if moves:
        kinds.append("line.status")
    for kind in kinds:
        if kind in heard:
            events.append(Event(kind, customer, fact.at, fact.id, fact.actor, order, fact, late, before=before, after=after, moves=moves))
        else:
            events.append(UNHEARD)
    rows = data.get("lines")
    if order.promos or "promo" in data or (rows and any("promo" in row for row in rows)):
        events += promos.of_order(fact, data, order, customer, shop, project, moved=bool(moves))
    if hears_bought:
        events += _bought(fact, customer, order, lines, shop, project)
    return events


def _bought(fact: Fact, customer: Customer, order: Order, before: Mapping[str, Line], shop: Shop, project: Words) -> Iterator[Event]:
    """E04: for each line that this fact delivers, or changes while it is delivered. Late is what is older than the line's own news."""
    data = fact.data["order"]
    listed = {row["id"]: row for row in data.get("lines") or ()}
    whole = None if fact.op == "order.status" and listed else data.get("status")
    for line in order.lines.values():
        row = listed.get(line.id, _NOTHING)
        if not row and whole is None:
            continue
        was = before.get(line.id)
        said = row.get("status") or whole or (line.status if was is None else was.status)
        if said is None or project.category(said) != "delivered":
            continue
        late = line.updated_at > fact.at
        already = was is not None and was.status is not None and project.category(was.status) == "delivered"
        if already and (late or was is None or _sold(was) == _sold(line)):
            continue
        things = {} if line.product is None else {"product": _product(line.product, shop)}
        yield Event("product.bought", customer, fact.at, fact.id, fact.actor, order, fact, late, line=line, things=things)


def _product(key: str, shop: Shop) -> Product:
    """Of one that nobody told us about, or asks about, only the id is known."""
    known = shop.holdings.product(key) if shop.holdings.knows_product(key) else None
    return known or Product(key)


def _as_it_was(line: Line) -> Line:
    found = copy.copy(line)
    found.fields = dict(line.fields)
    return found


def _sold(line: Line) -> tuple[Any, ...]:
    """What of a delivered line makes it another sale; from one status of the category to another, it was delivered before (A-31)."""
    return line.product, line.price, line.quantity, line.fields


def _customer(fact: Fact, order: Order | None, shop: Shop) -> tuple[Customer | None, list[Event]]:
    if fact.customer is not None:
        return who(fact, shop)
    assert order is not None
    customer = shop.customer_by_id(order.customer)
    if customer.erased:
        shop.note(fact.id, f"the customer of the order `{order.key}` was erased: the fact changes nothing")
        return None, []
    return customer, []


def _statuses(order: Order) -> Statuses:
    """The statuses of the lines that came with the order; without any: its own, as if it were the one line."""
    originals = frozenset([line.status for line in order.lines.values() if line.original])
    return originals or frozenset({order.given_status})


def _fill(fact: Fact, data: dict[str, Any], order: Order, project: Words) -> tuple[Statuses, Moves]:
    """An order nobody knew. Gives the statuses of its lines, and what its lines have become."""
    whole = data.get("status")
    for row in data.get("lines") or ():
        order.lines[row["id"]] = _new_line(fact, row, row.get("status") or whole, project, original=True)
    if whole is not None:
        order.given_status, order.given_at = whole, fact.at
    _change_fields(fact, data, order, late=False)
    statuses = [line.status for line in order.lines.values()] or [whole]
    after = frozenset(statuses)
    order.status = statuses[0] if len(after) == 1 else whole
    return after, tuple([(None, status) for status in statuses if status is not None])


def _change(fact: Fact, data: dict[str, Any], order: Order, project: Words, *, late: bool) -> tuple[Statuses, Moves]:
    """Puts the news into the order. Gives what its status and lines have become by this fact alone, were nothing newer known."""
    whole = data.get("status")
    given_before = order.given_status
    said: dict[str, str | None] = {}
    moves: list[tuple[str | None, str | None]] = []
    listed = {row["id"]: row for row in data.get("lines") or ()}
    # The lines an order came with are those of the first fact that brought any: some shops send the order first and its lines after it.
    original = not order.lines
    # `order.status` with lines moves those and no others.
    some_lines = fact.op == "order.status" and bool(listed)
    unlisted = [] if whole is None or some_lines else [number for number in order.lines if number not in listed]
    for number in (*listed, *unlisted):
        row = listed.get(number, _NOTHING)
        line = order.lines.get(number)
        if line is None:
            was, now = None, row.get("status") or whole or given_before
            order.lines[number] = _new_line(fact, row, now, project, original=original)
        else:
            was = line.status
            now = row.get("status") or whole or was
            _change_line(fact, row, line, now, project)
        said[number] = now
        if now != was:
            moves.append((was, now))
    if whole is not None and not some_lines and (order.given_status is None or fact.at >= order.given_at):
        order.given_status, order.given_at = whole, fact.at
    elif order.given_status is not None and order.given_at > fact.at:
        _overtaken(order, [order.lines[number] for number in listed], fact)
    _change_fields(fact, data, order, late=late)
    shared = _statuses(order)
    order.status = next(iter(shared)) if len(shared) == 1 else order.given_status

    after = frozenset([said.get(line.id, line.status) for line in order.lines.values() if line.original])
    if not order.lines:
        after = frozenset({whole or given_before})
        if after != {given_before}:
            moves.append((given_before, whole))
    return after, tuple(moves)


def _new_line(fact: Fact, row: Mapping[str, Any], status: str | None, project: Words, *, original: bool) -> Line:
    quantity = row.get("quantity")
    delivered = row.get("delivered_at") or (fact.at if status is not None and project.category(status) == "delivered" else None)
    fields = {} if _LINE_FIELDS.issuperset(row) else {name: value for name, value in row.items() if name not in _LINE_FIELDS}
    quantity = 1 if quantity is None else quantity
    return Line(row["id"], row.get("product"), quantity, row.get("price"), status, original, delivered, fact.at, fields)


def _change_line(fact: Fact, row: Mapping[str, Any], line: Line, status: str | None, project: Words) -> None:
    late = fact.at < line.updated_at
    if row.get("product") is not None and (not late or line.product is None):
        line.product = row["product"]
    if row.get("quantity") is not None and not late:
        line.quantity = row["quantity"]
    if "price" in row and (not late or line.price is None):
        line.price = row["price"]
    for name, value in row.items():
        if name not in _LINE_FIELDS and (not late or name not in line.fields):
            line.fields[name] = value
    if late:
        return
    if status is not None and status != line.status and project.category(status) == "delivered":
        # From one status of the category to another, it was delivered before.
        already = line.status is not None and project.category(line.status) == "delivered"
        line.delivered_at = line.delivered_at if already else fact.at
    line.delivered_at = row.get("delivered_at") or line.delivered_at
    line.status = status
    line.updated_at = fact.at


def _overtaken(order: Order, lines: list[Line], fact: Fact) -> None:
    """The order as a whole was given a status after the date of this fact: its news of lines are older than that."""
    for line in lines:
        if line.updated_at == fact.at:
            line.status, line.updated_at = order.given_status, order.given_at


def _change_fields(fact: Fact, data: dict[str, Any], order: Order, *, late: bool) -> None:
    for name, value in data.items():
        if name not in _ORDER_FIELDS:
            if not late or name not in order.fields:
                order.fields[name] = value
        elif name in _GIVEN and (not late or getattr(order, name) is None):
            setattr(order, name, value)
    # The order began with its first action, by date, unless the shop says when.
    order.created_at = data.get("created_at") or min(order.created_at, fact.at)
    order.updated_at = max(order.updated_at, fact.at)


# ------------------------------------------------------------------------------------------------------------ matches


def status_matcher(trigger: ResolvedEvent, project: Words) -> Matcher:
    """By this change all lines that came with the order are in the status, and not all were before."""
    wishes, sources = _wishes(trigger, project), set(trigger.from_)
    if len(wishes) == 1 and not sources:
        wanted = wishes[0]
        return lambda event: wanted(event.after) and not (event.before and wanted(event.before))

    def matches(event: Event) -> bool:
        before, after = event.before, event.after
        if sources and not (len(before) == 1 and before <= sources):
            return False
        return any(wanted(after) and not (before and wanted(before)) for wanted in wishes)

    return matches


def word(event: Event) -> str | None:
    """The status that all lines have now; None: there are several."""
    return next(iter(event.after)) if len(event.after) == 1 else None


def line_matcher(trigger: ResolvedEvent, project: Words) -> Matcher:
    """A line moved into the status: one event for each fact, however many lines did (A-03)."""
    wishes, sources = _wishes(trigger, project), trigger.from_

    def matches(event: Event) -> bool:
        moves = [(frozenset({was}), frozenset({now})) for was, now in event.moves if not sources or was in sources]
        return any(wanted(now) and not wanted(was) for wanted in wishes for was, now in moves)

    return matches


def _wishes(trigger: ResolvedEvent, project: Words) -> list[Callable[[Statuses], bool]]:
    """Whether statuses are all as wanted. `"paid" | "shipped"` are two wishes, each with its own transitions; a category is one."""
    if trigger.category is not None:
        category, wanted = project.category, trigger.category
        return [lambda statuses: all(status is not None and category(status) == wanted for status in statuses)]
    return [frozenset({status}).issuperset for status in trigger.to]
