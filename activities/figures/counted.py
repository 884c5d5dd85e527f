"""What figures count of one case: computed from its intake and its events, replaced whole with its projections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from sqlmodel import SQLModel

from activities.folded_case import FoldedCase
from models.figure_tables import FORM, CountedCase, CountedSlip, CountedWeight
from models.intake import Intake
from models.slips import Slip
from rulebook.counting import weights
from rulebook.duty import Duty

Timeliness = Literal["in_time", "late", "open", "off"]


def counted(complaint_id: str, folded: FoldedCase) -> tuple[SQLModel, ...]:
    """
    Return the rows of the case that is *folded*; none if it does not know what the intake said.

    The rows carry codes, days and lengths, and nothing about a person.
    """
    if (intake := folded.intake) is None:
        return ()
    known = weights(folded.pack, folded.weighed, forwarded=intake.forwarding is not None)
    return (
        _case(complaint_id, intake, folded),
        *(
            CountedWeight(complaint_id=complaint_id, profile=profile, weight=weight)
            for profile, weight in known.items()
            if weight != 1
        ),
        *_slips(complaint_id, folded),
    )


def _case(complaint_id: str, intake: Intake, folded: FoldedCase) -> CountedCase:
    state, zone = folded.state, folded.pack.zone
    received, closed, policy = state.received, state.closed, intake.policy
    assert received is not None  # noqa: S101  # the projection has refused a case that does not begin with its receipt
    told = max((notice.at for notice in state.notices if notice.kind == "decision"), default=None)
    return CountedCase(
        complaint_id=complaint_id,
        form=FORM,
        event_count=folded.count,
        zone=zone.key,
        unit=state.unit or received.unit,
        respondent=intake.respondent.unit,
        department=state.holder,
        channel=received.channel,
        origin=intake.origin,
        category=next(iter(state.categories), None),
        dispute_type=intake.dispute_type,
        line=policy.line_of_business if policy else None,
        product=policy.product if policy else None,
        sales_channel=policy.sales_channel if policy else None,
        complexity=state.complexity,
        severity=state.severity,
        result=closed.result if closed else None,
        received_on=_day(received.at, zone),
        told_on=_day(told, zone) if told else None,
        closed_on=_day(closed.at, zone) if closed else None,
        handling_days=(_day(closed.at, zone) - _day(received.at, zone)).days if closed else None,
        handling_time=_seconds(received.at, closed.at) if closed else None,
        satisfaction=state.callback.satisfaction if state.callback else None,
    )


def _slips(complaint_id: str, folded: FoldedCase) -> Iterator[CountedSlip]:
    for name, slip in folded.state.slips.items():
        clock = folded.slip_clocks.get(name)
        duties = {duty.id: duty for duty in clock.duties} if clock else {}
        yield _slip(complaint_id, slip, folded.responses.get(name), duties, folded.pack.zone)


def _slip(
    complaint_id: str, slip: Slip, response: datetime | None, duties: Mapping[str, Duty], zone: ZoneInfo
) -> CountedSlip:
    sent = slip.dispatched
    due = duties["findings"].due if "findings" in duties else None
    return CountedSlip(
        complaint_id=complaint_id,
        slip=sent.slip,
        unit=sent.unit,
        department=sent.department,
        category=sent.category,
        dispatched_on=_day(sent.at, zone),
        response=timeliness(duties.get("accept")),
        response_time=_seconds(sent.at, response) if response else None,
        findings=timeliness(duties.get("findings")),
        findings_due_on=last_day(due, zone) if due else None,
    )


def timeliness(duty: Duty | None) -> Timeliness:
    """
    Return how *duty* stands in time; ``off`` where there is none.

    A deadline that a notice moved into the past binds nobody, so what missed it counts as in time.
    """
    if duty is None:
        return "off"
    if duty.breached or (duty.kind == "target" and duty.status == "met_late"):
        return "late"
    if duty.status in {"met", "met_late"}:
        return "in_time"
    return "open" if duty.status == "open" else "off"


def last_day(due: datetime, zone: ZoneInfo) -> date:
    """Return the last local day on which what is due by *due*, the first instant too late, is in time."""
    return _day(due - timedelta(microseconds=1), zone)


def _day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


def _seconds(start: datetime, end: datetime) -> int:
    # A fact may carry an instant before the receipt only by mistake; a length is never negative.
    return max(0, round((end - start).total_seconds()))
