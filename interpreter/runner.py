"""Everything a run needs, from the project's folder: checked scenarios, store, templates, channels, links (`cli.md` §1)."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

import attrs

from dsl.diagnostic import Severity
from dsl.project import Project
from interpreter import clock
from interpreter.config import ChannelConfig
from interpreter.config import EndpointConfig
from interpreter.delivery import channels
from interpreter.delivery.message import Outgoing
from interpreter.delivery.message import Receipt
from interpreter.delivery.outbox import deliver
from interpreter.delivery.templates import Templates
from interpreter.delivery.terms import DeliveryReport
from interpreter.delivery.terms import Route
from interpreter.delivery.terms import Rules as DeliveryRules
from interpreter.delivery.unsubscribe import Unsubscribe
from interpreter.errors import NotYetError
from interpreter.errors import UserError
from interpreter.idle import signature
from interpreter.phases.posting import Outbox
from interpreter.phases.posting import Renderer
from interpreter.project import loading
from interpreter.project.project_folder import Folder
from interpreter.rules import Rules
from interpreter.store.sqlite import Store
from interpreter.tick import Engine

#: Findings shown when a project cannot run.
SHOWN = 5

#: Seconds of one delivery: behind a slow server nothing else would have its turn, and what was decided in the evening would leave at night.
LONGEST = 300

SENT_EVENTS = frozenset({"message.sent", "message.failed"})


@attrs.frozen(slots=True)
class Orders:
    """What the command line asks of a run."""

    max_sends: int | None = None
    pause: Callable[[float], None] | None = None
    """Waits between two messages of a channel with a rate."""
    stopping: Callable[[], bool] = bool
    deliver: bool = True


def checked(folder: Folder, store: Store | None = None) -> Project:
    """The project, fit to run; files that a tick has run before need no second look.

    Raises UserError: it has errors, or asks for what a later version brings.
    """
    if folder.config.sources:
        raise NotYetError("a `[[source]]` in scn.toml")
    by_sql = next((name for name, endpoint in folder.config.writeback.items() if endpoint.kind == "sql"), None)
    if by_sql is not None:
        raise NotYetError(f"a write-back by SQL (`[writeback.{by_sql}]` in scn.toml)")
    loaded = loading.one(folder)
    if store is not None and store.scenarios.get("files") == signature(str(folder.root)):
        return loaded.project
    errors = [finding for finding in loaded.findings() if finding.severity is Severity.ERROR]
    if errors:
        _refuse(
            f"the scenarios have {len(errors)} {'error' if len(errors) == 1 else 'errors'}, so nothing was run",
            errors,
            "`scn validate` shows them all",
        )
    return loaded.project


def _refuse(message: str, findings: Iterable[object], hint: str) -> None:
    lines = []
    for finding in findings:
        place = finding.source.position(finding.span.start)  # type: ignore[attr-defined]
        lines.append(f"\n     {finding.source.path}:{place.line}:{place.column}: {finding.message}")  # type: ignore[attr-defined]
    more = f"\n     and {len(lines) - SHOWN} more" if len(lines) > SHOWN else ""
    raise UserError(f"{message}:{''.join(lines[:SHOWN])}{more}", hint)


def make_rules(folder: Folder, project: Project) -> Rules:
    """The compiled project."""
    return Rules(project, timezone=folder.config.timezone, quiet_by_project=folder.config.quiet_zone == "project")


def make_renderer(folder: Folder) -> Renderer:
    """Fills in the project's templates."""
    config = folder.config
    links = Unsubscribe(config.secret if config.public_url else "", config.public_url)
    senders = {name: channel.sender for name, channel in config.channels.items()}

    def link(customer: str, channel: str, topic: str | None, key: str) -> str:
        return links.url(customer, channel, topic, key, senders.get(channel, ""))

    return Renderer(Templates(folder.root / "templates"), link, {"timezone": config.timezone})


def make_engine(folder: Folder, project: Project, store: Store, orders: Orders) -> Engine:
    """The engine of a project over a store."""
    rules = make_rules(folder, project)
    delivery = Delivery(folder, rules, store, orders) if orders.deliver else None
    engine = Engine(store, rules, make_renderer(folder), delivery, folder.config.writeback, orders.stopping)
    if delivery is not None:
        engine.let_go = delivery.close
    return engine


class Delivery:
    """Delivers through the channels of `scn.toml`."""

    def __init__(self, folder: Folder, rules: Rules, store: Store, orders: Orders) -> None:
        """Channels are made once, and opened with their first message."""
        self._config = folder.config
        self._rules = rules
        self._orders = orders
        made = {name: _route(config, folder.root) for name, config in folder.config.channels.items()}
        for kind, endpoints in (("call", folder.config.calls), ("writeback", folder.config.writeback)):
            made.update({f"{kind} {name}": _endpoint(f"{kind} {name}", endpoint, folder.root) for name, endpoint in endpoints.items()})
        self._routes = made
        self._store = store
        self._left = orders.max_sends

    @cached_property
    def _outbox(self) -> Outbox:
        """Made with the first delivery: what is listened for is known since the launch."""
        listens = not SENT_EVENTS.isdisjoint(self._rules.heard)
        return Outbox(self._store, self._config.timezone, sent_is_fact=listens)

    def __call__(self, now: int) -> DeliveryReport:
        """One delivery phase."""
        pause = self._orders.pause
        end = clock.stopwatch() + LONGEST
        rules = DeliveryRules(
            only_to=self._config.only_to,
            max_sends=self._left,
            keep_open=True,
            quiet_until=lambda outgoing, at: self._outbox.quiet_until(outgoing, at, self._rules.is_holiday),
            pause=(lambda _channel, seconds: pause(seconds)) if pause else (lambda _channel, _seconds: None),
            stop=lambda: self._orders.stopping() or clock.stopwatch() > end,
        )
        report = deliver(self._outbox, self._routes, now, rules)
        if clock.stopwatch() > end:
            report.problems.append(f"delivery took longer than {LONGEST} s; the rest goes with the next tick")
        if self._left is not None:
            self._left = max(0, self._left - report.sent - report.failed - report.unsure)
        return report

    def close(self) -> None:
        """Let go of connections; the next delivery opens them again."""
        for route in self._routes.values():
            route.channel.close()


def _route(config: ChannelConfig, root: Path) -> Route:
    return Route(_channel(config, root), config.delivery == "at_least_once", config.rate)


def _endpoint(name: str, endpoint: EndpointConfig, root: Path) -> Route:
    return Route(_channel(ChannelConfig(name, kind=endpoint.kind or "http", settings=endpoint.settings), root))


def _channel(config: ChannelConfig, root: Path) -> channels.Channel:
    """One channel that cannot work must not stop the others: it says why when its first message comes."""
    try:
        return channels.make(config, root)
    except UserError as problem:
        return _Broken(problem)


class _Broken:
    """A channel that scn.toml or the environment keeps from working."""

    idempotent = False
    reports: frozenset[str] = frozenset()

    def __init__(self, problem: UserError) -> None:
        self._problem = problem

    def open(self) -> None:
        raise self._problem

    def deliver(self, outgoing: Outgoing) -> Receipt:
        raise AssertionError(outgoing)

    def settle(self) -> None:
        """Nothing was taken."""

    def close(self) -> None:
        """Nothing is open."""
