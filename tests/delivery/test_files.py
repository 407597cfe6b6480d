"""The channels that need nobody else: files and the console."""

from __future__ import annotations

import email
import email.policy
import io
import json

import pytest

from interpreter.config import ChannelConfig
from interpreter.config import Settings
from interpreter.delivery.channels import make
from interpreter.delivery.channels.console import ConsoleChannel
from interpreter.delivery.channels.file import FileChannel
from interpreter.delivery.channels.file import file_name
from interpreter.delivery.message import Accepted
from interpreter.delivery.message import Refused
from interpreter.delivery.message import TryLater
from interpreter.errors import NotYetError
from interpreter.errors import UserError


@pytest.fixture
def channel(tmp_path):
    found = FileChannel(tmp_path / "outbox", "Shop <hello@shop.example>")
    found.open()
    return found


def test_a_letter_becomes_a_file_named_after_its_key(channel, outgoing):
    assert channel.deliver(outgoing()) == Accepted("j1-s2.eml")
    message = email.message_from_bytes((channel.folder / "j1-s2.eml").read_bytes(), policy=email.policy.SMTP)
    assert (message["To"], message["Subject"]) == ("ann@example.com", "Your order")


def test_the_same_key_twice_is_one_file_with_the_same_bytes(channel, outgoing):
    channel.deliver(outgoing())
    before = (channel.folder / "j1-s2.eml").read_bytes()
    channel.deliver(outgoing())
    channel.settle()
    assert [path.name for path in channel.folder.iterdir()] == ["j1-s2.eml"]
    assert (channel.folder / "j1-s2.eml").read_bytes() == before
    assert channel.idempotent


@pytest.mark.parametrize("key", ["../../etc/passwd", "a/b", ".hidden", "", "с русскими буквами", "x" * 300, "a\0b", "a:b", "-x"])
def test_a_key_of_any_kind_stays_in_the_folder(channel, outgoing, key):
    receipt = channel.deliver(outgoing(key=key))
    assert isinstance(receipt, Accepted)
    [path] = channel.folder.iterdir()
    assert path.name == receipt.provider_id
    assert path.name[0] not in ".-"
    assert len(path.name) < 120


def test_keys_that_look_alike_are_different_files():
    assert len({file_name(key) for key in ("a/b", "a:b", "a b", "a-b", "ab")}) == 5


def test_other_channels_become_json(channel, outgoing):
    sent = outgoing(channel="sms", to="+79001234567", text="Привет", html=None, subject=None, from_="Shop")
    assert channel.deliver(sent) == Accepted("j1-s2.json")
    found = json.loads((channel.folder / "j1-s2.json").read_text(encoding="utf-8"))
    assert found == {"channel": "sms", "to": "+79001234567", "from": "Shop", "text": "Привет", "payload": None, "key": "j1-s2"}


def test_a_bad_address_is_a_bad_contact_and_a_missing_sender_is_not(channel, outgoing):
    assert channel.deliver(outgoing(to="ann")) == Refused("`ann` is not an e-mail address", hard_bounce=True)
    channel.sender = ""
    assert isinstance(channel.deliver(outgoing(from_=None)), TryLater)
    assert list(channel.folder.iterdir()) == []


def test_a_folder_that_is_gone_means_later_and_leaves_no_half_file(channel, outgoing):
    channel.folder.rmdir()
    receipt = channel.deliver(outgoing())
    assert isinstance(receipt, TryLater)
    assert receipt.reason.startswith("cannot write `j1-s2.eml`: no such file")


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path):
    (tmp_path / "outbox").write_text("a file")
    with pytest.raises(UserError, match="cannot make the folder"):
        FileChannel(tmp_path / "outbox").open()


def test_the_console_shows_who_gets_what(outgoing):
    stream = io.StringIO()
    channel = ConsoleChannel("Shop <a@b.example>", stream)
    assert channel.deliver(outgoing()) == Accepted()
    channel.deliver(outgoing(channel="push", to="token", text=None, subject=None, from_=None, payload={"title": "Привет"}))
    assert stream.getvalue() == (
        "email review_request to ann@example.com from Shop <hello@shop.example>\nsubject: Your order\n  Hello, Ann!\n"
        'push review_request to token from Shop <a@b.example>\n  {"title": "Привет"}\n'
    )


def test_a_kind_makes_its_channel(tmp_path):
    made = make(ChannelConfig("email", "file", "Shop <a@b.example>", settings=Settings("channels.email", {"folder": "mail"})), tmp_path)
    assert isinstance(made, FileChannel)
    assert (made.folder, made.sender) == (tmp_path / "mail", "Shop <a@b.example>")
    with pytest.raises(UserError) as caught:
        make(ChannelConfig("email", "smpt"), tmp_path)
    assert str(caught.value) == "there is no channel kind `smpt` (did you mean `smtp`?)"
    with pytest.raises(NotYetError):
        make(ChannelConfig("push", "webpush"), tmp_path)
