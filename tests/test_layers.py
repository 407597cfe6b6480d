"""The house keeps its order by itself: imports go downhill only, and some doors have one key (`docs/design.md`, house.md §2)."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Callable
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent

#: From the ground up. A module may import from its own row and from those below; a name stands for everything under it.
LAYERS = (
    # what a text is
    ("dsl.source", "dsl.spelling", "dsl.words", "dsl.syntax.automaton", "dsl.forms"),
    ("dsl.diagnostic", "dsl.nodes", "dsl.walk"),
    ("dsl.catalog_tables", "dsl.event_forms", "dsl.catalog", "dsl.vocabulary", "dsl.offers"),
    ("dsl.civil.zones", "dsl.civil.moments", "dsl.calendar", "dsl.civil.schedules"),
    # from text to nodes and back
    (
        "dsl.builder",
        "dsl.building.clauses",
        "dsl.building.conditions",
        "dsl.building.steps",
        "dsl.building.tests",
        "dsl.building.values",
    ),
    ("dsl.printing", "dsl.printer"),
    (
        "dsl.syntax.stuck",
        "dsl.syntax.expected",
        "dsl.syntax.near_clauses",
        "dsl.syntax.near_misses",
        "dsl.syntax.near_phrases",
        "dsl.syntax.near_signs",
        "dsl.syntax.near_words",
        "dsl.syntax.statement_errors",
        "dsl.syntax_errors",
    ),
    ("dsl.parser",),
    ("dsl.formatter",),
    # from nodes to a checked program
    ("dsl.project", "dsl.suppression", "dsl.gaps"),
    (
        "dsl.meaning.scopes",
        "dsl.meaning.mistakes",
        "dsl.meaning.fields",
        "dsl.types",
        "dsl.meaning.flow",
        "dsl.meaning.logic",
        "dsl.sends",
        "dsl.meaning.reading",
        "dsl.meaning.typed",
        "dsl.meaning.rates",
        "dsl.meaning.moves",
    ),
    ("dsl.meaning.effects", "dsl.meaning.pressure"),
    ("dsl.checks",),
    ("dsl.checker",),
    ("dsl.report",),
    ("dsl.editor",),
    # the ground of the interpreter
    ("interpreter.errors", "interpreter.clock", "interpreter.collection", "interpreter.crew", "interpreter.turns", "interpreter.groups"),
    ("interpreter.project.toml_places", "interpreter.config", "interpreter.project.config_keys", "interpreter.project.config_reader"),
    # what came in and what is known
    (
        "interpreter.entities",
        "interpreter.journey",
        "interpreter.payloads",
        "interpreter.put_right",
        "interpreter.operations",
        "interpreter.facts",
        "interpreter.needs",
        "interpreter.loaded",
        "interpreter.belongings",
        "interpreter.holdings",
        "interpreter.pools",
        "interpreter.points",
        "interpreter.merging",
        "interpreter.report",
        "interpreter.tally",
    ),
    ("interpreter.shop", "interpreter.view", "interpreter.consent", "interpreter.effects"),
    # the pure heart
    (
        "interpreter.expressions.operands",
        "interpreter.expressions.comparisons",
        "interpreter.expressions.reading",
        "interpreter.expressions.history",
        "interpreter.expressions.belonging",
        "interpreter.expressions.seen",
        "interpreter.conditions",
    ),
    (
        "interpreter.program",
        "interpreter.acts",
        "interpreter.identity",
        "interpreter.segments",
        "interpreter.compiler",
        "interpreter.rules",
        "interpreter.limits",
        "interpreter.phases.schedules",
        "interpreter.apart",
        "interpreter.step",
    ),
    ("interpreter.events",),
    # the shell around it
    ("interpreter.store",),
    ("interpreter.offers",),
    ("interpreter.idle",),
    ("interpreter.delivery",),
    ("interpreter.project.project_folder", "interpreter.project.loading"),
    (
        "interpreter.phases.writer",
        "interpreter.phases.erasure",
        "interpreter.phases.ids",
        "interpreter.phases.loading",
        "interpreter.phases.batch",
        "interpreter.phases.merging",
        "interpreter.phases.stretch",
        "interpreter.phases.whole",
        "interpreter.phases.recalculate",
        "interpreter.phases.begin",
        "interpreter.phases.replay",
        "interpreter.phases.launch",
        "interpreter.phases.reach",
        "interpreter.phases.due",
        "interpreter.phases.passes",
        "interpreter.phases.openings",
        "interpreter.phases.intake",
        "interpreter.phases.posting",
        "interpreter.hands",
        "interpreter.relay",
        "interpreter.tick",
        "interpreter.dispatch",
        "interpreter.runner",
    ),
    ("interpreter.ingest", "interpreter.server"),
    # what people ask for
    (
        "interpreter.telling.phrases",
        "interpreter.telling.plain_words",
        "interpreter.telling.carried",
        "interpreter.telling.near_events",
        "interpreter.telling.trade_words",
        "interpreter.telling.glossary",
        "interpreter.project.fixing",
        "interpreter.project.since",
    ),
    ("interpreter.stretches",),
    ("interpreter.rehearsal", "interpreter.trace", "interpreter.telling.steps_text"),
    ("interpreter.timeline", "interpreter.simulate", "interpreter.shares", "interpreter.backtest"),
    ("interpreter.telling.simulated", "interpreter.telling.brief", "interpreter.small_shop"),
    ("interpreter.commands",),
    ("interpreter.cli", "interpreter.demo", "interpreter.docs"),
)

#: Who alone may use what. A name ending in a dot stands for everything under it.
ONE_KEY = {
    "lark": ("dsl.parser",),
    "croniter": ("dsl.civil.schedules",),
    "sqlite3": ("interpreter.store.",),
    "sqlite_utils": ("interpreter.store.",),
    "click": ("interpreter.commands.",),
    "starlette": ("interpreter.server.",),
    "uvicorn": ("interpreter.server.", "interpreter.commands.serve"),
}

#: The outside, which `dsl` must not touch; the parser alone reads a file, its grammar.
OUTSIDE = {
    "asyncio", "glob", "http", "httpx", "io", "os", "pathlib", "random", "secrets", "shutil", "socket", "sqlite3", "sqlite_utils",
    "subprocess", "tempfile", "threading", "time", "urllib.request", "uuid",
}  # fmt: skip

CLOCKS = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns", "time.monotonic", "time.monotonic_ns",
    "time.perf_counter", "time.perf_counter_ns", "time.sleep", "time.localtime", "time.gmtime",
}  # fmt: skip


@cache
def trees() -> dict[str, ast.Module]:
    found = {}
    for package in ("dsl", "interpreter"):
        for path in (ROOT / package).rglob("*.py"):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


def imported(name: str) -> Iterator[str]:
    """Every module that a module names in an import, wherever it stands in it."""
    for node in ast.walk(trees()[name]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}: relative imports hide where they lead"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                # A pure path is only a way to cut a name.
                yield inner if inner in trees() or alias.name.startswith("Pure") else str(node.module)


def ours(name: str) -> set[str]:
    return {other for other in imported(name) if other in trees() and other != name}


def layer(name: str) -> int | None:
    """The row of a module; of rows that name it and its package, the longer name counts."""
    rows = [(len(entry), number) for number, row in enumerate(LAYERS) for entry in row if f"{name}.".startswith(f"{entry}.")]
    return max(rows)[1] if rows else None


def test_every_module_has_its_row() -> None:
    # A folder whose files stand on floors of their own holds nothing itself.
    folders = {name.rpartition(".")[0] for row in LAYERS for name in row} | {"dsl", "interpreter"}
    homeless = [name for name in trees() if layer(name) is None and name not in folders]
    assert homeless == [], "give them a row in LAYERS, as low as they can stand"


def test_every_name_in_the_table_exists() -> None:
    planned = {"dsl.editor", "interpreter.timeline", "interpreter.simulate", "interpreter.trace", "interpreter.demo", "interpreter.docs"}
    assert [entry for row in LAYERS for entry in row if entry not in trees() and entry not in planned] == []


def test_imports_go_downhill() -> None:
    uphill = [
        f"{name} imports {other}"
        for name in trees()
        for other in ours(name)
        if (mine := layer(name)) is not None and (theirs := layer(other)) is not None and theirs > mine
    ]
    assert uphill == []


def test_dsl_knows_nothing_of_the_interpreter() -> None:
    assert [name for name in trees() if name.startswith("dsl") and any(other.startswith("interpreter") for other in imported(name))] == []


def test_no_circles() -> None:
    done: set[str] = set()
    circles = []

    def visit(name: str, way: tuple[str, ...]) -> None:
        if name in way:
            circles.append(" -> ".join((*way[way.index(name) :], name)))
        elif name not in done:
            for other in sorted(ours(name)):
                visit(other, (*way, name))
            done.add(name)

    for name in trees():
        visit(name, ())
    assert circles == []


@pytest.mark.parametrize(("library", "keys"), ONE_KEY.items())
def test_some_doors_have_one_key(library: str, keys: tuple[str, ...]) -> None:
    users = {name for name in trees() if any(f"{other}.".startswith(f"{library}.") for other in imported(name))}
    allowed = {name for name in users if any(f"{name}.".startswith(key if key.endswith(".") else f"{key}.") for key in keys)}
    assert users == allowed


def test_dsl_is_pure() -> None:
    outside = [
        f"{name} imports {other}"
        for name in trees()
        if name.startswith("dsl")
        for other in imported(name)
        if any(f"{other}.".startswith(f"{door}.") for door in OUTSIDE) and not other.startswith("pathlib.Pure")
        if (name, other) != ("dsl.parser", "pathlib")
    ]
    assert outside == []


def test_one_file_reads_the_clock() -> None:
    readers = set()
    for name, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
                owner = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
                if f"{owner}.{node.attr}" in CLOCKS:
                    readers.add(name)
        if any(isinstance(node, ast.ImportFrom) and node.module == "time" for node in ast.walk(tree)):
            readers.add(name)
    assert readers == {"interpreter.clock"}


def test_the_command_starts_light() -> None:
    """An idle tick under cron pays for what is imported at the start, every minute."""
    code = "import sys; before = set(sys.modules); import interpreter.cli; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert {name for name in loaded if name.partition(".")[0] not in sys.stdlib_module_names} == {
        "interpreter",
        "interpreter.cli",
        "interpreter.errors",
    }
    assert not loaded & {"asyncio", "email", "http", "inspect", "json", "logging", "re", "sqlite3", "tempfile", "traceback", "typing"}


def test_the_idle_tick_is_all_but_nothing() -> None:
    """What it imports beyond the command itself is SQLite."""
    code = (
        "import sys, interpreter.cli; before = set(sys.modules); "
        "import interpreter.idle, interpreter.clock, interpreter.store.glance, interpreter.store.lock; "
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert {name for name in done.stdout.split() if name.partition(".")[0] not in sys.stdlib_module_names} == {
        f"interpreter.{name}" for name in ("clock", "idle", "store", "store.glance", "store.lock", "store.schema")
    }
    assert not set(done.stdout.split()) & {"asyncio", "dataclasses", "enum", "inspect", "json", "pathlib", "re", "tempfile", "typing"}


def test_a_tick_that_only_starts_journeys_reads_no_template_and_opens_no_channel(
    folder: Callable[..., Path], scn: Callable[..., Any]
) -> None:
    """Nor does it import what reads options, prints scenarios or lists what was stored: it runs every minute of a working day."""
    order = {"op": "order.update", "at": "2026-03-01T10:00", "customer": "ann", "order": {"id": "17", "status": "paid", "total": 9}}
    folder(
        {
            "scn.toml": '[project]\ntimezone = "Europe/Moscow"\n',
            "paid.scn": 'define status order "paid"\non order.status -> "paid" wait 1d send note by email\n',
            "templates/note/email.txt": "Hello {{ order.total }}",
            "templates/note/meta.toml": 'subject = "Hello"\n',
        }
    )
    assert scn("run", "--tick", "--now", "2026-03-01T09:00").code == 0
    loaded = _loaded_by("ingest", "-", stdin=json.dumps(order))
    assert not loaded & {"click", "jinja2", "dsl.parser", "interpreter.store.listing", "interpreter.tick"}
    loaded = _loaded_by("run", "--tick", "--now", "2999-03-01T10:01", said="1 fact, 1 journey started")
    heavy = {"click", "jinja2", "html", "email", "socket", "dsl.printer", "dsl.checker", "interpreter.store.listing"}
    ways_out = {"interpreter.dispatch", "interpreter.delivery.channels", "interpreter.delivery.outbox", "interpreter.delivery.templates"}
    assert not loaded & (heavy | ways_out)


def _loaded_by(*arguments: str, stdin: str = "", said: str = "") -> set[str]:
    """The modules that a command line imports, in a process of its own."""
    code = "import sys; from interpreter.cli import main; code = main(sys.argv[1:]); print(*sys.modules, file=sys.stderr); sys.exit(code)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], input=stdin, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, said in done.stdout) == (0, True), done.stdout + done.stderr
    return set(done.stderr.split())
