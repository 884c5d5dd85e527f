"""
Closed complaints counted under packs, in several processes.

Chunks go out in order and their sums come back in order, so that the result does not depend on who counted what; only a few
are under way at once, so that memory does not grow with the file.
"""

from __future__ import annotations

import itertools
import os
from array import array
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from cli.what_if_rows import MALFORMED, Chunk, ClosedFile
from models.closed import CaseReader, ClosedMapping, Rejection
from rulebook.calendar import calendar
from rulebook.own_rules import own_folder, use_rules
from rulebook.pack import RulePack, read_pack, rule_pack
from rulebook.what_if import WhatIf
from rulebook.what_if_tally import ClosedCase, PackTally, empty, tally

WAITING = 2
"""Chunks that wait for each process, so that none is ever idle."""


@dataclass(slots=True)
class Counted:
    """What became of some rows: a tally for each pack, and the numbers of the rejected rows by their reason."""

    tallies: list[PackTally]
    rows: int = 0
    rejected: dict[Rejection, array[int]] = field(default_factory=dict)

    def add(self, other: Counted) -> None:
        """Add the rows of *other*, which come after these."""
        self.rows += other.rows
        for mine, theirs in zip(self.tallies, other.tallies, strict=True):
            mine.add(theirs)
        for reason, numbers in other.rejected.items():
            self.rejected.setdefault(reason, array("q")).extend(numbers)

    def reject(self, reason: Rejection, number: int) -> None:
        """Note that the row *number* is not counted, and why."""
        self.rejected.setdefault(reason, array("q")).append(number)


class RowCounter:
    """What one process needs to count chunks; read once and used for all of them."""

    def __init__(self, packs: Sequence[str], mapping: ClosedMapping) -> None:
        self.what_ifs = [what_if(name) for name in packs]
        self._reader = CaseReader(mapping)

    def count(self, chunk: Chunk) -> Counted:
        """Return what becomes of the rows of *chunk*."""
        counted = Counted([], rows=len(chunk.numbers) + len(chunk.malformed))
        cases: list[ClosedCase] = []
        for number, read in zip(chunk.numbers, self._reader.read(chunk.cells(), len(chunk.numbers)), strict=True):
            if isinstance(read, Rejection):
                counted.reject(read, number)
            else:
                cases.append(read)
        for number in chunk.malformed:
            counted.reject(MALFORMED, number)
        counted.tallies = [tally(one, cases) for one in self.what_ifs]
        return counted


def named_pack(name: str) -> RulePack:
    """Return the published pack called *name*, or the one in a file whose name ends in .yaml; PackError if there is none."""
    return read_pack(Path(name)) if name.endswith(".yaml") else rule_pack(name)


def what_if(pack: str) -> WhatIf:
    """Return *pack* with its newest calendar, ready to be asked."""
    rules = named_pack(pack)
    return WhatIf(rules, calendar(rules.calendar))


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def count_all(packs: Sequence[str], file: ClosedFile, jobs: int, tell: Callable[[int], None]) -> Counted:
    """Return what becomes of all rows of *file* under *packs*, by *jobs* processes; *tell* hears how many rows are done."""
    whole = Counted([empty(what_if(name)) for name in packs])
    begin = list(itertools.islice(file.chunks, 2))
    chunks = itertools.chain(begin, file.chunks)
    # One chunk is counted sooner than a process starts.
    results = _apart(packs, file.mapping, chunks, jobs) if jobs > 1 and len(begin) > 1 else _here(packs, file, chunks)
    for counted in results:
        whole.add(counted)
        tell(counted.rows)
    return whole


def _here(packs: Sequence[str], file: ClosedFile, chunks: Iterator[Chunk]) -> Iterator[Counted]:
    return map(RowCounter(packs, file.mapping).count, chunks)


def _apart(packs: Sequence[str], mapping: ClosedMapping, chunks: Iterator[Chunk], jobs: int) -> Iterator[Counted]:
    # Spawned, not forked: a fork of a process with threads (the Parquet library has some) can hang.
    start = partial(_begin, packs, mapping, own_folder())
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=start) as pool:
        pending: deque[Future[Counted]] = deque()
        try:
            for chunk in chunks:
                pending.append(pool.submit(_count, chunk))
                if len(pending) >= jobs * WAITING:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()


_OF_THIS_PROCESS: list[RowCounter] = []


def _begin(packs: Sequence[str], mapping: ClosedMapping, rules: Path | None) -> None:
    use_rules(rules)
    _OF_THIS_PROCESS[:] = [RowCounter(packs, mapping)]


def _count(chunk: Chunk) -> Counted:
    return _OF_THIS_PROCESS[0].count(chunk)
