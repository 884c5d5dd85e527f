"""The bases that complaints are set against: imported by the insurer, kept in versions, never overwritten."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from activities.ledger import Ledger
from models.figure_files import Base
from models.figure_tables import BaseRow
from rulebook.figures import BaseName

Key = tuple[str, str, str, str]
"""Name, unit, period and line of insurance (empty for all)."""


@dataclass(frozen=True, slots=True)
class Imported:
    """How many numbers of a file were new, corrected an earlier one, or stood there already."""

    new: int
    corrected: int
    already: int


def import_bases(ledger: Ledger, bases: Iterable[Base], by: str, at: datetime) -> Imported:
    """Keep the numbers of *bases*, all or none: a number that differs from the last one becomes its next version."""
    new = corrected = already = 0
    with ledger.sessions.writing("figure_base") as session:
        for base in bases:
            for name, amount in base.amounts():
                last = _last(session, (name, base.unit, base.period, base.line or ""))
                if last is not None and last.amount == amount:
                    already += 1
                    continue
                new, corrected = (new + 1, corrected) if last is None else (new, corrected + 1)
                session.add(
                    BaseRow(
                        name=name,
                        unit=base.unit,
                        period=base.period,
                        line=base.line or "",
                        version=last.version + 1 if last else 1,
                        amount=amount,
                        source=base.source,
                        imported_at=at,
                        imported_by=by,
                    )
                )
                session.flush()
    return Imported(new, corrected, already)


def _last(session: Session, key: Key) -> BaseRow | None:
    name, unit, period, line = key
    asked = select(BaseRow).where(
        BaseRow.name == name, BaseRow.unit == unit, BaseRow.period == period, BaseRow.line == line
    )
    return session.exec(asked.order_by(col(BaseRow.version).desc()).limit(1)).first()


class Bases:
    """The last version of every base of some periods, and which of them were used."""

    def __init__(self, rows: Mapping[Key, BaseRow]) -> None:
        self._rows = rows
        self._used: dict[Key, BaseRow] = {}

    @classmethod
    def read(cls, session: Session, periods: Sequence[str]) -> Bases:
        """Return the bases of *periods*."""
        asked = select(BaseRow).where(col(BaseRow.period).in_(periods)).order_by(col(BaseRow.version))
        return cls({(row.name, row.unit, row.period, row.line): row for row in session.exec(asked)})

    def amount(self, name: BaseName, unit: str, period: str, line: str = "") -> int | None:
        """Return the number, None if nobody imported it."""
        if (row := self._rows.get((name, unit, period, line))) is None:
            return None
        self._used[name, unit, period, line] = row
        return row.amount

    def used(self) -> list[dict[str, str | int | None]]:
        """Return what was asked for and found, in a fixed order, with its version and source."""
        return [
            {
                "name": row.name,
                "unit": row.unit,
                "period": row.period,
                "line": row.line or None,
                "version": row.version,
                "amount": row.amount,
                "source": row.source,
            }
            for _, row in sorted(self._used.items())
        ]
