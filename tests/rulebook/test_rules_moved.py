"""A running case that is moved to other rules: dated anew from its receipt, every earlier version kept, nobody blamed."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from rulebook import events as ev
from rulebook.calendar import calendar
from rulebook.clock import CaseClock
from rulebook.errors import PackError
from rulebook.pack import RulePack, rule_pack
from rulebook.slip_clocks import slip_clocks
from tests.rulebook.helpers import (
    COMPANY,
    PACK,
    answer,
    assigned,
    classified,
    decided,
    dispatched,
    due,
    duty,
    facts_added,
    on,
    received,
    ring,
    said,
    told,
)

OLD = rule_pack("cn-2013-8")
KNOWN = calendar("cn").as_known_on(date(2020, 2, 28))
"""The calendar of those days, with the spring festival that had been prolonged."""
LAST_DAY = "Fri 2020-02-28 10:00"


def moved(at: str, before: RulePack, to: RulePack, slip: str | None = None, **fields: Any) -> Any:
    """Return the move of a case, or of its slip, from one pack to another."""
    named = {
        "before": before.pack,
        "before_hash": before.content_hash,
        "pack": to.pack,
        "pack_hash": to.content_hash,
    }
    return said(ev.RulesMoved, at, **(named | {"calendar": KNOWN.version, "reason": "r", "slip": slip} | fields))


def under(pack: RulePack, *events: ev.Event) -> CaseClock:
    return CaseClock.fold(pack, KNOWN, events)


def reasons(clock: CaseClock, key: str = "decide") -> list[tuple[str | None, str | None]]:
    """Return the pack and the reason of every version of a duty."""
    return [(version.pack, version.reason) for version in duty(clock, key).versions]


def test_a_duty_keeps_its_versions_and_gets_one_under_the_new_rules() -> None:
    """Order 2013 No. 8 gives 10 working days, Order 2020 No. 3 gives 15 natural days, both from the receipt."""
    clock = under(OLD, received(LAST_DAY))
    assert due(clock) == "Sat 2020-03-14 00:00"
    clock.apply(moved("Mon 2020-03-02 09:00", OLD, PACK))
    assert due(clock) == "Sun 2020-03-15 00:00"
    assert reasons(clock) == [("cn-2013-8", "received"), ("cn-2020-3", "rules_moved")]
    first, second = duty(clock).versions
    assert (first.citation, first.mark, first.calendar) == ("2013年第8号令（条款号未核对）", "secondary", KNOWN.version)
    assert (second.citation, second.start, second.started_by) == ("办法 第十八条第一款", on(LAST_DAY), "received")
    assert second.computed_at == on("Mon 2020-03-02 09:00")
    assert duty(clock).rule == PACK.duties[0]
    assert clock.pack == PACK


def test_a_duty_that_the_new_rules_do_not_have_ends_with_the_move_and_keeps_its_versions() -> None:
    """Decided, and to be told within 5 working days by the old rules: the new ones know one duty to decide and tell."""
    clock = under(OLD, received(LAST_DAY), decided("Mon 2020-03-02 10:00"))
    assert (duty(clock).status, due(clock, "tell_decision")) == ("met", "Tue 2020-03-10 00:00")
    clock.apply(moved("Tue 2020-03-03 09:00", OLD, PACK))
    left = duty(clock, "tell_decision")
    assert (left.status, left.ended_at, left.left) == ("cancelled", on("Tue 2020-03-03 09:00"), True)
    assert [version.pack for version in left.versions] == ["cn-2013-8"]
    assert (duty(clock).status, due(clock)) == ("open", "Sun 2020-03-15 00:00"), "not told yet: open again"
    clock.apply(told("Wed 2020-03-04 09:00"))
    assert (duty(clock).status, left.status) == ("met", "cancelled")
    assert not clock.breached


def test_a_duty_that_the_new_rules_bring_runs_from_its_true_start() -> None:
    """What was done before the move counts: the complaint had been assigned, the customer had not been told."""
    start = "Mon 2026-03-02 10:00"
    clock = under(PACK, received(start), assigned("Mon 2026-03-02 10:30"))
    examined = said(ev.IntakeExamined, start, recorded="Tue 2026-03-03 09:00", origin="own")
    clock.apply(examined)
    clock.apply(moved("Tue 2026-03-03 09:00", PACK, COMPANY))
    assert duty(clock, "dispatch").status == "met"
    settle = duty(clock, "settle")
    assert (settle.start, settle.started_by) == (on(start), "received")
    assert [(one.pack, one.reason, one.computed_at) for one in settle.versions] == [
        ("company-life", "rules_moved", on("Tue 2026-03-03 09:00"))
    ]
    assert [(one.pack, one.reason) for one in duty(clock).versions] == [("cn-2020-3", "received")], "the same deadline"
    assert duty(clock).layer == "statute"


def test_what_was_plain_on_arrival_counts_from_there_however_late_it_is_noted() -> None:
    """The ticket was given before anybody asked where the complaint came from: it confirms the receipt all the same."""
    clock = under(PACK, received("Mon 2026-03-02 10:00"), said(ev.Acknowledged, "Mon 2026-03-02 10:01", ticket="t"))
    clock.apply(said(ev.IntakeExamined, "Mon 2026-03-02 10:00", recorded="Mon 2026-03-09 09:00", origin="written"))
    clock.apply(moved("Mon 2026-03-09 09:00", PACK, COMPANY))
    assert (duty(clock, "acknowledge").status, clock.breached) == ("met", False)


SHORTER = "Mon 2020-01-13 10:00"
"""Ten working days from here jump the long spring festival of 2020; fifteen natural days do not."""


def test_a_deadline_that_the_move_puts_into_the_past_is_due_at_the_move_and_nobody_s_breach() -> None:
    """Received 2020-01-13: by 15 natural days it was due on 01-28, by 10 working days on 02-03."""
    clock = under(OLD, received(SHORTER))
    assert due(clock) == "Tue 2020-02-04 00:00"
    clock.apply(moved("Mon 2020-02-03 09:00", OLD, PACK))
    deadline = duty(clock).deadline
    assert deadline is not None
    assert (deadline.due, deadline.shortened_from) == (on("Mon 2020-02-03 09:00"), on("Wed 2020-01-29 00:00"))
    rung = ring(clock, "Mon 2020-02-03 09:00")
    assert [(alarm.kind, alarm.at, alarm.shortened) for alarm in rung] == [("due", on("Mon 2020-02-03 09:00"), True)]
    assert (duty(clock).overdue, duty(clock).breached, duty(clock).shortened) == (True, False, True)
    clock.apply(told("Tue 2020-02-04 09:00"))
    assert (duty(clock).status, clock.breached) == ("met_late", False)


def test_a_breach_of_the_old_rules_stays_a_breach_when_the_new_ones_give_more_time() -> None:
    """The move washes nothing clean: by the rules that held at the time it was late."""
    clock = under(OLD, received(LAST_DAY))
    ring(clock, "Sat 2020-03-14 00:00")
    clock.apply(moved("Sat 2020-03-14 09:00", OLD, PACK))
    assert (due(clock), duty(clock).breached, duty(clock).overdue) == ("Sun 2020-03-15 00:00", True, False)
    assert duty(clock).stands(on("Sat 2020-03-14 00:00"))


def test_a_breach_of_the_old_rules_does_not_count_where_the_new_ones_say_it_had_been_done() -> None:
    """Decided in time and told late: late by Order 2020 No. 3, which wants both; in time by Order 2013 No. 8."""
    clock = under(PACK, received("Mon 2020-03-02 10:00"), decided("Mon 2020-03-16 10:00"))
    ring(clock, "Wed 2020-03-18 00:00")
    assert duty(clock).breached
    clock.apply(moved("Wed 2020-03-18 09:00", PACK, OLD))
    assert (duty(clock).status, duty(clock).breached) == ("met", False)
    assert duty(clock).breaches == [on("Wed 2020-03-18 00:00")], "it stays visible"
    assert due(clock, "tell_decision") == "Tue 2020-03-24 00:00"


def test_what_was_overdue_before_and_is_so_by_the_new_rules_too_is_breached_once() -> None:
    """Late by the old deadline; that the new one lay earlier still is no second fault."""
    clock = under(OLD, received(SHORTER))
    ring(clock, "Tue 2020-02-04 00:00")
    clock.apply(moved("Wed 2020-02-05 09:00", OLD, PACK))
    ring(clock, "Wed 2020-02-05 09:00")
    assert [one for one in duty(clock).breaches if duty(clock).stands(one)] == [on("Tue 2020-02-04 00:00")]
    assert (duty(clock).breached, duty(clock).overdue) == (True, True)


def test_done_before_the_move_is_not_late_by_rules_that_did_not_hold_then() -> None:
    """Decided under Order 2013 No. 8 and told in its time; by 15 natural days it would have been too late."""
    clock = under(OLD, received(SHORTER), decided("Mon 2020-02-03 10:00"))
    clock.apply(moved("Tue 2020-02-04 09:00", OLD, PACK))
    clock.apply(told("Tue 2020-02-04 08:00", recorded="Tue 2020-02-04 10:00"))
    assert (duty(clock).status, clock.breached) == ("met", False)


def test_reminders_that_were_raised_are_not_raised_again_and_old_ones_not_at_all() -> None:
    """Under the insurer's rules the deadline of the statute is the same: so are its reminders."""
    start = "Mon 2026-03-02 10:00"
    clock = under(PACK, received(start), assigned(start))
    before = [alarm for alarm in ring(clock, "Thu 2026-03-12 12:00") if alarm.kind == "reminder"]
    assert [alarm.before for alarm in before] == ["5nd"]
    clock.apply(moved("Thu 2026-03-12 12:00", PACK, COMPANY))
    again = [alarm for alarm in ring(clock, "Wed 2026-03-18 00:00") if alarm.kind == "reminder"]
    assert [alarm.before for alarm in again if alarm.duty == "decide"] == ["1nd", "0nd"]
    late = [alarm for alarm in again if alarm.at <= on("Thu 2026-03-12 12:00")]
    assert all(alarm.arrears for alarm in late), (
        "what the new rules would have raised before is one reminder for each duty"
    )
    assert len({alarm.duty for alarm in late}) == len(late)


