"""
The door of a complaint's workflow: any Temporal client may knock, in any language, and not every payload is a complaint.

What is turned away fails the run at once with a stable type, before anything is recorded, and its id may be used again:

InvalidOpening      the argument is not one opening, or fills what only the workflow itself may fill
WrongWorkflowId     the run's id is not the one that belongs to the complaint
FutureReceipt       the complaint claims to be received later than now
ImpossiblePast      what another system tells of the past cannot have happened (found when the rules are pinned)
NoRulesInForce      no published rules were in force on the day of receipt (found when the rules are pinned)
"""

from __future__ import annotations

from collections.abc import Sequence

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from models.intake import FutureReceipt
from models.opening import INTERNAL, Opening, workflow_id
from workflows.inbound import Unreadable, given
from workflows.refusal import refused


def admit(payloads: Sequence[RawValue]) -> Opening | ApplicationError | Unreadable:
    """
    Return the opening in the run's *payloads*, or the reason to turn it away.

    It raises nothing of what comes from outside: an error while the workflow is made would be tried again for ever, and
    nobody would hear of it. An Unreadable is the run's to raise: the task fails where a worker cannot read the case.
    """
    try:
        opening: Opening = given(payloads, Opening)
    except (ApplicationError, Unreadable) as error:
        return error
    if workflow.info().continued_run_id is None and (filled := _filled(opening)):
        return refused("InvalidOpening", f"{', '.join(filled)}: only the workflow itself fills this [internal]")
    expected = workflow_id(opening.intake.complaint_id)
    if workflow.info().workflow_id != expected:
        return refused("WrongWorkflowId", f"the workflow of this complaint has the id {expected}")
    try:
        opening.intake.refuse_future(workflow.now())
    except FutureReceipt:
        return refused("FutureReceipt", "received_at: must not lie in the future")
    return opening


def _filled(opening: Opening) -> list[str]:
    # By value: clients that send every field send the empty ones too.
    return [name for name in INTERNAL if getattr(opening, name) != Opening.model_fields[name].default]
