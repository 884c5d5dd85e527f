"""Sums over many closed complaints: the right figures, the same however the rows are cut, and bounded."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from rulebook.calendar import calendar
from rulebook.pack import rule_pack
from rulebook.what_if import Facts, WhatIf
from rulebook.what_if_tally import MOST_NAMES, REST, ClosedCase, empty, percentile, tally

COMPANY = WhatIf(rule_pack("company-life"), calendar("cn"))
STATUTE = WhatIf(rule_pack("cn-2020-3"), calendar("cn"))
MONDAY = date(2026, 3, 2)
NOTHING_KNOWN = Facts()


def case(days: int, received: date = MONDAY, unit: str | None = None, facts: Facts = NOTHING_KNOWN) -> ClosedCase:
    """Return a complaint that was answered and closed some *days* after its receipt."""
    over = received + timedelta(days=days)
    return ClosedCase(received, over, over, facts, (unit, None, None))


@settings(max_examples=300)
@given(st.lists(st.integers(1, 50), min_size=1), st.sampled_from([0.5, 0.9, 0.99]))
def test_a_percentile_is_the_value_at_its_rank(days: list[int], share: float) -> None:
    """Nearest rank: the smallest value that at least the share of all cases does not exceed."""
    found = percentile(Counter(days), share)
    assert found is not None
    assert sum(day <= found for day in days) >= share * len(days) - 1e-9
    assert sum(day < found for day in days) < share * len(days) - 1e-9


def test_there_is_no_percentile_of_nothing() -> None:
    assert percentile(Counter(), 0.5) is None


CASES = st.lists(
    st.builds(
        case,
        st.integers(0, 60),
        st.dates(date(2019, 1, 1), date(2027, 6, 1)),
        st.sampled_from(["gd", "zj", None]),
        st.builds(Facts, st.sampled_from([None, "simple", "complex"]), st.just("general"), st.just("departments")),
    ),
    max_size=40,
)


@settings(max_examples=200, deadline=None)
@given(CASES, st.integers(0, 40))
def test_parts_add_up_to_the_whole(cases: list[ClosedCase], cut: int) -> None:
    whole = tally(COMPANY, cases[:cut])
    whole.add(tally(COMPANY, cases[cut:]))
    assert whole == tally(COMPANY, cases)


def test_the_figures_of_a_duty_are_those_of_its_cases() -> None:
    found = tally(STATUTE, [case(14, unit="gd"), case(15, unit="gd"), case(16, unit="gd"), case(25, unit="zj")])
    (decide,) = found.duties
    assert (decide.total.cases, decide.total.late, decide.total.days_late) == (4, 2, Counter({1: 1, 10: 1}))
    assert decide.due == {date(2026, 3, 17): 4}
    assert decide.late == {date(2026, 3, 17): 2}
    assert found.groups[0] == {"gd": [3, 1], "zj": [1, 1]}
    assert (found.received, found.closed[date(2026, 3, 17)]) == ({MONDAY: 4}, 1)


def test_receipts_outside_the_days_in_force_are_counted_and_noted() -> None:
    """Order 2020 No. 3 is in force from 2020-03-01 on; the day before is judged by it only when asked to."""
    found = tally(STATUTE, [case(3, received=day) for day in (date(2020, 2, 29), date(2020, 3, 1))])
    assert (found.cases, found.outside, found.duties[0].total.cases) == (2, 1, 2)


def test_deadlines_beyond_the_published_calendar_are_provisional() -> None:
    """Working days of 2027 are not known yet; natural days are."""
    found = tally(COMPANY, [case(1, received=date(2026, 11, 30)), case(1, received=date(2026, 12, 20))])
    provisional = {rule.id: duty.total.provisional for rule, duty in zip(COMPANY.duties, found.duties, strict=True)}
    assert provisional == {"decide": 0, "settle": 1, "settle_target": 0, "kpi": 0}


def test_more_names_than_are_told_apart_are_counted_together() -> None:
    found = tally(STATUTE, [case(20, unit=str(number)) for number in range(MOST_NAMES + 5)])
    units = found.groups[0]
    assert len(units) == MOST_NAMES + 1
    assert units[REST] == [5, 5]
    more = empty(STATUTE)
    more.add(found)
    more.add(tally(STATUTE, [case(20, unit="another")]))
    assert more.groups[0][REST] == [6, 6]
