"""Reads `scn.toml` into a `Config` and says all that is wrong with it, each mistake with its place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dsl.diagnostic import Diagnostic
from dsl.diagnostic import error
from dsl.forms import evolve
from dsl.source import Source
from dsl.source import Span
from dsl.spelling import closest
from interpreter.config import NO_FILE
from interpreter.config import ChannelConfig
from interpreter.config import Config
from interpreter.config import ConfigError
from interpreter.config import EndpointConfig
from interpreter.config import Settings
from interpreter.errors import UserError
from interpreter.project import toml_places
from interpreter.project.config_keys import CHANNEL
from interpreter.project.config_keys import ENDPOINTS
from interpreter.project.config_keys import KINDS
from interpreter.project.config_keys import PROJECT
from interpreter.project.config_keys import REQUIRED
from interpreter.project.config_keys import SECRETS
from interpreter.project.config_keys import SOURCE
from interpreter.project.config_keys import TABLES
from interpreter.project.config_keys import Reader


def read(path: Path, shown: str = "") -> Config:
    """Reads `scn.toml`; `shown` is its name in messages. Without the file: `NO_FILE`. Raises `ConfigError`."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return NO_FILE
    except OSError as problem:
        raise UserError(f"cannot read {shown or path}: {(problem.strerror or str(problem)).lower()}") from problem
    name = shown or str(path)
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as problem:
        line = data[: problem.start].count(b"\n") + 1
        raise UserError(f"{name}: line {line} is not UTF-8", "save the file as UTF-8") from problem
    return parse(Source(name, text))


def parse(source: Source) -> Config:
    """Reads the text of `scn.toml`. Raises `ConfigError` with every mistake."""
    import tomllib

    try:
        data = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as problem:
        raise ConfigError([_toml_mistake(source, str(problem))]) from problem
    except (ValueError, RecursionError) as problem:
        raise ConfigError([_toml_mistake(source, unreadable(problem))]) from problem
    config, diagnostics = _Builder(source).build(data)
    if diagnostics:
        raise ConfigError(diagnostics)
    return config


def unreadable(problem: ValueError | RecursionError) -> str:
    """What TOML allows and Python's reader does not take."""
    if isinstance(problem, RecursionError):
        return "expected a few lists and tables inside each other, found far too many"
    return "expected numbers of a few digits, found one of thousands"


def _toml_mistake(source: Source, text: str) -> Diagnostic:
    found = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", text)
    start = len(source.text)
    if found:
        text = text[: found.start()]
        if found[1]:
            start = sum(len(source.line(number)) + 1 for number in range(1, int(found[1]))) + int(found[2]) - 1
    start = min(start, max(len(source.text) - 1, 0))
    return error(
        "config", source, Span(start, start + 1), f"this is not TOML: {text[:1].lower()}{text[1:]}", "texts stand in quotes, lists in [ ]"
    )


