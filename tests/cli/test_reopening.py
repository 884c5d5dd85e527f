"""Bringing a complaint back from its record, as people type it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from cli.errors import BAD_INPUT, REFUSED
from engine.client import connect
from engine.settings import Settings
from models.opening import workflow_id
from tests.cli.conftest import House, complaint
from tests.cli.test_case import HANDLER

WHY = ("--reason", "误在控制台终止")


async def terminate(house: House, complaint_id: str) -> None:
    client = await connect(Settings.from_environment({"TOUSU_HOME": str(house.home)}))
    await client.get_workflow_handle(workflow_id(complaint_id)).terminate("by mistake")


def test_a_terminated_complaint_is_brought_back_and_goes_on(house: House, tmp_path: Path) -> None:
    row = complaint("RO-1")
    house.lines("open", "-", input=json.dumps(row))
    before = house.until("RO-1", "investigating")
    still = house.run("reopen", "RO-1", *HANDLER, *WHY)
    assert (still.exit_code, still.stderr) == (
        REFUSED,
        "Error: RO-1 runs; nothing has to be brought back [StillRunning]\n",
    )
    asyncio.run(terminate(house, "RO-1"))
    [line] = [json.loads(line) for line in house.run("open", "-", input=json.dumps(row)).stdout.splitlines()]
    assert (line["result"], line["code"]) == ("rejected", "AlreadyRecorded")
    assert "tousu reopen" in line["reason"]
    file = tmp_path / "again.jsonl"
    file.write_text(json.dumps(row), encoding="utf-8")
    imported = house.run("import", str(file), "--as", "p-hq-kf-01")
    assert imported.exit_code == REFUSED
    [told] = [json.loads(text) for text in imported.stdout.splitlines()]
    assert (told["result"], told["code"], told["reason"]) == ("rejected", "AlreadyRecorded", line["reason"])
    stranger = house.run("reopen", "RO-1", "--as", "p-stranger", *WHY)
    assert (stranger.exit_code, stranger.stdout) == (REFUSED, "")
    assert stranger.stderr == "Error: reopening.by: the organisation data know no such person [UnknownActor]\n"
    back = house.run("reopen", "RO-1", *HANDLER, *WHY)
    assert back.exit_code == 0, back.stderr
    assert back.stdout.startswith("RO-1  recovered  核实中 investigating  最近期限 next due ")
    assert [one["result"] for one in house.lines("import", str(file), "--as", "p-hq-kf-01")] == ["already"]
    after = house.until("RO-1", "investigating")
    assert after["events"] == before["events"] + 1
    assert after["duties"] == before["duties"]
    assert "依记录恢复 recovered: 被终止 terminated" in house.run("show", "RO-1").stdout
    assert "依记录恢复办理 recovered from the record" in house.run("timeline", "RO-1").stdout
    assert house.run("verify", "RO-1").exit_code == 0
    assert (
        house.run("contact", "RO-1", *HANDLER, "--method", "phone", "--no-reached", "--summary", "无人接听").exit_code
        == 0
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("RO-none", *HANDLER, *WHY), "the record has no event of RO-none; open it (tousu open) [NothingToReopen]"),
        (("RO-none", *HANDLER, "--reason", "x"), "--reason: is too short, write at least 2 characters [BadInput]"),
        (("RO-none", "--as", "张三", *WHY), "--as: has the wrong form [BadInput]"),
    ],
)
def test_what_cannot_be_brought_back_is_one_line(house: House, words: tuple[str, ...], said: str) -> None:
    result = house.run("reopen", *words)
    assert result.stdout == ""
    assert result.stderr == f"Error: {said}\n"
    assert result.exit_code == (BAD_INPUT if "BadInput" in said else REFUSED)
