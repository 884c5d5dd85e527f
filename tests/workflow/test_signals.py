"""Approvals by signal: the same guard, and a refusal is a fact in the record instead of a line in a log."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from models import commands as cmd
from rulebook import events as ev
from tests.workflow.stage import HEAD, SERVICE, SUPERIOR, Play, Stage

TEMPORAL = Path(sys.executable).parent / "temporal"


async def asked(stage: Stage) -> tuple[Play, str]:
    play = await stage.start(complexity="complex")
    request = await play.do(cmd.RequestExtension, days=30, reason="需外地取证。")
    return play, request.ref or ""


def approval(request: str, actor: str = SUPERIOR) -> dict[str, Any]:
    return {"id": f"approval-{actor}", "actor": actor, "request": request, "reason": "情况特别复杂，同意。"}


async def refusals(play: Play) -> list[tuple[str, str, str]]:
    return [(e.command, e.code, e.by) for e in await play.events() if isinstance(e, ev.CommandRefused)]


async def test_an_approval_by_signal_extends_once_told(stage: Stage) -> None:
    play, request = await asked(stage)
    await play.handle.signal("approve_extension", approval(request))
    await play.settle()
    assert [ask.status for ask in (await play.view()).extensions] == ["in_force"]
    assert await refusals(play) == []


async def test_an_approval_from_the_temporal_command_line_is_the_same(live: Stage) -> None:
    """Plain JSON without our codec, as the Temporal UI and its command line send it."""
    play, request = await asked(live)
    process = await asyncio.create_subprocess_exec(
        *(TEMPORAL, "workflow", "signal", "--address", live.client.service_client.config.target_host),
        *("--workflow-id", play.handle.id, "--name", "approve_extension", "--input", json.dumps(approval(request))),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    assert (process.returncode, errors) == (0, b"")
    await play.settle()
    assert [ask.status for ask in (await play.view()).extensions] == ["in_force"]


@pytest.mark.parametrize(
    ("actor", "code", "by"),
    [
        (SERVICE, "SelfApproval", SERVICE),
        (HEAD, "NotAuthorised", HEAD),
        ("张三丰", "UnknownActor", ev.SYSTEM),
    ],
)
async def test_a_refused_approval_by_signal_is_recorded(stage: Stage, actor: str, code: str, by: str) -> None:
    """With its code and who sent it; an unknown name could be anybody's, and stays out of the record."""
    play, request = await asked(stage)
    due = (await play.duty()).due
    await play.handle.signal("approve_extension", approval(request, actor))
    assert await refusals(play) == [("ApproveExtension", code, by)]
    assert ((await play.duty()).due, (await play.view()).extensions[0].status) == (due, "requested")


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(["not", "an", "object"], id="list"),
        pytest.param("x1", id="text"),
        pytest.param({"id": "1"}, id="fields missing"),
        pytest.param({**approval("x1"), "phone": "13800000000"}, id="field unknown"),
        pytest.param({**approval("x1"), "reason": ""}, id="reason empty"),
    ],
)
async def test_a_malformed_signal_is_recorded_and_nothing_else_happens(stage: Stage, payload: object) -> None:
    play, _ = await asked(stage)
    before = (await play.view()).events
    await play.handle.signal("approve_extension", payload)
    assert await refusals(play) == [("ApproveExtension", "Malformed", ev.SYSTEM)]
    assert (await play.view()).events == before + 1


@pytest.mark.parametrize("args", [[], [{"id": "1"}, {"id": "2"}]], ids=["none", "two"])
async def test_a_signal_with_another_number_of_payloads_is_malformed(stage: Stage, args: list[Any]) -> None:
    play, _ = await asked(stage)
    await play.handle.signal("refuse_extension", args=args)
    assert await refusals(play) == [("RefuseExtension", "Malformed", ev.SYSTEM)]


async def test_a_superior_refuses_by_signal(stage: Stage) -> None:
    play, request = await asked(stage)
    await play.handle.signal("refuse_extension", approval(request))
    refused = next(event for event in await play.events() if isinstance(event, ev.ExtensionRefused))
    assert (refused.code, refused.by) == ("RefusedBySuperior", SUPERIOR)
