"""`# scn: ignore[NAME] reason`: where it has effect, and when it is itself a finding."""

from __future__ import annotations

import pytest

from dsl.checker import all_checks
from dsl.checker import check
from dsl.diagnostic import Severity
from tests.dsl.example_shop import findings
from tests.dsl.example_shop import names
from tests.dsl.example_shop import project

LOUD = """scenario first
  on order.status -> "shipped"
  send welcome{end}
{above}  send sale by email
  limit 1 per customer
"""


def loud(end="", above=""):
    return names(LOUD.format(end=end, above=above))


def test_without_a_comment_both_sends_are_told():
    assert loud() == ["send-without-consent", "send-without-consent"]


def test_at_the_end_of_the_line():
    assert loud(end="  # scn: ignore[send-without-consent] asked in the shop") == ["send-without-consent"]


def test_on_the_line_above():
    assert loud(above="  # scn: ignore[send-without-consent] asked in the shop\n") == ["send-without-consent"]


def test_above_the_statement_it_holds_for_all_of_it():
    assert names("# scn: ignore[send-without-consent] asked in the shop\n" + LOUD.format(end="", above="")) == []


def test_other_comments_may_stand_between():
    assert names("# scn: ignore[send-without-consent] asked in the shop\n\n# the first letter\n" + LOUD.format(end="", above="")) == []


def test_it_holds_for_its_statement_only():
    text = "# scn: ignore[send-without-consent] asked in the shop\n" + LOUD.format(end="", above="")
    assert names(text + LOUD.format(end="", above="").replace("first", "second").replace("shipped", "paid")) == ["send-without-consent"] * 2


def test_several_names_in_one_comment():
    text = "# scn: ignore[send-without-consent, send-without-limit] asked in the shop\n" + LOUD.format(end="", above="").replace(
        "  limit 1 per customer\n", ""
    )
    assert names(text) == []


def test_without_a_reason_it_works_and_is_told():
    found = findings("# scn: ignore[send-without-consent]\n" + LOUD.format(end="", above=""))
    assert [(one.check, one.message) for one in found] == [
        ("suppression-without-reason", "why `send-without-consent` is ignored is not said")
    ]


@pytest.mark.parametrize(
    ("comment", "message", "hint"),
    [
        ("# scn: ignore", "which check is ignored is not said", "write `# scn: ignore[send-without-limit] reason`"),
        ("# scn: ignore[] why", "which check is ignored is not said", "write `# scn: ignore[send-without-limit] reason`"),
        ("# scn: ignore[send-without-quiet] why", "`send-without-quiet` finds nothing here", "remove the comment"),
        ("# scn: ignore[send-without-consnt] why", "there is no check `send-without-consnt`", "did you mean `send-without-consent`?"),
        ("# scn: ignore[unknown-event] why", "`unknown-event` cannot be ignored", "mend the finding and remove the comment"),
    ],
)
def test_without_effect_it_is_told(comment, message, hint):
    text = comment + "\nscenario first\n  on customer registered\n  if subscribed email\n  send welcome\n  limit 1 per customer\n"
    [found] = findings(text)
    assert found.check == "unused-suppression"
    assert message in found.message
    assert hint in found.hint


def test_what_keeps_a_scenario_from_running_is_told_all_the_same():
    text = "# scn: ignore[unknown-event] why\non ordr created\n  if subscribed email\n  send welcome\n  limit 1 per customer\n"
    assert names(text) == ["unused-suppression", "unknown-event"]


def test_syntax_cannot_be_ignored():
    assert names("# scn: ignore[syntax] why\non order created\n  wait 2 days\n") == ["unused-suppression", "syntax"]


def test_the_fix_takes_the_whole_line():
    text = (
        "scenario a\n  on customer registered\n  # scn: ignore[send-without-quiet] why\n"
        "  if subscribed email\n  send welcome\n  limit 1 per customer\n"
    )
    [found] = findings(text)
    assert found.fix
    assert found.fix.safe
    assert text[found.fix.span.start : found.fix.span.end] == "  # scn: ignore[send-without-quiet] why\n"


def test_a_check_that_was_not_run_cannot_make_a_comment_idle():
    text = "# scn: ignore[send-without-quiet] why\non customer registered\n  if subscribed email\n  send welcome\n  limit 1 per customer\n"
    assert check(project(text), only=("unknown-event",)) == []
    assert [found.check for found in check(project(text), only=("send-without-quiet",))] == ["unused-suppression"]


# ------------------------------------------------------------------------------------------------------------- checker


def test_only_some_checks():
    text = LOUD.format(end="", above="").replace("  limit 1 per customer\n", "")
    assert [found.check for found in check(project(text), only=("send-without-limit",))] == ["send-without-limit"]
    assert len(check(project(text))) == 3


def test_other_weights():
    text = LOUD.format(end="", above="")
    assert {found.severity for found in check(project(text), deny=("send-without-consent",))} == {Severity.ERROR}
    text = "on ordr created\n  if subscribed email\n  send welcome\n  limit 1 per customer\n"
    assert {found.severity for found in check(project(text), warn=("unknown-event",))} == {Severity.WARNING}


def test_findings_come_by_file_and_place():
    text = LOUD.format(end="", above="").replace("  limit 1 per customer\n", "")
    found = check(project(text, text.replace("first", "second").replace("shipped", "paid")))
    assert [one.order for one in found] == sorted(one.order for one in found)
    assert len(found) == 6


def test_one_mistake_is_told_once():
    text = "on order created\n  if order.totl in (1, 2, 3)\n  if subscribed email\n  send welcome\n  limit 1 per customer within 1d\n"
    assert names(text) == ["unknown-field"]


def test_names_are_the_names_of_the_files():
    assert "send-without-consent" in all_checks()
    assert list(all_checks()) == sorted(all_checks())
    assert not any(name.startswith("-") for name in all_checks())
