"""`scn ingest --format yml` and `--format google`: a nightly feed, compared with the one before (`domain.md` §2.4)."""

from __future__ import annotations

import gzip
import json

import pytest

from interpreter import clock
from tests.cli.intake import NOW
from tests.cli.intake import TOML
from tests.cli.intake import stored

CATEGORIES = (
    '<categories><category id="1">Одежда</category><category id="2" parentId="1">Обувь</category>'
    '<category id="8" parentId="9">Круг</category><category id="9" parentId="8">Вокруг</category></categories>'
)
BOOT = (
    '<offer id="p1" available="true" group_id="g7"><url>https://shop.example/p1?a=1&amp;b=2</url><price>1200</price><oldprice>1500,50</oldprice>'
    "<currencyId>RUB</currencyId><categoryId>2</categoryId><picture>https://shop.example/1.jpg</picture><picture>https://shop.example/2.jpg"
    "</picture><name>Ботинки</name><description><![CDATA[<p>Долго</p>]]></description><expiry>P2Y</expiry><stock_left>3</stock_left>"
    '<param name="Цвет">красный</param><param name="Цвет">чёрный</param><param name="Размер, EU">42</param><param name="name">x</param>'
    "<delivery-options><option cost='300'/></delivery-options></offer>"
)
PLAIN = '<offer id="p2"><name>Чашка</name><price>90</price></offer>'
MODEL = (
    '<offer id="p3" type="vendor.model" available="false"><typePrefix>Чайник</typePrefix><vendor>Bosch</vendor><model>TWK</model>'
    "<price>5</price></offer>"
)


def yml(*offers: str, encoding: str = "UTF-8") -> bytes:
    return (
        f'<?xml version="1.0" encoding="{encoding}"?>\n<!DOCTYPE yml_catalog SYSTEM "shops.dtd">\n<yml_catalog date="2024-06-05 10:00">'
        f"<shop><name>Shop</name>{CATEGORIES}<offers>\n" + "\n".join(offers) + "\n</offers></shop></yml_catalog>\n"
    ).encode(encoding)


def google(*items: str) -> bytes:
    return (
        '<?xml version="1.0"?>\n<rss xmlns:g="http://base.google.com/ns/1.0" version="2.0"><channel><title>Shop</title>\n'
        + "\n".join(f"<item>{item}</item>" for item in items)
        + "\n</channel></rss>\n"
    ).encode()


@pytest.fixture
def load(folder, project, scn):
    """Takes a feed in: what scn says, and the facts that are new."""
    seen = 0

    def loaded(data: bytes, *options: str, kind: str = "yml"):
        nonlocal seen
        folder({"feed.xml": data})
        answer = scn("ingest", "feed.xml", "--format", kind, *options)
        facts = stored(project)[seen:]
        seen += len(facts)
        return answer, facts

    return loaded


def test_an_offer_of_yandex_market_is_a_product(load):
    answer, [fact] = load(yml(BOOT, PLAIN, MODEL))
    assert (answer.code, answer.out) == (0, "3 products: 3 new or changed, 1 fact accepted\n")
    assert (fact.op, fact.actor, fact.at, fact.key, fact.customer) == ("product.feed", "import", NOW, None, None)
    boot, plain, model = fact.data["products"]
    assert boot == {
        "id": "p1", "name": "Ботинки", "url": "https://shop.example/p1?a=1&b=2", "picture": "https://shop.example/1.jpg",
        "category": "Одежда > Обувь", "category_id": 2, "price": 1200, "old_price": 1500.5, "available": True, "expiry": "P2Y",
        "currencyId": "RUB", "stock_left": 3, "Цвет": "красный, чёрный", "Размер_EU": 42, "group_id": "g7",
    }  # fmt: skip
    assert plain == {"id": "p2", "name": "Чашка", "price": 90}, "whether it is in stock is not said"
    assert model == {"id": "p3", "name": "Чайник Bosch TWK", "vendor": "Bosch", "model": "TWK", "price": 5, "available": False}


@pytest.mark.parametrize("packed", [False, True])
def test_windows_1251_and_gzip(load, packed):
    data = yml(BOOT, encoding="windows-1251")
    _, [fact] = load(gzip.compress(data[:300]) + gzip.compress(data[300:]) if packed else data)
    assert fact.data["products"][0]["name"] == "Ботинки"


