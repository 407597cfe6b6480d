"""A long file of facts, taken in by several processes piece by piece, is taken in as by one."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck
from hypothesis import Phase
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from interpreter.commands import takers
from interpreter.facts import MAX_BYTES
from interpreter.store.facts import Facts
from interpreter.turns import Board
from tests.cli.intake import stored

BAD = b'{"op": "customer.edit", "customer": "ann", "email": 5}'


def line(number: int) -> bytes:
    return json.dumps({"op": "customer.edit", "key": f"k{number}", "customer": f"c{number % 7}", "city": "K" * (number % 50)}).encode()


@contextmanager
def pieces(size: int = 200, processes: int = 3) -> Iterator[list[int]]:
    """However short the files are; how many pieces each run wrote."""
    written: list[int] = []
    close = Board.close

    def closed(board: Board) -> None:
        written.append(board.written)
        close(board)

    with patch.multiple(takers, PIECE=size, LONG=0, cores=lambda: processes), patch.object(Board, "close", closed):
        yield written


class Shop:
    """The same files, taken in by one process and by several, each into a database of its own."""

    def __init__(self, project: Path, scn: Any) -> None:
        self.project, self.scn = project, scn

    def taken(self, *files: str) -> tuple[Any, ...]:
        (self.project / "scn.db").unlink(missing_ok=True)
        answer = self.scn("ingest", "--report", "json", *files)
        facts = [(fact.op, fact.key, fact.customer, fact.data) for fact in stored(self.project)]
        return answer.code, answer.out, answer.err, facts

    def same(self, *files: str, size: int = 200, processes: int = 3) -> int:
        one = self.taken(*files)
        with pieces(size, processes) as written:
            assert self.taken(*files) == one
        return sum(written)


@pytest.fixture
def shop(project, scn) -> Shop:
    return Shop(project, scn)


LINES = st.one_of(
    st.integers(0, 60).map(line),
    st.sampled_from([b"", b"  ", BAD, b"{", b"\xff", b"[1]", b'{"op": "no.such"}']),
)


@settings(max_examples=25, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    files=st.lists(st.lists(LINES, min_size=1, max_size=25), min_size=1, max_size=3),
    end=st.sampled_from([b"\n", b"\r\n"]),
    last=st.booleans(),
    mark=st.booleans(),
    size=st.integers(1, 400),
)
def test_files_are_taken_in_as_by_one(shop, files, end, last, mark, size):
    names = [f"facts-{number}.jsonl" for number in range(len(files))]
    for name, lines in zip(names, files, strict=True):
        text = end.join([line(100), *lines]) + end * last
        (shop.project / name).write_bytes(b"\xef\xbb\xbf" * mark + text)
    assert shop.same(*names, size=size) >= len(files)


@pytest.mark.parametrize("length", [MAX_BYTES - 1, MAX_BYTES, MAX_BYTES + 1, 2 * MAX_BYTES])
@pytest.mark.parametrize("size", [300, MAX_BYTES])
def test_lines_may_be_longer_than_a_piece(shop, length, size):
    start = b'{"op": "customer.edit", "customer": "ann", "notes": ['
    long = start + b'"' + b'", "'.join([b"x" * 60_000] * 40)[: length - len(start) - 4] + b'"]}'
    assert len(long) == length
    (shop.project / "facts.jsonl").write_bytes(b"\n".join([line(1), long, line(2), BAD, line(3), long]))
    assert shop.same("facts.jsonl", size=size) >= 2


@pytest.mark.parametrize(
    "text",
    [
        b'[{"op": "customer.edit", "customer": "ann"}]',
        b'{\n"op": "customer.edit", "customer": "ann"\n}',
        "".join(chr(sign) for sign in line(1)).encode("utf-16"),
        b"\n" * 70_000 + line(1),
    ],
    ids=["a list", "one fact over several lines", "UTF-16", "nothing for long"],
)
def test_what_may_be_anything_but_lines_is_read_by_one(shop, text):
    (shop.project / "facts.jsonl").write_bytes(text)
    assert shop.same("facts.jsonl") == 0


def test_strict_is_one_transaction_and_so_one_process(project, scn):
    (project / "facts.jsonl").write_bytes(b"\n".join(map(line, range(9))) + b"\n" + BAD)
    with pieces() as written:
        assert scn("ingest", "--strict", "facts.jsonl").code == 1
    assert written == []
    assert stored(project) == []


def test_what_is_no_file_of_facts_is_given_up(project, scn, monkeypatch):
    monkeypatch.setattr(takers, "TOO_MANY", 10)
    monkeypatch.setattr("interpreter.commands.taking.TOO_MANY", 10)
    (project / "facts.jsonl").write_bytes(b"\n".join([*map(line, range(4)), *[BAD] * 60, line(5)]))
    with pieces() as written:
        answer = scn("ingest", "facts.jsonl")
    assert answer.code == 2
    assert "more than 10 lines are no facts" in answer.err
    assert "4 facts stored before that; the first: line 5: " in answer.err
    assert [fact.key for fact in stored(project)] == ["k0", "k1", "k2", "k3"]
    assert written[0] < 10


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_process_that_is_killed_is_a_sentence_and_the_same_file_again_brings_the_rest(project, scn, how):
    (project / "facts.jsonl").write_bytes(b"\n".join(map(line, range(60))))
    add, master = Facts.add, os.getpid()

    def killed(facts: Facts, some: Any, *, durable: bool = True) -> list[bool]:
        if os.getpid() != master and any(fact.key == "k30" for fact in some):
            os.kill(os.getpid(), how)
        return add(facts, some, durable=durable)

    with pieces():
        with patch.object(Facts, "add", killed):
            answer = scn("ingest", "facts.jsonl")
        assert answer.code == 2
        kept = [fact.key for fact in stored(project)]
        assert f"one of the processes of this ingest was ended by {how.name}" in answer.err
        assert f"{len(kept)} facts stored before that; run it again" in answer.err
        assert 0 < len(kept) <= 30
        again = scn("ingest", "facts.jsonl")
    assert (again.code, again.out) == (0, f"{60 - len(kept)} facts accepted, {len(kept)} known already\n")
    assert [fact.key for fact in stored(project)] == [f"k{number}" for number in range(60)]


@pytest.mark.parametrize("several", [False, True])
def test_an_interrupt_says_how_much_is_stored(project, scn, monkeypatch, several):
    monkeypatch.setattr("interpreter.commands.taking.BATCH", 10)
    (project / "facts.jsonl").write_bytes(b"\n".join(map(line, range(60))))
    add, master = Facts.add, os.getpid()

    def interrupted(facts: Facts, some: Any, *, durable: bool = True) -> list[bool]:
        if any(fact.key == "k30" for fact in some):
            os.kill(master, signal.SIGINT)
            signal.pause()
        return add(facts, some, durable=durable)

    with pieces(), patch.object(Facts, "add", interrupted), patch.object(takers, "LONG", 0 if several else 1 << 30):
        answer = scn("ingest", "facts.jsonl")
    kept = len(stored(project))
    assert 0 < kept <= 30
    assert answer.code == 2
    assert f"{kept} facts stored before that; the same files again bring the rest" in answer.err
