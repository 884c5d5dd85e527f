"""
The complaint's clock: a pure fold of events into duties, each dated with a proof.

The same fold runs live inside the workflow (when to wake), in rehearsal (yesterday's events under tomorrow's pack) and in
audit (the archived events again, compared with what was recorded). It reads no clock: every instant comes from an event.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal, Self

from rulebook import events as ev
from rulebook.calendar import WorkingCalendar
from rulebook.deadline import Deadline, date_limit
from rulebook.limit import DAY, Pause, last_day
from rulebook.pack import DutyRule, Reminder, RulePack

Status = Literal["open", "met", "met_late", "cancelled", "window_closed"]


@dataclass(frozen=True, slots=True)
class Alarm:
    """
    The next instant at which something must happen by itself.

    *late_by* is how far the asking instant lies behind it: zero in the ordinary case, more after an outage.
    """

    at: datetime
    kind: Literal["reminder", "due", "window_end"]
    duty: str
    due: datetime
    late_by: timedelta
    before: str = ""


@dataclass(slots=True)
class Duty:
    """
    One thing that must be done (or, for a window, may be done), with every version of its deadline.

    *key* tells instances of the same rule apart, such as ``tell_pause#2``.
    """

    key: str
    rule: DutyRule
    layer: str
    start: datetime
    started_by: str
    versions: list[Deadline] = field(default_factory=list)
    extended_by: int = 0
    status: Status = "open"
    ended_at: datetime | None = None
    breaches: list[datetime] = field(default_factory=list)
    reminded: set[tuple[datetime, str]] = field(default_factory=set)

    @property
    def id(self) -> str:
        """Return the id of the rule behind it."""
        return self.rule.id

    @property
    def kind(self) -> Literal["duty", "window"]:
        """Return whether it binds the insurer or is a right of the complainant."""
        return self.rule.kind

    @property
    def deadline(self) -> Deadline | None:
        """Return the version in force, None for a duty that is merely prompt (及时)."""
        return self.versions[-1] if self.versions else None

    @property
    def due(self) -> datetime | None:
        """Return the first instant that is too late; None if prompt, or while a pause holds the clock."""
        return self.versions[-1].due if self.versions else None

    @property
    def met_at(self) -> datetime | None:
        """Return the instant at which it was fulfilled, in time or late."""
        return self.ended_at if self.status in {"met", "met_late"} else None

    @property
    def breached(self) -> bool:
        """
        Return whether it was not met in time.

        A breach stands for ever, unless a fact recorded later proves that the duty had been met before that instant.
        """
        met = self.met_at
        return self.status == "met_late" or any(met is None or met >= breach for breach in self.breaches)

    @property
    def overdue(self) -> bool:
        """Return whether it is open, binding and past the deadline in force."""
        return self.status == "open" and self.kind == "duty" and self.due in self.breaches


class CaseClock:
    """
    The duties of one complaint under one rule pack and one calendar version.

    Feed it events in the order in which they were recorded. Facts that are recorded late (a letter posted in time, entered
    days later) count at their legal instant.
    """

    def __init__(self, pack: RulePack, calendar: WorkingCalendar) -> None:
        self.pack = pack
        self.calendar = calendar
        self._duties: dict[str, Duty] = {}
        self._counts: dict[str, int] = {}
        self._facts: dict[str, str] = {}
        self._pauses: dict[str, Pause] = {}
        self._asked: dict[str, ev.ExtensionApproved] = {}

    @classmethod
    def fold(cls, pack: RulePack, calendar: WorkingCalendar, events: Iterable[ev.Event]) -> Self:
        """Return the clock that *events* lead to."""
        clock = cls(pack, calendar)
        for event in events:
            clock.apply(event)
        return clock

    @property
    def duties(self) -> tuple[Duty, ...]:
        """Return all duties and windows in the order in which they opened."""
        return tuple(self._duties.values())

    @property
    def open_duties(self) -> tuple[Duty, ...]:
        """Return the duties and windows that still run, the earliest deadline first, undated ones last."""
        running = [duty for duty in self._duties.values() if duty.status == "open"]
        return tuple(sorted(running, key=lambda duty: (duty.due is None, duty.due.timestamp() if duty.due else 0.0)))

    @property
    def next_due(self) -> datetime | None:
        """Return the earliest deadline of an open duty of any layer."""
        return self._earliest(layer=None)

    @property
    def statutory_due(self) -> datetime | None:
        """Return the earliest deadline of an open duty that the statute sets."""
        return self._earliest(layer="statute")

    @property
    def overdue(self) -> bool:
        """Return whether an open duty's deadline has been recorded as breached."""
        return any(duty.overdue for duty in self._duties.values())

    @property
    def breached(self) -> bool:
        """Return whether any duty was ever not met in time."""
        return any(duty.breached for duty in self._duties.values())

    @property
    def paused(self) -> bool:
        """Return whether a pause is open."""
        return any(pause.end is None for pause in self._pauses.values())

    def duty(self, key: str) -> Duty | None:
        """Return the duty called *key*, or None if it never opened."""
        return self._duties.get(key)

    def next_alarm(self, now: datetime) -> Alarm | None:
        """
        Return the earliest alarm that no recorded event has answered yet, or None.

        It may lie before *now*: after an outage every level that fell due is handled, in order, once each.
        """
        alarms = (alarm for duty in self._duties.values() for alarm in self._alarms(duty, now))
        return min(alarms, key=lambda alarm: alarm.at, default=None)

    def apply(self, event: ev.Event) -> None:
        """Take one more event into account: open, meet, cancel, restart and re-date duties."""
        kind = ev.event_type(event)
        qualifier = event.qualifier()
        names = {kind, f"{kind}.{qualifier}"} if qualifier else {kind}
        facts = event.facts()
        self._facts.update(facts)
        self._note(event)
        if names & self.pack.event_names:
            for duty in [duty for duty in self._duties.values() if duty.status == "open"]:
                self._advance(duty, names, event)
            self._open(names, event, kind)
        if facts or isinstance(event, ev.ClockPaused | ev.ClockResumed):
            for duty in self._duties.values():
                self._redate(duty, event, kind)
        if isinstance(event, ev.NoticeGiven | ev.NoticeExempted):
            self._extend(event)

    def _earliest(self, layer: str | None) -> datetime | None:
        dues = (
            duty.due
            for duty in self._duties.values()
            if duty.status == "open" and duty.kind == "duty" and layer in {None, duty.layer} and duty.due
        )
        return min(dues, default=None)

    def _note(self, event: ev.Event) -> None:
        match event:
            case ev.ClockPaused():
                self._pauses[event.pause] = Pause(event.at, None, event.ground)
            case ev.ClockResumed() if event.pause in self._pauses:
                begun = self._pauses[event.pause]
                self._pauses[event.pause] = Pause(begun.start, max(event.at, begun.start), begun.ground)
            case ev.ExtensionApproved():
                self._asked[event.request] = event
            case ev.ExtensionRefused():
                self._asked.pop(event.request, None)
            case ev.ReminderRaised() if event.duty in self._duties:
                self._duties[event.duty].reminded.add((event.due, event.before))
            case ev.DeadlineBreached() if event.duty in self._duties:
                self._duties[event.duty].breaches.append(event.due)
            case ev.WindowClosed() if event.duty in self._duties:
                self._end(self._duties[event.duty], "window_closed", event.at)
            case _:
                pass

    def _open(self, names: set[str], event: ev.Event, kind: str) -> None:
        for rule in self.pack.duties:
            conditions_hold = all(self._facts.get(fact) == value for fact, value in rule.when.items())
            if not names.intersection(rule.start) or not conditions_hold:
                continue
            if rule.kind == "window" and rule.id in self._counts:
                continue
            count = self._counts[rule.id] = self._counts.get(rule.id, 0) + 1
            key = rule.id if count == 1 else f"{rule.id}#{count}"
            duty = Duty(key, rule, rule.layer or self.pack.layer, event.at, kind)
            self._duties[key] = duty
            self._redate(duty, event, kind)

    def _advance(self, duty: Duty, names: set[str], event: ev.Event) -> None:
        rule = duty.rule
        if names.intersection(rule.cancelled_by):
            self._end(duty, "cancelled", event.at)
        elif names.intersection(rule.met_by):
            late = duty.due is not None and event.at >= duty.due
            self._end(duty, "met_late" if late else "met", event.at)
        elif names.intersection(rule.reset_by) or names.intersection(rule.restart_by):
            duty.start, duty.started_by, duty.extended_by = event.at, ev.event_type(event), 0
            self._redate(duty, event, ev.event_type(event))

    @staticmethod
    def _end(duty: Duty, status: Status, at: datetime) -> None:
        duty.status, duty.ended_at = status, at

    def _extend(self, event: ev.NoticeGiven | ev.NoticeExempted) -> None:
        for duty in self._duties.values():
            rule = self.pack.extensions.get(duty.rule.extension or "")
            if rule is None or rule.notice != event.kind or duty.status != "open":
                continue
            for request, approved in list(self._asked.items()):
                told = event.ref in {None, request}
                # Approval and notice must both lie before the deadline that they move (art. 18(1)).
                if told and duty.due is not None and max(event.at, approved.at) < duty.due:
                    duty.extended_by += approved.days
                    del self._asked[request]
                    self._redate(duty, event, "extension")

    def _redate(self, duty: Duty, event: ev.Event, reason: str) -> None:
        limit = duty.rule.choose(self._facts)
        if duty.status != "open" or limit is None:
            return
        rule = self.pack.limits[limit]
        pauses = [pause for pause in self._pauses.values() if pause.ground in duty.rule.pauses]
        deadline = date_limit(
            rule.limit,
            duty.start,
            self.pack.zone,
            self.calendar,
            pauses,
            name=limit,
            citation=rule.citation,
            pack=self.pack.pack,
            started_by=duty.started_by,
            extended_by=duty.extended_by,
            computed_at=event.recorded_at,
            reason=reason,
        )
        current = duty.deadline
        if current is None or _substance(current) != _substance(deadline):
            duty.versions.append(deadline)

    def _alarms(self, duty: Duty, now: datetime) -> Iterator[Alarm]:
        deadline = duty.deadline
        if duty.status != "open" or deadline is None or deadline.due is None:
            return
        due = deadline.due
        for reminder in duty.rule.reminders:
            at = self._reminder_at(reminder, due)
            # A reminder older than its deadline's version would arrive as a burst with the news itself.
            fresh = deadline.computed_at is None or at > deadline.computed_at
            if fresh and at < due and (due, str(reminder)) not in duty.reminded:
                yield Alarm(at, "reminder", duty.key, due, max(now - at, timedelta()), str(reminder))
        if due not in duty.breaches:
            kind: Literal["due", "window_end"] = "due" if duty.kind == "duty" else "window_end"
            yield Alarm(due, kind, duty.key, due, max(now - due, timedelta()))

    def _reminder_at(self, reminder: Reminder, due: datetime) -> datetime:
        day = last_day(due)
        if reminder.unit == "nd":
            day -= timedelta(days=reminder.before)
        else:
            for _ in range(reminder.before):
                day = self._working_day_before(day)
        return datetime.combine(day, reminder.at, self.pack.zone)

    def _working_day_before(self, day: date) -> date:
        day -= DAY
        while not self.calendar.is_working(day):
            day -= DAY
        return day


def _substance(deadline: Deadline) -> tuple[object, ...]:
    return (
        deadline.due,
        deadline.limit,
        deadline.start,
        deadline.extended_by,
        deadline.calendar,
        deadline.provisional,
    )
