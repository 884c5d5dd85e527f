"""
The indicators of the house counted by hand, from intakes and events alone.

It shares nothing with what figures are made from: no projection, no clock, no database. Limits are counted from day to day
on a list of worked days made by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from statistics import median
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from models.intake import Intake
from rulebook import events as ev
from tests.rulebook.oracle import works

CHINA = ZoneInfo("Asia/Shanghai")
ONE = timedelta(days=1)

EventT = TypeVar("EventT", bound=ev.Event)


@dataclass(frozen=True)
class Told:
    """A complaint as it was told: what was said, what happened, and whether the insurer's own rules apply."""

    intake: Intake
    events: Sequence[ev.Event]
    company: bool

    def all(self, kind: type[EventT]) -> list[EventT]:
        return [event for event in self.events if isinstance(event, kind)]

    def first(self, kind: type[EventT]) -> EventT | None:
        return next(iter(self.all(kind)), None)

    @property
    def received(self) -> ev.Received:
        found = self.first(ev.Received)
        assert found
        return found

    @property
    def closed(self) -> ev.Closed | None:
        return self.first(ev.Closed)

    @property
    def unit(self) -> str:
        assigned = self.first(ev.Assigned)
        return assigned.unit if assigned else self.received.unit

    @property
    def told_at(self) -> datetime | None:
        return next((notice.at for notice in self.all(ev.NoticeGiven) if notice.kind == "decision"), None)

    def weight(self, profile: str) -> int:
        """
        R080–R082: what is left out by the company; R166: an escalated one counts two there.

        Art. 18(3): a merged one is no second complaint, but the regulator has counted what it forwarded.
        """
        if self.all(ev.Merged):
            return 1 if self.intake.forwarding and profile in {"regulator", "annual"} else 0
        if not self.company or profile != "company":
            return 1
        if self.all(ev.CountingExcluded):
            return 0
        return 2 if any(event.responsible for event in self.all(ev.Escalated)) else 1


def day(at: datetime) -> date:
    return at.astimezone(CHINA).date()


def end_of(last: date) -> datetime:
    return datetime(last.year, last.month, last.day, tzinfo=CHINA) + ONE


def working_days_after(start: date, amount: int) -> date:
    last = start
    while amount:
        last += ONE
        amount -= works(last)
    return last


def within(first: date, last: date, at: date | None) -> bool:
    return at is not None and first <= at <= last


def decide_by(told: Told) -> date:
    """Order 2020 No. 3 art. 18(1): 15 days, 30 for a complex one."""
    return day(told.received.at) + timedelta(days=30 if told.received.complexity == "complex" else 15)


def settle_by(told: Told) -> date:
    """R124–R126: 30 working days for a major one, 3 where customer service settles it, else 15."""
    assigned = told.first(ev.Assigned)
    amount = 30 if told.received.severity == "major" else 3 if assigned and assigned.route == "customer_service" else 15
    return working_days_after(day(told.received.at), amount)


def ended(told: Told) -> datetime | None:
    """When what was owed to the complainant was done, or fell away because the complaint was withdrawn or merged."""
    over = told.first(ev.Withdrawn) or told.first(ev.Merged)
    return told.told_at or (over.at if over else None)


def in_time(told: Told, last: date) -> bool | None:
    """True: done or gone in time. False: late, at the latest when a breach was recorded. None: not known yet."""
    at = ended(told)
    if at is None:
        return False if told.all(ev.DeadlineBreached) else None
    return at < end_of(last)


def slip_state(told: Told, slip: str, kinds: tuple[type[ev.Event], ...], last: date) -> str:
    """How a slip's response or findings stand, once one of *kinds* has come, or once nobody waits for it any more."""
    sent = next(place for place, event in enumerate(told.events) if _sends(event, slip))
    for event in told.events[sent + 1 :]:
        own = getattr(event, "slip", None) == slip
        if own and isinstance(event, kinds):
            return "in_time" if event.at < end_of(last) else "late"
        over = isinstance(event, ev.Withdrawn | ev.Merged | ev.Closed) or (
            isinstance(event, ev.NoticeGiven) and event.kind == "decision"
        )
        gone = own and isinstance(event, ev.SlipRecalled | ev.SlipReturned)
        if over or gone:
            return "off" if event.at < end_of(last) else "late"
    return "open"


def _sends(event: ev.Event, slip: str) -> bool:
    return isinstance(event, ev.SlipDispatched) and event.slip == slip


def responded(told: Told, slip: str) -> datetime | None:
    kinds = (ev.SlipAccepted, ev.SlipReturned, ev.SlipAnswered)
    return next((event.at for event in told.events if isinstance(event, kinds) and event.slip == slip), None)


Answer = Fraction | int | None


def share(part: int, whole: int) -> Answer:
    return Fraction(part, whole) if whole else None


def mean(values: Sequence[int]) -> Answer:
    return Fraction(sum(values), len(values)) if values else None


def middle(values: Sequence[int]) -> Answer:
    return Fraction(median(map(Fraction, values))) if values else None


