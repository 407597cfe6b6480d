"""Text to nodes: every form of language.md §1-§4, its node, its span."""

from __future__ import annotations

from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from datetime import timezone

import pytest

from dsl import nodes as n
from dsl.parser import parse
from dsl.source import Source


def read(text: str, path: str = "review.scn") -> n.File:
    parsed = parse(Source(path, text))
    assert not parsed.diagnostics, [(finding.message, finding.hint) for finding in parsed.diagnostics]
    return parsed.file


def statement(text: str) -> n.Statement:
    (found,) = read(text).statements
    return found


def scenario(items: str) -> n.Scenario:
    found = statement(f"scenario x {items}")
    assert isinstance(found, n.Scenario)
    return found


def condition(text: str) -> n.Expression:
    (gate,) = scenario(f"if {text}").steps
    assert isinstance(gate, n.Gate)
    return gate.condition


def lines(text: str) -> tuple[n.Line, ...]:
    found = statement(f"test t {{ {text}\n}}")
    assert isinstance(found, n.Test)
    return found.lines


def N(text: str) -> n.Name:  # noqa: N802 stands for nodes in the tables below
    return n.Name(text)


def F(text: str) -> n.Field:  # noqa: N802 as above
    return n.Field(tuple(text.split(".")))


def L(value: n.Value) -> n.Literal:  # noqa: N802 as above
    return n.Literal(value)


def names(text: str) -> tuple[n.Name, ...]:
    return tuple(n.Name(word) for word in text.split())


DAY = n.Duration(days=1)
CREATED = n.Event(names("order"), words=(names("created"),))
NIGHT = n.Quiet((n.QuietRange(22 * 3600, 9 * 3600),))

# ---------------------------------------------------------------------------------------------------------------- values

VALUES = {
    '"text"': L("text"),
    r'"a \"b\" \\ c\nd"': L('a "b" \\ c\nd'),
    '"Отправлен"': L("Отправлен"),
    '"# no comment"': L("# no comment"),
    "12": L(12),
    "-5": n.Negative(L(5)),
    "12.5": L(12.5),
    "10%": L(n.Percent(10.0)),
    "true": L(value=True),
    "false": L(value=False),
    "09:00": L(n.TimeOfDay(9 * 3600)),
    "2026-05-01": L(date(2026, 5, 1)),
    "2026-05-01 10:00": L(datetime(2026, 5, 1, 10)),
    "2026-05-01  10:00:30Z": L(datetime(2026, 5, 1, 10, 0, 30, tzinfo=UTC)),
    "2026-05-01T10:00+03:00": L(datetime(2026, 5, 1, 10, tzinfo=timezone(timedelta(hours=3)))),
    "30s": L(n.Duration(seconds=30)),
    "5m": L(n.Duration(seconds=300)),
    "2h": L(n.Duration(seconds=7200)),
    "7d": L(n.Duration(days=7)),
    "2w": L(n.Duration(days=14)),
    "1mo": L(n.Duration(months=1)),
    "1y": L(n.Duration(months=12)),
    "1d12h": L(n.Duration(days=1, seconds=43200)),
    "category delivered": L(n.CategoryName("delivered")),
    "customer.город": F("customer.город"),
    "order.limit": F("order.limit"),
    "now - 90d": n.Binary("-", F("now"), L(n.Duration(days=90))),
    "order.total - 1 + 2": n.Binary("+", n.Binary("-", F("order.total"), L(1)), L(2)),
}


@pytest.mark.parametrize("text", VALUES)
def test_values(text):
    assert condition(f"x = {text}") == n.Compare("=", F("x"), VALUES[text])


# ------------------------------------------------------------------------------------------------------------ conditions

TOTAL = n.Compare(">=", F("order.total"), L(1000))


def history(quantifier: str, noun: str, count: int = 1, **more: object) -> n.History:
    return n.History(quantifier, n.Selection(N(noun), **more), count)  # type: ignore[arg-type]


