"""What is counted for offers, and what is offered by it: however the ticks fall, and only where a template asks for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import permutations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import msgspec
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from interpreter.offers import counting
from interpreter.project.loading import one
from interpreter.project.project_folder import Folder
from interpreter.project.project_folder import open_folder
from interpreter.runner import Orders
from interpreter.runner import make_engine
from interpreter.store.sqlite import Store
from interpreter.tick import Engine
from tests.engine.house import ZONE
from tests.engine.test_simulate import facts_of
from tests.engine.test_simulate import stamp
from tests.engine.test_stretches import played

SCENARIO = """
define products cheap where product.price < 15

on action "go"
  if subscribed email
  send letter by email
"""
PLAIN = "Hello"
OFFERING = (
    "{{ customer.recommendations.related_to_last_order | join(' ') }}/{{ customer.recommendations.category_match | join(' ') }}"
    "/{{ customer.recommendations.popular(days=2) | take(3) | join(' ') }}/{{ customer.recommendations.personal | join(' ') }}"
    "/{{ customer.recommendations.recently_viewed | join(' ') }}/{{ products.cheap | take(2) | join(' ') }}"
)
TABLES = ("counted", "sold", "bought_with", "offer")


@contextmanager
def shop(subject: str = OFFERING) -> Iterator[Folder]:
    with TemporaryDirectory() as name:
        root = Path(name)
        (root / "scn.toml").write_text(f'[project]\ntimezone = "{ZONE}"\n[channels.email]\nkind = "console"\n')
        (root / "all.scn").write_text(SCENARIO)
        (root / "offers").mkdir()
        (root / "offers" / "category_match.csv").write_text("category,recommend,count\nshoes,socks,2\n\nsocks,shoes,1\n")
        write(root, subject)
        yield open_folder(root)


def write(root: Path, subject: str) -> None:
    letter = root / "templates" / "letter"
    letter.mkdir(parents=True, exist_ok=True)
    (letter / "email.txt").write_text("Hello")
    (letter / "meta.toml").write_text(f"subject = '''{subject}'''\n".replace("'''", '"""'))


def engine_of(folder: Folder, store: Store) -> Engine:
    return make_engine(folder, one(open_folder(folder.root)).project, store, Orders(deliver=False))


def add(store: Store, *raw: dict[str, Any]) -> int:
    """Facts into the inbox; the moment of the last one."""
    facts = [msgspec.structs.replace(fact, key=None) for fact in facts_of(list(raw))]
    with store.transaction():
        store.facts.add(facts)
    return max(fact.received for fact in facts)


def order(number: int, *products: str, who: str = "bob", at: int = 0, **more: Any) -> dict[str, Any]:
    lines = [{"id": product, "product": product, **more} for product in products]
    return {"op": "order.update", "customer": who, "order": {"id": str(number), "lines": lines}, "at": stamp(at), "received": stamp(at)}


def go(at: int, who: str = "ann") -> dict[str, Any]:
    return {"op": "action.issue", "customer": who, "template": "go", "at": stamp(at), "received": stamp(at)}


def feed(at: int, *products: str) -> dict[str, Any]:
    told = [{"id": product, "price": 10} for product in products]
    return {"op": "product.feed", "products": told, "at": stamp(at), "received": stamp(at)}


def counts(store: Store) -> list[tuple[Any, ...]]:
    return [row for table in ("sold", "bought_with") for row in store.connection.rows(f"SELECT * FROM {table} ORDER BY 1, 2")]


def subjects(store: Store) -> list[str]:
    return [row[0] for row in store.connection.rows("SELECT subject FROM message ORDER BY id")]


# ----------------------------------------------------------------------------------------------------------- the counts


@st.composite
def trade(draw: st.DrawFn) -> dict[str, Any]:
    """Something bought, looked at, told of a product, or a letter asked for; some of it late."""
    second = draw(st.integers(0, 3 * 86_400) | st.sampled_from([0, 60, 3600, 86_400]))
    who = draw(st.sampled_from(["ann", "bob"]))
    product = draw(st.sampled_from("PQRS"))
    line = {"id": product, "product": product, "price": draw(st.integers(1, 30)), "status": draw(st.sampled_from(["placed", "cancelled"]))}
    told = {"id": product, "price": draw(st.integers(1, 30)), "available": draw(st.sampled_from([True, True, False]))}
    raw: dict[str, Any] = draw(
        st.sampled_from(
            [
                {"op": "order.update", "order": {"id": draw(st.sampled_from("12345")), "lines": [line]}},
                {"op": "order.update", "order": {"id": draw(st.sampled_from("12345")), "lines": [line]}},
                {"op": "order.status", "order": {"id": draw(st.sampled_from("12345")), "status": "cancelled"}},
                {"op": "product.feed", "products": [told | {"category": draw(st.sampled_from(["shoes", "socks"]))}]},
                {"op": "product.view", "product": product},
                {"op": "action.issue", "template": "go"},
            ]
        )
    )
    whose = {} if raw["op"] == "product.feed" else {"customer": who}
    return raw | whose | {"at": stamp(second), "received": stamp(second + draw(st.sampled_from([0, 0, 600])))}


