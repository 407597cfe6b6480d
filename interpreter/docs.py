"""`make docs`: the parts of `docs/reference` that the code knows better than any author, written anew between their markers.

A part stands between `<!-- generated: NAME -->` and `<!-- end -->`; around it people write. Nothing of this is imported by the command.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from inspect import cleandoc
from pathlib import Path
from typing import Any

from dsl import catalog
from dsl.checker import all_checks
from dsl.words import WORDS
from interpreter.commands import COMMANDS
from interpreter.commands import LATER
from interpreter.operations import PAYLOADS
from interpreter.telling import trade_words
from interpreter.telling.carried import carried
from interpreter.telling.glossary import OUTSIDE

REFERENCE = Path(__file__).parent.parent / "docs" / "reference"

#: How pages say that something is checked, but not run.

_PART = re.compile(r"(<!-- generated: (?P<name>[\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def rewritten(page: str) -> str:
    """A page with its generated parts as they must be. Raises KeyError for a part nobody makes."""
    return _PART.sub(lambda found: f"{found[1]}\n{PARTS[found['name']]().strip()}\n\n{found[3]}", page)


def main() -> int:
    """Rewrites the pages, and names those that changed."""
    for path in sorted(REFERENCE.glob("*.md")):
        before = path.read_text(encoding="utf-8")
        after = rewritten(before)
        if after != before:
            path.write_text(after, encoding="utf-8")
            sys.stdout.write(f"{path.name}\n")
    return 0


# ------------------------------------------------------------------------------------------------------------ markdown


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _code(words: Iterable[str], joint: str = ", ") -> str:
    return joint.join(f"`{word}`" for word in words)


def _words(title: str, table: Mapping[str, str]) -> Callable[[], str]:
    """A closed list: each word and its meaning."""
    return lambda: _table((title, "meaning"), ((f"`{name}`", meaning) for name, meaning in table.items()))


# --------------------------------------------------------------------------------------------------------------- parts


def _keywords() -> str:
    rows = ((f"`{word.spelling}`", word.part, word.meaning, f"`{word.example}`") for word in sorted(WORDS.values(), key=_by_spelling))
    return _table(("word", "part", "meaning", "example"), rows)


def _by_spelling(word: Any) -> str:
    return str(word.spelling)


def _reserved() -> str:
    reserved = sorted(word.spelling for word in WORDS.values() if word.reserved)
    free = sorted(word.spelling for word in WORDS.values() if not word.reserved)
    return f"Reserved: {_code(reserved, ' ')}.\n\nFree: {_code(free, ' ')}."


def _trade() -> str:
    rows = (
        (
            f"`{one.name}`; {', '.join(one.also)}",
            one.meaning,
            ", ".join(f"[{name}](../../scenarios/{name}.scn)" for name in one.library),
        )
        for one in trade_words.TOPICS
    )
    return _table(("is called", "which is", "in the library"), rows)


def _events() -> str:
    rows = (
        (
            event.number,
            f"`{event.spelling}`",
            event.meaning,
            ", ".join(name for name in event.contexts if name != "customer"),
            "yes" if event.tx else "",
        )
        for event in catalog.EVENTS.values()
    )
    return _table(("№", "after `on`", "happens when", "context", "transactional"), rows)


def _obsolete() -> str:
    return _table(("obsolete", "write"), ((f"`{old}`", f"`{new}`") for old, new in catalog.OBSOLETE.items()))


def _fields() -> str:
    parts = []
    for entity in catalog.ENTITIES.values():
        own = " It may carry fields of the shop's own." if entity.custom else ""
        kinds = {field.name: f"{field.type.value} of `{field.of}`" if field.of else field.type.value for field in entity.fields.values()}
        rows = ((f"`{entity.name}.{field.name}`", kinds[field.name], field.meaning) for field in entity.fields.values())
        parts.append(
            f"### {entity.name}\n\n{entity.meaning[:1].upper()}{entity.meaning[1:]}.{own}\n\n{_table(('field', 'type', 'meaning'), rows)}"
        )
    return "\n\n".join(parts)


def _operations() -> str:
    parts = []
    for operation in catalog.OPERATIONS.values():
        parts.append(f"### `{operation.name}`\n\n{operation.meaning[:1].upper()}{operation.meaning[1:]}.")
        causes = [f"`{catalog.EVENTS[key].spelling}`" for key in operation.causes]
        if causes:
            parts.append(f"May cause: {', '.join(causes)}.")
        payload = PAYLOADS.get(operation.name)
        if payload is not None:
            first = next(name for name in PAYLOADS if PAYLOADS[name] is payload)
            same = f"Carries the same as [`{first}`](#{first.replace('.', '')})."
            parts.append(_table(("carries", "which is", "meaning"), carried(payload)) if first == operation.name else same)
    return "\n\n".join(parts)


def _nouns() -> str:
    rows = ((f"`{noun.singular}`, `{noun.plural}`", noun.meaning) for noun in catalog.NOUNS)
    return _table(("noun", "candidates"), rows)


def _limit_keys() -> str:
    rows = (
        (
            f"`per {key}`",
            f"an {entity}" if entity == "order" else f"a {entity}" if entity else "any trigger",
        )
        for key, entity in catalog.LIMIT_KEYS.items()
    )
    return _table(("key", "the trigger provides"), rows)


def _channels() -> str:
    rows = (
        (f"`{one.name}`", one.meaning, one.contact, "yes" if one.rings else "", "yes" if one.reports_opens else "")
        for one in catalog.CHANNELS.values()
    )
    return _table(("channel", "is", "needs", "can wake at night", "can report opens"), rows)


def _checks() -> str:
    checks = all_checks().values()
    table = _table(
        ("check", "severity", "finds"),
        [
            *((f"[`{check.name}`](#{check.name})", check.severity.value, cleandoc(check.page).partition("\n")[0]) for check in checks),
            *((f"[`{name}`](#{name})", "error", page.partition("\n")[0]) for name, page in OUTSIDE.items()),
        ],
    )
    pages = [_check(check.name, check.page, check.severity.value, essential=check.essential) for check in checks]
    pages += [_check(name, page, "error", essential=True) for name, page in OUTSIDE.items()]
    return "\n\n".join([table, *pages])


def _check(name: str, page: str, severity: str, *, essential: bool) -> str:
    ignored = ", cannot be ignored" if essential else ""
    text = re.sub(r"^## Why\n\n", "", cleandoc(page), flags=re.MULTILINE)
    text = re.sub(r"^## (Avoid)\n\n```scn$", rf"**\1**\n\n```scn finds={name}", text, flags=re.MULTILINE)
    text = re.sub(r"^## (\w+)$", r"**\1**", text, flags=re.MULTILINE)
    return f"## {name}\n\n*{severity}{ignored}.* {text}"


def _commands() -> str:
    from interpreter.commands.group import group

    parts = []
    # As `scn NAME --help` does, without reading any arguments.
    context = group.make_context("scn", [], resilient_parsing=True)
    for name, short in COMMANDS.items():
        command = group.get_command(context, name)
        assert command is not None, name
        inner = command.make_context(name, [], parent=context, resilient_parsing=True)
        usage = " ".join(("scn", name, *command.collect_usage_pieces(inner)))
        options = [parameter.get_help_record(inner) for parameter in command.get_params(inner) if not _EVERYWHERE & {*parameter.opts}]
        text = cleandoc(command.help or short).replace("\b\n", "")
        parts.append(f"## `scn {name}`\n\n    {usage}\n\n{text}")
        rows = [(f"`{record[0]}`", record[1]) for record in options if record and record[1]]
        if rows:
            parts.append(_table(("option", "meaning"), rows))
    parts.append(f"## Commands of later versions\n\nThese say so and end with exit code 2: {_code(f'scn {name}' for name in LATER)}.")
    return "\n\n".join(parts)


#: Options of every command: said once, above the table.
_EVERYWHERE = {"--project", "--database", "--help"}

#: Every generated part by the name in its marker.
PARTS: Mapping[str, Callable[[], str]] = {
    "keywords": _keywords,
    "reserved": _reserved,
    "trade": _trade,
    "events": _events,
    "obsolete": _obsolete,
    "fields": _fields,
    "operations": _operations,
    "nouns": _nouns,
    "message-verbs": _words("verb", catalog.MESSAGE_VERBS),
    "aggregates": _words("function", catalog.AGGREGATES),
    "is-words": _words("after `is`", catalog.IS_WORDS),
    "limit-keys": _limit_keys,
    "channels": _channels,
    "categories": _words("category", catalog.CATEGORIES),
    "define-kinds": _words("`define …`", catalog.DEFINE_KINDS),
    "promo-kinds": _words("kind", catalog.PROMO_KINDS),
    "subscription-statuses": _words("status", catalog.SUBSCRIPTION_STATUSES),
    "card-statuses": _words("status", catalog.CARD_STATUSES),
    "journey-states": _words("state", catalog.JOURNEY_STATES),
    "journey-reasons": _words("reason", catalog.JOURNEY_REASONS),
    "journey-errors": _words("error", catalog.JOURNEY_ERRORS),
    "refusals": _words("reason", catalog.REFUSALS),
    "message-states": _words("state", catalog.MESSAGE_STATES),
    "skip-reasons": _words("reason", catalog.SKIP_REASONS),
    "checks": _checks,
    "commands": _commands,
}

if __name__ == "__main__":
    sys.exit(main())
