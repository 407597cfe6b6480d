"""`scn journeys`: who stands where, and how passages ended."""

from __future__ import annotations

import click

from dsl.catalog import JOURNEY_STATES
from interpreter.commands import choices
from interpreter.commands import listing
from interpreter.commands import whom
from interpreter.project import loading
from interpreter.project.project_folder import Folder
from interpreter.store.listing import JourneyRow
from interpreter.telling.steps_text import step_places
from interpreter.trace import Places


def shape(row: JourneyRow, folder: Folder, places: Places) -> dict[str, object]:
    """A journey as `cli.md` §2.1 has it."""
    place = places.get((row.version, row.step)) if row.due_at is not None else None
    return {
        "id": row.id,
        "scenario": row.scenario,
        "customer": row.customer,
        "order": row.order,
        "product": row.product,
        "state": row.state,
        "reason": row.reason,
        "step": place.text if place else None,
        "started_at": listing.when(row.started_at, folder),
        "due_at": listing.when(row.due_at, folder),
    }


@click.command()
@listing.options(list(JOURNEY_STATES))
def command(customer: str | None, scenario: str | None, state: str | None, since: str | None, form: str) -> int:
    """List journeys by the moment they started.

    In CSV, a cell that a spreadsheet would take for a formula (it begins with `=`, `+`, `-` or `@`) gets an apostrophe before it.
    """
    folder = choices.open_project()
    store = listing.open_existing(folder)
    try:
        whom.check_customer(store, customer)
        places = step_places(store, folder, loading.one(folder).project)
        found = store.listing.journeys(customer=customer, scenario=scenario, state=state, since=listing.moment(since, folder))
        rows = [shape(row, folder, places) for row in found]
    finally:
        store.close()
    listing.show("journeys", rows, ("id", "scenario", "customer", "order", "state", "reason", "step", "started_at", "due_at"), form)
    return 0
