"""Five weeks of a small shop in which everything happens that a database has to remember; told through the command line alone.

`before` ends in the middle of everything: there a database of an older schema was kept. `after` goes on from there.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from unittest.mock import patch

import httpx

SHOP = Path(__file__).parent / "shop"

#: Calls `scn` with its arguments, in the folder of the shop.
Run = Callable[..., Any]

#: The scenarios as they stand before the edit.
FIRST_TEXT = (
    (SHOP / "scenarios.scn")
    .read_text()
    .replace("  send review by email as second", "  send offer by email as first\n  wait 20d as farewell\n  send review by email as second")
    .replace("  paused\n", "")
    + """
scenario leaving
  on order.status -> "new"
  wait 6d
  send offer by email
  limit 1 per order
"""
)


class Gateway(ThreadingHTTPServer):
    """Texts by phone. The last digit says how it takes them: 1 well, 2 with a refusal, 3 not now, 4 without an answer."""

    daemon_threads = True
    recovered = False
    """From now on it takes everything."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: Gateway

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        behaviour = "1" if self.server.recovered else body["to"][-1]
        if behaviour != "4":
            self.send_response({"1": 200, "2": 400, "3": 503}[behaviour])
            self.end_headers()

    def log_message(self, format: str, *_: object) -> None:
        """Nothing on stderr."""


@contextmanager
def gateway() -> Iterator[Gateway]:
    """A gateway that listens; its address, and a secret, are what `scn.toml` asks the environment for."""
    server = Gateway()
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        with patch.dict("os.environ", SCN_SMS=f"http://127.0.0.1:{server.server_port}/", SCN_SECRET="a secret of thirty-two letters..."):
            yield server
    finally:
        server.shutdown()
        server.server_close()


def open_shop(root: Path) -> None:
    """The folder, with the scenarios of the first text."""
    shutil.copytree(SHOP, root, dirs_exist_ok=True)
    (root / "scenarios.scn").write_text(FIRST_TEXT)


def edit(root: Path) -> None:
    """The second text: a step is gone, a scenario sleeps, another one is away."""
    shutil.copy(SHOP / "scenarios.scn", root)


def _write(path: Path, *facts: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(fact) + "\n" for fact in facts))
    return path


def _ingest(run: Run, *facts: dict[str, Any]) -> None:
    run("ingest", "--received", "each", _write(Path("facts.jsonl"), *facts))


def _order(at: str, number: int, customer: str, status: str, total: int = 100, **more: Any) -> dict[str, Any]:
    order = {"id": str(number), "status": status, "total": total, "email": f"{customer}@work.example"}
    return {"op": "order.update", "at": f"2026-{at}", "customer": customer, "order": order, **more}


def _action(at: str, customer: str, template: str, **more: Any) -> dict[str, Any]:
    return {"op": "action.issue", "at": f"2026-{at}", "customer": customer, "template": template, **more}


#: Ann gets everything, bob no letters, cid has no address, dan goes away, eve's address bounces; the phones of fay, gil and hal are bad.
CUSTOMERS = [
    {"op": "customer.register", "at": "2026-03-01T08:00", "customer": name, "email": f"{name}@shop.example", "phone": f"+7999000000{digit}",
     "subscribed": ["email", "sms"], "first_name": name.title(), "timezone": zone}
    for name, digit, zone in (
        ("ann", 1, "Europe/Moscow"), ("dan", 5, "Asia/Vladivostok"), ("eve", 6, "Europe/Moscow"),
        ("fay", 2, "Europe/Moscow"), ("gil", 3, "Europe/Moscow"), ("hal", 4, "Europe/Moscow"), ("ivy", 7, "Europe/Moscow"),
    )
] + [
    {"op": "customer.register", "at": "2026-03-01T08:00", "customer": "bob", "email": "bob@shop.example", "unsubscribed": ["email"]},
    {"op": "customer.register", "at": "2026-03-01T08:00", "customer": "cid", "first_name": "Cid"},
    {"op": "customer.import", "at": "2026-03-01T08:30", "customer": "ann-2", "email": "ann@shop.example"},
]  # fmt: skip


def _killed_while_sending(run: Run, now: str) -> None:
    """A tick that does not come back from the gateway: the intent is written down, a receipt never."""
    with patch.object(httpx.Client, "send", side_effect=KeyboardInterrupt):
        run("run", "--tick", "--now", now)


