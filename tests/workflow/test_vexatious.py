"""The vexatious flag (无理缠访, R024): restricted, signed off, ending by itself, and without effect on any right (C17)."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import pytest
from temporalio.api.sdk.v1 import WorkflowMetadata

from models import commands as cmd
from models import handling_commands as hcmd
from rulebook import events as ev
from tests.workflow.company import COMPANY, COMPLETE, TEXT, decide, have_signed, put_up, verified
from tests.workflow.refusing import FIELDS
from tests.workflow.stage import CLAIMS, HEAD, SERVICE, SHANGHAI, Play, Stage

pytestmark = pytest.mark.slow

DAYS = 3
"""For so many days the flag of these plays stands."""


async def flag(play: Play) -> None:
    """Put the complainant on file for the next days, as the head of customer service signed it."""
    name = await have_signed(play, "vexatious", "leader")
    until = (await play.now()).date() + timedelta(days=DAYS)
    await play.do(hcmd.FlagVexatious, sign_off=name, reason="多次无理缠访。", evidence=["a" * 64], until=until)


async def seen(play: Play) -> dict[str, Any]:
    """Return what anybody sees of a complaint in a query, in the Temporal UI, and in its lists."""
    view = (await play.view()).model_dump()
    metadata: WorkflowMetadata = await play.handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    listed = (await play.handle.describe()).typed_search_attributes
    del view["events"]  # How many there are is no secret: each is a line in the record.
    return {"view": view, "details": metadata.current_details, "listed": listed}


async def codes(play: Play) -> list[str]:
    """Return with which codes commands are refused that a complaint in this state does not take."""
    tries: list[tuple[type[cmd.Command], str]] = [
        (cmd.Decide, SERVICE),
        (cmd.RequestExtension, SERVICE),
        (cmd.RequestReview, SERVICE),
        (cmd.Close, SERVICE),
        (cmd.RecordCallback, SERVICE),
        (hcmd.RecordResponse, SERVICE),
        (cmd.Decide, CLAIMS),
    ]
    return [await play.refused(command, actor, **FIELDS[command]) for command, actor in tries]


async def test_a_flag_takes_the_signature_of_the_leader_and_not_of_its_author(stage: Stage) -> None:
    """R024, C17: reason, evidence, a day on which it ends, and a second person who answers for it."""
    play = await stage.start(company=COMPANY)
    name = await put_up(play, "vexatious", HEAD)
    until = (await play.now()).date() + timedelta(days=DAYS)
    flagging = {"sign_off": name, "reason": TEXT, "evidence": ["a" * 64], "until": until}
    assert await play.refused(hcmd.SignOff, HEAD, sign_off=name, capacity="leader") == "SelfApproval"
    assert await play.refused(hcmd.SignOff, SERVICE, sign_off=name, capacity="leader") == "NotAuthorised"
    assert await play.refused(hcmd.FlagVexatious, HEAD, **flagging) == "SignOffMissing"
    await flag(play)
    flagged = next(event for event in await play.events() if isinstance(event, ev.VexatiousFlagged))
    signed = next(event for event in await play.events() if isinstance(event, ev.SignOffGiven))
    assert (flagged.by, signed.by, signed.capacity) == (SERVICE, HEAD, "leader")
    assert (flagged.sign_off, flagged.until, flagged.evidence) == (signed.sign_off, until, ("a" * 64,))


@pytest.mark.parametrize(
    ("after", "stands"), [(timedelta(seconds=-1), True), (timedelta(), False)], ids=["last second", "the day after"]
)
async def test_a_flag_ends_by_itself_with_its_day(stage: Stage, after: timedelta, stands: bool) -> None:
    """C17: nobody need take it back; whoever still thinks so must look again."""
    play = await stage.start(company=COMPANY)
    await flag(play)
    ends = datetime.combine((await play.now()).date() + timedelta(days=DAYS + 1), time(), SHANGHAI)
    await play.forward_to(ends + after)
    if stands:
        await play.do(hcmd.LiftVexatious, HEAD, reason="复核后撤销。")
    assert await play.refused(hcmd.LiftVexatious, HEAD, reason="复核后撤销。") == "NoFlag"


async def test_a_flag_is_seen_nowhere_and_changes_nothing(stage: Stage) -> None:
    """C17: not in a query, the Temporal UI or a list; no duty, day, figure or refusal differs with it, or after it."""
    play = await stage.start(company=COMPANY, **COMPLETE)
    before, refused = await seen(play), await codes(play)
    await put_up(play, "vexatious", HEAD)
    await flag(play)
    assert await seen(play) == before
    assert await codes(play) == refused
    await play.do(hcmd.LiftVexatious, HEAD, reason="复核后撤销。")
    assert await seen(play) == before


async def test_a_flagged_complainants_complaint_is_handled_to_its_end(stage: Stage) -> None:
    """C17: the right to complain, to be told, and to ask for a review is the same."""
    play = await stage.start(company=COMPANY)
    await flag(play)
    await decide(play)
    assert (await play.duty()).status == "met"
    await play.close()
    await play.do(cmd.RequestReview, reason="投诉人书面申请核查。")
    assert ((await play.view()).stage, verified(play)) == ("in_review", True)
