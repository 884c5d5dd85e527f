"""What a closed complaint still waits for, by its rules: what somebody can do, and a deadline that has yet to be missed."""

from __future__ import annotations

from typing import Any

import pytest

from rulebook import events as ev
from rulebook.clock import CaseClock
from rulebook.pack import pack_names, rule_pack
from rulebook.waiting import AFTER_CLOSURE, NOTICES, TOLD_AFTER_CLOSURE, can_still_come, waited_for
from tests.rulebook.helpers import classified, closed, company, decided, fold, paused, received, ring, said, told

LONG_AFTER = "Thu 2026-12-31 00:00"
ENDED: tuple[ev.Event, ...] = (decided("Mon 2026-03-02 15:00", "head_office"), told("Mon 2026-03-02 16:00"))
"""Decided by head office, so that no window for a review opens, and told on the day of receipt."""


def keys(clock: CaseClock) -> list[str]:
    return [duty.key for duty in waited_for(clock.open_duties)]


def measure(at: str, status: str, last_day: str | None = None) -> Any:
    return said(ev.MeasureRecorded, at, measure="refund", status=status, last_day=last_day)


def test_what_nobody_can_do_any_more_is_waited_for_until_its_breach_is_on_record() -> None:
    """Nobody assigns a closed complaint: the dispatch is missed at midnight, stays missed, and holds nothing open."""
    clock = company(received(), *ENDED, closed("Mon 2026-03-02 17:00"))
    assert [duty.key for duty in clock.open_duties] == keys(clock) == ["dispatch"]
    ring(clock, LONG_AFTER)
    assert [(duty.key, duty.breached) for duty in clock.open_duties] == [("dispatch", True)]
    assert keys(clock) == []


def test_what_is_prompt_and_impossible_is_not_waited_for_and_what_is_possible_is() -> None:
    """A major case is still reported upwards when it is closed; no plan is started then, and no committee meets on it."""
    clock = company(received(), classified("Mon 2026-03-02 11:00", "simple", severity="major"), *ENDED)
    clock.apply(closed("Tue 2026-03-03 09:00"))
    ring(clock, LONG_AFTER)
    assert {duty.key for duty in clock.open_duties} >= {"dispatch", "contingency", "committee"}
    assert keys(clock) == ["end_report", "report_up"]
    clock.apply(said(ev.ReportedUp, "Mon 2026-04-06 09:00", to="superior_company", document="1"))
    clock.apply(said(ev.EndReported, "Mon 2026-04-06 10:00", document="2"))
    assert keys(clock) == []


def test_a_measure_that_can_still_be_taken_is_waited_for_though_it_is_late() -> None:
    clock = company(received(), *ENDED, measure("Mon 2026-03-02 16:30", "planned", "2026-03-10"))
    clock.apply(closed("Mon 2026-03-02 17:00"))
    ring(clock, LONG_AFTER)
    assert keys(clock) == ["measure"]
    clock.apply(measure("Mon 2026-04-06 09:00", "taken"))
    assert keys(clock) == []


def test_a_window_is_waited_for_until_it_has_closed() -> None:
    clock = fold(
        received(), decided("Mon 2026-03-02 15:00"), told("Mon 2026-03-02 16:00"), closed("Mon 2026-03-02 17:00")
    )
    assert keys(clock) == ["review_window"]
    ring(clock, LONG_AFTER)
    assert keys(clock) == []


def test_a_notice_that_closure_left_behind_is_not_waited_for() -> None:
    """The complainant was not told of the pause; once the decision is told and the case closed, nobody tells it."""
    clock = fold(received(), paused("Mon 2026-03-02 11:00"), *ENDED, closed("Mon 2026-03-02 17:00"))
    assert [duty.key for duty in clock.open_duties] == ["tell_pause"]
    assert keys(clock) == []


def test_an_aim_that_only_the_complainant_could_fulfil_ends_with_closure() -> None:
    """DISP 1.5: a complainant who accepts later confirms nothing to a closed complaint."""
    pack = rule_pack("uk-disp")
    clock = CaseClock.fold(pack, fold().calendar, [received(), *ENDED, closed("Mon 2026-03-02 17:00")])
    assert "early" in {duty.key for duty in clock.open_duties}
    assert keys(clock) == ["ombudsman"]


@pytest.mark.parametrize("name", sorted(pack_names()))
def test_what_recurs_ends_with_closure_or_can_still_be_done(name: str) -> None:
    """What would only be missed again and again is not waited for, so no published rules leave such a duty open."""
    for rule in rule_pack(name).duties:
        if rule.again:
            assert "closed" in rule.cancelled_by or any(map(can_still_come, rule.met_by)), rule.id


def test_every_name_is_that_of_an_event() -> None:
    known = {str(kind.model_fields["type"].default) for kind in ev.EVENT_TYPES}
    assert known >= AFTER_CLOSURE | NOTICES


def test_of_notices_the_kind_decides() -> None:
    told_then = {kind for kind in ev.NoticeKind.__args__ if can_still_come(f"notice_given.{kind}")}  # type: ignore[attr-defined]
    assert told_then == TOLD_AFTER_CLOSURE
    assert can_still_come("notice_exempted"), "of whatever kind"
    assert can_still_come("measure_recorded.taken")
    assert not can_still_come("assigned")