def test_categories_may_go_round_in_a_circle_or_be_unknown(load):
    _, [fact] = load(yml(*(f'<offer id="{key}"><categoryId>{key}</categoryId></offer>' for key in ("8", "77"))))
    assert [product["category"] for product in fact.data["products"]] == ["Вокруг > Круг", "77"]


def test_an_item_of_google_is_a_product(load):
    item = (
        "<g:id>p1</g:id><title>Boots</title><link>https://shop.example/p1</link><g:image_link>https://shop.example/1.jpg</g:image_link>"
        "<g:product_type>Clothes > Shoes</g:product_type><g:price>1200.50 RUB</g:price><g:sale_price>999.00 RUB</g:sale_price>"
        "<g:availability>in_stock</g:availability><g:brand>Acme</g:brand><g:custom_label_0>summer</g:custom_label_0>"
        "<g:shipping><g:price>5 RUB</g:price></g:shipping><g:description>long</g:description>"
    )
    past = "2024-01-01T00:00+0300/2024-02-01T00:00+0300"
    others = (
        (
            f"<g:id>p2</g:id><g:price>RUB 100</g:price><g:sale_price>90</g:sale_price><g:sale_price_effective_date>{past}"
            "</g:sale_price_effective_date><g:availability>out of stock</g:availability>"
        ),
        "<g:id>p3</g:id><g:title>Cup</g:title><g:availability>preorder</g:availability>",
        "<g:id>p4</g:id><g:availability>soon</g:availability>",
        "<g:id>p5</g:id><g:price>five</g:price>",
    )
    answer, [fact] = load(google(item, *others), kind="google")
    assert answer.code == 1
    assert answer.err.splitlines()[:2] == [
        'feed.xml:6: availability: expected `in_stock`, `out_of_stock`, `preorder` or `backorder`, found "soon"',
        'feed.xml:7: price: expected a price such as `12.50 RUB`, found "five"',
    ]
    assert fact.data["products"] == [
        {
            "id": "p1", "name": "Boots", "url": "https://shop.example/p1", "picture": "https://shop.example/1.jpg",
            "category": "Clothes > Shoes", "price": 999, "old_price": 1200.5, "available": True, "currency": "RUB", "brand": "Acme",
            "availability": "in_stock", "custom_label_0": "summer",
        },
        {"id": "p2", "price": 100, "available": False, "currency": "RUB", "availability": "out of stock"},
        {"id": "p3", "name": "Cup", "available": False, "availability": "preorder"},
    ]  # fmt: skip


def test_a_google_feed_may_be_atom_with_another_prefix(load):
    data = (
        b'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:ns0="http://base.google.com/ns/1.0"><title>Shop</title><entry><ns0:id>p1</ns0:id>'
        b'<title>Cup</title><link href="https://shop.example/p1"/></entry></feed>'
    )
    _, [fact] = load(data, kind="google")
    assert fact.data["products"] == [{"id": "p1", "name": "Cup", "url": "https://shop.example/p1"}]


def price(amount: int, key: str = "p1", more: str = "") -> str:
    return f'<offer id="{key}"><price>{amount}</price>{more}</offer>'


def test_only_what_differs_from_the_load_before_is_told(load):
    """Each way of a price that goes and comes back; what is said no more is emptied; what the feed has no more is gone."""
    _, [fact] = load(yml(price(100, more="<badge>New</badge><oldprice>200</oldprice>"), price(5, "p2")))
    assert len(fact.data["products"]) == 2
    assert load(yml(price(100, more="<oldprice>200</oldprice>\n<badge>New</badge>"), price(5, "p2")))[1] == [], "the same in another order"
    _, [fact] = load(yml(price(90), price(5, "p2")))
    assert fact.data == {"products": [{"id": "p1", "price": 90, "badge": None, "old_price": None}]}
    _, [fact] = load(yml(price(100), price(5, "p2")))
    assert fact.data == {"products": [{"id": "p1", "price": 100}]}
    answer, [fact] = load(yml(price(100)))
    assert answer.out == "1 product: 0 new or changed, 1 gone, 1 fact accepted\n"
    assert fact.data == {"gone": ["p2"]}
    answer, _ = load(yml(price(100)), "--report", "json")
    assert json.loads(answer.out) == {
        "version": 1, "accepted": 0, "duplicates": 0, "rejected": [], "products": {"products": 1, "changed": 0, "gone": 0},
    }  # fmt: skip
    _, [fact] = load(yml(price(100), price(5, "p2")))
    assert fact.data == {"products": [{"id": "p2", "price": 5}]}, "it is back, and told whole"


