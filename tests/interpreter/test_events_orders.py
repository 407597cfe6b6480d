from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

DELIVERED = 'order.status -> "delivered"'
ANY_DELIVERED = 'any line.status -> "delivered"'


def lines(**statuses):
    return [{"id": name, "status": status} for name, status in statuses.items()]


def placed(history, at="06-01", *, id="1", **statuses):
    history("order.create", at, customer="ann", order={"id": id, "lines": lines(**(statuses or {"L1": "placed", "L2": "placed"}))})


def status(history, at, received=None, *, id="1", **statuses):
    history("order.status", at, received, order={"id": id, "lines": lines(**statuses)})


@pytest.mark.example("X02.1")
def test_every_order_action_is_a_change_even_with_the_same_data(history):
    for at in ("06-01 10:00", "06-01 10:05"):
        history("order.update", at, customer="ann", order={"id": 1, "total": 5})
    history("order.status", "06-01 11:00", order=1, status="paid")
    assert history.fires("order changed") == [1, 2, 3]
    assert history.fires("order created") == [1]


@pytest.mark.example("X02.3", "T-L1")
def test_a_change_older_than_the_latest_is_late(history):
    history("order.create", "06-10 12:00", customer="ann", order={"id": 2, "total": 10})
    history("order.update", "06-09 18:00", "06-10 13:00", order={"id": 2, "total": 5, "note": "old"})
    assert history.fires("order changed") == [1]
    assert history.fires("order changed", late=True) == [2]
    assert history.order("2").total == 10
    assert history.order("2").fields == {"note": "old"}, "what nothing newer is known of is kept"


@pytest.mark.example("T-L2")
def test_equal_dates_are_not_later(history):
    history("order.create", "06-10 12:00", customer="ann", order={"id": 2, "status": "placed"})
    history("order.update", "06-10 12:00", order={"id": 2, "status": "delivered"})
    assert history.fires("order changed") == [1, 2]
    assert history.fires(DELIVERED) == [2]


@pytest.mark.example("X03a.1")
def test_all_lines_the_last_one_completes(history):
    placed(history)
    status(history, "06-03", L1="delivered")
    status(history, "06-05", L2="delivered")
    assert history.fires(DELIVERED) == [3]
    assert history.events[-1].at - history.events[0].at == 4 * 86_400
    assert history.order("1").status == "delivered"


@pytest.mark.example("X03a.2")
def test_all_lines_one_cancelled_never_fires(history):
    placed(history)
    status(history, "06-03", L1="delivered")
    status(history, "06-04", L2="cancelled")
    assert history.fires(DELIVERED) == []


@pytest.mark.example("X03a.3")
def test_all_lines_arrives_in_the_status(history):
    placed(history, L1="delivered", L2="delivered")
    assert history.fires(DELIVERED) == [1]
    assert history.fires(ANY_DELIVERED) == [1]


@pytest.mark.example("X03a.4")
def test_only_lines_that_came_with_the_order_count(history):
    placed(history)
    history("order.update", "06-02", order={"id": 1, "lines": lines(L3="placed")})
    status(history, "06-05", L1="delivered", L2="delivered")
    assert history.fires(DELIVERED) == [3]
    assert [line.original for line in history.order("1").lines.values()] == [True, True, False]


@pytest.mark.example("X03a.5")
def test_the_same_status_again_is_no_transition(history):
    placed(history)
    status(history, "06-05", L1="delivered", L2="delivered")
    status(history, "06-06", L1="delivered", L2="delivered")
    assert history.fires(DELIVERED) == [2]
    assert history.fires(ANY_DELIVERED) == [2]
    assert history.kinds(3) == ["order.changed"]


@pytest.mark.example("X03a.6")
def test_there_and_back_fires_again(history):
    placed(history)
    status(history, "06-05", L1="delivered", L2="delivered")
    status(history, "06-07", L1="returned")
    status(history, "06-09", L1="delivered")
    assert history.fires(DELIVERED) == [2, 4]


@pytest.mark.example("X03b.1", "X03b.2", "X03b.4")
def test_any_line_once_for_each_action(history):
    placed(history)
    status(history, "06-03", L1="delivered")
    status(history, "06-05", L2="delivered")
    assert history.fires(ANY_DELIVERED) == [2, 3]
    placed(history, id="2")
    status(history, "06-03", id="2", L1="delivered", L2="delivered")
    assert history.fires(ANY_DELIVERED) == [2, 3, 5]
    placed(history, id="3")
    status(history, "06-03", id="3", L1="delivered")
    status(history, "06-04", id="3", L2="cancelled")
    assert history.fires(ANY_DELIVERED) == [2, 3, 5, 7]


