"""``tousu reopen``: bring a complaint back from its record after its workflow was ended before the complaint was."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle, WorkflowQueryFailedError
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from cli import output, session
from cli.commands import sentence, zone
from cli.errors import UNREACHABLE, CliError, invalid
from cli.starting import start
from cli.verb import read_text
from models.intake import Intake
from models.opening import Accepted, Opening, Reopening
from models.view import CaseView

if TYPE_CHECKING:
    from activities.ledger import Ledger

WITHIN = timedelta(seconds=90)
"""How long the new run is waited for; it waits itself until no step of the last run can write any more."""

LOST_WITHIN = timedelta(seconds=10)
"""How long the last run may take to say what it knew."""


def add_to(app: typer.Typer) -> None:
    """Give *app* the command ``reopen``."""
    app.command("reopen", epilog='Example: tousu reopen C-2026-0042 --as HANDLER --reason "terminated by mistake"')(
        reopen
    )


def reopen(
    complaint_id: Annotated[str, typer.Argument(metavar="ID", help="The complaint.")],
    who: Annotated[str, typer.Option("--as", metavar="PERSON", help="Who acts: an id of the organisation data.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; @FILE reads a file, - standard input.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """
    Bring a complaint back whose workflow was terminated, failed or is gone: it goes on from its record in a new run.

    No clock stopped meanwhile: what fell due is recorded at its own instant. Nothing that is on record is done or told
    again. Contact details that were changed since the opening are in no record; give them again (tousu contact change).
    """
    try:
        reopening = Reopening(by=who, reason=read_text(reason))
    except ValidationError as error:
        raise invalid(error, names={"by": "--as", "reason": "--reason"}) from None
    accepted = session.run(_reopen(complaint_id, reopening))
    if as_json:
        output.json_line({"complaint_id": complaint_id, **accepted.model_dump(mode="json")})
    else:
        with output.in_zone(zone(accepted)):
            typer.echo(sentence(complaint_id, accepted))


async def _reopen(complaint_id: str, reopening: Reopening) -> Accepted:
    with session.ledger() as ledger:
        said = await asyncio.to_thread(ledger.intake, complaint_id)
        if said is None or not (recorded := len(await asyncio.to_thread(ledger.timeline, complaint_id))):
            raise CliError("NothingToReopen", f"the record has no event of {complaint_id}; open it (tousu open)")
        client = await session.client()
        await _tell_what_is_lost(client, complaint_id, recorded)
        opening = Opening(intake=Intake.model_validate(said), reopening=reopening)
        try:
            handle = await start(client, opening, session.settings().task_queue)
        except WorkflowAlreadyStartedError:
            raise CliError("StillRunning", f"{complaint_id} runs; nothing has to be brought back") from None
        view = await _brought_back(handle, ledger, complaint_id)
    return Accepted(
        event="recovered",
        seq=recorded + 1,
        stage=view.stage,
        next_due=view.next_due,
        time_zone=session.zone_of(view.rules).key,
    )


async def _tell_what_is_lost(client: Client, complaint_id: str, recorded: int) -> None:
    """Say how many events the last run knew that never came to the record, where that run can still be asked."""
    last = session.handle(client, complaint_id)
    with suppress(RPCError, WorkflowQueryFailedError):
        if (await last.describe()).status == WorkflowExecutionStatus.RUNNING:
            return
        known: CaseView = await last.query("view", result_type=CaseView, rpc_timeout=LOST_WITHIN)
        if known.events > recorded:
            typer.echo(
                f"the last run knew {known.events - recorded} events more than the record; they stand in its history alone",
                err=True,
            )


async def _brought_back(handle: WorkflowHandle[Any, Any], ledger: Ledger, complaint_id: str) -> CaseView:
    """Return the complaint as its new run sees it; CliError with the code of the refusal when that turned it away."""
    time = asyncio.get_running_loop().time
    give_up = time() + WITHIN.total_seconds()
    over = asyncio.ensure_future(handle.result())
    try:
        while time() < give_up:
            seeing = asyncio.ensure_future(session.seen(handle))
            await asyncio.wait({over, seeing}, return_when=asyncio.FIRST_COMPLETED)
            if over.done():
                seeing.cancel()
                await over  # What turned the run away, if it was.
                if view := await asyncio.to_thread(session.recorded_view, ledger, complaint_id):
                    return view
            with suppress(RPCError, WorkflowQueryFailedError):
                return await seeing
    finally:
        over.cancel()
    raise CliError(
        "NotAccepted",
        f"{complaint_id} is started, and no worker has brought it back so far; see that one runs (`tousu ping`)",
        UNREACHABLE,
    )
