"""The tree of a `.scn` text: what was written, nothing more. Every node says under its name how it is written.

Spans are not compared: two texts that differ in layout alone give equal trees. A *name* may be written bare or quoted;
the tree keeps the plain text either way. What a name means, and whether it exists, is for `catalog.py` and the checks.
"""

from __future__ import annotations

from datetime import date
from datetime import datetime
from typing import Any
from typing import TypeVar

from dsl.forms import Form
from dsl.forms import Part
from dsl.forms import Record
from dsl.forms import part
from dsl.source import NOWHERE
from dsl.source import Span

# ------------------------------------------------------------------------------------------------------------- values


class Duration(Record):
    """`30s 5m 2h 7d 2w 1mo 1y`, sums `1d12h`: calendar months (1y = 12), calendar days (1w = 7), exact seconds."""

    months: int = 0
    days: int = 0
    seconds: int = 0

    def __neg__(self) -> Duration:
        """The same length backwards."""
        return Duration(-self.months, -self.days, -self.seconds)


class TimeOfDay(Record):
    """`09:00`, in a test also `09:00:30`: seconds since local midnight."""

    seconds: int


class Percent(Record):
    """`10%`"""

    value: float


class CategoryName(Record):
    """`category delivered`, on the right of `=` or of an arrow"""

    name: str


#: What a literal can hold. `date` is `2026-05-01`; `datetime` is `2026-05-01 10:00`, naive (project zone) or with its offset.
Value = str | int | float | bool | Percent | TimeOfDay | Duration | date | datetime | CategoryName


N = TypeVar("N", bound="Node")


def changed(found: N, **parts: Any) -> N:
    """A node with other parts."""
    return type(found)(**{part.name: getattr(found, part.name) for part in attributes(type(found))} | parts)


_NAMES: dict[type, tuple[str, ...]] = {}


def _parts(found: Node) -> tuple[Any, ...]:
    """What a node holds, but for its place."""
    kind = type(found)
    names = _NAMES.get(kind)
    if names is None:
        names = _NAMES[kind] = tuple(part.name for part in attributes(kind) if part.name != "span")
    return tuple(getattr(found, name) for name in names)


def attributes(kind: Form) -> tuple[Part, ...]:
    """The parts of a form."""
    return kind.__parts__


class Node(metaclass=Form):
    """Anything that stands somewhere in the text."""

    span: Span = part(default=NOWHERE, kw_only=True)

    def __setattr__(self, name: str, value: object) -> None:
        """A tree is never changed: whoever wants another one makes it, with `changed`."""
        raise AttributeError(f"`{name}` of a {type(self).__name__} cannot be changed")

    def __delattr__(self, name: str) -> None:
        """Nor is anything taken from it."""
        raise AttributeError(f"`{name}` of a {type(self).__name__} cannot be taken away")

    def __eq__(self, other: object) -> bool:
        """The same form with the same parts, wherever it stands."""
        return type(self) is type(other) and _parts(self) == _parts(other)

    def __hash__(self) -> int:
        """As equality has it."""
        return hash((type(self), *_parts(self)))

    def __repr__(self) -> str:
        """The form and its parts, for tests and debugging."""
        return f"{type(self).__name__}{_parts(self)}"


class Name(Node):
    """`vip`, `"Отправлен"`: a word where its own place matters"""

    text: str


class QuietRange(Node):
    """`22:00-09:00`, `22:00-09:00 sat-sun`, `sat`, `holidays`. Half-open; start = None: whole days."""

    start: int | None = None
    end: int | None = None
    days: tuple[str, ...] = ()
    """Of `mon tue wed thu fri sat sun holidays`; empty: every day. `sat-sun` is spelled out."""

    def __hash__(self) -> int:
        """As equality has it; asked for twice in every act of a journey, so written out."""
        return hash((self.start, self.end, self.days))


class Quiet(Node):
    """`quiet 22:00-09:00, sun` · `only 10:00-20:00`"""

    ranges: tuple[QuietRange, ...]
    only: bool = False

    def __hash__(self) -> int:
        """As that of its ranges."""
        return hash((self.ranges, self.only))


# -------------------------------------------------------------------------------------------------------- expressions


class Expression(Node):
    """Anything with a value; a condition is an expression that is true or false."""


class Literal(Expression):
    """`"text"`, `12`, `10%`, `true`, `09:00`, `2026-05-01`, `7d`, `category delivered`"""

    value: Value

    def __eq__(self, other: object) -> bool:
        """`1` is not `true`, though Python finds them equal."""
        return type(other) is Literal and type(self.value) is type(other.value) and self.value == other.value

    def __hash__(self) -> int:
        """As equality has it."""
        return hash((type(self.value), self.value))


class Field(Expression):
    """`order.total`, `this.order.id`, `now`, `change.expires_at`"""

    path: tuple[str, ...]

    @property
    def text(self) -> str:
        """As written."""
        return ".".join(self.path)


