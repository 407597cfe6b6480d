"""`scn validate`: all findings of a project in one run, whole projects read, the asked paths shown."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

HELLO = """\
on customer created
  if subscribed email
  send hello by email
  limit 1 per customer
"""
CART = """\
scenario cart
  on product added to list "cart"
  if subscribed email
  send hello by email
  limit 1 per customer
"""
BROKEN = 'on order.status -> "x"\n  wiat 2d\n'
TOML = '[project]\ntimezone = "UTC"\n'
TEMPLATE = {"templates/hello/email.txt": "Hello {{ unsubscribe_url }}", "templates/hello/meta.toml": 'subject = "Hello"'}
PROJECT = {"scn.toml": TOML, "hello.scn": HELLO, **TEMPLATE}


def findings(answer) -> list[tuple[str, str]]:
    return [(found["path"], found["check"]) for found in json.loads(answer.out)["diagnostics"]]


def test_a_clean_project_says_so_on_stderr_only(folder, scn) -> None:
    folder(PROJECT)
    answer = scn("validate")
    assert (answer.code, answer.out, answer.err) == (0, "", "1 file: no findings\n")


def test_all_mistakes_of_all_files_and_of_the_configuration_in_one_run(folder, scn) -> None:
    folder(
        {
            **PROJECT,
            "scn.toml": TOML + "valdi = 1\n",
            "a.scn": "on order.status -> x wiat 2d\n\nsegment vip whre 1\n",
            "sub/b.scn": "scenario b\n  on customer craeted\n  send hello by email\n",
        }
    )
    answer = scn("validate", "--format", "json")
    assert answer.code == 1
    found = findings(answer)
    assert ("scn.toml", "config") in found
    assert found.count(("a.scn", "syntax")) == 2
    assert ("sub/b.scn", "unknown-event") in found


def test_only_the_asked_paths_are_shown_but_all_are_read(folder, scn) -> None:
    folder(
        {
            **PROJECT,
            "words.scn": 'define list "cart"\n\nsegment vip where nonsense = 1\n',
            "cart.scn": CART.replace('"cart"', '"card"'),
        }
    )
    answer = scn("validate", "cart.scn", "--format", "json")
    assert findings(answer) == [("cart.scn", "unknown-list")]
    assert "cart" in json.loads(answer.out)["diagnostics"][0]["hint"]


def test_warnings_alone_are_fine_unless_denied(folder, scn) -> None:
    folder({**PROJECT, "hello.scn": HELLO.replace("  limit 1 per customer\n", "")})
    assert scn("validate").code == 0
    assert scn("validate", "--deny", "send-without-limit").code == 1
    assert scn("validate", "--deny", "warnings").code == 1
    assert scn("validate", "--deny", "warnings", "--warn", "send-without-limit").code == 0
    assert scn("validate", "--only", "unknown-list").out == ""


def test_an_unreadable_text_is_told_whatever_is_asked_for(folder, scn) -> None:
    folder({**PROJECT, "bad.scn": b"on customer created send \xff\xfe\n"})
    answer = scn("validate", "--only", "unknown-list", "--format", "concise")
    assert answer.code == 1
    assert "bad.scn:1:26: error[encoding]: expected UTF-8, found the byte 0xff (save the file as UTF-8)" in answer.out


def test_another_encoding_is_one_mistake(folder, scn) -> None:
    """None of the words it has broken is told as well (anchors.md B.8.2)."""
    where = folder(PROJECT)
    (where / "bad.scn").write_bytes('on order.status -> "Отправлен"\n  подождать 1d\n  send hello\n'.encode("cp1251"))
    answer = scn("validate", "--format", "json")
    assert (answer.code, findings(answer)) == (1, [("bad.scn", "encoding")])


def test_stdin_alone_needs_nothing_around_it(folder, scn) -> None:
    folder()
    answer = scn("validate", "-", "--format", "json", stdin="on customer created wiat 2d send hello")
    assert findings(answer) == [("<stdin>", "syntax")]
    assert "unknown-template" not in scn("validate", "-", stdin=HELLO).out


def test_stdin_takes_the_place_of_its_file(folder, scn) -> None:
    folder({**PROJECT, "other.scn": BROKEN})
    answer = scn("validate", "-", "--stdin-filename", "hello.scn", "--format", "json", stdin=HELLO.replace("send hello", "send helo"))
    assert findings(answer) == [("hello.scn", "unknown-template")]
    assert scn("validate", "-", "--stdin-filename", "hello.scn", stdin=HELLO).code == 0
    assert scn("validate", "--stdin-filename", "hello.scn").code == 2
    assert scn("validate", "-", "hello.scn").code == 2


def test_output_goes_to_the_file_and_nowhere_else(folder, scn) -> None:
    root = folder({**PROJECT, "bad.scn": BROKEN})
    answer = scn("validate", "--format", "sarif", "--output", "report.sarif")
    assert (answer.code, answer.out) == (1, "")
    assert json.loads((root / "report.sarif").read_text())["version"] == "2.1.0"
    assert scn("validate", "--output", "no/such/folder/x").code == 2


def test_github_gets_its_summary_page(folder, scn, monkeypatch, tmp_path) -> None:
    folder({**PROJECT, "bad.scn": BROKEN})
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    assert scn("validate", "--format", "github").out.startswith("::error file=bad.scn,line=2")
    assert "| error | bad.scn:2:3 |" in (tmp_path / "summary.md").read_text()


def test_junit_counts_the_files_without_findings(folder, scn) -> None:
    folder(PROJECT)
    assert '<testcase name="no findings" classname="hello.scn"' in scn("validate", "--format", "junit").out


def test_without_a_project_the_scenarios_here_are_read_with_a_note(folder, scn) -> None:
    folder({"one/hello.scn": HELLO.replace("send hello", "send hello")})
    answer = scn("validate", "--only", "syntax")
    assert answer.code == 0
    assert "times are read in UTC" in answer.err


def test_nothing_at_all_is_no_project(folder, scn) -> None:
    folder()
    answer = scn("validate")
    assert answer.code == 2
    assert answer.err.startswith("scn: no project here")


def test_a_project_is_found_from_below(folder, scn, monkeypatch) -> None:
    root = folder({**PROJECT, "deep/er/x.txt": ""})
    monkeypatch.chdir(root / "deep/er")
    assert scn("validate").code == 0
    assert "2 files" not in scn("validate").err


def test_projects_below_are_projects_of_their_own(folder, scn) -> None:
    folder({**PROJECT, "other/scn.toml": TOML, "other/hello.scn": HELLO, **{f"other/{name}": text for name, text in TEMPLATE.items()}})
    assert scn("validate", "--format", "concise").err == ""
    assert scn("validate").err == "2 files: no findings\n"
    # One project would have two scenarios called `hello`.
    assert scn("validate", ".").code == 0


def test_hidden_folders_and_environments_are_left_alone(folder, scn) -> None:
    folder({**PROJECT, ".hidden/a.scn": "nonsense", "node_modules/x/a.scn": "nonsense", "env/pyvenv.cfg": "", "env/a.scn": "nonsense"})
    assert scn("validate").err == "1 file: no findings\n"


def test_an_empty_file_and_one_of_comments_are_fine(folder, scn) -> None:
    folder({"scn.toml": TOML, "empty.scn": b"", "comment.scn": "# nothing yet\n", "windows.scn": b"\xef\xbb\xbf# a\r\n"})
    assert scn("validate").err == "3 files: no findings\n"


# ------------------------------------------------------------------------------------------------------------- --since


def git(root: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(root), *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(folder):
    """Two old sins: a scenario without a limit, a misspelt list."""
    root = folder(
        {
            **PROJECT,
            "hello.scn": HELLO.replace("  limit 1 per customer\n", ""),
            "words.scn": 'define list "cart", "later"\n',
            "cart.scn": CART,
        }
    )
    git(root, "init", "-q", "-b", "main")
    git(root, "add", ".")
    git(root, "commit", "-qm", "old sins")
    return root


def since(scn, ref: str = "HEAD") -> list[tuple[str, str]]:
    return findings(scn("validate", "--since", ref, "--format", "json"))


def test_since_leaves_old_sins_alone(repository, scn) -> None:
    assert findings(scn("validate", "--format", "json", "--only", "send-without-limit")) == [("hello.scn", "send-without-limit")]
    assert since(scn) == []


def test_since_shows_findings_on_changed_lines_wherever_they_moved(repository, scn) -> None:
    path = repository / "hello.scn"
    path.write_text("# a comment above moves the old sin down\n\n" + path.read_text())
    assert since(scn) == []
    path.write_text(path.read_text().replace("send hello by email", "send hello by emial"))
    assert ("hello.scn", "unknown-channel") in since(scn)


def test_since_shows_what_a_change_breaks_elsewhere(repository, scn) -> None:
    (repository / "words.scn").write_text('define list "card", "later"\n')
    assert ("cart.scn", "unknown-list") in since(scn)


def test_since_shows_new_files(repository, scn) -> None:
    (repository / "new.scn").write_text(BROKEN)
    assert since(scn) == [("new.scn", "syntax")]


def test_since_a_branch_means_where_this_one_left_it(repository, scn) -> None:
    git(repository, "checkout", "-qb", "topic")
    git(repository, "checkout", "-q", "main")
    (repository / "hello.scn").write_text(HELLO)
    git(repository, "commit", "-qam", "main mends the old sin")
    git(repository, "checkout", "-q", "topic")
    assert since(scn, "main") == []


def test_since_works_in_a_folder_of_the_repository_and_for_a_project_that_is_new(repository, scn, monkeypatch) -> None:
    below = repository / "below"
    below.mkdir()
    (below / "scn.toml").write_text(TOML)
    (below / "a.scn").write_text(BROKEN)
    monkeypatch.chdir(below)
    assert since(scn) == [("a.scn", "syntax")]


def test_since_needs_a_commit_that_git_knows(repository, scn, folder) -> None:
    answer = scn("validate", "--since", "nonsense")
    assert answer.code == 2
    assert "git knows no `nonsense`" in answer.err
    assert scn("validate", "-", "--since", "HEAD", stdin=HELLO).code == 2
    assert scn("validate", "--since", "--output=x").code == 2


def test_a_broken_configuration_is_one_mistake(folder, scn) -> None:
    """Which channels and webhooks it was meant to have nobody knows."""
    text = "on order created\n  if reachable telegram\n  call crm\n  set order.note 5\n  limit 1 per customer\n"
    root = folder({"scn.toml": '[channels.telegram]\nkind = "htp"\n', "a.scn": text})
    assert [line.split(": ")[1] for line in scn("validate", "--format", "concise").out.splitlines()] == ["error[config]"]
    (root / "scn.toml").write_text("")
    assert "unknown-channel" in scn("validate", "--format", "concise").out
    (root / "scn.toml").write_text('[channels.telegram]\nkind = "htp"\n')
    (root / "a.scn").write_text(text.replace("reachable telegram", "reachable emial"))
    assert "did you mean `email`?" in scn("validate", "--format", "concise").out
