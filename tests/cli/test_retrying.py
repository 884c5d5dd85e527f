"""Having what waits in every complaint tried again: nothing that goes wrong in one complaint stops the others."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from temporalio import workflow
from temporalio.client import WorkflowQueryFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.common import RawValue, SearchAttributePair, TypedSearchAttributes
from temporalio.worker import Worker

from activities.ledger import Ledger
from activities.ledger_chain import pin_of
from cli import retrying, session
from cli.errors import REFUSED
from engine.client import connect
from engine.settings import Settings
from models import search_attributes as sa
from models.case import CaseState
from models.intake import Intake
from models.opening import WORKFLOW_TYPE, workflow_id
from models.view import CaseView, case_view
from rulebook import events as ev
from tests.cli.conftest import House, complaint
from tests.cli.test_case import HANDLER, opened

NOBODY = {"kind": "person", "name": "测试人丁"}
"""Who can be reached in no way, so that the notice of receipt waits for a person."""


@workflow.defn(name=WORKFLOW_TYPE, sandboxed=False)
class Deaf:
    """Answers what it is asked, and obeys nothing."""

    @workflow.run
    async def run(self, *_: RawValue) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.query
    def view(self, *_: RawValue) -> CaseView:
        intake = Intake.model_validate(complaint("R-1"))
        return case_view(intake, CaseState(), None, None).model_copy(update={"waits_for": {"dispatch": "NoAddress"}})

    @workflow.update
    async def retry_step(self, *_: RawValue) -> None:
        await workflow.wait_condition(lambda: False)


async def test_a_complaint_that_does_not_answer_stops_no_other(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """R-1 obeys nothing, R-2 has no worker, R-3 was ended by hand and stands in the record alone, R-4 is in order."""
    for name in ("R-3", "R-4"):
        await asyncio.to_thread(opened, house, name, complainant=NOBODY)
    client = await connect(Settings.from_environment({"TOUSU_HOME": str(house.home)}))
    shown = TypedSearchAttributes([SearchAttributePair(sa.WAITS_FOR, ["NoAddress"])])
    others = [
        await client.start_workflow(WORKFLOW_TYPE, id=workflow_id(name), task_queue=queue, search_attributes=shown)
        for name, queue in (("R-1", "deaf"), ("R-2", "nobody"))
    ]
    await client.get_workflow_handle(workflow_id("R-3")).terminate("by mistake")
    monkeypatch.setattr(session, "ANSWER_WITHIN", timedelta(seconds=4))
    found: dict[str, dict[str, Any]] = {}
    try:
        async with Worker(client, task_queue="deaf", workflows=[Deaf], build_id="tests"):
            for _ in range(50):  # Lists of the server follow a moment later.
                result = await asyncio.to_thread(house.run, "retry", "--all", "--cause", "NoAddress", *HANDLER)
                found = {line["complaint_id"]: line for line in map(json.loads, result.stdout.splitlines())}
                if {"R-1", "R-2", "R-3", "R-4"} <= found.keys():
                    break
    finally:
        for other in others:
            await other.terminate("the test is over")
    refused = {"result": "refused"}
    assert found["R-1"] == {"complaint_id": "R-1", "step": "dispatch", **refused, "code": "NoAnswer"}
    assert found["R-2"] == {"complaint_id": "R-2", "step": None, **refused, "code": "NoAnswer"}
    assert found["R-3"] == {"complaint_id": "R-3", "step": "notice.receipt", **refused, "code": "NotRunning"}
    assert found["R-4"] == {"complaint_id": "R-4", "step": "notice.receipt", "result": "retried"}
    assert result.exit_code == REFUSED
    assert list(found).index("R-4") < list(found).index("R-1"), "each line comes when it is known"
    assert result.stderr.endswith(" refused\n")


def test_without_the_record_the_list_of_the_server_is_enough(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database may be what was away; the workflows know what waits."""
    opened(house, "R-5", complainant=NOBODY)
    for _ in range(50):
        result = house.run(
            "retry", "--all", *HANDLER, env={"TOUSU_DATABASE_URL": f"sqlite:///{house.home / 'none' / 'records.db'}"}
        )
        if "R-5" in result.stdout:
            break
    assert '{"complaint_id": "R-5", "step": "notice.receipt", "result": "retried"}' in result.stdout
    assert result.stderr.startswith("only what the server lists: ")


@pytest.mark.parametrize("error", [WorkflowQueryFailedError("x"), WorkflowUpdateRPCTimeoutOrCancelledError()])
def test_each_way_of_giving_no_answer_has_the_code_of_the_command_line(error: Exception) -> None:
    assert retrying._code(error) == "NoAnswer"


def test_the_one_step_that_waits_is_asked_of_the_complaint_and_not_of_the_record(house: House) -> None:
    """Where the step that writes the record waits, the record knows nothing of it."""
    opened(house, "R-6")
    with Ledger.open(f"sqlite:///{house.home / 'records.db'}") as ledger:
        last = ledger.timeline("R-6")[-1]
        call = {"by": "p-gd-sz-kf-01", "method": "phone", "reached": False, "summary": "此前无人接听。"}
        strange = ev.ContactAttempted.model_validate({"at": last.at, "recorded_at": last.recorded_at, **call})
        ledger.append("R-6", last.seq + 1, [strange], pin_of(last))
    contact = ("contact", "R-6", *HANDLER, "--method", "phone", "--no-reached", "--summary", "无人接听")
    assert house.run(*contact).exit_code == 0
    assert any("record: 记录中已有不同内容 LedgerConflict" in house.run("show", "R-6").stdout for _ in range(50))
    result = house.run("retry", "R-6", *HANDLER)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("R-6  step_retried ")
