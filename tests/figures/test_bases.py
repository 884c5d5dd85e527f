"""What complaints are set against: imported whole or not at all, and in versions."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from activities.figures.bases import Bases, Imported, import_bases
from activities.ledger import Ledger
from engine.settings import ROOT
from models.figure_files import FiguresError, read_bases
from tests.records.parts import raw
from tests.rulebook.helpers import on

AT = on("Tue 2026-11-03 09:00")
HEADER = "unit,period,line,policies_in_force,premium\n"


def file(folder: Path, content: str, name: str = "bases.csv") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def test_the_sample_can_be_read() -> None:
    bases = read_bases(ROOT / "samples" / "bases.csv")
    assert (bases[0].unit, bases[0].period, bases[0].line, bases[0].policies_in_force) == (
        "hq",
        "2026-10",
        None,
        1_250_000,
    )
    assert {base.line for base in bases} == {None, "illness", "annuity"}


def test_yaml_says_the_same_as_csv(tmp_path: Path) -> None:
    csv = read_bases(file(tmp_path, HEADER + "gd,2026-10,illness,100,200\n"))
    yaml = "bases:\n  - {unit: gd, period: 2026-10, line: illness, policies_in_force: 100, premium: 200}\n"
    assert read_bases(file(tmp_path, yaml, "bases.yaml")) == csv


@pytest.mark.parametrize(
    ("content", "place", "rule"),
    [
        (
            HEADER + "gd,2026-10,,100,200\ngd,2026-11,,-5,200\n",
            ":3: ",
            "policies_in_force: Input should be greater than 0",
        ),
        (HEADER + "gd,2026-10,,0,\n", ":2: ", "policies_in_force: Input should be greater than 0"),
        (HEADER + "gd,2026-10,,many,\n", ":2: ", "policies_in_force: Input should be a valid integer"),
        (HEADER + "gd,2026-13,,1,\n", ":2: ", "period: a year has the months 01 to 12"),
        (HEADER + "gd,2026-10,cars,1,\n", ":2: ", "line: Input should be"),
        (HEADER + "gd,2026-10,,,\n", ":2: ", "gives none of policies_in_force, premium, persons_insured"),
        (HEADER + "gd,2026-10,,1\n", ":2: ", "has more or fewer cells than the header"),
        (HEADER + "gd,2026-10,,1,\ngd,2026-10,,2,\n", ": ", "policies_in_force of gd for 2026-10 stands there twice"),
        (HEADER, ": ", "holds no row below its header"),
        ("unit,premium\ngd,1\n", ":1: ", "the column period is missing"),
        ("unit,period,profit\ngd,2026,1\n", ":1: ", "column 3 has an unknown or a repeated name"),
    ],
)
def test_a_file_with_one_wrong_row_is_refused_whole(tmp_path: Path, content: str, place: str, rule: str) -> None:
    path = file(tmp_path, content)
    with pytest.raises(FiguresError) as refused:
        read_bases(path)
    assert str(refused.value).startswith(f"{path}{place}")
    assert rule in str(refused.value)
    assert "many" not in str(refused.value)


def test_a_corrected_number_is_a_further_version_and_the_earlier_one_stays(
    ledger: Ledger, record_url: str, tmp_path: Path
) -> None:
    first = read_bases(file(tmp_path, HEADER + "gd,2026-10,,100,200\n"))
    again = read_bases(file(tmp_path, HEADER + "gd,2026-10,,110,200\n"))
    assert import_bases(ledger, first, "p-1", AT) == Imported(new=2, corrected=0, already=0)
    assert import_bases(ledger, first, "p-1", AT) == Imported(new=0, corrected=0, already=2)
    assert import_bases(ledger, again, "p-2", AT) == Imported(new=0, corrected=1, already=1)
    with ledger.sessions.reading() as session:
        bases = Bases.read(session, ["2026-10"])
    assert bases.amount("policies_in_force", "gd", "2026-10") == 110
    assert bases.amount("policies_in_force", "gd", "2026-10", "illness") is None
    assert [(one["version"], one["amount"]) for one in bases.used()] == [(2, 110)]
    with raw(record_url) as connection:
        asked = text(
            "SELECT version, amount, imported_by FROM figure_base WHERE name = 'policies_in_force' ORDER BY version"
        )
        assert connection.execute(asked).all() == [(1, 100, "p-1"), (2, 110, "p-2")]


@pytest.mark.parametrize("statement", ["UPDATE figure_base SET amount = 1", "DELETE FROM figure_base"])
def test_the_database_refuses_to_change_a_base(ledger: Ledger, record_url: str, tmp_path: Path, statement: str) -> None:
    import_bases(ledger, read_bases(file(tmp_path, HEADER + "gd,2026-10,,100,200\n")), "p-1", AT)
    with pytest.raises(DBAPIError, match="rows are only ever added"), raw(record_url) as connection:
        connection.execute(text(statement))
