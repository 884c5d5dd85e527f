"""The periods of figures: whole local days, half a year of edges."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.period import Period, PeriodError, PeriodKind


@pytest.mark.parametrize(
    ("text", "first", "last", "zh"),
    [
        ("2026-02", "2026-02-01", "2026-02-28", "2026年2月"),
        ("2024-02", "2024-02-01", "2024-02-29", "2024年2月"),
        ("2026-12", "2026-12-01", "2026-12-31", "2026年12月"),
        ("2026-W01", "2025-12-29", "2026-01-04", "2026年第1周（2025-12-29至2026-01-04）"),
        ("2026-W53", "2026-12-28", "2027-01-03", "2026年第53周（2026-12-28至2027-01-03）"),
        ("2026-Q3", "2026-07-01", "2026-09-30", "2026年第三季度"),
        ("2026-Q4", "2026-10-01", "2026-12-31", "2026年第四季度"),
        ("2026", "2026-01-01", "2026-12-31", "2026年"),
    ],
)
def test_a_period_is_its_days(text: str, first: str, last: str, zh: str) -> None:
    period = Period.parse(text)
    assert (period.first.isoformat(), period.last.isoformat(), period.name, period.name_zh) == (first, last, text, zh)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("2026-13", "a year has the months 01 to 12"),
        ("2026-00", "a year has the months 01 to 12"),
        ("2025-W53", "2025 has no week 53"),
        ("2026-W00", "2026 has no week 00"),
        ("2026-Q5", "a period is written 2026-10, 2026-W43, 2026-Q3 or 2026"),
        ("10/2026", "a period is written 2026-10, 2026-W43, 2026-Q3 or 2026"),
    ],
)
def test_what_is_no_period_is_refused(text: str, rule: str) -> None:
    with pytest.raises(PeriodError, match=f"^{rule}$"):
        Period.parse(text)


@given(st.dates(date(1950, 1, 1), date(2150, 1, 1)), st.sampled_from(["week", "month", "quarter", "year"]))
def test_periods_follow_each_other_without_a_gap(day: date, kind: PeriodKind) -> None:
    """A name leads to the same days again, and the day before a period belongs to the one before it."""
    year, week, _ = day.isocalendar()
    names = {"week": f"{year}-W{week:02}", "month": f"{day:%Y-%m}", "year": str(day.year)}
    period = Period.parse(names.get(kind, f"{day.year}-Q{(day.month + 2) // 3}"))
    assert period.first <= day <= period.last
    assert Period.parse(period.name) == period
    before = period.before()
    assert before.last == period.first - timedelta(days=1)
    assert Period.parse(before.name) == before
    assert [one.first for one in period.back(3)] == sorted({before.before().first, before.first, period.first})
