"""The complaint's workflow with two steps exchanged, as a careless change would leave it."""

from __future__ import annotations

from temporalio import workflow

from models.opening import WORKFLOW_TYPE, CaseResult, Opening
from workflows.complaint import ComplaintWorkflow


@workflow.defn(name=WORKFLOW_TYPE)
class Hasty(ComplaintWorkflow):
    """Assigns before it registers."""

    @workflow.init
    def __init__(self, opening: Opening) -> None:
        super().__init__(opening)

    @workflow.run
    async def run(self, opening: Opening) -> CaseResult:
        await self.open(opening)
        await self.assign_department()
        await self.acknowledge_receipt()
        return self.result()
