"""The type of every expression, and what is wrong with it, by language.md §2.3."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from datetime import datetime

import attrs

from dsl import nodes
from dsl.catalog import AGGREGATES
from dsl.catalog import CATEGORIES
from dsl.catalog import ENTITIES
from dsl.catalog import IS_WORDS
from dsl.catalog import MESSAGE_VERBS
from dsl.catalog import NOUNS
from dsl.catalog import Noun
from dsl.catalog import Type
from dsl.catalog import noun
from dsl.catalog import written_list
from dsl.diagnostic import Fix
from dsl.meaning.fields import field_kind
from dsl.meaning.mistakes import CALLED
from dsl.meaning.mistakes import Kind
from dsl.meaning.mistakes import Mistakes
from dsl.meaning.scopes import Scope
from dsl.spelling import closest

__all__ = ["Kind", "Mistakes", "expect", "expect_condition", "literal_kind", "type_of"]

_DATES = (Type.DATE, Type.MOMENT)
_ANY = Kind(Type.ANY)
_CONDITIONS = (
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Compare,
    nodes.Is,
    nodes.OneOf,
    nodes.InList,
    nodes.InSegment,
    nodes.Subscribed,
    nodes.Reachable,
    nodes.History,
)


def type_of(expression: nodes.Expression, scope: Scope, mistakes: Mistakes | None = None) -> Kind:
    """The type of an expression; what is wrong in it goes to `mistakes`. A wrong part has the type `any`: one mistake is reported once."""
    return _Typist(scope, mistakes or Mistakes()).kind(expression)


def expect_condition(expression: nodes.Expression, scope: Scope, mistakes: Mistakes) -> None:
    """An expression in the place of a condition."""
    _Typist(scope, mistakes).condition(expression)


def expect(expression: nodes.Expression, types: Iterable[Type], scope: Scope, mistakes: Mistakes, hint: str = "") -> None:
    """An expression in a place that takes some types only: a date to wait for, points to award."""
    wanted = tuple(types)
    found = type_of(expression, scope, mistakes)
    if found.type is not Type.ANY and found.type not in wanted:
        message = f"expected {CALLED[wanted[0]]}, found {found.called}: `{scope.quote(expression)}`"
        mistakes.add("type-mismatch", (scope, expression), message, hint)


@attrs.frozen(slots=True)
class _Typist:
    """Types the expressions of one scope."""

    scope: Scope
    mistakes: Mistakes

    def kind(self, expression: nodes.Expression) -> Kind:
        if isinstance(expression, _CONDITIONS):
            self._inside(expression)
            return Kind(Type.BOOLEAN)
        match expression:
            case nodes.Literal():
                return self._literal(expression)
            case nodes.Field():
                return field_kind(expression, self.scope, self.mistakes)
            case nodes.Binary():
                return self._arithmetic(expression)
            case nodes.Negative(operand=operand):
                expect(operand, (Type.NUMBER, Type.DURATION), self.scope, self.mistakes)
                return type_of(operand, self.scope)
            case nodes.Aggregate():
                return self._aggregate(expression)
        return Kind(Type.NUMBER)  # of `balance "bonus"`

    def _inside(self, condition: nodes.Expression) -> None:
        match condition:
            case nodes.And(parts=parts) | nodes.Or(parts=parts):
                for part in parts:
                    self.condition(part)
            case nodes.Not(operand=operand):
                self.condition(operand)
            case nodes.Compare():
                self._compare(condition)
            case nodes.Is():
                self._is(condition)
            case nodes.OneOf(operand=operand, choices=choices):
                for choice in choices:
                    self._comparable("=", operand, choice)
            case nodes.InList(operand=operand):
                self._in_list(operand)
            case nodes.History():
                self._history(condition)

    def condition(self, expression: nodes.Expression) -> None:
        found = self.kind(expression)
        if found.type in (Type.BOOLEAN, Type.ANY):
            return
        text = self.scope.quote(expression)
        hints = {Type.NUMBER: f"compare it: `{text} > 0`", Type.ENTITY: f"ask `{text} is set`, or compare one of its fields"}
        hint = hints.get(found.type, f"compare it, or ask `{text} is set`")
        self._wrong(expression, f"`{text}` is {found.called}, not a condition", hint)

    def _wrong(self, node: nodes.Node, message: str, hint: str = "", fix: Fix | None = None) -> None:
        self.mistakes.add("type-mismatch", (self.scope, node), message, hint, fix)

    # ----------------------------------------------------------------------------------------------------- values

    def _literal(self, literal: nodes.Literal) -> Kind:
        value = literal.value
        if isinstance(value, nodes.CategoryName):
            self._wrong(
                literal, f"`category {value.name}` can only be compared with a status", f"write `order.status = category {value.name}`"
            )
            return _ANY
        return literal_kind(value)

    def _arithmetic(self, expression: nodes.Binary) -> Kind:
        left, right = self.kind(expression.left), self.kind(expression.right)
        kinds = (left.type, right.type)
        if Type.ANY in kinds:
            return _ANY
        if kinds in ((Type.NUMBER, Type.NUMBER), (Type.DURATION, Type.DURATION)):
            return left
        if left.type in _DATES and right.type is Type.DURATION:
            return left
        if left.type is Type.DURATION and right.type in _DATES and expression.operator == "+":
            return right
        if left.type in _DATES and right.type in _DATES and expression.operator == "-":
            return Kind(Type.DURATION)
        if left.type in _DATES and right.type is Type.NUMBER:
            text = self.scope.quote(expression.right)
            self._wrong(expression.right, f"`{text}` has no unit", f"write `{text}d` for days, `{text}h` for hours")
            return left
        word = "added to" if expression.operator == "+" else "taken from"
        self._wrong(expression, f"{right.called} cannot be {word} {left.called}")
        return _ANY

    def _aggregate(self, expression: nodes.Aggregate) -> Kind:
        name = expression.function.text
        if name not in AGGREGATES:
            self.mistakes.unknown((self.scope, expression.function), f"unknown function `{name}`", name, AGGREGATES)
            return _ANY
        row = self._selection(expression.selection)
        if name == "count":
            if expression.field:
                self._wrong(
                    expression.field,
                    f"`count` counts things, found the field `{expression.field.text}`",
                    "write `count(orders within 30d)`",
                )
            return Kind(Type.NUMBER)
        if expression.field is None:
            self._wrong(expression, f"`{name}` needs a field", f"write `{name}(order.total within 365d)`")
            return _ANY
        inside = self.scope.inside(row) if row else self.scope
        if name == "sum":
            expect(expression.field, (Type.NUMBER,), inside, self.mistakes, "only numbers can be summed")
            return Kind(Type.NUMBER)
        return type_of(expression.field, inside, self.mistakes)

    # ------------------------------------------------------------------------------------------------- conditions

    def _compare(self, expression: nodes.Compare) -> None:
        if expression.operator != "contains":
            self._comparable(expression.operator, expression.left, expression.right)
            return
        left, text = self.kind(expression.left), self.scope.quote(expression.left)
        if left.type not in (Type.TEXT, Type.COLLECTION, Type.ANY):
            self._wrong(expression.left, f"`contains` looks into text or a collection, found {left.called}: `{text}`")
        elif left.of:
            self._wrong(expression.left, f"`{text}` holds more than text", f"write `any {left.of} in {text} ({left.of}.… = …)`")
        else:
            expect(expression.right, (Type.TEXT,), self.scope, self.mistakes)

    def _comparable(self, operator: str, left: nodes.Expression, right: nodes.Expression) -> None:
        if _is_category(right):
            self._category(operator, left, right)
            return
        if _is_category(left):
            self._category(operator, right, left)
            return
        kinds = self.kind(left), self.kind(right)
        for side, found in zip((left, right), kinds, strict=True):
            if found.type in (Type.ENTITY, Type.COLLECTION):
                text = self.scope.quote(side)
                self._wrong(side, f"`{text}` is {found.called}, not a value", f"compare one of its fields: `{text}.…`")
                return
        types = {found.type for found in kinds}
        if Type.ANY in types:
            return
        if len(types) > 1 and not types <= set(_DATES):
            message = f"`{self.scope.quote(left)}` is {kinds[0].called}, `{self.scope.quote(right)}` is {kinds[1].called}"
            self._wrong(right, message, *self._way_out(kinds, right))
        elif operator in ("<", "<=", ">", ">=") and types & {Type.TEXT, Type.BOOLEAN}:
            self._wrong(left, f"`{self.scope.quote(left)}` is {kinds[0].called}: it has no more and no less", "compare with `=` or `!=`")

    def _way_out(self, kinds: tuple[Kind, Kind], right: nodes.Expression) -> tuple[str, Fix | None]:
        text = self.scope.quote(right)
        match kinds[0].type, kinds[1].type:
            case Type.TEXT, Type.NUMBER if isinstance(right, nodes.Literal):
                return f'write `"{text}"`', Fix("put it in quotes", right.span, f'"{text}"')
            case Type.NUMBER, Type.TEXT if text.strip('"').replace(".", "", 1).isdecimal():
                plain = text.strip('"')
                return f"write `{plain}`", Fix("take the quotes away", right.span, plain)
            case Type.NUMBER, Type.TEXT:
                return "compare with a number", None
            case ((Type.DATE | Type.MOMENT), Type.DURATION):
                return f"count from now: `now - {text}`", None
            case ((Type.DATE | Type.MOMENT), Type.NUMBER):
                return f"count from now: `now - {text}d`", None
            case Type.BOOLEAN, _:
                return "write `true` or `false`", None
        return "compare things of one type", None

    def _category(self, operator: str, status: nodes.Expression, category: nodes.Expression) -> None:
        name = category.value.name if isinstance(category, nodes.Literal) and isinstance(category.value, nodes.CategoryName) else ""
        found = self.kind(status)
        is_status = isinstance(status, nodes.Field) and status.path[-1] == "status"
        if found.type is not Type.ANY and not is_status:
            self._wrong(status, f"`{self.scope.quote(status)}` is no status", f"write `order.status = category {name}`")
        elif operator not in ("=", "!="):
            self._wrong(category, "a category has no more and no less", "compare with `=` or `!=`")
        if name not in CATEGORIES:
            self.mistakes.unknown((self.scope, category), f"unknown category `{name}`", name, CATEGORIES, "category {}")

    def _is(self, expression: nodes.Is) -> None:
        found = self.kind(expression.operand)
        text = self.scope.quote(expression.operand)
        if expression.word not in IS_WORDS:
            near = closest(expression.word, IS_WORDS)
            not_ = "not " if expression.negated else ""
            sign = "!=" if expression.negated else "="
            if near:
                hint, fix = f"did you mean `{near}`?", Fix(f"write `{near}`", expression.span, f"{text} is {not_}{near}")
            elif expression.word in CATEGORIES:
                hint, fix = f"write `{text}.status {sign} category {expression.word}`", None
            else:
                value = f"{text}.status" if found.type is Type.ENTITY or text in ENTITIES else text
                hint, fix = f'expected {written_list(IS_WORDS)}; a value is compared: `{value} {sign} "{expression.word}"`', None
            self.mistakes.add("unknown-word", (self.scope, expression), f"unknown word after `is`: `{expression.word}`", hint, fix)
        elif expression.word == "cancelled" and found.type is not Type.ANY and found.of != "order":
            self._wrong(expression, f"only an order can be cancelled, `{text}` is {found.called}", "write `order is cancelled`")

    def _in_list(self, operand: nodes.Expression) -> None:
        found = self.kind(operand)
        if found.type is not Type.ANY and found.of != "product":
            self._wrong(
                operand, f"only a product can be in a list, `{self.scope.quote(operand)}` is {found.called}", 'write `product in list "…"`'
            )

    # ---------------------------------------------------------------------------------------------------- history

    def _history(self, expression: nodes.History) -> None:
        self._selection(expression.selection)
        if expression.quantifier == "every" and expression.selection.where is None:
            word = expression.selection.noun.text
            self._wrong(expression, f"what must be true of every `{word}` is not said", f"write `every {word} ({word}.status = …)`")

    def _selection(self, selection: nodes.Selection) -> Noun | None:
        row = noun(selection.noun.text)
        if row is None:
            word = selection.noun.text
            words = [known.plural if word.endswith("s") else known.singular for known in NOUNS]
            self.mistakes.unknown((self.scope, selection.noun), f"unknown thing to look for: `{word}`", word, words)
            return None
        self._details(selection, row)
        if selection.where:
            _Typist(self.scope.inside(row), self.mistakes).condition(selection.where)
        return row

    def _details(self, selection: nodes.Selection, row: Noun) -> None:
        for part, words in ((selection.name, ("message", "action")), (selection.verb, ("message",)), (selection.channel, ("message",))):
            if part and row.singular not in words:
                self._wrong(
                    part,
                    f"`{part.text}` does not go with `{selection.noun.text}`",
                    f"filter: `{selection.noun.text} ({row.singular}.… = …)`",
                )
        if selection.verb and row.singular == "message" and selection.verb.text not in MESSAGE_VERBS:
            verb = selection.verb.text
            self.mistakes.unknown((self.scope, selection.verb), f"unknown verb `{verb}` for a message", verb, MESSAGE_VERBS)
        if selection.source:
            found = type_of(selection.source, self.scope, self.mistakes)
            if found.type is not Type.ANY and (found.type is not Type.COLLECTION or found.of != row.singular):
                collections = [
                    f"{entity.name}.{field.name}"
                    for entity in ENTITIES.values()
                    for field in entity.fields.values()
                    if field.type is Type.COLLECTION and field.of == row.singular
                ]
                hint = f"expected {written_list(collections)}" if collections else ""
                self._wrong(selection.source, f"`{selection.source.text}` does not hold `{row.plural}`", hint)


def literal_kind(value: nodes.Value) -> Kind:
    """The type of a literal."""
    match value:
        case bool():
            return Kind(Type.BOOLEAN)
        case int() | float():
            return Kind(Type.NUMBER)
        case str():
            return Kind(Type.TEXT)
        case datetime():
            return Kind(Type.MOMENT)
        case date():
            return Kind(Type.DATE)
        case nodes.Duration():
            return Kind(Type.DURATION)
        case nodes.TimeOfDay():
            return Kind(Type.TIME)
        case nodes.Percent():
            return Kind(Type.PERCENT)
        case _:
            return _ANY


def _is_category(expression: nodes.Expression) -> bool:
    return isinstance(expression, nodes.Literal) and isinstance(expression.value, nodes.CategoryName)
