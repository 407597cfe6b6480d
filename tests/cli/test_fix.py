"""`scn fix`: safe fixes, together where they go together, never for the worse."""

from __future__ import annotations

from collections.abc import Sequence

from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Fix
from dsl.diagnostic import error
from dsl.source import Source
from dsl.source import Span
from interpreter.project.fixing import Texts
from interpreter.project.fixing import mend

BROKEN = 'on order.status => "new"\n  wait 2 days\n  if subscribed email\n  send hello by email\n'
FIXED = 'on order.status -> "new"\n  wait 2d\n  if subscribed email\n  send hello by email\n'


def test_one_call_mends_what_hides_behind_the_first_mistake(folder, scn) -> None:
    root = folder({"a.scn": BROKEN})
    answer = scn("fix", ".")
    assert answer.code == 0
    assert (root / "a.scn").read_text() == FIXED
    assert answer.err.splitlines()[-1].startswith("2 fixes in 1 file; left: ")


def test_diff_writes_nothing(folder, scn) -> None:
    root = folder({"a.scn": BROKEN})
    answer = scn("fix", "--diff", ".")
    assert answer.code == 1
    assert '-  wait 2 days\n+on order.status -> "new"\n+  wait 2d\n' in answer.out
    assert (root / "a.scn").read_text() == BROKEN


def test_what_may_change_the_meaning_must_be_asked_for(folder, scn) -> None:
    root = folder({"a.scn": FIXED})
    scn("fix", ".")
    assert (root / "a.scn").read_text() == FIXED
    scn("fix", "--unsafe", ".")
    assert "limit 1 per customer" in (root / "a.scn").read_text()


def test_only_the_asked_files_are_written(folder, scn) -> None:
    root = folder({"scn.toml": "", "a.scn": BROKEN, "b.scn": BROKEN})
    scn("fix", "b.scn")
    assert (root / "a.scn").read_text() == BROKEN
    assert (root / "b.scn").read_text() == FIXED


def test_line_ends_stay_as_they_are(folder, scn) -> None:
    root = folder({"a.scn": BROKEN.replace("\n", "\r\n").encode()})
    scn("fix", ".")
    assert (root / "a.scn").read_bytes() == FIXED.replace("\n", "\r\n").encode()


def test_a_file_in_another_encoding_is_not_touched(folder, scn) -> None:
    data = BROKEN.encode() + b"# \xff\n"
    root = folder({"a.scn": data})
    scn("fix", ".")
    assert (root / "a.scn").read_bytes() == data


# --------------------------------------------------------------------------------------------- the rules, on plain texts


def finding(text: str, fix: Fix) -> Diagnostic:
    return error("x", Source("a", text), fix.span, "m", fix=fix)


def each(word: str, replacement: str, *, safe: bool = True):
    """A check that finds every occurrence of a word."""

    def check(texts: Texts) -> Sequence[Diagnostic]:
        text = texts["a"]
        places = [place for place in range(len(text)) if text.startswith(word, place)]
        return [finding(text, Fix("f", Span(place, place + len(word)), replacement, safe)) for place in places]

    return check


def test_several_fixes_of_one_file_keep_their_places() -> None:
    mended = mend({"a": "xx 1 xx 2 xx"}, each("xx", "y"))
    assert (mended.texts["a"], mended.applied) == ("y 1 y 2 y", 3)


def test_of_fixes_that_overlap_one_goes_first_and_the_other_is_found_anew() -> None:
    assert mend({"a": "aaaa b"}, each("aa", "c")).texts["a"] == "cc b"


def test_the_same_fix_of_two_findings_is_applied_once() -> None:
    def check(texts: Texts) -> Sequence[Diagnostic]:
        text = texts["a"]
        return [finding(text, Fix("f", Span(0, 0), "limit ")) for _ in range(2)] if "limit" not in text else []

    assert mend({"a": "x"}, check).texts["a"] == "limit x"


def test_a_fix_that_brings_an_error_is_left_out_and_the_others_are_applied() -> None:
    def check(texts: Texts) -> Sequence[Diagnostic]:
        text = texts["a"]
        found = [*each("bad", "worse worse")(texts), *each("ugly", "nice")(texts), *each("worse", "worse")(texts)]
        return sorted(found, key=lambda diagnostic: (diagnostic.order, text))

    mended = mend({"a": "bad ugly bad ugly"}, check)
    assert (mended.texts["a"], mended.applied) == ("bad nice bad nice", 2)


def test_a_fix_may_uncover_what_a_syntax_error_hid() -> None:
    def check(texts: Texts) -> Sequence[Diagnostic]:
        text = texts["a"]
        if "=>" in text:
            place = text.index("=>")
            return [error("syntax", Source("a", text), Span(0, 1), "m", fix=Fix("f", Span(place, place + 2), "->"))]
        return [error("unknown-list", Source("a", text), Span(0, 1), "m"), error("unknown-field", Source("a", text), Span(0, 1), "m")]

    assert mend({"a": "x => y"}, check).texts["a"] == "x -> y"


def test_fixes_that_undo_each_other_end() -> None:
    def check(texts: Texts) -> Sequence[Diagnostic]:
        return [*each("a", "b")(texts), *each("b", "a")(texts)]

    assert set(mend({"a": "ab"}, check).texts["a"]) <= {"a", "b"}


def test_a_fix_that_changes_nothing_ends() -> None:
    mended = mend({"a": "x"}, each("x", "x"))
    assert (mended.texts["a"], mended.applied) == ("x", 0)


def test_unsafe_fixes_wait_for_leave() -> None:
    check = each("x", "y", safe=False)
    assert mend({"a": "x"}, check).texts["a"] == "x"
    assert mend({"a": "x"}, check, unsafe=True).texts["a"] == "y"
