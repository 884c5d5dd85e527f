"""What the regulator, a major case and the end of a case demand, and how the ladder of reminders climbs after a limit."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from rulebook import events as ev
from rulebook.clock import CaseClock
from tests.rulebook.helpers import (
    SHANGHAI,
    answer,
    assigned,
    classified,
    closed,
    company,
    decided,
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
MAJOR: dict[str, Any] = {"severity": "major"}


def examined(at: str = "Mon 2026-03-02 10:30", origin: str = "own", **fields: Any) -> Any:
    """Return the look at a complaint on arrival."""
    return said(ev.IntakeExamined, at, origin=origin, **fields)


def demanded(at: str, last_day: str) -> Any:
    """Return the regulator's demand for a report by *last_day*."""
    return said(ev.AnswerDemanded, at, body="nfra", last_day=last_day)


def keys(clock: CaseClock, layer: str = "company") -> list[str]:
    """Return the duties of *layer* that were opened."""
    return [one.key for one in clock.duties if one.layer == layer]


def test_the_ladder_of_a_case_goes_up_level_by_level() -> None:
    """The coordinator before the limit, the department's head at it, the general manager after it (R105)."""
    clock = company(received(), assigned("Mon 2026-03-02 11:00", "customer_service"))
    assert plan(ring(clock, LONG_AFTER), "settle") == [
        ("1wd", "coordinator", "Wed 03-04 09:00"),
        ("due", None, "Fri 03-06 00:00"),
        ("+0nd", "department_head", "Fri 03-06 00:00"),
        ("+2wd", "general_manager", "Mon 03-09 09:00"),
    ]


def test_the_regulator_is_answered_by_the_day_it_set() -> None:
    """A forwarded complaint is reported on in writing by the day the regulator set (R076); the event dates the duty."""
    clock = company(received(), demanded("Tue 2026-03-03 09:00", "2026-03-14"))
    proof = duty(clock, "regulator_answer").deadline
    assert proof is not None
    assert due(clock, "regulator_answer") == "Sun 2026-03-15 00:00", "a Saturday, as the regulator said"
    assert (proof.amount, proof.limit, proof.skipped, proof.provisional) == (0, "set_by_event", (), False)
    assert (proof.start, proof.started_by, proof.pack) == (
        on("Tue 2026-03-03 09:00"),
        "answer_demanded",
        "company-life",
    )
    assert "R076" in (proof.citation or "")
    assert (proof.computed_at, proof.reason) == (on("Tue 2026-03-03 09:00"), "answer_demanded")
    assert str(proof.last_day) == proof.to_json()["last_day"] == "2026-03-14"
    assert plan(ring(clock, LONG_AFTER), "regulator_answer") == [
        ("3wd", "coordinator", "Wed 03-11 09:00"),
        ("1wd", "customer_service_head", "Fri 03-13 09:00"),
        ("due", None, "Sun 03-15 00:00"),
        ("+0nd", "general_manager", "Sun 03-15 00:00"),
    ]


def test_a_new_day_set_by_the_regulator_dates_the_answer_anew() -> None:
    """The last demand counts while none is answered; after the answer a demand is a duty of its own (R076)."""
    clock = company(received(), demanded("Tue 2026-03-03 09:00", "2026-03-14"))
    clock.apply(demanded("Thu 2026-03-05 09:00", "2026-03-20"))
    assert due(clock, "regulator_answer") == "Sat 2026-03-21 00:00"
    assert [str(version.last_day) for version in duty(clock, "regulator_answer").versions] == [
        "2026-03-14",
        "2026-03-20",
    ]
    clock.apply(said(ev.Withdrawn, "Fri 2026-03-06 09:00", reason="r"))
    assert duty(clock, "regulator_answer").status == "open", "what the regulator asked for is owed to the regulator"
    clock.apply(said(ev.RegulatorAnswered, "Fri 2026-03-20 23:59:59", sign_off="o1", report="r", proof="p"))
    assert duty(clock, "regulator_answer").status == "met"
    clock.apply(demanded("Mon 2026-03-23 09:00", "2026-03-30"))
    assert due(clock, "regulator_answer#2") == "Tue 2026-03-31 00:00"


MAJOR_DUTIES = {
    "contingency": said(ev.ContingencyStarted, "Tue 2026-03-03 10:00", plan="p", lead="l", steps=("s",)),
    "committee": said(
        ev.CommitteeMet, "Tue 2026-03-03 10:00", meeting="m", subject="major", members=("a",), resolution="r"
    ),
    "report_up": said(ev.ReportedUp, "Tue 2026-03-03 10:00", to="superior_company", document="d"),
}


