"""The Starlette application: unsubscribe links. It decides nothing and stores nothing itself; what it hears it hands on as a fact."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.routing import Mount
from starlette.routing import Route

from interpreter.delivery.unsubscribe import Unsubscribe
from interpreter.delivery.unsubscribe import Unsubscription
from interpreter.delivery.unsubscribe import fact
from interpreter.errors import UserError
from interpreter.server import pages

#: A form with one button; more is not ours.
_LONGEST_BODY = 4096

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


def create_app(
    unsubscribe: Unsubscribe,
    accept: Callable[[Mapping[str, Any]], None],
    now: Callable[[], int],
    public_url: str = "",
) -> Starlette:
    """The application. `accept` writes one fact down, on disk when it returns, and raises UserError when it cannot.

    It answers below `/` and below the path of `public_url`, so that a proxy may cut that path off or leave it.
    """
    links = _Links(unsubscribe, accept, now)
    routes: list[BaseRoute] = [Route("/u/{token}", links.show, methods=["GET"]), Route("/u/{token}", links.press, methods=["POST"])]
    prefix = urlsplit(public_url).path.rstrip("/")
    return Starlette(routes=[*routes, *([Mount(prefix, routes=routes)] if prefix else [])])


class _Links:
    """`/u/TOKEN`: a look never unsubscribes, for programs look at every link of a letter; pressing the button does."""

    def __init__(self, unsubscribe: Unsubscribe, accept: Callable[[Mapping[str, Any]], None], now: Callable[[], int]) -> None:
        self._unsubscribe = unsubscribe
        self._accept = accept
        self._now = now

    async def show(self, request: Request) -> Response:
        """The page with the button."""
        wish = self._read(request)
        if wish is None:
            return _page(request, 404, pages.bad_link)
        return _page(request, 200, pages.question, wish.channel, wish.topic)

    async def press(self, request: Request) -> Response:
        """The button, or the mail program's own (RFC 8058)."""
        wish = self._read(request)
        if wish is None:
            return _page(request, 404, pages.bad_link)
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > _LONGEST_BODY:
                return _page(request, 413, pages.bad_link)
        whole_channel = parse_qs(body.decode("latin-1")).get("scope") == ["channel"]
        try:
            await run_in_threadpool(self._accept, fact(wish, self._now(), whole_channel=whole_channel))
        except UserError:
            return _page(request, 503, pages.later)
        return _page(request, 200, pages.done, wish.channel, None if whole_channel else wish.topic)

    def _read(self, request: Request) -> Unsubscription | None:
        return self._unsubscribe.read(request.path_params["token"])


def _page(request: Request, status: int, make: Callable[..., str], *values: object) -> Response:
    return HTMLResponse(make(pages.language(request.headers.get("accept-language", "")), *values), status, _HEADERS)
