"""What a stranger may hand over: bytes, broken copies of good files, the language's words in any order, values of any kind."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from dsl.words import WORDS
from interpreter.facts import ACTORS
from interpreter.operations import PAYLOADS
from interpreter.project.config_keys import CHANNEL
from interpreter.project.config_keys import ENDPOINTS
from interpreter.project.config_keys import KINDS
from interpreter.project.config_keys import PROJECT
from interpreter.project.config_keys import SOURCE
from interpreter.project.config_keys import TABLES

ROOT = Path(__file__).parents[2]

#: What breaks programs that did not expect it.
NASTY = (
    "\0",
    "\ufeff",
    "\r",
    "\r\n",
    "\x0b",
    "\x0c",
    "\x1b[31m",
    "\x1b]0;title\x07",
    "\x85",
    "\x9b2J",
    "\u2028",
    "\u202e",
    "\u2066",
    "\u200d",
    "\u00a0",
    "e\u0301\u0323\u0323",
    "\ud800",
    "\udcff",
    "\U0010ffff",
    "\ufffe",
    "İ",
    "ß",
    "١٢",
    "²",
    "𝟙",
    "'; DROP TABLE customer; --",
    "{{ 7*7 }}",
    "{% raw %}",
    "=1+1",
    "../../etc/passwd",
    "CON",
    "%0A::error::x",
    "]]>",
    "9" * 400,
    "1e999",
    "(" * 300,
    "{" * 300,
    "not " * 300,
    "a" * 3000,
    "\\",
    '"',
    "#",
    "\n",
    "\n\n",
    "\t",
)


@cache
def scenarios() -> tuple[str, ...]:
    """Real ones: the library, the conformance suite, the examples of the manual."""
    files = [*sorted((ROOT / "scenarios").glob("*.scn")), *sorted((ROOT / "tests/conformance").glob("*.scn"))]
    found = [path.read_text(encoding="utf-8") for path in files]
    for page in sorted((ROOT / "docs/reference").glob("*.md")):
        found += re.findall(r"^```scn[^\n]*\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    # Long files spend their time on what short ones show too.
    return tuple(text for text in found if len(text) < 3000)


@cache
def sample_facts() -> tuple[str, ...]:
    """Lines of the library's sample, and one of each other operation."""
    lines = (ROOT / "scenarios/sample_facts.jsonl").read_text(encoding="utf-8").splitlines()[:30]
    more: list[dict[str, object]] = [
        {"op": "customer.register", "customer": "ann", "email": "ann@example.com", "timezone": "Asia/Omsk", "subscribed": ["email/news"]},
        {"op": "customer.edit", "customer": "ann", "birthday": "1990-02-29", "size": {"shoe": 44}},
        {"op": "customer.erase", "customer": "ann"},
        {"op": "contact.confirm", "kind": "email", "value": "ann@example.com"},
        {"op": "contact.validity", "kind": "phone", "valid": False, "customer": "ann"},
        {"op": "subscription.set", "customer": "ann", "channel": "email", "status": "unsubscribed", "topic": "news"},
        {"op": "order.create", "customer": "ann", "order": {"id": 17, "total": 10.5, "lines": [{"product": "p-9", "quantity": 2}]}},
        {"op": "order.status", "order": {"id": "17", "lines": [{"id": "p-9", "status": "shipped"}]}},
        {"op": "action.issue", "customer": "ann", "template": "visit", "products": ["p-9"]},
        {"op": "message.status", "message": 1, "status": "bounced", "hard": True},
        {"op": "customer.merge", "into": "ann", "from": ["bob", "eve"]},
        {"op": "product.update", "product": {"id": "p-9", "price": 45.5, "available": True, "expiry": "P2M", "badge": "new"}},
        {"op": "product.feed", "zone": "north", "products": [{"id": "p-9", "available": False}, {"id": "p-8"}], "gone": ["p-7"]},
        {"op": "list.add", "customer": "ann", "list": "waitlist", "product": "p-9"},
        {"op": "list.set", "customer": "ann", "list": "cart", "products": [{"id": "p-9", "quantity": 2, "price": 4}, "p-8"]},
        {"op": "list.clear", "customer": "ann", "list": "cart", "template": "compared"},
        {"op": "product.view", "customer": "ann", "product": "p-9", "price": 50},
        {"op": "category.view", "customer": "ann", "category": "shoes"},
        {"op": "session.activity", "customer": "ann"},
        {"op": "session.close", "customer": "ann"},
        {"op": "code.generate", "customer": "ann", "kind": "login", "value": "1234", "expires": "5m"},
        {"op": "segment.add", "customer": "ann", "segment": "vip"},
        {"op": "balance.change", "customer": "ann", "account": "bonus", "amount": 70, "available_from": "2026-03-02", "expires": "1d"},
        {"op": "balance.change", "customer": "ann", "account": "bonus", "amount": -100.5, "id": "b-1"},
        {"op": "balance.change", "customer": "ann", "account": "bonus", "kind": "reset"},
        {"op": "promo.load", "pool": "WELCOME", "codes": ["W-1", "W-2", "W-1"]},
        {"op": "promo.issue", "customer": "ann", "pool": "WELCOME", "valid_until": "2026-03-30"},
        {"op": "promo.redeem", "customer": "ann", "code": "W-1", "order": "17", "lines": ["p-9"]},
        {"op": "card.issue", "customer": "ann", "number": "100", "status": "activated", "colour": {"of": ["red"]}},
        {"op": "card.status", "number": "100", "status": "blocked"},
        {"op": "card.replace", "old": "100", "new": "200"},
    ]
    return (*lines, *(json.dumps({"at": "2026-03-01T10:00:00+03:00", "key": f"k{number}", **fact}) for number, fact in enumerate(more)))


