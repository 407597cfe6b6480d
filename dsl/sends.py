"""Which channel a `send` means: what `by` says, else the consent asked for on the way, else the template's only one (language.md §2.2)."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping

from dsl import nodes
from dsl.catalog import Problem
from dsl.catalog import written_list
from dsl.project import TemplateTable


def channels_of(
    send: nodes.Send, gates: Iterable[nodes.Expression], templates: Mapping[str, TemplateTable] | None
) -> tuple[str, ...] | Problem:
    """The channels in the order they are tried; empty: cannot be known, since the template is not.

    gates: the conditions that are true on every way to this send, `and` taken apart (`flow.State.gates`).
    """
    if send.channels:
        return tuple(channel.text for channel in send.channels)
    if send.to:
        return ("email",)
    asked = {gate.channel.text for gate in gates if isinstance(gate, nodes.Subscribed)}
    if len(asked) == 1:
        return (asked.pop(),)
    table = templates.get(send.template.text) if templates is not None else None
    if table is None:
        return ()
    if len(table.channels) == 1:
        return table.channels
    known = f"`{send.template.text}` has texts for {written_list(table.channels, 'and')}" if table.channels else "the template has no text"
    message = f"through which channel `{send.template.text}` goes is not said"
    return Problem(send.template.span, message, f"{known}; write `send {send.template.text} by {(table.channels or ('email',))[0]}`")


def consents(condition: nodes.Expression) -> tuple[nodes.Subscribed, ...]:
    """Questions of which a true condition guarantees one to be answered with yes: `subscribed email or subscribed sms`; empty: none."""
    match condition:
        case nodes.Subscribed():
            return (condition,)
        case nodes.Or(parts=parts):
            each = [consents(part) for part in parts]
            return tuple(question for questions in each for question in questions) if all(each) else ()
        case nodes.And(parts=parts):
            return next((questions for part in parts if (questions := consents(part))), ())
        case _:
            return ()


def consent_channels(condition: nodes.Expression) -> frozenset[str]:
    """Channels of which a true condition guarantees one to be subscribed; empty: none."""
    return frozenset(question.channel.text for question in consents(condition))
