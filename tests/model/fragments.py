"""Pieces of scenarios, written in the language and read once: what generated projects are put together from."""

from __future__ import annotations

from functools import cache

from dsl import nodes
from dsl.parser import parse
from dsl.source import Source


def _scenario(text: str) -> nodes.Scenario:
    parsed = parse(Source("fragment.scn", f'scenario fragment\n  on action "go"\n  {text}\n'))
    assert not parsed.diagnostics, (text, parsed.diagnostics)
    (found,) = parsed.file.statements
    assert isinstance(found, nodes.Scenario)
    return found


@cache
def clause(text: str) -> nodes.Clause:
    """`limit 1 per customer`"""
    return _scenario(text).clauses[-1]


@cache
def step(text: str) -> nodes.Step:
    """`send t1 by email`"""
    return _scenario(text).steps[0]


@cache
def condition(text: str) -> nodes.Expression:
    """`order.total > 500`"""
    found = _scenario(f"if {text}").steps[0]
    assert isinstance(found, nodes.Gate)
    return found.condition


@cache
def statement(text: str) -> nodes.Statement:
    """`policy cap 1 message within 1d`"""
    parsed = parse(Source("fragment.scn", text + "\n"))
    assert not parsed.diagnostics, (text, parsed.diagnostics)
    return parsed.file.statements[0]
