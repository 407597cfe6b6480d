"""`scn messages`: what was sent, skipped, failed, and why."""

from __future__ import annotations

import click

from dsl.catalog import MESSAGE_STATES
from interpreter.commands import choices
from interpreter.commands import listing
from interpreter.commands import whom
from interpreter.store.listing import MessageRow


def shape(row: MessageRow, at: str | None) -> dict[str, object]:
    """A message as `cli.md` §2.1 has it."""
    return {
        "id": row.id,
        "at": at,
        "customer": row.customer,
        "scenario": row.scenario,
        "template": row.template,
        "channel": row.channel,
        "to": row.to,
        "state": row.state,
        "reason": row.reason,
        "subject": row.subject,
        "order": row.order,
        "product": row.product,
    }


@click.command()
@listing.options(list(MESSAGE_STATES))
def command(customer: str | None, scenario: str | None, state: str | None, since: str | None, form: str) -> int:
    """List messages by the moment they were decided on.

    In CSV, a cell that a spreadsheet would take for a formula (it begins with `=`, `+`, `-` or `@`) gets an apostrophe before it.
    """
    folder = choices.open_project()
    store = listing.open_existing(folder)
    try:
        whom.check_customer(store, customer)
        found = store.listing.messages(customer=customer, scenario=scenario, state=state, since=listing.moment(since, folder))
        rows = [shape(row, listing.when(row.at, folder)) for row in found if row.kind == "message"]
    finally:
        store.close()
    listing.show("messages", rows, ("at", "customer", "scenario", "template", "channel", "to", "state", "reason"), form)
    return 0
