"""The contract of a command: once, answered, refused without a trace, and looked at again when it is done."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from models import commands as cmd
from models.opening import Accepted
from rulebook import events as ev
from tests.workflow.stage import CALLER, CLAIMS, SENIOR, SERVICE, SUPERIOR, Play, Stage, kinds

SECRET = "身份证110101199003070000"


async def length(play: Play) -> int:
    await play.settle()
    return (await play.handle.describe()).history_length


async def send(play: Play, name: str, *args: Any, update_id: str | None = None) -> Accepted:
    answer: Accepted = await play.handle.execute_update(name, args=args, id=update_id, result_type=Accepted)
    return answer


async def outcome(play: Play, name: str, *args: Any) -> str:
    """Return "accepted", or the type of the error with which the command failed."""
    try:
        await send(play, name, *args)
    except WorkflowUpdateFailedError as error:
        return getattr(error.cause, "type", None) or type(error.cause).__name__
    return "accepted"


@pytest.mark.parametrize("update_id", ["the-same", None], ids=["same update id", "same command id only"])
async def test_a_command_sent_twice_is_done_once_and_answered_twice(stage: Stage, update_id: str | None) -> None:
    play = await stage.start()
    ask = cmd.AddFacts(id="facts-1", actor=SERVICE, summary="投诉人补交了出院小结。")
    first = await send(play, "add_facts", ask, update_id=update_id)
    again = await send(play, "add_facts", ask, update_id=update_id)
    assert first == again
    assert kinds(await play.events()).count("facts_added") == 1


async def test_a_command_sent_twice_at_once_is_done_once(stage: Stage) -> None:
    play = await stage.start()
    ask = cmd.AddFacts(id="facts-1", actor=SERVICE, summary="投诉人补交了出院小结。")
    answers = await asyncio.gather(*(send(play, "add_facts", ask) for _ in range(3)))
    assert len(set(answers)) == 1
    assert kinds(await play.events()).count("facts_added") == 1


@pytest.mark.parametrize(
    "args",
    [
        pytest.param([{"id": "1", "actor": SERVICE}], id="fields missing"),
        pytest.param([{"id": "1", "actor": SERVICE, "reason": SECRET, "phone": SECRET}], id="field unknown"),
        pytest.param([{"id": "1", "actor": SERVICE, "reason": [SECRET]}], id="wrong type"),
        pytest.param([SECRET], id="not an object"),
        pytest.param([], id="nothing"),
        pytest.param([{"id": "1", "actor": SERVICE, "reason": SECRET, "at": "2026-03-02T10:00:00"}], id="naive"),
    ],
)
async def test_a_malformed_command_fails_its_caller_and_leaves_no_trace(stage: Stage, args: list[Any]) -> None:
    """No event in the history, and no value in the answer."""
    play = await stage.start()
    before = await length(play)
    with pytest.raises(WorkflowUpdateFailedError) as caught:
        await send(play, "withdraw", *args)
    assert isinstance(caught.value.cause, ApplicationError)
    assert SECRET not in f"{caught.value.cause!r} {caught.value.cause.details}"
    assert await length(play) == before
    assert (await play.view()).ending is None


async def test_a_refused_command_writes_nothing_to_history(stage: Stage) -> None:
    play = await stage.start()
    before = await length(play)
    assert await play.refused(cmd.Decide, **decision()) == "FindingsMissing"
    assert await length(play) == before


def decision() -> dict[str, Any]:
    return {
        "liability": "responsible",
        "causes": ["claims_delay"],
        "verification": "核实",
        "basis": "依据",
        "reasons": "理由",
        "decision": "向您支付理赔款。",
    }


async def test_of_two_approvals_at_once_one_is_obeyed(stage: Stage) -> None:
    """Both pass their validators; the second look refuses the one that comes after."""
    play = await stage.start(complexity="complex")
    asked = await play.do(cmd.RequestExtension, days=30, reason="需外地取证。")
    approvals = [
        cmd.ApproveExtension(id=f"approval-{person}", actor=person, request=asked.ref or "", reason="同意。")
        for person in (SUPERIOR, SENIOR)
    ]
    outcomes = await asyncio.gather(*(outcome(play, "approve_extension", ask) for ask in approvals))
    assert sorted(outcomes) == ["AlreadySettled", "accepted"]
    assert kinds(await play.events()).count("extension_approved") == 1


async def test_a_withdrawal_and_a_decision_at_once_cannot_both_stand(stage: Stage) -> None:
    """Whichever comes first: the other is refused with its own code, and the case goes on from there."""
    play = await stage.start()
    await play.find()
    withdraw = cmd.Withdraw(id="withdraw", actor=SERVICE, reason="投诉人来电撤回。")
    decide = cmd.Decide(id="decide", actor=SERVICE, **decision())
    outcomes = await asyncio.gather(outcome(play, "withdraw", withdraw), outcome(play, "decide", decide))
    assert tuple(outcomes) in {("accepted", "CaseEnded"), ("DecisionUnderway", "accepted"), ("AlreadyTold", "accepted")}
    happened = kinds(await play.events())
    assert ("withdrawn" in happened, "decision_made" in happened) == (
        outcomes[0] == "accepted",
        outcomes[1] == "accepted",
    )


async def test_two_closings_at_once_close_once(stage: Stage) -> None:
    play = await stage.start()
    await play.find()
    await play.decide()
    await play.do(cmd.RecordCallback, "p-gd-gz-kf-02", reached=True, satisfaction=4)
    asks = [cmd.Close(id=f"close-{number}", actor=SERVICE, reason="处理完毕。") for number in range(2)]
    assert sorted(await asyncio.gather(*(outcome(play, "close", ask) for ask in asks))) == ["CaseClosed", "accepted"]
    assert kinds(await play.events()).count("closed") == 1


async def test_what_comes_after_the_deadline_finds_the_breach_recorded(stage: Stage) -> None:
    """A command and the deadline fall together: the breach is recorded first, whoever wakes the case."""
    play = await stage.start()
    await play.do(cmd.SubmitFindings, CLAIMS, findings="经核实属实。")
    due = (await play.duty()).due
    assert due is not None
    await play.forward_to(due)
    await play.decide()
    happened = [event for event in await play.events() if isinstance(event, ev.DeadlineBreached | ev.DecisionMade)]
    assert kinds(list(happened)) == ["deadline_breached", "decision_made"]


async def test_a_callback_says_by_which_way_the_customer_was_asked(stage: Stage) -> None:
    """R165: by phone, e-mail or an online form; a phone call, if nobody says otherwise."""
    ways = []
    for given in ({}, {"method": "online"}):
        play = await stage.start()
        await play.find()
        await play.decide()
        await play.do(cmd.RecordCallback, CALLER, reached=True, satisfaction=5, **given)
        ways += [event.method for event in await play.events() if isinstance(event, ev.CalledBack)]
    assert ways == ["phone", "online"]
