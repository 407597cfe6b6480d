"""`scn ingest --format csv`: what a spreadsheet says becomes facts."""

from __future__ import annotations

import gzip

import pytest

from tests.cli.intake import NOW
from tests.cli.intake import stored


def said(project):
    return [(fact.op, fact.customer, fact.data) for fact in stored(project)]


def taken(folder, scn, text, *options, name="rows.csv"):
    folder({name: text if isinstance(text, bytes) else text.encode()})
    return scn("ingest", name, "--format", "csv", *options)


def test_customers_of_a_russian_spreadsheet(folder, project, scn):
    """A semicolon, a byte order mark, CRLF, a decimal comma, a list in a cell; empty cells say nothing, `null` empties."""
    text = (
        "\ufeffCustomer;email;subscribed;birthday;bonus;name;phone;email_confirmed\r\n"
        'ann;ann@shop.example;email,sms/news;1990-05-01;12.5;"Анна ""Аня"" К.";;да\r\n'
        "bob;null;;;;;+7 900 000 00 00;pending\r\n;;;;;;;\r\n"
    )
    answer = taken(folder, scn, text)
    assert (answer.code, answer.out) == (0, "2 facts accepted\n")
    assert said(project) == [
        (
            "customer.import", "ann", {
                "email": "ann@shop.example", "subscribed": ["email", "sms/news"], "birthday": "1990-05-01", "bonus": 12.5,
                "name": 'Анна "Аня" К.', "email_confirmed": True,
            },
        ),
        ("customer.import", "bob", {"email": None, "phone": "+7 900 000 00 00", "email_confirmed": "pending"}),
    ]  # fmt: skip


def test_other_encodings_are_declared(folder, project, scn):
    text = "customer;name;email\nann;Анна;a@shop.example\n".encode("cp1251")
    answer = taken(folder, scn, text)
    assert answer.code == 1
    assert answer.err == (
        "rows.csv:2: name: expected text in UTF-8, found the byte 0xc0; of a spreadsheet in Russian say `--encoding cp1251`\n"
    )
    assert taken(folder, scn, text, "--encoding", "cp1251").code == 0
    assert said(project)[0][2]["name"] == "Анна"
    assert taken(folder, scn, text, "--encoding", "cp125").code == 2
    assert taken(folder, scn, "a;b\n".encode("utf-16")).err.startswith("scn: rows.csv:1: expected text in UTF-8, found UTF-16")
    assert taken(folder, scn, gzip.compress(text), "--encoding", "cp1251").out == "0 facts accepted, 1 known already\n"


def test_orders_have_a_row_for_each_line(folder, project, scn):
    text = (
        "order,customer,status,total,line,product,quantity,price,line.status,line.size,updated_at,gift\n"
        '17,ann,new,"1 200,50",1,p-1,2,"600,25",packed,L,2024-06-05 12:00,true\n'
        "17,,,,2,p-2,1,,,,,\n"
        "18,bob,paid,90,,,,,,,,\n"
        "17,,,,3,p-3,1,,,,,\n"
    )
    assert taken(folder, scn, text).out == "3 facts accepted\n"
    first, second, third = stored(project)
    assert (first.op, first.customer, first.at) == ("order.update", "ann", 1_717_578_000), "when it last changed is when it happened"
    assert first.data["order"] == {
        "id": "17", "status": "new", "total": 1200.5, "updated_at": "2024-06-05 12:00", "gift": True, "lines": [
            {"id": "1", "product": "p-1", "quantity": 2, "price": 600.25, "status": "packed", "size": "L"},
            {"id": "2", "product": "p-2", "quantity": 1},
        ],
    }  # fmt: skip
    assert (second.customer, second.at, second.data["order"]) == ("bob", NOW, {"id": "18", "status": "paid", "total": 90})
    assert third.data["order"]["lines"] == [{"id": "3", "product": "p-3", "quantity": 1}], "rows that follow each other are one order"


def test_columns_as_databases_call_them(folder, project, scn):
    assert taken(folder, scn, "Order_ID,Customer_ID,Status,line_id,product_id,line_status\n17,ann,new,1,p-1,packed\n").code == 0
    lines = [{"id": "1", "product": "p-1", "status": "packed"}]
    assert said(project) == [("order.update", "ann", {"order": {"id": "17", "status": "new", "lines": lines}})]


