"""What the shop adds to the catalog with `define`: its statuses, fields, lists, segments, topics and promo pools."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping

from dsl import nodes
from dsl.catalog import CATEGORIES
from dsl.catalog import FIELD_TYPES
from dsl.catalog import Type
from dsl.forms import Record
from dsl.forms import part


class Vocabulary(Record):
    """The words of the shop. A kind that is not defined at all is empty here, and every word of it is accepted."""

    statuses: tuple[str, ...] = ()
    """Of orders and their lines."""
    categories: Mapping[str, str] = part(factory=dict)
    """status -> category"""
    fields: Mapping[str, Type] = part(factory=dict)
    """`customer.birthday` -> its type"""
    lists: Mapping[str, bool] = part(factory=dict)
    """name -> keeps the price at adding"""
    segments: Mapping[str, str | None] = part(factory=dict)
    """Static segments: name -> tier"""
    topics: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    balances: tuple[str, ...] = ()
    promos: Mapping[str, nodes.DefinePromo] = part(factory=dict)
    products: Mapping[str, nodes.DefineProducts] = part(factory=dict)

    def status_category(self, status: str) -> str | None:
        """`placed`, `paid`, `delivered`, `cancelled`, `returned`; a status spelt like a category belongs to it; None: unknown."""
        return self.categories.get(status) or (status if status in CATEGORIES else None)


def gather(statements: Iterable[nodes.Statement]) -> Vocabulary:
    """The words of all `define` statements; the first one counts where two disagree."""
    words: dict[str, list[str]] = {"status": [], "topic": [], "action": [], "balance": []}
    categories: dict[str, str] = {}
    fields: dict[str, Type] = {}
    lists: dict[str, bool] = {}
    segments: dict[str, str | None] = {}
    promos: dict[str, nodes.DefinePromo] = {}
    products: dict[str, nodes.DefineProducts] = {}
    for statement in statements:
        match statement:
            case nodes.Define(kind="list"):
                for name in statement.names:
                    lists.setdefault(name.text, not statement.without_price)
            case nodes.Define(kind="segment"):
                for name in statement.names:
                    segments.setdefault(name.text, statement.owner.text if statement.owner else None)
            case nodes.Define():
                words.setdefault(statement.kind, []).extend(name.text for name in statement.names)
            case nodes.DefineCategory():
                for name in statement.statuses:
                    categories.setdefault(name.text, statement.category.text)
            case nodes.DefineField():
                fields.setdefault(statement.field.text, FIELD_TYPES.get(statement.type.text, Type.ANY))
            case nodes.DefinePromo():
                promos.setdefault(statement.pool.text, statement)
            case nodes.DefineProducts():
                products.setdefault(statement.name.text, statement)
    return Vocabulary(
        statuses=tuple(words["status"]),
        categories=categories,
        fields=fields,
        lists=lists,
        segments=segments,
        topics=tuple(words["topic"]),
        actions=tuple(words["action"]),
        balances=tuple(words["balance"]),
        promos=promos,
        products=products,
    )
