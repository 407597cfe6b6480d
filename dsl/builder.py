"""Statements: from the parsed text to nodes. What the grammar takes but the language does not is reported, never raised.

The parts: `builder_values` (words, numbers, moments), `builder_conditions` (expressions, events), `builder_clauses`, `builder_steps`,
`builder_tests`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath

from dsl import nodes
from dsl.building.conditions import expression
from dsl.building.steps import body
from dsl.building.tests import test
from dsl.building.values import Problems
from dsl.building.values import duration
from dsl.building.values import field
from dsl.building.values import leaf
from dsl.building.values import name
from dsl.building.values import names
from dsl.building.values import only_leaf
from dsl.building.values import quiet
from dsl.building.values import span_of
from dsl.building.values import text
from dsl.building.values import the_leaf
from dsl.building.values import the_twig
from dsl.building.values import twig
from dsl.building.values import twigs
from dsl.building.values import whole
from dsl.catalog import FIELD_TYPES
from dsl.catalog import written_list
from dsl.spelling import closest
from dsl.syntax.automaton import Twig

#: Kinds of promo codes.
PROMO_KINDS = ("one_time", "multi_use", "referral")


def statement(tree: Twig, problems: Problems) -> nodes.Statement:
    """The node of a parsed statement; what is wrong with it is added to `problems`, and then the node is not to be used."""
    part = twigs(tree)[0]
    return _STATEMENTS[part.data](part, problems)


def _scenario(part: Twig, problems: Problems) -> nodes.Statement:
    title = leaf(part, "STRING")
    called, *items = twigs(part)
    clauses, steps = body(items, problems)
    return nodes.Scenario(name(called, problems), text(title, problems) if title is not None else "", clauses, steps, span=span_of(part))


def _bare(part: Twig, problems: Problems) -> nodes.Statement:
    clauses, steps = body(twigs(part), problems)
    called = nodes.Name(PurePath(problems.source.path).stem, span=span_of(only_leaf(part)))
    return nodes.Scenario(called, "", clauses, steps, bare=True, span=span_of(part))


def _segment(part: Twig, problems: Problems) -> nodes.Statement:
    return nodes.Segment(name(part.children[1], problems), expression(part.children[3], problems), span=span_of(part))


def _policy_quiet(part: Twig, problems: Problems) -> nodes.Statement:
    channels = twig(part, "policy_channels")
    hours = quiet(part, problems)
    word = span_of(part.children[1])
    last = span_of(twigs(part, "range")[-1])
    hours = nodes.Quiet(hours.ranges, hours.only, span=word.join(last))
    return nodes.PolicyQuiet(hours, names(channels, problems) if channels else (), span=span_of(part))


def _policy_cap(part: Twig, problems: Problems) -> nodes.Statement:
    channel = name(the_twig(part, "name"), problems)
    otherwise = twig(part, "policy_else")
    hold = leaf(otherwise, "DURATION") if otherwise else None
    return nodes.PolicyCap(
        whole(the_leaf(part, "NUMBER"), problems, "a cap"),
        None if channel.text in ("messages", "message") else channel,
        duration(the_leaf(part, "DURATION"), problems),
        duration(hold, problems) if hold is not None else None,
        span=span_of(part),
    )


def _define_names(part: Twig, problems: Problems) -> nodes.Statement:
    """`topic`, `action`, `balance`, `list` and `segment` with their names."""
    without, tier = twig(part, "define_without"), twig(part, "define_tier")
    if without:
        word = the_twig(without, "name")
        if text(word, problems) != "price":
            problems.replace(span_of(word), f"a list can be `without price`, found `without {text(word, problems)}`", "price", safe=False)
    return nodes.Define(
        str(part.children[1]),
        names(part, problems),
        name(the_twig(tier, "name"), problems) if tier else None,
        without is not None,
        span=span_of(part),
    )


def _define_status(part: Twig, problems: Problems) -> nodes.Statement:
    owner, *words = names(part, problems)
    return nodes.Define("status", tuple(words), owner, span=span_of(part))


def _define_category(part: Twig, problems: Problems) -> nodes.Statement:
    category, *statuses = names(part, problems)
    return nodes.DefineCategory(category, tuple(statuses), span=span_of(part))


def _define_field(part: Twig, problems: Problems) -> nodes.Statement:
    kind = name(the_twig(part, "name"), problems)
    if kind.text not in FIELD_TYPES:
        meant = closest(kind.text, FIELD_TYPES)
        message = f"a field cannot hold `{kind.text}`"
        if meant:
            problems.replace(kind.span, message, meant, f"did you mean `{meant}`?", safe=False)
        else:
            problems.add(kind.span, message, f"expected {written_list(FIELD_TYPES)}")
    return nodes.DefineField(field(the_leaf(part, "PATH")), kind, span=span_of(part))


def _define_promo(part: Twig, problems: Problems) -> nodes.Statement:
    pool, kind = names(part, problems)
    if kind.text not in PROMO_KINDS:
        meant = closest(kind.text, PROMO_KINDS)
        message = f"expected `one_time`, `multi_use` or `referral`, found `{kind.text}`"
        if meant:
            problems.replace(kind.span, message, meant, f"did you mean `{meant}`?", safe=False)
        else:
            problems.add(kind.span, message)
    valid, generate = twig(part, "promo_valid"), twig(part, "promo_generate")
    return nodes.DefinePromo(
        pool,
        kind,
        duration(the_leaf(valid, "DURATION"), problems) if valid else None,
        text(the_leaf(generate, "STRING"), problems) if generate else None,
        span=span_of(part),
    )


def _define_products(part: Twig, problems: Problems) -> nodes.Statement:
    return nodes.DefineProducts(name(the_twig(part, "name"), problems), expression(part.children[-1], problems), span=span_of(part))


_STATEMENTS: dict[str, Callable[[Twig, Problems], nodes.Statement]] = {
    "scenario": _scenario,
    "bare": _bare,
    "segment": _segment,
    "policy_quiet": _policy_quiet,
    "policy_only": _policy_quiet,
    "policy_cap": _policy_cap,
    "define_names": _define_names,
    "define_list": _define_names,
    "define_segment": _define_names,
    "define_status": _define_status,
    "define_category": _define_category,
    "define_field": _define_field,
    "define_promo": _define_promo,
    "define_products": _define_products,
    "test": test,
}
