"""Proven wishes to wait (R162): each keeps a case out of the callback sample, so nobody notes one in a case of his own."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from activities.ledger import Ledger
from activities.ledger_session import LedgerConflict, LedgerError, LedgerMissing, intake_of
from activities.supervision.matters import limit_of
from models.audience import area_of, callers, customer_service, head_office
from models.organisation import Organisation
from models.supervision import Supervision
from models.supervision_tables import WishRow
from models.tables import CaseRow


class WishRefused(LedgerError):  # noqa: N818  # an answer, not a failure of ours
    """The wish cannot be noted; *code* for programs."""

    def __init__(self, code: str) -> None:
        super().__init__(REFUSALS[code])
        self.code = code


REFUSALS = {
    "UnknownActor": "the organisation data know no such person",
    "NotAuthorised": "the callback team or customer service of the province or head office notes a wish to wait",
    "NotIndependent": "who had a part in the case notes no wish of its customer",
    "WishOutOfTime": "the day of the wish lies before the complaint or after today",
    "WishTooLate": "a wish to wait counts when its day was over before the limit of the case ended",
    "EvidenceTaken": "this evidence proves the wish in another complaint; each takes its own",
}
"""Why a wish is refused, by its stable code."""


def note_wish(ledger: Ledger, organisation: Organisation, rules: Supervision, wish: WishRow) -> WishRow:
    """
    Note *wish*, once, and return it as it stands.

    WishRefused names the rule that forbids it; LedgerMissing without such a complaint, LedgerConflict when another wish of
    this customer is on record.
    """
    handled_by = ledger.supervision.handled_by(wish.complaint_id)
    # One lock for all: two complaints must not take the same evidence at once.
    with ledger.sessions.writing("wish_to_wait") as session:
        intake_of(session, wish.complaint_id)
        case = session.get(CaseRow, wish.complaint_id)
        if case is None:
            raise LedgerMissing("the record has no event of this complaint")
        _refuse_person(organisation, wish.by, case.unit, handled_by)
        there = session.get(WishRow, wish.complaint_id)
        if there is not None:
            if (there.evidence, there.wished_on) != (wish.evidence, wish.wished_on):
                raise LedgerConflict("the record has another proof of the wish to wait; the first one stands")
            return there
        _refuse_day(session, rules, wish, case)
        if session.exec(select(WishRow).where(col(WishRow.evidence) == wish.evidence)).first() is not None:
            raise WishRefused("EvidenceTaken")
        session.add(wish)
        return wish


def _refuse_person(organisation: Organisation, who: str, unit: str, handled_by: frozenset[str]) -> None:
    if who not in organisation.people:
        raise WishRefused("UnknownActor")
    places = (area_of(organisation, unit), head_office(organisation))
    if not any(who in {*callers(organisation, place), *customer_service(organisation, place)} for place in places):
        raise WishRefused("NotAuthorised")
    if who in handled_by:
        raise WishRefused("NotIndependent")


def _refuse_day(session: Session, rules: Supervision, wish: WishRow, case: CaseRow) -> None:
    day, zone = wish.wished_on, rules.zone
    if day is None or not case.received_at.astimezone(zone).date() <= day <= wish.at.astimezone(zone).date():
        raise WishRefused("WishOutOfTime")
    limit = limit_of(session, rules, wish.complaint_id)
    if limit is not None and limit.due is not None and _end_of(day, zone) > limit.due:
        raise WishRefused("WishTooLate")


def _end_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), zone)
