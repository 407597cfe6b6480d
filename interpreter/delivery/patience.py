"""When to try again: backoff of one message, breaker and rate of a channel. No clock, no randomness: the key gives the jitter."""

from __future__ import annotations

import hashlib

import attrs

from interpreter.delivery.message import Outgoing
from interpreter.delivery.message import Receipt
from interpreter.delivery.message import TryLater
from interpreter.delivery.message import Unknown

#: Seconds before the second attempt; doubled for each further one, at most `_LONGEST`, give or take a fifth.
_FIRST = 60
_LONGEST = 3600

#: So many failures in a row pause a channel, for `_PAUSE` seconds, doubled while it goes on failing. One is enough where it
#: says that nothing can go before somebody has put it right: five wrong passwords lock an account.
FAILURES = 5
_PAUSE = 300

#: A rate never saved up is what five minutes may take; a channel used for the first time starts with a minute's worth.
_SAVED = 300
_AT_FIRST = 60


@attrs.frozen(slots=True)
class ChannelState:
    """What must be remembered of a channel between processes. Moments in seconds since 1970 UTC."""

    failures: int = 0
    """In a row."""
    paused_until: int = 0
    tokens: float | None = None
    """Messages its rate allows at `filled_at`; None: never used."""
    filled_at: int = 0


class Gate:
    """Breaker and rate of one channel during one delivery."""

    def __init__(self, state: ChannelState, rate: float | None, now: int) -> None:
        self._rate = rate
        self._now = now
        if rate is None:
            tokens = None
        elif state.tokens is None:
            tokens = max(1.0, rate * _AT_FIRST)
        else:
            # A clock set back fills nothing.
            tokens = min(state.tokens + max(0, now - state.filled_at) * rate, max(1.0, rate * _SAVED))
        self.state = attrs.evolve(state, tokens=tokens, filled_at=now if rate is not None else 0)
        self.used = False

    @property
    def is_paused(self) -> bool:
        """Whether its breaker is open."""
        return self.state.paused_until > self._now

    def closed_until(self) -> int | None:
        """When the channel can take a message again; None: now."""
        if self.is_paused:
            return self.state.paused_until
        if self._rate is not None and self.state.tokens is not None and self.state.tokens < 1:
            return self._now + max(1, round((1 - self.state.tokens) / self._rate))
        return None

    def take(self) -> None:
        """One message leaves by it."""
        self.used = True
        if self.state.tokens is not None:
            self.state = attrs.evolve(self.state, tokens=self.state.tokens - 1)

    def give_back(self) -> None:
        """It did not leave after all."""
        if self.state.tokens is not None:
            self.state = attrs.evolve(self.state, tokens=self.state.tokens + 1)

    def heard(self, receipt: Receipt) -> str:
        """Notes what came of a message; a sentence about the channel when that pauses it, else nothing."""
        failed = isinstance(receipt, Unknown) or (isinstance(receipt, TryLater) and not receipt.recipient_only)
        if not failed:
            if not isinstance(receipt, TryLater) and self.state.failures:
                self.state = attrs.evolve(self.state, failures=0)
            return ""
        failures = self.state.failures + 1
        wish, hopeless = (_wish(receipt.after_seconds), receipt.misconfigured) if isinstance(receipt, TryLater) else (0, False)
        if hopeless:
            failures = max(failures, FAILURES)
        pause = min(_PAUSE << min(failures - FAILURES, 10), _LONGEST) if failures >= FAILURES else 0
        self.state = attrs.evolve(self.state, failures=failures)
        if not max(wish, pause):
            return ""
        self.state = attrs.evolve(self.state, paused_until=self._now + max(wish, pause))
        why = "cannot work" if hopeless else f"failed {failures} times in a row" if pause else "asked to wait"
        return f"{why}, paused for {max(wish, pause)} s: {receipt.reason}"  # type: ignore[union-attr]


def retry_at(outgoing: Outgoing, now: int, wish: int | None, paused_until: int) -> int:
    """The moment of the next attempt: later after each one, and spread by the key so that a batch does not come back as one."""
    step = min(_FIRST << min(outgoing.attempts, 20), _LONGEST)
    digest = hashlib.sha256(f"{outgoing.key}/{outgoing.attempts}".encode()).digest()
    spread = int.from_bytes(digest[:4], "big") / 2**32
    return max(now + max(round(step * (0.8 + 0.4 * spread)), _wish(wish)), paused_until)


def _wish(seconds: int | None) -> int:
    """What a provider asks for, as far as it makes sense: behind an hour it is asked again, whatever year it named."""
    return min(max(seconds or 0, 0), _LONGEST)
