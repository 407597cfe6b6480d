"""`make demo`: a week of a small shop in a few seconds, with the whole library at work and the commands that everybody has.

The library in `scenarios/` is copied into a folder, its facts (`small_shop.py`) are taken in, ticks are run in virtual time, letters
become files.
Every command line is shown before its answer, so that it can be typed again.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent

import attrs

from interpreter import cli
from interpreter.small_shop import END
from interpreter.small_shop import LAUNCH

LIBRARY = Path(__file__).resolve().parent.parent / "scenarios"

#: Three slips of a newcomer: a word, a status, a letter without a question for consent.
_SLIPS = """\
scenario thank_you
  on order.status -> "delivered"
  wiat 2d
  if subscribed email to "offers"
  send popular_items
  limit 1 per customer

scenario on_its_way
  on order.status -> "shiped"
  send new_items
  limit 1 per customer within 30d
"""


@attrs.frozen(slots=True)
class Scene:
    """A few words, then a command that answers with the expected exit code."""

    title: str
    words: str
    command: str
    code: int = 0
    slips: bool = False
    """Whether somebody has added a file with mistakes."""


_SCENES = (
    Scene(
        "A scenario is a text",
        "This is what repeat_order.scn says, told in plain words with everything it leaves unsaid.",
        "scn explain repeat_order.scn",
    ),
    Scene("Mistakes are found before customers find them", "Somebody added oops.scn in a hurry.", "scn validate", code=1, slips=True),
    Scene(
        "Tests stand beside the scenario",
        "With oops.scn gone again: days of waiting pass in a moment, nothing is sent. Without `--run` all tests of the folder go.",
        "scn test --run repeat_order",
    ),
    Scene(
        "What happens in the shop comes in as facts",
        "A week of customers, visits, lists, orders, products, points and codes, one JSON object in each line. "
        "A shop would send them as they happen.",
        "scn ingest --received each sample_facts.jsonl",
    ),
    Scene(
        "Ticks do the work",
        "In real life cron runs `scn run --tick` every minute; here the week passes at once, and two more in which its letters come due. "
        "One journey fails and says so: the shop loaded one welcome code, and two customers had earned one.",
        f"scn run --tick --now {LAUNCH} --until {END}",
        code=1,
    ),
    Scene(
        "What each scenario sent, what it withheld, and why",
        "The same facts once more, in a simulation: it sends nothing and comes to the same. "
        "Where a condition was false it stands as the scenario has it.",
        f"scn simulate --from {LAUNCH} --to {END} --format brief",
        code=1,
    ),
    Scene(
        "What one customer got, and when",
        "Ann agreed to everything. The caps of policies.scn leave her three letters a week: one row was not sent.",
        "scn messages --customer ann",
    ),
    Scene(
        "Why a letter came when it came",
        "Ann's parcel came at 23:30, so three days later it is night; in the morning the survey goes first, and this letter waits a day.",
        "scn trace ann --scenario repeat_order",
    ),
    Scene(
        "Why a letter did not come",
        "Bob's parcel arrived as well, but he never subscribed. His receipt needed no consent.",
        "scn trace bob --scenario repeat_order",
    ),
    Scene("Who is still on the way", "What is due after the twenty-second.", "scn journeys --state waiting"),
)


def main() -> int:
    """Plays the demo in `.demo/` below the current folder; 0 when every command answered as it should."""
    from rich.console import Console

    if not LIBRARY.is_dir():
        sys.stderr.write("scn: the demo plays with the folder `scenarios` of a checkout, and there is none\n")
        return 2
    console = Console(highlight=False)
    shop = _shop(Path.cwd() / ".demo")
    with contextlib.chdir(shop):
        for number, scene in enumerate(_SCENES, 1):
            console.rule(f"[bold]{number}. {scene.title}", align="left", style="dim")
            console.print(f"\n{scene.words}\n", markup=False, soft_wrap=True)
            console.print(f"[bold cyan]$ {scene.command}[/]", soft_wrap=True)
            with _slips(Path("oops.scn"), wanted=scene.slips):
                code = _run(scene.command)
            console.print()
            if code != scene.code:
                sys.stderr.write(f"scn: `{scene.command}` ended with {code}, {scene.code} was expected\n")
                return 1
        letters = sorted(Path("outbox").glob("*.eml"), key=lambda path: (len(path.name), path.name))
        cart = next(path for path in letters if "To: lena@" in path.read_text(encoding="utf-8"))
        console.rule(f"[bold]{len(_SCENES) + 1}. A letter, as it lies in the outbox", align="left", style="dim")
        console.print(f"\n[bold cyan]$ cat outbox/{cart.name}[/]  (the text part of it)\n")
        console.print(f"{indent(_readable(cart), '  ')}\n", markup=False, soft_wrap=True)
    console.rule("[bold]Now you", align="left", style="dim")
    folder = os.path.relpath(shop)
    scn = os.path.relpath(Path(sys.executable).with_name("scn"), shop)
    console.print(
        f"""
The shop stays in [bold]{folder}[/], its {len(letters)} letters in [bold]{folder}/outbox[/]: a mail program opens .eml files.

  cd {folder}
  alias scn={scn}
  scn trace kim                          # why her letter came at three in the morning (of the shop, not hers)
  scn run --tick --now 2026-03-24T09:00  # time goes on: Ann's second letter
  scn messages --since 2026-03-05        # everything that was sent, from that day on
  scn explain nps_survey.scn             # then change a wait in it, `scn validate`, `scn test`
  scn init ~/my-shop                     # a project of your own

README.md goes on from here.""",
        soft_wrap=True,
    )
    return 0


def _shop(folder: Path) -> Path:
    """A fresh copy of the library."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(LIBRARY, folder, ignore=shutil.ignore_patterns("*.db*", "outbox", "__pycache__"))
    return folder


@contextlib.contextmanager
def _slips(path: Path, *, wanted: bool) -> Iterator[None]:
    """A file with mistakes, while it is wanted."""
    if wanted:
        path.write_text(_SLIPS, encoding="utf-8")
    yield
    path.unlink(missing_ok=True)


def _run(command: str) -> int:
    sys.stdout.flush()
    code = cli.main(shlex.split(command)[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def _readable(letter: Path) -> str:
    """Who, what and the text of a letter."""
    from email import message_from_bytes
    from email import policy

    message = message_from_bytes(letter.read_bytes(), policy=policy.default)
    text = message.get_body(("plain",))
    head = "\n".join(f"{name}: {message[name]}" for name in ("From", "To", "Subject", "Date") if message[name])
    return f"{head}\n\n{text.get_content().strip() if text is not None else ''}"


if __name__ == "__main__":
    sys.exit(main())
