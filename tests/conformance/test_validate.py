"""What `scn validate` answers to words of the source that are spelt otherwise here."""

from __future__ import annotations

import pytest


@pytest.mark.example("X33.1")
@pytest.mark.parametrize("event", ["fmcg.order.created", "fmcg.order.status", "prize.received"])
def test_obsolete_events_are_recognised_and_their_replacement_named(folder, scn, event):
    folder({"a.scn": f"on {event}\n  send letter by email\n"})
    answer = scn("validate", "a.scn")
    assert answer.code == 1
    assert "obsolete" in answer.out
    assert any(word in answer.out for word in ("order changed", "order.status", 'action "'))


def test_the_spelling_of_the_source_is_led_to_ours(folder, scn):
    """X10.3 there is an error; here opens are events of their own (`engine.md` §9), and the source's word leads to them."""
    folder({"a.scn": "on mailing.opened\n  send letter by email\n"})
    answer = scn("validate", "a.scn")
    assert answer.code == 1
    assert "message" in answer.out
