"""The text part of a letter that has only HTML: the template itself is turned into a text template, once, before anything is rendered."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment

_LINE = frozenset({"div", "tr", "li", "ul", "ol", "dt", "dd", "center", "section", "header", "footer", "article"})
_PARAGRAPH = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "blockquote", "hr", "pre"})
_UNSEEN = frozenset({"head", "style", "script", "title"})
_VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})

#: Around the number of a piece of Jinja while HTML is read: characters of the private area, which no letter holds.
_OPEN, _CLOSE = "\ue000", "\ue001"
_MARK = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
#: A new line, a new paragraph: as many as meet are one.
_NEW_LINE, _NEW_PARAGRAPH = "\ue002", "\ue003"
_BREAKS = re.compile(f"[ {_NEW_LINE}{_NEW_PARAGRAPH}]*[{_NEW_LINE}{_NEW_PARAGRAPH}][ {_NEW_LINE}{_NEW_PARAGRAPH}]*")
_SPACE = re.compile(r"[ \t\r\n\f]+")
_EDGES = re.compile(r"^[ \t]+|[ \t]+$", re.MULTILINE)
_BRACES = re.compile(r"\{(?=[{%#])")
_BLANK_LINES = re.compile(r"\n{3,}")


def plain_template(environment: Environment, html: str) -> str:
    """The text template of an HTML template: the same Jinja, without the tags; links become `words (address)`."""
    pieces: list[str] = []
    marked = _mark(environment, html, pieces)
    reader = _Reader({str(number) for number, piece in enumerate(pieces) if piece.startswith("{%")})
    reader.feed(marked)
    reader.close()
    text = _BREAKS.sub(lambda run: "\n\n" if _NEW_PARAGRAPH in run[0] else "\n", "".join(reader.out))
    # What an author wrote as &#123;&#123; is text, not Jinja.
    text = _BRACES.sub("{{ '{' }}", text)
    return _MARK.sub(lambda mark: pieces[int(mark[1])], text)


def tidy(text: str) -> str:
    """A rendered text part without the blank lines and spaces that loops and conditions leave behind."""
    if " \n" in text or "\n " in text or "\t" in text:
        text = _EDGES.sub("", text)
    if "\n\n\n" in text:
        text = _BLANK_LINES.sub("\n\n", text)
    return text.strip() + "\n"


def _mark(environment: Environment, html: str, pieces: list[str]) -> str:
    """The HTML with every tag of Jinja replaced by a mark; `pieces` receives the tags."""
    out: list[str] = []
    current: list[str] = []
    for _line, kind, value in environment.lex(html):
        if kind == "data" and not current:
            out.append(value)
            continue
        current.append(value)
        if kind.endswith("_end"):
            out.append(f"{_OPEN}{len(pieces)}{_CLOSE}")
            pieces.append("".join(current).strip())
            current.clear()
    return "".join(out)


class _Reader(HTMLParser):
    """Writes what a person would see.

    `statements` are marks that keep their place whatever is around them: a lost `endif` would break the template.
    """

    def __init__(self, statements: set[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self._statements = statements
        self._unseen: list[str] = []
        self._links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag opens: line breaks, the sign of a list item, the words that stand for a picture."""
        given = {name: value or "" for name, value in attrs}
        hidden = tag in _UNSEEN or "display:none" in given.get("style", "").replace(" ", "")
        if (hidden or self._unseen) and tag not in _VOID:
            self._unseen.append(tag)
        kept = given.get("href", "") if tag == "a" else given.get("alt", "") if tag == "img" else ""
        self._keep_statements(self.get_starttag_text() or "", kept if not self._unseen else "")
        if self._unseen:
            return
        self._break(tag)
        if tag == "li":
            self.out.append("- ")
        elif tag == "img":
            self.out.append(kept)
        elif tag == "a":
            self._links.append((kept, len(self.out)))

    def handle_endtag(self, tag: str) -> None:
        """A tag closes: the address of a link follows its words."""
        if self._unseen:
            while self._unseen and self._unseen.pop() != tag:
                pass
            return
        if tag == "a" and self._links:
            address, start = self._links.pop()
            words = "".join(self.out[start:]).strip(f" \n{_NEW_LINE}{_NEW_PARAGRAPH}")
            if not words:
                self.out.append(address)
            elif address and not address.startswith("#") and address.removeprefix("mailto:") != words:
                self.out.append(f" ({address})")
        elif tag in {"td", "th"}:
            self.out.append(" ")
        self._break(tag)

    def handle_data(self, data: str) -> None:
        """Words, with white space as a browser shows it."""
        if self._unseen:
            self._keep_statements(data, "")
        else:
            self.out.append(_SPACE.sub(" ", data))

    def handle_comment(self, data: str) -> None:
        """Nobody sees a comment; conditions inside it must still be closed."""
        self._keep_statements(data, "")

    def _break(self, tag: str) -> None:
        if tag in _PARAGRAPH:
            self.out.append(_NEW_PARAGRAPH)
        elif tag in _LINE:
            self.out.append(_NEW_LINE)
        elif tag == "br":
            self.out.append("\n")

    def _keep_statements(self, text: str, kept: str) -> None:
        stay = _MARK.findall(kept)
        self.out.extend(f"{_OPEN}{number}{_CLOSE}" for number in _MARK.findall(text) if number in self._statements and number not in stay)
