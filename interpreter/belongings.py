"""What a customer has beside orders: products in lists, looks, visits, points, codes, cards, places in segments (`domain.md` §2.2 to §2.8).

Each is a row of its own, with the customer, its kind and its key; what it is about (a product, a pool, a number) is indexed,
so that its owners are found from the other side. All moments in seconds since 1970 UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import msgspec

from interpreter.entities import Fields

#: Between the parts of a key: stands in no id.
BETWEEN = "\x1f"
#: Whose is what is nobody's yet: codes that are still to be given out, codes for everybody.
NOBODY = 0


class Belonging(msgspec.Struct, omit_defaults=True):
    """Something of a customer."""

    kind: ClassVar[str]
    """The word of the language for it where it has one."""

    @property
    def key(self) -> str:
        """Which of those of its kind: what journeys keep of it."""
        raise NotImplementedError

    @property
    def about(self) -> str | None:
        """By what its owners are looked for; None: by nothing."""
        return None

    @property
    def at(self) -> int:
        """When it came to be: what windows go by."""
        raise NotImplementedError

    @property
    def products(self) -> tuple[str, ...]:
        """The products it names."""
        return ()


class Item(Belonging, omit_defaults=True):
    """A product in a list."""

    kind = "item"
    list: str
    product: str
    quantity: int | float = 1
    price: int | float | None = None
    """With which it was put in: what E05c and E05d compare with."""
    added_at: int = 0
    changed_at: int = 0
    """When anything was last said of it: older news change nothing."""
    told_in: str | None = None
    """The batch of facts that changed its list by it, so that what changes with it is told once (A-04)."""

    @property
    def key(self) -> str:
        """List and product."""
        return f"{self.list}{BETWEEN}{self.product}"

    @property
    def about(self) -> str:
        """The product."""
        return self.product

    @property
    def at(self) -> int:
        """When it was put in."""
        return self.added_at

    @property
    def products(self) -> tuple[str, ...]:
        """The one."""
        return (self.product,)


class Left(Belonging, omit_defaults=True):
    """Since when products are not in a list: what is told late of the time before puts none of them in again."""

    kind = "left"
    list: str
    whole: int = 0
    """When all was said that is in the list: what was not is not."""
    gone: dict[str, int] = msgspec.field(default_factory=dict)
    """Product -> when it left, or was said not to be there; of the latest ones."""

    @property
    def key(self) -> str:
        """Its list."""
        return self.list

    @property
    def at(self) -> int:
        """The latest news."""
        return max(self.whole, *self.gone.values(), 0)

    def since(self, product: str) -> int:
        """From when on it is not there, as far as anybody said."""
        return max(self.whole, self.gone.get(product, 0))


class Look(msgspec.Struct, omit_defaults=True):
    """One look at a product."""

    at: int
    price: int | float | None = None


class ProductView(Belonging, omit_defaults=True):
    """That a customer looked at a product: the latest look, and the ones before it."""

    kind = "view"
    product: str
    seen_at: int
    price: int | float | None = None
    """At the latest look: what E07c and E07d compare with."""
    earlier: tuple[Look, ...] = ()
    """Oldest first."""

    @property
    def key(self) -> str:
        """The product."""
        return self.product

    @property
    def about(self) -> str:
        """The product."""
        return self.product

    @property
    def at(self) -> int:
        """The latest look."""
        return self.seen_at

    @property
    def products(self) -> tuple[str, ...]:
        """The one."""
        return (self.product,)


class Session(Belonging, omit_defaults=True):
    """A visit to the site."""

    kind = "session"
    started_at: int
    last_at: int
    """The latest activity in it."""
    ended_at: int | None = None
    """None: it goes on."""
    added: tuple[Item, ...] = ()
    viewed: tuple[ProductView, ...] = ()
    categories: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """When it began."""
        return str(self.started_at)

    @property
    def at(self) -> int:
        """When it began."""
        return self.started_at

    @property
    def products(self) -> tuple[str, ...]:
        """All that was put into lists or looked at."""
        return tuple(named for one in (*self.added, *self.viewed) for named in one.products)


class Account(Belonging, omit_defaults=True):
    """What stands on an account of points."""

    kind = "account"
    name: str
    available: int | float = 0
    """May be below zero."""
    blocked: int | float = 0

    @property
    def key(self) -> str:
        """Its name."""
        return self.name


class Change(Belonging, omit_defaults=True):
    """A change of an account."""

    kind = "change"
    id: int
    """Of the fact; what burned of an accrual has its number below zero."""
    account: str
    what: str
    """`accrual`, `write_off`, `reset` or `expiry`"""
    amount: int | float
    remaining: int | float = 0
    """Of an accrual: what is not spent yet."""
    changed_at: int = 0
    received: int = 0
    """When the accrual came in: a scenario must have run then, and when the points become available (`domain.md` §3.9)."""
    available_from: int | None = None
    """Of an accrual; None: it was taken back before it could be spent."""
    expires_at: int | None = None
    order: str | None = None
    blocked: bool = False
    """Of an accrual: its points cannot be spent yet."""
    name: str | None = None
    """The shop's own id of it, if it gave one."""

    @property
    def key(self) -> str:
        """Its number."""
        return str(self.id)

    @property
    def at(self) -> int:
        """When it was made."""
        return self.changed_at


