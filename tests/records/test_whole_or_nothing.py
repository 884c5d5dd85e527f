"""An event and what follows from it are one transaction: both are there, or neither."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from activities.ledger import Ledger, LedgerError
from activities.ledger_session import LedgerRejected
from rulebook import events as ev
from tests.records.parts import PIN, everything, open_case, raw, story
from tests.rulebook.helpers import on

ROOT = Path(__file__).parents[2]


def facts(summary: str, at: str) -> ev.Event:
    return ev.FactsAdded(at=on(at), recorded_at=on(at), summary=summary)


def test_a_writer_killed_before_the_commit_has_moved_nothing(ledger: Ledger, record_url: str) -> None:
    """And the record is not locked afterwards: the repetition succeeds."""
    open_case(ledger)
    ledger.append("C-1", 1, story()[:6], PIN)
    before = everything(ledger)
    writer = subprocess.Popen(
        [sys.executable, "-m", "tests.records.dies", record_url],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with writer:
        assert writer.stdout is not None
        said = writer.stdout.readline()
        writer.kill()
    assert said == "everything is written, nothing is committed\n"
    assert ledger.events("C-1") == story()[:6]
    assert everything(ledger) == before
    assert ledger.append("C-1", 7, story()[6:], PIN) == 14


def test_no_deadline_moves_without_its_event(ledger: Ledger, record_url: str) -> None:
    """If the event cannot be written, the deadline has not moved."""
    open_case(ledger)
    ledger.append("C-1", 1, [*story()[:3], facts("新事实一", "Tue 2026-03-03 09:00")], PIN)
    with raw(record_url) as connection:
        connection.execute(text("CREATE UNIQUE INDEX only_one ON event (type) WHERE type = 'facts_added'"))
    before = everything(ledger)
    with pytest.raises(LedgerRejected, match=r"does not take this: (IntegrityError|UniqueViolation)"):
        ledger.append("C-1", 5, [facts("新事实二", "Wed 2026-03-04 09:00")], PIN)
    assert everything(ledger) == before
    assert len(ledger.events("C-1")) == 4


def test_no_event_is_kept_without_what_follows_from_it(ledger: Ledger, record_url: str) -> None:
    """If the last projected table cannot be written, the event is not there either."""
    open_case(ledger)
    ledger.append("C-1", 1, story()[:3], PIN)
    case = ledger.case("C-1")
    with raw(record_url) as connection:
        connection.execute(text("DROP TABLE deadline_version"))
    with pytest.raises(LedgerError, match=r"(OperationalError|UndefinedTable)"):
        ledger.append("C-1", 4, story()[3:], PIN)
    assert ledger.events("C-1") == story()[:3]
    assert ledger.case("C-1") == case
