"""`customer.merge`: records of one customer become one, before anything else is done with the fact (E13, `engine.md` §7).

Facts are never changed: old ids stay further ids of the survivor, also for what comes later.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from dsl.catalog import LIMIT_KEYS
from interpreter.belongings import KINDS
from interpreter.belongings import Account
from interpreter.belongings import Belonging
from interpreter.belongings import Change
from interpreter.belongings import Membership
from interpreter.entities import Customer
from interpreter.facts import Fact
from interpreter.holdings import Place
from interpreter.journey import Journey
from interpreter.journey import State
from interpreter.journey import StopReason
from interpreter.merging import absorb
from interpreter.merging import contacts
from interpreter.merging import settled
from interpreter.merging import united
from interpreter.phases.batch import Batch
from interpreter.rules import Rules
from interpreter.store.entities import ALL_KNOWN
from interpreter.store.merging import move
from interpreter.store.sqlite import Store

#: The operation. It stands alone in its batch: whoever it is about is in nobody's memory.
MERGE = "customer.merge"
#: Words of limits under which a customer's number is a part of what is counted.
_COUNTED_BY = tuple(word for word in LIMIT_KEYS if word not in {"customer", "order", "line", "scenario"})


def merge(batch: Batch, fact: Fact) -> int:
    """Everything of the records that are absorbed becomes the survivor's; how many journeys stopped. Within a transaction."""
    store, shop = batch.store, batch.shop
    assert fact.customer is not None
    survivor, others, free = _people(batch, fact)
    if survivor is None:
        return 0
    stopped = 0
    for other in others:
        shop.absorbed.append(other.key)
        survivor.contacts = contacts(survivor, other)
        absorb(survivor, other)
        stopped += _unite(batch, survivor.id, other.id)
        move(store.connection, other.id, survivor.id, _COUNTED_BY)
        batch.absorbed(other.id, survivor.id)
        free.append(other.key)
        blank = Customer(other.id, f"merged-{other.id}", other.created_at, merged_into=survivor.id, erased=True)
        store.entities.save_customers([blank], new_from=ALL_KNOWN)
    if fact.customer in free:
        # Nobody had the id that the survivor is to have.
        free[free.index(fact.customer)] = survivor.key
        survivor.key = fact.customer
    store.entities.save_customers([survivor], new_from=ALL_KNOWN)
    store.entities.add_aliases((key, survivor.id) for key in free)
    return stopped


def _people(batch: Batch, fact: Fact) -> tuple[Customer | None, list[Customer], list[str]]:
    """Who survives, who is absorbed, and which ids were nobody's so far."""
    entities, note = batch.store.entities, batch.shop.note
    assert fact.customer is not None
    keys = list(dict.fromkeys([fact.customer, *fact.data["from"]]))
    aliases = entities.aliases(keys)
    customers = {customer.id: customer for customer in entities.customers(keys=keys, ids=aliases.values())}
    by_key = {customer.key: customer for customer in customers.values()}
    found = {key: by_key.get(key) or customers.get(aliases.get(key, 0)) for key in keys}
    erased = [key for key, customer in found.items() if customer is not None and customer.erased]
    for key in erased:
        note(fact.id, f"the customer `{key}` was erased: he cannot be merged")
    if fact.customer in erased:
        return None, [], []
    known = list({one.id: one for one in found.values() if one is not None and not one.erased}.values())
    free = [key for key in keys if found[key] is None]
    if not known:
        note(fact.id, f"nobody is known by any of these ids ({', '.join(f'`{key}`' for key in keys)}): the fact changes nothing")
        return None, [], []
    if len(known) == 1 and not free:
        if not erased:
            note(fact.id, f"these ids are of one customer already, `{known[0].key}`: the fact changes nothing")
        return None, [], []
    if others := [key for key in free if key != fact.customer]:
        note(fact.id, f"nobody was known as {', '.join(f'`{key}`' for key in others)}: from now on an id of `{fact.customer}`")
    return known[0], known[1:], free


def _unite(batch: Batch, survivor: int, absorbed: int) -> int:
    """What both have becomes one; how many journeys about such a thing stopped, since the survivor's own goes on."""
    store = batch.store
    changed: dict[Place, Belonging | None] = {}
    # Key of what both have: by kind.
    shared: set[tuple[str, str]] = set()
    mine, theirs = ({(thing.kind, thing.key): thing for _, thing in store.belongings.of([one], KINDS)} for one in (survivor, absorbed))
    for place, thing in theirs.items():
        changed[absorbed, *place] = None
        if place in mine:
            shared.add(place)
        changed[survivor, *place] = united(mine[place], thing) if place in mine else thing
    for kind, key in shared:
        one, two = mine[kind, key], theirs[kind, key]
        if isinstance(one, Account) and isinstance(two, Account):
            accruals = [thing for thing in (*mine.values(), *theirs.values()) if isinstance(thing, Change) and thing.account == key]
            changed.update({(survivor, thing.kind, thing.key): thing for thing in settled(one, two, accruals)})
    members = {key: changed.get((survivor, kind, key), thing) for (kind, key), thing in (mine | theirs).items() if kind == Membership.kind}
    for key in _left_behind(members, batch.rules):
        changed[survivor, Membership.kind, key] = None
    store.belongings.save(changed)
    return _stop_doubles(store, survivor, absorbed, shared, batch.now) if shared else 0


def _left_behind(members: Mapping[str, Belonging | None], rules: Rules) -> list[str]:
    """Of the segments of one tier all but the one that was entered last: a customer is in one of them."""
    entered = {key: (member.at, key) for key, member in members.items() if member is not None}
    return [key for key in entered if any(entered[other] > entered[key] for other in rules.tier_of(key) if other in entered)]


def _stop_doubles(store: Store, survivor: int, absorbed: int, shared: AbstractSet[tuple[str, str]], now: int) -> int:
    """Of two journeys of one scenario about what became one thing, the survivor's goes on."""
    journeys = [journey for journey in store.journeys.watching([survivor, absorbed]) if journey.state.is_open and journey.about]
    own = {_about(journey) for journey in journeys if journey.customer == survivor}
    doubles = [
        journey
        for journey in journeys
        if journey.customer == absorbed and _about(journey) in own and shared & (journey.about or {}).items()
    ]
    for journey in doubles:
        journey.state, journey.reason = State.STOPPED, StopReason.MERGED
        journey.inside, journey.due_at, journey.finished_at = False, None, now
    store.journeys.save([], doubles)
    store.journeys.record(
        [(now, one.customer, one.scenario, one.version, one.id, None, one.state.value, one.reason, None) for one in doubles]
    )
    return len(doubles)


def _about(journey: Journey) -> tuple[int, tuple[tuple[str, str], ...]]:
    return journey.scenario, tuple(sorted((journey.about or {}).items()))