def test_there_and_back_within_an_instant_leaves_every_deadline_where_it_was() -> None:
    start, instant = "Mon 2026-03-02 10:00", "Tue 2026-03-10 09:00"
    events = [received(start), assigned(start), classified("Tue 2026-03-03 10:00", "complex")]
    clock, never = under(COMPANY, *events), under(COMPANY, *events)
    clock.apply(moved(instant, COMPANY, PACK))
    assert duty(clock, "settle").status == "cancelled"
    clock.apply(moved(instant, PACK, COMPANY))
    assert {one.key: (one.status, one.due) for one in clock.duties} == {
        one.key: (one.status, one.due) for one in never.duties
    }
    assert len(duty(clock, "settle").versions) == len(duty(never, "settle").versions) + 1
    assert reasons(clock, "settle")[-1] == ("company-life", "rules_moved")


def test_a_deadline_that_passed_while_other_rules_held_is_due_when_the_case_comes_back() -> None:
    """Nobody was bound by it when it passed."""
    start = "Mon 2026-03-02 10:00"
    clock = under(COMPANY, received(start), assigned(start))
    passed = duty(clock, "settle").due
    assert passed is not None
    clock.apply(moved("Tue 2026-03-10 09:00", COMPANY, PACK))
    clock.apply(classified("Tue 2026-03-10 10:00", "complex"))
    clock.apply(moved("Wed 2026-03-25 09:00", PACK, COMPANY))
    deadline = duty(clock, "settle").deadline
    assert deadline is not None
    assert (deadline.due, deadline.shortened_from) == (on("Wed 2026-03-25 09:00"), passed)
    ring(clock, "Wed 2026-03-25 09:00")
    assert not duty(clock, "settle").breached


