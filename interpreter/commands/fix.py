"""`scn fix`: applies the fixes that findings bring along."""

from __future__ import annotations

from pathlib import Path

import click

from dsl.diagnostic import Diagnostic
from dsl.project import load
from dsl.report.counts import in_words
from dsl.source import Source
from interpreter.commands import choices
from interpreter.commands.fmt import difference
from interpreter.project import loading
from interpreter.project.fixing import Mended
from interpreter.project.fixing import Texts
from interpreter.project.fixing import mend
from interpreter.project.loading import Loaded
from interpreter.project.project_folder import write_text


@click.command()
@click.argument("paths", nargs=-1)
@click.option("--unsafe", is_flag=True, help="Also fixes that may change what the text means: read what they did.")
@click.option("--diff", is_flag=True, help="Write nothing, show what would change; exit code 1 when something would.")
def command(paths: tuple[str, ...], unsafe: bool, diff: bool) -> int:
    """Apply the fixes that keep the meaning.

    PATHS are files and folders; without any: the whole project. What was written is read again first; a fix that would bring a new error
    is not applied.

    Exit code 0: done, 1: would change (`--diff`), 2: could not read or write.
    """
    changed = applied = 0
    left: list[Diagnostic] = []
    for loaded in loading.everything(choices.existing(paths), choices.project_option()):
        mended = _mend(loaded, unsafe=unsafe)
        applied += mended.applied
        left += mended.findings
        for source in loaded.sources:
            text = mended.texts.get(source.path, source.text)
            if text == source.text:
                continue
            changed += 1
            if diff:
                choices.put(difference(source.path, source.text, text))
            else:
                _write(Path(source.path), text)
    fixes = f"{applied} {'fix' if applied == 1 else 'fixes'} in {changed} {'file' if changed == 1 else 'files'}"
    click.echo(f"{'would apply ' if diff else ''}{fixes}; left: {in_words(left)}", err=True)
    return 1 if changed and diff else 0


def _mend(loaded: Loaded, *, unsafe: bool) -> Mended:
    broken = {finding.source.path for finding in loaded.unread}
    others = [placed.source for placed in loaded.project.files if placed.source.path not in loaded.wanted]

    def check(texts: Texts) -> list[Diagnostic]:
        sources = [Source(path, text) for path, text in texts.items()]
        project = load([*sources, *others], loaded.project.surroundings)
        return Loaded(loaded.folder, project, (), loaded.wanted).findings()

    return mend({source.path: source.text for source in loaded.sources if source.path not in broken}, check, unsafe=unsafe)


def _write(path: Path, text: str) -> None:
    # A file with the line ends of another system keeps them: fixing is not formatting.
    if b"\r\n" in path.read_bytes():
        text = text.replace("\n", "\r\n")
    write_text(path, text)
