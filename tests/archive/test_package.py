"""A package proves itself: sealed once, checked by its bytes alone, refused after any change."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import rulebook.pack
from activities.ledger import Ledger
from activities.sealing import Archive, ArchiveRefused, check
from activities.sealing.package import unpacked
from models.archive import Manifest
from models.canonical import canonical
from models.signing import SigningKey
from rulebook import events as ev
from tests.archive.parts import KEY, changed, closed_case, names, open_archive, rested, sealed_again, stored
from tests.records.parts import NAME, PIN, open_case, tamper
from tests.rulebook.helpers import on

ROOT = Path(__file__).parents[2]


@pytest.fixture
def sealed(archive: Archive) -> bytes:
    return stored(archive, archive.seal("C-1"))


def found(data: bytes, name: str = "") -> tuple[str, ...]:
    return check(data, name, {KEY.public}).differences


def test_a_sealed_package_verifies(sealed: bytes) -> None:
    result = check(sealed, "", {KEY.public})
    assert (result.differences, result.trusted, result.destroyed) == ((), True, False)
    assert isinstance(result.kept, Manifest)
    assert (result.kept.complaint_id, result.kept.events) == ("C-1", len(rested()))


def test_it_holds_what_an_auditor_asks_for(sealed: bytes) -> None:
    files, broken = unpacked(sealed)
    assert broken == []
    assert {
        "manifest.json",
        "seal.json",
        "record.jsonl",
        "intake.json",
        "letters.json",
        "letters/C-1.decision.1.txt",
        "report.html",
        "report.docx",
        "rules/packs/cn-2020-3.yaml",
        "rules/calendars/cn/2025-11-04.yaml",
    } <= files.keys()
    assert NAME in files["intake.json"].decode()
    kinds = [json.loads(line)["record"] for line in files["record.jsonl"].decode().splitlines()]
    assert {"complaint", "event", "case", "duty", "deadline"} == set(kinds)


def test_no_name_shows_where_everybody_looks(archive: Archive) -> None:
    """Neither in the path, nor in the manifest, nor in the index."""
    manifest = archive.seal("C-1")
    (row,) = archive.index.of("C-1")
    assert NAME not in manifest.path + manifest.canonical + row.model_dump_json()


def test_the_same_record_gives_the_same_bytes(archive: Archive, tmp_path: Path) -> None:
    """In another store, and whenever it is done again."""
    manifest = archive.seal("C-1")
    assert archive.seal("C-1") == manifest
    assert archive.store.paths() == [manifest.path]
    other = open_archive(archive.ledger, tmp_path, f"file://{tmp_path / 'other'}")
    assert stored(other, other.seal("C-1")) == stored(archive, manifest)


def test_any_changed_byte_is_found(sealed: bytes) -> None:
    """The first and the last of the file and one in five hundred: contents, headers, table of contents."""
    places = {0, 1, len(sealed) - 1, len(sealed) - 22, *range(0, len(sealed), 499)}
    for place in sorted(places):
        broken = bytearray(sealed)
        broken[place] ^= 0x01
        assert found(bytes(broken)), f"byte {place} of {len(sealed)}"


def test_the_file_that_was_changed_is_named(sealed: bytes) -> None:
    """One byte of the report, in place, as a disk or a person would change it."""
    at = sealed.index(b"<html", names(sealed)["report.html"])
    broken = sealed[:at] + b"<HTML" + sealed[at + 5 :]
    assert found(broken) == ("report.html: the content was changed, it cannot be read",)


def test_bytes_after_the_end_are_found(sealed: bytes) -> None:
    assert found(sealed + b"\0") == (f"the file is not what its contents make, from byte {len(sealed) + 1}",)


@pytest.mark.parametrize(
    ("files", "line"),
    [
        ({"letters.json": b"[]"}, "letters.json: was changed, its SHA-256 is not the one in the manifest"),
        ({"report.html": None}, "report.html: is missing"),
        ({"more.txt": b""}, "1 file is not in the manifest"),
        ({"seal.json": None}, "seal.json: is missing"),
        ({"manifest.json": b"{}"}, "manifest.json: complaint_id: is required [missing]; "),
    ],
    ids=["changed", "missing", "more", "no seal", "no manifest"],
)
def test_what_was_done_to_a_file_is_said(sealed: bytes, files: Mapping[str, bytes | None], line: str) -> None:
    assert found(changed(sealed, files))[0].startswith(line)


def test_a_manifest_that_was_made_to_fit_is_found_by_its_seal(sealed: bytes) -> None:
    files, _ = unpacked(sealed)
    manifest = json.loads(files["manifest.json"])
    manifest["unit"] = "gd-gz"
    assert found(changed(sealed, {"manifest.json": canonical(manifest).encode()})) == (
        "manifest.json: was changed, its hash is not the one that was sealed",
    )


def test_a_package_that_was_sealed_anew_by_somebody_else_is_not_trusted(sealed: bytes) -> None:
    """All of it fits, but for the key: without a key to compare nobody could tell."""
    files, _ = unpacked(sealed)
    manifest = Manifest.model_validate_json(files["manifest.json"]).model_copy(update={"unit": "gd-gz"})
    forged = {
        "manifest.json": manifest.canonical.encode(),
        "seal.json": canonical(SigningKey("test-key", bytes(32)).seal(manifest.sha256).model_dump()).encode(),
    }
    assert found(changed(sealed, forged)) == (
        "seal: it was made with the key test-key, which is none of those you trust",
    )
    assert check(changed(sealed, forged)).trusted is None


def test_a_file_under_the_name_of_another_is_found(archive: Archive, sealed: bytes) -> None:
    (path,) = archive.store.paths()
    assert found(sealed, path) == found(sealed, "copy-for-the-court.zip") == ()
    assert found(sealed, f"000016-{'0' * 64}.zip") == ("the file is not the one that its name says",)


def test_what_was_sealed_wrong_is_found_by_folding_again(sealed: bytes) -> None:
    """Sealed by the right key over a record in which a breach was taken out and the chain mended."""
    files, _ = unpacked(sealed)
    lines = files["record.jsonl"].decode().splitlines()
    files["record.jsonl"] = "\n".join(line for line in lines if '"deadline_breached"' not in line).encode()
    assert any("seq 9: the row is missing" in line for line in found(sealed_again(files)))


def test_a_letter_that_was_exchanged_is_found_even_under_a_good_seal(sealed: bytes) -> None:
    files, _ = unpacked(sealed)
    files["letters/C-1.decision.1.txt"] = "另一封信".encode()
    assert found(sealed_again(files)) == ("seq 11: the letter is not the one that was sent, its hash does not fit",)


def test_it_is_folded_by_its_own_rules_where_those_are_not_installed(
    sealed: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In twenty years the pack may be gone here: the one in the package counts."""
    monkeypatch.setattr(rulebook.pack, "PACKS", tmp_path)
    rulebook.pack.rule_pack.cache_clear()
    try:
        assert found(sealed) == ()
    finally:
        rulebook.pack.rule_pack.cache_clear()


