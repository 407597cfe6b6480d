"""Findings as people and machines read them: one file for each format, all from the same `Diagnostic`s."""

from __future__ import annotations

from collections.abc import Sequence

from dsl.diagnostic import Diagnostic

FORMATS = ("text", "concise", "json", "sarif", "github", "gitlab", "junit")


def render(form: str, diagnostics: Sequence[Diagnostic], *, paths: Sequence[str] = (), colour: bool = False, version: str = "") -> str:
    """The findings in one of `FORMATS`, in the order given, ending with a line break unless empty.

    `paths` are all files looked at: junit counts those without findings. `version` is that of scn: sarif names it.
    `colour` is for text on a terminal.
    """
    match form:
        case "text":
            from dsl.report import text

            return text.render(diagnostics, colour=colour)
        case "concise":
            from dsl.report import concise

            return concise.render(diagnostics)
        case "json":
            from dsl.report import json

            return json.render(diagnostics)
        case "sarif":
            from dsl.report import sarif

            return sarif.render(diagnostics, version=version)
        case "github":
            from dsl.report import github

            return github.render(diagnostics)
        case "gitlab":
            from dsl.report import gitlab

            return gitlab.render(diagnostics)
        case "junit":
            from dsl.report import junit

            return junit.render(diagnostics, paths=paths)
    raise ValueError(f"no report format {form!r}")
