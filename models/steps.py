"""What the workflow hands to its activities and what they bring back."""

from __future__ import annotations

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
from rulebook.scalars import Flag, Instant, Prose, Whole, Word


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class PinQuestion(_Message):
    """Which rules and calendar a complaint about *unit* received at *received_at* runs under, as known at *opened_at*."""

    received_at: Instant
    opened_at: Instant
    unit: Word = ""


class ActorQuestion(_Message):
    """Who *person* is, as seen from the *unit* that handles a complaint about the unit *respondent*."""

    person: Word
    unit: Word
    respondent: Word


class RulesName(_Message):
    """The name and the content hash of a pack."""

    pack: Word
    pack_hash: Word


class RulesQuestion(_Message):
    """Whether the rules *pack* with the content *pack_hash* are here, and may follow those *before*."""

    before: RulesName
    pack: Word
    pack_hash: Word


class ChildQuestion(_Message):
    """Whether the record of a complaint knows its slip or review *child*."""

    complaint_id: Word
    child: Word


class Registration(_Message):
    """Store the intake and give out a ticket number (R062), unless another system has given it the *ticket*."""

    intake: Intake
    opened_at: Instant
    ticket: Word | None = None


class Registered(_Message):
    """
    The ticket number under which the complainant asks, and the notices that were published here, oldest first.

    *recorded_at* is when the first event on record was written down, None while there is none.
    """

    ticket: Word
    notices: tuple[Notice, ...] = ()
    recorded_at: Instant | None = None


class AssignmentOrder(_Message):
    """
    Find the department and coordinator for *categories* at *unit*, without anybody in *excluded* (art. 17, R107).

    *at_least* is the lowest level that may handle it (R018, R145), *sales_channel* tells which sales department sold (R030).
    """

    unit: Word
    categories: tuple[Word, ...]
    excluded: tuple[Word, ...] = ()
    at_least: UnitLevel | None = None
    sales_channel: SalesChannel | None = None


class AssignmentFound(_Message):
    """
    The department and coordinator that take the complaint, and why they do.

    *route* says whether customer service can settle all categories by itself or departments take part (R124, R125).
    """

    unit: Word
    department: Word
    coordinator: Word
    reason: Prose
    route: Literal["customer_service", "departments"] | None = None


class Share(AssignmentFound):
    """The department and coordinator that take one *category* of a complaint of several (R103)."""

    category: Word | None = None


class EarlierCase(_Message):
    """What the record holds of an earlier complaint: whether it was closed, and as what (R166)."""

    closed: Flag
    result: Prose | None = None


class TaskOrder(_Message):
    """Open a task for a department: to investigate, to answer a slip, to call the customer back. *task* is its id."""

    complaint_id: Word
    task: Word
    kind: Literal["investigation", "callback", "slip"]
    department: Word
    coordinator: Word | None
    opened_at: Instant


class NoticeOrder(_Message):
    """
    Tell the complainant: which notice, about what, with which facts for its template. *notice* is its stable id.

    *contact* are the complainant's contact details, where they changed after the opening; *corrections* what was corrected
    of the particulars.
    """

    complaint_id: Word
    notice: Word
    kind: NoticeKind
    unit: Word
    time_zone: Word
    facts: dict[str, Any]
    at: Instant
    contact: Contact | None = None
    corrections: tuple[ev.ParticularsCorrected, ...] = ()


class NoticeProof(_Message):
    """What proves that the complainant was told (art. 21)."""

    method: Word
    template: Word
    template_hash: Word
    body_hash: Word
    proof: Word


class SlipOrder(_Message):
    """
    Put the dispatch slip *slip* before its department, and before those in *copies* (R038, R103).

    *categories* are all that the complaint is about. Nobody in *excluded* sees it (direct interest, art. 17).
    """

    complaint_id: Word
    slip: Word
    unit: Word
    department: Word
    coordinator: Word
    category: Word | None
    main: Flag
    copies: tuple[Word, ...]
    reason: Prose
    opinion: Prose = ""
    opened_at: Instant
    excluded: tuple[Word, ...] = ()
    categories: tuple[Word, ...] = ()


class SlipBackOrder(_Message):
    """Tell the *coordinator* that the slip came back for re-investigation, for the time *number* counts (R020)."""

    complaint_id: Word
    slip: Word
    number: Whole
    coordinator: Word
    reason: Prose


class RecordBatch(_Message):
    """
    Events to write down, the first of which has the sequence number *first*.

    *done* are the commands behind them with their answers, for whoever repeats one to a later run.
    """

    complaint_id: Word
    first: Whole
    events: tuple[AnyEvent, ...]
    pin: Pin
    done: tuple[Done, ...] = ()


class ClosureOrder(_Message):
    """Check the record of a complaint before it is closed: it must hold *events* events, in one unbroken chain."""

    complaint_id: Word
    events: Whole


class ClosureReport(_Message):
    """The state of the record at closure: the hash of its last link."""

    head_hash: Word


class ReminderOrder(_Message):
    """
    Remind the coordinator, or before assignment the unit's customer service, of a duty near or past its deadline (R105).

    *to* is the level of the organisation that is reminded, None for the coordinator; *passed* are the lower levels that were
    not; *department* is where the duty lies, *slip* the dispatch slip whose duty it is.
    """

    complaint_id: Word
    reminder: Word
    kind: Literal["reminder", "breach"]
    unit: Word
    coordinator: Word | None
    title: Word
    citation: Word
    due: Word
    to: ev.Level | None = None
    passed: tuple[ev.Level, ...] = ()
    department: Word | None = None
    slip: Word | None = None


class FeedbackOrder(_Message):
    """
    Feed the result of a complaint back inside the house, once it was told (R135).

    To the *coordinators* who took part, and to *levels* of the organisation as seen from *unit*.
    """

    complaint_id: Word
    feedback: Word
    unit: Word
    coordinators: tuple[Word, ...]
    levels: tuple[ev.Level, ...] = ()
    liability: ev.Liability | None = None
