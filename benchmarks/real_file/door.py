"""The same rows through ``tousu import``: a dry run, an import that is killed and goes on, and a worker behind it."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep

from sqlalchemy import func
from sqlmodel import col, select

from activities.ledger import Ledger
from benchmarks.real_file.load import BY
from benchmarks.real_file.raw import Row, write_rows
from engine.server import EmbeddedServer
from engine.settings import ROOT
from models.migrations import migrate
from models.tables import CaseRow

PATIENCE = 900
"""Seconds that the worker may take for what was imported."""


@dataclass(frozen=True)
class Door:
    """An installation in the folder *home*: a server, a worker, a record."""

    home: Path
    mapping: Path

    @property
    def url(self) -> str:
        return f"sqlite:///{self.home / 'records.db'}"

    def words(self, file: Path, *more: str) -> list[str]:
        """Return the command that imports *file*."""
        own = [sys.executable, str(ROOT / "starter.py"), "import", str(file)]
        return [*own, "--mapping", str(self.mapping), "--as", BY, *more]

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("TOUSU_", "TEMPORAL_"))}
        return {**kept, "TOUSU_HOME": str(self.home)}

    def run(self, file: Path, *more: str) -> Counter[str]:
        """Import *file* and return how many complaints there are of each result."""
        done = subprocess.run(  # noqa: S603  # our own command line
            self.words(file, *more), env=self.environment, stdout=subprocess.PIPE, text=True, check=False
        )
        return Counter(json.loads(line)["result"] for line in done.stdout.splitlines())

    def killed(self, file: Path, after: int) -> int:
        """Import *file*, and kill the import when it has told of *after* complaints; return of how many it had told."""
        with subprocess.Popen(  # noqa: S603  # our own command line
            self.words(file), env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as running:
            assert running.stdout is not None  # noqa: S101  # it is a pipe
            told = sum(1 for _ in zip(range(after), running.stdout, strict=False))
            running.send_signal(signal.SIGKILL)
        return told

    def until_closed(self, wanted: int) -> int:
        """Wait until the record holds *wanted* closed cases, or patience ends; return how many it holds."""
        give_up = perf_counter() + PATIENCE
        asked = select(func.count()).where(col(CaseRow.closed_at).is_not(None))
        with Ledger.open(self.url) as ledger:
            while True:
                with ledger.sessions.reading() as session:
                    found = session.exec(asked).one()
                if found >= wanted or perf_counter() > give_up:
                    return found
                sleep(0.5)


@contextmanager
def working(door: Door) -> Iterator[None]:
    """Keep a worker at work for the length of the block."""
    with (door.home / "worker.log").open("wb") as log:
        worker = subprocess.Popen(  # noqa: S603  # our own worker
            [sys.executable, str(ROOT / "worker.py")], env=door.environment, stdout=log, stderr=log
        )
    try:
        yield
    finally:
        worker.terminate()
        worker.wait(60)


async def through(door: Door, rows: Sequence[Row], taken: int, refused: int) -> list[str]:
    """
    Import *rows*, of whose complaints *taken* are in order and closed and *refused* are not.

    Return a line for everything that is not as it must be; afterwards the record at *door.url* can be asked.
    """
    file, report = write_rows(door.home / "rows.csv", rows), door.home / "report.csv"
    migrate(door.url)
    async with EmbeddedServer(door.home):
        with working(door):
            wrong = list(_steps(door, file, report, taken, refused))
            if (closed := door.until_closed(taken)) != taken:
                wrong.append(f"{closed:,} cases are closed instead of {taken:,}")
    return wrong


def _steps(door: Door, file: Path, report: Path, taken: int, refused: int) -> Iterator[str]:
    bad = {"rejected": refused} if refused else {}
    dry = door.run(file, "--dry-run", "--report", str(report))
    if dry != {"would-import": taken, **bad}:
        yield f"the dry run says {dict(dry)}, not {taken:,} in order and {refused:,} refused"
    with report.open(encoding="utf-8", newline="") as text:
        faults = list(csv.DictReader(text))
    if len({fault["complaint_id"] or fault["row"] for fault in faults}) != refused:
        yield f"the report of faults has {len(faults):,} rows, which are not those of {refused:,} complaints"
    before = door.killed(file, after=taken // 4)
    again = door.run(file)
    if sum(again.values()) != taken + refused or again["rejected"] != refused or not again["done-before"]:
        yield f"killed after {before:,}, the import went on with {dict(again)}"
    third = door.run(file)
    if third != {"done-before": taken, **bad}:
        yield f"a further import says {dict(third)}, not {taken:,} done before"
