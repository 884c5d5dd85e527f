"""One row of another system is one complaint, whoever opens it, however often, at once, and while the record lags."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from activities.ledger import Ledger
from cli.errors import REFUSED
from engine.settings import ROOT
from models.intake import Intake
from tests.cli.conftest import CLEAN, House, complaint
from tests.present import now, program

BY = ("--as", "p-hq-kf-01")


def ledger(house: House) -> Ledger:
    return Ledger.open(f"sqlite:///{house.home / 'records.db'}")


def files(folder: Path, letter: str, count: int) -> list[Path]:
    """Two files that tell of the same complaints under ids of their own."""
    said = [complaint("", source_reference=f"ON-{letter}-{number}") for number in range(count)]
    made = []
    for name in ("x", "y"):
        rows = [{**one, "complaint_id": f"ON-{letter}{name}-{number:02d}"} for number, one in enumerate(said)]
        made.append(folder / f"{name}.jsonl")
        made[-1].write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return made


def test_a_second_file_finds_what_the_first_one_started_before_the_record_does(house: House, tmp_path: Path) -> None:
    """The worker stands still, so that nothing of the first file is on record."""
    one, other = files(tmp_path, "A", 3)
    os.kill(house.worker, signal.SIGSTOP)
    try:
        assert [line["result"] for line in house.lines("import", str(one), *BY)] == ["imported"] * 3
        again = house.lines("import", str(other), *BY)
        with ledger(house) as record:
            assert record.known(line["complaint_id"] for line in again) == set()
            assert record.intake("ON-Ax-00") is None, "the record lags"
    finally:
        os.kill(house.worker, signal.SIGCONT)
    assert [(line["result"], line["same_as"]) for line in again] == [("already", f"ON-Ax-{n:02d}") for n in range(3)]
    assert [line["result"] for line in house.lines("import", str(other), *BY)] == ["done-before"] * 3
    for number in range(3):
        house.until(f"ON-Ax-{number:02d}", "investigating")
    with ledger(house) as record:
        assert {name for name in record.ids() if name.startswith("ON-A")} == {f"ON-Ax-{n:02d}" for n in range(3)}


@pytest.mark.slow
def test_two_imports_at_once_bring_every_row_once(house: House, tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if name not in CLEAN}
    running = [
        subprocess.Popen(
            [sys.executable, *program(ROOT / "starter.py"), "import", str(file), *BY],
            env={**kept, "TOUSU_HOME": str(house.home)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for file in files(tmp_path, "B", 30)
    ]
    said = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0, 0], said
    found = [json.loads(line) for out, _ in said for line in out.splitlines()]
    assert Counter(line["result"] for line in found) == {"imported": 30, "already": 30}
    new = [line["complaint_id"] for line in found if line["result"] == "imported"]
    assert len({name[-2:] for name in new}) == 30, "one of each row"
    for name in new:
        house.until(name, "investigating")


def test_open_finds_what_import_brought_and_the_first_row_of_a_file_wins(house: House, tmp_path: Path) -> None:
    file, _ = files(tmp_path, "C", 1)
    house.lines("import", str(file), *BY)
    row = {**json.loads(file.read_text(encoding="utf-8")), "complaint_id": "ON-C2"}
    (line,) = house.lines("open", "-", input=json.dumps(row))
    assert line == {
        "complaint_id": "ON-C2",
        "row": 1,
        "result": "already-open",
        "workflow_id": "complaint-ON-Cx-00",
        "same_as": "ON-Cx-00",
    }
    row["source_reference"] = "ON-C-new"
    rows = [{**row, "complaint_id": f"ON-C{n}"} for n in (3, 4)]
    later = {**row, "complaint_id": "ON-C5", "received_at": now().isoformat()}
    found = house.lines("open", "-", input=json.dumps([*rows, later]))
    assert [(line["result"], line.get("same_as")) for line in found] == [
        ("opened", None),
        ("already-open", "ON-C3"),
        ("opened", None),
    ]


@pytest.mark.slow
def test_a_claim_of_which_nothing_came_holds_nobody_up_for_long(house: House) -> None:
    """Somebody was killed between claim and start."""
    dead, row, other = (complaint(f"ON-D{n}", source_reference="ON-D") for n in range(3))
    row["received_at"] = other["received_at"] = dead["received_at"]
    intake = Intake.model_validate(dead)
    with ledger(house) as record:
        assert record.references.claim(intake, now()) is None
        result = house.run("open", "-", input=json.dumps(row))
        told = json.loads(result.stdout)
        assert (result.exit_code, told["result"], told["code"]) == (REFUSED, "rejected", "ReferenceClaimed")
        assert told["reason"].endswith("open it again in 120 seconds")
        assert record.references.claim(intake, now() - timedelta(minutes=3)) is None
    assert house.lines("open", "-", input=json.dumps(row))[0]["result"] == "opened"
    (line,) = house.lines("open", "-", input=json.dumps(dead))
    assert (line["result"], line["same_as"]) == ("already-open", "ON-D1")


def test_who_was_killed_between_claim_and_start_goes_on_with_its_claim(house: House) -> None:
    row = complaint("ON-E0", source_reference="ON-E")
    with ledger(house) as record:
        assert record.references.claim(Intake.model_validate(row), now()) is None
    assert house.lines("open", "-", input=json.dumps(row))[0]["result"] == "opened"
    assert house.lines("open", "-", input=json.dumps(row))[0]["result"] == "already-open"
