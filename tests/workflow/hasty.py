"""The complaint's workflow with two steps exchanged, as a careless change would leave it."""

from __future__ import annotations

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
