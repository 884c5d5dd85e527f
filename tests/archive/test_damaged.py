"""What lies in the archive may be damaged in any way: one clear line, the exit code of a difference, never a word of it."""

from __future__ import annotations

import json
import random
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from activities.ledger import Ledger
from activities.sealing import Archive, ArchiveRefused, disposal
from activities.sealing.check import check
from activities.sealing.package import packed, unpacked
from cli.errors import REFUSED
from models.canonical import canonical
from tests.archive.parts import APPROVER, KEY, LONG_AFTER, PROPOSER, changed, closed_case, open_archive, stored
from tests.cli.conftest import run
from tests.fresh_record import fresh_record
from tests.records.parts import NAME, raw

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """The packages of two complaints."""
    folder = tmp_path_factory.mktemp("two")
    url = fresh_record(folder)
    with Ledger.open(url) as ledger:
        closed_case(ledger)
        closed_case(ledger, "C-2")
        archive = open_archive(ledger, folder)
        return stored(archive, archive.seal("C-1")), stored(archive, archive.seal("C-2"))


@pytest.fixture(scope="module")
def stone(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The tombstone of a complaint."""
    folder = tmp_path_factory.mktemp("stone")
    url = fresh_record(folder)
    with Ledger.open(url) as ledger:
        closed_case(ledger)
        archive = open_archive(ledger, folder)
        archive.seal("C-1")
        disposal.propose(archive, "C-1", PROPOSER, LONG_AFTER, "保管期满")
        disposal.approve(archive, "C-1", APPROVER, LONG_AFTER)
        (path,) = archive.store.paths()
        return archive.store.get(path) or b""


def newer(data: bytes) -> bytes:
    """A package of a later release, with a field that this one does not know."""
    manifest = json.loads(unpacked(data)[0]["manifest.json"])
    return changed(data, {"manifest.json": canonical({**manifest, "format": "tousu-archive/2", "more": NAME}).encode()})


def swapped(names: tuple[str, ...]) -> Callable[[bytes, bytes], bytes]:
    def make(one: bytes, other: bytes) -> bytes:
        return changed(one, {name: unpacked(other)[0][name] for name in names})

    return make


def compressed(one: bytes, _: bytes) -> bytes:
    """The method of compression in the table of contents says that the first file is deflated."""
    (start,) = struct.unpack("<I", one[one.rindex(b"PK\x05\x06") + 16 :][:4])
    return one[: start + 10] + struct.pack("<H", 8) + one[start + 12 :]


def huge(one: bytes, _: bytes) -> bytes:
    """The table of contents claims four gigabytes."""
    (start,) = struct.unpack("<I", one[one.rindex(b"PK\x05\x06") + 16 :][:4])
    return one[: start + 20] + struct.pack("<II", 2**32 - 2, 2**32 - 2) + one[start + 28 :]


TABLE = "it is no package: its table of contents cannot be read"
UNREADABLE = "manifest.json: the content was changed, it cannot be read"
DAMAGES: dict[str, tuple[Callable[[bytes, bytes], bytes], str]] = {
    "empty": (lambda _one, _other: b"", TABLE),
    "truncated": (lambda one, _: one[:-100], TABLE),
    "half": (lambda one, _: one[: len(one) // 2], TABLE),
    "its end": (lambda one, _: one[len(one) // 2 :], TABLE),
    "deflated": (compressed, UNREADABLE),
    "huge": (huge, UNREADABLE),
    "not a ZIP": (lambda _one, _other: f'{{"name": "{NAME}"}}'.encode(), TABLE),
    "manifest cut": (
        lambda one, _: changed(one, {"manifest.json": unpacked(one)[0]["manifest.json"][:-1]}),
        "manifest.json: Invalid JSON: EOF while parsing an object at line 1 column",
    ),
    "manifest is text": (
        lambda one, _: changed(one, {"manifest.json": NAME.encode()}),
        "manifest.json: Invalid JSON: ",
    ),
    "seal is a list": (lambda one, _: changed(one, {"seal.json": b"[]"}), "seal.json: "),
    "file missing": (lambda one, _: changed(one, {"intake.json": None}), "intake.json: is missing"),
    "file more": (lambda one, _: changed(one, {f"{NAME}.txt": b""}), "1 file is not in the manifest"),
    "files more": (lambda one, _: changed(one, {"a": b"", "b": b""}), "2 files are not in the manifest"),
    "manifest of another": (
        swapped(("manifest.json",)),
        "manifest.json: was changed, its hash is not the one that was sealed",
    ),
    "manifest and seal of another": (
        swapped(("manifest.json", "seal.json")),
        "manifest.json: is that of another package",
    ),
    "newer": (
        lambda one, _: newer(one),
        "manifest.json: the format is tousu-archive/2, this release reads tousu-archive/1; ",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_package_is_one_line(two: tuple[bytes, bytes], tmp_path: Path, damage: str) -> None:
    make, line = DAMAGES[damage]
    file = tmp_path / "for-the-court.zip"
    file.write_bytes(make(*two))
    result = run("archive", "verify", str(file), "--key", KEY.public)
    assert (result.exit_code, result.stderr) == (REFUSED, "")
    told, counted = result.stdout.splitlines()
    assert told.startswith(f"{file}: {line}")
    assert counted == "1 files: 1 different"
    assert NAME not in result.stdout
    shown = run("archive", "show", str(file))
    assert shown.exit_code == REFUSED
    assert NAME not in shown.stdout


STONES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda _: b"", "it is no tombstone: Invalid JSON: "),
    "truncated": (lambda data: data[:-20], "it is no tombstone: Invalid JSON: "),
    "a list": (lambda _: b"[]", "it is no tombstone: "),
    "changed": (
        lambda data: data.replace(b"2041-04-24", b"2040-04-24"),
        "tombstone: was changed, its hash is not the one that was sealed",
    ),
    "endless": (
        lambda data: data.replace(b'"seq":16,', b'"seq":999999999999,'),
        "tombstone: was changed, its hash is not the one that was sealed",
    ),
    "more": (lambda data: data[:1] + f'"{NAME}":1,'.encode() + data[1:], "it is no tombstone: ?: unknown field"),
    "newer": (
        lambda data: data.replace(b"tousu-tombstone/1", b"tousu-tombstone/2"),
        "tombstone: the format is tousu-tombstone/2, this release reads tousu-tombstone/1; ",
    ),
}


@pytest.mark.parametrize("damage", STONES)
def test_a_damaged_tombstone_is_one_line(stone: bytes, tmp_path: Path, damage: str) -> None:
    make, line = STONES[damage]
    file = tmp_path / "a.tombstone.json"
    file.write_bytes(make(stone))
    result = run("archive", "verify", str(file), "--key", KEY.public)
    assert (result.exit_code, result.stderr) == (REFUSED, "")
    told, _ = result.stdout.splitlines()
    assert told.startswith(f"{file}: {line}")
    assert NAME not in result.stdout


def test_whatever_is_done_to_the_bytes_ends_in_lines(two: tuple[bytes, bytes]) -> None:
    """Two hundred cuts and bytes by chance, most of them in the table of contents, the same ones every time."""
    data, chance = two[0], random.Random(7)  # noqa: S311  # no secret
    (start,) = struct.unpack("<I", data[data.rindex(b"PK\x05\x06") + 16 :][:4])
    for _ in range(200):
        broken = bytearray(data)
        for _ in range(chance.choice((1, 2, 8))):
            broken[chance.randrange(chance.choice((0, start, start)), len(broken))] = chance.randrange(256)
        cut = bytes(broken[: chance.randrange(len(broken))]) if chance.random() < 0.2 else bytes(broken)
        found = check(cut, "", {KEY.public}).differences
        assert found or cut == data
        assert not any("\n" in line or NAME in line for line in found)


def test_the_same_file_twice_is_found(two: tuple[bytes, bytes]) -> None:
    """One reader takes the first of them, another the last."""
    files, _ = unpacked(two[0])
    letter = b"letters/C-1.decision.1.txt"
    twice = packed({**files, "letters/C-1.decision.2.txt": b"x"}).replace(b"letters/C-1.decision.2.txt", letter)
    assert check(twice, "", {KEY.public}).differences


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ("facts = '{}', days = '{\"closed\": \"2001-01-01\"}'", "the index says otherwise about it (days, facts); "),
        ("unit = 'gd-gz'", "the index says otherwise about it (unit); "),
        (f"head_hash = '{'0' * 64}'", "the index says otherwise about it (head_hash); "),
        (f"sha256 = '{'0' * 64}'", "the index names another package of the same events; "),
    ],
)
def test_a_changed_index_is_told_and_nothing_is_destroyed_by_it(
    archive: Archive, record_url: str, change: str, line: str
) -> None:
    """The time would seem to be over, or the file another's; made anew from the store it is right again."""
    path = archive.seal("C-1").path
    with raw(record_url) as connection:
        connection.execute(text(f"UPDATE archive_package SET {change}"))  # noqa: S608  # ours
    ((where, found),) = archive.check_all()
    assert where == path
    assert [one.startswith(line) for one in found.differences] == [True]
    with pytest.raises(ArchiveRefused) as refused:
        disposal.propose(archive, "C-1", PROPOSER, LONG_AFTER, "保管期满")
    assert refused.value.code == "IndexBroken"
    archive.reindex()
    assert [one.differences for _, one in archive.check_all()] == [()]
    disposal.propose(archive, "C-1", PROPOSER, LONG_AFTER, "保管期满")


def test_a_package_that_was_damaged_in_the_store_is_not_taken_for_sealed(archive: Archive, tmp_path: Path) -> None:
    """Sealing again says so, instead of naming it as if all were well."""
    path = archive.seal("C-1").path
    file = tmp_path / "archive" / path
    data = file.read_bytes()
    file.write_bytes(data[:-10])
    with pytest.raises(ArchiveRefused, match=r"does not verify: it is no package") as refused:
        archive.seal("C-1")
    assert refused.value.code == "PackageBroken"
    file.unlink()
    assert archive.seal("C-1").path == path
    assert file.read_bytes() == data


def test_what_cannot_be_a_path_is_not_there(archive: Archive) -> None:
    for path in ("../../etc/passwd", "a/../b"):
        assert archive.store.get(path) is None, path
