"""`scn`: the one door for people, cron and CI. Exit codes: 0 fine, 1 the answer is no, 2 could not do the work."""

from __future__ import annotations

import atexit
import errno
import gc
import io
import os
import sys
from collections.abc import Sequence

from interpreter.errors import UserError

FINE = 0
NO = 1
COULD_NOT = 2

#: A disk that is full, or that this user has no more of.
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

#: Objects made until garbage is looked for; Python itself looks after 700. The start of a tick makes half as many, and next to no garbage.
GARBAGE = 100_000


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and gives its exit code; every failure is a sentence on stderr, never a traceback.

    An idle `scn run --tick` under cron must not pay for libraries it does not need, so click is imported only after that case is ruled out.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if sys.stdout is None:  # closed by the caller, `>&-`
        _say_no_more()
    if argv is None:
        # Python looks through everything once more when it ends, for garbage that goes with the process anyway: a sixth of a short command.
        atexit.register(gc.freeze)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Under a poor locale Cyrillic comes out escaped rather than not at all.
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(arguments)
        sys.stdout.flush()  # what fails here would fail at exit, where nobody can say so
    except UserError as problem:
        _say(problem.message, problem.hint)
    except BrokenPipeError:
        # `scn … | head` has read enough.
        _say_no_more()
        return FINE
    except KeyboardInterrupt:
        _say("interrupted")
    except Exception as problem:  # the last line of defence: a sentence instead of a traceback
        if isinstance(problem, OSError) and problem.errno in _NO_ROOM:
            _say_no_more()
            _say(f"cannot write {problem.filename or 'the answer'}: {os.strerror(problem.errno).lower()}", "make room, then run it again")
            return COULD_NOT
        if os.environ.get("SCN_DEBUG") == "1":
            raise
        _say(*_unexpected(problem))
    else:
        return code
    return COULD_NOT


def _say_no_more() -> None:
    """Nothing can be written to stdout, not even by the interpreter at exit."""
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - lives until the process ends


def _run(arguments: list[str]) -> int:
    from interpreter.idle import try_idle

    if try_idle(arguments):
        return FINE
    # What is imported stays; looking through it for garbage again and again would take a tenth of a short command.
    gc.set_threshold(GARBAGE)
    code = _run_plain(arguments)
    if code is None:
        from interpreter.commands.group import run

        code = run(arguments)
    return code


def _run_plain(arguments: list[str]) -> int | None:
    """What editors, cron and shops call all day, in its plainest form, without click; None: it is something else."""
    command, words = arguments[:1], arguments[1:]
    if command == ["run"] and words[:1] == ["--tick"]:
        match words[1:]:
            case [] | ["--silent"] as silent:
                now = None
            case ["--now", now] if not now.startswith("-"):
                silent = []
            case _:
                return None
        from interpreter.commands.running import run

        return run(once=True, now=now, silent=bool(silent))
    if any(word.startswith("-") and word != "-" for word in words):
        return None
    if command == ["validate"]:
        from interpreter.commands.validating import validate

        return validate(tuple(words))
    if command == ["ingest"] and words:
        from interpreter.commands.ingesting import ingest

        return ingest(tuple(words))
    return None


def _say(message: str, hint: str = "") -> None:
    from dsl.report.display import clean

    # A sentence quotes what it is about: a file's name, a value, an argument.
    text = f"scn: {message}" + (f"\n  {hint}" if hint else "")
    print("\n".join(map(clean, text.split("\n"))), file=sys.stderr)  # noqa: T201 - click may not be there yet


def _unexpected(problem: BaseException) -> tuple[str, str]:
    import tempfile
    import traceback

    kind = type(problem).__name__
    try:
        with tempfile.NamedTemporaryFile("w", prefix="scn-error-", suffix=".txt", delete=False, encoding="utf-8") as file:
            file.write("".join(traceback.format_exception(problem)))
    except OSError:
        return f"this is a bug in scn ({kind})", "run it again with SCN_DEBUG=1 to see the details"
    return f"this is a bug in scn ({kind}); the details are in {file.name}", "please report it with that file"


if __name__ == "__main__":
    sys.exit(main())
