"""What becomes of each duty when its case is moved to other rules: carried on, left behind, or taken up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from rulebook import events as ev
from rulebook.deadline import Deadline
from rulebook.duty import Duty
from rulebook.errors import PackError
from rulebook.limit import in_utc
from rulebook.pack import RulePack, pinned_pack


def target(event: ev.RulesMoved, before: RulePack) -> RulePack:
    """Return the rules to which *event* moves a case that was under *before*; PackError if they are not here, or unfit."""
    pack = pinned_pack(event.pack, event.pack_hash)
    if not pack.succeeds(before):
        raise PackError(f"{pack.pack}: no complaint under {before.pack} can be moved to it")
    return pack


def as_known_on_arrival(events: Iterable[ev.Event]) -> list[ev.Event]:
    """
    Return *events* with what was plain from the complaint itself directly behind the receipt.

    Rules that never asked for it leave it unrecorded until the case is moved to rules that do; it was true on arrival.
    """
    first: list[ev.Event] = []
    later: list[ev.Event] = []
    for event in events:
        plain = isinstance(event, ev.Received | ev.IntakeExamined | ev.AnswerDemanded)
        (first if plain and (not first or event.at == first[0].at) else later).append(event)
    return [*first, *later]


def move_duties(
    before: Mapping[str, Duty], anew: Mapping[str, Duty], event: ev.RulesMoved, zone: ZoneInfo
) -> dict[str, Duty]:
    """
    Return the duties of a case after *event*: those *before* it with all their versions, under what *anew* makes of them.

    *anew* are the duties of the same events folded under the new rules alone. What had ended under the old rules, and has
    ended under the new ones too, stays as it was.
    """
    for key, duty in before.items():
        if (new := anew.get(key)) is None:
            _leave(duty, event.at)
        elif duty.status == "open" or new.status == "open" or duty.left:
            _carry_on(duty, new, event, zone)
    return {**before, **{key: _take_up(duty, event, zone) for key, duty in anew.items() if key not in before}}


def _leave(duty: Duty, at: datetime) -> None:
    if duty.status != "open":
        return
    duty.refute(at)
    duty.status, duty.ended_at, duty.left = "cancelled", at, True


def _carry_on(duty: Duty, new: Duty, event: ev.RulesMoved, zone: ZoneInfo) -> None:
    fresh = not duty.versions or duty.left or duty.undated
    # Ended in time, or not due yet when the move came: nobody was late, whatever the new rules open again.
    duty.refute(duty.ended_at or event.at)
    duty.rule, duty.layer, duty.limit, duty.set_day = new.rule, new.layer, new.limit, new.set_day
    duty.start, duty.started_by = new.start, new.started_by
    duty.extensions, duty.extended_by = new.extensions, new.extended_by
    duty.lapsed, duty.renewed, duty.left = new.lapsed, new.renewed, False
    duty.status, duty.ended_at = new.status, new.ended_at
    if new.deadline is None:
        duty.undated = bool(duty.versions)
        return
    deadline = _fair(new.deadline, duty, event, zone)
    if fresh or _substance(duty.versions[-1]) != _substance(deadline):
        duty.adopt(deadline, event.at)
    else:
        duty.affirm()
    _judge_anew(duty)


def _take_up(duty: Duty, event: ev.RulesMoved, zone: ZoneInfo) -> Duty:
    deadline, duty.versions = duty.deadline, []
    duty.refuted.clear()
    if deadline is not None:
        duty.adopt(_fair(deadline, duty, event, zone), event.at)
        _judge_anew(duty)
    return duty


def _fair(counted: Deadline, duty: Duty, event: ev.RulesMoved, zone: ZoneInfo) -> Deadline:
    """Return the version that the move makes: nobody is late by a deadline that bound nobody while it could be met."""
    version = replace(counted, computed_at=event.recorded_at, reason=ev.event_type(event))
    due = counted.due
    if due is None or in_utc(due) > in_utc(event.at) or counted.shortened_from or duty.kind == "target":
        return version
    in_time = duty.ended_at is not None and in_utc(duty.ended_at) < in_utc(due)
    if in_time or in_utc(due) in duty.bound_by:
        return version
    last = duty.versions[-1] if duty.versions else None
    if last is not None and last.shortened_from == due:
        return replace(version, due=last.due, shortened_from=due)
    return replace(version, due=event.at.astimezone(zone), shortened_from=due)


def _judge_anew(duty: Duty) -> None:
    if duty.status in {"met", "met_late"} and duty.ended_at is not None:
        duty.status = "met_late" if duty.reached(duty.ended_at) else "met"


def _substance(deadline: Deadline) -> Deadline:
    """Return *deadline* without what says only when and why it was computed."""
    return replace(deadline, computed_at=None, reason=None)
