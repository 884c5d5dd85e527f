"""A backend that has none of our keys and speaks plain JSON: it tells a refusal from a success, and follows a complaint."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import shlex
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # ships no types
from temporalio.client import (
    Client,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError

from engine.server import EmbeddedServer
from models.intake import Intake
from models.opening import workflow_id
from rulebook import events as ev
from tests.engine.waiting import PATIENCE
from tests.repository.parts import blocks, text_of
from tests.workflow.stage import SERVICE, Play, Stage
from tests.workflow.test_contract import knock, raw


@pytest.fixture
async def keyless(live: Stage) -> Client:
    return await Client.connect(live.client.service_client.config.target_host)


def validate(value: Any, name: str) -> None:
    """See that *value* is what the published schema *name* says."""
    Draft202012Validator(json.loads(text_of(f"docs/schemas/{name}.json"))).validate(value)


async def opened(live: Stage, keyless: Client, opening: dict[str, Any]) -> WorkflowHandle[Any, Any]:
    stage = dataclasses.replace(live, client=keyless)
    return await knock(stage, opening, name=workflow_id(opening["intake"]["complaint_id"]))


async def accepted(live: Stage, keyless: Client, intake: dict[str, Any]) -> WorkflowHandle[Any, Any]:
    handle = await opened(live, keyless, {"intake": intake})
    await Play(live, Intake.model_validate(intake), live.client.get_workflow_handle(handle.id)).settle()
    return handle


async def test_answers_view_and_result_are_read_without_keys(live: Stage, keyless: Client) -> None:
    intake = raw()
    handle = await accepted(live, keyless, intake)
    view = await handle.query("view")
    validate(view, "view")
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


async def test_the_documented_http_calls_do_what_they_say(live: Stage, temporal_server: EmbeddedServer) -> None:
    """As printed, in their order, but for address and task queue; each is answered before the next is sent."""
    lines = [line for block in blocks(text_of("docs/contract.md")) for line in block.commands()]
    opening, describing, asking, commanding, reading = [line for line in lines if line.startswith("curl ")]

    async def answer(line: str) -> dict[str, Any]:
        words = shlex.split(line.replace("$TEMPORAL_HTTP", temporal_server.http))
        words = [word.replace('"name": "tousu"', f'"name": "{live.queue}"') for word in words]
        process = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE)
        shown, _ = await process.communicate()
        assert process.returncode == 0
        found: dict[str, Any] = json.loads(shown)
        return found

    assert (await answer(opening))["started"] is True
    assert "already running" in (await answer(opening))["message"]
    handle = live.client.get_workflow_handle("complaint-C-2026-0043")
    await Play(live, Intake.model_validate(raw()), handle).settle()
    assert (await answer(describing))["workflowExecutionInfo"]["status"] == "WORKFLOW_EXECUTION_STATUS_RUNNING"
    (view,) = (await answer(asking))["queryResult"]
    assert (view["stage"], view["paused"]) == ("investigating", None), "the server writes an empty list as null"
    assert set(view) == set(json.loads(text_of("docs/schemas/view.json"))["properties"])
    unknown = commanding.replace("p-gd-gz-kf-01", "nobody").replace("withdrawal-1", "withdrawal-0")
    refused = (await answer(unknown))["outcome"]["failure"]
    assert refused["applicationFailureInfo"]["type"] == "UnknownActor"
    assert refused["message"] == "the organisation data knows no such person"
    (done,) = (await answer(commanding))["outcome"]["success"]
    validate(done, "answer")
    assert done["event"] == "withdrawn"
    assert (await answer(commanding))["outcome"]["success"] == [done]
    (closing,) = (await answer(reading))["history"]["events"]
    (result,) = closing["workflowExecutionCompletedEventAttributes"]["result"]
    validate(result, "result")


async def test_a_command_that_found_no_worker_is_done_once_when_it_is_repeated(
    live: Stage, keyless: Client, tmp_path: Path
) -> None:
    """The start is stored; the command is repeated under its ids, before and after a worker has come."""
    queue = f"nobody-{uuid.uuid4().hex}"
    intake = raw()
    handle = await opened(dataclasses.replace(live, queue=queue), keyless, {"intake": intake})
    call = {"id": "call-1", "actor": SERVICE, "method": "phone", "reached": False, "summary": "无人接听"}

    async def repeat(patience: timedelta) -> Any:
        return await handle.execute_update("record_contact", call, id="call-1", rpc_timeout=patience)

    with pytest.raises(WorkflowUpdateRPCTimeoutOrCancelledError):
        await repeat(timedelta(seconds=0.5))
    async with Stage.open(live.client, tmp_path, queue=queue) as stage:
        play = Play(stage, Intake.model_validate(intake), live.client.get_workflow_handle(handle.id))
        await play.settle()
        first = await repeat(timedelta(seconds=PATIENCE))
        assert await repeat(timedelta(seconds=PATIENCE)) == first
        assert [ev.event_type(event) for event in await play.events()].count("contact_attempted") == 1
        await handle.terminate()
