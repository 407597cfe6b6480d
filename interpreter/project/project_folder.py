"""The folder of a project: finding it, reading its files, telling `dsl` what it must know of the outside."""

from __future__ import annotations

import os
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path

from dsl.diagnostic import Diagnostic
from dsl.diagnostic import error
from dsl.forms import Record
from dsl.project import ChannelTable
from dsl.project import Surroundings
from dsl.project import TemplateTable
from dsl.source import Source
from dsl.source import Span
from interpreter.config import FILE_NAME
from interpreter.config import Config
from interpreter.config import ConfigError
from interpreter.errors import NotYetError
from interpreter.errors import UserError
from interpreter.offers import category_match
from interpreter.project import config_reader

_NOT_OURS = {"node_modules", "__pycache__", "venv"}


class Folder(Record):
    """A project: where it is and what its `scn.toml` says."""

    root: Path
    config: Config
    config_diagnostics: tuple[Diagnostic, ...] = ()
    """What is wrong with `scn.toml`; only for `open_folder(…, lenient=True)`, the configuration is then the default one."""

    def database(self, url: str | None = None) -> Path:
        """The SQLite file: of `--database`, meant from here, else of `scn.toml`, meant from the project's root."""
        given = url or self.config.project.text("database", self.config.database)
        if given.startswith(("postgres://", "postgresql://")):
            raise NotYetError("a PostgreSQL database")
        if ":" in given.split("/")[0] and not given.startswith("sqlite:") and os.name != "nt":
            raise UserError(f"cannot use the database `{given}`", "expected sqlite:FILE or postgresql://…")
        path = Path(given.removeprefix("sqlite:").removeprefix("//"))
        return path if path.is_absolute() or url else self.root / path


def find(start: Path) -> Path | None:
    """The nearest folder with a `scn.toml`, from `start` upwards; None when there is none."""
    start = start.resolve()
    return next((folder for folder in (start, *start.parents) if (folder / FILE_NAME).is_file()), None)


def open_folder(root: Path, *, lenient: bool = False) -> Folder:
    """Reads the project's configuration. Raises `ConfigError`, unless `lenient`: then its findings are kept."""
    path = root / FILE_NAME
    try:
        return Folder(root, config_reader.read(path, shown(path)))
    except ConfigError as problem:
        if not lenient:
            raise
        return Folder(root, Config(), problem.diagnostics)


def scenario_files(root: Path, *, nested: bool = False) -> Iterator[Path]:
    """All `.scn` files below a folder, sorted; not in hidden folders, virtual environments or `node_modules`.

    A folder below with a `scn.toml` of its own is another project, left out unless `nested`.
    """
    for place, folders, files in os.walk(root):
        here = Path(place)
        folders[:] = sorted(name for name in folders if _may_hold_scenarios(here / name, nested=nested))
        yield from (here / name for name in sorted(files) if name.endswith(".scn") and not name.startswith("."))


def _may_hold_scenarios(folder: Path, *, nested: bool) -> bool:
    if folder.name.startswith(".") or folder.name in _NOT_OURS or (folder / "pyvenv.cfg").exists():
        return False
    return nested or not (folder / FILE_NAME).exists()


def read_sources(paths: Iterable[Path], name: Callable[[Path], str] | None = None) -> tuple[list[Source], list[Diagnostic]]:
    """Reads files; `name` gives each its name in messages. One that is not UTF-8 is read as well as it goes and gets a finding.

    Raises `UserError` for one that cannot be opened.
    """
    sources = []
    diagnostics = []
    for path in paths:
        source, finding = decode(read_bytes(path), (name or shown)(path))
        sources.append(source)
        if finding:
            diagnostics.append(finding)
    return sources, diagnostics


def read_bytes(path: Path) -> bytes:
    """A whole file. Raises `UserError`."""
    try:
        return path.read_bytes()
    except OSError as problem:
        raise UserError(f"cannot read {shown(path)}: {(problem.strerror or str(problem)).lower()}") from problem


def decode(data: bytes, name: str) -> tuple[Source, Diagnostic | None]:
    """Bytes to text with plain line ends and no mark at the start; what is not UTF-8 becomes `�`, reported once, at its first place."""
    text = data.decode("utf-8", errors="replace")
    finding = None
    source = Source(name, text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as problem:
        before = data[: problem.start].decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        span = Span(len(before), len(before) + 1)
        found = data[problem.start]
        finding = error("encoding", source, span, f"expected UTF-8, found the byte 0x{found:02x}", "save the file as UTF-8")
    return source, finding


def surroundings(folder: Folder, templates: Mapping[str, TemplateTable] | None = None) -> Surroundings:
    """What the checks must know of templates, channels and connections; of loose files, in no project, nothing is known.

    `templates`: what they hold, where that is known already.
    """
    config = folder.config
    if not (folder.root / FILE_NAME).exists() and not (folder.root / "templates").is_dir():
        return Surroundings(timezone=config.timezone, valid=config.valid, confirm=config.confirm, pressure=config.pressure)
    # Of a broken scn.toml nobody knows what it was meant to configure.
    whole = not folder.config_diagnostics
    return Surroundings(
        templates=_templates(folder.root) if templates is None else templates,
        channels={name: ChannelTable(channel.kind, channel.reports_opens) for name, channel in config.channels.items()} if whole else None,
        calls=tuple(config.calls) if whole else None,
        writebacks=tuple(config.writeback) if whole else None,
        timezone=config.timezone,
        valid=config.valid,
        holidays=config.holidays or None,
        confirm=config.confirm,
        pressure=config.pressure,
        category_match=category_match.read(folder.root),
    )


def _templates(root: Path) -> Mapping[str, TemplateTable]:
    folder = root / "templates"
    if not folder.is_dir():
        return {}
    from interpreter.delivery.template_uses import describe

    return describe(folder)


def write_text(path: Path, text: str) -> None:
    """Replaces a file whole or not at all; its rights stay. Raises `UserError` when it cannot be written."""
    import tempfile

    target = path.resolve()
    try:
        mode = target.stat().st_mode if target.exists() else None
        with tempfile.NamedTemporaryFile("wb", dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
            file.write(text.encode())
        if mode is not None:
            Path(file.name).chmod(mode)
        Path(file.name).replace(target)
    except OSError as problem:
        raise UserError(f"cannot write {shown(path)}: {(problem.strerror or str(problem)).lower()}") from problem


def shown(path: Path) -> str:
    """A path as a person here would write it: from the current folder if it lies below, with `/`."""
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - a link is shown where it stands, not where it leads
    here = Path.cwd()
    name = (absolute.relative_to(here) if absolute.is_relative_to(here) else absolute).as_posix()
    # A name that is not UTF-8 must still be printable.
    return name.encode(errors="replace").decode()


def missing(paths: Sequence[Path]) -> Path | None:
    """The first path that does not exist."""
    return next((path for path in paths if not path.exists()), None)
