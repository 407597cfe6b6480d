"""Customers who are tied together, by addresses and orders, and what happens to them within a day: enough for several processes."""

from __future__ import annotations

import time
from random import Random
from typing import Any

Fact = dict[str, Any]
PEOPLE, NEW = 3_000, 300
SHARED = 200
"""Addresses of more than one."""
START = 1_772_355_600
"""Noon of 2026-03-01 in Moscow."""
FILES = {
    "scn.toml": '[project]\ntimezone = "Europe/Moscow"\n[channels.email]\nkind = "console"\nfrom = "Shop <shop@example.com>"\n',
    "all.scn": """
scenario welcome
  on customer registered
  priority 2
  if subscribed email
  send welcome by email
  set customer.stage "new"
  limit 1 per customer

scenario chain
  on order created
  stop on order.status -> "cancelled"
  goal order.status -> "paid" within 2d
  wait 3h
  send first by email
  wait up to 1d for order.status -> "paid" { send thanks by email } else { send reminder by email }
  limit 2 per customer within 2d

scenario asked
  on action "go"
  if subscribed email
  send asked by email
  award 10.5 to balance "bonus"
  limit 1 per customer each day

scenario staged
  on customer.stage changed
  split arm { 50% a { send staged_a by email } 50% b { send staged_b by email } }

scenario receipts
  on order created
  transactional
  if order.total > 95
  send receipt by email
""",
} | {
    f"templates/{name}/{file}": text
    for name in ("welcome", "first", "thanks", "reminder", "asked", "staged_a", "staged_b", "receipt")
    for file, text in (("email.txt", "Hello\n{{ unsubscribe_url }}\n"), ("meta.toml", 'subject = "Hello"\n'))
}
FILES["templates/receipt/meta.toml"] += 'kind = "transactional"\n'


def happenings(random: Random, leaving: int = 0) -> list[Fact]:
    """More facts than one process handles, of customers who are tied together."""
    found: list[Fact] = [registered(f"leaving-{number}", f"leaving-{number}@example.com") for number in range(leaving)]
    found += [registered(f"c{number}", address(random, number)) for number in range(PEOPLE)]
    random.shuffle(later := [happening(random) for _ in range(random.randint(14_000, 26_000))])
    for number in range(leaving):
        later.insert(random.randrange(len(later)), bought(f"leaving-{number}", f"l{number}"))
    # Few enough to leave room for several processes before, between and behind.
    for _ in range(random.choice((0, 0, 1, 2))):
        one, other = (f"c{number}" for number in random.sample(range(PEOPLE), 2))
        rare: list[Fact] = [{"op": "customer.erase", "customer": one}, {"op": "customer.merge", "into": one, "from": [other]}]
        later.insert(random.randrange(len(later) // 2, len(later)), random.choice(rare))
    found += later
    for number, fact in enumerate(found[leaving:]):
        fact["at"] = moment(2 + number)
    for fact in found[:leaving]:
        fact["at"] = moment(0)
    return found


def happening(random: Random) -> Fact:
    number, order = f"c{random.randrange(PEOPLE + 100)}", f"o{random.randrange(PEOPLE)}"
    match random.randrange(10):
        case 0 | 1 | 2:
            return bought(number, order)
        case 3:
            return bought(number, order) | {"email": f"{random.randrange(SHARED)}@example.com"}
        case 4 | 5:
            return {"op": "order.status", "order": {"id": order, "status": random.choice(("paid", "cancelled", "new"))}}
        case 6:
            return {"op": "action.issue", "customer": number, "template": "go"}
        case 7:
            return registered(f"n{random.randrange(500)}", address(random, random.randrange(SHARED)))
        case 8:
            return {
                "op": "customer.edit",
                "customer": number,
                "email": f"{random.randrange(SHARED)}@example.com",
                "city": random.choice("abc"),
            }
        case _:
            return {"op": "list.add", "customer": number, "list": "cart", "products": [{"id": random.randrange(50)}]}


def registered(name: str, email: str) -> Fact:
    return {"op": "customer.register", "customer": name, "email": email, "subscribed": ["email"]}


def address(random: Random, number: int) -> str:
    return f"{number if random.random() < 0.9 else random.randrange(SHARED)}@example.com"


def bought(customer: str, order: str) -> Fact:
    return {"op": "order.create", "customer": customer, "order": {"id": order, "status": "new", "total": int(order[1:]) % 100}}


def newcomers() -> list[Fact]:
    """Who has nothing to do with the others, and comes when they have begun."""
    return [{**registered(f"new-{number}", f"new-{number}@example.com"), "at": moment(5_000 + number)} for number in range(NEW)]


def moment(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(START + second))
