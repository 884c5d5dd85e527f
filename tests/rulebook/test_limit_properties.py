"""What holds for every limit, start and pause; the slow count of `oracle` must agree on the minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rulebook.deadline import date_limit
from rulebook.limit import Limit, Pause, due_after
from tests.rulebook import oracle
from tests.rulebook.helpers import CN, SHANGHAI, on

MINUTE = timedelta(minutes=1)
ZONES = tuple(ZoneInfo(name) for name in ("Asia/Shanghai", "America/New_York", "Asia/Kathmandu", "Europe/Berlin"))
YEAR = (datetime(2026, 1, 1), datetime(2026, 10, 31))  # noqa: DTZ001  # the strategy attaches the zone

zones = st.sampled_from(ZONES)
starts = st.datetimes(*YEAR, timezones=zones)
minutes = starts.map(lambda start: start.replace(second=0, microsecond=0))
limits = st.one_of(
    st.builds(Limit.natural_days, st.integers(1, 90)),
    st.builds(Limit.working_days, st.integers(1, 40)),
    st.builds(Limit.hours, st.integers(1, 500)),
    st.builds(Limit.weeks, st.integers(1, 12)),
    st.builds(Limit.months, st.integers(1, 4)),
)
lengths = st.timedeltas(timedelta(), timedelta(days=20)).map(lambda length: length - length % MINUTE)
spans = st.lists(st.tuples(minutes, lengths), max_size=4)
fast = settings(deadline=None, max_examples=150)
slow = settings(deadline=None, max_examples=30)


def in_order(pauses: list[tuple[datetime, timedelta]]) -> list[Pause]:
    """Return pauses of the given starts and lengths."""
    return [Pause(begin, (begin.astimezone(UTC) + length).astimezone(begin.tzinfo)) for begin, length in pauses]


def due(
    limit: Limit, start: datetime, pauses: list[Pause] | tuple[Pause, ...] = (), zone: ZoneInfo = SHANGHAI
) -> datetime:
    """Return the first instant that is too late, in UTC."""
    found = due_after(limit, start, zone, CN, pauses)
    assert found is not None
    return found.astimezone(UTC)


@fast
@given(minutes, st.integers(1, 90), zones)
def test_natural_days_agree_with_the_slow_count(start: datetime, amount: int, zone: ZoneInfo) -> None:
    assert due(Limit.natural_days(amount), start, zone=zone) == oracle.natural_days(start, amount, zone).astimezone(UTC)


@fast
@given(minutes, st.integers(1, 30), zones)
def test_weeks_and_months_agree_with_the_slow_count(start: datetime, amount: int, zone: ZoneInfo) -> None:
    assert due(Limit.weeks(amount), start, zone=zone) == oracle.weeks(start, amount, zone).astimezone(UTC)
    assert due(Limit.months(amount), start, zone=zone) == oracle.months(start, amount, zone).astimezone(UTC)


@fast
@given(minutes, st.integers(1, 30), zones)
def test_a_week_is_seven_natural_days(start: datetime, amount: int, zone: ZoneInfo) -> None:
    assert due(Limit.weeks(amount), start, zone=zone) == due(Limit.natural_days(7 * amount), start, zone=zone)


@fast
@given(minutes, st.integers(1, 30))
def test_working_days_agree_with_the_slow_count(start: datetime, amount: int) -> None:
    expected = oracle.working_days(start, amount, SHANGHAI)
    assume(expected < on("Thu 2026-12-31 00:00"))
    assert due(Limit.working_days(amount), start) == expected


@slow
@given(minutes, st.integers(1, 30), spans, zones)
def test_paused_natural_days_agree_with_the_slow_count(
    start: datetime, amount: int, pauses: list[tuple[datetime, timedelta]], zone: ZoneInfo
) -> None:
    made = in_order(pauses)
    unpaused = oracle.natural_days(start, amount, zone)
    expected = oracle.with_pauses(start, unpaused, [(one.start, one.end or one.start) for one in made])
    assert oracle.minute(due(Limit.natural_days(amount), start, made, zone)) == expected


@slow
@given(minutes, st.integers(1, 300), spans)
def test_paused_hours_agree_with_the_slow_count(
    start: datetime, amount: int, pauses: list[tuple[datetime, timedelta]]
) -> None:
    made = in_order(pauses)
    unpaused = start.astimezone(UTC) + timedelta(hours=amount)
    expected = oracle.with_pauses(start, unpaused, [(one.start, one.end or one.start) for one in made])
    assert oracle.minute(due(Limit.hours(amount), start, made)) == expected


@slow
@given(minutes, st.integers(1, 10), spans)
def test_paused_working_days_agree_with_the_slow_count(
    start: datetime, amount: int, pauses: list[tuple[datetime, timedelta]]
) -> None:
    made = in_order(pauses)
    ranges = [(one.start, one.end or one.start) for one in made]
    first = start.astimezone(SHANGHAI).date()
    reach = [first + timedelta(days=count) for count in range(1, 140)]
    near = [day for day in reach if any(a.date() - timedelta(2) <= day <= b.date() + timedelta(2) for a, b in ranges)]
    whole = frozenset(day for day in near if oracle.wholly_paused(day, ranges, SHANGHAI))
    expected = oracle.working_days(start, amount, SHANGHAI, whole)
    assume(expected < on("Thu 2026-12-31 00:00"))
    assert due(Limit.working_days(amount), start, made) == expected


@fast
@given(limits, starts, st.timedeltas(timedelta(), timedelta(days=40)))
def test_a_later_start_never_ends_earlier(limit: Limit, start: datetime, later: timedelta) -> None:
    after = (start.astimezone(UTC) + later).astimezone(start.tzinfo)
    assert due(limit, start) <= due(limit, after)


@fast
@given(limits, starts, st.timedeltas(timedelta(), timedelta(days=40)), spans)
def test_a_later_start_never_ends_earlier_when_the_pauses_come_after_both(
    limit: Limit, start: datetime, later: timedelta, pauses: list[tuple[datetime, timedelta]]
) -> None:
    after = (start.astimezone(UTC) + later).astimezone(start.tzinfo)
    made = [pause for pause in in_order(pauses) if pause.start.astimezone(UTC) >= after.astimezone(UTC)]
    assert due(limit, start, made) <= due(limit, after, made)


@fast
@given(limits, st.integers(1, 30), starts, spans)
def test_a_longer_limit_ends_later(
    limit: Limit, more: int, start: datetime, pauses: list[tuple[datetime, timedelta]]
) -> None:
    made = in_order(pauses)
    assert due(limit, start, made) < due(Limit(limit.amount + more, limit.unit), start, made)


@fast
@given(limits, starts, spans)
def test_the_due_instant_lies_after_the_start_and_no_pause_brings_it_nearer(
    limit: Limit, start: datetime, pauses: list[tuple[datetime, timedelta]]
) -> None:
    assert start.astimezone(UTC) < due(limit, start) <= due(limit, start, in_order(pauses))


@fast
@given(limits, starts, st.floats(0, 0.999), st.timedeltas(timedelta(), timedelta(days=400)), zones)
def test_a_pause_within_a_limit_moves_it_by_exactly_its_length(
    limit: Limit, start: datetime, share: float, length: timedelta, zone: ZoneInfo
) -> None:
    """Natural days, weeks, months and hours; working days move by whole working days."""
    assume(limit.unit != "wd")
    plain = due(limit, start, zone=zone)
    begin = start.astimezone(UTC) + (plain - start.astimezone(UTC)) * share
    pause = Pause(begin.astimezone(zone), (begin + length).astimezone(zone))
    assert due(limit, start, [pause], zone) - plain == length


@fast
@given(st.integers(1, 60), starts, spans)
def test_a_working_day_limit_never_ends_on_a_day_off(
    amount: int, start: datetime, pauses: list[tuple[datetime, timedelta]]
) -> None:
    proof = date_limit(Limit.working_days(amount), start, SHANGHAI, CN, in_order(pauses))
    assert proof.due is not None
    assert proof.last_day is not None
    assert CN.is_working(proof.last_day)
    assert proof.due.time() == datetime.min.time()


@fast
@given(limits, starts, spans, st.randoms())
def test_the_order_of_pauses_and_naming_one_twice_change_nothing(
    limit: Limit, start: datetime, pauses: list[tuple[datetime, timedelta]], random: object
) -> None:
    made = in_order(pauses)
    shuffled = made + made[:1]
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis types its Random as object
    assert due(limit, start, shuffled) == due(limit, start, made)


@fast
@given(limits, starts, spans, st.integers(0, 3), st.floats(0, 1))
def test_a_pause_cut_in_two_is_the_same_pause(
    limit: Limit, start: datetime, pauses: list[tuple[datetime, timedelta]], number: int, share: float
) -> None:
    made = in_order(pauses)
    assume(number < len(made))
    whole = made[number]
    assert whole.end is not None
    begin, end = whole.start.astimezone(UTC), whole.end.astimezone(UTC)
    middle = begin + (end - begin) * share
    parts = [*made[:number], Pause(begin, middle), Pause(middle, end), *made[number + 1 :]]
    assert due(limit, start, parts) == due(limit, start, made)


@fast
@given(limits, starts, spans)
def test_the_proof_is_enough_to_compute_the_deadline_again(
    limit: Limit, start: datetime, pauses: list[tuple[datetime, timedelta]]
) -> None:
    proof = date_limit(limit, start, SHANGHAI, CN, in_order(pauses)).to_json()
    again = date_limit(
        Limit(proof["amount"], proof["unit"]),
        datetime.fromisoformat(proof["start"]),
        ZoneInfo(proof["time_zone"]),
        CN,
        [Pause(datetime.fromisoformat(one["start"]), datetime.fromisoformat(one["end"])) for one in proof["pauses"]],
    )
    assert again.to_json() == proof


@fast
@given(st.integers(1, 60), starts, spans)
def test_the_days_in_the_proof_account_for_every_day_of_a_working_day_limit(
    amount: int, start: datetime, pauses: list[tuple[datetime, timedelta]]
) -> None:
    proof = date_limit(Limit.working_days(amount), start, SHANGHAI, CN, in_order(pauses))
    assert proof.last_day is not None
    passed = (proof.last_day - proof.start.date()).days
    days = [proof.start.date() + timedelta(days=count) for count in range(1, passed + 1)]
    special = [day for day in days if not CN.is_working(day) or day.weekday() >= 5]
    assert [entry.day for entry in proof.skipped] == special
    if not pauses:
        assert amount == passed - sum(not entry.working for entry in proof.skipped)