def test_each_zone_has_a_feed_of_its_own(load):
    load(yml(price(100)))
    _, [fact] = load(yml(price(120)), "--zone", "spb")
    assert fact.data == {"zone": "spb", "products": [{"id": "p1", "price": 120}]}
    assert load(yml(price(100)))[1] == []
    assert load(yml(price(120)), "--zone", "spb")[1] == []
    _, facts = load(yml(price(1, "p2")), "--zone", "spb")
    assert [fact.data for fact in facts] == [{"zone": "spb", "products": [{"id": "p2", "price": 1}]}, {"zone": "spb", "gone": ["p1"]}]


def test_the_same_product_in_yml_and_google_is_the_same(load):
    load(yml(price(100, more="<url>https://shop.example</url>")))
    answer, _ = load(google("<g:id>p1</g:id><g:price>100</g:price><g:link>https://shop.example</g:link>"), kind="google")
    assert answer.out == "1 product: 0 new or changed, 0 facts accepted\n"


def test_one_load_is_one_batch_in_portions(load, monkeypatch):
    monkeypatch.setattr("interpreter.ingest.feed_load.IN_FACT", 3)
    monkeypatch.setattr("interpreter.ingest.feed_load.TOGETHER", 5)
    monkeypatch.setattr("interpreter.ingest.feed_load.STORED", 2)
    _, facts = load(yml(*(price(1, f"p{number}") for number in range(20))))
    assert [len(fact.data["products"]) for fact in facts] == [3, 3, 3, 3, 3, 3, 2]
    assert len({fact.batch for fact in facts}) == 1
    _, facts = load(yml(price(1, "p0"), price(2, "p7")))
    assert facts[0].data == {"products": [{"id": "p7", "price": 2}]}
    assert sorted(key for fact in facts[1:] for key in fact.data["gone"]) == sorted({f"p{number}" for number in range(20)} - {"p0", "p7"})


def test_bad_offers_are_told_by_line_and_what_was_known_of_them_stays(load):
    load(yml(price(100), price(5, "p2")))
    bad = (
        "<offer><price>1</price></offer>", '<offer id="p1"><price>cheap</price></offer>', price(7, "p2"), price(8, "p2"),
        '<offer id="p4"><expiry>P1X</expiry></offer>', '<offer id="p5" available="maybe"/>', price(-1, "p6"),
        f'<offer id="{"x" * 201}"/>', '<offer id="p7"><price>1</price><expiry>2025-01-01</expiry></offer>',
    )  # fmt: skip
    answer, [fact] = load(yml(*bad))
    assert (answer.code, answer.out) == (1, "2 products: 2 new or changed, 1 fact accepted, 7 rejected\n")
    assert [line.partition(", found")[0] for line in answer.err.splitlines()[:7]] == [
        "feed.xml:4: id: expected the id of the product",
        "feed.xml:5: price: expected a number such as `1200.50` or `1200,50`",
        "feed.xml:7: id: expected every product once",
        "feed.xml:8: expiry: expected a duration such as `P2M` or `30d`",
        "feed.xml:9: available: expected `true` or `false`",
        "feed.xml:10: price: expected a price of 0 or more",
        "feed.xml:11: id: expected an id of 1 to 200 visible characters",
    ]
    assert fact.data == {"products": [{"id": "p2", "price": 7}, {"id": "p7", "price": 1, "expiry_date": "2025-01-01"}]}
    assert load(yml(price(100), price(7, "p2"), bad[-1]))[1] == []
    assert load(yml(price(1), bad[0]), "--strict")[1] == []
    assert load(yml(price(1), price(7, "p2"), bad[-1]))[1][0].data == {"products": [{"id": "p1", "price": 1}]}


def test_what_the_door_refuses_is_told_by_its_offer(load):
    """A text longer than a fact may hold: nobody knew before."""
    answer, [fact] = load(yml(price(1), f'<offer id="p2"><name>{"x" * 70_000}</name></offer>', price(3, "p3")))
    assert answer.err.startswith("feed.xml:5: name: expected a text of at most 65,536 characters, found 70,000")
    assert [product["id"] for product in fact.data["products"]] == ["p1", "p3"]
    assert answer.out == "2 products: 2 new or changed, 1 fact accepted, 1 rejected\n"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (yml(BOOT)[:-60], "expected XML, found a mistake"),
        (gzip.compress(yml(BOOT), mtime=0)[:-20], "it is packed with gzip, and damaged; get it once more"),
        (b"", "expected XML, found a mistake: nothing in it"),
        (b"id,price\n", "expected XML, found a mistake: syntax error"),
        (google("<g:id>1</g:id>"), "expected `<yml_catalog>`, found `<rss>`"),
        (yml(), "there are no products in it"),
    ],
)
def test_a_feed_that_is_none_changes_nothing(load, data, sentence):
    load(yml(price(100)))
    answer, facts = load(data)
    assert answer.code == 2
    assert sentence in answer.err
    assert facts == []
    assert load(yml(price(100)))[1] == []


