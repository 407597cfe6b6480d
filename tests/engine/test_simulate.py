"""However the same facts are run, they give the same messages at the same minutes (`engine.md` §1, the grid)."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import attrs
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from interpreter.facts import Fact
from interpreter.facts import read
from interpreter.project.loading import one
from interpreter.project.project_folder import Folder
from interpreter.project.project_folder import open_folder
from interpreter.rehearsal import Stage
from interpreter.runner import Orders
from interpreter.runner import make_engine
from interpreter.runner import make_rules
from interpreter.simulate import Simulation
from interpreter.simulate import Span
from interpreter.simulate import span
from interpreter.store.sqlite import Store
from tests.engine.house import ZONE

SCENARIOS = """
policy cap 2 messages within 1d else hold 6h
policy quiet 22:00-08:00 for email

scenario chain
  on order created
  stop on order.status -> "cancelled"
  goal order.status -> "paid" within 2d
  wait 3h quiet 20:00-09:00
  if order is not cancelled
  send first by email
  wait up to 1d for order.status -> "paid" { send thanks by email } else { send reminder by email }
  limit 2 per customer within 2d

scenario quick
  on action "go"
  priority 3
  if subscribed email
  send quick by email
  set customer.stage "asked"
  limit 1 per customer each day

scenario staged
  on customer.stage changed
  wait 20s
  split arm { 50% a { send staged_a by email } 50% b { send staged_b by email } }

scenario receipts
  on order created
  transactional
  send receipt by email

scenario daily
  every day at 09:30 where no order within 1d
  send daily by email
  limit 3 per customer within 7d

scenario giving
  on action "go"
  award 10.5 to balance "bonus" expires in 1d
  wait 3h
  deduct 20 from balance "bonus"
  limit 1 per customer each day

scenario points
  on balance "bonus" available
  wait until change.expires_at - 3h
  if balance "bonus" > 3 and change.remaining > 0
  send points by email

scenario debt
  on balance "bonus" negative
  on card.status -> blocked
  send debt by email
  limit 2 per customer each day

scenario put_in
  on product added to list "cart"
  wait 10m
  if any item (product in list "cart" and item.quantity > 0)
  send put_in by email
  limit 1 per product

scenario looked
  on product viewed
  add to list "seen"
  wait up to 1d for list "cart" changed { send cart by email } else { remove from list "seen" }

scenario visited
  on session ended
  if any view in session.viewed
  send visited by email
  limit 2 per customer each day

scenario heard
  on message quick sent
  wait 1h
  if no message within 30m
  send echo by email
