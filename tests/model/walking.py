"""What a journey does when it is due: from step to step until it waits or ends (`language.md` §2.2)."""

from __future__ import annotations

from dsl import nodes
from tests.model import civil
from tests.model.asking import holds
from tests.model.group import group
from tests.model.journey import Journey
from tests.model.journey import World
from tests.model.journey import draw
from tests.model.reading import Place


def go_on(world: World, journey: Journey, *, deep: bool) -> None:
    """Until the next wait or the end."""
    while journey.due is not None and journey.due <= world.now:
        try:
            one_step(world, journey, deep=deep)
        except civil.EndlessQuietError:
            journey.end(world.now, "stopped", "expired")


def one_step(world: World, journey: Journey, *, deep: bool) -> None:
    """The next step, or a whole step group."""
    place, now = journey.place, world.now
    if place is None:
        journey.end(now, "finished")
        return
    match place.node:
        case nodes.Wait() | nodes.WaitUntil() | nodes.WaitUntilDate():
            wait(world, journey, place)
        case nodes.WaitForEvent():
            wait_for_event(world, journey, place)
        case nodes.Gate(condition=condition):
            if holds(condition, world.sight_of(journey)):
                journey.move(place.following, now)
            else:
                journey.end(now, "stopped", "condition")
        case nodes.Branch(condition=condition):
            journey.move(place.inner if holds(condition, world.sight_of(journey)) else place.otherwise, now)
        case nodes.Split(name=name):
            point, passed = draw("split", journey.scenario.first_name, name.text, journey.customer.key), 0.0
            for _, share, first in place.arms:
                passed += share
                if point < passed:
                    journey.move(first, now)
                    return
        case nodes.End():
            journey.end(now, "stopped", "end")
        case _:
            group(world, journey, place, deep=deep)


def wait(world: World, journey: Journey, place: Place) -> None:
    """Enter a wait, or leave it: T is its end, and quiet hours delay only what comes behind it."""
    node = place.node
    if journey.state != "held":
        end = journey.due
        if not journey.inside or isinstance(node, nodes.WaitUntilDate):
            end = world.wait_end(node, journey)
        if end is None:
            journey.end(world.now, "stopped", "no_date")
            return
        journey.inside, journey.due = True, end
        if end > world.now:
            return
        journey.context_time = end
    leave(world, journey, place, place.following)


def wait_for_event(world: World, journey: Journey, place: Place) -> None:
    """Enter `wait up to`, or see its time run out. What happened since T counts, also if it was told before the wait was entered."""
    node = place.node
    if journey.came:
        leave(world, journey, place, place.inner)
        return
    if journey.state != "held":
        if not journey.inside:
            end = civil.add(journey.context_time, node.duration, world.zone_of(journey.customer))
            for other, at in journey.heard:
                if waits_alike(other, place) and journey.context_time <= at <= end:
                    journey.heard = [one for one in journey.heard if not (waits_alike(one[0], place) and one[1] == at)]
                    journey.happened(at, world.now)
                    leave(world, journey, place, place.inner)
                    return
            journey.inside, journey.due = True, end
            if end > world.now:
                return
        journey.context_time = journey.due or 0
    leave(world, journey, place, place.otherwise)


def waits_alike(one: Place, other: Place) -> bool:
    """Whether two places, perhaps of two texts, wait for the same: what was heard for one was heard for the other."""
    return one.identity == other.identity and one.node.event == other.node.event and one.node.where == other.node.where


def leave(world: World, journey: Journey, place: Place, to: Place | None) -> None:
    """Go on behind a wait that is over, unless it is quiet now."""
    quiet = place.node.quiet or journey.text.quiet
    until = civil.quiet_until(world.now, quiet, world.zone_of(journey.customer))
    if until is None:
        journey.move(to, world.now)
    else:
        journey.hold(until)
