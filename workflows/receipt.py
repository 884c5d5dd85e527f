"""What receiving a complaint makes true, at the instant at which it reached the insurer (收到, art. 18)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from rulebook import events as ev
from workflows.case import Case


def on_receipt(case: Case, now: datetime) -> Iterator[ev.Event]:
    """Yield what receiving the complaint makes true in an empty *case*, written down at *now*."""
    intake = case.intake
    yield ev.Received(
        at=intake.received_at,
        recorded_at=now,
        content_hash=intake.content_hash(),
        channel=intake.channel,
        unit=intake.respondent.unit,
        categories=intake.categories,
        complexity=intake.complexity,
        severity=case.severity_at_receipt,
        earlier_complaint=intake.earlier_complaint,
    )
    yield from arrival(case, case.pack.event_names, now)


def arrival(case: Case, asked: frozenset[str], now: datetime) -> Iterator[ev.Event]:
    """Yield what rules that know the events *asked* want to know of the arrival: origin, lacks, the regulator's date."""
    intake, handling = case.intake, case.state.handling
    at = {"at": intake.received_at, "recorded_at": now}
    if "intake_examined" in asked and handling.examined is None:
        yield ev.IntakeExamined(**at, origin=intake.origin, lacks=intake.missing_material())
    forwarding = intake.forwarding
    if "answer_demanded" in asked and handling.demanded is None and forwarding and forwarding.answer_by:
        yield ev.AnswerDemanded(
            **at, body=forwarding.body, reference=forwarding.reference, last_day=forwarding.answer_by
        )
