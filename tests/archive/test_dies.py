"""Killed at any step of sealing, destruction or handover: nothing is lost, and the next run completes it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from rulebook import events as ev
from tests.archive.house import APPROVE, PROPOSE, House
from tests.archive.parts import KEY, closed_case
from tests.records.parts import LETTER, NAME, PIN
from tests.rulebook.helpers import said

pytestmark = pytest.mark.slow

SEAL = ("archive", "seal", "C-1")
STORE, INDEX, DISPOSAL = ("activities.sealing." + name for name in ("store", "index", "disposal"))

SEALING = (
    pytest.param("sqlite", "before", f"{STORE}:Store.put", id="before it is stored", marks=pytest.mark.long),
    pytest.param("sqlite", "before", f"{STORE}:Store.make_durable", id="stored and not durable"),
    pytest.param("sqlite", "after", f"{INDEX}:ArchiveIndex.put_new", id="in the index", marks=pytest.mark.long),
    pytest.param("postgresql", "after", f"{STORE}:Store.put", id="stored in a bucket"),
)
DESTROYING = (
    pytest.param("sqlite", "after", f"{INDEX}:ArchiveIndex.approve", id="approved"),
    pytest.param("sqlite", "after", f"{STORE}:Store.delete", id="package gone from a folder"),
    pytest.param("sqlite", "after", f"{DISPOSAL}:strike_out", id="record struck out"),
    pytest.param("sqlite", "after", f"{INDEX}:ArchiveIndex.executed", id="done", marks=pytest.mark.long),
    pytest.param(
        "postgresql", "after", f"{STORE}:Store.put", id="tombstone stands in a bucket", marks=pytest.mark.long
    ),
    pytest.param("postgresql", "after", f"{STORE}:Store.delete", id="package gone from a bucket"),
    pytest.param(
        "postgresql", "after", f"{INDEX}:ArchiveIndex.put_tombstone", id="in the index", marks=pytest.mark.long
    ),
    pytest.param("postgresql", "after", f"{DISPOSAL}:remove_files_of", id="files gone", marks=pytest.mark.long),
    pytest.param("postgresql", "after", f"{DISPOSAL}:compact", id="database written anew", marks=pytest.mark.long),
)
"""With SQLite the store is a folder, with PostgreSQL a bucket."""


def whole(house: House, files: int = 1, gone: str = "") -> None:
    """The store fits the index, and the chain of the record verifies."""
    assert house.do("archive", "verify", "--all").splitlines()[-1] == f"{files} files: none different{gone}"
    assert house.do("verify", "C-1")


@pytest.mark.parametrize(("record_url", "when", "place"), SEALING, indirect=["record_url"])
def test_a_killed_sealing_is_completed_by_the_next(house_with_store: House, when: str, place: str) -> None:
    house = house_with_store
    house.killed(when, place, *SEAL)
    assert house.do("verify", "C-1")
    said = house.do(*SEAL)
    assert [f"C-1  {path}\n" for path in house.archive.store.paths()] == [said]
    whole(house)


def test_what_was_stored_and_not_entered_is_told_and_entered(house: House) -> None:
    """Nobody need seal it again: verifying tells of it, and the index is made anew."""
    house.killed("after", f"{STORE}:Store.put", *SEAL)
    told = house.run("archive", "verify", "--all")
    assert told.exit_code == 1
    assert ": it is not in the index; run tousu archive reindex\n" in told.stdout
    house.do("archive", "reindex")
    whole(house)


def test_a_package_that_a_killed_process_left_is_the_predecessor_of_the_next(house: House) -> None:
    """The case went on before anybody sealed again: both are entered, and both are destroyed."""
    house.killed("after", f"{STORE}:Store.put", *SEAL)
    (first,) = house.archive.store.paths()
    goes_on(house)
    house.do(*SEAL)
    older, newer = house.archive.index.of("C-1")
    assert (older.path, older.predecessor, newer.predecessor) == (first, None, older.sha256)
    house.do(*PROPOSE)
    house.do(*APPROVE)
    assert [path.endswith(".tombstone.json") for path in house.archive.store.paths()] == [True, True]
    whole(house, 2, ", 2 destroyed when their time was over")


def test_a_piece_that_a_killed_process_left_in_a_folder_goes_with_the_file(house: House, tmp_path: Path) -> None:
    """The library lists no such piece, but it holds all that was said."""
    house.do(*SEAL)
    (path,) = (tmp_path / "archive").rglob("*.zip")
    piece = path.with_name(f"{path.name}#1")
    piece.write_bytes(path.read_bytes())
    house.do(*PROPOSE)
    house.do(*APPROVE)
    assert [file.suffix for file in path.parent.iterdir()] == [".json"]


@pytest.mark.parametrize(("record_url", "when", "place"), DESTROYING, indirect=["record_url"])
def test_a_killed_destruction_is_completed_by_approving_again(house_with_store: House, when: str, place: str) -> None:
    """Between the two nothing looks forged, and afterwards nothing is left that one could read."""
    house = house_with_store
    house.do(*SEAL)
    (letter,) = _outbox(house, "C-1.decision.1")
    house.do(*PROPOSE)
    house.killed(when, place, *APPROVE)
    assert house.do("verify", "C-1")
    assert house.run("archive", "hold", "C-1", "--as", "p-hq-fl-01", "--reason", "诉讼").stderr == (
        "Error: the destruction of this file was approved; a hold comes too late [AlreadyApproved]\n"
    )
    house.do("archive", "reindex")
    assert "已销毁 destroyed" in house.do(*APPROVE)
    assert not letter.exists()
    assert all(path.endswith(".tombstone.json") for path in house.archive.store.paths())
    left = [house.archive.store.get(path) or b"" for path in house.archive.store.paths()]
    assert not any(NAME.encode() in data or LETTER.strip().encode() in data for data in left)
    whole(house, 1, ", 1 destroyed when their time was over")
    assert house.ledger.verify("C-1").destroyed


@pytest.mark.parametrize(
    ("when", "place"),
    [
        pytest.param("after", "os:fsync", id="a package half there"),
        pytest.param("after", "cli.archive_keeping:_handed", id="one of two packages there"),
        pytest.param("before", "cli.archive_keeping:_listed", id="both there, no list", marks=pytest.mark.long),
    ],
)
def test_a_killed_handover_is_completed_by_the_next(house: House, tmp_path: Path, when: str, place: str) -> None:
    """What has its name is whole, and the list comes last: without one nothing was handed over."""
    closed_case(house.ledger, "C-2")
    house.do("archive", "seal", "--all")
    out = tmp_path / "out"
    handover = ("archive", "handover", "--closed-from", "2026-01-01", "--out", str(out))
    house.killed(when, place, *handover)
    assert not (out / "handover.csv").exists()
    assert house.run("archive", "verify", *map(str, out.glob("*.zip")), "--key", KEY.public).exit_code in {0, 2}
    house.do(*handover)
    with (out / "handover.csv").open(encoding="utf-8") as text:
        rows = list(csv.DictReader(text))
    assert sorted(path.name for path in out.iterdir()) == sorted(["handover.csv", *(row["file"] for row in rows)])
    assert {path.stat().st_mode & 0o777 for path in out.iterdir()} == {0o600}
    assert house.do("archive", "verify", str(out), "--key", KEY.public).endswith("2 files: none different\n")


def _outbox(house: House, *names: str) -> list[Path]:
    (house.home / "outbox").mkdir(exist_ok=True)
    found = [house.home / "outbox" / f"{name}.txt" for name in names]
    for file in found:
        file.write_text(f"To: {NAME}", "utf-8")
    return found


def goes_on(house: House) -> None:
    """Something more happens in the closed case."""
    contact = said(ev.ContactAttempted, "Tue 2026-05-05 09:00", method="phone", reached=True, summary="来电")
    house.ledger.append("C-1", len(house.ledger.events("C-1")) + 1, [contact], PIN)
