"""How many findings: the words and the numbers every format agrees on."""

from __future__ import annotations

from collections.abc import Sequence

from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity


def counts(diagnostics: Sequence[Diagnostic]) -> tuple[int, int]:
    """Errors and warnings."""
    errors = sum(finding.severity is Severity.ERROR for finding in diagnostics)
    return errors, len(diagnostics) - errors


def in_words(diagnostics: Sequence[Diagnostic]) -> str:
    """`2 errors, 1 warning`; what there is none of is left out."""
    errors, warnings = counts(diagnostics)
    parts = [(errors, "error"), (warnings, "warning")]
    return ", ".join(f"{number} {word}{'' if number == 1 else 's'}" for number, word in parts if number) or "no findings"
