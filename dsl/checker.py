"""Runs every check of `checks/`, and leaves out what a comment ignores with a reason."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from functools import lru_cache

import attrs

from dsl import checks
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.project import Project
from dsl.suppression import apply


@attrs.frozen(slots=True)
class Check:
    """What the linter looks for: one file of `checks/`, whose docstring is the page."""

    name: str
    """Reads after "allow": `send-without-consent`."""
    severity: Severity
    essential: bool
    """Cannot be ignored: what it finds keeps the scenario from running at all."""
    page: str
    """Markdown: the first line says what it is; then why, what to avoid, what to prefer."""
    run: Callable[[Project], Iterable[Diagnostic]] | None
    """None: found elsewhere (by the parser, by suppression itself)."""


@lru_cache(maxsize=1)
def all_checks() -> Mapping[str, Check]:
    """Every check by name, in alphabetical order."""
    found = {}
    for module in pkgutil.iter_modules(checks.__path__):
        if not module.name.startswith("_"):
            loaded = importlib.import_module(f"dsl.checks.{module.name}")
            name = module.name.replace("_", "-")
            found[name] = Check(
                name, loaded.SEVERITY, getattr(loaded, "ESSENTIAL", False), loaded.__doc__ or "", getattr(loaded, "check", None)
            )
    return dict(sorted(found.items()))


def check(project: Project, *, only: Collection[str] = (), warn: Collection[str] = (), deny: Collection[str] = ()) -> list[Diagnostic]:
    """Everything that is wrong with a project, syntax included, by file and place.

    only: names of the checks to run (none: all; syntax is always told). warn, deny: names whose findings become warnings, or errors.
    """
    wanted = [one for one in all_checks().values() if not only or one.name in only]
    found = [diagnostic for one in wanted if one.run for diagnostic in one.run(project)]
    found += project.diagnostics
    names = frozenset(one.name for one in wanted)
    essential = frozenset(one.name for one in all_checks().values() if one.essential)
    kept = {_weighed(diagnostic, warn, deny) for diagnostic in apply(project, found, names, essential, tuple(all_checks()))}
    return sorted(kept, key=lambda diagnostic: (*diagnostic.order, diagnostic.message))


def _weighed(diagnostic: Diagnostic, warn: Collection[str], deny: Collection[str]) -> Diagnostic:
    if diagnostic.check in deny:
        return attrs.evolve(diagnostic, severity=Severity.ERROR)
    if diagnostic.check in warn:
        return attrs.evolve(diagnostic, severity=Severity.WARNING)
    return diagnostic
