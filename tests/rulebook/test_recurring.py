"""A recurring duty that is missed runs anew from the missed deadline (R040, R117); older records say nothing of that."""

from __future__ import annotations

from rulebook import events as ev
from tests.rulebook.helpers import company, dispatched, due, duty, fold, ring, said, told
from tests.rulebook.helpers import received as receipt


def received() -> ev.Event:
    """A complex complaint of Mon 2026-03-02: progress is told every seven working days, first by Wed 2026-03-11."""
    event: ev.Event = receipt(complexity="complex")
    return event


def test_each_period_in_which_nobody_was_told_is_a_breach_of_its_own() -> None:
    """Seven working days count from the last day that was missed: Wed 03-11, Fri 03-20, Tue 03-31."""
    clock = company(received())
    rung = [alarm for alarm in ring(clock, "Wed 2026-04-01 00:00", renew=True) if alarm.kind == "due"]
    missed = [(one.duty, f"{one.due:%a %m-%d %H:%M}") for one in rung if one.duty.startswith("progress")]
    assert missed == [
        ("progress", "Thu 03-12 00:00"),
        ("progress#2", "Sat 03-21 00:00"),
        ("progress#3", "Wed 04-01 00:00"),
    ]
    assert all(duty(clock, key).breached for key, _ in missed)
    assert (duty(clock, "progress#4").status, duty(clock, "progress#4").started_by) == ("open", "deadline_breached")


def test_who_is_told_at_last_is_owed_one_next_letter_and_no_more() -> None:
    """What was missed is met late, and stays breached; the next seven working days count from the letter."""
    clock = company(received())
    ring(clock, "Mon 2026-03-16 00:00", renew=True)
    clock.apply(told("Mon 2026-03-16 10:00", "progress"))
    assert [duty(clock, key).status for key in ("progress", "progress#2", "progress#3")] == ["met_late", "met", "open"]
    assert due(clock, "progress#3") == "Thu 2026-03-26 00:00"
    assert (duty(clock, "progress").breached, duty(clock, "progress#2").breached) == (True, False)
    assert clock.duty("progress#4") is None


def test_a_letter_in_time_that_is_recorded_late_takes_the_breach_away_and_counts_from_itself() -> None:
    clock = company(received())
    ring(clock, "Thu 2026-03-12 10:00", renew=True)
    clock.apply(told("Tue 2026-03-10 10:00", "progress", recorded="Thu 2026-03-12 11:00"))
    assert (duty(clock, "progress").status, duty(clock, "progress").breached) == ("met", False)
    assert duty(clock, "progress#2").status == "cancelled"
    assert due(clock, "progress#3") == "Fri 2026-03-20 00:00"


def test_the_decision_ends_all_that_was_missed_and_all_that_would_come() -> None:
    clock = company(received())
    ring(clock, "Mon 2026-03-23 00:00", renew=True)
    clock.apply(told("Mon 2026-03-23 10:00"))
    assert {one.status for one in clock.duties if one.id == "progress"} == {"cancelled"}


def test_a_breach_that_says_nothing_of_it_renews_nothing() -> None:
    """So the record of an old case folds to what it was folded to."""
    clock = company(received())
    ring(clock, "Tue 2026-03-31 00:00")
    assert [one.key for one in clock.duties if one.id == "progress"] == ["progress"]


def test_new_facts_start_one_period_anew_and_not_each_that_was_missed() -> None:
    """Art. 18(3), R117: the missed one stays owed; the one that runs counts from the facts."""
    clock = company(received())
    ring(clock, "Fri 2026-03-13 00:00", renew=True)
    clock.apply(said(ev.FactsAdded, "Fri 2026-03-13 10:00", summary="s"))
    assert due(clock, "progress") == "Thu 2026-03-12 00:00"
    assert due(clock, "progress#2") == "Wed 2026-03-25 00:00"


def test_the_progress_of_a_slip_that_was_missed_runs_anew_too() -> None:
    """R040: five working days from Mon 2026-03-09, the last day that was missed."""
    accepted = said(ev.SlipAccepted, "Mon 2026-03-02 11:00", slip="s1")
    clock = company(received(), dispatched("Mon 2026-03-02 10:30"), accepted, slip="s1")
    ring(clock, "Tue 2026-03-10 00:00", renew=True)
    assert duty(clock, "s1/progress").breached
    assert due(clock, "s1/progress#2") == "Tue 2026-03-17 00:00"
    assert duty(clock, "s1/progress#2").slip == "s1"


def test_a_duty_that_does_not_recur_is_not_renewed_whatever_a_record_says() -> None:
    clock = fold(receipt())
    (breach,) = [one for one in ring(clock, "Wed 2026-03-18 00:00", renew=True) if one.kind == "due"]
    clock.apply(ev.DeadlineBreached(at=breach.at, recorded_at=breach.at, duty="decide", due=breach.due, renewed=True))
    assert [one.key for one in clock.duties] == ["decide"]
