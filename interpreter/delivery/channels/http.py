"""`kind = "http"`: any JSON API, by template: SMS gateways, mail providers, push services.

    [channels.sms]
    kind = "http"
    url = "https://sms.example/send"
    headers = { Authorization = "env:SMS_TOKEN" }
    body = { phone = "{{ to }}", text = "{{ text }}", id = "{{ key }}" }
    idempotency_header = "Idempotency-Key"

Values: `to text subject html payload from key channel template scenario customer topic at`. A piece of a body table that is one `{{ … }}`
alone keeps its type: `payload = "{{ payload }}"` is the object itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
from jinja2 import TemplateError as JinjaError
from jinja2 import Undefined

from interpreter.config import ChannelConfig
from interpreter.config import Settings
from interpreter.delivery import formats
from interpreter.delivery.channels.http_wire import UNSEEN
from interpreter.delivery.channels.http_wire import Answer
from interpreter.delivery.channels.http_wire import UnansweredError
from interpreter.delivery.channels.http_wire import UnreachableError
from interpreter.delivery.channels.http_wire import Wire
from interpreter.delivery.message import Accepted
from interpreter.delivery.message import Outgoing
from interpreter.delivery.message import Receipt
from interpreter.delivery.message import Refused
from interpreter.delivery.message import TryLater
from interpreter.delivery.message import Unknown
from interpreter.delivery.sandbox import Sandbox
from interpreter.delivery.sandbox import in_words
from interpreter.errors import UserError

_ALONE = re.compile(r"\s*\{\{((?:(?!\}\}).)*)\}\}\s*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
#: Answers that mean "not now": the request was not carried out.
_LATER = frozenset({401, 402, 403, 407, 408, 423, 425, 429})
#: About us, and the same for every message.
_NO_LOGIN = frozenset({401, 407})
_MOVED = frozenset({301, 307, 308})
#: Carried out, as a form is, or handed on to somebody who did not answer in time.
_PERHAPS = frozenset({302, 303, 504, 524})
#: Of an address that is the same for all messages this says nothing about one of them.
_NO_SUCH_PLACE = frozenset({404, 405, 410})
_CONFLICT = 409
_FORM = "application/x-www-form-urlencoded"

Writer = Callable[[Mapping[str, Any]], Any]


def make(config: ChannelConfig, _folder: Path) -> HttpChannel:
    """The channel of a `[channels.NAME]`. Raises UserError: a template in it that cannot be read, a secret that is not set."""
    return HttpChannel(config.settings, config.sender)


class HttpChannel:
    """An HTTP API; idempotent where it takes a key in `idempotency_header`."""

    def __init__(self, settings: Settings, sender: str = "") -> None:
        self.sender = sender
        self._place = settings.place
        self._method = settings.text("method", "POST")
        self._timeout = settings.number("timeout", 30)
        self._success = settings.values.get("success")
        self._key_header = settings.text("idempotency_header")
        self.idempotent = bool(self._key_header)
        self._wire: Wire | None = None
        raw_headers = settings.values.get("headers", {})
        opened = settings.table("headers")
        self._headers = {name: self._writer(opened[name], raw_headers[name], formats.shown) for name in opened}
        kind = next((str(value) for name, value in raw_headers.items() if name.lower() == "content-type"), "")
        self._as_form = kind.startswith(_FORM)
        self._one_place = "{" not in str(settings.values.get("url", ""))
        self._url = self._writer(settings.text("url"), str(settings.values.get("url", "")), formats.shown_in_url)
        self._body = self._body_writer(settings)

    def open(self) -> None:
        """Connections are made with the first request and kept for the batch."""
        if self._wire is None:
            self._wire = Wire(self._timeout)

    def deliver(self, outgoing: Outgoing) -> Receipt:
        """Makes one request."""
        if self._wire is None:
            self.open()
        assert self._wire is not None
        try:
            answer = self._wire.ask(self._request(self._wire.client, outgoing))
        except (JinjaError, httpx.InvalidURL, httpx.LocalProtocolError, TypeError, ValueError) as problem:
            return TryLater(f"[{self._place}] cannot be filled in: {in_words(problem)}")
        except UnreachableError as problem:
            return TryLater(str(problem))
        except UnansweredError as problem:
            return self._unsure(str(problem))
        return self._receipt(answer)

    def settle(self) -> None:
        """The service answers for what it accepted."""

    def close(self) -> None:
        """Lets go of the connections."""
        if self._wire is not None:
            self._wire.close()
            self._wire = None

    def _request(self, client: httpx.Client, outgoing: Outgoing) -> httpx.Request:
        values = _values(outgoing, self.sender)
        headers = {name.encode(): _CONTROL.sub(" ", str(write(values))).encode() for name, write in self._headers.items()}
        if self._key_header:
            headers[self._key_header.encode()] = outgoing.key.encode()
        url = str(self._url(values))
        if self._body:
            body = self._body(values)
        elif self._method == "GET":
            body = None
        else:
            body = {name: value for name, value in values.items() if value is not None}
        if isinstance(body, str):
            if not any(name.lower() == b"content-type" for name in headers):
                headers[b"Content-Type"] = b"application/json"
            return client.build_request(self._method, url, headers=headers, content=body.encode())
        if self._as_form and isinstance(body, dict):
            return client.build_request(self._method, url, headers=headers, data=body)
        return client.build_request(self._method, url, headers=headers, json=body)

    def _receipt(self, answer: Answer) -> Receipt:
        """A message is given up only for what is its own fault: with a wrong token or address every one would be lost."""
        said, status = str(answer), answer.status
        found = self._is_success(answer)
        if found:
            return Accepted(_provider_id(answer.text))
        if found is None or status in _PERHAPS:
            return self._unsure(said)
        if status in _MOVED:
            return TryLater(f"{said}: the service has moved; write its new address as `url` of [{self._place}]", misconfigured=True)
        if status in _LATER or status >= 500 or (status in _NO_SUCH_PLACE and self._one_place):
            return TryLater(said, _retry_after(answer.headers), misconfigured=status in _NO_LOGIN)
        if status == _CONFLICT and self.idempotent:
            # The request before, with the same key, is still at work.
            return self._unsure(said)
        if status < 300 and answer.text.lstrip()[:1] == "<":
            return TryLater(f"{answer.host} answered with a page, not with an answer")
        return Refused(said)

    def _is_success(self, answer: Answer) -> bool | None:
        """None: what would tell was cut off."""
        good = 200 <= answer.status < 300
        match self._success:
            case int() as code:
                return answer.status == code
            case tuple() | list() as codes:
                return answer.status in codes
            case str() as text:
                return good and (text in answer.text or (None if not answer.whole else False))
            case _:
                return good

    def _unsure(self, reason: str) -> Receipt:
        return TryLater(reason, perhaps_delivered=True) if self.idempotent else Unknown(reason)

    # ------------------------------------------------------------------------------------------------- templates

    def _body_writer(self, settings: Settings) -> Writer | None:
        body = settings.values.get("body")
        if body is None:
            return None
        if isinstance(body, str):
            return self._writer(settings.text("body"), body, formats.shown_in_url if self._as_form else formats.shown_in_json)
        return self._tree(body)

    def _tree(self, found: Any) -> Writer:
        """A table of the body: each text in it is a template of its own, so that no value can break out of its place."""
        if isinstance(found, dict):
            members = {name: self._tree(value) for name, value in found.items()}
            return lambda values: {name: write(values) for name, write in members.items()}
        if isinstance(found, list):
            items = [self._tree(value) for value in found]
            return lambda values: [write(values) for write in items]
        if isinstance(found, str):
            opened = Settings(f"{self._place}.body", {"text": found}).text("text")
            return self._writer(opened, found, formats.shown, keep_type=True)
        return lambda _values: found

    def _writer(self, opened: str, raw: str, finalize: Callable[[Any], Any], *, keep_type: bool = False) -> Writer:
        """A template; a text that held a secret is taken as it is, whatever characters the secret has."""
        if opened != raw or "{" not in raw:
            return lambda _values: opened
        sandbox = Sandbox(None, finalize, autoescape=finalize is formats.shown_in_json)
        try:
            alone = _ALONE.fullmatch(raw)
            if keep_type and alone:
                expression = sandbox.compile_expression(alone[1], undefined_to_none=False)
                return lambda values: _known(expression(**values))
            return sandbox.from_string(raw).render
        except JinjaError as problem:
            raise UserError(f"[{self._place}] in scn.toml: `{raw}`: {in_words(problem)}") from problem


def _values(outgoing: Outgoing, sender: str) -> dict[str, Any]:
    return {
        "to": outgoing.to,
        "text": outgoing.text,
        "subject": outgoing.subject,
        "html": outgoing.html,
        "payload": outgoing.payload,
        "from": outgoing.from_ or sender,
        "id": outgoing.id,
        "key": outgoing.key,
        "channel": outgoing.channel,
        "template": outgoing.template,
        "scenario": outgoing.scenario,
        "customer": outgoing.customer_key,
        "topic": outgoing.topic,
        "at": outgoing.at,
    }


def _known(value: Any) -> Any:
    if isinstance(value, Undefined):
        str(value)  # raises for a name that does not exist
    return value


def _provider_id(text: str) -> str:
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(answer, dict):
        return ""
    found = next((answer[name] for name in ("id", "message_id", "messageId") if name in answer), "")
    return UNSEEN.sub(" ", str(found)[:200]) if isinstance(found, str | int) else ""


def _retry_after(headers: Mapping[str, str]) -> int | None:
    """Seconds; a date is read against the server's own clock."""
    wish = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", wish):
        return int(wish)
    try:
        return max(0, int((parsedate_to_datetime(wish) - parsedate_to_datetime(headers.get("date", ""))).total_seconds()))
    except (TypeError, ValueError, OverflowError):
        return None
