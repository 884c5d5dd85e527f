"""A limit ends when the law says: half-open, day zero uncounted, working days by the notices, pauses by their length."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from rulebook.deadline import date_limit
from rulebook.errors import LimitError
from rulebook.limit import LONGEST, UNITS, Limit, Pause, Unit, due_after, last_day, merge, midnight, months_after
from tests.rulebook.helpers import CN, SHANGHAI, on

NEW_YORK = ZoneInfo("America/New_York")
KATHMANDU = ZoneInfo("Asia/Kathmandu")


def ends(limit: Limit, start: str, *pauses: tuple[str, str], zone: ZoneInfo = SHANGHAI) -> str:
    """Return the first instant that is too late, in the form that `on` reads."""
    spans = [Pause(on(begin, zone), on(end, zone)) for begin, end in pauses]
    due = due_after(limit, on(start, zone), zone, CN, spans)
    assert due is not None
    return f"{due:%a %Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("amount", "due"),
    [
        pytest.param(15, "Wed 2026-03-18 00:00", id="simple: 24:00 of the 17th"),
        pytest.param(30, "Thu 2026-04-02 00:00", id="complex: 24:00 of 1 April"),
        pytest.param(60, "Sat 2026-05-02 00:00", id="extended: 24:00 of 1 May, a holiday that shifts nothing"),
    ],
)
def test_the_statutory_limits_end_as_in_the_worked_example(amount: int, due: str) -> None:
    assert ends(Limit.natural_days(amount), "Mon 2026-03-02 10:00") == due


def test_an_appraisal_of_ten_days_moves_the_limit_by_ten_days() -> None:
    appraisal = ("Tue 2026-03-10 00:00", "Fri 2026-03-20 00:00")
    assert ends(Limit.natural_days(15), "Mon 2026-03-02 10:00", appraisal) == "Sat 2026-03-28 00:00"


@pytest.mark.parametrize("clock", ["00:00:00", "09:59:59", "23:59:59", "23:59:59.999999"])
@pytest.mark.parametrize("unit", ["nd", "wd"])
def test_the_hour_of_receipt_changes_no_limit_in_days(clock: str, unit: Unit) -> None:
    assert ends(Limit(5, unit), f"Mon 2026-03-02 {clock}") == ends(Limit(5, unit), "Mon 2026-03-02 12:00")


def test_a_microsecond_later_is_another_day_of_receipt() -> None:
    late, next_day = on("Mon 2026-03-02 23:59:59.999999"), on("Tue 2026-03-03 00:00:00")
    limit = Limit.natural_days(15)
    first, second = (due_after(limit, start, SHANGHAI, CN) for start in (late, next_day))
    assert (first, second) == (on("Wed 2026-03-18 00:00"), on("Thu 2026-03-19 00:00"))


def test_hours_run_around_the_clock_to_the_microsecond() -> None:
    start = on("Sat 2026-02-14 23:59:59.999999")
    assert due_after(Limit.hours(24), start, SHANGHAI, CN) == on("Sun 2026-02-15 23:59:59.999999")


@pytest.mark.parametrize(
    ("start", "amount", "last"),
    [
        pytest.param("Tue 2025-09-30 10:00", 1, "Thu 2025-10-30", id="not the last day: the same number"),
        pytest.param("Sat 2026-01-31 23:59:59", 1, "Sat 2026-02-28", id="31st: the month's last day"),
        pytest.param("Sun 2026-02-01 00:00:00", 1, "Sun 2026-03-01", id="a second later: a day later"),
        pytest.param("Fri 2026-01-30 10:00", 1, "Sat 2026-02-28", id="30th: the month's last day"),
        pytest.param("Thu 2026-01-29 10:00", 1, "Sat 2026-02-28", id="29th without a leap day"),
        pytest.param("Wed 2026-01-28 10:00", 1, "Sat 2026-02-28", id="28th: its own number"),
        pytest.param("Mon 2028-01-31 10:00", 1, "Tue 2028-02-29", id="leap year, 31st"),
        pytest.param("Sat 2028-01-29 10:00", 1, "Tue 2028-02-29", id="leap year, 29th"),
        pytest.param("Fri 2028-01-28 10:00", 1, "Mon 2028-02-28", id="leap year, 28th"),
        pytest.param("Tue 2028-02-29 10:00", 12, "Wed 2029-02-28", id="from a leap day, a year"),
        pytest.param("Tue 2028-02-29 10:00", 48, "Sun 2032-02-29", id="from a leap day to the next"),
        pytest.param("Tue 2028-02-29 10:00", 1, "Wed 2028-03-29", id="from a leap day, a month"),
        pytest.param("Sat 2026-02-28 10:00", 1, "Sat 2026-03-28", id="from a month's last day: its number"),
        pytest.param("Mon 2026-11-30 10:00", 1, "Wed 2026-12-30", id="into December"),
        pytest.param("Thu 2026-12-31 10:00", 1, "Sun 2027-01-31", id="over the year's end"),
        pytest.param("Mon 2026-11-30 10:00", 3, "Sun 2027-02-28", id="over the year's end into February"),
        pytest.param("Thu 2026-01-15 10:00", 11, "Tue 2026-12-15", id="11"),
        pytest.param("Thu 2026-01-15 10:00", 12, "Fri 2027-01-15", id="12"),
        pytest.param("Thu 2026-12-31 10:00", 12, "Fri 2027-12-31", id="from December to December"),
    ],
)
def test_months_end_on_the_day_with_the_same_number_or_on_the_last_of_the_month(
    start: str, amount: int, last: str
) -> None:
    """Civil Code art. 202; Dodd v Chief Constable of Cheshire: 30 September and a month is 30 October."""
    proof = date_limit(Limit.months(amount), on(start), SHANGHAI, CN)
    assert f"{proof.last_day:%a %Y-%m-%d}" == last
    assert proof.due == on(f"{last} 00:00") + timedelta(days=1)
    assert (proof.skipped, proof.provisional) == ((), False)


def test_months_go_back_as_they_go_on() -> None:
    assert [months_after(date(2026, 1, 31), amount) for amount in (-11, -1, 0)] == [
        date(2025, 2, 28),
        date(2025, 12, 31),
        date(2026, 1, 31),
    ]


@pytest.mark.parametrize(
    ("start", "due"),
    [
        pytest.param("Mon 2026-03-02 23:59:59", "Tue 2026-04-28 00:00", id="the day's last second"),
        pytest.param("Tue 2026-03-03 00:00:00", "Wed 2026-04-29 00:00", id="the next day's first instant"),
        pytest.param("Thu 2026-12-31 10:00", "Fri 2027-02-26 00:00", id="over the year's end"),
    ],
)
def test_weeks_end_with_the_weekday_of_the_start(start: str, due: str) -> None:
    assert ends(Limit.weeks(8), start) == due


@pytest.mark.parametrize("limit", [Limit.weeks(4), Limit.months(1)], ids=str)
def test_weeks_and_months_over_a_clock_change_end_at_midnight(limit: Limit) -> None:
    assert ends(limit, "Mon 2026-02-16 10:00", zone=NEW_YORK)[-5:] == "00:00"


@pytest.mark.parametrize(("limit", "due"), [(Limit.weeks(1), "Fri 2026-03-20"), (Limit.months(1), "Mon 2026-04-13")])
def test_a_pause_moves_weeks_and_months_by_its_length(limit: Limit, due: str) -> None:
    """Ten days and twelve hours; also where the last month would then have been a longer one."""
    appraisal = ("Tue 2026-03-03 00:00", "Fri 2026-03-13 12:00")
    assert ends(limit, "Mon 2026-03-02 10:00", appraisal) == f"{due} 12:00"


@pytest.mark.parametrize(
    ("limit", "more", "last"),
    [(Limit.weeks(8), 2, date(2026, 5, 11)), (Limit.months(1), 2, date(2026, 6, 2))],
    ids=str,
)
def test_weeks_and_months_are_extended_in_their_own_unit(limit: Limit, more: int, last: date) -> None:
    proof = date_limit(limit, on("Mon 2026-03-02 10:00"), SHANGHAI, CN, extended_by=more)
    assert (proof.amount, proof.unit, proof.extended_by, proof.last_day) == (limit.amount, limit.unit, more, last)


def test_a_month_extended_counts_from_the_start_and_not_from_the_shorter_end() -> None:
    """31 January, a month and another: 31 March, although the first month ended on the 28th."""
    proof = date_limit(Limit.months(1), on("Sat 2026-01-31 10:00"), SHANGHAI, CN, extended_by=1)
    assert proof.last_day == date(2026, 3, 31)


@pytest.mark.parametrize(
    ("start", "amount", "due"),
    [
        pytest.param("Fri 2026-02-13 16:00", 1, "Sun 2026-02-15 00:00", id="a make-up Saturday counts"),
        pytest.param("Sat 2026-02-14 23:59", 1, "Wed 2026-02-25 00:00", id="the whole spring festival is passed over"),
        pytest.param("Wed 2026-02-18 10:00", 1, "Wed 2026-02-25 00:00", id="received on a holiday"),
        pytest.param("Sun 2026-03-01 10:00", 1, "Tue 2026-03-03 00:00", id="received on a Sunday"),
        pytest.param("Fri 2026-02-27 10:00", 1, "Sun 2026-03-01 00:00", id="a make-up day in the week after"),
        pytest.param("Mon 2026-03-02 20:00", 1, "Wed 2026-03-04 00:00", id="received after closing time"),
        pytest.param("Sun 2026-03-01 23:59:59", 5, "Sat 2026-03-07 00:00", id="Monday to Friday"),
    ],
)
def test_working_days_follow_the_notices(start: str, amount: int, due: str) -> None:
    assert ends(Limit.working_days(amount), start) == due


@pytest.mark.parametrize(
    ("pause", "due"),
    [
        pytest.param(
            ("Fri 2026-03-06 17:00", "Mon 2026-03-09 09:00"), "Tue 2026-03-10 00:00", id="over a weekend: 0 days"
        ),
        pytest.param(
            ("Tue 2026-03-03 09:00", "Tue 2026-03-03 18:00"), "Tue 2026-03-10 00:00", id="part of a day: 0 days"
        ),
        pytest.param(("Tue 2026-03-03 00:00", "Wed 2026-03-04 00:00"), "Wed 2026-03-11 00:00", id="one whole day"),
        pytest.param(("Mon 2026-03-09 00:00", "Tue 2026-03-10 00:00"), "Wed 2026-03-11 00:00", id="the whole last day"),
        pytest.param(("Tue 2026-03-03 00:00", "Tue 2026-03-03 23:59"), "Tue 2026-03-10 00:00", id="a minute short"),
        pytest.param(
            ("Thu 2026-03-05 12:00", "Wed 2026-03-11 12:00"), "Fri 2026-03-13 00:00", id="over a weekend: 3 days"
        ),
        pytest.param(("Tue 2026-03-10 00:00", "Mon 2026-06-01 00:00"), "Tue 2026-03-10 00:00", id="begins too late"),
    ],
)
def test_a_pause_moves_a_working_day_limit_by_the_working_days_it_covers(pause: tuple[str, str], due: str) -> None:
    """Six times reported to one product: the pause was counted around the clock and the limit was not."""
    assert ends(Limit.working_days(5), "Mon 2026-03-02 10:00", pause) == due


def test_a_pause_of_a_lifetime_is_stepped_over_at_once() -> None:
    pause = Pause(on("Tue 2026-03-03 00:00"), on("Sun 2126-03-03 00:00"))
    due = due_after(Limit.working_days(5), on("Mon 2026-03-02 10:00"), SHANGHAI, CN, [pause])
    assert due == on("Sat 2126-03-09 00:00")


@pytest.mark.parametrize("unit", UNITS)
def test_an_open_pause_holds_the_clock(unit: Unit) -> None:
    pause = Pause(on("Tue 2026-03-03 00:00"), None)
    assert due_after(Limit(48, unit), on("Mon 2026-03-02 10:00"), SHANGHAI, CN, [pause]) is None


@pytest.mark.parametrize("unit", UNITS)
def test_a_pause_at_or_after_the_due_instant_moves_nothing(unit: Unit) -> None:
    limit, start = Limit(48, unit), on("Mon 2026-03-02 10:00")
    due = due_after(limit, start, SHANGHAI, CN)
    assert due is not None
    assert due_after(limit, start, SHANGHAI, CN, [Pause(due, None)]) == due


@pytest.mark.parametrize(
    ("start", "pause"),
    [
        pytest.param(
            "Mon 2026-03-02 10:00", ("Sat 2026-03-07 12:00", "Mon 2026-03-09 12:00"), id="spring: an hour skipped"
        ),
        pytest.param(
            "Mon 2026-10-26 10:00", ("Sat 2026-10-31 12:00", "Mon 2026-11-02 12:00"), id="autumn: an hour twice"
        ),
    ],
)
def test_a_pause_over_a_clock_change_has_the_length_that_passed(start: str, pause: tuple[str, str]) -> None:
    """47 or 49 hours pass between two noons; the wall clock says 48."""
    span = Pause(on(pause[0], NEW_YORK), on(pause[1], NEW_YORK))
    plain = due_after(Limit.natural_days(15), on(start, NEW_YORK), NEW_YORK, CN)
    moved = due_after(Limit.natural_days(15), on(start, NEW_YORK), NEW_YORK, CN, [span])
    assert plain is not None
    assert moved is not None
    passed = on(pause[1], NEW_YORK).astimezone(UTC) - on(pause[0], NEW_YORK).astimezone(UTC)
    assert passed != timedelta(hours=48)
    assert moved.astimezone(UTC) - plain.astimezone(UTC) == passed


@pytest.mark.parametrize("start", ["Sat 2026-03-07 12:00", "Sat 2026-10-31 12:00"])
def test_hours_over_a_clock_change_are_hours_that_passed(start: str) -> None:
    due = due_after(Limit.hours(24), on(start, NEW_YORK), NEW_YORK, CN)
    assert due is not None
    assert due.astimezone(UTC) - on(start, NEW_YORK).astimezone(UTC) == timedelta(hours=24)
    assert due.hour != 12


@pytest.mark.parametrize("start", ["Sat 2026-03-07 12:00", "Sat 2026-10-31 12:00"])
def test_natural_days_over_a_clock_change_end_at_midnight(start: str) -> None:
    due = due_after(Limit.natural_days(3), on(start, NEW_YORK), NEW_YORK, CN)
    assert due == midnight(on(start).date() + timedelta(days=4), NEW_YORK)


def test_the_day_of_receipt_is_that_of_the_rule_wherever_it_was_written_down() -> None:
    """18:30 in Kathmandu is 20:45 in Shanghai; 12:00 in New York is already the next day there."""
    assert ends(Limit.natural_days(1), "Mon 2026-03-02 23:59", zone=KATHMANDU) == "Wed 2026-03-04 00:00"
    kathmandu = due_after(Limit.natural_days(15), on("Mon 2026-03-02 18:30", KATHMANDU), SHANGHAI, CN)
    new_york = due_after(Limit.natural_days(15), on("Mon 2026-03-02 12:00", NEW_YORK), SHANGHAI, CN)
    assert (kathmandu, new_york) == (on("Wed 2026-03-18 00:00"), on("Thu 2026-03-19 00:00"))


def test_the_same_instant_gives_the_same_end_in_every_offset() -> None:
    instant = on("Mon 2026-03-02 00:30")
    zones = [UTC, NEW_YORK, KATHMANDU, timezone(timedelta(hours=14)), timezone(-timedelta(hours=12))]
    ends_at = {due_after(Limit.natural_days(15), instant.astimezone(zone), SHANGHAI, CN) for zone in zones}
    assert ends_at == {on("Wed 2026-03-18 00:00")}


@pytest.mark.parametrize(
    ("due", "day"),
    [
        pytest.param(on("Wed 2026-03-18 00:00"), date(2026, 3, 17), id="midnight ends the day before"),
        pytest.param(on("Wed 2026-03-18 00:00:00.000001"), date(2026, 3, 18), id="a microsecond later does not"),
        pytest.param(
            datetime(2026, 11, 1, 0, fold=1, tzinfo=ZoneInfo("America/Havana")), date(2026, 11, 1), id="midnight twice"
        ),
    ],
)
def test_the_last_day_is_the_last_on_which_one_is_in_time(due: datetime, day: date) -> None:
    assert last_day(due) == day


def test_overlapping_and_touching_pauses_are_one() -> None:
    merged = merge(
        [
            Pause(on("Thu 2026-03-05 00:00"), on("Sat 2026-03-07 00:00"), "mediation"),
            Pause(on("Tue 2026-03-03 00:00"), on("Thu 2026-03-05 00:00"), "external_appraisal"),
            Pause(on("Wed 2026-03-04 00:00"), on("Fri 2026-03-06 00:00"), "mediation"),
            Pause(on("Mon 2026-03-09 00:00"), on("Tue 2026-03-10 00:00"), "mediation"),
        ]
    )
    assert [(pause.start, pause.end) for pause in merged] == [
        (on("Tue 2026-03-03 00:00"), on("Sat 2026-03-07 00:00")),
        (on("Mon 2026-03-09 00:00"), on("Tue 2026-03-10 00:00")),
    ]


def test_a_limit_knows_its_unit_and_says_it() -> None:
    """One product read 1 day as 24 business hours; here the unit is part of the value."""
    made = [Limit.natural_days(1), Limit.working_days(1), Limit.hours(24), Limit.weeks(8), Limit.months(3)]
    assert [str(limit) for limit in made] == ["1 natural days", "1 working days", "24 hours", "8 weeks", "3 months"]
    assert len(set(made)) == 5


@pytest.mark.parametrize(
    ("amount", "unit"),
    [*((0, unit) for unit in UNITS if unit != "wd"), *((amount, unit) for amount in (-1, 10**9) for unit in UNITS)],
)
def test_a_limit_refuses_nonsense_when_it_is_made(amount: int, unit: Unit) -> None:
    with pytest.raises(LimitError, match=f"must be positive and at most {LONGEST[unit]:,} .*, got {amount:,}$"):
        Limit(amount, unit)


@pytest.mark.parametrize("unit", UNITS)
def test_the_longest_limit_has_an_answer(unit: Unit) -> None:
    due = due_after(Limit(LONGEST[unit], unit), on("Mon 2026-03-02 10:00"), SHANGHAI, CN)
    assert due is not None
    assert date(2064, 1, 1) < due.date() < date(2127, 1, 1)


def test_a_limit_refuses_a_unit_it_does_not_know() -> None:
    with pytest.raises(LimitError, match="one of nd, wd, h, w, m"):
        Limit(1, "P1D")  # type: ignore[arg-type]  # the point of the test


@pytest.mark.parametrize("zone", [None, "a zone without an offset"])
def test_an_instant_without_a_zone_is_refused(zone: str | None) -> None:
    class Nowhere(timezone.__base__):  # type: ignore[name-defined,misc]  # tzinfo itself
        def utcoffset(self, when: datetime | None) -> None:
            return None

    naive = datetime(2026, 3, 2, tzinfo=Nowhere() if zone else None)
    with pytest.raises(LimitError, match="must carry a time zone"):
        due_after(Limit.natural_days(1), naive, SHANGHAI, CN)
    with pytest.raises(LimitError, match="a pause's start must carry a time zone"):
        Pause(naive, None)
    with pytest.raises(LimitError, match="a pause's end must carry a time zone"):
        Pause(on("Mon 2026-03-02 00:00"), naive)


def test_a_pause_cannot_end_before_it_starts() -> None:
    with pytest.raises(LimitError, match="must not end before it starts"):
        Pause(on("Tue 2026-03-03 00:00"), on("Mon 2026-03-02 00:00"))
    twice = datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK)
    again = twice.replace(minute=10, fold=1)  # forty minutes later, though the wall clock reads less
    assert Pause(twice, again).end == again


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize(
    "start",
    [
        datetime(9999, 12, 31, 23, tzinfo=UTC),
        datetime(9999, 12, 31, tzinfo=SHANGHAI),
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
    ],
    ids=["9999 in Shanghai's tomorrow", "9999", "0001 before UTC began"],
)
def test_the_ends_of_the_calendar_are_a_clear_refusal(start: datetime, unit: Unit) -> None:
    with pytest.raises(LimitError, match="the years 1 to 9999"):
        due_after(Limit(48, unit), start, SHANGHAI, CN)


def test_the_proof_of_a_working_day_limit_lists_what_it_passed_over_and_what_it_counted() -> None:
    proof = date_limit(Limit.working_days(2), on("Fri 2026-02-13 10:00"), SHANGHAI, CN)
    assert proof.last_day == date(2026, 2, 24)
    assert [(f"{day.day:%d}", day.working, day.reason) for day in proof.skipped] == [
        ("14", True, "补班 春节"),
        *((f"{day}", False, "春节") for day in range(15, 24)),
    ]
    assert {day.source for day in proof.skipped} == {"cn-2026"}


def test_the_proof_lists_the_days_off_up_to_an_end_that_a_pause_moved() -> None:
    pause = Pause(on("Tue 2026-03-03 00:00"), on("Tue 2026-03-10 00:00"))
    proof = date_limit(Limit.working_days(2), on("Mon 2026-03-02 10:00"), SHANGHAI, CN, [pause])
    assert proof.last_day == date(2026, 3, 11)
    assert [day.day for day in proof.skipped] == [date(2026, 3, 7), date(2026, 3, 8)]


def test_the_proof_names_only_the_pauses_that_touch_the_limit_and_in_the_zone_of_the_rule() -> None:
    inside = Pause(
        on("Mon 2026-03-09 16:00", ZoneInfo("UTC")), on("Thu 2026-03-19 16:00", ZoneInfo("UTC")), "mediation"
    )
    before = Pause(on("Sun 2026-03-01 00:00"), on("Mon 2026-03-02 10:00"), "mediation")
    after = Pause(on("Sat 2026-03-28 00:00"), None, "mediation")
    proof = date_limit(Limit.natural_days(15), on("Mon 2026-03-02 10:00"), SHANGHAI, CN, [after, inside, before])
    assert proof.to_json()["pauses"] == [
        {"start": "2026-03-10T00:00:00+08:00", "end": "2026-03-20T00:00:00+08:00", "ground": "mediation"}
    ]


@pytest.mark.parametrize(
    ("start", "provisional"),
    [
        pytest.param("Thu 2026-12-24 10:00", False, id="ends in the last published year"),
        pytest.param("Thu 2026-12-31 10:00", True, id="ends beyond it"),
        pytest.param("Wed 2006-12-20 10:00", True, id="lies before the first one"),
        pytest.param("Wed 2006-12-27 10:00", True, id="begins before the first one and ends in it"),
    ],
)
def test_a_working_day_limit_outside_the_published_years_is_provisional(start: str, provisional: bool) -> None:
    assert date_limit(Limit.working_days(5), on(start), SHANGHAI, CN).provisional is provisional


def test_natural_days_are_never_provisional() -> None:
    assert date_limit(Limit.natural_days(15), on("Mon 2029-03-05 10:00"), SHANGHAI, CN).provisional is False


def test_a_limit_extended_is_the_limit_of_the_sum_and_keeps_its_amount_in_the_proof() -> None:
    proof = date_limit(Limit.natural_days(30), on("Mon 2026-03-02 10:00"), SHANGHAI, CN, extended_by=30)
    assert (proof.amount, proof.extended_by, proof.last_day) == (30, 30, date(2026, 5, 1))


@pytest.mark.parametrize(
    ("start", "due", "skipped", "provisional"),
    [
        pytest.param("Mon 2026-03-02 00:00:00", "Tue 2026-03-03 00:00", [], False, id="the day's first instant"),
        pytest.param("Mon 2026-03-02 23:59:59", "Tue 2026-03-03 00:00", [], False, id="the day's last second"),
        pytest.param(
            "Sat 2026-03-07 10:00:00", "Tue 2026-03-10 00:00", ["2026-03-07", "2026-03-08"], False, id="a weekend"
        ),
        pytest.param("Sat 2026-02-28 10:00:00", "Sun 2026-03-01 00:00", ["2026-02-28"], False, id="a make-up Saturday"),
        pytest.param("Thu 2026-12-31 10:00:00", "Fri 2027-01-01 00:00", [], False, id="the last published day"),
        pytest.param("Fri 2027-01-01 10:00:00", "Sat 2027-01-02 00:00", [], True, id="the first unpublished day"),
    ],
)
def test_no_working_days_is_the_same_day_or_the_next_one_that_is_worked(
    start: str, due: str, skipped: list[str], provisional: bool
) -> None:
    """The same day (当日, R072), with the whole proof: the day itself is counted, so it is passed over in writing."""
    proof = date_limit(Limit.working_days(0), on(start), SHANGHAI, CN)
    assert proof.due == on(due)
    assert [day.day.isoformat() for day in proof.skipped] == skipped
    assert (proof.amount, proof.provisional) == (0, provisional)


def test_the_same_day_moves_by_a_pause_that_covers_the_whole_of_it() -> None:
    """A day that was paused only in part is still the day."""
    assert ends(Limit(0, "wd"), "Mon 2026-03-02 10:00", ("Mon 2026-03-02 12:00", "Mon 2026-03-02 18:00")) == (
        "Tue 2026-03-03 00:00"
    )
    assert ends(Limit(0, "wd"), "Mon 2026-03-02 10:00", ("Mon 2026-03-02 00:00", "Wed 2026-03-04 00:00")) == (
        "Thu 2026-03-05 00:00"
    )


@pytest.mark.parametrize("day", [date(2026, 1, 1) + timedelta(days=count) for count in range(70)])
def test_the_same_day_is_never_later_than_one_working_day(day: date) -> None:
    """On a rest day the same day and one working day end together; on a worked day the same day ends before."""
    start = f"{day:%a %Y-%m-%d} 10:00"
    same, one = (on(ends(Limit(amount, "wd"), start)) for amount in (0, 1))
    assert (same == one) is not CN.is_working(day)
    assert same <= one


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        pytest.param("America/Havana", date(2024, 3, 9), id="the next day begins at one"),
        pytest.param("America/Havana", date(2024, 11, 2), id="the next midnight strikes twice"),
        pytest.param("Asia/Shanghai", date(2024, 3, 9), id="an ordinary midnight"),
    ],
)
def test_the_last_day_stays_the_last_day_on_the_way_through_utc(zone: str, day: date) -> None:
    """Where a day has no midnight, a clock shows one in the morning at the first instant that is too late."""
    due = midnight(day + timedelta(days=1), ZoneInfo(zone))
    assert last_day(due) == last_day(due.astimezone(UTC).astimezone(ZoneInfo(zone))) == day
