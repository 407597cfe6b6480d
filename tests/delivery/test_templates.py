"""Rendering: what a customer gets, and what can never get into or out of a template."""

from __future__ import annotations

import itertools

import pytest

from interpreter.delivery.template_files import TemplateError
from interpreter.delivery.templates import Templates


def test_a_letter_has_its_subject_text_and_html(templates_folder, entity):
    root = templates_folder(
        {
            "review/meta.toml": 'subject = "{{ customer.first_name }}, how was order {{ order.id }}?"\n',
            "review/email.html": "<p>Hello, {{ customer.first_name }}!</p>",
            "review/email.txt": "Hello, {{ customer.first_name }}!",
            "review/sms.txt": "Order {{ order.id }}",
        }
    )
    values = {"customer": entity(first_name="Ann & Co"), "order": entity(id="17")}
    rendered = Templates(root).render("review", "email", values)
    assert rendered.subject == "Ann & Co, how was order 17?"
    assert rendered.html == "<p>Hello, Ann &amp; Co!</p>"
    assert rendered.text == "Hello, Ann & Co!"
    assert rendered.payload is None


def test_only_the_channel_asked_for_is_rendered(templates_folder):
    root = templates_folder({"news/email.html": "{{ nobody.knows }}", "news/sms.txt": "{{ word }}"})
    rendered = Templates(root).render("news", "sms", {"word": "hi"})
    assert (rendered.text, rendered.html, rendered.subject) == ("hi", None, None)


def test_a_subject_is_one_line_whatever_a_name_holds(templates_folder, entity):
    root = templates_folder({"news/meta.toml": 'subject = "Hi {{ customer.name }}"', "news/email.txt": "x"})
    rendered = Templates(root).render("news", "email", {"customer": entity(name="Ann\r\nBcc: all@example.com")})
    assert rendered.subject == "Hi Ann Bcc: all@example.com"


def test_shared_parts_are_included_and_extended(templates_folder):
    root = templates_folder(
        {
            "_parts/base.html": "<html>{% block body %}{% endblock %}{% include '_parts/footer.html' %}</html>",
            "_parts/footer.html": "<p>{{ unsubscribe_url }}</p>",
            "news/email.html": "{% extends '_parts/base.html' %}{% block body %}<p>News</p>{% endblock %}",
        }
    )
    rendered = Templates(root).render("news", "email", {"unsubscribe_url": "https://x/u/1"})
    assert rendered.html == "<html><p>News</p><p>https://x/u/1</p></html>"
    assert rendered.text == "News\n\nhttps://x/u/1\n"


def test_a_push_is_json_and_no_value_can_break_out_of_it(templates_folder, entity):
    text = '{"title": "Hi {{ customer.name }}", "count": {{ count }}, "list": {{ names | tojson }}, "gone": "{{ customer.x }}"}'
    root = templates_folder({"news/push.json": text})
    names = ['Ann", "admin": true, "x": "', "back\\slash\\", "line\nend </script>"]
    for name in names:
        rendered = Templates(root).render("news", "push", {"customer": entity(name=name), "count": 2.0, "names": names})
        assert rendered.payload == {"title": f"Hi {name}", "count": 2, "list": names, "gone": ""}


@pytest.mark.parametrize("source", ['{"title": }', '["a"]', "hello"])
def test_a_push_that_is_no_json_object_is_an_error_with_its_file(templates_folder, source):
    with pytest.raises(TemplateError, match=r"^templates/news/push.json: "):
        Templates(templates_folder({"news/push.json": source})).render("news", "push", {})


# ---------------------------------------------------------------------------------------------------- what is missing


