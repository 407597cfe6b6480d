"""What journeys and triggers hear: which event is meant, and what comes of it (`language.md` §2.1, `events.md` §1)."""

from __future__ import annotations

from dsl import nodes
from tests.model import civil
from tests.model.asking import Sight
from tests.model.asking import holds
from tests.model.journey import Journey
from tests.model.journey import World
from tests.model.reading import Wanted
from tests.model.reading import wanted
from tests.model.things import Event


class Listening(World):
    """The part of the model that notices events."""

    def sight(self, event: Event, journey: Journey | None = None) -> Sight:
        """What the filter of a listener sees: the things of the event, and of the journey what the event has not."""
        own = self.sight_of(journey) if journey is not None else None
        return Sight(
            self.shop,
            self.categories,
            self.zone,
            self.now,
            own.context_time if own else event.at,
            own.started if own else event.at,
            event.customer,
            order=event.order or (own.order if own else None),
            action=event.action,
            message=event.message,
            last_send=own.last_send if own else None,
            own=own,
        )

    def matches(self, wish: Wanted, event: Event) -> bool:
        """Whether an `on` means this event."""
        if wish.kind != event.kind:
            return False
        if wish.kind == "action":
            return event.action is not None and event.action.template in wish.names
        if wish.kind.startswith("message."):
            return event.message is not None and not event.message.staff and (not wish.names or event.message.template in wish.names)
        if wish.kind == "customer.field":
            return bool(event.changed & set(wish.fields))
        if wish.kind == "subscription":
            return event.channel in wish.names and event.topic == wish.topic and event.status in wish.to
        if wish.kind == "order.status":
            if wish.came_from and not (len(event.before) == 1 and event.before <= set(wish.came_from)):
                return False
            return any(
                all(self.fits(status, to) for status in event.after)
                and not (event.before and all(self.fits(status, to) for status in event.before))
                for to in self.wishes(wish)
            )
        if wish.kind == "line.status":
            moves = [move for move in event.moves if not wish.came_from or move[0] in wish.came_from]
            return any(self.fits(now, to) and not self.fits(was, to) for to in self.wishes(wish) for was, now in moves)
        return True

    def wishes(self, wish: Wanted) -> list[nodes.CategoryName | str]:
        """`"paid" | "shipped"` are two, each with its own transitions; the statuses of a category are one."""
        return [nodes.CategoryName(wish.category)] if wish.category is not None else list(wish.to)

    def fits(self, status: str | None, to: nodes.CategoryName | str) -> bool:
        """Whether a status is the one meant."""
        if isinstance(to, str):
            return status == to
        return status is not None and (self.categories.get(status) or (status if status == to.name else None)) == to.name

    def concerns(self, clause: nodes.StopOn | nodes.Goal | nodes.WaitForEvent, journey: Journey, event: Event) -> bool:
        """An event means the journey's own order; `order created` always another one. Not before its start, not its own trigger."""
        wish = wanted(clause.event)
        if event.customer is not journey.customer or event.at < journey.started or event.fact is journey.fact:
            return False
        if not self.matches(wish, event):
            return False
        if event.order is not None and journey.order is not None and not wish.any_order:
            same = event.order is journey.order
            if same is (wish.kind == "order.created"):
                return False
        return clause.where is None or holds(clause.where, self.sight(event, journey))

    def notice(self, event: Event) -> None:
        """`goal`, `stop on` and `wait up to … for`."""
        for journey in self.journeys:
            if journey.reached_at is not None and journey.goal_at is None:
                for goal in journey.text.clauses(nodes.Goal):
                    until = civil.add_exact(journey.reached_at, goal.within, self.zone)
                    if journey.reached_at <= event.at <= until and self.concerns(goal, journey, event):
                        journey.goal_at = event.at
                        break
            if not journey.is_open:
                continue
            if any(self.concerns(stop, journey, event) for stop in journey.text.clauses(nodes.StopOn)):
                journey.end(self.now, "stopped", "exit")
                continue
            place = journey.place
            if (
                place is not None
                and isinstance(place.node, nodes.WaitForEvent)
                and journey.inside
                and journey.state == "waiting"
                and event.at <= (journey.due or 0)
                and self.concerns(place.node, journey, event)
            ):
                journey.happened(event.at, self.now)
                continue
            if place is not None:
                for later in journey.text.places[place.number :]:
                    if isinstance(later.node, nodes.WaitForEvent) and self.concerns(later.node, journey, event):
                        journey.heard.append((later, event.at))
