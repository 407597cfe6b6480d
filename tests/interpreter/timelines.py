"""Runs the tests written in a text, in a project of its own."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from pathlib import Path

from interpreter.project import loading
from interpreter.timeline import report
from interpreter.timeline.suite import Result
from interpreter.timeline.suite import results
from interpreter.timeline.suite import suite

TOML = '[project]\ntimezone = "Europe/Moscow"\n[writeback.order]\nkind = "http"\nurl = "https://shop.example/orders"\n'
LETTER = {
    "templates/letter/email.txt": "Hello {{ customer.first_name or 'dear customer' }}, order {{ order.id }}\n",
    "templates/letter/meta.toml": 'subject = "How was it?"\n',
    "templates/letter/sms.txt": "order {{ order.id }}\n",
    "templates/news/email.txt": "Hello {{ customer.id }}\n",
    "templates/news/meta.toml": 'subject = "News"\n',
}

#: A week after shipping, by day, once.
REVIEW = """\
scenario review
  on order.status -> "shipped"
  quiet 22:00-09:00
  wait 7d
  if order is not cancelled
  if subscribed email
  send letter
  limit 1 per customer within 90d
"""


def run(folder: Callable[..., Path], text: str, *, colour: bool = False, more: Mapping[str, str] | None = None) -> list[Result]:
    """The results of the tests of one file `a.scn`; `more` are further files of the project."""
    root = folder({"scn.toml": TOML, "a.scn": text, **LETTER, **(more or {})})
    found = suite(loading.everything([root], None)[0])
    assert not found.errors, found.errors
    return list(results(found, lambda _: True, colour=colour))


def failures(folder: Callable[..., Path], text: str, scenario: str = REVIEW) -> list[str]:
    """`line: sentence` of everything that went wrong in the tests of a text; lines are counted from the first test."""
    before = scenario.count("\n")
    return [f"{one.line - before}: {one.message}" for result in run(folder, scenario + text) for one in result.failures]


def reasons(folder: Callable[..., Path], text: str, scenario: str = REVIEW) -> list[str]:
    """What the ledger says about the first failure."""
    return [reason for result in run(folder, scenario + text) for one in result.failures[:1] for reason in one.reasons]


def printed(folder: Callable[..., Path], text: str, *, colour: bool = False) -> str:
    """Everything `scn test` prints about the tests of a text."""
    return "".join(report.text(result, colour=colour) for result in run(folder, text, colour=colour))
