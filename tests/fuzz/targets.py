"""Every door with what is thrown at it: the ordinary suite throws a few hundred, `soak_fuzz.py` as many as there is time for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from interpreter.commands import COMMANDS
from interpreter.commands import LATER
from tests.fuzz import inputs
from tests.fuzz import properties


@attrs.frozen
class Target:
    """A property and its inputs."""

    check: Callable[..., None]
    given: SearchStrategy[tuple[Any, ...]]
    examples: int = 300
    """In the ordinary suite."""
    raw: bool = False
    """It takes bytes as they come: a coverage-guided fuzzer changes those itself."""
    seeds: Callable[[], tuple[str, ...]] = tuple
    """Good inputs to begin with, for such a fuzzer."""


def _one(strategy: SearchStrategy[Any]) -> SearchStrategy[tuple[Any, ...]]:
    return st.tuples(strategy)


def _texts() -> SearchStrategy[str]:
    return st.one_of(inputs.broken(inputs.scenarios()), inputs.word_soup(), inputs.anything())


# -------------------------------------------------------------------------------------------------------- command line

_VALUES = (
    "",
    "-",
    "--",
    "paid.scn",
    "broken.scn",
    "facts.jsonl",
    "missing",
    ".",
    "..",
    "../../up",
    "templates",
    "scn.toml",
    "note",
    "ann",
    "nobody",
    "HEAD",
    "--output",
    "json",
    "csv",
    "text",
    "junit",
    "sarif",
    "github",
    "each",
    "0",
    "-1",
    "99999999999999999999",
    "2026-03-01T10:00",
    "2026-03-01T10:05",
    "0001-01-01",
    "9999-12-31",
    "2026-02-30",
    "sqlite:x.db",
    "sqlite:",
    "postgresql://x",
    "mysql://x",
    "A=B",
    "=",
    "a\nb",
    "a\udcff",
    "\x1b[2J",
    "\u202e",
    "'; DROP TABLE journey; --",
    "a" * 5000,
    "quiet",
    "send-without-limit",
    "bash",
    "[",
    "*",
    "(?P<",
)


def _options() -> tuple[str, ...]:
    """Of all commands."""
    import importlib

    import click

    found = {"--project", "--database", "--help", "--version", "-h", "-o", "--nonsense"}
    for name in COMMANDS:
        command: click.Command = importlib.import_module(f"interpreter.commands.{name}").command
        found |= {spelling for parameter in command.params if isinstance(parameter, click.Option) for spelling in parameter.opts}
    # `--open` starts a browser.
    return tuple(sorted(found - {"--open"}))


@st.composite
def _arguments(draw: st.DrawFn) -> tuple[list[str], bytes, dict[str, str]]:
    # Without `serve` and an endless `run`: they are to go on for ever.
    name = draw(st.sampled_from(sorted({*COMMANDS, *LATER, "nonsense", ""} - {"serve"})))
    free = inputs.anything().map(lambda text: text.replace("\0", "").replace("/", ""))
    word = st.one_of(st.sampled_from(_OPTIONS), st.sampled_from(_VALUES), st.sampled_from(_VALUES), free)
    words = draw(st.lists(word, max_size=5))
    stdin = draw(st.one_of(st.just(b""), st.binary(max_size=20), _texts().map(inputs.as_bytes), inputs.facts().map(inputs.as_bytes)))
    value = st.sampled_from(("", "0", "1", "x" * 300, "\x1b[1m", "a\udcff", "-5", "C", "99999999999"))
    names = ("COLUMNS", "LINES", "TERM", "FORCE_COLOR", "LANG", "LC_ALL", "CI", "GITHUB_ACTIONS", "HOME", "PYTHONIOENCODING", "SCN_SECRET")
    environment = draw(st.dictionaries(st.sampled_from(names), value, max_size=2))
    if name == "run":
        words = ["--tick", *words]
    return [name, *words], stdin, environment


_OPTIONS = _options()

# ------------------------------------------------------------------------------------------------------------- server

_LINK = properties._LINKS.url("ann", "email", "news", "1-1-1").removeprefix("https://shop.example/scn").encode()


@st.composite
def _requests(draw: st.DrawFn) -> tuple[str, bytes, bytes, list[tuple[bytes, bytes]], list[bytes]]:
    method = draw(st.sampled_from(("GET", "POST", "HEAD", "PUT", "OPTIONS", "DELETE", "GE\0T", "")))
    bad = draw(st.binary(max_size=30))
    place = draw(st.integers(3, len(_LINK) - 1))
    path = draw(
        st.sampled_from(
            (b"/u/" + bad, b"/" + bad, _LINK[:place] + bad + _LINK[place + 1 :] + b"!", b"/scn" + _LINK[:place], b"/u/" + b"a" * 5000, b"")
        )
    )
    names = st.sampled_from((b"accept-language", b"host", b"content-type", b"content-length", b"cookie", b"x-forwarded-for", b"accept"))
    values = st.one_of(
        st.binary(max_size=20), st.sampled_from((b"ru", b"application/x-www-form-urlencoded", b"-1", b"multipart/form-data"))
    )
    return (
        method,
        path,
        draw(st.binary(max_size=20)),
        draw(st.lists(st.tuples(names, values), max_size=4)),
        draw(st.lists(st.one_of(st.binary(max_size=50), st.just(b"scope=channel"), st.just(b"a" * 5000)), max_size=3)),
    )


@st.composite
def _tokens(draw: st.DrawFn) -> str:
    """A link's own token with at least one sign of it changed, cut or moved, one of another secret, or any text."""
    good = _LINK.removeprefix(b"/u/").decode()
    place = draw(st.integers(0, len(good) - 1))
    match draw(st.integers(0, 3)):
        case 0:
            return draw(inputs.anything())
        case 1:
            return good[:place] + draw(st.text(max_size=3)) + "~" + good[place:]
        case 2:
            return good[:place]
        case _:
            left, _, right = good.rpartition(".")
            return f"{draw(st.text(min_size=1, max_size=5))}{left}.{right}"


