"""Which complaints are closed for good and not in the archive, although one is set up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache

from sqlmodel import col, select

from activities.ledger import Ledger
from activities.ledger_chain import event_of, pin_of
from activities.watchdog.findings import Finding
from models.archive_tables import PackageRow
from models.tables import CaseRow, DutyRow
from rulebook.clock import CaseClock
from rulebook.errors import RulebookError
from rulebook.pack import rule_pack
from rulebook.waiting import waited_for

LATE = ("late_entry", "contact_after_all")
"""The rules that give time, after all has ended, to enter what came in in time, or contact."""


def unarchived(ledger: Ledger, before: datetime, most: int) -> Iterator[Finding]:
    """
    Yield at most so many complaints that were closed, at rest in the record since that instant, and have no whole package.

    Not those in which a window runs, or a deadline lies ahead; and not before the time is over in which their rules let
    something be entered late.
    """
    ahead = select(DutyRow.key).where(
        DutyRow.complaint_id == CaseRow.complaint_id, DutyRow.status == "open", col(DutyRow.due) >= before
    )
    whole = select(PackageRow.sha256).where(
        PackageRow.complaint_id == CaseRow.complaint_id, PackageRow.events >= col(CaseRow.event_count)
    )
    asked = (
        select(CaseRow)
        .where(CaseRow.stage == "closed", col(CaseRow.updated_at) < before, ~ahead.exists(), ~whole.exists())
        .order_by(col(CaseRow.updated_at), col(CaseRow.complaint_id))
        .limit(most)
    )
    with ledger.sessions.reading() as session:
        rows = [row for row in session.exec(asked) if row.updated_at + _grace(row.pack) < before]
    for row in rows:
        closed = f"closed {row.closed_at:%Y-%m-%d}" if row.closed_at else "closed"
        yield Finding("ArchiveMissing", row.complaint_id, f"{closed}, {_waits(ledger, row)}")


@cache
def _grace(pack: str) -> timedelta:
    try:
        rules = rule_pack(pack).rules
    except RulebookError:
        return timedelta()  # Withdrawn since: nobody waits any longer because of it.
    return timedelta(days=max((rules[name].at_most or 0 for name in LATE if name in rules), default=0))


def _waits(ledger: Ledger, row: CaseRow) -> str:
    """Say what the complaint waits for: duties that somebody can still do, or nothing."""
    rows = ledger.timeline(row.complaint_id)
    try:
        pack, calendar = pin_of(rows[-1]).open()
        clock = CaseClock.fold(pack, calendar, map(event_of, rows))
    except RulebookError:
        return "its rules are not the ones here"
    keys = ", ".join(duty.key for duty in waited_for(clock.open_duties))
    return f"waits for {keys}" if keys else "waits for nobody"
