"""The Jinja2 that templates run in: it reads values and entities, and nothing else of this program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from typing import cast

from jinja2 import BaseLoader
from jinja2 import StrictUndefined
from jinja2 import Template
from jinja2 import TemplateNotFound
from jinja2 import Undefined
from jinja2 import UndefinedError
from jinja2 import nodes
from jinja2.compiler import CodeGenerator
from jinja2.compiler import Frame
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from interpreter.delivery import formats
from interpreter.delivery.bounds import Bounds
from interpreter.delivery.readable import MISSING
from interpreter.delivery.readable import Blank
from interpreter.delivery.readable import Readable


class Sandbox(ImmutableSandboxedEnvironment):
    """No attribute that begins with `_`, no change of a value, no unknown name, no work without end.

    `finalize` writes each value for its place.
    """

    intercepted_binops = frozenset({"*", "**", "%", "+"})

    def __init__(self, loader: BaseLoader | None, finalize: Callable[[Any], Any], **options: Any) -> None:
        super().__init__(loader=loader, undefined=StrictUndefined, finalize=finalize, auto_reload=False, **options)
        self.bounds = Bounds()
        self.counted, self.measured = self.bounds.counted, self.bounds.measured
        self.concat = self.bounds.join  # type: ignore[method-assign] # a function on the class, of the instance here
        self.globals.pop("lipsum")
        self.filters = {name: self.bounds.filter(name, function) for name, function in self.filters.items()}
        # What these give is never large, and nearly every letter has them.
        self.filters.update(formats.FILTERS)
        self.filters["default"] = self.filters["d"] = _default
        self.policies["json.dumps_function"] = formats.dump_json

    def getattr(self, obj: Any, attribute: str) -> Any:
        """`order.total`"""
        if type(obj) is Readable:
            value = obj.read(attribute)
            return Blank(obj=obj, name=attribute) if value is None or value is MISSING else value
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """`order["total"]`"""
        if type(obj) is Readable:
            return self.getattr(obj, str(argument))
        return super().getitem(obj, argument)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """`left * right`, where that is of a size."""
        self.bounds.binary(operator, left, right)
        return super().call_binop(context, operator, left, right)

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805, PYI063 - Jinja's own signature
        """Whatever a template calls: a macro, a method of a text, `range`."""
        bounds = __self.bounds
        bounds.turn()
        owner = getattr(__obj, "__self__", None)
        if isinstance(owner, str):
            given = (*args, *kwargs.values())
            bounds.arguments(given)
            bounds.text_call(__obj.__name__, owner, given)
        return super().call(__context, __obj, *args, **kwargs)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """`"{:5}".format(…)`, where the width is of a size."""
        made = super().wrap_str_format(value)
        if made is None:
            return None
        pattern: str = value.__self__

        def bounded(*args: Any, **kwargs: Any) -> str:
            self.bounds.format(pattern)
            self.bounds.arguments((*args, *kwargs.values()))
            return made(*args, **kwargs)

        return bounded

    def _load_template(self, name: str, globals: Any) -> Template:
        self.bounds.turn()
        return super()._load_template(name, globals)

    def _generate(self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False) -> str:
        for loop in list(source.find_all(nodes.For)):
            loop.iter = _through("counted", loop.iter)
        for parent in [source, *source.find_all(nodes.Node)]:
            _measure(parent)
        return super()._generate(source, name, filename, defer_init)


class _Generator(CodeGenerator):
    """Writes calls of the environment's own functions plainly; what a template calls goes another way, where each call is looked at."""

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802 - Jinja's name
        if not isinstance(node.node, nodes.EnvironmentAttribute):
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.write(f"environment.{node.node.name}(")
        self.visit(node.args[0], frame)
        self.write(")")


Sandbox.code_generator_class = _Generator


class Text(Template):
    """A template that begins each text with everything left to it."""

    def render(self, *args: Any, **kwargs: Any) -> str:
        """The text."""
        cast("Sandbox", self.environment).bounds.begin()
        return super().render(*args, **kwargs)


Sandbox.template_class = Text


def _through(function: str, value: nodes.Node) -> nodes.Call:
    """The expression handed through a function of the environment."""
    return nodes.Call(nodes.EnvironmentAttribute(function), [cast("nodes.Expr", value)], [], None, None, lineno=value.lineno)


def _measure(parent: nodes.Node) -> None:
    """`left ~ right` can double a text each time, and is no operator that could be intercepted."""
    for name, value in list(parent.iter_fields()):
        if isinstance(value, nodes.Concat):
            setattr(parent, name, _through("measured", value))
        elif isinstance(value, list):
            setattr(parent, name, [_through("measured", each) if isinstance(each, nodes.Concat) else each for each in value])


def in_words(problem: Exception) -> str:
    """What went wrong in a template, without its place."""
    if isinstance(problem, MemoryError):
        return "it needs more memory than there is"
    if isinstance(problem, OverflowError):
        return "a number in it is too large"
    if isinstance(problem, TemplateNotFound):
        return f"there is no file `{problem.name}` in the templates folder"
    if isinstance(problem, RecursionError):
        return "the parts include each other, or stand inside each other, without an end"
    text = str(problem).rstrip(".").replace("'", "`") or f"it cannot be filled in ({type(problem).__name__})"
    if isinstance(problem, UndefinedError) and text.endswith("is undefined"):
        return f"unknown name {text.removesuffix(' is undefined')}"
    if isinstance(problem, TypeError):
        return "a value does not fit its use here: text where a number is needed, or nothing where a value is needed"
    return text[:1].lower() + text[1:]


def _default(value: Any, replacement: Any = "", boolean: Any = None) -> Any:  # noqa: ARG001 - Jinja's signature
    """`{{ customer.first_name | default("friend") }}`: also for an empty text."""
    return replacement if value is None or isinstance(value, Undefined) or value == "" else value