class Promo(Belonging, omit_defaults=True):
    """A promo code that was given out, or that is for everybody."""

    kind = "promo"
    code: str
    pool: str
    issued_at: int = 0
    valid_until: int | None = None
    redeemed_at: int | None = None

    @property
    def key(self) -> str:
        """The code."""
        return self.code

    @property
    def about(self) -> str:
        """The code: whoever uses it names nobody."""
        return self.code

    @property
    def at(self) -> int:
        """When it was given out."""
        return self.issued_at


class Stock(Belonging, omit_defaults=True):
    """A code in a pool, not given out yet."""

    kind = "stock"
    pool: str
    code: str

    @property
    def key(self) -> str:
        """The code: the same one comes in once, and they are given out in this order."""
        return self.code

    @property
    def about(self) -> str:
        """The pool."""
        return self.pool


class Card(Belonging, omit_defaults=True):
    """A discount card."""

    kind = "card"
    number: str
    type: str | None = None
    status: str = "inactive"
    changed_at: int = 0
    fields: Fields = msgspec.field(default_factory=dict)

    @property
    def key(self) -> str:
        """Its number."""
        return self.number

    @property
    def about(self) -> str:
        """Its number: a card is known without its customer."""
        return self.number

    @property
    def at(self) -> int:
        """Its latest change."""
        return self.changed_at


class Code(Belonging, omit_defaults=True):
    """An authorisation code that was asked for; of each kind the latest."""

    kind = "code"
    purpose: str
    value: str
    requested_at: int
    expires_at: int | None = None

    @property
    def key(self) -> str:
        """What it is for."""
        return self.purpose

    @property
    def at(self) -> int:
        """When it was asked for."""
        return self.requested_at


class Membership(Belonging, omit_defaults=True):
    """That a customer is in a segment."""

    kind = "segment"
    segment: str
    entered_at: int

    @property
    def key(self) -> str:
        """The segment."""
        return self.segment

    @property
    def about(self) -> str:
        """The segment: its members are listed by it."""
        return self.segment

    @property
    def at(self) -> int:
        """When he entered it."""
        return self.entered_at


class Awaited(Belonging, omit_defaults=True):
    """That a journey waits for a date of a product: when the product changes, its wake time follows."""

    kind = "awaited"
    journey: int
    product: str
    since: int

    @property
    def key(self) -> str:
        """The journey."""
        return str(self.journey)

    @property
    def about(self) -> str:
        """The product."""
        return self.product

    @property
    def at(self) -> int:
        """When the wait was entered."""
        return self.since


#: Every kind of belonging.
KINDS: Mapping[str, type[Belonging]] = {
    one.kind: one for one in (Item, Left, ProductView, Session, Account, Change, Promo, Stock, Card, Code, Membership, Awaited)
}
