"""`scn run`: ticks. With `--tick` one and out, for cron; without it for as long as the process lives."""

from __future__ import annotations

import click

from interpreter.commands.running import run


@click.command()
@click.option("--tick", "once", is_flag=True, help="One tick and out: the line for cron.")
@click.option("--now", metavar="ISO", help="The moment of the tick, instead of the clock.")
@click.option("--until", metavar="ISO", help="With --now: all ticks up to there, in one process.")
@click.option("--dry-run", is_flag=True, help="Decide, show, and take everything back.")
@click.option("--max-sends", type=click.IntRange(min=0), metavar="N", help="Deliver at most N messages; the rest goes with the next tick.")
@click.option("--silent", is_flag=True, help="Say nothing when all is well, or when another tick is at work.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How the outcome is told.")
def command(once: bool, now: str | None, until: str | None, dry_run: bool, max_sends: int | None, silent: bool, form: str) -> int:
    """Handle facts, move journeys, deliver messages.

    Exit code 0: fine (also when another tick is at work), 1: something failed for good, 2: could not do the work.
    """
    return run(once=once, now=now, until=until, dry_run=dry_run, max_sends=max_sends, silent=silent, form=form)
