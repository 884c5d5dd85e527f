"""What starts a complaint's workflow, what its commands answer and what it leaves behind."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from models.identifiers import PersonId
from models.intake import Intake
from models.parties import Contact
from rulebook.events import AnyEvent
from rulebook.pack import Pin
from rulebook.scalars import Flag, Line, LocalInstant, Reason, Sha256, Whole, Word

WORKFLOW_TYPE = "ComplaintWorkflow"
"""The workflow type by which any Temporal client, in any language, starts a complaint."""

RUNNING = f"WorkflowType = '{WORKFLOW_TYPE}' AND ExecutionStatus = 'Running'"
"""The query of Temporal's visibility for the complaints that run."""


OPENING_BYTES = 1_500_000
"""
How large what was said and its past may be as JSON.

The server takes 2 MiB in one payload; encryption, rules and whatever a client adds in writing JSON need some of it.
"""


def workflow_id(complaint_id: str) -> str:
    """Return the id of the workflow that owns *complaint_id*: one complaint, one workflow."""
    return f"complaint-{complaint_id}"


def complaint_of(workflow: str) -> str:
    """Return the id of the complaint whose workflow has the id *workflow*."""
    return workflow.removeprefix("complaint-")


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Accepted(_Message):
    """
    What an obeyed command answers: the event it became, the stage, and the earliest deadline (None: none runs).

    *time_zone* is that of the rules by which the deadline was counted; people read it in no other.
    """

    event: Word
    seq: Whole
    stage: Word
    next_due: LocalInstant | None = None
    ref: Word | None = None
    time_zone: Word | None = None


class Done(_Message):
    """A command that was obeyed, remembered so that a repetition is answered and not done twice."""

    id: Word
    digest: Word
    answer: Accepted


class Past(_Message):
    """
    What happened to a complaint in another system, before it came here.

    *source* names that system, *digest* is the SHA-256 of what it was read from, *by* the person who has it imported.
    *events* are in the order of their instants; when they are written down here, the workflow says itself.
    """

    source: Line
    digest: Sha256
    by: PersonId
    events: tuple[AnyEvent, ...] = ()


class Reopening(_Message):
    """That a complaint whose workflow has ended before it did is to go on from its record: who says so, and why."""

    by: PersonId
    reason: Reason


class Opening(_Message):
    """
    The payload that opens a complaint, or with *reopening* brings one back that is on record.

    A backend sends *intake* alone: rules and calendar are then pinned by the day of receipt. A case that another system
    has begun comes with its *past*. A *reopening* comes without both: the record has the rules and the events. The rest is
    filled only by the workflow itself when a long case continues in a new run: that run takes as many events from the record
    as are *recorded*; *events* and *done* are those few that it lacks.
    *reminded*, *reminding* and *passed_on* say up to which event people and children were told, and what still is.
    """

    intake: Intake
    pin: Pin | None = None
    past: Past | None = None
    reopening: Reopening | None = None
    events: tuple[AnyEvent, ...] = Field(default=(), json_schema_extra={"internal": True})
    recorded: Whole = Field(default=0, json_schema_extra={"internal": True})
    reminded: Whole = Field(default=0, json_schema_extra={"internal": True})
    reminding: tuple[Whole, ...] = Field(default=(), json_schema_extra={"internal": True})
    passed_on: Whole = Field(default=0, json_schema_extra={"internal": True})
    to_absorb: tuple[Word, ...] = Field(default=(), json_schema_extra={"internal": True})
    review_apart: Flag = Field(default=False, json_schema_extra={"internal": True})
    done: tuple[Done, ...] = Field(default=(), json_schema_extra={"internal": True})
    contact: Contact | None = Field(default=None, json_schema_extra={"internal": True})

    @model_validator(mode="after")
    def _rests_on_the_record(self) -> Self:
        if self.reopening is not None and (self.pin is not None or self.past is not None):
            raise PydanticCustomError("on_record", "reopening: the record has rules and past; leave pin and past out")
        return self

    @model_validator(mode="after")
    def _fits(self) -> Self:
        # Without a past it always fits: every text and every list of an intake has its limit.
        if self.past is not None and self.past.events:
            size = len(self.model_dump_json(include={"intake", "past"}).encode())
            if size > OPENING_BYTES:
                raise PydanticCustomError(
                    "too_large",
                    "past: with the complaint it has {size} bytes as JSON, at most {most} can be sent",
                    {"size": size, "most": OPENING_BYTES},
                )
        return self


TURNED_AWAY = frozenset(
    {
        "AlreadyRecorded",
        "CaseEnded",
        "DirectInterest",
        "FutureReceipt",
        "ImpossiblePast",
        "IntakeDiffers",
        "InvalidOpening",
        "NoRulesInForce",
        "NotAuthorised",
        "NothingToReopen",
        "UnknownActor",
        "WrongWorkflowId",
    }
)
"""The stable types with which a run fails whose opening is turned away; such a run has recorded nothing."""

INTERNAL = (
    "events",
    "recorded",
    "reminded",
    "reminding",
    "passed_on",
    "to_absorb",
    "review_apart",
    "done",
    "contact",
)
"""What only the workflow itself fills, when it continues in a new run."""


class CaseResult(_Message):
    """How a complaint ended: its result, whether any duty was breached, and how many events the record holds."""

    complaint_id: Word
    result: Word
    breached: Flag
    events: Whole
