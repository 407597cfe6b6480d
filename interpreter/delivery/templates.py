"""Templates: `templates/NAME/email.html` and its like, compiled once, rendered in a sandbox, never outside their folder.

`NAME/CHANNEL.html`, `CHANNEL.txt` and `CHANNEL.json` are the parts of one message; `NAME/meta.toml` says its subject,
kind, topic and sender.
Folders whose name begins with `_` hold parts that others `include` or `extend`: `{% include "_parts/footer.html" %}`.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from typing import TypeVar
from typing import cast

import attrs
from jinja2 import BaseLoader
from jinja2 import Environment
from jinja2 import Template
from jinja2 import TemplateNotFound
from jinja2 import TemplateSyntaxError

from interpreter.delivery import formats
from interpreter.delivery.plain import plain_template
from interpreter.delivery.plain import tidy
from interpreter.delivery.sandbox import Sandbox
from interpreter.delivery.sandbox import in_words
from interpreter.delivery.template_files import TemplateError
from interpreter.delivery.template_files import TemplateInfo
from interpreter.delivery.template_files import names
from interpreter.delivery.template_files import read_info
from interpreter.delivery.template_files import read_text
from interpreter.delivery.template_files import safe_path

T = TypeVar("T")

#: After the name of `meta.toml`: the loader gives its subject alone.
SUBJECT = "#subject"


@attrs.frozen(slots=True)
class Rendered:
    """What a template gave for one customer and channel; a part the channel has no use for is None."""

    subject: str | None = None
    text: str | None = None
    html: str | None = None
    payload: Mapping[str, Any] | None = None


class Templates:
    """The templates of a project, compiled once. An edit is seen by a new `Templates`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        loader = _Folder(root)
        self._letters = Sandbox(loader, formats.shown, autoescape=lambda name: bool(name) and str(name).endswith(".html"))
        self._json = Sandbox(loader, formats.shown_in_json, autoescape=True)
        options = dict.fromkeys(("trim_blocks", "lstrip_blocks", "keep_trailing_newline"), True)
        self._plain = Sandbox(loader, formats.shown_as_text, autoescape=False, **options)
        self._plain.loader = self._as_text = _HtmlAsText(loader, self._plain)
        self._info: dict[str, TemplateInfo] = {}
        self._parts: dict[tuple[str, str], _Parts] = {}

    def names(self) -> tuple[str, ...]:
        """The names of all templates, in order."""
        return names(self.root)

    def info(self, name: str) -> TemplateInfo:
        """Channels, kind, topic, sender and subject of a template.

        Raises TemplateError: no such template, or a `meta.toml` that cannot be read.
        """
        if name not in self._info:
            self._info[name] = read_info(self.root, name)
        return self._info[name]

    def render(self, name: str, channel: str, values: Mapping[str, Any]) -> Rendered:
        """The message of one customer; only the parts of the channel asked for are rendered. `values`: see `values.py`.

        Raises TemplateError: a sentence with `file:line`.
        """
        try:
            parts = self._parts.get((name, channel)) or self._compile(name, channel)
            # One set of names for all parts: making one costs as much as rendering a short part.
            given = {**self._letters.globals, **values}
            subject = " ".join(_fill(parts.subject, given).split()) if parts.subject else None
            html = _fill(parts.html, given) if parts.html else None
            text = _fill(parts.text, given) if parts.text else None
            if text is not None and parts.derived:
                text = tidy(text)
            payload = self._payload(name, channel, _fill(parts.json, given)) if parts.json else None
        except TemplateError:
            raise
        except Exception as problem:
            # Whatever goes wrong inside a template ends that one journey, not the tick: all of it becomes one sentence.
            raise TemplateError(self.sentence(problem, name)) from problem
        return Rendered(subject, text, html, payload)

    def check_text(self, name: str, channel: str) -> None:
        """Whether HTML that has no text beside it can become one, without compiling it. Raises TemplateError: it cannot."""
        files = self.info(name).files(channel)
        if "html" in files and "txt" not in files:
            html = f"{name}/{channel}.html"
            self._make_text(html, lambda: self._plain.parse(self._as_text.get_source(self._plain, html)[0]))

    def sentence(self, problem: Exception, name: str) -> str:
        """What went wrong in a template, with its file and line as far as they are known."""
        words = in_words(problem)
        if isinstance(problem, TemplateSyntaxError):
            return f"{self._shown(problem.filename or problem.name or name)}:{problem.lineno}: {words}"
        root = str(self.root)
        frames = [frame for frame in traceback.extract_tb(problem.__traceback__) if frame.filename.startswith(root)]
        if not frames:
            return f"{self._shown(name)}: {words}"
        return f"{self._shown(frames[-1].filename)}:{frames[-1].lineno}: {words}"

    @property
    def environment(self) -> Environment:
        """The environment of letters, for reading a template's tree."""
        return self._letters

    def _compile(self, name: str, channel: str) -> _Parts:
        info = self.info(name)
        files = info.files(channel)
        if not files:
            possible = ", ".join(f"`{known}`" for known in info.channels) or "no channel at all"
            raise TemplateError(f"{self._shown(name)}: template `{name}` has nothing for channel `{channel}`, found {possible}")
        get = self._letters.get_template
        text, derived = None, False
        if "txt" in files:
            text = get(f"{name}/{channel}.txt")
        elif "html" in files:
            text, derived = self._derived_text(name, channel), True
        parts = _Parts(
            subject=get(f"{name}/meta.toml{SUBJECT}") if channel == "email" and info.subject is not None else None,
            text=text,
            derived=derived,
            html=get(f"{name}/{channel}.html") if "html" in files else None,
            json=self._json.get_template(f"{name}/{channel}.json") if "json" in files else None,
        )
        self._parts[name, channel] = parts
        return parts

    def _derived_text(self, name: str, channel: str) -> Template:
        html = f"{name}/{channel}.html"
        # The HTML is compiled first: its own mistakes are reported at their own lines.
        self._letters.get_template(html)
        return self._make_text(html, lambda: self._plain.get_template(html))

    def _make_text(self, html: str, make: Callable[[], T]) -> T:
        try:
            return make()
        except (TemplateSyntaxError, RecursionError) as problem:
            text = html.rpartition("/")[2].removesuffix("html") + "txt"
            raise TemplateError(f"{self._shown(html)}: no text part can be made of this HTML; write `{text}` beside it") from problem

    def _payload(self, name: str, channel: str, text: str) -> Mapping[str, Any]:
        try:
            payload = json.loads(text)
        except json.JSONDecodeError as problem:
            raise TemplateError(f"{self._shown(name)}/{channel}.json: the rendered text is not JSON: {problem.msg.lower()}") from problem
        if not isinstance(payload, dict):
            raise TemplateError(f'{self._shown(name)}/{channel}.json: expected a JSON object `{{"…": …}}`, found something else')
        return payload

    def _shown(self, path: str) -> str:
        try:
            return str(Path(self.root.name) / Path(path).relative_to(self.root))
        except ValueError:
            return str(Path(self.root.name) / path.removesuffix(SUBJECT))


