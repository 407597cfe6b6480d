"""What a dotted name means at its place: `order.total`, `line.product.category`, `this.order.id`, `now`."""

from __future__ import annotations

from dsl import nodes
from dsl.catalog import ENTITIES
from dsl.catalog import Type
from dsl.catalog import written_list
from dsl.diagnostic import Fix
from dsl.forms import evolve
from dsl.meaning.mistakes import Kind
from dsl.meaning.mistakes import Mistakes
from dsl.meaning.scopes import Scope
from dsl.meaning.scopes import providers
from dsl.spelling import closest
from dsl.spelling import distance
from dsl.spelling import question

_ANY = Kind(Type.ANY)

#: What everybody tries: there is no word for a day, but a count from now.
_DAYS = {"today": "write `now`", "tomorrow": "write `wait 1d at 10:00` to wait, `now + 1d` to compare", "yesterday": "write `now - 1d`"}


def field_kind(field: nodes.Field, scope: Scope, mistakes: Mistakes) -> Kind:
    """The type of a field; what is wrong goes to `mistakes`, the type is then `any`."""
    path = field.path
    if path == ("now",):
        return Kind(Type.MOMENT)
    if path[0] == "this" and "this" not in scope.roots:
        journey = scope.journey
        if journey is None or len(path) == 1:
            rest = ".".join(path[1:])
            hint = f"write `{rest}`" if rest else "write `this.order.…`"
            fix = Fix(f"write `{rest}`", field.span, rest) if rest else None
            mistakes.add("unknown-field", (scope, field), "`this` belongs inside `( )` and after `where` of a later event", hint, fix)
            return _ANY
        return _from_root(field, path[1:], journey, mistakes)
    return _from_root(field, path, scope, mistakes)


def _from_root(field: nodes.Field, path: tuple[str, ...], scope: Scope, mistakes: Mistakes) -> Kind:
    entity = scope.roots.get(path[0])
    if entity is None:
        _no_root(field, path, scope, mistakes)
        return _ANY
    kind = Kind(Type.ENTITY, entity)
    for place, name in enumerate(path[1:], 1):
        if kind.type is Type.ANY:
            return _ANY
        if kind.type is not Type.ENTITY:
            owner = ".".join(path[:place])
            mistakes.add("unknown-field", (scope, field), f"`{owner}` has no fields, found `{name}`", f"write `{owner}`")
            return _ANY
        found = step(kind.of, name, scope)
        if found is None:
            _no_field(field, path[place - len(path) :], kind.of, scope, mistakes)
            return _ANY
        kind = found
    return kind


def step(entity: str, name: str, scope: Scope) -> Kind | None:
    """One dot further; None: no such field."""
    defined = scope.vocabulary.fields.get(f"{entity}.{name}")
    if defined:
        return Kind(defined)
    row = ENTITIES[entity].fields.get(name)
    if row:
        return Kind(row.type, row.of)
    if ENTITIES[entity].custom and near_standard(entity, name) is None and not _closed_near(entity, name, scope):
        return _ANY
    return None


def near_standard(entity: str, name: str) -> str | None:
    """The standard field a name is a slip of: one letter of a short word, two of a longer. Anything else is a field of the shop's own."""
    slips = 1 if len(name) <= 5 else 2
    best = min(ENTITIES[entity].fields, key=lambda known: distance(name, known, slips + 1), default=None)
    return best if best and distance(name, best, slips + 1) <= slips else None


def near_field(entity: str, name: str, scope: Scope) -> str | None:
    """Did you mean: of the standard fields and those the shop defined."""
    return near_standard(entity, name) or _closed_near(entity, name, scope) or closest(name, ENTITIES[entity].fields)


def _closed_near(entity: str, name: str, scope: Scope) -> str | None:
    """Of fields the shop defined, the one a name is a slip of."""
    own = [field.partition(".")[2] for field in scope.vocabulary.fields if field.startswith(f"{entity}.")]
    slips = 1 if len(name) <= 5 else 2
    return next((known for known in own if distance(name, known, slips + 1) <= slips), None)


def _no_field(field: nodes.Field, rest: tuple[str, ...], entity: str, scope: Scope, mistakes: Mistakes) -> None:
    """`rest`: the unknown name and what follows it."""
    name = rest[0]
    row = ENTITIES[entity]
    near = near_field(entity, name, scope)
    fix = None
    if near:
        right = ".".join((*field.path[: -len(rest)], near, *rest[1:]))
        fix = Fix(f"write `{right}`", field.span, right)
    if near and row.custom:
        hint = f"{question(name, near)} For a field of your own write `define field {entity}.{name} text`"
    else:
        hint = question(name, near) if near else f"expected {written_list(row.fields)}"
    mistakes.add("unknown-field", (scope, field), f"unknown field `{name}` of `{entity}`", hint, fix)


def _no_root(field: nodes.Field, path: tuple[str, ...], scope: Scope, mistakes: Mistakes) -> None:
    word, text = path[0], ".".join(path)
    if word in ENTITIES:
        who = scope.lacking.get(word)
        if word == "promo" and (who is None or len(path) > 1):
            hint = "`promo` comes with a step `issue promo` before it, and with " + written_list(providers("promo"), "and")
        else:
            hint = f"`{word}` comes with {written_list(providers(word), 'and')}"
        only = "provides the customer only" if who == "every" else f"does not provide `{word}`"
        reason = f"`{who}` {only}" if who else f"nothing provides `{word}`"
        mistakes.add("unavailable-field", (scope, field), f"`{text}` cannot be used here: {reason}", hint)
        return
    near = closest(word, scope.roots)
    if near and len(path) > 1:
        right = ".".join((near, *path[1:]))
        fix = Fix(f"write `{right}`", evolve(field.span, start=field.span.end - len(text)), right)
        mistakes.add("unknown-field", (scope, field), f"unknown field `{text}`", question(text, right), fix)
    elif len(path) == 1:
        hint = _DAYS.get(word, f'text stands in quotes: `"{word}"`; a field has a dot: `customer.{word}`')
        mistakes.add("unknown-field", (scope, field), f"`{word}` is neither a field nor a value", hint)
    else:
        mistakes.add("unknown-field", (scope, field), f"unknown field `{text}`", f"a field starts with {written_list(scope.roots)}")
