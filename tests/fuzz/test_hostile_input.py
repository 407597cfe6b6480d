"""A few hundred hostile inputs for every door, the same ones in every run; `make soak` throws millions."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings

from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_every_input_is_answered(name: str) -> None:
    target = TARGETS[name]

    @settings(max_examples=target.examples, suppress_health_check=list(HealthCheck))
    @given(target.given)
    def answered(input_):
        target.check(*input_)

    answered()
