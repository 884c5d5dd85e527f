"""An archive over each database, and over one of them for what the database does not matter to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from activities.ledger import Ledger
from activities.sealing import Archive
from models.migrations import migrate
from tests.archive.parts import closed_case, open_archive


@pytest.fixture
def archive(database_url: str, tmp_path: Path) -> Iterator[Archive]:
    """An archive in a folder whose record holds the closed case C-1."""
    migrate(database_url)
    with Ledger.open(database_url) as ledger:
        closed_case(ledger)
        yield open_archive(ledger, tmp_path)
