"""What holds for every case that is moved between rules, however often."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rulebook import events as ev
from rulebook.clock import CaseClock
from rulebook.clock_move import move_duties
from rulebook.limit import in_utc
from rulebook.pack import RulePack, rule_pack
from tests.rulebook.helpers import (
    CN,
    COMPANY,
    PACK,
    SHANGHAI,
    decided,
    due,
    duty,
    facts_added,
    fold,
    on,
    received,
    ring,
    told,
)
from tests.rulebook.test_clock_properties import START, cases, picture

PACKS = (rule_pack("cn-2013-8"), PACK, COMPANY)
END = datetime(2030, 1, 1, tzinfo=UTC)
fast = settings(deadline=None, max_examples=120)
moves = st.lists(st.tuples(st.integers(0, 13), st.sampled_from(PACKS)), min_size=1, max_size=4)


def move(at: datetime, before: RulePack, to: RulePack) -> ev.RulesMoved:
    named = {"before": before.pack, "before_hash": before.content_hash, "pack": to.pack, "pack_hash": to.content_hash}
    return ev.RulesMoved(at=at, recorded_at=at, calendar=CN.version, reason="r", **named)


def with_moves(events: list[ev.Event], planned: list[tuple[int, RulePack]]) -> list[ev.Event]:
    """Return *events*, of a case that opens under the statute, with moves behind some of them."""
    here, found = PACK, list[ev.Event]()
    for number, event in enumerate(events):
        found.append(event)
        for place, to in planned:
            if place % len(events) == number and to is not here:
                found.append(move(event.recorded_at, here, to))
                here = to
    return found


moving = st.builds(with_moves, cases, moves)


@fast
@given(moving)
def test_applying_one_by_one_equals_folding_and_reading_back_from_json(events: list[ev.Event]) -> None:
    clock = CaseClock(PACK, CN)
    again = [ev.event_from_json(ev.event_to_json(event)) for event in events]
    for count, event in enumerate(events, start=1):
        clock.apply(event)
        assert picture(clock) == picture(CaseClock.fold(PACK, CN, again[:count]))


@fast
@given(moving)
def test_versions_are_never_removed_or_changed_and_no_duty_is_lost(events: list[ev.Event]) -> None:
    clock = CaseClock(PACK, CN)
    before: dict[str, list[Any]] = {}
    for event in events:
        clock.apply(event)
        now = {one.key: list(one.versions) for one in clock.duties}
        assert all(now[key][: len(versions)] == versions for key, versions in before.items())
        before = now


DECIDED = "Tue 2026-03-10 10:00"
DUE = on("Wed 2026-03-18 00:00")
"""When `decide` of Order 2020 No. 3 falls due for a complaint received on 2026-03-02; by Order 2013 No. 8 a day earlier."""
SECOND = timedelta(seconds=1)
EDGES = st.sampled_from([-SECOND, timedelta(), SECOND])
OPENED_AGAIN = [
    received(),
    move(START, PACK, PACKS[0]),
    facts_added("Wed 2026-03-11 10:00"),
    decided("Mon 2026-03-16 23:59").model_copy(update={"recorded_at": on("Tue 2026-03-17 00:00")}),
    move(on("Tue 2026-03-17 00:00"), PACKS[0], PACK),
]
"""Decided in time and written down a minute later, then moved to rules under which new facts open the duty again."""


def there_and_back(back: datetime) -> list[ev.Event]:
    """Return a case that is decided, which is enough where it is then, not told, and moved *back* to where it is not."""
    return [received(), move(START, PACK, PACKS[0]), decided(DECIDED), move(back, PACKS[0], PACK)]


def breached_by_a_move(events: list[ev.Event]) -> set[str]:
    """Return the duties that were never breached, not under rules that the case comes back to either, until a move came."""
    clock, made, late = CaseClock(PACK, CN), set[str](), set[str]()
    for event in events:
        ring(clock, event.recorded_at)
        late |= {one.key for one in clock.duties if one.breached}
        clock.apply(event)
        ring(clock, event.recorded_at)
        if isinstance(event, ev.RulesMoved):
            made |= {one.key for one in clock.duties if one.breached} - late
    return made


@fast
@given(moving)
@example(OPENED_AGAIN)
@example(there_and_back(DUE))
@example(there_and_back(DUE + SECOND))
def test_no_move_makes_a_breach(events: list[ev.Event]) -> None:
    """A breach that counts is of a deadline that bound somebody while it could still be met."""
    assert breached_by_a_move(events) == set()


def with_moves_at_edges(events: list[ev.Event], planned: list[tuple[int, RulePack, timedelta]]) -> list[ev.Event]:
    """Return *events*, recorded later where needed, with moves about a second from instants that ever were deadlines."""
    here, found, clock = PACK, list[ev.Event](), CaseClock(PACK, CN)

    def happen(event: ev.Event) -> None:
        now = max(event.recorded_at, found[-1].recorded_at) if found else event.recorded_at
        found.append(event.model_copy(update={"recorded_at": now}))
        clock.apply(found[-1])

    for number, event in enumerate(events):
        happen(event)
        for place, to, edge in planned:
            ever = {version.due for one in clock.duties for version in one.versions if version.due}
            edges = [in_utc(due) + edge for due in ever if in_utc(due) + edge >= found[-1].recorded_at]
            if place % len(events) == number and to is not here and edges:
                happen(move(min(edges), here, to))
                here = to
    return found


at_edges = st.lists(st.tuples(st.integers(0, 13), st.sampled_from(PACKS), EDGES), min_size=1, max_size=4)


@fast
@given(st.builds(with_moves_at_edges, cases, at_edges))
def test_no_move_at_the_edge_of_a_deadline_makes_a_breach(events: list[ev.Event]) -> None:
    """Moved a second before an instant that ever was a deadline of the case, at it, or a second after it."""
    assert breached_by_a_move(events) == set()


@pytest.mark.parametrize(
    ("back", "deadline", "put_into_the_past"),
    [
        pytest.param(DUE - SECOND, DUE, False, id="the last second: it can still be met"),
        pytest.param(DUE, DUE, True, id="the first instant that is too late"),
        pytest.param(DUE + SECOND, DUE + SECOND, True, id="a second later"),
    ],
)
def test_moved_back_to_a_deadline_that_bound_nobody_when_it_came(
    back: datetime, deadline: datetime, put_into_the_past: bool
) -> None:
    """While it could be met the case was elsewhere, where to decide is enough; before it has come it binds again."""
    clock = CaseClock.fold(PACK, CN, there_and_back(back))
    decide = duty(clock)
    assert (decide.status, decide.due, decide.shortened) == ("open", deadline, put_into_the_past)
    ring(clock, DUE + SECOND)
    assert (decide.overdue, decide.breached) == (True, not put_into_the_past)
    clock.apply(told("Fri 2026-03-20 10:00"))
    assert (decide.status, decide.breached) == ("met_late", not put_into_the_past)


def test_what_was_done_by_the_same_last_day_elsewhere_is_no_breach_when_the_case_comes_back() -> None:
    """15 natural days and 10 working days end on one day: who had decided by then owed nothing when it came."""
    first = received("Mon 2025-03-24 10:00")
    there = move(first.at, PACK, PACKS[0])
    assert due(fold(first)) == due(fold(first, there)) == "Wed 2025-04-09 00:00"
    back = move(on("Wed 2025-04-09 00:00"), PACKS[0], PACK)
    events = [first, there, decided("Mon 2025-03-31 10:00"), back]
    assert breached_by_a_move(events) == set()
    clock = fold(*events)
    assert (duty(clock).status, duty(clock).shortened) == ("open", True)


def test_a_deadline_that_came_while_the_duty_was_merely_prompt_bound_nobody() -> None:
    """Moved to rules that want it done promptly and set no day, and back when the day of the first ones has come."""
    there, back = move(on(DECIDED), PACK, PACKS[0]), move(DUE, PACKS[0], PACK)
    prompt = fold(received())
    duty(prompt).versions.clear()
    held = move_duties({"decide": duty(fold(received()))}, {"decide": duty(prompt)}, there, SHANGHAI)
    assert held["decide"].due is None
    found = move_duties(held, {"decide": duty(fold(received()))}, back, SHANGHAI)["decide"]
    assert (found.status, found.due, found.shortened, found.bound_by) == ("open", DUE, True, set())


@fast
@given(moving)
def test_alarms_come_in_order_end_and_ring_once_each(events: list[ev.Event]) -> None:
    clock = CaseClock(PACK, CN)
    rung = []
    for event in events:
        rung += ring(clock, event.recorded_at)
        clock.apply(event)
    rung += ring(clock, END, most=200)
    keys = [(alarm.duty, alarm.due, alarm.kind, alarm.before) for alarm in rung if alarm.kind != "window_end"]
    assert len(set(keys)) == len(keys)
    assert clock.next_alarm(END) is None


@fast
@given(cases, st.sampled_from(PACKS), st.integers(0, 13))
def test_there_and_back_ends_where_it_never_left(events: list[ev.Event], to: RulePack, place: int) -> None:
    """With the same due instants and the same ends, and the versions of the move besides."""
    clock, never = CaseClock(COMPANY, CN), CaseClock.fold(COMPANY, CN, events)
    for number, event in enumerate(events):
        clock.apply(event)
        if number == place % len(events) and to is not COMPANY:
            clock.apply(move(event.recorded_at, COMPANY, to))
            clock.apply(move(event.recorded_at, to, COMPANY))
    found = {one.key: (one.status, one.ended_at, one.due) for one in clock.duties}
    expected = {one.key: (one.status, one.ended_at, one.due) for one in never.duties}
    assert found.items() >= expected.items()
    assert all(found[key][0] != "open" for key in found.keys() - expected.keys()), "what only the others had"
    for one in never.duties:
        same = clock.duty(one.key)
        assert same is not None
        assert [version for version in same.versions if version.reason != "rules_moved"] == one.versions


@fast
@given(cases, st.integers(0, 13), st.integers(0, 60))
def test_what_the_new_rules_set_anew_is_due_as_if_they_had_always_held_or_at_the_move(
    events: list[ev.Event], place: int, wait: int
) -> None:
    at = events[place % len(events)].recorded_at + timedelta(minutes=wait)
    known = [event for event in events if event.recorded_at <= at]
    clock = CaseClock.fold(PACK, CN, [*known, move(at, PACK, COMPANY)])
    always = CaseClock.fold(COMPANY, CN, known)
    for one in clock.duties:
        if one.status == "open" and not one.shortened:
            counterpart = always.duty(one.key)
            assert counterpart is not None
            assert (one.status, one.due, one.limit) == (counterpart.status, counterpart.due, counterpart.limit)
        if one.shortened:
            assert one.due is not None
            assert in_utc(one.due) == in_utc(at)
