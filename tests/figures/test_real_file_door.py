"""A dirty file through ``tousu import`` itself, with a server and a worker: its figures are those counted from its rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from activities.ledger import Ledger
from benchmarks.real_file.by_hand import Cases, read
from benchmarks.real_file.compare import bases, compare, put_bases, questions
from benchmarks.real_file.door import Door, through
from benchmarks.real_file.made_up import made_up
from engine.settings import ROOT
from tests.present import now


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_figures_of_what_went_through_the_import_are_those_counted_from_its_rows(tmp_path: Path) -> None:
    """A dry run, an import that is killed and goes on, and a third that finds all done; then every number."""
    moment = now()
    rows = [row for row in made_up(300, seed=3) if row["closed_date"]]  # An open one would be worked on here.
    by_hand = read(rows, moment)
    door = Door(tmp_path, ROOT / "samples" / "texas-import.yaml")
    assert await through(door, rows, len(by_hand.cases), by_hand.refused) == []
    cases = Cases(by_hand.cases, moment)
    asked = questions(cases, 2)
    given = bases(asked)
    with Ledger.open(door.url) as ledger:
        put_bases(ledger, given, moment)
        outcome = compare(ledger, cases, given, asked)
    assert outcome.differences == []
    assert outcome.compared > 500
