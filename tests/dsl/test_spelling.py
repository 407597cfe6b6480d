"""Did you mean: near enough to be meant, strict enough not to be silly."""

from __future__ import annotations

import pytest

from dsl.spelling import closest
from dsl.spelling import distance
from dsl.spelling import question
from dsl.words import WORDS


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("wiat", "wait"),
        ("wat", "wait"),
        ("waitt", "wait"),
        ("Wait", "wait"),
        ("SEND", "send"),
        ("sned", "send"),
        ("subscribd", "subscribed"),
        ("subsribed", "subscribed"),
        ("transactionnal", "transactional"),
        ("hodlout", "holdout"),
        ("qiuet", "quiet"),
        ("adn", "and"),
        ("od", None),
        ("x", None),
        ("", None),
        ("banana", None),
        ("customer", None),
        ("order", None),
        ("day", None),
    ],
)
def test_the_nearest_keyword(written, meant):
    assert closest(written, WORDS) == meant


def test_the_nearest_of_several_wins_and_the_first_among_equals():
    assert closest("review_reqest", ["review_quest", "review_request"]) == "review_request"
    assert closest("cat", ["bat", "car"]) == "bat"
    assert closest("отправлн", ["Отправлен", "Доставлен"]) == "Отправлен"
    assert closest("x", []) is None


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [
        ("", "", 0),
        ("abc", "abc", 0),
        ("abc", "acb", 1),
        ("abc", "abd", 1),
        ("abc", "ab", 1),
        ("ab", "abc", 1),
        ("kitten", "sitting", 3),
        ("a", "xyz", 3),
    ],
)
def test_distance(one, other, slips):
    assert distance(one, other, 9) == distance(other, one, 9) == slips
    assert distance(one, other, 2) == min(slips, 2)


@pytest.mark.parametrize(
    ("word", "near", "said"),
    [
        ("\u0435mail", "email", "`\u0435` in it is a Cyrillic letter; did you mean `email`?"),
        ("p\u0430id", "paid", "`\u0430` in it is a Cyrillic letter; did you mean `paid`?"),
        ("\u0432ыд\u0061н", "\u0432ыдан", "`a` in it is a Latin letter; did you mean `выдан`?"),
        ("piad", "paid", "did you mean `paid`?"),
        ("pai", "paid", "did you mean `paid`?"),
        ("pa1d", "paid", "did you mean `paid`?"),
    ],
)
def test_a_letter_of_another_alphabet_is_named(word: str, near: str, said: str) -> None:
    """Both look the same on the screen, so the word alone would say nothing."""
    assert question(word, near) == said
