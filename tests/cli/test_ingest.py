from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from interpreter.store.sqlite import open_store
from tests.cli.intake import stored

ORDER = '{"op": "order.create", "at": "2024-06-01", "customer": "ann", "order": {"id": 1, "status": "placed"}}\n'
ANN = '{"op": "customer.edit", "customer": "ann"}\n'
BAD = '{"op": "order.update", "customer": "ann", "order": {"id": 1, "lines": [{"id": 1, "price": "abc"}]}}\n'
BAD_SENTENCE = 'facts.jsonl:2: order.lines[0].price: expected a number, found "abc"\n'


def test_facts_are_stored_and_the_same_ones_again_change_nothing(folder, project, scn):
    folder({"facts.jsonl": ORDER + ANN})
    answer = scn("ingest", "facts.jsonl")
    assert (answer.code, answer.out) == (0, "2 facts accepted\n")
    assert answer.err.splitlines() == [
        "2 facts came before any scenario was launched; they start nothing (`scn explain before_launch`)",
        "  as it should be for history; scenarios start with what comes after the first `scn run --tick`",
    ]
    again = scn("ingest", "facts.jsonl", "facts.jsonl")
    assert again.out == "2 facts accepted, 2 known already\n", "without a date or a key nobody can know a fact again"
    facts = stored(project)
    assert [(fact.op, fact.received, fact.actor) for fact in facts[:2]] == [
        ("order.create", 1_717_600_000, "import"), ("customer.edit", 1_717_600_000, "import"),
    ]  # fmt: skip
    assert facts[0].at == 1_717_189_200
    assert facts[0].batch == facts[1].batch != ""


def test_bad_lines_are_told_and_the_good_ones_stored(folder, project, scn):
    folder({"facts.jsonl": ORDER + BAD + ANN})
    answer = scn("ingest", "facts.jsonl")
    assert (answer.code, answer.out) == (1, "2 facts accepted, 1 rejected\n")
    assert answer.err.startswith(BAD_SENTENCE)
    assert len(stored(project)) == 2


def test_strict_stores_nothing_when_anything_is_wrong(folder, project, scn, monkeypatch):
    monkeypatch.setattr("interpreter.commands.taking.BATCH", 1)
    folder({"facts.jsonl": ORDER + BAD + ANN})
    answer = scn("ingest", "--strict", "facts.jsonl")
    assert (answer.code, answer.out) == (1, "0 facts accepted, 1 rejected; nothing was stored (`--strict`)\n")
    assert answer.err == BAD_SENTENCE
    assert stored(project) == []
    folder({"facts.jsonl": ORDER + ANN})
    assert scn("ingest", "--strict", "facts.jsonl").out == "2 facts accepted\n"
    assert len(stored(project)) == 2


def test_json_report(folder, project, scn):
    """cli.md §2.1"""
    folder({"facts.jsonl": ORDER + BAD + ORDER})
    answer = scn("ingest", "facts.jsonl", "--report", "json")
    assert json.loads(answer.out) == {
        "version": 1, "accepted": 1, "duplicates": 1,
        "rejected": [{"file": "facts.jsonl", "line": 2, "path": "order.lines[0].price", "message": 'expected a number, found "abc"'}],
    }  # fmt: skip
    assert answer.code == 1


@pytest.mark.parametrize(
    ("count", "last"), [(20, "facts.jsonl:20: "), (21, "and 1 more; "), (1_500, "and 1,480 more; `--report json` lists all\n")]
)
def test_of_many_bad_lines_the_first_are_told_and_the_others_counted(folder, project, scn, count, last):
    folder({"facts.jsonl": BAD * count})
    answer = scn("ingest", "facts.jsonl")
    assert (answer.code, answer.out) == (1, f"0 facts accepted, {count:,} rejected\n")
    told = answer.err.splitlines(keepends=True)
    assert [line.partition(":")[0] for line in told[:20]] == ["facts.jsonl"] * 20
    assert len(told) == min(count, 21)
    assert told[-1].startswith(last)
    assert len(json.loads(scn("ingest", "facts.jsonl", "--report", "json").out)["rejected"]) == count


def test_stdin(project, scn):
    answer = scn("ingest", "-", stdin="[" + ORDER + "," + BAD + "]")
    assert answer.out == "1 fact accepted, 1 rejected\n"
    assert answer.err.startswith("<stdin>:2: order.lines[0].price")


