"""Every operation of `events.md` §2.1: what it carries, the one form of what may be written in several ways, the checks beyond types.

One module for each family; the first ones stand in `payloads` and `put_right`.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

import msgspec

from interpreter import payloads
from interpreter import put_right
from interpreter.operations import cards
from interpreter.operations import codes
from interpreter.operations import lists
from interpreter.operations import loyalty
from interpreter.operations import merging
from interpreter.operations import products
from interpreter.operations import promos
from interpreter.operations import segments
from interpreter.operations import visits

#: Every operation of this release and what it carries.
PAYLOADS: Mapping[str, type[msgspec.Struct]] = {
    **payloads.PAYLOADS,
    **cards.PAYLOADS,
    **codes.PAYLOADS,
    **merging.PAYLOADS,
    **promos.PAYLOADS,
    **products.PAYLOADS,
    **lists.PAYLOADS,
    **visits.PAYLOADS,
    **loyalty.PAYLOADS,
    **segments.PAYLOADS,
}

_CARRIED: Mapping[str, frozenset[str]] = {
    op: frozenset({*payload.__struct_encode_fields__, "customer"}) for op, payload in PAYLOADS.items()
}

#: By the first word of the operation, or by the whole of it where a family shares that word with another:
#: gives a payload its one form, before types are checked.
_SHAPES: Mapping[str, Callable[[str, dict[str, Any]], None]] = {
    "product": products.shape,
    "list": lists.shape,
    "product.view": visits.shape,
    "customer.merge": merging.shape,
}

#: In the same way: checks values and puts them right. It is told the project's zone, and when the fact happened.
_VALUES: Mapping[str, Callable[[str, dict[str, Any], str, int], None]] = {
    "category": visits.values,
    "balance": loyalty.values,
    "card": cards.values,
    "code": codes.values,
    "list": lists.values,
    "product.view": visits.values,
    "customer.merge": merging.values,
    "promo": promos.values,
    "product": products.values,
    "session": visits.values,
    "segment": segments.values,
}


#: By the operation, what is done before types are checked. Raises Refused.
SHAPE: Mapping[str, Callable[[str, dict[str, Any]], None]] = {
    op: _SHAPES.get(op) or _SHAPES.get(op.partition(".")[0]) or put_right.shape for op in PAYLOADS
}
_CHECKS = {op: _VALUES.get(op) or _VALUES.get(op.partition(".")[0]) for op in PAYLOADS}


def values(operation: str, data: dict[str, Any], zone: str, at: int) -> None:
    """After types are checked: ids become text, moments of scn seconds since 1970 UTC. `at`: when the fact happened. Raises Refused."""
    check = _CHECKS[operation]
    if check is None:
        put_right.values(operation, data, zone)
    elif data.keys() <= _CARRIED[operation]:
        check(operation, data, zone, at)
    else:
        # A name that another operation of the family carries is here a field of the shop's own, which holds what it likes.
        own = {name: data.pop(name) for name in data.keys() - _CARRIED[operation]}
        check(operation, data, zone, at)
        data.update(own)
