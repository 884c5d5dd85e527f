"""What a command needs to reach the world: settings, a client, the records. Read once, at the edge."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from zoneinfo import ZoneInfo

from temporalio.client import Client, WorkflowHandle, WorkflowQueryFailedError

from cli import output
from engine.client import connect
from engine.settings import Settings
from models.case import CaseState
from models.child import review_workflow_id, slip_workflow_id
from models.commands import Command, DecideReview
from models.intake import Intake
from models.intake_warnings import warnings_left
from models.opening import workflow_id
from models.view import NOT_READY, CaseView, case_view
from rulebook.clock import CaseClock
from rulebook.counting import weights
from rulebook.errors import PackError
from rulebook.events import Event
from rulebook.pack import rule_pack
from rulebook.slip_clocks import slip_clocks

if TYPE_CHECKING:
    from activities.ledger import Ledger

ANSWER_WITHIN = timedelta(seconds=30)
"""How long a command waits for a worker before it says that none answers."""
READY_WITHIN = timedelta(seconds=10)
"""How long a complaint may take to read itself from the record, and the record to hold what the complaint knows."""
_LOOK_AGAIN_SECONDS = 0.05

ResultT = TypeVar("ResultT")


def settings() -> Settings:
    """Return the settings of this process."""
    return Settings.from_environment()


def run(work: Coroutine[Any, Any, ResultT]) -> ResultT:
    """Run *work* to its end in an event loop of its own."""
    return asyncio.run(work)


def now() -> datetime:
    """Return the present instant: the command line is an edge, the only place of ours that may ask."""
    return datetime.now(UTC)  # noqa: TID251


async def client() -> Client:
    """Return a client of the configured server."""
    return await connect(settings())


@contextmanager
def ledger() -> Iterator[Ledger]:
    """Open the records for the length of the block."""
    # Here and not above: the database's libraries take longer to load than a command takes that needs none.
    from activities.ledger import Ledger  # noqa: PLC0415

    with Ledger.open(settings().database_url.get_secret_value()) as opened:
        yield opened


def handle(connected: Client, complaint_id: str) -> WorkflowHandle[Any, Any]:
    """Return the handle of the workflow that owns *complaint_id*."""
    return connected.get_workflow_handle(workflow_id(complaint_id))


def addressees(
    connected: Client, complaint_id: str, child: Literal["slip", "review"] | None, command: Command
) -> list[WorkflowHandle[Any, Any]]:
    """Return the handles to which *command* may go, the first that exists being the right one."""
    complaint = handle(connected, complaint_id)
    match child:
        case "slip":
            return [connected.get_workflow_handle(slip_workflow_id(complaint_id, getattr(command, "slip", "")))]
        case "review":
            review = connected.get_workflow_handle(review_workflow_id(complaint_id, "r1"))
            # A review that was asked for before reviews became workflows of their own is decided in its complaint.
            return [review, complaint] if isinstance(command, DecideReview) else [review]
        case None:
            return [complaint]


async def view(connected: Client, complaint_id: str) -> CaseView:
    """Return the complaint as its workflow sees it now."""
    return await seen(handle(connected, complaint_id))


async def seen(complaint: WorkflowHandle[Any, Any]) -> CaseView:
    """Return *complaint* as it sees itself; one that begins, or goes on in a new run, is given time to know."""
    until = asyncio.get_running_loop().time() + READY_WITHIN.total_seconds()
    while True:
        try:
            answer: CaseView = await complaint.query("view", result_type=CaseView, rpc_timeout=ANSWER_WITHIN)
        except WorkflowQueryFailedError as error:
            if NOT_READY not in error.message or asyncio.get_running_loop().time() > until:
                raise
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        else:
            return answer


async def recorded(records: Ledger, complaint_id: str, count: int) -> Sequence[Event]:
    """Return the events of a complaint that has *count* of them; the record is given time to hold them all."""
    until = asyncio.get_running_loop().time() + READY_WITHIN.total_seconds()
    while len(events := records.events(complaint_id)) < count and asyncio.get_running_loop().time() < until:  # noqa: ASYNC110
        await asyncio.sleep(_LOOK_AGAIN_SECONDS)
    return events


def zone_of(pack: str | None) -> ZoneInfo:
    """Return the time zone of the rules called *pack*; the insurer's own where there are none, or none here."""
    try:
        return rule_pack(pack).zone if pack else output.ZONE
    except PackError:
        return output.ZONE


def recorded_view(records: Ledger, complaint_id: str) -> CaseView | None:
    """Return the complaint as its record tells it, folded again from its events; None if there is no record of it."""
    from activities.ledger_chain import event_of, pin_of  # noqa: PLC0415  # as above

    rows, intake = records.timeline(complaint_id), records.intake(complaint_id)
    if intake is None or not rows:
        return None
    events, pin = [event_of(row) for row in rows], pin_of(rows[-1])
    pack, calendar = pin.open()
    clock = CaseClock.fold(pack, calendar, events)
    said = Intake.model_validate(intake)
    return case_view(
        said,
        CaseState.fold(events),
        clock,
        pin,
        slip_clocks=slip_clocks(pack, calendar, events),
        counts=weights(clock.pack, events, forwarded=said.forwarding is not None),
        warnings=warnings_left(said, events),
    )
