"""A case that another system has begun goes on here, with its past, its deadlines and its letters (R068)."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError

from models import commands as cmd
from rulebook import events as ev
from tests.workflow.pasts import (
    ASSIGNED,
    EXTENDED,
    FOUND,
    PAUSED,
    TICKET,
    called_back,
    closed,
    decided,
    past,
    told,
)
from tests.workflow.stage import CLAIMS, SERVICE, SHANGHAI, Play, Stage, kinds


def letters(stage: Stage, play: Play) -> list[str]:
    return sorted(row.kind for row in stage.ledger.notices(play.intake.complaint_id))


def midnight_after(received: datetime, days: int) -> datetime:
    """The end of the day that lies so many days after the day of receipt."""
    return datetime.combine(received.astimezone(SHANGHAI).date() + timedelta(days=days + 1), time(), SHANGHAI)


async def test_an_extension_and_a_pause_of_the_other_system_move_the_deadline_here(stage: Stage) -> None:
    """15 days, 30 more that were approved and told, and the days of the appraisal (art. 18); no letter goes out again."""
    tale = past(TICKET, told("receipt", 0.02), ASSIGNED, FOUND, *EXTENDED, *PAUSED)
    play = await stage.start(40, past=tale)
    duty = await play.duty()
    assert duty.due is not None
    paused = play.intake.received_at + timedelta(days=20) - (play.intake.received_at + timedelta(days=14))
    assert duty.due >= midnight_after(play.intake.received_at, 45)
    assert duty.due <= midnight_after(play.intake.received_at, 45) + paused + timedelta(days=1)
    assert (duty.status, duty.breached) == ("open", False)
    assert letters(stage, play) == []
    view = await play.view()
    assert (view.ticket, view.stage) == ("旧-0042", "deciding")
    events = await play.events()
    imported = events[1]
    assert isinstance(imported, ev.Imported)
    assert (imported.by, imported.events, imported.source) == ("p-hq-kf-01", 10, "旧系统")
    assert {event.recorded_at for event in events[:12]} == {imported.recorded_at}
    assert [event.by for event in events if isinstance(event, ev.FindingsSubmitted)] == [CLAIMS]
    assert stage.ledger.verify(play.intake.complaint_id).ok
    assert stage.ledger.tasks(play.intake.complaint_id) == []


async def test_what_the_complainant_was_not_told_there_is_told_here(stage: Stage) -> None:
    play = await stage.start(3, past=past(TICKET, ASSIGNED))
    await play.settle()
    assert letters(stage, play) == ["receipt"]
    assert [task.kind for task in stage.ledger.tasks(play.intake.complaint_id)] == ["investigation"]


async def test_a_breach_of_the_past_stands_at_its_legal_instant_with_the_delay_of_its_detection(stage: Stage) -> None:
    """Told on day 20 instead of 15: the breach lies where the deadline lay, and nobody is reminded of what is over."""
    tale = past(TICKET, told("receipt", 0.02), ASSIGNED, FOUND, decided(19), told("decision", 20))
    play = await stage.start(40, past=tale)
    events = await play.events()
    (breach,) = [event for event in events if isinstance(event, ev.DeadlineBreached) and event.duty == "decide"]
    assert breach.at == midnight_after(play.intake.received_at, 15)
    assert breach.recorded_at == events[1].recorded_at
    assert kinds(events).index("deadline_breached") < kinds(events).index("decision_made")
    duty = await play.duty()
    assert (duty.status, duty.breached) == ("met_late", True)
    assert letters(stage, play) == []
    outbox = stage.home / "outbox"
    reminders = [*outbox.rglob(f"*{play.intake.complaint_id}*reminder*")]
    assert reminders == []
    assert (await play.view()).stage == "calling_back"


async def test_a_case_that_is_late_when_it_comes_has_its_people_told(stage: Stage) -> None:
    play = await stage.start(40, past=past(TICKET, told("receipt", 0.02), ASSIGNED))
    events = await play.events()
    assert [event.duty for event in events if isinstance(event, ev.DeadlineBreached)] == ["decide"]
    assert (await play.view()).overdue
    assert letters(stage, play) == ["late"]


async def test_a_case_that_was_closed_long_ago_is_recorded_and_over(stage: Stage) -> None:
    """Nobody is asked to do anything: no letter, no task, no department; the record holds all of it and adds up."""
    tale = past(TICKET, told("receipt", 0.02), decided(9), told("decision", 10), called_back(11), closed(12))
    play = await stage.start(400, past=tale)
    result = await play.handle.result()
    assert (result.result, result.breached) == ("responsible", False)
    case = stage.ledger.case(play.intake.complaint_id)
    assert case is not None
    assert (case.stage, case.assigned_at, case.breaches, case.ticket) == ("closed", None, 0, "旧-0042")
    assert case.closed_at == play.intake.received_at + timedelta(days=12)
    assert letters(stage, play) == []
    assert stage.ledger.tasks(play.intake.complaint_id) == []
    assert stage.ledger.verify(play.intake.complaint_id).ok


async def test_a_case_goes_on_where_the_other_system_left_it(stage: Stage) -> None:
    tale = past(TICKET, told("receipt", 0.02), ASSIGNED, FOUND)
    play = await stage.start(8, past=tale)
    await play.decide()
    assert letters(stage, play) == ["decision"]
    await play.close()
    assert (await play.view()).stage == "closed"


async def test_under_an_insurers_own_rules_nobody_hears_again_what_was_done_there(stage: Stage) -> None:
    """No feedback and no reminder for what was over; the rules' own duties run from the receipt in the past."""
    tale = past(TICKET, told("receipt", 0.02), ASSIGNED, FOUND, decided(9), told("decision", 9.5))
    play = await stage.start(12, past=tale, company="company-life")
    events = await play.events()
    assert kinds(events)[:3] == ["received", "intake_examined", "imported"]
    assert letters(stage, play) == []
    assert [*(stage.home / "outbox").rglob(f"*{play.intake.complaint_id}*feedback*")] == []
    assert (await play.duty()).status == "met"
    assert stage.ledger.verify(play.intake.complaint_id).ok


