"""A ledger on SQLite, then the same on a real PostgreSQL."""

from collections.abc import Iterator

import pytest

from activities.ledger import Ledger
from models.migrations import migrate


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    migrate(database_url)
    with Ledger.open(database_url) as opened:
        yield opened
