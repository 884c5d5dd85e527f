"""
How long the watchdog, a bulletin, a sample and a publication take over a record of many cases.

    python -m benchmarks.supervision [CASES] [DATABASE_URL]

Without a URL in a SQLite file of its own. The cases are two stories told again and again under other ids, over the 52 weeks
before: two thirds were late and closed, one third has a late slip. Exit code 1 when one figure lies above its ceiling.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlmodel import SQLModel, select

from activities.delivery import Outbox
from activities.ledger import Ledger
from activities.supervision.steps import SupervisionActivities
from activities.watchdog.record import of_the_record
from engine.settings import SAMPLE_ORGANISATION
from models.database import WRITE, connect
from models.figure_tables import CountedCase, CountedSlip, CountedWeight
from models.migrations import migrate
from models.organisation import read_organisation
from models.supervision import read_supervision
from models.supervision_steps import RunOrder
from models.tables import CaseRow, DeadlineRow, DutyRow, EventRow, IntakeRow, SlipRow
from tests.records.parts import COMPANY_PIN, PIN, open_case, slip_story, story
from tests.rulebook.helpers import on

CASES = 100_000
BATCH = 1_000
WEEKS = 52
CEILING = 60.0
NOW = on("Wed 2026-04-08 09:00")
RULES = read_supervision()
# With what figures count: without it a publication would count every case of the record first.
COUNTED = (CountedCase, CountedWeight, CountedSlip)
TABLES: tuple[Any, ...] = (IntakeRow, EventRow, CaseRow, DutyRow, DeadlineRow, SlipRow, *COUNTED)


def templates(ledger: Ledger) -> dict[str, list[SQLModel]]:
    """Record each story once, and return its rows."""
    found: dict[str, list[SQLModel]] = {}
    for name, told, pin in (("A", story, PIN), ("B", slip_story, COMPANY_PIN)):
        events = told(f"C-{name}")
        open_case(ledger, f"C-{name}")
        ledger.append(f"C-{name}", 1, events, pin)
        with ledger.sessions.reading() as session:
            found[name] = [
                row for table in TABLES for row in session.exec(select(table).where(table.complaint_id == f"C-{name}"))
            ]
    return found


def copies(rows: Sequence[SQLModel], ids: Sequence[str]) -> Iterator[tuple[type[SQLModel], list[dict[str, Any]]]]:
    """Yield the rows of one story under each of *ids*, table by table."""
    for table in TABLES:
        one = [row.model_dump() for row in rows if isinstance(row, table)]
        yield table, [earlier({**row, "complaint_id": name}, int(name[2:]) % WEEKS) for name in ids for row in one]


def earlier(row: dict[str, Any], weeks: int) -> dict[str, Any]:
    """Return *row* with all its instants and days some *weeks* earlier."""
    shift = timedelta(weeks=weeks)
    return {name: value - shift if isinstance(value, date) else value for name, value in row.items()}


def fill(url: str, found: dict[str, list[SQLModel]], cases: int) -> None:
    """Put *cases* copies of the stories into the record."""
    engine = connect(url)
    for start in range(0, cases, BATCH):
        ids = [f"B-{number:07}" for number in range(start, min(start + BATCH, cases))]
        with engine.execution_options(**WRITE).begin() as connection:
            for name in ("A", "B"):
                chosen = [one for one in ids if (int(one[2:]) % 3 == 0) == (name == "B")]
                for table, values in copies(found[name], chosen):
                    if values:
                        connection.execute(insert(table), values)
    engine.dispose()


def timed(name: str, work: Callable[[], object]) -> float:
    """Do *work* and say how long it took."""
    start = time.perf_counter()
    work()
    took = time.perf_counter() - start
    print(f"{name:<12} {took:8.2f} s", flush=True)  # noqa: T201
    return took


def main(cases: int, url: str, folder: Path) -> int:
    """Fill a record and time what supervision asks of it; return the exit code."""
    migrate(url)
    with Ledger.open(url) as ledger:
        timed("filled", lambda: fill(url, templates(ledger), cases))
        steps = SupervisionActivities(ledger, Outbox(folder), read_organisation(SAMPLE_ORGANISATION), RULES)

        def put_down(schedule: str, period: str) -> Callable[[], object]:
            kind = RULES.scheduled(schedule).kind
            return lambda: steps.put_down(RunOrder(schedule=schedule, kind=kind, period=period, at=NOW))

        took = [
            timed("watchdog", lambda: of_the_record(ledger, RULES, NOW + timedelta(hours=1))),
            timed("bulletin", put_down("bulletin", "2026-W12")),
            timed("sample", put_down("sample", "2026-03")),
            timed("closures", put_down("closures", "2026-03")),
            timed("publication", put_down("publication", "2026-03")),
        ]
    return int(max(took) > CEILING)


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else CASES
    with tempfile.TemporaryDirectory() as made:
        where = sys.argv[2] if len(sys.argv) > 2 else f"sqlite:///{made}/records.db"
        sys.exit(main(count, where, Path(made)))
