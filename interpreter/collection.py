"""Python's search for circles of objects that nobody holds any more, and when it is not worth its time."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collection() -> Iterator[None]:
    """A batch makes many objects and no circles of them: to look for some would cost a third of a busy tick, a tenth of taking in facts."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()
