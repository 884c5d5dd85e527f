"""Every deadline against one that was counted day by day from the text of the law, by code that shares nothing with ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rulebook.calendar import FOLDER, WorkingCalendar, calendar, read_calendar
from rulebook.deadline import date_limit
from rulebook.limit import UNITS, Limit, Pause
from tests.rulebook import oracle
from tests.rulebook.notices_by_hand import FIRST, NOTICES

CN = calendar("cn")
ZONES = tuple(
    ZoneInfo(name)
    for name in (
        "Asia/Shanghai",
        "America/New_York",  # changes at two in the morning
        "Europe/Berlin",
        "America/Sao_Paulo",  # until 2019 days began at one in the morning, once a year
        "America/Havana",  # midnight strikes twice, once a year
        "Africa/Cairo",  # days without a midnight
        "Australia/Lord_Howe",  # changes by half an hour
        "Asia/Kathmandu",  # a quarter of an hour off
        "Pacific/Kiritimati",
    )
)
LONGEST = {"nd": 90, "wd": 45, "h": 1500, "w": 13, "m": 14}
SPAN = (date(2026, 12, 31) - FIRST).days + 200
KNOWN = [notice.published for notice in NOTICES]
PER_SEED, SEEDS = 100_000, 20


@dataclass(frozen=True)
class Question:
    """A limit of any unit from any instant, under the calendar as known on some day, with what is left out."""

    amount: int
    unit: str
    start: datetime
    zone: ZoneInfo
    spans: tuple[oracle.Span, ...]
    known_on: str


def seeded(seed: int) -> Random:
    """Return a generator that asks the same questions whenever it is given the same *seed*."""
    return Random(seed)  # noqa: S311  # a repeatable sample, not a secret


def draw(random: Random) -> Question:
    """Return a question: mostly ordinary, often at an edge of a day, a pause or a calendar."""
    zone = random.choice(ZONES)
    unit = random.choice(("nd", "wd", "wd", "h", "w", "m"))
    amount = random.randint(0 if unit == "wd" else 1, random.choice((3, LONGEST[unit])))
    day = FIRST + timedelta(days=random.randrange(1, SPAN))
    if unit == "m" and random.random() < 0.5:  # Months differ at their ends.
        day += timedelta(days=random.choice((27, 28, 29, 30)) - day.day + 1)
    start = _instant(random, day, zone)
    spans = tuple(_span(random, start, zone) for _ in range(random.choice((0, 0, 1, 2, 4))))
    ended = spans[-1][1] if spans else None
    if ended and random.random() < 0.3:  # Another begins the very instant at which the last one ends.
        spans = (*spans, (ended, ended.astimezone(UTC) + timedelta(hours=random.randrange(1, 60))))
    return Question(amount, unit, start, zone, spans, random.choice([oracle.TODAY, *KNOWN]))


def _instant(random: Random, day: date, zone: ZoneInfo) -> datetime:
    """Return an instant of *day*: its first, one microsecond beside it, an even hour, or any."""
    first = oracle.begins(day, zone)
    offset = random.choice(
        (
            timedelta(),
            timedelta(microseconds=-1),
            timedelta(microseconds=1),
            timedelta(hours=random.randrange(24)),
            timedelta(microseconds=random.randrange(86_400_000_000)),
        )
    )
    return (first + offset).astimezone(random.choice((zone, UTC, ZONES[1])))


def _span(random: Random, start: datetime, zone: ZoneInfo) -> oracle.Span:
    begin = _instant(random, start.date() + timedelta(days=random.randint(-10, 40)), zone)
    if random.random() < 0.05:
        return begin, None
    end = _instant(random, begin.date() + timedelta(days=random.choice((0, 1, 2, 15))), zone)
    return (begin, max(begin, end, key=lambda instant: instant.astimezone(UTC)))


def assert_agree(asked: Question) -> None:
    """The instant, the last day, the days passed over and whether they are final: all of them, or the question is shown."""
    days: WorkingCalendar = CN.as_known_on(date.fromisoformat(asked.known_on))
    limit = Limit(asked.amount, asked.unit)  # type: ignore[arg-type]  # one of the units
    pauses = [Pause(begin, end) for begin, end in asked.spans]
    proof = date_limit(limit, asked.start, asked.zone, days, pauses)
    expected = oracle.due(asked.amount, asked.unit, asked.start, asked.zone, asked.spans, known_on=asked.known_on)
    assert (proof.due.astimezone(UTC) if proof.due else None) == expected, asked
    if expected is None:
        assert proof.last_day is None, asked
        return
    last = (expected - timedelta(microseconds=1)).astimezone(asked.zone).date()
    assert proof.last_day == last, asked
    if asked.unit != "wd":
        assert (proof.skipped, proof.provisional) == ((), False), asked
        return
    day = asked.start.astimezone(asked.zone).date()
    first = day + timedelta(days=1) if asked.amount else day
    assert [one.day for one in proof.skipped] == oracle.special(first, last, asked.known_on), asked
    assert all(one.working is oracle.works(one.day, asked.known_on) for one in proof.skipped), asked
    counted = (first, last)
    assert proof.provisional is not all(oracle.arranged(one, asked.known_on) for one in counted), asked


@pytest.mark.parametrize("published", KNOWN)
def test_the_notices_copied_by_hand_are_those_of_the_calendar(published: str) -> None:
    """2018 to 2026 and the first half of 2027, as known after each notice, those of 2019-03-22 and 2020-01-27 included."""
    known = read_calendar(FOLDER / "cn").as_known_on(date.fromisoformat(published))
    days = [FIRST + timedelta(days=number) for number in range(SPAN)]
    assert [day for day in days if known.is_working(day) is not oracle.works(day, published)] == []
    assert [day for day in days if known.is_provisional(day) is oracle.arranged(day, published)] == []
    assert [day for day in days if known.day(day).provisional is oracle.arranged(day, published)] == []
    end, listed = known.add_working_days(FIRST, 1500)
    assert [one.day for one in listed] == oracle.special(FIRST + timedelta(days=1), end, published)


@settings(deadline=None, max_examples=1000)
@given(st.integers(0, 2**64 - 1).map(seeded).map(draw))
def test_every_deadline_is_the_one_counted_day_by_day(asked: Question) -> None:
    assert_agree(asked)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(SEEDS))
def test_two_million_deadlines_are_those_counted_day_by_day(seed: int) -> None:
    """The same questions without a library's help, which would take hours."""
    random = seeded(seed)
    for _ in range(PER_SEED):
        assert_agree(draw(random))


