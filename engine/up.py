"""``make up``: the embedded server with its Web UI, the codec server and a worker, until Ctrl-C."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from engine.client import address_of, connect
from engine.codec_server import codec_server
from engine.errors import ServerFailed, WorkerStopped
from engine.keys import make_keys
from engine.schedules import apply
from engine.search_attributes import register
from engine.server import EmbeddedServer, free_ports, is_free
from engine.settings import ROOT, Settings
from engine.worker import DRAIN, stop_on_signal
from models.supervision import read_supervision

PORT: Final = 7233
UI_PORT: Final = 8233
CODEC_PORT: Final = 8081
DATABASE: Final = "temporal.db"
WORKER: Final = (sys.executable, str(ROOT / "worker.py"))


async def up(
    settings: Settings, *, say: Callable[[str], None], worker_command: Sequence[str] = WORKER, any_port: bool = False
) -> None:
    """
    Run until SIGINT or SIGTERM, telling the addresses through *say*.

    With ``TEMPORAL_ADDRESS`` set only worker and codec server are ours. Temporal's usual ports are taken when they
    are free, others when not; *any_port* takes free ones at once. Nothing is restarted silently: when the worker or
    the server ends by itself, raise `WorkerStopped` or `ServerFailed` after stopping the rest.
    """
    port, ui_port, codec_port = _ports(any_port=any_port)
    with stop_on_signal() as stop:
        async with AsyncExitStack() as stack:
            codec = stack.enter_context(
                codec_server(make_keys(settings, settings.home / DATABASE), ui_port=ui_port, port=codec_port)
            )
            server: EmbeddedServer | None = None
            if settings.embedded:
                server = await stack.enter_async_context(
                    EmbeddedServer(
                        settings.home,
                        database=settings.home / DATABASE,
                        port=port,
                        ui_port=ui_port,
                        codec_endpoint=codec,
                    )
                )
                say(f"Temporal Web UI  {server.ui}")
                say(f"Temporal HTTP    {server.http}")
            else:
                await register(await connect(settings, compare_keys=False))
            say(f"Temporal address {address_of(settings)}")
            say(f"Codec server     {codec}")
            worker = await stack.enter_async_context(_worker_process(worker_command))
            say(f"Worker           process {worker.pid}, task queue {settings.task_queue}")
            if settings.schedules == "on":
                applied = await apply(
                    await connect(settings, compare_keys=False),
                    read_supervision(settings.supervision),
                    settings.task_queue,
                )
                say(f"Schedules        {', '.join(f'{one.name} {one.change}' for one in applied)}")
            say("Stop with Ctrl-C.")
            await _watch(stop, worker, server)


def _ports(*, any_port: bool) -> list[int]:
    usual = (PORT, UI_PORT, CODEC_PORT)
    free = free_ports(len(usual))
    return [mine if not any_port and is_free(mine) else other for mine, other in zip(usual, free, strict=True)]


@asynccontextmanager
async def _worker_process(command: Sequence[str]) -> AsyncIterator[asyncio.subprocess.Process]:
    # Its own session: Ctrl-C reaches us only, and we tell it to drain while the server is still there.
    process = await asyncio.create_subprocess_exec(*command, env={**os.environ}, start_new_session=True)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), DRAIN.total_seconds() + 10)
            except TimeoutError:
                process.kill()
                await process.wait()


async def _watch(stop: asyncio.Event, worker: asyncio.subprocess.Process, server: EmbeddedServer | None) -> None:
    while not stop.is_set():
        if worker.returncode is not None:
            raise WorkerStopped(f"the worker ended by itself with code {worker.returncode}; its log says why")
        if server is not None and server.exited:
            raise ServerFailed(f"the Temporal server ended by itself; {server.log} says why")
        try:
            await asyncio.wait_for(stop.wait(), timeout=0.2)
        except TimeoutError:
            continue
