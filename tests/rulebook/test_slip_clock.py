"""A dispatch slip (会办单) has a clock of its own: it accepts, reports, answers, and climbs the ladder when it is late."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rulebook import events as ev
from rulebook.clock import CaseClock
from rulebook.slip_clocks import slip_clocks
from tests.rulebook.helpers import (
    CN,
    COMPANY,
    PACK,
    closed,
    company,
    dispatched,
    due,
    duty,
    on,
    plan,
    received,
    ring,
    said,
    told,
)

LONG_AFTER = "Thu 2026-12-31 00:00"
START = "Mon 2026-03-02 10:00"


def accepted(at: str, slip: str = "s1") -> Any:
    """Return the acceptance of a slip."""
    return said(ev.SlipAccepted, at, slip=slip)


def reported(at: str, slip: str = "s1") -> Any:
    """Return a report of progress."""
    return said(ev.SlipProgressed, at, slip=slip, text="t")


def answered(at: str, slip: str = "s1") -> Any:
    """Return the findings."""
    return said(ev.SlipAnswered, at, slip=slip, findings="f")


def sent_back(at: str, slip: str = "s1") -> Any:
    """Return the return of findings that do not answer."""
    return said(ev.SlipSentBack, at, slip=slip, reason="r")


def slip(*events: ev.Event, name: str = "s1") -> CaseClock:
    """Return the clock of one slip that was dispatched on Monday morning."""
    return company(dispatched(START, name), *events, slip=name)


def test_a_slip_is_accepted_or_returned_within_one_working_day() -> None:
    """The coordinators look every day (R039), and return what is not theirs (R102)."""
    assert due(slip(), "s1/accept") == "Wed 2026-03-04 00:00"
    assert duty(slip(accepted("Tue 2026-03-03 23:59:59")), "s1/accept").status == "met"
    assert duty(slip(accepted("Wed 2026-03-04 00:00:00")), "s1/accept").status == "met_late"
    returned = slip(said(ev.SlipReturned, "Tue 2026-03-03 10:00", slip="s1", reason="r"))
    assert duty(returned, "s1/accept").status == "met"
    assert returned.open_duties == (), "who returned it owes nothing more"


def test_the_coordinator_reports_progress_every_five_working_days() -> None:
    """At least every 5 working days, from the last report on (R040)."""
    clock = slip(accepted("Tue 2026-03-03 10:00"))
    assert due(clock, "s1/progress") == "Wed 2026-03-11 00:00"
    clock.apply(reported("Fri 2026-03-06 10:00"))
    assert due(clock, "s1/progress#2") == "Sat 2026-03-14 00:00"
    clock.apply(answered("Mon 2026-03-09 10:00"))
    assert duty(clock, "s1/progress#2").status == "cancelled"


def test_findings_have_a_target_of_five_and_a_limit_of_ten_working_days() -> None:
    """7–15 days of the case leave the department 5 to aim at and 10 that bind (R040, R125)."""
    clock = slip()
    assert (due(clock, "s1/findings_target"), due(clock, "s1/findings")) == (
        "Tue 2026-03-10 00:00",
        "Tue 2026-03-17 00:00",
    )
    clock.apply(answered("Wed 2026-03-11 10:00"))
    target, binding = duty(clock, "s1/findings_target"), duty(clock, "s1/findings")
    assert (target.status, target.breached, binding.status) == ("met_late", False, "met")


def test_findings_that_are_sent_back_are_owed_anew() -> None:
    """Back for re-investigation: limit and reports start again from there (R020)."""
    clock = slip(accepted("Tue 2026-03-03 10:00"), answered("Thu 2026-03-05 10:00"), sent_back("Fri 2026-03-06 10:00"))
    assert due(clock, "s1/findings#2") == "Sat 2026-03-21 00:00"
    assert due(clock, "s1/progress#2") == "Sat 2026-03-14 00:00"
    clock.apply(accepted("Mon 2026-03-09 10:00"))
    assert clock.duty("s1/progress#3") is None, "accepting again opens no second series"


def test_the_ladder_rises_from_coordinator_to_committee_once_each_and_then_is_silent() -> None:
    """Near the limit and past it, level by level (R105): after an outage too, in order, once."""
    clock = slip(accepted("Mon 2026-03-02 11:00"))
    rung = ring(clock, "Thu 2026-04-30 12:00")
    assert plan(rung, "s1/findings") == [
        ("1wd", "coordinator", "Fri 03-13 09:00"),
        ("due", None, "Tue 03-17 00:00"),
        ("+0nd", "department_head", "Tue 03-17 00:00"),
        ("+1wd", "customer_service_head", "Tue 03-17 09:00"),
        ("+3wd", "superior", "Thu 03-19 09:00"),
        ("+5wd", "committee", "Mon 03-23 09:00"),
    ]
    assert [alarm.order for alarm in rung] == sorted(alarm.order for alarm in rung)
    assert ring(clock, LONG_AFTER) == []


def test_the_ladder_of_a_new_limit_begins_at_its_foot() -> None:
    """Each version of a deadline has its own steps (R105)."""
    clock = slip(accepted("Mon 2026-03-02 11:00"))
    ring(clock, "Tue 2026-03-17 10:00")
    clock.apply(sent_back("Tue 2026-03-17 11:00"))
    steps = [name for name, *_ in plan(ring(clock, LONG_AFTER), "s1/findings")]
    assert steps == ["1wd", "due", "+0nd", "+1wd", "+3wd", "+5wd"]


ENDINGS = [
    closed("Tue 2026-03-03 09:00"),
    told("Tue 2026-03-03 09:00"),
    said(ev.Withdrawn, "Tue 2026-03-03 09:00", reason="r"),
    said(ev.HandlingRefused, "Tue 2026-03-03 09:00", ground="not_from_complainant_or_agent", reason="r"),
    said(ev.Merged, "Tue 2026-03-03 09:00", into="C-1", reason="r"),
    said(ev.SlipRecalled, "Tue 2026-03-03 09:00", slip="s1", reason="r"),
]


@pytest.mark.parametrize("ending", ENDINGS, ids=ev.event_type)
def test_a_slip_ends_with_its_complaint_or_when_it_is_recalled(ending: ev.Event) -> None:
    """Nobody is reminded of a share in a complaint that is over (R103)."""
    clock = slip(accepted("Mon 2026-03-02 11:00"), ending)
    assert (clock.open_duties, clock.next_alarm(on(LONG_AFTER))) == ((), None)


def test_a_slip_hears_nothing_of_other_slips_nor_of_the_rest_of_the_complaint() -> None:
    """A slip's own process is told less than the complaint's record holds; both folds must agree."""
    events = [
        received(severity="major"),
        dispatched(START),
        dispatched("Mon 2026-03-02 11:00", "s2"),
        accepted("Mon 2026-03-02 12:00", "s2"),
        said(ev.ClockPaused, "Mon 2026-03-02 13:00", pause="p", ground="mediation", reason="r"),
        answered("Mon 2026-03-02 14:00", "s2"),
        told("Mon 2026-03-02 15:00", "receipt"),
        said(ev.DeadlineBreached, "Wed 2026-03-04 00:00", duty="s1/accept", due=on("Wed 2026-03-04 00:00"), slip="s2"),
    ]
    clocks = slip_clocks(COMPANY, CN, events)
    assert list(clocks) == ["s1", "s2"]
    assert clocks["s1"].duties == slip().duties
    assert {one.key: one.status for one in clocks["s2"].duties} == {
        "s2/accept": "met",
        "s2/findings_target": "met",
        "s2/findings": "met",
        "s2/progress": "cancelled",
    }


def test_the_complaint_s_own_clock_is_deaf_to_the_reminders_of_its_slips() -> None:
    """A slip's breach is the department's, not a breach of the complaint's own duties."""
    clock, share = company(received(), dispatched(START)), slip()
    before = [(one.key, one.status, one.breached) for one in clock.duties]
    while (alarm := share.next_alarm(on(LONG_AFTER))) is not None:
        event = ev.DeadlineBreached if alarm.kind == "due" else ev.ReminderRaised
        fields: dict[str, Any] = {"before": alarm.before, "to": alarm.to} if alarm.before else {}
        stamp: dict[str, Any] = {"at": alarm.at, "recorded_at": alarm.at, "duty": alarm.duty, "due": alarm.due}
        rung = event.model_validate(stamp | fields | {"slip": "s1"})
        clock.apply(rung)
        share.apply(rung)
    assert share.breached
    assert [(one.key, one.status, one.breached) for one in clock.duties] == before


