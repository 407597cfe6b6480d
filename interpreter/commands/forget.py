"""`scn forget CUSTOMER`: erases a person (GDPR art. 17, 152-ФЗ); the counts stay."""

from __future__ import annotations

import click

from interpreter import clock
from interpreter.commands import choices
from interpreter.commands import listing
from interpreter.commands import whom
from interpreter.errors import UserError
from interpreter.phases.erasure import erase


@click.command()
@click.argument("customer")
@click.option("--yes", is_flag=True, help="Without asking.")
def command(customer: str, yes: bool) -> int:
    """Erase the personal data of CUSTOMER from every table; his journeys stop. It cannot be taken back."""
    folder = choices.open_project()
    store = listing.open_existing(folder)
    try:
        found = store.entities.called(customer)
        if found is None:
            raise whom.stranger(store, customer)
        if not yes:
            _ask(customer)
        with store.transaction(durable=True):
            stopped = erase(store, found, clock.now(), inbox=True)
        store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        store.close()
    choices.tell(f"erased `{customer}`: {stopped:,} {'journey' if stopped == 1 else 'journeys'} stopped")
    return 0


def _ask(customer: str) -> None:
    """Only a yes is one: no answer, as from cron, leaves everything as it is."""
    try:
        sure = click.confirm(f"erase `{listing.printable(customer)}` for good?", err=True)
    except click.Abort:
        click.echo(err=True)
        sure = False
    if not sure:
        raise UserError(f"`{listing.printable(customer)}` was not erased", "`--yes` erases without asking")
