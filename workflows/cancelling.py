"""
A request to cancel a complaint, a slip or a review changes nothing: it is refused on record, as a command would be.

A complaint ends by its process and by nothing else; a case that nobody need handle any more is withdrawn, refused or merged.
Temporal has at most one such request for each run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from temporalio import workflow

Result = TypeVar("Result")

CANCEL, CODE = "cancel", "NotCancellable"
"""How the record names such a request, and why it was refused."""


async def despite_cancelling(work: Coroutine[Any, Any, Result], refuse: Callable[[], None]) -> Result:
    """Return what comes of *work*; a request to cancel the workflow meanwhile goes to *refuse*, and the work goes on."""
    doing = asyncio.ensure_future(work)
    asked = False
    while True:
        try:
            return await asyncio.shield(doing)
        except asyncio.CancelledError:
            # Whatever leaves the worker's cache is cancelled too, and must end at once.
            if asked or workflow.cancellation_reason() is None:
                raise
            if doing.done():
                return doing.result()  # The request came with the last step.
            asked = True
            refuse()
