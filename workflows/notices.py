"""
What the complainant must still be told: a pure function of the case.

Computed from the events, a notice cannot be forgotten by a crash, a retry or a new run, and none is sent twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rulebook import events as ev
from workflows.case import Case

RESOLUTION = "notice_given.resolution"
"""What meets a duty to confirm that a complaint was resolved: whatever opens the duty, the letter follows by itself."""


@dataclass(frozen=True, slots=True)
class Owed:
    """
    A notice that is owed: its kind, since when, what it refers to, and the facts that its template needs.

    *unit* is the one that signs it, when that is not the unit which handles the complaint.
    """

    kind: ev.NoticeKind
    since: datetime
    ref: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    unit: str | None = None

    @property
    def step(self) -> str:
        """The name under which its sending is retried or taken over."""
        return f"notice.{self.kind}" if self.ref is None else f"notice.{self.kind}.{self.ref}"


def owed(case: Case) -> tuple[Owed, ...]:
    """Return what the complainant must still be told, in the order in which it became due."""
    return case.remembered("owed", lambda: tuple(_owed(case)))


def _owed(case: Case) -> Iterator[Owed]:
    return (notice for notice in called_for(case) if not case.state.told(notice.kind, notice.ref))


def called_for(case: Case) -> Iterator[Owed]:
    """
    Yield what the complainant is to be told as the complaint stands, or need not be told because nobody was reached.

    Of what asks for a notice each time that it happens only that is here of which nobody was told yet.
    """
    state = case.state
    if state.ending_event is not None:
        yield _ending(state.ending_event)
    elif state.closed is None:
        yield from _running(case)
    if state.review_decided is not None:
        decided = state.review_decided
        yield Owed(
            "review_decision",
            decided.at,
            facts={
                "outcome": decided.outcome,
                "process": decided.process,
                "time_limits": decided.time_limits,
                "result": decided.result,
            },
            unit=decided.unit,
        )


def _running(case: Case) -> Iterator[Owed]:
    state = case.state
    if state.ticket is not None:
        yield Owed("receipt", case.intake.received_at, facts=_deadline(case))
    yield from _by_the_clock(case)
    if state.newest_facts is not None and _restarts(case):
        yield Owed("facts_added", state.newest_facts.at, str(state.facts_added), _deadline(case))
    pending = state.pending_extension
    if pending and pending[1].approved is not None:
        name, ask = pending
        facts = {"reason": ask.asked.reason, "days": ask.asked.days, "due": _extended(case, name)}
        yield Owed("extension", pending[1].approved.at, name, facts)
    yield from _by_own_rules(case)
    if state.decision is not None:
        rests_on = {"verified_at": state.verified_at, "evidence": state.evidence}
        facts = {**_decision(state.decision), **rests_on, **_schemes(case)}
        yield Owed("decision", state.decision.at, facts=facts, unit=state.decision.unit)
    if RESOLUTION in case.pack.event_names:
        for duty in case.clock.duties:
            if RESOLUTION in duty.rule.met_by and duty.status != "cancelled":
                yield Owed("resolution", duty.start, duty.key, _schemes(case))


def _by_the_clock(case: Case) -> Iterator[Owed]:
    for pause, event in case.untold.of("pause"):
        ground = case.pack.pauses.get(event.ground)
        if ground is not None and ground.notice is not None:
            article = ground.citation if ground.mark == "verified" else ""
            facts = {"ground": ground.title.model_dump(), "article": article}
            yield Owed("pause", event.at, pause, {**facts, "reason": event.reason, "since": event.at})
    if not case.decided_and_told:
        for number, breach in case.untold.of("late"):
            yield Owed("late", breach.at, number, {"missed": breach.due, **_schemes(case)})


def _by_own_rules(case: Case) -> Iterator[Owed]:
    handling = case.state.handling
    for request, asked in case.untold.of("material"):
        yield Owed("material", asked.at, request, {"codes": asked.codes, "text": asked.text})
    for progress, written in case.untold.of("progress"):
        yield Owed("progress", written.at, progress, {"text": written.text, **_deadline(case)})
    for reference, holding in case.untold.of("holding"):
        facts = {"reason": holding.reason, "expected": holding.last_day.isoformat(), **_schemes(case)}
        yield Owed("holding", holding.at, reference, facts)
    if (final := handling.final_opinion) is not None:
        window = case.clock.duty("review_window")
        review_open = window is not None and window.status == "open"
        yield Owed("final_opinion", final.at, facts={"opinion": final.opinion, "review_open": review_open})


def _schemes(case: Case) -> dict[str, Any]:
    """Return the outside schemes that a letter names; what one may do there it says only where that was read itself."""
    schemes = case.pack.schemes.values()
    return {
        "schemes": [
            {"title": one.title.model_dump(), "text": one.text.model_dump() if one.mark == "verified" else None}
            for one in schemes
        ]
    }


def _ending(ending: ev.Withdrawn | ev.HandlingRefused | ev.Merged) -> Owed:
    match ending:
        case ev.Withdrawn():
            return Owed("withdrawal", ending.at, facts={"withdrawn_at": ending.at})
        case ev.HandlingRefused():
            return Owed("refusal", ending.at, facts={"reason": ending.reason})
        case ev.Merged():
            return Owed("merge", ending.at, facts={"into": ending.into, "reason": ending.reason})


def _deadline(case: Case) -> dict[str, Any]:
    duty = case.decide
    deadline = duty.deadline if duty else None
    # A letter names as law only what was read in the text itself.
    firm = deadline is not None and deadline.mark == "verified"
    return {"due": duty.due if duty else None, "article": deadline.citation if deadline and firm else ""}


def _restarts(case: Case) -> bool:
    """Return whether the rules start the limit anew with new facts (art. 18(3)): otherwise nobody is told that they do."""
    return case.decide is not None and "facts_added" in case.decide.rule.reset_by


def _extended(case: Case, request: str) -> Any:
    return case.clock.extended_due("decide", request)


def _decision(decision: ev.DecisionMade) -> dict[str, Any]:
    return {
        "liability": decision.liability,
        "decision": decision.decision,
        "verification": decision.verification,
        "basis": decision.basis,
        "reasons": decision.reasons,
        "decided_by": decision.decided_by,
    }
