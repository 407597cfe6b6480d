"""What marketers call things, and how that is written in scn: `abandoned cart`, `win back`, `double opt-in`.

A table: the name and what else it is called, what it is, how it is written, which scenarios of the library do it, and where to read on.
Letters of either case, hyphens, plurals and the order of words make no difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

import attrs


@attrs.frozen(slots=True)
class Topic:
    """A word of the trade."""

    name: str
    also: tuple[str, ...]
    meaning: str
    """One sentence."""
    written: str
    """Scenarios and other statements, as they stand in a file."""
    library: tuple[str, ...] = ()
    """Files of `scenarios/`, without the ending."""
    see: tuple[str, ...] = ()
    """What `scn explain` says more of."""


TOPICS = (
    Topic(
        "abandoned cart",
        ("abandoned basket", "cart abandonment", "forgotten cart", "cart recovery", "left in cart", "cart", "basket"),
        "somebody put things into the cart, left the site, and has not ordered: a visit that ends starts it",
        """
        on session ended
          wait 30m quiet 22:00-09:00
          if no order within 1d and any item in session.added (product in list "cart")
          if subscribed email
          send abandoned_cart
          limit 1 per customer within 3d
        """,
        ("abandoned_session",),
        ("session.ended", "session.activity", "list.add"),
    ),
    Topic(
        "abandoned browse",
        ("browse abandonment", "abandoned visit", "abandoned session", "abandoned view", "viewed but not bought"),
        "somebody looked at products, left the site, and has not ordered: a visit that ends starts it",
        """
        on session ended
          wait 1h quiet 22:00-09:00
          if no order within 1d and session.viewed is not empty
          if subscribed email
          send abandoned_view
          limit 1 per customer within 3d
        """,
        ("abandoned_session",),
        ("session.ended", "product.viewed"),
    ),
    Topic(
        "birthday",
        ("birthdate", "birthday greeting", "happy birthday", "birthday discount", "anniversary"),
        "a date that comes round each year: a schedule by a date of the customer, also some days before it",
        """
        every year on customer.birthday - 7d at 10:00
          if subscribed email
          send birthday
        """,
        (),
        ("every", "customer.birthday"),
    ),
    Topic(
        "wishlist",
        ("wish list", "favourite", "favorite", "saved item", "waiting list", "waitlist"),
        "a list like the cart, by any name you give it: the shop tells what goes in, and events of products in it start scenarios",
        """
        define list "wishlist"

        on product.price drops 10% in list "wishlist"
          if product.available and product in list "wishlist"
          if subscribed email
          send price_drop
          limit 1 per customer within 1d
        """,
        ("price_drop", "back_in_stock"),
        ("list.add", "list.added", "list.price_drops", "list.restocked"),
    ),
    Topic(
        "win back",
        ("winback", "reactivation", "reactivate", "re-engagement", "reengage", "comeback", "come back", "we miss you", "sleeping",
         "sleeping customer", "inactive customer", "dormant", "churn", "lapsed customer"),
        "whoever has not bought for long: a segment says who, a schedule goes through it, a limit keeps it from coming again and again",
        """
        segment sleeping where last(order.created_at) < now - 180d

        every day at 10:00 for segment sleeping
          if subscribed email
          send comeback
          limit 1 per customer within 180d
        """,
        ("comeback",),
        ("segment", "every", "limit"),
    ),
    Topic(
        "welcome",
        ("welcome series", "onboarding", "sign up", "signup", "registration", "new customer", "new subscriber"),
        "somebody registers: that event starts it, and waits stand between the letters",
        """
        on customer registered
          if subscribed email
          send welcome
          wait 7d quiet 22:00-09:00
          if no order since start
          if subscribed email
          send welcome_reminder
          limit 1 per customer
        """,
        ("welcome",),
        ("customer.registered", "customer.created", "subscription", "wait"),
    ),
    Topic(
        "price drop",
        ("price dropped", "price reduction", "cheaper", "sale", "markdown", "price alert"),
        "a product gets cheaper, for whoever has it in a list or has looked at it",
        """
        scenario cheaper
          on product.price drops 10% in list "wishlist"
          on product.price drops 10% in views

          if product.available
          if subscribed email
          send price_drop

          limit 1 per customer within 1d
        """,
        ("price_drop", "viewed_price_drop"),
        ("list.price_drops", "views.price_drops", "product.feed"),
    ),
    Topic(
        "back in stock",
        ("in stock again", "restock", "available again", "stock alert"),
        "a product can be bought again, for whoever has it in a list or has looked at it",
        """
        scenario back
          on product restocked in list "waitlist"
          on product restocked in views

          if product.available
          if subscribed email
          send back_in_stock

          limit 1 per customer within 1d
        """,
        ("back_in_stock", "viewed_back_in_stock"),
        ("list.restocked", "views.restocked", "product.feed"),
    ),
    Topic(
        "low stock",
        ("last items", "almost sold out", "running out", "scarcity"),
        "few are left of a product: a field of your own that the feed brings, and a condition on it",
        """
        define field product.stock_left number

        on product.stock_left changed in list "cart"
          if product.stock_left <= 3 and product in list "cart"
          if subscribed email
          send running_out
          limit 1 per customer within 3d
        """,
        ("running_out",),
        ("list.field", "list.sold_out"),
    ),
    Topic(
        "review request",
        ("ask for a review", "product review", "review", "feedback", "feedback request", "rating", "testimonial"),
        "some days after an order arrived, a question how it was: the status of the order starts it",
        """
        on order.status -> category delivered
          wait 7d only 10:00-20:00
          if subscribed email
          send review_request
          limit 1 per customer within 30d
        """,
        ("review_request", "review_after_shipping"),
        ("order.status", "only"),
    ),
    Topic(
        "survey",
        ("nps", "nps survey", "net promoter score", "csat", "satisfaction survey"),
        "a question some days after an order arrived, not more than once a quarter",
        """
        on order.status -> category delivered
          wait 3d quiet 22:00-09:00
          if subscribed email
          send nps_survey
          limit 1 per customer within 90d
        """,
        ("nps_survey",),
        ("order.status", "limit"),
    ),
    Topic(
        "promo code",
        ("promocode", "coupon", "coupon code", "voucher", "discount code", "promotion code", "unique code", "gift code"),
        "a code of his own for each customer, from a pool that is loaded or draws codes by a pattern",
        """
        define promo "NEXT10" one_time valid 30d generate "NEXT-########"

        on order.status -> "shipped"
          wait 14d quiet 22:00-09:00
          if subscribed email
          issue promo "NEXT10"
          send next_order
          limit 1 per order
        """,
        ("next_order", "welcome", "comeback"),
        ("issue", "promo.load", "promo.issued", "promo.redeemed", "promo.code"),
    ),
    Topic(
        "referral",
        ("refer a friend", "referral program", "invite a friend", "referral code"),
        "a code that a customer hands on: whose code it is hears of it when somebody uses it",
        """
        define promo "FRIEND" referral generate "FRIEND-######"

        on promo "FRIEND" referred
          award 200 to balance "bonus"
          if subscribed email
          send thanks_for_a_friend
          limit 10 per customer within 30d
        """,
        (),
        ("promo.referred", "referral", "award"),
    ),
    Topic(
        "quiet hours",
        ("quiet time", "silent hours", "do not disturb", "dnd", "night", "sending window", "send window", "no sms at night"),
        "hours in which nothing is sent, of a `wait` or `send`, a scenario, or by a policy of all; what falls into them waits",
        """
        policy quiet 22:00-09:00 for sms, push

        on order.status -> "shipped"
          wait 7d quiet 22:00-09:00
          if subscribed email
          send review_request
          limit 1 per order
        """,
        ("policies",),
        ("quiet", "only", "policy"),
    ),
    Topic(
        "double opt-in",
        ("doi", "confirm email", "email confirmation", "email verification", "verify email", "confirmed opt-in"),
        'an address counts once its owner confirmed it: `confirm = ["email"]` in scn.toml asks for it, and this sends the question',
        """
        # scn: ignore[transactional-trigger] the question must reach the new address
        on customer.email changed
          transactional
          send confirm_contact by email
          limit 3 per customer within 1d
        """,
        ("email_confirmed",),
        ("email.changed", "email.confirmed", "contact.confirm", "pending"),
    ),
    Topic(
        "unsubscribe",
        ("unsubscription", "opt-out", "optout", "unsubscribe link", "list-unsubscribe", "one-click unsubscribe"),
        "every marketing letter shows `{{ unsubscribe_url }}`, and whoever unsubscribed gets none; a scenario may also hear of it",
        """
        on subscription email -> unsubscribed
          send left_us to "manager@shop.example"
          limit 1 per customer
        """,
        (),
        ("unsubscribed", "subscription", "message.unsubscribed", "subscription.set", "send-without-consent"),
    ),
    Topic(
        "consent",
        ("opt-in", "optin", "subscription consent", "permission", "gdpr consent"),
        "what a customer agreed to, by channel and topic: facts bring it under `subscribed`, a scenario asks for it after its last wait",
        """
        define topic "news"

        on customer registered
          if subscribed email to "news"
          send welcome
          limit 1 per customer
        """,
        (),
        ("subscribed", "subscription.set", "send-without-consent"),
    ),
    Topic(
        "newsletter",
        ("digest", "weekly digest", "mailing", "bulk email", "broadcast", "blast"),
        "the same letter to everybody who wants it, by a schedule",
        """
        every saturday at 10:00
          if subscribed email to "news"
          send weekly_digest
        """,
        ("weekly_digest",),
        ("every", "subscribed"),
    ),
    Topic(
        "order confirmation",
        ("order placed", "purchase confirmation", "transactional email"),
        "an answer to what the customer did needs no consent: a transactional scenario with a transactional template",
        """
        on order created
          transactional
          send order_placed by email
          limit 1 per order
        """,
        ("order_placed",),
        ("transactional", "order.created"),
    ),
    Topic(
        "shipping notification",
        ("shipping confirmation", "delivery notification", "tracking"),
        "an order gets a status: that starts it, as an answer that needs no consent",
        """
        on order.status -> "shipped"
          transactional
          send order_shipped by email, sms
          limit 1 per order
        """,
        ("order_placed",),
        ("order.status", "transactional"),
    ),
    Topic(
        "payment reminder",
        ("unpaid order", "abandoned checkout", "checkout abandonment", "abandoned payment"),
        "an order was made and is not paid after a while",
        """
        on order.status -> "placed"
          transactional
          wait 1h
          if order.status = "placed"
          send payment_reminder by email, sms
          limit 1 per order
        """,
        ("payment_reminder",),
        ("order.status", "transactional"),
    ),
    Topic(
        "cross-sell",
        ("upsell", "post purchase", "second order", "next order", "repeat purchase", "repeat order", "related products",
         "product recommendation", "recommendation"),
        "after an order what goes with it: the letter offers products, `customer.recommendations.related_to_last_order`",
        """
        on order.status -> category delivered
          wait 14d quiet 22:00-09:00
          if no order since start
          if subscribed email
          send related_products
          limit 1 per customer within 60d
        """,
        ("repeat_order", "next_order"),
        ("order.status", "product.bought", "goal"),
    ),
    Topic(
        "replenishment",
        ("replenish", "refill", "reorder", "buy again"),
        "some days before what was bought runs out, by the `expiry` of the product",
        """
        on product bought
          wait until product.expires - 7d quiet 22:00-09:00
          if subscribed email
          send replenish
          limit 1 per customer within 1d
        """,
        ("replenish",),
        ("product.bought", "product.expiry"),
    ),
    Topic(
        "loyalty points",
        ("loyalty program", "loyalty", "bonus point", "points", "cashback", "points available", "reward point"),
        "any number of balances by name: points come with facts or with `award`, and events tell of them",
        """
        on balance "bonus" available
          if subscribed email
          send points_available
          limit 1 per customer within 12h
        """,
        ("points_available", "email_confirmed"),
        ("balance.available", "balance.changed", "balance.change", "award", "deduct"),
    ),
    Topic(
        "expiring points",
        ("points expire", "points burn", "burning points", "points expiration"),
        "points that burn soon: the accrual starts it, and it waits for the date",
        """
        on balance "bonus" changed
          where change.expires_at is set
          wait until change.expires_at - 7d quiet 22:00-09:00
          if change.remaining > 0
          if subscribed email
          send points_burning
          limit 1 per customer within 6d
        """,
        ("points_burning",),
        ("balance.changed", "change"),
    ),
    Topic(
        "frequency cap",
        ("frequency capping", "message cap", "fatigue", "too many emails", "contact pressure", "frequency limit"),
        "how much one customer gets from all scenarios together; of one scenario it is `limit`",
        """
        policy cap 3 messages within 7d
        policy cap 1 sms within 24h else hold 2d
        """,
        ("policies",),
        ("policy", "cap", "limit"),
    ),
    Topic(
        "a/b test",
        ("ab test", "ab testing", "split test", "experiment", "variant"),
        "parts of the customers by chance, each always the same part",
        """
        on customer registered
          if subscribed email
          split subject {
            50% plain {
              send welcome
            }
            50% funny {
              send welcome_funny
            }
          }
          limit 1 per customer
        """,
        ("repeat_order",),
        ("split", "holdout"),
    ),
    Topic(
        "control group",
        ("uplift", "incrementality", "hold-out"),
        "a share of the customers who get nothing, to compare with",
        """
        on customer registered
          goal order created within 30d
          holdout 10%
          if subscribed email
          send welcome
          limit 1 per customer
        """,
        (),
        ("holdout", "goal"),
    ),
    Topic(
        "vip",
        ("vip customer", "best customer", "rfm", "segmentation", "loyal customer"),
        "customers of one kind: a segment by a condition, and events when somebody gets into it or out of it",
        """
        segment vip where sum(order.total within 365d) >= 50000

        on segment vip entered
          if subscribed email
          send welcome_vip
          limit 1 per customer
        """,
        (),
        ("segment", "segment.entered", "sum"),
    ),
    Topic(
        "one-time password",
        ("otp", "login code", "sms code", "verification code", "flash call"),
        "a code to log in with: asked for by the shop, sent at once, without consent",
        """
        on code requested
          transactional
          valid 5m
          send login_code by sms
          limit 5 per customer within 1h
        """,
        ("flash_call",),
        ("code.requested", "code.generate", "transactional"),
    ),
)  # fmt: skip

_WORD = re.compile(r"[^\W_]+")
#: Words that say nothing about which of all this is meant.
_FILLING = frozenset({"a", "an", "the", "of", "for", "to", "my", "our", "your", "but"})
_WRAPPING = frozenset(
    {"email", "mail", "letter", "message", "campaign", "scenario", "flow", "automation", "trigger", "notification", "alert"}
)


def topic(text: str) -> Topic | None:
    """What is meant by these words, also where `email`, `campaign` or the like stands beside them."""
    words = _words(text)
    return _known().get(words) or _known().get(words - _WRAPPING)


def page(one: Topic) -> str:
    """Markdown; its first line says what it is."""
    more = [f"In the library, ready to copy: {_listed(f'scenarios/{name}.scn' for name in one.library)}."] if one.library else []
    more.append(f"More: {_listed(f'scn explain {name}' for name in one.see)}.")
    code = "\n".join(f"    {line}".rstrip() for line in statements(one).splitlines())
    return "\n\n".join([one.meaning, code, *more])


def statements(one: Topic) -> str:
    """How it is written, as a file has it."""
    lines = one.written.strip("\n").splitlines()
    return "\n".join(line.removeprefix(" " * 8) for line in lines).strip() + "\n"


@cache
def _known() -> dict[frozenset[str], Topic]:
    return {_words(name): one for one in TOPICS for name in (one.name, *one.also)}


def _words(text: str) -> frozenset[str]:
    found = (word.casefold() for word in _WORD.findall(text))
    return frozenset(word.removesuffix("s") if len(word) > 3 and not word.endswith("ss") else word for word in found) - _FILLING


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
