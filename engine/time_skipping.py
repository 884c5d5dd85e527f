"""
A server on which days pass in milliseconds, for rehearsals and tests.

The SDK calls this API experimental, so it is used through this module only. Every workflow has its own clock. It runs
ahead by itself whenever the workflow waits for time, unless the workflow was started inside
``skipper.with_time_skipping_disabled()``; then ``await skipper.fast_forward(handle, timedelta(days=15))`` moves it.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from temporalio.client import Client, WorkflowHandle
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from engine.keys import KeyRing
from engine.plugin import plugin
from engine.server import EmbeddedServer

__all__ = ["TimeSkipper", "skip_delay", "time_skipper", "time_skipping_server"]

REST: Final = timedelta(milliseconds=300)
"""
How much of a delayed start passes by itself.

A workflow that comes to rest just as its fast-forward ends may be skipped on to its next timer, days ahead (server 1.32.0).
One whose children run is not skipped at all, so a fast-forward past its first steps would take as long as it says.
"""


@asynccontextmanager
async def time_skipping_server(home: Path, keys: KeyRing) -> AsyncIterator[TimeSkipper]:
    """Run an embedded server in memory, with its log in *home*; start workflows through ``skipper.client``."""
    async with EmbeddedServer(home, time_skipping=True) as server:
        yield time_skipper(await Client.connect(server.address, plugins=[plugin(keys)]))


def time_skipper(client: Client) -> TimeSkipper:
    """
    Return the means to let days pass for workflows that *client* starts.

    Children begin at their parent's present, and then wait to be moved like any other workflow.
    """
    return TimeSkipper(client, config=TimeSkippingConfig(disable_propagation=True))


async def skip_delay(skipper: TimeSkipper, handle: WorkflowHandle[Any, Any], delay: timedelta) -> None:
    """Bring a workflow that was started with *delay* to just before its first step, which it then takes by itself."""
    if delay > REST:
        await skipper.fast_forward(handle, delay - REST)
