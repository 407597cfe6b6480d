"""What `scn run` does once its options are known: ticks.

Most calls are cron's `scn run --tick` and no more: `cli.py` comes here at once with those, and with everything else through `run.py`.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from interpreter import clock
from interpreter.commands import arrivals
from interpreter.commands import choices
from interpreter.commands.ticked import tell
from interpreter.errors import UserError
from interpreter.idle import signature
from interpreter.project.project_folder import Folder
from interpreter.report import Report
from interpreter.runner import Orders
from interpreter.runner import checked
from interpreter.runner import make_engine
from interpreter.runner import remember
from interpreter.store.connection import LockedError
from interpreter.store.connection import damaged
from interpreter.store.lock import TickRunningError
from interpreter.store.lock import tick_lock
from interpreter.store.sqlite import Store
from interpreter.tick import MINUTE
from interpreter.tick import Engine

#: The longest sleep of a continuous run, in seconds: facts and edited scenarios are noticed at least so often.
NAP = 1.0


def run(
    *,
    once: bool,
    now: str | None = None,
    until: str | None = None,
    dry_run: bool = False,
    max_sends: int | None = None,
    silent: bool = False,
    form: str = "text",
) -> int:
    """Ticks, and tells what they did; the exit code."""
    if not once and (now or until or dry_run):
        raise UserError("`--now`, `--until` and `--dry-run` go with `--tick`", "`scn run --tick --now 2026-03-01T10:00`")
    if until and not now:
        raise UserError("`--until` goes with `--now`", "`scn run --tick --now 2026-03-01T10:00 --until 2026-03-02T10:00`")
    if until and dry_run:
        raise UserError("`--dry-run` is one tick, so `--until` does not go with it", "`scn simulate` runs through a time span")
    folder = choices.open_project()
    path = str(choices.database_file(folder))
    if dry_run and not Path(path).exists():
        path = ":memory:"  # a try leaves no file behind
    _same_owner(path)
    stop = Event()
    orders = Orders(max_sends=max_sends, pause=clock.sleep, stopping=stop.is_set, deliver=not dry_run)
    try:
        with tick_lock(path), _stopping(stop), _readable(path):
            store = choices.opened(path)
            try:
                first = _moment(now, folder, store)
                if dry_run:
                    return _dry_run(folder, store, orders, first, form, given=bool(now))
                if not once:
                    return _continuously(folder, store, orders, stop, silent=silent)
                last = _parse(until, folder) if until else first
                if last < first:
                    raise UserError(f"`--until {until}` is before `--now {now}`", "time only goes forward")
                report = _ticks(folder, store, orders, first, last)
                if stop.is_set() and not silent:
                    choices.tell("told to stop before the end; the next tick goes on with what is left")
                if now and not silent:
                    arrivals.tell_later(store, last, folder.config.timezone)
                return tell(report, folder, form, silent=silent, launched=arrivals.launched_now(store, first))
            finally:
                store.close()
    except TickRunningError:
        if not silent:  # cron would send a letter about it every minute of a long delivery
            choices.tell("another tick is at work on this database; nothing to do")
        return tell(Report(now=clock.now()), folder, form, silent=True)


def _parse(text: str, folder: Folder) -> int:
    from dsl.calendar import parse_moment

    try:
        return parse_moment(text, folder.config.timezone)
    except ValueError as problem:
        raise UserError(str(problem), "write a moment as 2026-03-01T10:00, in the project's zone, or with its offset") from problem


def _moment(text: str | None, folder: Folder, store: Store) -> int:
    """The `now` of the first tick: never behind the last tick's (`engine.md` §1)."""
    from dsl.calendar import iso

    kept = store.scenarios.get("now")
    last = int(kept) if kept is not None else None
    if text is not None:
        given = _parse(text, folder)
        if last is not None and given < last:
            raise UserError(
                f"`--now {text}` is behind the last tick, which was at {iso(last, folder.config.timezone)}", "time only goes forward"
            )
        return given
    now = clock.now()
    if last is not None and now < last:
        choices.tell(f"the clock stands behind the last tick; {iso(last, folder.config.timezone)} is used")
        return last
    return now


def _ticks(folder: Folder, store: Store, orders: Orders, first: int, last: int) -> Report:
    total = Report(now=first)
    started = clock.stopwatch()
    files = signature(str(folder.root))
    project = checked(folder, store)
    engine = make_engine(folder, project, store, orders)
    try:
        for report in _shown(engine.run_until(first, last), first, last):
            total.add(report)
    finally:
        engine.let_go()
    total.now = max(total.now, last)
    with store.transaction():
        remember(store, project, files)
        if last > first and not orders.stopping():
            store.scenarios.set("now", str(last))
    total.seconds = clock.stopwatch() - started
    return total


