"""What templates may offer: the recommendations of `domain.md` §5.3, and the products of a `define products` segment."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

#: Products that one offer holds at most.
MOST = 20

#: The days of `popular(days=…)`, and those it has without them.
DAYS = range(1, 181)
USUAL_DAYS = 30

#: Behind `customer.recommendations.`: what each of them is.
RECOMMENDATIONS: Mapping[str, str] = {
    "related_to_last_order": "what is most often bought together with the products of the customer's last changed order",
    "category_match": "what `offers/category_match.csv` says goes with the categories of the last changed order",
    "popular": 'what was ordered most often in the last 30 days, or `popular(days=7)`; of a segment: `popular(segment="novelties")`',
    "personal": "what is popular in the categories the customer bought from or looked at in the last 90 days",
    "recently_viewed": "what the customer looked at in the last 14 days, the latest first",
}

#: Behind `product.recommendations.`, of the product that a scenario is about.
OF_PRODUCT: Mapping[str, str] = {
    "related": "what is most often bought together with the product",
    "similar": "what is popular in the category of the product",
}

#: What stands before the name of a recommendation, and the names that may follow.
ROOTS: Mapping[str, Mapping[str, str]] = {"customer.recommendations.": RECOMMENDATIONS, "product.recommendations.": OF_PRODUCT}

#: Those that go by what was ordered.
COUNTED = frozenset({"related_to_last_order", "category_match", "popular", "personal", *OF_PRODUCT})

#: The name of what `products.NAME` offers.
SEGMENT = "products"


@attrs.frozen(slots=True)
class Offer:
    """One thing to offer."""

    name: str
    """A recommendation, or `products`."""
    days: int = USUAL_DAYS
    """Of `popular`."""
    segment: str | None = None
    """The product segment of `products`, and of `popular` where it has one."""


@attrs.frozen(slots=True)
class OfferUse:
    """An offer in a template."""

    offer: Offer
    written: str
    """As the template reads it: `customer.recommendations.popular`."""
    place: str
    """`email.html:3`"""
    empty_case: bool
    """The template says what stands there when there is nothing to offer."""
