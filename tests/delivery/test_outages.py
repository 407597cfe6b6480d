"""What a shop sees of channels that fail: through `scn run`, `scn trace`, `scn doctor` and real servers that misbehave."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from interpreter import clock
from interpreter.store.sqlite import open_store
from tests.hostile import http
from tests.hostile import smtp
from tests.hostile.http import answer

SCENARIO = """
    on order.status -> "shipped"
      send review
      limit 9 per customer
    """
MARKETING = SCENARIO.replace("send review", "if subscribed email\n        send review")
OK = answer(200, '{"id": "1"}')


@pytest.fixture
def shop(folder) -> Callable[..., None]:
    """A shop whose e-mail goes to this port; `more` stands below `[channels.email]`."""

    def make(port: int, more: str = "", scenario: str = SCENARIO, project: str = "", kind: str = "transactional") -> None:
        more = more if "tls" in more else f'tls = "none"\n{more}'
        head = f'[project]\ntimezone = "UTC"\n{project}\n[channels.email]\nkind = "smtp"\nhost = "127.0.0.1"\nport = {port}\n'
        folder(
            {
                "scn.toml": f'{head}from = "Shop <hello@shop.example>"\n{more}\n',
                "review.scn": scenario,
                "templates/review/meta.toml": f'subject = "Order {{{{ order.id }}}}"\nkind = "{kind}"\n',
                "templates/review/email.txt": "Hello!\n",
                "templates/text/meta.toml": 'kind = "transactional"\n',
                "templates/text/sms.txt": "Hello!\n",
            }
        )

    return make


@pytest.fixture
def tick(scn) -> Callable[..., Any]:
    """One tick, or all ticks up to a moment."""

    def run(moment: str, until: str = "") -> Any:
        return scn("run", "--tick", "--now", moment, *(["--until", until] if until else []))

    return run


@pytest.fixture
def orders(scn, tick) -> Callable[..., None]:
    """The first tick, and an order of each customer at 10:00."""

    def come_in(*customers: str, at: str = "2026-03-01T10:00Z", number: str = "1") -> None:
        if not Path("scn.db").exists():
            assert tick("2026-03-01T09:00Z").code == 0
        facts: list[dict[str, Any]] = []
        for place, name in enumerate(customers):
            contacts = {"email": f"{name}@example.com", "phone": f"+7900{place:07}"}
            facts.append({"op": "customer.register", "key": f"c {name}", "customer": name, **contacts, "subscribed": ["email", "sms"]})
            order = {"id": f"{name}-{number}", "status": "shipped"}
            facts.append({"op": "order.update", "key": f"o {name} {number}", "customer": name, "order": order})
        assert scn("ingest", "-", "--received", at, stdin="\n".join(map(json.dumps, facts))).code == 0

    return come_in


@pytest.fixture
def states(scn) -> Callable[[], Counter[str]]:
    """How many messages are in each state."""
    return lambda: Counter(message["state"] for message in messages(scn))


def next_attempt() -> int | None:
    store = open_store("sqlite:scn.db")
    try:
        return store.messages.next_attempt()
    finally:
        store.close()


def messages(scn) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(scn("messages", "--format", "json").out)["messages"]
    return found


# ------------------------------------------------------------------------------------------------------------ bounces


@pytest.mark.parametrize(
    ("said", "second"),
    [("550 5.1.1 no such user", ("skipped", "invalid_contact")), ("550 5.7.1 blocked by policy", ("sent", None))],
)
def test_a_dead_address_is_written_to_once_and_one_refused_by_policy_again(shop, mail_server, scn, tick, orders, said, second):
    server = mail_server({"RCPT": [said, "250 Ok"]})
    shop(
        server.port,
        scenario=MARKETING.replace("send review", "send review\n        wait 1h\n        send review as again"),
        kind="marketing",
    )
    orders("ann")
    assert tick("2026-03-01T10:00Z", "2026-03-01T12:00Z").code == 1
    first, last = sorted(messages(scn), key=lambda message: message["id"])
    assert (first["state"], first["reason"]) == ("failed", f"127.0.0.1 said {said}")
    assert (last["state"], last["reason"]) == second
    assert len(server.letters) == (second[0] == "sent")


# ------------------------------------------------------------------------------------------------------------- unsure


@pytest.mark.parametrize("said", [smtp.CUT, smtp.SILENT, smtp.DRIP, smtp.GARBAGE])
def test_an_answer_lost_behind_the_dot_is_counted_shown_and_never_sent_again(shop, mail_server, scn, tick, orders, said):
    server = mail_server({"dot": [said, smtp.GOOD["dot"]]})
    shop(server.port, "timeout = 0.1")
    orders("ann")
    told = tick("2026-03-01T10:00Z")
    assert told.out == "2026-03-01T10:00:00+00:00: 2 facts, 1 journey started, 1 finished, 1 unsure\n"
    tick("2026-03-01T10:01Z", "2026-03-03T10:00Z")
    assert len(server.letters) == 1
    [message] = messages(scn)
    assert message["state"] == "unsure"
    assert "unsure (the letter was handed over and the answer never came: " in scn("trace", "ann").out
    assert "1 message may or may not have left" in scn("doctor").out


def test_a_shop_may_prefer_two_letters_to_none(shop, mail_server, tick, orders, states):
    server = mail_server({"dot": [smtp.CUT, smtp.GOOD["dot"]]})
    shop(server.port, 'delivery = "at_least_once"')
    orders("ann")
    tick("2026-03-01T10:00Z", "2026-03-01T10:10Z")
    assert states() == {"sent": 1}
    (_, first), (_, second) = server.letters
    # Mail programs can tell that the second is the first.
    assert first == second


def test_a_service_that_takes_a_key_is_asked_again_with_it(shop, web_server, mail_server, scn, tick, orders, states):
    service = web_server(http.SILENT, answer(500), answer(429, "", Retry_After="60"), http.CUT, OK)
    sms = f'[channels.sms]\nkind = "http"\nurl = "{service.url}"\nidempotency_header = "Idempotency-Key"\ntimeout = 0.1'
    shop(mail_server().port, sms, SCENARIO.replace("send review", "send text"))
    orders("ann")
    assert tick("2026-03-01T10:00Z", "2026-03-01T11:00Z").code == 0
    assert [(m["state"], m["reason"]) for m in messages(scn)] == [("sent", None)]
    assert len(service.asked) == 5
    assert len(set(service.keys())) == 1
    assert service.keys()[0]


# ------------------------------------------------------------------------------------------------------ waiting and trying


def test_a_letter_is_tried_later_and_later_until_it_is_too_late(shop, mail_server, scn, tick, orders):
    server = mail_server({"RCPT": "451 4.7.1 not yet"})
    shop(server.port, project='valid = "6h"')
    orders("ann")
    told = tick("2026-03-01T10:00Z", "2026-03-02T10:00Z")
    assert told.code == 1
    [message] = messages(scn)
    assert (message["state"], message["reason"]) == ("failed", "given up: 127.0.0.1 said 451 4.7.1 not yet")
    # 1, 2, 4 … 32 minutes and then every hour, more or less.
    assert 8 <= server.count("RCPT") <= 14
    assert server.connections <= server.count("RCPT")


def test_what_is_tried_again_keeps_quiet_hours(shop, mail_server, scn, tick, orders):
    server = mail_server({"RCPT": ["451 4.7.1 not yet", "250 Ok"]})
    shop(server.port, scenario=MARKETING.replace("send review", "send review quiet 22:00-09:00"), kind="marketing")
    orders("ann", at="2026-03-01T21:59Z")
    tick("2026-03-01T21:59Z", "2026-03-02T08:59Z")
    assert [message["state"] for message in messages(scn)] == ["planned"]
    assert server.count("RCPT") == 1
    tick("2026-03-02T09:00Z")
    assert [message["state"] for message in messages(scn)] == ["sent"]


def test_a_wrong_password_is_said_once_and_costs_no_letter(
    shop, mail_server, scn, tick, orders, states, certificate, server_tls, monkeypatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))
    monkeypatch.setenv("MAIL_PASSWORD", "wrong")
    server = mail_server({"AUTH": "535 5.7.8 wrong password"}, starttls=server_tls, offers=("AUTH PLAIN", "PIPELINING"))
    shop(server.port, 'tls = "starttls"\nuser = "shop"\npassword = "env:MAIL_PASSWORD"')
    orders(*(f"c{number}" for number in range(20)))
    told = tick("2026-03-01T10:00Z")
    assert told.err == "channel `email` cannot work, paused for 300 s: 127.0.0.1 said 535 5.7.8 wrong password\n"
    assert told.code == 0
    quiet = [tick(f"2026-03-01T10:0{minute}Z") for minute in range(1, 5)]
    assert {answer.err for answer in quiet} == {""}
    assert server.count("AUTH") == 1
    assert "note  channel `email` is paused until 2026-03-01T10:05:00+00:00: it failed 5 times in a row" in scn("doctor").out
    assert states() == {"planned": 20}
    # Somebody puts it right.
    server.answers.clear()
    tick("2026-03-01T10:05Z", "2026-03-01T10:15Z")
    assert states() == {"sent": 20}
    assert "paused" not in scn("doctor").out


# ------------------------------------------------------------------------------------------------------- a channel is down


def test_many_letters_for_a_server_that_is_down_are_not_so_many_attempts_and_hold_up_no_other_channel(
    shop, mail_server, web_server, scn, tick, orders, states
):
    server, service = mail_server({"banner": "421 4.3.2 down"}), web_server(OK)
    scenario = SCENARIO.replace("send review", "send review\n      send text")
    shop(server.port, f'[channels.sms]\nkind = "http"\nurl = "{service.url}"', scenario)
    orders(*(f"c{number}" for number in range(60)))
    tick("2026-03-01T10:00Z")
    assert server.connections == 5
    assert len(service.asked) == 60
    # Nobody wakes up for it before the pause is over.
    assert next_attempt() == 1772359200 + 300
    # An hour: one attempt when a pause is over, and the pauses grow: 5, 10, 20, 40 minutes.
    tick("2026-03-01T10:01Z", "2026-03-01T11:00Z")
    assert server.connections == 8
    assert states() == {"sent": 60, "planned": 60}
    server.answers.clear()
    tick("2026-03-01T11:01Z", "2026-03-01T13:00Z")
    assert states() == {"sent": 120}
    assert len({to for to, _ in server.letters}) == len(server.letters) == 60


def test_the_breaker_knows_ten_thousand_letters_as_well_as_ten(shop, mail_server, tick, orders):
    """What the shell does with them is the same; here the outbox itself is filled."""
    server = mail_server({"banner": "554 no"})
    shop(server.port)
    orders("ann")
    tick("2026-03-01T10:00Z")
    store = open_store("sqlite:scn.db")
    with store.transaction():
        run = store.connection.execute
        columns = "kind, version, step, customer, scenario, template, channel, recipient, at, state, transactional, staff, deadline"
        run(
            f"WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 11000) "
            f"INSERT INTO message (id, journey, {columns}) SELECT i, i, {columns} FROM message, n"
        )
        run("INSERT INTO outbox SELECT m.id, o.content FROM message m, outbox o WHERE m.id >= 1000")
    store.close()
    tick("2026-03-01T10:01Z", "2026-03-01T11:00Z")
    assert server.connections == 4


def test_a_server_that_takes_its_time_has_five_minutes_of_a_tick(shop, mail_server, tick, orders, states, monkeypatch):
    server, passed = mail_server(), [0.0]
    monkeypatch.setattr(clock, "stopwatch", lambda: passed[0])

    def tarry() -> None:
        passed[0] += 100

    server.on_letter = tarry
    shop(server.port, "timeout = 1000")
    orders(*(f"c{number}" for number in range(6)))
    told = tick("2026-03-01T10:00Z")
    assert told.err == "delivery took longer than 300 s; the rest goes with the next tick\n"
    assert states() == {"sent": 4, "planned": 2}
    assert tick("2026-03-01T10:01Z").err == ""
    assert states() == {"sent": 6}


# ----------------------------------------------------------------------------------------------- ended in the middle


@pytest.mark.parametrize(
    ("number", "left"), [(signal.SIGTERM, {"sent": 3, "planned": 9}), (signal.SIGKILL, {"sent": 2, "sending": 10})], ids=["asked", "killed"]
)
def test_a_tick_that_is_ended_between_two_letters_is_continued(shop, mail_server, scn, tick, orders, states, number, left):
    server = mail_server()
    shop(server.port)
    orders(*(f"c{number}" for number in range(12)))
    process = subprocess.Popen([Path(sys.executable).with_name("scn"), "run", "--tick", "--now", "2026-03-01T10:00Z"], env={**os.environ})
    server.on_letter = lambda: process.send_signal(number) if len(server.letters) == 3 else None
    code = process.wait(30)
    server.on_letter = lambda: None
    assert code == (0 if number == signal.SIGTERM else -signal.SIGKILL)
    store = open_store("sqlite:scn.db")
    found = Counter(row[0] for row in store.connection.rows("SELECT state FROM message"))
    store.close()
    assert found == left
    tick("2026-03-01T10:01Z")
    # Of a killed process the one letter that was on its way is in doubt, and no other.
    assert states() == ({"sent": 12} if number == signal.SIGTERM else {"sent": 11, "unsure": 1})
    assert len({to for to, _ in server.letters}) == len(server.letters) == 12