def test_history_says_itself_when_it_arrived(folder, project, scn):
    folder({"facts.jsonl": ORDER + ORDER.replace('"at"', '"received": "2024-06-02", "at"').replace('"id": 1', '"id": 2')})
    answer = scn("ingest", "facts.jsonl", "--received", "each")
    assert answer.err == "", "its launch may still come before it"
    assert [fact.received for fact in stored(project)] == [1_717_189_200, 1_717_275_600]


def test_a_moment_of_arrival_for_all(folder, project, scn):
    folder({"facts.jsonl": ORDER})
    assert scn("ingest", "facts.jsonl", "--received", "2024-06-02T00:00:00Z").code == 0
    assert [fact.received for fact in stored(project)] == [1_717_286_400]
    answer = scn("ingest", "facts.jsonl", "--received", "soon")
    assert answer.code == 2
    assert answer.err.startswith("scn: `--received`: expected a moment such as")


def test_facts_from_before_the_first_launch_are_counted(folder, project, scn):
    store = open_store(f"sqlite:{project / 'scn.db'}")
    row = store.scenarios.add("s")
    row.launched = 1_717_250_000
    store.scenarios.save(row)
    store.close()
    folder({"facts.jsonl": ORDER + ORDER.replace("06-01", "06-02")})
    answer = scn("ingest", "facts.jsonl", "--received", "each")
    assert answer.err == "1 fact came before any scenario was launched; it starts nothing (`scn explain before_launch`)\n"
    assert scn("ingest", "-", stdin=ANN).err == ""


def test_a_file_that_cannot_be_read_stores_nothing_of_the_others(folder, project, scn):
    folder({"facts.jsonl": ORDER})
    for name in ("nowhere.jsonl", "."):
        answer = scn("ingest", "facts.jsonl", name)
        assert (answer.code, answer.out) == (2, "")
        assert answer.err.startswith(f"scn: cannot read {name}: ")
    assert not (project / "scn.db").exists()


def test_a_disk_that_fills_up_says_what_was_stored(folder, project, scn, monkeypatch):
    from interpreter.store.connection import DatabaseError
    from interpreter.store.facts import Facts

    add = Facts.add

    def fail_second(self, facts, **more):
        if facts[0].op == "customer.edit":
            raise DatabaseError("the disk is full", "make room")
        return add(self, facts, **more)

    monkeypatch.setattr(Facts, "add", fail_second)
    monkeypatch.setattr("interpreter.commands.taking.BATCH", 1)
    folder({"facts.jsonl": ORDER + ANN})
    answer = scn("ingest", "facts.jsonl")
    assert (answer.code, answer.err) == (2, "scn: the disk is full\n  1 fact stored before that; make room\n")
    answer = scn("ingest", "--strict", "facts.jsonl")
    assert answer.err == "scn: the disk is full\n  make room\n"


def test_a_stream_that_is_no_file_of_facts_is_given_up(folder, scn):
    folder({"scn.toml": ""})
    answer = scn("ingest", "-", stdin="y\n" * 20_000)
    assert answer.code == 2
    assert "more than 10,000 lines are no facts" in answer.err


SLIPS = """\
{"op": "customer.edit", "at": "2024-06-01", "customer": "ann", "emial": "a@shop.example", "bonus": 3}
{"op": "customer.edit", "at": "2024-06-01", "customer": "bob", "emial": "b@shop.example", "hobby": "go"}
{"op": "order.update", "at": "2024-06-02", "customer": "ann", "order": {"id": 1, "totl": 3, "lines": [{"id": 1, "prise": 3}, {"id": 2}]}}
{"op": "action.issue", "at": "2024-06-02", "customer": "ann", "template": "called", "ordr": 1, "recieved": "2024-06-02"}
"""
SLIP = "note: `emial` in 2 facts: kept as a field of your own; did you mean `email`?\n"


def told(answer):
    return [line for line in answer.err.splitlines(keepends=True) if line.startswith("note: ")]


