"""The bytes of a letter, read back by another program's parser."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreter.delivery.message import Outgoing
from interpreter.delivery.mime import AddressError
from interpreter.delivery.mime import SenderError
from interpreter.delivery.mime import address
from interpreter.delivery.mime import letter


def parsed(data: bytes) -> EmailMessage:
    return email.message_from_bytes(data, policy=email.policy.SMTP)


def content(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return cast("str", part.get_content()).replace("\r\n", "\n")


def test_a_letter_has_text_before_html_and_says_when_it_was_decided(outgoing):
    message = parsed(letter(outgoing(), ""))
    assert message["From"] == "Shop <hello@shop.example>"
    assert message["To"] == "ann@example.com"
    assert message["Date"] == "Sun, 01 Mar 2026 09:00:00 +0000"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert (content(message, "plain"), content(message, "html")) == ("Hello, Ann!\n", "<p>Hello, Ann!</p>\n")


def test_a_letter_of_one_part_is_no_multipart(outgoing):
    assert parsed(letter(outgoing(html=None), "")).get_content_type() == "text/plain"
    assert parsed(letter(outgoing(text=None), "")).get_content_type() == "text/html"


def test_the_same_key_gives_the_same_bytes_and_another_key_another_id(outgoing):
    assert letter(outgoing(), "") == letter(outgoing(), "")
    assert parsed(letter(outgoing(), ""))["Message-ID"] == parsed(letter(outgoing(subject="x"), ""))["Message-ID"]
    assert parsed(letter(outgoing(), ""))["Message-ID"] != parsed(letter(outgoing(key="other"), ""))["Message-ID"]
    assert parsed(letter(outgoing(), ""))["Message-ID"].endswith("@shop.example>")


def test_other_scripts_survive(outgoing):
    message = parsed(
        letter(
            outgoing(
                from_="Магазин «Ёлка» <hello@shop.example>",
                subject="Здравствуйте, Анна! Ваш заказ уже в пути, расскажите о нём 🎁 " * 3,
                text="Привет!\n",
                html="<p>Grüße, naïve café, plain words go on and on here</p>\n",
            ),
            "",
        )
    )
    assert message["From"].addresses[0].display_name == "Магазин «Ёлка»"
    assert message["Subject"] == ("Здравствуйте, Анна! Ваш заказ уже в пути, расскажите о нём 🎁 " * 3).strip()
    assert content(message, "plain") == "Привет!\n"
    assert content(message, "html") == "<p>Grüße, naïve café, plain words go on and on here</p>\n"


def test_names_with_signs_are_quoted(outgoing):
    message = parsed(letter(outgoing(from_='"Shop, \\"the best\\" (ltd.)" <hello@shop.example>'), ""))
    assert message["From"].addresses[0].display_name == 'Shop, "the best" (ltd.)'
    assert message["From"].addresses[0].addr_spec == "hello@shop.example"


@given(
    subject=st.text(max_size=200),
    text=st.text(max_size=300),
    html=st.one_of(st.none(), st.text(max_size=300)),
    name=st.text(max_size=60),
    header=st.text(max_size=100),
)
def test_no_value_can_add_a_header_or_a_part(subject, text, html, name, header):
    sent = Outgoing(
        1,
        "k",
        "email",
        "ann@example.com",
        "t",
        "ann",
        "s",
        0,
        1,
        f"{name} <a@b.example>",
        subject,
        text,
        html,
        headers={"List-Unsubscribe": header},
    )
    try:
        data = letter(sent, "")
    except SenderError:
        return
    head, _, _body = data.partition(b"\r\n\r\n")
    names = [line.partition(b":")[0] for line in head.split(b"\r\n") if not line.startswith(b" ")]
    expected = [b"From", b"To", b"Subject", b"Date", b"Message-ID", b"MIME-Version", b"List-Unsubscribe", b"Content-Type"]
    assert names in (expected, [*expected, b"Content-Transfer-Encoding"])
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert b"\r" not in data.replace(b"\r\n", b"")
    assert max(map(len, data.split(b"\r\n"))) <= 998
    assert head.isascii()
    parts = list(parsed(data).walk())
    assert len(parts) == (1 if html is None else 3)


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\x00"), max_size=400))
def test_every_text_arrives_as_it_left(text):
    data = letter(Outgoing(1, "k", "email", "ann@example.com", "t", "ann", "s", 0, 1, "a@b.example", "s", text), "")
    arrived = cast("bytes", parsed(data).get_payload(decode=True)).decode().replace("\r\n", "\n")
    assert arrived.removesuffix("\n") == text.removesuffix("\n")


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=300))
def test_a_folded_subject_unfolds_to_itself(subject):
    data = letter(Outgoing(1, "k", "email", "ann@example.com", "t", "ann", "s", 0, 1, "a@b.example", subject, "x"), "")
    assert str(parsed(data)["Subject"]) == subject.strip()


def test_a_long_unsubscribe_link_is_not_cut(outgoing):
    link = f"<https://shop.example/u/{'x' * 300}>"
    data = letter(outgoing(headers={"List-Unsubscribe": link, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}), "")
    assert f"List-Unsubscribe: {link}\r\n".encode() in data
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in data


def test_the_frame_of_a_letter_cannot_be_overridden(outgoing):
    given = {"Subject": "other", "content-type": "text/evil", "X: y\r\nBcc": "all@example.com", "X-Ok": "a\r\nBcc: all@example.com"}
    head = letter(outgoing(headers=given), "").partition(b"\r\n\r\n")[0]
    assert b"other" not in head
    assert b"evil" not in head
    assert b"\r\nBcc" not in head
    assert b"X-Ok: a Bcc: all@example.com\r\n" in head


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ann",
        "@example.com",
        "ann@",
        "a b@example.com",
        "ann@example.com, bob@example.com",
        "ann@example.com\r\nBcc: x@y.example",
        "Ann <ann@example.com>",
        "ann@exam ple.com",
        "a..b@example.com",
        '"ann"@example.com',
        f"{'a' * 250}@example.com",
        "ann@[127.0.0.1]",
        "ann@пример..рф",
    ],
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(AddressError, match="is not an e-mail address"):
        address(text)


def test_addresses_of_other_scripts_are_written_in_ascii_where_they_can(outgoing):
    assert address(" ann@пример.рф ") == "ann@xn--e1afmkfd.xn--p1ai"
    assert address("анна@пример.рф") == "анна@xn--e1afmkfd.xn--p1ai"


def test_a_letter_without_a_sender_says_what_to_write(outgoing):
    with pytest.raises(SenderError, match=r"write `from` under `\[channels.email\]` in scn.toml"):
        letter(outgoing(from_=None), "")
    assert parsed(letter(outgoing(from_=None), "Shop <a@b.example>"))["From"] == "Shop <a@b.example>"
    with pytest.raises(SenderError, match="the sender `Shop` has no e-mail address"):
        letter(outgoing(from_="Shop"), "")