def _shown(reports: object, first: int, last: int) -> Iterator[Report]:
    """With a progress bar on a terminal, where there is more than one tick to come."""
    if last == first or not sys.stderr.isatty():
        yield from reports  # type: ignore[misc]
        return
    from rich.console import Console
    from rich.progress import Progress

    # Without a thread: a busy tick makes copies of this process.
    with Progress(console=Console(stderr=True), transient=True, auto_refresh=False) as progress:
        bar, shown = progress.add_task("ticks", total=last - first), 0.0
        for report in reports:  # type: ignore[attr-defined]
            due = clock.stopwatch() > shown + 0.1
            progress.update(bar, completed=report.now - first, refresh=due)
            shown = clock.stopwatch() if due else shown
            yield report


def _dry_run(folder: Folder, store: Store, orders: Orders, now: int, form: str, *, given: bool) -> int:
    class _TakenBackError(Exception):
        pass

    report = Report()
    decided = store.listing.counts(now)["message to deliver"]
    try:
        with store.transaction():
            first = store.next_id("message")
            report = make_engine(folder, checked(folder, store), store, orders).tick(now)
            planned = [message for message in store.listing.messages(since=now) if message.id >= first]
            launched = arrivals.launched_now(store, now)
            if given:
                arrivals.tell_later(store, now, folder.config.timezone)
            raise _TakenBackError  # noqa: TRY301 - the way to take a transaction back
    except _TakenBackError:
        pass
    if form == "json":
        from interpreter.commands import listing
        from interpreter.commands.messages import shape

        messages = [shape(message, listing.when(message.at, folder)) for message in planned if message.kind == "message"]
        return tell(report, folder, form, silent=False, launched=launched, more={"messages": messages, "waiting": decided})
    for message in planned:
        what = (
            f"would send {message.template} to {message.customer} by {message.channel} ({message.scenario})"
            if message.state == "planned"
            else f"would skip {message.template} to {message.customer}: {message.reason} ({message.scenario})"
        )
        choices.put(f"{what}\n")
    started = f"{report.started:,} {'journey' if report.started == 1 else 'journeys'} started"
    choices.tell(f"dry run: {report.planned:,} to send, {report.skipped:,} to skip, {started}; nothing was changed")
    if decided:
        waiting = "1 message decided on before waits" if decided == 1 else f"{decided:,} messages decided on before wait"
        choices.tell(f"{waiting} to be delivered: `scn messages --state planned`")
    return 0


def _continuously(folder: Folder, store: Store, orders: Orders, stop: Event, *, silent: bool) -> int:
    """Ticks when something is due or arrives, until told to stop."""
    engine, known, code = make_engine(folder, checked(folder, store), store, orders), signature(str(folder.root)), 0
    if sys.stderr.isatty():
        choices.tell("running; Ctrl-C ends it")
    while not stop.is_set():
        found = signature(str(folder.root))
        if found != known:
            engine, known = _reread(folder, store, orders, engine), found
        following = engine.next_due() if engine.running else 0
        # On the grid: what arrives within a minute is handled at the next one, as in a test or a simulation.
        now = clock.now() // MINUTE * MINUTE
        if following is not None and following <= now:
            try:
                report = engine.tick(max(now, int(store.scenarios.get("now") or 0)))
            except LockedError as problem:
                # What was decided in memory is gone; another engine decides it again from the database.
                choices.tell(f"{problem.message}; it is tried again")
                engine.let_go()
                engine = _reread(folder, store, orders, engine)
                stop.wait(NAP)
                continue
            engine.let_go()
            if silent or report.facts or report.planned or report.sent or report.failed or report.failed_journeys or report.notes:
                code = max(code, tell(report, folder, "text", silent=silent, launched=arrivals.launched_now(store, report.now)))
        stop.wait(NAP)
    return code


def _reread(folder: Folder, store: Store, orders: Orders, engine: Engine) -> Engine:
    """The engine of the edited files; of files with a mistake, the one before: a slip must not stop everything that runs."""
    try:
        return make_engine(folder, checked(folder, store), store, orders)
    except UserError as problem:
        for line in f"the files were edited and cannot be run, so the text before goes on: {problem.message}".split("\n"):
            choices.tell(line)
        return engine


def _same_owner(path: str) -> None:
    """Run as root, cron would leave files that the shop's user cannot write (`domain.md` §6.2)."""
    file = Path(path)
    if hasattr(os, "geteuid") and file.exists() and file.stat().st_uid != os.geteuid():
        choices.tell(f"note: `{path}` belongs to another user than the one who runs scn; run it as the owner of the file")


@contextmanager
def _readable(path: str) -> Iterator[None]:
    """A row that is not what was written is damage, and no defect of scn."""
    try:
        yield
    except Exception as problem:
        import msgspec

        if isinstance(problem, msgspec.DecodeError):
            raise damaged(path, f"a row cannot be read ({problem})") from problem
        raise


@contextmanager
def _stopping(stop: Event) -> Iterator[None]:
    """SIGTERM and Ctrl-C end the run behind the batch that is at work."""

    def ask(_signal: int, _frame: object) -> None:
        stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
