from __future__ import annotations

import pytest

from interpreter.belongings import Code


@pytest.mark.example("X14.1")
def test_every_request_for_a_code(history):
    history("code.generate", "06-01 10:00:05", customer="ann", value="1111", expires="5m")
    history("code.generate", "06-01 10:01:30", customer="ann", value="2222", expires="PT5M")
    assert history.fires("code requested") == [1, 2]
    ann = history.customer("ann")
    second = history.facts[1].at
    assert history.shop.holdings.of(ann.id, "code") == {"login": Code("login", "2222", second, second + 300)}
    assert history.events[-1].things["code"].value == "2222"


@pytest.mark.example("X14.2")
def test_no_step_of_a_scenario_asks_for_a_code(history):
    """There is none that does: a code comes through an operation alone."""
    history("action.issue", customer="ann", template="code.generate")
    assert history.fires("code requested") == []


def test_a_code_that_is_made_here_cannot_be_guessed(history):
    history("code.generate", customer="ann")
    history("code.generate", customer="bob")
    [one], [two] = (history.shop.holdings.of(history.customer(key).id, "code").values() for key in ("ann", "bob"))
    assert len(one.value) == len(two.value) == 6
    assert one.value.isdecimal()
    assert one.expires_at is None


@pytest.mark.parametrize("expires", ["soon", "5", "P", "P1D2", "PT"])
def test_a_duration_that_is_none(refused, expires):
    why = refused({"op": "code.generate", "customer": "ann", "expires": expires})
    assert why == f'expires: expected a duration such as `5m` or `30d`, found "{expires}"'
