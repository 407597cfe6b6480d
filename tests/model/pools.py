"""The pieces that random scenarios are made of, in the language."""

from __future__ import annotations

ORDER = "order"
ACTION = "action"
MESSAGE = "message"
CUSTOMER = "customer"

TRIGGERS: tuple[tuple[str, str], ...] = (
    *[('action "go"', ACTION)] * 6,
    ('action "go" | "pay"', ACTION),
    *[("order created", ORDER), ("order changed", ORDER), ('order.status -> "paid"', ORDER)] * 2,
    ('order.status -> "paid" | "shipped"', ORDER),
    ('order.status "new" -> "paid" | "shipped"', ORDER),
    ("order.status -> category delivered", ORDER),
    ('any line.status -> "shipped"', ORDER),
    ("any line.status -> category delivered", ORDER),
    ("message t1 sent", MESSAGE),
    ("message formed", MESSAGE),
    ("message opened", MESSAGE),
    ("customer created", CUSTOMER),
    ("customer registered", CUSTOMER),
    ("customer changed", CUSTOMER),
    ("customer edited", CUSTOMER),
    ("customer.level, customer.vip changed", CUSTOMER),
    ("customer.mark changed", CUSTOMER),
    ("subscription email -> subscribed | unsubscribed", CUSTOMER),
    ('subscription email to "offers" -> unsubscribed', CUSTOMER),
)
COMMON = 12
SCHEDULES = (
    "day at 10:00",
    "day at 02:30",
    "day at 00:00",
    "monday, thursday, saturday at 09:00",
    "month on day 31 at 12:00",
    "month on last day at 10:00",
    "year on customer.birthday at 10:00",
    "year on customer.birthday - 1d at 22:00",
)
FILTERS = {
    ORDER: ("order.total >= 500", 'order.status != "new"', "order.total is set", 'no order (order.status = "paid") within 1d'),
    ACTION: ("action.amount > 1", "action.amount in (5, 100)"),
    MESSAGE: ('message.template != "t2"', 'message.channel = "email"'),
    CUSTOMER: (),
}
ANY_FILTERS = ('customer.city = "Kazan"', "customer.city is set", "not customer.vip", "customer.level > 1 or customer.vip")
LISTENED = (
    *['action "stop"', 'action "pay"', "order created", 'order.status -> "paid"', "order changed"] * 2,
    'action "stop"',
    'action "pay"',
    'action "stop" | "pay"',
    "order created",
    'order.status -> "paid"',
    'any order.status -> "shipped"',
    "order.status -> category cancelled",
    "order changed",
    "message t1 opened",
    "message opened",
    "subscription email -> unsubscribed",
    "customer.vip changed",
)
LISTENED_FILTERS = {
    "action": ("action.amount > 1",),
    "order": ("order.total > 100",),
    "any": ("order.total > 100",),
    "message": ('message.channel = "email"',),
    "subscription": (),
    "customer.vip": ("customer.vip",),
}
CONDITIONS = (
    *["subscribed email"] * 6,
    "subscribed sms",
    "subscribed email or subscribed sms",
    'subscribed email to "offers"',
    "reachable sms",
    "no order since start",
    "any order within 1d",
    "no order (order.total > 100) since start",
    "no message within 1d",
    "no message since start",
    "any message t1 within 2d",
    "no message by sms within 1d",
    "any message opened since start",
    *["no message since last send", "no order since last send"] * 2,
    'any action "pay" since start',
    'no action "pay" within 12h',
    "at least 2 orders within 3d",
    "at least 2 orders",
    "count(orders within 3d) <= 2",
    "sum(order.total within 2d) >= 500",
    "last(order.created_at) >= now - 1d",
    "customer.vip",
    'customer.city = "Kazan" and subscribed email',
    'customer.city in ("Perm", "Omsk")',
    "customer.city is not set",
    "customer.level >= 2",
    'customer.mark = "a"',
    "customer.mark is not set",
    'any order (order.status = "paid")',
    "any order (order is cancelled)",
)
OWN_CONDITIONS = {
    ORDER: (
        "order is not cancelled",
        "order is cancelled",
        'order.status = "paid"',
        "order.status = category delivered",
        "order.total >= 500",
        "order.created_at > now - 2d",
        "order.delivery_date is set and order.delivery_date > now",
        "any line (line.price > 100)",
        'every line (line.status = "shipped")',
        "no order (order.total > this.order.total) since start",
    ),
    ACTION: ("action.amount >= 5", "action.amount != 1"),
    MESSAGE: ('message.template = "t1"',),
    CUSTOMER: (),
}
QUIET = (
    "quiet 22:00-09:00",
    "quiet 22:00-09:00",
    "quiet 09:00-10:00, 12:00-12:30",
    "quiet sat, sun",
    "quiet 22:00-09:00 sat-sun",
    "only 10:00-20:00",
    "only 09:00-18:00 mon-fri",
    "quiet 02:00-03:00",
    "quiet 00:00-00:00 fri",
)
WAITS = (
    "1d",
    "12h",
    "1h",
    "24h",
    "2d",
    "30m",
    "1d12h",
    "30s",
    "1w",
    "1mo",
    "1d at 10:00",
    "1d at 02:30",
    "12h at 09:00",
    "2d at 22:00",
    "until 10:00",
    "until 02:30",
    "until monday 10:00",
    "until saturday",
    "until customer.birthday at 10:00",
    "until customer.registered_on + 1d",
)
ORDER_WAITS = (
    "until order.delivery_date",
    "until order.delivery_date - 1d at 10:00",
    "until order.created_at + 1d",
    "until order.delivery_date + 2h",
)
LIMITS = (
    "limit 1 per customer",
    "limit 1 per customer within 1d",
    "limit 2 per customer within 2d",
    "limit 1 per customer each day",
    "limit 1 per customer each week",
    "limit 2 per customer each month",
    "limit 1 per scenario within 12h",
    "limit 2 per scenario each day",
    "limit 1 per customer.city within 1d",
    "limit 2 per customer.city",
)
ORDER_LIMITS = ("limit 1 per order", "limit 2 per order", "limit 1 per order within 1d", "limit 1 per order each day")
SETS = (
    'set customer.mark "a"',
    'set customer.mark "b"',
    "set customer.vip true",
    "set customer.level 3",
    'set customer.city "Perm"',
)
ORDER_SETS = ('set order.status "shipped"', 'set order.status "received"', "set order.total 900", 'set order.note "seen"')


CLAUSES = (
    'stop on action "stop"',
    "valid 6h",
    "limit 1 per customer",
    "quiet 22:00-09:00",
    "priority 7",
    "stop when customer.vip",
)
ACTIVE = ("2024-03-30 to 2024-06-06", "2024-02-28 to 2024-02-28", "2024-10-26 to 2024-11-02")
#: What a scenario is mostly made of.
STEPS = {
    "any": ("send", "send", "send", "wait", "wait", "wait", "gate", "set", "if", "up to", "up to", "split", "call", "end"),
    "chain": ("send", "wait", "send", "wait", "send", "wait", "set", "if"),
    "listening": ("up to", "wait", "up to", "send", "up to", "send", "set"),
}
