"""What a template offers, and what `scn validate` says of it."""

from __future__ import annotations

import pytest

from dsl.checker import check
from dsl.offers import Offer
from dsl.project import Surroundings
from dsl.project import load
from dsl.source import Source
from interpreter.delivery.template_uses import describe

RELATED = "customer.recommendations.related_to_last_order"
POPULAR = "customer.recommendations.popular"


@pytest.fixture
def table(templates_folder):
    return lambda text, **parts: describe(
        templates_folder({"news/sms.txt": text, **{f"_parts/{name}.txt": part for name, part in parts.items()}})
    )["news"]


@pytest.fixture
def offers(table):
    def found(text, **parts):
        described = table(text, **parts)
        assert described.problems == ()
        return described.offers.get("sms", ())

    return found


@pytest.fixture
def found(table):
    """The findings of sending a template with a text, beside those about consent and limits."""

    def findings(text, define="", **more):
        around = Surroundings(templates={"news": table(text)}, **more)
        program = f"{define}\non order created\n  if subscribed sms\n  send news by sms\n  limit 1 per order\n"
        return [one for one in check(load([Source("a.scn", program)], around)) if one.check.startswith(("offer", "template"))]

    return findings


@pytest.mark.parametrize(
    ("text", "offer"),
    [
        (f"{{% for p in {RELATED} | take(3) %}}{{{{ p.name }}}}{{% endfor %}}", Offer("related_to_last_order")),
        ('{{ customer["recommendations"].personal | length }}', Offer("personal")),
        (f"{{% for p in {POPULAR} %}}{{{{ p.name }}}}{{% endfor %}}", Offer("popular")),
        (f"{{{{ ({POPULAR}(days=7) | first).name }}}}", Offer("popular", 7)),
        (f"{{% for p in {POPULAR}(7, 'new') | take(1) %}}{{% endfor %}}", Offer("popular", 7, "new")),
        ("{% for p in products.new | selectattr('price') | take(1) %}{% endfor %}", Offer("products", segment="new")),
        ("{% set picks = products.new | take(2) %}{{ picks | length }}", Offer("products", segment="new")),
    ],
)
def test_what_is_offered_is_known_from_the_text(offers, text, offer):
    assert [use.offer for use in offers(text)] == [offer]


def test_also_that_of_a_part(offers):
    [use] = offers('\n{% include "_parts/picks.txt" %}', picks="\n{{ customer.recommendations.personal | length }}")
    assert (use.written, use.place) == ("customer.recommendations.personal", "_parts/picks.txt:2")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{{% for p in {RELATED} %}}x{{% endfor %}}", False),
        (f"{{% for p in {RELATED} %}}x{{% else %}}nothing{{% endfor %}}", True),
        (f"{{% for p in {RELATED} | take(3) %}}x{{% else %}}nothing{{% endfor %}}", True),
        (f"{{% for p in {RELATED} | take(3) if p.price %}}x{{% endfor %}}", False),
        (f"{{% if {RELATED} %}}{{% for p in {RELATED} %}}x{{% endfor %}}{{% endif %}}", True),
        (f"{{% if {RELATED} | length > 2 %}}{{% for p in {RELATED} %}}x{{% endfor %}}{{% endif %}}", True),
        (f"{{{{ 'some' if {RELATED} else 'none' }}}}", True),
        (f"{{% set picks = {RELATED} | take(2) %}}{{% if picks %}}x{{% endif %}}", True),
        (f"{{% set picks = {RELATED} | take(2) %}}{{% for p in picks %}}x{{% else %}}y{{% endfor %}}", True),
        (f"{{% set picks = {RELATED} | take(2) %}}{{% for p in picks %}}x{{% endfor %}}", False),
        (f"{{% if order.total %}}{{% for p in {RELATED} %}}x{{% endfor %}}{{% endif %}}", False),
        ("{% if products.new %}{% for p in products.new | take(3) %}x{% endfor %}{% endif %}", True),
    ],
)
def test_an_empty_case_is_an_else_or_a_question(offers, text, said):
    assert all(use.empty_case for use in offers(text)) is said


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "\n{% for p in products.new %}{% endfor %}",
            "templates/news/sms.txt:2: `products.new` does not say how many: write `products.new | take(3)`",
        ),
        (f"{{% for p in {RELATED} | take(0) %}}{{% endfor %}}", "templates/news/sms.txt:1: expected a number from 1 to 20 in `take( )`"),
        (f"{{% for p in {RELATED} | take %}}{{% endfor %}}", "templates/news/sms.txt:1: expected a number from 1 to 20 in `take( )`"),
        (
            f"{{% for p in {POPULAR}(days=customer.days) %}}{{% endfor %}}",
            "templates/news/sms.txt:1: expected `days` of `popular` to be a number from 1 to 180, written out",
        ),
        (
            f"{{% for p in {POPULAR}(days=181) %}}{{% endfor %}}",
            "templates/news/sms.txt:1: expected `days` of `popular` to be a number from 1 to 180, written out",
        ),
        (
            f"{{% for p in {POPULAR}(segment=5) %}}{{% endfor %}}",
            'templates/news/sms.txt:1: expected `segment` of `popular` to be a name in quotes: `segment="novelties"`',
        ),
        (
            f"{{% for p in {RELATED}(days=5) %}}{{% endfor %}}",
            'templates/news/sms.txt:1: `related_to_last_order` takes no values but `popular(days=7, segment="novelties")`',
        ),
    ],
)
def test_an_offer_that_cannot_be_understood_keeps_the_template_from_being_sent(table, text, sentence):
    assert sentence in table(text).problems[0]


