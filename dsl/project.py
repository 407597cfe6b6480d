"""All files of a folder as one program: its scenarios, segments, policies, words and tests, and what of the outside it must know."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Generic
from typing import TypeVar

import attrs

from dsl import nodes
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Label
from dsl.diagnostic import error
from dsl.forms import Fixed
from dsl.forms import Record
from dsl.forms import part
from dsl.offers import OfferUse
from dsl.source import Source
from dsl.source import Span
from dsl.vocabulary import Vocabulary
from dsl.vocabulary import gather
from dsl.walk import children

T_co = TypeVar("T_co", bound=nodes.Node, covariant=True)

# -------------------------------------------------------------------------------------------------------- surroundings


@attrs.frozen(slots=True)
class TemplateTable:
    """What a scenario must know of a template; read by the interpreter from `templates/NAME/`."""

    channels: tuple[str, ...]
    """Channels it has a text for."""
    kind: str = "marketing"
    """`marketing` or `transactional`"""
    topic: str | None = None
    uses: Mapping[str, tuple[tuple[str, str], ...]] = attrs.field(factory=dict)
    """channel -> (dotted name, place as shown: `email.html:3`)"""
    has_unsubscribe: bool = True
    """The e-mail shows an unsubscribe link."""
    problems: tuple[str, ...] = ()
    """Sentences: what keeps the template from being read."""
    offers: Mapping[str, tuple[OfferUse, ...]] = attrs.field(factory=dict)
    """channel -> what it offers"""


class ChannelTable(Record):
    """What a scenario must know of a channel of `scn.toml`."""

    kind: str = ""
    """`file`, `smtp`, `http` …"""
    reports_opens: bool = False
    """Somebody tells scn when a message is opened or clicked."""


class Surroundings(Record):
    """The outside, as plain tables. None: not known (a lone file from stdin), so nothing is said about it."""

    templates: Mapping[str, TemplateTable] | None = None
    channels: Mapping[str, ChannelTable] | None = None
    calls: tuple[str, ...] | None = None
    """Names of `[calls.NAME]`."""
    writebacks: tuple[str, ...] | None = None
    """Entities of `[writeback.ENTITY]`."""
    timezone: str = "UTC"
    valid: nodes.Duration = nodes.Duration(days=1)
    """For scenarios that do not say `valid`."""
    holidays: str | None = None
    """Country code of the holidays library; None: `holidays` in quiet hours means no day."""
    confirm: tuple[str, ...] = ()
    """The kinds of contact that customers are asked to confirm: `email`, `phone`."""
    pressure: int = 7
    """Messages within 7 days that are not too many for a customer."""
    category_match: Mapping[str, tuple[tuple[str, int], ...]] | None = None
    """Category -> how many products of which categories to recommend with it; None: there is no such table."""


# ------------------------------------------------------------------------------------------------------------- project


class Placed(Record, Generic[T_co]):
    """A statement and the file it stands in."""

    source: Source
    node: T_co


class Gap(Record):
    """Where a statement is missing because it could not be read: what it would have said nobody knows."""

    source: Source
    span: Span
    word: str
    """`scenario`, `segment`, … or what stood there instead."""


class Project(Fixed):
    """One program, equal to itself only. Statements with a syntax error are missing from it: they are in `diagnostics` and `gaps`."""

    files: tuple[Placed[nodes.File], ...] = ()
    surroundings: Surroundings = part(factory=Surroundings)
    scenarios: Mapping[str, Placed[nodes.Scenario]] = part(factory=dict)
    """By name, in the order of files; of two with one name the first."""
    segments: Mapping[str, Placed[nodes.Segment]] = part(factory=dict)
    policies: tuple[Placed[nodes.PolicyQuiet | nodes.PolicyCap], ...] = ()
    defines: tuple[Placed[nodes.Statement], ...] = ()
    tests: tuple[Placed[nodes.Test], ...] = ()
    vocabulary: Vocabulary = part(factory=Vocabulary)
    diagnostics: tuple[Diagnostic, ...] = ()
    """Syntax errors and names given twice."""
    gaps: tuple[Gap, ...] = ()

    def status_category(self, status: str) -> str | None:
        """The category a status of an order or line belongs to; None: none known."""
        return self.vocabulary.status_category(status)

    def statements(self) -> Iterable[Placed[nodes.Statement]]:
        """Every statement, by file and place; also those whose name was taken."""
        return (Placed(file.source, statement) for file in self.files for statement in file.node.statements)


_DEFINES = (nodes.Define, nodes.DefineCategory, nodes.DefineField, nodes.DefinePromo, nodes.DefineProducts)


def load(sources: Iterable[Source], surroundings: Surroundings | None = None, *, with_tests: bool = True) -> Project:
    """Parses the files and puts them together, tests too or not. Never raises for what is in them."""
    from dsl.parser import parse

    diagnostics: list[Diagnostic] = []
    files = []
    gaps: list[Gap] = []
    for source in sources:
        parsed = parse(source, with_tests=with_tests)
        gaps += [Gap(parsed.source, unread.span, unread.word) for unread in parsed.unread]
        files.append(Placed(parsed.source, parsed.file))
        diagnostics.extend(parsed.diagnostics)
    names = _Names(diagnostics)
    scenarios: dict[str, Placed[nodes.Scenario]] = {}
    segments: dict[str, Placed[nodes.Segment]] = {}
    policies: list[Placed[nodes.PolicyQuiet | nodes.PolicyCap]] = []
    defines: list[Placed[nodes.Statement]] = []
    tests: list[Placed[nodes.Test]] = []
    for file in files:
        for statement in file.node.statements:
            match statement:
                case nodes.Scenario():
                    names.claim("scenario", statement.name, file.source)
                    names.claim_steps(statement, file.source)
                    scenarios.setdefault(statement.name.text, Placed(file.source, statement))
                case nodes.Segment():
                    names.claim("segment", statement.name, file.source)
                    segments.setdefault(statement.name.text, Placed(file.source, statement))
                case nodes.PolicyQuiet() | nodes.PolicyCap():
                    policies.append(Placed(file.source, statement))
                case nodes.Test():
                    tests.append(Placed(file.source, statement))
                case _ if isinstance(statement, _DEFINES):
                    names.claim_define(statement, file.source)
                    defines.append(Placed(file.source, statement))
    _claim_former_names(scenarios, names)
    return Project(
        files=tuple(files),
        surroundings=surroundings or Surroundings(),
        scenarios=scenarios,
        segments=segments,
        policies=tuple(policies),
        defines=tuple(defines),
        tests=tuple(tests),
        vocabulary=gather(define.node for define in defines),
        diagnostics=tuple(diagnostics),
        gaps=tuple(gaps),
    )


class _Names:
    """Who took a name first."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        self._diagnostics = diagnostics
        self._owners: dict[tuple[str, str], tuple[nodes.Node, Source]] = {}

    def claim(self, kind: str, name: nodes.Name, source: Source) -> None:
        """Takes a name, or reports who had it."""
        self._claim((kind, name.text), name, source, f"the {kind} `{name.text}` is defined twice", "give one of them another name")

    def claim_steps(self, scenario: nodes.Scenario, source: Source) -> None:
        """Takes the names given by `as`: by them waiting customers are carried over an edit. A promo code may have one in each branch."""
        waiting: list[nodes.Node] = list(reversed(scenario.steps))
        while waiting:
            step = waiting.pop()
            if isinstance(step, nodes.Step) and step.label and not isinstance(step, nodes.IssuePromo):
                message = f"two steps of the scenario are called `{step.label.text}`"
                key = (f"step of {scenario.span.start} in {source.path}", step.label.text)
                self._claim(key, step.label, source, message, "give each its own name")
            if isinstance(step, (nodes.If, nodes.Branch, nodes.Split, nodes.Arm, nodes.WaitForEvent)):
                waiting.extend(reversed([child for child in children(step) if isinstance(child, (nodes.Step, nodes.Branch, nodes.Arm))]))

    def claim_define(self, statement: nodes.Statement, source: Source) -> None:
        """Takes the names of a `define` that must not be given twice."""
        match statement:
            case nodes.Define(kind="list" | "segment" as kind):
                for name in statement.names:
                    self.claim(kind, name, source)
            case nodes.DefineCategory():
                for name in statement.statuses:
                    message = f"the status `{name.text}` is put into a category twice"
                    self._claim(("status of a category", name.text), name, source, message, "a status belongs to one category")
            case nodes.DefineField(field=field):
                message = f"the field `{field.text}` is defined twice"
                self._claim(("field", field.text), field, source, message, "keep one of them")
            case nodes.DefinePromo(pool=name):
                self.claim("promo", name, source)
            case nodes.DefineProducts(name=name):
                self.claim("products", name, source)

    def claim_former(self, name: nodes.Name, source: Source) -> None:
        """Takes a name of `formerly`."""
        message = f"`{name.text}` is taken: its counters cannot belong to two scenarios"
        self._claim(("scenario", name.text), name, source, message, "remove it from `formerly`, or rename the other scenario")

    def _claim(self, key: tuple[str, str], node: nodes.Node, source: Source, *sentences: str) -> None:
        owner = self._owners.setdefault(key, (node, source))
        if owner[0] is not node:
            label = Label(owner[1], owner[0].span, "first defined here")
            self._diagnostics.append(error("duplicate-name", source, node.span, *sentences, labels=(label,)))


def _claim_former_names(scenarios: Mapping[str, Placed[nodes.Scenario]], names: _Names) -> None:
    """After all present names: a scenario that exists keeps its name."""
    for placed in scenarios.values():
        for clause in placed.node.clauses:
            if isinstance(clause, nodes.Formerly):
                for name in clause.names:
                    names.claim_former(name, placed.source)