# ------------------------------------------------------------------------------------------------------------- broken


@st.composite
def broken(draw: st.DrawFn, good: tuple[str, ...], most: int = 4) -> str:
    """A good text after a few accidents."""
    text = draw(st.sampled_from(good))
    for _ in range(draw(st.integers(1, most))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 40)))
        match draw(st.integers(0, 5)):
            case 0:
                text = text[:start] + text[end:]
            case 1:
                text = text[:start] + draw(st.sampled_from(NASTY)) + text[start:]
            case 2:
                text = text[:end] + text[start:end] + text[end:]
            case 3:
                text = text[:start] + draw(st.characters()) + text[end:]
            case 4:
                text = text[:start]
            case _:
                other = draw(st.sampled_from(good))
                text = text[:start] + other[min(start, len(other)) :]
    return text


@cache
def anything() -> SearchStrategy[str]:
    """Text of any kind, lone halves of characters too."""
    return st.lists(st.one_of(st.sampled_from(NASTY), st.text(st.characters(), max_size=12)), max_size=5).map("".join)


_SIGNS = ("{", "}", "(", ")", "->", ",", ".", "=", "!=", "<", ">=", "-", "+", "*", "/", ":", "..", "[", "]", "%", "@", "*/5")
_LITERALS = (
    "1",
    "0",
    "7d",
    "2 days",
    "22:00",
    "08:00-22:00",
    "2026-02-30",
    '"a"',
    '"',
    "1.5",
    "10%",
    "99999999999h",
    "# x",
    "null",
    "true",
)
_GAPS = (" ", " ", " ", "\n  ", "\n", "\n    ", "\t", "")


@cache
def word_soup() -> SearchStrategy[str]:
    """The language's own words and signs in any order."""
    pieces = (*sorted(WORDS), *_SIGNS, *_LITERALS, "order", "customer", "status", "email", "news", "привет")
    piece = st.one_of(st.sampled_from(pieces), st.sampled_from(pieces), st.sampled_from(NASTY))
    return st.lists(st.tuples(piece, st.sampled_from(_GAPS)), max_size=40).map(lambda found: "".join(word + gap for word, gap in found))


# ------------------------------------------------------------------------------------------------------------- values


