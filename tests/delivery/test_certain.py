"""A letter that is sure to be written says the same, and one that may not be is written to see."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from interpreter.delivery.certain import certain
from interpreter.delivery.templates import Templates
from interpreter.delivery.values import values
from interpreter.entities import Contact
from interpreter.entities import Customer
from interpreter.entities import Order
from interpreter.project.loading import one
from interpreter.project.project_folder import open_folder
from interpreter.rules import Rules
from interpreter.view import View


def letter(folder: Path, subject: str, html: str) -> Templates:
    place = folder / "templates" / "hello"
    place.mkdir(parents=True)
    (place / "meta.toml").write_text(f"subject = '''{subject}'''\n")
    (place / "email.html").write_text(html)
    return Templates(folder / "templates")


def seen_by(folder: Path, *, order: Order | None = None, **fields: Any) -> View:
    (folder / "scn.toml").write_text("[project]\n")
    (folder / "all.scn").write_text("define field customer.born date\n")
    customer = Customer(1, "c-1", 0, contacts={"email": Contact("c@example.com")}, fields=fields)
    return View(Rules(one(open_folder(folder)).project), 0, 0, 0, "UTC", customer, order=order)


@pytest.mark.parametrize(
    ("subject", "fields"),
    [
        ("Hello", {}),
        ("  Hello {{ customer.first_name }},\n{{ customer.id }} ", {"first_name": "Ann <b>"}),
        ("{{ customer.first_name }}{{customer.email}} {{ customer.phone }}", {}),
        ("{{ customer.first_name }} & {{ customer.timezone }}", {"first_name": None}),
    ],
)
def test_the_subject_is_what_it_would_be(tmp_path, subject, fields):
    templates = letter(tmp_path, subject, "<p>{{ customer.first_name }} {{ unsubscribe_url }}</p>")
    view = seen_by(tmp_path, **fields)
    known = certain(templates, "hello", "email", view.project)
    assert known is not None
    assert not known.doubtful(view)
    rendered = templates.render("hello", "email", values(view, scenario="s", template="hello"))
    assert known.subject_for(view) == rendered.subject


@pytest.mark.parametrize(
    "html",
    [
        "{{ customer.first_name | upper }}",
        "{% if customer.first_name %}x{% endif %}",
        "{% include 'other.html' %}",
        "{{ order.total }}",
        "{{ customer.a.b }}",
        "{{ customer.__class__ }}",
        "{{ action.x }}",
        "{{ nothing }}",
        "{{ customer['first_name'] }}",
        "{{ customer.first_name }}" * 60,
    ],
)
def test_what_does_more_than_print_is_not_certain(tmp_path, html):
    assert certain(letter(tmp_path, "Hello", html), "hello", "email", seen_by(tmp_path).project) is None


@pytest.mark.parametrize("fields", [{"size": 5}, {"size": ["a"]}, {"size": "x" * 3000}, {"born": "2026-05-01"}])
def test_a_value_that_is_no_short_text_leaves_a_doubt(tmp_path, fields):
    view = seen_by(tmp_path, **fields)
    known = certain(letter(tmp_path, "Hello", "{{ customer.size }}{{ customer.born }}"), "hello", "email", view.project)
    assert known is not None
    assert known.doubtful(view)
    assert not known.doubtful(seen_by(tmp_path, size="5", born=None))


def test_a_letter_about_an_order_needs_one(tmp_path):
    view = seen_by(tmp_path, order=Order(1, "A-1", 1, 0, 0))
    known = certain(letter(tmp_path, "Order {{ order.id }}", "{{ order.status }}"), "hello", "email", view.project)
    assert known is not None
    assert not known.doubtful(view)
    assert known.subject_for(view) == "Order A-1"
    assert known.doubtful(seen_by(tmp_path))