CONDITIONS = {
    'order.total >= 1000 and order.status != "cancelled" and order.status = category delivered': n.And(
        (TOTAL, n.Compare("!=", F("order.status"), L("cancelled")), n.Compare("=", F("order.status"), L(n.CategoryName("delivered")))),
    ),
    "a or b and not c": n.Or((F("a"), n.And((F("b"), n.Not(F("c")))))),
    "not (a or b)": n.Not(n.Or((F("a"), F("b")))),
    "order is cancelled": n.Is(F("order"), "cancelled"),
    "order is not cancelled": n.Is(F("order"), "cancelled", negated=True),
    "x is set": n.Is(F("x"), "set"),
    "x is not set": n.Is(F("x"), "set", negated=True),
    "x is empty": n.Is(F("x"), "empty"),
    'customer.city in ("Москва", "Казань")': n.OneOf(F("customer.city"), (L("Москва"), L("Казань"))),
    "x not in (1)": n.OneOf(F("x"), (L(1),), negated=True),
    'x contains "y"': n.Compare("contains", F("x"), L("y")),
    "customer.vip": F("customer.vip"),
    "order.delivery_date is set and order.delivery_date <= now + 3d": n.And(
        (
            n.Is(F("order.delivery_date"), "set"),
            n.Compare("<=", F("order.delivery_date"), n.Binary("+", F("now"), L(n.Duration(days=3)))),
        ),
    ),
    "subscribed email": n.Subscribed(N("email")),
    'subscribed sms to "news"': n.Subscribed(N("sms"), N("news")),
    "reachable push": n.Reachable(N("push")),
    "in segment vip": n.InSegment(N("vip")),
    'product in list "wishlist"': n.InList(F("product"), N("wishlist")),
    "product not in list cart": n.InList(F("product"), N("cart"), negated=True),
    "no order since start": history("no", "order", window=n.Since("start")),
    "no order since last send": history("no", "order", window=n.Since("last send")),
    "any order (order.total > 500) within 30d": history(
        "any",
        "order",
        where=n.Compare(">", F("order.total"), L(500)),
        window=n.Within(n.Duration(days=30)),
    ),
    'at least 3 orders (order.status = "delivered") within 365d': history(
        "at least",
        "orders",
        3,
        where=n.Compare("=", F("order.status"), L("delivered")),
        window=n.Within(n.Duration(days=365)),
    ),
    "no message within 1d": history("no", "message", window=n.Within(DAY)),
    "any message review_request opened since start": history(
        "any",
        "message",
        name=N("review_request"),
        verb=N("opened"),
        window=n.Since("start"),
    ),
    "any message opened": history("any", "message", verb=N("opened")),
    'any message "opened"': history("any", "message", name=N("opened")),
    "no message by sms within 7d": history("no", "message", channel=N("sms"), window=n.Within(n.Duration(days=7))),
    'any action "quiz_done"': history("any", "action", name=N("quiz_done")),
    "no promo since start": history("no", "promo", window=n.Since("start")),
    'every line (line.status = "delivered")': history("every", "line", where=n.Compare("=", F("line.status"), L("delivered"))),
    'any item in session.added (product in list "cart")': history(
        "any",
        "item",
        source=F("session.added"),
        where=n.InList(F("product"), N("cart")),
    ),
    "count(orders within 30d) > 2": n.Compare(
        ">",
        n.Aggregate(N("count"), n.Selection(N("orders"), window=n.Within(n.Duration(days=30)))),
        L(2),
    ),
    "sum(order.total within 365d) >= 10000": n.Compare(
        ">=",
        n.Aggregate(N("sum"), n.Selection(N("order"), window=n.Within(n.Duration(days=365))), F("order.total")),
        L(10000),
    ),
    "last(order.created_at) < now - 90d": n.Compare(
        "<",
        n.Aggregate(N("last"), n.Selection(N("order")), F("order.created_at")),
        n.Binary("-", F("now"), L(n.Duration(days=90))),
    ),
    "count(messages welcome opened by email) = 0": n.Compare(
        "=",
        n.Aggregate(N("count"), n.Selection(N("messages"), N("welcome"), N("opened"), N("email"))),
        L(0),
    ),
    'balance "bonus" >= 100': n.Compare(">=", n.BalanceOf(N("bonus")), L(100)),
    'balance "bonus" expiring within 7d > 0': n.Compare(">", n.BalanceOf(N("bonus"), n.Duration(days=7)), L(0)),
    "this.order.total > order.total": n.Compare(">", F("this.order.total"), F("order.total")),
}


@pytest.mark.parametrize("text", CONDITIONS)
def test_conditions(text):
    assert condition(text) == CONDITIONS[text]


