"""Several writers at once, in one process and in several."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import TypeVar

from activities.ledger import Ledger, LedgerConflict
from tests.records.parts import OPENED, PIN, open_case, put_letter, story

ROOT = Path(__file__).parents[2]
T = TypeVar("T")


def at_once(*works: Callable[[], T]) -> list[T]:
    """Start all *works* at the same instant and return their answers."""
    start = Barrier(len(works))

    def work(one: Callable[[], T]) -> T:
        start.wait()
        return one()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(work, works))


def test_the_same_events_from_several_threads_are_written_once(ledger: Ledger) -> None:
    """An attempt that was given up and its repetition may run side by side."""
    open_case(ledger)
    put_letter(ledger)
    answers = at_once(*[lambda: ledger.append("C-1", 1, story(), PIN)] * 4)
    assert answers == [14] * 4
    assert ledger.events("C-1") == story()
    assert ledger.verify("C-1").ok


def test_of_different_events_for_one_place_one_wins(ledger: Ledger) -> None:
    open_case(ledger)
    ledger.append("C-1", 1, story()[:1], PIN)
    contenders = [story()[1], story()[2], story()[3]]

    def put(number: int) -> int | None:
        try:
            ledger.append("C-1", 2, [contenders[number]], PIN)
        except LedgerConflict:
            return None
        return number

    winners = [number for number in at_once(*[lambda n=n: put(n) for n in range(3)]) if number is not None]
    assert len(winners) == 1
    assert ledger.events("C-1") == [story()[0], contenders[winners[0]]]
    assert ledger.verify("C-1").ok


def test_one_complaint_opened_by_several_threads_is_stored_once(ledger: Ledger) -> None:
    assert sorted(at_once(*[lambda: open_case(ledger)] * 4)) == ["already"] * 3 + ["stored"]


def test_several_threads_get_one_ticket_for_a_case_and_different_ones_for_different_cases(ledger: Ledger) -> None:
    names = [f"C-{number}" for number in range(4)]
    for name in names:
        open_case(ledger, name)
    asked = [lambda name=name: ledger.ticket(name, OPENED) for name in [*names, *names]]
    tickets = at_once(*asked)
    assert tickets[:4] == tickets[4:]
    assert len(set(tickets)) == 4


def test_several_processes_write_to_one_record(ledger: Ledger, record_url: str) -> None:
    """Each writes cases of its own while the others do; every chain is whole."""
    code = (
        "import sys; from activities.ledger import Ledger; from tests.records.parts import whole_case\n"
        "with Ledger.open(sys.argv[1]) as ledger:\n"
        "    for number in range(5): whole_case(ledger, f'{sys.argv[2]}-{number}')"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", code, record_url, name], cwd=ROOT, stderr=subprocess.PIPE, text=True)
        for name in ("C-A", "C-B", "C-C")
    ]
    assert [(process.communicate()[1], process.returncode) for process in processes] == [("", 0)] * 3
    reports = list(ledger.verify_all())
    assert len(reports) == 15
    assert all(report.ok and report.events == 14 for report in reports)
