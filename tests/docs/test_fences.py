"""Everything that the language reference shows is run: texts are checked, timelines played, output compared."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from functools import cache
from typing import Any

import pytest

from dsl import report
from dsl.checker import check
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.forms import evolve
from dsl.project import load
from dsl.source import Source
from interpreter.facts import Rejection
from interpreter.facts import read
from interpreter.project.config_reader import parse
from interpreter.project.loading import Loaded
from interpreter.project.project_folder import Folder
from interpreter.project.project_folder import open_folder
from interpreter.project.project_folder import surroundings
from interpreter.timeline import report as timelines
from interpreter.timeline.suite import results
from interpreter.timeline.suite import suite
from tests.docs.pages import REFERENCE
from tests.docs.pages import SHOP
from tests.docs.pages import Fence
from tests.docs.pages import all_fences
from tests.docs.pages import fences
from tests.docs.pages import pages
from tests.dsl import example_shop

#: What parts of a scenario are put into, so that they can be checked.
FRAGMENTS = {
    "clause": "scenario example\n  {trigger}\n{text}\n  if subscribed email\n  send letter by email\n  limit 1 per customer\n",
    "step": "scenario example\n  {trigger}\n  if subscribed email\n{text}\n  limit 1 per customer\n",
    "condition": "scenario example\n  {trigger}\n  if subscribed email\n  if {text}\n  send letter by email\n  limit 1 per customer\n",
    "event": "scenario example\n  on {text}\n  if subscribed email\n  send letter by email\n  limit 1 per customer\n",
    "line": "scenario review_request on order created if subscribed email send letter by email limit 1 per order\n"
    'test "example" {{\n  customer ann {{ email: "ann@example.com" }}\n{text}\n}}\n',
}
#: Fragments that stand alone in each line of their fence.
BY_LINE = ("condition", "event")
TRIGGER = 'on order.status -> "shipped"'


@cache
def shop() -> Folder:
    return open_folder(SHOP)


def texts(fence: Fence) -> Iterable[str]:
    """The programs that a fence stands for."""
    kind = fence.said("fragment")
    if kind is None:
        return [fence.text]
    trigger = fence.said("on") or TRIGGER
    lines = [line.partition("  #")[0] for line in fence.text.splitlines() if line.strip() and not line.startswith("#")]
    given = lines if kind in BY_LINE else [fence.text]
    return [FRAGMENTS[kind].format(text=text, trigger=trigger) for text in given]


def findings(fence: Fence, text: str) -> list[Diagnostic]:
    """What the checks say. The pages of the checks speak of the shop that their tests have."""
    if fence.page == "checks.md":
        return example_shop.findings(text)
    # Which templates there are depends on the shop of the reader, not of these pages.
    around = evolve(surroundings(shop()), templates=None)
    return check(load([Source(fence.said("file") or "example.scn", text)], around))


@pytest.mark.parametrize("fence", all_fences("scn"))
def test_scn(fence, request):
    for text in texts(fence):
        found = findings(fence, text)
        wanted = fence.said("finds")
        if wanted is not None:
            assert {finding.check for finding in found} == {wanted}
            if fence.shown:
                assert same(request, fence, report.render("text", found))
        else:
            # A whole scenario is an example to follow; a part has the rest of its scenario made up.
            if fence.said("fragment") is not None:
                found = [finding for finding in found if finding.severity is Severity.ERROR]
            assert not found, report.render("text", found)


def stories() -> list[Any]:
    """Fences with tests. The bad examples of the checks on tests cannot be played."""
    found = [fence for fence in all_fences("scn") if re.search(r'^test "', fence.values[0].text, re.MULTILINE)]
    return [fence for fence in found if fence.values[0].page != "checks.md" or fence.values[0].said("finds") is None]


@pytest.mark.parametrize("fence", stories())
def test_timelines(fence, request):
    name = fence.said("file") or "example.scn"
    played = suite(Loaded(shop(), load([Source(name, fence.text)], surroundings(shop())), (), (name,)))
    assert not played.errors, report.render("text", played.errors)
    told = list(results(played, lambda _: True, colour=False))
    if fence.said("fails") is None:
        assert all(result.passed for result in told), "".join(timelines.text(result) for result in told)
    else:
        assert not all(result.passed for result in told)
        assert fence.shown, "a test that fails is shown with what `scn test` says"
    if fence.shown:
        assert same(request, fence, "".join(timelines.text(result) for result in told))


@pytest.mark.parametrize("fence", all_fences("jsonl"))
def test_facts(fence):
    for line in fence.text.splitlines():
        found = read(line, zone="Europe/Moscow", received=1_700_000_000, batch="docs", actor="customer")
        assert isinstance(found, Rejection) is (fence.said("refused") is not None), found


@pytest.mark.parametrize("fence", all_fences("toml"))
def test_configuration(fence):
    if fence.said("file") not in (None, "scn.toml"):
        return
    parse(Source("scn.toml", fence.text))


def put(request: pytest.FixtureRequest, fence: Fence, before: str, after: str) -> bool:
    """With `--update`: what is shown is written anew, to be read as one reads a user interface."""
    if not request.config.getoption("--update") or before == after:
        return False
    page = REFERENCE / fence.page
    text = page.read_text(encoding="utf-8")
    assert text.count(before) == 1, before
    page.write_text(text.replace(before, after), encoding="utf-8")
    return True


def same(request: pytest.FixtureRequest, fence: Fence, given: str) -> bool:
    """Whether the `text` fence behind a fence shows what is given."""
    assert fence.shown
    head = f"{fence.text}```\n```text\n"
    return (
        put(request, fence, f"{head}{fence.shown.text}```\n", f"{head}{given.rstrip()}\n```\n")
        or fence.shown.text.rstrip() == given.rstrip()
    )


def matches(shown: str, given: str) -> bool:
    """Line by line; `…` stands for anything in its line."""
    pattern = "\n".join(".*".join(map(re.escape, line.split("…"))) for line in shown.rstrip().split("\n"))
    return re.fullmatch(pattern, given.rstrip()) is not None


def commands(text: str) -> Iterable[tuple[str, str]]:
    """`$ command` and what is shown below it."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        line, _, shown = part.partition("\n")
        yield line, shown