ELSE = "x{% else %}y{% endfor %}"


@pytest.mark.example("M-4")
def test_an_unknown_product_segment_is_an_error(found):
    define = "define products novelties where product.price > 0"
    [finding] = found(f"{{% for p in products.noveltys | take(3) %}}{ELSE}", define)
    assert finding.message == "the template `news` uses `products.noveltys` (sms.txt:1), and there is no product segment `noveltys`"
    assert finding.hint == "did you mean `novelties`?"
    [finding] = found(f"{{% for p in {POPULAR}(segment='new') %}}{ELSE}", define)
    assert finding.message == f"the template `news` uses `{POPULAR}` (sms.txt:1), and there is no product segment `new`"
    assert finding.hint == "write `define products new where …`"
    assert found(f"{{% for p in products.novelties | take(3) %}}{{{{ p.name }}}}{ELSE}", define) == []


@pytest.mark.example("M-5")
def test_an_offer_without_an_empty_case_is_a_warning(found):
    [finding] = found(f"{{% for p in {RELATED} %}}x{{% endfor %}}")
    assert (finding.check, finding.severity.value) == ("offer-without-empty-case", "warning")
    assert found(f"{{% for p in {RELATED} %}}{ELSE}") == []


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            "{{ customer.recommendations.populer | length }}",
            "the template `news` uses `customer.recommendations.populer` (sms.txt:1), and there is no recommendation `populer`",
            "did you mean `popular`?",
        ),
        (
            f"{{% for p in {RELATED} %}}{{{{ p.nam }}}}{ELSE}",
            f"the template `news` uses `{RELATED}.nam` (sms.txt:1), and `product` has no field `nam`",
            "did you mean `name`?",
        ),
        (
            f"{{% for p in customer.recommendations.category_match %}}{ELSE}",
            "the template `news` uses `customer.recommendations.category_match` (sms.txt:1), and there is no table for it",
            "write `offers/category_match.csv` with the columns category, recommend, count",
        ),
    ],
)
def test_what_cannot_be_offered_is_an_error(found, text, message, hint):
    [finding] = found(text)
    assert (finding.message, finding.hint) == (message, hint)


def test_with_its_table_categories_can_be_matched(found):
    assert found(f"{{% for p in customer.recommendations.category_match %}}{ELSE}", category_match={}) == []


def test_a_name_of_the_step_may_be_called_products(table):
    around = Surroundings(templates={"news": table("{{ products }}")})
    program = 'on order created\n  if subscribed sms\n  send news by sms with products = "two"\n  limit 1 per order\n'
    assert "template-value" not in {one.check for one in check(load([Source("a.scn", program)], around))}