class Binary(Expression):
    """`order.delivery_date - 3d`"""

    operator: str
    left: Expression
    right: Expression


class Negative(Expression):
    """`-5`"""

    operand: Expression


class Compare(Expression):
    """`order.total >= 1000`; operators `= != < <= > >= contains`"""

    operator: str
    left: Expression
    right: Expression


class And(Expression):
    """`a and b and c`"""

    parts: tuple[Expression, ...]


class Or(Expression):
    """`a or b or c`"""

    parts: tuple[Expression, ...]


class Not(Expression):
    """`not a`"""

    operand: Expression


class Is(Expression):
    """`order is cancelled`, `customer.city is not set`, `x is empty`"""

    operand: Expression
    word: str
    negated: bool = False


class OneOf(Expression):
    """`customer.city in ("Москва", "Казань")`, `x not in (…)`"""

    operand: Expression
    choices: tuple[Expression, ...]
    negated: bool = False


class InList(Expression):
    """`product in list "wishlist"`"""

    operand: Expression
    name: Name
    negated: bool = False


class InSegment(Expression):
    """`in segment vip`"""

    name: Name


class Subscribed(Expression):
    """`subscribed email`, `subscribed sms to "news"`"""

    channel: Name
    topic: Name | None = None


class Reachable(Expression):
    """`reachable push`"""

    channel: Name


class Within(Node):
    """`within 30d`"""

    duration: Duration


class Since(Node):
    """`since start`, `since last send`"""

    moment: str
    """`start` or `last send`"""


Window = Within | Since


class Selection(Node):
    """The things a history question looks through: `message review_request opened by email`, `orders (order.total > 500) within 30d`,
    `item in session.added (…)`.
    """

    noun: Name
    """As written: singular or plural."""
    name: Name | None = None
    """The template of a message, the template of an action."""
    verb: Name | None = None
    channel: Name | None = None
    source: Field | None = None
    where: Expression | None = None
    window: Window | None = None


class History(Expression):
    """`no order since start`, `any line (…)`, `every line (…)`, `at least 3 orders (…) within 365d`"""

    quantifier: str
    """`no`, `any`, `every` or `at least`"""
    selection: Selection
    count: int = 1
    """For `at least`."""


class Aggregate(Expression):
    """`count(orders within 30d)`, `sum(order.total within 365d)`, `last(order.created_at)`"""

    function: Name
    selection: Selection
    field: Field | None = None
    """What is summed or looked at; none for `count`."""


class BalanceOf(Expression):
    """`balance "bonus"`, `balance "bonus" expiring within 7d`"""

    account: Name
    expiring: Duration | None = None


# ------------------------------------------------------------------------------------------------------------- events


class Event(Node):
    """`[any] SUBJECT, … [WORDS] [WORDS] [to TOPIC] [-> VALUES] [AMOUNT] [in list L | to list L | in views]`

    Written loosely, read strictly: `catalog.resolve` says which event it is.
    """

    subjects: tuple[Name, ...]
    any_of: bool = False
    words: tuple[tuple[Name, ...], ...] = ()
    """What follows the subject, each with its `|` alternatives: names, from-values, verbs."""
    topic: Name | None = None
    values: tuple[Name, ...] = ()
    """After the arrow."""
    category: Name | None = None
    """After `-> category`."""
    amount: int | float | Percent | None = None
    place: str | None = None
    """`in list`, `to list` or `in views`"""
    list_name: Name | None = None


# --------------------------------------------------------------------------------------------------------- schedules


class Schedule(Node):
    """`day at 10:00` · `monday at 10:00` · `month on day 1 at 09:00` · `month on last day at 12:00` · `"0 10 * * 1-5"` ·
    `year on customer.birthday - 7d at 10:00`
    """

    unit: str
    """`day`, `weekday`, `month`, `cron` or `year`"""
    at: TimeOfDay | None = None
    weekdays: tuple[str, ...] = ()
    """Full names, `monday` …"""
    day: int | None = None
    """Of the month; -1: the last."""
    cron: str = ""
    field: Field | None = None
    shift: Duration | None = None
    """Added to the yearly date."""


# ----------------------------------------------------------------------------------------------------------- clauses


class Clause(Node):
    """Concerns the whole scenario; may stand anywhere in it."""


class On(Clause):
    """`on order.status -> "shipped" where order.total > 1000`"""

    event: Event
    where: Expression | None = None


class Every(Clause):
    """`every monday at 10:00 for segment sleeping where …`"""

    schedule: Schedule
    segment: Name | None = None
    where: Expression | None = None


class Valid(Clause):
    """`valid 1d`"""

    duration: Duration


class DefaultQuiet(Clause):
    """`quiet 22:00-09:00` before any step"""

    quiet: Quiet


