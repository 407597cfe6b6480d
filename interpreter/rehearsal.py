"""A rehearsal: the engine in memory and in virtual time, for tests and simulation. Nothing leaves the machine, no database is touched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from dsl.forms import evolve
from interpreter.delivery.certain import Certain
from interpreter.delivery.certain import certain
from interpreter.delivery.templates import Templates
from interpreter.delivery.terms import DeliveryReport
from interpreter.effects import PlanMessage
from interpreter.facts import Fact
from interpreter.phases.posting import Renderer
from interpreter.project.project_folder import Folder
from interpreter.rules import Rules
from interpreter.store.connection import PASSING
from interpreter.store.rehearsal import Rehearsed
from interpreter.store.sqlite import Store
from interpreter.stretches import StretchedEngine
from interpreter.view import View

#: What letters hold where a link to unsubscribe would be.
LINK = "https://unsubscribe.example/"


@attrs.frozen(slots=True)
class Stage:
    """What all rehearsals of a project share; made once, however many there are."""

    folder: Folder
    rules: Rules
    nobody: Rules
    """The same shop with no scenario: what happened before the launch starts nothing."""
    templates: Templates

    @classmethod
    def of(cls, folder: Folder, rules: Rules) -> Stage:
        """Of a compiled project."""
        nobody = Rules(evolve(rules.project, scenarios={}), timezone=rules.timezone, quiet_by_project=rules.quiet_by_project)
        return cls(folder, rules, nobody, Templates(folder.root / "templates"))

    def rehearsal(self, *, keep_letters: bool) -> Rehearsal:
        """An engine over an empty store. `keep_letters`: their texts will be asked for."""
        return Rehearsal(self.folder, self.rules, self.templates, keep_letters=keep_letters)


class Rehearsal:
    """An engine over a store of its own. What it decides to send counts as sent in the same tick."""

    def __init__(self, folder: Folder, rules: Rules, templates: Templates, *, keep_letters: bool) -> None:
        """`templates`: those of the folder, compiled once for many rehearsals. `keep_letters`: their texts will be asked for."""
        self.store = Store(PASSING)
        self.rules = rules
        self.writer = Writer(folder, templates, keep=keep_letters)
        self._rehearsed = Rehearsed(self.store.connection)
        self._writebacks = folder.config.writeback
        self._sent_is_fact = rules.hears_of_delivery
        self.engine = self.engine_of(rules)

    def begin_anew(self) -> None:
        """For another rehearsal of the same: nothing came in, nothing was decided."""
        self._rehearsed.clear()
        self.engine = self.engine_of(self.rules)

    def engine_of(self, rules: Rules) -> StretchedEngine:
        """An engine for these scenarios over the same store."""
        heard = _sent_facts if self._sent_is_fact else None
        return StretchedEngine(self.store, rules, self.writer, self._deliver, self._writebacks, sent_facts=heard)

    @property
    def rehearsed(self) -> Rehearsed:
        """What to ask the store about the rehearsal."""
        return self._rehearsed

    def _deliver(self, now: int) -> DeliveryReport:
        with self.store.transaction():
            sent = self._rehearsed.send_all(now)
            if sent and self._sent_is_fact:
                self.store.facts.add(_sent_facts(sent, now))
        return DeliveryReport(sent=len(sent))


class Writer:
    """Fills in the project's templates.

    One that is not there gives an empty letter: scenarios can be rehearsed before their letters are written.
    """

    def __init__(self, folder: Folder, templates: Templates, *, keep: bool) -> None:
        self._render = Renderer(templates, lambda customer, *_: LINK + customer, {"timezone": folder.config.timezone})
        self._names = frozenset(templates.names())
        self._keep = keep
        self._templates = templates
        self._certain: dict[tuple[str, str], Certain | None] = {}
        self.letters: dict[tuple[int, int], str] = {}
        """(journey, step) -> everything there is to read in the message."""
        self.missing: set[str] = set()
        """Templates that were asked for and are not there."""

    def __call__(self, effect: PlanMessage, scenario: str, view: View, key: str) -> tuple[str | None, dict[str, Any]]:
        """The subject and the content. Raises UnwritableError for a template that cannot be filled in."""
        if effect.template not in self._names:
            self.missing.add(effect.template)
            return None, {}
        place = (effect.template, effect.channel)
        known = self._certain.get(place)
        if known is not None and not effect.values and not self._keep and not known.doubtful(view):
            return known.subject_for(view), {}
        subject, content = self._render(effect, scenario, view, key)
        if place not in self._certain:
            # It has been written once, so it can be compiled.
            self._certain[place] = certain(self._templates, *place, view.project)
        if self._keep:
            journey, _, step = key.split("-")[:3]
            parts = [subject, *(content.get(name) for name in ("text", "html", "payload"))]
            self.letters[int(journey), int(step)] = "\n".join(_texts(parts))
        return subject, content


def _sent_facts(sent: Sequence[int], now: int) -> list[Fact]:
    return [_sent(number, now) for number in sent]


def _sent(message: int, now: int) -> Fact:
    data = {"message": message, "status": "sent"}
    return Fact(0, "message.status", f"sent:{message}", None, now, now, f"delivery {now}", "scenario", data)


def _texts(value: Any) -> list[str]:
    """Every text in it."""
    match value:
        case str():
            return [value]
        case list():
            return [text for item in value for text in _texts(item)]
        case dict():
            return [text for item in value.values() for text in _texts(item)]
        case _:
            return []
