"""
What closed complaints would have been under a pack: which of its duties were met in time, and by how much others were not.

Every deadline comes from the clock's own fold (`CaseClock`) of what the data know of a complaint. The fold of a receipt is
kept for its day and facts, which are what a limit in days depends on; whether an answer came in time is then one
comparison. `events` are the whole story of such a case, so that anybody can fold one and compare.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Literal, NamedTuple

from rulebook import events as ev
from rulebook.calendar import WorkingCalendar
from rulebook.clock import CaseClock
from rulebook.event import Complexity
from rulebook.limit import last_day, midnight
from rulebook.pack import RulePack
from rulebook.pack_parts import DutyRule

Severity = Literal["general", "important", "major"]
Route = Literal["customer_service", "departments"]

ANSWERED = frozenset({"decision_made", "notice_given.decision", "notice_exempted.decision"})
"""What an answer to the complainant is to a pack: the data know one instant for deciding and telling."""

PUT_OFF = frozenset({"notice_given.holding"})
"""What may stand in for an answer elsewhere; the data know nothing of it, so such a limit is judged by the answer alone."""

CLOSED = "closed"
STARTS = frozenset({"received", "assigned"})
_HAPPENS = ANSWERED | STARTS | {CLOSED, "notice_given"}
_KNOWN_FACTS = frozenset({"complexity", "severity", "route"})
_KEPT = 65_536

LeftOut = Literal["window", "no_limit", "recurring", "start", "fulfilment", "facts", "moved"]

LEFT_OUT: Mapping[LeftOut, tuple[str, str]] = {
    "window": ("投诉人的权利，不是义务", "a right of the complainant, no duty"),
    "no_limit": ("没有可计算的期限", "without a limit that could be dated"),
    "recurring": ("定期重复，数据中没有每次的时间", "recurs, and the data do not know each time"),
    "start": ("数据中没有起算的事实", "starts with a fact that the data do not hold"),
    "fulfilment": ("数据中没有履行的事实", "is fulfilled by a fact that the data do not hold"),
    "facts": ("取决于数据中没有的情况", "depends on circumstances that the data do not hold"),
    "moved": ("随答复或者结案而改变", "is moved or ended by the answer or the closure"),
}
"""Why a duty cannot be judged from closed complaints alone."""


class Facts(NamedTuple):
    """What the data know about a complaint that chooses a limit; None where they do not know it."""

    complexity: Complexity | None = None
    severity: Severity = "general"
    route: Route | None = None


class Moment(NamedTuple):
    """A day or an instant in a pack's time zone: the *day*, the instant in *utc*, and what a clock on its *wall* shows."""

    day: date
    utc: datetime
    wall: datetime


class Due(NamedTuple):
    """One duty's deadline for one complaint: *due* is the first instant that is too late, *wall* the same on the wall."""

    limit: str
    due: datetime
    wall: datetime
    last_day: date
    provisional: bool

    def late_days(self, met: Moment) -> int:
        """Return how many days too late *met* is, the first begun one included; 0 in time."""
        if met.utc < self.due:
            return 0
        return max(1, (met.wall - self.wall).days + 1)


