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
    """Applies the fixes found in `texts`, only to them. A round that leaves more errors than before is taken back and tried fix by fix."""
    findings = check(texts)
    applied = 0
    refused: set[tuple[str, Fix]] = set()
    for _ in range(_MOST_ROUNDS):
        fixes = [fix for fix in _fixes(findings, texts, unsafe=unsafe) if fix not in refused]
        if not fixes:
            break
        chosen = _apart(fixes)
        trial = _apply(texts, chosen)
        trial_findings = check(trial)
        if _errors(trial_findings) > _errors(findings) or trial == texts:
            # Something in this round harms. Alone each shows whether it is the one.
            if len(chosen) == 1 or trial == texts:
                refused.update(chosen)
                continue
            good = [fix for fix in chosen if _errors(check(_apply(texts, [fix]))) <= _errors(findings)]
            refused.update(set(chosen) - set(good))
            if not good:
                continue
            chosen = good[:1]
            trial = _apply(texts, chosen)
            trial_findings = check(trial)
        texts, findings = trial, trial_findings
        applied += len(chosen)
    return Mended(texts, applied, findings)


def _errors(findings: Sequence[Diagnostic]) -> int:
    return sum(finding.severity is Severity.ERROR for finding in findings)


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
