"""`scn doctor`: is everything in order to run? Configuration, database, channels, clock, owner of the file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import attrs
import click
import msgspec

from dsl import nodes
from dsl.calendar import iso
from dsl.diagnostic import Severity
from dsl.meaning.reading import everywhere
from interpreter import clock
from interpreter.belongings import KINDS
from interpreter.belongings import NOBODY
from interpreter.commands import choices
from interpreter.commands.words_seen import Seen
from interpreter.commands.words_seen import notes
from interpreter.delivery import channels
from interpreter.errors import UserError
from interpreter.project import loading
from interpreter.project.project_folder import Folder
from interpreter.store.connection import damaged
from interpreter.store.sqlite import Store

#: Ticks further apart than this, in seconds, mean that cron does not run.
LATE = 600

#: Rows looked at together.
PAGE = 2000

FOR_EVER = 1 << 62

#: Of so few codes somebody should hear before they are gone.
FEW = 100


@attrs.frozen(slots=True)
class Finding:
    """One thing looked at."""

    level: str
    """`ok`, `note` or `bad`"""
    text: str
    hint: str = ""


@click.command()
def command() -> int:
    """Check the configuration, the scenarios, the database and the channels; nothing is sent or changed.

    Words of the shop (statuses, lists, actions, balances, pools, segments, topics) that stand in the data but in no `define` are listed
    with how many there are, and so are words that the scenarios ask for, product categories and fields among them, and no fact has brought.

    Only a database of an older scn is brought up to date, as by any command that opens it.

    Exit code 0: fine (there may be notes), 1: something is wrong.
    """
    folder = choices.open_project()
    code = 0
    for finding in findings(folder, Path(choices.database_file(folder))):
        click.echo({"ok": "ok    ", "note": "note  ", "bad": "wrong "}[finding.level] + finding.text)
        if finding.hint:
            click.echo(f"      {finding.hint}")
        code = max(code, finding.level == "bad")
    return code


def findings(folder: Folder, database: Path) -> Iterator[Finding]:
    """Everything that is looked at, in order."""
    yield from _scenarios(folder)
    yield from _config(folder)
    yield from _channels(folder)
    yield from _database(folder, database)


def _scenarios(folder: Folder) -> Iterator[Finding]:
    loaded = loading.one(folder)
    errors = [finding for finding in loaded.findings() if finding.severity is Severity.ERROR]
    if errors:
        yield Finding("bad", f"the scenarios have {_many(len(errors), 'error')}, so nothing runs", "`scn validate` shows them")
    else:
        yield Finding("ok", f"{_many(len(loaded.project.scenarios), 'scenario')} without errors")


def _many(count: int, noun: str) -> str:
    """`1 fact to handle`, `2 facts to handle`"""
    first, _, rest = noun.partition(" ")
    return f"{count:,} {first}{'' if count == 1 else 's'}" + (f" {rest}" if rest else "")


def _config(folder: Folder) -> Iterator[Finding]:
    config = folder.config
    yield Finding("ok", f"times are read in {config.timezone}")
    if not config.public_url:
        yield Finding(
            "note",
            "no `public_url` in scn.toml: letters carry a mailto: to unsubscribe with, not a link",
            "set it to where `scn serve` is reached",
        )
        return
    try:
        secret = config.secret
    except UserError as problem:
        yield Finding("bad", problem.message, problem.hint)
        return
    if not secret:
        yield Finding(
            "bad", "`public_url` is set but `secret` is not: unsubscribe links cannot be signed", 'write `secret = "env:SCN_SECRET"`'
        )


def _channels(folder: Folder) -> Iterator[Finding]:
    for name, config in folder.config.channels.items():
        try:
            channel = channels.make(config, folder.root)
            channel.open()
            channel.close()
        except UserError as problem:
            yield Finding("bad", f"channel `{name}`: {problem.message}", problem.hint)
        else:
            yield Finding("ok", f"channel `{name}` ({config.kind})")


def _database(folder: Folder, path: Path) -> Iterator[Finding]:
    if not path.exists():
        yield Finding("note", f"no database yet at {path.name}", "`scn ingest` or `scn run --tick` makes it")
        return
    if path.is_file() and path.stat().st_size == 0:
        yield Finding("note", f"{path.name} is empty: nothing is remembered", "if something was, restore it as `scn backup --help` says")
        return
    if hasattr(os, "geteuid") and path.stat().st_uid != os.geteuid():
        yield Finding("bad", f"{path.name} belongs to another user", "run scn as the owner of the file, under cron too")
    try:
        store = choices.opened(path, create=False)
    except UserError as problem:
        yield Finding("bad", problem.message, problem.hint)
        return
    try:
        words = Seen()
        broken = next(_damage(store, words), None)
        if broken is not None:
            yield broken
            return
        counts = store.listing.counts(clock.now())
        yield Finding("ok", f"{path.name}: " + ", ".join(_many(count, name) for name, count in counts.items()))
        yield from _paused(folder, store)
        yield from _retries(store)
        yield from _pools(folder, store)
        for text, hint in notes(loading.one(folder).project, words):
            yield Finding("note", text, hint)
        if counts["message unsure"]:
            yield Finding(
                "note",
                f"{_many(counts['message unsure'], 'message')} may or may not have left: the process ended before the receipt",
                "`scn messages --state unsure` lists them",
            )
        yield from _clock(folder, store)
    finally:
        store.close()


def _paused(folder: Folder, store: Store) -> Iterator[Finding]:
    """Channels whose breaker is open, by the last tick's clock."""
    now = int(store.scenarios.get("now") or 0)
    for name, state in json.loads(store.scenarios.get("channels") or "{}").items():
        if state["paused_until"] > now:
            yield Finding(
                "note",
                f"channel `{name}` is paused until {iso(state['paused_until'], folder.config.timezone)}: "
                f"it failed {_many(state['failures'], 'time')} in a row",
                "its messages wait; what it answered stands beside those that were tried",
            )


