"""The engine against the obvious model of it, on random projects and histories (`house.md` §4). `make soak` plays tens of thousands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import pytest
from hypothesis import HealthCheck
from hypothesis import Phase
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from tests.model.cases import case
from tests.model.cases import cases
from tests.model.soak_model import Covered
from tests.model.soak_model import count
from tests.model.soak_model import described
from tests.model.soak_model import differs
from tests.model.versus import ModelEngine
from tests.model.versus import RealEngine
from tests.model.versus import Stores
from tests.model.versus import parted
from tests.model.versus import play

T = TypeVar("T")
STORES = Stores()


class Drawn:
    """Choices that Hypothesis makes."""

    def __init__(self, data: st.DataObject) -> None:
        self._data = data

    def pick(self, options: Sequence[T]) -> T:
        return options[self._data.draw(st.integers(0, len(options) - 1))]

    def once_in(self, number: int) -> bool:
        return self._data.draw(st.integers(0, number - 1)) == number - 1


@pytest.fixture(scope="module")
def stores():
    return Stores()


# Cases are made smaller by what they mean (`shrinking.py`), which takes seconds; by their choices it would take minutes.
@settings(max_examples=20, suppress_health_check=list(HealthCheck), phases=(Phase.explicit, Phase.generate))
@given(data=st.data())
def test_the_engine_decides_what_the_model_decides(data):
    found = case(Drawn(data))
    problem, _ = differs(found, STORES)
    assert problem is None, described(found, "drawn by Hypothesis")


def test_histories_of_the_soak_meet_every_kind_of_decision(stores):
    covered = Covered()
    for seed in range(8):
        for found in cases(seed, 6):
            decided = play(found, RealEngine(found.zone, stores.empty()))
            problem = parted(found, decided, play(found, ModelEngine(found.zone)))
            assert problem is None, f"{found.shown()}\n{problem}"
            count(found, decided, covered)
    assert {words[1] for words in covered if words[0] == "journey"} >= {"finished", "stopped", "waiting"}
    assert {words[2] for words in covered if words[:2] == ("message", "skipped")} >= {"no_consent", "unreachable"}
    assert {words[1] for words in covered if words[0] == "refused"} >= {"limit", "before_launch"}