# ---------------------------------------------------------------------------------------------------------------- events

EVENTS = {
    "session ended": n.Event(names("session"), words=(names("ended"),)),
    "order created": CREATED,
    'order.status -> "shipped"': n.Event(names("order.status"), values=names("shipped")),
    'order.status "new" -> "paid" | "shipped"': n.Event(names("order.status"), words=(names("new"),), values=names("paid shipped")),
    "order.status -> category delivered": n.Event(names("order.status"), category=N("delivered")),
    'any line.status -> "shipped"': n.Event(names("line.status"), any_of=True, values=names("shipped")),
    'product restocked in list "wishlist"': n.Event(
        names("product"),
        words=(names("restocked"),),
        place="in list",
        list_name=N("wishlist"),
    ),
    "product restocked in list": n.Event(names("product"), words=(names("restocked"),), place="in list"),
    "product.price drops 10% in views": n.Event(names("product.price"), words=(names("drops"),), amount=n.Percent(10.0), place="in views"),
    "product.price drops 500": n.Event(names("product.price"), words=(names("drops"),), amount=500),
    'product.stock_left, product.badge changed in list "cart"': n.Event(
        names("product.stock_left product.badge"),
        words=(names("changed"),),
        place="in list",
        list_name=N("cart"),
    ),
    'product added to list "cart"': n.Event(names("product"), words=(names("added"),), place="to list", list_name=N("cart")),
    'list "cart" changed': n.Event(names("list"), words=(names("cart"), names("changed"))),
    'action "quiz_done" | "webinar_signup"': n.Event(names("action"), words=(names("quiz_done webinar_signup"),)),
    'product action "compared"': n.Event(names("product"), words=(names("action"), names("compared"))),
    "message review_request sent": n.Event(names("message"), words=(names("review_request"), names("sent"))),
    "subscription email -> subscribed": n.Event(names("subscription"), words=(names("email"),), values=names("subscribed")),
    'subscription email to "news" -> unsubscribed | pending': n.Event(
        names("subscription"),
        words=(names("email"),),
        topic=N("news"),
        values=names("unsubscribed pending"),
    ),
    "segment vip entered": n.Event(names("segment"), words=(names("vip"), names("entered"))),
    'balance "bonus" negative': n.Event(names("balance"), words=(names("bonus"), names("negative"))),
    'promo "POOL" issued': n.Event(names("promo"), words=(names("POOL"), names("issued"))),
    "promo issued": n.Event(names("promo"), words=(names("issued"),)),
    "card.status -> activated | blocked": n.Event(names("card.status"), values=names("activated blocked")),
}


@pytest.mark.parametrize("text", EVENTS)
def test_events(text):
    where = n.Compare(">", F("order.total"), L(1))
    assert scenario(f"on {text} where order.total > 1").clauses == (n.On(EVENTS[text], where),)
    assert scenario(f"stop on {text}").clauses == (n.StopOn(EVENTS[text]),)
    assert scenario(f"goal {text} within 1d").clauses == (n.Goal(EVENTS[text], DAY),)
    assert scenario(f"wait up to 1d for {text}").steps == (n.WaitForEvent(DAY, EVENTS[text]),)


# --------------------------------------------------------------------------------------------------------------- clauses

TEN = n.TimeOfDay(36000)

