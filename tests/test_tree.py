"""What is committed is what was meant: no file carries the traces of a merge that nobody finished."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

#: `=======` alone may underline a heading; it never stands without the other two.
MARKER = re.compile(rb"^(?:<{7}|>{7}|\|{7})(?: |$)", re.MULTILINE)


def marked(text: bytes) -> bool:
    return MARKER.search(text) is not None


def test_a_marker_is_known_where_a_merge_leaves_it() -> None:
    left, right = b"<" * 7, b">" * 7
    assert marked(b"one\n" + left + b" HEAD\ntwo\n=======\nthree\n" + right + b" 779e5dd (Check offers)\n")
    assert marked(left + b"\n")
    assert not marked(b"Title\n=======\n\n    " + left + b" HEAD\n" + left + b"< more\n")


def test_no_file_carries_conflict_markers() -> None:
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a checkout of git")
    files = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    assert len(files) > 100
    assert [str(file.relative_to(ROOT)) for file in files if file.is_file() and marked(file.read_bytes())] == []