@pytest.mark.parametrize(("key", "event"), MAJOR_DUTIES.items(), ids=MAJOR_DUTIES)
def test_a_major_case_owes_its_plan_its_committee_and_its_report_once_and_promptly(key: str, event: ev.Event) -> None:
    """Contingency plan (R177), committee (R118), report (R172): promptly, so undated; being told twice adds nothing."""
    assert key not in keys(company(received()))
    clock = company(received(**MAJOR), classified("Mon 2026-03-02 11:00", "complex", **MAJOR))
    assert (duty(clock, key).due, duty(clock, key).status) == (None, "open")
    clock.apply(event)
    clock.apply(classified("Wed 2026-03-04 11:00", "complex", **MAJOR))
    assert (duty(clock, key).status, f"{key}#2" in keys(clock)) == ("met", False)


def met_on(at: str, subject: str) -> Any:
    return said(ev.CommitteeMet, at, meeting="m", subject=subject, members=("a", "b"), resolution="r")


def responded(at: str, **answer: Any) -> Any:
    return said(ev.CustomerResponded, at, summary="s", **answer)


def test_a_meeting_on_another_matter_is_not_the_one_that_a_major_case_takes() -> None:
    """R118: the committee resolves on the major case itself."""
    clock = company(received(**MAJOR), classified("Mon 2026-03-02 11:00", "complex", **MAJOR))
    clock.apply(met_on("Tue 2026-03-03 10:00", "difficult"))
    assert duty(clock, "committee").status == "open"


def test_a_refusal_of_large_impact_comes_before_the_committee() -> None:
    """R137: ordinary refusals need no committee; whoever accepts after all ends the duty."""
    accepts = responded("Fri 2026-03-06 10:00", accepts=True)
    ordinary, large = (responded("Thu 2026-03-05 10:00", accepts=False, impact=one) for one in ("ordinary", "large"))
    assert "dispute" not in keys(company(received(), ordinary))
    clock = company(received(), large)
    assert (duty(clock, "dispute").status, duty(clock, "dispute").due) == ("open", None)
    clock.apply(met_on("Fri 2026-03-06 09:00", "final_opinion"))
    assert duty(clock, "dispute").status == "met"
    assert duty(company(received(), large, accepts), "dispute").status == "cancelled"


def measure(at: str, status: str, last_day: str | None = None) -> Any:
    day = date.fromisoformat(last_day) if last_day else None
    return said(ev.MeasureRecorded, at, measure="m", status=status, last_day=day)


def test_a_planned_measure_is_followed_to_its_day() -> None:
    """R121: a target, so that it is reminded of and holds up no closure; a new plan dates it anew."""
    planned = measure("Mon 2026-03-09 10:00", "planned", "2026-03-20")
    clock = company(received(), planned)
    assert (due(clock, "measure"), duty(clock, "measure").kind) == ("Sat 2026-03-21 00:00", "target")
    clock.apply(measure("Thu 2026-03-12 10:00", "planned", "2026-03-31"))
    assert due(clock, "measure") == "Wed 2026-04-01 00:00"
    clock.apply(measure("Tue 2026-03-31 23:59:59", "taken"))
    assert duty(clock, "measure").status == "met"
    assert "measure" not in keys(company(received(), measure("Mon 2026-03-09 10:00", "taken")))


def test_what_is_not_major_after_all_owes_nothing_of_a_major_case() -> None:
    """A severity that was corrected takes its duties along; set again, it brings them back (R177)."""
    clock = company(received(), classified("Tue 2026-03-03 10:00", "simple", **MAJOR))
    clock.apply(classified("Wed 2026-03-04 10:00", "simple"))
    assert {duty(clock, key).status for key in MAJOR_DUTIES} == {"cancelled"}
    clock.apply(classified("Thu 2026-03-05 10:00", "simple", **MAJOR))
    assert {duty(clock, f"{key}#2").status for key in MAJOR_DUTIES} == {"open"}


def test_the_end_of_a_major_case_is_reported_within_five_working_days() -> None:
    """The whole course is reported after the end (R172, C20)."""
    clock = company(received(**MAJOR), closed("Fri 2026-03-06 10:00"))
    assert due(clock, "end_report") == "Sat 2026-03-14 00:00"
    clock.apply(said(ev.EndReported, "Fri 2026-03-13 10:00", document="d"))
    assert duty(clock, "end_report").status == "met"
    assert "end_report" not in keys(company(received(), closed("Fri 2026-03-06 10:00")))


def test_whoever_is_reached_after_all_is_told_after_all() -> None:
    """The exemption ends with contact: the decision is told promptly, once for each time (R152, C19)."""
    exempted = said(ev.NoticeExempted, "Tue 2026-03-10 10:00", kind="decision", reason="r")
    lifted = said(ev.ExemptionLifted, "Mon 2026-03-16 10:00", kind="decision")
    clock = company(received(), decided("Tue 2026-03-10 09:00"), exempted, lifted)
    assert (duty(clock, "tell_reached").status, duty(clock, "tell_reached").due) == ("open", None)
    clock.apply(told("Mon 2026-03-16 11:00"))
    assert duty(clock, "tell_reached").status == "met"