CLAUSES = {
    "every day at 10:00": n.Every(n.Schedule("day", TEN)),
    "every monday, thursday at 10:00": n.Every(n.Schedule("weekday", TEN, ("monday", "thursday"))),
    "every mon at 10:00": n.Every(n.Schedule("weekday", TEN, ("monday",))),
    "every month on day 1 at 10:00": n.Every(n.Schedule("month", TEN, day=1)),
    "every month on last day at 10:00": n.Every(n.Schedule("month", TEN, day=-1)),
    'every "0 10 * * 1-5"': n.Every(n.Schedule("cron", cron="0 10 * * 1-5")),
    "every year on customer.birthday at 10:00": n.Every(n.Schedule("year", TEN, field=F("customer.birthday"))),
    "every year on customer.birthday - 7d at 10:00": n.Every(
        n.Schedule("year", TEN, field=F("customer.birthday"), shift=n.Duration(days=-7)),
    ),
    "every year on customer.birthday + 1d at 10:00": n.Every(n.Schedule("year", TEN, field=F("customer.birthday"), shift=DAY)),
    "every day at 10:00 for segment sleeping where customer.vip": n.Every(n.Schedule("day", TEN), N("sleeping"), F("customer.vip")),
    "valid 1d": n.Valid(DAY),
    "quiet 22:00-09:00": n.DefaultQuiet(NIGHT),
    "only 22:00-09:00": n.DefaultQuiet(n.changed(NIGHT, only=True)),
    "stop on order created where order.total >= 1000": n.StopOn(CREATED, TOTAL),
    "stop when order is cancelled": n.StopWhen(n.Is(F("order"), "cancelled")),
    "goal order created within 1d where order.total >= 1000": n.Goal(CREATED, DAY, TOTAL),
    "holdout 10%": n.Holdout(n.Percent(10.0)),
    "limit 1 per customer": n.Limit(1, N("customer")),
    "limit 1 per promo": n.Limit(1, N("promo")),
    "limit 3 per order.email within 1d": n.Limit(3, N("order.email"), DAY),
    "limit 1 per customer each week": n.Limit(1, N("customer"), each="week"),
    "limit 1 per order since created": n.Limit(1, N("order"), since_created=True),
    "limit 1 per order within 1d since created": n.Limit(1, N("order"), DAY, since_created=True),
    "transactional": n.Transactional(),
    "priority 10": n.Priority(10),
    "priority -5": n.Priority(-5),
    "active from 2026-12-01 to 2026-12-31": n.Active(date(2026, 12, 1), date(2026, 12, 31)),
    'formerly old_name, "older name"': n.Formerly((N("old_name"), N("older name"))),
    "paused": n.Paused(),
}


@pytest.mark.parametrize("text", CLAUSES)
def test_clauses(text):
    assert scenario(text).clauses == (CLAUSES[text],)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("22:00-09:00 sat-sun", [n.QuietRange(79200, 32400, ("sat", "sun"))]),
        ("22:00-09:00, sun", [n.QuietRange(79200, 32400), n.QuietRange(days=("sun",))]),
        ("fri-mon", [n.QuietRange(days=("fri", "sat", "sun", "mon"))]),
        ("holidays, monday", [n.QuietRange(days=("holidays",)), n.QuietRange(days=("mon",))]),
        ("00:00-06:30", [n.QuietRange(0, 23400)]),
    ],
)
def test_quiet_ranges(text, expected):
    assert scenario(f"quiet {text}").clauses == (n.DefaultQuiet(n.Quiet(tuple(expected))),)


# ----------------------------------------------------------------------------------------------------------------- steps

SEND = n.Send(N("letter"))

