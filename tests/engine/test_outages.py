"""What counts as an outage, and how long things wait for each other."""

from __future__ import annotations

import asyncio
import errno
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import exc
from structlog.testing import capture_logs

import activities  # noqa: F401  # every room that names an outage is loaded
from activities.ledger_session import LedgerRejected, LedgerUnavailable, Sessions
from engine.settings import SAMPLE_ORGANISATION, Settings
from models.database import BUSY_SECONDS, CONNECT_SECONDS, DatabaseAway, connect
from models.migrations import migrate
from models.outages import OUTAGES, Outage, outage_of
from tests.engine.waiting import until
from tests.workflow.database_server import DatabaseServer
from worker import wire
from workflows.base import STEP_TIMEOUT


def _below(kind: type[Outage]) -> Iterator[type[Outage]]:
    for sub in kind.__subclasses__():
        yield sub
        yield from _below(sub)


@pytest.mark.parametrize("kind", list(_below(Outage)), ids=lambda kind: kind.__name__)
def test_every_outage_is_known_to_workflows_by_its_name(kind: type[Outage]) -> None:
    """A type that is missing there would let complaints wait for a person who can do nothing."""
    assert kind is DatabaseAway or kind.__name__ in OUTAGES  # A worker without database does not start.


@pytest.mark.parametrize(
    ("error", "outage"),
    [
        pytest.param(OSError(errno.ENOSPC, "full"), "DiskFull", id="disk full"),
        pytest.param(OSError(errno.EDQUOT, "quota"), "DiskFull", id="quota used up"),
        pytest.param(PermissionError(errno.EACCES, "denied"), "FilesUnavailable", id="no permission"),
        pytest.param(OSError(errno.EROFS, "read-only"), "FilesUnavailable", id="read-only"),
        pytest.param(FileExistsError(errno.EEXIST, "a file"), "FilesUnavailable", id="a file where a folder should be"),
        pytest.param(OSError(errno.ENAMETOOLONG, "long"), None, id="a name that no file can have"),
        pytest.param(ValueError("a defect"), None, id="a defect"),
        pytest.param(LedgerRejected("no"), None, id="content that the database does not take"),
        pytest.param(LedgerUnavailable("no"), "LedgerUnavailable", id="the database"),
    ],
)
def test_what_is_an_outage(error: Exception, outage: str | None) -> None:
    assert outage_of(error) == outage


def test_nobody_waits_longer_for_a_database_than_a_step_may_take() -> None:
    """A turn in the process, then one between processes; a connection from the pool, then from the server."""
    assert STEP_TIMEOUT.total_seconds() > 2 * BUSY_SECONDS
    assert STEP_TIMEOUT.total_seconds() > 2 * CONNECT_SECONDS


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        pytest.param(exc.OperationalError("", {}, sqlite3.OperationalError("disk full")), LedgerUnavailable, id="full"),
        pytest.param(exc.InterfaceError("", {}, sqlite3.InterfaceError("gone")), LedgerUnavailable, id="gone"),
        pytest.param(exc.TimeoutError("pool"), LedgerUnavailable, id="no connection free"),
        pytest.param(exc.DataError("", {}, sqlite3.DataError("NUL")), LedgerRejected, id="impossible content"),
        pytest.param(exc.IntegrityError("", {}, sqlite3.IntegrityError("twice")), LedgerRejected, id="a constraint"),
    ],
)
def test_an_error_about_content_is_none_of_the_database(record_url: str, error: Exception, kind: type) -> None:
    engine = connect(record_url)
    with pytest.raises(kind), Sessions(engine).writing("a case"):
        raise error
    engine.dispose()


async def test_a_worker_waits_for_a_database_that_is_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says so, however long it takes; then the worker is wired as usual, and leaves no connection behind."""
    monkeypatch.setattr("worker.LOOK_AGAIN_SECONDS", 0.1)
    with DatabaseServer.running() as database, capture_logs() as lines, ExitStack() as stack:
        migrate(database.url)
        settings = _settings(tmp_path, database.url)
        database.stop()
        waiting = asyncio.create_task(wire(settings, stack))
        done, _ = await asyncio.wait([waiting], timeout=1)
        assert not done
        database.start()
        assert await asyncio.wait_for(waiting, 30)
        assert connections(database) > 0
        stack.close()

        async def nobody() -> bool:
            return connections(database) == 0

        await until(nobody)
    assert [(line["event"], line["error"]) for line in lines] == [("worker waits", "DatabaseAway")]


async def test_a_worker_that_waits_can_be_told_to_stop(tmp_path: Path) -> None:
    with DatabaseServer.running() as database, ExitStack() as stack:
        settings = _settings(tmp_path, database.url)
        database.stop()
        waiting = asyncio.create_task(wire(settings, stack))
        await asyncio.wait([waiting], timeout=0.5)
        signal.raise_signal(signal.SIGTERM)
        assert await asyncio.wait_for(waiting, 30) is None


def connections(database: DatabaseServer) -> int:
    """Return how many others are connected to the server."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    with psycopg.connect(database.url.replace("+psycopg", "")) as connection:
        row = connection.execute(asked).fetchone()
    assert row is not None
    return int(row[0])


def _settings(home: Path, url: str) -> Settings:
    return Settings.from_environment(
        {"TOUSU_HOME": str(home), "TOUSU_DATABASE_URL": url, "TOUSU_ORGANISATION": str(SAMPLE_ORGANISATION)}
    )
