"""Hypothesis strategies for whole programs: every kind of node of `dsl/nodes.py`, in forms that the language takes.

What is generated prints and parses; it need not make sense to the catalog (a template may be called `22:00`), so that layout and parser are
tried with names no shop has. The doors: `expressions`, `conditions`, `events`, `clauses`, `steps`, `scenarios`, `tests`, `statements`,
`files`. Strategies draw small: the interesting part is how forms stand inside each other, to a depth of three.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from datetime import timezone
from functools import cache
from typing import Any
from typing import ParamSpec
from typing import TypeVar

from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from dsl import nodes
from dsl.building.conditions import MESSAGE_VERBS
from dsl.catalog import FIELD_TYPES
from dsl.nodes import Name
from dsl.printing.phrases import RESERVED
from dsl.printing.phrases import SOFT

#: For tests over whole programs: drawing one takes time, and is worth it. How many is for the profile (`tests/conftest.py`).
MODEST = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

#: The path of generated files; a bare scenario in them is called after it.
PATH = "generated.scn"

DEPTH = 3

_P = ParamSpec("_P")
_T = TypeVar("_T")


def _door(make: Callable[_P, SearchStrategy[_T]]) -> Callable[_P, SearchStrategy[_T]]:
    """Made once for each choice of arguments, and opaque: Hypothesis would write out what is inside, endlessly for programs."""

    @cache
    def opened(*args: Any, **options: Any) -> SearchStrategy[_T]:
        made = make(*args, **options)

        @st.composite
        def drawn(draw: st.DrawFn) -> _T:
            return draw(made)

        return drawn()

    return opened  # type: ignore[return-value]


# -------------------------------------------------------------------------------------------------------------- names

_WORDS = ("vip", "review_request", "wishlist", "Отправлен", "выдан", "заказ_2", "_x", "größe", "配送", "Email", "start", "null")
_QUOTED = ("два слова", "p-9", "7d", "22:00", "12", "a.b", 'say "hi"', "back\\slash", "# no comment", "{", "два\nряда", "a → b", "`")


@_door
def texts() -> SearchStrategy[str]:
    """Any text that may stand between quotes, also an empty one."""
    return st.one_of(
        st.sampled_from((*_QUOTED, "")), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=8)
    )


@_door
def names() -> SearchStrategy[Name]:
    """Words of any script, text that must be quoted, words the grammar keeps for itself."""
    return st.one_of(
        st.sampled_from(_WORDS),
        st.sampled_from(_QUOTED),
        st.sampled_from(sorted(RESERVED | SOFT)),
        texts().filter(lambda text: bool(text.strip())),
    ).map(Name)


@_door
def words(*several: str) -> SearchStrategy[Name]:
    """One of these, as a name."""
    return st.sampled_from(several).map(Name)


@_door
def ids() -> SearchStrategy[Name]:
    """Of customers, orders, products: numbers too."""
    return st.one_of(words("ann", "17", "007", "p-9", "№ 5"), names())


def _several(of: SearchStrategy[Any], least: int = 1, most: int = 3) -> SearchStrategy[tuple[Any, ...]]:
    return st.lists(of, min_size=least, max_size=most).map(tuple)


def _distinct(of: SearchStrategy[Any], key: Any, least: int = 1) -> SearchStrategy[tuple[Any, ...]]:
    return st.lists(of, min_size=least, max_size=3, unique_by=key).map(tuple)


def _maybe(of: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return st.none() | of


# ------------------------------------------------------------------------------------------------------------- values


@_door
def durations() -> SearchStrategy[nodes.Duration]:
    """One unit, as people write, or a sum of several."""
    small = st.integers(0, 400)
    one = st.one_of(
        st.builds(nodes.Duration, months=st.integers(1, 24)),
        st.builds(nodes.Duration, days=small),
        st.integers(1, 60).map(lambda hours: nodes.Duration(seconds=hours * 3600)),
        st.builds(nodes.Duration, seconds=st.integers(1, 10**6)),
    )
    return one | st.builds(nodes.Duration, small, small, st.integers(0, 10**6))


@_door
def times(*, seconds: bool = False) -> SearchStrategy[nodes.TimeOfDay]:
    """Of day; seconds only in tests."""
    return st.integers(0, 86399).map(lambda at: nodes.TimeOfDay(at if seconds else at // 60 * 60))


@_door
def dates() -> SearchStrategy[date]:
    """Days of this century."""
    return st.dates(date(2000, 1, 1), date(2099, 12, 31))


@_door
def moments() -> SearchStrategy[datetime]:
    """To the second, naive or with an offset."""
    naive = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31))
    offsets = st.integers(-56, 56).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))

    def exact(moment: datetime, zone: timezone | None) -> datetime:
        return moment.replace(microsecond=0, second=moment.second // 30 * 30, fold=0, tzinfo=zone)

    return st.builds(exact, naive, _maybe(st.just(UTC) | offsets))


@_door
def numbers() -> SearchStrategy[int | float]:
    """Not negative: the sign is an expression."""
    return st.integers(0, 10**9) | st.integers(0, 10**6).map(lambda hundredths: hundredths / 100)


@_door
def percents() -> SearchStrategy[nodes.Percent]:
    """From 0% to 100%, halves too."""
    return st.integers(0, 200).map(lambda halves: nodes.Percent(halves / 2))


@_door
def literals() -> SearchStrategy[nodes.Literal]:
    """Every kind of value but a category, which stands only on the right of a comparison."""
    return st.one_of(texts(), numbers(), st.booleans(), percents(), times(), durations(), dates(), moments()).map(nodes.Literal)


@_door
def fields(*, dotted: bool = False) -> SearchStrategy[nodes.Field]:
    """Of the journey, its own, custom ones in any script, with a reserved word behind the dot."""
    paths = [
        "order.total",
        "order.status",
        "order.delivery_date",
        "customer.vip",
        "this.order.id",
        "customer.город",
        "order.limit",
        "product.expires",
    ]
    alone = [] if dotted else ["now", "order", "product", "status"]
    return st.sampled_from([*paths, *alone]).map(lambda path: nodes.Field(tuple(path.split("."))))


_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@_door
def _runs_of_days() -> SearchStrategy[tuple[str, ...]]:
    return st.builds(lambda first, count: tuple(_DAYS[(first + day) % 7] for day in range(count)), st.integers(0, 6), st.integers(1, 7))


@_door
def quiets() -> SearchStrategy[nodes.Quiet]:
    """`quiet` and `only`: hours, days, both, holidays."""
    minutes = st.integers(0, 1439).map(lambda minute: minute * 60)
    days = _runs_of_days() | st.just(("holidays",))
    ranges = st.builds(nodes.QuietRange, minutes, minutes, st.just(()) | days) | st.builds(nodes.QuietRange, days=days)
    return st.builds(nodes.Quiet, _several(ranges, most=2), st.booleans())


# -------------------------------------------------------------------------------------------------------- expressions


@_door
def expressions(depth: int = DEPTH) -> SearchStrategy[nodes.Expression]:
    """What may stand on one side of a comparison: values, fields, sums, aggregates."""
    plain = literals() | fields()
    if depth <= 0:
        return plain
    inner = st.deferred(lambda: expressions(depth - 1))
    return st.one_of(
        plain,
        st.builds(nodes.Binary, st.sampled_from("+-"), inner, inner),
        st.builds(nodes.Negative, inner),
        st.deferred(lambda: aggregates(depth - 1)),
        st.builds(nodes.BalanceOf, names(), _maybe(durations())),
    )


@_door
def conditions(depth: int = DEPTH) -> SearchStrategy[nodes.Expression]:
    """What is true or false, in every form of language.md §2.3."""
    sums = expressions(min(depth, 1))
    category = names().map(lambda name: nodes.Literal(nodes.CategoryName(name.text)))
    plain = st.one_of(
        fields(),
        st.booleans().map(nodes.Literal),
        st.builds(nodes.Compare, st.sampled_from(("=", "!=", "<", "<=", ">", ">=", "contains")), sums, sums),
        st.builds(nodes.Compare, st.sampled_from(("=", "!=")), fields(), category),
        st.builds(nodes.Is, fields(), st.sampled_from(("set", "empty", "cancelled", "Отменён", "not so")), st.booleans()),
        st.builds(nodes.OneOf, sums, _several(sums), st.booleans()),
        st.builds(nodes.InList, fields(), names(), st.booleans()),
        st.builds(nodes.InSegment, names()),
        st.builds(nodes.Subscribed, names(), _maybe(names())),
        st.builds(nodes.Reachable, names()),
    )
    if depth <= 0:
        return plain
    inner = st.deferred(lambda: conditions(depth - 1))
    return st.one_of(
        plain,
        st.builds(nodes.And, _several(inner, 2)),
        st.builds(nodes.Or, _several(inner, 2)),
        st.builds(nodes.Not, inner),
        st.builds(nodes.History, st.sampled_from(("no", "any", "every")), selections(depth - 1)),
        st.builds(nodes.History, st.just("at least"), selections(depth - 1), st.integers(1, 99)),
    )


@_door
def windows() -> SearchStrategy[nodes.Window]:
    """`within D`, `since start`, `since last send`"""
    return st.builds(nodes.Within, durations()) | st.sampled_from(("start", "last send")).map(nodes.Since)


@_door
def selections(depth: int = DEPTH) -> SearchStrategy[nodes.Selection]:
    """What a history question looks through."""
    where, window = _maybe(st.deferred(lambda: conditions(depth - 1))) if depth > 0 else st.none(), _maybe(windows())
    messages, verbs = words("message", "messages"), words(*sorted(MESSAGE_VERBS))
    others = words("order", "orders", "line", "lines", "view", "session", "change", "promo")
    return st.one_of(
        st.builds(nodes.Selection, others, where=where, window=window),
        st.builds(nodes.Selection, words("item", "items"), source=st.just(nodes.Field(("session", "added"))), where=where),
        st.builds(nodes.Selection, words("action", "actions"), _maybe(names()), where=where, window=window),
        st.builds(nodes.Selection, messages, _maybe(names() | verbs), _maybe(verbs), _maybe(names()), where=where, window=window),
    )


@_door
def aggregates(depth: int = DEPTH) -> SearchStrategy[nodes.Aggregate]:
    """`count(orders …)`, `sum(order.total …)`"""
    where, window = _maybe(st.deferred(lambda: conditions(depth - 1))) if depth > 0 else st.none(), _maybe(windows())

    def of(function: str, path: str, where: nodes.Expression | None, window: nodes.Window | None) -> nodes.Aggregate:
        field = nodes.Field(tuple(path.split("."))) if "." in path else None
        return nodes.Aggregate(Name(function), nodes.Selection(Name(path.split(".", maxsplit=1)[0]), where=where, window=window), field)

    paths = st.sampled_from(("order.total", "order.created_at", "line.price"))
    return st.one_of(
        st.builds(of, st.just("count"), st.sampled_from(("orders", "lines", "messages", "action")), where, window),
        st.builds(of, st.sampled_from(("sum", "last", "first", "max", "min", "average")), paths, where, window),
    )


# ------------------------------------------------------------------------------------------------- events and schedules


def _event(*subjects: str, **more: Any) -> SearchStrategy[nodes.Event]:
    return st.builds(nodes.Event, st.just(tuple(map(Name, subjects))), **more)


def _verb(*verbs: str) -> SearchStrategy[tuple[Name, ...]]:
    return words(*verbs).map(lambda verb: (verb,))


def _words(*groups: SearchStrategy[tuple[Name, ...]]) -> SearchStrategy[Any]:
    return st.tuples(*groups)


@_door
def events() -> SearchStrategy[nodes.Event]:
    """Every spelling of events.md §1."""
    alternatives = _several(names(), most=2)
    listed: dict[str, Any] = {"place": st.just("in list"), "list_name": _maybe(names())}
    viewed: dict[str, Any] = {"place": st.just("in views")}
    amounts = numbers() | percents()
    return st.one_of(
        _event("session", words=_words(_verb("ended"))),
        _event("order", words=_words(_verb("changed", "created")), any_of=st.booleans()),
        _event("order.status", values=alternatives, any_of=st.booleans()),
        _event("order.status", words=_words(alternatives), values=alternatives),
        _event("order.status", category=names()),
        _event("line.status", any_of=st.just(True), values=alternatives),
        _event("product", words=_words(_verb("bought", "viewed"))),
        _event("product", words=_words(_verb("restocked", "sold_out")), **listed),
        _event("product", words=_words(_verb("restocked", "sold_out")), **viewed),
        _event("product.price", words=_words(_verb("drops", "rises")), amount=amounts, **listed),
        _event("product.price", words=_words(_verb("drops", "rises")), amount=amounts, **viewed),
        _event("product.stock_left", "product.badge", words=_words(_verb("changed")), **listed),
        _event("product", words=_words(_verb("added")), place=st.just("to list"), list_name=names()),
        _event("list", words=_words(alternatives, _verb("changed"))),
        _event("action", words=_words(alternatives)),
        _event("product", words=_words(_verb("action"), alternatives)),
        _event("message", words=_words(_verb("formed", "sent", "opened", "clicked"))),
        _event("message", words=_words(alternatives, _verb("formed", "sent", "opened", "clicked"))),
        _event("customer", words=_words(_verb("created", "registered", "merged", "changed", "edited"))),
        _event("customer.email", words=_words(_verb("changed", "confirmed"))),
        _event("subscription", words=_words(_verb("email", "sms")), topic=_maybe(names()), values=alternatives),
        _event("segment", words=_words(alternatives, _verb("entered", "left"))),
        _event("balance", words=_words(alternatives, _verb("negative", "available", "changed"))),
        _event("promo", words=_words(_verb("issued", "redeemed", "referred"))),
        _event("promo", words=_words(alternatives, _verb("issued", "redeemed", "referred"))),
        _event("card.status", values=alternatives),
        _event("card", words=_words(_verb("replaced"))),
        _event("code", words=_words(_verb("requested"))),
    )


_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@_door
def schedules() -> SearchStrategy[nodes.Schedule]:
    """Every form of `every`."""
    shifts = durations() | durations().map(lambda length: -length)
    return st.one_of(
        st.builds(nodes.Schedule, st.just("day"), times()),
        st.builds(nodes.Schedule, st.just("weekday"), times(), _several(st.sampled_from(_WEEKDAYS))),
        st.builds(nodes.Schedule, st.just("month"), times(), day=st.integers(1, 31) | st.just(-1)),
        st.builds(nodes.Schedule, st.just("cron"), cron=st.sampled_from(("0 10 * * 1-5", "*/5 * * * *"))),
        st.builds(nodes.Schedule, st.just("year"), times(), field=fields(dotted=True), shift=_maybe(shifts)),
    )


# ----------------------------------------------------------------------------------------------------------- clauses


@_door
def triggers() -> SearchStrategy[nodes.Clause]:
    """`on` and `every`"""
    where = _maybe(conditions(2))
    return st.builds(nodes.On, events(), where) | st.builds(nodes.Every, schedules(), _maybe(names()), where)


@_door
def limits() -> SearchStrategy[nodes.Limit]:
    """Every key, every window."""
    count, length = st.integers(1, 9), _maybe(durations())
    keys = words("customer", "line", "product", "session", "promo", "card", "scenario", "order.total")
    return st.one_of(
        st.builds(nodes.Limit, count, keys, length),
        st.builds(nodes.Limit, count, keys, each=st.sampled_from(("day", "week", "month", "year"))),
        st.builds(nodes.Limit, count, words("order"), length, since_created=st.booleans()),
    )


@_door
def clauses() -> SearchStrategy[nodes.Clause]:
    """Any clause but a trigger."""
    where = _maybe(conditions(2))
    return st.one_of(
        st.builds(nodes.Valid, durations()),
        st.builds(nodes.DefaultQuiet, quiets()),
        st.builds(nodes.StopOn, events(), where),
        st.builds(nodes.StopWhen, conditions(2)),
        st.builds(nodes.Goal, events(), durations(), where),
        st.builds(nodes.Holdout, percents()),
        limits(),
        st.just(nodes.Transactional()),
        st.builds(nodes.Priority, st.integers(-99, 99)),
        st.tuples(dates(), dates()).map(lambda ends: nodes.Active(min(ends), max(ends))),
        st.builds(nodes.Formerly, _several(names())),
        st.just(nodes.Paused()),
    )


_MANY = (nodes.On, nodes.Every, nodes.StopOn, nodes.StopWhen, nodes.Limit, nodes.DefaultQuiet)


@_door
def several_clauses(least: int = 0) -> SearchStrategy[tuple[nodes.Clause, ...]]:
    """A trigger and at least so many clauses, more triggers among them, in any order."""
    others = st.lists(clauses() | triggers(), min_size=least, max_size=least + 4, unique_by=_clause_kind)
    return st.builds(lambda first, others: [first, *others], triggers(), others).flatmap(st.permutations).map(tuple)


def _clause_kind(clause: nodes.Clause) -> object:
    """Some may be written once only."""
    return id(clause) if isinstance(clause, _MANY) else type(clause)


# ------------------------------------------------------------------------------------------------------------- steps


@_door
def _arguments() -> SearchStrategy[tuple[nodes.Argument, ...]]:
    return _distinct(st.builds(nodes.Argument, names(), expressions(1)), lambda argument: argument.name.text, 0)


@_door
def _dates_of_the_context() -> SearchStrategy[nodes.Expression]:
    shifted = st.builds(nodes.Binary, st.sampled_from("+-"), fields(dotted=True), durations().map(nodes.Literal))
    return fields(dotted=True) | shifted | dates().map(nodes.Literal)


@_door
def steps(depth: int = DEPTH) -> SearchStrategy[nodes.Step]:
    """Any step; blocks to the given depth."""
    label = _maybe(names())
    held: dict[str, Any] = {"label": label, "quiet": _several(quiets(), 0, 2)}
    kinds = st.sampled_from(("segment", "list"))
    plain = st.one_of(
        st.builds(nodes.Wait, durations(), _maybe(times()), **held),
        st.builds(nodes.WaitUntil, times(), **held),
        st.builds(nodes.WaitUntil, _maybe(times()), st.sampled_from(_WEEKDAYS), **held),
        st.builds(nodes.WaitUntilDate, _dates_of_the_context(), _maybe(times()), **held),
        st.builds(nodes.WaitForEvent, durations(), events(), _maybe(conditions(1)), **held),
        st.builds(nodes.Gate, conditions(2), label=label),
        st.builds(nodes.Send, names(), _several(names(), 0), _maybe(names()), _arguments(), **held),
        st.builds(nodes.Set, fields(dotted=True), expressions(1), label=label),
        st.builds(nodes.IssuePromo, names(), label=label),
        st.builds(nodes.Award, expressions(1), names(), _maybe(durations()), label=label),
        st.builds(nodes.Deduct, expressions(1), names(), label=label),
        st.builds(nodes.AddTo, kinds, names(), label=label),
        st.builds(nodes.RemoveFrom, kinds, names(), label=label),
        st.builds(nodes.Call, names(), _arguments(), label=label),
        st.just(nodes.End()),
    )
    if depth <= 0:
        return plain
    block = _several(st.deferred(lambda: steps(depth - 1)), 0, 2)
    arms = _distinct(st.builds(nodes.Arm, percents(), names(), block), lambda arm: arm.name.text)
    return st.one_of(
        plain,
        st.builds(nodes.If, _several(st.builds(nodes.Branch, conditions(2), block), 1, 2), _maybe(block), label=label),
        st.builds(nodes.WaitForEvent, durations(), events(), _maybe(conditions(1)), _maybe(block), _maybe(block), **held),
        st.builds(nodes.Split, names(), arms, label=label),
    )


# --------------------------------------------------------------------------------------------------------- statements


@st.composite
def scenarios(draw: st.DrawFn, *, bare: bool = False) -> nodes.Scenario:
    """A scenario with at least one trigger and one step; bare: called after `PATH`, its trigger first."""
    several = draw(several_clauses())
    if bare:
        several = tuple(sorted(several, key=lambda clause: not isinstance(clause, nodes.On | nodes.Every)))
    body = draw(_several(steps(), 1, 4))
    if bare:
        return nodes.Scenario(Name(PATH.removesuffix(".scn")), "", several, body, bare=True)
    return nodes.Scenario(draw(names()), draw(texts()), several, body)


@_door
def data(depth: int = 2) -> SearchStrategy[nodes.Data]:
    """What the braces of a test hold."""
    signed = numbers() | numbers().map(lambda number: -number)
    plain = st.one_of(texts(), signed, st.booleans(), st.none(), names().map(lambda name: name.text))
    if depth <= 0:
        return plain
    return st.one_of(plain, st.lists(data(depth - 1), max_size=3), objects(depth - 1))


@_door
def objects(depth: int = 2) -> SearchStrategy[dict[str, nodes.Data]]:
    """`{ status: "shipped" }`"""
    keys = st.sampled_from(("status", "email", "subscribed", "lines", "null", "limit")) | names().map(lambda name: name.text)
    return st.dictionaries(keys, data(depth), max_size=3)


@_door
def whens() -> SearchStrategy[nodes.When]:
    """The time of a line."""
    return st.builds(nodes.When, moments() | durations() | times(seconds=True))


@_door
def lines() -> SearchStrategy[nodes.Line]:
    """Any line of a test."""
    when, received = _maybe(whens()), _maybe(whens())
    operations = words("list.add", "order.status", "action.issue")
    return st.one_of(
        st.builds(nodes.FactLine, words("customer", "order", "product"), ids(), _maybe(ids()), when, received, objects()),
        st.builds(nodes.FactLine, operations, st.none(), _maybe(ids()), when, received, objects()),
        st.builds(nodes.FixArm, ids(), names(), names()),
        st.builds(nodes.FixHoldout, ids(), names()),
        st.builds(nodes.ExpectSend, names(), ids(), _maybe(names()), _maybe(texts()), when=when),
        st.builds(nodes.ExpectSkip, names(), ids(), names(), when=when),
        st.builds(nodes.ExpectStopped, ids(), names(), names(), when=when),
        st.builds(nodes.ExpectSet, words("order", "customer"), ids(), names() | words("order.status"), data(), when=when),
        st.builds(nodes.ExpectIssue, names(), ids(), when=when),
        st.builds(nodes.ExpectAward, numbers(), names(), ids(), when=when),
        st.builds(nodes.ExpectDeduct, numbers(), names(), ids(), when=when),
        st.builds(nodes.ExpectGoal, names(), ids(), when=when),
        st.builds(nodes.ExpectNothing, st.booleans(), when=when),
    )


@_door
def tests() -> SearchStrategy[nodes.Test]:
    """A test, also an empty one."""
    return st.builds(nodes.Test, names(), _several(lines(), 0, 5))


@_door
def declarations() -> SearchStrategy[nodes.Statement]:
    """Segments, policies and defines."""
    several = _several(names())
    caps = names().filter(lambda name: name.text not in ("message", "messages"))
    return st.one_of(
        st.builds(nodes.Segment, names(), conditions(2)),
        st.builds(nodes.PolicyQuiet, quiets(), _several(names(), 0)),
        st.builds(nodes.PolicyCap, st.integers(1, 99), _maybe(caps), durations(), _maybe(durations())),
        st.builds(nodes.Define, st.sampled_from(("topic", "action", "balance")), several),
        st.builds(nodes.Define, st.just("status"), several, names()),
        st.builds(nodes.Define, st.just("list"), several, without_price=st.booleans()),
        st.builds(nodes.Define, st.just("segment"), several, _maybe(names())),
        st.builds(nodes.DefineCategory, names(), several),
        st.builds(nodes.DefineField, fields(dotted=True), st.builds(nodes.Name, st.sampled_from(sorted(FIELD_TYPES)))),
        st.builds(nodes.DefinePromo, names(), words("one_time", "multi_use", "referral"), _maybe(durations()), _maybe(texts())),
        st.builds(nodes.DefineProducts, names(), conditions(2)),
    )


@_door
def statements() -> SearchStrategy[nodes.Statement]:
    """Any statement that may stand in any file: all but a bare scenario."""
    return st.one_of(scenarios(), tests(), declarations())


@st.composite
def files(draw: st.DrawFn) -> nodes.File:
    """A few statements, at most one of them a bare scenario."""
    several: list[nodes.Statement] = draw(st.lists(statements(), min_size=1, max_size=3))
    if draw(st.booleans()):
        several.insert(draw(st.integers(0, len(several))), draw(scenarios(bare=True)))
    return nodes.File(PATH, tuple(several))