def before(run: Run, root: Path, server: Gateway) -> None:
    """Until the evening of 6 March."""
    server.recovered = False
    _ingest(run, *CUSTOMERS, _order("02-20T12:00", 1, "ann", "paid"))
    run("run", "--tick", "--now", "2026-03-01T09:00")
    _ingest(
        run,
        _order("03-02T10:00", 10, "ann", "new"),
        _order("03-02T10:00", 11, "bob", "new"),
        _order("03-02T10:05", 12, "dan", "new"),
        _order("03-02T11:00", 10, "ann", "paid"),
        _order("03-02T11:00", 11, "bob", "paid"),
        _order("03-02T11:10", 13, "cid", "paid"),
        _order("03-02T11:20", 14, "eve", "paid", 5),
        _order("03-02T11:30", 15, "eve", "paid", 6000),
        _order("03-02T12:00", 10, "ann", "shipped"),
        _order("03-02T12:00", 12, "dan", "shipped"),
        _order("03-02T12:30", 16, "eve", "shipped"),
        _order("03-02T12:00", 17, "ann-2", "paid"),
        _order("03-02T13:00", 18, "ann", "paid"),
        _action("03-02T14:00", "ann", "quiz_done", number=1),
        _action("03-02T14:00", "hal", "quiz_done", number=2),
        _order("03-03T12:30", 16, "eve", "cancelled"),
    )
    run("run", "--tick", "--now", "2026-03-02T10:00", "--until", "2026-03-04T20:00")
    edit(root)
    run("run", "--tick", "--now", "2026-03-05T10:00")
    _ingest(
        run,
        {"op": "contact.validity", "at": "2026-03-05T11:00", "customer": "eve", "kind": "email", "valid": False},
        _order("03-05T12:00", 19, "eve", "paid"),
        _order("03-05T12:00", 20, "fay", "new"),
        _order("03-05T12:00", 21, "fay", "shipped"),
        _order("03-05T12:00", 22, "gil", "new"),
        {"op": "message.status", "at": "2026-03-05T13:00", "message": 1, "status": "opened"},
        {"op": "subscription.set", "at": "2026-03-05T13:00", "customer": "gil", "channel": "email", "topic": "news",
         "status": "unsubscribed"},
        {"op": "customer.erase", "at": "2026-03-05T15:00", "customer": "dan"},
    )  # fmt: skip
    run("run", "--tick", "--now", "2026-03-05T11:00", "--until", "2026-03-06T10:00")
    _ingest(run, *(_action("03-06T18:00", name, "asked", number=number) for number, name in enumerate(("ann", "fay", "hal"))))
    run("run", "--tick", "--now", "2026-03-06T18:00")
    _ingest(run, _action("03-06T18:30", "eve", "asked", number=3))
    _killed_while_sending(run, "2026-03-06T18:30")
    # A second text within a day is held; the gateway cannot be reached for the one to gil, which is not tried again before the end.
    _ingest(run, _action("03-06T18:59", "hal", "asked", number=4), _action("03-06T19:04:30", "gil", "asked", number=5))
    with patch.object(httpx.Client, "send", side_effect=httpx.ConnectError("refused")):
        run("run", "--tick", "--now", "2026-03-06T18:59", "--until", "2026-03-06T19:04")
        run("run", "--tick", "--now", "2026-03-06T19:04:30")
    _ingest(run, _action("03-06T19:05", "ivy", "asked", number=6))
    _killed_while_sending(run, "2026-03-06T19:05")
    run("ingest", "--received", "each", last_evening(root))


def last_evening(root: Path) -> Path:
    """The file of facts that no tick has seen yet."""
    return _write(
        root / "evening.jsonl",
        _action("03-06T21:00", "ann", "asked", number=4),
        _order("03-06T21:00", 23, "ann", "paid"),
        _order("03-07T12:00", 24, "gil", "paid", received="2026-03-08T12:00"),
    )


def after(run: Run, root: Path, server: Gateway) -> None:
    """Until the end of March; with the file of the last evening once more."""
    server.recovered = True
    run("ingest", "--received", "each", last_evening(root))
    run("run", "--tick", "--now", "2026-03-06T21:00", "--until", "2026-03-09T20:00")
    # What was away is back, what slept wakes up.
    (root / "scenarios.scn").write_text(FIRST_TEXT)
    _ingest(
        run,
        *CUSTOMERS,
        _order("03-10T12:00", 10, "ann", "shipped"),
        _order("03-10T12:00", 25, "ann", "shipped"),
        _order("03-10T12:00", 26, "ann-2", "paid"),
        _order("03-10T12:00", 27, "dan", "paid"),
        _order("03-10T12:00", 28, "eve", "paid"),
        _order("03-10T12:00", 29, "hal", "new"),
        _action("03-10T13:00", "hal", "asked", number=2),
        _action("03-10T13:00", "gil", "asked", number=5),
    )
    run("run", "--tick", "--now", "2026-03-10T12:00", "--until", "2026-04-06T12:00")
