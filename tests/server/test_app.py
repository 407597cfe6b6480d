"""The unsubscribe page, as a browser, a mail program and a link scanner meet it."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from interpreter.delivery.unsubscribe import Unsubscribe
from interpreter.errors import UserError
from interpreter.server.app import create_app

URL = "https://shop.example/scn"
T = 1772355600


class Browser:
    """Asks the application over HTTP as a server would."""

    def __init__(self, app: Starlette) -> None:
        self.app = app

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="https://shop.example") as client:
                return await client.request(method, path, **more)

        return asyncio.run(ask())

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.request("POST", path, **more)


@pytest.fixture
def links():
    return Unsubscribe("secret", URL)


@pytest.fixture
def facts():
    return []


@pytest.fixture
def browser(links, facts):
    return Browser(create_app(links, facts.append, lambda: T, URL))


@pytest.fixture
def path(links):
    return lambda topic=None, customer="ann": links.url(customer, "email", topic, "12-1-3").removeprefix(URL)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_look_changes_nothing(browser, path, facts, method):
    answer = browser.request(method, path())
    assert answer.status_code == 200
    assert facts == []
    if method == "GET":
        assert '<form method="post">' in answer.text


def test_the_button_unsubscribes(browser, path, facts):
    answer = browser.post(path())
    assert answer.status_code == 200
    assert "You are unsubscribed" in answer.text
    assert facts == [
        {"op": "subscription.set", "key": f"unsubscribe:12-1-3:email:{T // 60}", "at": "2026-03-01T09:00:00+00:00", "actor": "customer",
         "customer": "ann", "channel": "email", "status": "unsubscribed"}
    ]  # fmt: skip


def test_one_click_of_a_mail_program_unsubscribes_without_a_redirect(browser, path, facts):
    answer = browser.post(path("news"), data={"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, facts[0]["topic"]) == (200, "news")
    answer = browser.post(path("news"), files={"List-Unsubscribe": (None, "One-Click")})
    assert (answer.status_code, facts[1]) == (200, facts[0])


def test_a_link_of_a_topic_offers_the_whole_channel_too(browser, path, facts):
    assert "Unsubscribe from letters altogether" in browser.get(path("news")).text
    answer = browser.post(path("news"), data={"scope": "channel"})
    assert "we will not send you letters any more" in answer.text
    assert "topic" not in facts[0]
    assert "altogether" not in browser.get(path()).text


def test_a_russian_browser_is_answered_in_russian(browser, path):
    russian = {"accept-language": "ru-RU,ru;q=0.9,en;q=0.8"}
    assert "Больше не присылать вам «news» (письма)?" in browser.get(path("news"), headers=russian).text
    assert "Вы отписаны" in browser.post(path(), headers=russian).text
    assert "Эта ссылка не работает" in browser.get("/u/x", headers=russian).text


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("token", ["x", "x.y", "%2e%2e", "W10.x"])
def test_a_bad_link_says_so_and_changes_nothing(browser, facts, method, token):
    answer = browser.request(method, f"/u/{token}")
    assert answer.status_code == 404
    assert "This link does not work" in answer.text
    assert facts == []


def test_a_link_that_somebody_changed_is_a_bad_link(browser, path, facts):
    assert browser.post(path()[:-2] + "AA").status_code == 404
    assert facts == []


def test_a_proxy_may_leave_its_path_in_place(browser, path, facts):
    assert browser.get("/scn" + path()).status_code == 200
    assert browser.post("/scn" + path()).status_code == 200
    assert len(facts) == 1


def test_a_database_that_cannot_write_asks_to_come_back(links, path):
    def locked(_fact):
        raise UserError("the database is locked")

    answer = Browser(create_app(links, locked, lambda: T)).post(path())
    assert (answer.status_code, "nothing was changed" in answer.text, "database" in answer.text) == (503, True, False)


def test_a_flood_is_not_read(browser, path, facts):
    assert browser.post(path(), content=b"x" * 100_000).status_code == 413
    assert facts == []


def test_names_of_the_shop_are_text_not_html(browser, path):
    page = browser.get(path("<script>alert(1)</script>")).text
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_the_page_needs_nothing_from_elsewhere_and_is_nowhere_kept(browser, path):
    answer = browser.get(path())
    assert "http" not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in answer.headers
