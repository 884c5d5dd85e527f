"""Where packages lie: the same promises of a folder and of a bucket, each through the real client."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import activities
from activities.ledger import Ledger
from activities.sealing import Archive, Store, StoreError, disposal
from activities.sealing.store import ABANDONED
from engine.settings import ROOT, SAMPLE_ORGANISATION
from models.archive import ArchiveConfig, refuse_url
from tests.archive.parts import APPROVER, KEY, LONG_AFTER, PROPOSER, closed_case, open_archive
from tests.fresh_record import fresh_record


@pytest.fixture(params=["file", "s3"])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "file":
        return f"file://{tmp_path / 'a folder'}"
    for name, value in request.getfixturevalue("bucket").items():
        monkeypatch.setenv(name, value)
    return f"s3://archive/{tmp_path.name}"


@pytest.fixture
def archive(url: str, tmp_path: Path) -> Iterator[Archive]:
    with Ledger.open(fresh_record(tmp_path)) as ledger:
        closed_case(ledger)
        yield open_archive(ledger, tmp_path, url)


def test_what_is_stored_is_never_written_over(url: str) -> None:
    store = Store.open(url)
    assert store.put("2026/C-1/a.zip", b"first") is True
    assert store.put("2026/C-1/a.zip", b"second") is False
    assert store.get("2026/C-1/a.zip") == b"first"


def test_it_is_listed_by_folder_and_gone_when_deleted(url: str) -> None:
    store = Store.open(url)
    for path in ("2026/C-1/b.zip", "2026/C-1/a.zip", "2026/C-10/c.zip"):
        store.put(path, b"x")
    assert store.paths("2026/C-1") == ["2026/C-1/a.zip", "2026/C-1/b.zip"]
    assert len(store.paths()) == 3
    store.delete("2026/C-1/a.zip")
    store.delete("2026/C-1/a.zip")
    assert (store.get("2026/C-1/a.zip"), store.paths("2026/C-1")) == (None, ["2026/C-1/b.zip"])


STORES = """
import sys
from activities.sealing import Store
store = Store.open(sys.argv[1])
for number in range(1000):
    store.put(f"2026/C-1/{number}.zip", bytes(20_000_000))
"""


def caught_writing(writer: subprocess.Popen[bytes], folder: Path) -> Path:
    """Stop *writer* while it stores something; return the piece that it has written so far."""
    while writer.poll() is None:
        if any(folder.rglob("*#*")):
            writer.send_signal(signal.SIGSTOP)
            os.waitpid(writer.pid, os.WUNTRACED)
            if pieces := list(folder.rglob("*#*")):
                return pieces[0]
            writer.send_signal(signal.SIGCONT)
    raise AssertionError("it was never caught")


@pytest.mark.slow
def test_what_a_killed_process_left_half_stored_goes_once_nobody_can_be_writing_it(tmp_path: Path) -> None:
    """The library names a piece NAME#1 and never lists it; a worker that starts, and the daily sweep, look for such ones."""
    folder = tmp_path / "store"
    url = f"file://{folder}"
    store = Store.open(url)
    with subprocess.Popen([sys.executable, "-c", STORES, url], cwd=ROOT) as writer:
        piece = caught_writing(writer, folder)
        assert store.remove_abandoned() == 0
        writer.kill()
    assert store.remove_abandoned() == 0, "another may be about to take it up"
    assert piece.exists()
    long_ago = piece.stat().st_mtime - ABANDONED.total_seconds()
    os.utime(piece, (long_ago, long_ago))
    archive = ArchiveConfig(url=url, keys=(KEY,))
    with activities.build(fresh_record(tmp_path), SAMPLE_ORGANISATION, tmp_path, archive=archive):
        assert list(folder.rglob("*#*")) == []


def test_a_file_is_sealed_found_verified_and_destroyed_there(archive: Archive) -> None:
    """The whole life of a package."""
    manifest = archive.seal("C-1")
    assert archive.seal("C-1") == manifest
    assert [(path, one.differences) for path, one in archive.check_all()] == [(manifest.path, ())]
    assert archive.reindex() == 1
    disposal.propose(archive, "C-1", PROPOSER, LONG_AFTER, "保管期满")
    disposal.approve(archive, "C-1", APPROVER, LONG_AFTER)
    assert [(one.ok, one.destroyed) for _, one in archive.check_all()] == [(True, True)]
    assert archive.store.get(manifest.path) is None


def test_a_package_in_a_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    Store.open(f"file://{folder}").put("2026/C-1/a.zip", b"x")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "2026/C-1/a.zip").stat().st_mode & 0o777 == 0o600


def test_a_store_that_does_not_answer_is_one_line_without_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ALLOW_HTTP": "true", "AWS_REGION": "x"}
    for name, value in {**variables, "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s3cret"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(StoreError) as failed:
        Store.open("s3://archive/x").get("a")
    assert str(failed.value) == "the archive's store failed (Generic)"


def test_empty_variables_count_as_unset(bucket: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Compose passes on what the example leaves empty; the library would panic over an empty one."""
    for name, value in {**bucket, "AWS_ENDPOINT": "", "AWS_SESSION_TOKEN": "", "AWS_DEFAULT_REGION": ""}.items():
        monkeypatch.setenv(name, value)
    assert Store.open("s3://archive/empty").get("a") is None


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StoreError, match=r"^the archive's store failed \((File exists|Not a directory)\)$"):
        Store.open(f"file://{tmp_path / 'file'}")


@pytest.mark.parametrize("url", ["file:///a", "s3://bucket", "s3://bucket/prefix"])
def test_a_url_that_names_a_folder_or_a_bucket_is_taken(url: str) -> None:
    refuse_url(url)


@pytest.mark.parametrize(
    "url", ["", "/a", "file://host/a", "file:///", "s3://", "s3://k:s@b", "s3://b?x=1", "http://x"]
)
def test_another_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"^must be file:///FOLDER or s3://BUCKET/PREFIX"):
        refuse_url(url)