@cache
def values(depth: int = 3) -> SearchStrategy[Any]:
    """Any JSON value, with the ones nobody expects."""
    leaves = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.sampled_from((0, -1, 2**31, 2**53 + 1, 2**63, 2**64, 10**15, 10**400, -0.0, 1e308, 5e-324, float("nan"), float("inf"))),
        st.floats(),
        anything(),
        st.sampled_from(
            (
                "0000-01-01",
                "0001-01-01T00:00:00Z",
                "9999-12-31T23:59:59+14:00",
                "2026-02-30",
                "2026-13-01",
                "2026-03-29T02:30",
                "2026-03-01T10:00:00+99:00",
                "2026-03-01T10:00:60",
                "1900-01-01",
                "2199-12-31T23:59:59",
                "Mars/Olympus",
                "../UTC",
                "Etc/GMT+12",
                "Asia/Omsk",
                "email",
                "email/news",
                "emial",
                "ann",
                "17",
                "shipped",
                "bounced",
            )
        ),
    )
    if not depth:
        return leaves
    inner = st.deferred(lambda: values(depth - 1))
    return st.one_of(
        leaves, leaves, st.lists(inner, max_size=3), st.dictionaries(st.one_of(st.sampled_from(_FIELDS), anything()), inner, max_size=4)
    )


_FIELDS = tuple(
    sorted({name for payload in PAYLOADS.values() for name in payload.__struct_encode_fields__} | {"at", "key", "received", "batch"})
)