def test_it_verifies_in_a_process_that_has_no_settings(sealed: bytes, tmp_path: Path) -> None:
    file = tmp_path / "package.zip"
    file.write_bytes(sealed)
    done = subprocess.run(
        [sys.executable, str(ROOT / "starter.py"), "archive", "verify", str(file), "--key", KEY.public],
        env={"TOUSU_DATABASE_URL": "sqlite:////nowhere/at/all.db"},
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("1 files: none different\n")


def test_a_record_that_does_not_verify_is_not_sealed(archive: Archive, record_url: str) -> None:
    tamper(record_url, "UPDATE event SET \"by\" = 'p-x' WHERE seq = 3")
    with pytest.raises(ArchiveRefused, match=r"^the record does not verify: seq 3") as refused:
        archive.seal("C-1")
    assert (refused.value.code, archive.store.paths()) == ("RecordBroken", [])


def test_a_case_that_is_not_closed_is_not_sealed(archive: Archive) -> None:
    open_case(archive.ledger, "C-2")
    archive.ledger.append("C-2", 1, rested("C-2")[:10], PIN)
    with pytest.raises(ArchiveRefused, match=r"^the complaint is not closed$") as refused:
        archive.seal("C-2")
    assert refused.value.code == "NotAtRest"
    assert archive.store.paths() == []


def test_a_case_that_goes_on_gets_a_further_package_that_names_the_one_before(archive: Archive) -> None:
    first = archive.seal("C-1")
    contact = ev.ContactAttempted(
        at=on("Tue 2026-05-05 09:00"),
        recorded_at=on("Tue 2026-05-05 09:00"),
        method="phone",
        reached=True,
        summary="来电",
    )
    archive.ledger.append("C-1", first.events + 1, [contact], PIN)
    second = archive.seal("C-1")
    assert (second.predecessor, second.events) == (first.sha256, first.events + 1)
    assert archive.store.paths() == sorted([first.path, second.path])
    assert [found for _, one in archive.check_all() for found in one.differences] == []


def test_the_index_is_made_again_from_the_store(archive: Archive) -> None:
    closed_case(archive.ledger, "C-2")
    for name in ("C-1", "C-2"):
        archive.seal(name)
    before = [row.model_dump() for row in archive.index.find()]
    archive.index.clear()
    assert archive.index.find() == []
    assert archive.reindex() == len(before) == 2
    assert [row.model_dump() for row in archive.index.find()] == before


def test_packages_are_found_by_id_unit_and_day_of_closure(archive: Archive) -> None:
    archive.seal("C-1")
    closed = on("Tue 2026-03-24 10:00")
    asked: dict[str, Any]
    for asked in (
        {"complaint_id": "C-1"},
        {"units": ("gd", "gd-sz")},
        {"closed": (closed, None)},
        {"closed": (None, on("Tue 2026-03-24 10:01"))},
        {"received": (on("Mon 2026-03-02 00:00"), on("Tue 2026-03-03 00:00"))},
    ):
        assert len(archive.index.find(**asked)) == 1, asked
    for asked in (
        {"complaint_id": "C-2"},
        {"units": ("gd",)},
        {"closed": (on("Tue 2026-03-24 10:01"), None)},
        {"closed": (None, closed)},
        {"received": (on("Tue 2026-03-03 00:00"), None)},
    ):
        assert archive.index.find(**asked) == [], asked


def test_what_is_gone_from_the_store_is_named_by_the_index(archive: Archive) -> None:
    path = archive.seal("C-1").path
    archive.store.delete(path)
    assert [(where, one.differences) for where, one in archive.check_all()] == [
        (path, ("it is in the index and not in the store",))
    ]


def test_a_ledger_alone_still_reads(archive: Archive, record_url: str) -> None:
    """Sealing changes nothing in the record."""
    before = archive.ledger.events("C-1")
    archive.seal("C-1")
    with Ledger.open(record_url) as ledger:
        assert ledger.events("C-1") == before
        assert ledger.verify("C-1").ok
