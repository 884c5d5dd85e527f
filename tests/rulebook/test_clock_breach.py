"""A breach is a fact of the legal instant: recorded once, never undone by what came later, rebutted by earlier facts."""

from __future__ import annotations

from typing import Any

import pytest

from rulebook import events as ev
from tests.rulebook.helpers import (
    answer,
    approved,
    classified,
    due,
    duty,
    facts_added,
    fold,
    on,
    paused,
    received,
    ring,
    said,
    told,
)

DUE = on("Wed 2026-03-18 00:00")


@pytest.mark.parametrize(
    ("at", "late"),
    [
        pytest.param("Tue 2026-03-17 23:59:59.999999", False, id="last microsecond of day 15"),
        pytest.param("Wed 2026-03-18 00:00:00", True, id="first instant of day 16"),
    ],
)
def test_telling_is_in_time_up_to_24_00_of_the_last_day(at: str, late: bool) -> None:
    clock = fold(received(), told(at))
    assert (duty(clock).status, clock.breached) == ("met_late" if late else "met", late)
    assert duty(clock).met_at == on(at)


def test_a_breach_carries_the_legal_instant_however_late_the_process_wakes() -> None:
    clock = fold(received())
    woken = on("Fri 2026-03-20 07:30")
    *_, alarm = ring(clock, woken)
    assert (alarm.kind, alarm.at, alarm.due, alarm.late_by) == (
        "due",
        DUE,
        DUE,
        woken - DUE,
    )
    recorded = answer(alarm, woken)
    assert (recorded.at, recorded.recorded_at) == (DUE, woken)
    assert (clock.overdue, clock.breached, duty(clock).breaches) == (True, True, [DUE])


def test_before_the_deadline_nothing_is_breached_or_overdue() -> None:
    clock = fold(received())
    ring(clock, "Tue 2026-03-17 23:59:59")
    assert (clock.overdue, clock.breached) == (False, False)


def test_a_breach_closes_nothing_and_alters_no_rule() -> None:
    clock = fold(received())
    ring(clock, "Fri 2026-03-20 00:00")
    assert (duty(clock).status, due(clock), len(duty(clock).versions)) == ("open", "Wed 2026-03-18 00:00", 1)
    assert clock.next_due == DUE, "people still see what is owed"


def test_a_breach_written_twice_is_one_breach() -> None:
    breach = said(ev.DeadlineBreached, "Wed 2026-03-18 00:00", duty="decide", due=DUE)
    assert duty(fold(received(), breach, breach)).breaches == [DUE]


def test_a_late_notice_ends_the_duty_and_freezes_the_delay() -> None:
    clock = fold(received())
    ring(clock, "Fri 2026-03-20 00:00")
    clock.apply(told("Fri 2026-03-20 10:00"))
    clock.apply(told("Mon 2026-03-30 10:00"))
    assert (duty(clock).status, duty(clock).met_at) == ("met_late", on("Fri 2026-03-20 10:00"))
    assert (clock.overdue, clock.breached) == (False, True)
    assert ring(clock, "Thu 2026-12-31 00:00") == []


def test_a_letter_posted_in_time_and_recorded_late_rebuts_the_breach() -> None:
    clock = fold(received())
    ring(clock, "Fri 2026-03-20 00:00")
    clock.apply(told("Tue 2026-03-17 18:00", recorded="Fri 2026-03-20 09:00"))
    assert (duty(clock).status, clock.breached, clock.overdue) == ("met", False, False)
    assert duty(clock).breaches == [DUE], "what was recorded stays on record"


def test_proof_of_an_earlier_notice_rebuts_even_after_a_late_one() -> None:
    clock = fold(received())
    ring(clock, "Fri 2026-03-20 00:00")
    clock.apply(told("Fri 2026-03-20 09:00"))
    assert clock.breached
    clock.apply(told("Tue 2026-03-17 18:00", recorded="Mon 2026-03-23 09:00"))
    assert (duty(clock).status, duty(clock).met_at, clock.breached) == ("met", on("Tue 2026-03-17 18:00"), False)


def test_a_withdrawal_received_in_time_and_recorded_late_rebuts_the_breach() -> None:
    clock = fold(received())
    ring(clock, "Fri 2026-03-20 00:00")
    clock.apply(said(ev.Withdrawn, "Tue 2026-03-10 10:00", recorded="Fri 2026-03-20 09:00", reason="r"))
    assert (duty(clock).status, clock.breached) == ("cancelled", False)


LATE_NEWS = {
    "a pause that had begun": [paused("Tue 2026-03-10 00:00", recorded="Fri 2026-03-20 09:00")],
    "a classification": [classified("Tue 2026-03-10 00:00", "complex", recorded="Fri 2026-03-20 09:00")],
    "new facts": [facts_added("Tue 2026-03-10 00:00", recorded="Fri 2026-03-20 09:00")],
    "an extension": [
        approved("Tue 2026-03-10 00:00"),
        told("Tue 2026-03-10 01:00", "extension", ref="x1", recorded="Fri 2026-03-20 09:00"),
    ],
}


@pytest.mark.parametrize("news", LATE_NEWS.values(), ids=LATE_NEWS)
def test_what_had_moved_the_deadline_before_it_came_rebuts_the_breach(news: list[ev.Event]) -> None:
    clock = fold(received())
    ring(clock, "Fri 2026-03-20 00:00")
    assert clock.breached
    for event in news:
        clock.apply(event)
    assert (clock.breached, clock.overdue, due(clock) == "Wed 2026-03-18 00:00") == (False, False, False)
    assert duty(clock).versions[0].due == DUE, "the version stays on record"


def test_a_deadline_that_comes_back_is_breached_again() -> None:
    """Classified complex by mistake, corrected: the breach of the short limit counts after all."""
    clock = fold(received())
    ring(clock, "Fri 2026-03-20 00:00")
    clock.apply(classified("Tue 2026-03-10 00:00", "complex", recorded="Fri 2026-03-20 09:00"))
    clock.apply(classified("Fri 2026-03-20 10:00", "simple"))
    assert (due(clock), clock.breached, clock.overdue) == ("Wed 2026-03-18 00:00", True, True)


def test_breaches_recorded_under_another_pack_do_not_count_under_this_one() -> None:
    """What-if: the events of a case whose pack gave ten days."""
    other = said(ev.DeadlineBreached, "Fri 2026-03-13 00:00", duty="decide", due=on("Fri 2026-03-13 00:00"))
    clock = fold(received(), other, told("Mon 2026-03-16 10:00"))
    assert (duty(clock).status, clock.breached) == ("met", False)


def test_events_about_duties_that_never_opened_are_ignored() -> None:
    stamp: dict[str, Any] = {"duty": "acknowledge", "due": DUE}
    ghosts = [
        said(ev.DeadlineBreached, "Wed 2026-03-18 00:00", **stamp),
        said(ev.ReminderRaised, "Wed 2026-03-18 00:00", before="1nd", **stamp),
        said(ev.WindowClosed, "Wed 2026-03-18 00:00", **stamp),
    ]
    clock = fold(received(), *ghosts)
    assert (len(clock.duties), clock.breached, clock.duty("acknowledge")) == (1, False, None)
