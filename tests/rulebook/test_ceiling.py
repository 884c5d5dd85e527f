"""Loading a company's rules says which of its limits can exceed the statute's (C2)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rulebook.ceiling import _over, exceeds, longest
from rulebook.limit import Limit, Unit
from rulebook.pack import read_pack
from tests.rulebook import oracle
from tests.rulebook.helpers import CN, COMPANY, PACK, SHANGHAI, on
from tests.rulebook.test_pack_company import pack_with


def test_what_can_exceed_the_statute_is_found_with_real_numbers() -> None:
    """15 working days exceed 15 natural days, 30 exceed 30; 7 and 10 can as well, over a spring festival (C2)."""
    found = {(one.limit, one.ceiling): (one.worst, one.natural_days) for one in exceeds(COMPANY)}
    assert found == {
        ("settle_departments", "decide_simple"): (29, 15),
        ("settle_major", "decide_simple"): (52, 15),
        ("settle_major", "decide_complex"): (52, 30),
        ("settle_target", "decide_simple"): (19, 15),
        ("slip_findings", "decide_simple"): (22, 15),
    }


@pytest.mark.parametrize(
    ("amount", "days", "start"),
    [
        pytest.param(3, 13, date(2020, 1, 21), id="3: within 15 even then"),
        pytest.param(5, 15, date(2020, 1, 19), id="5: exactly 15"),
        pytest.param(7, 19, date(2020, 1, 22), id="7"),
        pytest.param(15, 29, date(2011, 9, 9), id="15: within 30 even then"),
        pytest.param(30, 52, date(2019, 12, 13), id="30"),
        pytest.param(0, 10, date(2020, 1, 24), id="the same day"),
    ],
)
def test_the_longest_stretch_of_working_days_is_the_longest_there_ever_was(amount: int, days: int, start: date) -> None:
    """The spring festival of 2020 was prolonged to 2 February (C2)."""
    assert longest(Limit(amount, "wd"), CN) == (days, start)


def test_natural_days_and_hours_last_as_long_as_they_say() -> None:
    assert [longest(Limit(9, "nd"), CN)[0], longest(Limit(24, "h"), CN)[0], longest(Limit(25, "h"), CN)[0]] == [9, 1, 2]


def test_weeks_and_months_last_as_long_as_the_calendar_makes_them() -> None:
    """A month has 31 days after one that has as many, three have 92."""
    assert [longest(Limit.weeks(8), CN), longest(Limit.months(1), CN), longest(Limit.months(3), CN)] == [
        (56, date(2007, 1, 1)),
        (31, date(2007, 1, 1)),
        (92, date(2007, 3, 1)),
    ]


@pytest.mark.parametrize(
    ("ours", "theirs", "found"),
    [
        ((1, "m"), (1, "m"), None),
        ((1, "m"), (31, "nd"), None),
        ((1, "m"), (30, "nd"), (31, date(2007, 1, 1), 30)),
        ((30, "nd"), (1, "m"), (30, date(2007, 1, 30), 29)),
        ((28, "nd"), (1, "m"), None),
        ((8, "w"), (56, "nd"), None),
        ((57, "nd"), (8, "w"), (57, date(2007, 1, 1), 56)),
        ((10, "wd"), (10, "wd"), None),
    ],
)
def test_two_limits_are_compared_from_the_same_start(
    ours: tuple[int, Unit], theirs: tuple[int, Unit], found: tuple[int, date, int] | None
) -> None:
    """A month is no longer than a month, and shorter than 30 days only from the end of January on."""
    assert _over(Limit(*ours), Limit(*theirs), CN) == found


def test_a_finding_says_all_an_operator_needs_in_one_line() -> None:
    (finding,) = (one for one in exceeds(COMPANY) if one.limit == "settle_departments")
    assert str(finding) == (
        "settle_departments (duty settle) can last 29 natural days, as from 2011-09-09: longer than decide_simple, "
        "15 natural days; the statute stays the ceiling"
    )


def test_the_statute_exceeds_nothing_and_a_shorter_limit_is_no_finding(tmp_path: Path) -> None:
    assert exceeds(PACK) == ()
    shorter = read_pack(
        pack_with(tmp_path, "  settle_departments:\n    amount: 15", "  settle_departments:\n    amount: 5")
    )
    assert "settle_departments" not in {one.limit for one in exceeds(shorter)}


@settings(deadline=None, max_examples=60)
@given(st.dates(date(2026, 1, 1), date(2026, 8, 31)), st.integers(1, 30))
def test_no_stretch_counted_by_hand_is_longer(day: date, amount: int) -> None:
    start = on(f"{day:%a %Y-%m-%d} 10:00")
    last = oracle.working_days(start, amount, SHANGHAI).date() - timedelta(days=1)
    assert (last - day).days <= longest(Limit(amount, "wd"), CN)[0]
