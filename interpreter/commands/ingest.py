"""`scn ingest`: facts from files or stdin into the database (`events.md` §2.2)."""

from __future__ import annotations

import click

from interpreter.commands.ingesting import ingest


@click.command()
@click.argument("files", nargs=-1, required=True)
@click.option("--format", "kind", type=click.Choice(["jsonl", "csv", "yml", "google"]), default="jsonl", help="How the facts are written.")
@click.option(
    "--of",
    type=click.Choice(["customers", "orders", "products", "subscriptions", "promo"]),
    help="With csv: what the rows are, where the columns do not tell.",
)
@click.option("--encoding", metavar="NAME", help="With csv: how the text is encoded, instead of UTF-8: `cp1251`.")
@click.option("--pool", metavar="NAME", help="With csv: the pool of promo codes, where no column tells.")
@click.option("--zone", metavar="NAME", help="With products: the zone whose feed this is, instead of the main feed.")
@click.option("--shrink", is_flag=True, help="With yml and google: take a feed although it has lost most of its products or prices.")
@click.option("--strict", is_flag=True, help="Store nothing if there is anything wrong.")
@click.option(
    "--received", metavar="ISO|each", help="When the facts arrived, instead of now; `each`: every fact says so itself, else its `at`."
)
@click.option("--report", type=click.Choice(["text", "json"]), default="text", help="How the outcome is told.")
def command(
    files: tuple[str, ...],
    kind: str,
    of: str | None,
    encoding: str | None,
    pool: str | None,
    zone: str | None,
    shrink: bool,
    strict: bool,
    received: str | None,
    report: str,
) -> int:
    """Take in facts: one JSON object in each line, or what `--format` says; `-` reads stdin.

    The same fact twice changes nothing; one with neither `key` nor `at` is new each time. Bad lines are listed with what was expected,
    the first 20 of them or, with `--report json`, all; the good ones are stored.

    csv: a header names the columns, a row is a customer, a line of an order, a product, a subscription or a promo code.
    yml, google: the products of a feed of Yandex Market or Google Merchant, packed or not. What differs from the load before is taken,
    all of it or nothing.

    Exit code 0: all taken in, 1: there were bad lines, 2: the work could not be done.
    """
    return ingest(
        files,
        kind=kind,
        of=of,
        encoding=encoding,
        pool=pool,
        zone=zone,
        shrink=shrink,
        strict=strict,
        received=received,
        report=report,
    )
