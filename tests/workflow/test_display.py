"""What an operator sees in the Temporal UI: where a complaint stands and by when, and nothing about a person."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format
from temporalio.api.enums.v1 import EventType
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import WorkflowHistory

from engine.logs import configure_logs
from engine.settings import Settings
from models import commands as cmd
from models import search_attributes as sa
from tests.engine.waiting import until
from tests.workflow.stage import CALLER, SERVICE, SUPERIOR, Play, Stage

TEMPORAL = Path(sys.executable).parent / "temporal"
PERSONAL = {
    "name": "欧阳无忌",
    "phone": "13912345678",
    "email": "ouyang@example.com",
    "address": "广州市越秀区东风路八号",
    "facts": "本人住院二十三天",
    "demand": "赔偿四万二千元",
    "policy": "P-778899",
    "decision": "应赔付医疗费用",
    "findings": "出院小结显示",
    "reason": "投诉人之子代为说明",
}


async def personal(stage: Stage) -> Play:
    """A complaint full of personal values, taken through every kind of step."""
    play = await stage.start(
        complexity="complex",
        complainant={
            "kind": "person",
            "name": PERSONAL["name"],
            "contact": {key: PERSONAL[key] for key in ("phone", "email", "address")},
        },
        policy={"number": PERSONAL["policy"]},
        facts=PERSONAL["facts"],
        demand=PERSONAL["demand"],
    )
    asked = await play.do(cmd.RequestExtension, days=30, reason=PERSONAL["reason"])
    assert await play.refused(cmd.ApproveExtension, SERVICE, request=asked.ref, reason=PERSONAL["reason"])
    await play.do(cmd.ApproveExtension, SUPERIOR, request=asked.ref, reason=PERSONAL["reason"])
    await play.do(cmd.SubmitFindings, "p-gd-gz-yg-01", findings=PERSONAL["findings"])
    await play.decide(verification=PERSONAL["decision"], reasons=PERSONAL["reason"])
    await play.do(cmd.RecordCallback, CALLER, reached=True, satisfaction=3, remarks=PERSONAL["reason"])
    await play.do(cmd.Close, reason=PERSONAL["reason"])
    return play


async def details(play: Play) -> str:
    metadata: WorkflowMetadata = await play.handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    return metadata.current_details


async def test_an_operator_finds_overdue_complaints_by_search_attributes(stage: Stage) -> None:
    """Stage, overdue and the statutory deadline, as the list in the Temporal UI asks for them."""
    play = await stage.start(days_ago=20)
    due = (await play.duty()).due
    assert due is not None
    mine = f"WorkflowId = '{play.handle.id}'"
    second = timedelta(seconds=1)
    near = f"TousuStatutoryDue > '{(due - second).isoformat()}' AND TousuStatutoryDue < '{(due + second).isoformat()}'"
    query = f"{mine} AND TousuOverdue = true AND TousuStage = 'investigating' AND TousuUnit = 'gd-gz' AND {near}"

    async def listed() -> bool:
        return bool([found async for found in stage.client.list_workflows(query)])

    await until(listed)
    await play.find()
    await play.decide()
    attributes = (await play.handle.describe()).typed_search_attributes
    assert (attributes[sa.OVERDUE], attributes[sa.STAGE]) == (False, "calling_back")


async def test_the_current_details_say_where_it_stands_in_plain_words(stage: Stage) -> None:
    """Stage, holder, duties with days and articles, pauses and extensions, and what waits for a person."""
    play = await stage.start(complexity="complex")
    due = (await play.duty()).last_day
    text = await details(play)
    assert "### 核实中 · investigating" in text
    assert "gd-gz / gd-gz-yg / p-gd-gz-yg-01" in text
    assert f"作出处理决定并告知投诉人 Decide and tell the complainant | {due}" in text
    assert "办法 第十八条第一款 | 进行中 open" in text
    await play.do(cmd.RequestExtension, days=30, reason="需外地取证。")
    await play.do(cmd.Pause, ground="mediation", reason="双方申请调解。")
    text = await details(play)
    assert "延期 extension x1: requested" in text
    assert "⏸ 中止计时 paused: mediation" in text
    assert "| 中止 paused |" in text


async def test_the_current_details_name_the_step_that_waits_for_a_person(stage: Stage) -> None:
    play = await stage.start(respondent={"unit": "no-such-unit"})
    assert "waits for a person: assignment" in await details(play)


async def test_every_summary_is_short_and_says_what_happens(live: Stage) -> None:
    """Summaries of activities and timers hold at most 200 bytes."""
    play = await personal(live)
    history = await play.handle.fetch_history()
    codec = live.client.data_converter.payload_codec
    assert codec is not None
    texts: dict[int, str] = {}
    for event in history.events:
        if event.user_metadata.HasField("summary"):
            [plain] = await codec.decode([event.user_metadata.summary])
            texts[event.event_id] = json.loads(plain.data)
    kinds = {EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED, EventType.EVENT_TYPE_TIMER_STARTED}
    assert texts.keys() == {event.event_id for event in history.events if event.event_type in kinds} | {
        event.event_id for event in history.events if event.event_id in texts
    }
    assert max(len(text.encode()) for text in texts.values()) <= 200
    assert any(text.startswith("提醒 reminder: decide") for text in texts.values())
    assert not [word for word in PERSONAL.values() for text in texts.values() if word in text]


async def test_nothing_personal_lies_in_the_open(live: Stage, logs: io.StringIO) -> None:
    """Not in ids, search attributes, current details, the raw history or the worker's logs."""
    play = await personal(live)
    history: WorkflowHistory = await play.handle.fetch_history()
    description = (await play.handle.describe()).raw_description
    process = await asyncio.create_subprocess_exec(
        *(TEMPORAL, "workflow", "show", "--address", live.client.service_client.config.target_host),
        *("--workflow-id", play.handle.id, "--output", "json"),
        stdout=asyncio.subprocess.PIPE,
    )
    shown, _ = await process.communicate()
    raw = json.loads(history.to_json())
    open_places: dict[str, str] = {
        "history": json.dumps(raw, ensure_ascii=False) + "".join(_payloads(raw)),
        "command line": shown.decode(),
        "description": json_format.MessageToJson(description, ensure_ascii=False),
        "current details": await details(play),
        "logs": logs.getvalue(),
        "id": play.handle.id,
    }
    assert "workflow" in open_places["logs"]
    found = [(place, word) for place, text in open_places.items() for word in PERSONAL.values() if word in text]
    assert found == []


def _payloads(value: Any) -> Iterator[str]:
    """Yield the bytes of every payload below *value*, as text."""
    from base64 import b64decode

    if isinstance(value, dict):
        if isinstance(value.get("data"), str):
            yield b64decode(value["data"]).decode("utf-8", errors="ignore")
        for part in value.values():
            yield from _payloads(part)
    elif isinstance(value, list):
        for part in value:
            yield from _payloads(part)


@pytest.fixture
def logs() -> Iterator[io.StringIO]:
    """What a worker would log, at its most talkative."""
    stream = io.StringIO()
    before = logging.root.handlers[:], logging.root.level
    settings = Settings.from_environment({"TOUSU_HOME": ".", "TOUSU_LOG_LEVEL": "DEBUG"})
    configure_logs(settings, stream=stream)
    yield stream
    logging.root.handlers[:], level = before
    logging.root.setLevel(level)
