"""Where reading a statement stopped: what was read, what was found, what could have followed. Words for it are in `syntax_errors`."""

from __future__ import annotations

import re
from functools import cached_property

import attrs

from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Fix
from dsl.diagnostic import Label
from dsl.diagnostic import error
from dsl.source import Source
from dsl.source import Span
from dsl.syntax.automaton import Leaf
from dsl.syntax.automaton import Tables


@attrs.frozen(slots=False)
class Stuck:
    """Where reading a statement stopped."""

    source: Source
    span: Span
    """Of the whole statement."""
    read: tuple[Leaf, ...]
    """The words read until then."""
    rest: tuple[Leaf, ...]
    """The words from there on."""
    offset: int
    """Where reading stopped; the end of the statement when it ended too early."""
    tables: Tables = attrs.field(eq=False, repr=False)

    @property
    def found(self) -> Leaf | None:
        """The word that could not follow; None: the statement ended, or these characters are no word at all."""
        return self.rest[0] if self.rest else None

    @property
    def ahead(self) -> tuple[Leaf, ...]:
        """The words after `found`."""
        return self.rest[1:]

    def accepted_after(self, count: int) -> frozenset[str]:
        """The terminals that may follow the first `count` words read."""
        return self.tables.possible(self._states(count))

    def follows(self, count: int, *terminals: str) -> bool:
        """Whether these may follow the first `count` words read, one after the other."""
        states = self._states(count)
        return all(self.tables.step(states, terminal) for terminal in terminals)

    def _states(self, count: int) -> list[int]:
        if count not in self._known:
            self._known[count] = self.tables.after(list(self.read[:count]))
        return self._known[count].copy()

    @cached_property
    def _known(self) -> dict[int, list[int]]:
        return {}

    @cached_property
    def accepted(self) -> frozenset[str]:
        """The terminals that could have followed."""
        return self.accepted_after(len(self.read))

    @cached_property
    def accepted_before(self) -> frozenset[str]:
        """The terminals that could have stood in place of the last word read."""
        return self.accepted_after(len(self.read) - 1) if self.read else frozenset()

    @property
    def previous(self) -> Leaf | None:
        """The last word read."""
        return self.read[-1] if self.read else None

    @property
    def at_end(self) -> bool:
        """The statement ended too early."""
        return self.offset >= self.span.end

    @cached_property
    def line_end(self) -> int:
        """Where the line ends on which reading stopped, without trailing blanks."""
        end = self.source.text.find("\n", self.offset, self.span.end)
        end = self.span.end if end == -1 else end
        return self.offset + len(self.source.text[self.offset : end].rstrip())

    @property
    def next_start(self) -> int:
        """Where the word after `found` starts, if on the same line."""
        end = self.found.end_pos if self.found is not None else self.offset
        return next((place for place in range(end, self.line_end) if not self.source.text[place].isspace()), end)

    @property
    def new_line(self) -> bool:
        """Reading stopped on a later line than the last word read."""
        return self.previous is not None and "\n" in self.source.text[self.previous.end_pos : self.offset]

    @property
    def word(self) -> str:
        """The text that could not be read, as far as it hangs together."""
        if self.found is not None:
            return str(self.found)
        match = self.match(r"[\w.:%@+-]*\w%?|\S")
        return match.group() if match else ""

    def match(self, pattern: str, start: int | None = None) -> re.Match[str] | None:
        """A match of the pattern at a place (default: where reading stopped), on that line; upper and lower case alike."""
        return re.compile(pattern, re.IGNORECASE).match(self.source.text, self.offset if start is None else start, self.line_end)

    def can_be(self, terminal: str, count: int | None = None) -> bool:
        """Whether this could stand in place of `found`, with what follows; with `count`: in place of the words read after so many."""
        if count is None:
            return self.follows(len(self.read), terminal, *(word.type for word in self.ahead[:1]))
        return self.found is not None and self.follows(count, terminal, self.found.type)

    def can_be_before(self, terminal: str) -> bool:
        """Whether just this is missing before `found`."""
        return self.found is not None and self.follows(len(self.read), terminal, self.found.type)

    def say(self, span: Span, message: str, hint: str = "", fix: Fix | None = None, *labels: Label) -> Diagnostic:
        """The finding."""
        return error("syntax", self.source, span, message, hint, fix=fix, labels=labels)

    def replace(self, span: Span, message: str, replacement: str, hint: str = "", *, safe: bool = True) -> Diagnostic:
        """The finding, with the words to write instead."""
        written = (
            f"write `{replacement.strip()}`" if replacement.strip() else f"leave `{self.source.text[span.start : span.end].strip()}` out"
        )
        return self.say(span, message, hint or written, Fix(written, span, replacement, safe))
