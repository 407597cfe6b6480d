"""Three months of a shop for the back-test: ten facts a customer, in order of time, and ten scenarios over them."""

from __future__ import annotations

import random
import re
from pathlib import Path

from bench import loads

DAYS = 90
EACH = 10
#: What a customer does: (kind, order, days after the one before it, hours of spread).
STORY = (
    ("register", 0, 0.0, 0.0),
    ("create", 1, 0.1, 60.0),
    ("paid", 1, 0.01, 2.0),
    ("shipped", 1, 0.5, 48.0),
    ("subscribe", 0, 1.0, 24.0),
    ("cart", 0, 4.0, 72.0),
    ("viewed", 0, 0.02, 20.0),
    ("create", 2, 0.02, 60.0),
    ("paid", 2, 0.01, 2.0),
    ("delivered", 2, 2.0, 72.0),
)
SCENARIOS = {
    "welcome": 'on customer registered quiet 22:00-09:00 if subscribed email to "news" send welcome limit 1 per customer',
    "order_placed": "transactional on order created send order_placed limit 1 per order",
    "thanks": 'on order.status -> "paid" wait 1h if order.total >= 500 if subscribed email send thanks limit 1 per customer within 7d',
    "review": 'on order.status -> "shipped" wait 7d quiet 22:00-09:00 if subscribed email send review limit 1 per customer',
    "next_order": 'on order.status -> "delivered" goal order created within 30d wait 14d only 10:00-20:00 if no order since start '
    "if subscribed email send next_order limit 1 per customer within 30d",
    "cart": 'on action "cart_left" stop on order created wait 2h quiet 22:00-09:00 if subscribed email send cart '
    "wait 1d if subscribed email send cart_again limit 1 per customer within 14d",
    "viewed": 'on action "viewed" wait 1d if no order since start if subscribed email send viewed limit 1 per customer within 7d',
    "hello_news": "on subscription email -> subscribed send hello_news limit 1 per customer",
    "big_order": 'on order created where order.total >= 5000 wait 3d at 11:00 if subscribed email to "news" send big_order '
    "limit 1 per customer within 60d",
    "second": 'on order.status -> "paid" where order.total >= 1000 split halves { 50% one { wait 2d send second_a } 50% two { wait 4d '
    "send second_b } } limit 1 per customer within 30d",
}
#: What the scenarios send.
TEMPLATES = re.findall(r"send (\w+)", " ".join(SCENARIOS.values()))


def shop(folder: Path) -> Path:
    """A project with the ten scenarios."""
    (folder / "scn.toml").write_text('[project]\ntimezone = "Europe/Moscow"\n[channels.email]\nkind = "file"\nfrom = "shop@shop.example"\n')
    for name, text in SCENARIOS.items():
        (folder / f"{name}.scn").write_text(f"scenario {name}\n  {text}\n")
    for name in TEMPLATES:
        place = folder / "templates" / name
        place.mkdir(parents=True)
        kind = 'kind = "transactional"\n' if name == "order_placed" else ""
        (place / "meta.toml").write_text(f'{kind}subject = "{name} of the shop"\n')
        (place / "email.html").write_text("<p>Dear {{ customer.first_name }}</p><p><a href='{{ unsubscribe_url }}'>Unsubscribe</a></p>\n")
    return folder


def facts(folder: str, count: int) -> None:
    """`facts.jsonl` in a folder: so many facts, sorted by time."""
    found: list[tuple[int, int, int]] = []
    dice = random.Random(7)
    last = loads.START + DAYS * loads.DAY
    for customer in range(max(1, count // EACH)):
        at = loads.START + int(dice.random() * (DAYS - 40) * loads.DAY)
        for number, (_, _, days, hours) in enumerate(STORY):
            at += int(days * loads.DAY + dice.random() * hours * 3600)
            found.append((min(at, last), customer, number))
    found.sort()
    with (Path(folder) / "facts.jsonl").open("w") as file:
        file.writelines(_line(*one) for one in found)


def _line(moment: int, customer: int, number: int) -> str:
    kind, order, _, _ = STORY[number]
    at, who = loads.iso(moment), f"customer-{customer}"
    head = f'"at":"{at}","key":"{customer}.{number}","customer":"{who}"'
    if kind == "register":
        topics = '"email","email/news"' if customer % 5 else '"sms"'
        about = f'"first_name":"Ann","timezone":"{loads.ZONES[customer % len(loads.ZONES)]}","subscribed":[{topics}]'
        return f'{{"op":"customer.register",{head},"email":"{who}@example.com",{about}}}\n'
    if kind == "subscribe":
        return f'{{"op":"subscription.set",{head},"channel":"email","status":"subscribed"}}\n'
    if kind in {"cart", "viewed"}:
        template = "cart_left" if kind == "cart" else "viewed"
        return f'{{"op":"action.issue",{head},"template":"{template}","products":["p-{customer % 977}"]}}\n'
    if kind == "create":
        total = 300 + (customer * 37 + order * 1_013) % 7_000
        lines = f'[{{"id":"1","product":"p-{customer % 977}","quantity":1,"price":{total}}}]'
        return (
            f'{{"op":"order.create",{head},"order":{{"id":"{customer}-{order}","status":"placed","total":{total},"created_at":"{at}",'
            f'"lines":{lines}}}}}\n'
        )
    return f'{{"op":"order.status",{head},"order":"{customer}-{order}","status":"{kind}"}}\n'