NO_PRICE = "note: no product of this feed has a price: letters show none, and nobody hears of a price that drops\n"


def test_a_feed_without_any_price_is_told(load):
    nameless = ('<offer id="p1"><name>Cup</name></offer>', '<offer id="p2"><price></price></offer>')
    assert load(yml(*nameless))[0].err.startswith(NO_PRICE)
    assert load(yml(*nameless))[0].err == NO_PRICE, "also where nothing is new"
    assert load(google("<g:id>p1</g:id><g:sale_price/>"), kind="google")[0].err.startswith(NO_PRICE)
    assert NO_PRICE not in load(yml(*nameless, price(0, "p3")))[0].err
    assert NO_PRICE not in load(yml(*nameless), "--zone", "spb")[0].err, "the main feed has them"
    assert NO_PRICE not in load(yml('<offer id="p1"><price>dear</price></offer>'))[0].err, "what is wrong with that one is told already"


def test_a_feed_that_has_lost_most_of_its_products_is_refused(load):
    def feed(count: int, *more: str) -> bytes:
        return yml(*(price(7, f"p{number}") for number in range(count)), *more)

    load(feed(120))
    answer, facts = load(feed(59))
    assert (answer.code, answer.out, facts) == (2, "", [])
    why = "a feed that has lost more than half of its products is taken for a mistake"
    assert answer.err.splitlines() == [
        "scn: feed.xml: there are 59 products in it, and the load before had 120",
        f"  nothing was changed: {why}; take it all the same with `--shrink`",
    ]
    assert load(feed(59), "--zone", "spb")[0].code == 0, "of a feed of its own"
    assert load(feed(59, '<offer id="p60"><price>dear</price></offer>'))[0].code == 1, "an offer with a mistake is there all the same"
    load(feed(120))
    assert load(feed(60))[0].out == "60 products: 0 new or changed, 60 gone, 1 fact accepted\n"
    assert load(feed(1))[0].code == 0, "a small shop may well do that"
    load(feed(120))
    answer, [fact] = load(feed(1), "--shrink")
    assert (answer.code, len(fact.data["gone"])) == (0, 119)


def test_a_feed_that_has_lost_all_of_its_prices_is_refused(load):
    """Who waits for a price that drops would hear of none, and of all of them when they are back."""
    bare, emptied = '<offer id="p1"/>', '<offer id="p2"><name>Чашка</name><price></price></offer>'
    load(yml(price(100), PLAIN))
    answer, facts = load(yml(bare, emptied, '<offer id="p9"><name>new</name></offer>'))
    assert (answer.code, answer.out, facts) == (2, "", [])
    assert answer.err.splitlines() == [
        "scn: feed.xml: 2 products in it had a price in the load before, and none has one any more",
        "  nothing was changed: a feed that has lost all of its prices is taken for a mistake; take it all the same with `--shrink`",
    ]
    assert load(yml(bare))[0].err.startswith("scn: feed.xml: 1 product in it had a price in the load before, and has none any more\n")
    assert load(yml(price(100), emptied))[0].code == 0, "of some it may be meant"
    assert load(yml(price(100), PLAIN, price(5, "p3")))[0].code == 0
    answer, [fact, _] = load(yml(bare, emptied), "--shrink")
    assert (answer.code, fact.data["products"]) == (0, [{"id": "p1", "price": None}, {"id": "p2", "name": "Чашка", "price": None}])
    assert NO_PRICE in answer.err
    assert load(yml(bare, emptied, '<offer id="p3"/>'))[0].code == 0, "it had none"