@pytest.mark.example("T-L4")
def test_the_completing_line_comes_late_and_is_dropped_though_its_news_is_kept(history):
    placed(history)
    status(history, "06-10", L1="delivered")
    status(history, "06-09", "06-11", L2="delivered")
    assert history.fires(DELIVERED) == []
    assert history.fires(DELIVERED, late=True) == [3]
    assert history.order("1").status == "delivered"


@pytest.mark.example("X04.5")
def test_each_line_keeps_its_own_latest_news(history):
    placed(history)
    status(history, "06-08 09:00", L1="returned")
    status(history, "06-07 20:00", "06-08 10:00", L1="delivered", L2="delivered")
    assert {line.id: line.status for line in history.order("1").lines.values()} == {"L1": "returned", "L2": "delivered"}
    assert history.fires(ANY_DELIVERED) == []
    assert history.fires(ANY_DELIVERED, late=True) == [3]


def test_a_status_of_the_whole_order_reaches_every_line(history):
    placed(history)
    history("order.status", "06-02", order="1", status="paid")
    history("order.update", "06-03", order={"id": 1, "status": "shipped", "lines": lines(L2="delivered")})
    assert [line.status for line in history.order("1").lines.values()] == ["shipped", "delivered"]
    assert history.order("1").status == "shipped", "its lines differ: the last status given to the order as a whole"
    assert history.fires('order.status -> "paid"') == [2]
    assert history.fires('order.status -> "shipped"') == []
    assert history.fires('any line.status -> "shipped"') == [3]


def test_an_order_without_lines_is_its_own_line(history):
    history("order.create", "06-01", customer="ann", order={"id": 1, "status": "new"})
    history("order.status", "06-02", order=1, status="shipped")
    history("order.status", "06-03", order=1, status="shipped")
    assert history.fires('order.status -> "new"') == [1]
    assert history.fires('order.status "new" -> "shipped"') == [2]
    assert history.fires('any line.status -> "shipped"') == [2]
    assert history.order("1").status == "shipped"


def test_lines_that_come_after_their_order_came_with_it(history):
    history("order.create", "06-01", customer="ann", order={"id": 1, "status": "placed"})
    history("order.update", "06-01 00:01", order={"id": 1, "lines": [{"id": "L1"}, {"id": "L2"}]})
    assert history.kinds(2) == ["order.changed", "line.status"]
    status(history, "06-02", L1="delivered")
    status(history, "06-03", L2="delivered")
    assert history.fires(DELIVERED) == [4]


def test_from_is_the_status_all_lines_had(history):
    placed(history, L1="new", L2="new")
    status(history, "06-02", L1="paid", L2="paid")
    placed(history, id="2", L1="new", L2="other")
    status(history, "06-02", id="2", L1="paid", L2="paid")
    placed(history, id="3", L1="paid", L2="paid")
    assert history.fires('order.status "new" -> "paid"') == [2]
    assert history.fires('order.status -> "paid"') == [2, 4, 5]
    assert history.fires('any line.status "other" -> "paid"') == [4]


@pytest.mark.example("A-31")
def test_a_line_is_delivered_when_it_enters_the_category(history):
    placed(history)
    status(history, "06-02", L1="delivered")
    status(history, "06-03", L1="выдан")
    assert history.order("1").lines["L1"].delivered_at == history.facts[1].at
    status(history, "06-04", L1="returned")
    status(history, "06-05", L1="выдан")
    assert history.order("1").lines["L1"].delivered_at == history.facts[4].at


@pytest.mark.example("A-30")
def test_a_category_holds_several_statuses(history):
    placed(history)
    status(history, "06-02", L1="delivered", L2="выдан")
    status(history, "06-03", L1="выдан")
    assert history.fires("order.status -> category delivered") == [2]
    assert history.fires("any line.status -> category delivered") == [2]
    assert history.fires('order.status -> "выдан"') == [3]


def test_alternatives_are_wishes_of_their_own(history):
    history("order.create", "06-01", customer="ann", order={"id": 1, "status": "paid"})
    history("order.status", "06-02", order=1, status="shipped")
    assert history.fires('order.status -> "paid" | "shipped"') == [1, 2]


@pytest.mark.example("E11")
def test_an_order_creates_the_customer_nobody_knows(history):
    placed(history)
    assert history.kinds() == ["customer.created", "order.created", "order.changed", "order.status", "line.status"]
    assert history.order("1").customer == history.customer("ann").id
    placed(history, id="2")
    assert history.fires("customer created") == [1]


