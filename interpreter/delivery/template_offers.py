"""What a template offers, found in its tree: recommendations and product segments, and whether each has an explicit empty case."""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import nodes

from dsl.offers import DAYS
from dsl.offers import MOST
from dsl.offers import ROOTS
from dsl.offers import SEGMENT
from dsl.offers import Offer
from dsl.offers import OfferUse


class OfferError(Exception):
    """An offer that cannot be understood: a sentence, with the line."""

    def __init__(self, sentence: str, line: int) -> None:
        """Behind the place, which the caller knows."""
        super().__init__(sentence)
        self.line = line


def offers(tree: nodes.Template, shown: str) -> Iterator[OfferUse]:
    """The offers of a file, `shown` so in places. Raises OfferError."""
    above = {id(child): parent for parent in [tree, *tree.find_all(nodes.Node)] for child in parent.iter_child_nodes()}
    found = [node for node in tree.find_all((nodes.Getattr, nodes.Getitem)) if _written(node) is not None]
    asked = _asked_for(tree)
    for node in found:
        written = _written(node)
        assert written is not None
        whole, taken = _with_filters(node, above)
        parent = above[id(whole)]
        if written.startswith(f"{SEGMENT}.") and not taken and not _is_asked(whole, above):
            raise OfferError(f"`{written}` does not say how many: write `{written} | take(3)`", node.lineno)
        empty_case = (
            _is_asked(whole, above)
            or written in asked
            or (isinstance(parent, nodes.For) and parent.iter is whole and bool(parent.else_))
            or (isinstance(parent, nodes.Assign) and isinstance(parent.target, nodes.Name) and parent.target.name in asked)
        )
        yield OfferUse(_offer(node, written, above), written, f"{shown}:{node.lineno}", empty_case)


def _written(node: nodes.Expr) -> str | None:
    """`customer.recommendations.NAME`, `product.recommendations.NAME` or `products.NAME`; None: something else."""
    path = _path(node)
    if path is None:
        return None
    for before, names in ROOTS.items():
        if path.startswith(before):
            return path if path.removeprefix(before) in names else None
    root, _, name = path.partition(".")
    return path if root == SEGMENT and name and "." not in name else None


def _path(node: nodes.Expr) -> str | None:
    match node:
        case nodes.Name(name=name):
            return name
        case nodes.Getattr(node=owner, attr=name) | nodes.Getitem(node=owner, arg=nodes.Const(value=str() as name)):
            path = _path(owner)
            return None if path is None else f"{path}.{name}"
        case _:
            return None


def _offer(node: nodes.Expr, written: str, above: dict[int, nodes.Node]) -> Offer:
    name = written.rpartition(".")[2]
    if written.startswith(f"{SEGMENT}."):
        return Offer(SEGMENT, segment=name)
    call = above[id(node)]
    if not isinstance(call, nodes.Call) or call.node is not node:
        return Offer(name)
    values = {keyword.key: keyword.value for keyword in call.kwargs} | dict(zip(("days", "segment"), call.args, strict=False))
    if name != "popular" or len(call.args) > 2 or not values.keys() <= {"days", "segment"} or call.dyn_args or call.dyn_kwargs:
        raise OfferError(f'`{name}` takes no values but `popular(days=7, segment="novelties")`', call.lineno)
    given = {key: value.value if isinstance(value, nodes.Const) else None for key, value in values.items()}
    if "days" in given and (type(given["days"]) is not int or given["days"] not in DAYS):
        raise OfferError(f"expected `days` of `popular` to be a number from {DAYS[0]} to {DAYS[-1]}, written out", call.lineno)
    if "segment" in given and not isinstance(given["segment"], str):
        raise OfferError('expected `segment` of `popular` to be a name in quotes: `segment="novelties"`', call.lineno)
    return Offer(name, **given)  # type: ignore[arg-type]


def _with_filters(node: nodes.Node, above: dict[int, nodes.Node]) -> tuple[nodes.Node, bool]:
    """The expression with its call and its filters, and whether one of them is `take`. Raises OfferError."""
    whole, taken = node, False
    while True:
        parent = above[id(whole)]
        if isinstance(parent, (nodes.Call, nodes.Filter)) and parent.node is whole:
            whole = parent
            if isinstance(parent, nodes.Filter) and parent.name == "take":
                taken = True
                count = parent.args[0] if parent.args else None
                if count is None or (isinstance(count, nodes.Const) and (type(count.value) is not int or not 1 <= count.value <= MOST)):
                    raise OfferError(f"expected a number from 1 to {MOST} in `take( )`", parent.lineno)
        else:
            return whole, taken


def _is_asked(node: nodes.Node, above: dict[int, nodes.Node]) -> bool:
    """Whether it stands in a condition."""
    while (parent := above.get(id(node))) is not None:
        if isinstance(parent, (nodes.If, nodes.CondExpr)):
            return parent.test is node
        if not isinstance(parent, nodes.Expr):
            return False
        node = parent
    return False


def _asked_for(tree: nodes.Template) -> set[str]:
    """The offers, and the names that may stand for one, that a condition looks at, or whose loop has an empty case."""
    found: set[str] = set()
    for place in tree.find_all((nodes.If, nodes.CondExpr)):
        test: nodes.Expr = place.test  # type: ignore[attr-defined]
        for node in (test, *test.find_all(nodes.Expr)):
            path = _path(node) if isinstance(node, (nodes.Name, nodes.Getattr, nodes.Getitem)) else None
            if path is not None:
                found.add(path)
    for loop in tree.find_all(nodes.For):
        through = loop.iter
        while isinstance(through, nodes.Filter) and through.node is not None:
            through = through.node
        if loop.else_ and isinstance(through, nodes.Name):
            found.add(through.name)
    return found
