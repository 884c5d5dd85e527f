"""A ledger on SQLite, then the same on a real PostgreSQL."""

from collections.abc import Iterator

import pytest

from activities.ledger import Ledger


@pytest.fixture
def ledger(record_url: str) -> Iterator[Ledger]:
    with Ledger.open(record_url) as opened:
        yield opened
