"""What templates read, found without rendering them: `describe` gives `scn validate` the tables it checks each scenario's sends against."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jinja2 import Environment
from jinja2 import TemplateError as JinjaError
from jinja2 import TemplateSyntaxError
from jinja2 import nodes

from dsl.offers import ROOTS
from dsl.offers import OfferUse
from dsl.project import TemplateTable
from interpreter.delivery.template_files import TemplateError
from interpreter.delivery.template_files import TemplateInfo
from interpreter.delivery.template_offers import OfferError
from interpreter.delivery.template_offers import offers
from interpreter.delivery.templates import SUBJECT
from interpreter.delivery.templates import Templates

#: What a local name stands for: a dotted name of the values, or None for anything computed.
_Scope = dict[str, str | None]

_UNSUBSCRIBE = "unsubscribe_url"

#: A file with neither of these words offers nothing.
_OFFERING = ("recommendations", "products")


def describe(root: Path) -> dict[str, TemplateTable]:
    """Every template of a folder: channels, kind, topic, the dotted names it reads for each channel with their places, its problems.

    A loop variable stands for what it goes through: `{% for line in order.lines %}{{ line.price }}` reads `order.lines.price`.
    """
    templates = Templates(root)
    return {name: _describe(templates, name) for name in templates.names()}


def _describe(templates: Templates, name: str) -> TemplateTable:
    try:
        info = templates.info(name)
    except TemplateError as problem:
        return TemplateTable((), problems=(str(problem),))
    problems = list(info.problems)
    uses: dict[str, tuple[tuple[str, str], ...]] = {}
    offered: dict[str, tuple[OfferUse, ...]] = {}
    for channel in info.channels:
        reads: list[tuple[str, str]] = []
        found: list[OfferUse] = []
        for file in _files(info, channel):
            try:
                reads.extend(_reads(templates.environment, file, found))
            except (JinjaError, RecursionError) as problem:
                problems.append(templates.sentence(problem, file))
        if not problems:
            try:
                templates.check_text(name, channel)
            except TemplateError as problem:
                problems.append(str(problem))
        uses[channel] = tuple(dict.fromkeys(reads))
        if found:
            offered[channel] = tuple(dict.fromkeys(found))
    return TemplateTable(
        channels=info.channels,
        kind="transactional" if info.transactional else "marketing",
        topic=info.topic,
        uses=uses,
        has_unsubscribe=any(used == _UNSUBSCRIBE for used, _place in uses.get("email", ())),
        problems=tuple(dict.fromkeys(problems)),
        offers=offered,
    )


def _files(info: TemplateInfo, channel: str) -> Iterator[str]:
    if channel == "email" and info.subject is not None:
        yield f"{info.name}/meta.toml{SUBJECT}"
    for ending in info.files(channel):
        yield f"{info.name}/{channel}.{ending}"


def _reads(environment: Environment, file: str, offered: list[OfferUse], seen: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """The dotted names of a file and of the parts it includes; what they offer is put into `offered`.

    Raises jinja2.TemplateError: a mistake in the file, or a part that is not there.
    """
    assert environment.loader is not None
    source, path, _fresh = environment.loader.get_source(environment, file)
    tree = environment.parse(source, file, path)
    shown = file.removesuffix(SUBJECT)
    # The place is shown from the template's own folder; parts of others keep theirs.
    shown = shown.partition("/")[2] if not seen else shown
    _check_words(environment, tree, file, path)
    if any(root in source for root in _OFFERING):
        try:
            offered.extend(offers(tree, shown))
        except OfferError as problem:
            raise TemplateSyntaxError(str(problem), problem.line, file, path) from problem
    walker = _Walker(environment)
    found = list(walker.walk(tree))
    for used, line in found:
        if used.partition(".")[0] not in walker.optional:
            yield used, f"{shown}:{line}"
    for part in tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
        for name in _constants(part.template):  # type: ignore[attr-defined]
            if name not in seen and name != file:
                yield from _part(environment, part, name, offered, (*seen, file))


def _check_words(environment: Environment, tree: nodes.Template, file: str, path: str | None) -> None:
    """What Jinja would find only when it compiles, which takes four times as long. Raises jinja2.TemplateSyntaxError."""
    blocks: set[str] = set()
    for node in tree.find_all((nodes.Filter, nodes.Test, nodes.Block)):
        name: str = node.name  # type: ignore[attr-defined]
        if isinstance(node, nodes.Filter) and name not in environment.filters:
            raise TemplateSyntaxError(f"no filter named `{name}`", node.lineno, file, path)
        if isinstance(node, nodes.Test) and name not in environment.tests:
            raise TemplateSyntaxError(f"no test named `{name}`", node.lineno, file, path)
        if isinstance(node, nodes.Block) and name in blocks:
            raise TemplateSyntaxError(f"block `{name}` is defined twice", node.lineno, file, path)
        if isinstance(node, nodes.Block):
            blocks.add(name)


def _part(
    environment: Environment, part: nodes.Node, name: str, offered: list[OfferUse], seen: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    try:
        yield from _reads(environment, name, offered, seen)
    except JinjaError as problem:
        if isinstance(problem, TemplateSyntaxError):
            raise
        if not getattr(part, "ignore_missing", False):
            raise TemplateSyntaxError(f"there is no file `{name}` in the templates folder", part.lineno, seen[-1]) from problem


def _constants(node: nodes.Expr) -> Iterator[str]:
    """The names of parts that are written out; one that is computed is found when it is rendered."""
    for constant in [node] if isinstance(node, nodes.Const) else node.find_all(nodes.Const):
        if isinstance(constant.value, str):
            yield constant.value


class _Walker:
    """Goes through a tree with the local names in sight; yields (dotted name, line)."""

    def __init__(self, environment: Environment) -> None:
        #: Names that the template itself expects to be absent: `{% if promo is defined %}`, `{{ discount | default(10) }}`.
        self.optional: set[str] = set()
        self._globals = frozenset(environment.globals) | {"loop", "self", "super", "caller", "varargs", "kwargs"}

    def walk(self, tree: nodes.Template) -> Iterator[tuple[str, int]]:
        """All that a template reads from the values it is given."""
        yield from self._all(tree.iter_child_nodes(), {})

    def _all(self, found: Iterator[nodes.Node] | list[nodes.Node], scope: _Scope) -> Iterator[tuple[str, int]]:
        for node in found:
            yield from self._one(node, scope)

    def _one(self, node: nodes.Node, scope: _Scope) -> Iterator[tuple[str, int]]:
        match node:
            case nodes.Name() | nodes.Getattr() | nodes.Getitem() | nodes.Filter(name="map"):
                yield from self._reference(node, scope)
            case nodes.For():
                yield from self._one(node.iter, scope)
                inner = {**scope, **_bind(node.target, _path(node.iter, scope))}
                yield from self._all([node.test] if node.test else [], inner)
                yield from self._all([*node.body], inner)
                yield from self._all([*node.else_], dict(scope))
            case nodes.Assign():
                yield from self._one(node.node, scope)
                scope.update(_bind(node.target, _path(node.node, scope)))
            case nodes.AssignBlock():
                yield from self._all([*node.body], dict(scope))
                scope.update(_bind(node.target, None))
            case nodes.With():
                yield from self._all([*node.values], scope)
                inner = dict(scope)
                for target, value in zip(node.targets, node.values, strict=True):
                    inner.update(_bind(target, _path(value, scope)))
                yield from self._all([*node.body], inner)
            case nodes.Macro() | nodes.CallBlock():
                inner = {**scope, **{argument.name: None for argument in node.args}}
                yield from self._all([*node.defaults], scope)
                if isinstance(node, nodes.CallBlock):
                    yield from self._one(node.call, scope)
                else:
                    scope[node.name] = None
                yield from self._all([*node.body], inner)
            case nodes.Import():
                scope[node.target] = None
            case nodes.FromImport():
                scope.update(dict.fromkeys(((name if isinstance(name, str) else name[1]) for name in node.names), None))
            case nodes.Test(name="defined" | "undefined") | nodes.Filter(name="default" | "d"):
                path = _path(node.node, scope)
                if path is not None and "." not in path:
                    self.optional.add(path)
                yield from self._all(node.iter_child_nodes(), scope)
            case nodes.Call(node=nodes.Getattr() as method):
                # `order.created_at.strftime("%d")` reads the date; the method is Python's. `popular(days=7)` is a name of ours.
                yield from self._one(method.node if _path(node, scope) is None else method, scope)
                yield from self._all(node.iter_child_nodes(exclude=("node",)), scope)
            case _:
                # A branch or block may set a name that is read after it: one scope for all of them errs on the side of silence.
                yield from self._all(node.iter_child_nodes(), scope)

    def _reference(self, node: nodes.Expr, scope: _Scope) -> Iterator[tuple[str, int]]:
        path = _path(node, scope)
        if path is not None and path.partition(".")[0] not in self._globals:
            yield path, node.lineno
        # What a computed name is made of is read too: `order[customer.field]`.
        if path is None and not isinstance(node, nodes.Name):
            yield from self._all(node.iter_child_nodes(), scope)


def _path(node: nodes.Node | None, scope: _Scope) -> str | None:
    """The dotted name an expression reads, local names replaced by what they stand for; None: it is computed."""
    match node:
        case nodes.Name():
            return scope.get(node.name, node.name)
        case nodes.Getattr():
            owner = _path(node.node, scope)
            return None if owner is None else f"{owner}.{node.attr}"
        case nodes.Getitem(arg=nodes.Const(value=str() as name)):
            owner = _path(node.node, scope)
            return None if owner is None else f"{owner}.{name}"
        case nodes.Getitem(arg=nodes.Const() | nodes.Slice()):
            return _path(node.node, scope)
        case nodes.Call(node=nodes.Getattr() as offer):
            # `customer.recommendations.popular(days=7)`
            found = _path(offer, scope)
            return found if found is not None and found.startswith(tuple(ROOTS)) else None
        case nodes.Filter(name="map") if (named := _attribute(node)) is not None:
            owner = _path(node.node, scope)
            return None if owner is None else f"{owner}.{named}"
        case nodes.Filter(name="take" | "first" | "last" | "sort" | "reverse" | "list" | "unique" | "random" | "selectattr" | "rejectattr"):
            return _path(node.node, scope)
        case _:
            return None


def _attribute(node: nodes.Filter) -> str | None:
    """`product` of `order.lines | map(attribute="product")`."""
    # Jinja puts keywords there, whatever its types say.
    given: dict[Any, nodes.Expr] = {option.key: option.value for option in node.kwargs}
    name = given.get("attribute")
    return name.value if isinstance(name, nodes.Const) and isinstance(name.value, str) else None


def _bind(target: nodes.Node, path: str | None) -> _Scope:
    if isinstance(target, nodes.Name):
        return {target.name: path}
    return {name.name: None for name in target.find_all(nodes.Name)}
