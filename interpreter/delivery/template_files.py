"""The templates folder: which templates there are, their parts, their `meta.toml`. Nothing here compiles or renders."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import attrs

from dsl.spelling import closest

_EXTENSIONS = ("html", "txt", "json")
_META = ("subject", "kind", "topic", "from")
_KINDS = ("marketing", "transactional")
_SUBJECT_LINE = re.compile(r"^\s*subject\s*=", re.MULTILINE)


class TemplateError(Exception):
    """A template cannot be used: a sentence that begins with `file:line` where they are known."""


@attrs.frozen(slots=True)
class TemplateInfo:
    """What is known of a template without rendering it."""

    name: str
    parts: Mapping[str, tuple[str, ...]]
    """By channel: which of `html`, `txt`, `json` it has."""
    subject: str | None = None
    subject_line: int = 1
    """Where the subject stands in `meta.toml`."""
    transactional: bool = False
    topic: str | None = None
    from_: str | None = None
    problems: tuple[str, ...] = ()
    """Sentences about keys and values of `meta.toml` that mean nothing."""

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels the template can be sent by, in order of name."""
        return tuple(self.parts)

    def files(self, channel: str) -> tuple[str, ...]:
        """The endings of the files for a channel."""
        return self.parts.get(channel, ())


def names(root: Path) -> tuple[str, ...]:
    """The names of all templates below a folder; none when there is no folder."""
    if not root.is_dir():
        return ()
    return tuple(sorted(folder.name for folder in root.iterdir() if folder.is_dir() and _is_name(folder.name)))


def safe_path(root: Path, name: str) -> Path | None:
    """The file `name` below the folder; None when the name leads, or a link would lead, anywhere else."""
    pieces = name.split("/")
    if "\\" in name or "\0" in name or any(not piece or piece.startswith(".") for piece in pieces):
        return None
    path = root.joinpath(*pieces)
    return path if path.resolve().is_relative_to(root.resolve()) else None


def read_info(root: Path, name: str) -> TemplateInfo:
    """The parts and the `meta.toml` of a template. Raises TemplateError: no such template, or its `meta.toml` cannot be read."""
    folder = safe_path(root, name) if _is_name(name) else None
    if folder is None or not folder.is_dir():
        raise TemplateError(f"there is no template `{name}` in `{root.name}/`")
    parts: dict[str, tuple[str, ...]] = {}
    problems = []
    for path in sorted(folder.iterdir()):
        channel, _, extension = path.name.partition(".")
        if channel and extension in _EXTENSIONS and path.is_file():
            parts[channel] = (*parts.get(channel, ()), extension)
        elif extension == "mjml":
            problems.append(
                f"{root.name}/{name}/{path.name}: MJML comes with a later version; write `{channel}.html`, or compile it to that"
            )
    if not parts and not problems:
        problems.append(f"{root.name}/{name}/: no part of a message here, expected a file such as `email.html` or `sms.txt`")
    return _with_meta(TemplateInfo(name, parts, problems=tuple(problems)), folder / "meta.toml", root)


def read_text(path: Path) -> str:
    """A file of the folder. Raises TemplateError: why it cannot be read, without its name."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as problem:
        raise TemplateError("the file is not UTF-8; save it as UTF-8") from problem
    except OSError as problem:
        raise TemplateError(f"the file cannot be read: {(problem.strerror or str(problem)).lower()}") from problem


def _with_meta(info: TemplateInfo, path: Path, root: Path) -> TemplateInfo:
    shown = f"{root.name}/{info.name}/meta.toml"
    try:
        text = read_text(path) if path.is_file() else ""
        meta = tomllib.loads(text)
    except (RecursionError, ValueError) as problem:
        if not isinstance(problem, tomllib.TOMLDecodeError):
            # Lists in lists without an end, a number of thousands of digits: TOML allows what its reader does not take.
            raise TemplateError(f"{shown}: this cannot be read as TOML") from problem
        raise TemplateError(f"{shown}: {str(problem)[:1].lower()}{str(problem)[1:]}") from problem
    except TemplateError as problem:
        raise TemplateError(f"{shown}: {str(problem)[:1].lower()}{str(problem)[1:]}") from problem
    problems = [*info.problems, *(_unknown_key(shown, key) for key in meta if key not in _META)]
    problems += [f"{shown}: expected a text after `{key} =`" for key in _META if not isinstance(meta.get(key, ""), str)]
    kind = meta.get("kind", "marketing")
    if kind not in _KINDS:
        problems.append(f"{shown}: expected `kind` to be {_listed(_KINDS)}, found `{kind}`")
    if "email" in info.parts and not meta.get("subject"):
        problems.append(f"{shown}: a letter needs `subject`")
    subject = _SUBJECT_LINE.search(text)
    return attrs.evolve(
        info,
        subject=_text(meta, "subject"),
        subject_line=text.count("\n", 0, subject.end()) + 1 if subject else 1,
        transactional=kind == "transactional",
        topic=_text(meta, "topic"),
        from_=_text(meta, "from"),
        problems=tuple(problems),
    )


def _unknown_key(shown: str, key: str) -> str:
    near = closest(key, _META)
    return f"{shown}: unknown key `{key}`, " + (f"did you mean `{near}`?" if near else f"expected {_listed(_META)}")


def _text(meta: Mapping[str, object], key: str) -> str | None:
    value = meta.get(key)
    return value if isinstance(value, str) and value else None


def _listed(words: tuple[str, ...]) -> str:
    return " or ".join(f"`{word}`" for word in words)


def _is_name(name: str) -> bool:
    return bool(name) and name[0] not in "._" and not set(name) & set("/\\\0")
