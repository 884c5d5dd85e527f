"""The worker processes of the demo: real ones, so that one can really be killed."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from engine.up import WORKER

_PATIENCE_SECONDS = 30


class Workforce:
    """One worker at a time, with its log in *home*."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._process: asyncio.subprocess.Process | None = None
        self._started = 0

    async def start(self) -> int:
        """Start a worker and return its process id."""
        self._started += 1
        with (self._home / f"worker-{self._started}.log").open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *WORKER,
                env=environment(self._home),
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches the demo only, which then stops its worker.
            )
        return self._process.pid

    async def kill(self) -> None:
        """End the worker as a power cut does (SIGKILL): nothing is finished, nothing is said."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """Ask the worker to finish what it does and to leave."""
        await self._end(signal.SIGTERM)

    async def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.send_signal(how)
        try:
            await asyncio.wait_for(process.wait(), _PATIENCE_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()


def environment(home: Path) -> dict[str, str]:
    """Return what the demo's worker may know: its *home*, and no mail server of the installation to write to people by."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TOUSU_", "TEMPORAL_"))}
    return {**kept, "TOUSU_HOME": str(home)}


@asynccontextmanager
async def workforce(home: Path) -> AsyncIterator[Workforce]:
    """Give a workforce and see to it that no worker is left at the end."""
    force = Workforce(home)
    try:
        yield force
    finally:
        await force.stop()
