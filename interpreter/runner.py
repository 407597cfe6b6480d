"""Everything a run needs, from the project's folder: checked scenarios, store, templates, channels, links (`cli.md` §1)."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING
from typing import Any

import attrs

from dsl.diagnostic import Severity
from dsl.project import Project
from interpreter.delivery import template_tables
from interpreter.delivery.terms import DeliveryReport
from interpreter.effects import PlanMessage
from interpreter.errors import NotYetError
from interpreter.errors import UserError
from interpreter.idle import signature
from interpreter.phases.launch import FILES
from interpreter.project import loading
from interpreter.project.project_folder import Folder
from interpreter.rules import Rules
from interpreter.store.sqlite import Store
from interpreter.tick import Engine
from interpreter.view import View

if TYPE_CHECKING:
    from interpreter.dispatch import Dispatch
    from interpreter.phases.posting import Renderer

#: The single value that holds what the templates of the last tick hold.
_TEMPLATES = "templates"

#: Findings shown when a project cannot run.
SHOWN = 5


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
    if store is not None and _run_before(folder, store):
        project = loading.again(folder, template_tables.known(store.scenarios.get(_TEMPLATES)))
        # Files that were edited while they were read may be half of what they will be.
        if _run_before(folder, store):
            return project
    loaded = loading.one(folder)
    errors = [finding for finding in loaded.findings() if finding.severity is Severity.ERROR]
    if errors:
        _refuse(
            f"the scenarios have {len(errors)} {'error' if len(errors) == 1 else 'errors'}, so nothing was run",
            errors,
            "`scn validate` shows them all",
        )
    return loaded.project


def _run_before(folder: Folder, store: Store) -> bool:
    """Whether the files are those that the last tick ran."""
    return store.scenarios.get(FILES) == signature(str(folder.root))


def remember(store: Store, project: Project, files: str) -> None:
    """What a tick has run, `files` being their signature before they were read: the next one over the same does less."""
    store.scenarios.set(FILES, files)
    templates = template_tables.kept(project.surroundings.templates or {})
    if store.scenarios.get(_TEMPLATES) != templates:
        store.scenarios.set(_TEMPLATES, templates)


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


def make_engine(folder: Folder, project: Project, store: Store, orders: Orders) -> Engine:
    """The engine of a project over a store."""
    rules = make_rules(folder, project)
    rules.launched = _run_before(folder, store)
    delivery = _Delivery(folder, rules, store, orders) if orders.deliver else None
    engine = Engine(store, rules, _Letters(folder), delivery, folder.config.writeback, orders.stopping)
    if delivery is not None:
        engine.let_go = delivery.close
    return engine


# Most ticks write no letter and send none: what fills templates in and what reaches channels would be half of all that such a tick imports.


class _Letters:
    """Fills in the project's templates, from the first letter on."""

    def __init__(self, folder: Folder) -> None:
        """A secret that is missing is told before anything is decided."""
        self._folder = folder
        self._secret = folder.config.secret if folder.config.public_url else ""

    def __call__(self, effect: PlanMessage, scenario: str, view: View, key: str) -> tuple[str | None, dict[str, Any]]:
        return self._renderer(effect, scenario, view, key)

    @cached_property
    def _renderer(self) -> Renderer:
        from interpreter.delivery.templates import Templates
        from interpreter.delivery.unsubscribe import Unsubscribe
        from interpreter.phases.posting import Renderer

        config = self._folder.config
        links = Unsubscribe(self._secret, config.public_url)
        senders = {name: channel.sender for name, channel in config.channels.items()}

        def link(customer: str, channel: str, topic: str | None, key: str) -> str:
            return links.url(customer, channel, topic, key, senders.get(channel, ""))

        return Renderer(Templates(self._folder.root / "templates"), link, {"timezone": config.timezone})


class _Delivery:
    """Delivers, from the first message on that waits."""

    def __init__(self, folder: Folder, rules: Rules, store: Store, orders: Orders) -> None:
        self._parts = (folder, rules, store)
        self._orders = orders

    def __call__(self, now: int) -> DeliveryReport:
        return self._dispatch(now)

    @cached_property
    def _dispatch(self) -> Dispatch:
        from interpreter.dispatch import Dispatch

        orders = self._orders
        return Dispatch(*self._parts, max_sends=orders.max_sends, pause=orders.pause, stopping=orders.stopping)

    def close(self) -> None:
        """Let go of connections, if there are any."""
        if "_dispatch" in vars(self):
            self._dispatch.close()
