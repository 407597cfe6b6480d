"""`scn.toml`: every mistake in one go and in its place, defaults, secrets only when needed (cli.md §1)."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsl.nodes import Duration
from dsl.source import Source
from interpreter.config import NO_FILE
from interpreter.config import Config
from interpreter.config import ConfigError
from interpreter.errors import NotYetError
from interpreter.errors import UserError
from interpreter.project.config_reader import parse
from interpreter.project.config_reader import read
from interpreter.project.project_folder import Folder


def config(text: str) -> Config:
    return parse(Source("scn.toml", text))


def mistakes(text: str) -> list[str]:
    """Line, what is wrong, and what to do."""
    with pytest.raises(ConfigError) as caught:
        config(text)
    return [
        f"{finding.source.position(finding.span.start).line}: {finding.message}" + (f" ({finding.hint})" if finding.hint else "")
        for finding in caught.value.diagnostics
    ]


def test_everything_the_manual_shows() -> None:
    found = config("""
[project]
timezone = "Europe/Moscow"
database = "sqlite:scn.db"
valid = "1d12h"
quiet_zone = "project"
holidays = "RU"
public_url = "https://shop.example/scn/"
secret = "env:SCN_SECRET"
only_to = ["*@shop.example"]
[channels.email]
kind = "smtp"
host = "smtp.shop.example"
port = 587
tls = true
user = "me"
password = "env:SMTP_PASSWORD"
timeout = "10s"
from = "Shop <hello@shop.example>"
delivery = "at_least_once"
rate = "90/m"
[channels.sms]
kind = "http"
url = "https://gate.example/send"
method = "POST"
headers = { Authorization = "Bearer env:SMS_TOKEN" }
body = '{"to": "{{ to }}"}'
success = [200, 202]
idempotency_header = "Idempotency-Key"
[calls.crm]
url = "https://crm.example/hook"
[writeback.order]
url = "postgresql://shop"
query = "update orders set status = :value"
[[source]]
url = "postgresql://shop"
query = "select 1"
cursor = "id"
op = "order.update"
""")
    assert (found.timezone, found.quiet_zone, found.holidays) == ("Europe/Moscow", "project", "RU")
    assert found.valid == Duration(days=1, seconds=12 * 3600)
    assert found.public_url == "https://shop.example/scn"
    assert found.only_to == ("*@shop.example",)
    email = found.channels["email"]
    assert (email.kind, email.sender, email.delivery, email.rate) == ("smtp", "Shop <hello@shop.example>", "at_least_once", 1.5)
    assert (email.settings.number("port", 25), email.settings.text("tls"), email.settings.number("timeout", 30)) == (587, "starttls", 10)
    assert found.channels["sms"].settings.values["success"] == (200, 202)
    assert (found.calls["crm"].kind, found.writeback["order"].kind) == ("http", "sql")
    assert found.sources[0].settings.text("op") == "order.update"
    assert found.notes == ()


def test_without_a_file_there_are_defaults_and_a_note(tmp_path: Path) -> None:
    found = read(tmp_path / "scn.toml")
    assert found == NO_FILE
    assert found.timezone == "UTC"
    assert found.channels["email"].kind == "file"
    assert "UTC" in found.notes[0]


def test_a_file_without_a_zone_says_that_times_are_utc() -> None:
    assert "UTC" in config("[project]\n").notes[0]


def test_all_mistakes_at_once_each_in_its_line() -> None:
    assert mistakes("""\
