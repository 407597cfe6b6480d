"""What a statement that could not be read may have said: findings that hang on it are left out, so that one mistake is told once.

A word that stands in such a statement may be defined or used there; a policy that cannot be read may be the one that is missed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Iterator
from pathlib import PurePath

from dsl.diagnostic import Diagnostic
from dsl.project import Gap
from dsl.project import Project
from dsl.suppression import IDLE

#: Checks of words that are defined, or used, in another statement.
_WORDS = frozenset({"template-value", "unused-define", "unused-segment"})
#: Checks that miss a policy, and a word of the policy they miss.
_POLICIES = {"send-without-quiet": ("quiet", "only"), "too-many-messages": ("cap",)}
#: Statements that hold no policy.
_OTHERS = frozenset({"scenario", "on", "every", "segment", "define", "test"})

_QUOTED = re.compile(r"`([^`]*)`")


def certain(project: Project, found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """The findings that hold whatever the unread statements of the project were meant to say."""
    if not project.gaps:
        yield from found
        return
    texts = [gap.source.text[gap.span.start : gap.span.end] for gap in project.gaps]
    words = {word for text in texts for word in re.findall(r"\w+", text)}
    # A bare scenario is called after its file.
    words |= {PurePath(gap.source.path).stem for gap in project.gaps if gap.word in ("on", "every")}
    policies = {word for gap, text in zip(project.gaps, texts, strict=True) if gap.word not in _OTHERS for word in re.findall(r"\w+", text)}
    for finding in found:
        missed = _POLICIES.get(finding.check, ())
        told_of = finding.check in _WORDS or finding.check.startswith("unknown-")
        if not (
            (told_of and words.issuperset(_words_of(finding)))
            or not policies.isdisjoint(missed)
            or (finding.check == "no-trigger" and any(_before(finding, gap) for gap in project.gaps))
            or (finding.message.endswith(IDLE) and any(_inside(finding, gap) for gap in project.gaps))
        ):
            yield finding


def _words_of(finding: Diagnostic) -> list[str]:
    """The word that is told to be unknown or unused: the last that the sentence quotes, of a dotted one its end."""
    quoted = _QUOTED.findall(finding.message)
    return re.findall(r"\w+", quoted[-1].rpartition(".")[2]) if quoted else []


def _inside(finding: Diagnostic, gap: Gap) -> bool:
    """Whether it is about a comment that stands in an unread statement, or above it."""
    if finding.source.path != gap.source.path:
        return False
    between = gap.source.text[finding.span.end : gap.span.start]
    return gap.span.start <= finding.span.start < gap.span.end or (finding.span.end <= gap.span.start and not between.strip())


def _before(finding: Diagnostic, gap: Gap) -> bool:
    """Whether it is about a scenario of one line, and what follows is its trigger in the first column, which could not be read."""
    if finding.source.path != gap.source.path or gap.word not in ("on", "every") or gap.span.start < finding.span.end:
        return False
    line, _, between = gap.source.text[finding.span.end : gap.span.start].partition("\n")
    return not between.strip() and "{" not in line
