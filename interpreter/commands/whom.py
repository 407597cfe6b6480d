"""Whom a customer's name on the command line means: support often has the address, the number of an order, or the id in other letters."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dsl.spelling import closest
from interpreter import clock
from interpreter.commands.listing import printable
from interpreter.errors import UserError
from interpreter.facts import Fact
from interpreter.facts import contact_key
from interpreter.store.sqlite import Store

#: Ids that are compared with a mistyped one.
_COMPARED = 1_000
#: Facts still to be handled that are looked through; more than a busy minute brings.
_LOOKED_THROUGH = 20_000
#: How many customers are named.
_NAMED = 3
#: Digits that are a phone rather than an id.
_PHONE = 10
#: What may stand before the number of an order.
_ORDER = re.compile(r"^\s*(?:(?:order|заказ)\b)?\s*[#№]?", re.IGNORECASE)


def check_customer(store: Store, customer: str | None) -> None:
    """Raises UserError for one nobody knows: an empty list would read as if nothing had been sent."""
    if customer is not None and store.entities.called(customer) is None:
        raise stranger(store, customer)


def stranger(store: Store, asked: str) -> UserError:
    """What to say of a customer nobody knows."""
    shown = printable(asked)
    facts = _to_handle(store)
    if own := sum(fact.customer == asked for fact in facts):
        return UserError(f"`{shown}` is not known yet: {waiting_words(own)}", "`scn run --tick` handles them")
    message = f"there is no customer `{shown}`"
    if near := known_as(store, asked):
        named = " or ".join(f"`{printable(key)}`" for key in near[:_NAMED])
        return UserError(message, f"did you mean {named}?")
    if ordered := order_of(store, asked):
        order, customer = ordered
        named = printable(customer)
        return UserError(message, f"`{printable(order)}` is an order of `{named}`: `scn trace {named} --order {printable(order)}`")
    names = {asked.strip().lower(), contact_key("phone", asked)} - {""}
    if named_in := [fact for fact in facts if not names.isdisjoint(_names(fact))]:
        whose = next((f"facts of `{printable(fact.customer)}`" for fact in named_in if fact.customer), "facts that name it")
        return UserError(f"`{shown}` is not known yet: {whose} wait for the next tick", "`scn run --tick` handles them")
    if meant := _slip(store, asked):
        return UserError(message, f"did you mean `{printable(meant)}`?")
    return UserError(message, _what_is_meant(asked, len(facts)))


def waiting(store: Store, customer: str) -> int:
    """How many facts about a customer came and wait for the next tick; as far as one looks them through."""
    return sum(fact.customer == customer for fact in _to_handle(store))


def waiting_words(count: int) -> str:
    """`1 fact waits for the next tick`"""
    return f"{count} {'fact waits' if count == 1 else 'facts wait'} for the next tick"


def known_as(store: Store, asked: str) -> list[str]:
    """The ids of customers who have this id in other letters, this e-mail address or this phone."""
    phones = [contact_key("phone", asked)] if any(sign.isdigit() for sign in asked) else []
    near = store.entities.customers(keys=[asked.lower()])
    near += store.entities.customers_by_contact(emails=[contact_key("email", asked)], phones=phones)
    return list(dict.fromkeys(customer.key for customer in near))


def order_of(store: Store, asked: str) -> tuple[str, str] | None:
    """An order of this number, and whose it is: its id and that of its customer. `#17`, `№ 17` and `order 17` are 17."""
    bare = _ORDER.sub("", asked).strip()
    for order in store.entities.orders(list(dict.fromkeys((asked, bare, bare.upper(), bare.lower())))):
        for customer in store.entities.customers(ids=[order.customer]):
            if not customer.erased:
                return order.key, customer.key
    return None


def _to_handle(store: Store) -> list[Fact]:
    return store.facts.pending(clock.now(), _LOOKED_THROUGH)


def _names(fact: Fact) -> Iterator[str]:
    """What a fact calls a customer or an order by."""
    if fact.customer is not None:
        yield fact.customer.lower()
    order = fact.data.get("order")
    for named in (fact.data, order if isinstance(order, dict) else {"id": order}):
        for name in (named.get("email"), named.get("id")):
            if name is not None:
                yield str(name).lower()
        if named.get("phone") is not None:
            yield contact_key("phone", str(named["phone"]))


def _slip(store: Store, asked: str) -> str | None:
    """An id that begins alike and is nearly this one. Its digits are the same: another number is somebody else."""
    ids = store.entities.keys_from(asked[:2], _COMPARED) if len(asked) > 2 else []
    return closest(asked, [key for key in ids if _digits(key) == _digits(asked)])


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit())


def _what_is_meant(asked: str, to_handle: int) -> str:
    if to_handle == _LOOKED_THROUGH:
        return "many facts wait for the next tick: `scn run --tick`"
    if to_handle:
        return f"{waiting_words(to_handle)} (`scn run --tick`), but not about this one"
    if "@" in asked or (len(_digits(asked)) >= _PHONE and not any(sign.isalpha() for sign in asked)):
        kind = "e-mail address" if "@" in asked else "phone"
        return f"nobody has this {kind} today; what once went there is in the column `to` of `scn messages`"
    return "the shop's own id is meant, `customer` in the facts; of an e-mail address, a phone or an order you are told whose it is"