@settings(max_examples=6)
@given(raw=st.lists(trade(), min_size=4, max_size=20), size=st.sampled_from([40_000, 3]))
def test_stretches_offer_what_single_ticks_offer(raw, size):
    raw = [feed(0, *"PQRS"), *raw, go(3 * 86_400 + 60), go(3 * 86_400 + 60, "bob")]
    with shop() as folder, patch("tests.engine.test_stretches.TABLES", (*TABLES, "message", "journey")):
        single = played(folder, raw, facts=1, journeys=1, one_by_one=True)
        many = played(folder, raw, facts=4000, journeys=4000, size=size, expected=False)
    assert many == single


@settings(max_examples=10)
@given(raw=st.lists(trade(), min_size=1, max_size=25))
def test_counts_are_what_counting_everything_at_the_end_would_give(raw):
    with shop() as folder:
        store = Store(":memory:")
        engine = engine_of(folder, store)
        last = add(store, *raw)
        for _ in engine.run_until(min(fact.received for fact in facts_of(raw)), last):
            pass
        sold: Counter[str] = Counter()
        together: Counter[tuple[str, str]] = Counter()
        for found in store.entities.all_orders(0, 100):
            products = {line.product for line in found.lines.values() if line.status != "cancelled"}
            sold.update(str(product) for product in products)
            together.update((str(one), str(other)) for one, other in permutations(products, 2))
        assert dict(store.connection.rows("SELECT product, sum(count) FROM sold GROUP BY 1")) == sold
        assert {(one, other): count for one, other, count in store.connection.rows("SELECT * FROM bought_with")} == together
        store.close()


# --------------------------------------------------------------------------------------------------- only where asked for


def test_where_no_template_offers_anything_nothing_is_kept():
    with shop(PLAIN) as folder:
        store = Store(":memory:")
        engine = engine_of(folder, store)
        engine.tick(add(store, order(1, "P", "Q"), feed(0, "P", "Q"), go(60)))
        assert [store.connection.value(f"SELECT count(*) FROM {table}") for table in TABLES] == [0, 0, 0, 0]
        asked: list[str] = []
        store.connection.sqlite.set_trace_callback(asked.append)
        engine.tick(add(store, order(2, "P", at=120), go(120)))
        assert [text for text in asked if any(f" {table} " in f"{text} " for table in TABLES)] == []


def test_orders_from_before_are_counted_in_portions_and_forgotten_when_nobody_asks_any_more():
    with shop(PLAIN) as folder, patch.object(counting, "PORTION", 2):
        store = Store(str(folder.root / "shop.db"))
        now = add(store, feed(0, *"PQRS"), *(order(number, "P", *"QRS"[: number % 4]) for number in range(5)))
        engine_of(folder, store).tick(now)
        write(folder.root, OFFERING)
        engine = engine_of(folder, store)
        engine.tick(now + 60)
        assert store.connection.value("SELECT count(*) FROM counted") == 2
        # One that is counted already and one that is not yet change in between: both count once.
        engine.tick(add(store, order(0, "Q", at=180), order(3, "X", at=180)))
        engine = engine_of(folder, store)
        for minute in range(4, 8):
            engine.tick(now + 60 * minute)
        in_portions = counts(store)
        assert store.connection.value("SELECT count(*) FROM counted") == 5
        write(folder.root, PLAIN)
        engine_of(folder, store).tick(now + 600)
        assert counts(store) == []
        write(folder.root, OFFERING)
        with patch.object(counting, "PORTION", 1000):
            engine_of(folder, store).tick(now + 660)
        assert counts(store) == in_portions != []
        store.close()


def statements(customers: int) -> int:
    """How often the database is asked while letters with offers are written to so many customers at once."""
    people = [f"c{number}" for number in range(customers)]
    with shop() as folder:
        store = Store(":memory:")
        engine = engine_of(folder, store)
        known = [{"op": "customer.import", "customer": name, "email": f"{name}@example.com", "subscribed": ["email"]} for name in people]
        bought = [order(number, "P", "QRS"[number % 3], who=name) for number, name in enumerate(people)]
        engine.tick(add(store, *(row | {"at": stamp(0), "received": stamp(0)} for row in known), feed(0, *"PQRS"), *bought))
        now = add(store, *(go(3600, name) for name in people))
        asked: list[str] = []
        store.connection.sqlite.set_trace_callback(lambda text: asked.append(text) if text.startswith(("SELECT", "WITH")) else None)
        assert engine.tick(now).planned == customers
        store.connection.sqlite.set_trace_callback(None)
        assert set(subjects(store)) != {"/////"}
        store.close()
        return len(asked)


