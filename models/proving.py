"""The proof of a complaint's deadlines, made from the events of its record alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from models.moving import changes_in
from models.proof import (
    BreachProof,
    CalendarNotice,
    CaseProof,
    DayProof,
    DutyProof,
    Happening,
    LimitProof,
    PauseProof,
    RuleSource,
    VersionProof,
)
from models.proof_words import day_words, reason_words
from models.wording import people_day
from rulebook import events as ev
from rulebook.calendar import WorkingCalendar
from rulebook.clock import CaseClock, Duty
from rulebook.counting_days import CountedDay, calendars_of, count_days
from rulebook.deadline import Deadline
from rulebook.limit import Pause, in_utc
from rulebook.mark import article
from rulebook.pack import Pin, RulePack, pinned_pack, rule_pack
from rulebook.pack_parts import DutyRule, PauseRule
from rulebook.slip_clocks import slip_clocks


def prove(complaint_id: str, events: Sequence[ev.Event], pin: Pin, head_hash: str) -> CaseProof:
    """
    Return the proof of every duty of the complaint with *events*, at least one, folded under *pin*, its rules at receipt.

    *head_hash* ends the chain of the events. PackError when the rules of *pin* are not the ones here.
    """
    pack, calendar = pin.open()
    making = _Making(tuple(events), pack, calendar)
    clocks = (CaseClock.fold(pack, calendar, events), *slip_clocks(pack, calendar, events).values())
    duties = tuple(making.duty(duty) for clock in clocks for duty in clock.duties)
    return CaseProof(
        complaint_id=complaint_id,
        as_of=events[-1].recorded_at.astimezone(pack.zone),
        events=len(events),
        head_hash=head_hash,
        time_zone=pack.time_zone,
        calendar=clocks[0].calendar.version,
        rules=tuple(making.sources()),
        notices=_notices(clocks[0].calendar, duties),
        duties=duties,
        moves=changes_in(complaint_id, pin, events),
    )


@dataclass(frozen=True)
class _Making:
    events: tuple[ev.Event, ...]
    pack: RulePack
    calendar: WorkingCalendar

    @cached_property
    def calendars(self) -> Mapping[str, WorkingCalendar]:
        """The pinned calendar, and those that notices made of it."""
        return calendars_of(self.calendar, self.events)

    @cached_property
    def held(self) -> tuple[RulePack, ...]:
        """The rules of the receipt, and those to which the case was moved, each once."""
        moves = (event for event in self.events if isinstance(event, ev.RulesMoved))
        packs = (self.pack, *(pinned_pack(event.pack, event.pack_hash) for event in moves))
        return tuple({pack.pack: pack for pack in packs}.values())

    @cached_property
    def packs(self) -> tuple[RulePack, ...]:
        """Of all rules that held the statute first, and the insurer's own over it."""
        found = {pack.pack: pack for held in self.held for pack in _family(held)}
        return tuple(found.values())

    def sources(self) -> Iterable[RuleSource]:
        """Yield where the rules come from, each pack with the legal texts that it brings."""
        return (_source(pack, rule_pack(pack.extends.pack) if pack.extends else None) for pack in self.packs)

    def duty(self, duty: Duty) -> DutyProof:
        rule, source = duty.rule, self._pack_of_rule(duty)
        return DutyProof(
            key=duty.key,
            kind=duty.kind,
            slip=duty.slip,
            rule=duty.id,
            title_zh=rule.title.zh,
            title_en=rule.title.en,
            who=rule.who,
            citation=article(rule.citation, rule.mark),
            layer=duty.layer,
            pack=source.pack,
            hash=source.content_hash,
            started_at=self._local(duty.start),
            started_by=self._start(duty, duty.start, duty.started_by),
            status=duty.status,
            breached=duty.breached,
            due=duty.due,
            last_day=self._last_day(duty.due),
            versions=tuple(self._version(duty, number, one) for number, one in enumerate(duty.versions, start=1)),
            breaches=tuple(self._breaches(duty)),
            ended_at=self._local(duty.ended_at) if duty.ended_at else None,
            ended_by=self._end(duty),
        )

    def _version(self, duty: Duty, number: int, one: Deadline) -> VersionProof:
        calendar = self.calendars[one.calendar]
        count = count_days(one, calendar)
        reason = one.reason or ""
        why_zh, why_en = reason_words(reason, first=number == 1)
        return VersionProof(
            version=number,
            due=one.due,
            last_day=self._last_day(one.due),
            limit=self._limit(one),
            start=one.start,
            started_by=self._start(duty, one.start, one.started_by or ""),
            calendar=one.calendar,
            horizon=calendar.horizon,
            provisional=one.provisional,
            pauses=tuple(map(self._pause, one.pauses)),
            days=tuple(self._day(day, one) for day in count.days),
            agrees=_same(count.due, one.shortened_from or one.due),
            reason=reason,
            why_zh=why_zh,
            why_en=why_en,
            because_of=self._because(duty, one),
            computed_at=self._local(one.computed_at) if one.computed_at else None,
            shortened_from=one.shortened_from,
        )

    def _limit(self, one: Deadline) -> LimitProof:
        source = next((pack for pack in self.packs if pack.pack == one.pack), self.pack)
        rule = source.limits.get(one.limit or "")
        return LimitProof(
            name=one.limit or "",
            amount=one.amount,
            unit=one.unit,
            extended_by=one.extended_by,
            citation=article(one.citation, one.mark) if one.citation else "",
            text_zh=rule.text.zh if rule else None,
            text_en=rule.text.en if rule else None,
            pack=source.pack,
            hash=source.content_hash,
        )

    def _day(self, day: CountedDay, deadline: Deadline) -> DayProof:
        why_zh, why_en = day_words(day, deadline, self._ground(day.ground or ""))
        return DayProof(
            day=day.day,
            kind=day.kind,
            number=day.number,
            reason=day.reason,
            source=day.source,
            provisional=day.provisional,
            counted=day.counted,
            left_out=day.left_out,
            ground=day.ground,
            why_zh=why_zh,
            why_en=why_en,
            mark=day.mark,
        )

    def _pause(self, pause: Pause) -> PauseProof:
        rule = self._pause_rule(pause.ground)
        title_zh, title_en = self._ground(pause.ground)
        begun = {
            event.pause
            for event in self.events
            if isinstance(event, ev.ClockPaused) and pause.start <= event.at and _before(event.at, pause.end)
        }
        return PauseProof(
            start=self._local(pause.start),
            end=self._local(pause.end) if pause.end else None,
            ground=pause.ground,
            title_zh=title_zh,
            title_en=title_en,
            citation=article(rule.citation, rule.mark) if rule else "",
            events=self._happened(
                lambda event: isinstance(event, ev.ClockPaused | ev.ClockResumed) and event.pause in begun
            ),
        )

    def _ground(self, ground: str) -> tuple[str, str]:
        rule = self._pause_rule(ground)
        return (rule.title.zh, rule.title.en) if rule else (ground, ground)

    def _pause_rule(self, ground: str) -> PauseRule | None:
        return next((pack.pauses[ground] for pack in self.packs if ground in pack.pauses), None)

    def _breaches(self, duty: Duty) -> Iterable[BreachProof]:
        seen: set[datetime] = set()
        for seq, event in enumerate(self.events, start=1):
            if isinstance(event, ev.DeadlineBreached) and event.duty == duty.key and in_utc(event.due) not in seen:
                seen.add(in_utc(event.due))
                yield BreachProof(
                    due=self._local(event.due),
                    recorded_at=self._local(event.recorded_at),
                    delay=in_utc(event.recorded_at) - in_utc(event.due),
                    stands=duty.stands(event.due),
                    seq=seq,
                    shortened=event.shortened,
                )

    def _start(self, duty: Duty, at: datetime, kind: str) -> Happening | None:
        return self._last(duty, lambda event: ev.event_type(event) == kind and _same(event.at, at))

    def _end(self, duty: Duty) -> Happening | None:
        ended, rule = duty.ended_at, duty.rule
        if ended is None:
            return None
        if duty.left:
            return self._last(duty, lambda event: isinstance(event, ev.RulesMoved) and _same(event.at, ended))
        names = set(rule.cancelled_by if duty.status == "cancelled" else rule.met_by)
        by_name = self._last(duty, lambda event: _same(event.at, ended) and not names.isdisjoint(event.names))
        if duty.status == "window_closed":
            return self._last(
                duty,
                lambda event: isinstance(event, ev.WindowClosed) and event.duty == duty.key and _same(event.due, ended),
            )
        # A duty also ends when its conditions cease to hold: the event that said so bears facts.
        return by_name or self._last(duty, lambda event: _same(event.at, ended) and bool(event.facts()))

    def _because(self, duty: Duty, one: Deadline) -> tuple[Happening, ...]:
        """Return the event that made *one* necessary; of an extension, its approval and the notice."""
        if one.computed_at is None:
            return ()
        known = [
            event for event in self.events if _same(event.recorded_at, one.computed_at) and duty.may_concern(event)
        ]
        if one.reason != "extension":
            found = [event for event in known if ev.event_type(event) == one.reason][-1:]
            return self._happened(lambda event: any(event is other for other in found))
        notices = {rule.notice for pack in self.packs for rule in pack.extensions.values()}
        told = [
            event for event in known if isinstance(event, ev.NoticeGiven | ev.NoticeExempted) and event.kind in notices
        ][-1:]
        asked = {event.ref for event in told}
        return self._happened(
            lambda event: (
                any(event is other for other in told)
                or (isinstance(event, ev.ExtensionApproved) and (event.request in asked or None in asked))
            )
        )

    def _happened(self, wanted: Callable[[ev.Event], bool]) -> tuple[Happening, ...]:
        return tuple(self._happening(seq, event) for seq, event in enumerate(self.events, start=1) if wanted(event))

    def _last(self, duty: Duty, wanted: Callable[[ev.Event], bool]) -> Happening | None:
        found = self._happened(lambda event: duty.may_concern(event) and wanted(event))
        return found[-1] if found else None

    def _happening(self, seq: int, event: ev.Event) -> Happening:
        at, recorded_at = self._local(event.at), self._local(event.recorded_at)
        return Happening(seq=seq, type=ev.event_type(event), at=at, recorded_at=recorded_at, by=event.by)

    def _pack_of_rule(self, duty: Duty) -> RulePack:
        # Two packs may have a duty of one name: it is the one whose rule the duty has, and its statute's where that set it.
        held = next((pack for pack in self.held if any(rule is duty.rule for rule in _rules(pack))), self.held[-1])
        return next((pack for pack in _family(held) if any(rule.id == duty.id for rule in _rules(pack))), held)

    def _local(self, instant: datetime) -> datetime:
        return instant.astimezone(self.pack.zone)

    def _last_day(self, due: datetime | None) -> str | None:
        return people_day(due, self.pack.zone) if due else None