def test_an_order_with_a_bad_row_is_left_out_whole(folder, project, scn):
    text = (
        "order,customer,status,line,product,price\n17,ann,new,1,p-1,5\n17,ann,paid,2,p-2,5\n18,ann,new,1,p-1,x\n18,ann,new,2,p-2,5\n"
        "19,ann,new,1,p-1,5\n19,ann,new,1,p-2,5\n,ann,new,1,p,5\n20,ann,new,1,p-1,5\n"
    )
    answer = taken(folder, scn, text)
    assert (answer.code, answer.out) == (1, "1 fact accepted, 4 rejected\n")
    assert answer.err.splitlines()[:4] == [
        'rows.csv:3: status: expected "new" as in line 2, of the same order, found "paid"',
        'rows.csv:4: price: expected a number such as `1200.50` or `1200,50`, found "x"',
        'rows.csv:7: line: expected every line once, found "1" again; give each line an id of its own',
        "rows.csv:8: order: expected the id of the order, found nothing",
    ]
    assert said(project)[0][2]["order"]["id"] == "20"


def test_subscriptions(folder, project, scn):
    text = "customer,channel,topic,status,explicit,at\nann,email,news,subscribed,no,2024-01-01\nbob,emial,,subscribed,,\nbob,sms,,no,,\n"
    answer = taken(folder, scn, text)
    assert answer.err.splitlines()[:2] == [
        'rows.csv:3: channel: unknown channel "emial", did you mean `email`?',
        'rows.csv:4: status: expected `subscribed`, `unsubscribed` or `pending`, found "no"',
    ]
    assert said(project) == [("subscription.set", "ann", {"channel": "email", "topic": "news", "status": "subscribed", "explicit": False})]


def test_yes_and_no_are_no_channels(folder, project, scn):
    """A table of consent as people keep it: which channel was meant, it does not say."""
    answer = taken(folder, scn, "customer,subscribed\nann,yes\nbob,Нет\ncat,email\ndan,0\n")
    assert (answer.code, answer.out) == (1, "1 fact accepted, 3 rejected\n")
    assert answer.err.splitlines()[0] == (
        'rows.csv:2: subscribed: expected a channel such as `email` or a topic such as `email/news`, found "yes"; write the channel under '
        "`subscribed` where it was agreed to, and under `unsubscribed` where it was not"
    )
    assert said(project) == [("customer.import", "cat", {"subscribed": ["email"]})]
    asked = '{"op": "customer.edit", "customer": "ann", "pending": ["true"]}'
    assert scn("ingest", "-", stdin=asked).err.startswith("<stdin>:1: pending[0]: expected a channel such as `email`")


def test_a_consent_in_a_column_of_its_own_is_told_with_what_to_write(folder, project, scn):
    text = "customer,email,email_subscribed,newsletter\nann,a@shop.example,yes,Нет\nbob,b@shop.example,no,\n"
    answer = taken(folder, scn, text)
    assert (answer.code, answer.out) == (0, "2 facts accepted\n")
    lost = "kept as a field of your own, so it subscribes nobody"
    which = "under `subscribed` where it was agreed to, and under `unsubscribed` where it was not; then take the file in again\n"
    assert f"note: `email_subscribed` in 2 facts: {lost}; write `email` {which}" in answer.err
    assert f"note: `newsletter` in 1 fact: {lost}; write the channel, such as `email`, {which}" in answer.err
    right = taken(folder, scn, "customer,email,subscribed,unsubscribed\nann,a@shop.example,email,\nbob,b@shop.example,,email\n")
    assert (right.out, "subscribes nobody" in right.err) == ("2 facts accepted\n", False)
    folder({"own.scn": "define field customer.newsletter text\n"})
    assert "newsletter" not in taken(folder, scn, text.replace("ann", "cat")).err, "the shop means it so"


def test_a_slip_in_a_header_is_told_with_what_becomes_of_it(folder, project, scn):
    """And the way back it names works: the rows are other ones under the right header."""
    text = "customer,phone,emial\nann,+7900,a@shop.example\nbob,+7901,b@shop.example\n"
    answer = taken(folder, scn, text)
    assert (answer.code, answer.out) == (0, "2 facts accepted\n")
    what = "kept as a field of your own; did you mean `email`? then put the header right and take the file in again"
    assert f"note: `emial` in 2 facts: {what}\n" in answer.err
    assert taken(folder, scn, text.replace("emial", "email")).out == "2 facts accepted\n"
    assert "`product.availble` in 2 products: kept as a field" in taken(folder, scn, "id,price,availble\np1,5,yes\np2,5,no\n").err
    assert "`order.lines.quantty` in 1 fact: kept" in taken(folder, scn, "order,customer,product,line.quantty\n1,ann,p,2\n").err


