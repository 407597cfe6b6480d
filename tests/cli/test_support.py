"""What the shop's support meets: an address where an id is asked for, a list on the screen, messages that no server takes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

FILES = {
    "scn.toml": '[channels.email]\nkind = "smtp"\nhost = "127.0.0.1"\nport = 9\nfrom = "shop@shop.example"\n',
    "paid.scn": 'on order.status -> "paid" send note by email limit 9 per customer\n',
    "templates/note/email.txt": "Hello, {{ unsubscribe_url }}",
    "templates/note/meta.toml": 'subject = "Hello"\n',
}
FACTS: list[dict[str, object]] = [
    {"op": "customer.register", "customer": "ann", "email": "Ann@example.com", "phone": "+79990000001", "subscribed": ["email"]},
    {"op": "order.update", "customer": "ann", "order": {"id": "17", "status": "paid"}},
]


@pytest.fixture
def shop(folder: Callable[..., Path], scn) -> Path:
    """One customer, one letter, and no mail server behind its port."""
    root = folder({**FILES, "facts.jsonl": "\n".join(json.dumps({"at": "2026-03-01T10:00", **fact}) for fact in FACTS)})
    assert scn("ingest", "--received", "each", "facts.jsonl").code == 0
    assert scn("run", "--tick", "--now", "2026-03-01T10:00").code == 0
    return root


@pytest.mark.parametrize(
    "line", ["trace {}", "messages --customer {}", "journeys --customer {} --format json", "forget {} --yes", "preview note --customer {}"]
)
@pytest.mark.parametrize("asked", ["ann@example.com", "Ann@example.com", "+79990000001", "8 999 000-00-01", "ANN"])
def test_an_address_instead_of_the_id_is_answered_with_the_id(shop, scn, line, asked):
    answer = scn(*(word.format(asked) for word in line.split()))
    assert answer.code == 2
    assert f"there is no customer `{asked}`\n  did you mean `ann`?" in answer.err


def test_a_stranger_is_told_what_is_meant(shop, scn):
    assert "the shop's own id is meant" in scn("trace", "nobody").err


@pytest.mark.parametrize("asked", ["17", "#17", "№ 17", "order 17", "Order #17", "заказ №17"])
def test_the_number_of_an_order_instead_of_the_id_is_answered_with_whose_it_is(shop, scn, asked):
    answer = scn("trace", asked)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.splitlines()[-2:] == [
        f"scn: there is no customer `{asked}`",
        "  `17` is an order of `ann`: `scn trace ann --order 17`",
    ]


@pytest.mark.parametrize(("asked", "kind"), [("ann@old.example", "e-mail address"), ("+7 999 000-00-99", "phone")])
def test_an_address_of_nobody_is_said_to_be_one(shop, scn, asked, kind):
    assert f"nobody has this {kind} today" in scn("trace", asked).err


def test_of_an_order_with_the_number_of_a_customer_both_are_told(shop, scn):
    facts = [
        {"op": "customer.register", "customer": "17"},
        {"op": "order.update", "customer": "17", "order": {"id": "18", "status": "new"}},
    ]
    assert scn("ingest", "-", stdin="\n".join(map(json.dumps, facts))).code == 0
    assert scn("run", "--tick", "--now", "2027-03-01T10:00").code in (0, 1)
    answer = scn("trace", "17")
    assert (answer.code, answer.err.splitlines()[-1]) == (0, "there is also an order `17`, of `ann`: `scn trace ann --order 17`")
    assert "the order `18` is of `17`: `scn trace 17 --order 18`" in scn("trace", "ann", "--order", "18").err


def test_somebody_whose_facts_wait_for_the_next_tick_is_not_unknown(shop, scn):
    """Ingested a moment ago, and cron has not come yet."""
    bob = [
        {"op": "customer.register", "customer": "bob", "email": "bob@example.com", "phone": "+79990000002"},
        {"op": "order.update", "customer": "bob", "order": {"id": "A-18", "status": "paid"}},
    ]
    assert scn("ingest", "-", stdin="\n".join(map(json.dumps, bob))).code == 0
    answer = scn("trace", "bob")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.endswith("scn: `bob` is not known yet: 2 facts wait for the next tick\n  `scn run --tick` handles them\n")
    for asked in ("Bob", "Bob@example.com", "8 999 000-00-02", "a-18"):
        assert f"scn: `{asked}` is not known yet: facts of `bob` wait for the next tick" in scn("messages", "--customer", asked).err
    assert "2 facts wait for the next tick (`scn run --tick`), but not about this one" in scn("trace", "carl").err
    assert scn("trace", "ann@example.com").err.endswith("did you mean `ann`?\n")
    assert "wait for the next tick" not in scn("trace", "ann").err


def test_a_story_says_that_more_of_it_waits(shop, scn):
    paid = {"op": "order.update", "customer": "ann", "order": {"id": "18", "status": "paid"}}
    assert scn("ingest", "-", stdin=json.dumps(paid)).code == 0
    answer = scn("trace", "ann")
    assert answer.code == 0
    assert "paid, order 17 (journey 1): finished" in answer.out
    assert answer.err.splitlines()[-1] == "1 fact waits for the next tick and can change this: `scn run --tick`"


def test_a_misspelt_scenario_is_asked_about(shop, scn):
    assert "did you mean the scenario `paid`?" in scn("trace", "ann", "--scenario", "piad").err


@pytest.mark.parametrize("command", ["messages", "journeys"])
def test_a_list_for_nobody_is_no_empty_list(shop, scn, command):
    answer = scn(command, "--customer", "nobody")
    assert (answer.code, answer.out) == (2, "")
    assert "there is no customer `nobody`\n  the shop's own id is meant" in answer.err
    empty = scn(command, "--customer", "ann", "--since", "2030-01-01")
    assert (empty.code, empty.err.splitlines()[-1]) == (0, f"no {command}")


@pytest.mark.parametrize(("asked", "meant"), [("user-17x", "user-17"), ("usre-17", "user-17"), ("usr-17", "user-17"), ("user-18", None)])
def test_a_mistyped_id_is_answered_with_the_one_it_nearly_is(shop, scn, asked, meant):
    """Another number is another customer."""
    assert scn("ingest", "-", stdin='{"op": "customer.register", "customer": "user-17"}').code == 0
    assert scn("run", "--tick", "--now", "2027-03-01T10:00").code in (0, 1)
    answer = scn("trace", asked)
    assert answer.code == 2
    assert answer.err.endswith(f"did you mean `{meant}`?\n" if meant else "you are told whose it is\n")


def test_no_decision_names_the_options_that_may_be_the_reason(shop, scn):
    assert "no decision about `ann` that fits these options" in scn("trace", "ann", "--order", "99").err


def test_a_skipped_message_tells_which_consent_was_missing(folder, scn):
    """The reason is one of a closed list; what was asked for stands beside it, channel by channel, with the topic of the template."""
    text = 'on order.status -> "paid" send note by email, sms limit 9 per customer\n'
    more = {"paid.scn": text, "templates/note/sms.txt": "Hello", "templates/note/meta.toml": 'subject = "Hello"\ntopic = "news"\n'}
    facts = [{**FACTS[0], "subscribed": ["email/offers"], "phone": None}, FACTS[1]]
    folder({**FILES, **more, "facts.jsonl": "\n".join(json.dumps({"at": "2026-03-01T10:00", **fact}) for fact in facts)})
    assert scn("ingest", "--received", "each", "facts.jsonl").code == 0
    assert scn("run", "--tick", "--now", "2026-03-01T10:00").code == 0
    told = 'skipped (no_consent); subscribed email to "news" = no_consent, subscribed sms to "news" = unreachable'
    assert told in scn("trace", "ann").out


def test_rows_end_where_their_text_ends(shop, scn):
    """A row filled up with blanks wraps on a narrow terminal although nothing stands there."""
    assert all(line == line.rstrip() for line in scn("messages").out.splitlines())


def test_the_doctor_tells_what_is_tried_again(shop, scn):
    answer = scn("doctor").out
    assert "1 scenario without errors" in answer
    assert "1 message to deliver" in answer
    assert "1 message could not be handed over yet; the last answer: " in answer


@pytest.mark.parametrize(
    ("codes", "told"),
    [
        (0, "note  the promo pool `GIFT` is empty: whoever should get a code fails\n"),
        (3, "note  promo pool `GIFT`: 3 codes left\n"),
        (120, "ok    promo pool `GIFT`: 120 codes left\n"),
    ],
)
def test_the_doctor_counts_the_codes_that_are_left(shop, scn, codes, told):
    gift = 'scenario gift\n  on customer created\n  issue promo "GIFT"\n  limit 1 per customer\n'
    made = 'define promo "GIFT" one_time\ndefine promo "MADE" one_time generate "M-########"\n'
    (shop / "gift.scn").write_text(f'{made}{gift}scenario made\n  on customer created\n  issue promo "MADE"\n  limit 1 per customer\n')
    loaded = {"op": "promo.load", "pool": "GIFT", "codes": [f"G-{number}" for number in range(codes)], "at": "2026-03-01T10:00"}
    (shop / "codes.jsonl").write_text(json.dumps(loaded))
    assert scn("ingest", "--received", "each", "codes.jsonl").code == 0
    assert scn("run", "--tick", "--now", "2026-03-01T10:01").code == 0
    answer = scn("doctor").out
    assert told in answer
    assert "MADE" not in answer


def test_the_product_that_triggered_is_listed(folder, scn):
    facts: list[dict[str, object]] = [
        {"op": "customer.register", "customer": "ann", "email": "ann@example.com", "subscribed": ["email"]},
        {"op": "list.add", "customer": "ann", "list": "wishlist", "products": ["p-9"]},
    ]
    scenario = 'scenario wish\n  on product added to list "wishlist"\n  send note by email\n  limit 1 per customer\n'
    later = 'scenario later\n  on product added to list "wishlist"\n  wait 1d\n  send note by email\n  limit 1 per customer\n'
    lines = "\n".join(json.dumps({"at": "2026-03-01T10:00", **fact}) for fact in facts)
    folder({**FILES, "paid.scn": scenario + later, "facts.jsonl": lines})
    assert scn("run", "--tick", "--now", "2026-03-01T09:00").code == 0
    assert scn("ingest", "--received", "each", "facts.jsonl").code == 0
    assert scn("run", "--tick", "--now", "2026-03-01T10:00").code == 0
    [message] = json.loads(scn("messages", "--format", "json").out)["messages"]
    assert message["product"] == "p-9"
    journeys = json.loads(scn("journeys", "--format", "json").out)["journeys"]
    assert [(journey["state"], journey["product"]) for journey in journeys] == [("finished", "p-9"), ("waiting", "p-9")]


def test_a_preview_knows_what_the_customer_has(folder, scn):
    """The latest of each kind, as a scenario would be about it; what it cannot know it says how to give."""
    facts: list[dict[str, object]] = [
        {"op": "customer.register", "customer": "ann", "email": "ann@example.com", "subscribed": ["email"]},
        {"op": "product.update", "product": {"id": "p-9", "name": "Kettle", "price": 30}},
        {"op": "list.add", "customer": "ann", "list": "wishlist", "products": [{"id": "p-9", "price": 40}]},
        {"op": "promo.issue", "customer": "ann", "pool": "GIFT", "code": "G-1"},
    ]
    letter = "{{ product.name }} was {{ item.price }}, is {{ product.price }}: {{ promo.code }}"
    lines = "\n".join(json.dumps({"at": "2026-03-01T10:00", **fact}) for fact in facts)
    more = {"templates/wish/email.txt": letter, "templates/wish/meta.toml": 'subject = "Wish"\n'}
    own = {"templates/own/email.txt": "{{ gift.code }}", "templates/own/meta.toml": 'subject = "Own"\n'}
    folder({**FILES, **more, **own, "facts.jsonl": lines})
    assert scn("ingest", "--received", "each", "facts.jsonl").code == 0
    assert scn("run", "--tick", "--now", "2026-03-01T10:00").code == 0
    assert "Kettle was 40, is 30: G-1" in scn("preview", "wish", "--customer", "ann").out
    answer = scn("preview", "own", "--customer", "ann")
    assert (answer.code, "give what the scenario would give: `--with product.price=90`" in answer.err) == (1, True)
    assert "X-7" in scn("preview", "own", "--customer", "ann", "--with", "gift.code=X-7").out


def test_what_happens_later_is_not_to_be_handled_yet(folder, scn):
    later = {
        "op": "balance.change",
        "customer": "ann",
        "account": "bonus",
        "amount": 5,
        "expires_at": "2199-01-01",
        "at": "2026-03-01T10:00",
    }
    folder({**FILES, "facts.jsonl": json.dumps(later)})
    assert scn("ingest", "--received", "each", "facts.jsonl").code == 0
    assert "1 fact to handle" in scn("doctor").out
    assert scn("run", "--tick", "--now", "2026-03-01T10:00").code == 0
    assert "0 facts to handle" in scn("doctor").out
