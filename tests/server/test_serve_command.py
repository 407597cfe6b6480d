"""`scn serve`, as a process of its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from interpreter.delivery.unsubscribe import Unsubscribe
from interpreter.store.sqlite import open_store

ROOT = Path(__file__).parents[2]
TOML = '[project]\ntimezone = "UTC"\npublic_url = "https://shop.example/scn"\nsecret = "env:SCN_SECRET"\n'


@pytest.fixture
def server(folder) -> Iterator[tuple[subprocess.Popen[str], str]]:
    place = folder({"scn.toml": TOML})
    environment = {**os.environ, "SCN_SECRET": "secret", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-m", "interpreter.cli", "serve", "--port", "0"], cwd=place, env=environment, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    found = re.search(r"listening on (http://127.0.0.1:\d+)", process.stderr.readline())
    assert found
    yield process, found[1]
    process.kill()
    process.wait()
    process.stderr.close()


def test_a_press_is_a_fact_in_the_database_and_the_next_tick_knows_it(server, folder, scn, monkeypatch):
    process, address = server
    path = Unsubscribe("secret", "https://shop.example/scn").url("ann", "email", None, "1-1-1").removeprefix("https://shop.example")
    assert httpx.get(address + path).status_code == 200
    assert httpx.post(address + path).status_code == 200
    assert httpx.post(address + path + "x").status_code == 404
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    store = open_store("sqlite:scn.db")
    [fact] = store.facts.pending(2**40, 10)
    store.close()
    assert (fact.op, fact.customer, fact.actor, fact.data) == (
        "subscription.set",
        "ann",
        "customer",
        {"channel": "email", "status": "unsubscribed"},
    )


def test_without_a_secret_it_does_not_start(folder, scn, monkeypatch):
    folder({"scn.toml": '[project]\ntimezone = "UTC"\n'})
    answer = scn("serve")
    assert (answer.code, 'write `secret = "env:SCN_SECRET"`' in answer.err) == (2, True)
    folder({"scn.toml": TOML})
    answer = scn("serve")
    assert (answer.code, "the environment variable `SCN_SECRET` is not set" in answer.err) == (2, True)


def test_a_port_that_is_taken_is_a_sentence(folder, scn, monkeypatch):
    monkeypatch.setenv("SCN_SECRET", "secret")
    folder({"scn.toml": TOML})
    with socket.create_server(("127.0.0.1", 0)) as taken:
        answer = scn("serve", "--port", str(taken.getsockname()[1]))
    assert (answer.code, "cannot listen on 127.0.0.1:" in answer.err, "attempting to bind" in answer.err) == (2, True, False)


def test_a_missing_library_names_what_to_install(folder, scn, monkeypatch):
    monkeypatch.setenv("SCN_SECRET", "secret")
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    folder({"scn.toml": TOML})
    answer = scn("serve")
    assert answer.code == 2
    assert 'pip install "scn-lang[serve]"' in answer.err
