"""What a template sees of a journey."""

from __future__ import annotations

import types
from typing import Any
from typing import cast

import pytest

from interpreter.delivery.template_files import TemplateError
from interpreter.delivery.templates import Templates
from interpreter.delivery.values import values
from interpreter.entities import Action
from interpreter.entities import Contact
from interpreter.entities import Customer
from interpreter.entities import Line
from interpreter.entities import Message
from interpreter.entities import Order
from interpreter.view import Terms
from interpreter.view import View

#: 2026-03-01 22:30 UTC: already 2 March in Moscow.
NOW = 1772404200

TYPES = {("order", "delivery_date"): "date", ("customer", "birthday"): "date", ("order", "pickup"): "date", ("order", "note"): "text"}


@pytest.fixture
def view() -> View:
    customer = Customer(
        1,
        "ann",
        created_at=NOW,
        contacts={"email": Contact("ann@example.com")},
        fields={"first_name": "Ann", "birthday": "1990-05-01", "vip": True},
    )
    lines = {
        "1": Line("1", "p-9", 2, 600.0, "shipped", fields={"name": "Boots"}),
        "2": Line("2", None, 1.5),
    }
    fields = {
        "delivery_date": "2026-03-05T10:00:00Z",
        "pickup": "soon",
        "note": "2026-03-05",
        "address": {"city": "Riga", "items": 3},
    }
    order = Order(7, "17", 1, NOW - 86400, NOW, status="shipped", total=1200.0, lines=lines, fields=fields)
    terms = cast("Terms", types.SimpleNamespace(field_type=lambda entity, field: TYPES.get((entity, field))))
    return View(terms, NOW, NOW, NOW, "Europe/Moscow", customer, order)


@pytest.fixture
def text(templates_folder, view):
    def render(source: str, **more: Any) -> str | None:
        root = templates_folder({"news/sms.txt": source})
        given = values(
            view, scenario="reviews", template="news", more=more, unsubscribe_url="https://u", project={"timezone": "Europe/Moscow"}
        )
        return Templates(root).render("news", "sms", given).text

    return render


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("{{ customer.id }} {{ customer.email }} {{ customer.phone }}.", "ann ann@example.com ."),
        ("{{ customer.first_name }} {{ customer.vip }} {{ customer.timezone }}", "Ann True Europe/Moscow"),
        ("{{ customer.birthday }} {{ customer.birthday | date('%d.%m') }}", "01.05.1990 01.05"),
        ("{{ order.id }} {{ order.status }} {{ order.total }} {{ order.total | money('₽') }}", "17 shipped 1200 1\u00a0200\u00a0₽"),
        ("{{ order }} {{ customer }}", "17 ann"),
        ("{{ order.created_at }} {{ order.updated_at | date }}", "01.03.2026 01:30 02.03.2026"),
        ("{{ order.delivery_date | datetime }}", "05.03.2026 13:00"),
        ("{{ order.pickup }} {{ order.note }} {{ order.note | date }}", "soon 2026-03-05 05.03.2026"),
        ("{{ order.address.city }} {{ order.address['items'] }} {{ order.nothing }}", "Riga 3 "),
        ("{% for line in order.lines %}{{ line.name }} {{ line.quantity }} {{ line.product }};{% endfor %}", "Boots 2 p-9; 1.5 ;"),
        ("{% for line in order.lines %}{{ line.order.id }}{{ line.product.id }},{% endfor %}", "17p-9,17,"),
        ("{{ order.lines | map(attribute='price') | first }} {{ order.lines | length }}", "600 2"),
        ("{{ order.lines | selectattr('status', 'equalto', 'shipped') | map(attribute='id') | join(' ') }}", "1"),
        ("{{ scenario }} {{ template }} {{ unsubscribe_url }} {{ project.timezone }}", "reviews news https://u Europe/Moscow"),
        (
            "{{ now }} {{ now | plus(days=3) | date }} {{ now | plus(days=-3, hours=1) | datetime }}",
            "02.03.2026 01:30 05.03.2026 27.02.2026 02:30",
        ),
        ("{% if order.created_at < now and order.total > 1000 %}yes{% endif %}", "yes"),
        ("{{ order.created_at.strftime('%Y') }}", "2026"),
    ],
)
def test_a_journey_as_a_template_sees_it(text, source, shown):
    assert text(source) == shown


def test_a_push_may_hold_whole_values(templates_folder, view):
    root = templates_folder(
        {"news/push.json": '{"at": {{ now | tojson }}, "order": {{ order | tojson }}, "gone": {{ order.x | tojson }}, "f": "{{ 2.5 }}"}'}
    )
    given = values(view, scenario="reviews", template="news")
    assert Templates(root).render("news", "push", given).payload == {
        "at": "2026-03-02T01:30:00+03:00",
        "order": "17",
        "gone": None,
        "f": "2.5",
    }


def test_with_values_and_codes_stand_beside_the_entities(text):
    given = {"discount": 10, "until": NOW, "promo": {"code": "NEXT-1"}}
    assert text("{{ discount }}% {{ until | date }} {{ promo.code }} {{ promo.x }}", **given) == "10% 02.03.2026 NEXT-1 "


@pytest.mark.parametrize("name", ["line", "action", "message", "promo"])
def test_what_the_journey_does_not_have_is_an_unknown_name(text, name):
    with pytest.raises(TemplateError, match=f"unknown name `{name}`"):
        text(f"{{{{ {name}.id }}}}")


def test_the_trigger_is_seen(text, view):
    view.line = view.order.lines["1"]
    view.action = Action(3, 1, "quiz_done", NOW, fields={"score": 7})
    view.message = Message(9, 1, "review", "email", NOW, "sent")
    shown = text(
        "{{ line.price }} {{ line.order.total }}|{{ action }} {{ action.at }} {{ action.score }} {{ action.actor }}"
        "|{{ message.template }} {{ message.channel }} {{ message.state }} {{ message.at | date }} {{ message.other }}"
    )
    assert shown == "600 1200|quiz_done 02.03.2026 01:30 7 customer|review email sent 02.03.2026 "


def test_a_line_that_stands_alone_has_no_order(text, view):
    view.line, view.order = view.order.lines["1"], None
    assert text("{{ line.name }}[{{ line.order.id }}]") == "Boots[]"


def test_a_template_sees_names_and_nothing_of_the_program(text):
    for source in ("{{ customer.contacts }}", "{{ customer.fields }}", "{{ order.key }}", "{{ order.customer }}", "{{ customer.erased }}"):
        assert text(source) == ""
