"""`every …`: a scenario passes over the customers (`engine.md` §1, phase 2; `domain.md` S34).

A pass goes by chunks of customers, each written with the place the pass has come to:
a killed one is continued, and nobody starts twice.
"""

from __future__ import annotations

import json

from interpreter import limits
from interpreter import schedules
from interpreter.batch import Batch
from interpreter.batch import Ids
from interpreter.begin import begin
from interpreter.entities import Customer
from interpreter.journey import Refusal
from interpreter.launch import Running
from interpreter.program import Scenario
from interpreter.report import Report
from interpreter.store.scenarios import ScenarioRow
from interpreter.store.sqlite import Store

#: Customers looked at together.
CHUNK = 1000


def run_passes(store: Store, running: Running, ids: Ids, now: int, report: Report) -> None:
    """Every pass that is due."""
    for row in running.rows.values():
        scenario = running.current.get(row.id)
        if scenario is None or row.state != "running" or row.next_run is None or row.next_run > now:
            continue
        place = f"pass {row.id}"
        kept = store.scenarios.get(place)
        # A pass is for the moments in (since, until]; one that was cut short goes on with the moments it began with.
        since, until, after = json.loads(kept) if kept else (row.next_run - 1, now, 0)
        while True:
            customers = store.entities.all_customers(after, CHUNK)
            batch = Batch(store, running, ids, now)
            batch.shop.know_customers(customers)
            _start(batch, row, scenario, customers, (since, until), report)
            with store.transaction():
                batch.write()
                if len(customers) < CHUNK:
                    row.next_run = schedules.next_run(scenario, until, running.rules.timezone)
                    store.scenarios.save(row)
                    store.scenarios.set(place, None)
                    break
                after = customers[-1].id
                store.scenarios.set(place, json.dumps([since, until, after]))


def _start(batch: Batch, row: ScenarioRow, scenario: Scenario, customers: list[Customer], moments: tuple[int, int], report: Report) -> None:
    batch.load_history([customer.id for customer in customers], scenario.start_reads)
    views = [batch.view(row.id, customer, at=batch.now, started=batch.now) for customer in customers]
    batch.load_applications((row.id, limits.application_keys(scenario, view)) for view in views)
    for view in views:
        if view.customer.erased:
            continue
        for trigger in scenario.schedules:
            due = schedules.moment(trigger, moments[0], moments[1], view)
            if due is None:
                continue
            view.context_time = view.started = due
            if trigger.where is not None and not trigger.where.test(view):
                continue
            active = scenario.active
            full = limits.full_limit(scenario, view, 0)
            if active is not None and not schedules.is_active(active, due, batch.rules.timezone):
                batch.record(view.customer.id, row.id, "refused", Refusal.INACTIVE)
            elif full is not None:
                batch.record(view.customer.id, row.id, "refused", Refusal.LIMIT, detail=f"limit {full.count} per {full.key}")
            else:
                journey = begin(batch, row.id, scenario, view)
                report.started += 1
                batch.record(view.customer.id, row.id, "started", "every", journey=journey)
                break