def _history() -> SearchStrategy[list[str]]:
    good = st.sampled_from(inputs.sample_facts())
    return st.lists(st.one_of(good, inputs.facts()), min_size=1, max_size=8)


def _lines() -> SearchStrategy[bytes]:
    return st.one_of(st.lists(inputs.facts(), max_size=4).map("\n".join).map(inputs.as_bytes), st.binary(max_size=200))


TARGETS: dict[str, Target] = {
    "scenario text": Target(properties.scenario, _one(_texts()), examples=120),
    "scenario bytes": Target(properties.scenario_bytes, _one(st.binary(max_size=300)), 100, raw=True, seeds=inputs.scenarios),
    "fixes": Target(properties.fixes, _one(inputs.broken(inputs.scenarios())), examples=40),
    "fact lines": Target(properties.fact_lines, _one(_lines()), 150, raw=True, seeds=inputs.sample_facts),
    "facts": Target(properties.one_fact, _one(inputs.facts()), examples=250),
    "sheets": Target(properties.sheet, _one(inputs.sheets()), 150, raw=True, seeds=lambda: inputs.SHEETS),
    "history": Target(properties.history, _one(_history()), examples=30),
    "families": Target(properties.families, _one(_history()), examples=30),
    "config": Target(properties.config, _one(inputs.toml()), examples=150),
    "config bytes": Target(properties.config_bytes, _one(st.binary(max_size=200)), 100, raw=True, seeds=lambda: inputs._TOML_GOOD),
    "meta": Target(properties.meta, _one(inputs.meta()), examples=100),
    "template": Target(properties.template, st.tuples(inputs.templates(), inputs.templates(), inputs.anything()), examples=40),
    "letter": Target(properties.one_letter, st.tuples(*(inputs.anything() for _ in range(4))), examples=150),
    "command line": Target(properties.command_line, _arguments(), examples=100),
    "request": Target(properties.request, _requests(), examples=100),
    "token": Target(properties.token, _one(_tokens()), examples=200),
}
