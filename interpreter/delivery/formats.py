"""How values are written in messages: the filters `money`, `date`, `datetime`, `plural`, `plus`, and what is printed without a filter."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from itertools import islice
from typing import Any
from urllib.parse import quote

from jinja2 import Undefined
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from interpreter.delivery.moments import Day
from interpreter.delivery.moments import from_seconds
from interpreter.delivery.moments import from_text
from interpreter.delivery.readable import Readable

_NO_BREAK_SPACE = "\u00a0"
_DATE = "%d.%m.%Y"
_DATETIME = "%d.%m.%Y %H:%M"


def money(value: Any, currency: str = "") -> str:
    """An amount, `1 200 ₽` or `1 200,50 ₽`; nothing for a missing one.

    `{{ order.total | money("₽") }}`
    """
    if _is_nothing(value):
        return ""
    amount = f"{round(float(value), 2):,.2f}".removesuffix(".00").replace(",", _NO_BREAK_SPACE).replace(".", ",")
    return f"{amount}{_NO_BREAK_SPACE}{currency}" if currency else amount


@pass_context
def date(context: Context, value: Any, pattern: str = _DATE) -> str:
    """`{{ order.created_at | date }}` -> `05.06.2024`, in the customer's zone; a pattern as for strftime; nothing for a missing date."""
    return "" if _is_nothing(value) else _moment(context, value).strftime(pattern)


@pass_context
def date_and_time(context: Context, value: Any, pattern: str = _DATETIME) -> str:
    """`{{ order.created_at | datetime }}` -> `05.06.2024 23:00`, in the customer's zone."""
    return date(context, value, pattern)


@pass_context
def plus(context: Context, value: Any, days: int = 0, hours: int = 0) -> Any:
    """A later moment on the customer's own clock; with a minus an earlier one.

    `{{ now | plus(days=3) | date }}`
    """
    return value if _is_nothing(value) else _moment(context, value) + timedelta(days=days, hours=hours)


def plural(value: Any, *forms: str) -> str:
    """The form of a word that goes with a number; with two forms: one, many.

    `{{ n | plural("товар", "товара", "товаров") }}`
    """
    if _is_nothing(value):
        return ""
    number = abs(float(value))
    if not 2 <= len(forms) <= 3:
        raise ValueError(f"`plural` takes two forms of a word, or three, found {len(forms)}")
    if len(forms) == 2:
        return forms[0] if number == 1 else forms[1]
    if number % 1:
        return forms[1]
    if number % 10 == 1 and number % 100 != 11:
        return forms[0]
    return forms[1] if 2 <= number % 10 <= 4 and not 12 <= number % 100 <= 14 else forms[2]


def take(value: Any, count: int) -> list[Any]:
    """The first ones of a list, so many or fewer.

    `{% for product in customer.recommendations.popular | take(3) %}`
    """
    return [] if _is_nothing(value) else list(islice(value, max(int(count), 0)))


FILTERS: dict[str, Callable[..., Any]] = {
    "money": money,
    "date": date,
    "datetime": date_and_time,
    "plural": plural,
    "plus": plus,
    "take": take,
}


def shown(value: Any) -> Any:
    """What `{{ value }}` prints: nothing for a missing value, `2` for 2.0, a moment as the customer reads it."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, datetime):
        return value.strftime(_DATE if isinstance(value, Day) else _DATETIME)
    return value


def shown_as_text(value: Any) -> Any:
    """As `shown`, for the text part made from HTML: ready-made HTML loses its tags."""
    return value.striptags() if isinstance(value, Markup) else shown(value)


def shown_in_json(value: Any) -> Any:
    """As `shown`, inside a JSON template: nothing in a value can close a string or add a key. What `tojson` made stays as it is."""
    if isinstance(value, Markup):
        return value
    if isinstance(value, bool):
        return Markup("true" if value else "false")  # noqa: S704 - escaped for JSON
    if isinstance(value, (int, float)):
        return Markup(str(shown(value)))  # noqa: S704 - escaped for JSON
    return Markup(json.dumps(str(shown(value)), ensure_ascii=False)[1:-1])  # noqa: S704 - escaped for JSON


def shown_in_url(value: Any) -> Any:
    """As `shown`, inside an address or a form: nothing in a value can add a parameter."""
    return quote(str(shown(value)), safe="")


def dump_json(value: Any, **options: Any) -> str:
    """The JSON that `tojson` writes."""
    return json.dumps(value, **{**options, "ensure_ascii": False, "default": _json_value})


def _json_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Readable):
        return value.shown
    if isinstance(value, Undefined) and not value:
        return None
    raise ValueError(f"`{value}` cannot be written as JSON")


def _is_nothing(value: Any) -> bool:
    # `not value` lets a name that does not exist raise its own error.
    return value is None or (isinstance(value, Undefined) and not value)


def _moment(context: Context, value: Any) -> datetime:
    """A date; `with` values come as seconds since 1970 UTC, custom fields as text: both are read on the clock of `now`."""
    if isinstance(value, datetime):
        return value
    now = context.resolve("now")
    zone = (now.tzinfo if isinstance(now, datetime) else None) or UTC
    if isinstance(value, int) and not isinstance(value, bool):
        return from_seconds(value, zone)
    found = from_text(value, zone) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"expected a date, found `{value}`")
    return found