async def test_who_decided_there_may_not_review_here(stage: Stage) -> None:
    """The people who acted stand in the record by name, not the person who imported (art. 20)."""
    tale = past(
        TICKET, told("receipt", 0.02), ASSIGNED, FOUND, decided(5), told("decision", 6), called_back(7), closed(8)
    )
    play = await stage.start(10, past=tale)
    await play.do(cmd.RequestReview, reason="不服")
    view = await play.view()
    assert view.stage == "in_review"
    assert SERVICE in {event.by for event in await play.events() if isinstance(event, ev.DecisionMade)}


@pytest.mark.parametrize(
    ("events", "code"),
    [
        pytest.param((told("decision", 3),), "NotDecided", id="told before it was decided"),
        pytest.param((EXTENDED[1],), "NoSuchExtension", id="approved, never asked for"),
        pytest.param((PAUSED[2],), "NotPaused", id="resumed, never paused"),
        pytest.param((FOUND, ASSIGNED), "OutOfOrder", id="the wrong way round"),
        pytest.param((closed(3),), "NotDecided", id="closed without an answer"),
        pytest.param((decided(-1),), "OutOfOrder", id="before the receipt"),
        pytest.param((decided(900),), "FutureEvent", id="in the future"),
        pytest.param(((ev.DecisionMade, 3, ev.SYSTEM, decided(3)[3]),), "NobodyAnswers", id="by nobody"),
        pytest.param((decided(3), told("decision", 4), closed(5, "litigation")), "OtherResult", id="another result"),
        pytest.param(
            ((ev.DeadlineBreached, 3, SERVICE, {"duty": "decide", "due": "2026-03-02T00:00:00+08:00"}),),
            "NotImportable",
            id="what only the clock makes true",
        ),
    ],
)
async def test_a_past_that_cannot_be_is_turned_away_before_anything_is_recorded(
    stage: Stage, events: tuple[object, ...], code: str
) -> None:
    play = await stage.start(30, settle=False, past=past(TICKET, *events))  # type: ignore[arg-type]
    with pytest.raises(WorkflowFailureError) as failed:
        await play.handle.result()
    cause = failed.value.cause
    assert isinstance(cause, ApplicationError)
    assert cause.type == "ImpossiblePast"
    assert cause.message.endswith(f"[{code}]")
    assert stage.ledger.intake(play.intake.complaint_id) is None
