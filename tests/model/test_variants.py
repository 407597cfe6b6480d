"""However the same history is run, it gives the same decisions. `make soak` tries thousands."""

from __future__ import annotations

import attrs
import pytest

from tests.model import variants
from tests.model.cases import cases
from tests.model.versus import Stores

DAY = 86_400
SEEDS = range(20_000, 20_004)


@pytest.fixture(scope="module")
def stores():
    return Stores()


def histories(number):
    return [case for seed in SEEDS for case in cases(seed, number)]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_batches_may_be_cut_anywhere(stores, size):
    for case in histories(4):
        problem = variants.small_batches(case, stores, size)
        assert problem is None, f"{case.shown()}\n{problem}"


def test_ticks_of_one_process_decide_what_ticks_of_many_decide(stores):
    for case in histories(4):
        problem = variants.ticks_apart(case, stores)
        assert problem is None, f"{case.shown()}\n{problem}"


def test_ticks_in_which_nothing_is_due_change_nothing(stores):
    for case in histories(1):
        short = attrs.evolve(case, end=case.start + DAY)
        problem = variants.every_minute(short, stores)
        assert problem is None, f"{short.shown()}\n{problem}"


def test_what_somebody_else_does_changes_nothing(stores):
    for case in histories(4):
        problem = variants.somebody_else(case, stores)
        assert problem is None, f"{case.shown()}\n{problem}"


def test_a_simulation_decides_what_a_run_decides(stores, tmp_path):
    for case in histories(4):
        problem = variants.simulated(case, stores, tmp_path)
        assert problem is None, f"{case.shown()}\n{problem}"


@pytest.mark.parametrize(("processes", "number"), [(1, 6), (2, 2)])
def test_shares_count_what_one_simulation_counts(tmp_path, processes, number):
    dealt = 0
    for case in histories(number):
        shares, problem = variants.in_shares(case, tmp_path, processes)
        assert problem is None, f"{case.shown()}\n{problem}"
        dealt += shares > 1
    assert dealt, "nothing was dealt: the test proves nothing"
