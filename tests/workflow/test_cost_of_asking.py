"""What every wait condition asks costs what is new, and gives what a look at all events would give."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from models.particulars import Corrections, corrected
from rulebook import events as ev
from tests.cost import calls
from tests.records.parts import COMPANY_PIN, OPENED, PIN, intake
from workflows.case import Case
from workflows.display import index
from workflows.notices import owed
from workflows.receipt import on_receipt
from workflows.rest import at_rest

MINUTE = timedelta(minutes=1)


def begun(pin: Any = PIN) -> Case:
    case = Case(intake(), pin)
    for event in on_receipt(case, OPENED):
        case.append(event)
    case.append(ev.Acknowledged(at=OPENED, recorded_at=OPENED, ticket="TS-1"))
    return case


def given(kind: ev.NoticeKind, ref: str, number: int) -> ev.NoticeGiven:
    at = OPENED + number * MINUTE
    return ev.NoticeGiven(
        at=at,
        recorded_at=at,
        kind=kind,
        notice=f"n{number}",
        method="sms",
        template="t",
        template_hash="",
        body_hash="",
        proof="p",
        ref=ref,
    )


def contacted(number: int) -> list[ev.Event]:
    at = OPENED + number * MINUTE
    return [ev.ContactAttempted(at=at, recorded_at=at, by="p-1", method="phone", reached=True, summary="已告知。")]


def progressed(number: int) -> list[ev.Event]:
    at = OPENED + number * MINUTE
    written = ev.ProgressWritten(at=at, recorded_at=at, by="p-1", progress=f"j{number}", text="正在核实。")
    return [written, given("progress", f"j{number}", number)]


ASKED: dict[str, Callable[[Case], Any]] = {
    "owed": owed,
    "at rest": at_rest,
    "index": index,
    "took part": lambda case: case.took_part("p-1"),
    "newest facts": lambda case: case.facts_at,
    "corrections": lambda case: case.corrections,
    "alarm": lambda case: case.clock.next_alarm(OPENED + 10_000 * MINUTE),
}


@pytest.mark.parametrize("more", [contacted, progressed])
@pytest.mark.parametrize("name", ASKED)
def test_asking_a_long_case_takes_no_more_than_asking_a_short_one(
    name: str, more: Callable[[int], list[ev.Event]]
) -> None:
    case, counted = begun(COMPANY_PIN), list[int]()
    for number in range(1, 601):
        for event in more(number):
            case.append(event)
        if number in {60, 600}:
            counted.append(calls(lambda: ASKED[name](case)))
    short, long = counted
    assert long <= short + 5


def test_one_more_event_costs_the_same_in_a_long_case() -> None:
    case, counted = begun(COMPANY_PIN), list[int]()
    for number in range(1, 601):
        for event in progressed(number):
            cost = calls(lambda event=event: case.append(event))  # type: ignore[misc]
        if number in {60, 600}:
            counted.append(cost)
    short, long = counted
    assert long <= short * 1.2 + 20


def plain(case: Case) -> set[tuple[str, str | None]]:
    """Return which progress and pauses are owed, by a look at all events."""
    told: list[tuple[str, str | None, bool]] = []
    for event in case.events:
        if isinstance(event, ev.NoticeGiven | ev.NoticeExempted):
            told.append((event.kind, event.ref, isinstance(event, ev.NoticeExempted)))
        elif isinstance(event, ev.ExemptionLifted):
            told = [one for one in told if one != (event.kind, event.ref, True)]
    asked = {("progress", event.progress) for event in case.events if isinstance(event, ev.ProgressWritten)}
    asked |= {("pause", event.pause) for event in case.events if isinstance(event, ev.ClockPaused)}
    return {one for one in asked if (*one, True) not in told and (*one, False) not in told}


@pytest.mark.parametrize("seed", range(12))
def test_what_is_owed_is_what_a_look_at_all_events_finds(seed: int) -> None:
    """Whatever is told, exempted, and told after all, in any order and more than once."""
    chance, case = random.Random(seed), begun()  # noqa: S311  # an order of events, no secret
    for number in range(1, 80):
        at = OPENED + number * MINUTE
        kind: ev.NoticeKind = chance.choice(("progress", "pause"))
        ref = f"{kind}-{chance.randint(1, max(1, number // 3))}"
        new = f"{kind}-{number}"
        event: ev.Event = chance.choice(
            [
                ev.ProgressWritten(at=at, recorded_at=at, by="p-1", progress=new, text="进展。")
                if kind == "progress"
                else ev.ClockPaused(
                    at=at, recorded_at=at, by="p-1", pause=new, ground="external_appraisal", reason="鉴定"
                ),
                given(kind, ref, number),
                ev.NoticeExempted(at=at, recorded_at=at, by="p-1", kind=kind, reason="号码停用", ref=ref),
                ev.ExemptionLifted(at=at, recorded_at=at, kind=kind, ref=ref),
            ]
        )
        case.append(event)
        found = {(one.kind, one.ref) for one in owed(case) if one.kind in {"progress", "pause"}}
        assert found == plain(case)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("unnamed", [False, True])
def test_the_corrections_that_are_kept_come_to_the_same_as_all(seed: int, *, unnamed: bool) -> None:
    chance = random.Random(seed)  # noqa: S311  # an order of events, no secret
    said = intake(complainant={"kind": "unnamed", "reference": "caller-7"}) if unnamed else intake()
    kept, every = Corrections(), list[ev.ParticularsCorrected]()
    for number in range(40):
        named = chance.random() < 0.5
        one = ev.ParticularsCorrected(
            at=OPENED,
            recorded_at=OPENED,
            by="p-1",
            name=f"姓名{number}" if named else None,
            document=None if named else "passport",
            number=None if named else f"E{number:08}",
            reason="更正",
            salt="00",
        )
        every.append(one)
        kept.take(one)
        assert corrected(said, kept.standing) == corrected(said, every)
        assert len(kept.standing) <= 4
