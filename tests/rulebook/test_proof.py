"""Every field of a deadline's proof, by its name and with its value: what an auditor computes the same instant from."""

from __future__ import annotations

import pytest

from rulebook import events as ev
from rulebook.clock import CaseClock
from rulebook.deadline import date_limit, set_date
from rulebook.errors import LimitError
from rulebook.limit import Limit, Pause
from tests.rulebook.helpers import CN, COMPANY, SHANGHAI, classified, duty, fold, on, received, said

NOON = on("Wed 2026-04-08 12:00")


def test_a_proof_says_all_that_the_limit_was_computed_from() -> None:
    pauses = [Pause(on("Thu 2026-04-09 00:00"), on("Fri 2026-04-10 00:00"), "mediation")]
    proof = date_limit(
        Limit.working_days(2),
        on("Fri 2026-04-03 10:00"),
        SHANGHAI,
        CN,
        [*pauses, Pause(on("Mon 2026-06-01 00:00"), None, "later")],
        name="n",
        citation="c",
        pack="p",
        started_by="received",
        extended_by=1,
        computed_at=NOON,
        reason="extension",
        mark="recalled",
    )
    assert proof.to_json() == {
        "due": "2026-04-11T00:00:00+08:00",
        "last_day": "2026-04-10",
        "amount": 2,
        "unit": "wd",
        "extended_by": 1,
        "limit": "n",
        "citation": "c",
        "pack": "p",
        "start": "2026-04-03T10:00:00+08:00",
        "started_by": "received",
        "time_zone": "Asia/Shanghai",
        "calendar": "cn@2025-11-04",
        "provisional": False,
        "skipped": [
            {"day": f"2026-04-0{day}", "working": False, "reason": "清明节", "source": "cn-2026"} for day in (4, 5, 6)
        ],
        "pauses": [
            {"start": "2026-04-09T00:00:00+08:00", "end": "2026-04-10T00:00:00+08:00", "ground": "mediation"},
        ],
        "computed_at": "2026-04-08T12:00:00+08:00",
        "reason": "extension",
        "mark": "recalled",
    }


def test_the_proof_of_a_day_that_somebody_set_says_who_set_it_and_counts_nothing() -> None:
    day = on("Fri 2026-04-10 00:00").date()
    proof = set_date(
        day,
        on("Fri 2026-04-03 10:00"),
        SHANGHAI,
        CN,
        name="set_by_event",
        citation="c",
        pack="p",
        started_by="answer_demanded",
        computed_at=NOON,
        reason="answer_demanded",
        mark="secondary",
    )
    assert proof.to_json() == {
        "due": "2026-04-11T00:00:00+08:00",
        "last_day": "2026-04-10",
        "amount": 0,
        "unit": "nd",
        "extended_by": 0,
        "limit": "set_by_event",
        "citation": "c",
        "pack": "p",
        "start": "2026-04-03T10:00:00+08:00",
        "started_by": "answer_demanded",
        "time_zone": "Asia/Shanghai",
        "calendar": "cn@2025-11-04",
        "provisional": False,
        "skipped": [],
        "pauses": [],
        "computed_at": "2026-04-08T12:00:00+08:00",
        "reason": "answer_demanded",
        "mark": "secondary",
    }


def test_a_proof_without_more_is_verified() -> None:
    plain = date_limit(Limit.natural_days(1), NOON, SHANGHAI, CN)
    assert (plain.mark, "mark" in plain.to_json()) == ("verified", False)


def test_a_start_without_a_zone_is_named_in_the_refusal() -> None:
    with pytest.raises(LimitError, match=r"^a start must carry a time zone, such as \+08:00$"):
        date_limit(Limit.natural_days(1), NOON.replace(tzinfo=None), SHANGHAI, CN)


def test_only_the_days_that_are_counted_make_a_deadline_provisional() -> None:
    """The first notice names Sun 2006-12-31 as worked; that nobody arranged the day before the start matters to nobody."""
    assert not date_limit(Limit.working_days(1), on("Sat 2006-12-30 10:00"), SHANGHAI, CN).provisional
    assert date_limit(Limit.working_days(1), on("Thu 2006-12-28 10:00"), SHANGHAI, CN).provisional


def test_two_pauses_that_meet_at_noon_cover_the_day_on_which_they_meet() -> None:
    meeting = [
        Pause(on("Wed 2026-03-04 00:00"), on("Wed 2026-03-04 12:00")),
        Pause(on("Wed 2026-03-04 12:00"), on("Thu 2026-03-05 00:00")),
    ]
    start = on("Mon 2026-03-02 10:00")
    assert date_limit(Limit.working_days(2), start, SHANGHAI, CN, meeting).due == on("Fri 2026-03-06 00:00")
    assert date_limit(Limit.working_days(2), start, SHANGHAI, CN, meeting[:1]).due == on("Thu 2026-03-05 00:00")


def test_an_extension_that_was_refused_without_ever_being_approved_moves_nothing() -> None:
    refused = said(ev.ExtensionRefused, "Wed 2026-03-04 10:00", request="x1", reason="r", code="RefusedBySuperior")
    clock = fold(received(), classified("Tue 2026-03-03 10:00", "complex"), refused)
    assert duty(clock, "decide").due == on("Thu 2026-04-02 00:00")


def test_a_day_that_somebody_set_carries_the_mark_of_its_duty() -> None:
    duties = tuple(one.model_copy(update={"mark": "secondary"}) for one in COMPANY.duties)
    demand = said(ev.AnswerDemanded, "Tue 2026-03-03 09:00", body="nfra", last_day="2026-03-14")
    clock = CaseClock.fold(COMPANY.model_copy(update={"duties": duties}), CN, [received(), demand])
    proof = duty(clock, "regulator_answer").deadline
    assert proof is not None
    assert proof.mark == "secondary"
