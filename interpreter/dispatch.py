"""What carries messages off: delivery through the channels of `scn.toml`. Imported when something is to be delivered (`cli.md` §1)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from interpreter import clock
from interpreter.config import ChannelConfig
from interpreter.config import EndpointConfig
from interpreter.delivery import channels
from interpreter.delivery.message import Outgoing
from interpreter.delivery.message import Receipt
from interpreter.delivery.outbox import deliver
from interpreter.delivery.terms import DeliveryReport
from interpreter.delivery.terms import Route
from interpreter.delivery.terms import Rules as DeliveryRules
from interpreter.errors import UserError
from interpreter.phases.posting import Outbox
from interpreter.project.project_folder import Folder
from interpreter.rules import Rules
from interpreter.store.sqlite import Store

#: Seconds of one delivery: behind a slow server nothing else would have its turn, and what was decided in the evening would leave at night.
LONGEST = 300


class Dispatch:
    """Delivers through the channels of `scn.toml`."""

    def __init__(
        self,
        folder: Folder,
        rules: Rules,
        store: Store,
        max_sends: int | None,
        pause: Callable[[float], None] | None,
        stopping: Callable[[], bool],
    ) -> None:
        """Channels are made once, and opened with their first message. `pause` waits between two messages of a channel with a rate."""
        self._config = folder.config
        self._rules = rules
        self._pause = pause
        self._stopping = stopping
        made = {name: _route(config, folder.root) for name, config in folder.config.channels.items()}
        for kind, endpoints in (("call", folder.config.calls), ("writeback", folder.config.writeback)):
            made.update({f"{kind} {name}": _endpoint(f"{kind} {name}", endpoint, folder.root) for name, endpoint in endpoints.items()})
        self._routes = made
        self._store = store
        self._left = max_sends

    @cached_property
    def _outbox(self) -> Outbox:
        """Made with the first delivery: what is listened for is known since the launch."""
        return Outbox(self._store, self._config.timezone, sent_is_fact=self._rules.hears_of_delivery)

    def __call__(self, now: int) -> DeliveryReport:
        """One delivery phase."""
        pause = self._pause
        end = clock.stopwatch() + LONGEST
        rules = DeliveryRules(
            only_to=self._config.only_to,
            max_sends=self._left,
            keep_open=True,
            quiet_until=lambda outgoing, at: self._outbox.quiet_until(outgoing, at, self._rules.is_holiday),
            pause=(lambda _channel, seconds: pause(seconds)) if pause else (lambda _channel, _seconds: None),
            stop=lambda: self._stopping() or clock.stopwatch() > end,
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
