"""How much one template may do: rounds of its loops and calls, and characters it makes on its way.

A template is the shop's own text, and still a slip in it must not stop the tick of everybody else: `{% for %}` in `{% for %}` over ranges,
`"-" * 10 ** 9`, a macro that calls itself twice. Nothing is measured by the clock, so the same template gives the same answer everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sized
from functools import wraps
from typing import Any

#: Rounds of all loops, calls and included parts of one text together.
ROUNDS = 100_000
#: Characters (or items of lists) made on the way to one text. A letter has some ten thousand.
CHARACTERS = 5_000_000
#: Widths, counts and powers; a larger one is a slip.
LARGEST = 10_000

_WIDTH = re.compile(r"[%{:][^a-zA-Z%]*?(\d{5,}|\*)")
_POWERS = 10_000


class TooMuchError(Exception):
    """The template asks for too much: a sentence."""


class Bounds:
    """What is left to one text."""

    __slots__ = ("characters", "rounds")

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Another text: everything is left."""
        self.rounds = ROUNDS
        self.characters = CHARACTERS

    def turn(self, rounds: int = 1) -> None:
        """Takes rounds. Raises TooMuchError."""
        self.rounds -= rounds
        if self.rounds < 0:
            raise TooMuchError(f"it takes more than {ROUNDS:,} rounds of loops and calls")

    def make(self, characters: int) -> None:
        """Takes characters. Raises TooMuchError."""
        self.characters -= characters
        if self.characters < 0:
            raise TooMuchError(f"it makes more than {CHARACTERS:,} characters")

    def counted(self, values: Any) -> Any:
        """What a loop goes through, each round counted."""
        if isinstance(values, Sized):
            self.turn(len(values))
            return values
        return self._rounds(values)

    def _rounds(self, values: Iterable[Any]) -> Iterator[Any]:
        for value in values:
            self.turn()
            yield value

    def measured(self, value: Any) -> Any:
        """A value just made, its length counted."""
        if isinstance(value, Sized):
            self.make(len(value))
        return value

    def join(self, pieces: Iterable[str]) -> str:
        """The pieces of a text as one."""
        # The list holds no text of its own: before anything is made, it is known how much that would be.
        found = list(pieces)
        self.make(sum(map(len, found)))
        return "".join(found)

    def binary(self, operator: str, left: Any, right: Any) -> None:
        """Before `left operator right`. Raises TooMuchError."""
        if operator == "**" and (_bits(left) * abs(_number(right)) > _POWERS):
            raise TooMuchError("a power in it is too large")
        if operator == "%" and isinstance(left, str):
            self.format(left)
        elif operator == "*":
            if _bits(left) + _bits(right) > _POWERS:
                raise TooMuchError("a product in it is too large")
            self.make(max(_length(left) * _number(right), _length(right) * _number(left), 0))
        elif operator == "+":
            self.make(_length(left) + _length(right))

    def format(self, pattern: str) -> None:
        """Before a pattern is filled in. Raises TooMuchError."""
        if _WIDTH.search(pattern):
            raise TooMuchError("a width in it is too large")

    def arguments(self, values: Iterable[Any]) -> None:
        """Before a filter or a method of a text is called. Raises TooMuchError for a width, or whatever it is, beyond reason."""
        for value in values:
            if type(value) is int and abs(value) > LARGEST:
                raise TooMuchError(f"{value if abs(value) < 10**20 else 'a number in it'} is too large for this place")

    def filter(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The filter, with its arguments looked at and its work counted."""
        first = 1 if hasattr(function, "jinja_pass_arg") else 0
        free = name in _NUMBERS

        @wraps(function)
        def bounded(*arguments: Any, **options: Any) -> Any:
            value, more = arguments[first], arguments[first + 1 :]
            self.turn()
            if not free:
                self.arguments((*more, *options.values()))
            self.text_call(name, value, (*more, *options.values()))
            return function(*arguments, **options)

        return bounded

    def text_call(self, name: str, value: Any, more: tuple[Any, ...]) -> None:
        """Before a filter or method works on a value."""
        length = _length(value)
        self.make(length)
        if name == "replace" and len(more) > 1:
            self.make((length + 1) * _length(more[1]) // max(1, _length(more[0])))
        elif name == "join":
            self._join(value, more)
        elif name == "format" and isinstance(value, str):
            self.format(value)
        elif name in _WIDE:
            self.make(sum(abs(number) for number in more if type(number) is int) * (value.count("\n") + 1 if isinstance(value, str) else 1))

    def _join(self, value: Any, more: tuple[Any, ...]) -> None:
        # The filter has the values first, the method of a text the sign between them.
        values, between = (
            (more[0], value) if isinstance(value, str) and more and not isinstance(more[0], str) else (value, (more or ("",))[0])
        )
        if isinstance(values, Sized) and isinstance(values, Iterable):
            self.make(sum(_length(each) for each in values) + len(values) * _length(between))


#: Filters and methods that fill up to a width.
_WIDE = frozenset({"center", "indent", "ljust", "rjust", "zfill", "expandtabs", "batch", "slice", "tojson"})
#: Filters whose number is not a width: `{{ now | plus(days=…) }}`, `{{ x | default(0) }}`.
_NUMBERS = frozenset(
    {"default", "d", "plus", "plural", "money", "sum", "select", "selectattr", "reject", "rejectattr", "map", "attr", "max", "min"}
)


def _length(value: Any) -> int:
    return len(value) if isinstance(value, (str, list, tuple, bytes)) else 0


def _bits(value: Any) -> int:
    return value.bit_length() if isinstance(value, int) else 0


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0
