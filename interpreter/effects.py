"""What a decision does to the world, as values. The tick carries them out."""

from __future__ import annotations

from typing import Any

import msgspec

from dsl import nodes
from interpreter.journey import SkipReason


class PlanMessage(msgspec.Struct, frozen=True):
    """A message to be made and delivered."""

    step: int
    template: str
    channel: str
    to: str
    staff: bool
    transactional: bool
    topic: str | None
    values: tuple[tuple[str, object], ...]
    """Of `with`."""
    deadline: int
    """Decision moment + `valid`: delivery is tried until then."""
    quiet: tuple[nodes.Quiet, ...] = ()
    """The quiet hours of this send, policies included: a later attempt waits them out."""


class SkipMessage(msgspec.Struct, frozen=True):
    """A message that was not made."""

    step: int
    template: str
    channel: str
    reason: SkipReason
    transactional: bool


class SetField(msgspec.Struct, frozen=True):
    """`set ENTITY.FIELD value`: becomes a fact, and goes to the shop through its write-back."""

    step: int
    entity: str
    field: str
    value: object
    seen: object
    """What the field held when it was decided: the shop may refuse when it holds something else by now."""


class Tell(msgspec.Struct, frozen=True):
    """What happens in the shop by a step: points awarded, a list or a segment changed. Becomes a fact."""

    step: int
    op: str
    data: tuple[tuple[str, Any], ...]


class IssueCode(msgspec.Struct, frozen=True):
    """`issue promo POOL [as NAME]`"""

    step: int
    pool: str
    name: str | None


class CallOut(msgspec.Struct, frozen=True):
    """`call NAME`: a webhook."""

    step: int
    name: str
    values: tuple[tuple[str, object], ...]
    deadline: int


Effect = PlanMessage | SkipMessage | SetField | Tell | IssueCode | CallOut
