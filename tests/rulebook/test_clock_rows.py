"""What went wrong in other complaint and help-desk systems, and cannot go wrong here."""

from __future__ import annotations

from typing import Any

import pytest

from rulebook import events as ev
from rulebook.clock import CaseClock
from rulebook.limit import Limit, due_after
from tests.rulebook.helpers import (
    CN,
    PACK,
    SHANGHAI,
    classified,
    decided,
    due,
    duty,
    fold,
    on,
    paused,
    received,
    resumed,
    ring,
    said,
    told,
)

LONG_AFTER = "Thu 2026-12-31 00:00"

WORK: dict[str, Any] = {
    "acknowledged": said(ev.Acknowledged, "Mon 2026-03-02 11:00", ticket="t"),
    "assigned": said(ev.Assigned, "Tue 2026-03-03 10:00", unit="u", department="d", coordinator="c", reason="r"),
    "assigned again": said(ev.Assigned, "Mon 2026-03-16 10:00", unit="u", department="e", coordinator="d", reason="r"),
    "severity changed": said(
        ev.Classified, "Mon 2026-03-16 10:00", complexity="simple", severity="major", reason="r", categories=("sales",)
    ),
    "investigated": said(ev.InvestigationOpened, "Wed 2026-03-04 10:00", task="t", department="d"),
    "findings": said(ev.FindingsSubmitted, "Mon 2026-03-16 10:00", findings="f"),
    "contact": said(ev.ContactAttempted, "Tue 2026-03-10 10:00", method="phone", reached=True, summary="s"),
    "decided, not told": decided("Mon 2026-03-16 10:00"),
    "receipt told": told("Mon 2026-03-02 11:00", "receipt"),
    "lateness told": told("Tue 2026-03-17 11:00", "late"),
    "step failed": said(ev.StepFailed, "Tue 2026-03-10 10:00", step="s", error="e"),
    "command refused": said(ev.CommandRefused, "Tue 2026-03-10 10:00", command="c", code="x"),
    "called back": said(ev.CalledBack, "Tue 2026-03-17 10:00", task="t", reached=True, satisfaction=5),
    "closed": said(ev.Closed, "Tue 2026-03-17 10:00", reason="r", result="responsible"),
}


@pytest.mark.parametrize("event", WORK.values(), ids=WORK)
def test_no_edit_answer_or_step_moves_meets_or_ends_the_statutory_duty(event: ev.Event) -> None:
    """Only the notice of the decision fulfils it, whosever turn it is; each duty has its own fulfilling event."""
    clock = fold(received(), event)
    assert (duty(clock).status, due(clock), len(duty(clock).versions)) == ("open", "Wed 2026-03-18 00:00", 1)


@pytest.mark.parametrize("method", ["sms", "phone", "post", "in_person", "email"])
def test_the_decision_may_be_told_through_any_channel(method: str) -> None:
    assert duty(fold(received(), told("Mon 2026-03-09 10:00", method=method))).status == "met"


def test_duties_run_side_by_side_and_none_overrules_another() -> None:
    request = said(ev.ReviewRequested, "Mon 2026-03-16 10:00", review="r1", reason="r")
    clock = fold(received(), paused("Tue 2026-03-03 00:00"), resumed("Wed 2026-03-04 00:00"), request)
    assert [(one.key, due(clock, one.key)) for one in clock.open_duties] == [
        ("decide", "Thu 2026-03-19 00:00"),
        ("review_decide", "Thu 2026-04-16 00:00"),
        ("tell_pause", None),
    ]
    assert clock.next_due == on("Thu 2026-03-19 00:00")
    clock.apply(told("Tue 2026-03-17 10:00", "pause"))
    assert due(clock) == "Thu 2026-03-19 00:00"


def test_one_event_fulfils_only_the_duty_it_names() -> None:
    clock = fold(received(), paused("Tue 2026-03-10 00:00"), told("Tue 2026-03-10 09:00", "pause"))
    assert (duty(clock, "tell_pause").status, duty(clock).status) == ("met", "open")


def test_what_is_shown_as_paused_is_paused_for_the_alarms_too() -> None:
    clock = fold(received(), paused("Tue 2026-03-10 00:00"))
    shown = (clock.paused, clock.next_due, clock.statutory_due, duty(clock).due, duty(clock).deadline)
    assert shown[:4] == (True, None, None, None)
    assert (shown[4] is not None, clock.next_alarm(on(LONG_AFTER))) == (True, None)


def test_waiting_for_the_customer_does_not_stop_the_clock() -> None:
    """The law knows two grounds; a pause on another moves nothing, whoever wrote it down."""
    waiting = paused("Tue 2026-03-10 00:00", ground="waiting_for_customer")
    assert duty(fold(received(), waiting)).due == duty(fold(received())).due


