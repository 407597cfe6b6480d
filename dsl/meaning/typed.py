"""Every expression of a project in its place: which scope it has and which type it must be."""

from __future__ import annotations

from functools import lru_cache

from dsl import nodes
from dsl.catalog import LIMIT_KEYS
from dsl.catalog import Type
from dsl.catalog import written_list
from dsl.diagnostic import Diagnostic
from dsl.meaning.mistakes import Mistakes
from dsl.meaning.reading import Reading
from dsl.meaning.reading import readings
from dsl.meaning.scopes import Scope
from dsl.meaning.scopes import customer_scope
from dsl.meaning.scopes import providers
from dsl.meaning.scopes import scenario_scope
from dsl.project import Project
from dsl.types import expect
from dsl.types import expect_condition
from dsl.types import type_of

_DATES = (Type.DATE, Type.MOMENT)


@lru_cache(maxsize=2)
def mistakes_of_type(project: Project) -> tuple[Diagnostic, ...]:
    """Everything that is wrong with fields and types, under the names of its checks."""
    mistakes = Mistakes()
    for reading in readings(project):
        _clauses(reading, project, mistakes)
        _steps(reading, mistakes)
    for placed in project.statements():
        match placed.node:
            case nodes.Segment(where=where):
                expect_condition(where, customer_scope(placed.source, project.vocabulary, "segment"), mistakes)
            case nodes.DefineProducts(where=where):
                scope = Scope(placed.source, project.vocabulary, {"product": "product"}, {"customer": "define products"})
                expect_condition(where, scope, mistakes)
    return tuple(mistakes.found)


def _clauses(reading: Reading, project: Project, mistakes: Mistakes) -> None:
    for clause in reading.node.clauses:
        match clause:
            case nodes.On(where=where) if where:
                expect_condition(where, scenario_scope(reading.source, project.vocabulary, [clause]), mistakes)
            case nodes.Every():
                scope = customer_scope(reading.source, project.vocabulary, "every")
                if clause.where:
                    expect_condition(clause.where, scope, mistakes)
                if clause.schedule.field:
                    expect(clause.schedule.field, _DATES, scope, mistakes, "a yearly start needs a date like `customer.birthday`")
            case nodes.StopOn(event=event, where=where) | nodes.Goal(event=event, where=where) if where:
                expect_condition(where, reading.scope.at(reading.event(event)), mistakes)
            case nodes.StopWhen(condition=condition):
                expect_condition(condition, reading.scope, mistakes)
            case nodes.Limit():
                _limit(clause, reading, mistakes)


def _limit(limit: nodes.Limit, reading: Reading, mistakes: Mistakes) -> None:
    key = limit.key.text
    if "." in key:
        type_of(nodes.Field(tuple(key.split(".")), span=limit.key.span), reading.scope, mistakes)
        return
    entity = LIMIT_KEYS.get(key, "")
    if entity and entity not in reading.scope.roots:
        who = reading.scope.lacking.get(entity, "")
        hint = f"`{entity}` comes with {written_list(providers(entity), 'and')}; else count `per customer`"
        message = f"it cannot be counted `per {key}`: `{who}` does not provide `{entity}`"
        mistakes.add("unavailable-field", (reading.scope, limit.key), message, hint)


def _steps(reading: Reading, mistakes: Mistakes) -> None:
    for place in reading.places:
        scope = reading.scope
        for name in place.state.issued:
            scope = scope.issued(name)
        match place.node:
            case nodes.Gate(condition=condition) | nodes.Branch(condition=condition):
                expect_condition(condition, scope, mistakes)
            case nodes.WaitUntilDate(date=date):
                expect(date, _DATES, scope, mistakes, "wait until a date like `order.delivery_date - 3d`")
            case nodes.WaitForEvent(event=event, where=where) if where:
                expect_condition(where, scope.at(reading.event(event)), mistakes)
            case nodes.Set():
                _set(place.node, scope, mistakes)
            case nodes.Award(amount=amount) | nodes.Deduct(amount=amount):
                expect(amount, (Type.NUMBER,), scope, mistakes, "points are a number")
            case nodes.Send(arguments=arguments) | nodes.Call(arguments=arguments):
                for argument in arguments:
                    type_of(argument.value, scope, mistakes)


def _set(step: nodes.Set, scope: Scope, mistakes: Mistakes) -> None:
    field = type_of(step.field, scope, mistakes)
    value = type_of(step.value, scope, mistakes)
    text = scope.quote(step.field)
    if field.type in (Type.ENTITY, Type.COLLECTION) or step.field.path[-1] == "id":
        mistakes.add("type-mismatch", (scope, step.field), f"`{text}` cannot be set", "set a field such as `order.status`")
    elif Type.ANY not in (field.type, value.type) and field.type is not value.type and {field.type, value.type} != set(_DATES):
        message = f"`{text}` is {field.called}, `{scope.quote(step.value)}` is {value.called}"
        mistakes.add("type-mismatch", (scope, step.value), message, "set a value of the same type")
