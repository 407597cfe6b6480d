"""`scn.toml`: the project's zone, database, channels and connections, read once into values that do not change.

Every mistake of the file is found in one go, with its place. Secrets stand as `env:NAME` and are looked up only when they are needed,
so that `scn validate` works where there are none. `config_reader` reads it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from dsl.diagnostic import Diagnostic
from dsl.forms import Record
from dsl.forms import part
from dsl.nodes import Duration
from interpreter.errors import UserError

FILE_NAME = "scn.toml"

ONE_DAY = Duration(days=1)

_SECRET = re.compile(r"(?<!\S)env:([A-Za-z_]\w*)")


class ConfigError(UserError):
    """What is wrong with `scn.toml`: every mistake, each with its place."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        lines = []
        for finding in diagnostics:
            place = finding.source.position(finding.span.start)
            lines.append(
                f"{finding.source.path}:{place.line}:{place.column}: {finding.message}" + (f" ({finding.hint})" if finding.hint else "")
            )
        super().__init__("\n     ".join(lines))
        self.diagnostics = tuple(diagnostics)


class Settings(Record):
    """The keys of one table, defaults not filled in; whatever holds `env:NAME` is looked up when it is asked for."""

    place: str
    """`channels.email`, for messages."""
    values: Mapping[str, Any] = part(factory=dict)

    def text(self, key: str, default: str = "") -> str:
        """A text with its secrets; a missing environment variable is a `UserError`."""
        return self._open(key, str(self.values.get(key, default)))

    def number(self, key: str, default: float) -> float:
        """A number; lengths of time in seconds."""
        return float(self.values.get(key, default))

    def table(self, key: str) -> dict[str, str]:
        """A table of texts with their secrets: `headers`."""
        return {name: self._open(f"{key}.{name}", str(value)) for name, value in self.values.get(key, {}).items()}

    def _open(self, key: str, text: str) -> str:
        return _SECRET.sub(lambda match: _environment(match[1], f"{self.place}.{key}"), text)


class ChannelConfig(Record):
    """`[channels.NAME]`"""

    name: str
    kind: str = "file"
    """`file`, `console`, `smtp`, `http`, `apprise` or `webpush`"""
    sender: str = ""
    """The key `from`."""
    delivery: str = "at_most_once"
    """Or `at_least_once`: what happens to a message of which nobody knows whether it left."""
    rate: float | None = None
    """Messages a second at most; None: as fast as it goes."""
    reports_opens: bool = False
    """Somebody tells scn, by `message.status`, that a message was opened or clicked."""
    settings: Settings = part(factory=lambda: Settings("channels"))


class EndpointConfig(Record):
    """`[calls.NAME]`, `[writeback.ENTITY]`, `[[source]]`: where to reach something outside, by `http` or `sql`."""

    name: str
    kind: str
    settings: Settings


class Config(Record):
    """All of `scn.toml`, defaults filled in."""

    timezone: str = "UTC"
    """The project's zone, an IANA name."""
    database: str = "sqlite:scn.db"
    valid: Duration = ONE_DAY
    """How long an act stays relevant when the scenario does not say."""
    quiet_zone: str = "customer"
    """`customer` or `project`: on whose clock quiet hours are read."""
    holidays: str = ""
    """Country of the holidays library, `RU` or `RU-MOW`; empty: no day is a holiday."""
    confirm: tuple[str, ...] = ()
    """The kinds of contact that customers are asked to confirm: `email`, `phone`."""
    pressure: int = 7
    """Messages within 7 days that are not too many for a customer: what `scn validate` warns beyond."""
    public_url: str = ""
    """Where `scn serve` is reached from outside, without a slash at the end; empty: no unsubscribe links."""
    only_to: tuple[str, ...] = ()
    """Patterns of addresses that may be written to; empty: all."""
    channels: Mapping[str, ChannelConfig] = part(factory=lambda: {"email": ChannelConfig("email")})
    calls: Mapping[str, EndpointConfig] = part(factory=dict)
    writeback: Mapping[str, EndpointConfig] = part(factory=dict)
    sources: tuple[EndpointConfig, ...] = ()
    notes: tuple[str, ...] = ()
    """Worth saying once, on stderr."""
    project: Settings = part(factory=lambda: Settings("project"))

    @property
    def secret(self) -> str:
        """What links are signed with; empty when none is set. A missing environment variable is a `UserError`."""
        return self.project.text("secret")


NO_FILE = Config(notes=(f"no {FILE_NAME} here: times are read in UTC; `scn init` makes one",))


def _environment(name: str, place: str) -> str:
    value = os.environ.get(name)
    if value is None:
        raise UserError(f"the environment variable `{name}` is not set", f"{FILE_NAME} asks for it as {place}")
    return value
