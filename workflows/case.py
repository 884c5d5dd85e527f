"""One complaint in the workflow's memory: its events, and the two folds that say where it stands and what is due."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any, Literal, TypeVar

from models.case import CaseState
from models.child import child_of
from models.intake import Intake
from models.intake_warnings import warnings_left
from models.particulars import Corrections, corrected
from models.parties import Contact
from models.refusals import Refusals
from models.steps import AssignmentOrder
from models.view import CaseView, case_view
from rulebook import events as ev
from rulebook.clock import CaseClock, Duty
from rulebook.counting import WEIGHED, weights
from rulebook.pack import Pin, RulePack
from rulebook.pack_parts import ExtensionRule
from workflows.untold import Untold

EventT = TypeVar("EventT", bound=ev.Event)


Answer = TypeVar("Answer")

_WORKING = (
    ev.FindingsSubmitted,
    ev.DecisionMade,
    ev.ExtensionApproved,
    ev.Closed,
    ev.Assigned,
    ev.SlipAnswered,
    ev.SignOffGiven,
    ev.LiabilityRuled,
)
"""What makes somebody take part in the first instance (art. 20)."""

LASTING: frozenset[ev.NoticeKind] = frozenset({"decision", "withdrawal", "refusal", "merge", "review_decision"})
"""What a complainant who is reached after all must still be told, however long the case has been closed (C19)."""


class Case:
    """
    A complaint under its pinned rules, or those to which it was moved since.

    All that the process and its guards ask is answered from the events, so that a new run, a replay and an audit cannot see
    anything else. PackError when the rules here are not those it is pinned to.
    """

    def __init__(self, intake: Intake, pin: Pin, events: Iterable[ev.Event] = ()) -> None:
        self.intake = intake
        self.pin = pin
        self._opened_under, self._pinned = pin.open()
        self.state = CaseState()
        self.clock = CaseClock(self._opened_under, self._pinned)
        self.slip_clocks: dict[str, CaseClock] = {}
        self.contact: Contact | None = None
        """The complainant's contact details, where they changed after the opening; no event has them."""
        self.review_apart = False
        self.last_by_a_person = 0
        """The number of the newest event that a person answers for."""
        self.outages: dict[str, str] = {}
        """The steps that wait for something that is away, each with the stable type of its error; no event has them."""
        self.refusals = Refusals()
        self.told: dict[str, list[ev.Event]] = {}
        """The events of each slip and of the review, by its name, the one that opened it first."""
        self.imported: ev.Imported | None = None
        """The import by which the complaint came from another system; None if it began here."""
        self.facts_at: datetime | None = None
        """When the newest facts reached the insurer: with the complaint, or after it (art. 18(3))."""
        self.untold = Untold()
        self._acted: set[str] = set()
        self._adopted: list[ev.CalendarAdopted] = []
        self._corrections = Corrections()
        self._counted: list[ev.Event] = []
        self._remembered: dict[str, tuple[Any, Any]] = {}
        self.events: list[ev.Event] = []
        for event in events:
            self.append(event)

    def append(self, event: EventT) -> EventT:
        """Take *event* into the case and return it."""
        self.events.append(event)
        self.state.apply(event)
        self.refusals.apply(event)
        if (child := child_of(event)) is not None:
            self.told.setdefault(child, []).append(event)
        self.clock.apply(event)
        self.untold.take(event, self.state)
        self._note(event)
        if isinstance(event, ev.SlipDispatched):
            self.slip_clocks[event.slip] = CaseClock(self.pack, self._pinned, slip=event.slip)
        for clock in self.slip_clocks.values():
            clock.apply(event)
        return event

    def _note(self, event: ev.Event) -> None:
        """Keep what is asked often, so that no question goes through all events."""
        if event.by != ev.SYSTEM:
            self.last_by_a_person = len(self.events)
            if isinstance(event, _WORKING):
                self._acted.add(event.by)
        if isinstance(event, WEIGHED):
            self._counted.append(event)
        match event:
            case ev.Imported():
                self.imported = self.imported or event
            case ev.Received() | ev.FactsAdded():
                self.facts_at = event.at if self.facts_at is None else max(self.facts_at, event.at)
            case ev.CalendarAdopted() if event.slip is None:
                self._adopted.append(event)
            case ev.ParticularsCorrected():
                self._corrections.take(event)
            case _:
                pass

    def remembered(self, name: str, answer: Callable[[], Answer], *, at: datetime | None = None) -> Answer:
        """Return the *answer* called *name*, computed once for each state of the case (and instant *at*)."""
        moment = (len(self.events), at)
        known = self._remembered.get(name)
        if known is None or known[0] != moment:
            known = self._remembered[name] = (moment, answer())
        return known[1]

    @property
    def pack(self) -> RulePack:
        """The rules under which the complaint runs now."""
        return self.clock.pack

    def clock_after(self, event: ev.Event) -> CaseClock:
        """Return the clock as it would be after *event*; nothing changes."""
        return CaseClock.fold(self._opened_under, self._pinned, [*self.events, event])

    def pin_of(self, clock: CaseClock) -> Pin:
        """Return the pin that opens the rules by which *clock* counts now, with the calendar of the receipt."""
        return Pin(pack=clock.pack.pack, pack_hash=clock.pack.content_hash, calendar=self.pin.calendar)

    def of_the_past(self, event: ev.Event) -> bool:
        """Return whether *event* was over when the complaint came from another system."""
        imported = self.imported
        return imported is not None and event.recorded_at == imported.recorded_at and event.at < imported.at

    @property
    def adopted(self) -> tuple[ev.CalendarAdopted, ...]:
        """The notices under which the complaint's own working days are counted, beyond its pinned calendar."""
        return tuple(self._adopted)

    def duty(self, key: str, slip: str | None) -> Duty | None:
        """Return the duty called *key*, of the complaint or of its *slip*; None if it never opened."""
        clock = self.clock if slip is None else self.slip_clocks.get(slip)
        return clock.duty(key) if clock else None

    def stands(self, step: str) -> bool:
        """Return whether *step* does not go on by itself just now: it waits for a person, or for something that is away."""
        return step in self.state.failed_steps or step in self.outages

    @property
    def known_contact(self) -> Contact | None:
        """How the complainant can be reached, as far as it is known today."""
        return self.contact or self.intake.complainant.contact

    @property
    def corrections(self) -> tuple[ev.ParticularsCorrected, ...]:
        """What was corrected of the particulars that came with the complaint, in order, as far as it still counts."""
        return self._corrections.standing

    @property
    def known(self) -> Intake:
        """What was said, with its particulars as they are known today."""
        return corrected(self.intake, self.corrections)

    @property
    def unit(self) -> str:
        """The unit that handles the complaint."""
        return self.state.unit or self.intake.respondent.unit

    @property
    def severity_at_receipt(self) -> Literal["general", "major"]:
        """Major if twenty or more complain jointly and face to face (重大消费投诉, art. 29)."""
        group, rule = self.intake.group, self.pack.rules.get("major")
        least = rule.at_least if rule else None
        joint = group is not None and group.face_to_face and least is not None and group.total >= least
        return "major" if joint else "general"

    @property
    def decide(self) -> Duty | None:
        """The duty that a statute calls `decide`: to answer the complaint; None before receipt was recorded."""
        return self.clock.duty("decide")

    @property
    def extension(self) -> ExtensionRule | None:
        """How the limit to decide can be extended, None if these rules know no extension."""
        return self.pack.extensions.get(self.decide.rule.extension or "") if self.decide else None

    @property
    def over(self) -> bool:
        """Whether the procedure ended without a decision (withdrawn, refused, merged)."""
        return self.state.ending is not None

    @property
    def decided_and_told(self) -> bool:
        """Whether the complainant was told a decision that still stands."""
        return self.state.decision is not None and self.state.told("decision")

    @property
    def settled(self) -> bool:
        """Whether nothing is left to decide: the complainant was told the decision, or the procedure ended without one."""
        return self.over or self.decided_and_told

    @property
    def closed_or_over(self) -> bool:
        """Whether the case was closed by a person, or ended without a decision."""
        return self.over or self.state.closed is not None

    def routed(self, category: str | None = None) -> AssignmentOrder:
        """Return the order to find who handles the complaint, or one *category* of it (R018, R030, R031, R107)."""
        intake, routing = self.intake, self.pack.routing
        return AssignmentOrder(
            unit=intake.respondent.unit,
            categories=(category,) if category else intake.matters(self.state.categories),
            excluded=tuple(sorted(intake.excluded_staff())),
            at_least=routing.levels.get(intake.origin) if routing else None,
            sales_channel=intake.policy.sales_channel if routing and intake.policy else None,
        )

    @property
    def entry_grace(self) -> timedelta:
        """How long after all has ended contact, or what was handed in in time, may still be entered (natural days)."""
        if any(self.state.exempt(kind) for kind in LASTING):
            name = "contact_after_all"
        elif (window := self.clock.duty("review_window")) is not None and window.status == "window_closed":
            name = "late_entry"
        else:
            return timedelta()
        rule = self.pack.rules.get(name)
        return timedelta(days=rule.at_most or 0) if rule else timedelta()

    def knows(self, event: str) -> bool:
        """Return whether the rules ask for *event*, such as ``notice_given.progress``, in whatever kind."""
        return any(name == event or name.startswith(f"{event}.") for name in self.pack.event_names)

    def due_of(self, event: str) -> datetime | None:
        """Return the earliest deadline of an open duty that *event*, such as ``notice_given.decision``, fulfils."""
        dues = [duty.due for duty in self.clock.open_duties if event in duty.rule.met_by and duty.kind == "duty"]
        return min((due for due in dues if due is not None), default=None)

    def day(self, now: datetime) -> date:
        """Return the civil day of *now* in the rules' time zone."""
        return now.astimezone(self.pack.zone).date()

    def too_late(self, now: datetime) -> bool:
        """Return whether the deadline to decide has passed at *now*."""
        duty = self.decide
        return duty is not None and duty.due is not None and now >= duty.due

    def interested(self, person: str) -> bool:
        """Return whether the complaint names *person* as staff concerned (回避, art. 17)."""
        return person in self.intake.excluded_staff()

    def took_part(self, person: str) -> bool:
        """Return whether *person* found, decided or approved something in the first instance (art. 20)."""
        return person in self.first_deciders()

    def first_deciders(self) -> frozenset[str]:
        """
        Return the ids of everybody who found, decided, approved or signed something in the first instance (art. 20).

        A meeting of the committee resolved by all its members.
        """
        sat = {member for meeting in self.state.handling.meetings.values() for member in meeting.members}
        return frozenset(self._acted | sat | ({self.state.assigned.coordinator} if self.state.assigned else set()))

    def view(self) -> CaseView:
        """Return the case as a query answers it."""
        return case_view(
            self.intake,
            self.state,
            self.clock,
            self.pin,
            slip_clocks=self.slip_clocks,
            counts=weights(self.pack, self._counted, forwarded=self.intake.forwarding is not None),
            outages=self.outages,
            warnings=warnings_left(self.intake, self.events),
        )
