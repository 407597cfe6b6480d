"""`make demo`: it answers in seconds, by the public commands, and tells what was sent and what was not."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from interpreter import small_shop

ROOT = Path(__file__).parent.parent
LIBRARY = ROOT / "scenarios"


@pytest.fixture(scope="module")
def played(tmp_path_factory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    folder = tmp_path_factory.mktemp("checkout")
    environment = {"PATH": "", "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "LANG": "C.UTF-8", "COLUMNS": "100"}
    command = [sys.executable, "-m", "interpreter.demo"]
    return folder / ".demo", subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_every_command_answers_as_it_should(played) -> None:
    _, done = played
    assert done.returncode == 0, done.stderr


def test_it_shows_each_command_line(played) -> None:
    _, done = played
    shown = [line.split()[2] for line in done.stdout.splitlines() if line.startswith("$ scn ")]
    assert shown == ["explain", "validate", "test", "ingest", "run", "simulate", "messages", "trace", "trace", "journeys"]


def test_it_tells_what_was_sent_and_why_something_was_not(played) -> None:
    _, done = played
    rows = [" ".join(line.split()) for line in done.stdout.splitlines()]
    # Due on the eighth at nine; the survey went first, so the cap of 20 hours and the night hold it until the ninth.
    assert "2026-03-09 09:00 ann repeat_order related_products email ann@shop.example sent" in rows
    assert "2026-03-12 10:00 ann review_request review_request email skipped cap" in rows
    assert '✗ if subscribed email to "offers"  [repeat_order.scn:12:3]: no' in done.stdout
    assert "did you mean `shipped`?" in done.stdout


def test_every_scenario_of_the_library_sends_something_and_withholds_something(played) -> None:
    _, done = played
    told = done.stdout.partition("--format brief\n")[2].partition("\n7. ")[0]
    found: dict[str, dict[str, int]] = {}
    name = word = ""
    for line in told.splitlines()[2:]:
        row = re.fullmatch(r"(\w+)? +(sent|done|withheld|waiting)? +(\d+)(  .+)?", line)
        if row:
            name = row[1] or name
            word = row[2] or word
            rows = found.setdefault(name, {})
            rows[word] = rows.get(word, 0) + int(row[3])
    library = {
        name for path in LIBRARY.glob("*.scn") for name in re.findall(r"^scenario (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert found.keys() == library
    assert [name for name, rows in found.items() if not (rows.get("sent") or rows.get("done"))] == []
    assert [name for name, rows in found.items() if not rows.get("withheld")] == []
    for reason in ("no consent", "limit: ", "cap: ", "pool_empty: ", "stop_when: ", "unreachable: "):
        assert reason in told.replace("if subscribed", "no consent")


def test_letters_lie_where_it_says_and_the_slips_are_gone(played) -> None:
    shop, done = played
    assert len(list((shop / "outbox").glob("*.eml"))) == 41
    assert "its 41 letters in .demo/outbox" in done.stdout
    assert not (shop / "oops.scn").exists()


def test_the_facts_are_those_that_small_shop_makes() -> None:
    assert small_shop.text() == (LIBRARY / "sample_facts.jsonl").read_text(encoding="utf-8")


def test_ticks_over_a_database_and_a_simulation_send_the_same_at_the_same_minutes(played, scn, monkeypatch) -> None:
    shop, _ = played
    monkeypatch.chdir(shop)
    over = ("--from", small_shop.LAUNCH, "--to", small_shop.END, "--format", "json")
    ran = sent(scn("messages", "--format", "json").out)
    assert len(ran) == 47
    assert sent(scn("simulate", "--facts", "sample_facts.jsonl", *over).out) == ran
    assert sent(scn("simulate", *over).out) == ran  # with the facts that the database received


def test_the_week_taken_in_day_by_day_comes_to_the_same(played, scn, monkeypatch, tmp_path) -> None:
    shop, _ = played
    monkeypatch.chdir(shop)
    ran = sent(scn("messages", "--format", "json").out)
    shutil.copytree(LIBRARY, tmp_path / "shop", ignore=shutil.ignore_patterns("*.db*", "outbox"))
    monkeypatch.chdir(tmp_path / "shop")
    lines = Path("sample_facts.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    for day in range(1, 22):
        facts = "".join(line for line in lines if f'"at": "2026-03-{day:02}T' in line)
        assert scn("ingest", "--received", "each", "-", stdin=facts).code == 0
        if day > 1:
            scn("run", "--tick", "--now", f"2026-03-{day:02}T00:00", "--until", f"2026-03-{day:02}T23:59")
    assert sent(scn("messages", "--format", "json").out) == ran


def sent(listing: str) -> list[tuple[str, ...]]:
    """What a customer sees of each message, and when; codes are drawn anew each time."""
    keys = ("at", "customer", "scenario", "template", "channel", "to", "state", "reason", "order", "product")
    return sorted(tuple(str(row[key]) for key in keys) for row in json.loads(listing)["messages"])


def test_what_it_proposes_next_works(played, scn, monkeypatch) -> None:
    shop, _ = played
    monkeypatch.chdir(shop)
    assert "2026-03-13T03:00:00+03:00" in scn("trace", "kim").out
    assert scn("run", "--tick", "--now", "2026-03-24T09:00").code == 0
    assert "2026-03-24 09:00" not in scn("messages", "--customer", "bob").out
    assert scn("messages", "--customer", "ann", "--since", "2026-03-23").out.count("repeat_order") == 1
    assert scn("explain", "nps_survey.scn").code == 0
    assert scn("init", "my-shop").code == 0
