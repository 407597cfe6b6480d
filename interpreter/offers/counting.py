"""What orders count for: each product once, unless it was cancelled or returned.

Orders are counted as they change; those from before anything asked for offers are counted by ticks, in portions.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator

from dsl import calendar
from interpreter.entities import Order
from interpreter.rules import Rules
from interpreter.store.offers import Counted
from interpreter.store.sqlite import Store

#: Orders from before that one tick counts: a second or two.
PORTION = 20_000
#: Behind the last order: all are counted, and each further one as it comes.
ALL = 1 << 62

#: The single value that says up to which order all are counted.
_MARK = "offers"

_GONE = frozenset({"cancelled", "returned"})


def bought(order: Order, rules: Rules) -> Iterator[str]:
    """The products of an order that were not cancelled and not returned, once for each line."""
    for line in order.lines.values():
        status = line.status or order.status
        if line.product is not None and (status is None or rules.category(status) not in _GONE):
            yield line.product


def counted(orders: Iterable[Order], rules: Rules) -> list[Counted]:
    """What orders count for."""
    return [(order.id, day_of(order.created_at, rules), tuple(sorted(set(bought(order, rules))))) for order in orders]


def day_of(at: int, rules: Rules) -> int:
    """The number of a day in the project's zone."""
    return calendar.local(at, rules.timezone)[0]


def counted_to(store: Store) -> int:
    """Up to which order all are counted: 0 where none is, and `ALL`."""
    return int(store.scenarios.get(_MARK) or 0)


def go_on(store: Store, rules: Rules, known: int) -> int:
    """The next portion of what is not counted yet; how far it is counted then. To be called within a transaction."""
    if not rules.counts_orders:
        if known:
            store.offers.clear()
            store.scenarios.set(_MARK, None)
        return 0
    orders = store.entities.all_orders(known, PORTION)
    while True:
        store.offers.count(counted(orders, rules))
        if len(orders) < PORTION:
            known = ALL
        else:
            known = orders[-1].id
            if not store.connection.outlives:
                orders = store.entities.all_orders(known, PORTION)
                continue
        store.scenarios.set(_MARK, str(known))
        return known
