"""Which event a text means, or what is wrong with it: one reader for each subject of events.md §1."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable

from dsl import nodes
from dsl.catalog_tables import CARD_STATUSES
from dsl.catalog_tables import CATEGORIES
from dsl.catalog_tables import EVENTS
from dsl.catalog_tables import MESSAGE_VERBS
from dsl.catalog_tables import OBSOLETE
from dsl.catalog_tables import SUBSCRIPTION_STATUSES
from dsl.catalog_tables import EventKind
from dsl.forms import Record
from dsl.source import Span
from dsl.spelling import closest
from dsl.spelling import question


class ResolvedEvent(Record):
    """Which event an `on`, `stop on`, `goal` or `wait up to` means, with its arguments as plain text."""

    kind: EventKind
    names: tuple[str, ...] = ()
    """Templates of messages or actions, segments, balances or promo pools; empty: any."""
    from_: tuple[str, ...] = ()
    """Status before; empty: any."""
    to: tuple[str, ...] = ()
    """Status after; empty: see `category`."""
    category: str | None = None
    """`delivered` in `-> category delivered`"""
    fields: tuple[str, ...] = ()
    """Names of fields without their entity: `bonus_level`."""
    channel: str | None = None
    topic: str | None = None
    amount: int | float | nodes.Percent | None = None
    list_name: str | None = None
    """None: any list."""
    any_of: bool = False
    """`any order.status …`: of any order of the customer, not of the journey's own. Never for `any line.status`: it says any line."""


class Problem(Record):
    """Why a text is no event: a sentence, and what to write instead."""

    span: Span
    message: str
    hint: str = ""
    replacement: str | None = None
    """Put in place of `span`, the event is right."""