@attrs.frozen(slots=True)
class _Parts:
    """The compiled parts of one template for one channel."""

    subject: Template | None
    text: Template | None
    derived: bool
    """The text part was made of the HTML."""
    html: Template | None
    json: Template | None


def _fill(template: Template, given: dict[str, Any]) -> str:
    """`Template.render` without its copy of the names."""
    sandbox = cast("Sandbox", template.environment)
    sandbox.bounds.begin()
    try:
        return sandbox.bounds.join(template.root_render_func(template.new_context(given, shared=True)))
    except Exception:  # noqa: BLE001 - Jinja puts the template's own lines into the traceback and raises it again
        template.environment.handle_exception()


class _Folder(BaseLoader):
    """Files of the templates folder, and of no other."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:  # noqa: ARG002 - Jinja's
        """The text of a file; `NAME/meta.toml#subject` is its subject alone, at its own line."""
        path = safe_path(self._root, template.removesuffix(SUBJECT))
        if path is None or not path.is_file():
            raise TemplateNotFound(template)
        if template.endswith(SUBJECT):
            info = read_info(self._root, path.parent.name)
            return "\n" * (info.subject_line - 1) + (info.subject or ""), str(path), lambda: True
        try:
            return read_text(path), str(path), lambda: True
        except TemplateError as problem:
            raise TemplateSyntaxError(str(problem), 1, template, str(path)) from problem


class _HtmlAsText(BaseLoader):
    """The same files, HTML turned into text templates."""

    def __init__(self, folder: _Folder, environment: Environment) -> None:
        self._folder = folder
        self._environment = environment

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """The text template of an HTML file; other files as they are."""
        source, path, fresh = self._folder.get_source(environment, template)
        return plain_template(self._environment, source) if template.endswith(".html") else source, path, fresh
