"""
The indicators of the house counted by hand from the rows of a file, as docs/figures.md words them.

It shares no code with what figures are made from: no rule pack, no clock, no mapping, no database. What the columns mean
stands here once more, days are those of `datetime`, and days at work those of a library that others keep. It knows the
columns of the complaints of the Texas Department of Insurance; samples/texas-import.yaml says the same to `tousu import`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from chinese_calendar import is_workday

from benchmarks.real_file.raw import Row

TEXAS = ZoneInfo("America/Chicago")
ORDER_2013 = date(2013, 11, 1)
ORDER_2020 = date(2020, 3, 1)
ONE = timedelta(days=1)
SAID = (
    "received_date", "complaint_filed_by", "complainant_type", "complaint_type",
    "coverage_type", "coverage_level", "keywords",
)  # fmt: skip
"""What a row says of the complaint itself; rows of one complaint must agree in it."""
COLUMNS = ("complaint_number", *SAID, "closed_date", "is_confirmed")

UNITS = {
    "hq": ("Other", "Agent", "Insurance Company"),
    "gd": ("Relative", "Injured Employee"),
    "gd-gz": ("Third Party", "Adjuster"),
    "gd-gz-zc": ("Lienholder",),
    "gd-sz": ("Insured", "Beneficiary"),
    "gd-sz-lh": ("Third Party Billing Service",),
    "zj": ("Attorney",),
    "zj-hz": ("Provider", "Physician", "Hospital", "Non-Contracted Provider", "Contracted Provider"),
    "zj-hz-xs": ("Consumer (Non-Insured)",),
}
FILED_BY = {who: unit for unit, several in UNITS.items() for who in several}
COMPLEX = ("Health Maintenance Org", "Employee Retirement System", "Medicare HMO")
DISPUTES = {"INDV": "claims", "ORG": "policy_service"}
LINES = {
    "Accident and Health": "medical",
    "Automobile": "motor",
    "Homeowners": "household_property",
    "Life & Annuity": "ordinary_life",
    "Liability": "liability",
    "Fire, Allied Lines & CMP": "commercial_property",
}
CATEGORIES = {
    "GR-Claim Evaluation": "claims",
    "ADJUSTER'S HANDLING": "claims",
    "COVERAGE DISPUTE": "claims",
    "DAMAGE DISPUTE": "claims",
    "TOTAL LOSS": "claims",
    "EMERGENCY CARE": "claims",
    "UNDERWRITING CRITERIA": "underwriting",
    "CREDIT REPORT": "underwriting",
    "POLICY EXCLUSION": "product",
    "DEDUCTIBLE": "product",
    "ADVERTISING": "selling",
    "AGENT'S FEE": "payment",
    "TECHNOLOGY AND INNOVATION": "system",
}


@dataclass(frozen=True)
class Case:
    """A complaint of the file; its answer came with its closure."""

    name: str
    received: date
    closed: date | None
    group: Mapping[str, str | None]

    @cached_property
    def due(self) -> date:
        """The last day to decide: art. 18(1) of Order 2020 No. 3, and what is reported of Order 2013 No. 8."""
        if self.group["complexity"] == "complex":
            return self.received + timedelta(days=30)
        if self.received >= ORDER_2020:
            return self.received + timedelta(days=15)
        last, left = self.received, 10
        while left:
            last += ONE
            left -= is_workday(last)
        return last

    @property
    def in_time(self) -> bool:
        return self.closed is not None and self.closed <= self.due

    @property
    def seconds(self) -> int:
        """From receipt to closure, both at midnight in Texas: an hour more or less where its clocks were changed."""
        assert self.closed is not None  # noqa: S101  # asked of closed complaints only
        return int((_midnight(self.closed) - _midnight(self.received)).total_seconds())


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=TEXAS).astimezone(UTC)


def _day(text: str) -> date | None:
    """Return the day that *text* writes as 2026-03-02; ValueError for anything else that is not empty."""
    return datetime.strptime(text, "%Y-%m-%d").date() if text else None  # noqa: DTZ007  # a day has no zone


@dataclass(frozen=True)
class Read:
    """What a file tells: the complaints that count, and how many others it names."""

    cases: list[Case]
    refused: int


def read(rows: Iterable[Row], now: datetime) -> Read:
    """Return the complaints of *rows* that can be taken over at *now*."""
    together: dict[str, list[Row]] = {}
    nameless = 0
    for row in rows:
        if row["complaint_number"]:
            together.setdefault(row["complaint_number"], []).append(row)
        else:
            nameless += 1
    cases = [case for same in together.values() if (case := _case(same, now)) is not None]
    return Read(cases, len(together) - len(cases) + nameless)


def _case(rows: Sequence[Row], now: datetime) -> Case | None:
    """Return the complaint that *rows* tell, once or several times; None if one of them is wrong or contradicts another."""
    found: Case | None = None
    said, ends = set(), set()
    with suppress(ValueError, KeyError):
        for row in rows:
            received, closed = _day(row["received_date"]), _day(row["closed_date"])
            if received is None or received < ORDER_2013 or _midnight(received) > now:
                return None
            if closed:
                result = {"true": "responsible", "false": "non_responsible"}[row["is_confirmed"]]
                ends.add((closed, result))
            if len(ends) > 1 or any(end < received or _midnight(end) > now for end, _ in ends):
                return None
            end, result_ = next(iter(ends), (None, None))
            found = Case(f"TX-{row['complaint_number']}", received, end, _groups(row) | {"result": result_})
            said.add(tuple(row[name] for name in SAID))
        return found if len(said) == 1 else None
    return None


def _groups(row: Row) -> dict[str, str | None]:
    line, kind = row["coverage_type"], row["complainant_type"]
    known = [CATEGORIES[word] for part in row["keywords"].split(";") if (word := part.strip()) in CATEGORIES]
    return {
        "unit": FILED_BY[row["complaint_filed_by"]],
        "category": known[0] if known else "other",
        "dispute_type": DISPUTES[kind] if kind else None,
        "line": LINES.get(line, "other") if line else None,
        "product": row["coverage_level"] or None,
        "channel": "regulator",
        "sales_channel": None,
        "severity": "general",
        "complexity": "complex" if row["complaint_type"] in COMPLEX else "simple",
    }


By = Callable[[Case], date | None]


class Cases:
    """All complaints of a record, found by day."""

    def __init__(self, cases: Sequence[Case], now: datetime) -> None:
        self.all = cases
        # The last day is over in China when the next one begins there.
        today = now.astimezone(ZoneInfo("Asia/Shanghai")).date()
        known = [case for case in cases if case.closed or case.due < today]
        self._received = _by_day(cases, lambda case: case.received)
        self._closed = _by_day(cases, lambda case: case.closed)
        self._due = _by_day(known, lambda case: case.due)

    def received(self, first: date, last: date) -> list[Case]:
        return _within(self._received, first, last)

    def closed(self, first: date, last: date) -> list[Case]:
        return _within(self._closed, first, last)

    def open_at_end(self, _: date, last: date) -> list[Case]:
        return [case for case in self.all if case.received <= last and (case.closed is None or case.closed > last)]

    def due(self, first: date, last: date) -> list[Case]:
        """Those whose limit ended, as far as it is known how they stand."""
        return _within(self._due, first, last)

    def nothing(self, _: date, __: date) -> list[Case]:
        """Slips and marks: the file has none."""
        return []


def _by_day(cases: Iterable[Case], by: By) -> dict[date, list[Case]]:
    found: dict[date, list[Case]] = {}
    for case in cases:
        if (day := by(case)) is not None:
            found.setdefault(day, []).append(case)
    return found


def _within(days: Mapping[date, list[Case]], first: date, last: date) -> list[Case]:
    length = (last - first).days + 1
    return [case for place in range(length) for case in days.get(first + place * ONE, ())]