def test_the_oracle_by_days_agrees_with_the_one_by_minutes() -> None:
    """Who checks the checker: two slow counts, one from edge to edge and one from minute to minute."""
    random = seeded(43)
    for _ in range(20):
        asked = draw(random)
        start = asked.start.replace(second=0, microsecond=0)
        spans = [
            (begin.replace(second=0, microsecond=0), end.replace(second=0, microsecond=0))
            for begin, end in asked.spans
            if end
        ]
        unpaused = random.choice(list(oracle.UNPAUSED.values()))(start, min(asked.amount, 3), asked.zone)
        walked = oracle.walk(start, unpaused, spans)
        assert walked is not None
        assert oracle.minute(walked) == oracle.with_pauses(start, unpaused, spans)


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_every_day_begins_once_and_after_the_one_before(zone: ZoneInfo) -> None:
    """Also in the zones where a midnight is missing, or strikes twice."""
    begins = [oracle.begins(FIRST + timedelta(days=number), zone) for number in range(SPAN)]
    assert all(timedelta(hours=23) <= later - earlier <= timedelta(hours=25) for earlier, later in pairwise(begins))


def test_the_questions_reach_the_edges() -> None:
    """A generator that missed them would prove nothing."""
    random = seeded(7)
    asked = [draw(random) for _ in range(3000)]
    answers = [oracle.due(one.amount, one.unit, one.start, one.zone, one.spans, known_on=one.known_on) for one in asked]
    assert sum(answer is None for answer in answers) > 50
    assert sum(one.amount == 0 for one in asked) > 100
    assert sum(len(one.spans) > 1 for one in asked) > 500
    assert len({one.known_on for one in asked}) == len(KNOWN) + 1
    assert len({one.zone for one in asked}) == len(ZONES)
    assert {one.unit for one in asked} == set(UNITS)
    months = [(one, one.start.astimezone(one.zone).date().day) for one in asked if one.unit == "m"]
    assert sum(day > 28 for _, day in months) > 100
