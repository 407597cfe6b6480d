"""`make demo`: it answers in seconds, by the public commands, and tells what was sent and what was not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


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
    assert shown == ["explain", "validate", "test", "ingest", "run", "messages", "trace", "trace", "journeys"]


def test_it_tells_what_was_sent_and_why_something_was_not(played) -> None:
    _, done = played
    rows = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "2026-03-03 03:20 dan order_placed order_placed sms +447700900123 sent" in rows
    # Due on the eighth at nine; the survey went first, so the cap of 20 hours and the night hold it until the ninth.
    assert "2026-03-09 09:00 ann repeat_order related_products email ann@shop.example sent" in rows
    assert "2026-03-12 10:00 ann review_request review_request email skipped cap" in rows
    assert '✗ if subscribed email to "offers"  [repeat_order.scn:12:3]: no' in done.stdout
    assert "did you mean `shipped`?" in done.stdout


def test_letters_lie_where_it_says_and_the_slips_are_gone(played) -> None:
    shop, done = played
    assert len(list((shop / "outbox").glob("*.eml"))) == 14
    assert "its 14 letters in .demo/outbox" in done.stdout
    assert not (shop / "oops.scn").exists()


def test_what_it_proposes_next_works(played, scn, monkeypatch) -> None:
    shop, _ = played
    monkeypatch.chdir(shop)
    assert "2026-03-13T03:00:00+03:00" in scn("trace", "kim").out
    assert scn("run", "--tick", "--now", "2026-03-24T09:00").code == 0
    assert "2026-03-24 09:00" not in scn("messages", "--customer", "bob").out
    assert scn("messages", "--customer", "ann", "--since", "2026-03-23").out.count("repeat_order") == 1
    assert scn("explain", "nps_survey.scn").code == 0
    assert scn("init", "my-shop").code == 0