STEPS = {
    "wait 1d": n.Wait(DAY),
    "wait 1d at 10:00": n.Wait(DAY, TEN),
    "wait until 10:00": n.WaitUntil(TEN),
    "wait until monday": n.WaitUntil(None, "monday"),
    "wait until monday 10:00": n.WaitUntil(TEN, "monday"),
    "wait until fri at 10:00": n.WaitUntil(TEN, "friday"),
    "wait until order.delivery_date": n.WaitUntilDate(F("order.delivery_date")),
    "wait until product.expires - 1d at 10:00": n.WaitUntilDate(n.Binary("-", F("product.expires"), L(DAY)), TEN),
    "wait until 2026-05-01 at 10:00": n.WaitUntilDate(L(date(2026, 5, 1)), TEN),
    "wait up to 1d for order created": n.WaitForEvent(DAY, CREATED),
    "wait up to 1d for order created where order.total >= 1000 { end } else { send letter }": n.WaitForEvent(
        DAY,
        CREATED,
        TOTAL,
        (n.End(),),
        (SEND,),
    ),
    "wait up to 1d for order created else { send letter }": n.WaitForEvent(DAY, CREATED, None, None, (SEND,)),
    "wait 1d quiet 22:00-09:00": n.Wait(DAY, quiet=(NIGHT,)),
    "send letter quiet 22:00-09:00 only 22:00-09:00 as first": n.changed(
        SEND,
        quiet=(NIGHT, n.changed(NIGHT, only=True)),
        label=N("first"),
    ),
    "if customer.vip": n.Gate(F("customer.vip")),
    "if customer.vip as gate": n.Gate(F("customer.vip"), label=N("gate")),
    "if a { end } else if b { } else { send letter }": n.If((n.Branch(F("a"), (n.End(),)), n.Branch(F("b"), ())), (SEND,)),
    "if a { end }": n.If((n.Branch(F("a"), (n.End(),)),)),
    'send "Письмо" by email, sms to "m@shop.example" with discount = 10, total = order.total - 1': n.Send(
        N("Письмо"),
        names("email sms"),
        N("m@shop.example"),
        (n.Argument(N("discount"), L(10)), n.Argument(N("total"), n.Binary("-", F("order.total"), L(1)))),
    ),
    'set order.status "Нужен отзыв"': n.Set(F("order.status"), L("Нужен отзыв")),
    'issue promo "NEXT10" as gift': n.IssuePromo(N("NEXT10"), label=N("gift")),
    'award 100 to balance "bonus" expires in 1d': n.Award(L(100), N("bonus"), DAY),
    "award order.total - 1 to balance bonus": n.Award(n.Binary("-", F("order.total"), L(1)), N("bonus")),
    'deduct 100 from balance "bonus"': n.Deduct(L(100), N("bonus")),
    'add to segment "S"': n.AddTo("segment", N("S")),
    'add to list "L"': n.AddTo("list", N("L")),
    'remove from segment "S"': n.RemoveFrom("segment", N("S")),
    'remove from list "L"': n.RemoveFrom("list", N("L")),
    "call crm": n.Call(N("crm")),
    "call crm with id = order.id": n.Call(N("crm"), (n.Argument(N("id"), F("order.id")),)),
    "split letters { 50% new { send letter } 49.5% old { } }": n.Split(
        N("letters"),
        (n.Arm(n.Percent(50.0), N("new"), (SEND,)), n.Arm(n.Percent(49.5), N("old"), ())),
    ),
    "end": n.End(),
}


@pytest.mark.parametrize("text", STEPS)
def test_steps(text):
    assert scenario(text).steps == (STEPS[text],)


def test_clauses_may_stand_between_steps():
    """scenario x wait 1d on order created limit 1 per customer send letter quiet 22:00-09:00 valid 1d"""
    found = scenario("wait 1d on order created limit 1 per customer send letter quiet 22:00-09:00 valid 1d")
    assert found.steps == (n.Wait(DAY), n.changed(SEND, quiet=(NIGHT,)))
    assert found.clauses == (n.On(CREATED), n.Limit(1, N("customer")), n.Valid(DAY))


# ------------------------------------------------------------------------------------------------------------ statements

STATEMENTS = {
    'scenario repeat_order "Bring them back" on order created': n.Scenario(N("repeat_order"), "Bring them back", (n.On(CREATED),)),
    "on order created send letter": n.Scenario(N("review"), "", (n.On(CREATED),), (SEND,), bare=True),
    "every day at 10:00 send letter": n.Scenario(N("review"), "", (CLAUSES["every day at 10:00"],), (SEND,), bare=True),
    "segment vip where customer.vip": n.Segment(N("vip"), F("customer.vip")),
    "policy quiet 22:00-09:00 for sms, push": n.PolicyQuiet(NIGHT, names("sms push")),
    "policy quiet 22:00-09:00": n.PolicyQuiet(NIGHT),
    "policy only 22:00-09:00 for sms": n.PolicyQuiet(n.changed(NIGHT, only=True), names("sms")),
    "policy cap 3 messages within 1d": n.PolicyCap(3, None, DAY),
    "policy cap 1 message within 1d else skip": n.PolicyCap(1, None, DAY),
    "policy cap 1 sms within 24h else hold 1d": n.PolicyCap(1, N("sms"), n.Duration(seconds=86400), DAY),
    'define status order "new", "paid"': n.Define("status", names("new paid"), N("order")),
    'define category delivered "delivered", "выдан"': n.DefineCategory(N("delivered"), names("delivered выдан")),
    "define field customer.birthday date": n.DefineField(F("customer.birthday"), N("date")),
    'define list "cart", "wishlist"': n.Define("list", names("cart wishlist")),
    'define list "later" without price': n.Define("list", names("later"), without_price=True),
    'define topic "news"': n.Define("topic", names("news")),
    'define action "quiz_done"': n.Define("action", names("quiz_done")),
    'define balance "bonus"': n.Define("balance", names("bonus")),
    'define segment "gold", "silver" in "tier"': n.Define("segment", names("gold silver"), N("tier")),
    'define promo "NEXT10" one_time valid 1d generate "NEXT-########"': n.DefinePromo(N("NEXT10"), N("one_time"), DAY, "NEXT-########"),
    "define promo FRIEND referral": n.DefinePromo(N("FRIEND"), N("referral")),
    "define products novelties where product.added_at > now - 1d": n.DefineProducts(
        N("novelties"),
        n.Compare(">", F("product.added_at"), n.Binary("-", F("now"), L(DAY))),
    ),
}