class _Builder:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.places = toml_places.places(source.text)
        self.found: list[Diagnostic] = []

    def build(self, data: Mapping[str, Any]) -> tuple[Config, list[Diagnostic]]:
        for name in data:
            if name not in TABLES:
                self._unknown((name,), name, "scn.toml", TABLES)
        project = self._read(("project",), self._dict(("project",), data.get("project", {})), PROJECT)
        channels = {"email": ChannelConfig("email")}
        channels |= {name: self._channel(name, table) for name, table in self._tables("channels", data)}
        config = Config(
            channels=channels,
            calls={name: self._endpoint(("calls", name), table, ("http",)) for name, table in self._tables("calls", data)},
            writeback={
                name: self._endpoint(("writeback", name), table, ("http", "sql")) for name, table in self._tables("writeback", data)
            },
            sources=tuple(self._sources(data.get("source", []))),
            notes=() if "timezone" in project else ("scn.toml names no timezone: times are read in UTC",),
            project=Settings("project", project),
        )
        plain = {key: value for key, value in project.items() if key != "secret"}
        return evolve(config, **plain), sorted(self.found, key=lambda finding: finding.order)

    def _channel(self, name: str, table: Mapping[str, Any]) -> ChannelConfig:
        path = ("channels", name)
        kind = self._kind(path, table.get("kind", "file"), tuple(KINDS))
        values = self._read(path, table, {**CHANNEL, **KINDS[kind]} if kind else None)
        self._require(path, kind, values)
        rest = {key: value for key, value in values.items() if key not in CHANNEL}
        return ChannelConfig(
            name,
            kind,
            sender=values.get("from", ""),
            delivery=values.get("delivery", "at_most_once"),
            rate=values.get("rate"),
            reports_opens=values.get("reports_opens", False),
            settings=Settings(f"channels.{name}", rest),
        )

    def _endpoint(self, path: toml_places.Path, table: Mapping[str, Any], kinds: tuple[str, ...]) -> EndpointConfig:
        kind = self._kind(path, table.get("kind", "sql" if "query" in table and "sql" in kinds else "http"), kinds)
        values = self._read(path, table, ENDPOINTS[kind] if kind else None)
        self._require(path, kind, values)
        return EndpointConfig(
            str(path[-1]), kind, Settings(".".join(map(str, path)), {key: values[key] for key in values if key != "kind"})
        )

    def _sources(self, tables: Any) -> list[EndpointConfig]:
        if not isinstance(tables, list):
            self._mistake(("source",), "expected `[[source]]`, with two brackets: there may be several")
            return []
        found = []
        for number, table in enumerate(tables):
            path = ("source", number)
            values = self._read(path, self._dict(path, table), SOURCE)
            self._require(path, "sql", values)
            found.append(EndpointConfig(values.get("name", str(number + 1)), "sql", Settings(f"source {number + 1}", values)))
        return found

    def _tables(self, name: str, data: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
        return [(key, self._dict((name, key), table)) for key, table in self._dict((name,), data.get(name, {})).items()]

    def _read(self, path: toml_places.Path, table: Mapping[str, Any], readers: Mapping[str, Reader] | None) -> dict[str, Any]:
        values = {}
        for key, value in table.items():
            reader = readers.get(key) if readers is not None else None
            if readers is not None and reader is None:
                self._unknown((*path, key), key, f"[{_shown(path)}]", tuple(readers))
            elif reader:
                try:
                    values[key] = reader(value)
                except ValueError as problem:
                    # What stands where a secret belongs may be one: it must not get into logs.
                    found = "" if key in SECRETS else f", found {_found(value)}"
                    self._mistake((*path, key), f"`{key}`: {problem}{found}")
        return values

    def _kind(self, path: toml_places.Path, kind: Any, kinds: tuple[str, ...]) -> str:
        if kind in kinds:
            return str(kind)
        near = closest(str(kind), kinds)
        self._mistake(
            (*path, "kind"), f"there is no kind {_found(kind)}", f"did you mean `{near}`?" if near else f"possible: {', '.join(kinds)}"
        )
        return ""

    def _require(self, path: toml_places.Path, kind: str, values: Mapping[str, Any]) -> None:
        missing = [key for key in REQUIRED.get(kind, ()) if key not in values]
        wrong = {finding.span for finding in self.found}
        for key in missing:
            if toml_places.nearest(self.places, (*path, key)) not in wrong:
                self._mistake((*path, key), f"[{_shown(path)}] needs the key `{key}`")

    def _dict(self, path: toml_places.Path, value: Any) -> Mapping[str, Any]:
        if isinstance(value, dict):
            return value
        self._mistake(path, f"expected a table, [{_shown(path)}], found {_found(value)}")
        return {}

    def _unknown(self, path: toml_places.Path, key: str, where: str, possible: tuple[str, ...]) -> None:
        near = closest(key, possible)
        hint = f"did you mean `{near}`?" if near else f"possible: {', '.join(possible)}"
        self._mistake(path, f"unknown key `{key}` in {where}", hint)

    def _mistake(self, path: toml_places.Path, message: str, hint: str = "") -> None:
        self.found.append(error("config", self.source, toml_places.nearest(self.places, path), message, hint))


def _shown(path: toml_places.Path) -> str:
    return ".".join(str(part) for part in path if isinstance(part, str))


def _found(value: Any) -> str:
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    return f"`{shown if len(shown) <= 60 else shown[:57] + '…'}`"
