"""What rests of supervision: every run is put down once; what was drawn, called and found out is only ever added to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from activities.ledger_session import LedgerConflict, LedgerMissing, Sessions
from models.supervision import Scheduled
from models.supervision_tables import (
    CallRow,
    CommitteeCallRow,
    FollowUpRow,
    MemberRow,
    RunRow,
    SentRow,
    WishRow,
)
from models.tables import CaseRow, IntakeRow
from rulebook.calendar import WorkingCalendar
from rulebook.period import Owed, Period, newest_due, owed


class SupervisionBook:
    """The part of the record that supervision writes; every writing method can be repeated."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def put_down(
        self, row: RunRow, members: Sequence[MemberRow] = (), calls: Sequence[CommitteeCallRow] = ()
    ) -> RunRow:
        """Put the run down with all that belongs to it, unless its identity has one; return the one that is there."""
        with self._sessions.writing(row.run) as session:
            there = session.get(RunRow, row.run)
            if there is not None:
                return there
            session.add(row)
            session.flush()
            session.add_all([*members, *calls])
            return row

    def run(self, run: str) -> RunRow | None:
        """Return the run of this identity; None if there is none."""
        with self._sessions.reading() as session:
            return session.get(RunRow, run)

    def runs(self, schedule: str | None = None, limit: int = 100) -> list[RunRow]:
        """Return the runs of *schedule*, or all, the newest period first."""
        asked = select(RunRow).order_by(col(RunRow.until).desc(), col(RunRow.run)).limit(limit)
        with self._sessions.reading() as session:
            return list(session.exec(asked.where(RunRow.schedule == schedule) if schedule else asked))

    def owed(
        self, scheduled: Scheduled, calendar: WorkingCalendar, zone: ZoneInfo, at: datetime
    ) -> tuple[Period, tuple[Owed, ...]]:
        """Return the newest period about which the schedule owes something at that instant, and what it still owes."""
        newest = newest_due(scheduled.every, scheduled.day.rule, calendar, zone, at)
        since = newest.back(scheduled.reach)[0].span(zone)[0]
        return newest, owed(
            newest, self._covered(scheduled.id, since), scheduled.missed, scheduled.reach, self.began_on(zone)
        )

    def _covered(self, schedule: str, since: datetime) -> frozenset[Period]:
        """Return the periods about which a run of *schedule* speaks, as far as they matter from *since* on."""
        asked = select(RunRow.period, RunRow.passed_over).where(RunRow.schedule == schedule, RunRow.until > since)
        with self._sessions.reading() as session:
            return frozenset(Period.parse(name) for period, over in session.exec(asked) for name in (period, *over))

    def began_on(self, zone: ZoneInfo) -> date | None:
        """Return the day in *zone* on which the first complaint on record was taken in; None for an empty record."""
        begun = self._begun()
        return begun.astimezone(zone).date() if begun else None

    def _begun(self) -> datetime | None:
        """Return when the first complaint on record was taken in; None for an empty record."""
        with self._sessions.reading() as session:
            return session.exec(select(IntakeRow.opened_at).order_by(col(IntakeRow.opened_at)).limit(1)).first()

    def newest(self, schedule: str) -> RunRow | None:
        """Return the run of *schedule* about its newest period; None if it has none."""
        return next(iter(self.runs(schedule, limit=1)), None)

    def unsent(self, schedule: str) -> list[RunRow]:
        """Return the runs of *schedule* whose documents were not all handed over, oldest first."""
        asked = (
            select(RunRow)
            .outerjoin(SentRow, col(SentRow.run) == RunRow.run)
            .where(RunRow.schedule == schedule, col(SentRow.run).is_(None))
            .order_by(col(RunRow.until))
        )
        with self._sessions.reading() as session:
            return list(session.exec(asked))

    def sent(self, run: str) -> SentRow | None:
        """Return what proves that the run's documents were handed over; None while they were not."""
        with self._sessions.reading() as session:
            return session.get(SentRow, run)

    def mark_sent(self, run: str, at: datetime, proofs: dict[str, str]) -> SentRow:
        """Note that all documents of the run were handed over, once."""
        with self._sessions.writing(run) as session:
            there = session.get(SentRow, run)
            if there is None:
                session.add(there := SentRow(run=run, sent_at=at, proofs=proofs))
            return there

    def committee_calls(self, run: str) -> list[CommitteeCallRow]:
        """Return whom the run called the committee about, in the order of units and departments."""
        asked = select(CommitteeCallRow).where(CommitteeCallRow.run == run)
        with self._sessions.reading() as session:
            return list(session.exec(asked.order_by(col(CommitteeCallRow.unit), col(CommitteeCallRow.department))))

    def members(self, run: str) -> list[MemberRow]:
        """Return the population of the sample: by area, in the order of the draw, those that were kept out last."""
        order = (col(MemberRow.area), col(MemberRow.position).asc().nulls_last(), col(MemberRow.complaint_id))
        with self._sessions.reading() as session:
            return list(session.exec(select(MemberRow).where(MemberRow.run == run).order_by(*order)))

    def member(self, run: str, complaint_id: str) -> MemberRow | None:
        """Return the case's row in the population of the sample; None if it is not in it."""
        with self._sessions.reading() as session:
            return session.get(MemberRow, (run, complaint_id))

    def wishes(self, complaint_ids: Iterable[str]) -> dict[str, WishRow]:
        """Return the proven wishes to wait among the cases named (R162)."""
        names = set(complaint_ids)
        with self._sessions.reading() as session:
            return {row.complaint_id: row for row in session.exec(select(WishRow)) if row.complaint_id in names}

    def calls(self, run: str) -> list[CallRow]:
        """Return the callbacks and checks of the sample, by case and number."""
        asked = select(CallRow).where(CallRow.run == run)
        with self._sessions.reading() as session:
            return list(session.exec(asked.order_by(col(CallRow.complaint_id), col(CallRow.number))))

    def call(self, row: CallRow) -> CallRow:
        """Add a callback or check of a case that was drawn, as the next of its numbers; LedgerMissing if it was not."""
        with self._sessions.writing(row.run) as session:
            _drawn(session, row.run, row.complaint_id)
            asked = select(CallRow).where(CallRow.run == row.run, CallRow.complaint_id == row.complaint_id)
            row.number = len(session.exec(asked).all()) + 1
            session.add(row)
            return row

    def follow_ups(self, run: str) -> list[FollowUpRow]:
        """Return what was found out after the callbacks and checks of the sample."""
        asked = select(FollowUpRow).where(FollowUpRow.run == run).order_by(col(FollowUpRow.complaint_id))
        with self._sessions.reading() as session:
            return list(session.exec(asked))

    def follow_up(self, row: FollowUpRow) -> FollowUpRow:
        """Note what was found out about a case, once; LedgerConflict when something else was."""
        with self._sessions.writing(row.run) as session:
            _drawn(session, row.run, row.complaint_id)
            there = session.get(FollowUpRow, (row.run, row.complaint_id))
            if there is None:
                session.add(row)
                return row
            if (there.confirmed, there.evidence) != (row.confirmed, row.evidence):
                raise LedgerConflict("the record has another result of this follow-up; the first one stands")
            return there

    def handled_by(self, complaint_id: str) -> frozenset[str]:
        """Return the ids of those who had a part in the case, who neither call its customer back nor check it."""
        with self._sessions.reading() as session:
            row = session.get(CaseRow, complaint_id)
        people = (row.coordinator, row.assigned_by, row.decided_by, row.closed_by) if row else ()
        return frozenset(person for person in people if person)


def _drawn(session: Session, run: str, complaint_id: str) -> MemberRow:
    row = session.get(MemberRow, (run, complaint_id))
    if row is None or row.part != "drawn":
        raise LedgerMissing("this case was not drawn in this sample")
    return row
