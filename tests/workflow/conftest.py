"""A complaint that a test plays on the real server, whose days pass in milliseconds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.common import RetryPolicy

from engine.time_skipping import TimeSkipper
from tests.workflow.stage import Stage
from workflows import base


@pytest.fixture(scope="session")
async def stage(temporal_env: TimeSkipper, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """One worker, one record, one outbox for all plays of the session; every play has its own complaint."""
    home: Path = tmp_path_factory.mktemp("stage")
    async with Stage.open(temporal_env.client, home, temporal_env) as opened:
        yield opened


@pytest.fixture(scope="session")
async def live(client: Client, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """The same on an ordinary server, where no day passes and no event is there that production would not have."""
    async with Stage.open(client, tmp_path_factory.mktemp("live")) as opened:
        yield opened


@pytest.fixture
def seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try once a day what waits for the end of an outage, so that weeks of it cost seconds."""
    every = RetryPolicy(
        initial_interval=timedelta(days=1), backoff_coefficient=1, maximum_attempts=base.WHILE_AWAY.maximum_attempts
    )
    monkeypatch.setattr(base, "WHILE_AWAY", every)
