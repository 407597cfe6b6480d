"""What ticks did, told: as a sentence or as JSON, and the exit code it means."""

from __future__ import annotations

from collections.abc import Mapping

from interpreter.commands import arrivals
from interpreter.commands import choices
from interpreter.project.project_folder import Folder
from interpreter.report import Report

#: Sentences shown of one run.
NOTES = 10


def tell(
    report: Report, folder: Folder, form: str, *, silent: bool, launched: bool = False, more: Mapping[str, object] | None = None
) -> int:
    """The outcome, and the exit code it means. `launched`: for the first time; `more`: for JSON."""
    from dsl.calendar import iso
    from dsl.report.display import clean_json

    bad = report.failed or report.unsure or report.failed_journeys
    for note in list(report.notes.values())[:NOTES]:
        choices.tell(note)
    if len(report.notes) > NOTES:
        choices.tell(f"and {len(report.notes) - NOTES} more like these")
    if report.too_early:
        arrivals.tell_too_early(report.too_early, history="from now on" if launched else "")
    if form == "json":
        counts = {name: getattr(report, name) for name in ("facts", "events", "started", "finished", "stopped", "held", "sent")}
        failed = report.failed + report.failed_journeys
        shape = {
            "version": 1,
            "now": iso(report.now, folder.config.timezone),
            **counts,
            "failed": failed,
            "unsure": report.unsure,
            "seconds": round(report.seconds, 3),
            **(more or {}),
        }
        choices.put(clean_json(shape) + "\n")
    elif not silent or bad:
        choices.put(_sentence(report, iso(report.now, folder.config.timezone)) + "\n")
    return 1 if report.failed or report.failed_journeys else 0


def _sentence(report: Report, now: str) -> str:
    parts = [
        f"{count:,} {one if count == 1 else many}"
        for count, one, many in (
            (report.facts, "fact", "facts"),
            (report.started, "journey started", "journeys started"),
            (report.sent, "message sent", "messages sent"),
            (report.skipped, "skipped", "skipped"),
            (report.held, "held", "held"),
            (report.stopped, "stopped", "stopped"),
            (report.finished, "finished", "finished"),
            (report.retried, "to be tried again", "to be tried again"),
            (report.failed, "delivery failed", "deliveries failed"),
            (report.failed_journeys, "journey failed", "journeys failed"),
            (report.unsure, "unsure", "unsure"),
        )
        if count
    ]
    return f"{now}: {', '.join(parts)}" if parts else "nothing to do"
