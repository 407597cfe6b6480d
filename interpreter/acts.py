"""Steps that tell the shop something: what the fact they make says (`language.md` §2.2)."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

from dsl import calendar
from dsl import nodes
from interpreter.conditions import Condition
from interpreter.expressions.operands import is_number
from interpreter.program import BadValueError
from interpreter.view import View

Data = Callable[[View], Mapping[str, Any]]

#: By the first word of the operation: what of a customer the handling of such a fact looks at.
KINDS_TOLD: Mapping[str, frozenset[str]] = {
    "balance": frozenset({"account", "change"}),
    "list": frozenset({"item", "left", "session"}),
    "segment": frozenset({"segment"}),
}


def told(step: nodes.Step, condition: Callable[[nodes.Expression], Condition]) -> tuple[str, Data] | None:
    """The operation and what it says; None: the step tells the shop nothing."""
    match step:
        case nodes.Award(amount=amount, account=account, expires=expires):
            return "balance.change", _points(condition(amount), account.text, expires, sign=1)
        case nodes.Deduct(amount=amount, account=account):
            return "balance.change", _points(condition(amount), account.text, None, sign=-1)
        case nodes.AddTo(kind="segment", name=name):
            return "segment.add", lambda _: {"segment": name.text}
        case nodes.RemoveFrom(kind="segment", name=name):
            return "segment.remove", lambda _: {"segment": name.text}
        case nodes.AddTo(name=name):
            return "list.add", _product_of(name.text, "add")
        case nodes.RemoveFrom(name=name):
            return "list.remove", _product_of(name.text, "remove")
    return None


def _points(amount: Condition, account: str, expires: nodes.Duration | None, *, sign: int) -> Data:
    def data(view: View) -> Mapping[str, Any]:
        number = amount.value(view)
        if not is_number(number) or number < 0:
            raise BadValueError(f"expected a number of points, found {'nothing' if number is None else number}")
        found: dict[str, Any] = {"account": account, "amount": sign * number}
        if expires is not None:
            found["expires_at"] = calendar.add(view.now, expires, view.zone)
        return found

    return data


def _product_of(name: str, word: str) -> Data:
    """The product that the scenario is about."""

    def data(view: View) -> Mapping[str, Any]:
        product = view.things.get("product")
        if product is None:
            raise BadValueError(f"there is no product to {word}")
        return {"list": name, "products": [{"id": product.key}]}

    return data
