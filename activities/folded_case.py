"""
A complaint folded as far as its record goes, ready for the next event.

What the record projects is computed from here, so that an append costs what is new and not what the case holds; an audit
folds all events anew and must arrive at the same rows.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any, Self

from activities.ledger_chain import event_of, pin_of
from models.case import CaseState
from models.intake import Intake
from models.shortening import shortened
from models.tables import EventRow
from rulebook import events as ev
from rulebook.calendar import WorkingCalendar
from rulebook.clock import CaseClock
from rulebook.counting import WEIGHED
from rulebook.duty import Duty
from rulebook.pack import Pin, RulePack, pinned_pack

Rules = tuple[RulePack, WorkingCalendar]
"""What a case is counted by."""

Opened = Callable[[Pin], Rules]
"""What gives the rules to a pin: those installed here (`Pin.open`), or those that came with the record."""

MOST_EVENTS = 20_000
"""How many events a process keeps folded, over all cases: some ten megabytes."""

_RESPONSES = (ev.SlipAccepted, ev.SlipReturned, ev.SlipAnswered)


@dataclass(frozen=True, slots=True)
class WrittenDuty:
    """What rests of a duty: what its *row* says, how many *versions* of its deadline, and on what both depend."""

    mark: tuple[Any, ...]
    row: dict[str, Any]
    versions: int


class FoldedCase:
    """
    A case under the rules of *pin*, which *opened* gives; with *said*, the content of its intake, figures can count it.

    Long texts are not kept: nothing that is projected depends on them. PackError when the rules are not there.
    """

    def __init__(self, pin: Pin, said: Mapping[str, Any] | None = None, opened: Opened = Pin.open) -> None:
        self.pin = pin
        self.intake = Intake.model_validate(said) if said is not None else None
        self.pack, self._calendar = opened(pin)
        self.clock = CaseClock(self.pack, self._calendar)
        self.state = CaseState()
        self.slip_clocks: dict[str, CaseClock] = {}
        self.over: set[str] = set()
        """The slips on which nobody need act any more, because the complaint was settled after they were sent."""
        self.weighed: list[ev.Event] = []
        """The events on which depends how much the complaint counts."""
        self.responses: dict[str, datetime] = {}
        """When the department of each slip first answered in whatever way."""
        self.given: dict[str, ev.NoticeGiven] = {}
        """What the complainant was told, by the id of the notice."""
        self.written: dict[str, WrittenDuty] | None = None
        """What rests of each duty, by its key; None if all rows are to be written anew."""
        self.head: str | None = None
        """The hash of the newest event's link."""
        self._under = self.pack
        self._events: list[ev.Event] = []

    @classmethod
    def of(cls, rows: Sequence[EventRow], said: Mapping[str, Any] | None = None, opened: Opened = Pin.open) -> Self:
        """Return the case of *rows*, at least the receipt, under the rules of the last of them."""
        folded = cls(pin_of(rows[-1]), said, opened)
        folded.take(rows)
        return folded

    @property
    def count(self) -> int:
        """How many events it has."""
        return len(self._events)

    @property
    def duties(self) -> list[Duty]:
        """All duties and windows: the complaint's in the order in which they opened, then those of each slip."""
        return [duty for clock in (self.clock, *self.slip_clocks.values()) for duty in clock.duties]

    def take(self, rows: Iterable[EventRow]) -> None:
        """Take the next events into account."""
        for row in rows:
            self._take(shortened(event_of(row), row.seq))
            self.head = row.hash

    def _take(self, event: ev.Event) -> None:
        self._events.append(event)
        self.clock.apply(event)
        self.state.apply(event)
        for clock in self.slip_clocks.values():
            clock.apply(event)
        if isinstance(event, _RESPONSES):
            self.responses.setdefault(event.slip, event.at)
        if isinstance(event, WEIGHED):
            self.weighed.append(event)
        if _settles(event):
            self.over |= self.state.slips.keys()
        match event:
            case ev.NoticeGiven():
                self.given[event.notice] = event
            case ev.RulesMoved() if event.slip is None:
                self._under = pinned_pack(event.pack, event.pack_hash)
            case ev.SlipDispatched() if event.slip not in self.slip_clocks:
                # A slip's duties may ask for what happened before it was sent.
                self.slip_clocks[event.slip] = CaseClock.fold(self._under, self._calendar, self._events, event.slip)
            case _:
                pass


class FoldedCases:
    """The cases that this process wrote lately, each as it was left; safe to share between threads."""

    def __init__(self, most_events: int = MOST_EVENTS) -> None:
        self._most = most_events
        self._held: OrderedDict[str, FoldedCase] = OrderedDict()
        self._events = 0
        self._lock = Lock()

    def take(self, complaint_id: str, head: EventRow, pin: Pin) -> FoldedCase | None:
        """Take out the case if it was left at *head* and is counted by *pin*; None if another process went on with it."""
        with self._lock:
            folded = self._pop(complaint_id)
        known = folded and (folded.count, folded.head, folded.pin) == (head.seq, head.hash, pin)
        return folded if known else None

    def keep(self, complaint_id: str, folded: FoldedCase) -> None:
        """Keep the case for its next event; those that were written longest ago go when there is no room."""
        with self._lock:
            self._pop(complaint_id)
            self._held[complaint_id] = folded
            self._events += folded.count
            while self._events > self._most and len(self._held) > 1:
                self._pop(next(iter(self._held)))

    def _pop(self, complaint_id: str) -> FoldedCase | None:
        folded = self._held.pop(complaint_id, None)
        self._events -= folded.count if folded else 0
        return folded


def _settles(event: ev.Event) -> bool:
    if isinstance(event, ev.NoticeGiven | ev.NoticeExempted):
        return event.kind == "decision"
    return isinstance(event, ev.Withdrawn | ev.HandlingRefused | ev.Merged | ev.Closed)