class StopOn(Clause):
    """`stop on order created where …`"""

    event: Event
    where: Expression | None = None


class StopWhen(Clause):
    """`stop when order is cancelled`"""

    condition: Expression


class Goal(Clause):
    """`goal order created within 30d where …`"""

    event: Event
    within: Duration
    where: Expression | None = None


class Holdout(Clause):
    """`holdout 10%`"""

    share: Percent


class Limit(Clause):
    """`limit 1 per customer within 90d`, `limit 1 per order since created`, `limit 1 per customer each day`"""

    count: int
    key: Name
    """`customer`, `order`, … or a dotted field"""
    within: Duration | None = None
    each: str | None = None
    """`day`, `week`, `month` or `year`"""
    since_created: bool = False


class Transactional(Clause):
    """`transactional`"""


class Priority(Clause):
    """`priority 10`"""

    value: int


class Active(Clause):
    """`active from 2026-12-01 to 2026-12-31`, both days included"""

    first: date
    last: date


class Formerly(Clause):
    """`formerly old_name, older_name`"""

    names: tuple[Name, ...]


class Paused(Clause):
    """`paused`"""


# ------------------------------------------------------------------------------------------------------------- steps


class Step(Node):
    """Executed in order. A step may end with `as NAME`."""

    label: Name | None = part(default=None, kw_only=True)


class Wait(Step):
    """`wait 7d`, `wait 3d at 10:00 quiet 22:00-09:00`"""

    duration: Duration
    at: TimeOfDay | None = None
    quiet: tuple[Quiet, ...] = part(default=(), kw_only=True)


class WaitUntil(Step):
    """`wait until 10:00`, `wait until monday 10:00`"""

    time: TimeOfDay | None = None
    weekday: str | None = None
    """Full name."""
    quiet: tuple[Quiet, ...] = part(default=(), kw_only=True)


class WaitUntilDate(Step):
    """`wait until order.delivery_date - 3d at 10:00`"""

    date: Expression
    at: TimeOfDay | None = None
    quiet: tuple[Quiet, ...] = part(default=(), kw_only=True)


class WaitForEvent(Step):
    """`wait up to 3d for message clicked where … { … } else { … }`"""

    duration: Duration
    event: Event
    where: Expression | None = None
    then: tuple[Step, ...] | None = None
    otherwise: tuple[Step, ...] | None = None
    quiet: tuple[Quiet, ...] = part(default=(), kw_only=True)


class Gate(Step):
    """`if subscribed email`: false stops the journey"""

    condition: Expression


class Branch(Node):
    """`if COND { … }`, one arm of a choice"""

    condition: Expression
    steps: tuple[Step, ...]


class If(Step):
    """`if COND { … } else if COND { … } else { … }`"""

    branches: tuple[Branch, ...]
    otherwise: tuple[Step, ...] | None = None


class Argument(Node):
    """`NAME = EXPR` after `with`"""

    name: Name
    value: Expression


class Send(Step):
    """`send review_request by email, sms to "manager@shop.example" with discount = 10`"""

    template: Name
    channels: tuple[Name, ...] = ()
    to: Name | None = None
    arguments: tuple[Argument, ...] = ()
    quiet: tuple[Quiet, ...] = part(default=(), kw_only=True)


class Set(Step):
    """`set order.status "Нужен отзыв"`"""

    field: Field
    value: Expression


class IssuePromo(Step):
    """`issue promo "NEXT10"`; its label is also the name of the code in templates"""

    pool: Name


class Award(Step):
    """`award 100 to balance "bonus" expires in 30d`"""

    amount: Expression
    account: Name
    expires: Duration | None = None


class Deduct(Step):
    """`deduct 100 from balance "bonus"`"""

    amount: Expression
    account: Name


class AddTo(Step):
    """`add to segment "S"`, `add to list "L"`"""

    kind: str
    """`segment` or `list`"""
    name: Name


class RemoveFrom(Step):
    """`remove from segment "S"`, `remove from list "L"`"""

    kind: str
    name: Name


class Call(Step):
    """`call crm with order = order.id`"""

    name: Name
    arguments: tuple[Argument, ...] = ()


class Arm(Node):
    """`50% popular { … }`, one arm of a split"""

    share: Percent
    name: Name
    steps: tuple[Step, ...]


class Split(Step):
    """`split new_letter { 50% new { … } 50% popular { … } }`"""

    name: Name
    arms: tuple[Arm, ...]


class End(Step):
    """`end`"""


# -------------------------------------------------------------------------------------------------------- statements


class Statement(Node):
    """Starts in column 0; parsed alone."""


class Scenario(Statement):
    """`scenario repeat_order "Bring them back" …`, or bare: `on …`, `every …`, named after its file"""

    name: Name
    """Of a bare scenario: the file's name, span of its first word."""
    title: str = ""
    clauses: tuple[Clause, ...] = ()
    """In the order written."""
    steps: tuple[Step, ...] = ()
    bare: bool = False


