"""A template with a slip in it, or worse, ends as one sentence: it never takes the time or the memory of the others."""

from __future__ import annotations

import pytest

from interpreter.delivery import bounds
from interpreter.delivery.sandbox import Sandbox
from interpreter.delivery.template_files import TemplateError
from interpreter.delivery.templates import Templates


def rendered(root, source: str) -> str | None:
    folder = root / "templates/news"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sms.txt").write_text(source)
    return Templates(root / "templates").render("news", "sms", {"n": 3}).text


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}", "more than 100,000 rounds"),
        ("{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}", "more than 100,000 rounds"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "without an end"),
        ("{% include 'news/sms.txt' %}", "without an end"),
        ("{{ range(10 ** 9) | list }}", "a number in it is too large"),
        ("{{ 'a' * 10 ** 9 }}", "more than 5,000,000 characters"),
        ("{{ [1] * 10 ** 9 }}", "more than 5,000,000 characters"),
        ("{{ 9 ** 99999 }}", "a power in it is too large"),
        ("{% set ns = namespace(x='a') %}{% for a in range(99) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}", "5,000,000 characters"),
        ("{% set ns = namespace(x='a') %}{% for a in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}", "5,000,000 characters"),
        ("{% set ns = namespace(x=9) %}{% for a in range(99) %}{% set ns.x = ns.x * ns.x %}{% endfor %}", "a product in it is too large"),
        ("{% set big = 'a' * 999999 %}{% for a in range(999) %}{{ big }}{% endfor %}", "5,000,000 characters"),
        ("{% set big %}{% for a in range(9999) %}{{ 'a' * 9999 }}{% endfor %}{% endset %}", "5,000,000 characters"),
        ("{{ range(99999) | map('center', 9999) | list }}", "5,000,000 characters"),
        ("{{ ('a' * 99999).replace('', 'a' * 99999) }}", "5,000,000 characters"),
        ("{{ ('a' * 99999) | replace('a', 'a' * 99999) }}", "5,000,000 characters"),
        ("{{ ('a' * 99999).join('a' * 99999) }}", "5,000,000 characters"),
        ("{{ range(9999) | join('a' * 99999) }}", "5,000,000 characters"),
        ("{{ 'a' | center(10 ** 9) }}", "1000000000 is too large for this place"),
        ("{{ 'a' | indent(width=10 ** 9) }}", "1000000000 is too large for this place"),
        ("{{ 'a'.ljust(10 ** 9) }}", "1000000000 is too large for this place"),
        ("{{ 'a' | batch(10 ** 9, 'x') | list }}", "1000000000 is too large for this place"),
        ("{{ '%1000000000d' % 1 }}", "a width in it is too large"),
        ("{{ '%*d' % (10 ** 9, 1) }}", "a width in it is too large"),
        ("{{ '%1000000000d' | format(1) }}", "a width in it is too large"),
        ("{{ '{:1000000000}'.format(1) }}", "a width in it is too large"),
        ("{{ '{:{}}'.format(1, 10 ** 9) }}", "1000000000 is too large for this place"),
    ],
)
def test_work_without_end_is_a_sentence(tmp_path, source, said):
    with pytest.raises(TemplateError, match=r"^templates/news") as caught:
        rendered(tmp_path, source)
    assert said.lower() in str(caught.value).lower()


def test_ordinary_work_is_not_in_the_way(tmp_path):
    source = "{% for a in range(n) %}{{ loop.index }}/{{ loop.length }}{{ ',' if not loop.last }}{% else %}none{% endfor %}"
    assert rendered(tmp_path, source) == "1/3,2/3,3/3"
    assert rendered(tmp_path, "{% for a in [1, 2, 3] | map('string') if a != '2' %}{{ a ~ a }}{% endfor %}") == "1133"
    assert rendered(tmp_path, "{{ '-' * 20 }}{{ 'a' | center(5) }}{{ '%05.1f' % 2 }}{{ 2 ** 10 }}{{ '%s' | format('x') }}") == (
        "-" * 20 + "  a  002.01024x"
    )


def test_every_text_begins_with_everything_left_to_it(monkeypatch):
    """A letter does not pay for the one before it, and neither does the body of a request."""
    monkeypatch.setattr(bounds, "ROUNDS", 10)
    render = Sandbox(None, str).from_string("{% for a in range(8) %}{{ a }}{% endfor %}").render
    assert [render() for _ in range(9)] == ["01234567"] * 9


def test_parts_put_together_a_thousand_deep_are_a_finding(folder, scn):
    deep = "{{ " + "(" * 2000 + "1" + ")" * 2000 + " }}"
    folder({"scn.toml": "", "a.scn": "on customer created\n  send hi by sms\n", "templates/hi/sms.txt": deep})
    answer = scn("validate")
    assert answer.code == 1
    assert "templates/hi/sms.txt" in answer.out
