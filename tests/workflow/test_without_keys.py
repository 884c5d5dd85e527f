"""A backend that has none of our keys and speaks plain JSON: it tells a refusal from a success, and follows a complaint."""

from __future__ import annotations

import json
from typing import Any

import pytest
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from models.intake import Intake
from models.opening import workflow_id
from tests.workflow.stage import SERVICE, Play, Stage
from tests.workflow.test_contract import knock, raw


@pytest.fixture
async def keyless(live: Stage) -> Client:
    return await Client.connect(live.client.service_client.config.target_host)


async def opened(live: Stage, keyless: Client, opening: dict[str, Any]) -> WorkflowHandle[Any, Any]:
    stage = Stage(keyless, live.queue, live.ledger, live.home, None)
    return await knock(stage, opening, name=workflow_id(opening["intake"]["complaint_id"]))


async def accepted(live: Stage, keyless: Client, intake: dict[str, Any]) -> WorkflowHandle[Any, Any]:
    handle = await opened(live, keyless, {"intake": intake})
    await Play(live, Intake.model_validate(intake), live.client.get_workflow_handle(handle.id)).settle()
    return handle


async def test_answers_view_and_result_are_read_without_keys(live: Stage, keyless: Client) -> None:
    intake = raw()
    handle = await accepted(live, keyless, intake)
    view = await handle.query("view")
    assert (view["complaint_id"], view["closed"]) == (intake["complaint_id"], False)
    command = {"id": "w-1", "actor": SERVICE, "reason": "已与保险公司和解。"}
    answer = await handle.execute_update("withdraw", command, id="w-1")
    assert (answer["event"], answer["stage"]) == ("withdrawn", (await handle.query("view"))["stage"])
    assert await handle.execute_update("withdraw", command, id="w-1b") == answer
    assert await handle.result() == {
        "complaint_id": intake["complaint_id"],
        "result": "withdrawn",
        "breached": False,
        "events": (await handle.query("view"))["events"],
    }
    shown = json.dumps([view, answer], ensure_ascii=False)
    assert [word for word in ("测试人甲", "13800000000", "理赔款迟迟未付", "和解") if word in shown] == []


async def test_a_refused_command_says_code_and_sentence_without_keys(live: Stage, keyless: Client) -> None:
    intake = raw()
    handle = await accepted(live, keyless, intake)
    with pytest.raises(WorkflowUpdateFailedError) as caught:
        await handle.execute_update("close", {"id": "c-1", "actor": "nobody-known", "reason": "结案"})
    cause = caught.value.cause
    assert isinstance(cause, ApplicationError)
    assert (cause.type, cause.message) == ("UnknownActor", "the organisation data knows no such person")
    assert (cause.non_retryable, cause.__cause__) == (True, None)
    await handle.terminate()


async def test_an_opening_that_is_turned_away_says_why_without_keys(live: Stage, keyless: Client) -> None:
    handle = await opened(live, keyless, {"intake": raw(channel="pigeon")})
    with pytest.raises(WorkflowFailureError) as caught:
        await handle.result()
    cause = caught.value.cause
    assert isinstance(cause, ApplicationError)
    assert cause.type == "InvalidOpening"
    assert cause.message.startswith("intake.channel: Input should be ")
    assert "pigeon" not in cause.message


async def test_an_unknown_kind_of_event_in_a_past_is_not_repeated(live: Stage, keyless: Client) -> None:
    past = {"source": "old", "digest": "0" * 64, "by": SERVICE, "events": [{"type": "11010519491231002X"}]}
    handle = await opened(live, keyless, {"intake": raw(), "past": past})
    with pytest.raises(WorkflowFailureError) as caught:
        await handle.result()
    assert isinstance(caught.value.cause, ApplicationError)
    assert caught.value.cause.message == "past.events.0: names no kind that there is [union_tag_invalid]"
