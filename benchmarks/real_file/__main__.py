"""
Whether the figures of an imported file are those that one counts by hand from its rows, on SQLite and on PostgreSQL.

    python -m benchmarks.real_file [FILE] [--mapping MAPPING] [--since DAY] [--rows N] [--months N] [--door N]

FILE holds the complaints of the Texas Department of Insurance (its open data), as CSV or Parquet; left out, a dirty file of
the same form is made up. The complaints are taken over by the import's own plan, the reports are those of `tousu report`,
and every number in them is compared with one that plain Python counts from the file. With --door so many rows also go
through `tousu import` itself: a dry run, an import that is killed and goes on, a worker, a server. Exit code 1 on a
difference.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from activities.ledger import Ledger
from benchmarks.figures import CEILING_SECONDS, postgresql
from benchmarks.real_file.by_hand import COLUMNS, Cases, Read, read
from benchmarks.real_file.compare import bases, compare, put_bases, questions
from benchmarks.real_file.door import Door, through
from benchmarks.real_file.load import Plan, load
from benchmarks.real_file.made_up import made_up
from benchmarks.real_file.raw import Row, raw_rows
from cli import session
from engine.settings import ROOT
from models.migrations import migrate

MAPPING = ROOT / "samples" / "texas-import.yaml"
ROWS, SEED = 4_000, 20
AUDITED = 300
SHOWN = 20
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def say(text: str) -> None:
    """Print a line now, so that one sees how far it is."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


@dataclass(frozen=True)
class Check:
    """One record beside what is counted by hand; *months* is how many monthly reports are compared."""

    by_hand: Read
    months: int
    now: datetime = NOW

    def agrees(self, url: str, name: str) -> bool:
        """Compare the record at *url* and print the outcome; return whether all is equal and quick."""
        cases = Cases(self.by_hand.cases, self.now)
        asked = questions(cases, self.months)
        given = bases(asked)
        with Ledger.open(url) as ledger:
            put_bases(ledger, given, self.now)
            outcome = compare(ledger, cases, given, asked)
            names = sorted(case.name for case in cases.all)
            audited = [ledger.verify(one) for one in names[:: max(1, len(names) // AUDITED)]]
        for (kind, period, unit), seconds in outcome.seconds.items():
            say(f"{name:<12}{kind:<11}{period:<10}{unit:<6}{seconds:>7.2f} s   (ceiling {CEILING_SECONDS} s)")
        for line in outcome.differences[:SHOWN]:
            say(f"{name:<12}{line}")
        broken = [report.complaint_id for report in audited if not report.ok]
        say(
            f"{name:<12}{outcome.compared:,} figures compared, {len(outcome.differences):,} differ; "
            f"{len(audited):,} cases audited, {len(broken)} broken"
        )
        return not outcome.differences and not broken and max(outcome.seconds.values()) < CEILING_SECONDS


def chosen(path: Path | None, since: date, rows: int | None) -> list[Row]:
    """Return the rows of the file at *path* received since a day, or those of a made-up file."""
    if path is None:
        return made_up(rows or ROWS, SEED)
    return [row for row in raw_rows(path) if row.get("received_date", "~") >= since.isoformat()][:rows]


def by_plan(rows: list[Row], mapping: Path, months: int, processes: int) -> bool:
    """Take *rows* over by the import's plan and compare; return whether all agrees."""
    begun = time.perf_counter()
    by_hand = read(rows, NOW)
    say(f"by hand     {len(rows):,} rows: {len(by_hand.cases):,} complaints, {by_hand.refused:,} refused")
    with TemporaryDirectory(prefix="tousu-real-") as home, postgresql(Path(home)) as server:
        urls = {"SQLite": f"sqlite:///{home}/records.db", "PostgreSQL": server}
        for url in urls.values():
            migrate(url)
        plan = Plan(mapping, NOW, Path(home))
        planned = load(plan, rows, urls.values(), processes, lambda taken: say(f"taken over  {taken:,}"))
        say(
            f"import      {planned.taken:,} complaints, {planned.refused:,} refused; "
            f"{time.perf_counter() - begun:.0f} s for both records"
        )
        same = (planned.taken, planned.refused) == (len(by_hand.cases), by_hand.refused)
        check = Check(by_hand, months)
        agree = [check.agrees(url, name) for name, url in urls.items()]  # Both are told, whatever the first one says.
        return all(agree) and same


def by_door(rows: list[Row], mapping: Path, months: int) -> bool:
    """Take those *rows* that were closed over by `tousu import` and compare; return whether all agrees."""
    begun, now = time.perf_counter(), session.now()
    closed = [row for row in rows if row["closed_date"]]
    by_hand = read(closed, now)
    taken, refused = len(by_hand.cases), by_hand.refused
    with TemporaryDirectory(prefix="tousu-door-") as home:
        door = Door(Path(home), mapping)
        wrong = asyncio.run(through(door, closed, taken, refused))
        for line in wrong:
            say(f"tousu import {line}")
        say(
            f"tousu import {taken:,} complaints, {refused:,} refused, killed once, resumed, repeated; "
            f"{time.perf_counter() - begun:.0f} s until the last was closed"
        )
        return Check(by_hand, months, now).agrees(door.url, "SQLite") and not wrong


def main() -> int:
    """Print what was compared; return 1 on a difference."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--mapping", type=Path, default=MAPPING)
    parser.add_argument("--since", type=date.fromisoformat, default=date(2020, 3, 1), help="first day of receipt")
    parser.add_argument("--rows", type=int, help="at most so many")
    parser.add_argument("--months", type=int, default=4, help="monthly reports to compare")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--door", type=int, metavar="N", default=0, help="also through `tousu import`: the last N rows")
    asked = parser.parse_args()
    rows = chosen(asked.file, asked.since, asked.rows)
    if not rows or (lacking := [name for name in COLUMNS if name not in rows[0]]):
        parser.error(f"FILE: has no column {lacking[0]}, which by_hand.py reads" if rows else "FILE: has no such rows")
    agrees = by_plan(rows, asked.mapping, asked.months, asked.processes)
    if asked.door:
        agrees = by_door(rows[-asked.door :], asked.mapping, asked.months) and agrees
    return 0 if agrees else 1


if __name__ == "__main__":
    sys.exit(main())
