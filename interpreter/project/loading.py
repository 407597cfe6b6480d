"""From the paths of a command line to checked programs: whole projects are read, so that names across files are known."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path

from dsl.diagnostic import Diagnostic
from dsl.forms import Record
from dsl.project import Project
from dsl.project import Surroundings
from dsl.project import TemplateTable
from dsl.project import load
from dsl.source import Source
from interpreter.errors import UserError
from interpreter.project import project_folder
from interpreter.project.project_folder import Folder


class Loaded(Record):
    """One project, read whole; `wanted` are the files the user asked about, by the names shown."""

    folder: Folder | None
    """None: a text from stdin that belongs nowhere."""
    project: Project
    unread: tuple[Diagnostic, ...]
    """What is wrong with `scn.toml` and with the bytes of the files."""
    wanted: tuple[str, ...]

    @property
    def sources(self) -> list[Source]:
        """The files asked about, in order."""
        return [placed.source for placed in self.project.files if placed.source.path in self.wanted]

    def findings(self) -> list[Diagnostic]:
        """Everything wrong with the files asked about and with `scn.toml`, by file and place."""
        from dsl.checker import check

        config = [finding for finding in self.unread if finding.check == "config"]
        broken = [finding for finding in self.unread if finding.check != "config"]
        # Whatever else is wrong with a file in another encoding comes from that.
        paths = {finding.source.path for finding in broken}
        others = [*broken, *(finding for finding in check(self.project) if finding.source.path not in paths)]
        return sorted({*config, *(finding for finding in others if finding.source.path in self.wanted)}, key=lambda finding: finding.order)


class TextFile(Record):
    """One `.scn` file as it lies on the disk."""

    path: Path
    data: bytes
    source: Source
    unread: Diagnostic | None
    """It is not UTF-8: better not written back."""


def files(paths: Sequence[Path], project: Path | None) -> list[TextFile]:
    """The files that the paths mean, each alone; without paths as for `everything`. Raises `UserError` for one that cannot be opened."""
    found: dict[Path, TextFile] = {}
    for path in paths or [_start(project)]:
        for file in project_folder.scenario_files(path, nested=True) if path.is_dir() else [path]:
            data = project_folder.read_bytes(file)
            found.setdefault(file.resolve(), TextFile(file, data, *project_folder.decode(data, project_folder.shown(file))))
    return list(found.values())


def everything(paths: Sequence[Path], project: Path | None) -> list[Loaded]:
    """The projects that hold the paths; without paths: the given project, the one found from here, or all scenarios below this folder.

    Raises `UserError` when there is nothing at all.
    """
    groups: dict[Path, set[Path]] = {}
    for path in paths or [_start(project)]:
        if path.is_dir():
            # A project without a scenario yet is a project too.
            groups.setdefault(_root(path, project), set())
            for file in project_folder.scenario_files(path, nested=True):
                groups.setdefault(_root(file.parent, project or path), set()).add(file.resolve())
        else:
            groups.setdefault(_root(path.parent, project), set()).add(path.resolve())
    return [one(project_folder.open_folder(root, lenient=True), files) for root, files in groups.items()]


def one(folder: Folder, wanted: Iterable[Path] | None = None, name: Callable[[Path], str] = project_folder.shown) -> Loaded:
    """One project; `wanted` None: all of its files. `name` gives each file its name in messages."""
    own = list(project_folder.scenario_files(folder.root))
    known = {file.resolve() for file in own}
    extra = [path for path in sorted(wanted or ()) if path not in known]
    paths = [*own, *extra]
    asked = None if wanted is None else {path.resolve() for path in wanted}
    sources, unread = project_folder.read_sources(paths, name)
    names = tuple(source.path for source, path in zip(sources, paths, strict=True) if asked is None or path.resolve() in asked)
    project = load(sources, project_folder.surroundings(folder))
    return Loaded(folder, project, (*folder.config_diagnostics, *unread), names)


def again(folder: Folder, templates: Mapping[str, TemplateTable] | None) -> Project:
    """A project whose files were run before, as they are: without its tests. `templates`: what they hold, where that is known."""
    sources, _ = project_folder.read_sources(project_folder.scenario_files(folder.root))
    return load(sources, project_folder.surroundings(folder, templates), with_tests=False)


def from_stdin(data: bytes, filename: str, project: Path | None) -> Loaded:
    """A text from stdin, in the place of the file `filename` of its project; without a name it stands alone."""
    source, finding = project_folder.decode(data, filename or "<stdin>")
    unread = (finding,) if finding else ()
    path = Path(filename).resolve()
    root = (project or project_folder.find(path.parent)) if filename else None
    if root is None:
        return Loaded(None, load([source], Surroundings()), unread, (source.path,))
    folder = project_folder.open_folder(root, lenient=True)
    others = [file for file in project_folder.scenario_files(root) if file.resolve() != path]
    sources, broken = project_folder.read_sources(others)
    loaded = load([source, *sources], project_folder.surroundings(folder))
    return Loaded(folder, loaded, (*folder.config_diagnostics, *broken, *unread), (source.path,))


def _start(project: Path | None) -> Path:
    here = Path.cwd()
    start = project or project_folder.find(here)
    if start is None and any(project_folder.scenario_files(here, nested=True)):
        return here
    if start is None:
        raise UserError(
            "no project here: no scn.toml in this folder or above it, and no .scn file below it",
            "name the files, or `scn init DIR` makes a project",
        )
    return start


def _root(folder: Path, default: Path | None) -> Path:
    return project_folder.find(folder) or (default or folder).resolve()