def test_a_field_without_a_value_prints_nothing_and_is_false_everywhere(templates_folder, entity):
    text = (
        "[{{ customer.first_name }}][{{ customer.first_name | default('friend') }}][{{ customer.empty | default('friend') }}]"
        "[{% if customer.points > 5 or customer.points < 5 or customer.city == 'Riga' %}yes{% else %}no{% endif %}]"
        "[{% for x in customer.list %}x{% endfor %}][{{ customer.address.city }}][{{ customer['x'] }}][{{ customer.sum | money }}]"
        "[{{ customer.born | date }}][{{ customer.born | plus(days=1) | date }}][{{ customer.sum | plural('a', 'b') }}]"
    )
    rendered = Templates(templates_folder({"news/sms.txt": text})).render("news", "sms", {"customer": entity(first_name=None, empty="")})
    assert rendered.text == "[][friend][friend][no][][][][][][][]"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{{ ordr.total }}", "unknown name `ordr`"),
        ("{% if nobody %}x{% endif %}", "unknown name `nobody`"),
        ("{{ nobody | money }}", "unknown name `nobody`"),
        ("{{ customer.total + 1 }}", "`total` has no value here"),
        ("{{ customer.name + 1 }}", "a value does not fit its use here"),
        ("{{ customer.name | money }}", "could not convert string to float"),
        ("{{ customer.name | date }}", "expected a date, found `Ann`"),
        ("{{ 1 | plural('x') }}", "`plural` takes two forms of a word, or three, found 1"),
        ("{% include 'gone.txt' %}", "there is no file `gone.txt` in the templates folder"),
        ("{% include 'news/sms.txt' %}", "the parts include each other, or stand inside each other, without an end"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{{ x | shout }}", "no filter named `shout`"),
        ("{% if %}", "expected an expression"),
        ("{{ order.total ", "unexpected end of template"),
    ],
)
def test_a_mistake_is_a_sentence_with_its_line(templates_folder, entity, source, said):
    templates = Templates(templates_folder({"news/sms.txt": f"first line\n{source}"}))
    with pytest.raises(TemplateError) as caught:
        templates.render("news", "sms", {"customer": entity(name="Ann")})
    assert str(caught.value).startswith("templates/news/sms.txt:2: ")
    assert said in str(caught.value)


def test_a_mistake_in_a_subject_is_shown_in_meta_toml(templates_folder):
    root = templates_folder({"news/meta.toml": 'kind = "marketing"\nsubject = "{{ nobody }}"\n', "news/email.txt": "x"})
    with pytest.raises(TemplateError, match=r"^templates/news/meta.toml:2: unknown name `nobody`$"):
        Templates(root).render("news", "email", {})


def test_a_mistake_in_a_part_is_shown_in_the_part(templates_folder):
    root = templates_folder({"_parts/f.html": "\n\n{{ nobody }}", "news/email.html": "{% include '_parts/f.html' %}"})
    with pytest.raises(TemplateError, match=r"^templates/_parts/f.html:3: unknown name `nobody`$"):
        Templates(root).render("news", "email", {})


def test_what_is_not_there_is_said(templates_folder):
    templates = Templates(templates_folder({"news/sms.txt": "x", "news/push.json": "{}"}))
    with pytest.raises(TemplateError, match="there is no template `nws` in `templates/`"):
        templates.render("nws", "sms", {})
    with pytest.raises(TemplateError, match="template `news` has nothing for channel `email`, found `push`, `sms`"):
        templates.render("news", "email", {})
    assert Templates(templates.root / "none").names() == ()


def test_a_file_that_is_not_utf_8_is_a_sentence(templates_folder):
    root = templates_folder({"news/sms.txt": "x", "old/sms.txt": "x"})
    (root / "news/sms.txt").write_bytes("Привет".encode("cp1251"))
    (root / "old/meta.toml").write_bytes("# Привет".encode("cp1251"))
    for name, shown in (("news", "news/sms.txt:1"), ("old", "old/meta.toml")):
        with pytest.raises(TemplateError, match=rf"^templates/{shown}: the file is not UTF-8"):
            Templates(root).render(name, "sms", {})


