"""The rows of a test: a column of times, then what happened or must have happened."""

from __future__ import annotations

from collections.abc import Iterator

from dsl import nodes
from dsl.printing.lines import INDENT
from dsl.printing.lines import WIDTH
from dsl.printing.phrases import number
from dsl.printing.phrases import one_word
from dsl.printing.phrases import quote
from dsl.printing.phrases import word
from dsl.printing.places import UNKNOWN
from dsl.printing.rows import Gap
from dsl.printing.rows import Row
from dsl.printing.rows import row
from dsl.printing.steps import StepLayout


class TimelineLayout(StepLayout):
    """A test, as the rows it takes."""

    def timeline(self, node: nodes.Test) -> list[Row]:
        """`test "title" {`, its lines with their times in a column, `}`"""
        opening = self.places.opening(node.span.start) if self.places else UNKNOWN
        rows = [row(f"test {self._title(node.title)} {{")]
        times = [self._time(line) for line in node.lines]
        column = max(map(len, times), default=0) + 2
        for line, time in zip(node.lines, times, strict=True):
            several = self.line(line, time.ljust(column) if time else "", 1)
            several[0].gap = Gap.AUTHOR if len(rows) > 1 else Gap.NEVER
            rows += several
        closing = row("}", 0, self.places.closing(opening))
        closing.joins = len(rows) == 1
        return [*rows, closing]

    def _title(self, title: nodes.Name) -> str:
        return self.phrases.name(title) if self.places else quote(title.text)

    def _time(self, line: nodes.Line) -> str:
        when = line.when if isinstance(line, nodes.Expect | nodes.FactLine) else None
        return self.phrases.phrase(when) if when else ""

    def line(self, line: nodes.Line, time: str | None = None, indent: int = 0) -> list[Row]:
        """The rows of a line, behind its time (padded to a column, or by itself)."""
        if time is None:
            time = f"{self._time(line)}  ".lstrip()
        rows = self._rows(line, time, indent)
        rows[0].pieces[0].start = line.span.start if self.places else UNKNOWN
        return rows

    def _rows(self, line: nodes.Line, time: str, indent: int) -> list[Row]:
        if isinstance(line, nodes.FactLine):
            quotes = self._quotes(self.places.opening(line.span.start) if self.places and line.data else UNKNOWN, line)
            head = time + self._fact(line)
            if not line.data:
                return [row(head, indent)]
            return _several(f"{head} ", _spelt(line.data, quotes), "", indent)
        if isinstance(line, nodes.ExpectSet):
            quotes = self._quotes(line.field.span.end if self.places else UNKNOWN, line)
            head = f"expect set {self.phrases.id(line.entity)} {self.phrases.id(line.id)} {self.phrases.dotted(line.field)} "
            return _several(time + head, _spelt(line.value, quotes), "", indent)
        return [row(time + self._plain_line(line), indent)]

    def _fact(self, line: nodes.FactLine) -> str:
        parts = [line.operation.text]
        parts += [self.phrases.id(line.id)] if line.id else []
        parts += [f"of {self.phrases.id(line.customer)}"] if line.customer else []
        parts += [f"received {self.phrases.phrase(line.received)}"] if line.received else []
        return " ".join(parts)

    def _plain_line(self, line: nodes.Line) -> str:
        name, id_ = self.phrases.name, self.phrases.id
        match line:
            case nodes.FixArm():
                return f"{id_(line.customer)} takes {name(line.arm)} in {name(line.split)}"
            case nodes.FixHoldout():
                return f"{id_(line.customer)} in holdout of {name(line.scenario)}"
            case nodes.ExpectSend():
                by = f" by {name(line.channel)}" if line.channel else ""
                containing = "" if line.containing is None else f" containing {quote(line.containing)}"
                return f"expect send {name(line.template)} to {id_(line.customer)}{by}{containing}"
            case nodes.ExpectSkip():
                return f"expect skip {name(line.template)} to {id_(line.customer)} because {self.phrases.reason(line.reason)}"
            case nodes.ExpectStopped():
                return f"expect {id_(line.customer)} stopped in {name(line.scenario)} because {self.phrases.reason(line.reason)}"
            case nodes.ExpectIssue():
                return f"expect issue promo {self.phrases.word_of_shop(line.pool)} to {id_(line.customer)}"
            case nodes.ExpectAward():
                return f"expect award {number(line.amount)} to balance {self.phrases.word_of_shop(line.account)} of {id_(line.customer)}"
            case nodes.ExpectDeduct():
                return f"expect deduct {number(line.amount)} from balance {self.phrases.word_of_shop(line.account)} of {id_(line.customer)}"
            case nodes.ExpectGoal():
                return f"expect goal of {name(line.scenario)} by {id_(line.customer)}"
            case nodes.ExpectNothing():
                return "expect nothing else" if line.rest else "expect nothing"
            case _:
                raise TypeError(type(line))

    def _quotes(self, start: int, line: nodes.Line) -> Iterator[bool | None]:
        """For each value of the data in order: was it quoted? None: nobody knows."""
        if start != UNKNOWN:
            for leaf in self.places.leaves(start, line.span.end):
                yield leaf.startswith('"')
        while True:
            yield None


# ---------------------------------------------------------------------------------------------------------------- data


def _text(value: str, quoted: bool | None) -> str:
    if quoted is None:
        return quote(value) if value == "null" else word(value)
    return quote(value) if quoted else value


def _spelt(value: nodes.Data, quotes: Iterator[bool | None]) -> nodes.Data:
    """The same data, with every value as the text to print."""
    if isinstance(value, dict):
        return {_key(key): _spelt(item, quotes) for key, item in value.items()}
    if isinstance(value, list):
        return [_spelt(item, quotes) for item in value]
    quoted = next(quotes)
    if isinstance(value, str):
        return _text(value, quoted)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else number(value)


def _key(key: str) -> str:
    return key if one_word(key) else quote(key)


def _flat(value: nodes.Data) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key}: {_flat(item)}" for key, item in value.items()) + " }" if value else "{ }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flat, value)) + "]"
    return str(value)


def _several(head: str, value: nodes.Data, tail: str, indent: int) -> list[Row]:
    """A line of data; what does not fit on it goes to lines of its own, a value on each."""
    flat = _flat(value)
    if len(INDENT) * indent + len(head) + len(flat) + len(tail) <= WIDTH or not isinstance(value, dict | list) or not value:
        return [row(head + flat + tail, indent)]
    items = [(f"{key}: ", item) for key, item in value.items()] if isinstance(value, dict) else [("", item) for item in value]
    brackets = "{}" if isinstance(value, dict) else "[]"
    rows = [row(head + brackets[0], indent)]
    for key, item in items:
        rows += _several(key, item, ",", indent + 1)
    return [*rows, row(brackets[1] + tail, indent)]
