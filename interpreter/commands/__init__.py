"""The commands, one file each, imported when called. This table is all that `scn --help` needs."""

from __future__ import annotations

#: Name to what it does, in the order of `scn --help`. Each is `interpreter/commands/NAME.py` with a click command `command`.
COMMANDS = {
    "init": "Make a project that runs: scenario, template, sample facts, CI, cron.",
    "validate": "Find every mistake in the scenarios, all in one run.",
    "fmt": "Put scenarios in order; meaning and comments stay the same.",
    "fix": "Apply the fixes that keep the meaning.",
    "explain": "Say what a word, a check, an event or a whole scenario means.",
    "test": "Run the tests that stand beside the scenarios.",
    "ingest": "Take in facts: JSON lines, tables, product feeds.",
    "run": "Run the scenarios: one tick, or on and on.",
    "simulate": "Run the scenarios over recorded facts in virtual time; nothing is sent.",
    "preview": "Render a template for a customer.",
    "messages": "List messages.",
    "journeys": "List journeys.",
    "trace": "Say why a customer was written to, or was not.",
    "doctor": "Check configuration, database, channels and clock.",
    "backup": "Copy the database safely while it is used.",
    "prune": "Thin out old lines of the ledger, and what old facts said.",
    "forget": "Erase a customer's personal data.",
    "serve": "Answer unsubscribe links over HTTP.",
    "completion": "Print the completion script for a shell.",
}

#: Named in the manual, brought by later versions: they say so and exit 2.
LATER = ("plan", "stats", "graph", "backfill", "retime", "cancel", "lsp")