def test_promo_codes(folder, project, scn, monkeypatch):
    monkeypatch.setattr("interpreter.ingest.csv_facts.CODES", 2)
    answer = taken(folder, scn, "code\n0001\n0002\n\n0003\nbad\x07code\n", "--pool", "WELCOME")
    assert (answer.code, answer.out) == (1, "2 facts accepted, 1 rejected\n")
    assert said(project) == [
        ("promo.load", None, {"pool": "WELCOME", "codes": ["0001", "0002"]}), ("promo.load", None, {"pool": "WELCOME", "codes": ["0003"]})
    ]  # fmt: skip
    assert taken(folder, scn, "pool,code\nA,1\nB,2\nB,3\n", name="two.csv").out == "2 facts accepted\n"
    assert "expected the pool of these codes" in taken(folder, scn, "code\n1\n").err


def test_products_are_compared_with_the_file_before(folder, project, scn):
    """Of a price that goes and comes back every step is told; what the file does not have is not gone."""
    head = "id;name;price;available;stock_left;article\n"
    assert (
        taken(folder, scn, head + 'p1;Чайник;"1 200,50";да;5;007\np2;Чашка;;;;\n').out == "2 products: 2 new or changed, 1 fact accepted\n"
    )
    assert said(project)[0][2] == {
        "products": [
            {"id": "p1", "name": "Чайник", "price": 1200.5, "available": True, "stock_left": 5, "article": "007"},
            {"id": "p2", "name": "Чашка"},
        ]
    }
    assert taken(folder, scn, "id;price\np1;900\n").out == "1 product: 1 new or changed, 1 fact accepted\n"
    assert taken(folder, scn, "id;price\np1;900\n").out == "1 product: 0 new or changed, 0 facts accepted\n"
    assert taken(folder, scn, "id;price\np1;950\n").out == "1 product: 1 new or changed, 1 fact accepted\n"
    assert taken(folder, scn, "id;price\np1;900\n", "--zone", "spb").out == "1 product: 1 new or changed, 1 fact accepted\n"
    assert taken(folder, scn, "id;price\np1;900\np3;-5\np1;1\n", "--report", "json").code == 1
    assert [fact.data for fact in stored(project)][1:] == [
        {"products": [{"id": "p1", "price": 900}]}, {"products": [{"id": "p1", "price": 950}]},
        {"zone": "spb", "products": [{"id": "p1", "price": 900}]}, {"products": [{"id": "p1", "price": 900}]},
    ]  # fmt: skip


def test_the_same_file_twice_changes_nothing_and_a_changed_row_counts(folder, project, scn):
    rows = "customer,email,city\nann,a@shop.example,Omsk\nbob,b@shop.example,Tver\n"
    taken(folder, scn, rows)
    assert taken(folder, scn, rows).out == "0 facts accepted, 2 known already\n"
    assert taken(folder, scn, "city;customer;email\nOmsk;ann;a@shop.example\nTula;bob;b@shop.example\n").out == (
        "1 fact accepted, 1 known already\n"
    ), "what it says counts, not how it is written"
    assert taken(folder, scn, rows).out == "0 facts accepted, 2 known already\n", "said once already: with a date it would count"
    assert taken(folder, scn, "customer,city,at\nbob,Tver,2024-06-01\n").out == "1 fact accepted\n"
    assert taken(folder, scn, "customer,city,at\nbob,Tver,2024-06-02\n").out == "1 fact accepted\n"


def test_strict_stores_nothing_of_any_file(folder, project, scn, monkeypatch):
    monkeypatch.setattr("interpreter.commands.taking.BATCH", 1)
    folder({"c.csv": "customer,email\nann,a@shop.example\nbob,b c\x07\n", "p.csv": "id,price\np1,5\n"})
    answer = scn("ingest", "--format", "csv", "--strict", "p.csv", "c.csv")
    assert answer.code == 1
    assert "0 facts accepted, 1 rejected; nothing was stored (`--strict`)" in answer.out
    assert stored(project) == []
    answer = scn("ingest", "--format", "csv", "p.csv", "c.csv")
    assert (answer.code, answer.out) == (1, "1 product: 1 new or changed, 2 facts accepted, 1 rejected\n")


