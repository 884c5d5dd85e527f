"""The statutory clock of Order 2020 No. 3: 15, 30 and 60 days, and what may move them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rulebook import events as ev
from rulebook.clock import CaseClock
from rulebook.pack import PACKS, read_pack
from tests.rulebook.helpers import (
    CN,
    approved,
    classified,
    decided,
    due,
    duty,
    facts_added,
    fold,
    paused,
    received,
    resumed,
    ring,
    said,
    told,
)

COMPLEX = classified("Tue 2026-03-03 09:00", "complex")
EXTENDED = "Sat 2026-05-02 00:00"


def test_a_complaint_is_due_after_15_natural_days() -> None:
    clock = fold(received())
    assert due(clock) == "Wed 2026-03-18 00:00"
    proof = duty(clock).versions[0]
    assert (proof.limit, proof.citation, proof.amount) == ("decide_simple", "办法 第十八条第一款", 15)
    assert (proof.started_by, proof.reason, proof.pack) == ("received", "received", "cn-2020-3")
    assert proof.computed_at == proof.start


def test_a_complex_complaint_is_due_after_30_days_of_receipt_not_of_the_classification() -> None:
    clock = fold(received(), COMPLEX)
    assert due(clock) == "Thu 2026-04-02 00:00"
    assert [version.amount for version in duty(clock).versions] == [15, 30]
    assert duty(clock).versions[1].reason == "classified"


def test_an_extension_approved_and_told_ends_after_60_days() -> None:
    asked = said(ev.ExtensionRequested, "Fri 2026-03-27 10:00", request="x1", days=30, reason="r")
    clock = fold(received(), COMPLEX, asked, approved("Mon 2026-03-30 10:00"))
    assert due(clock) == "Thu 2026-04-02 00:00", "approval alone moves nothing"
    clock.apply(told("Mon 2026-03-30 11:00", "extension", ref="x1"))
    assert due(clock) == EXTENDED
    assert (duty(clock).extended_by, duty(clock).versions[-1].reason) == (30, "extension")


def test_the_fold_knows_in_advance_what_the_notice_of_an_extension_will_say() -> None:
    clock = fold(received(), COMPLEX, approved("Mon 2026-03-30 10:00"))
    promised = clock.extended_due("decide", "x1")
    clock.apply(told("Mon 2026-03-30 11:00", "extension", ref="x1"))
    assert duty(clock).due == promised


def test_an_exemption_from_telling_stands_in_for_the_notice() -> None:
    exempted = said(ev.NoticeExempted, "Mon 2026-03-30 11:00", kind="extension", reason="unreachable")
    assert due(fold(received(), COMPLEX, approved("Mon 2026-03-30 10:00"), exempted)) == EXTENDED


APPROVED = approved("Mon 2026-03-30 10:00")
TOLD = told("Mon 2026-03-30 11:00", "extension", ref="x1")
INEFFECTIVE: dict[str, list[Any]] = {
    "nothing but a request": [said(ev.ExtensionRequested, "Fri 2026-03-27 10:00", request="x1", days=30, reason="r")],
    "told without approval": [TOLD],
    "approved but not told": [APPROVED],
    "told of something else": [APPROVED, told("Mon 2026-03-30 11:00", "receipt", ref="x1")],
    "told of another request": [APPROVED, told("Mon 2026-03-30 11:00", "extension", ref="x2")],
    "told at the deadline": [APPROVED, told("Thu 2026-04-02 00:00", "extension", ref="x1")],
    "approved at the deadline": [approved("Thu 2026-04-02 00:00"), told("Thu 2026-04-02 00:00", "extension", ref="x1")],
    "approved late, letter dated back": [approved("Thu 2026-04-02 09:00"), TOLD],
    "refused, then told": [
        APPROVED,
        said(ev.ExtensionRefused, "Mon 2026-03-30 10:30", request="x1", code="RefusedBySuperior", reason="r"),
        TOLD,
    ],
    "more than 30 days": [approved("Mon 2026-03-30 10:00", days=31), TOLD],
}


@pytest.mark.parametrize("events", INEFFECTIVE.values(), ids=INEFFECTIVE)
def test_an_extension_moves_nothing_unless_approved_and_told_in_time(events: list[Any]) -> None:
    clock = fold(received(), COMPLEX, *events)
    assert due(clock) == "Thu 2026-04-02 00:00"
    assert len(duty(clock).versions) == 2


def test_the_last_microsecond_is_in_time_for_approval_and_notice() -> None:
    last = "Wed 2026-04-01 23:59:59.999999"
    assert due(fold(received(), COMPLEX, approved(last), told(last, "extension", ref="x1"))) == EXTENDED


def test_a_limit_is_extended_once_and_never_past_60_days() -> None:
    second = [approved("Mon 2026-04-06 10:00", 10, "x2"), told("Mon 2026-04-06 11:00", "extension", ref="x2")]
    assert due(fold(received(), COMPLEX, APPROVED, TOLD, *second)) == EXTENDED
    short = [approved("Mon 2026-03-30 10:00", days=10), TOLD]
    assert due(fold(received(), COMPLEX, *short, *second)) == "Sun 2026-04-12 00:00", "one extension, however short"


def test_a_short_limit_is_not_extended_by_more_than_the_law_gives() -> None:
    long = [approved("Mon 2026-03-09 10:00", days=31), told("Mon 2026-03-09 11:00", "extension", ref="x1")]
    assert due(fold(received(), *long)) == "Wed 2026-03-18 00:00"


def test_another_pack_may_have_other_approvers_and_its_ceiling_holds_too(tmp_path: Path) -> None:
    text = (PACKS / "cn-2020-3.yaml").read_text(encoding="utf-8")
    path = tmp_path / "other.yaml"
    for old, new in (
        ("pack: cn-2020-3", "pack: other"),
        ("approvers: [superior_institution, ", "approvers: ["),
        ("amount: 15", "amount: 45"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    by_head_office = approved("Mon 2026-03-09 10:00", ground="head_office_senior_manager")
    notice = told("Mon 2026-03-09 11:00", "extension", ref="x1")
    pack = read_pack(path)
    events = [received(), COMPLEX, approved("Mon 2026-03-09 10:00"), notice]
    assert due(CaseClock.fold(pack, CN, events)) == "Thu 2026-04-02 00:00", (
        "the superior institution does not approve there"
    )
    assert due(CaseClock.fold(pack, CN, [received(), COMPLEX, by_head_office, notice])) == EXTENDED
    assert due(CaseClock.fold(pack, CN, [received(), by_head_office, notice])) == "Fri 2026-04-17 00:00", (
        "45 + 30 is over 60"
    )


def test_an_extension_told_during_a_pause_counts_when_the_pause_ends() -> None:
    clock = fold(received(), COMPLEX, paused("Fri 2026-03-20 00:00"), APPROVED, TOLD)
    assert due(clock) is None
    clock.apply(resumed("Mon 2026-03-30 12:00"))
    assert due(clock) == "Tue 2026-05-12 12:00"


def test_an_appraisal_moves_the_limit_by_its_length_and_keeps_both_versions() -> None:
    clock = fold(received(), paused("Tue 2026-03-10 00:00"))
    assert (due(clock), clock.paused, clock.statutory_due) == (None, True, None)
    clock.apply(resumed("Fri 2026-03-20 00:00"))
    assert (due(clock), clock.paused) == ("Sat 2026-03-28 00:00", False)
    assert [version.due is None for version in duty(clock).versions] == [False, True, False]
    assert [pause.ground for pause in duty(clock).versions[-1].pauses] == ["external_appraisal"]


def test_appraisal_and_mediation_at_once_are_left_out_once() -> None:
    clock = fold(
        received(),
        paused("Tue 2026-03-10 00:00"),
        paused("Thu 2026-03-12 00:00", "p2", "mediation"),
        resumed("Fri 2026-03-20 00:00"),
    )
    assert (due(clock), clock.paused) == (None, True)
    clock.apply(resumed("Sun 2026-03-22 00:00", "p2"))
    assert due(clock) == "Mon 2026-03-30 00:00"


@pytest.mark.parametrize("late", [resumed("Mon 2026-03-30 00:00"), resumed("Mon 2026-03-30 00:00", "p9")])
def test_a_pause_ends_once_and_only_under_its_name(late: ev.Event) -> None:
    clock = fold(received(), paused("Tue 2026-03-10 00:00"), resumed("Fri 2026-03-20 00:00"), late)
    assert due(clock) == "Sat 2026-03-28 00:00"


def test_a_pause_announced_twice_begins_when_it_first_began() -> None:
    clock = fold(
        received(), paused("Tue 2026-03-10 00:00"), paused("Thu 2026-03-12 00:00"), resumed("Fri 2026-03-20 00:00")
    )
    assert due(clock) == "Sat 2026-03-28 00:00"


def test_a_pause_that_ends_before_it_began_leaves_nothing_out() -> None:
    clock = fold(
        received(), paused("Tue 2026-03-10 00:00"), resumed("Mon 2026-03-09 00:00", recorded="Wed 2026-03-11 00:00")
    )
    assert (due(clock), clock.paused) == ("Wed 2026-03-18 00:00", False)


def test_a_name_used_for_two_pauses_leaves_both_out() -> None:
    twice = [
        paused("Tue 2026-03-10 00:00"),
        resumed("Thu 2026-03-12 00:00"),
        paused("Mon 2026-03-16 00:00"),
        resumed("Tue 2026-03-17 00:00"),
    ]
    assert due(fold(received(), *twice)) == "Sat 2026-03-21 00:00"


def test_a_pause_after_the_deadline_moves_nothing_and_undoes_no_breach() -> None:
    clock = fold(received())
    ring(clock, "Wed 2026-03-18 08:00")
    clock.apply(paused("Wed 2026-03-18 09:00"))
    clock.apply(resumed("Mon 2026-03-30 09:00"))
    assert (due(clock), clock.overdue, clock.breached) == ("Wed 2026-03-18 00:00", True, True)
    assert len(duty(clock).versions) == 1


def test_a_change_between_simple_and_complex_keeps_the_pause() -> None:
    """A replaced limit once lost the pause in another product."""
    pause = [paused("Tue 2026-03-10 00:00"), resumed("Fri 2026-03-20 00:00")]
    clock = fold(received(), *pause, classified("Sat 2026-03-21 09:00", "complex"))
    assert due(clock) == "Sun 2026-04-12 00:00"
    clock.apply(classified("Sun 2026-03-22 09:00", "simple"))
    assert due(clock) == "Sat 2026-03-28 00:00"


def test_a_classification_after_the_deadline_gives_no_time_back() -> None:
    clock = fold(received())
    ring(clock, "Wed 2026-03-18 00:00")
    clock.apply(classified("Wed 2026-03-18 00:00", "complex"))
    assert (due(clock), clock.overdue) == ("Wed 2026-03-18 00:00", True)
    clock.apply(paused("Tue 2026-03-10 00:00", recorded="Thu 2026-03-19 00:00"))
    clock.apply(resumed("Wed 2026-03-11 00:00", recorded="Thu 2026-03-19 00:00"))
    assert due(clock) == "Thu 2026-03-19 00:00", "the pause counts, the late classification still does not"


def test_new_facts_restart_the_limit_and_an_extension_with_it() -> None:
    clock = fold(received(), COMPLEX, APPROVED, TOLD, facts_added("Mon 2026-04-20 10:00"))
    assert due(clock) == "Thu 2026-05-21 00:00"
    version = duty(clock).versions[-1]
    assert (version.started_by, version.extended_by, version.amount) == ("facts_added", 0, 30)
    again = [approved("Mon 2026-05-18 10:00", request="x2"), told("Mon 2026-05-18 10:00", "extension", ref="x2")]
    for event in again:
        clock.apply(event)
    assert due(clock) == "Sat 2026-06-20 00:00", "the new limit can be extended again"


def test_an_approval_from_before_the_new_facts_extends_nothing_after_them() -> None:
    clock = fold(received(), COMPLEX, APPROVED, facts_added("Tue 2026-03-31 10:00"))
    clock.apply(told("Tue 2026-03-31 11:00", "extension", ref="x1"))
    assert due(clock) == "Fri 2026-05-01 00:00"


def test_of_two_lots_of_new_facts_the_later_one_counts_in_whatever_order_they_are_recorded() -> None:
    later = facts_added("Tue 2026-03-10 10:00")
    earlier = facts_added("Fri 2026-03-06 10:00", recorded="Wed 2026-03-11 10:00")
    assert due(fold(received(), later, earlier)) == due(fold(received(), later)) == "Thu 2026-03-26 00:00"


def test_new_facts_during_a_pause_leave_out_the_rest_of_it() -> None:
    events = [paused("Tue 2026-03-10 00:00"), facts_added("Sun 2026-03-15 00:00"), resumed("Fri 2026-03-20 00:00")]
    assert due(fold(received(), *events)) == "Sun 2026-04-05 00:00"


def test_a_breach_stands_although_new_facts_restart_the_limit() -> None:
    clock = fold(received())
    ring(clock, "Fri 2026-03-20 00:00")
    clock.apply(facts_added("Fri 2026-03-20 10:00"))
    assert (due(clock), clock.overdue, clock.breached) == ("Sun 2026-04-05 00:00", False, True)
    clock.apply(told("Sat 2026-03-21 10:00"))
    assert (duty(clock).status, clock.breached) == ("met", True)


def test_a_decision_posted_before_the_new_facts_does_not_answer_them() -> None:
    posted = told("Mon 2026-03-09 10:00", recorded="Wed 2026-03-11 10:00")
    clock = fold(received(), facts_added("Tue 2026-03-10 10:00"), posted)
    assert (duty(clock).status, due(clock)) == ("open", "Thu 2026-03-26 00:00")


ENDINGS: dict[str, Any] = {
    "withdrawn": said(ev.Withdrawn, "Tue 2026-03-10 10:00", reason="r"),
    "refused": said(ev.HandlingRefused, "Tue 2026-03-10 10:00", ground="not_from_complainant_or_agent", reason="r"),
    "merged": said(ev.Merged, "Tue 2026-03-10 10:00", into="c-1", reason="r"),
}


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS)
def test_withdrawal_refusal_and_merger_stop_the_clock_for_good(ending: ev.Event) -> None:
    clock = fold(received(), paused("Mon 2026-03-09 10:00"), ending, resumed("Wed 2026-03-11 10:00"))
    assert (duty(clock).status, duty(clock, "tell_pause").status) == ("cancelled", "cancelled")
    assert (clock.next_due, ring(clock, "Thu 2026-12-31 00:00"), clock.breached) == (None, [], False)


def test_a_refusal_must_be_told_promptly() -> None:
    clock = fold(received(), ENDINGS["refused"])
    assert (duty(clock, "tell_refusal").status, due(clock, "tell_refusal")) == ("open", None)
    clock.apply(told("Tue 2026-03-10 11:00", "refusal"))
    assert duty(clock, "tell_refusal").status == "met"


def test_each_appraisal_must_be_told_promptly_and_a_mediation_need_not() -> None:
    clock = fold(received(), paused("Tue 2026-03-10 00:00"), told("Tue 2026-03-10 09:00", "pause"))
    clock.apply(resumed("Wed 2026-03-11 00:00"))
    clock.apply(paused("Thu 2026-03-12 00:00", "p2", "mediation"))
    assert [one.key for one in clock.duties] == ["decide", "tell_pause"]
    clock.apply(paused("Fri 2026-03-13 00:00", "p3"))
    assert (duty(clock, "tell_pause").status, duty(clock, "tell_pause#2").status) == ("met", "open")
    assert duty(clock, "tell_pause#2").deadline is None, "promptly has no date, so it is never breached"


def test_new_facts_after_the_decision_was_told_open_a_duty_of_their_own() -> None:
    first = [decided("Mon 2026-03-09 10:00"), told("Mon 2026-03-09 11:00")]
    clock = fold(received(), *first, facts_added("Mon 2026-03-30 10:00"))
    assert (duty(clock).status, len(duty(clock).versions)) == ("met", 1)
    assert (due(clock, "decide#2"), duty(clock, "decide#2").started_by) == ("Wed 2026-04-15 00:00", "facts_added")
    assert clock.statutory_due == duty(clock, "decide#2").due


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS)
def test_an_end_after_the_deadline_does_not_hide_that_it_was_missed(ending: ev.Event) -> None:
    clock = fold(received("Thu 2026-02-05 10:00"), ending)
    assert (duty(clock).status, clock.breached) == ("cancelled", True)