class Segment(Statement):
    """`segment vip where sum(order.total within 365d) >= 50000`"""

    name: Name
    where: Expression


class PolicyQuiet(Statement):
    """`policy quiet 22:00-09:00 for sms, push`"""

    quiet: Quiet
    channels: tuple[Name, ...] = ()


class PolicyCap(Statement):
    """`policy cap 3 messages within 7d`, `policy cap 1 sms within 24h else hold 2d`"""

    count: int
    channel: Name | None
    """None: messages of every channel."""
    within: Duration
    hold: Duration | None = None
    """None: skip."""


class Define(Statement):
    """`define status order "new", "paid"` · `define list "cart" without price` · `define segment "gold" in "tier"` ·
    `define topic "news"` ·
    `define action "quiz_done"` · `define balance "bonus"`
    """

    kind: str
    names: tuple[Name, ...]
    owner: Name | None = None
    """The entity of a `status`, the tier of a `segment`."""
    without_price: bool = False


class DefineCategory(Statement):
    """`define category delivered "delivered", "выдан"`"""

    category: Name
    statuses: tuple[Name, ...]


class DefineField(Statement):
    """`define field customer.birthday date`"""

    field: Field
    type: Name


class DefinePromo(Statement):
    """`define promo "NEXT10" one_time valid 30d generate "NEXT-########"`"""

    pool: Name
    kind: Name
    valid: Duration | None = None
    generate: str | None = None


class DefineProducts(Statement):
    """`define products novelties where product.added_at > now - 30d`"""

    name: Name
    where: Expression


# ------------------------------------------------------------------------------------------------------------- tests


class When(Node):
    """`2026-03-01 23:30`, `2026-03-01 23:30:05+03:00`, `+2d` after the line before, `09:00` on the day of the line before"""

    moment: datetime | Duration | TimeOfDay


#: What braces hold in a test: text, numbers, true, false, null, lists and objects. A bare word is text; dates and times stay text.
Data = str | int | float | bool | None | list["Data"] | dict[str, "Data"]


class Line(Node):
    """A line of a test."""


class FactLine(Line):
    """`2026-03-01 23:30  order 17 of ann received 2026-03-02 10:00 { status: "shipped" }`"""

    operation: Name
    """`customer`, `order`, `product`, or an operation by its dotted name"""
    id: Name | None = None
    customer: Name | None = None
    when: When | None = None
    received: When | None = None
    data: dict[str, Data] = part(factory=dict)


class FixArm(Line):
    """`ann takes popular in new_letter`"""

    customer: Name
    arm: Name
    split: Name


class FixHoldout(Line):
    """`ann in holdout of repeat_order`"""

    customer: Name
    scenario: Name


class Expect(Line):
    """A line that says what must have happened; without a time: at the end of the timeline."""

    when: When | None = part(default=None, kw_only=True)


class ExpectSend(Expect):
    """`expect send review_request to ann by email containing "Dear Ann"`"""

    template: Name
    customer: Name
    channel: Name | None = None
    containing: str | None = None


class ExpectSkip(Expect):
    """`expect skip review_request to ann because no_consent`"""

    template: Name
    customer: Name
    reason: Name


class ExpectStopped(Expect):
    """`expect ann stopped in repeat_order because condition`"""

    customer: Name
    scenario: Name
    reason: Name


class ExpectSet(Expect):
    """`expect set order 17 status "Нужен отзыв"`"""

    entity: Name
    id: Name
    field: Name
    value: Data


class ExpectIssue(Expect):
    """`expect issue promo "NEXT10" to ann`"""

    pool: Name
    customer: Name


class ExpectAward(Expect):
    """`expect award 100 to balance "bonus" of ann`"""

    amount: int | float
    account: Name
    customer: Name


class ExpectDeduct(Expect):
    """`expect deduct 100 from balance "bonus" of ann`"""

    amount: int | float
    account: Name
    customer: Name


class ExpectGoal(Expect):
    """`expect goal of repeat_order by ann`"""

    scenario: Name
    customer: Name


class ExpectNothing(Expect):
    """`expect nothing` since the line before; `expect nothing else` in the whole test"""

    rest: bool = False


class Test(Statement):
    """`test "a night delivery waits for the morning" { … }`"""

    title: Name
    lines: tuple[Line, ...]


# -------------------------------------------------------------------------------------------------------------- files


class Comment(Node):
    """`# to the end of the line`"""

    text: str
    """With its `#`, without trailing space."""
    own_line: bool = True


class File(Node):
    """One parsed `.scn` file; statements with a syntax error are missing from it."""

    path: str
    statements: tuple[Statement, ...] = ()
    comments: tuple[Comment, ...] = ()
