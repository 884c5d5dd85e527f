"""What starts a complaint's workflow, what its commands answer and what it leaves behind."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from models.identifiers import Line, PersonId, Sha256
from models.intake import Intake
from models.parties import Contact
from rulebook.events import AnyEvent
from rulebook.pack import Pin

WORKFLOW_TYPE = "ComplaintWorkflow"
"""The workflow type by which any Temporal client, in any language, starts a complaint."""


def workflow_id(complaint_id: str) -> str:
    """Return the id of the workflow that owns *complaint_id*: one complaint, one workflow."""
    return f"complaint-{complaint_id}"


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Accepted(_Message):
    """
    What an obeyed command answers: the event it became, the stage, and the earliest deadline (None: none runs).

    *time_zone* is that of the rules by which the deadline was counted; people read it in no other.
    """

    event: str
    seq: int
    stage: str
    next_due: datetime | None = None
    ref: str | None = None
    time_zone: str | None = None


class Done(_Message):
    """A command that was obeyed, remembered so that a repetition is answered and not done twice."""

    id: str
    digest: str
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


class Opening(_Message):
    """
    The payload that opens a complaint.

    A backend sends *intake* alone: rules and calendar are then pinned by the day of receipt. A case that another system
    has begun comes with its *past*. The rest is filled only by the workflow itself when a long case continues in a new run:
    that run takes as many events from the record as are *recorded*; *events* and *done* are those few that it lacks.
    *reminded*, *reminding* and *passed_on* say up to which event people and children were told, and what still is.
    """

    intake: Intake
    pin: Pin | None = None
    past: Past | None = None
    events: tuple[AnyEvent, ...] = Field(default=(), json_schema_extra={"internal": True})
    recorded: int = Field(default=0, json_schema_extra={"internal": True})
    reminded: int = Field(default=0, json_schema_extra={"internal": True})
    reminding: tuple[int, ...] = Field(default=(), json_schema_extra={"internal": True})
    passed_on: int = Field(default=0, json_schema_extra={"internal": True})
    to_absorb: tuple[str, ...] = Field(default=(), json_schema_extra={"internal": True})
    review_apart: bool = Field(default=False, json_schema_extra={"internal": True})
    done: tuple[Done, ...] = Field(default=(), json_schema_extra={"internal": True})
    contact: Contact | None = Field(default=None, json_schema_extra={"internal": True})


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

    complaint_id: str
    result: str
    breached: bool
    events: int
