"""The complaint's workflow with steps or coroutines exchanged, as a careless change would leave it."""

from __future__ import annotations

import asyncio
from typing import Any

from temporalio import workflow

from models.opening import WORKFLOW_TYPE, CaseResult, Opening
from workflows.complaint import ComplaintWorkflow


@workflow.defn(name=WORKFLOW_TYPE)
class Hasty(ComplaintWorkflow):
    """Assigns before it registers."""

    @workflow.init
    def __init__(self, *payloads: Any) -> None:
        super().__init__(*payloads)

    @workflow.run
    async def run(self, *_: Any) -> CaseResult:
        assert isinstance(self.opening, Opening)
        await self.open(self.opening)
        await self.assign_department()
        await self.acknowledge_receipt()
        return self.result()


@workflow.defn(name=WORKFLOW_TYPE)
class Unlinked(ComplaintWorkflow):
    """Finds a department before it looks up the earlier complaint."""

    @workflow.init
    def __init__(self, *payloads: Any) -> None:
        super().__init__(*payloads)

    @workflow.run
    async def run(self, *payloads: Any) -> CaseResult:
        return await super().run(*payloads)

    async def link_to_earlier(self) -> None:
        await super().assign_department()

    async def assign_department(self) -> None:
        await super().link_to_earlier()


@workflow.defn(name=WORKFLOW_TYPE)
class Reordered(ComplaintWorkflow):
    """Starts what runs beside the process in the opposite order."""

    @workflow.init
    def __init__(self, *payloads: Any) -> None:
        super().__init__(*payloads)

    @workflow.run
    async def run(self, *_: Any) -> CaseResult:
        assert isinstance(self.opening, Opening)
        await self.open(self.opening)
        await asyncio.gather(
            self.keep_short(),
            self.keep_children(),
            self.keep_indexed(),
            self.keep_described(),
            self.keep_reminding(),
            self.keep_telling(),
            self.keep_record(),
            self.keep_time(),
            self.process(),
        )
        await workflow.wait_condition(workflow.all_handlers_finished)
        if not self.finished or self.unrecorded:
            self.continue_in_a_new_run()
        return self.result()
