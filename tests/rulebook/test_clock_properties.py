"""What holds for every sequence of events the law allows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from rulebook import events as ev
from rulebook.clock import CaseClock
from rulebook.limit import last_day
from tests.rulebook import oracle
from tests.rulebook.helpers import CN, PACK, SHANGHAI, duty, fold, received, ring

START = datetime(2026, 3, 2, 2, tzinfo=UTC)
NAMES = st.sampled_from(["a", "b"])
NOTICES = st.sampled_from(["decision", "extension", "pause", "refusal", "review_decision"])
BODIES: st.SearchStrategy[tuple[type[ev.Event], dict[str, Any]]] = st.one_of(
    st.tuples(
        st.just(ev.Classified),
        st.fixed_dictionaries({"complexity": st.sampled_from(["simple", "complex"]), "reason": st.just("r")}),
    ),
    st.tuples(
        st.just(ev.ClockPaused),
        st.fixed_dictionaries(
            {"pause": NAMES, "ground": st.sampled_from(["external_appraisal", "mediation"]), "reason": st.just("r")}
        ),
    ),
    st.tuples(st.just(ev.ClockResumed), st.fixed_dictionaries({"pause": NAMES, "reason": st.just("r")})),
    st.tuples(
        st.just(ev.ExtensionApproved),
        st.fixed_dictionaries(
            {
                "request": NAMES,
                "days": st.integers(1, 40),
                "ground": st.sampled_from(["superior_institution", "head_office_senior_manager"]),
                "reason": st.just("r"),
            }
        ),
    ),
    st.tuples(
        st.just(ev.NoticeGiven),
        st.fixed_dictionaries(
            {"kind": NOTICES, "ref": st.none()}
            | dict.fromkeys(("notice", "method", "template", "template_hash", "body_hash", "proof"), st.just("n"))
        ),
    ),
    st.tuples(st.just(ev.FactsAdded), st.just({"summary": "s"})),
    st.tuples(
        st.just(ev.DecisionMade),
        st.fixed_dictionaries(
            {"decided_by": st.sampled_from(["branch", "head_office"])}
            | dict.fromkeys(("unit", "decision", "verification", "basis", "reasons"), st.just("x"))
            | {
                "liability": st.just("responsible"),
                "causes": st.just(("c",)),
                "agreed": st.just(True),
            }
        ),
    ),
    st.tuples(st.just(ev.ReviewRequested), st.just({"review": "r1", "reason": "r"})),
    st.tuples(st.just(ev.Withdrawn), st.just({"reason": "r"})),
)
STEPS = st.tuples(BODIES, st.integers(0, 12 * 24 * 60), st.integers(0, 4 * 24 * 60))


def case(steps: list[tuple[tuple[type[ev.Event], dict[str, Any]], int, int]]) -> list[ev.Event]:
    """Return a case: each event is recorded some minutes after the one before, and was true some minutes earlier."""
    events: list[ev.Event] = [received()]
    now = START
    for (kind, fields), later, earlier in steps:
        now += timedelta(minutes=later)
        at = max(START, now - timedelta(minutes=earlier))
        events.append(kind(at=at, recorded_at=now, **fields))
    return events


cases = st.lists(STEPS, max_size=12).map(case)
fast = settings(deadline=None, max_examples=150)


def picture(clock: CaseClock) -> list[Any]:
    """Return everything that can be seen of *clock*."""
    end = datetime(2030, 1, 1, tzinfo=UTC)
    return [clock.duties, clock.next_due, clock.overdue, clock.breached, clock.paused, clock.next_alarm(end)]


@fast
@given(cases)
def test_applying_events_one_by_one_equals_folding_them_and_folding_twice(events: list[ev.Event]) -> None:
    clock = CaseClock(PACK, CN)
    for count, event in enumerate(events, start=1):
        clock.apply(event)
        assert picture(clock) == picture(fold(*events[:count]))


@fast
@given(cases)
def test_a_case_read_back_from_json_has_the_same_clock(events: list[ev.Event]) -> None:
    again = [ev.event_from_json(ev.event_to_json(event)) for event in events]
    assert again == events
    assert picture(fold(*again)) == picture(fold(*events))


@fast
@given(cases)
def test_alarms_end_come_in_order_and_ring_once_each(events: list[ev.Event]) -> None:
    clock = fold(*events)
    rung = ring(clock, datetime(2030, 1, 1, tzinfo=UTC))
    assert len({(alarm.duty, alarm.due, alarm.kind, alarm.before) for alarm in rung}) == len(rung)
    assert [alarm.at for alarm in rung] == sorted(alarm.at for alarm in rung)
    assert clock.next_alarm(datetime(2030, 1, 1, tzinfo=UTC)) is None


@fast
@given(cases)
def test_alarms_answered_as_the_case_goes_ring_once_each_too(events: list[ev.Event]) -> None:
    clock = CaseClock(PACK, CN)
    rung = []
    for event in events:
        rung += ring(clock, event.recorded_at)
        clock.apply(event)
    rung += ring(clock, datetime(2030, 1, 1, tzinfo=UTC))
    keys = [(alarm.duty, alarm.due, alarm.kind, alarm.before) for alarm in rung if alarm.kind != "window_end"]
    assert len(set(keys)) == len(keys)


@fast
@given(cases)
def test_no_reminder_is_older_than_the_news_it_reminds_of(events: list[ev.Event]) -> None:
    clock = fold(*events)
    for alarm in ring(clock, datetime(2030, 1, 1, tzinfo=UTC)):
        one = duty(clock, alarm.duty)
        (version, *_) = [version for version in reversed(one.versions) if version.due == alarm.due]
        assert version.computed_at is not None
        assert alarm.kind != "reminder" or version.computed_at < alarm.at < alarm.due


@fast
@given(cases)
def test_versions_are_never_removed_or_changed(events: list[ev.Event]) -> None:
    clock = CaseClock(PACK, CN)
    before: dict[str, list[Any]] = {}
    for event in events:
        clock.apply(event)
        now = {one.key: list(one.versions) for one in clock.duties}
        assert all(now[key][: len(versions)] == versions for key, versions in before.items())
        before = now


@fast
@given(cases)
def test_no_deadline_passes_the_ceiling_of_60_days_and_the_pauses(events: list[ev.Event]) -> None:
    for one in fold(*events).duties:
        for version in one.versions:
            assert version.amount + version.extended_by <= (60 if one.id == "decide" else 30)


@fast
@given(cases)
def test_an_open_pause_leaves_no_statutory_deadline_unless_it_began_too_late(events: list[ev.Event]) -> None:
    clock = fold(*events)
    for one in clock.duties:
        if one.id == "decide" and one.status == "open" and clock.paused and one.due is not None:
            starts = [event.at for event in events if isinstance(event, ev.ClockPaused)]
            assert any(start >= one.due for start in starts)


@fast
@given(cases)
def test_a_breach_is_seen_exactly_when_a_duty_was_done_late_or_rang(events: list[ev.Event]) -> None:
    clock = CaseClock(PACK, CN)
    for event in events:
        ring(clock, event.recorded_at)
        clock.apply(event)
    for one in clock.duties:
        done_late = one.kind == "duty" and one.ended_at is not None and one.due is not None and one.ended_at >= one.due
        assert one.breached or not (done_late or one.overdue)
        assert one.breaches or not one.breached or done_late


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 15 * 1440 - 1), st.integers(0, 6 * 1440)), min_size=1, max_size=3))
def test_the_clock_of_a_paused_case_agrees_with_the_slow_count(pauses: list[tuple[int, int]]) -> None:
    spans = [(START + timedelta(minutes=a), START + timedelta(minutes=a + b)) for a, b in pauses]
    events: list[ev.Event] = [received()]
    for number, (begin, end) in enumerate(spans):
        stamp: dict[str, Any] = {"recorded_at": end, "pause": f"p{number}", "reason": "r"}
        events.append(ev.ClockPaused(at=begin, ground="mediation", **stamp))
        events.append(ev.ClockResumed(at=end, **stamp))
    found = duty(fold(*events)).due
    assert found is not None
    assert oracle.minute(found) == oracle.with_pauses(START, oracle.natural_days(START, 15, SHANGHAI), spans)
    assert last_day(found) <= found.date()
