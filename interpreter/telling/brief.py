"""What a simulation showed, in a few lines for each scenario: what was sent, what was withheld and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from dsl import catalog
from dsl.report.display import clean
from interpreter.rules import Rules
from interpreter.tally import Summary
from interpreter.timeline.lines import shown

#: No intention to write to anybody: the facts were no news, or not what the scenario is about, or its end was reached.
_NOT_WITHHELD = frozenset({"before_launch", "where", "end", "condition"})
_MEANINGS = {**catalog.JOURNEY_REASONS, **catalog.JOURNEY_ERRORS, **catalog.REFUSALS, **catalog.SKIP_REASONS}


def text(summary: Summary, rules: Rules, zone: str) -> str:
    """All scenarios by name. Filters that said no (`where`) are left out, and what came before the launch."""
    facts = f"{summary.facts:,} {'fact' if summary.facts == 1 else 'facts'}"
    lines = [f"{facts}, from {shown(summary.launch, zone)} to {shown(summary.last, zone)} ({zone}); nothing was sent", ""]
    names = sorted(rules.project.scenarios)
    width = max((len(clean(name)) for name in names), default=0)
    for name in names:
        head = clean(name)
        for row in _rows(name, summary, rules):
            lines.append(f"{head:<{width}}  {row}")
            head = ""
    return "\n".join(lines) + "\n"


def _rows(scenario: str, summary: Summary, rules: Rules) -> Iterator[str]:
    tally = summary.tally
    sent: Counter[str] = Counter()
    for (name, template, channel, state, _), count in tally.letters.items():
        if name == scenario and state == "sent":
            sent[f"{clean(template)} by {channel}"] += count
    done = tally.outcomes[(scenario, "finished", None)]
    if sent or not done:
        yield _row("sent", sent.total(), _listed(sent))
    else:
        yield _row("done", done, "without a message")
    word = "withheld"
    for why, count in sorted(_withheld(scenario, summary, rules).items(), key=lambda row: (-row[1], row[0])):
        yield _row(word, count, why)
        word = ""
    if tally.waiting[scenario]:
        yield _row("waiting", tally.waiting[scenario], "at the end")


def _withheld(scenario: str, summary: Summary, rules: Rules) -> Counter[str]:
    """Why nothing was sent: the condition as it is written, else the reason with what it means."""
    found: Counter[str] = Counter()
    for (name, step), count in summary.tally.gates.items():
        if name == scenario:
            span = rules.scenarios[scenario].steps[step].span
            found[clean(" ".join(rules.project.scenarios[scenario].source.text[span.start : span.end].split()))] += count
    for (name, _, _, state, reason), count in summary.tally.letters.items():
        if name == scenario and state == "skipped":
            found[_meaning(reason)] += count
    for (name, outcome, reason), count in summary.tally.outcomes.items():
        if name == scenario and outcome in {"stopped", "failed", "refused"} and reason not in _NOT_WITHHELD:
            found[_meaning(reason)] += count
    return found


def _meaning(reason: str | None) -> str:
    return f"{reason}: {_MEANINGS[reason]}" if reason in _MEANINGS else str(reason)


def _listed(sent: Counter[str]) -> str:
    rows = sorted(sent.items(), key=lambda row: (-row[1], row[0]))
    return rows[0][0] if len(rows) == 1 else ", ".join(f"{what} {count:,}" for what, count in rows)


def _row(word: str, count: int, more: str) -> str:
    return f"{word:<8}{count:>7,}  {more}".rstrip()
