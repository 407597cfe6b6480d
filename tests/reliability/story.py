"""A week of a small shop in command lines: what is interrupted at every place, and must come out the same. `families.py` has another.

Small, so that it can be told some thousand times; with everything a decision can do: waits, quiet hours, limits, a cap that holds, arms,
a holdout, facts made by steps, ranks, a schedule, a call, a stop, a goal, an edit while customers wait, an erasure.
"""

from __future__ import annotations

import json
from pathlib import Path

import attrs


@attrs.frozen
class Action:
    """One command line, and the files that are written before it."""

    line: str
    clock: str = "2026-03-01T11:00"
    """What the machine's clock shows."""
    files: dict[str, str] = attrs.field(factory=dict)

    @property
    def is_run(self) -> bool:
        """Whether ticks are made; then a killed one goes on from the last tick."""
        return self.line.startswith("run ")


@attrs.frozen
class Story:
    """A project, what happens to it, and what may not be otherwise at its end."""

    name: str
    files: dict[str, str]
    listener: dict[str, str]
    """Further files where channels take keys."""
    facts: dict[str, list[dict[str, object]]]
    """Each as a file of JSON lines."""
    actions: tuple[Action, ...]
    """In order; each is a process of its own."""
    portion: int | None = None
    """So many owners, products and customers at once, where the engine goes through them in portions; None: as many as it likes."""

    def lay_out(self, root: Path, *, listener: bool) -> None:
        """The project's folder at the beginning."""
        for name, text in (self.files | (self.listener if listener else {})).items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.lstrip("\n"))
        for name, facts in self.facts.items():
            # Their batch is said, for it would be the number of the process.
            path = root / f"{name}.jsonl"
            path.write_text("".join(json.dumps({"batch": name} | fact) + "\n" for fact in facts))


#: `{delivery}` and `{listener}` differ by variant.
FILES = {
    "scn.toml": """
[project]
timezone = "Europe/Moscow"
valid = "2d"
[channels.email]
kind = "file"
from = "Shop <shop@shop.example>"
delivery = "at_most_once"
[channels.sms]
kind = "file"
delivery = "at_least_once"
[calls.crm]
url = "https://crm.example/hook"
""",
    "words.scn": 'define status order "new", "paid", "cancelled"\npolicy cap 3 messages within 1d else hold 3d\n',
    "welcome.scn": """
scenario welcome
  on customer registered
  priority 5
  if subscribed email
  send letter by email
  set customer.stage "greeted"
  limit 1 per customer
""",
    "order.scn": """
scenario chain
  on order created
  stop on order.status -> "cancelled"
  goal order.status -> "paid" within 5d
  wait 6h quiet 22:00-09:00
  send letter by email
  send text by sms
  call crm with total = order.total
  set customer.stage "asked"
  wait up to 1d for order.status -> "paid" { send thanks by email } else { send reminder by email }
  limit 2 per customer
""",
    "staged.scn": """
scenario staged
  on customer.stage changed
  stop on action "leave"
  wait 30m
  split half {
    50% one { send letter by email }
    50% two { send text by sms }
  }
  holdout 20%
""",
    "receipt.scn": """
scenario receipt
  transactional
  on order created
  send receipt by email
  limit 1 per order
""",
    # Both are due at once, and what the first does would stop the second, had it not acted in the same round.
    "ranks.scn": """
scenario first_rank
  on order created
  priority 9
  set customer.ranked "yes"
scenario second_rank
  on order created
  stop on customer.ranked changed
  send text by sms
  limit 1 per customer
""",
    "daily.scn": """
scenario daily
  every day at 10:00
  if subscribed sms
  send text by sms
  limit 2 per customer within 3d
""",
    "templates/letter/email.txt": "Hello {{ customer.first_name }} {{ unsubscribe_url }}\n",
    "templates/letter/meta.toml": 'subject = "Hello"\n',
    "templates/thanks/email.txt": "Thanks {{ unsubscribe_url }}\n",
    "templates/thanks/meta.toml": 'subject = "Thanks"\n',
    "templates/reminder/email.txt": "Do not forget {{ unsubscribe_url }}\n",
    "templates/reminder/meta.toml": 'subject = "Reminder"\n',
    "templates/receipt/email.txt": "We have your order\n",
    "templates/receipt/meta.toml": 'subject = "Receipt"\nkind = "transactional"\n',
    "templates/text/sms.txt": "Come and see\n",
}

#: Hears of every message that was handed over, and so makes a fact of each.
LISTENER = {"heard.scn": 'scenario heard\n  on message text sent\n  set customer.heard "yes"\n'}

_EDITED = FILES["order.scn"].replace("wait 6h", "wait 7h").replace("  call crm with total = order.total\n", "  send text by sms as again\n")


def customer(key: str, at: str, *channels: str) -> dict[str, object]:
    contacts = {"email": f"{key}@shop.example", "phone": f"+7900{int.from_bytes(key.encode()) % 10**7:07}"}
    return {"op": "customer.register", "at": at, "customer": key, "first_name": key.title(), "subscribed": list(channels), **contacts}


def order(customer: str, number: int, at: str, **fields: str | int) -> dict[str, object]:
    return {"op": "order.update", "at": at, "customer": customer, "order": {"id": str(number), **fields}}


FIRST: list[dict[str, object]] = [
    customer("ann", "2026-03-01T12:00", "email", "sms"),
    customer("bob", "2026-03-01T12:00", "email", "sms"),
    customer("cat", "2026-03-01T12:30", "email"),
    customer("dan", "2026-03-01T12:31"),
    order("ann", 1, "2026-03-01T13:00", total=10, status="new"),
    order("bob", 2, "2026-03-01T13:00", total=20, status="new"),
    order("cat", 3, "2026-03-01T19:00", total=30, status="new"),
]
SECOND: list[dict[str, object]] = [
    order("ann", 1, "2026-03-02T12:00", status="paid"),
    order("bob", 4, "2026-03-02T13:30", total=7, status="new"),
    order("cat", 3, "2026-03-02T14:00", status="cancelled"),
    {"op": "subscription.set", "at": "2026-03-02T14:30", "customer": "ann", "channel": "sms", "status": "unsubscribed"},
    order("dan", 5, "2026-03-02T15:00", total=9, status="new"),
    {"op": "customer.erase", "at": "2026-03-02T23:00", "customer": "dan"},
]


ACTIONS = (
    Action("run --tick --now 2026-03-01T11:00"),  # the launch, and the first migration
    Action("ingest --received each first.jsonl"),
    Action("run --tick --now 2026-03-01T12:00 --until 2026-03-02T11:00"),
    Action("ingest --received each second.jsonl"),
    Action("run --tick --now 2026-03-02T11:01 --until 2026-03-02T20:00", files={"order.scn": _EDITED}),
    Action("backup copy.db", clock="2026-03-02T20:00"),
    Action("forget bob --yes", clock="2026-03-02T20:00"),
    Action("run --tick --now 2026-03-02T20:01 --until 2026-03-05T12:00"),
)

WEEK = Story("week", FILES, LISTENER, {"first": FIRST, "second": SECOND}, ACTIONS)
