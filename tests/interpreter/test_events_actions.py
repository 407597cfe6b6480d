from __future__ import annotations

import pytest

TRIGGER = 'action "webinar_signup" | "quiz_done"'


@pytest.mark.example("X08.1", "X08.2")
def test_one_of_the_templates_once_for_each_action(history):
    for template in ("webinar_signup", "quiz_done", "webinar_cancel", "quiz_done"):
        history("action.issue", customer="ann", template=template)
    assert history.fires(TRIGGER) == [1, 2, 4]
    assert history.kinds(1) == ["customer.created", "action"]


@pytest.mark.example("X08.3")
def test_a_late_action_is_accepted(history):
    history("action.issue", "06-10", customer="ann", template="quiz_done")
    history("action.issue", "06-06 20:00", "06-10 10:00", customer="ann", template="quiz_done")
    assert history.fires(TRIGGER) == [1, 2]
    assert not history.events[-1].later_change


def test_what_an_action_holds(history):
    history("action.issue", "06-06", customer="ann", template="quiz_done", order=17, products=["p-1"], score=5, actor="staff")
    [action] = history.shop.new_actions
    assert (action.template, action.order, action.actor, action.fields) == ("quiz_done", "17", "staff", {"products": ["p-1"], "score": 5})
    assert history.events[-1].action is action
    assert history.shop.actions_of(history.customer("ann").id) == [action]


def test_an_order_is_no_action(history):
    history("order.create", customer="ann", order=1)
    assert history.fires('action "order.create"') == []
    assert history.shop.new_actions == []
