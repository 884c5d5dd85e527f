"""
What the complainant must still be told: a pure function of the case.

Computed from the events, a notice cannot be forgotten by a crash, a retry or a new run, and none is sent twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rulebook import events as ev
from workflows.case import Case


@dataclass(frozen=True, slots=True)
class Owed:
    """A notice that is owed: its kind, what it refers to, and the facts that its template needs."""

    kind: ev.NoticeKind
    ref: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def step(self) -> str:
        """The name under which its sending is retried or taken over."""
        return f"notice.{self.kind}" if self.ref is None else f"notice.{self.kind}.{self.ref}"


def owed(case: Case) -> list[Owed]:
    """Return what the complainant must still be told, in the order in which it became due."""
    return [notice for notice in _all(case) if not case.state.told(notice.kind, notice.ref)]


def _all(case: Case) -> Iterator[Owed]:
    state = case.state
    if state.ending_event is not None:
        yield _ending(state.ending_event)
    elif state.closed is None:
        yield from _running(case)
    if state.review_decided is not None:
        decided = state.review_decided
        yield Owed(
            "review_decision",
            facts={
                "outcome": decided.outcome,
                "process": decided.process,
                "time_limits": decided.time_limits,
                "result": decided.result,
            },
        )


def _running(case: Case) -> Iterator[Owed]:
    state = case.state
    if state.ticket is not None:
        yield Owed("receipt", facts=_deadline(case))
    for event in case.events:
        match event:
            case ev.ClockPaused() if case.pack.pauses[event.ground].notice is not None:
                yield Owed("pause", event.pause, {"ground": event.ground, "reason": event.reason, "since": event.at})
            case ev.DeadlineBreached(duty="decide") if not case.decided_and_told:
                yield Owed("late", event.due.isoformat(), {"missed": event.due})
            case _:
                pass
    if state.facts_added:
        yield Owed("facts_added", str(state.facts_added), _deadline(case))
    pending = state.pending_extension
    if pending and pending[1].approved is not None:
        name, ask = pending
        yield Owed(
            "extension", name, {"reason": ask.asked.reason, "days": ask.asked.days, "due": _extended(case, name)}
        )
    if state.decision is not None:
        yield Owed("decision", facts=_decision(state.decision))


def _ending(ending: ev.Withdrawn | ev.HandlingRefused | ev.Merged) -> Owed:
    match ending:
        case ev.Withdrawn():
            return Owed("withdrawal", facts={"withdrawn_at": ending.at})
        case ev.HandlingRefused():
            return Owed("refusal", facts={"reason": ending.reason})
        case ev.Merged():
            return Owed("merge", facts={"into": ending.into, "reason": ending.reason})


def _deadline(case: Case) -> dict[str, Any]:
    duty = case.decide
    deadline = duty.deadline if duty else None
    return {"due": duty.due if duty else None, "article": deadline.citation if deadline else ""}


def _extended(case: Case, request: str) -> Any:
    return case.clock.extended_due("decide", request)


def _decision(decision: ev.DecisionMade) -> dict[str, Any]:
    return {
        "liability": decision.liability,
        "verification": decision.verification,
        "basis": decision.basis,
        "reasons": decision.reasons,
        "remedies": list(decision.remedies),
        "decided_by": decision.decided_by,
    }
