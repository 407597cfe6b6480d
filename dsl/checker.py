"""Runs every check of `checks/`, and leaves out what a comment ignores with a reason."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from functools import cached_property
from functools import lru_cache
from typing import Any

from dsl import checks
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.forms import evolve
from dsl.gaps import certain
from dsl.project import Project
from dsl.suppression import apply

_WORD = re.compile(r"\w+")


class Check:
    """What the linter looks for: one file of `checks/`, whose docstring is the page. The file is read when something of it is asked."""

    def __init__(self, file: str, about: str) -> None:
        self.name = file.replace("_", "-")
        """Reads after "allow": `send-without-consent`."""
        self.about = frozenset(about.split())
        """Words of which one must stand in the project, else there is nothing to find; empty: it looks at every project."""
        self._file = file

    @cached_property
    def _module(self) -> Any:
        return importlib.import_module(f"dsl.checks.{self._file}")

    @property
    def severity(self) -> Severity:
        """How bad what it finds is."""
        found: Severity = self._module.SEVERITY
        return found

    @property
    def essential(self) -> bool:
        """Cannot be ignored: what it finds keeps the scenario from running at all."""
        return getattr(self._module, "ESSENTIAL", False)

    @property
    def page(self) -> str:
        """Markdown: the first line says what it is; then why, what to avoid, what to prefer."""
        return self._module.__doc__ or ""

    @property
    def run(self) -> Callable[[Project], Iterable[Diagnostic]] | None:
        """None: found elsewhere (by the parser, by suppression itself)."""
        return getattr(self._module, "check", None)


@lru_cache(maxsize=1)
def all_checks() -> Mapping[str, Check]:
    """Every check by name, in alphabetical order."""
    return {check.name: check for check in (Check(file, about) for file, about in checks.ABOUT.items())}


def check(project: Project, *, only: Collection[str] = (), warn: Collection[str] = (), deny: Collection[str] = ()) -> list[Diagnostic]:
    """Everything that is wrong with a project, syntax included, by file and place.

    only: names of the checks to run (none: all; syntax is always told). warn, deny: names whose findings become warnings, or errors.
    """
    wanted = [one for one in all_checks().values() if not only or one.name in only]
    words = {word for file in project.files for word in _WORD.findall(file.source.text)}
    found = [
        diagnostic for one in wanted if (not one.about or not one.about.isdisjoint(words)) and one.run for diagnostic in one.run(project)
    ]
    found += project.diagnostics
    names = frozenset(one.name for one in wanted)
    told = apply(project, found, names, _is_essential, tuple(all_checks()))
    kept = {_weighed(diagnostic, warn, deny) for diagnostic in certain(project, told)}
    return sorted(kept, key=lambda diagnostic: (*diagnostic.order, diagnostic.message))


def _is_essential(name: str) -> bool:
    return all_checks()[name].essential


def _weighed(diagnostic: Diagnostic, warn: Collection[str], deny: Collection[str]) -> Diagnostic:
    if diagnostic.check in deny:
        return evolve(diagnostic, severity=Severity.ERROR)
    if diagnostic.check in warn:
        return evolve(diagnostic, severity=Severity.WARNING)
    return diagnostic
