"""An independent reckoning of who gets which letter when, straight from the CSV files of the Olist data: no part of scn is used.

The scenario:  on order.status -> "shipped" wait 7d quiet 22:00-09:00 if subscribed email send review_request limit 1 per customer

A letter is due seven days after shipping at the same time of the customer's day; at night it waits for 09:00; ticks are whole minutes.
Of several orders of one customer the first whose turn comes gets the letter; at the same second the one that was bought first.
 Nothing else of scn's rules can matter in these data:
there are no late facts, no address is missing, and shipping is only announced once an order.
"""

from __future__ import annotations

import csv
import hashlib
import sys
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

SHOP = ZoneInfo("America/Sao_Paulo")
ZONES = {
    "AC": "America/Rio_Branco", "AM": "America/Manaus", "RO": "America/Porto_Velho", "RR": "America/Boa_Vista", "MT": "America/Cuiaba",
    "MS": "America/Campo_Grande", "BA": "America/Bahia", "CE": "America/Fortaleza", "RN": "America/Fortaleza", "PB": "America/Fortaleza",
    "PI": "America/Fortaleza", "MA": "America/Fortaleza", "PE": "America/Recife", "AL": "America/Maceio", "SE": "America/Maceio",
    "PA": "America/Belem", "AP": "America/Belem", "TO": "America/Araguaina",
}  # fmt: skip


def first_of_local(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment of a local time: skipped ones move to the first that exists, doubled ones mean the first."""
    moment = wall.replace(tzinfo=zone, fold=0)
    there_and_back = moment.astimezone(UTC).astimezone(zone)
    if there_and_back.replace(tzinfo=None) == wall:
        return moment.astimezone(UTC)
    # The wall clock jumped over it: go back from behind the gap to its edge.
    late = moment.astimezone(UTC)
    while (late - timedelta(minutes=1)).astimezone(zone).replace(tzinfo=None) > wall:
        late -= timedelta(minutes=1)
    return late


def tick(moment: datetime) -> datetime:
    """The first whole minute at or after a moment."""
    floor = moment.replace(second=0, microsecond=0)
    return floor if floor == moment else floor + timedelta(minutes=1)


def reckon(folder: Path) -> dict[str, tuple[str, str]]:
    """Customer -> (order, minute of the letter in UTC)."""

    def rows(name: str) -> list[dict[str, str]]:
        with (folder / name).open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    people = {row["customer_id"]: row for row in rows("customers.csv")}
    zones: dict[str, ZoneInfo] = {}
    turns: list[tuple[datetime, datetime, int, str, str]] = []
    for arrival, row in enumerate(sorted(rows("orders.csv"), key=lambda row: row["order_purchase_timestamp"])):
        person = people[row["customer_id"]]
        who = person["customer_unique_id"]
        # The zone is told when the customer first comes, and never again.
        zone = zones.setdefault(who, ZoneInfo(ZONES.get(person["customer_state"], "America/Sao_Paulo")))
        consents = int.from_bytes(hashlib.sha256(who.encode()).digest()[:4], "big") / 2**32 < 0.8
        if not row["order_delivered_carrier_date"] or not consents:
            continue
        bought = datetime.fromisoformat(row["order_purchase_timestamp"]).replace(tzinfo=SHOP).astimezone(UTC)
        shipped = datetime.fromisoformat(row["order_delivered_carrier_date"]).replace(tzinfo=SHOP).astimezone(UTC)
        if shipped < bought:
            continue  # told of an order nobody knows yet
        wall = shipped.astimezone(zone).replace(tzinfo=None) + timedelta(days=7)
        due = first_of_local(wall, zone)
        acts = tick(due)
        local = acts.astimezone(zone)
        if local.hour >= 22 or local.hour < 9:
            morning = local.replace(tzinfo=None, hour=9, minute=0) + timedelta(days=local.hour >= 22)
            acts = tick(first_of_local(morning, zone))
        turns.append((acts, due, arrival, who, row["order_id"]))
    letters: dict[str, tuple[str, str]] = {}
    for acts, _, _, who, order in sorted(turns):
        letters.setdefault(who, (order, acts.strftime("%Y-%m-%dT%H:%M")))
    return letters


if __name__ == "__main__":
    for customer, (order, minute) in sorted(reckon(Path(sys.argv[1])).items(), key=lambda item: (item[1][1], item[0])):
        print(minute, customer, order)