@pytest.mark.parametrize(
    "ending",
    [
        said(ev.Withdrawn, "Tue 2026-03-03 09:00", reason="r"),
        said(ev.HandlingRefused, "Tue 2026-03-03 09:00", ground="not_from_complainant_or_agent", reason="r"),
        said(ev.Merged, "Tue 2026-03-03 09:00", into="C-1", reason="r"),
    ],
    ids=ev.event_type,
)
def test_a_case_that_ended_owes_nothing_of_the_company_s_own(ending: ev.Event) -> None:
    """Otherwise the process would wait for ever, or ring for nobody (art. 15, 18)."""
    begun = [received(complexity="complex", **MAJOR), examined(origin="written", lacks=("identity",))]
    clock = company(*begun, assigned("Mon 2026-03-02 11:00"), ending)
    assert [one.key for one in clock.open_duties if one.layer == "company"] == []
    assert [alarm.duty for alarm in ring(clock, LONG_AFTER) if alarm.duty != "tell_refusal"] == []


def test_after_an_outage_every_level_rings_in_order_and_once() -> None:
    """A process that slept for a month wakes to each step at its planned instant, then to silence (R105)."""
    clock = company(received(), assigned("Mon 2026-03-02 11:00"))
    rung = ring(clock, "Thu 2026-04-30 12:00")
    assert [alarm.order for alarm in rung] == sorted(alarm.order for alarm in rung)
    assert len({(alarm.duty, alarm.kind, alarm.before) for alarm in rung}) == len(rung)
    assert {alarm.to for alarm in rung if alarm.duty == "settle"} == {
        "coordinator",
        None,
        "department_head",
        "general_manager",
    }
    assert all(alarm.at < on("Thu 2026-04-30 12:00") for alarm in rung)
    assert (ring(clock, LONG_AFTER), clock.next_alarm(on(LONG_AFTER))) == ([], None)
    assert rung[-1].at.astimezone(SHANGHAI).hour == 9


def entered(late: str) -> CaseClock:
    """A complaint of Mon 2026-03-02 that somebody entered *late*; its limit with departments ended on Mon 2026-03-23."""
    route = {"unit": "u", "department": "d", "coordinator": "c", "reason": "r", "route": "departments"}
    return company(received(recorded=late), said(ev.Assigned, late, **route))


@pytest.mark.parametrize(
    ("late", "rung", "passed"),
    [
        pytest.param(
            "Mon 2026-03-23 12:00",
            [
                ("1wd", "coordinator", "Fri 03-20 09:00"),
                ("due", None, "Tue 03-24 00:00"),
                ("+0nd", "department_head", "Tue 03-24 00:00"),
                ("+2wd", "general_manager", "Wed 03-25 09:00"),
            ],
            [(), (), ()],
            id="on the last day: the coordinator at once, the others as planned",
        ),
        pytest.param(
            "Tue 2026-03-24 12:00",
            [
                ("due", None, "Tue 03-24 00:00"),
                ("+0nd", "department_head", "Tue 03-24 00:00"),
                ("+2wd", "general_manager", "Wed 03-25 09:00"),
            ],
            [("coordinator",), ()],
            id="a day late: the department's head, for the coordinator as well",
        ),
        pytest.param(
            "Mon 2026-04-20 12:00",
            [("due", None, "Tue 03-24 00:00"), ("+2wd", "general_manager", "Wed 03-25 09:00")],
            [("coordinator", "department_head")],
            id="a month late: the highest level alone",
        ),
    ],
)
def test_a_case_that_came_late_reminds_the_highest_level_it_has_reached_once(
    late: str, rung: list[tuple[str, str | None, str]], passed: list[tuple[str, ...]]
) -> None:
    """No level is lost, and nobody gets a burst: one reminder names those it stands for, later steps come as planned."""
    clock = entered(late)
    alarms = [alarm for alarm in ring(clock, LONG_AFTER) if alarm.duty == "settle"]
    assert plan(alarms, "settle") == rung
    assert [alarm.passed for alarm in alarms if alarm.kind == "reminder"] == passed
    assert clock.next_alarm(on(LONG_AFTER)) is None


def test_a_run_that_dropped_what_was_in_arrears_goes_on_so() -> None:
    """Without arrears the clock answers as it did before it knew them: histories of that time are replayed."""
    clock = entered("Mon 2026-04-20 12:00")
    found = []
    while (alarm := clock.next_alarm(on(LONG_AFTER), arrears=False)) is not None:
        clock.apply(answer(alarm, on(LONG_AFTER)))
        found.append(alarm)
    assert plan(found, "settle") == [("due", None, "Tue 03-24 00:00")]


def test_a_step_after_the_deadline_is_not_climbed_once_the_duty_is_done() -> None:
    """Reminders after the deadline ring while it is open and unmet (R105)."""
    clock = company(received(), assigned("Mon 2026-03-02 11:00", "customer_service"))
    ring(clock, "Fri 2026-03-06 01:00")
    clock.apply(told("Fri 2026-03-06 10:00"))
    assert plan(ring(clock, LONG_AFTER), "settle") == []
    assert duty(clock, "settle").status == "met_late"