# ------------------------------------------------------------------------------------------------------------ sandbox


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ customer.__class__ }}",
        "{{ customer | attr('__class__') }}",
        "{{ customer | attr('read') }}",
        "{{ customer.read('name') }}",
        "{{ (customer.read or 1)('name') }}",
        "{{ ['read'] | map('extract', customer) | first }}{{ customer['__init__'] }}",
        "{{ '{0.__class__}'.format(customer) }}",
        "{{ '{0.read}'.format(customer) }}",
        "{{ ['{0.__class__}'] | map('format', customer) | list }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ self.__init__.__globals__ }}",
        "{{ names.append('x') }}",
        "{{ custom.update({'a': 1}) }}",
        "{{ lipsum() }}",
        "{{ now.__reduce__() }}",
        "{{ customer.shown }}",
        "{{ names.__add__ }}",
    ],
)
def test_nothing_of_the_program_can_be_reached(templates_folder, entity, source):
    names, custom = ["a"], {"b": 2}
    values = {"customer": entity(name="Ann"), "names": names, "custom": custom, "now": 1}
    try:
        rendered = Templates(templates_folder({"news/sms.txt": source})).render("news", "sms", values).text or ""
    except TemplateError:
        rendered = ""
    for leaked in ("class", "function", "object at", "method", "lambda", "__", "reduce", "globals", "builtin"):
        assert leaked not in rendered
    assert rendered.strip() in {"", "['{0.__class__}']"}
    assert (names, custom) == (["a"], {"b": 2})


@pytest.mark.parametrize(
    "name", ["../secret", "news/../../secret", "/etc/passwd", "_parts", ".hidden", "", ".", "..", "news\\x", "a\0b", "news/"]
)
def test_a_name_never_leads_out_of_the_folder(templates_folder, name):
    root = templates_folder({"news/sms.txt": "x", "_parts/sms.txt": "part", ".hidden/sms.txt": "h", "../secret/sms.txt": "secret"})
    with pytest.raises(TemplateError):
        Templates(root).render(name, "sms", {})


@pytest.mark.parametrize("part", ["../secret.txt", "news/../../secret.txt", "/etc/hostname", "link/sms.txt", "news/link.txt"])
def test_an_include_never_leads_out_of_the_folder(templates_folder, tmp_path, part):
    root = templates_folder({"news/sms.txt": "{% include part %}"})
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/sms.txt").write_text("secret")
    (root / "link").symlink_to(tmp_path / "outside")
    (root / "news/link.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(TemplateError, match="there is no file"):
        Templates(root).render("news", "sms", {"part": part})


def test_what_a_customer_wrote_is_never_a_template(templates_folder, entity):
    root = templates_folder({"news/email.html": "<p>{{ customer.name }}</p>", "news/meta.toml": 'subject = "{{ customer.name }}"'})
    rendered = Templates(root).render("news", "email", {"customer": entity(name="{{ 7 * 7 }}{% for %}")})
    assert (rendered.subject, rendered.text, rendered.html) == (
        "{{ 7 * 7 }}{% for %}",
        "{{ 7 * 7 }}{% for %}\n",
        "<p>{{ 7 * 7 }}{% for %}</p>",
    )


# ------------------------------------------------------------------------------------------------------------ formats


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("{{ 1200 | money }}", "1\u00a0200"),
        ("{{ 1234567.5 | money('₽') }}", "1\u00a0234\u00a0567,50\u00a0₽"),
        ("{{ 2.0 }}", "2"),
        ("{{ 2.5 }}", "2.5"),
        ("{{ none }}", ""),
    ],
)
def test_numbers_are_written_for_people(templates_folder, source, shown):
    assert Templates(templates_folder({"news/sms.txt": source})).render("news", "sms", {}).text == shown


def test_a_word_takes_the_form_of_its_number(templates_folder):
    root = templates_folder({"news/sms.txt": "{{ n }} {{ n | plural('товар', 'товара', 'товаров') }}, {{ n | plural('item', 'items') }}"})
    expected = {
        0: "товаров",
        1: "товар",
        2: "товара",
        5: "товаров",
        11: "товаров",
        12: "товаров",
        21: "товар",
        22: "товара",
        111: "товаров",
    }
    templates = Templates(root)
    for number, word in itertools.chain(expected.items(), [(1.5, "товара")]):
        assert templates.render("news", "sms", {"n": number}).text == f"{number} {word}, item{'' if number == 1 else 's'}"