def test_the_deadline_that_is_shown_is_the_one_that_rings() -> None:
    clock = fold(received(), classified("Tue 2026-03-03 09:00", "complex"))
    *_, last = ring(clock, LONG_AFTER)
    assert (last.kind, last.at, last.at) == ("due", duty(clock).due, clock.next_due)


def test_reminders_keep_office_hours_and_the_legal_instant_does_not() -> None:
    """2026-05-16 is a Saturday and the deadline is its midnight all the same."""
    clock = fold(received("Fri 2026-05-01 00:00"))
    alarms = ring(clock, LONG_AFTER)
    assert {alarm.at.hour for alarm in alarms if alarm.kind == "reminder"} == {9}
    assert (alarms[-1].kind, alarms[-1].at) == ("due", on("Sun 2026-05-17 00:00"))


def test_a_complaint_that_nobody_takes_is_reminded_of_and_breached_like_any_other() -> None:
    assert [alarm.kind for alarm in ring(fold(received()), LONG_AFTER)] == ["reminder"] * 3 + ["due"]


def test_reopening_a_case_that_was_late_does_not_make_it_overdue_at_once() -> None:
    clock = fold(received("Mon 2026-01-05 10:00"))
    ring(clock, "Fri 2026-02-06 10:00")
    clock.apply(told("Fri 2026-02-06 10:00"))
    clock.apply(received("Mon 2026-03-02 10:00"))
    assert (clock.overdue, due(clock, "decide#2")) == (False, "Wed 2026-03-18 00:00")
    first = clock.next_alarm(on("Mon 2026-03-02 10:00"))
    assert first is not None
    assert (first.duty, first.kind, first.at) == ("decide#2", "reminder", on("Thu 2026-03-12 09:00"))


def test_folding_the_record_again_repeats_no_reminder_and_no_breach() -> None:
    """A migration that re-armed completed timers sent every notice twice."""
    log = [received()]
    clock = fold(*log)
    now = on("Fri 2026-03-20 10:00")
    while (alarm := clock.next_alarm(now)) is not None:
        kind = ev.ReminderRaised if alarm.kind == "reminder" else ev.DeadlineBreached
        before = {"before": alarm.before} if alarm.before else {}
        event = kind.model_validate(
            {"at": alarm.at, "recorded_at": now, "duty": alarm.duty, "due": alarm.due, **before}
        )
        log.append(event)
        clock.apply(event)
    assert fold(*log).next_alarm(now) is None
    assert len(log) == 5


def test_a_closed_case_with_everything_done_has_no_alarm_left() -> None:
    clock = fold(
        received(),
        decided("Mon 2026-03-09 10:00", by="head_office"),
        told("Mon 2026-03-09 11:00"),
        said(ev.Closed, "Mon 2026-03-09 12:00", reason="r", result="responsible"),
    )
    assert (clock.open_duties, clock.next_alarm(on(LONG_AFTER))) == ((), None)


def test_nothing_is_reminded_of_before_it_began() -> None:
    """One product escalated a ticket in the second of its creation."""
    clock = fold(received("Sun 2026-03-01 23:59:59"))
    assert min(alarm.at for alarm in ring(clock, LONG_AFTER)) > on("Sun 2026-03-01 23:59:59")


def test_a_night_loses_no_minute() -> None:
    """A day from 00:00 to 23:59 lost one minute each night."""
    start = on("Mon 2026-03-02 10:00")
    assert due_after(Limit.hours(24 * 365), start, SHANGHAI, CN) == on("Tue 2027-03-02 10:00")


def test_versions_of_a_deadline_are_only_ever_added() -> None:
    clock = CaseClock(PACK, CN)
    seen: list[Any] = []
    for event in (
        received(),
        classified("Tue 2026-03-03 09:00", "complex"),
        paused("Tue 2026-03-10 00:00"),
        resumed("Fri 2026-03-20 00:00"),
        said(ev.FactsAdded, "Sat 2026-03-21 10:00", summary="s"),
        classified("Sun 2026-03-22 09:00", "simple"),
        told("Mon 2026-03-23 10:00"),
    ):
        clock.apply(event)
        versions = list(duty(clock).versions)
        assert versions[: len(seen)] == seen
        seen = versions
    assert [version.reason for version in seen] == [
        "received",
        "classified",
        "clock_paused",
        "clock_resumed",
        "facts_added",
        "classified",
    ]


def test_an_event_that_changes_no_deadline_adds_no_version() -> None:
    """Otherwise the record would show re-datings that never happened."""
    same = [classified(f"Tue 2026-03-03 09:0{minute}", "simple") for minute in range(5)]
    assert len(duty(fold(received(), *same)).versions) == 1
