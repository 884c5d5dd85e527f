"""Every stored history replays: complaints that run today go on under tomorrow's code."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from engine.keys import KeyRing
from engine.plugin import plugin
from tests.workflow.hasty import Hasty, Reordered, Unlinked
from tests.workflow.paths import PATHS, RETIRED, TEST_KEYS
from workflows import WORKFLOWS

HISTORIES = Path(__file__).parent.parent / "histories"
NAMES = sorted(path.stem for path in HISTORIES.glob("*.json"))


def stored(name: str) -> WorkflowHistory:
    history: dict[str, Any] = json.loads((HISTORIES / f"{name}.json").read_text(encoding="utf-8"))
    return WorkflowHistory.from_json(id_of(history), history)


def id_of(history: dict[str, Any]) -> str:
    """The workflow's own id: under another one the complaint would be turned away."""
    found: str = history["events"][0]["workflowExecutionStartedEventAttributes"]["workflowId"]
    return found


def replayer(*workflows: type) -> Replayer:
    keys = KeyRing.parse(TEST_KEYS, source="tests/workflow/paths.py")
    return Replayer(workflows=workflows or WORKFLOWS, plugins=[plugin(keys)], build_id="replay")


def test_every_path_has_a_stored_history() -> None:
    assert sorted({*PATHS, *RETIRED}) == NAMES, "play it: python -m tests.workflow.record_history NAME"


@pytest.mark.parametrize("name", NAMES)
async def test_a_stored_history_replays(name: str) -> None:
    async with asyncio.timeout(60):  # A history that ends within a workflow task would never be done.
        await replayer().replay_workflow(stored(name))


async def test_changed_code_does_not_replay() -> None:
    """The check above can fail."""
    with pytest.raises(workflow.NondeterminismError):
        await replayer(Hasty).replay_workflow(stored("happy_simple"))


@pytest.mark.parametrize(
    ("name", "changed"),
    [("escalated", Unlinked), ("left_for_a_new_run", Reordered), ("continued_in_a_new_run", Reordered)],
)
async def test_exchanged_steps_and_coroutines_do_not_replay(name: str, changed: type) -> None:
    with pytest.raises(workflow.NondeterminismError):
        await replayer(changed).replay_workflow(stored(name))


async def test_a_changed_history_does_not_replay() -> None:
    """A history in which another step was scheduled first belongs to other code."""
    history: dict[str, Any] = json.loads((HISTORIES / "happy_simple.json").read_text(encoding="utf-8"))
    steps = [event for event in history["events"] if event["eventType"] == "EVENT_TYPE_ACTIVITY_TASK_SCHEDULED"]
    steps[0]["activityTaskScheduledEventAttributes"]["activityType"]["name"] = "assignment.assign"
    with pytest.raises(workflow.NondeterminismError):
        await replayer().replay_workflow(WorkflowHistory.from_json(id_of(history), history))
