"""What `scn validate` learns of templates without rendering them."""

from __future__ import annotations

import pytest

from interpreter.delivery.template_uses import describe


@pytest.fixture
def uses(templates_folder):
    def found(text, **files):
        tables = describe(templates_folder({"news/sms.txt": text, **{f"_parts/{name}.txt": part for name, part in files.items()}}))
        assert tables["news"].problems == ()
        return tables["news"].uses["sms"]

    return found


def names(found: tuple[tuple[str, str], ...]) -> list[str]:
    return [name for name, _place in found]


def test_every_dotted_name_has_its_place(uses):
    assert uses('Hi {{ customer.first_name }}\n{{ order["total"] | money }} {{ order.lines[0].price }}') == (
        ("customer.first_name", "sms.txt:1"),
        ("order.total", "sms.txt:2"),
        ("order.lines.price", "sms.txt:2"),
    )


def test_a_loop_variable_stands_for_what_it_goes_through(uses):
    text = "{% for line in order.lines %}{{ loop.index }}{{ line.product.name }}{% else %}{{ other }}{% endfor %}{{ line.id }}"
    assert names(uses(text)) == ["order.lines", "order.lines.product.name", "other", "line.id"]


def test_what_a_filter_takes_of_each_is_read(uses):
    text = "{% for p in order.lines | map(attribute='product') | unique(attribute='id') | take(3) %}{{ p.name }}{% endfor %}"
    assert names(uses(text)) == ["order.lines.product", "order.lines.product.name"]


def test_a_name_that_is_set_stands_for_its_value(uses):
    text = "{% set first = order.lines | first %}{{ first.price }}{% set n = 1 + order.total %}{{ n }}"
    text += "{% with c = customer %}{{ c.city }}{% endwith %}"
    assert names(uses(text)) == ["order.lines", "order.lines.price", "order.total", "customer", "customer.city"]


def test_a_name_set_in_a_branch_is_no_unknown_name_after_it(uses):
    assert names(uses("{% if order.total > 5 %}{% set word = 'big' %}{% else %}{% set word = 'small' %}{% endif %}{{ word }}")) == [
        "order.total"
    ]


def test_macros_know_their_own_names(uses):
    text = "{% macro row(x, y=customer.city) %}{{ x.a }}{{ y }}{{ order.id }}{% endmacro %}{{ row(line) }}"
    assert names(uses(text)) == ["customer.city", "order.id", "line"]


def test_a_method_of_a_date_is_no_field(uses):
    assert names(uses("{{ order.created_at.strftime(form) }}")) == ["order.created_at", "form"]


def test_a_name_the_template_expects_to_be_absent_is_left_out(uses):
    text = (
        "{% if promo is defined %}{{ promo.code }}{% endif %}{{ discount | default(10) }}{{ customer.nick | default('x') }}{{ order.id }}"
    )
    assert names(uses(text)) == ["customer.nick", "order.id"]


def test_what_parts_read_is_read_by_the_template(uses):
    found = uses(
        "{% include '_parts/a.txt' %}{% import '_parts/m.txt' as m %}{{ m.x }}{% from '_parts/m.txt' import y as z %}{{ z }}",
        a="\n{{ customer.a }}{% include '_parts/b.txt' %}",
        b="{{ customer.b }}{% include '_parts/a.txt' %}",
        m="{% set x = customer.m %}{% set y = 1 %}",
    )
    assert found == (("customer.a", "_parts/a.txt:2"), ("customer.b", "_parts/b.txt:1"), ("customer.m", "_parts/m.txt:1"))


def test_a_template_is_described_whole(templates_folder):
    root = templates_folder(
        {
            "review/meta.toml": 'subject = "{{ order.id }}"\nkind = "transactional"\ntopic = "service"\nfrom = "Shop <a@b.example>"\n',
            "review/email.html": "<p>{{ customer.name }}</p>",
            "review/sms.txt": "x",
            "review/notes.md": "{{ not.read }}",
            "news/email.html": "<a href='{{ unsubscribe_url }}'>no more</a>",
        }
    )
    tables = describe(root)
    assert list(tables) == ["news", "review"]
    review, news = tables["review"], tables["news"]
    assert (review.channels, review.kind, review.topic, review.problems) == (("email", "sms"), "transactional", "service", ())
    assert review.uses == {"email": (("order.id", "meta.toml:1"), ("customer.name", "email.html:1")), "sms": ()}
    assert (review.has_unsubscribe, news.has_unsubscribe, news.kind, news.topic) == (False, True, "marketing", None)


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"n/meta.toml": 'subject = "x"\nsubjet = "y"\n', "n/email.txt": ""}, "templates/n/meta.toml: unknown key `subjet`"),
        (
            {"n/meta.toml": 'kind = "promo"\n', "n/sms.txt": ""},
            "templates/n/meta.toml: expected `kind` to be `marketing` or `transactional`, found `promo`",
        ),
        ({"n/meta.toml": "topic = 5\n", "n/sms.txt": ""}, "templates/n/meta.toml: expected a text after `topic =`"),
        ({"n/meta.toml": "", "n/email.txt": ""}, "templates/n/meta.toml: a letter needs `subject`"),
        ({"n/meta.toml": "subject = ", "n/email.txt": ""}, "templates/n/meta.toml: "),
        ({"n/email.html": "<p>\n{% if %}</p>"}, "templates/n/email.html:2: expected an expression"),
        ({"n/meta.toml": 'subject = "{{ x "', "n/email.txt": ""}, "templates/n/meta.toml:1: unexpected end of template"),
        ({"n/sms.txt": "\n{% include 'gone.txt' %}"}, "templates/n/sms.txt:2: there is no file `gone.txt` in the templates folder"),
        ({"n/sms.txt": "{% include '_parts/p.txt' %}", "_parts/p.txt": "{% for %}"}, "templates/_parts/p.txt:1: "),
        ({"n/push.json": "{{ x | shout }}"}, "templates/n/push.json:1: no filter named `shout`"),
        ({"n/sms.txt": "{% if x is odder %}{% endif %}"}, "templates/n/sms.txt:1: no test named `odder`"),
        ({"n/sms.txt": "{% block a %}{% endblock %}\n{% block a %}{% endblock %}"}, "templates/n/sms.txt:2: block `a` is defined twice"),
        ({"n/email.html": "<p>{% if x %}one</p{% endif %}>"}, "templates/n/email.html: no text part can be made of this HTML"),
        ({"n/notes.md": ""}, "templates/n/: no part of a message here, expected a file such as `email.html` or `sms.txt`"),
        ({"n/email.mjml": ""}, "templates/n/email.mjml: "),
    ],
)
def test_a_problem_is_a_sentence_with_its_place(templates_folder, files, problem):
    [found] = describe(templates_folder(files))["n"].problems
    assert found.startswith(problem)


def test_a_folder_that_is_not_there_has_no_templates(tmp_path):
    assert describe(tmp_path / "templates") == {}
