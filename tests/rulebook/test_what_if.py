"""Closed complaints judged fast are judged as the clock judges them: same deadline, same limit, late or not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rulebook.calendar import calendar
from rulebook.clock import CaseClock
from rulebook.pack import read_pack, rule_pack
from rulebook.what_if import Facts, WhatIf, events
from tests.rulebook.helpers import on

MADE_UP = """
pack: made-up
jurisdiction: XX
layer: statute
title: {zh: 虚构规则, en: Rules that nobody made}
time_zone: Europe/London
calendar: cn
in_force: {from: 2000-01-01}
sources: [{title: 虚构, number: none, issued: 2000-01-01, effective: 2000-01-01}]
limits:
  soon: {amount: 47, unit: h, citation: s. 1, text: {zh: 四十七小时, en: 47 hours}}
  week: {amount: 5, unit: wd, citation: s. 2, text: {zh: 五个工作日, en: 5 working days}}
  quarter: {amount: 56, unit: nd, citation: s. 3, text: {zh: 八周, en: 8 weeks}}
duties:
  - {id: soon, kind: duty, title: {zh: 甲, en: a}, who: x, citation: s. 1, start: [received],
     when: {severity: [important, major]}, limits: [{limit: soon}], met_by: [decision_made]}
  - {id: first, kind: target, title: {zh: 乙, en: b}, who: x, citation: s. 2, start: [received],
     limits: [{when: {complexity: simple}, limit: week}, {limit: quarter}], met_by: [notice_given.decision, closed]}
  - {id: routed, kind: duty, title: {zh: 丙, en: c}, who: x, citation: s. 2, start: [assigned],
     limits: [{when: {route: departments}, limit: week}, {limit: soon}], met_by: [closed]}
  - {id: moved, kind: duty, title: {zh: 丁, en: d}, who: x, citation: s. 2, start: [received],
     limits: [{limit: week}], met_by: [closed], cancelled_by: [notice_given.decision]}
  - {id: who, kind: duty, title: {zh: 戊, en: e}, who: x, citation: s. 2, start: [received],
     limits: [{when: {decided_by: head_office}, limit: week}, {limit: quarter}], met_by: [closed]}
