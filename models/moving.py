"""What a move to other rules changes: each duty before and after it, from the events alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from models.wording import people_day
from rulebook import events as ev
from rulebook.calendar import WorkingCalendar
from rulebook.clock import CaseClock
from rulebook.duty import Duty, Status
from rulebook.pack import Pin, RulePack
from rulebook.slip_clocks import slip_clocks

Change = Literal["same", "dated_anew", "brought_forward", "other_article", "taken_up", "open_again", "ended", "left"]
"""What a move makes of a duty."""

CHANGES: Mapping[Change, tuple[str, str]] = {
    "same": ("不变", "as before"),
    "dated_anew": ("期限重新计算", "dated anew"),
    "brought_forward": (
        "依新规则已过，变更时到期，不计逾期",
        "in the past by the new rules: due at the move, no breach",
    ),
    "other_article": ("期限不变，依据变更", "the same day by another article"),
    "taken_up": ("新规则增加", "the new rules add it"),
    "open_again": ("依新规则尚未完成，恢复", "not done by the new rules: open again"),
    "ended": ("依新规则已完成或者终止", "done or ended by the new rules"),
    "left": ("新规则没有，终止", "the new rules do not have it: it ends"),
}
"""The changes in words, Chinese and English."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class DutyStand(_Part):
    """How a duty stands: its deadline, the article and the pack that set it, and what became of it."""

    status: Status
    due: datetime | None
    last_day: str | None
    citation: str
    pack: str
    breached: bool


class DutyChange(_Part):
    """One duty *before* the move, None if it was not there, and *after* it."""

    key: str
    title_zh: str
    title_en: str
    change: Change
    before: DutyStand | None
    after: DutyStand


class RulesChange(_Part):
    """One move: from which rules to which, by content hash, when and by whom, and every duty that it touches."""

    complaint_id: str
    at: datetime
    by: str
    before: str
    before_hash: str
    pack: str
    pack_hash: str
    duties: tuple[DutyChange, ...]


def move_to(clock: CaseClock, pack: RulePack, at: datetime, by: str, reason: str) -> ev.RulesMoved:
    """Return the event by which the case of *clock* would move to *pack*."""
    return ev.RulesMoved(
        at=at,
        recorded_at=at,
        by=by,
        before=clock.pack.pack,
        before_hash=clock.pack.content_hash,
        pack=pack.pack,
        pack_hash=pack.content_hash,
        calendar=clock.calendar.version,
        reason=reason,
    )


def change_of(complaint_id: str, pin: Pin, events: Sequence[ev.Event], moved: ev.RulesMoved) -> RulesChange:
    """
    Return what *moved* changes in the case that was opened under *pin* and has come as far as *events*.

    Its dispatch slips follow by events of their own, a moment later; they are shown as if they had. PackError when a pack is
    not the one here.
    """
    pack, calendar = pin.open()
    before, after = _clocks(pack, calendar, events), _clocks(pack, calendar, events)
    for slip, clock in after.items():
        clock.apply(moved.model_copy(update={"slip": slip}))
    return RulesChange(
        complaint_id=complaint_id,
        at=moved.at.astimezone(pack.zone),
        by=moved.by,
        before=moved.before,
        before_hash=moved.before_hash,
        pack=moved.pack,
        pack_hash=moved.pack_hash,
        duties=tuple(change for slip, clock in after.items() for change in _changes(before[slip], clock)),
    )


def changes_in(complaint_id: str, pin: Pin, events: Sequence[ev.Event]) -> tuple[RulesChange, ...]:
    """Return every move among *events*, the whole record of a case, in order."""
    return tuple(
        change_of(complaint_id, pin, events[:number], event)
        for number, event in enumerate(events)
        if isinstance(event, ev.RulesMoved) and event.slip is None
    )


def _clocks(pack: RulePack, calendar: WorkingCalendar, events: Sequence[ev.Event]) -> dict[str | None, CaseClock]:
    clocks: dict[str | None, CaseClock] = {None: CaseClock.fold(pack, calendar, events)}
    clocks.update(slip_clocks(pack, calendar, events))
    return clocks


def _changes(before: CaseClock, after: CaseClock) -> Iterable[DutyChange]:
    for duty in after.duties:
        old = before.duty(duty.key)
        if old is not None and old.status != "open" and duty.status == old.status:
            continue  # It had ended; nothing was said about it.
        yield DutyChange(
            key=duty.key,
            title_zh=duty.rule.title.zh,
            title_en=duty.rule.title.en,
            change=_change(old, duty),
            before=_stand(old, before) if old else None,
            after=_stand(duty, after),
        )


def _change(old: Duty | None, new: Duty) -> Change:
    if new.left:
        return "left"
    if new.shortened and (old is None or old.due != new.due):
        return "brought_forward"
    if old is None:
        return "taken_up"
    if old.status != new.status:
        return "open_again" if new.status == "open" else "ended"
    if old.due != new.due:
        return "dated_anew"
    return "same" if old.article == new.article else "other_article"


def _stand(duty: Duty, clock: CaseClock) -> DutyStand:
    zone, deadline = clock.pack.zone, duty.deadline
    return DutyStand(
        status=duty.status,
        due=duty.due.astimezone(zone) if duty.due else None,
        last_day=people_day(duty.due, zone) if duty.due else None,
        citation=duty.article,
        pack=(deadline.pack if deadline else None) or clock.pack.pack,
        breached=duty.breached,
    )