def _family(pack: RulePack) -> tuple[RulePack, ...]:
    """Return *pack* behind the statute over which it lies, if it lies over one."""
    return (*([rule_pack(pack.extends.pack)] if pack.extends else []), pack)


def _rules(pack: RulePack) -> tuple[DutyRule, ...]:
    return (*pack.duties, *(pack.slips.duties if pack.slips else ()))


def _same(one: datetime | None, other: datetime | None) -> bool:
    return (one and in_utc(one)) == (other and in_utc(other))


def _before(at: datetime, end: datetime | None) -> bool:
    return end is None or in_utc(at) < in_utc(end)


def _source(pack: RulePack, over: RulePack | None) -> RuleSource:
    # A pack that extends another holds the other's sources too; they are told once, with the pack that brings them.
    told = over.sources if over else ()
    return RuleSource(
        pack=pack.pack,
        hash=pack.content_hash,
        layer=pack.layer,
        title_zh=pack.title.zh,
        title_en=pack.title.en,
        sources=tuple(f"{one.title} {one.number}" for one in pack.sources if one not in told),
    )


def _notices(calendar: WorkingCalendar, duties: Sequence[DutyProof]) -> tuple[CalendarNotice, ...]:
    named = {day.source for duty in duties for version in duty.versions for day in version.days if day.source}
    return tuple(
        CalendarNotice(**{name: getattr(one, name) for name in CalendarNotice.model_fields})
        for one in calendar.notices
        if one.id in named
    )