class WhatIf:
    """
    One pack and one calendar, asked about complaints that are over.

    *duties* are those that closed complaints can be judged by, in the order of the pack; *left_out* are the others, each
    with the reason. No pause and no extension is known of such data, so none is counted.
    """

    def __init__(self, pack: RulePack, calendar: WorkingCalendar) -> None:
        self.pack = pack
        self.calendar = calendar
        reasons = [(rule, _left_out(rule)) for rule in pack.duties]
        self.duties = tuple(rule for rule, reason in reasons if reason is None)
        self.left_out: dict[str, LeftOut] = {rule.id: reason for rule, reason in reasons if reason is not None}
        self.by_closure = tuple(CLOSED in rule.met_by for rule in self.duties)
        self.by_answer = tuple(not ANSWERED.isdisjoint(rule.met_by) for rule in self.duties)
        limits = {choice.limit for rule in self.duties for choice in rule.limits}
        self._by_the_hour = any(pack.limit(name).unit == "h" for name in limits)
        # No duty of a complaint depends on another, so those that are not judged need not be dated.
        self._judged = pack.model_copy(update={"duties": self.duties})
        self._kept = lru_cache(maxsize=_KEPT)(self._fold)
        self.moment = lru_cache(maxsize=_KEPT)(self._moment)

    def dues(self, received: Moment, facts: Facts) -> tuple[Due | None, ...]:
        """Return the deadline of each of *duties* for a complaint received then; None where the facts open no such duty."""
        return self._kept(received.utc if self._by_the_hour else received.day, facts)

    def met(self, position: int, answered: Moment, closed: Moment) -> Moment:
        """Return when the duty at *position* among *duties* was met."""
        if not self.by_closure[position]:
            return answered
        return min(answered, closed, key=lambda moment: moment.utc) if self.by_answer[position] else closed

    def _moment(self, at: date) -> Moment:
        instant = at if isinstance(at, datetime) else midnight(at, self.pack.zone)
        local = instant.astimezone(self.pack.zone)
        return Moment(local.date(), instant.astimezone(UTC), local.replace(tzinfo=None))

    def _fold(self, received: date, facts: Facts) -> tuple[Due | None, ...]:
        clock = CaseClock.fold(self._judged, self.calendar, opening(self.moment(received).utc, facts))
        return tuple(self._due(clock, rule) for rule in self.duties)

    def _due(self, clock: CaseClock, rule: DutyRule) -> Due | None:
        duty = clock.duty(rule.id)
        if duty is None or duty.deadline is None or duty.due is None:
            return None
        local = duty.due.astimezone(self.pack.zone)
        return Due(
            limit=duty.limit or "",
            due=duty.due.astimezone(UTC),
            wall=local.replace(tzinfo=None),
            last_day=last_day(local),
            provisional=duty.deadline.provisional,
        )


def opening(received: datetime, facts: Facts) -> list[ev.Event]:
    """Return what is known of a complaint when it comes in; a route that the data know counts from the receipt."""
    at = {"at": received, "recorded_at": received}
    first = ev.Received(
        **at, content_hash="", channel="", unit="", complexity=facts.complexity, severity=facts.severity
    )
    if facts.route is None:
        return [first]
    return [
        first,
        ev.Assigned(**at, unit="", department="", coordinator="", reason="", route=facts.route),
    ]


def events(received: datetime, answered: datetime, closed: datetime, facts: Facts) -> list[ev.Event]:
    """Return the whole story of a closed complaint as events, in the order in which they happened."""
    at, end = {"at": answered, "recorded_at": answered}, {"at": closed, "recorded_at": closed}
    told = dict.fromkeys(("notice", "method", "template", "template_hash", "body_hash", "proof"), "")
    decided = ev.DecisionMade(
        **at,
        decided_by="head_office",
        unit="",
        liability="non_responsible",
        causes=(),
        decision="",
        verification="",
        basis="",
        reasons="",
        agreed=True,
    )
    answer: list[ev.Event] = [decided, ev.NoticeGiven(**at, kind="decision", **told)]
    over: list[ev.Event] = [ev.Closed(**end, reason="", result="non_responsible")]
    return [*opening(received, facts), *(over + answer if closed < answered else answer + over)]


def _left_out(rule: DutyRule) -> LeftOut | None:
    """Return why closed complaints cannot be judged by *rule*; None if they can."""
    read = {fact for conditions in (rule.when, *(choice.when for choice in rule.limits)) for fact in conditions}
    ended = {*rule.cancelled_by, *rule.reset_by, *rule.restart_by}
    ends = frozenset(rule.met_by) - PUT_OFF
    reasons: tuple[tuple[LeftOut, bool], ...] = (
        ("window", rule.kind == "window"),
        ("no_limit", not rule.limits),
        ("start", not STARTS.issuperset(rule.start)),
        ("recurring", rule.again),
        ("fulfilment", not ends or not (ANSWERED | {CLOSED}).issuperset(ends)),
        ("facts", not _KNOWN_FACTS.issuperset(read)),
        ("moved", not _HAPPENS.isdisjoint(ended)),
    )
    return next((reason for reason, holds in reasons if holds), None)
