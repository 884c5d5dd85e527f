"""What the insurer's own rules add to a case: sign-offs, the committee, the customer's answer; the fold of those events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from rulebook import events as ev

RESTRICTED: frozenset[ev.Purpose] = frozenset({"vexatious"})
"""What sign-offs are asked for that is nobody's business but the signers' and the record's (C17)."""


@dataclass(slots=True)
class SignOffState:
    """A text that must be signed (会签), who has signed it in which capacity, and who refused."""

    asked: ev.SignOffRequested
    given: list[ev.SignOffGiven] = field(default_factory=list)
    refused: ev.SignOffRefused | None = None

    @property
    def status(self) -> Literal["requested", "complete", "refused"]:
        """Return how far it has come."""
        if self.refused:
            return "refused"
        return "complete" if any(given.complete for given in self.given) else "requested"


@dataclass(slots=True)
class Handling:
    """A complaint as the insurer's own rules see it."""

    examined: ev.IntakeExamined | None = None
    requests: list[ev.MaterialRequested] = field(default_factory=list)
    handed_in: set[str] = field(default_factory=set)
    progress: list[ev.ProgressWritten] = field(default_factory=list)
    holdings: list[ev.HoldingWritten] = field(default_factory=list)
    schemes: list[ev.SchemeSought] = field(default_factory=list)
    demanded: ev.AnswerDemanded | None = None
    answered: ev.RegulatorAnswered | None = None
    sign_offs: dict[str, SignOffState] = field(default_factory=dict)
    meetings: dict[str, ev.CommitteeMet] = field(default_factory=dict)
    ruling: ev.LiabilityRuled | None = None
    contingency: ev.ContingencyStarted | None = None
    reports: list[ev.ReportedUp] = field(default_factory=list)
    end_report: ev.EndReported | None = None
    escalated: ev.Escalated | None = None
    excluded: ev.CountingExcluded | None = None
    absorbed: list[str] = field(default_factory=list)
    flag: ev.VexatiousFlagged | None = None
    response: ev.CustomerResponded | None = None
    final_opinion: ev.FinalOpinionGiven | None = None
    delegated_to: str | None = None
    fault: ev.FaultDescribed | None = None
    measures: list[ev.MeasureRecorded] = field(default_factory=list)
    summary: ev.CaseSummarised | None = None
    releases: list[ev.Released] = field(default_factory=list)
    reviewer: ev.ReviewerAppointed | None = None
    examination: ev.ReviewExamined | None = None
    reopened: int = 0

    def apply(self, event: ev.Event) -> None:
        """Take one more event into account."""
        if change := _CHANGES.get(type(event)):
            change(self, event)

    @property
    def shown_sign_offs(self) -> dict[str, SignOffState]:
        """Return the sign-offs that anybody who sees the complaint may see, by name."""
        return {name: one for name, one in self.sign_offs.items() if one.asked.purpose not in RESTRICTED}

    def signed(self, purpose: ev.Purpose) -> SignOffState | None:
        """Return the newest text for *purpose* that everybody has signed, None if there is none."""
        done = [one for one in self.sign_offs.values() if one.asked.purpose == purpose and one.status == "complete"]
        return done[-1] if done else None

    def met_on(self, subject: str) -> ev.CommitteeMet | None:
        """Return the newest meeting of the committee on *subject*, None if there was none."""
        held = [meeting for meeting in self.meetings.values() if meeting.subject == subject]
        return held[-1] if held else None

    def flagged(self, day: date) -> bool:
        """Return whether the vexatious flag (R024) stands on *day*; it ends by itself."""
        return self.flag is not None and day <= self.flag.until

    def start_anew(self) -> None:
        """Forget what was said of a decision that new facts have undone (art. 18(3))."""
        self.response = None
        self.ruling = None
        self.final_opinion = None


def _examined(state: Handling, event: ev.IntakeExamined) -> None:
    state.examined = event


def _requested(state: Handling, event: ev.MaterialRequested) -> None:
    state.requests.append(event)


def _handed_in(state: Handling, event: ev.MaterialReceived) -> None:
    state.handed_in.update(event.codes)


def _progress(state: Handling, event: ev.ProgressWritten) -> None:
    state.progress.append(event)


def _holding(state: Handling, event: ev.HoldingWritten) -> None:
    state.holdings.append(event)