def test_a_misspelt_field_is_taken_and_named_once(folder, project, scn):
    folder({"facts.jsonl": SLIPS})
    answer = scn("ingest", "facts.jsonl")
    assert (answer.code, answer.out) == (0, "4 facts accepted\n")
    assert told(answer) == [
        SLIP,
        "note: `ordr` in 1 fact: kept as a field of your own; did you mean `order`?\n",
        "note: `recieved` in 1 fact: kept as a field of your own; did you mean `received`?\n",
        "note: `order.totl` in 1 fact: kept as a field of your own; did you mean `total`?\n",
        "note: `order.lines.prise` in 1 fact: kept as a field of your own; did you mean `price`?\n",
    ]
    assert stored(project)[0].data["emial"] == "a@shop.example"
    assert told(scn("ingest", "facts.jsonl")) == [], "facts that are known already bring nothing new"


@pytest.mark.parametrize(
    ("name", "value", "write"),
    [
        ("email_subscribed", True, "`email` under `subscribed` where it was agreed to"),
        ("smsOptIn", "Y", "`sms` under `subscribed` where it was agreed to"),
        ("Accepts E-Mail Marketing", "no", "`email` under `subscribed` where it was agreed to"),
        ("web_push_consent", 0, "`webpush` under `subscribed` where it was agreed to"),
        ("подписка", "да", "the channel, such as `email`, under `subscribed` where it was agreed to"),
        ("opt-out_sms", "false", "`sms` under `unsubscribed` where it says yes"),
        ("email_subscribed", ["email"], None),
        ("subscription", "gold", None),
        ("option", True, None),
    ],
)
def test_a_consent_under_a_name_of_the_shops_own_is_told_where_it_says_yes_or_no(project, scn, name, value, write):
    answer = scn("ingest", "-", stdin=json.dumps({"op": "customer.edit", "customer": "ann", name: value}))
    assert answer.out == "1 fact accepted\n"
    start = f"note: `{name}` in 1 fact: kept as a field of your own, so it subscribes nobody; write "
    assert [line.removeprefix(start).partition(", and")[0].strip() for line in told(answer)] == ([] if write is None else [write])


def test_what_only_some_facts_say_with_yes_or_no_is_counted_where_they_do(project, scn):
    facts = [{"op": "customer.edit", "customer": "ann", "newsletter": value} for value in (None, "weekly", "yes", False)]
    assert told(scn("ingest", "-", stdin=json.dumps(facts)))[0].startswith("note: `newsletter` in 2 facts: ")
    order = {"op": "order.create", "customer": "ann", "order": {"id": 1, "subscription": True}}
    assert told(scn("ingest", "-", stdin=json.dumps(order))) == [], "an order may well be one"


PRODUCTS = """\
{"op": "product.update", "at": "2024-06-01", "product": {"id": "p-1", "prise": 3, "badge": "new"}}
{"op": "product.update", "at": "2024-06-01", "product": "p-2", "availble": true, "recieved": "2024-06-02", "zoone": "north"}
{"op": "product.feed", "at": "2024-06-02", "products": [{"id": "p-1", "prise": 4}, {"id": "p-2", "prise": 4, "weight": 2}]}
{"op": "product.feed", "at": "2024-06-03", "gone": ["p-1"]}
{"op": "list.add", "at": "2024-06-03", "customer": "ann", "list": "cart", "products": ["p-1", {"id": "p-2", "quantiti": 2, "gift": true}]}
{"op": "list.add", "at": "2024-06-04", "customer": "ann", "list": "cart", "product": "p-1", "quantiti": 2}
{"op": "product.view", "at": "2024-06-04", "customer": "ann", "product": "p-1"}
"""


def test_misspelt_names_of_a_product_are_told_too(folder, project, scn):
    folder({"facts.jsonl": PRODUCTS})
    answer = scn("ingest", "facts.jsonl")
    assert (answer.code, answer.out) == (0, "7 facts accepted\n")
    own = "kept as a field of your own; did you mean"
    assert told(answer) == [
        f"note: `quantiti` in 1 fact: {own} `quantity`?\n",
        f"note: `product.prise` in 2 facts: {own} `price`?\n",
        f"note: `product.availble` in 1 fact: {own} `available`?\n",
        f"note: `product.recieved` in 1 fact: {own} `received`?\n",
        f"note: `product.zoone` in 1 fact: {own} `zone`?\n",
        "note: `products.quantiti` in 1 fact: nothing reads it; did you mean `quantity`?\n",
    ]
    folder({"facts.jsonl": PRODUCTS.replace("2024", "2023"), "own.scn": "define field product.prise number\n"})
    assert not any("prise" in line for line in told(scn("ingest", "facts.jsonl")))