@pytest.mark.parametrize(
    "page", [page for page in pages() if any(fence.language == "console" for fence in fences(page))], ids=lambda page: page.name
)
def test_console(page, folder, scn, request):
    """The files of a page lie in one folder; its commands run in their order."""
    folder()
    for fence in fences(page):
        name = fence.said("file")
        if name:
            folder({name: fence.text})
        if fence.language != "console":
            continue
        fresh = ""
        wrong = []
        for line, shown in commands(fence.text):
            words, status = line.partition("  # exit code ")[::2]
            command, *arguments = shlex.split(words)
            assert command == "scn"
            answer = scn(*arguments)
            # Spaces that fill up a table are nothing to see.
            said = answer.out if answer.out.strip() else answer.err
            given = "\n".join(row.rstrip() for row in said.splitlines()).strip("\n")
            right = matches(shown, given)
            fresh += f"$ {line}\n" + (shown if right else f"{given}\n")
            wrong += [] if right else [f"$ {line}\n{answer.out}{answer.err}"]
            assert answer.code == int(status or 0), f"{page.name}:{fence.line}: $ {line}: exit code {answer.code}\n{answer.err}"
        updated = put(request, fence, f"```console\n{fence.text}```", f"```console\n{fresh}```")
        assert updated or not wrong, f"{page.name}:{fence.line}: " + "\n".join(wrong)


def test_fences_are_of_a_kind_that_is_run():
    known = {"scn", "jsonl", "csv", "xml", "toml", "console", "text", "json", "jinja", "sh"}
    assert [(fence.page, fence.line, fence.language) for page in pages() for fence in fences(page) if fence.language not in known] == []
