"""The Jinja2 that templates run in: it reads values and entities, and nothing else of this program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jinja2 import BaseLoader
from jinja2 import StrictUndefined
from jinja2 import TemplateNotFound
from jinja2 import Undefined
from jinja2 import UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from interpreter.delivery import formats
from interpreter.delivery.readable import MISSING
from interpreter.delivery.readable import Blank
from interpreter.delivery.readable import Readable


class Sandbox(ImmutableSandboxedEnvironment):
    """No attribute that begins with `_`, no change of a value, no unknown name; `finalize` writes each value for its place."""

    def __init__(self, loader: BaseLoader | None, finalize: Callable[[Any], Any], **options: Any) -> None:
        super().__init__(loader=loader, undefined=StrictUndefined, finalize=finalize, auto_reload=False, **options)
        self.globals.pop("lipsum")
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


def in_words(problem: Exception) -> str:
    """What went wrong in a template, without its place."""
    if isinstance(problem, TemplateNotFound):
        return f"there is no file `{problem.name}` in the templates folder"
    if isinstance(problem, RecursionError):
        return "the parts include each other without an end"
    text = str(problem).rstrip(".").replace("'", "`")
    if isinstance(problem, UndefinedError) and text.endswith("is undefined"):
        return f"unknown name {text.removesuffix(' is undefined')}"
    if isinstance(problem, TypeError):
        return "a value does not fit its use here: text where a number is needed, or nothing where a value is needed"
    return text[:1].lower() + text[1:]


def _default(value: Any, replacement: Any = "", boolean: Any = None) -> Any:  # noqa: ARG001 - Jinja's signature
    """`{{ customer.first_name | default("friend") }}`: also for an empty text."""
    return replacement if value is None or isinstance(value, Undefined) or value == "" else value