def test_a_feed_that_has_lost_most_of_many_prices_is_refused(load):
    def feed(priced: int, *more: str) -> bytes:
        return yml(*(price(7, f"p{n}") if n < priced else f'<offer id="p{n}"/>' for n in range(120)), *more)

    load(feed(120), "--zone", "spb")
    load(feed(120))
    answer, facts = load(feed(59))
    assert (answer.code, facts) == (2, [])
    why = "a feed that has lost more than half of its prices is taken for a mistake"
    assert answer.err.splitlines() == [
        "scn: feed.xml: 120 products in it had a price in the load before, and 61 have none any more",
        f"  nothing was changed: {why}; take it all the same with `--shrink`",
    ]
    assert load(feed(0, price(1, "new")))[0].code == 2
    assert load(feed(60))[0].code == 0
    assert load(feed(1))[0].code == 0, "of so few prices that may be meant"
    assert load(feed(0), "--zone", "spb")[0].code == 2, "of a feed of its own"


def test_only_feeds_shrink(folder, project, scn):
    """A table of products need not be whole."""
    folder({"rows.csv": "id,price\n" + "".join(f"p{number},1\n" for number in range(120))})
    assert scn("ingest", "rows.csv", "--format", "csv").code == 0
    folder({"rows.csv": "id,price\np1,2\n"})
    assert scn("ingest", "rows.csv", "--format", "csv").out == "1 product: 1 new or changed, 1 fact accepted\n"
    answer = scn("ingest", "rows.csv", "--format", "csv", "--shrink")
    assert (answer.code, answer.err) == (2, "scn: `--shrink` is about product feeds, and these files are csv\n  leave it out\n")


def test_several_files_are_one_feed(folder, project, scn):
    folder({"a.xml": yml(price(1)), "b.xml": yml(price(2, "p2"))})
    assert scn("ingest", "a.xml", "b.xml", "--format", "yml").out == "2 products: 2 new or changed, 2 facts accepted\n"
    assert scn("ingest", "b.xml", "a.xml", "--format", "yml").out == "2 products: 0 new or changed, 0 facts accepted\n"
    assert scn("ingest", "-", "--format", "yml", stdin=yml(price(1))).out == "1 product: 0 new or changed, 1 gone, 1 fact accepted\n"


def test_a_lower_price_in_the_feed_reaches_who_waits_for_it(folder, scn, monkeypatch):
    """From one night's feed to the next, through the tick."""
    scenario = (
        'scenario cheaper\n  on product.price drops 10% in list "wishlist"\n  if subscribed email\n  send cheaper by email\n'
        "  limit 1 per customer\n"
    )
    added = '{"op": "customer.edit", "customer": "ann", "email": "ann@shop.example", "subscribed": ["email"]}\n'
    added += '{"op": "list.add", "customer": "ann", "list": "wishlist", "products": ["p1"]}\n'
    files = {"scn.toml": TOML, "cheaper.scn": scenario, "facts.jsonl": added}
    letter = {"templates/cheaper/meta.toml": 'subject = "{{ product.price }}"\n', "templates/cheaper/email.txt": "{{ product.price }}\n"}
    folder(files | letter)
    night = NOW
    for amount, wanted in ((1000, 0), (950, 0), (900, 1), (900, 1)):
        monkeypatch.setattr(clock, "now", lambda: night)  # noqa: B023 - called before it changes
        folder({"feed.xml": yml(price(amount, more="<name>Boots</name>"))})
        assert scn("ingest", "feed.xml", "--format", "yml").code == 0
        assert scn("run", "--tick").code == 0
        if night == NOW:
            assert scn("ingest", "facts.jsonl").code == 0
            assert scn("run", "--tick").code == 0
        sent = json.loads(scn("messages", "--format", "json").out)["messages"]
        assert [message["subject"] for message in sent] == ["900"] * wanted
        night += 86_400


def test_what_every_feed_has_is_no_slip_and_what_is_taken_away_was_told_before(load):
    answer, _ = load(yml(BOOT, PLAIN))
    assert "did you mean" not in answer.err
    slip = '<offer id="p2"><name>Чашка</name><price>90</price><param name="prise">1</param></offer>'
    answer, _ = load(yml(BOOT, slip))
    assert "note: `product.prise` in 1 product: kept as a field of your own; did you mean `price`?\n" in answer.err
    answer, [fact] = load(yml(BOOT, PLAIN))
    assert fact.data["products"][0]["prise"] is None
    assert "did you mean" not in answer.err


def test_a_slip_of_a_feed_is_counted_by_products_and_not_by_the_facts_made_of_them(load, monkeypatch):
    monkeypatch.setattr("interpreter.ingest.feed_load.IN_FACT", 3)
    answer, facts = load(yml(PLAIN, *(price(1, f"n{number}", "<prise>5</prise>") for number in range(1_000))))
    assert len(facts) == 334
    assert "note: `product.prise` in 1,000 products: " in answer.err
