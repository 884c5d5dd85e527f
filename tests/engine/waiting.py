"""Wait for a condition, never for a number of seconds."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

PATIENCE: Final = 60.0
"""Seconds for what takes one on a machine that has nothing else to do."""


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Return when *condition* holds; fail when patience ends."""
    async with asyncio.timeout(PATIENCE):
        while not await condition():  # noqa: ASYNC110 - the other side is a server or a process, without an event
            await asyncio.sleep(0.05)
