"""How a complaint ends: it comes to rest, late entries are waited for, and its file goes to the archive."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta

from temporalio import workflow

from models.archive import ArchiveOrder
from workflows.recovering import Recovering
from workflows.rest import at_rest

with workflow.unsafe.imports_passed_through():
    from activities.sealing.step import ArchiveActivities

ARCHIVED = "2026-11-archive"
"""Complaints that come to their end under code that knows the archive are archived."""

BEYOND_HELP = "2026-11-beyond-help"
"""The change since which a closed complaint no longer waits for what nobody can do any more; a run that did goes on so."""


class Ending(Recovering):
    """What happens once nobody can act on a complaint any more."""

    @property
    def at_rest(self) -> bool:
        """Whether nothing runs and nothing is owed any more that anybody could still do."""
        return at_rest(self.case) and (not self.case.clock.open_duties or workflow.patched(BEYOND_HELP))

    async def something_comes_in(self, within: timedelta) -> bool:
        """Return whether a request that was handed in in time, or contact, is entered late, *within* some time."""
        if not within:
            return False
        with suppress(asyncio.TimeoutError):
            await workflow.wait_condition(
                lambda: not self.at_rest or not self.case.closed_or_over or self.leaving,
                timeout=within,
                timeout_summary="待补录 for what was handed in in time and is entered late",
            )
            await self.until(lambda: not self.leaving)
            return True
        return False

    async def archive(self) -> bool:
        """
        Have the file sealed for the archive (R157), as the last step; return whether the case is over now.

        It is not when something came in meanwhile, or while a person had to help: then it comes to rest again first.
        """
        if not workflow.patched(ARCHIVED):
            return True
        self.tell_of_all_refusals()
        await self.until(lambda: not self.unrecorded)
        done = await self.machine(
            "archive",
            ArchiveActivities.seal,
            lambda: ArchiveOrder(complaint_id=self.complaint_id, events=len(self.case.events)),
            "归档 seal the file for the archive",
            needed=lambda: self.at_rest and self.case.closed_or_over,
        )
        if done is None:
            return "archive" in self.case.state.skipped_steps
        return done.events >= len(self.case.events)
