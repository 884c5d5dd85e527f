"""The watchdog's findings as they rest: since when, until when, repaired or not."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel import col, select

from activities.ledger_session import Sessions
from models.supervision_tables import FindingRow


class FindingNotes:
    """What the watchdog wrote down."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def note(
        self, found: Sequence[tuple[str, str, str]], repaired: Collection[tuple[str, str]], at: datetime
    ) -> list[str]:
        """
        Write down what was *found* (code, subject, line) and *repaired*; return the lines that are new at *at*.

        What was open and is not found any more is gone. The same look may be noted again.
        """
        lines = {(code, subject): told for code, subject, told in found}
        with self._sessions.writing("watchdog") as session:
            known = {
                (row.code, row.subject): row
                for row in session.exec(select(FindingRow).where(col(FindingRow.gone_at).is_(None)))
            }
            for key, row in known.items():
                if key in lines:
                    row.last_seen, row.told = max(row.last_seen, at), lines[key]
                else:
                    row.gone_at = at
            for key in lines.keys() - known.keys():
                known[key] = FindingRow(code=key[0], subject=key[1], first_seen=at, last_seen=at, told=lines[key])
            for key in repaired:
                known[key].repaired_at = at
            session.add_all(known.values())
            return sorted(row.told for row in known.values() if row.first_seen == at)

    def open(self) -> list[FindingRow]:
        """Return the findings that were there at the last look, the oldest first."""
        asked = select(FindingRow).where(col(FindingRow.gone_at).is_(None))
        with self._sessions.reading() as session:
            return list(session.exec(asked.order_by(col(FindingRow.first_seen), col(FindingRow.code))))
