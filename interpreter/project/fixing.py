"""Applying fixes: as many as go together, again and again until none is left, and never one that makes things worse."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence

import attrs

from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Fix
from dsl.diagnostic import Severity

#: Path to text, and what is wrong with it when all files are read together.
Texts = Mapping[str, str]
Check = Callable[[Texts], Sequence[Diagnostic]]

#: A fix may uncover another; a pair that undoes each other must not turn for ever.
_MOST_ROUNDS = 20


@attrs.frozen(slots=True)
class Mended:
    """The texts after the fixes, how many were applied, and what is still wrong."""

    texts: Texts
    applied: int
    findings: Sequence[Diagnostic]


def mend(texts: Texts, check: Check, *, unsafe: bool = False) -> Mended:
    """Applies the fixes found in `texts`, only to them. When a round does not mend all that it should, its fixes are tried one by one."""
    findings = check(texts)
    applied = 0
    refused: set[tuple[str, Fix]] = set()
    for _ in range(_MOST_ROUNDS):
        chosen = _apart([fix for fix in _fixes(findings, texts, unsafe=unsafe) if fix not in refused])
        if not chosen:
            break
        trial = _apply(texts, chosen)
        trial_findings = check(trial)
        if sum(_weight(trial_findings)) > sum(_weight(findings)) - len(chosen):
            # Not every fix did only good, or one uncovered what a mistake had hidden: alone each shows which.
            good, trial, trial_findings = len(chosen), texts, findings
            for fix in reversed(chosen):
                alone = _apply(trial, [fix])
                alone_findings = check(alone)
                if alone == trial or _weight(alone_findings) > _weight(trial_findings):
                    refused.add(fix)
                    good -= 1
                else:
                    trial, trial_findings = alone, alone_findings
            applied += good
        else:
            applied += len(chosen)
        texts, findings = trial, trial_findings
    return Mended(texts, applied, findings)


def _weight(findings: Sequence[Diagnostic]) -> tuple[int, int]:
    """Syntax errors, other errors: a statement that can be read at last may show mistakes that nobody could see before."""
    errors = [finding.check == "syntax" for finding in findings if finding.severity is Severity.ERROR]
    return sum(errors), len(errors) - sum(errors)


def _fixes(findings: Sequence[Diagnostic], texts: Texts, *, unsafe: bool) -> list[tuple[str, Fix]]:
    return [
        (finding.source.path, finding.fix)
        for finding in findings
        if finding.fix and (finding.fix.safe or unsafe) and finding.source.path in texts
    ]


def _apart(fixes: Sequence[tuple[str, Fix]]) -> list[tuple[str, Fix]]:
    """Those that do not touch each other: of two that do, the first; the other gets its turn in the next round."""
    chosen: list[tuple[str, Fix]] = []
    for path, fix in sorted(set(fixes), key=lambda each: (each[0], each[1].span, not each[1].safe)):
        last = chosen[-1] if chosen else None
        if last is None or last[0] != path or fix.span.start > last[1].span.end or (fix.span.start == last[1].span.end != fix.span.end):
            chosen.append((path, fix))
    return chosen


def _apply(texts: Texts, fixes: Sequence[tuple[str, Fix]]) -> Texts:
    changed = dict(texts)
    for path, fix in sorted(fixes, key=lambda each: each[1].span, reverse=True):
        text = changed[path]
        changed[path] = text[: fix.span.start] + fix.replacement + text[fix.span.end :]
    return changed
