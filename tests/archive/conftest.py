"""An archive over each database, and over one of them for what the database does not matter to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from activities.ledger import Ledger
from activities.sealing import Archive
from cli import session
from tests.archive.buckets import bucket_server
from tests.archive.house import House
from tests.archive.parts import LATER, closed_case, open_archive
from tests.fresh_record import fresh_record


@pytest.fixture
def archive(record_url: str, tmp_path: Path) -> Iterator[Archive]:
    """An archive in a folder whose record holds the closed case C-1."""
    with Ledger.open(record_url) as ledger:
        closed_case(ledger)
        yield open_archive(ledger, tmp_path)


@pytest.fixture(scope="module")
def bucket() -> Iterator[dict[str, str]]:
    with bucket_server() as variables:
        yield variables


@pytest.fixture(autouse=True)
def years_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands are typed when the time of the files is over."""
    monkeypatch.setattr(session, "now", lambda: datetime.fromisoformat(LATER))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An installation with the closed case C-1 and an archive in a folder, for processes of their own."""
    with _house(tmp_path, fresh_record(tmp_path), f"file://{tmp_path / 'archive'}") as one:
        yield one


@pytest.fixture
def house_on_both(record_url: str, tmp_path: Path) -> Iterator[House]:
    """The same over each database."""
    with _house(tmp_path, record_url, f"file://{tmp_path / 'archive'}") as one:
        yield one


@pytest.fixture
def house_with_store(
    record_url: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    """The same with SQLite and a folder, then with PostgreSQL and a bucket."""
    store = f"file://{tmp_path / 'archive'}"
    if record_url.startswith("postgresql"):
        store = f"s3://archive/{tmp_path.name}"
        for name, value in request.getfixturevalue("bucket").items():
            monkeypatch.setenv(name, value)
    with _house(tmp_path, record_url, store) as one:
        yield one


@contextmanager
def _house(home: Path, database: str, store: str) -> Iterator[House]:
    with Ledger.open(database) as ledger:
        closed_case(ledger)
        yield House(home, ledger, database, store)
