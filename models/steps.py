"""What the workflow hands to its activities and what they bring back."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from models.intake import Intake
from models.opening import Done
from models.parties import Contact
from models.vocabulary import SalesChannel
from rulebook import events as ev
from rulebook.events import AnyEvent, NoticeKind
from rulebook.notice import Notice
from rulebook.offices import UnitLevel
from rulebook.pack import Pin


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class PinQuestion(_Message):
    """Which rules and calendar a complaint about *unit* received at *received_at* runs under, as known at *opened_at*."""

    received_at: datetime
    opened_at: datetime
    unit: str = ""


class ActorQuestion(_Message):
    """Who *person* is, as seen from the *unit* that handles a complaint about the unit *respondent*."""

    person: str
    unit: str
    respondent: str


class RulesName(_Message):
    """The name and the content hash of a pack."""

    pack: str
    pack_hash: str


class RulesQuestion(_Message):
    """Whether the rules *pack* with the content *pack_hash* are here, and may follow those *before*."""

    before: RulesName
    pack: str
    pack_hash: str


class Registration(_Message):
    """Store the intake and give out a ticket number (R062), unless another system has given it the *ticket*."""

    intake: Intake
    opened_at: datetime
    ticket: str | None = None


class Registered(_Message):
    """The ticket number under which the complainant asks, and the notices that were published here, oldest first."""

    ticket: str
    notices: tuple[Notice, ...] = ()


class AssignmentOrder(_Message):
    """
    Find the department and coordinator for *categories* at *unit*, without anybody in *excluded* (art. 17, R107).

    *at_least* is the lowest level that may handle it (R018, R145), *sales_channel* tells which sales department sold (R030).
    """

    unit: str
    categories: tuple[str, ...]
    excluded: tuple[str, ...] = ()
    at_least: UnitLevel | None = None
    sales_channel: SalesChannel | None = None


class AssignmentFound(_Message):
    """
    The department and coordinator that take the complaint, and why they do.

    *route* says whether customer service can settle all categories by itself or departments take part (R124, R125).
    """

    unit: str
    department: str
    coordinator: str
    reason: str
    route: Literal["customer_service", "departments"] | None = None


class Share(AssignmentFound):
    """The department and coordinator that take one *category* of a complaint of several (R103)."""

    category: str | None = None


class EarlierCase(_Message):
    """What the record holds of an earlier complaint: whether it was closed, and as what (R166)."""

    closed: bool
    result: str | None = None


class TaskOrder(_Message):
    """Open a task for a department: to investigate, to answer a slip, to call the customer back. *task* is its id."""

    complaint_id: str
    task: str
    kind: Literal["investigation", "callback", "slip"]
    department: str
    coordinator: str | None
    opened_at: datetime


class NoticeOrder(_Message):
    """
    Tell the complainant: which notice, about what, with which facts for its template. *notice* is its stable id.

    *contact* are the complainant's contact details, where they changed after the opening; *corrections* what was corrected
    of the particulars.
    """

    complaint_id: str
    notice: str
    kind: NoticeKind
    unit: str
    time_zone: str
    facts: dict[str, Any]
    at: datetime
    contact: Contact | None = None
    corrections: tuple[ev.ParticularsCorrected, ...] = ()


class NoticeProof(_Message):
    """What proves that the complainant was told (art. 21)."""

    method: str
    template: str
    template_hash: str
    body_hash: str
    proof: str


class SlipOrder(_Message):
    """
    Put the dispatch slip *slip* before its department, and before those in *copies* (R038, R103).

    *categories* are all that the complaint is about. Nobody in *excluded* sees it (direct interest, art. 17).
    """

    complaint_id: str
    slip: str
    unit: str
    department: str
    coordinator: str
    category: str | None
    main: bool
    copies: tuple[str, ...]
    reason: str
    opinion: str = ""
    opened_at: datetime
    excluded: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()


class SlipBackOrder(_Message):
    """Tell the *coordinator* that the slip came back for re-investigation, for the time *number* counts (R020)."""

    complaint_id: str
    slip: str
    number: int
    coordinator: str
    reason: str


class RecordBatch(_Message):
    """
    Events to write down, the first of which has the sequence number *first*.

    *done* are the commands behind them with their answers, for whoever repeats one to a later run.
    """

    complaint_id: str
    first: int
    events: tuple[AnyEvent, ...]
    pin: Pin
    done: tuple[Done, ...] = ()


class ClosureOrder(_Message):
    """Check the record of a complaint before it is closed: it must hold *events* events, in one unbroken chain."""

    complaint_id: str
    events: int


class ClosureReport(_Message):
    """The state of the record at closure: the hash of its last link."""

    head_hash: str


class ReminderOrder(_Message):
    """
    Remind the coordinator, or before assignment the unit's customer service, of a duty near or past its deadline (R105).

    *to* is the level of the organisation that is reminded, None for the coordinator; *passed* are the lower levels that were
    not; *department* is where the duty lies, *slip* the dispatch slip whose duty it is.
    """

    complaint_id: str
    reminder: str
    kind: Literal["reminder", "breach"]
    unit: str
    coordinator: str | None
    title: str
    citation: str
    due: str
    to: ev.Level | None = None
    passed: tuple[ev.Level, ...] = ()
    department: str | None = None
    slip: str | None = None


class FeedbackOrder(_Message):
    """
    Feed the result of a complaint back inside the house, once it was told (R135).

    To the *coordinators* who took part, and to *levels* of the organisation as seen from *unit*.
    """

    complaint_id: str
    feedback: str
    unit: str
    coordinators: tuple[str, ...]
    levels: tuple[ev.Level, ...] = ()
    liability: ev.Liability | None = None
