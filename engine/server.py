"""
The embedded Temporal server: a child process with its Web UI, for one machine, durable across restarts.

Its note in home (``server.json``) tells other commands where it listens. The note is locked, and the server process
inherits the lock: as long as the server lives, however its parent ended, no second one opens the same database, and
as soon as it is gone the note counts as stale.
"""

import asyncio
import fcntl
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from engine.errors import ServerFailed
from engine.search_attributes import server_flags
from engine.temporal_cli import PROMPT_TIMERS, SHARING, TIME_SKIPPING, find_temporal

HOST: Final = "127.0.0.1"
NAMESPACE: Final = "default"
NOTE: Final = "server.json"
LOG: Final = "server.log"
_START_SECONDS: Final = 30.0
_TRY_SECONDS: Final = 5.0
_STOP_SECONDS: Final = 10.0
_PORT_CHOICES: Final = 3
_PORT_TAKEN: Final = "address already in use"


@dataclass(frozen=True)
class ServerNote:
    """Where a running embedded server listens: its address, its Web UI and its process."""

    address: str
    ui: str
    pid: int


def running_server(home: Path) -> ServerNote | None:
    """Return the note of the embedded server that runs for *home*, or None."""
    try:
        with (home / NOTE).open("r+b") as file:
            if _lock(file.fileno()):
                return None
            text = file.read()
    except FileNotFoundError:
        return None
    return ServerNote(**json.loads(text)) if text else None


