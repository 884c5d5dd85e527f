"""Starting the workflow of a complaint, at most once for an id, with what an operator sees from the first moment on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from pydantic import TypeAdapter, ValidationError
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.common import (
    Priority,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from cli import session
from cli.acceptance import Acceptance
from cli.claims import START_WITHIN, claim
from cli.errors import OF_THE_ITEM
from cli.rejected import Rejected, SameComplaint
from cli.rows import Row
from models import search_attributes as sa
from models.explain import explain
from models.identifiers import ComplaintId
from models.intake import FutureReceipt, Intake
from models.intake_warnings import warnings
from models.opening import WORKFLOW_TYPE, Opening, workflow_id
from models.organisation import Organisation, OrganisationError
from models.urgency import urgency
from models.vocabulary import LABELS_ZH
from rulebook import events as ev
from rulebook.errors import RulebookError
from workflows.past import begun

if TYPE_CHECKING:
    from activities.ledger import Ledger

NOT_YET = "the server has it, and no worker has taken it in so far"
_ID: TypeAdapter[str] = TypeAdapter(ComplaintId)


@dataclass(frozen=True)
class Outcome:
    """What became of one row."""

    row: int
    result: Literal["opened", "already-open", "sent", "rejected"]
    complaint_id: str | None = None
    workflow_id: str | None = None
    same_as: str | None = None
    code: str | None = None
    reason: str | None = None
    warnings: tuple[str, ...] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as a JSON object, without what does not apply; the id is always there."""
        found = {name: value for name, value in vars(self).items() if value is not None}
        return {"complaint_id": found.pop("complaint_id", None), **found}


async def open_row(
    client: Client,
    ledger: Ledger,
    task_queue: str,
    row: Row,
    now: datetime,
    *,
    organisation: Organisation,
    pack: str | None = None,
    acceptance: Acceptance | None = None,
) -> Outcome:
    """
    Open the complaint in *row* unless it is open already; what is wrong with the row becomes its outcome.

    The rules are those that *organisation* has for the unit on the day of receipt; or *pack*, if one is named. With
    *acceptance* a worker has taken it in, or the outcome is ``sent``; without, the server has it.
    """
    named = _id_of(row.data)
    try:
        opening = _opening(row, now, organisation, pack)
        fresh = await open_once(client, ledger, task_queue, opening)
        if acceptance and not await _taken_in(ledger, acceptance, opening.intake.complaint_id, fresh=fresh):
            return Outcome(row.number, "sent", named, workflow_id(named or ""), code="NotAccepted", reason=NOT_YET)
    except SameComplaint as same:
        return Outcome(row.number, "already-open", named, workflow_id(same.known), same_as=same.known)
    except Rejected as rejected:
        return Outcome(row.number, "rejected", named, code=rejected.code, reason=str(rejected))
    name = opening.intake.complaint_id
    doubts = warnings(opening.intake) or None
    return Outcome(row.number, "opened" if fresh else "already-open", name, workflow_id(name), warnings=doubts)


async def _taken_in(ledger: Ledger, acceptance: Acceptance, complaint_id: str, *, fresh: bool) -> bool:
    # A complaint on record was taken in; its first events may have left the server years ago.
    if not fresh and await asyncio.to_thread(_recorded_hash, ledger, complaint_id) is not None:
        return True
    return await acceptance.of(complaint_id)


def _opening(row: Row, now: datetime, organisation: Organisation, pack: str | None) -> Opening:
    if row.problem is not None:
        raise Rejected("Invalid", row.problem)
    try:
        intake = Intake.model_validate(row.data)
        intake.refuse_future(now)
        _refuse_unknown_unit(intake, organisation)
        pin = organisation.pin(intake.respondent.unit, intake.received_at, now.date(), pack=pack)
        return Opening(intake=intake, pin=pin)
    except ValidationError as error:
        raise Rejected("Invalid", explain(error)) from None
    except FutureReceipt:
        raise Rejected("FutureReceipt", "received_at: must not lie in the future") from None
    except (RulebookError, OrganisationError) as error:
        raise Rejected(type(error).__name__, str(error)) from None


def _refuse_unknown_unit(intake: Intake, organisation: Organisation) -> None:
    # Only here: a statutory clock starts also for a complaint that another system sends about a unit that nobody knows.
    if intake.respondent.unit not in organisation.units:
        raise Rejected("UnknownUnit", "respondent.unit: the organisation data know no such unit")


