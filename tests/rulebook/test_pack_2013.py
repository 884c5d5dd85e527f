"""The repealed rules (CIRC Order 2013 No. 8): which complaints run under them, how, and how firm each part is."""

from __future__ import annotations

from datetime import UTC, date

import pytest

from rulebook import events as ev
from rulebook.clock import CaseClock
from rulebook.errors import NoRulesInForce
from rulebook.pack import pack_names, pin_for, rule_pack
from rulebook.pack_parts import Part
from tests.rulebook.helpers import CN, classified, decided, on, received, said, told

OLD = rule_pack("cn-2013-8")
KNOWN = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("instant", "pack"),
    [
        pytest.param("Fri 2013-11-01 00:00", "cn-2013-8", id="first instant of the old rules"),
        pytest.param("Sat 2020-02-29 00:00", "cn-2013-8", id="their last day"),
        pytest.param("Sat 2020-02-29 23:59:59", "cn-2013-8", id="its last second"),
        pytest.param("Sat 2020-02-29 23:59:59.999999", "cn-2013-8", id="its last instant"),
        pytest.param("Sun 2020-03-01 00:00", "cn-2020-3", id="first instant of the new ones"),
        pytest.param("Sun 2020-03-01 23:59:59", "cn-2020-3", id="their first day"),
        pytest.param("Mon 2026-03-02 10:00", "cn-2020-3", id="today"),
    ],
)
def test_a_complaint_is_pinned_to_the_statute_of_its_day_of_receipt_in_shanghai(instant: str, pack: str) -> None:
    """The day of receipt is a day in Asia/Shanghai, wherever the instant was written down."""
    here = on(instant)
    assert pin_for(here, KNOWN).pack == pin_for(here.astimezone(UTC), KNOWN).pack == pack
    assert pin_for(here, KNOWN).pack_hash == rule_pack(pack).content_hash


def test_before_the_first_rules_none_are_in_force() -> None:
    with pytest.raises(NoRulesInForce, match="no rule pack of CN was in force on 2013-10-31"):
        pin_for(on("Thu 2013-10-31 23:59:59"), KNOWN)


def test_an_insurer_s_own_rules_lie_over_the_new_statute_only() -> None:
    assert pin_for(on("Sat 2020-02-29 23:59:59"), KNOWN, company="company-life").pack == "cn-2013-8"
    assert pin_for(on("Sun 2020-03-01 00:00"), KNOWN, company="company-life").pack == "company-life"


def test_the_old_limits_are_those_that_are_reported_and_say_that_they_are_only_reported() -> None:
    limits = {name: (rule.amount, rule.unit, rule.mark) for name, rule in OLD.limits.items()}
    assert limits == {
        "decide_simple": (10, "wd", "secondary"),
        "decide_complex": (30, "nd", "secondary"),
        "tell_decision": (5, "wd", "secondary"),
    }
    assert {source.mark for source in OLD.sources} == {duty.mark for duty in OLD.duties} == {"secondary"}
    assert {name: rule.mark for name, rule in OLD.rules.items()} == {
        "repeal": "verified",
        "acceptance": "secondary",
        "supplements": "recalled",
        "extension": "secondary",
        "review": "secondary",
    }


def test_what_is_not_verified_of_the_old_steps_is_left_out() -> None:
    """No extension without a known approver, no review without a known reviewer, no pause, no restart."""
    assert (OLD.extensions, OLD.pauses, OLD.refusal_grounds, OLD.decision_parts) == ({}, {}, (), ())
    assert {duty.id for duty in OLD.duties} == {"decide", "tell_decision"}
    assert not any(duty.reset_by or duty.restart_by or duty.extension for duty in OLD.duties)


def test_every_part_of_the_new_statute_and_of_the_insurer_is_verified() -> None:
    """A mark at its default is left out of the hash, so no published hash moved."""
    for name in set(pack_names()) & {"cn-2020-3", "company-life"}:
        pack = rule_pack(name)
        parts: list[Part] = [*pack.sources, *pack.limits.values(), *pack.duties, *pack.pauses.values()]
        parts += [*pack.extensions.values(), *pack.rules.values()]
        assert {getattr(part, "mark") for part in parts} == {"verified"}  # noqa: B009  # it is on each of the parts


def test_a_case_of_the_last_day_is_decided_in_ten_working_days_and_told_in_five() -> None:
    """Ten working days from Sat 2020-02-29 end on Fri 13 March; five from the decision of that Friday on the 20th."""
    clock = CaseClock.fold(OLD, CN, [received("Sat 2020-02-29 23:59:59")])
    decide = clock.duty("decide")
    assert decide is not None
    assert decide.due == on("Sat 2020-03-14 00:00")
    clock.apply(decided("Fri 2020-03-13 23:59:59"))
    assert (decide.status, clock.breached) == ("met", False)
    tell = clock.duty("tell_decision")
    assert tell is not None
    assert tell.due == on("Sat 2020-03-21 00:00")
    clock.apply(told("Sat 2020-03-21 00:00"))
    assert tell.status == "met_late"


def test_a_complex_case_has_thirty_natural_days_and_new_facts_move_nothing() -> None:
    clock = CaseClock.fold(OLD, CN, [received("Sat 2020-02-29 10:00"), classified("Mon 2020-03-02 10:00", "complex")])
    clock.apply(said(ev.FactsAdded, "Tue 2020-03-03 10:00", summary="s"))
    decide = clock.duty("decide")
    assert decide is not None
    assert (decide.due, len(decide.versions)) == (on("Tue 2020-03-31 00:00"), 2)


def test_a_deadline_that_is_only_reported_says_so_in_its_proof_and_wherever_its_article_is_shown() -> None:
    (decide,) = CaseClock.fold(OLD, CN, [received("Sat 2020-02-29 10:00")]).duties
    assert decide.deadline is not None
    assert decide.deadline.to_json()["mark"] == "secondary"
    assert decide.article == "2013年第8号令（条款号未核对）〔二手资料 secondary〕"
    (now, *_) = CaseClock.fold(rule_pack("cn-2020-3"), CN, [received()]).duties
    assert now.deadline is not None
    assert "mark" not in now.deadline.to_json()
    assert now.article == "办法 第十八条第一款"
