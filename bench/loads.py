"""What goes in: customers and orders as JSON lines, the same for everybody, written as text so that making them costs little."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from datetime import timedelta
from datetime import timezone
from pathlib import Path

#: 2026-03-01 12:00 in Moscow: by day in every zone below, and a week in which no clock changes begins.
START = 1_772_355_600
DAY = 86_400
WEEK = 7 * DAY
ZONES = ("Europe/Moscow", "Europe/Kaliningrad", "Asia/Yekaterinburg", "Asia/Novosibirsk", "Europe/Berlin", "Asia/Vladivostok")
_MOSCOW = timezone(timedelta(hours=3))


def iso(moment: int) -> str:
    """Seconds since 1970 as a fact and an option have them."""
    return datetime.fromtimestamp(moment, _MOSCOW).isoformat()


def customer(number: int, start: int = START) -> str:
    """Somebody registers, an hour before everything."""
    return (
        f'{{"op":"customer.register","key":"c{number}","at":"{iso(start - 7200)}","customer":"customer-{number}",'
        f'"email":"customer-{number}@example.com","first_name":"Ann","subscribed":["email"],"timezone":"{ZONES[number % len(ZONES)]}"}}\n'
    )


def order(number: int, at: str) -> str:
    """An order of his, already shipped."""
    return (
        f'{{"op":"order.create","key":"o{number}","at":"{at}","customer":"customer-{number}","order":{{"id":"order-{number}",'
        f'"status":"shipped","total":{1200 + number % 700},"lines":[{{"id":"1","product":"p-{number % 977}","quantity":1,'
        f'"price":1200}}]}}}}\n'
    )


def customers(count: int, start: int = START) -> Iterable[str]:
    """That many people."""
    return (customer(number, start) for number in range(count))


def orders(count: int, start: int = START, *, early: int = 0) -> Iterable[str]:
    """One order each, within the hour before `start`; every `early`th three days before the others."""
    at = [iso(start - second) for second in range(3600)]
    before = [iso(start - 3 * DAY - second) for second in range(3600)]
    for number in range(count):
        moments = before if early and number % early == 0 else at
        yield order(number, moments[number * 7919 % 3600])


def mixed(count: int) -> Iterable[str]:
    """Half of the facts are registrations, each with its order behind it."""
    at = iso(START)
    for number in range(count // 2):
        yield customer(number)
        yield order(number, at)


def write(path: Path, lines: Iterable[str]) -> Path:
    """A file of facts."""
    with path.open("w") as file:
        file.writelines(lines)
    return path
