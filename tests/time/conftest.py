"""All tests of time read the zones of the package `tzdata`: what the machine has may be older."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.time.histories import database_of_the_package


@pytest.fixture(scope="module", autouse=True)
def database() -> Iterator[None]:
    with database_of_the_package():
        yield