def test_the_status_of_an_order_nobody_knows_changes_nothing_and_says_so(history):
    assert history("order.status", customer="ann", order="17", status="paid") == []
    assert history("order.update", order="17", status="paid") == []
    assert [note for _, note in history.shop.notes] == [
        "the order `17` is unknown, and a status creates none: the fact changes nothing",
        "the order `17` is unknown, and without a `customer` it cannot be created: the fact changes nothing",
    ]
    assert not history.shop.changed_customers


def test_creating_an_order_again_is_an_update(history):
    placed(history)
    history("order.create", "06-02", order={"id": 1, "total": 900}, customer="ann")
    assert history.kinds(2) == ["order.changed"]
    assert history.order("1").total == 900
    assert len(history.order("1").lines) == 2, "lines that are not named stay"


def test_what_an_order_holds(history):
    history(
        "order.create", "06-03", customer="ann", source="app",
        order={"id": 1, "created_at": "2024-06-01", "delivery_date": "2024-06-09", "email": " a@b.c ", "phone": 79990000000, "gift": True,
               "lines": [{"product": "p-9", "quantity": 2, "price": 9.5, "status": "delivered", "size": "M"}]},
    )  # fmt: skip
    order = history.order("1")
    assert order.fields == {"delivery_date": "2024-06-09", "gift": True}
    assert (order.email, order.phone, order.updated_at - order.created_at) == ("a@b.c", "79990000000", 2 * 86_400)
    line = order.lines["p-9"]
    assert (line.product, line.quantity, line.price, line.fields, line.delivered_at) == ("p-9", 2, 9.5, {"size": "M"}, order.updated_at)
    action = history.events[-1].action
    assert (action.template, action.actor, action.order, action.fields) == ("order.create", "import", "1", {"source": "app"})


def test_an_order_begins_with_its_first_action_by_date(history):
    history("order.update", "06-05", customer="ann", order={"id": 1, "status": "paid"})
    history("order.create", "06-01", customer="ann", order={"id": 1, "total": 7, "lines": lines(L1="placed")})
    order = history.order("1")
    assert order.updated_at - order.created_at == 4 * 86_400
    assert order.status == "paid"
    assert order.lines["L1"].status == "paid", "the order as a whole was given a later status than this line"
    assert order.total == 7


def test_an_order_may_turn_out_to_be_somebody_elses(history):
    placed(history)
    history("order.update", "06-02", customer="bob", order={"id": 1, "total": 5})
    bob = history.customer("bob")
    assert history.order("1").customer == bob.id
    assert history.shop.orders_of(bob.id) == [history.order("1")]
    assert history.shop.orders_of(history.customer("ann").id) == []


STATUSES = st.sampled_from(["placed", "paid", "delivered", "cancelled"])
CHANGES = st.lists(st.tuples(st.integers(0, 20), st.sampled_from(["L1", "L2", None]), STATUSES), max_size=8)


@given(changes=CHANGES)
def test_facts_that_come_in_order_fire_as_the_plain_rule_says(changes):
    """The slow, obvious model: keep the two lines in a dict, look at them before and after."""
    from tests.interpreter.conftest import make_history

    history = make_history()
    placed(history)
    model = {"L1": "placed", "L2": "placed"}
    wanted = []
    for number, (_, line, new) in enumerate(sorted(changes, key=lambda change: change[0]), start=2):
        before = dict(model)
        if line is None:
            history("order.status", "06-02", order=1, status=new)
            model = dict.fromkeys(model, new)
        else:
            status(history, "06-02", **{line: new})
            model[line] = new
        if set(model.values()) == {"delivered"} != set(before.values()):
            wanted.append(number)
        assert {line.id: line.status for line in history.order("1").lines.values()} == model
    assert history.fires(DELIVERED) == wanted


@given(changes=CHANGES, order=st.randoms(use_true_random=False))
def test_facts_that_come_in_any_order_leave_the_latest_news(changes, order):
    from tests.interpreter.conftest import make_history

    dated = {day: (line, new) for day, line, new in changes}
    arrival = list(dated.items())
    order.shuffle(arrival)
    history = make_history()
    placed(history, "05-01")
    for day, (line, new) in arrival:
        at = f"06-{day + 1:02d}"
        if line is None:
            history("order.status", at, order=1, status=new)
        else:
            status(history, at, **{line: new})
    model = {"L1": "placed", "L2": "placed"}
    for _, (line, new) in sorted(dated.items()):
        model.update(dict.fromkeys(model, new) if line is None else {line: new})
    assert {line.id: line.status for line in history.order("1").lines.values()} == model