def test_under_the_statute_alone_a_slip_has_no_duties() -> None:
    """A complaint received before the insurer's rules runs as it did."""
    assert CaseClock.fold(PACK, CN, [dispatched(START)], slip="s1").duties == ()
    assert slip_clocks(PACK, CN, [received()]) == {}


KINDS = st.sampled_from([accepted, reported, answered, sent_back])
SLIPS = st.sampled_from(["s1", "s2"])


@settings(deadline=None, max_examples=80)
@given(st.lists(st.tuples(KINDS, SLIPS, st.integers(0, 6 * 24)), max_size=12))
def test_whatever_departments_do_the_record_and_the_slip_agree_and_nothing_rings_twice(
    steps: list[tuple[Any, str, int]],
) -> None:
    """The parent folds all events of a complaint, the slip its own: the duties are the same, and each alarm rings once."""
    now = on(START)
    events: list[ev.Event] = [received(), dispatched(START), dispatched(START, "s2")]
    for make, name, hours in steps:
        now += timedelta(hours=hours)
        events.append(make(f"{now:%a %Y-%m-%d %H:%M:%S}", name))
    for name, clock in slip_clocks(COMPANY, CN, events).items():
        own = [event for event in events if getattr(event, "slip", None) == name]
        assert clock.duties == CaseClock.fold(COMPANY, CN, own, name).duties
        rung = ring(clock, LONG_AFTER, most=200)
        assert len({(alarm.duty, alarm.due, alarm.kind, alarm.before) for alarm in rung}) == len(rung)
        assert [alarm.order for alarm in rung] == sorted(alarm.order for alarm in rung)
        assert ring(clock, LONG_AFTER) == []
