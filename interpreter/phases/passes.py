"""`every …`: a scenario passes over the customers (`engine.md` §1, phase 2; `domain.md` S34).

A pass goes by chunks of customers, each written with the place the pass has come to:
a killed one is continued, and nobody starts twice.
"""

from __future__ import annotations

import json

from interpreter import limits
from interpreter.entities import Customer
from interpreter.journey import Refusal
from interpreter.phases import schedules
from interpreter.phases.batch import Batch
from interpreter.phases.begin import begin
from interpreter.phases.ids import Ids
from interpreter.phases.launch import Running
from interpreter.program import Scenario
from interpreter.report import Report
from interpreter.store.scenarios import ScenarioRow
from interpreter.store.sqlite import Store

#: Customers looked at together.
CHUNK = 1000


def run_passes(store: Store, running: Running, ids: Ids, now: int, report: Report) -> None:
    """Every pass that is due; behind one that was cut short the next one may be due already."""
    for row in running.rows.values():
        scenario = running.current.get(row.id)
        while scenario is not None and row.state == "running" and row.next_run is not None and row.next_run <= now:
            batch = Batch(store, running, ids, now)
            with store.transaction():
                _chunk(batch, row, scenario, row.next_run, report)


def _chunk(batch: Batch, row: ScenarioRow, scenario: Scenario, due: int, report: Report) -> None:
    """The next customers of a pass; behind the last ones it is made, and the row says when the next one comes."""
    store = batch.store
    kept = store.scenarios.get(row.place_of_pass)
    # A pass is for the moments in (since, until]; one that was cut short goes on with the moments it began with.
    since, until, after = json.loads(kept) if kept else (due - 1, batch.now, 0)
    named = {trigger.segment for trigger in scenario.schedules}
    if len(named) == 1 and (segment := named.pop()) is not None:
        customers = store.entities.customers(ids=store.belongings.members("segment", segment, after, CHUNK))
        customers.sort(key=lambda customer: customer.id)
    else:
        customers = store.entities.all_customers(after, CHUNK)
    batch.shop.know_customers(customers)
    _start(batch, row, scenario, customers, (since, until), report)
    batch.write()
    over = len(customers) < CHUNK
    if over:
        row.next_run = schedules.next_run(scenario, until, batch.rules.timezone)
        store.scenarios.save(row)
    store.scenarios.set(row.place_of_pass, None if over else json.dumps([since, until, customers[-1].id]))


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
            if trigger.segment is not None and trigger.segment not in view.of("segment"):
                continue
            if trigger.where is not None and not trigger.where.test(view):
                continue
            active = scenario.active
            full = limits.full_limit(scenario, view, 0)
            if active is not None and not schedules.is_active(active, due, batch.rules.timezone):
                batch.record(view.customer.id, row.id, "refused", Refusal.INACTIVE)
            elif full is not None:
                batch.record(view.customer.id, row.id, "refused", Refusal.LIMIT, detail=f"limit {full.count} per {full.key}")
            else:
                begin(batch, row.id, scenario, view)
                report.started += 1
                break
