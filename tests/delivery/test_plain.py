"""The text part that is made of HTML: what a person would read, with the Jinja of the template still working."""

from __future__ import annotations

import pytest

from interpreter.delivery.template_files import TemplateError
from interpreter.delivery.templates import Templates


@pytest.fixture
def text_of(templates_folder):
    def render(html, **values):
        root = templates_folder({"news/email.html": html})
        return Templates(root).render("news", "email", values).text

    return render


def test_a_letter_reads_as_it_looks(text_of):
    html = """<!doctype html><html><head><title>no</title><style>p { color: red }</style></head>
    <body><div style="display: none">hidden <b>too</b></div>
      <h1>Hello,   Ann!</h1>
      <p>Your order<br>is <b>on its
      way</b>.</p><!-- nobody sees this -->
      <ul><li>One</li><li>Two</li></ul>
      <a href="https://shop.example/r?a=1&amp;b=2">Write a review</a>
      <a href="https://x.example">https://x.example</a> <a href="#top">up</a>
      <a href="mailto:us@x.example">us@x.example</a> <a href="https://only.example"><img src="x" alt=""></a>
      <img src="logo.png" alt="The shop">
      <script>alert(1)</script>
    </body></html>"""
    assert text_of(html).split("\n") == [
        "Hello, Ann!",
        "",
        "Your order",
        "is on its way.",
        "",
        "- One",
        "- Two",
        "Write a review (https://shop.example/r?a=1&b=2) https://x.example up us@x.example https://only.example The shop",
        "",
    ]


def test_values_are_not_escaped_in_text(text_of):
    assert text_of("<p>{{ name }}</p>", name="Ann & <Co>") == "Ann & <Co>\n"


def test_ready_made_html_loses_its_tags(text_of):
    assert text_of("<p>{{ words | safe }}</p>", words="a <b>bold</b> word") == "a bold word\n"


def test_loops_and_conditions_work_and_leave_no_holes(text_of):
    html = """<table>
    {% for line in lines %}
      <tr {% if loop.first %}class="first"{% endif %}><td>{{ line }}</td><td>1</td></tr>
    {% else %}
      <tr><td>empty</td></tr>
    {% endfor %}
    </table>
    {% if extra %}<p>extra</p>{% endif %}
    <p>end</p>"""
    assert text_of(html, lines=["a", "b"], extra=False) == "a 1\nb 1\n\nend\n"


def test_a_condition_in_what_is_not_shown_still_closes(text_of):
    html = (
        "<head>{% set word = 'hi' %}{% if big %}<style>a{}</style>{% endif %}</head>"
        "<!--[if mso]>{% if big %}x{% endif %}<![endif]--><p>{{ word }}</p>"
        "<a {% if big %}href='https://big.example'>{% else %}href='https://small.example'>{% endif %}go</a>"
    )
    assert text_of(html, big=True).startswith("hi")


def test_a_link_around_a_block_keeps_its_words(text_of):
    assert text_of("<a href='https://x.example'><div>Buy</div></a>") == "Buy\n(https://x.example)\n"


def test_braces_that_are_text_stay_text(text_of):
    assert text_of("<p>&#123;&#123; not jinja }} {% raw %}{{ neither }}{% endraw %}</p>") == "{{ not jinja }} {{ neither }}\n"


def test_a_text_of_its_own_is_taken_as_it_is(templates_folder):
    root = templates_folder({"news/email.html": "<p>html</p>", "news/email.txt": "own\n\n\n\ntext"})
    assert Templates(root).render("news", "email", {}).text == "own\n\n\n\ntext"


def test_html_that_cannot_become_text_asks_for_a_text(templates_folder):
    root = templates_folder({"news/email.html": "<p>{% if x %}one</p{% endif %}>"})
    with pytest.raises(
        TemplateError, match=r"^templates/news/email.html: no text part can be made of this HTML; write `email.txt` beside it$"
    ):
        Templates(root).render("news", "email", {"x": 1})