def test_a_pool_that_is_nearly_a_defined_one_is_asked_about(folder, project, scn):
    """Its codes would lie there, and the scenario that gives out the other one's would run dry."""
    folder({"own.scn": 'define promo "NEXT10" one_time\ndefine promo "summer" one_time\n'})
    facts = '{"op": "promo.load", "pool": "NEXT1O", "codes": ["a"]}\n' * 2 + '{"op": "promo.load", "pool": "summer", "codes": ["b"]}\n'
    facts += '{"op": "promo.issue", "customer": "ann", "pool": "Summer"}\n{"op": "promo.load", "pool": "partner", "codes": ["c"]}\n'
    what = "nobody defined this pool, so it is one of its own"
    assert told(scn("ingest", "-", stdin=facts)) == [
        f"note: `NEXT1O` in 2 facts: {what}; `O` in it is a Latin letter; did you mean `NEXT10`?\n",
        f"note: `Summer` in 1 fact: {what}; did you mean `summer`?\n",
    ]
    folder({"codes.csv": "code\nA-1\n"})
    assert told(scn("ingest", "codes.csv", "--format", "csv", "--pool", "NEXT01")) == [
        f"note: `NEXT01` in 1 fact: {what}; did you mean `NEXT10`?\n"
    ]


def test_what_is_no_address_is_taken_and_told(folder, project, scn):
    facts = [
        {"op": "customer.import", "customer": "ann", "email": "-", "phone": "+7900"},
        {"op": "customer.import", "customer": "bob", "email": "bob at shop.example", "phone": "none"},
        {"op": "customer.import", "customer": "cat", "email": "cat@shop.example"},
        {"op": "customer.import", "customer": "dan", "email": None, "phone": 79000000000},
        {"op": "order.update", "customer": "ann", "order": {"id": 1, "email": "ann"}},
    ]
    folder({"facts.jsonl": "".join(json.dumps(fact) + "\n" for fact in facts)})
    answer = scn("ingest", "facts.jsonl")
    assert (answer.code, answer.out) == (0, "5 facts accepted\n")
    kept = "it is kept, but nothing is written to it and nobody is known by it\n"
    assert told(answer) == [
        f'note: `email` in 2 facts: "-" is no e-mail address; {kept}',
        f'note: `phone` in 1 fact: "none" is no phone number; {kept}',
        f'note: `order.email` in 1 fact: "ann" is no e-mail address; {kept}',
    ]
    folder({"rows.csv": "customer,email\neve,-\n"})
    assert told(scn("ingest", "rows.csv", "--format", "csv")) == [f'note: `email` in 1 fact: "-" is no e-mail address; {kept}']


def test_channels_that_nobody_knows_are_told(folder, project, scn):
    (project / "scn.toml").write_text((project / "scn.toml").read_text() + '\n[channels.telegram]\nkind = "console"\n')
    folder({"rows.csv": "customer,subscribed,unsubscribed\nann,Y,\nbob,email,Y\ncat,telegram,sms\n"})
    assert told(scn("ingest", "rows.csv", "--format", "csv")) == [
        "note: `Y` in 2 facts: no channel that scn or scn.toml knows, so nobody is written to by it; write one such as `email`\n"
    ]


def test_a_misspelt_field_that_the_shop_defines_is_meant(folder, project, scn):
    folder({"facts.jsonl": SLIPS.splitlines()[0], "own.scn": "define field customer.emial text\n"})
    assert told(scn("ingest", "facts.jsonl")) == []


