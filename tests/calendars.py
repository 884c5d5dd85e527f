"""A fictitious notice about working days, for tests only."""

from __future__ import annotations

from datetime import date, timedelta

from rulebook.calendar import calendar
from rulebook.notice import Notice, parse_notice

MONDAY = timedelta(days=7)


def notice_text(published: date) -> str:
    """
    Return a notice, published on that day, that gives the Monday a week later off, as its YAML.

    It amends the year of that Monday if one was published for it, and arranges the first unpublished year otherwise.
    """
    known = calendar("cn")
    off = published + timedelta(days=14 - published.weekday())
    arranged = [notice for notice in known.notices if notice.year == off.year]
    year = off.year if arranged else known.horizon.year + 1
    amends = f"amends: {arranged[0].id}\n" if arranged else ""
    return (
        f"id: cn-{year}{'z' if arranged else ''}\n"
        "title: 虚构通知，仅供测试 (fictitious, for tests only)\n"
        f"year: {year}\n{amends}published: {published}\ndate_source: recalled\n"
        f"days:\n  {off if off.year == year else date(year, 3, 1)}: off 虚构节日\n"
    )


def fictitious(published: date) -> Notice:
    """Return the same notice as an object."""
    return parse_notice(notice_text(published))
