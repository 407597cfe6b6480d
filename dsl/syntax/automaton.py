"""Reading text with the tables that Lark makes of `grammar.lark`: words by one regular expression, forms by shift and reduce.

Why not Lark itself at run time: importing it and restoring its tables takes 100 ms, more than everything else a small file needs,
and this reads twice as fast. What it reads is the same (`tests/dsl/test_automaton.py` compares them), and what else would have been
possible costs nothing to ask.
"""

from __future__ import annotations

import re
from typing import Any
from typing import final

from dsl.forms import Record


class Leaf(str):
    """One word, number or sign with its place; as a string: the text as written."""

    __slots__ = ("end_pos", "start_pos", "type")
    type: str
    """The terminal of the grammar."""
    start_pos: int
    end_pos: int


@final
class Twig:
    """One form of the grammar, by its name there, and its parts in the order written."""

    __slots__ = ("children", "data")

    def __init__(self, data: str, children: list[Leaf | Twig]) -> None:
        self.data = data
        self.children = children


Part = Leaf | Twig


class Unreadable(Exception):  # noqa: N818 the author's mistake, not the program's
    """Reading stopped at a word that cannot follow, at characters that are no word, or at the end."""

    def __init__(self, leaves: list[Leaf], count: int, offset: int) -> None:
        """`leaves`: all words up to characters that are none; `count`: how many of them could be read; `offset`: where it stopped."""
        super().__init__(offset)
        self.leaves = leaves
        self.count = count
        self.offset = offset


class Rule(Record):
    """What becomes of the last `length` values: a twig `name`, their only one (`alone`), or a part of what they stand in (no name)."""

    origin: str
    length: int
    name: str
    alone: bool


class Tables(Record):
    """The language as numbers. A row of actions has a state to go to, or ~(the rule to apply)."""

    words: re.Pattern[str]
    keywords: dict[str, str]
    ignored: frozenset[str]
    rows: list[dict[str, int]]
    rules: list[Rule]
    start: int
    end: int

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Tables:
        """From what `parser.compile_grammar` has made and JSON has kept."""
        sets = [symbols.split() for symbols in data["sets"]]
        rows = data["rows"]
        for actions, reductions in rows:
            for rule, symbols in reductions:
                actions.update(dict.fromkeys(sets[symbols], rule))
        return cls(
            re.compile(data["words"]),
            data["keywords"],
            frozenset(data["ignored"]),
            [rows[number][0] for number in data["states"]],
            [Rule(*rule) for rule in data["rules"]],
            data["start"],
            data["end"],
        )

    def leaves(self, text: str, start: int, end: int) -> tuple[list[Leaf], int]:
        """The words between two offsets, and where they end: before `end` when characters follow that are no word."""
        found: list[Leaf] = []
        keywords, ignored, match = self.keywords, self.ignored, self.words.match
        while start < end:
            word = match(text, start, end)
            if word is None:
                return found, start
            start = word.end()
            kind: str = word.lastgroup  # type: ignore[assignment]
            if kind in ignored:
                continue
            leaf = Leaf(word.group())
            leaf.type = keywords.get(leaf, kind) if kind == "NAME" else kind
            leaf.start_pos, leaf.end_pos = word.span()
            found.append(leaf)
        return found, end

    def read(self, text: str, start: int, end: int) -> Twig:
        """The form between two offsets. Raises `Unreadable`."""
        leaves, stopped = self.leaves(text, start, end)
        rows, rules = self.rows, self.rules
        states: list[int] = [self.start]
        values: list[Any] = []
        for count, leaf in enumerate(leaves):
            kind = leaf.type
            while (action := rows[states[-1]].get(kind)) is not None and action < 0:
                self._reduce(rules[~action], states, values)
            if action is None:
                raise Unreadable(leaves, count, leaf.start_pos)
            states.append(action)
            values.append(leaf)
        while stopped == end and (action := rows[states[-1]].get("$END")) is not None:
            self._reduce(rules[~action], states, values)
            if states[-1] == self.end:
                whole: Twig = values[-1]
                return whole
        raise Unreadable(leaves, len(leaves), stopped)

    def _reduce(self, rule: Rule, states: list[int], values: list[Any]) -> None:
        """Puts the last values together; a list is a form without a name of its own, part of what it stands in."""
        parts: list[Any] = []
        if rule.length:
            taken = values[-rule.length :]
            del states[-rule.length :], values[-rule.length :]
            if type(taken[0]) is list:
                parts = taken.pop(0)
            for value in taken:
                if type(value) is list:
                    parts += value
                else:
                    parts.append(value)
        values.append(parts if not rule.name else parts[0] if rule.alone and len(parts) == 1 else Twig(rule.name, parts))
        states.append(self.rows[states[-1]][rule.origin])

    # ------------------------------------------------------------------------------------------- what would be possible

    def after(self, leaves: list[Leaf]) -> list[int]:
        """The states after these words, which can be read."""
        states = [self.start]
        for leaf in leaves:
            self.step(states, leaf.type)
        return states

    def step(self, states: list[int], terminal: str) -> bool:
        """Goes one word further, if that is possible."""
        while (action := self.rows[states[-1]].get(terminal)) is not None:
            if action >= 0:
                states.append(action)
                return True
            rule = self.rules[~action]
            del states[len(states) - rule.length :]
            states.append(self.rows[states[-1]][rule.origin])
            if terminal == "$END" and states[-1] == self.end:
                return True
        return False

    def possible(self, states: list[int]) -> frozenset[str]:
        """The terminals that can come next."""
        return frozenset(name for name in self.rows[states[-1]] if name.isupper() and self.step(states.copy(), name))