"""
LETTERS = (
    *("first", "thanks", "reminder", "quick", "staged_a", "staged_b", "receipt", "daily", "echo", "points", "debt"),
    *("put_in", "cart", "visited"),
)


@contextmanager
def shop(more: str = "", *, schedules: bool = True) -> Iterator[Folder]:
    """`more`: behind the scenarios; `schedules`: also the one that starts by the clock."""
    text = SCENARIOS if schedules else re.sub(r"scenario daily\n(  .*\n)+", "", SCENARIOS)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "scn.toml").write_text(f'[project]\ntimezone = "{ZONE}"\n[channels.email]\nkind = "console"\n')
        (root / "all.scn").write_text(text + more)
        for letter in LETTERS:
            (root / "templates" / letter).mkdir(parents=True)
            (root / "templates" / letter / "email.txt").write_text("Hello {{ customer.id }}\n")
            kind = "transactional" if letter == "receipt" else "marketing"
            (root / "templates" / letter / "meta.toml").write_text(f'subject = "{letter}"\nkind = "{kind}"\n')
        yield open_folder(root)


CUSTOMERS = ("ann", "bob")


@st.composite
def happenings(draw: st.DrawFn) -> dict[str, object]:
    """Something in the first three days of March, some of it late."""
    second = draw(st.integers(0, 3 * 86_400) | st.sampled_from([0, 8 * 3600, 9 * 3600, 22 * 3600, 86_400]))
    late = draw(st.sampled_from([0, 0, 0, 30, 600, 7200, 90_000]))
    customer = draw(st.sampled_from(CUSTOMERS))
    order: dict[str, object] = {"id": draw(st.sampled_from(["1", "2", "3"]))}
    raw: dict[str, object] = draw(
        st.sampled_from(
            [
                {"op": "order.update", "customer": customer, "order": order | {"total": 5}},
                {"op": "order.update", "customer": customer, "order": order | {"status": "paid"}},
                {"op": "order.update", "customer": customer, "order": order | {"status": "cancelled"}},
                {"op": "action.issue", "customer": customer, "template": "go"},
                {"op": "subscription.set", "customer": customer, "channel": "email", "status": "unsubscribed"},
                {"op": "subscription.set", "customer": customer, "channel": "email", "status": "subscribed"},
                {"op": "contact.validity", "customer": customer, "kind": "email", "valid": False},
                {"op": "customer.edit", "customer": customer, "stage": "other"},
            ]
        )
    )
    return raw | {"at": stamp(second), "received": stamp(second + late)}


def stamp(second: int) -> str:
    day, rest = divmod(second, 86_400)
    return f"2026-03-{1 + day:02}T{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"


def facts_of(raw: list[dict[str, object]]) -> list[Fact]:
    people: list[dict[str, object]] = [
        {"op": "customer.import", "customer": name, "email": f"{name}@example.com", "subscribed": ["email"], "at": stamp(0)}
        for name in CUSTOMERS
    ]
    found = []
    for number, one_raw in enumerate([*people, *raw]):
        fact = read({**one_raw, "key": str(number)}, zone=ZONE, received=0, received_each=True, batch=str(number), actor="customer")
        assert isinstance(fact, Fact), fact
        found.append(fact)
    return found


def whole(facts: list[Fact]) -> Span:
    moments = [fact.received for fact in facts]
    return span(min(moments), max(moments), None, None)


@contextmanager
def batches(facts: int, journeys: int, chunk: int) -> Iterator[None]:
    """So many at once."""
    with patch.multiple("interpreter.tick", FACTS=facts, JOURNEYS=journeys), patch("interpreter.phases.passes.CHUNK", chunk):
        yield


def told(store: Store) -> list[object]:
    """Every message and every decision, without numbers that depend on nothing but order within a tick."""
    messages = sorted((row.at, row.customer, row.scenario, row.template, row.state, row.reason or "") for row in store.listing.messages())
    decisions = sorted((row.at, row.customer, row.scenario, row.outcome, row.reason or "") for row in store.listing.decisions())
    return [*messages, *decisions]


@settings(max_examples=25)
@given(
    raw=st.lists(happenings(), min_size=1, max_size=12),
    cuts=st.lists(st.integers(0, 4 * 1440), max_size=3),
    sizes=st.sampled_from([(2000, 1000, 1000), (1, 1, 1), (2, 1, 2)]),
)
def test_simulation_and_production_agree_wherever_runs_and_batches_are_cut(raw, cuts, sizes):
    with shop() as folder:
        project = one(folder).project
        over = whole(facts_of(raw))
        until = over.launch + 5 * 86_400
        over = attrs.evolve(over, last_fact=until, end=until)
        simulation = Simulation(Stage.of(folder, make_rules(folder, project)), facts_of(raw), lambda *_: over)
        for _ in simulation.run():
            pass
        stops = sorted({over.launch + cut * 60 for cut in cuts if over.launch + cut * 60 < until} | {until})
        path = str(folder.root / "scn.db")
        first, store = over.launch, Store(path)
        store.facts.add(facts_of(raw))
        for last in stops:
            # Each stretch is a process of its own.
            with batches(*sizes):
                for _ in make_engine(folder, project, store, Orders()).run_until(first, last):
                    pass
            store.close()
            first, store = last + 60, Store(path)
        found = told(store)
        store.close()
        assert found == told(simulation.store)
        simulation.store.close()


def test_the_commands_agree(folder, scn):
    """`simulate` as `ingest --received each` and `run --tick --now … --until …`"""
    with shop() as made:
        files = {str(path.relative_to(made.root)): path.read_text() for path in made.root.rglob("*") if path.is_file()}
    lines = [
        '{"op": "customer.import", "customer": "ann", "email": "ann@example.com", "subscribed": ["email"], "at": "2026-03-01T08:00:00"}',
        '{"op": "order.update", "customer": "ann", "order": {"id": "1", "total": 5}, "at": "2026-03-01T18:30:00"}',
        '{"op": "action.issue", "customer": "ann", "template": "go", "at": "2026-03-01T12:00:00", "received": "2026-03-01T12:30:10"}',
    ]
    folder({**files, "facts.jsonl": "\n".join(lines) + "\n"})
    import json

    simulated = scn("simulate", "--facts", "facts.jsonl", "--to", "2026-03-04T00:00", "--format", "json")
    assert simulated.code == 0, simulated.err
    assert scn("run", "--tick", "--now", "2026-03-01T07:59").code == 0
    assert scn("ingest", "--received", "each", "facts.jsonl").code == 0
    assert scn("run", "--tick", "--now", "2026-03-01T08:00", "--until", "2026-03-04T00:00").code == 0
    ran = scn("messages", "--format", "json")
    shape = ("at", "customer", "scenario", "template", "channel", "to", "state", "reason", "subject", "order")

    def rows(text: str) -> list[list[object]]:
        return sorted([message[name] for name in shape] for message in json.loads(text)["messages"])

    assert rows(simulated.out) == rows(ran.out)
    assert len(rows(ran.out)) > 3
