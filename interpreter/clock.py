"""The only reader of the clock. Everything else is told what time it is."""

from __future__ import annotations

import time


def now() -> int:
    """This moment: whole seconds since 1970 UTC."""
    return int(time.time())


def stopwatch() -> float:
    """Seconds from an unknown start, never backwards: only the difference of two means something."""
    return time.monotonic()


def sleep(seconds: float) -> None:
    """Waits; for the runner between ticks and for a channel between attempts."""
    time.sleep(seconds)
