"""When the clock wakes the process: reminders, deadlines and ends of windows, in order and once each."""

from __future__ import annotations

import pytest

from rulebook import events as ev
from rulebook.clock import Alarm, CaseClock
from tests.rulebook.helpers import (
    CN,
    PACK,
    SHANGHAI,
    answer,
    approved,
    classified,
    decided,
    due,
    duty,
    facts_added,
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


def plan(alarms: list[Alarm]) -> list[tuple[str, str]]:
    """Return what rang and when it was planned."""
    return [(alarm.before or alarm.kind, f"{alarm.at.astimezone(SHANGHAI):%m-%d %H:%M}") for alarm in alarms]


SIMPLE = [("5nd", "03-12 09:00"), ("1nd", "03-16 09:00"), ("0nd", "03-17 09:00"), ("due", "03-18 00:00")]


def test_reminders_come_before_the_deadline_in_their_own_unit_and_at_their_own_hour() -> None:
    assert plan(ring(fold(received()), LONG_AFTER)) == SIMPLE


def test_an_alarm_that_nobody_answers_is_returned_again_unchanged() -> None:
    clock = fold(received())
    now = on("Thu 2026-03-12 09:00")
    first = clock.next_alarm(now)
    assert first is not None
    assert first == clock.next_alarm(now)
    assert (first.kind, first.late_by.total_seconds()) == ("reminder", 0)


def test_an_alarm_that_was_answered_is_never_returned_again() -> None:
    clock = fold(received())
    rung = ring(clock, LONG_AFTER)
    assert len(set(rung)) == len(rung)
    assert clock.next_alarm(on(LONG_AFTER)) is None
    assert clock.next_alarm(on("Mon 2026-03-02 10:00")) is None


def test_the_next_alarm_does_not_depend_on_when_one_asks() -> None:
    """No comparison for equality with the hour: a restart at the tick must not lose an alarm."""
    clock = fold(received())
    instants = ["Mon 2026-03-02 10:00", "Thu 2026-03-12 09:00", "Thu 2026-03-12 09:00:01", LONG_AFTER]
    assert {alarm.at for now in instants if (alarm := clock.next_alarm(on(now)))} == {on("Thu 2026-03-12 09:00")}


def test_after_an_outage_every_level_that_fell_due_rings_in_order_once() -> None:
    clock = fold(received())
    assert plan(ring(clock, "Thu 2026-03-12 08:59")) == []
    woken = ring(clock, "Fri 2026-03-20 12:00")
    assert plan(woken) == SIMPLE
    assert [alarm.late_by.days for alarm in woken] == [8, 4, 3, 2]


def test_a_case_received_long_ago_and_opened_today_rings_the_deadline_only() -> None:
    clock = fold(received("Mon 2026-03-02 10:00", recorded="Fri 2026-03-20 12:00"))
    assert plan(ring(clock, "Fri 2026-03-20 12:00")) == [("due", "03-18 00:00")]


def test_a_case_received_some_days_ago_gets_the_reminders_still_to_come() -> None:
    clock = fold(received("Mon 2026-03-02 10:00", recorded="Fri 2026-03-13 12:00"))
    assert plan(ring(clock, LONG_AFTER)) == SIMPLE[1:]


def test_an_extended_deadline_is_reminded_of_anew() -> None:
    events = [classified("Tue 2026-03-03 09:00", "complex"), approved("Mon 2026-03-30 10:00")]
    clock = fold(received(), *events)
    assert plan(ring(clock, "Mon 2026-03-30 11:00")) == [("5nd", "03-27 09:00")]
    clock.apply(told("Mon 2026-03-30 11:00", "extension", ref="x1"))
    assert plan(ring(clock, LONG_AFTER)) == [
        ("5nd", "04-26 09:00"),
        ("1nd", "04-30 09:00"),
        ("0nd", "05-01 09:00"),
        ("due", "05-02 00:00"),
    ]


def test_a_deadline_that_comes_nearer_skips_the_reminders_it_has_passed() -> None:
    clock = fold(
        received(), classified("Tue 2026-03-03 09:00", "complex"), classified("Mon 2026-03-16 12:00", "simple")
    )
    assert plan(ring(clock, LONG_AFTER)) == [("0nd", "03-17 09:00"), ("due", "03-18 00:00")]


def test_a_pause_silences_the_clock_and_its_end_brings_new_reminders() -> None:
    clock = fold(received())
    ring(clock, "Thu 2026-03-12 09:00")
    clock.apply(paused("Fri 2026-03-13 00:00"))
    assert clock.next_alarm(on(LONG_AFTER)) is None
    clock.apply(resumed("Fri 2026-03-20 00:00"))
    assert plan(ring(clock, LONG_AFTER)) == [
        ("1nd", "03-23 09:00"),
        ("0nd", "03-24 09:00"),
        ("due", "03-25 00:00"),
    ], "the reminder of five days before lay at the pause's own end and is not raised in arrears"


def test_new_facts_bring_reminders_of_the_new_deadline() -> None:
    clock = fold(received())
    ring(clock, "Tue 2026-03-17 10:00")
    clock.apply(facts_added("Tue 2026-03-17 12:00"))
    assert plan(ring(clock, LONG_AFTER))[0] == ("5nd", "03-27 09:00")


def test_no_reminder_comes_at_or_after_the_deadline_itself() -> None:
    """A pause of ten days and eight hours lets the limit end at 08:00, before that day's reminder at 09:00."""
    clock = fold(received(), paused("Tue 2026-03-10 00:00"), resumed("Fri 2026-03-20 08:00"))
    assert plan(ring(clock, LONG_AFTER)) == [("5nd", "03-23 09:00"), ("1nd", "03-27 09:00"), ("due", "03-28 08:00")]


def test_a_prompt_duty_never_rings() -> None:
    refusal = said(ev.HandlingRefused, "Tue 2026-03-10 10:00", ground="not_from_complainant_or_agent", reason="r")
    clock = fold(received(), refusal)
    assert [one.key for one in clock.open_duties] == ["tell_refusal"]
    assert clock.next_alarm(on(LONG_AFTER)) is None


def test_duties_are_listed_by_deadline_and_undated_ones_last() -> None:
    clock = fold(
        received(), paused("Tue 2026-03-10 00:00", ground="external_appraisal"), resumed("Wed 2026-03-11 00:00")
    )
    clock.apply(received("Wed 2026-03-04 10:00"))
    assert [one.key for one in clock.open_duties] == ["decide", "decide#2", "tell_pause"]


def test_the_reminder_of_the_review_comes_five_days_and_one_day_before() -> None:
    clock = fold(
        received(),
        decided("Mon 2026-03-09 10:00"),
        told("Mon 2026-03-09 11:00"),
        said(ev.ReviewRequested, "Mon 2026-03-16 10:00", review="r1", reason="r"),
    )
    assert plan(ring(clock, LONG_AFTER)) == [("5nd", "04-10 09:00"), ("1nd", "04-14 09:00"), ("due", "04-16 00:00")]


BRANCH = [received(), decided("Mon 2026-03-09 10:00"), told("Mon 2026-03-09 11:00")]


def request(at: str, recorded: str | None = None) -> ev.Event:
    """Return the complainant's request for a review."""
    made: ev.Event = said(ev.ReviewRequested, at, recorded=recorded, review="r1", reason="r")
    return made


def receipt(at: str, recorded: str | None = None) -> ev.Event:
    """Return the proof that the decision was received."""
    made: ev.Event = said(ev.NoticeReceived, at, recorded=recorded, kind="decision", notice="n1", proof="p")
    return made


def test_a_branch_decision_opens_a_review_window_of_30_days_when_told() -> None:
    assert [one.key for one in fold(*BRANCH[:2]).duties] == ["decide"], "the decision alone does not"
    clock = fold(*BRANCH)
    assert (due(clock, "review_window"), duty(clock, "review_window").kind) == ("Thu 2026-04-09 00:00", "window")
    assert (clock.next_due, clock.statutory_due) == (None, None), "a window binds the complainant, not the insurer"


def test_a_head_office_decision_opens_none() -> None:
    clock = fold(received(), decided("Mon 2026-03-09 10:00", by="head_office"), told("Mon 2026-03-09 11:00"))
    assert clock.duty("review_window") is None


def test_the_window_runs_anew_from_the_proof_that_the_decision_was_received() -> None:
    clock = fold(*BRANCH, receipt("Thu 2026-03-12 15:00"))
    assert due(clock, "review_window") == "Sun 2026-04-12 00:00"
    assert [version.started_by for version in duty(clock, "review_window").versions] == [
        "notice_given",
        "notice_received",
    ]


def test_the_end_of_a_window_that_had_moved_meanwhile_does_not_close_it() -> None:
    stale = said(ev.WindowClosed, "Thu 2026-04-09 00:00", duty="review_window", due=on("Thu 2026-04-09 00:00"))
    clock = fold(*BRANCH, receipt("Thu 2026-03-12 15:00"), stale)
    assert (duty(clock, "review_window").status, due(clock, "review_window")) == ("open", "Sun 2026-04-12 00:00")


def test_the_window_opens_once_for_one_decision_however_often_it_is_told() -> None:
    clock = fold(*BRANCH, told("Wed 2026-03-11 11:00"))
    assert (due(clock, "review_window"), clock.duty("review_window#2")) == ("Thu 2026-04-09 00:00", None)


def test_a_second_decision_has_a_window_of_its_own() -> None:
    second = [
        facts_added("Mon 2026-03-30 10:00"),
        decided("Tue 2026-03-31 10:00"),
        told("Tue 2026-03-31 11:00"),
    ]
    clock = fold(*BRANCH, *second)
    assert (due(clock, "review_window"), due(clock, "review_window#2")) == (
        "Thu 2026-04-09 00:00",
        "Fri 2026-05-01 00:00",
    )


def test_a_window_that_ends_unused_closes_and_breaches_nothing() -> None:
    clock = fold(*BRANCH)
    (alarm,) = ring(clock, LONG_AFTER)
    assert (alarm.kind, alarm.at) == ("window_end", on("Thu 2026-04-09 00:00"))
    assert (duty(clock, "review_window").status, clock.breached, clock.overdue) == ("window_closed", False, False)
    assert clock.open_duties == ()


def test_a_request_in_the_window_opens_the_duty_to_decide_it_in_30_days() -> None:
    clock = fold(*BRANCH, request("Wed 2026-04-08 23:59:59"))
    assert duty(clock, "review_window").status == "met"
    assert due(clock, "review_decide") == "Sat 2026-05-09 00:00"
    clock.apply(
        said(
            ev.ReviewDecided,
            "Fri 2026-04-10 10:00",
            review="r1",
            unit="gd",
            outcome="upheld",
            process="p",
            time_limits="t",
            result="r",
        )
    )
    assert duty(clock, "review_decide").status == "open", "decided, but not yet told"
    clock.apply(told("Fri 2026-04-10 11:00", "review_decision"))
    assert (duty(clock, "review_decide").status, clock.breached) == ("met", False)


def test_a_request_after_the_window_is_nobodys_breach() -> None:
    clock = fold(*BRANCH, request("Thu 2026-04-09 00:00"))
    ring(clock, "Thu 2026-04-09 00:00")
    assert (duty(clock, "review_window").status, clock.breached) == ("window_closed", False)


def test_a_request_that_arrived_in_time_counts_although_the_window_was_closed_before_it_was_recorded() -> None:
    clock = fold(*BRANCH)
    ring(clock, "Fri 2026-04-10 00:00")
    clock.apply(request("Wed 2026-04-08 10:00", recorded="Fri 2026-04-10 09:00"))
    assert (duty(clock, "review_window").status, due(clock, "review_decide")) == ("met", "Sat 2026-05-09 00:00")


def test_proof_of_a_later_receipt_opens_a_window_again_that_was_closed_too_early() -> None:
    clock = fold(*BRANCH)
    ring(clock, "Fri 2026-04-10 00:00")
    clock.apply(receipt("Mon 2026-03-16 10:00", recorded="Fri 2026-04-10 09:00"))
    assert (duty(clock, "review_window").status, due(clock, "review_window")) == ("open", "Thu 2026-04-16 00:00")
    assert plan(ring(clock, LONG_AFTER)) == [("window_end", "04-16 00:00")]


@pytest.mark.parametrize("at", ["Thu 2026-04-09 00:00", "Mon 2026-03-09 10:59"])
def test_no_proof_of_receipt_shortens_a_window_or_revives_one_that_had_run_out(at: str) -> None:
    clock = fold(*BRANCH)
    ring(clock, "Fri 2026-04-10 00:00")
    clock.apply(receipt(at, recorded="Fri 2026-04-10 09:00"))
    window = duty(clock, "review_window")
    assert (window.status, len(window.versions), due(clock, window.key)) == ("window_closed", 1, "Thu 2026-04-09 00:00")


def test_answers_read_back_from_json_silence_the_same_alarms() -> None:
    """Stored instants come back with a fixed offset instead of a named zone."""
    clock = fold(received())
    twin = CaseClock.fold(PACK, CN, [received()])
    now = on(LONG_AFTER)
    while (alarm := clock.next_alarm(now)) is not None:
        event = answer(alarm, now)
        clock.apply(event)
        twin.apply(ev.event_from_json(ev.event_to_json(event)))
        assert twin.next_alarm(now) == clock.next_alarm(now)