YML = b'<?xml version="1.0"?>\n<!DOCTYPE yml_catalog SYSTEM "shops.dtd">\n<yml_catalog><shop><offers/></shop></yml_catalog>\n'
EITHER = "a product feed of Yandex Market is taken in with `--format yml`, one of Google Merchant with `--format google`"


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("feed", YML, "XML; take it in with `--format yml`"),
        ("feed.xml", b"\xef\xbb\xbf\n  " + YML, "XML; take it in with `--format yml`"),
        ("feed.xml.gz", gzip.compress(YML, mtime=0), "XML; take it in with `--format yml`"),
        ("feed.xml", YML.decode().encode("utf-16"), "XML; take it in with `--format yml`"),
        ("g.xml", b'<?xml version="1.0"?><rss version="2.0"><channel/></rss>', "XML; take it in with `--format google`"),
        ("page.html", b"<!DOCTYPE html><html></html>", f"XML; {EITHER}"),
        ("customers.csv", b"customer,email\nann,ann@shop.example\n", "a table; take it in with `--format csv`"),
        ("export", "клиент;почта\nann;ann@shop.example\n".encode("cp1251"), "a table; take it in with `--format csv`"),
        ("codes.csv", b"code\nA-1\n", "a table; take it in with `--format csv`"),
        ("orders.csv.gz", gzip.compress(b'"order","total"\n1,5\n', mtime=0), "a table; take it in with `--format csv`"),
        ("facts.jsonl.gz", gzip.compress(ANN.encode(), mtime=0), "a file packed with gzip; unpack it: `gunzip -c FILE | scn ingest -`"),
        ("broken.gz", gzip.compress(ANN.encode(), mtime=0)[:12], "a file packed with gzip; unpack it: `gunzip -c FILE | scn ingest -`"),
    ],
)
def test_a_file_that_is_no_json_lines_is_known_by_how_it_begins(folder, project, scn, name, data, sentence):
    """One sentence, and nothing is stored of any file."""
    folder({name: data, "facts.jsonl": ANN})
    answer = scn("ingest", "facts.jsonl", name)
    assert (answer.code, answer.out) == (1, "0 facts accepted, 1 rejected\n")
    assert answer.err == f"{name}:1: expected JSON lines, found {sentence}\n"
    assert not (project / "scn.db").exists()
    assert scn("ingest", "-", stdin=data).err.count("\n") == (2 if data.startswith(b"code\n") else 1), "of one column only the name tells"
    report = json.loads(scn("ingest", name, "--report", "json").out)
    assert report["rejected"] == [{"file": name, "line": 1, "path": "", "message": f"expected JSON lines, found {sentence}"}]


@pytest.mark.parametrize("text", [f"\n\n{ANN}", f"[{ANN}]", json.dumps(json.loads(ANN), indent=2)])
def test_json_lines_are_taken_whatever_their_file_is_called(folder, project, scn, text):
    folder({"facts.csv": text})
    assert scn("ingest", "facts.csv").out == "1 fact accepted\n"


def test_what_is_nearly_a_fact_is_no_table(project, scn):
    answer = scn("ingest", "-", stdin='"op": "customer.edit", "customer": "ann"\n')
    assert answer.err.startswith("<stdin>:1: expected JSON, found a mistake")


def test_the_records_that_a_merge_names_are_no_slip(folder, project, scn):
    folder({"facts.jsonl": '{"op": "customer.merge", "at": "2024-06-01", "into": "ann", "from": ["bob"]}\n'})
    assert told(scn("ingest", "facts.jsonl")) == []


def test_misspelt_fields_of_facts_that_were_not_stored_are_not_told(folder, project, scn):
    folder({"facts.jsonl": SLIPS + BAD})
    assert told(scn("ingest", "--strict", "facts.jsonl")) == []
    assert SLIP in told(scn("ingest", "facts.jsonl"))


def test_names_made_up_anew_in_each_fact_are_judged_up_to_a_bound(folder, project, scn, monkeypatch):
    monkeypatch.setattr("interpreter.ingest.slips.MANY", 40)
    folder(
        {
            "facts.jsonl": "".join(
                json.dumps({"op": "customer.edit", "customer": "ann", f"answer_{n}": n, "emial": ""}) + "\n" for n in range(99)
            )
        }
    )
    assert told(scn("ingest", "facts.jsonl")) == [SLIP.replace("2 facts", "99 facts")]


@pytest.mark.parametrize(("received", "hint"), [("2024-06-05", "`scn run --tick`"), ("2025-06-05", "the shop's own id is meant")])
def test_a_tick_is_advised_only_where_it_would_help(folder, project, scn, received, hint):
    folder({"facts.jsonl": ANN})
    scn("ingest", "--received", received, "facts.jsonl")
    assert hint in scn("trace", "ann").err


def test_a_closed_stdin_is_told(project):
    words = ["sh", "-c", 'exec "$0" -m interpreter.cli ingest - <&-', sys.executable]
    answer = subprocess.run(
        words, capture_output=True, text=True, check=False, cwd=project, env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    )
    assert (answer.returncode, answer.stderr) == (2, "scn: cannot read -: nothing is open there\n")