def _scheme(state: Handling, event: ev.SchemeSought) -> None:
    state.schemes.append(event)


def _demanded(state: Handling, event: ev.AnswerDemanded) -> None:
    state.demanded = event


def _answered(state: Handling, event: ev.RegulatorAnswered) -> None:
    state.answered = event


def _sign_off(state: Handling, event: ev.SignOffRequested) -> None:
    state.sign_offs[event.sign_off] = SignOffState(event)


def _signed(state: Handling, event: ev.SignOffGiven) -> None:
    state.sign_offs[event.sign_off].given.append(event)


def _sign_off_refused(state: Handling, event: ev.SignOffRefused) -> None:
    state.sign_offs[event.sign_off].refused = event


def _met(state: Handling, event: ev.CommitteeMet) -> None:
    state.meetings[event.meeting] = event


def _ruled(state: Handling, event: ev.LiabilityRuled) -> None:
    state.ruling = event


def _contingency(state: Handling, event: ev.ContingencyStarted) -> None:
    state.contingency = event


def _reported(state: Handling, event: ev.ReportedUp) -> None:
    state.reports.append(event)


def _end_reported(state: Handling, event: ev.EndReported) -> None:
    state.end_report = event


def _escalated(state: Handling, event: ev.Escalated) -> None:
    state.escalated = event


def _excluded(state: Handling, event: ev.CountingExcluded) -> None:
    state.excluded = event


def _absorbed(state: Handling, event: ev.Absorbed) -> None:
    state.absorbed.append(event.complaint)


def _flagged(state: Handling, event: ev.VexatiousFlagged) -> None:
    state.flag = event


def _lifted(state: Handling, event: ev.VexatiousLifted) -> None:  # noqa: ARG001  # one signature for all changes
    state.flag = None


def _responded(state: Handling, event: ev.CustomerResponded) -> None:
    state.response = event


def _final_opinion(state: Handling, event: ev.FinalOpinionGiven) -> None:
    state.final_opinion = event


def _delegated(state: Handling, event: ev.ClosureDelegated) -> None:
    state.delegated_to = event.unit


def _fault(state: Handling, event: ev.FaultDescribed) -> None:
    state.fault = event


def _measure(state: Handling, event: ev.MeasureRecorded) -> None:
    state.measures.append(event)


def _summarised(state: Handling, event: ev.CaseSummarised) -> None:
    state.summary = event


def _released(state: Handling, event: ev.Released) -> None:
    state.releases.append(event)


def _appointed(state: Handling, event: ev.ReviewerAppointed) -> None:
    state.reviewer = event


def _review_examined(state: Handling, event: ev.ReviewExamined) -> None:
    state.examination = event


def _reopened(state: Handling, event: ev.Reopened) -> None:  # noqa: ARG001  # one signature for all changes
    state.reopened += 1


_CHANGES: dict[type[ev.Event], Callable[..., None]] = {
    ev.IntakeExamined: _examined,
    ev.MaterialRequested: _requested,
    ev.MaterialReceived: _handed_in,
    ev.ProgressWritten: _progress,
    ev.HoldingWritten: _holding,
    ev.SchemeSought: _scheme,
    ev.AnswerDemanded: _demanded,
    ev.RegulatorAnswered: _answered,
    ev.SignOffRequested: _sign_off,
    ev.SignOffGiven: _signed,
    ev.SignOffRefused: _sign_off_refused,
    ev.CommitteeMet: _met,
    ev.LiabilityRuled: _ruled,
    ev.ContingencyStarted: _contingency,
    ev.ReportedUp: _reported,
    ev.EndReported: _end_reported,
    ev.Escalated: _escalated,
    ev.CountingExcluded: _excluded,
    ev.Absorbed: _absorbed,
    ev.VexatiousFlagged: _flagged,
    ev.VexatiousLifted: _lifted,
    ev.CustomerResponded: _responded,
    ev.FinalOpinionGiven: _final_opinion,
    ev.ClosureDelegated: _delegated,
    ev.FaultDescribed: _fault,
    ev.MeasureRecorded: _measure,
    ev.CaseSummarised: _summarised,
    ev.Released: _released,
    ev.ReviewerAppointed: _appointed,
    ev.ReviewExamined: _review_examined,
    ev.Reopened: _reopened,
}