def test_a_letter_more_asks_the_database_nothing_more():
    assert statements(40) == statements(10)


def test_a_process_that_goes_on_offers_what_the_one_before_offered():
    facts = [feed(0, *"PQRS"), order(1, "P", "Q"), order(2, "P", "R"), order(3, "P", who="ann"), go(3600), order(4, "S", at=3700), go(7200)]
    with shop() as folder:
        told = []
        for anew in (False, True):
            store = Store(":memory:")
            engine = engine_of(folder, store)
            for fact in facts_of(facts):
                with store.transaction():
                    store.facts.add([fact])
                engine = engine_of(folder, store) if anew else engine
                engine.tick(max(fact.received, facts_of(facts)[0].received))
            told.append((subjects(store), counts(store)))
            store.close()
    assert told[0] == told[1]
    assert told[0][0] == ["Q R//Q R/Q R//P Q"] * 2


# ---------------------------------------------------------------------------------------------------------- the table


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("a,b\n", "offers/category_match.csv:1: expected the columns `category,recommend,count`"),
        ("category,recommend,count\nshoes,socks,many\n", "offers/category_match.csv:2: expected `count` to be a number from 1 to 20"),
        ("category,recommend,count\n\nshoes,,1\n", "offers/category_match.csv:3: expected a category, a category to recommend"),
        (b"category,recommend,count\n\xff,socks,1\n", "cannot read offers/category_match.csv: it is not UTF-8"),
    ],
)
def test_a_table_that_cannot_be_read_says_where(folder, scn, table, said):
    folder({"scn.toml": "", "a.scn": "on order created\n  end\n", "offers/category_match.csv": table})
    answer = scn("validate")
    assert answer.code == 2
    assert said in answer.err


# ------------------------------------------------------------------------------------------------------- in the language


@pytest.mark.example("M-1")
def test_popular_goes_by_orders_then_by_who_looked(folder, scn):
    sold = [("P", 5), ("Q", 5), ("R", 7)]
    looked = [("P", 10), ("Q", 20)]
    lines = [
        f'10:00  order {key}{number} of bob {{ lines: [{{ id: "1", product: "{key}" }}] }}' for key, many in sold for number in range(many)
    ]
    lines += [f'10:00  product.view of c{number} {{ product: "{key}" }}' for key, many in looked for number in range(many)]
    inside = "\n".join(f"  {line}" for line in ("2024-06-01 " + lines[0], *lines[1:]))
    folder(
        {
            "scn.toml": '[project]\ntimezone = "Europe/Moscow"\n',
            "a.scn": 'on action "go"\n  if subscribed email\n  send letter by email\n  limit 1 per customer\n\n'
            'test "popular" {\n  product P\n  product Q\n  product R\n  customer ann { email: "ann@example.com", subscribed: [email] }\n'
            f'{inside}\n  11:00  action.issue of ann {{ template: "go" }}\n  11:00  expect send letter to ann containing "R, Q, P."\n}}\n',
            "templates/letter/email.txt": "{% for one in customer.recommendations.popular %}{{ one.id }}"
            "{% if not loop.last %}, {% endif %}{% else %}-{% endfor %}. {{ unsubscribe_url }}",
            "templates/letter/meta.toml": 'subject = "x"\n',
        }
    )
    answer = scn("test")
    assert answer.code == 0, answer.out + answer.err


def test_a_preview_shows_what_would_be_offered_and_keeps_nothing(folder, scn):
    folder(
        {
            "scn.toml": '[project]\ntimezone = "Europe/Moscow"\n',
            "a.scn": 'on action "go"\n  if subscribed email\n  send letter by email\n  limit 1 per customer\n',
            "templates/letter/email.txt": "{% for one in customer.recommendations.popular %}{{ one.name }}{% else %}-{% endfor %}.\n"
            "{% for one in customer.recommendations.related_to_last_order %}{{ one.name }}{% else %}-{% endfor %}. {{ unsubscribe_url }}",
            "templates/letter/meta.toml": 'subject = "x"\n',
            "facts.jsonl": '{"op": "product.feed", "products": [{"id": "P", "name": "Lamp"}, {"id": "Q", "name": "Chair"}]}\n'
            '{"op": "order.create", "customer": "bob", '
            '"order": {"id": "1", "lines": [{"id": "1", "product": "P"}, {"id": "2", "product": "Q"}]}}\n'
            '{"op": "order.create", "customer": "ann", "order": {"id": "2", "lines": [{"id": "1", "product": "P"}]}}\n',
        }
    )
    assert scn("ingest", "facts.jsonl").code == 0
    assert scn("run", "--tick").code == 0
    answer = scn("preview", "letter", "--customer", "ann")
    assert answer.code == 0, answer.err
    assert "Chair.\nChair." in answer.out
    store = Store("scn.db")
    assert store.connection.rows("SELECT name FROM offer") == []
    store.close()