def written_list(words: Iterable[str], joint: str = "or") -> str:
    """`a`, `b` or `c`, as shown in messages."""
    quoted = [f"`{word}`" for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {joint} {quoted[-1]}"


class _NoEventError(Exception):
    """Carries a problem out of the depth of `resolve`; never leaves this module."""

    def __init__(self, span: Span, message: str, hint: str = "", replacement: str | None = None) -> None:
        super().__init__(message)
        self.problem = Problem(span, message, hint, replacement)


def resolve(event: nodes.Event) -> ResolvedEvent | Problem:
    """Which event is meant. Words of the shop (statuses, templates) are not judged here."""
    try:
        return _resolve(event)
    except _NoEventError as error:
        return error.problem


def resolve_trigger(clause: nodes.On | nodes.Every) -> ResolvedEvent | Problem:
    """The event that starts journeys by this clause; `every` provides the customer only."""
    return ResolvedEvent(EVENTS["every"]) if isinstance(clause, nodes.Every) else resolve(clause.event)


def _resolve(event: nodes.Event) -> ResolvedEvent:
    subject = event.subjects[0]
    head, _, rest = subject.text.partition(".")
    _refuse_obsolete(event)
    reader = _SUBJECTS.get(subject.text) or (_SUBJECTS.get(f"{head}.*") if rest else None)
    if reader is None:
        dotted = next((kind for kind in EVENTS.values() if subject.text == kind.spelling.replace(" ", ".")), None)
        if dotted:
            raise _NoEventError(subject.span, f"unknown event `{subject.text}`", f"write `{dotted.spelling}`", dotted.spelling)
        known = [word for word in _SUBJECTS if "*" not in word]
        near = closest(subject.text, known)
        hint = question(subject.text, near) if near else f"expected {written_list(known)}"
        raise _NoEventError(subject.span, f"no event is about `{subject.text}`", hint, near)
    if len(event.subjects) > 1 and not rest:
        raise _NoEventError(event.subjects[1].span, f"`{subject.text}` stands alone", "write a second `on` for another event")
    return reader(event)


def _refuse_obsolete(event: nodes.Event) -> None:
    words = ".".join([event.subjects[0].text, *(name.text for group in event.words for name in group)])
    for old, new in OBSOLETE.items():
        if words == old or words.startswith(old + "."):
            raise _NoEventError(event.span, f"`{words}` is obsolete in the source system", f"use `{new}`")


def _unknown(what: str, name: nodes.Name, known: Iterable[str], owner: str = "") -> _NoEventError:
    words = list(known)
    near = closest(name.text, words)
    hint = question(name.text, near) if near else f"expected {written_list(words)}"
    return _NoEventError(name.span, f"unknown {what} `{name.text}`{owner}", hint, near)


def _no_more(event: nodes.Event, *, allow: str = "") -> None:
    """Refuses the parts of an event that its subject does not know."""
    allowed = allow.split()
    spelled = {
        "topic": event.topic and event.topic.span,
        "arrow": (event.values[0].span if event.values else None) or (event.category and event.category.span),
        "amount": event.span if event.amount is not None else None,
        "place": event.span if event.place else None,
    }
    shown = {"topic": "`to …`", "arrow": "an arrow", "amount": "an amount", "place": f"`{event.place} …`"}
    for part, span in spelled.items():
        if span and part not in allowed:
            raise _NoEventError(span, f"`{event.subjects[0].text}` does not go with {shown[part]}", _examples(event.subjects[0].text))


def _examples(subject: str) -> str:
    head = subject.partition(".")[0]
    spellings = [
        kind.spelling
        for kind in EVENTS.values()
        if kind.key != "every" and kind.spelling.removeprefix("any ").startswith((head + " ", head + "."))
    ]
    return f"write {written_list(spellings)}" if spellings else ""


def _verb(event: nodes.Event, verbs: Iterable[str], *, named: bool | None = None, what: str = "") -> tuple[str, tuple[str, ...]]:
    """The verb at the end, and the names before it. named: True needs a name, False refuses one, None leaves it free."""
    subject = event.subjects[0].text
    groups = event.words
    if not groups:
        raise _NoEventError(event.span, f"`{subject}` needs a verb", _examples(subject))
    last, names = groups[-1], groups[0] if len(groups) > 1 else ()
    known = list(verbs)
    if last[0].text not in known:
        if len(groups) == 1 and named is not False and closest(last[0].text, known) is None:
            raise _NoEventError(last[0].span, f"`{subject} {last[0].text}` needs a verb", f"expected {written_list(known)} after it")
        raise _unknown("verb", last[0], known, f" for `{subject}`")
    if len(last) > 1:
        raise _NoEventError(last[1].span, "only one verb can stand here", f"write a second `on {subject} … {last[1].text}`")
    if names and named is False:
        raise _NoEventError(names[0].span, f"`{subject}` takes no name here", f"write `{subject} {last[0].text}`")
    if not names and named:
        raise _NoEventError(last[0].span, f"`{subject} {last[0].text}` needs the name of {what}", _examples(subject))
    return last[0].text, _texts(names)


def _texts(names: Iterable[nodes.Name]) -> tuple[str, ...]:
    return tuple(name.text for name in names)


def _plain(verbs: dict[str, str]) -> Callable[[nodes.Event], ResolvedEvent]:
    """`SUBJECT VERB` without anything else."""

    def read(event: nodes.Event) -> ResolvedEvent:
        subject = event.subjects[0].text
        if event.values and subject == "order":
            raise _NoEventError(event.subjects[0].span, "an order has no arrow, its status has", "write `order.status`", "order.status")
        if event.words and subject == "order" and event.words[0][0].text not in verbs and closest(event.words[0][0].text, verbs) is None:
            word = event.words[0][0]
            raise _NoEventError(word.span, f"unknown verb `{word.text}` for `order`", f'for a status write `order.status -> "{word.text}"`')
        _no_more(event)
        return ResolvedEvent(EVENTS[verbs[_verb(event, verbs, named=False)[0]]], any_of=event.any_of)

    return read


def _named(prefix: str, verbs: tuple[str, ...], *, what: str, needed: bool) -> Callable[[nodes.Event], ResolvedEvent]:
    """`SUBJECT NAME VERB`"""

    def read(event: nodes.Event) -> ResolvedEvent:
        _no_more(event)
        verb, names = _verb(event, verbs, named=needed or None, what=what)
        return ResolvedEvent(EVENTS[f"{prefix}.{verb}"], names=names, any_of=event.any_of)

    return read


def _status(key: str) -> Callable[[nodes.Event], ResolvedEvent]:
    """`SUBJECT.status [FROM] -> TO`"""

    def read(event: nodes.Event) -> ResolvedEvent:
        subject = event.subjects[0]
        if key == "line.status" and not event.any_of:
            raise _NoEventError(subject.span, "which line is not said", "write `any line.status`", "any line.status")
        if not event.values and event.category is None:
            wanted = event.words[0][0].text if event.words and event.words[0][0].text != "changed" else "…"
            raise _NoEventError(event.span, f"`{subject.text}` needs an arrow", f'write `{subject.text} -> "{wanted}"`')
        if len(event.words) > 1:
            raise _NoEventError(
                event.words[1][0].span, "only one status can stand before the arrow", 'alternatives: `"new" | "paid" -> "shipped"`'
            )
        _no_more(event, allow="arrow")
        category = event.category
        if key == "card.status":
            if category:
                raise _NoEventError(category.span, "a card has no category of status", "write `card.status -> activated`")
            for name in (*event.values, *(event.words[0] if event.words else ())):
                if name.text not in CARD_STATUSES:
                    raise _unknown("status of a card", name, CARD_STATUSES)
        elif category and category.text not in CATEGORIES:
            raise _unknown("category", category, CATEGORIES)
        return ResolvedEvent(
            EVENTS[key],
            from_=_texts(event.words[0]) if event.words else (),
            to=_texts(event.values),
            category=category.text if category else None,
            any_of=event.any_of and key != "line.status",
        )

    return read


def _action(event: nodes.Event) -> ResolvedEvent:
    _no_more(event)
    if len(event.words) != 1:
        raise _NoEventError(event.span, "`action` needs the name of its template, and no verb", 'write `action "quiz_done"`')
    return ResolvedEvent(EVENTS["action"], names=_texts(event.words[0]), any_of=event.any_of)


def _subscription(event: nodes.Event) -> ResolvedEvent:
    _no_more(event, allow="topic arrow")
    if len(event.words) != 1 or len(event.words[0]) != 1:
        span = event.words[0][1].span if event.words and len(event.words[0]) > 1 else event.span
        raise _NoEventError(
            span, "`subscription` needs one channel", "write `subscription email -> subscribed`, and a second `on` for another channel"
        )
    if not event.values:
        raise _NoEventError(event.span, "`subscription` needs an arrow and a status", "write `subscription email -> subscribed`")
    for name in event.values:
        if name.text not in SUBSCRIPTION_STATUSES:
            raise _unknown("status of a subscription", name, SUBSCRIPTION_STATUSES)
    return ResolvedEvent(
        EVENTS["subscription"],
        to=_texts(event.values),
        channel=event.words[0][0].text,
        topic=event.topic.text if event.topic else None,
        any_of=event.any_of,
    )


def _list(event: nodes.Event) -> ResolvedEvent:
    _no_more(event)
    _, names = _verb(event, ("changed",), named=True, what="a list")
    if len(names) > 1:
        raise _NoEventError(event.words[0][1].span, "only one list can stand here", "write a second `on list … changed`")
    return ResolvedEvent(EVENTS["list.changed"], list_name=names[0], any_of=event.any_of)


_CONTACT_VERBS = ("changed", "confirmed")


def _customer_field(event: nodes.Event) -> ResolvedEvent:
    _no_more(event)
    fields = _same_entity(event)
    contact = next((subject for subject in event.subjects if subject.text in ("customer.email", "customer.phone")), None)
    if contact and len(event.subjects) == 1:
        verb, _ = _verb(event, _CONTACT_VERBS, named=False)
        return ResolvedEvent(EVENTS[f"{fields[0]}.{verb}"], any_of=event.any_of)
    if contact:
        raise _NoEventError(contact.span, f"`{contact.text}` is an event of its own", f"write a second `on {contact.text} changed`")
    _verb(event, ("changed",), named=False)
    return ResolvedEvent(EVENTS["customer.field"], fields=fields, any_of=event.any_of)


def _product(event: nodes.Event) -> ResolvedEvent:
    if len(event.words) == 2 and event.words[0][0].text == "action":
        _no_more(event)
        return ResolvedEvent(EVENTS["product.action"], names=_texts(event.words[1]), any_of=event.any_of)
    verb, _ = _verb(event, ("bought", "viewed", "added", "restocked", "sold_out", "action"), named=False)
    if verb == "action":
        raise _NoEventError(event.span, "`product action` needs the name of its template", 'write `product action "compared"`')
    if verb in ("bought", "viewed"):
        _no_more(event)
        return ResolvedEvent(EVENTS[f"product.{verb}"], any_of=event.any_of)
    if verb == "added":
        _no_more(event, allow="place")
        if event.place != "to list":
            raise _NoEventError(event.span, "where the product was added is not said", 'write `product added to list "cart"`')
        return ResolvedEvent(EVENTS["list.added"], list_name=_list_name(event), any_of=event.any_of)
    _no_more(event, allow="place")
    return ResolvedEvent(EVENTS[f"{_place(event)}.{verb}"], list_name=_list_name(event), any_of=event.any_of)


def _product_field(event: nodes.Event) -> ResolvedEvent:
    fields = _same_entity(event)
    verbs = ("drops", "rises", "changed") if fields == ("price",) else ("changed",)
    verb, _ = _verb(event, verbs, named=False)
    if fields == ("price",) and verb == "changed":
        raise _NoEventError(event.span, "a price drops or rises", 'write `product.price drops 10% in list "wishlist"`')
    if verb == "changed":
        _no_more(event, allow="place")
        return ResolvedEvent(EVENTS[f"{_place(event)}.field"], fields=fields, list_name=_list_name(event), any_of=event.any_of)
    _no_more(event, allow="place amount")
    if event.amount is None:
        raise _NoEventError(event.span, f"by how much the price {verb} is not said", f"write `{verb} 10%` or `{verb} 500`")
    return ResolvedEvent(
        EVENTS[f"{_place(event)}.price_{verb}"], fields=fields, amount=event.amount, list_name=_list_name(event), any_of=event.any_of
    )


def _same_entity(event: nodes.Event) -> tuple[str, ...]:
    head = event.subjects[0].text.partition(".")[0]
    for subject in event.subjects:
        if subject.text.count(".") != 1 or not subject.text.startswith(head + "."):
            raise _NoEventError(subject.span, f"expected a field of `{head}`, found `{subject.text}`", f"write it as `{head}.field`")
    return tuple(subject.text.partition(".")[2] for subject in event.subjects)


def _place(event: nodes.Event) -> str:
    if event.place == "in list":
        return "list"
    if event.place == "in views":
        return "views"
    hint = 'end it with `in list "wishlist"`, `in list` (any list) or `in views`'
    raise _NoEventError(event.span, "whose products are meant is not said", hint)


def _list_name(event: nodes.Event) -> str | None:
    return event.list_name.text if event.list_name else None


_SUBJECTS: dict[str, Callable[[nodes.Event], ResolvedEvent]] = {
    "session": _plain({"ended": "session.ended"}),
    "order": _plain({"created": "order.created", "changed": "order.changed"}),
    "order.status": _status("order.status"),
    "line.status": _status("line.status"),
    "product": _product,
    "product.*": _product_field,
    "list": _list,
    "action": _action,
    "message": _named("message", tuple(MESSAGE_VERBS), what="a template", needed=False),
    "customer": _plain({verb: f"customer.{verb}" for verb in ("created", "registered", "merged", "changed", "edited")}),
    "customer.*": _customer_field,
    "code": _plain({"requested": "code.requested"}),
    "subscription": _subscription,
    "segment": _named("segment", ("entered", "left"), what="a segment", needed=True),
    "balance": _named("balance", ("negative", "available", "changed"), what="a balance", needed=True),
    "promo": _named("promo", ("issued", "redeemed", "referred"), what="a pool", needed=False),
    "card": _plain({"replaced": "card.replaced"}),
    "card.status": _status("card.status"),
}
