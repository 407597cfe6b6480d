"""Which values a template may read after which event: the table of `domain.md` §5.2, in the words of `events.md`."""

from __future__ import annotations

import re

import pytest

from dsl.catalog import EVENTS
from dsl.project import Surroundings
from dsl.project import TemplateTable
from tests.dsl.example_shop import findings

ALL = {event.number for event in EVENTS.values()}
#: Value of a template -> the events after which it is there.
SUPPLIED = {
    # E04 brings one line there; here also the order it belongs to. E29 says in which order the code was used.
    "order.lines.product.name": {"E02", "E03", "E04", "E29"},
    "order.total": {"E02", "E03", "E04", "E29"},
    "action.at": {"E02", "E03", "E07", "E08", "E09", "E12", "E14", "E25", "E26", "E27", "E31", "E32"},
    "card.number": {"E31", "E32"},
    "message.template": {"E10"},
    "line.quantity": {"E04"},
    "product.name": {"E04", "E05", "E06", "E07", "E09"},
    "item.price": {"E05", "E06"},
    "view.price": {"E07"},
    "change.amount": {"E25", "E26", "E27"},
    "change.remaining": {"E25", "E26", "E27"},
    "change.expires_at": {"E25", "E26", "E27"},
    "promo.code": {"E28", "E29", "E30"},
    "session.added.product.name": {"E01"},
    "session.viewed": {"E01"},
    "session.categories": {"E01"},
    "code.value": {"E14"},
    "customer.first_name": ALL,
    "customer.recommendations.popular.name": ALL,
    "products.novelties.name": ALL,
    "product.recommendations.related.name": {"E04", "E05", "E06", "E07", "E09"},
    "customer.balances.bonus.available": ALL,
    "customer.balances.bonus.expiring.expires_at": ALL,
    "now": ALL,
}


VALUES = list(SUPPLIED)


def there(event: str) -> set[str]:
    """The values that a template sent after an event may read: each is one template."""
    tables = {f"t{number}": TemplateTable(("email",), uses={"email": ((value, "email.html:1"),)}) for number, value in enumerate(VALUES)}
    sends = "".join(f"  send {name} by email\n" for name in tables)
    start = event if event.startswith("every") else f"on {event}"
    program = f"define products novelties where product.price > 0\n\n{start}\n  if subscribed email\n{sends}"
    found = findings(program, surroundings=Surroundings(templates=tables))
    assert {"syntax", "unknown-event"}.isdisjoint(one.check for one in found)
    missing = [re.search(r"`t(\d+)`", one.message) for one in found if one.check == "template-value"]
    return set(VALUES) - {VALUES[int(name[1])] for name in missing if name}


@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: event.key)
def test_a_template_may_read_what_its_event_brings(event):
    family = event.number.rstrip("abcdef")
    assert there(event.spelling) == {value for value, numbers in SUPPLIED.items() if family in {one.rstrip("abcdef") for one in numbers}}


@pytest.mark.parametrize(
    ("used", "told"),
    [
        ("customer.balances", "and no balance is named"),
        ("customer.balances.bons.available", "and there is no balance `bons`"),
        ("customer.balances.bonus.amount", "and a balance has no `amount`"),
        ("customer.balances.bonus.expiring.emaining", "and `change` has no field `emaining`"),
        ("product.recommendations.popular", "and there is no recommendation `popular`"),
    ],
)
def test_a_misspelt_value_of_a_balance_or_an_offer(used, told):
    table = TemplateTable(("email",), uses={"email": ((used, "email.html:1"),)})
    program = 'define balance "bonus"\n\non product viewed\n  if subscribed email\n  send t by email\n'
    found = findings(program, surroundings=Surroundings(templates={"t": table}))
    assert [told in one.message for one in found if one.check == "template-value"] == [True]
