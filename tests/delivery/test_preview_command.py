"""`scn preview TEMPLATE`"""

from __future__ import annotations

import email
import email.policy
import json
import webbrowser

import pytest

FILES: dict[str, str | bytes] = {
    "scn.toml": """
        [project]
        timezone = "Europe/Moscow"
        only_to = ["*@shop.example"]
        [channels.email]
        from = "Shop <hello@shop.example>"
        [channels.sms]
        kind = "file"
        """,
    "templates/review/meta.toml": 'subject = "Order {{ order.id }}, {{ customer.first_name }}"\n',
    "templates/review/email.html": (
        "<p>{{ order.total | money }} &amp; {{ discount | default(5) }}% {{ promo.code if promo is defined }}</p>"
    ),
    "templates/review/sms.txt": "Order {{ order.id }}: {{ customer.first_name }}",
    "templates/review/push.json": '{"title": "{{ order.id }}"}',
    "templates/broken/sms.txt": "Hi\n{{ nobody }}",
    "templates/empty/notes.md": "",
    "facts.jsonl": """
        {"op": "customer.register", "customer": "ann", "email": "ann@shop.example", "phone": "+79001234567", "first_name": "Ann\\u001b[2J"}
        {"op": "order.create", "at": "2026-03-01T10:00:00Z", "customer": "ann", "order": {"id": "17", "total": 1200}}
        {"op": "order.create", "at": "2026-03-02T10:00:00Z", "customer": "ann", "order": {"id": "18", "total": 2500}}
        {"op": "customer.register", "customer": "bob"}
        """,
}


@pytest.fixture
def shop(folder, scn):
    found = folder(FILES)
    assert scn("ingest", "facts.jsonl").code == 0
    assert scn("run", "--tick").code == 0
    return found


def test_a_letter_is_shown_with_the_last_order_and_steers_no_terminal(shop, scn):
    answer = scn("preview", "review", "--customer", "ann")
    assert answer.code == 0
    assert answer.out == "from: Shop <hello@shop.example>\nto: ann@shop.example\nsubject: Order 18, Ann�[2J\n\n2 500 & 5%\n"


def test_order_channel_and_values_may_be_chosen(shop, scn):
    answer = scn("preview", "review", "--customer", "ann", "--order", "17", "--with", "discount=10", "--with", "promo.code=NEXT-1")
    assert "1 200 & 10% NEXT-1" in answer.out
    assert (
        scn("preview", "review", "--customer", "ann", "--channel", "sms", "--order", "17").out == "to: +79001234567\n\nOrder 17: Ann�[2J\n"
    )
    assert '"title": "18"' in scn("preview", "review", "--customer", "ann", "--channel", "push").out


def test_it_is_written_into_a_file_by_its_ending(shop, scn):
    for name in ("a.eml", "a.html", "a.txt"):
        assert scn("preview", "review", "--customer", "ann", "--output", name).code == 0
    letter = email.message_from_bytes((shop / "a.eml").read_bytes(), policy=email.policy.SMTP)
    assert (letter["To"], letter["From"]) == ("ann@shop.example", "Shop <hello@shop.example>")
    assert (shop / "a.html").read_text(encoding="utf-8") == "<p>2\u00a0500 &amp; 5% </p>"
    assert (shop / "a.txt").read_text(encoding="utf-8") == "2\u00a0500 & 5%\n"
    assert scn("preview", "review", "--customer", "ann", "--channel", "push", "--output", "a.json").code == 0
    assert json.loads((shop / "a.json").read_text()) == {"title": "18"}


def test_html_is_opened_in_the_browser(shop, scn, monkeypatch):
    opened: list[str] = []

    def keep(url: str) -> bool:
        opened.append(url)
        return True

    monkeypatch.setattr(webbrowser, "open", keep)
    assert scn("preview", "review", "--customer", "ann", "--open").code == 0
    assert opened[0].startswith("file://")
    assert scn("preview", "review", "--customer", "ann", "--channel", "sms", "--open").code == 2


def test_it_is_sent_where_asked_and_recorded_nowhere(shop, scn):
    answer = scn("preview", "review", "--customer", "ann", "--send-to", "qa@shop.example")
    assert (answer.code, answer.out) == (0, "")
    [path] = (shop / "outbox").iterdir()
    letter = email.message_from_bytes(path.read_bytes(), policy=email.policy.SMTP)
    assert letter["To"] == "qa@shop.example"
    assert letter["List-Unsubscribe"] is None
    assert json.loads(scn("messages", "--format", "json").out)["messages"] == []


def test_staging_keeps_to_its_own_people(shop, scn):
    answer = scn("preview", "review", "--customer", "ann", "--send-to", "ann@example.com")
    assert (answer.code, "`ann@example.com` may not be written to here" in answer.err) == (2, True)
    assert not (shop / "outbox").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["reveiw", "--customer", "ann"], 2, "did you mean `review`?"),
        (["empty", "--customer", "ann"], 2, "template `empty` has no part to show"),
        (["broken", "--customer", "ann"], 1, "templates/broken/sms.txt:2: unknown name `nobody`"),
        (["review", "--customer", "bob"], 1, "unknown name `order`"),
        (["review", "--customer", "eve"], 2, "there is no customer `eve`"),
        (["review", "--customer", "ann", "--order", "99"], 2, "customer `ann` has no order `99`"),
        (["review", "--customer", "bob", "--order", "17"], 2, "customer `bob` has no order `17`"),
        (["review", "--customer", "ann", "--channel", "viber"], 2, "template `review` has nothing for channel `viber`"),
        (["review", "--customer", "ann", "--channel", "push", "--send-to", "x@shop.example"], 2, "there is no channel `push` in scn.toml"),
        (["review", "--customer", "ann", "--with", "discount"], 2, "write `--with discount=10`"),
        (["review", "--customer", "ann", "--output", "a.pdf"], 2, "cannot tell what to write into `a.pdf`"),
        (["review", "--customer", "ann", "--output", "a.json"], 2, "this message has no part for `a.json`"),
        (["../review", "--customer", "ann"], 2, "there is no template `../review`"),
        (["review"], 2, "--customer"),
    ],
)
def test_what_cannot_be_shown_is_said(shop, scn, arguments, code, said):
    answer = scn("preview", *arguments)
    assert answer.code == code
    assert said in answer.err
    assert answer.out == ""


def test_a_database_that_is_not_there_is_said(folder, scn):
    folder(FILES)
    answer = scn("preview", "review", "--customer", "ann")
    assert (answer.code, "there is no database" in answer.err) == (2, True)
