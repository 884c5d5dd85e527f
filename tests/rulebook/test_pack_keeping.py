"""What a pack says beyond the complaint itself: how long records are kept, and which returns are due when."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from rulebook.calendar import calendar
from rulebook.errors import PackError
from rulebook.pack import PACKS, RulePack, read_pack
from rulebook.retention import longest
from rulebook.returns import returns_of

SECTIONS = """
retention:
  complaint:
    years: 5
    start: closed
    citation: 示例规则 第八条
    text: {zh: 结案后保存五年, en: kept for five years after closure}
returns:
  half_yearly:
    period: half_year
    amount: 15
    unit: nd
    to: {zh: 监管机构, en: the authority}
    text: {zh: 半年报告, en: half-yearly report}
    citation: 示例规则 第九条
    mark: secondary
"""


def pack_with(folder: Path, sections: str = SECTIONS) -> RulePack:
    """Return the statute of 2020 with *sections* added."""
    path = folder / "cn-2020-3.yaml"
    path.write_text((PACKS / "cn-2020-3.yaml").read_text(encoding="utf-8") + sections, encoding="utf-8")
    return read_pack(path)


@pytest.mark.parametrize(
    ("closed", "last"),
    [
        pytest.param(date(2026, 3, 2), date(2031, 3, 2), id="an ordinary day"),
        pytest.param(date(2024, 2, 29), date(2029, 2, 28), id="a leap day: to the last day of the month"),
        pytest.param(date(2026, 12, 31), date(2031, 12, 31), id="the last day of a year"),
    ],
)
def test_records_are_kept_for_whole_years_from_their_event(tmp_path: Path, closed: date, last: date) -> None:
    """The last day counts (Civil Code art. 202): they may go on the day after it."""
    rule = pack_with(tmp_path).retention_for("complaint")
    assert rule is not None
    kept = longest([("complaint", rule)], {"closed": closed})
    assert kept is not None
    assert (rule.start, kept.last_day) == ("closed", last)


def test_a_class_of_records_of_which_the_rules_say_nothing_has_no_rule(tmp_path: Path) -> None:
    assert pack_with(tmp_path).retention_for("recording") is None


@pytest.mark.parametrize(
    ("period", "periods"),
    [("month", 12), ("quarter", 4), ("half_year", 2), ("year", 1)],
)
def test_a_return_is_due_for_each_period_of_the_year(tmp_path: Path, period: str, periods: int) -> None:
    pack = pack_with(tmp_path, SECTIONS.replace("period: half_year", f"period: {period}"))
    due = returns_of(pack, calendar("cn"), 2025)
    assert len(due) == periods
    assert (due[0].first, due[-1].last) == (date(2025, 1, 1), date(2025, 12, 31))
    assert all(before.last < after.first for before, after in pairwise(due))


def test_the_last_day_of_the_period_is_day_zero(tmp_path: Path) -> None:
    """Half a year that ends on Tue 2026-06-30: fifteen natural days last until the end of Wed 2026-07-15."""
    first, second = returns_of(pack_with(tmp_path), calendar("cn"), 2026)
    assert (first.deadline.last_day, second.deadline.last_day) == (date(2026, 7, 15), date(2027, 1, 15))
    assert "示例规则 第九条〔二手资料 secondary〕" in str(first)
    assert first.to_json()["proof"]["mark"] == "secondary"


def test_a_period_that_ended_before_the_rules_is_owed_nothing(tmp_path: Path) -> None:
    """They are in force from Sun 2020-03-01."""
    assert [one.last for one in returns_of(pack_with(tmp_path), calendar("cn"), 2020)] == [
        date(2020, 6, 30),
        date(2020, 12, 31),
    ]
    assert returns_of(pack_with(tmp_path), calendar("cn"), 2019) == []


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("years: 5", "years: 0", "retention.complaint.years: Input should be greater than or equal to 1"),
        ("start: closed", "start: shut", "retention.complaint.start: no event is called 'shut'"),
        ("period: half_year", "period: fortnight", "returns.half_yearly.period: Input should be"),
        ("amount: 15", "amount: 0", "returns.half_yearly: a limit must be positive"),
    ],
)
def test_a_section_that_makes_no_sense_is_refused_with_its_place(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    with pytest.raises(PackError, match=reason):
        pack_with(tmp_path, SECTIONS.replace(old, new))