@pytest.mark.parametrize("text", STATEMENTS)
def test_statements(text):
    assert statement(text) == STATEMENTS[text]


# ----------------------------------------------------------------------------------------------------------------- tests

AT = n.When(datetime(2026, 3, 9, 9))

LINES = {
    'customer ann { email: "ann@example.com", subscribed: [email, sms,], }': n.FactLine(
        N("customer"),
        N("ann"),
        data={"email": "ann@example.com", "subscribed": ["email", "sms"]},
    ),
    '2026-03-09 09:00  order 17 of ann { status: "shipped" }': n.FactLine(N("order"), N("17"), N("ann"), AT, data={"status": "shipped"}),
    "2026-03-09 09:00:05+03:00 order 17 of ann": n.FactLine(
        N("order"),
        N("17"),
        N("ann"),
        n.When(datetime(2026, 3, 9, 9, 0, 5, tzinfo=timezone(timedelta(hours=3)))),
    ),
    "+2d order 17": n.FactLine(N("order"), N("17"), when=n.When(n.Duration(days=2))),
    "10:00 order 17": n.FactLine(N("order"), N("17"), when=n.When(TEN)),
    "2026-03-09 order 17": n.FactLine(N("order"), N("17"), when=n.When(datetime(2026, 3, 9))),
    "order 17 of ann received 2026-03-09 09:00 { total: 1200.5 }": n.FactLine(
        N("order"),
        N("17"),
        N("ann"),
        None,
        AT,
        {"total": 1200.5},
    ),
    'product "p-9" { price: -5, available: true, expiry: 30d, added_at: 2026-03-01, x: null, a: { b: [1, { c: false }] }, list: list }': (
        n.FactLine(
            N("product"),
            N("p-9"),
            data={
                "price": -5,
                "available": True,
                "expiry": "30d",
                "added_at": "2026-03-01",
                "x": None,
                "a": {"b": [1, {"c": False}]},
                "list": "list",
            },
        )
    ),
    'list.add of ann { list: "cart", products: ["p-9"] }': n.FactLine(
        N("list.add"),
        None,
        N("ann"),
        data={"list": "cart", "products": ["p-9"]},
    ),
    "subscription.set of ann { channel: email, status: subscribed }": n.FactLine(
        N("subscription.set"),
        None,
        N("ann"),
        data={"channel": "email", "status": "subscribed"},
    ),
    "ann takes popular in new_letter": n.FixArm(N("ann"), N("popular"), N("new_letter")),
    "ann in holdout of repeat_order": n.FixHoldout(N("ann"), N("repeat_order")),
    '2026-03-09 09:00 expect send letter to ann by email containing "Dear"': n.ExpectSend(
        N("letter"),
        N("ann"),
        N("email"),
        "Dear",
        when=AT,
    ),
    "expect skip letter to ann because no_consent": n.ExpectSkip(N("letter"), N("ann"), N("no_consent")),
    "expect ann stopped in x because condition": n.ExpectStopped(N("ann"), N("x"), N("condition")),
    'expect set order 17 status "x"': n.ExpectSet(N("order"), N("17"), N("status"), "x"),
    'expect issue promo "P" to ann': n.ExpectIssue(N("P"), N("ann")),
    'expect award 100 to balance "bonus" of ann': n.ExpectAward(100, N("bonus"), N("ann")),
    'expect deduct 49.9 from balance bonus of "17-a"': n.ExpectDeduct(49.9, N("bonus"), N("17-a")),
    "expect goal of x by ann": n.ExpectGoal(N("x"), N("ann")),
    "expect nothing": n.ExpectNothing(),
    "+1d expect nothing else": n.ExpectNothing(rest=True, when=n.When(DAY)),
}


