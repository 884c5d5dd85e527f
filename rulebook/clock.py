"""
The complaint's clock: a pure fold of events into duties, each dated with a proof.

The same fold runs live inside the workflow (when to wake), in rehearsal (yesterday's events under tomorrow's pack) and in
audit (the archived events again, compared with what was recorded). It reads no clock: every instant comes from an event.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Self

from rulebook import events as ev
from rulebook.calendar import WorkingCalendar
from rulebook.clock_alarms import Alarm, alarms
from rulebook.clock_move import as_known_on_arrival, move_duties, target
from rulebook.dating import SET_BY_EVENT, date_duty, substance
from rulebook.deadline import Deadline
from rulebook.duties import Duties
from rulebook.duty import Duty, Status
from rulebook.errors import CalendarError
from rulebook.limit import Pause, in_utc, midnight
from rulebook.pack import RulePack
from rulebook.pack_parts import DUTY_FACT, DutyRule, ExtensionRule, event_names, holds, watched

__all__ = ["Alarm", "CaseClock", "Duty", "Status"]


class CaseClock:
    """
    The duties of one complaint under one rule pack and one calendar version, until an event changes either.

    Feed it events in the order in which they were recorded. Facts that are recorded late (a letter posted in time, entered
    days later) count at their legal instant.

    With *slip* it is the clock of that dispatch slip (会办单): it keeps the slip's duties, ``s1/accept``, and hears only the
    events of the slip, and of the complaint those that its duties name.
    """

    def __init__(self, pack: RulePack, calendar: WorkingCalendar, slip: str | None = None) -> None:
        self.pack = pack
        self.calendar = calendar
        self.slip = slip
        self._rules = pack.duties if slip is None else pack.slips.duties if pack.slips else ()
        self._named = pack.event_names if slip is None else event_names(self._rules)
        self._duties = Duties()
        self._counts: dict[str, int] = {}
        self._facts: dict[str, str] = {}
        self._running: dict[str, Pause] = {}
        self._pauses: list[Pause] = []
        self._decisions = 0
        self._windows: dict[str, int] = {}
        self._asked: dict[str, ev.ExtensionApproved] = {}
        self._pinned = calendar
        self._heard: list[ev.Event] = []
        self._watched = watched(self._rules)
        self._turned = False

    @classmethod
    def fold(
        cls, pack: RulePack, calendar: WorkingCalendar, events: Iterable[ev.Event], slip: str | None = None
    ) -> Self:
        """Return the clock that *events* lead to."""
        clock = cls(pack, calendar, slip)
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
        return tuple(
            sorted(self._duties.open, key=lambda duty: (duty.due is None, duty.due.timestamp() if duty.due else 0.0))
        )

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
        return any(duty.overdue for duty in self._duties.open)

    @property
    def breached(self) -> bool:
        """Return whether any duty was ever not met in time."""
        return any(duty.breached for duty in self._duties.values())

    @property
    def paused(self) -> bool:
        """Return whether a pause is open."""
        return bool(self._running)

    def duty(self, key: str) -> Duty | None:
        """Return the duty called *key*, or None if it never opened."""
        return self._duties.get(key)

    def next_alarm(self, now: datetime, *, arrears: bool = True) -> Alarm | None:
        """
        Return the earliest alarm that no recorded event has answered yet, or None.

        It may lie before *now*: after an outage every level that fell due is handled, in order, once each. For *arrears* see
        `rulebook.clock_alarms.alarms`.
        """
        zone = self.pack.zone
        found = (
            alarm for duty in self._duties.open for alarm in alarms(duty, now, zone, self.calendar, arrears=arrears)
        )
        return min(found, key=lambda alarm: alarm.order, default=None)

    def extended_due(self, key: str, request: str) -> datetime | None:
        """Return the instant to which the approved *request* moves the duty *key* once the complainant has been told."""
        duty, approved = self._duties[key], self._asked[request]
        return self._date(duty, duty.extended_by + approved.days, approved.recorded_at, "extension").due

    def apply(self, event: ev.Event) -> None:
        """Take one more event into account: open, meet, cancel, restart and re-date duties."""
        if isinstance(event, ev.RulesMoved):
            if event.slip == self.slip:
                self._move(event)
            return
        self._heard.append(event)
        names = event.names
        if isinstance(event, ev.CalendarAdopted):
            if event.slip == self.slip:
                self._adopt(event)
        elif self._hears(event, names):
            self._take(event, names)

    def _take(self, event: ev.Event, names: frozenset[str]) -> None:
        facts = event.facts()
        self._facts.update(facts)
        self._note(event)
        if facts:
            self._lapse(event)
        self._turned = False
        if names & self._named:
            for duty in self._duties.touched(event.at):
                self._advance(duty, names, event)
            if self._turned:
                self._lapse(event)
            for rule in self._rules:
                if self._starts(rule, names) and holds(rule.when, self._facts):
                    self._open(rule, event)
        chosen = bool(facts) or self._turned
        if chosen or isinstance(event, ev.ClockPaused | ev.ClockResumed):
            self._date_anew(event, chosen=chosen)
        if isinstance(event, ev.NoticeGiven | ev.NoticeExempted):
            self._extend(event)

    def _adopt(self, event: ev.CalendarAdopted) -> None:
        """Count the working days of open duties by the calendar that the notice makes; both versions stay."""
        if self.calendar.knows(event.notice):
            return
        self.calendar = self.calendar.with_notice(event.notice)
        if self.calendar.content_hash != event.calendar_hash:
            raise CalendarError(f"{event.notice.id}: the notice makes another calendar here than when it was adopted")
        for duty in self._duties.open:
            if duty.deadline is not None and duty.deadline.unit == "wd":
                before, deadline = duty.due, self._date(duty, duty.extended_by, event.recorded_at, ev.event_type(event))
                if before and deadline.due and in_utc(deadline.due) <= in_utc(event.at):
                    if duty.reached(event.at) and in_utc(deadline.due) < in_utc(before):
                        continue  # It had come before the notice did; that it should have come earlier is nobody's fault.
                    if not duty.reached(event.at):
                        there = event.at.astimezone(self.pack.zone)
                        deadline = replace(deadline, due=there, shortened_from=deadline.due)
                duty.adopt(deadline, event.at)

    def _move(self, event: ev.RulesMoved) -> None:
        """Go on under other rules as if they had held from the receipt on; every earlier version of a deadline stays."""
        pack = target(event, self.pack)
        anew = CaseClock.fold(pack, self._pinned, as_known_on_arrival(self._heard), self.slip)
        anew._duties = Duties(move_duties(self._duties, anew._duties, event, pack.zone))
        # A key that was used under the old rules is never given again: its versions would be lost.
        for rule, count in self._counts.items():
            anew._counts[rule] = max(count, anew._counts.get(rule, 0))
        anew._heard = self._heard
        vars(self).update(vars(anew))

    def _hears(self, event: ev.Event, names: frozenset[str]) -> bool:
        if self.slip is None:
            return True
        slip = getattr(event, "slip", None)
        # A slip's own process is told no more of the complaint than its duties name: both folds must agree.
        return slip == self.slip or (slip is None and not names.isdisjoint(self._named))

    def _date_anew(self, event: ev.Event, *, chosen: bool) -> None:
        for duty in self._duties.open:
            if chosen:
                self._choose(duty, event.at)
            self._redate(duty, event, ev.event_type(event), event.at)

    def _earliest(self, layer: str | None) -> datetime | None:
        dues = (
            duty.due for duty in self._duties.open if duty.kind == "duty" and layer in {None, duty.layer} and duty.due
        )
        return min(dues, default=None)

    def _note(self, event: ev.Event) -> None:
        match event:
            case ev.ClockPaused():
                self._running.setdefault(event.pause, Pause(in_utc(event.at), None, event.ground))
            case ev.ClockResumed() if event.pause in self._running:
                begun = self._running.pop(event.pause)
                self._pauses.append(Pause(begun.start, max(in_utc(event.at), begun.start), begun.ground))
            case ev.DecisionMade():
                self._decisions += 1
            case ev.ExtensionApproved():
                self._asked[event.request] = event
            case ev.ExtensionRefused():
                self._asked.pop(event.request, None)
            case ev.ReminderRaised() | ev.DeadlineBreached() | ev.WindowClosed() if event.duty in self._duties:
                self._answer(self._duties[event.duty], event)
            case _:
                pass

    def _answer(self, duty: Duty, event: ev.ReminderRaised | ev.DeadlineBreached | ev.WindowClosed) -> None:
        match event:
            case ev.ReminderRaised():
                duty.reminded.add((in_utc(event.due), event.before))
            case ev.DeadlineBreached() if not duty.recorded(event.due):
                duty.breaches.append(in_utc(event.due))
                if event.renewed:
                    self._renew(duty, event)
            case ev.WindowClosed() if duty.status == "open" and duty.reached(event.due):
                self._end(duty, "window_closed", event.due)
            case _:
                pass

    def _renew(self, duty: Duty, event: ev.DeadlineBreached) -> None:
        """Have a recurring duty that was missed run anew from the missed deadline, beside the one that is still owed."""
        if duty.status != "open" or not duty.rule.again or duty.renewed or duty.deadline is None:
            return
        duty.renewed = True
        day = duty.deadline.last_day
        # Days are counted from the last day itself, as they are from the day on which somebody was told.
        begin = event.due if duty.deadline.unit == "h" or day is None else midnight(day, self.pack.zone)
        self._open(duty.rule, event, start=begin, slip=duty.slip)

    def _told_in_time_after_all(self, duty: Duty, event: ev.Event) -> None:
        """Have the next period of *duty* count from the instant at which it was met, not from a deadline it did not miss."""
        for later in self._duties.open:
            if later.rule is duty.rule and later.start > event.at:
                self._end(later, "cancelled", event.at)
        self._open(duty.rule, event)

    def _lapse(self, event: ev.Event) -> None:
        for duty in self._duties.open:
            if duty.rule.lapses and not holds(duty.rule.when, self._facts):
                duty.lapsed = True
                self._end(duty, "cancelled", event.at)

    def _open(self, rule: DutyRule, event: ev.Event, *, start: datetime | None = None, slip: str | None = None) -> None:
        if rule.kind == "window":
            self._windows[rule.id] = self._decisions
        count = self._counts[rule.id] = self._counts.get(rule.id, 0) + 1
        name = rule.id if self.slip is None else f"{self.slip}/{rule.id}"
        kind = ev.event_type(event)
        duty = Duty(
            key=name if count == 1 else f"{name}#{count}",
            rule=rule,
            layer=rule.layer or self.pack.layer,
            start=start or event.at,
            started_by=kind,
            slip=event.slip if isinstance(event, ev.SlipEvent) else slip,
            set_day=getattr(event, "last_day", None),
        )
        self._duties.add(duty)
        self._choose(duty, event.at)
        self._redate(duty, event, kind, event.at)

    def _starts(self, rule: DutyRule, names: frozenset[str]) -> bool:
        starts = not names.isdisjoint(rule.start)
        if not starts and names.isdisjoint(rule.reset_by):
            return False
        newest = self._duties.newest(rule.id)
        if starts and not (rule.once and newest is not None and not newest.lapsed):
            # One window for each decision, however often the complainant is told of it (art. 20).
            return rule.kind != "window" or self._windows.get(rule.id) != self._decisions
        # New facts after the duty was done are work again, with a deadline of its own (art. 18(3)).
        anew = not names.isdisjoint(rule.reset_by)
        return anew and newest is not None and all(duty.id != rule.id for duty in self._duties.open)

    def _advance(self, duty: Duty, names: frozenset[str], event: ev.Event) -> None:
        rule, is_open = duty.rule, duty.status == "open"
        if not duty.may_concern(event):
            return
        if is_open and names.intersection(rule.cancelled_by):
            self._end(duty, "cancelled", event.at)
        elif names.intersection(rule.met_by):
            if self._fulfils(duty, event.at):
                self._end(duty, "met_late" if duty.reached(event.at) else "met", event.at)
                if is_open and rule.again and not duty.renewed:
                    self._open(rule, event)
                elif is_open and duty.renewed and duty.status == "met":
                    self._told_in_time_after_all(duty, event)
        elif event.at < duty.start:
            return  # Of two facts that restart it the later one counts, in whatever order they are recorded.
        elif is_open and not duty.renewed and names.intersection(rule.reset_by):
            self._restart(duty, event)
        elif names.intersection(rule.restart_by) and (is_open or self._closed_too_early(duty, event.at)):
            duty.status, duty.ended_at = "open", None
            self._restart(duty, event)

    @staticmethod
    def _fulfils(duty: Duty, at: datetime) -> bool:
        if duty.limit and at < duty.start:
            return False  # What was done before new facts came does not answer them.
        if duty.kind == "window" and duty.reached(at):
            return False
        # A fact recorded late may show that it was done earlier than the record had it.
        return duty.ended_at is None or at < duty.ended_at

    @staticmethod
    def _closed_too_early(duty: Duty, at: datetime) -> bool:
        return duty.status == "window_closed" and not duty.reached(at)

    def _restart(self, duty: Duty, event: ev.Event) -> None:
        duty.start, duty.started_by = event.at, ev.event_type(event)
        duty.set_day = getattr(event, "last_day", None)
        duty.extensions = duty.extended_by = 0
        if duty.rule.extension:
            self._asked.clear()
        duty.limit = self._limit_of(duty)
        self._redate(duty, event, duty.started_by, event.at)

    def _end(self, duty: Duty, status: Status, at: datetime) -> None:
        self._duties.end(duty, status, at)
        if duty.id in self._watched:
            self._facts[f"{DUTY_FACT}{duty.id}"] = status
            self._turned = True

    def _extend(self, event: ev.NoticeGiven | ev.NoticeExempted) -> None:
        for duty in self._duties.open:
            rule = self.pack.extensions.get(duty.rule.extension or "")
            if rule is None or rule.notice != event.kind:
                continue
            for request, approved in list(self._asked.items()):
                told = event.ref in {None, request}
                # Approval and notice must both lie before the deadline that they move (art. 18(1)).
                at = max(event.at, approved.at)
                if told and not duty.reached(at) and self._allowed(rule, duty, approved):
                    duty.extensions += 1
                    duty.extended_by += approved.days
                    del self._asked[request]
                    self._redate(duty, event, "extension", at)

    def _allowed(self, rule: ExtensionRule, duty: Duty, approved: ev.ExtensionApproved) -> bool:
        # Commands are guarded too; here the ceiling also holds for what was imported, or is folded under another pack.
        longest = self.pack.limit(duty.limit or "").amount + duty.extended_by + approved.days
        return (
            approved.ground in rule.approvers
            and duty.extensions < rule.at_most
            and approved.days <= self.pack.limit(rule.limit).amount
            and longest <= rule.ceiling.amount
        )

    def _choose(self, duty: Duty, at: datetime) -> None:
        # What becomes known after the deadline chooses no other limit (art. 18(1)).
        if duty.status == "open" and not duty.reached(at):
            duty.limit = self._limit_of(duty)

    def _limit_of(self, duty: Duty) -> str | None:
        return SET_BY_EVENT if duty.rule.dated_by_event else duty.rule.choose(self._facts)

    def _redate(self, duty: Duty, event: ev.Event, reason: str, at: datetime) -> None:
        if duty.status != "open" or duty.limit is None:
            return
        deadline = self._date(duty, duty.extended_by, event.recorded_at, reason)
        current = duty.deadline
        if current is None or substance(current) != substance(deadline):
            duty.adopt(deadline, at)

    def _date(self, duty: Duty, extended_by: int, computed_at: datetime, reason: str) -> Deadline:
        pauses = [pause for pause in (*self._pauses, *self._running.values()) if pause.ground in duty.rule.pauses]
        return date_duty(
            duty, self.pack, self.calendar, pauses, extended_by=extended_by, computed_at=computed_at, reason=reason
        )
