"""The proof of a complaint says of every deadline what started it, what moved it and what ended it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.proof import CaseProof, DutyProof
from models.proof_words import REASONS, limit_words, reason_words
from models.proving import prove
from rulebook import events as ev
from rulebook.limit import Unit
from rulebook.pack import Pin, pack_names, pin_for, rule_pack
from tests.records.parts import COMPANY_PIN, PIN, slip_story, story
from tests.records.samples import sample
from tests.rulebook.helpers import approved, classified, facts_added, on, received, told

HEAD = "a" * 64


def proof(events: list[ev.Event], pin: Pin = PIN) -> CaseProof:
    return prove("C-1", events, pin, HEAD)


def one(made: CaseProof, key: str = "decide") -> DutyProof:
    (found,) = (duty for duty in made.duties if duty.key == key)
    return found


def test_every_version_says_why_it_came_and_which_event_brought_it() -> None:
    decide = one(proof(story()))
    assert [(v.last_day, v.reason, [event.seq for event in v.because_of]) for v in decide.versions] == [
        ("2026-03-17 (周二) 24:00", "received", [1]),
        (None, "clock_paused", [5]),
        ("2026-03-18 (周三) 24:00", "clock_resumed", [6]),
    ]
    assert all(version.agrees for version in decide.versions)


@pytest.mark.parametrize(
    ("amount", "unit", "words"),
    [
        (1, "wd", ("1 工作日", "1 working day")),
        (2, "wd", ("2 工作日", "2 working days")),
        (1, "h", ("1 小时", "1 hour")),
    ],
)
def test_a_limit_of_one_is_one(amount: int, unit: Unit, words: tuple[str, str]) -> None:
    assert limit_words(amount, unit, 0) == words


def test_the_start_is_the_receipt_with_the_later_moment_of_recording() -> None:
    start = one(proof(story())).started_by
    assert start is not None
    assert (start.seq, start.type, start.by) == (1, "received", "system")
    assert (start.at, start.recorded_at) == (on("Mon 2026-03-02 10:00"), on("Mon 2026-03-02 10:05"))


def test_a_pause_comes_with_ground_article_and_its_events() -> None:
    (pause,) = one(proof(story())).versions[-1].pauses
    assert (pause.ground, pause.citation) == ("external_appraisal", "办法 第十八条第二款")
    assert (pause.start, pause.end) == (on("Wed 2026-03-04 09:00"), on("Thu 2026-03-05 09:00"))
    assert [event.seq for event in pause.events] == [5, 6]


def test_an_article_that_nobody_read_in_the_law_itself_carries_its_mark() -> None:
    events = [received("Tue 2020-02-25 10:00")]
    decide = one(proof(events, pin_for(events[0].at, events[0].at.date())))
    (limit,) = (version.limit for version in decide.versions)
    assert decide.citation.endswith("〔二手资料 secondary〕")
    assert limit.citation.endswith("〔二手资料 secondary〕")


def test_a_breach_says_when_it_was_recorded_and_what_ended_the_duty_late() -> None:
    decide = one(proof(story()))
    (breach,) = decide.breaches
    assert (breach.due, breach.delay, breach.stands, breach.seq) == (on("Thu 2026-03-19 00:00"), timedelta(), True, 9)
    assert (decide.status, decide.ended_by and decide.ended_by.seq) == ("met_late", 11)


def test_a_breach_that_a_later_fact_refutes_is_shown_and_does_not_stand() -> None:
    """A letter posted in time and entered days later."""
    due = on("Wed 2026-03-18 00:00")
    breach = ev.DeadlineBreached(at=due, recorded_at=due + timedelta(hours=3), duty="decide", due=due)
    events = [received(), breach, told("Tue 2026-03-17 15:00", recorded="Thu 2026-03-19 09:00")]
    decide = one(proof(events))
    assert [(one.stands, one.delay) for one in decide.breaches] == [(False, timedelta(hours=3))]
    assert not decide.breached


def test_an_extension_names_its_approval_and_the_notice_that_brought_it_into_force() -> None:
    events = [
        received(),
        classified("Mon 2026-03-02 12:00", "complex"),
        approved("Mon 2026-03-30 10:00", days=28),
        told("Tue 2026-03-31 10:00", kind="extension", ref="x1"),
    ]
    version = one(proof(events)).versions[-1]
    assert (version.reason, [event.seq for event in version.because_of]) == ("extension", [3, 4])
    assert (version.limit.amount, version.limit.extended_by) == (30, 28)
    assert (version.days[-1].number, version.last_day) == (58, "2026-04-29 (周三) 24:00")


def test_new_facts_start_the_count_anew_and_the_earlier_one_stays() -> None:
    versions = one(proof([received(), facts_added("Tue 2026-03-10 09:00")])).versions
    assert [version.days[0].day.isoformat() for version in versions] == ["2026-03-02", "2026-03-10"]
    assert [version.started_by and version.started_by.seq for version in versions] == [1, 2]


def test_a_rule_names_the_layer_and_the_pack_that_it_comes_from() -> None:
    made = proof(slip_story(), COMPANY_PIN)
    assert [(source.pack, len(source.sources)) for source in made.rules] == [("cn-2020-3", 2), ("company-life", 1)]
    statute, company = one(made), one(made, "dispatch")
    assert (statute.layer, statute.pack, statute.hash) == ("statute", "cn-2020-3", rule_pack("cn-2020-3").content_hash)
    assert (company.layer, company.pack) == ("company", "company-life")
    assert company.hash == rule_pack("company-life").content_hash


def test_the_duties_of_slips_are_proved_too() -> None:
    made = proof(slip_story(), COMPANY_PIN)
    accept = one(made, "s1/accept")
    assert (accept.slip, accept.status, accept.started_by and accept.started_by.seq) == ("s1", "met_late", 2)
    assert (accept.ended_by and accept.ended_by.seq, [breach.seq for breach in accept.breaches]) == (8, [6])
    assert one(made, "redispatch").ended_by == one(made, "s3/accept").started_by


def test_the_notice_behind_a_holiday_is_listed_with_its_number() -> None:
    """国庆节 2026: 3 working days from Wed 30 September end on Sat 10 October, a make-up day."""
    made = proof([received("Wed 2026-09-30 10:00")], COMPANY_PIN)
    version = one(made, "settle").versions[-1]
    holiday = next(day for day in version.days if day.reason == "国庆节")
    assert (holiday.kind, holiday.why_zh, holiday.source) == ("skipped", "国庆节，不计", "cn-2026")
    made_up = next(day for day in version.days if day.kind == "made_up")
    assert (made_up.day.isoformat(), made_up.why_zh) == ("2026-10-10", "补班 国庆节，计入")
    assert [notice.id for notice in made.notices] == ["cn-2026"]


def test_a_year_without_a_notice_is_provisional_and_says_how_far_the_notices_reach() -> None:
    version = one(proof([received("Wed 2026-12-30 10:00")], COMPANY_PIN), "settle").versions[-1]
    assert version.provisional
    assert version.horizon.isoformat() == "2026-12-31"
    assert version.days[-1].provisional


def test_a_proof_survives_json() -> None:
    made = proof(slip_story(), COMPANY_PIN)
    assert CaseProof.model_validate_json(made.model_dump_json()) == made


def re_dating() -> list[str]:
    """Every code that a version's reason may have after the first: facts, pauses, extensions, and what packs restart by."""
    at = on("Mon 2026-03-02 10:00")
    events = [sample(kind, at) for kind in ev.EVENT_TYPES]
    facts = {ev.event_type(event) for event in events if type(event).facts is not ev.Event.facts}
    packs = [rule_pack(name) for name in pack_names()]
    rules = [rule for pack in packs for rule in (*pack.duties, *(pack.slips.duties if pack.slips else ()))]
    named = {name.split(".")[0] for rule in rules for name in (*rule.reset_by, *rule.restart_by)}
    return sorted(facts | named | {"clock_paused", "clock_resumed", "extension"})


@pytest.mark.parametrize("code", re_dating())
def test_every_reason_for_another_version_has_its_words(code: str) -> None:
    assert code in REASONS, "say in models/proof_words.py why a deadline changes"
    assert reason_words(code, first=False) == REASONS[code]