class EmbeddedServer:
    """
    ``async with EmbeddedServer(home) as server:`` starts it, waits until it answers, and stops it at the end.

    *database* is its SQLite file, None for memory only. Ports that are not given are free ones on loopback.
    *codec_endpoint* is the URL by which the Web UI decrypts. *time_skipping* allows `temporalio.testing.TimeSkipper`.
    *dynamic_config* are further ``key=value`` settings of the server, for tests that must reach its limits.
    """

    def __init__(
        self,
        home: Path,
        *,
        database: Path | None = None,
        port: int | None = None,
        ui_port: int | None = None,
        codec_endpoint: str | None = None,
        time_skipping: bool = False,
        dynamic_config: Sequence[str] = (),
    ) -> None:
        self._home = home
        self._database = database
        self._given = (port, ui_port)
        self._port, self._ui_port, self._http_port = self._choose_ports()
        self._codec_endpoint = codec_endpoint
        self._dynamic_config = (*SHARING, *((TIME_SKIPPING, PROMPT_TIMERS) if time_skipping else ()), *dynamic_config)
        self._lock_file: int | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"{HOST}:{self._port}"

    @property
    def ui(self) -> str:
        return f"http://{HOST}:{self._ui_port}"

    @property
    def http(self) -> str:
        """Where it answers plain HTTP with JSON, for systems without an SDK."""
        return f"http://{HOST}:{self._http_port}"

    @property
    def log(self) -> Path:
        return self._home / LOG

    @property
    def pid(self) -> int:
        if self._process is None:
            raise ServerFailed("the embedded server is not running; start it first")
        return self._process.pid

    @property
    def exited(self) -> bool:
        """Whether the process ended without being asked to."""
        return self._process is not None and self._process.poll() is not None

    @property
    def port_was_taken(self) -> bool:
        """Whether the log names a port that somebody else had, wherever in it."""
        return _PORT_TAKEN in self._words()

    async def __aenter__(self) -> Self:
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        binary = await find_temporal(self._home)
        self._lock_file = await self._take_lock()
        try:
            await self._start(binary, self._lock_file)
            self._write_note(self._lock_file)
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def _choose_ports(self) -> tuple[int, int, int]:
        free = free_ports(3)
        # Its HTTP API asks nobody for credentials, so it never has a port that every web page could guess.
        return self._given[0] or free[0], self._given[1] or free[1], free[2]

    async def _start(self, binary: Path, lock_file: int) -> None:
        """Start the process and wait until it answers; where somebody took a free port meanwhile, on others."""
        for left in reversed(range(_PORT_CHOICES)):
            self._spawn(binary, lock_file)
            try:
                await self._wait_until_ready()
            except ServerFailed:
                if not (left and None in self._given and self.exited and self.port_was_taken):
                    raise
                self._port, self._ui_port, self._http_port = self._choose_ports()
            else:
                return

    async def stop(self) -> None:
        """Ask the process to end and wait for it; after ten seconds end it by force. Safe to call twice."""
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.to_thread(process.wait, _STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                await asyncio.to_thread(process.wait)
        lock_file, self._lock_file = self._lock_file, None
        if lock_file is not None:
            os.ftruncate(lock_file, 0)
            os.close(lock_file)

    async def _take_lock(self) -> int:
        descriptor = os.open(self._home / NOTE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        for _ in range(10):
            if _lock(descriptor):
                return descriptor
            await asyncio.sleep(0.02)  # Someone who only asks, in running_server, holds it for an instant.
        text = os.pread(descriptor, 4096, 0)
        os.close(descriptor)
        where = "process {pid} at {address}".format(**json.loads(text)) if text else "still starting"
        raise ServerFailed(f"an embedded server already runs for {self._home} ({where}); stop it first")

    def _write_note(self, descriptor: int) -> None:
        note = json.dumps(asdict(ServerNote(address=self.address, ui=self.ui, pid=self.pid)))
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, note.encode(), 0)

    def _spawn(self, binary: Path, lock_file: int) -> None:
        self.log.touch(mode=0o600)
        for path in (self.log, *_of_database(self._database)):
            path.chmod(0o600)  # Private also in a home that was there before us, and whoever made the files.
        with self.log.open("wb") as log:
            # Its own session: Ctrl-C in the terminal reaches us only, and we stop it after the worker has drained.
            self._process = subprocess.Popen(  # noqa: S603 - our own binary and arguments
                [str(binary), *self._arguments()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                umask=0o077,
                pass_fds=[lock_file],
            )

    def _arguments(self) -> list[str]:
        arguments = ["server", "start-dev", "--ip", HOST, "--port", str(self._port), "--ui-port", str(self._ui_port)]
        arguments += ["--http-port", str(self._http_port)]
        arguments += ["--namespace", NAMESPACE, "--log-level", "warn", "--log-format", "pretty"]
        arguments += ["--ui-disable-news-fetch", "--dynamic-config-value", "frontend.enableServerVersionCheck=false"]
        arguments += server_flags()
        if self._database is not None:
            arguments += ["--db-filename", str(self._database)]
            # Measured: 57 starts/s become 203, and a killed server still loses nothing.
            arguments += ["--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=normal"]
        if self._codec_endpoint is not None:
            arguments += ["--ui-codec-endpoint", self._codec_endpoint]
        for setting in self._dynamic_config:
            arguments += ["--dynamic-config-value", setting]
        return arguments

    async def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _START_SECONDS  # noqa: TID251 - a stopwatch, not legal time
        while not self.exited:
            if await self._answers():
                return
            if time.monotonic() > deadline:  # noqa: TID251
                raise ServerFailed(
                    f"the Temporal server did not answer in {_START_SECONDS:.0f} s; {self._last_words()}"
                )
            await asyncio.sleep(0.05)
        raise ServerFailed(f"the Temporal server ended while starting; {self._last_words()}")

    async def _answers(self) -> bool:
        try:
            async with asyncio.timeout(_TRY_SECONDS):
                _, writer = await asyncio.open_connection(HOST, self._ui_port)
                writer.close()
                client = await Client.connect(self.address)
                await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=NAMESPACE))
        except (OSError, RuntimeError, RPCError):  # TimeoutError is an OSError.
            return False
        return True

    def _words(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace").strip()

    def _last_words(self) -> str:
        return f"{self.log} ends: {' | '.join(self._words().splitlines()[-3:]) or '(empty)'}"


def free_ports(count: int) -> list[int]:
    """Return *count* different ports on loopback that were free a moment ago."""
    sockets = [socket.create_server((HOST, 0)) for _ in range(count)]
    ports: list[int] = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def is_free(port: int) -> bool:
    """Say whether *port* on loopback can be listened on now."""
    try:
        socket.create_server((HOST, port)).close()
    except OSError:
        return False
    return True


def _of_database(database: Path | None) -> list[Path]:
    """Return the files of the SQLite *database* that are there: itself and its journals."""
    if database is None:
        return []
    return [path for path in database.parent.glob(f"{database.name}*") if path.is_file()]


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