def _damage(store: Store, words: Seen) -> Iterator[Finding]:
    """What is wrong with the file: its structure, what its rows hold, and whether it may be written."""
    try:
        for broken in store.connection.integrity():
            found = damaged(store.connection.path, broken)
            yield Finding("bad", found.message, found.hint)
        _read_all(store, words)
        with store.transaction():
            store.scenarios.set("doctor", None)  # changes nothing, and is refused where any change would be
    except UserError as problem:
        yield Finding("bad", problem.message, problem.hint)
    except (msgspec.MsgspecError, TypeError, ValueError) as unreadable:
        found = damaged(store.connection.path, f"a row cannot be read ({unreadable})")
        yield Finding("bad", found.message, found.hint)


def _read_all(store: Store, words: Seen) -> None:
    """Everything that is kept as a document: SQLite does not look into those. words: takes those of the shop on the way."""
    after = 0
    while customers := store.entities.all_customers(after, PAGE):
        ids = [customer.id for customer in customers]
        for order in store.entities.orders_of(ids):
            words.order(order)
        for action in store.entities.actions_of(ids):
            words.action(action)
        store.messages.of(ids)
        for _, belonging in store.belongings.of(ids, KINDS):
            words.belonging(belonging)
        if max(ids) <= after:
            raise ValueError("the rows are not in their order")
        after = max(ids)
    key = ""
    while products := store.belongings.all_products(key, PAGE):
        key = products[-1].key
        for product in products:
            words.product(product)
    after = 0
    while facts := store.facts.recorded(after, PAGE):
        after = facts[-1].id
        for fact in facts:
            words.fact(fact)
    words.topics(store.entities.topics())
    seen: tuple[bool, int] | None = None
    while messages := store.messages.waiting("planned", FOR_EVER, PAGE, seen):
        seen = (messages[-1].transactional, messages[-1].id)


def _retries(store: Store) -> Iterator[Finding]:
    """What no channel took yet is tried again in silence, so that one bad minute of a mail server wakes nobody."""
    tried = [message for message in store.listing.messages(state="planned") if message.reason not in (None, "quiet hours")]
    if tried:
        yield Finding(
            "note",
            f"{_many(len(tried), 'message')} could not be handed over yet; the last answer: {tried[-1].reason}",
            "they are tried again until they are too late; `scn messages --state planned` lists them",
        )


def _pools(folder: Folder, store: Store) -> Iterator[Finding]:
    """Pools of loaded codes that a scenario gives out: an empty one keeps letters back."""
    project = loading.one(folder).project
    named = {issue.pool.text for _, issue in everywhere(project, nodes.IssuePromo)}
    for pool in sorted(named):
        defined = project.vocabulary.promos.get(pool)
        if defined is not None and defined.generate is not None:
            continue
        left = store.belongings.count(NOBODY, "stock", pool)
        if left < FEW:
            text = (
                f"promo pool `{pool}`: {_many(left, 'code')} left"
                if left
                else f"the promo pool `{pool}` is empty: whoever should get a code fails"
            )
            yield Finding("note", text, f'load more with `{{"op": "promo.load", "pool": "{pool}", "codes": […]}}`')
        else:
            yield Finding("ok", f"promo pool `{pool}`: {_many(left, 'code')} left")


def _clock(folder: Folder, store: Store) -> Iterator[Finding]:
    kept = store.scenarios.get("now")
    if kept is None:
        yield Finding("note", "no tick has run yet", "put `scn run --tick` into cron, every minute")
        return
    last, now = int(kept), clock.now()
    shown = iso(last, folder.config.timezone)
    if last > now:
        yield Finding("note", f"the last tick was at {shown}, ahead of this machine's clock: until then that time is used")
    elif now - last > LATE:
        yield Finding("note", f"the last tick was at {shown}", "is `scn run --tick` in cron, every minute?")
    else:
        yield Finding("ok", f"the last tick was at {shown}")