async def open_once(client: Client, ledger: Ledger, task_queue: str, opening: Opening) -> bool:
    """
    Return whether *opening* was started now, not before.

    Rejected when its complaint was opened with other content; SameComplaint when another one has its reference and receipt.
    """
    intake = opening.intake
    known = await asyncio.to_thread(_recorded_hash, ledger, intake.complaint_id)
    if known is None:
        # What comes from another system's table is one complaint for each of its numbers; a caller may use one again.
        await claim(client, ledger, intake, alone=opening.past is not None)
        try:
            await start(client, opening, task_queue)
        except WorkflowAlreadyStartedError:
            known = await _started_hash(client, intake.complaint_id)
            if known is None:
                raise Rejected(
                    "OpeningFailed", "complaint_id: another opening of this id has just failed; open it again"
                ) from None
        except RPCError as error:
            if error.status not in OF_THE_ITEM:
                raise
            raise Rejected(
                "RequestInvalid", "the Temporal server takes no such opening; it is too large or malformed"
            ) from None
        else:
            return True
    if known != intake.content_hash():
        raise Rejected(
            "DifferentContent",
            "complaint_id: this id was opened with other content; give the complaint an id of its own",
        )
    await refuse_left_behind(client, ledger, intake.complaint_id)
    return False


async def refuse_left_behind(client: Client, ledger: Ledger, complaint_id: str) -> None:
    """Raise Rejected, as AlreadyRecorded, for a complaint that goes on by the record and whose workflow does not run."""
    if await _left_behind(client, ledger, complaint_id):
        raise Rejected(
            "AlreadyRecorded",
            "complaint_id: it is on record, and its workflow was ended before its end; bring it back with tousu reopen",
        )


async def _left_behind(client: Client, ledger: Ledger, complaint_id: str) -> bool:
    case = await asyncio.to_thread(ledger.case, complaint_id)
    if case is None or case.closed_at is not None:
        return False
    try:
        described = await client.get_workflow_handle(workflow_id(complaint_id)).describe(rpc_timeout=START_WITHIN)
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise
        return True
    return described.status != WorkflowExecutionStatus.RUNNING


async def start(
    client: Client, opening: Opening, task_queue: str, *, delay: timedelta | None = None
) -> WorkflowHandle[Any, Any]:
    """Start the workflow of *opening*; WorkflowAlreadyStartedError if one runs or, unless it is reopened, has completed."""
    intake = opening.intake
    again = WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY
    return await client.start_workflow(
        WORKFLOW_TYPE,
        opening,
        id=workflow_id(intake.complaint_id),
        task_queue=task_queue,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE if opening.reopening else again,
        id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
        search_attributes=_search_attributes(opening),
        static_summary=summary(intake),
        start_delay=delay,
        priority=priority(opening, session.now() + (delay or timedelta())),
        rpc_timeout=START_WITHIN,
    )


def priority(opening: Opening, now: datetime) -> Priority:
    """Return in which order the server hands out the complaint's work in a surge: by urgency, then each unit in turn."""
    intake = opening.intake
    if opening.pin is None:
        return Priority(fairness_key=intake.respondent.unit)
    case = begun(opening, now)
    level = urgency(
        severity=case.state.severity,
        forwarded=intake.forwarding is not None,
        statutory_due=case.clock.statutory_due,
        now=now,
        over=case.closed_or_over,
    )
    return Priority(priority_key=level, fairness_key=intake.respondent.unit)


def summary(intake: Intake) -> str:
    """Return the line by which operators tell complaints apart: codes and their Chinese names, nothing about a person."""
    categories = [LABELS_ZH["category"][name] for name in intake.categories] or ["未分类"]
    return f"{'、'.join(categories)} · {LABELS_ZH['channel'][intake.channel]} · {intake.respondent.unit}"


def _search_attributes(opening: Opening) -> TypedSearchAttributes:
    intake = opening.intake
    return TypedSearchAttributes(
        [
            SearchAttributePair(sa.STAGE, "received"),
            SearchAttributePair(sa.CATEGORY, list(intake.categories)),
            SearchAttributePair(sa.UNIT, intake.respondent.unit),
            SearchAttributePair(sa.CHANNEL, intake.channel),
            SearchAttributePair(sa.OVERDUE, value=False),
            *([SearchAttributePair(sa.PACK, opening.pin.pack)] if opening.pin else []),
        ]
    )


def _id_of(data: Any) -> str | None:
    # An id that is not one may be anything, a name or a number of a person too: it is not repeated.
    try:
        return _ID.validate_python(data["complaint_id"])
    except (ValidationError, KeyError, TypeError):
        return None


def _recorded_hash(ledger: Ledger, complaint_id: str) -> str | None:
    """Return the hash in the record, which outlives the workflow's history by years; None if there is none."""
    first = next(iter(ledger.events(complaint_id)), None)
    return first.content_hash if isinstance(first, ev.Received) else None


async def _started_hash(client: Client, complaint_id: str) -> str | None:
    """Return the hash of what the complaint was opened with, by whatever client; None if its last opening failed."""
    handle = client.get_workflow_handle(workflow_id(complaint_id))
    described = await handle.describe(rpc_timeout=START_WITHIN)
    if described.status not in {WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.COMPLETED}:
        return None
    first = await anext(handle.fetch_history_events(page_size=1, rpc_timeout=START_WITHIN))
    argument = first.workflow_execution_started_event_attributes.input.payloads
    try:
        (opening,) = await client.data_converter.decode(argument, [Opening])
    except (ValidationError, ValueError):
        return None  # The run is about to fail on it.
    return Opening.model_validate(opening).intake.content_hash()
