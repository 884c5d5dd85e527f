"""
How many closed complaints a second one core judges: 50,000 made-up ones under the statute and an insurer's own rules.

    python -m benchmarks.what_if

The figure is the median of several runs by processor time, from the cells of a file to the sums. Exit code 1 when it lies
below its floor.
"""

from __future__ import annotations

import statistics
import sys
import time
from datetime import date, timedelta

from cli.what_if_rows import CHUNK, CsvChunk
from cli.what_if_run import RowCounter
from models.closed import plain_mapping

RUNS = 5
ROWS = 50_000
FLOOR = 5_000
"""Rows a second and core under two packs: at it, 281,397 complaints take two cores some 28 seconds."""

PACKS = ("cn-2020-3", "company-life")
HEADER = ("received", "closed", "complexity", "unit")


def chunks() -> list[CsvChunk]:
    """Return the rows as a file of theirs would be cut: over ten years, answered within half a year, of 40 units."""
    rows: list[tuple[str, ...]] = []
    for number in range(ROWS):
        received = date(2016, 1, 1) + timedelta(days=number * 7 % 3_650)
        closed = received + timedelta(days=number * 31 % 180)
        rows.append((str(closed), ("simple", "complex", "")[number % 3], str(received), f"unit {number % 40}"))
    columns = plain_mapping(HEADER).columns
    return [
        CsvChunk(columns, range(first, first + len(part)), part, ())
        for first in range(0, ROWS, CHUNK)
        for part in [rows[first : first + CHUNK]]
    ]


def main() -> int:
    """Print the figure; return 1 when it lies below its floor."""
    given = chunks()
    rates = []
    for _ in range(RUNS):
        begun = time.process_time()
        counter = RowCounter(PACKS, plain_mapping(HEADER))
        for chunk in given:
            counter.count(chunk)
        rates.append(ROWS / (time.process_time() - begun))
    rate = statistics.median(rates)
    sys.stdout.write(f"{'closed complaints, two packs':<32}{rate:>10,.0f} per second   (floor {FLOOR:,})\n")
    return int(rate < FLOOR)


if __name__ == "__main__":
    sys.exit(main())
