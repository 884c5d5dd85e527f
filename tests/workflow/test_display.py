"""What an operator sees in the Temporal UI: where a complaint stands and by when, and nothing about a person."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import re
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
from models.naming import named
from models.operator_views import OperatorView, operator_views
from models.organisation import installed
from rulebook import events as ev
from tests.engine.waiting import until
from tests.workflow.stage import CALLER, SERVICE, SHANGHAI, SUPERIOR, Play, Stage

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


async def _summaries(stage: Stage, history: WorkflowHistory) -> dict[int, str]:
    codec = stage.client.data_converter.payload_codec
    assert codec is not None
    texts: dict[int, str] = {}
    for event in history.events:
        if event.user_metadata.HasField("summary"):
            [plain] = await codec.decode([event.user_metadata.summary])
            texts[event.event_id] = json.loads(plain.data)
    return texts


async def summaries(play: Play) -> list[str]:
    return list((await _summaries(play.stage, await play.handle.fetch_history())).values())


async def details(play: Play) -> str:
    metadata: WorkflowMetadata = await play.handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    return metadata.current_details


async def test_an_operator_finds_overdue_complaints_by_search_attributes(stage: Stage) -> None:
    """Stage, overdue and the last second of the statutory deadline, as the list in the Temporal UI asks for them."""
    play = await stage.start(days_ago=20)
    due = (await play.duty()).due
    assert due is not None
    mine = f"WorkflowId = '{play.handle.id}'"
    second = timedelta(seconds=1)
    near = f"TousuStatutoryDue > '{(due - 2 * second).isoformat()}' AND TousuStatutoryDue < '{due.isoformat()}'"
    query = f"{mine} AND TousuOverdue = true AND TousuStage = 'investigating' AND TousuUnit = 'gd-gz' AND {near}"

    async def listed() -> bool:
        return bool([found async for found in stage.client.list_workflows(query)])

    await until(listed)
    await play.find()
    await play.decide()
    attributes = (await play.handle.describe()).typed_search_attributes
    assert (attributes[sa.OVERDUE], attributes[sa.STAGE]) == (False, "calling_back")


async def test_a_column_never_shows_the_day_after_the_last_day(stage: Stage) -> None:
    """A deadline at 24:00 reads as 23:59:59 of the day that the law means; a column of a slip too."""
    play = await stage.start()
    duty = await play.duty()
    attributes = (await play.handle.describe()).typed_search_attributes
    shown = attributes[sa.STATUTORY_DUE].astimezone(SHANGHAI)
    assert f"{shown:%Y-%m-%d %H:%M:%S}" == f"{duty.last_day} 23:59:59"
    assert sa.last_second(None) is None


async def test_the_current_details_say_where_it_stands_in_plain_words(stage: Stage) -> None:
    """Stage, holder, duties with days and articles, pauses and extensions, and what waits for a person."""
    play = await stage.start(complexity="complex")
    due = (await play.duty()).last_day
    text = await details(play)
    assert "### 核实中 investigating" in text
    assert "广州市中心支公司 gd-gz / 业务管理部 gd-gz-yg / " in text
    assert "类别 categories: 理赔类" in text
    assert "复杂程度 complexity: 情况复杂 complex" in text
    assert f"作出处理决定并告知投诉人 Decide and tell the complainant | {due}" in text
    assert "办法 第十八条第一款 | 进行中 open" in text
    await play.do(cmd.RequestExtension, days=30, reason="需外地取证。")
    await play.do(cmd.Pause, ground="mediation", reason="双方申请调解。")
    text = await details(play)
    assert "⏸ 中止计时 paused: 调解 mediation" in text
    assert "| 中止 paused |" in text


async def test_the_current_details_name_who_asked_for_further_time_and_who_approved_it(stage: Stage) -> None:
    play = await stage.start(complexity="complex")
    people = installed().people
    asked = await play.do(cmd.RequestExtension, days=30, reason="需外地取证。")
    assert "延期 extension x1: 待审批 requested · 30 日 days" in (text := await details(play))
    assert f"申请 asked {people[SERVICE].name} {SERVICE} " in text
    await play.do(cmd.ApproveExtension, SUPERIOR, request=asked.ref, reason="同意。")
    assert "延期 extension x1: 已生效 in_force" in (text := await details(play))
    assert f"批准 approved {people[SUPERIOR].name} {SUPERIOR} " in text


async def test_the_current_details_and_the_step_name_the_last_refused_signal(stage: Stage) -> None:
    """A refused signal has no caller: an operator sees which command, when, by whom and why it was refused."""
    play = await stage.start()
    before = await play.now()
    approval = {"id": "a1", "actor": SUPERIOR, "request": "x1", "reason": "同意。"}
    await play.handle.signal("approve_extension", cmd.ApproveExtension.model_validate(approval))
    await play.settle()
    text = await details(play)
    [event] = [event for event in await play.events() if isinstance(event, ev.CommandRefused)]
    who = installed().people[SUPERIOR].name
    at = event.at.astimezone(SHANGHAI)
    assert at - before < timedelta(minutes=1)
    assert (
        f"最近被拒命令 last refusal: ApproveExtension · {event.code} · {at:%Y-%m-%d %H:%M} · {who} {SUPERIOR}" in text
    )
    assert any(f"✖ ApproveExtension {event.code}" in summary for summary in await summaries(play))


async def test_whoever_the_organisation_data_do_not_know_stands_with_the_code_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert (named(SERVICE), named("p-nobody"), named(None)) == (
        f"{installed().people[SERVICE].name} {SERVICE}",
        "p-nobody",
        "—",
    )
    monkeypatch.setattr("models.organisation._installed", [])
    assert named(SERVICE) == SERVICE


async def test_the_current_details_name_the_step_that_waits_for_a_person(stage: Stage) -> None:
    play = await stage.start(respondent={"unit": "no-such-unit"})
    assert "待人工处理 waits for a person: assignment · 无可分派的协调员 NobodyToAssign" in await details(play)


async def test_an_operator_finds_what_waits_for_a_person_by_its_cause(stage: Stage) -> None:
    """The search attribute names the causes while a step waits, and goes when none does."""
    play = await stage.start(complainant={"kind": "person", "name": "测试人乙"})
    mine = f"WorkflowId = '{play.handle.id}' AND TousuWaitsFor"

    async def listed(condition: str) -> bool:
        return bool([found async for found in stage.client.list_workflows(f"{mine} {condition}")])

    async def found(view: OperatorView) -> bool:
        return play.handle.id in [one.id async for one in stage.client.list_workflows(view.query)]

    await until(lambda: listed("= 'NoAddress'"))
    waiting, *others = operator_views(await play.now())
    assert await found(waiting)
    # The server takes the query of every view; this complaint is in none of the others.
    assert [view.title for view in others if await found(view)] == []
    await until(lambda: listed("IS NOT NULL"))
    assert not await listed("= 'LedgerConflict'")
    await play.do(cmd.RecordNotice, kind="receipt", method="handed", proof="当面告知")
    assert (await play.handle.describe()).typed_search_attributes.get(sa.WAITS_FOR) is None
    assert "waits for a person" not in await details(play)


async def test_every_summary_is_short_and_says_what_happens(live: Stage) -> None:
    """Summaries of activities and timers hold at most 200 bytes."""
    play = await personal(live)
    history = await play.handle.fetch_history()
    texts = await _summaries(live, history)
    kinds = {EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED, EventType.EVENT_TYPE_TIMER_STARTED}
    assert texts.keys() == {event.event_id for event in history.events if event.event_type in kinds} | {
        event.event_id for event in history.events if event.event_id in texts
    }
    assert max(len(text.encode()) for text in texts.values()) <= 200
    assert any(text.startswith("提醒 reminder: decide") for text in texts.values())
    assert [text for text in texts.values() if not re.match(r"[\u4e00-\u9fff、]+ [a-z]", text)] == []
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
        "view": (await play.view()).model_dump_json(),
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
