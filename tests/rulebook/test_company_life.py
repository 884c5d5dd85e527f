"""What a life insurer's own rules demand of a complaint, over the statute: each duty with its requirement."""

from __future__ import annotations

from typing import Any

import pytest

from rulebook import events as ev
from rulebook.clock import CaseClock
from rulebook.pack_parts import Text
from tests.rulebook.helpers import (
    COMPANY,
    assigned,
    classified,
    closed,
    company,
    decided,
    dispatched,
    due,
    duty,
    facts_added,
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


def keys(clock: CaseClock, layer: str = "company") -> list[str]:
    """Return the duties of *layer* that were opened."""
    return [one.key for one in clock.duties if one.layer == layer]


def test_every_rule_of_the_company_cites_its_source_and_is_titled_in_both_languages() -> None:
    """A company's limit is not law: every citation names the company's rules, or says that it carries out the law."""
    own = [one for one in COMPANY.duties if not one.layer] + list(COMPANY.slips.duties if COMPANY.slips else ())
    assert len(own) > 15
    assert all("(R" in one.citation for one in own)
    assert all(one.title.zh and one.title.en and isinstance(one.title, Text) for one in own)
    limits = [rule for name, rule in COMPANY.limits.items() if COMPANY.source_of(name) == "company-life"]
    assert all(rule.citation.startswith("公司") and "(R" in rule.citation for rule in limits)


def test_a_simple_complaint_settled_in_time_rings_nothing() -> None:
    """Each alarm is a timer that somebody pays for."""
    clock = company(
        received(),
        examined(),
        said(ev.Acknowledged, "Mon 2026-03-02 10:31", ticket="t"),
        assigned("Mon 2026-03-02 10:32", "customer_service"),
        said(ev.ContactAttempted, "Mon 2026-03-02 15:00", method="phone", reached=True, summary="s"),
        decided("Tue 2026-03-03 10:00", by="head_office"),
        told("Tue 2026-03-03 11:00"),
        closed("Thu 2026-03-05 11:00"),
    )
    assert keys(clock) == ["dispatch", "first_look", "settle", "kpi"]
    assert {one.status for one in clock.duties} == {"met"}
    assert (clock.next_alarm(on(LONG_AFTER)), clock.breached) == (None, False)


@pytest.mark.parametrize("origin", ["forwarded", "superior", "elsewhere", "written"])
def test_what_came_from_elsewhere_is_confirmed_within_one_working_day(origin: str) -> None:
    """Letters, and what another body or department forwarded, are confirmed in one working day (R064, R069)."""
    clock = company(received("Fri 2026-02-13 16:00"), examined("Fri 2026-02-13 16:00", origin))
    assert due(clock, "acknowledge") == "Sun 2026-02-15 00:00", "the make-up Saturday is a working day"


def test_what_reached_customer_service_itself_needs_no_confirmation() -> None:
    """Only what came from elsewhere must be confirmed (R069)."""
    assert "acknowledge" not in keys(company(received(), examined()))


def test_without_a_ticket_nothing_is_confirmed() -> None:
    """No ticket, not confirmed: a receipt notice and a call are not enough (没有记入服务单的视作未确认, R070)."""
    clock = company(
        received(),
        examined(origin="forwarded"),
        told("Mon 2026-03-02 11:00", "receipt"),
        said(ev.ContactAttempted, "Mon 2026-03-02 12:00", method="phone", reached=True, summary="s"),
    )
    assert duty(clock, "acknowledge").status == "open"
    clock.apply(said(ev.Acknowledged, "Mon 2026-03-02 13:00", ticket="t"))
    assert duty(clock, "acknowledge").status == "met"


@pytest.mark.parametrize(
    ("at", "last"),
    [
        pytest.param("Mon 2026-03-02 00:00:00", "Tue 2026-03-03 00:00", id="a working day from its first instant"),
        pytest.param("Mon 2026-03-02 23:59:59", "Tue 2026-03-03 00:00", id="a working day to its last instant"),
        pytest.param("Sat 2026-03-07 10:00:00", "Tue 2026-03-10 00:00", id="a Saturday: Monday"),
        pytest.param("Sat 2026-02-28 10:00:00", "Sun 2026-03-01 00:00", id="a make-up Saturday is worked itself"),
        pytest.param("Sun 2026-02-15 10:00:00", "Wed 2026-02-25 00:00", id="the first day of the spring festival"),
    ],
)
def test_a_complaint_is_dispatched_on_the_day_of_receipt_or_the_next_working_day(at: str, last: str) -> None:
    """Recorded and dispatched on the day of receipt (R072); on a rest day nobody is there to do it."""
    clock = company(received(at))
    assert due(clock, "dispatch") == last
    clock.apply(assigned(at))
    assert duty(clock, "dispatch").status == "met"


def test_a_returned_slip_is_dispatched_again_the_same_day_by_the_slip_that_replaces_it() -> None:
    """A department that is not concerned returns the slip, and customer service dispatches again (R072, R102)."""
    clock = company(
        received(),
        dispatched("Mon 2026-03-02 11:00"),
        dispatched("Mon 2026-03-02 11:00", "s2"),
        said(ev.SlipReturned, "Tue 2026-03-03 11:00", slip="s1", reason="r"),
        said(ev.SlipReturned, "Tue 2026-03-03 12:00", slip="s2", reason="r"),
    )
    assert (due(clock, "redispatch"), due(clock, "redispatch#2")) == ("Wed 2026-03-04 00:00", "Wed 2026-03-04 00:00")
    clock.apply(dispatched("Tue 2026-03-03 13:00", "s3"))
    assert duty(clock, "redispatch").status == duty(clock, "redispatch#2").status == "open", "another matter's slip"
    clock.apply(dispatched("Tue 2026-03-03 14:00", "s4", replaces="s2"))
    assert (duty(clock, "redispatch").status, duty(clock, "redispatch#2").status) == ("open", "met")
    clock.apply(dispatched("Wed 2026-03-04 00:00", "s5", replaces="s1"))
    assert duty(clock, "redispatch").status == "met_late"


@pytest.mark.parametrize(
    "look",
    [
        said(ev.InvestigationOpened, "Tue 2026-03-03 09:00", task="t", department="d"),
        said(ev.SlipAccepted, "Tue 2026-03-03 09:00", slip="s1"),
        said(ev.FindingsSubmitted, "Tue 2026-03-03 09:00", findings="f"),
        said(ev.ContactAttempted, "Tue 2026-03-03 09:00", method="phone", reached=False, summary="s"),
        decided("Tue 2026-03-03 09:00"),
    ],
    ids=ev.event_type,
)
def test_the_first_look_comes_within_24_hours(look: ev.Event) -> None:
    """Investigation begins within 24 hours of intake, weekends or not (R109, R110)."""
    clock = company(received())
    assert due(clock, "first_look") == "Tue 2026-03-03 10:00"
    clock.apply(look)
    assert duty(clock, "first_look").status == "met"


@pytest.mark.parametrize(
    ("at", "events", "limit", "last"),
    [
        pytest.param(
            "Mon 2026-03-02 10:00",
            [assigned("Mon 2026-03-02 11:00", "customer_service")],
            "settle_customer_service",
            "Fri 2026-03-06 00:00",
            id="customer service: 3 working days (R124)",
        ),
        pytest.param(
            "Mon 2026-03-02 10:00",
            [assigned("Mon 2026-03-02 11:00")],
            "settle_departments",
            "Tue 2026-03-24 00:00",
            id="departments: 15 working days (R125)",
        ),
        pytest.param(
            "Mon 2026-03-02 10:00", [], "settle_departments", "Tue 2026-03-24 00:00", id="nobody knows yet: the longer"
        ),
        pytest.param(
            "Thu 2026-02-12 10:00",
            [assigned("Thu 2026-02-12 11:00", "customer_service")],
            "settle_customer_service",
            "Wed 2026-02-25 00:00",
            id="over the spring festival, with a make-up Saturday before it",
        ),
        pytest.param(
            "Mon 2026-09-21 10:00",
            [assigned("Mon 2026-09-21 11:00")],
            "settle_departments",
            "Tue 2026-10-20 00:00",
            id="over two holidays",
        ),
        pytest.param(
            "Mon 2026-03-02 10:00",
            [
                assigned("Mon 2026-03-02 11:00", "customer_service"),
                classified("Tue 2026-03-03 10:00", "simple", **MAJOR),
            ],
            "settle_major",
            "Wed 2026-04-15 00:00",
            id="major wins over the route: 30 working days (R126)",
        ),
    ],
)
def test_the_company_settles_by_route_and_severity(at: str, events: list[ev.Event], limit: str, last: str) -> None:
    """3 working days in customer service, 15 with departments, 30 for a major case (R124–R126, C20)."""
    clock = company(received(at), *events)
    proof = duty(clock, "settle").deadline
    assert proof is not None
    assert (due(clock, "settle"), proof.limit, proof.pack) == (last, limit, "company-life")
    assert clock.statutory_due == duty(clock, "decide").due, "the statute's own clock runs beside it"


def test_the_proof_of_a_statutory_limit_still_names_the_statute() -> None:
    """An auditor must see which limit is law and which is the insurer's own."""
    clock = company(received())
    proof = duty(clock).deadline
    assert proof is not None
    assert (proof.pack, proof.limit, duty(clock).layer) == ("cn-2020-3", "decide_simple", "statute")


def test_where_departments_take_part_seven_working_days_are_a_target_that_nobody_breaches() -> None:
    """7–15 are two limits: 7 to aim at, 15 that bind (R125, C20)."""
    clock = company(received(), assigned("Mon 2026-03-02 11:00"))
    assert due(clock, "settle_target") == "Thu 2026-03-12 00:00"
    rung = ring(clock, "Mon 2026-03-23 00:00")
    assert plan(rung, "settle_target") == [("+0nd", "coordinator", "Thu 03-12 00:00")]
    target = duty(clock, "settle_target")
    assert (target.status, target.breached, target.overdue) == ("open", False, False)
    clock.apply(told("Mon 2026-03-23 10:00"))
    assert (target.status, target.breached, duty(clock, "settle").breached) == ("met_late", False, False)


def test_a_target_is_no_deadline_that_people_are_shown_as_due() -> None:
    """What is due next is what binds: a target never is, whatever is recorded about it (R125)."""
    clock = company(
        received(), assigned("Mon 2026-03-02 11:00"), said(ev.SlipAccepted, "Mon 2026-03-02 12:00", slip="s")
    )
    assert clock.next_due == duty(clock).due, "the KPI and the target of 7 working days come before it"
    breach: dict[str, Any] = {"duty": "kpi", "due": duty(clock, "kpi").due}
    clock.apply(said(ev.DeadlineBreached, "Thu 2026-03-12 00:00", **breach))
    assert (duty(clock, "kpi").breached, clock.breached, clock.overdue) == (False, False, False)


def test_a_case_that_turns_out_to_be_major_has_no_target_of_seven_days() -> None:
    """The target is for ordinary cases: it lapses with the condition (R126)."""
    clock = company(
        received(), assigned("Mon 2026-03-02 11:00"), classified("Tue 2026-03-03 10:00", "complex", **MAJOR)
    )
    assert (duty(clock, "settle_target").status, duty(clock, "settle_target").lapsed) == ("cancelled", True)
    clock.apply(classified("Wed 2026-03-04 10:00", "complex"))
    assert "settle_target#2" not in keys(clock), "it starts with an assignment"
    clock.apply(assigned("Wed 2026-03-04 11:00"))
    assert due(clock, "settle_target#2") == "Sat 2026-03-14 00:00"


def test_the_company_settles_anew_what_comes_with_new_facts() -> None:
    """New facts restart the company's limit as they restart the law's (art. 18(3))."""
    clock = company(received(), assigned("Mon 2026-03-02 11:00", "customer_service"), told("Tue 2026-03-03 10:00"))
    clock.apply(facts_added("Mon 2026-03-09 10:00"))
    assert due(clock, "settle#2") == "Fri 2026-03-13 00:00"


def test_progress_is_told_every_seven_working_days_until_the_decision() -> None:
    """A complex case: progress to the customer every 7 working days, counted from the last time (R117)."""
    clock = company(received(), classified("Tue 2026-03-03 09:00", "complex"))
    assert due(clock, "progress") == "Fri 2026-03-13 00:00"
    clock.apply(told("Tue 2026-03-10 10:00", "progress"))
    assert (duty(clock, "progress").status, due(clock, "progress#2")) == ("met", "Fri 2026-03-20 00:00")
    clock.apply(told("Fri 2026-03-20 10:00", "progress"))
    assert (duty(clock, "progress#2").status, due(clock, "progress#3")) == ("met_late", "Wed 2026-04-01 00:00")
    clock.apply(told("Mon 2026-03-30 10:00"))
    assert duty(clock, "progress#3").status == "cancelled"
    assert "progress#4" not in keys(clock)


def test_a_final_opinion_is_progress_too_and_a_simple_case_needs_none() -> None:
    """Progress or the final opinion (R117); a case found to be simple after all owes neither."""
    clock = company(received(complexity="complex"))
    assert due(clock, "progress") == "Thu 2026-03-12 00:00"
    clock.apply(told("Tue 2026-03-10 10:00", "final_opinion"))
    assert due(clock, "progress#2") == "Fri 2026-03-20 00:00"
    clock.apply(classified("Wed 2026-03-11 10:00", "simple"))
    assert duty(clock, "progress#2").status == "cancelled"
    clock.apply(classified("Thu 2026-03-12 10:00", "complex"))
    assert due(clock, "progress#3") == "Tue 2026-03-24 00:00"


def test_a_progress_letter_that_is_recorded_late_starts_no_second_series() -> None:
    """Facts count at their legal instant: a letter posted before the first one shows that it was in time, and no more."""
    clock = company(received(complexity="complex"), told("Fri 2026-03-13 10:00", "progress"))
    assert (duty(clock, "progress").status, due(clock, "progress#2")) == ("met_late", "Wed 2026-03-25 00:00")
    clock.apply(told("Mon 2026-03-09 10:00", "progress", recorded="Mon 2026-03-16 10:00"))
    assert (duty(clock, "progress").status, due(clock, "progress#2")) == ("met", "Wed 2026-03-25 00:00")
    assert "progress#3" not in keys(clock)


def test_missing_material_is_asked_for_within_five_working_days_and_stops_no_clock() -> None:
    """5 working days from receipt (R074); the statute's clock runs on (C5), and so does every other."""
    clock = company(received(), examined(lacks=("identity",)))
    before = {one.key: one.due for one in clock.duties}
    assert due(clock, "request_material") == "Tue 2026-03-10 00:00"
    assert duty(clock, "request_material").rule.pauses == ()
    clock.apply(told("Mon 2026-03-09 10:00", "material"))
    assert {one.key: one.due for one in clock.duties} == before
    assert (duty(clock, "request_material").status, clock.paused) == ("met", False)


def test_complete_material_is_not_asked_for() -> None:
    """Complete material is examined at once (R075)."""
    assert "request_material" not in keys(company(received(), examined()))


def test_nine_natural_days_to_closing_are_counted_and_never_breached() -> None:
    """The KPI of 9 natural days is a target: holidays do not move it, missing it is no breach (R132)."""
    clock = company(received("Fri 2026-02-13 10:00"))
    assert due(clock, "kpi") == "Mon 2026-02-23 00:00"
    clock.apply(told("Sat 2026-02-14 10:00"))
    clock.apply(closed("Mon 2026-02-23 10:00"))
    assert (duty(clock, "kpi").status, duty(clock, "kpi").breached) == ("met_late", False)
