"""Letters that are sure to be written: text with a few plain values in it, and nothing that could go wrong.

A simulation asks only whether a letter can be written, and at most for its subject. Where a template does no more than print names and
addresses, that is known without writing it.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import attrs
from jinja2 import nodes

from interpreter.delivery.templates import SUBJECT
from interpreter.delivery.templates import Templates
from interpreter.entities import Customer
from interpreter.entities import Order
from interpreter.view import Terms
from interpreter.view import View

#: Characters of a value, and values and characters of a template: far below what a letter may have, however they are escaped.
SHORT = 2_000
VALUES = 50
LONG = 500_000

#: Names that are always there.
_WORDS = frozenset({"unsubscribe_url", "scenario", "template"})
#: Printed otherwise than as they stand.
_DATES = frozenset({"date", "moment"})
#: No text: only writing the letter can tell.
_DOUBT = object()

#: A value as it is printed; None: nothing is printed for it. Text is sure to be right, anything else leaves a doubt.
Read = Callable[[View], Any]

_CUSTOMER: Mapping[str, Read] = {
    "id": lambda view: view.customer.key,
    "email": lambda view: _contact(view.customer, "email"),
    "phone": lambda view: _contact(view.customer, "phone"),
    "timezone": lambda view: view.zone,
}
_ORDER: Mapping[str, Callable[[Order], Any]] = {
    "id": lambda order: order.key,
    "status": lambda order: order.status,
    "email": lambda order: order.email,
    "phone": lambda order: order.phone,
}
#: Read otherwise than as they stand.
_OTHERS = frozenset({"created_at", "updated_at", "total", "lines", "recommendations", "balances"})

#: `customer.first_name` as ("customer", "first_name"); a word as ("", "template").
Place = tuple[str, str]


@attrs.frozen(slots=True)
class Certain:
    """What a template prints for a channel."""

    reads: Sequence[Read]
    """Its values, each once."""
    subject: Sequence[str | Read]
    """Where nothing is read, it is one text at most."""

    def doubtful(self, view: View) -> bool:
        """Whether only writing the letter can tell whether it can be written for this customer."""
        for read in self.reads:
            value = read(view)
            if value is not None and (type(value) is not str or len(value) > SHORT):
                return True
        return False

    def subject_for(self, view: View) -> str | None:
        """The subject of a letter without a doubt."""
        if len(self.subject) == 1 and isinstance(self.subject[0], str):
            return self.subject[0]
        return _in_one_line([part if isinstance(part, str) else part(view) or "" for part in self.subject]) if self.subject else None


def certain(templates: Templates, name: str, channel: str, project: Terms) -> Certain | None:
    """What a template prints that has been written once already; None: it does more than to print."""
    info = templates.info(name)
    files = [f"{name}/{channel}.{ending}" for ending in info.files(channel)]
    if any(file.endswith(".json") for file in files):
        return None
    subject = _read(templates, f"{name}/meta.toml{SUBJECT}") if channel == "email" and info.subject is not None else []
    parts = [_read(templates, file) for file in files]
    if subject is None or any(isinstance(part, tuple) and not part[0] for part in subject):
        return None
    printed: list[str | Place] = [*subject]
    for found in parts:
        if found is None:
            return None
        printed += found
    places = [part for part in printed if isinstance(part, tuple)]
    if len(places) > VALUES or sum(len(part) for part in printed if isinstance(part, str)) > LONG:
        return None
    reads = {place: _reader(place, project) for place in places if place[0]}
    texts = [part for part in subject if isinstance(part, str)]
    if subject and len(texts) == len(subject):
        return Certain(tuple(reads.values()), [_in_one_line(texts)])
    return Certain(tuple(reads.values()), [part if isinstance(part, str) else reads[part] for part in subject])


def _in_one_line(texts: Sequence[str]) -> str:
    return " ".join("".join(texts).split())


def _read(templates: Templates, file: str) -> list[str | Place] | None:
    """The text of a template with the places of its values; None: there is more in it."""
    environment = templates.environment
    assert environment.loader is not None
    tree = environment.parse(environment.loader.get_source(environment, file)[0])
    found: list[str | Place] = []
    for output in tree.body:
        if not isinstance(output, nodes.Output):
            return None
        for node in output.nodes:
            part = _part(node)
            if part is None:
                return None
            found.append(part)
    return found


def _part(node: nodes.Expr) -> str | Place | None:
    match node:
        case nodes.TemplateData(data=text):
            return text
        case nodes.Name(name=name) if name in _WORDS:
            return "", name
        case nodes.Getattr(node=nodes.Name(name="customer" | "order" as name), attr=attribute) if not attribute.startswith("_"):
            return None if attribute in _OTHERS else (name, attribute)
        case _:
            return None


def _reader(place: Place, project: Terms) -> Read:
    entity, name = place
    if project.field_type(entity, name) in _DATES:
        read = _field(entity, name)
        return lambda view: None if read(view) is None else _DOUBT
    return _field(entity, name)


def _field(entity: str, name: str) -> Read:
    if entity == "customer":
        return _CUSTOMER.get(name) or (lambda view: view.customer.fields.get(name))
    read: Callable[[Order], Any] = _ORDER.get(name) or (lambda order: order.fields.get(name))
    return lambda view: _DOUBT if view.order is None else read(view.order)


def _contact(customer: Customer, kind: str) -> str | None:
    contact = customer.contacts.get(kind)
    return None if contact is None else contact.value
