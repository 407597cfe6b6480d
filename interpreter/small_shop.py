"""The small shop of `make demo`: a week of its facts, made without chance, so that every scenario of the library has its story.

`python -m interpreter.small_shop > scenarios/sample_facts.jsonl` writes the file of the library; `… 100` a shop a hundred times as large.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from collections.abc import Mapping
from datetime import datetime
from datetime import timedelta
from datetime import timezone
from typing import Any

#: The scenarios are launched here, on Monday; what came before is history.
LAUNCH = "2026-03-02T00:00"
#: The facts are those of a week. Letters come for two weeks more: the library waits seventeen days at most.
END = "2026-03-22T00:00"
_MOSCOW = timezone(timedelta(hours=3))
#: The day before the launch, at noon.
_BEFORE = "1 12:00"

#: What the shop sells. The teapot and the kettle are sold out, coffee is to be drunk within three weeks.
_PRODUCTS: tuple[Mapping[str, Any], ...] = (
    {"id": "shirt", "name": "Linen shirt", "price": 79, "available": True},
    {"id": "socks", "name": "Wool socks", "price": 12, "available": True},
    {"id": "bowl", "name": "Tea bowl", "price": 50, "available": True},
    {"id": "tray", "name": "Beech tray", "price": 56, "available": True},
    {"id": "scarf", "name": "Silk scarf", "price": 38, "available": True, "stock_left": 9},
    {"id": "coffee", "name": "Coffee, a kilo", "price": 24, "available": True, "expiry": "P21D"},
    {"id": "teapot", "name": "Blue teapot", "price": 45, "available": False},
    {"id": "kettle", "name": "Copper kettle", "price": 95, "available": False},
)

#: What the whole shop does: (day of March and time, operation, payload).
_SHOP: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    (_BEFORE, "product.feed", {"products": [{**each, "url": f"https://shop.example/{each['id']}"} for each in _PRODUCTS]}),
    ("4 12:00", "product.update", {"product": {"id": "scarf", "stock_left": 5}}),
    ("4 15:00", "product.update", {"product": {"id": "scarf", "stock_left": 2}}),
    ("5 12:00", "product.update", {"product": {"id": "teapot", "available": True}}),
    ("5 23:00", "product.update", {"product": {"id": "kettle", "available": True}}),
    ("6 03:00", "product.update", {"product": {"id": "kettle", "available": False}}),
    ("6 12:00", "product.update", {"product": {"id": "bowl", "price": 40, "old_price": 50}}),
)


def _order(number: str, status: str, **more: Any) -> Mapping[str, Any]:
    return {"order": {"id": number, "status": status, **more}}


def _lines(*products: str, quantity: int = 1) -> Mapping[str, Any]:
    """The lines of an order, and what they come to."""
    sold = [next(each for each in _PRODUCTS if each["id"] == name) for name in products]
    lines = [
        {"id": str(number), "product": each["id"], "name": each["name"], "quantity": quantity, "price": each["price"]}
        for number, each in enumerate(sold, 1)
    ]
    return {"total": sum(each["price"] for each in sold) * quantity, "lines": lines}


#: Who there is, what is known of each before the launch, and what each does: (day and time, operation, payload).
_PEOPLE: tuple[tuple[str, Mapping[str, Any] | None, tuple[tuple[str, str, Mapping[str, Any]], ...]], ...] = (
    # Orders: receipts, surveys, reviews, second orders.
    (
        "ann",  # agreed to everything, so that the caps of policies.scn have something to do
        {"email": "ann@shop.example", "first_name": "Ann", "subscribed": ["email"]},
        (
            ("2 12:00", "order.create", _order("17", "placed", **_lines("shirt", "socks"))),
            ("4 23:30", "order.status", _order("17", "delivered")),
        ),
    ),
    (
        "bob",  # never agreed to anything
        {"email": "bob@shop.example", "first_name": "Bob"},
        (
            ("2 13:10", "order.create", _order("18", "placed", **_lines("socks", quantity=2))),
            ("5 15:00", "order.status", _order("18", "delivered")),
        ),
    ),
    (
        "dan",  # no address: a text message, at night
        {"phone": "+447700900123", "first_name": "Dan"},
        (("3 03:20", "order.create", _order("19", "placed", **_lines("bowl"))),),
    ),
    ("guest", {}, (("3 11:00", "order.create", _order("20", "placed", **_lines("socks"))),)),
    (
        "kim",  # her morning is the shop's night
        {"email": "kim@shop.example", "first_name": "Kim", "timezone": "Asia/Vladivostok", "subscribed": ["email/reviews"]},
        (
            ("3 09:00", "order.create", _order("21", "placed", **_lines("bowl"))),
            ("5 20:00", "order.status", _order("21", "delivered")),
        ),
    ),
    (
        "sam",  # the address bounced
        {"email": "sam@shop.example", "subscribed": ["email/reviews"]},
        (
            ("2 16:00", "order.update", _order("22", "delivered", **_lines("tray"))),
            ("4 10:00", "contact.validity", {"kind": "email", "valid": False}),
        ),
    ),
    (
        "sergey",  # one survey a quarter
        {"email": "sergey@shop.example", "subscribed": ["email/surveys"]},
        (
            ("2 14:00", "order.update", _order("23", "delivered", **_lines("tray"))),
            ("7 14:00", "order.update", _order("24", "delivered", **_lines("bowl"))),
        ),
    ),
    (
        "tina",
        {"email": "tina@shop.example", "first_name": "Tina", "subscribed": ["email/offers"]},
        (("2 12:00", "order.update", _order("25", "delivered", **_lines("shirt"))),),
    ),
    (
        "uma",  # comes back by herself
        {"email": "uma@shop.example", "subscribed": ["email/offers"]},
        (
            ("2 13:00", "order.update", _order("26", "delivered", **_lines("shirt"))),
            ("7 18:00", "order.create", _order("27", "placed", **_lines("tray"))),
        ),
    ),
    (
        "pavel",  # drinks coffee
        {"email": "pavel@shop.example", "subscribed": ["email/reminders"]},
        (("3 10:00", "order.update", _order("28", "delivered", **_lines("coffee"))),),
    ),
    (
        "rita",  # so did she
        {"email": "rita@shop.example", "subscribed": ["email/reminders"]},
        (
            ("3 10:30", "order.update", _order("29", "delivered", **_lines("coffee"))),
            ("8 12:00", "subscription.set", {"channel": "email", "topic": "reminders", "status": "unsubscribed"}),
        ),
    ),
    # The shop with Russian letters.
    (
        "anna",
        {"email": "anna@shop.example", "first_name": "Анна", "subscribed": ["email/reviews", "email/offers"]},
        (
            ("4 19:00", "order.create", _order("1001", "Новый", total=4900)),
            ("4 19:15", "order.status", _order("1001", "Оплачен")),
            ("5 11:00", "order.status", _order("1001", "Отправлен")),
        ),
    ),
    (
        "boris",  # pays within five minutes
        {"email": "boris@shop.example", "first_name": "Борис"},
        (
            ("4 19:02", "order.create", _order("1002", "Новый", total=700)),
            ("4 19:05", "order.status", _order("1002", "Оплачен")),
        ),
    ),
    (
        "vera",  # has it before the week is over
        {"email": "vera@shop.example", "first_name": "Вера", "subscribed": ["email/reviews", "email/offers"]},
        (
            ("5 23:30", "order.update", _order("1003", "Отправлен", total=2600)),
            ("7 12:00", "order.status", _order("1003", "Получен")),
        ),
    ),
    (
        "inna",  # thinks better of it
        {"email": "inna@shop.example", "subscribed": ["email/offers"]},
        (
            ("3 12:00", "order.update", _order("1004", "Отправлен", total=1800)),
            ("6 12:00", "order.status", _order("1004", "Отменён")),
        ),
    ),
    # Visits, lists and products.
    (
        "lena",
        {"email": "lena@shop.example", "first_name": "Lena", "subscribed": ["email/offers"]},
        (
            ("3 12:00", "session.activity", {}),
            ("3 12:05", "product.view", {"product": "shirt"}),
            ("3 12:06", "list.add", {"list": "cart", "product": "shirt"}),
        ),
    ),
    (
        "mark",  # in the evening
        {"email": "mark@shop.example", "subscribed": ["email/offers"]},
        (("3 21:50", "session.activity", {}), ("3 21:52", "product.view", {"product": "tray"})),
    ),
    (
        "nina",  # left, and had bought
        {"email": "nina@shop.example", "subscribed": ["email/offers"]},
        (
            ("4 12:00", "session.activity", {}),
            ("4 12:05", "list.add", {"list": "cart", "product": "tray"}),
            ("4 12:20", "order.create", _order("30", "placed", **_lines("tray"))),
            ("4 12:20", "list.clear", {"list": "cart"}),
        ),
    ),
    (
        "oleg",
        {"email": "oleg@shop.example"},
        (("4 15:00", "session.activity", {}), ("4 15:02", "list.add", {"list": "cart", "product": "tray"})),
    ),
    (
        "ulla",  # waits for the teapot, and has looked at it as well
        {"email": "ulla@shop.example", "first_name": "Ulla", "subscribed": ["email/offers"]},
        ((_BEFORE, "list.add", {"list": "waitlist", "product": "teapot"}), (_BEFORE, "product.view", {"product": "teapot"})),
    ),
    (
        "viktor",  # the kettle is there for four hours of a night
        {"email": "viktor@shop.example", "subscribed": ["email/offers"]},
        ((_BEFORE, "list.add", {"list": "waitlist", "product": "kettle"}),),
    ),
    (
        "wanda",  # wishes for the bowl, and has looked at it as well
        {"email": "wanda@shop.example", "first_name": "Wanda", "subscribed": ["email/offers"]},
        ((_BEFORE, "list.add", {"list": "wishlist", "product": "bowl"}), (_BEFORE, "product.view", {"product": "bowl"})),
    ),
    ("xenia", {"email": "xenia@shop.example"}, ((_BEFORE, "list.add", {"list": "wishlist", "product": "bowl"}),)),
    (
        "yuri",
        {"email": "yuri@shop.example", "subscribed": ["email/offers"]},
        ((_BEFORE, "list.add", {"list": "cart", "product": "scarf"}),),
    ),
    ("alan", {"email": "alan@shop.example", "subscribed": ["email/offers"]}, ((_BEFORE, "product.view", {"product": "teapot"}),)),
    ("carl", {"email": "carl@shop.example", "subscribed": ["email/offers"]}, ((_BEFORE, "product.view", {"product": "bowl"}),)),
    # Customers themselves. WELCOME has one code: who comes a week after Max finds none.
    (
        "eve",
        None,
        (
            ("3 23:40", "customer.register", {"email": "eve@shop.example", "first_name": "Eve", "subscribed": ["email/news"]}),
            ("8 18:00", "order.create", _order("31", "placed", **_lines("tray"))),
        ),
    ),
    ("max", None, (("5 09:30", "customer.register", {"email": "max@shop.example", "first_name": "Max", "subscribed": ["email/news"]}),)),
    ("gina", None, (("5 10:00", "customer.register", {"email": "gina@shop.example", "subscribed": ["email/news"]}),)),
    ("fred", None, (("6 10:00", "customer.register", {"email": "fred@shop.example"}),)),
    ("hugo", {"phone": "+447700900124"}, (("4 03:10", "code.generate", {"kind": "call", "value": "4711", "expires": "5m"}),)),
    ("igor", {"phone": "+447700900125"}, (("4 10:00", "code.generate", {"kind": "sms", "value": "204816", "expires": "5m"}),)),
    ("jack", {"email": "jack@shop.example"}, (("4 11:00", "code.generate", {"kind": "sms", "value": "112358", "expires": "5m"}),)),
    (
        "jane",  # a hundred points, once
        {"email": "jane@shop.example", "email_confirmed": "pending"},
        (("3 10:00", "contact.confirm", {"kind": "email"}), ("4 10:00", "contact.confirm", {"kind": "email"})),
    ),
    (
        "kate",  # has not bought since July
        {"email": "kate@shop.example", "first_name": "Kate", "created_at": "2024-05-10", "subscribed": ["email/offers"]},
        ((_BEFORE, "order.update", _order("32", "delivered", created_at="2025-07-10", **_lines("shirt"))),),
    ),
    (
        "liam",  # one letter is enough for him
        {"email": "liam@shop.example", "created_at": "2024-05-10", "subscribed": ["email/offers"]},
        (
            (_BEFORE, "order.update", _order("33", "delivered", created_at="2025-07-10", **_lines("shirt"))),
            ("7 10:30", "order.create", _order("34", "placed", **_lines("tray"))),
        ),
    ),
    # Points.
    (
        "olga",
        {"email": "olga@shop.example", "first_name": "Olga", "subscribed": ["email/points"]},
        (("2 23:30", "balance.change", {"account": "bonus", "amount": 150}),),
    ),
    (
        "petr",  # has spent them before the shop is awake
        {"email": "petr@shop.example", "subscribed": ["email/points"]},
        (
            ("2 23:30", "balance.change", {"account": "bonus", "amount": 150}),
            ("3 07:00", "balance.change", {"account": "bonus", "amount": -150}),
        ),
    ),
    (
        "quinn",
        {"email": "quinn@shop.example", "first_name": "Quinn", "subscribed": ["email/points"]},
        (("2 14:00", "balance.change", {"account": "bonus", "amount": 80, "expires_at": "2026-03-16"}),),
    ),
    (
        "rosa",
        {"email": "rosa@shop.example", "subscribed": ["email/points"]},
        (
            ("2 14:00", "balance.change", {"account": "bonus", "amount": 80, "expires_at": "2026-03-16"}),
            ("6 14:00", "balance.change", {"account": "bonus", "amount": -80}),
        ),
    ),
)


def facts(copies: int = 1) -> list[dict[str, Any]]:
    """The facts in the order of their dates. Of several copies each has people and orders of its own, a few seconds later."""
    found = [(_moment(when), {"op": op, **payload}) for when, op, payload in _SHOP]
    for copy in range(copies):
        found += _people(copy)
    found.sort(key=lambda one: one[0])
    return [{"op": fact.pop("op"), "at": at.isoformat(), **fact} for at, fact in found]


def _people(copy: int) -> Iterator[tuple[datetime, dict[str, Any]]]:
    end = f"-{copy}" if copy else ""
    later = timedelta(seconds=copy * 7 % 1800)
    for pool in ("WELCOME", "COMEBACK"):
        yield _moment(_BEFORE), {"op": "promo.load", "pool": pool, "codes": [f"{pool[:4]}-{copy + 1:04}"]}
    for name, known, deeds in _PEOPLE:
        who = {"customer": f"{name}{end}"}
        if known is not None:
            yield _moment(_BEFORE), {"op": "customer.import", **who, **_own(known, end)}
        for when, op, payload in deeds:
            yield _moment(when) + later, {"op": op, **who, **_own(payload, end)}


def _own(payload: Mapping[str, Any], end: str) -> dict[str, Any]:
    """What two customers must not share: addresses, phones, numbers of orders."""
    own = dict(payload)
    if "email" in own:
        own["email"] = own["email"].replace("@", f"{end}@")
    if "phone" in own:
        own["phone"] += end.removeprefix("-")
    if "order" in own:
        own["order"] = {**own["order"], "id": f"{own['order']['id']}{end}"}
    return own


def _moment(when: str) -> datetime:
    day, time = when.split()
    return datetime.strptime(f"2026-03-{int(day):02} {time}", "%Y-%m-%d %H:%M").replace(tzinfo=_MOSCOW)


def text(copies: int = 1) -> str:
    """As JSON lines."""
    return "".join(f"{json.dumps(fact, ensure_ascii=False)}\n" for fact in facts(copies))


if __name__ == "__main__":
    sys.stdout.write(text(int(sys.argv[1]) if len(sys.argv) > 1 else 1))