"""


@cache
def asked(name: str) -> WhatIf:
    """Return the published pack called *name*, or the made-up one, ready to be asked."""
    if name != "made-up":
        pack = rule_pack(name)
        return WhatIf(pack, calendar(pack.calendar))
    with TemporaryDirectory() as folder:
        (path := Path(folder) / "made-up.yaml").write_text(MADE_UP, encoding="utf-8")
        pack = read_pack(path)
    # A short calendar, so that some of the deadlines are provisional.
    return WhatIf(pack, calendar("cn").as_known_on(date(2015, 1, 1)))


PACKS = ("cn-2020-3", "company-life", "made-up")


def instant(at: date, zone: ZoneInfo) -> datetime:
    """Return *at* itself, or the beginning of the day in *zone*."""
    return at if isinstance(at, datetime) else datetime(at.year, at.month, at.day, tzinfo=zone)


def agrees(what_if: WhatIf, received: date, answered: date, closed: date, facts: Facts) -> None:
    """Compare every judged duty with the clock of the whole story."""
    begun, told, over = (what_if.moment(day_or_instant) for day_or_instant in (received, answered, closed))
    zone = what_if.pack.zone
    clock = CaseClock.fold(
        what_if.pack,
        what_if.calendar,
        events(instant(received, zone), instant(answered, zone), instant(closed, zone), facts),
    )
    dues = what_if.dues(begun, facts)
    for position, (rule, due) in enumerate(zip(what_if.duties, dues, strict=True)):
        duty = clock.duty(rule.id)
        if due is None:
            assert duty is None
            continue
        assert duty is not None
        assert duty.deadline is not None
        met = what_if.met(position, told, over)
        # In one zone: Python calls an instant in the hour that clocks repeat unequal to itself in another zone (PEP 495).
        dated = duty.due.astimezone(UTC) if duty.due else None
        assert (due.due.astimezone(UTC), due.limit, due.provisional) == (dated, duty.limit, duty.deadline.provisional)
        assert due.last_day == duty.deadline.last_day
        assert duty.met_at == met.utc
        assert (duty.status == "met_late") == bool(due.late_days(met)), rule.id
        if duty.deadline.unit != "h":
            late = (met.utc.astimezone(what_if.pack.zone).date() - due.last_day).days
            assert due.late_days(met) == max(late, 0)


FACTS = st.builds(
    Facts,
    st.sampled_from([None, "simple", "complex"]),
    st.sampled_from(["general", "important", "major"]),
    st.sampled_from([None, "customer_service", "departments"]),
)
LENGTHS = st.one_of(st.integers(0, 70 * 86_400), st.integers(0, 900 * 86_400)).map(
    lambda seconds: timedelta(0, seconds)
)
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-11)), ZoneInfo("Asia/Shanghai")])
RECEIPTS = st.datetimes(datetime(2004, 1, 1), datetime(2028, 12, 31), timezones=ZONES)  # noqa: DTZ001  # zones come beside
ROWS = st.lists(st.tuples(RECEIPTS, LENGTHS, LENGTHS, FACTS), min_size=1, max_size=4)
Row = tuple[datetime, timedelta, timedelta, Facts]


def judge(name: str, rows: list[Row]) -> None:
    """Judge each row by its instants, and by its days as a file without times has them."""
    for received, to_answer, to_closure, facts in rows:
        begun = received.astimezone(UTC)
        answered, closed = begun + to_answer, begun + to_closure
        agrees(asked(name), begun, answered, closed, facts)
        agrees(asked(name), begun.date(), answered.date(), closed.date(), facts)


@pytest.mark.parametrize("name", PACKS)
@settings(max_examples=150, deadline=None)
@given(ROWS)
def test_a_row_is_judged_as_the_clock_judges_it(name: str, rows: list[Row]) -> None:
    judge(name, rows)


def test_a_limit_of_hours_may_end_in_the_hour_that_clocks_repeat() -> None:
    received = datetime(2004, 10, 29, 9, tzinfo=timezone(timedelta(hours=8)))
    judge("made-up", [(received, timedelta(), timedelta(), Facts(None, "general", "customer_service"))])


@pytest.mark.long
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("name", PACKS)
@settings(max_examples=5_000, deadline=None)
@given(ROWS)
def test_very_many_rows_are_judged_as_the_clock_judges_them(name: str, rows: list[Row]) -> None:
    judge(name, rows)


@pytest.mark.parametrize(
    ("answered", "days_late"),
    [
        pytest.param("Tue 2026-03-17 23:59:59", 0, id="last second of day 15"),
        pytest.param("Wed 2026-03-18 00:00:00", 1, id="first instant of day 16"),
        pytest.param("Wed 2026-03-18 23:59:59", 1, id="last second of day 16"),
        pytest.param("Thu 2026-03-19 00:00:00", 2, id="first instant of day 17"),
    ],
)
def test_an_answer_is_late_from_the_first_instant_after_the_last_day(answered: str, days_late: int) -> None:
    """The first late day counts as one (art. 18(1), Civil Code art. 201)."""
    what_if = asked("cn-2020-3")
    (due,) = what_if.dues(what_if.moment(on("Mon 2026-03-02 10:00:00")), Facts())
    assert due is not None
    assert due.late_days(what_if.moment(on(answered))) == days_late


def test_hours_are_late_by_the_days_begun_since_they_ran_out() -> None:
    what_if = asked("made-up")
    received = datetime(2026, 3, 2, 10, tzinfo=UTC)
    due, *_ = what_if.dues(what_if.moment(received), Facts(severity="major"))
    assert due is not None
    late = [due.late_days(what_if.moment(received + timedelta(hours=hours))) for hours in (46, 47, 70, 71)]
    assert late == [0, 1, 1, 2]


def test_a_complex_complaint_has_thirty_days() -> None:
    what_if = asked("cn-2020-3")
    received = what_if.moment(date(2026, 3, 2))
    found = [what_if.dues(received, Facts(complexity))[0] for complexity in ("simple", "complex", None)]
    assert [(due.limit, str(due.last_day)) for due in found if due] == [
        ("decide_simple", "2026-03-17"),
        ("decide_complex", "2026-04-01"),
        ("decide_simple", "2026-03-17"),
    ]


def test_what_the_data_cannot_answer_is_left_out_with_its_reason() -> None:
    assert [rule.id for rule in asked("company-life").duties] == ["decide", "settle", "settle_target", "kpi"]
    left_out = asked("company-life").left_out
    assert left_out["dispatch"] == "fulfilment"
    assert left_out["first_look"] == "fulfilment"
    assert left_out["progress"] == "start"
    assert left_out["review_window"] == "window"
    assert left_out["report_up"] == "no_limit"
    assert asked("made-up").left_out == {"moved": "moved", "who": "facts"}


@pytest.mark.parametrize("name", PACKS)
def test_every_duty_is_judged_or_left_out(name: str) -> None:
    what_if = asked(name)
    assert {rule.id for rule in what_if.duties} | set(what_if.left_out) == {rule.id for rule in what_if.pack.duties}
