"""`scn trace CUSTOMER`: why did Ann not get it?"""

from __future__ import annotations

from collections.abc import Iterator

import click

from dsl.calendar import iso
from dsl.spelling import closest
from interpreter import trace
from interpreter.commands import choices
from interpreter.commands import listing
from interpreter.commands import whom
from interpreter.project import loading
from interpreter.store.pruning import pruned_before
from interpreter.store.sqlite import Store
from interpreter.telling.steps_text import step_places


@click.command()
@click.argument("customer")
@click.option("--scenario", metavar="NAME", help="Only what this scenario did.")
@click.option("--order", metavar="ID", help="Only journeys of this order, and what was refused for it.")
@click.option("--at", "until", metavar="ISO", help="Only what was known at this moment.")
def command(customer: str, scenario: str | None, order: str | None, until: str | None) -> int:
    """Tell every decision about CUSTOMER: each step, what it saw, and why it went on or not. Refused triggers too."""
    folder = choices.open_project()
    store = listing.open_existing(folder)
    try:
        whom.check_customer(store, customer)
        project = loading.one(folder).project
        places = step_places(store, folder, project)
        decisions = store.listing.decisions(customer=customer, scenario=scenario, upto=listing.moment(until, folder))
        wanted = [decision for decision in decisions if order is None or decision.order == order]
        messages = list(store.listing.messages(customer=customer, scenario=scenario))
        told = False
        for line in trace.lines(wanted, messages, places, folder.config.timezone):
            click.echo(listing.printable(line))
            told = True
        pruned = pruned_before(store.connection)
        notes = [*_notes(store, customer, order)]
    finally:
        store.close()
    if pruned is not None:
        older = iso(pruned, folder.config.timezone)
        click.echo(f"decisions older than {older} were pruned, except of journeys that had not ended", err=True)
        click.echo(f"  `scn messages --customer {listing.printable(customer)}` still lists what was sent", err=True)
    if not told:
        asked = " that fits these options" if scenario or order or until else ""
        click.echo(f"no decision about `{listing.printable(customer)}`{asked}", err=True)
        if scenario and (near := closest(scenario, [name for name in project.scenarios if name != scenario])):
            click.echo(f"  did you mean the scenario `{near}`?", err=True)
    for note in notes:
        click.echo(listing.printable(note), err=True)
    return 0


def _notes(store: Store, customer: str, order: str | None) -> Iterator[str]:
    """What could be meant as well, and what is not told yet."""
    if order is not None and (found := whom.order_of(store, order)) and store.entities.called(customer) != store.entities.called(found[1]):
        yield f"the order `{found[0]}` is of `{found[1]}`: `scn trace {found[1]} --order {found[0]}`"
    if order is None and (found := whom.order_of(store, customer)):
        yield f"there is also an order `{found[0]}`, of `{found[1]}`: `scn trace {found[1]} --order {found[0]}`"
    if count := whom.waiting(store, customer):
        yield f"{whom.waiting_words(count)} and can change this: `scn run --tick`"