def test_moved_again_what_was_put_into_the_past_stays_due_when_it_first_was() -> None:
    clock = under(OLD, received(SHORTER))
    clock.apply(moved("Mon 2020-02-03 09:00", OLD, PACK))
    ring(clock, "Mon 2020-02-03 09:00")
    clock.apply(moved("Mon 2020-02-03 11:00", PACK, COMPANY))
    assert (due(clock), duty(clock).overdue, duty(clock).breached) == ("Mon 2020-02-03 09:00", True, False)


def test_what_happens_after_the_move_is_counted_by_the_new_rules() -> None:
    """New facts restart the limit by Order 2020 No. 3; by Order 2013 No. 8 nothing verified does."""
    clock = under(OLD, received(LAST_DAY), moved("Mon 2020-03-02 09:00", OLD, PACK))
    clock.apply(facts_added("Tue 2020-03-03 10:00"))
    assert due(clock) == "Thu 2020-03-19 00:00"
    assert [reason for _, reason in reasons(clock)] == ["received", "rules_moved", "facts_added"]


def test_a_notice_that_was_adopted_holds_under_the_new_rules_too() -> None:
    """Moving rules moves no calendar."""
    before, notice = KNOWN.as_known_on(date(2020, 1, 26)), KNOWN.notices[-1]
    adopted = said(
        ev.CalendarAdopted,
        "Tue 2020-01-28 09:00",
        notice=notice,
        calendar=before.with_notice(notice).version,
        calendar_hash=before.with_notice(notice).content_hash,
    )
    events = [received(SHORTER), adopted]
    clock = CaseClock.fold(COMPANY, before, [*events, moved("Wed 2020-01-29 09:00", COMPANY, OLD)])
    assert clock.calendar.version == KNOWN.version
    assert due(clock) == due(CaseClock.fold(OLD, before, events)) == "Tue 2020-02-04 00:00"


