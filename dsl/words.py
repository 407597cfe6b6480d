"""Every keyword once: what it is part of, what it means, an example. Help, hover, highlighting and messages come from here.

Also how messages speak of the signs and literals. The keys are the terminals of `grammar.lark`; no message ever shows one.
"""

from __future__ import annotations

import attrs


@attrs.frozen(slots=True)
class Word:
    """A keyword of the language."""

    spelling: str
    part: str
    """Where it stands: `statement`, `clause`, `step`, `joining` (inside clauses and steps), `condition`, `definition` or `test`."""
    meaning: str
    """One sentence in the marketer's words."""
    example: str
    """A whole statement or definition; of the others a line of a scenario, a condition as it stands after `if`, or a line of a test."""
    reserved: bool = True
    """False: the word may also be a name without quotes."""

    @property
    def terminal(self) -> str:
        """Its name in the grammar."""
        return self.spelling.upper()


_WORDS = (
    # statements
    Word(
        "scenario",
        "statement",
        "a named scenario: when it starts, what happens, how often",
        "scenario hello on customer created send welcome",
    ),
    Word(
        "segment",
        "statement",
        "customers for whom a condition holds, kept up to date",
        "segment vip where sum(order.total within 365d) >= 50000",
    ),
    Word("policy", "statement", "a rule for every marketing message of the project", "policy cap 3 messages within 7d"),
    Word("define", "statement", "a word of the shop: a status, a list, a topic, …", 'define list "cart", "wishlist"'),
    Word("test", "statement", "a timeline of facts and of what is expected to happen", 'test "nothing happens" { expect nothing }'),
    # clauses
    Word("on", "clause", "the event that starts the scenario", 'on order.status -> "shipped"'),
    Word("every", "clause", "starts the scenario again and again by the calendar", "every monday at 10:00 for segment vip"),
    Word("where", "clause", "a filter at the moment of the event before it", "on order created where order.total >= 1000"),
    Word("valid", "clause", "how late a step may still act", "valid 1d"),
    Word("quiet", "clause", "hours or days in which nothing is sent; what is due waits", "quiet 22:00-09:00, sun"),
    Word("only", "clause", "the hours or days in which may be sent; the opposite of `quiet`", "only 10:00-20:00 mon-fri"),
    Word("stop", "clause", "ends the journey when an event happens or a condition holds", "stop on order created"),
    Word("goal", "clause", "the conversion that is counted", "goal order created within 30d"),
    Word("holdout", "clause", "the share of customers to whom nothing is sent, for comparison", "holdout 10%"),
    Word("limit", "clause", "how often at most the scenario is applied", "limit 1 per customer within 90d"),
    Word("transactional", "clause", "a service message: needs no consent, outside caps and holdout", "transactional"),
    Word("priority", "clause", "who goes first when a cap allows fewer messages than are due", "priority 10"),
    Word("active", "clause", "the days on which journeys start, both included", "active from 2026-12-01 to 2026-12-31"),
    Word("formerly", "clause", "former names: counters and waiting journeys come along", "formerly old_name"),
    Word("paused", "clause", "is checked, but starts nothing and acts nothing", "paused"),
    # steps
    Word("wait", "step", "waits for a length of time, for a moment or for an event", "wait 3d at 10:00"),
    Word(
        "if",
        "step",
        "goes on only when the condition holds; with braces: a branch",
        "if subscribed email { send letter } else { send short by sms }",
    ),
    Word("else", "step", "what happens otherwise", "if subscribed email { send letter } else { end }"),
    Word("send", "step", "sends one message by template", "send review_request by email"),
    Word("set", "step", "writes a field, also back to the shop", 'set order.status "Нужен отзыв"'),
    Word("issue", "step", "gives the customer a promo code", 'issue promo "NEXT10" as gift'),
    Word("award", "step", "adds loyalty points", 'award 100 to balance "bonus" expires in 30d'),
    Word("deduct", "step", "takes loyalty points away", 'deduct 100 from balance "bonus"'),
    Word("add", "step", "puts the customer into a segment, the product on a list", 'add to segment "gold"'),
    Word("remove", "step", "takes the customer out of a segment, the product off a list", 'remove from list "wishlist"'),
    Word("call", "step", "calls a webhook named in scn.toml", "call crm with order = order.id"),
    Word(
        "split",
        "step",
        "divides customers into arms by chance; each always gets the same arm",
        "split letter { 50% new { send new } 50% old { send old } }",
    ),
    Word("end", "step", "ends the journey", "end"),
    # inside clauses and steps
    Word("as", "joining", "names a step", "send letter as first_letter"),
    Word("at", "joining", "the time of day", "every day at 10:00"),
    Word("by", "joining", "the channels, the first possible one is taken", "send letter by email, sms"),
    Word("for", "joining", "whom or what it is about", "wait up to 3d for message clicked"),
    Word("from", "joining", "the first day, or where something is taken from", "active from 2026-12-01 to 2026-12-31"),
    Word("per", "joining", "what a limit counts by", "limit 1 per order"),
    Word("since", "joining", "from a moment on", "limit 1 per order since created"),
    Word("to", "joining", "an address, an account, a topic, a last day", 'send report to "manager@shop.example"'),
    Word("until", "joining", "a moment to wait for", "wait until order.delivery_date - 3d at 10:00"),
    Word("with", "joining", "values for the template", "send letter with discount = 10"),
    Word("within", "joining", "a window of time", "limit 3 per customer within 30d"),
    Word("each", "joining", "a calendar window", "limit 1 per customer each day", reserved=False),
    Word("up", "joining", "`up to`: the longest time to wait", "wait up to 3d for message clicked", reserved=False),
    Word("when", "joining", "`stop when`: looked at again before every act", "stop when order is cancelled", reserved=False),
    Word("expires", "joining", "after what time awarded points are gone", 'award 100 to balance "bonus" expires in 30d', reserved=False),
    Word("views", "joining", "products the customer has looked at", "on product.price drops 10% in views", reserved=False),
    Word("action", "joining", "something the shop reports about a customer", 'on action "quiz_done"', reserved=False),
    Word("list", "joining", "a list of products, such as a cart", 'on product added to list "cart"'),
    Word("balance", "joining", "a loyalty account", 'on balance "bonus" changed'),
    Word("promo", "joining", "a pool of promo codes", 'on promo "NEXT10" redeemed'),
    Word(
        "category", "joining", "a group of statuses: placed, paid, delivered, cancelled, returned", "on order.status -> category delivered"
    ),
    # conditions
    Word("and", "condition", "both hold", "order.total > 500 and customer.vip"),
    Word("or", "condition", "at least one holds", "order.total > 500 or customer.vip"),
    Word("not", "condition", "does not hold", "not customer.vip"),
    Word("is", "condition", "says what something is", "order is cancelled"),
    Word("in", "condition", "is one of", 'customer.city in ("Москва", "Казань")'),
    Word("contains", "condition", "has the text in it", 'customer.email contains "@shop.example"'),
    Word("no", "condition", "not one of the history", "no order since start"),
    Word("any", "condition", "at least one of the history", "any order within 30d"),
    Word("least", "condition", "`at least`: so many of the history or more", "at least 3 orders within 365d", reserved=False),
    Word("true", "condition", "yes", "customer.vip = true"),
    Word("false", "condition", "no", "customer.vip = false"),
    Word("subscribed", "condition", "reachable through the channel, and has consented", 'subscribed sms to "news"'),
    Word("reachable", "condition", "the contact is there and valid", "reachable push"),
    Word("last", "condition", "the latest", "no order since last send", reserved=False),
    Word("expiring", "condition", "points that will be gone soon", 'balance "bonus" expiring within 7d > 0', reserved=False),
    # policies and definitions
    Word("cap", "definition", "how many messages a customer gets at most", "policy cap 1 sms within 24h else hold 2d", reserved=False),
    Word(
        "hold",
        "definition",
        "keeps what is over the cap for a while instead of skipping it",
        "policy cap 3 messages within 7d else hold 2d",
        reserved=False,
    ),
    Word("skip", "definition", "what is over the cap is not sent", "policy cap 3 messages within 7d else skip", reserved=False),
    Word(
        "status", "definition", "the statuses of an order, a line, a card", 'define status order "new", "paid", "shipped"', reserved=False
    ),
    Word("field", "definition", "a field of the shop and its type", "define field customer.birthday date", reserved=False),
    Word("topic", "definition", "what a customer can subscribe to", 'define topic "news"', reserved=False),
    Word(
        "products",
        "definition",
        "a set of products by a condition",
        "define products novelties where product.added_at > now - 30d",
        reserved=False,
    ),
    Word("generate", "definition", "makes codes by a pattern", 'define promo "NEXT10" one_time generate "NEXT-########"', reserved=False),
    Word("without", "definition", "a list without prices", 'define list "later" without price', reserved=False),
    # tests
    Word("expect", "test", "what must have happened", "expect send review_request to ann by email", reserved=False),
    Word("nothing", "test", "no message, change or stop since the line before", "expect nothing else", reserved=False),
    Word("of", "test", "whose", "order 17 of ann", reserved=False),
    Word("received", "test", "when a fact arrived, if later than it happened", "order 17 of ann received 2026-03-10 10:00", reserved=False),
    Word("takes", "test", "fixes the arm of a split", "ann takes popular in new_letter", reserved=False),
    Word("stopped", "test", "the journey ended early", "expect ann stopped in repeat_order because condition", reserved=False),
    Word("because", "test", "the reason", "expect skip review_request to ann because no_consent", reserved=False),
    Word("containing", "test", "a text the message has in it", 'expect send letter to ann containing "Dear Ann"', reserved=False),
)

