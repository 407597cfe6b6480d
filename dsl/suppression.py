"""`# scn: ignore[send-without-limit] reason`: on the line of a finding, on the line above it, or above a whole statement."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator

from dsl import nodes
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Fix
from dsl.diagnostic import warning
from dsl.forms import Form
from dsl.project import Placed
from dsl.project import Project
from dsl.source import Source
from dsl.source import Span
from dsl.spelling import closest

_IGNORE = re.compile(r"#\s*scn:\s*ignore\b\s*(?:\[(?P<names>[^\]]*)\])?(?P<reason>.*)")

#: What is said of a comment that nothing needs.
IDLE = "finds nothing here"


class Ignore(metaclass=Form):
    """One comment that ignores findings."""

    source: Source
    comment: nodes.Comment
    names: tuple[str, ...]
    reason: str
    span: Span
    """Where it has effect: findings that start here."""


def apply(
    project: Project, found: Iterable[Diagnostic], ran: frozenset[str], essential: Callable[[str], bool], known: tuple[str, ...]
) -> Iterator[Diagnostic]:
    """The findings that no comment ignores, and what is wrong with the comments themselves.

    ran: the checks that were run; of the others nobody can say whether they would have found something. essential: whether a check, one
    of those known, cannot be ignored.
    """
    ignores = [ignore for file in project.files for ignore in _ignores(file)]
    used: set[tuple[Ignore, str]] = set()
    for diagnostic in found:
        hits = [ignore for ignore in ignores if diagnostic.check in ignore.names and _covers(ignore, diagnostic)]
        if not hits or diagnostic.check not in known or essential(diagnostic.check):
            yield diagnostic
        else:
            used.update((ignore, diagnostic.check) for ignore in hits)
    for ignore in ignores:
        yield from _judge(ignore, {name for owner, name in used if owner is ignore}, ran, essential, known)


def _covers(ignore: Ignore, diagnostic: Diagnostic) -> bool:
    return ignore.source is diagnostic.source and ignore.span.start <= diagnostic.span.start < ignore.span.end


def _ignores(file: Placed[nodes.File]) -> Iterator[Ignore]:
    source = file.source
    for comment in file.node.comments:
        match = _IGNORE.match(comment.text)
        if match:
            names = tuple(name.strip() for name in (match["names"] or "").split(",") if name.strip())
            span = _effect(file, comment)
            yield Ignore(source, comment, names, match["reason"].strip(" :-—"), span)


def _effect(file: Placed[nodes.File], comment: nodes.Comment) -> Span:
    """The line of the comment; for a comment on its own line the next line that says something, or the statement that starts there."""
    source = file.source
    number = source.position(comment.span.start).line
    if comment.own_line:
        number += 1
        while number < source.line_count and (not (text := source.line(number).strip()) or text.startswith("#")):
            number += 1
    line = _line_span(source, number)
    starts = (statement.span for statement in file.node.statements if line.start <= statement.span.start < line.end)
    return next(starts, line) if comment.own_line else line


def _line_span(source: Source, number: int) -> Span:
    lines = source.text.split("\n")
    start = sum(len(line) + 1 for line in lines[: number - 1])
    return Span(start, start + len(source.line(number)) + 1)


def _with_line(ignore: Ignore) -> Span:
    """The comment with the line it stands on alone, or with the space before it."""
    text, span = ignore.source.text, ignore.comment.span
    if ignore.comment.own_line:
        return Span(text.rfind("\n", 0, span.start) + 1, min(span.end + 1, len(text)))
    return Span(len(text[: span.start].rstrip(" \t")), span.end)


def _judge(
    ignore: Ignore, used: set[str], ran: frozenset[str], essential: Callable[[str], bool], known: tuple[str, ...]
) -> Iterator[Diagnostic]:
    span = ignore.comment.span
    if not ignore.names:
        message = "which check is ignored is not said"
        yield warning("unused-suppression", ignore.source, span, message, "write `# scn: ignore[send-without-limit] reason`")
        return
    if not ignore.reason:
        names = ", ".join(ignore.names)
        message = f"why `{names}` is ignored is not said"
        yield warning("suppression-without-reason", ignore.source, span, message, f"write `# scn: ignore[{names}] the reason`")
    # Judged only where all of its checks were run; the fix takes the comment away when nothing of it had an effect.
    idle = [name for name in ignore.names if name not in used and (name in ran or name not in known)]
    fix = Fix("remove the comment", _with_line(ignore), "") if len(idle) == len(ignore.names) else None
    for name in idle:
        if name not in known:
            near = closest(name, known)
            hint = f"did you mean `{near}`?" if near else "`scn explain --all` lists the checks"
            yield warning("unused-suppression", ignore.source, span, f"there is no check `{name}`", hint)
        elif essential(name):
            message = f"`{name}` cannot be ignored: what it finds keeps a scenario from running"
            yield warning("unused-suppression", ignore.source, span, message, "mend the finding and remove the comment", fix=fix)
        else:
            message = f"`{name}` {IDLE}"
            yield warning("unused-suppression", ignore.source, span, message, "remove the comment", fix=fix)
