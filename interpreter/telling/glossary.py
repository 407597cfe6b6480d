"""What `scn explain` knows: checks, keywords, events, operations, states, reasons, channels, fields. Offline, from the code."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import cleandoc

import attrs

from dsl import catalog
from dsl import nodes
from dsl.checker import all_checks
from dsl.parser import parse
from dsl.source import Source
from dsl.words import WORDS
from interpreter.operations import PAYLOADS
from interpreter.telling import trade_words
from interpreter.telling.carried import carried

#: Findings that are made where files are read, outside of `dsl`.
OUTSIDE = {
    "config": """A mistake in `scn.toml`.

An unknown key does nothing, and what it was meant for is missed only when customers get letters they should not.
So every key and every value is looked at, and all mistakes are told at once.""",
    "encoding": """A file that is not UTF-8.

Letters of other encodings cannot be told apart reliably: `Отправлен` would never equal the status of an order.
Save the file as UTF-8 in your editor.""",
}


#: The kind of what marketers call so, and scn otherwise.
TRADE = "in the words of the trade"


@attrs.frozen(slots=True)
class Entry:
    """One thing that can be asked for."""

    kind: str
    """`check`, `keyword`, `event` …"""
    name: str
    page: str
    """Markdown; the first line says it all in short."""
    also: tuple[str, ...] = ()
    """Other names for it: the number of an event in events.md."""

    @property
    def summary(self) -> str:
        """The first line."""
        return self.page.partition("\n")[0]


def entries() -> Iterator[Entry]:
    """Everything, by kind."""
    for check in all_checks().values():
        yield Entry("check", check.name, f"{cleandoc(check.page)}\n\nSeverity: {check.severity.value}.")
    for name, page in OUTSIDE.items():
        yield Entry("check", name, f"{page}\n\nSeverity: error.")
    for word in WORDS.values():
        yield Entry("keyword", word.spelling, f"{word.meaning}\n\n    {word.example}\n\nPart: {word.part}.")
    for event in catalog.EVENTS.values():
        causes = [operation.name for operation in catalog.OPERATIONS.values() if event.key in operation.causes]
        yield Entry("event", event.key, _event(event, causes), (event.number, event.spelling))
    for operation in catalog.OPERATIONS.values():
        causes = [catalog.EVENTS[key].spelling for key in operation.causes]
        fields = "\n".join(f"- {name}: {meaning}" for name, _, meaning in carried(PAYLOADS[operation.name]))
        page = f"{operation.meaning}\n\n{fields}" + (f"\n\nMay cause: {_listed(causes)}." if causes else "")
        yield Entry("operation", operation.name, page)
    for entity in catalog.ENTITIES.values():
        fields = "\n".join(f"- `{entity.name}.{field.name}`: {field.meaning}" for field in entity.fields.values())
        yield Entry("entity", entity.name, f"{entity.meaning}\n\n{fields}")
        for field in entity.fields.values():
            yield Entry("field", f"{entity.name}.{field.name}", f"{field.meaning}\n\nType: {field.type.value}.")
    for channel in catalog.CHANNELS.values():
        yield Entry("channel", channel.name, f"{channel.meaning}\n\nNeeds: {channel.contact}.")
    for kind, words in _LISTS:
        for name, meaning in words.items():
            yield Entry(kind, name, meaning)
    for topic in trade_words.TOPICS:
        yield Entry(TRADE, topic.name, trade_words.page(topic), topic.also)


_LISTS = (
    ("state of a journey", catalog.JOURNEY_STATES),
    ("reason why a journey stopped", catalog.JOURNEY_REASONS),
    ("error of a journey", catalog.JOURNEY_ERRORS),
    ("reason why no journey started", catalog.REFUSALS),
    ("state of a message", catalog.MESSAGE_STATES),
    ("reason why a message was skipped", catalog.SKIP_REASONS),
    ("category of statuses", catalog.CATEGORIES),
    ("status of a subscription", catalog.SUBSCRIPTION_STATUSES),
    ("status of a card", catalog.CARD_STATUSES),
    ("kind of a promo pool", catalog.PROMO_KINDS),
    ("function over history", catalog.AGGREGATES),
)


def look_up(name: str) -> list[Entry]:
    """All entries of a name, letters of either case being the same; also of an event or a clause as a scenario writes it.

    `message opened` and `on order.status -> "paid"` are events, `stop on` and `wait up to` are told under their first word,
    `carts abandoned` is an abandoned cart.
    """
    words = name.split()
    spelling = " ".join(words)
    first = words[0] if len(words) > 1 and all(word in WORDS for word in words) else ""
    event = spelling.removeprefix("on ")
    topic = trade_words.topic(spelling)
    for wanted in (spelling, topic.name if topic else "", first, _written_event(event), event.replace(" ", ".")):
        found = [entry for entry in entries() if wanted.casefold() in {each.casefold() for each in (entry.name, *entry.also)}]
        if found:
            return found
    return []


def _written_event(text: str) -> str:
    """The name of the event that a scenario means by this text; empty: it is none."""
    parsed = parse(Source("", f"on {text}"))
    for statement in parsed.file.statements:
        for clause in statement.clauses if isinstance(statement, nodes.Scenario) else ():
            resolved = catalog.resolve(clause.event) if isinstance(clause, nodes.On) else None
            if isinstance(resolved, catalog.ResolvedEvent):
                return resolved.kind.key
    return ""


def check_names() -> list[str]:
    """Every name that a finding can have."""
    return [*all_checks(), *OUTSIDE]


def names() -> list[str]:
    """Every name that can be asked for."""
    return [name for entry in entries() for name in (entry.name, *entry.also)]


def _event(event: catalog.EventKind, causes: list[str]) -> str:
    lines = [event.meaning, "", f"    on {event.spelling}", "", f"Fields of: {_listed(event.contexts)}."]
    if causes:
        lines.append(f"Caused by: {_listed(causes)}.")
    if event.tx:
        lines.append("May start a transactional scenario.")
    return "\n".join(lines)


def _listed(words: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)