[project]
timezon = "Europe/Moscow"
valid = "1 day"
only_to = "*@shop.example"
[channels.sms]
kind = "htp"
[channels.email]
kind = "smtp"
rate = "fast"
hots = "x"
[extra]
a = 1
[writeback]
order = { url = "ftp://x" }
""") == [
        "2: unknown key `timezon` in [project] (did you mean `timezone`?)",
        '3: `valid`: expected a duration, like "1d" or "12h", found `1 day`',
        '4: `only_to`: expected a list of texts, like ["*@shop.example"], found `*@shop.example`',
        "6: there is no kind `htp` (did you mean `http`?)",
        "7: [channels.email] needs the key `host`",
        '9: `rate`: expected a rate, like "50/s" or "100/m", found `fast`',
        "10: unknown key `hots` in [channels.email] (did you mean `host`?)",
        "11: unknown key `extra` in scn.toml (possible: project, channels, calls, writeback, source)",
        '14: `url`: expected an address, like "https://shop.example/api", found `ftp://x`',
    ]


def test_a_misspelt_table_is_told_at_its_header() -> None:
    assert mistakes('[project]\ntimezone = "UTC"\n[chanels.email]\nkind = "file"\n') == [
        "3: unknown key `chanels` in scn.toml (did you mean `channels`?)"
    ]


def test_a_key_of_another_kind_is_unknown() -> None:
    assert mistakes('[channels.email]\nkind = "file"\nhost = "x"\n') == [
        "3: unknown key `host` in [channels.email] (possible: kind, from, delivery, rate, reports_opens, folder)"
    ]


def test_a_misspelt_zone_is_corrected() -> None:
    assert mistakes('[project]\ntimezone = "Europe/Moskow"\n') == [
        '2: `timezone`: expected the name of a time zone, like "Europe/Moscow"; did you mean `Europe/Moscow`?, found `Europe/Moskow`'
    ]


def test_broken_toml_has_its_place() -> None:
    (found,) = mistakes("[project]\ntimezone = Europe\n")
    assert found.startswith("2: this is not TOML: ")


def test_a_secret_in_the_file_is_refused_and_not_repeated() -> None:
    (found,) = mistakes('[channels.email]\nkind = "smtp"\nhost = "x"\npassword = "hunter2"\n')
    assert found.startswith("4: `password`: expected")
    assert "hunter2" not in found


def test_places_survive_texts_of_several_lines_and_quoted_keys() -> None:
    assert mistakes('[channels.sms]\nkind = "http"\nbody = """\n[project]\nvalid = 1\n"""\n"ur l" = 1\nurl = "http://x"\n') == [
        "7: unknown key `ur l` in [channels.sms] (did you mean `url`?)"
    ]


def test_secrets_are_looked_up_when_they_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = config("""
[project]
timezone = "UTC"
secret = "env:MY_SECRET"
[calls.crm]
url = "https://x.example"
headers = { A = "Bearer env:TOKEN" }
""")
    with pytest.raises(UserError, match="`MY_SECRET` is not set"):
        assert found.secret
    with pytest.raises(UserError, match=r"calls\.crm\.headers\.A"):
        found.calls["crm"].settings.table("headers")
    monkeypatch.setenv("MY_SECRET", "s")
    monkeypatch.setenv("TOKEN", "t")
    assert found.secret == "s"
    assert found.calls["crm"].settings.table("headers") == {"A": "Bearer t"}


def test_no_secret_is_an_empty_one() -> None:
    assert Config().secret == ""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("channels = 1", "expected a table, [channels], found `1`"),
        ("project = true", "expected a table, [project], found `true`"),
        ("[channels]\nemail = 'smtp'", "expected a table, [channels.email], found `smtp`"),
        ("[source]\nurl = 'x'", "expected `[[source]]`, with two brackets: there may be several"),
        ("[project]\nvalid = []", '`valid`: expected a duration, like "1d" or "12h", found a list'),
        ("[channels.email]\nkind = 'smtp'\nhost = 'x'\nport = true", "`port`: expected the number of a port, like 587, found `true`"),
        ("[channels.email]\nkind = ['smtp']", "there is no kind a list"),
        (
            "[project]\ntimezone = '../etc/passwd'",
            '`timezone`: expected the name of a time zone, like "Europe/Moscow", found `../etc/passwd`',
        ),
    ],
)
def test_values_of_a_wrong_kind_get_a_sentence(text: str, message: str) -> None:
    assert mistakes(text)[0].partition(": ")[2].partition(" (")[0] == message


def test_a_windows_file_with_a_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / "scn.toml").write_bytes(b'\xef\xbb\xbf[project]\r\ntimezone = "Europe/Riga"\r\n')
    assert read(tmp_path / "scn.toml").timezone == "Europe/Riga"


def test_a_file_in_another_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "scn.toml").write_bytes("[project]\n# зона\n".encode("cp1251"))
    with pytest.raises(UserError, match=r"scn\.toml: line 2 is not UTF-8"):
        read(tmp_path / "scn.toml", "scn.toml")


def test_the_database_lies_in_the_project(tmp_path: Path) -> None:
    folder = Folder(tmp_path, Config())
    assert folder.database() == tmp_path / "scn.db"
    assert folder.database("sqlite:other.db") == Path("other.db")
    assert folder.database("sqlite:/var/x.db") == Path("/var/x.db")
    with pytest.raises(NotYetError):
        folder.database("postgresql://host/db")
    with pytest.raises(UserError, match="mysql"):
        folder.database("mysql://host/db")
