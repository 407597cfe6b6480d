"""Which keys `scn.toml` may hold, and what each takes."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from dsl.nodes import Duration
from dsl.spelling import closest

#: Takes the value, gives it as `Config` keeps it; raises `ValueError` with "expected …".
Reader = Callable[[Any], Any]

_UNITS = {"s": "seconds", "m": "seconds", "h": "seconds", "d": "days", "w": "days", "mo": "months", "y": "months"}
_FACTORS = {"s": 1, "m": 60, "h": 3600, "d": 1, "w": 7, "mo": 1, "y": 12}
#: As in scenarios, a length of time beyond a hundred years is a slip, and no calendar reaches far beyond.
_DIGITS = 10
#: Seconds to wait for somebody else's answer; messages that are not too many.
_LONGEST = 10**9
_RATE_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("expected a text")
    return value


def _secret(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"env:[A-Za-z_]\w*", value):
        raise ValueError('expected "env:NAME": a secret stands in the environment, not in the file')
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError('expected a list of texts, like ["*@shop.example"]')
    return tuple(value)


def _contacts(value: Any) -> tuple[str, ...]:
    found = _texts(value) if isinstance(value, list) else (value,)
    if not found or any(kind not in {"email", "phone"} for kind in found):
        raise ValueError('expected a list of contacts, ["email"], ["phone"] or both')
    return found


def _table(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise ValueError('expected a table of texts, like { Authorization = "env:TOKEN" }')
    return value


def _yes_or_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("expected true or false")  # noqa: TRY004 - a mistake of the user, told like the others
    return value


def _body(value: Any) -> Any:
    if not isinstance(value, str | dict):
        raise ValueError("expected a text or a table")  # noqa: TRY004 - a mistake of the user, told like the others
    return value


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= _LONGEST:
        raise ValueError("expected a number of messages, like 7")
    return value


def _zone(value: Any) -> str:
    from zoneinfo import ZoneInfo
    from zoneinfo import available_timezones

    name = _text(value)
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        near = closest(name, available_timezones())
        raise ValueError('expected the name of a time zone, like "Europe/Moscow"' + (f"; did you mean `{near}`?" if near else "")) from None
    return name


def duration(value: Any) -> Duration:
    """`"1d"`, `"1d12h"`: as in a scenario."""
    if not isinstance(value, str) or not re.fullmatch(r"(?:\d+(?:mo|[smhdwy]))+", value):
        raise ValueError('expected a duration, like "1d" or "12h"')
    parts = {"months": 0, "days": 0, "seconds": 0}
    for number, unit in re.findall(r"(\d+)(mo|[smhdwy])", value):
        if len(number) > _DIGITS:
            raise ValueError("expected a duration of at most 100 years")
        parts[_UNITS[unit]] += int(number) * _FACTORS[unit]
    if parts["months"] / 12 + parts["days"] / 366 + parts["seconds"] / 366 / 86400 > 100:
        raise ValueError("expected a duration of at most 100 years")
    return Duration(**parts)


def _seconds(value: Any) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= _LONGEST:
        return float(value)
    try:
        length = duration(value)
    except ValueError:
        length = Duration()
    seconds = length.days * 86400 + length.seconds
    if length.months or not seconds:
        raise ValueError('expected a length of time, like "10s" or 10')
    return float(seconds)


def _rate(value: Any) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*/\s*([smhd])", value) if isinstance(value, str) else None
    if not found or not 0 < float(found[1]) < math.inf:
        raise ValueError('expected a rate, like "50/s" or "100/m"')
    return float(found[1]) / _RATE_UNITS[found[2]]


def _port(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 65536:
        raise ValueError("expected the number of a port, like 587")
    return value


def _url(value: Any) -> str:
    if not isinstance(value, str) or not re.match(r"https?://[^\s/]|env:\w", value):
        raise ValueError('expected an address, like "https://shop.example/api"')
    return value.rstrip("/")


def _database(value: Any) -> str:
    if not isinstance(value, str) or not re.match(r"sqlite:.|postgres(ql)?://.|env:\w", value):
        raise ValueError('expected "sqlite:FILE" or "postgresql://…"')
    return value


def _country(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Z]{2}(-[A-Z0-9]{1,4})?", value):
        raise ValueError('expected a country, like "RU", or a part of it, like "RU-MOW"')
    return value


def _success(value: Any) -> Any:
    if isinstance(value, str | int) and not isinstance(value, bool):
        return value
    if isinstance(value, list) and value and all(isinstance(item, int) and not isinstance(item, bool) for item in value):
        return tuple(value)
    raise ValueError("expected what an accepted request looks like: 202, [200, 202], or a text of the answer")


def _tls(value: Any) -> str:
    spelled = {True: "starttls", False: "none"}.get(value, value) if isinstance(value, bool) else value
    return _one_of("starttls", "implicit", "none")(spelled)  # type: ignore[no-any-return]


def _one_of(*words: str) -> Reader:
    def read(value: Any) -> str:
        if value in words:
            return str(value)
        near = closest(str(value), words)
        raise ValueError(f"expected {', '.join(words[:-1])} or {words[-1]}" + (f"; did you mean `{near}`?" if near else ""))

    return read


_HTTP: dict[str, Reader] = {
    "url": _url,
    "method": _one_of("POST", "PUT", "PATCH", "GET", "DELETE"),
    "headers": _table,
    "body": _body,
    "success": _success,
    "idempotency_header": _text,
    "timeout": _seconds,
}

PROJECT: dict[str, Reader] = {
    "timezone": _zone,
    "database": _database,
    "valid": duration,
    "quiet_zone": _one_of("customer", "project"),
    "holidays": _country,
    "confirm": _contacts,
    "pressure": _count,
    "public_url": _url,
    "secret": _secret,
    "only_to": _texts,
}

CHANNEL: dict[str, Reader] = {
    "kind": _text,
    "from": _text,
    "delivery": _one_of("at_most_once", "at_least_once"),
    "rate": _rate,
    "reports_opens": _yes_or_no,
}
KINDS: dict[str, dict[str, Reader]] = {
    "file": {"folder": _text},
    "console": {},
    "smtp": {"host": _text, "port": _port, "tls": _tls, "user": _text, "password": _secret, "timeout": _seconds},
    "http": _HTTP,
    "apprise": {"url": _text, "timeout": _seconds},
    "webpush": {"private_key": _secret, "subject": _text, "timeout": _seconds},
}
ENDPOINTS: dict[str, dict[str, Reader]] = {"http": {"kind": _text, **_HTTP}, "sql": {"kind": _text, "url": _text, "query": _text}}
SOURCE: dict[str, Reader] = {"kind": _one_of("sql"), "name": _text, "url": _text, "query": _text, "cursor": _text, "op": _text}
REQUIRED = {"smtp": ("host",), "http": ("url",), "apprise": ("url",), "webpush": ("private_key",), "sql": ("url", "query")}
SECRETS = ("secret", "password", "private_key")
TABLES = ("project", "channels", "calls", "writeback", "source")
