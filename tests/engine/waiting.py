"""Wait for a condition, never for a number of seconds."""

import asyncio
from collections.abc import Awaitable, Callable


async def until(condition: Callable[[], Awaitable[bool]], *, within: float = 30.0) -> None:
    """Return when *condition* holds; fail after *within* seconds."""
    async with asyncio.timeout(within):
        while not await condition():  # noqa: ASYNC110 - the other side is a server or a process, without an event
            await asyncio.sleep(0.05)