#: By spelling.
WORDS: dict[str, Word] = {word.spelling: word for word in _WORDS}

#: By terminal of the grammar.
BY_TERMINAL: dict[str, Word] = {word.terminal: word for word in _WORDS}

#: How messages speak of what is not a keyword.
TERMINALS: dict[str, str] = {
    "ARROW": "`->`",
    "PIPE": "`|`",
    "COMMA": "`,`",
    "COLON": "`:`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "PLUS": "`+`",
    "MINUS": "`-`",
    "EQUALS": "`=`",
    "NOT_EQUALS": "`!=`",
    "LESS": "`<`",
    "LESS_EQUAL": "`<=`",
    "GREATER": "`>`",
    "GREATER_EQUAL": "`>=`",
    "STRING": "a text in quotes",
    "TIMESTAMP": "a date and time like `2026-05-01 10:00`",
    "DATE": "a date like `2026-05-01`",
    "TIMERANGE": "hours like `22:00-09:00`",
    "TIME": "a time like `10:00`",
    "DURATION": "a length of time like `7d`",
    "PERCENT": "a share like `10%`",
    "NUMBER": "a number",
    "KEY": "a name with a colon like `email:`",
    "PATH": "a field like `order.total`",
    "NAME": "a name",
    "$END": "the end of the statement",
}


def wording(terminal: str) -> str:
    """How a message speaks of a terminal."""
    return f"`{BY_TERMINAL[terminal].spelling}`" if terminal in BY_TERMINAL else TERMINALS[terminal]