@pytest.mark.parametrize(
    ("text", "options", "sentence"),
    [
        ("id,name\n1,x\n", (), '1: expected columns that tell what the rows are, found "id", "name"; say it: `--of customers|orders|'),
        ("", (), "1: expected a header that names the columns, found nothing"),
        ("email,email\n", (), '1: expected every column once, found "email" again'),
        ("id,customer,email\n", ("--of", "orders"), None),
        ("customer,op\n", ("--of", "customers"), "1: expected no column `op`: what the rows are says `--of`"),
        ("name,email\n", ("--of", "customers"), "1: expected a column `customer`, found none\n"),
        ("custmer,email\n", ("--of", "customers"), '1: expected a column `customer`, found none; is it "custmer"?\n'),
        (
            "custmer,emial\n",
            (),
            '1: expected columns that tell what the rows are, found "custmer", "emial"; "custmer" is perhaps `customer`, "emial" is',
        ),
        (
            "customer,newsletter\n",
            (),
            '1: expected columns that tell what the rows are, found "customer", "newsletter"; "newsletter" is perhaps `sub',
        ),
        (
            "id,smsOptOut\n",
            (),
            '1: expected columns that tell what the rows are, found "id", "smsOptOut"; "smsOptOut" is perhaps `unsubscribed`;',
        ),
        ("customer,channel,status,topik\n", (), '1: unknown column "topik" in a file of subscriptions, did you mean `topic`?'),
        ("id,price,zone\n", (), '1: expected no column "zone": a file of products of a zone is loaded with `--zone NAME`'),
        ('"customer,email\nann,x\n', (), "1: expected a header that names the columns, in one line, found a quote that is not closed"),
        ("line.product,line.product,order\n", (), '1: expected every column once, found "line.product" again'),
        ("product,line.product,order\n", (), '1: expected every column once, found "line.product" for what another says too'),
    ],
)
def test_a_header_that_cannot_be_read(folder, project, scn, text, options, sentence):
    answer = taken(folder, scn, text, *options)
    if sentence is None:
        assert answer.code == 0
    else:
        assert answer.code == 2
        assert answer.err.startswith(f"scn: rows.csv:{sentence}"), answer.err


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("ann,a,b,c", "2: expected 3 cells as in the header, found 4; a text with a separator in it stands in quotes"),
        ("ann,a", "2: expected 3 cells as in the header, found 2"),
        ('ann,"a"b,c', '2: expected a separator behind the closing quote, found more text; a quote within a text is written twice: `""`'),
        ('ann,"a,c', "2: expected the end of a text in quotes, found none; is a quote too many or too few?"),
        ("ann,x,05.06.1990", '2: birthday: expected a date such as `2024-06-05` or `2024-06-05 23:00`, found "05.06.1990"'),
        ("ann," + "x" * 1_000_001 + ",", "2: expected a line of at most 1,000,000 bytes, found a longer one"),
        ("\x00,a,", '2: customer: expected an id of 1 to 200 visible characters, found "\\u0000"'),
    ],
)
def test_a_row_that_cannot_be_read(folder, project, scn, row, sentence):
    answer = taken(folder, scn, f"customer,email,birthday\n{row}\n")
    assert answer.code == 1
    assert answer.err.startswith(f"rows.csv:{sentence}"), answer.err[:300]


def test_rows_behind_a_bad_one_are_taken(folder, project, scn):
    text = 'customer,email\nann,"a"b\nbob,"two\nlines"\ncat,c@shop.example,,\ndan,d@shop.example\n'
    answer = taken(folder, scn, text)
    assert [line.partition(": ")[0] for line in answer.err.splitlines()[:2]] == ["rows.csv:2", "rows.csv:3"]
    assert [customer for _, customer, _ in said(project)] == ["cat", "dan"]


def test_defined_fields_are_read_by_their_type(folder, project, scn):
    folder({"words.scn": "define field customer.card text\ndefine field customer.points number\ndefine field customer.met date\n"})
    taken(folder, scn, 'customer,email,card,points,met\nann,,0,"1,5",2024-01-05\nbob,,1,lots,\n')
    assert [data for _, _, data in said(project)] == [{"card": "0", "points": 1.5, "met": "2024-01-05"}]


def test_options_that_belong_to_other_files(folder, project, scn):
    folder({"a": "x"})
    for words, start in (
        (("--of", "orders"), "scn: `--of` is about csv, and these files are jsonl"),
        (("--zone", "spb"), "scn: `--zone` is about the feed of a zone, and these files are jsonl"),
        (("--format", "yml", "--pool", "A"), "scn: `--pool` is about csv, and these files are yml"),
        (("--format", "csv", "--of", "customers", "--zone", "\x07"), "scn: `--zone`: expected an id of 1 to 200 visible characters"),
    ):
        answer = scn("ingest", "a", *words)
        assert (answer.code, answer.err.startswith(start)) == (2, True), answer.err