@pytest.mark.parametrize("text", LINES)
def test_lines_of_a_test(text):
    assert lines(text) == (LINES[text],)
    assert lines(f"{text}\n  {text}") == (LINES[text], LINES[text])


# ------------------------------------------------------------------------------------------------------------- the whole


def test_one_line_is_a_whole_scenario():
    """language.md §1: line breaks mean nothing inside a statement."""
    one = 'on order.status -> "shipped" wait 7d quiet 22:00-09:00 if subscribed email send review_request limit 1 per customer'
    many = one.replace(" wait", "\n  wait").replace(" if", "\n\n\tif").replace(" send", " # gate\n  send").replace(" limit", "\n  limit")
    assert statement(one) == statement(many)
    assert statement(one) == n.Scenario(
        N("review"),
        "",
        (n.On(EVENTS['order.status -> "shipped"']), n.Limit(1, N("customer"))),
        (n.Wait(n.Duration(days=7), quiet=(NIGHT,)), n.Gate(n.Subscribed(N("email"))), n.Send(N("review_request"))),
        bare=True,
    )


def spans(node: object, text: str) -> list[tuple[str, str]]:
    """Every node of a tree with the text its span covers."""
    found = []
    if isinstance(node, n.Node):
        found.append((type(node).__name__, text[node.span.start : node.span.end]))
        for part in n.attributes(type(node)):
            found += spans(getattr(node, part.name), text)
    elif isinstance(node, tuple):
        for part in node:
            found += spans(part, text)
    return found


def test_spans_cover_the_words_of_a_node_and_no_blank_around_them():
    text = "# first\nscenario  x  # why\n  on order created where order.total >= 1000   \n"
    text += "  wait 1d  quiet sat\n  if a { send b } # end\n\n# last\n"
    found = spans(read(text).statements[0], text)
    assert found == [
        ("Scenario", text[text.index("scenario") : text.index(" # end")]),
        ("Name", "x"),
        ("On", "on order created where order.total >= 1000"),
        ("Event", "order created"),
        ("Name", "order"),
        ("Name", "created"),
        ("Compare", "order.total >= 1000"),
        ("Field", "order.total"),
        ("Literal", "1000"),
        ("Wait", "wait 1d  quiet sat"),
        ("Quiet", "quiet sat"),
        ("QuietRange", "sat"),
        ("If", "if a { send b }"),
        ("Branch", "if a { send b }"),
        ("Field", "a"),
        ("Send", "send b"),
        ("Name", "b"),
    ]


@pytest.mark.parametrize("text", [*STATEMENTS, *(f"test t {{ {line} }}" for line in LINES), *(f"scenario x {step}" for step in STEPS)])
def test_every_node_has_a_span_without_blanks(text):
    for kind, covered in spans(read(text).statements[0], text):
        assert covered, kind
        assert covered == covered.strip(), kind


def test_what_is_read_holds_no_words_of_the_reader():
    """Names and texts are plain `str`: a tree is kept for long, the words it was read from are not."""
    programs = [*STATEMENTS, *(f"test t {{ {line} }}" for line in LINES), *(f"scenario x {step}" for step in STEPS)]
    stack: list[object] = [statement(text) for text in programs]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            assert type(node) is str
        elif isinstance(node, dict):
            stack += [*node, *node.values()]
        elif isinstance(node, tuple | list):
            stack += node
        elif isinstance(node, n.Node):
            stack += [getattr(node, part.name) for part in n.attributes(type(node))]


def test_what_is_no_test_reads_the_same_without_the_tests() -> None:
    text = (
        'define status order "paid"\n'
        "scenario one\n  send letter\n\n"
        'test "of the first" {\n  2024-06-05 12:00  expect nothing\n}\n\n'
        'on order created\n  send letter\n\ntest "begun, and never" {\n'
    )
    whole, less = parse(Source("a.scn", text)), parse(Source("a.scn", text), with_tests=False)
    assert [type(one).__name__ for one in whole.file.statements] == ["Define", "Scenario", "Test", "Scenario"]
    assert less.file.statements == tuple(one for one in whole.file.statements if not isinstance(one, n.Test))
    assert (len(whole.diagnostics), less.diagnostics, less.unread) == (1, (), ())
