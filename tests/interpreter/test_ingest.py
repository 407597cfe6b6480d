from __future__ import annotations

import io
from functools import partial

import pytest

from interpreter.facts import MAX_BYTES
from interpreter.facts import Fact
from interpreter.facts import read
from interpreter.ingest.json_lines import BadLine
from interpreter.ingest.json_lines import read_lines

READ = partial(read, zone="UTC", received=0, batch="b", actor="import")
ANN = b'{"op": "customer.edit", "customer": "ann"}'
BOB = b'{"op": "customer.edit", "customer": "bob"}'


def taken(data: bytes) -> list[object]:
    """Customers of the facts; (line, path) of what was none."""
    found = read_lines(io.BytesIO(data), READ)
    return [(one.line, one.path) if isinstance(one, BadLine) else one.customer for one in found]


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b"", []),
        (b"\n \n\r\n", []),
        (ANN, ["ann"]),
        (ANN + b"\r\n\n  " + BOB + b"\n", ["ann", "bob"]),
        (b"\xef\xbb\xbf" + ANN, ["ann"]),
        (b"\xef\xbb\xbf\n" + ANN, ["ann"]),
        (b"\n" + ANN + b"\n{}\n" + BOB + b"\nx\n", ["ann", (3, "op"), "bob", (5, "")]),
        (ANN + b'\n{"op": "\xff"}\n' + BOB, ["ann", (2, ""), "bob"]),
        (ANN + b"\n[" + BOB + b"]\n", ["ann", (2, "")]),
        (ANN + b"\n{\n", ["ann", (2, "")]),
    ],
)
def test_a_line_is_a_fact_or_told_with_its_number(data, wanted):
    assert taken(data) == wanted


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b"[]", []),
        (b"[" + ANN + b"," + BOB + b"]", ["ann", "bob"]),
        (b"\n[\n" + ANN + b",\n\n {},\n" + ANN.replace(b", ", b",\n") + b",{}\n,5]", ["ann", (5, "op"), "ann", (7, "op"), (8, "")]),
        (b"[" + ANN, [(1, "")]),
        (b"[" + ANN + b"] x", [(1, "")]),
        (b"[" * 5000, [(1, "")]),
        (b"\xef\xbb\xbf[\xff]", [(1, "")]),
    ],
)
def test_a_list_of_facts(data, wanted):
    assert taken(data) == wanted


def test_one_fact_over_several_lines():
    assert taken(b'{\n  "op": "customer.edit",\n  "customer": "ann"\n}\n') == ["ann"]
    assert taken(b'\n{\n  "op": "customer.edit"\n}\n') == [(2, "customer")]


def test_a_line_without_end_is_passed_over_without_being_kept():
    long = b'{"op": "customer.edit", "customer": "ann", "x": "' + b"x" * (3 * MAX_BYTES) + b'"}'
    assert taken(ANN + b"\n" + long + b"\n" + BOB) == ["ann", (2, ""), "bob"]
    assert taken(long) == [(1, "")]
    padded = ANN + b" " * (MAX_BYTES - len(ANN)) + b"\n" + BOB
    assert taken(padded) == ["ann", "bob"]


def test_a_list_too_long_to_be_read_whole_is_refused(monkeypatch):
    monkeypatch.setattr("interpreter.ingest.json_lines.MAX_LIST", 50)
    assert taken(b"[" + ANN + b"," + BOB + b"]") == [(1, "")]
    assert taken(b"[" + ANN + b"]") == ["ann"]


def test_other_encodings_are_named():
    [bad] = read_lines(io.BytesIO(ANN.decode().encode("utf-16")), READ)
    assert isinstance(bad, BadLine)
    assert bad.message == "expected text in UTF-8, found UTF-16; save the file as UTF-8"


def test_lines_are_read_as_they_come():
    class Endless(io.BytesIO):
        def readline(self, size=-1):
            return ANN + b"\n"

    lines = read_lines(Endless(), READ)
    assert all(isinstance(next(lines), Fact) for _ in range(10))
