"""Between the engine and delivery: how a message gets its text, and how delivery reads and writes the store."""

from __future__ import annotations

import json
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import attrs

from dsl import calendar
from dsl import nodes
from interpreter.delivery import unsubscribe
from interpreter.delivery.message import Outgoing
from interpreter.delivery.patience import ChannelState
from interpreter.delivery.template_files import TemplateError
from interpreter.delivery.templates import Templates
from interpreter.delivery.terms import Result
from interpreter.delivery.values import values
from interpreter.effects import PlanMessage
from interpreter.facts import Fact
from interpreter.facts import Rejection
from interpreter.facts import read
from interpreter.journey import Failure
from interpreter.phases.writer import UnwritableError
from interpreter.store.messages import Waiting
from interpreter.store.sqlite import Store
from interpreter.view import View

#: Where the message is kept whose turn it is, with the start of the machine that this is true for.
TURN = "turn"

#: Makes the unsubscribe link of a message: customer, channel, topic, key of the message.
Link = Callable[[str, str, str | None, str], str]


@cache
def _boot() -> str:
    """Another one after each start of the machine; empty where it is not known: then every doubt stands."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


class Renderer:
    """Fills in templates."""

    def __init__(self, templates: Templates, link: Link, project: Mapping[str, Any]) -> None:
        """`link` makes unsubscribe links, empty where there are none; `project` is what templates see under that name."""
        self._templates = templates
        self._link = link
        self._project = project

    def __call__(self, effect: PlanMessage, scenario: str, view: View, key: str) -> tuple[str | None, dict[str, Any]]:
        """The subject, and what the channel needs. Raises UnwritableError."""
        wanted = not effect.transactional and not effect.staff
        link = self._link(view.customer.key, effect.channel, effect.topic, key) if wanted else ""
        names = values(
            view, scenario=scenario, template=effect.template, more=dict(effect.values), unsubscribe_url=link, project=self._project
        )
        try:
            made = self._templates.render(effect.template, effect.channel, names)
        except TemplateError as problem:
            raise UnwritableError(Failure.TEMPLATE, str(problem)) from problem
        # The sender is kept with the letter: its template may be gone when it is tried again.
        content: dict[str, Any] = {
            "from": self._templates.info(effect.template).from_,
            "text": made.text,
            "html": made.html,
            "payload": made.payload,
            "topic": effect.topic,
            "unsubscribe": link,
        }
        if effect.quiet:
            content["quiet"] = [[quiet.only, [[part.start, part.end, part.days] for part in quiet.ranges]] for quiet in effect.quiet]
            content["zone"] = view.project.quiet_zone(view.zone)
        return made.subject, {name: value for name, value in content.items() if value}


class Outbox:
    """The store as delivery sees it; every change is one transaction."""

    def __init__(self, store: Store, zone: str, *, sent_is_fact: bool) -> None:
        """`sent_is_fact`: somebody starts on `message … sent` or `failed`."""
        self._store = store
        self._zone = zone
        self._sent_is_fact = sent_is_fact
        self._quiet: dict[int, tuple[tuple[nodes.Quiet, ...], str]] = {}

    def quiet_until(self, outgoing: Outgoing, at: int, is_holiday: Callable[[date], bool]) -> int | None:
        """When the quiet hours of a message that is late end; None: it may go."""
        quiet, zone = self._quiet.get(outgoing.id, ((), ""))
        return calendar.quiet_until(at, quiet, zone, is_holiday) if quiet else None

    def planned(self, now: int, limit: int, after: tuple[bool, int] | None, without: Collection[str]) -> Sequence[Outgoing]:
        """Messages to deliver now."""
        return [self._outgoing(found) for found in self._store.messages.waiting("planned", now, limit, after, without)]

    def overdue(self, now: int, limit: int, channels: Collection[str]) -> Sequence[Outgoing]:
        """Messages that it is too late for."""
        return [self._outgoing(found) for found in self._store.messages.overdue(now, limit, channels)]

    def interrupted(self, limit: int, after: tuple[bool, int] | None) -> Sequence[Outgoing]:
        """Messages that a killed process left between intent and receipt."""
        return [self._outgoing(found) for found in self._store.messages.waiting("sending", 1 << 62, limit, after)]

    def _outgoing(self, found: Waiting) -> Outgoing:
        content = found.content
        if "quiet" in content:
            quiet = tuple(
                nodes.Quiet(tuple(nodes.QuietRange(start, end, tuple(days)) for start, end, days in ranges), only)
                for only, ranges in content["quiet"]
            )
            self._quiet[found.id] = (quiet, content["zone"])
        return Outgoing(
            id=found.id,
            key=found.key,
            channel=found.channel,
            to=found.recipient,
            template=found.template,
            customer_key="" if found.staff else found.customer,
            scenario=found.scenario,
            at=found.at,
            deadline=found.deadline,
            from_=content.get("from"),
            subject=found.subject,
            text=content.get("text"),
            html=content.get("html"),
            payload=content.get("payload") or content.get("values"),
            headers=unsubscribe.headers(content.get("unsubscribe", ""), transactional=found.transactional),
            topic=content.get("topic"),
            transactional=found.transactional,
            attempts=found.attempts,
            doubtful=found.doubtful,
        )

    def may_have_left(self, number: int) -> bool:
        """Whether a message left in `sending` may have been handed over.

        Whose turn it is survives a killed process with every receipt, and may be behind the truth after a power cut:
        it counts only while the machine has not been started anew.
        """
        boot, _, turn = (self._store.scenarios.get(TURN) or "").partition(" ")
        return not boot or boot != _boot() or turn == str(number)

    def mark_sending(self, ids: Sequence[int], *, one_by_one: bool) -> Collection[int]:
        """The intent, on the disk, of those that are still planned."""
        with self._store.transaction(durable=True):
            self._store.messages.set_sending(ids)
            going = self._store.messages.sending(ids)
            first = next((number for number in ids if number in going), None) if one_by_one else None
            self._store.scenarios.set(TURN, "" if first is None else f"{_boot()} {first}")
        return going

    def record(self, results: Sequence[Result], facts: Sequence[Mapping[str, Any]], now: int, turn: int | None = None) -> None:
        """The receipts, and the facts they make: the next tick handles those.

        They arrive a second later, so that a process that goes on with this same tick after a kill leaves them to the next one too.
        """
        messages = self._store.messages
        made = [fact for fact in (self._fact(found, now) for found in facts) if fact is not None]
        if self._sent_is_fact:
            made += [self._status(result, now) for result in results if result.state in {"sent", "failed"}]
        with self._store.transaction():
            messages.set_sent((one.id, now, one.provider_id) for one in results if one.state == "sent")
            messages.set_over((one.id, one.state, one.reason, one.tried) for one in results if one.state not in {"sent", "planned"})
            waiting = [one for one in results if one.state == "planned"]
            later = ((one, one.retry_at) for one in waiting if one.retry_at is not None)
            messages.set_retry((one.id, at, one.reason, one.tried, one.doubtful) for one, at in later)
            messages.set_back(one.id for one in waiting if one.retry_at is None)
            if turn is not None:
                self._store.scenarios.set(TURN, f"{_boot()} {turn}")
            if made:
                self._store.facts.add(made)

    def _fact(self, found: Mapping[str, Any], now: int) -> Fact | None:
        fact = read(found, zone=self._zone, received=now + 1, batch=f"delivery {now}", actor="scenario")
        return None if isinstance(fact, Rejection) else fact

    def _status(self, result: Result, now: int) -> Fact:
        data = {"message": result.id, "status": result.state}
        return Fact(0, "message.status", f"{result.state}:{result.id}", None, now, now + 1, f"delivery {now}", "scenario", data)

    def channel_states(self) -> dict[str, ChannelState]:
        """Breakers and rates."""
        kept = json.loads(self._store.scenarios.get("channels") or "{}")
        return {name: ChannelState(**state) for name, state in kept.items()}

    def save_channel_states(self, states: Mapping[str, ChannelState]) -> None:
        """Keep breakers and rates."""
        with self._store.transaction():
            self._store.scenarios.set("channels", json.dumps({name: attrs.asdict(state) for name, state in states.items()}))
