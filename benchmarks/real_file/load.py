"""
A file into a record by the import's own plan, without a server: for records of a hundred thousand cases.

Reading, mapping, every check and the past are those of ``tousu import``, and the rows are those that the ledger makes of the
events. What is left out is the workflow that would hold each case, and the ledger's one transaction for each. Several
processes share the work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, text
from sqlmodel import SQLModel

from activities import ledger_chain as chain
from activities.ledger_projection import project
from benchmarks.real_file.raw import Row, parts, write_rows
from cli.import_plan import Importer
from cli.import_rows import read_file
from engine.settings import SAMPLE_ORGANISATION
from models.canonical import canonical
from models.database import WRITE, connect
from models.figure_tables import CountedCase, CountedSlip, CountedWeight
from models.opening import Opening
from models.organisation import Organisation, read_organisation
from models.tables import CaseRow, DeadlineRow, DutyRow, EventRow, IntakeRow
from workflows.past import begun

BY = "p-hq-kf-01"
SYSTEM = "公开数据 open data"
PART = 2_000
TABLES: tuple[type[SQLModel], ...] = (
    IntakeRow, EventRow, CaseRow, DutyRow, DeadlineRow, CountedCase, CountedWeight, CountedSlip,
)  # fmt: skip

Values = list[list[dict[str, Any]]]
"""The rows of each of `TABLES`."""


@dataclass(frozen=True)
class Planned:
    """What became of a part of the file: the rows of the cases that could be taken over, and how many could not."""

    values: Values
    taken: int
    refused: int


@dataclass(frozen=True)
class Plan:
    """How a file becomes cases: by which *mapping*, and at which instant."""

    mapping: Path
    now: datetime
    folder: Path

    def part(self, numbered: tuple[int, list[Row]]) -> Planned:
        """Return what becomes of some rows of the file; all rows of a complaint must be among them."""
        number, rows = numbered
        organisation = _organisation()
        file = read_file(write_rows(self.folder / f"part-{number}.csv", rows), self.mapping, None)
        importer = Importer(
            file, SYSTEM, BY, self.now,
            recorded=lambda _: None,
            twin=lambda _: None,
            pin=lambda intake: organisation.pin(intake.respondent.unit, intake.received_at, self.now.date()),
            people=organisation.people,
        )  # fmt: skip
        values: Values = [[] for _ in TABLES]
        items = list(importer.items())
        openings = [item.opening for item in items if item.opening is not None and not item.faults]
        for opening in openings:
            for row in _rows(opening, self.now):
                # Not model_dump, which would check a million rows once more.
                cells = {name: cell for name, cell in vars(row).items() if name != "_sa_instance_state"}
                values[TABLES.index(type(row))].append(cells)
        return Planned(values, len(openings), len(items) - len(openings))


@cache
def _organisation() -> Organisation:
    return read_organisation(SAMPLE_ORGANISATION)


def _rows(opening: Opening, now: datetime) -> Iterator[SQLModel]:
    """Yield the rows that the ledger would make of a case, as `Ledger.open_case` and `Ledger.append` do."""
    case = begun(opening, now)
    said, pin = case.intake.model_dump(mode="json", exclude_defaults=True), case.pin
    name = case.intake.complaint_id
    yield IntakeRow(complaint_id=name, content=canonical(said), content_hash=case.intake.content_hash(), opened_at=now)
    links: list[EventRow] = []
    for seq, event in enumerate(case.events, start=1):
        links.append(chain.link(name, seq, event, pin, links[-1].hash if links else chain.GENESIS))
    projection = project(links, said)
    yield from (*links, *projection.rows, *projection.counted)


def load(plan: Plan, rows: Sequence[Row], urls: Iterable[str], processes: int, told: Callable[[int], None]) -> Planned:
    """Take *rows* over into every migrated record at *urls*; return the counts, without the rows."""
    engines = [connect(url) for url in urls]
    taken = refused = 0
    numbered = enumerate(parts(rows, "complaint_number", PART))
    try:
        for planned in _shared(plan.part, numbered, processes):
            for engine in engines:
                with engine.execution_options(**WRITE).begin() as connection:
                    _insert(connection, planned.values)
            taken, refused = taken + planned.taken, refused + planned.refused
            told(taken)
        for engine in engines:
            with engine.execution_options(**WRITE).begin() as connection:
                connection.execute(text("ANALYZE"))
    finally:
        for engine in engines:
            engine.dispose()
    return Planned([], taken, refused)


def _shared(
    work: Callable[[tuple[int, list[Row]]], Planned], numbered: Iterator[tuple[int, list[Row]]], processes: int
) -> Iterator[Planned]:
    if processes == 1:
        yield from map(work, numbered)
        return
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        waiting = []
        for one in numbered:
            waiting.append(pool.submit(work, one))
            if len(waiting) > processes:  # What is made waits for the databases, not the other way round.
                yield waiting.pop(0).result()
        yield from (future.result() for future in waiting)


def _insert(connection: Connection, values: Values) -> None:
    for table, rows in zip(TABLES, values, strict=True):
        if rows:
            connection.execute(insert(table), rows)
