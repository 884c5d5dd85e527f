"""What a command becomes when whoever gives it cannot be looked up: refused, with nothing of the failure in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from temporalio import activity
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

import activities
from activities.assignment import AssignmentActivities
from engine.time_skipping import TimeSkipper
from models import commands as cmd
from models.actor import Actor
from models.steps import ActorQuestion
from rulebook import events as ev
from tests.workflow.refusing import FIELDS
from tests.workflow.stage import Stage, kinds

PERSON = "张三丰"


class Forgetful(AssignmentActivities):
    """Organisation data that cannot be asked."""

    @activity.defn(name="assignment.look_up")
    async def look_up(self, question: ActorQuestion) -> Actor | None:
        # Final: attempts of a local activity take real time, whatever time the server skips.
        raise ApplicationError(f"no answer about {question.person}", type="Away", non_retryable=True)


async def test_a_command_whose_person_cannot_be_looked_up_is_refused_in_our_words(
    temporal_env: TimeSkipper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An update for its caller, a signal on record; the error itself may repeat what was given, and so may the name."""
    monkeypatch.setattr(activities, "AssignmentActivities", Forgetful)
    async with Stage.open(temporal_env.client, tmp_path, temporal_env) as stage:
        play = await stage.start()
        before = len(await play.events())
        with pytest.raises(WorkflowUpdateFailedError) as caught:
            await play.do(cmd.RecordContact, **FIELDS[cmd.RecordContact])
        cause = caught.value.cause
        assert isinstance(cause, ApplicationError)
        assert (cause.type, cause.message) == (
            "PersonNotLookedUp",
            "the person could not be looked up; nothing has changed, try again",
        )
        assert len(await play.events()) == before
        approval = {"id": "a1", "actor": PERSON, "request": "x1", "reason": "同意。"}
        await play.handle.signal("approve_extension", approval)
        await play.settle()
        [refusal] = [event for event in await play.events() if isinstance(event, ev.CommandRefused)]
        assert (refusal.command, refusal.code, refusal.by) == ("ApproveExtension", "PersonNotLookedUp", ev.SYSTEM)
        await play.forward(days=16)
        assert "deadline_breached" in kinds(await play.events())
        assert not any(PERSON in event.model_dump_json() for event in await play.events())
