"""What holds for every case that is moved between rules, however often."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from rulebook import events as ev
from rulebook.clock import CaseClock
from rulebook.limit import in_utc
from rulebook.pack import RulePack, rule_pack
from tests.rulebook.helpers import CN, COMPANY, PACK, ring
from tests.rulebook.test_clock_properties import cases, picture

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


RECEIVED = datetime(2026, 3, 2, 2, tzinfo=UTC)
OPENED_AGAIN = [
    ev.Received(at=RECEIVED, recorded_at=RECEIVED, content_hash="h", channel="phone", unit="u"),
    move(RECEIVED, PACK, PACKS[0]),
    ev.FactsAdded(at=RECEIVED + timedelta(days=9), recorded_at=RECEIVED + timedelta(days=9), summary="s"),
    ev.DecisionMade(
        at=datetime(2026, 3, 16, 15, 59, tzinfo=UTC),
        recorded_at=datetime(2026, 3, 16, 16, tzinfo=UTC),
        decided_by="branch",
        unit="x",
        liability="responsible",
        causes=("c",),
        decision="x",
        verification="x",
        basis="x",
        reasons="x",
        agreed=True,
    ),
    move(datetime(2026, 3, 16, 16, tzinfo=UTC), PACKS[0], PACK),
]
"""Decided in time and written down a minute later, then moved to rules under which new facts open the duty again."""


@fast
@given(moving)
@example(OPENED_AGAIN)
def test_no_move_makes_a_breach(events: list[ev.Event]) -> None:
    """A breach that counts is of a deadline that bound somebody while it could still be met."""
    clock = CaseClock(PACK, CN)
    for event in events:
        ring(clock, event.recorded_at)
        late = {one.key for one in clock.duties if one.breached}
        clock.apply(event)
        ring(clock, event.recorded_at)
        if isinstance(event, ev.RulesMoved):
            assert {one.key for one in clock.duties if one.breached} <= late


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
