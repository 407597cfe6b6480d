"""What a person can put right: errors that are shown as one sentence, never as a traceback."""

from __future__ import annotations


class UserError(Exception):
    """The work could not be done (exit code 2); `message` says what and where, `hint` what to do.

    Both start in lower case and end without a full stop, as findings do.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """Both on one line, for logs."""
        return f"{self.message} ({self.hint})" if self.hint else self.message


class NotYetError(UserError):
    """Asked for something that a later version brings."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is not there yet: it comes with a later version")