def _objects(value: Any) -> list[dict[str, Any]]:
    """A fact and every object within it."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return ([value] if isinstance(value, dict) else []) + [one for part in inner for one in _objects(part)]


@st.composite
def facts(draw: st.DrawFn) -> str:
    """One line: a fact whose fields have any value, a broken good one, or rubbish."""
    kind = draw(st.integers(0, 5))
    if kind == 0:
        return draw(broken(sample_facts()))
    if kind == 1:
        return draw(anything())
    if kind == 2:
        return json.dumps(draw(values()))
    good = json.loads(draw(st.sampled_from(sample_facts())))
    for name in draw(st.lists(st.sampled_from((*_FIELDS, "order", "lines", "actor", "op")), max_size=3)):
        place = draw(st.sampled_from(_objects(good)))
        place[name] = draw(st.sampled_from((*PAYLOADS, *ACTORS))) if name in {"op", "actor"} else draw(values(2))
    text = json.dumps(good, ensure_ascii=draw(st.booleans()))
    # The same key twice: the last one counts, and nothing breaks.
    return text[:-1] + "," + text[1:] if draw(st.integers(0, 9)) == 0 else text


#: Small good files of every kind that is no JSON lines.
SHEETS = (
    'customer;email;subscribed;birthday;size\nann;a@shop.example;email,sms/news;1990-05-01;\nbob;null;;;"4,5"\n',
    'order,customer,status,total,line,product,quantity,line.size,at\n17,ann,new,"1 200,5",1,p-1,2,L,2024-06-05\n17,,,,2,p,2,,\n',
    'id,name,price,available,expiry,stock\np1,Cup,"1 200,50",yes,P2M,5\n',
    "customer\tchannel\ttopic\tstatus\nann\temail\tnews\tsubscribed\n",
    "pool,code\nA,001\nA,002\nB,3\n",
    (
        '<yml_catalog><shop><categories><category id="1">A</category><category id="2" parentId="1">B</category></categories><offers>'
        '<offer id="p1" available="true"><price>5</price><oldprice>7</oldprice><categoryId>2</categoryId><expiry>P2M</expiry>'
        '<param name="x">1</param></offer><offer id="p2"/></offers></shop></yml_catalog>'
    ),
    (
        '<rss xmlns:g="http://base.google.com/ns/1.0"><channel><item><g:id>1</g:id><g:price>12.50 RUB</g:price><g:sale_price>9 RUB'
        "</g:sale_price><g:sale_price_effective_date>2024-06-01/2024-06-10</g:sale_price_effective_date><g:availability>in_stock"
        "</g:availability></item></channel></rss>"
    ),
)


def sheets() -> SearchStrategy[bytes]:
    """Broken copies of them, rows of any cells, and rubbish."""
    cell = st.one_of(st.sampled_from(("", "null", "1,5", "да", "17", "ann", '"', "2024-06-05", "email")), anything())
    head = st.sampled_from([text.partition("\n")[0] for text in SHEETS[:5]])
    table = st.tuples(head, st.lists(st.lists(cell, max_size=10).map(";".join), max_size=4)).map(
        lambda found: "\n".join((found[0], *found[1]))
    )
    return st.one_of(broken(SHEETS), broken(SHEETS), table, anything()).map(as_bytes)


def as_bytes(text: str) -> bytes:
    """As a file holds it; halves of characters as the bytes that a careless program writes."""
    return text.encode("utf-8", "surrogatepass")


# --------------------------------------------------------------------------------------------------------------- toml

_KEYS = tuple(sorted({*PROJECT, *CHANNEL, *SOURCE, *(key for table in (*KINDS.values(), *ENDPOINTS.values()) for key in table)}))
_TOML_TEXTS = (
    "",
    "sqlite:x.db",
    "sqlite:a\0b",
    "postgres://x",
    "1d",
    "9" * 5000 + "d",
    "99999999999999y",
    "env:NO_SUCH",
    "env:PATH",
    "https://x",
    "https://[::1",
    "http",
    "smtp",
    "file",
    "console",
    "webpush",
    "apprise",
    "Europe/Moscow",
    "../../etc/passwd",
    "/etc/passwd",
    "UTC\0",
    "RU",
    "XX",
    "RU-XXX",
    "50/s",
    "0/s",
    "9" * 400 + "/s",
    "at_least_once",
    "Shop <a@b.c>",
    "a\r\nBcc: x@y.z",
    "*@[",
    "project",
)


@cache
def _toml_value(depth: int = 2) -> SearchStrategy[str]:
    texts = st.one_of(st.sampled_from(_TOML_TEXTS), anything()).map(_toml_text)
    others = st.sampled_from(
        ("0", "-1", "1", "587", "65536", "9" * 30, "9" * 5000, "1e999", "nan", "-inf", "true", "false", "1979-05-27T07:32:00Z", "07:32:00")
    )
    if not depth:
        return st.one_of(texts, others)
    inner = st.deferred(lambda: _toml_value(depth - 1))
    return st.one_of(
        texts,
        texts,
        others,
        st.lists(inner, max_size=3).map(lambda found: f"[{', '.join(found)}]"),
        st.lists(st.tuples(_toml_key(), inner), max_size=2).map(
            lambda found: "{" + ", ".join(f"{key} = {value}" for key, value in found) + "}"
        ),
    )


@cache
def _toml_key() -> SearchStrategy[str]:
    return st.one_of(st.sampled_from((*_KEYS, *TABLES)), st.sampled_from((*_KEYS, *TABLES)), anything().map(_toml_text))


def _toml_text(text: str) -> str:
    return json.dumps(text.encode("utf-8", "replace").decode()).replace("\x7f", "\\u007f")


@cache
def toml() -> SearchStrategy[str]:
    """The keys of `scn.toml`, with values of any kind under any table."""
    head = st.one_of(
        st.sampled_from(("[project]", "[channels.email]", "[channels.sms]", "[calls.crm]", "[writeback.order]", "[[source]]", "")),
        _toml_key().map(lambda key: f"[{key}]"),
        _toml_key().map(lambda key: f"[channels.{key}]"),
    )
    line = st.tuples(_toml_key(), _toml_value()).map(" = ".join)
    table = st.tuples(head, st.lists(line, max_size=4)).map(lambda found: "\n".join((found[0], *found[1])))
    made = st.lists(table, max_size=4).map("\n".join)
    return st.one_of(made, made, broken(((ROOT / "scenarios/scn.toml").read_text(encoding="utf-8"), *_TOML_GOOD)), anything())


_TOML_GOOD = (
    """[project]
timezone = "Europe/Moscow"
database = "sqlite:scn.db"
valid = "1d"
quiet_zone = "customer"
holidays = "RU"
public_url = "https://shop.example/scn"
secret = "env:SCN_SECRET"
only_to = ["*@shop.example"]
""",
    """[channels.email]
kind = "smtp"
host = "127.0.0.1"
port = 9
from = "Shop <hello@shop.example>"
rate = "50/s"
tls = false

[channels.sms]
kind = "http"
url = "https://sms.example"
success = [200]
headers = { A = "env:TOKEN" }
body = { to = "{{ to }}" }
""",
)

_META_LINES = (
    'subject = "Hi {{ customer.name }}"',
    'kind = "transactional"',
    'topic = "news"',
    'from = "Shop <a@b.c>"',
    "subject = '''\na'''",
)


@cache
def meta() -> SearchStrategy[str]:
    """A template's `meta.toml`."""
    keys = st.one_of(st.sampled_from(("subject", "kind", "topic", "from", "form")), _toml_key())
    line = st.one_of(st.sampled_from(_META_LINES), st.tuples(keys, _toml_value(1)).map(" = ".join))
    return st.one_of(st.lists(line, max_size=4).map("\n".join), broken(_META_LINES), anything())