@dataclass(frozen=True)
class Counted:
    """The complaints of a record, and the days from *first* to *last*."""

    record: Sequence[Told]
    first: date
    last: date

    def _in(self, at: datetime | None) -> bool:
        return at is not None and within(self.first, self.last, day(at))

    @property
    def _received(self) -> list[Told]:
        return [told for told in self.record if self._in(told.received.at)]

    @property
    def _closed(self) -> list[Told]:
        return [told for told in self.record if told.closed and self._in(told.closed.at)]

    def received(self) -> Answer:
        return sum(told.weight("regulator") for told in self._received)

    def received_company(self) -> Answer:
        return sum(told.weight("company") for told in self._received)

    def received_year(self) -> Answer:
        return sum(told.weight("annual") for told in self._received)

    def received_regulator(self) -> Answer:
        return sum(told.weight("regulator") for told in self._received)

    def closed(self) -> Answer:
        return sum(told.weight("regulator") for told in self._closed)

    def open_at_end(self) -> Answer:
        begun = [told for told in self.record if day(told.received.at) <= self.last]
        return sum(told.weight("regulator") for told in begun if not told.closed or day(told.closed.at) > self.last)

    def closure_rate(self) -> Answer:
        def done(told: Told) -> bool:
            last = settle_by(told) if told.company else decide_by(told)
            return told.closed is not None and in_time(told, last) is True

        return self._share(done)

    def closure_rate_9(self) -> Answer:
        def quick(told: Told) -> bool:
            return told.closed is not None and day(told.closed.at) <= day(told.received.at) + timedelta(days=9)

        return self._share(quick)

    def _share(self, fits: Callable[[Told], bool]) -> Answer:
        whole = self._received
        part = sum(told.weight("company") for told in whole if fits(told))
        return share(part, sum(told.weight("company") for told in whole))

    def handling_days(self) -> Answer:
        return self._in_days(mean)

    def handling_days_median(self) -> Answer:
        return self._in_days(middle)

    def _in_days(self, of: Callable[[Sequence[int]], Answer]) -> Answer:
        found = of(
            [
                seconds(told.received.at, told.closed.at)
                for told in self._closed
                if told.closed and told.weight("company")
            ]
        )
        return found if found is None else Fraction(found, 86_400)

    def _marks(self) -> list[int]:
        marks = [(told.first(ev.CalledBack), told.weight("company")) for told in self._closed]
        return [call.satisfaction for call, weight in marks if call and call.satisfaction and weight]

    def satisfaction(self) -> Answer:
        return mean(self._marks())

    def satisfied(self) -> Answer:
        # Of a share an escalated complaint counts by its weight, as everywhere.
        found = [
            (call.satisfaction, told.weight("company")) for told in self._closed if (call := told.first(ev.CalledBack))
        ]
        marked = [(mark, weight) for mark, weight in found if mark]
        return share(sum(weight for mark, weight in marked if mark >= 4), sum(weight for _, weight in marked))

    def statutory_timeliness(self) -> Answer:
        due = [told for told in self.record if within(self.first, self.last, decide_by(told))]
        # What was withdrawn, or merged, in time was owed no more.
        owed = [
            told
            for told in due
            if not (
                (told.first(ev.Withdrawn) or told.first(ev.Merged))
                and not told.told_at
                and in_time(told, decide_by(told))
            )
        ]
        known = [state for told in owed if (state := in_time(told, decide_by(told))) is not None]
        return share(sum(known), len(known))

    def _slips(self) -> list[tuple[Told, ev.SlipDispatched]]:
        return [(told, slip) for told in self.record for slip in told.all(ev.SlipDispatched) if told.weight("company")]

    def response_rate(self) -> Answer:
        kinds = (ev.SlipAccepted, ev.SlipReturned, ev.SlipAnswered)
        sent = [(told, slip) for told, slip in self._slips() if told.company and self._in(slip.at)]
        states = [slip_state(told, slip.slip, kinds, working_days_after(day(slip.at), 1)) for told, slip in sent]
        return share(states.count("in_time"), states.count("in_time") + states.count("late"))

    def response_hours(self) -> Answer:
        return self._in_hours(mean)

    def response_hours_median(self) -> Answer:
        return self._in_hours(middle)

    def _in_hours(self, of: Callable[[Sequence[int]], Answer]) -> Answer:
        sent = [(slip.at, responded(told, slip.slip)) for told, slip in self._slips() if self._in(slip.at)]
        found = of([seconds(start, end) for start, end in sent if end])
        return found if found is None else Fraction(found, 3_600)

    def findings_late(self) -> Answer:
        states = []
        for told in self.record:
            for slip in told.all(ev.SlipDispatched):
                last = working_days_after(day(slip.at), 10)
                if told.company and within(self.first, self.last, last):
                    states.append(slip_state(told, slip.slip, (ev.SlipAnswered,), last))
        return share(states.count("late"), states.count("in_time") + states.count("late"))


def seconds(start: datetime, end: datetime) -> int:
    return int((end - start).total_seconds())


def expected(counted: Counted, figure: str) -> Answer:
    found: Any = getattr(counted, figure)
    answer: Answer = found()
    return answer
