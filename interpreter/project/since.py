"""`--since REF`: which findings a change is answerable for. Replaces lists of old sins to ignore."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from dsl.diagnostic import Diagnostic
from dsl.report.fingerprint import fingerprints
from dsl.source import Source
from dsl.source import Span
from interpreter.errors import UserError
from interpreter.project.loading import Loaded
from interpreter.project.loading import one
from interpreter.project.project_folder import open_folder
from interpreter.project.project_folder import shown

#: Python 3.11 has it since 3.11.4. Without it nothing gets out either: the paths in a tree of git are plain and lie below its root.
_FILTER: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}


def caused_since(ref: str, loaded: Loaded, findings: Sequence[Diagnostic]) -> list[Diagnostic]:
    """The findings that touch a line changed since `ref`, and those that were not there at `ref`, wherever they stand.

    `ref` is taken where this branch left it. Raises `UserError` when git cannot tell.
    """
    if loaded.folder is None:
        raise UserError("`--since` compares files in git; a text from stdin is in none", "give it its name with `--stdin-filename`")
    root = loaded.folder.root
    with tempfile.TemporaryDirectory(prefix="scn-since-") as place:
        then_root = Path(place).resolve()
        _check_out(root, _base(root, ref), then_root)
        then = one(open_folder(then_root, lenient=True), name=lambda path: shown(root / path.resolve().relative_to(then_root)))
        known = set(fingerprints(then.findings()))
        old = {source.path: source for source in then.sources}
    changed = {source.path: _changed_lines(old.get(source.path), source) for source in {finding.source for finding in findings}}
    return [
        finding
        for finding, fingerprint in zip(findings, fingerprints(findings), strict=True)
        if fingerprint not in known or any(_touches(source, span, changed.get(source.path, set())) for source, span in _places(finding))
    ]


def _places(finding: Diagnostic) -> list[tuple[Source, Span]]:
    return [(finding.source, finding.span), *((label.source, label.span) for label in finding.labels)]


def _touches(source: Source, span: Span, lines: set[int]) -> bool:
    first = source.position(span.start).line
    last = source.position(max(span.end - 1, span.start)).line
    return any(number in lines for number in range(first, last + 1))


def _changed_lines(old: Source | None, new: Source) -> set[int]:
    now = new.text.split("\n")
    if old is None:
        return set(range(1, len(now) + 1))
    blocks = SequenceMatcher(None, old.text.split("\n"), now, autojunk=False).get_opcodes()
    return {number for tag, _, _, start, end in blocks if tag != "equal" for number in range(start + 1, end + 1)}


def _base(root: Path, ref: str) -> str:
    commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    if not commit:
        inside = _git(root, "rev-parse", "--is-inside-work-tree")
        if not inside:
            raise UserError(f"{shown(root)} is not in a git repository", "`--since` compares with what git has")
        raise UserError(f"git knows no `{ref}`", "fetch it first; in CI, check out the whole history")
    base = _git(root, "merge-base", commit.decode().strip(), "HEAD")
    return (base or commit).decode().strip()


def _check_out(root: Path, commit: str, place: Path) -> None:
    """The project as it was, templates and all; nothing when it was not there yet."""
    archive = _git(root, "archive", "--format=tar", commit, ".")
    if archive:
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(place, **_FILTER)  # noqa: S202 - a tree of git, see _FILTER


def _git(root: Path, *arguments: str) -> bytes:
    """What git says; nothing when it refuses."""
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, check=False)
    except OSError as problem:
        raise UserError("cannot run git", "`--since` needs it") from problem
    return done.stdout if done.returncode == 0 else b""