# ---------------------------------------------------------------------------------------------------------- templates

_TEMPLATE_PIECES = (
    "{{ customer.name }}",
    "{{ customer.name | upper }}",
    "{{ order.lines }}",
    "{% for line in order.lines %}{{ line.product }}{{ loop.index }}{% endfor %}",
    "{{ order.total | money('₽') }}",
    "{{ now | date }}",
    "{{ now | plus(days=%s) | date }}",
    "{{ customer.name | date }}",
    "{{ %s | money }}",
    "{{ %s | plural('a', 'b') }}",
    "{{ %s | tojson }}",
    "{{ %s * %s }}",
    "{{ %s + %s }}",
    "{{ %s ~ %s }}",
    "{{ %s % %s }}",
    "{{ %s // %s }}",
    "{{ %s ** %s }}",
    "{{ %s[%s] }}",
    "{{ %s.%s }}",
    "{{ %s | attr(%s) }}",
    "{{ %s | center(%s) }}",
    "{{ %s | indent(%s) }}",
    "{{ %s | round(%s) }}",
    "{{ %s | join(%s) }}",
    "{{ %s | replace(%s, 'x') }}",
    "{{ %s | batch(%s) | list }}",
    "{{ %s | slice(%s) | list }}",
    "{{ %s | format(%s) }}",
    "{{ %s.format(%s) }}",
    "{{ %s | map(%s) | list }}",
    "{{ %s | select(%s) | list }}",
    "{{ %s | groupby(%s) }}",
    "{{ %s | sort }}{{ %s | length }}",
    "{{ %s | truncate(%s) }}{{ %s | wordwrap(%s) }}",
    "{{ %s | urlize }}{{ %s | striptags }}{{ %s | xmlattr }}",
    "{{ range(%s) | list | length }}",
    "{% for a in range(%s) %}{% for b in range(%s) %}{% endfor %}{% endfor %}",
    "{% set ns = namespace(x=%s) %}{% for a in range(50) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% include %s %}",
    "{% extends %s %}",
    "{% import %s as x %}{{ x }}",
    "{% if %s %}",
    "{% endif %}",
    "{% for x in %s %}",
    "{% endfor %}",
    "{% block a %}",
    "{% endblock %}",
    "{% set customer = %s %}",
    "{% filter upper %}x{% endfilter %}",
    "{{ self.a() }}",
    "{# ",
    "#}",
    "{{",
    "}}",
    '<a href="{{ unsubscribe_url }}">x</a>',
    "<p>",
    "<!-- ",
    "<script>",
    "&#x0;",
)
_TEMPLATE_VALUES = (
    "customer",
    "customer.name",
    "customer.nothing",
    "order.total",
    "order.lines",
    "now",
    "none",
    "true",
    "''",
    "'%'",
    "'%1000000000d'",
    "'{:1000000000}'",
    "'{0.__class__}'",
    "'a'",
    "'__class__'",
    "'../../secret'",
    "'news/email.html'",
    "0",
    "-1",
    "3",
    "1e308",
    "99999",
    "10**9",
    "9999999999999",
    "[1, 2]",
    "{'a': 1}",
    "['x'] * 3",
    "range(9)",
    "(1, 2)",
    "cycler('a')",
    "joiner(',')",
    "dict(a=1)",
    "unknown",
)


@st.composite
def templates(draw: st.DrawFn) -> str:
    """Expressions, tags and HTML in any order."""
    pieces = []
    for _ in range(draw(st.integers(1, 5))):
        piece = draw(st.sampled_from(_TEMPLATE_PIECES))
        while "%s" in piece:
            piece = piece.replace("%s", draw(st.sampled_from(_TEMPLATE_VALUES)), 1)
        pieces.append(piece)
        pieces.append(draw(st.one_of(st.just(""), anything())))
    return "".join(pieces)
