"""By what a step is known over an edit (`engine.md` §6): the name given by `as`, else keyword and target; of a wait its form."""

from __future__ import annotations

from hashlib import blake2b

from dsl import nodes


def identity(step: nodes.Step) -> tuple[str, ...]:
    """The words that stay the same."""
    if step.label:
        return ("as", step.label.text)
    match step:
        case nodes.Wait():
            return ("wait", "at" if step.at else "")
        case nodes.WaitUntil():
            return ("wait until", "weekday" if step.weekday else "time")
        case nodes.WaitUntilDate():
            return ("wait until", "date")
        case nodes.WaitForEvent():
            return ("wait up to", *(subject.text for subject in step.event.subjects))
        case nodes.Split():
            return ("split", step.name.text)
        case _:
            return _of_act(step) or (type(step).__name__.lower(),)


def _of_act(step: nodes.Step) -> tuple[str, ...] | None:
    match step:
        case nodes.Send():
            return ("send", step.template.text)
        case nodes.Set():
            return ("set", step.field.text)
        case nodes.Call():
            return ("call", step.name.text)
        case nodes.IssuePromo():
            return ("issue", step.pool.text)
        case nodes.Award() | nodes.Deduct():
            return (type(step).__name__.lower(), step.account.text)
        case nodes.AddTo() | nodes.RemoveFrom():
            return ("add to" if isinstance(step, nodes.AddTo) else "remove from", step.kind, step.name.text)
    return None


def heard_as(step: nodes.WaitForEvent) -> str:
    """What a wait waits for, by the text, which later releases print as this one does: journeys keep it."""
    from dsl.printer import print_node

    texts = [*identity(step), print_node(step.event), *([print_node(step.where)] if step.where is not None else [])]
    return blake2b("\n".join(texts).encode(), digest_size=8).hexdigest()