def test_a_slip_moves_by_an_event_of_its_own_and_a_later_one_starts_under_the_new_rules() -> None:
    events = [
        received("Mon 2026-03-02 10:00"),
        dispatched("Mon 2026-03-02 11:00", "s1"),
        moved("Tue 2026-03-03 09:00", COMPANY, PACK),
        dispatched("Tue 2026-03-03 10:00", "s2"),
    ]
    clocks = slip_clocks(COMPANY, KNOWN, events)
    assert [one.status for one in clocks["s1"].duties] == ["open"] * 3
    assert clocks["s2"].duties == ()
    own = moved("Tue 2026-03-03 09:01", COMPANY, PACK, slip="s1")
    clocks = slip_clocks(COMPANY, KNOWN, [*events, own])
    assert {(one.status, one.ended_at) for one in clocks["s1"].duties} == {("cancelled", own.at)}
    back = moved("Wed 2026-03-04 09:00", PACK, COMPANY, slip="s1")
    clock = slip_clocks(COMPANY, KNOWN, [*events, own, back])["s1"]
    assert [one.status for one in clock.duties] == ["open"] * 3
    assert reasons(clock, "s1/findings") == [("company-life", "slip_dispatched"), ("company-life", "rules_moved")]


def test_a_key_is_never_given_twice() -> None:
    """The versions of what was opened under the old rules would be lost."""
    clock = under(COMPANY, received("Mon 2026-03-02 10:00"), dispatched("Mon 2026-03-02 11:00"))
    returned = {"slip": "s1", "reason": "r"}
    clock.apply(said(ev.SlipReturned, "Tue 2026-03-03 10:00", **returned))
    clock.apply(moved("Wed 2026-03-04 09:00", COMPANY, PACK))
    clock.apply(moved("Wed 2026-03-04 09:00", PACK, COMPANY))
    clock.apply(said(ev.SlipReturned, "Wed 2026-03-04 10:00", **{**returned, "slip": "s2"}))
    assert len({one.key for one in clock.duties if one.id == "redispatch"}) == 2


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        pytest.param({"pack_hash": "0" * 64}, "the pack here has hash", id="another content"),
        pytest.param({"pack": "cn-2099"}, "no rule pack is called 'cn-2099'", id="no such pack"),
    ],
)
def test_rules_that_are_not_here_stop_the_fold(fields: dict[str, Any], sentence: str) -> None:
    """Nothing is counted by rules that are not those to which the case was moved."""
    clock = under(OLD, received(LAST_DAY))
    with pytest.raises(PackError, match=sentence):
        clock.apply(moved("Mon 2020-03-02 09:00", OLD, PACK, **fields))
    assert clock.pack is OLD
    assert due(clock) == "Sat 2020-03-14 00:00"


def test_rules_of_another_kind_are_no_successors() -> None:
    """Another jurisdiction, zone or calendar would make another clock of it; rules that lie over no statute are no law."""
    for change in ({"jurisdiction": "XX"}, {"time_zone": "Europe/London"}, {"calendar": "uk"}, {"layer": "company"}):
        assert not PACK.model_copy(update=change).succeeds(OLD), change
    assert PACK.succeeds(OLD)
    assert COMPANY.succeeds(OLD)


def test_the_event_comes_back_from_its_json() -> None:
    event = moved("Mon 2020-03-02 09:00", OLD, PACK, slip="s1")
    assert ev.event_from_json(json.loads(json.dumps(ev.event_to_json(event)))) == event


def test_an_alarm_of_the_old_rules_that_is_recorded_after_the_move_breaks_nothing() -> None:
    """A slip's report may come late: the breach is on record, and counts as what was the deadline then."""
    clock = under(OLD, received(LAST_DAY))
    alarm = clock.next_alarm(on("Sat 2020-03-14 00:00"))
    assert alarm is not None
    clock.apply(moved("Mon 2020-03-02 09:00", OLD, PACK))
    clock.apply(answer(alarm, on("Sat 2020-03-14 00:00")))
    assert not clock.breached
