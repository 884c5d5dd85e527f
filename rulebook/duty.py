"""A duty of one case: what must be done by when, every version of its deadline, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from rulebook.deadline import Deadline
from rulebook.event import Event
from rulebook.limit import in_utc
from rulebook.mark import article
from rulebook.pack_parts import DutyRule
from rulebook.slip_events import SlipEvent

Status = Literal["open", "met", "met_late", "cancelled", "window_closed"]
"""What became of a duty; *met_late* and a late end of any kind are breaches."""


@dataclass(slots=True)
class Duty:
    """
    One thing that must be done (or, for a window, may be done), with every version of its deadline.

    *key* tells instances of the same rule apart, such as ``tell_pause#2``. *slip* is the dispatch slip it is about, if any;
    *set_day* the last day that an event set; *lapsed* says that its conditions ceased to hold, *renewed* that it recurs and
    was missed, so that another instance runs from its deadline. Of a case that was moved to other rules *left* says that
    these do not have it, *undated* that they set it no deadline.
    """

    key: str
    rule: DutyRule
    layer: str
    start: datetime
    started_by: str
    limit: str | None = None
    versions: list[Deadline] = field(default_factory=list)
    extensions: int = 0
    extended_by: int = 0
    status: Status = "open"
    ended_at: datetime | None = None
    breaches: list[datetime] = field(default_factory=list)
    refuted: set[datetime] = field(default_factory=set)
    reminded: set[tuple[datetime, str]] = field(default_factory=set)
    slip: str | None = None
    set_day: date | None = None
    lapsed: bool = False
    left: bool = False
    undated: bool = False
    renewed: bool = False

    @property
    def id(self) -> str:
        """Return the id of the rule behind it."""
        return self.rule.id

    @property
    def kind(self) -> Literal["duty", "window", "target"]:
        """Return whether it binds the insurer, is a right of the complainant, or a date to aim at."""
        return self.rule.kind

    @property
    def deadline(self) -> Deadline | None:
        """Return the version in force, None for a duty that is merely prompt (及时)."""
        return self.versions[-1] if self.versions and not self.undated else None

    @property
    def article(self) -> str:
        """Return the article behind the deadline in force, else behind the duty itself, with its mark unless verified."""
        last = self.deadline
        if last is not None and last.citation:
            return article(last.citation, last.mark)
        return article(self.rule.citation, self.rule.mark)

    @property
    def due(self) -> datetime | None:
        """Return the first instant that is too late; None if prompt, or while a pause holds the clock."""
        return self.deadline.due if self.deadline else None

    @property
    def met_at(self) -> datetime | None:
        """Return the instant at which it was fulfilled, in time or late."""
        return self.ended_at if self.status in {"met", "met_late"} else None

    @property
    def breached(self) -> bool:
        """
        Return whether it was not met in time.

        A breach stands for ever, unless a fact recorded later proves that by that instant the duty had been met, had ended,
        or had another deadline. Breaches of instants that were never this duty's deadline (under another pack) do not count,
        and no deadline that a notice, or a move to other rules, put into the past.
        """
        if self.kind != "duty":
            return False
        late = self.ended_at is not None and self.reached(self.ended_at) and not self.shortened
        return late or any(map(self.stands, self.breaches))

    def stands(self, breach: datetime) -> bool:
        """Return whether the breach of the deadline *breach*, once recorded, still counts: see `breached`."""
        at, ended = in_utc(breach), self.ended_at
        return (ended is None or ended >= at) and at in self.bound_by

    @property
    def bound_by(self) -> set[datetime]:
        """Return the instants, in UTC, that were its deadline and that no later fact has moved away before they came."""
        binding = [version for version in self.versions if version.shortened_from is None]
        return {in_utc(version.due) for version in binding if version.due} - self.refuted

    @property
    def shortened(self) -> bool:
        """Return whether a notice or other rules put the deadline in force into the past: missing it is nobody's fault."""
        return self.deadline is not None and self.deadline.shortened_from is not None

    @property
    def overdue(self) -> bool:
        """Return whether it is open, binding and past the deadline in force."""
        return self.status == "open" and self.kind == "duty" and self.recorded(self.due)

    def may_concern(self, event: Event) -> bool:
        """Return whether *event* can be about it: a slip's return is answered by the slip that replaces it, and no other."""
        if self.slip is None or not isinstance(event, SlipEvent):
            return True
        return self.slip in {event.slip, getattr(event, "replaces", None)}

    def reached(self, at: datetime) -> bool:
        """Return whether *at* is too late for the deadline in force; nothing is while there is none, or a pause holds it."""
        return self.due is not None and in_utc(at) >= in_utc(self.due)

    def adopt(self, deadline: Deadline, at: datetime) -> None:
        """Make *deadline* the version in force, because of a fact whose legal instant is *at*."""
        self.refute(at)
        self.versions.append(deadline)
        self.undated = False
        self.affirm()

    def refute(self, at: datetime) -> None:
        """Bind nobody by the deadline in force, unless it had come by *at*: the first instant that is too late has."""
        if self.due is not None and not self.reached(at):
            self.refuted.add(in_utc(self.due))

    def affirm(self) -> None:
        """Bind by the deadline in force after all, unless a notice or other rules put it into the past."""
        if self.due is not None and not self.shortened:
            self.refuted.discard(in_utc(self.due))

    def recorded(self, due: datetime | None) -> bool:
        """Return whether a breach of the deadline *due* has been recorded."""
        return due is not None and in_utc(due) in self.breaches
