"""The shop that the pages of the checks talk about: its templates, channels and connections."""

from __future__ import annotations

from dsl import nodes
from dsl.checker import check
from dsl.diagnostic import Diagnostic
from dsl.offers import Offer
from dsl.offers import OfferUse
from dsl.project import ChannelTable
from dsl.project import Project
from dsl.project import Surroundings
from dsl.project import TemplateTable
from dsl.project import load
from dsl.source import Source

_ORDER = {"email": (("order.id", "email.html:3"),)}


def _offered(*, empty_case: bool) -> dict[str, tuple[OfferUse, ...]]:
    name = "related_to_last_order"
    return {"email": (OfferUse(Offer(name), f"customer.recommendations.{name}", "email.html:7", empty_case),)}


TEMPLATES = {
    "welcome": TemplateTable(("email",), uses={"email": (("customer.first_name", "email.html:1"), ("unsubscribe_url", "email.html:9"))}),
    "related_products": TemplateTable(("email",)),
    "new_arrivals": TemplateTable(("email",)),
    "digest": TemplateTable(("email",), topic="weekly"),
    "review_request": TemplateTable(("email",)),
    "sale": TemplateTable(("email", "sms")),
    "alert": TemplateTable(("sms",)),
    "plain": TemplateTable(("email",), has_unsubscribe=False),
    "receipt": TemplateTable(("email",), kind="transactional", uses=_ORDER, has_unsubscribe=False),
    "notice": TemplateTable(("email", "sms"), kind="transactional", has_unsubscribe=False),
    "gift": TemplateTable(("email",), uses={"email": (("promo.code", "email.html:2"),)}),
    "coupon": TemplateTable(("email",), uses={"email": (("discount", "email.html:2"),)}),
    "letter": TemplateTable(("email",), uses={"email": (("order.lines.prise", "email.html:5"), ("order.note.text", "email.html:6"))}),
    "goes_with_it": TemplateTable(("email",), offers=_offered(empty_case=False)),
    "goes_with_it_or_popular": TemplateTable(("email",), offers=_offered(empty_case=True)),
    "broken": TemplateTable(("email",), problems=("email.html:4: unexpected `}`",)),
}

SHOP = Surroundings(
    templates=TEMPLATES,
    channels={"email": ChannelTable("smtp", reports_opens=True), "sms": ChannelTable("http")},
    calls=("crm",),
    writebacks=("order",),
    timezone="Europe/Berlin",
    valid=nodes.Duration(days=1),
    holidays="DE",
)


def project(*texts: str, surroundings: Surroundings = SHOP) -> Project:
    """A project of the texts, one file for each."""
    return load([Source(f"more{number}.scn" if number else "main.scn", text) for number, text in enumerate(texts)], surroundings)


def findings(*texts: str, surroundings: Surroundings = SHOP) -> list[Diagnostic]:
    """What is wrong with the texts."""
    return check(project(*texts, surroundings=surroundings))


def names(*texts: str, surroundings: Surroundings = SHOP) -> list[str]:
    """The checks that found something, in the order of the text."""
    return [diagnostic.check for diagnostic in findings(*texts, surroundings=surroundings)]
