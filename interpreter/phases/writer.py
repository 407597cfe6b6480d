"""Letters: an effect of a decision becomes a message with its text, rendered at the moment of the decision (`engine.md` §2)."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from typing import Any
from typing import Protocol

from interpreter.effects import CallOut
from interpreter.effects import PlanMessage
from interpreter.effects import SetField
from interpreter.effects import SkipMessage
from interpreter.journey import Failure
from interpreter.journey import Journey
from interpreter.program import Scenario
from interpreter.store.messages import NewMessage
from interpreter.store.messages import message_key
from interpreter.view import View

#: How long a call or write-back of a step without validity is tried, in seconds.
DAY = 86_400


class UnwritableError(Exception):
    """Why the step group cannot happen."""

    def __init__(self, failure: Failure, sentence: str) -> None:
        """With what becomes of the journey."""
        super().__init__(sentence)
        self.failure = failure


class Renderer(Protocol):
    """Makes the text of a message."""

    def __call__(self, effect: PlanMessage, scenario: str, view: View, key: str) -> tuple[str | None, dict[str, Any]]:
        """The subject and the content for the channel. Raises UnwritableError."""


class Letters:
    """Makes messages; hands out their ids."""

    def __init__(self, take_id: Callable[[], int], render: Renderer, writebacks: Mapping[str, object]) -> None:
        """`writebacks`: the entities whose changes go to the shop."""
        self._take_id = take_id
        self._render = render
        self._writebacks = writebacks

    def _begun(self, kind: str, journey: Journey, step: int) -> tuple[int, str, int, int, int, int, int]:
        """What every message begins with: its id, its kind, and the step it comes from."""
        return self._take_id(), kind, journey.customer, journey.id, journey.version, step, journey.scenario

    def write(self, effect: PlanMessage, journey: Journey, program: Scenario, view: View) -> NewMessage:
        """A message to deliver. Raises UnwritableError for a template that cannot be filled in."""
        subject, content = self._render(effect, program.name, view, message_key(journey.id, journey.version, effect.step))
        return NewMessage(
            *self._begun("message", journey, effect.step),
            effect.template,
            effect.channel,
            effect.to,
            journey.order,
            view.now,
            "planned",
            None,
            effect.transactional,
            effect.staff,
            effect.deadline,
            subject,
            content,
        )

    def skipped(self, effect: SkipMessage, journey: Journey, view: View) -> NewMessage:
        """A message that is only recorded."""
        return NewMessage(
            *self._begun("message", journey, effect.step),
            effect.template,
            effect.channel,
            None,
            journey.order,
            view.now,
            "skipped",
            effect.reason.value,
            effect.transactional,
            staff=False,
            deadline=None,
        )

    def call(self, effect: CallOut, journey: Journey, view: View) -> NewMessage:
        """A call of a webhook."""
        values = {"customer": view.customer.key, "order": view.order.key if view.order else None, **dict(effect.values)}
        return self._request(journey, view, effect.step, "call", effect.name, effect.name, effect.deadline, values)

    def write_back(self, effect: SetField, journey: Journey, view: View) -> list[NewMessage]:
        """The change of a `set`, on its way to the shop; nothing where no write-back is configured."""
        if effect.entity not in self._writebacks:
            return []
        order = view.order if effect.entity == "order" else None
        values = {
            "id": order.key if order is not None else view.customer.key,
            "customer": view.customer.key,
            "field": effect.field,
            "value": effect.value,
            "seen": effect.seen,
        }
        name = f"{effect.entity}.{effect.field}"
        return [self._request(journey, view, effect.step, "writeback", effect.entity, name, view.now + DAY, values)]

    def _request(
        self, journey: Journey, view: View, number: int, kind: str, to: str, template: str, deadline: int, values: Mapping[str, Any]
    ) -> NewMessage:
        """What goes to a system instead of a person, through the channel `KIND NAME`."""
        return NewMessage(
            *self._begun(kind, journey, number),
            template,
            f"{kind} {to}",
            to,
            journey.order,
            view.now,
            "planned",
            None,
            transactional=False,
            staff=True,
            deadline=deadline,
            content={"values": dict(values)},
        )
