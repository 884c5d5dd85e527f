"""The activities of supervision: what is owed, putting it down once, handing it over, and what follows from a callback."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.delivery import Delivery, Outgoing
from activities.ledger import Ledger
from activities.ledger_session import LedgerConflict, LedgerMissing
from activities.supervision.book import SupervisionBook
from activities.supervision.bulletin import bulletin
from activities.supervision.document import documents
from activities.supervision.matters import Candidate, closed_cases, late_cases, matters
from activities.supervision.problems import Told, look
from activities.supervision.publication import publication, report_of
from activities.supervision.sample import drawn
from models.audience import area_of, audience
from models.canonical import canonical, digest_text
from models.figure_files import house_figures
from models.organisation import Organisation
from models.risk_tables import RiskRow
from models.supervision import Scheduled, Supervision, SupervisionError
from models.supervision_steps import (
    Drawn,
    FollowUp,
    OwedAnswer,
    OwedQuestion,
    RunOrder,
    Sending,
    Sent,
    run_id,
)
from models.supervision_tables import CommitteeCallRow, FollowUpRow, MemberRow, RunRow
from rulebook.figures import FigureSet
from rulebook.period import Owed, Period, PeriodError


class ByHandRefused(ValueError):  # noqa: N818  # an answer, not a failure of ours
    """Nothing is made by hand of this period, with the stable *code* of the reason."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def period_by_hand(book: SupervisionBook, rules: Supervision, scheduled: Scheduled, text: str, at: datetime) -> Period:
    """Return the period that *text* names, of which *scheduled* may be made by hand at *at*; ByHandRefused if it may not."""
    try:
        period = Period.parse(text)
    except PeriodError as error:
        raise ByHandRefused("PeriodError", str(error)) from None
    if period.kind != scheduled.every:
        raise ByHandRefused("PeriodError", f"{scheduled.id} is made for every {scheduled.every}")
    if period.span(rules.zone)[1] > at:
        raise ByHandRefused("PeriodNotOver", f"{period.name} is not over yet")
    begun = book.began_on(rules.zone)
    if book.run(run_id(scheduled.id, period.name)) is None and (begun is None or period.last < begun):
        told = f"{period.name} was over before the record began; nothing can be told of it"
        raise ByHandRefused("BeforeTheRecord", told)
    return period


Put = tuple[dict[str, Any], list[MemberRow]]


class SupervisionActivities:
    """Does what is owed at fixed times, each thing once."""

    def __init__(
        self,
        ledger: Ledger,
        delivery: Delivery,
        organisation: Organisation,
        rules: Supervision,
        figures: FigureSet | None = None,
    ) -> None:
        """Publish the house's indicators unless *figures* are given."""
        self._ledger = ledger
        self._book = ledger.supervision
        self._delivery = delivery
        self._organisation = organisation
        self._rules = rules
        self._figures = figures or house_figures()

    @activity.defn(name="supervision.owed")
    def owed(self, question: OwedQuestion) -> OwedAnswer:
        """Return what the schedule owes now: what was begun and not handed over, then what fell due since."""
        scheduled = self._scheduled(question.schedule)
        if question.period is not None:
            return OwedAnswer(runs=self._asked_for(scheduled, question.period, question.at))
        calendar = self._rules.known_days(self._ledger.calendar_notices())
        newest, found = self._book.owed(scheduled, calendar, self._rules.zone, question.at)
        begun = [Owed(Period.parse(row.period)) for row in self._book.unsent(scheduled.id)]
        runs = [
            self._order(scheduled, one.period, question.at, tuple(over.name for over in one.passed_over))
            for one in (*begun, *found)
        ]
        following = newest.next()
        due = scheduled.day.rule.due(following, calendar, self._rules.zone)
        when = f"{due:%Y-%m-%d %H:%M} {self._rules.time_zone}"
        return OwedAnswer(runs=tuple(runs), next=f"{run_id(scheduled.id, following.name)} {when}")

    def _asked_for(self, scheduled: Scheduled, text: str, at: datetime) -> tuple[RunOrder, ...]:
        try:
            period = period_by_hand(self._book, self._rules, scheduled, text, at)
        except ByHandRefused as refused:
            raise _final(refused.code, str(refused)) from None
        if self._book.sent(run_id(scheduled.id, period.name)):
            return ()
        return (self._order(scheduled, period, at),)

    def _order(self, scheduled: Scheduled, period: Period, at: datetime, over: tuple[str, ...] = ()) -> RunOrder:
        return RunOrder(
            schedule=scheduled.id,
            kind=scheduled.kind,
            period=period.name,
            passed_over=over,
            at=at,
            title=str(scheduled.title),
        )

    @activity.defn(name="supervision.put_down")
    def put_down(self, order: RunOrder) -> Drawn:
        """Put down what is owed about the period, once: a repetition, however late, returns what was put down first."""
        row = self._book.run(order.run) or self._make(order, self._scheduled(order.schedule))
        areas = tuple(one["area"] for one in json.loads(row.content)["areas"])
        return Drawn(
            run=row.run,
            content_hash=row.content_hash,
            areas=areas,
            counts={"areas": len(areas), "committee_calls": len(self._book.committee_calls(row.run))},
        )

    def _make(self, order: RunOrder, scheduled: Scheduled) -> RunRow:
        since, until = self._span(order)
        content, members = self._content(order, scheduled, since, until)
        text = canonical(content)
        row = RunRow(
            run=order.run,
            schedule=order.schedule,
            kind=order.kind,
            period=order.period,
            since=since,
            until=until,
            passed_over=list(order.passed_over),
            ran_at=order.at,
            calendar=self._rules.known_days(self._ledger.calendar_notices()).version,
            definition_hash=self._rules.content_hash(),
            content=text,
            content_hash=digest_text(text),
        )
        return self._book.put_down(row, members, _committee_calls(order, content) if order.kind == "bulletin" else ())

    def _span(self, order: RunOrder) -> tuple[datetime, datetime]:
        # What was passed over is covered: a bulletin after an outage of three weeks speaks of three weeks.
        first = Period.parse(order.passed_over[0] if order.passed_over else order.period)
        return first.span(self._rules.zone)[0], Period.parse(order.period).span(self._rules.zone)[1]

    def _content(self, order: RunOrder, scheduled: Scheduled, since: datetime, until: datetime) -> Put:
        risks: list[RiskRow] = []
        if order.kind == "bulletin":
            last = (until - timedelta(seconds=1)).astimezone(self._rules.zone).date()
            risks = self._ledger.risks.look(last, order.at)
        if order.kind == "publication":
            report, told = self._report(order), self._told(order, since, until)
        with self._ledger.sessions.reading() as session:
            match order.kind:
                case "bulletin":
                    found = matters(session, self._rules, since, until)
                    return bulletin(self._organisation, scheduled, found, order.at, risks), []
                case "publication":
                    return publication(session, self._organisation, report, since, until, told=told), []
                case "sample":
                    late = scheduled.population == "late"
                    cases = (
                        late_cases(session, self._rules, since, until) if late else closed_cases(session, since, until)
                    )
        return self._draw(order, scheduled, cases, wishes=late)

    def _report(self, order: RunOrder) -> dict[str, Any]:
        period, at = Period.parse(order.period), order.at.astimezone(self._rules.zone)
        return report_of(self._ledger, period, self._organisation, self._figures, by=order.run, at=at)

    def _told(self, order: RunOrder, since: datetime, until: datetime) -> Told | None:
        """Return the typical cases and problems of a month; what is disclosed of a year tells of no single complaint."""
        period = Period.parse(order.period)
        return look(self._ledger, period, since, until, order.at) if period.kind == "month" else None

    def _draw(self, order: RunOrder, scheduled: Scheduled, cases: list[Candidate], *, wishes: bool) -> Put:
        kept_out = self._book.wishes(one.complaint_id for one in cases) if wishes else {}
        # The population is known by now, so nobody can have chosen the seed for it.
        return drawn(self._organisation, scheduled, order.run, cases, wishes=kept_out, seed=secrets.token_hex(32))

    @activity.defn(name="supervision.send")
    def send(self, order: Sending) -> Sent:
        """Hand every document of the run over to each of its readers, once, and the committee its calls (R179, R180)."""
        row = self._book.run(order.run)
        if row is None:
            raise _final("LedgerMissing", "the record has no such run")
        if (there := self._book.sent(order.run)) is not None:
            return Sent(run=order.run, copies=len(there.proofs))
        scheduled = self._scheduled(row.schedule)
        copies = [*self._copies(row, scheduled), *self._calls(row)]
        proofs = {copy.notice: self._delivery.deliver(copy) for copy in copies}
        self._book.mark_sent(order.run, order.at, proofs)
        return Sent(run=order.run, copies=len(proofs))

    def _copies(self, row: RunRow, scheduled: Scheduled) -> Iterable[Outgoing]:
        for area, document in documents(row, str(scheduled.title), self._rules.time_zone):
            units, departments = self._named(row, area)
            text, page = document.to_text(), document.to_html()
            for person in audience(self._organisation, scheduled.recipients, area, units, departments):
                yield Outgoing(
                    notice=f"{row.run}.{area}.{person}",
                    method="internal",
                    recipient=person,
                    subject=document.title,
                    body=text,
                    written_at=row.ran_at,
                    page=page,
                )

    def _named(self, row: RunRow, area: str) -> tuple[set[str], set[str]]:
        """Return the units and departments that the document for *area* speaks of; a publication speaks of all (R183)."""
        if row.kind == "publication":
            units = [one for one in self._organisation.unit_list if area_of(self._organisation, one.code) == area]
            return {one.code for one in units}, {part.code for one in units for part in one.departments}
        (content,) = (one for one in json.loads(row.content)["areas"] if one["area"] == area)
        lines = [*content.get("departments", ()), *content.get("cases", ())]
        return {one["unit"] for one in lines}, {one["department"] for one in lines if "department" in one}

    def _calls(self, row: RunRow) -> Iterable[Outgoing]:
        for call in self._book.committee_calls(row.run):
            for person in audience(self._organisation, ("committee",), call.area):
                yield Outgoing(
                    notice=f"{row.run}.committee.{call.unit}.{call.department or 'none'}.{person}",
                    method="internal",
                    recipient=person,
                    subject=f"督办 {row.run}: {call.unit} {call.department}",
                    body=f"到期 {call.due} 件，逾期 {call.late} 件，请投诉处理委员会督办。\n"
                    f"{call.late} of {call.due} matters were late; the committee supervises this department (R180).",
                    written_at=call.called_at,
                )

    @activity.defn(name="supervision.follow_up")
    def follow_up(self, found: FollowUp) -> Sent:
        """Put down what the recordings showed, once; if true, tell the unit's general manager and the one above (R163)."""
        row = FollowUpRow(
            run=found.run,
            complaint_id=found.complaint_id,
            confirmed=found.confirmed,
            evidence=found.evidence,
            by=found.by,
            at=found.at,
        )
        try:
            self._book.follow_up(row)
        except (LedgerConflict, LedgerMissing) as error:
            raise _final(type(error).__name__, str(error)) from error
        member = self._book.member(found.run, found.complaint_id)
        if not found.confirmed or member is None:
            return Sent(run=found.run, copies=0)
        people = dict.fromkeys(chain.from_iterable(self._managers(unit) for unit in self._line(member.unit)))
        for person in people:
            self._delivery.deliver(_confirmed(found, member, person))
        return Sent(run=found.run, copies=len(people))

    def _line(self, unit: str) -> list[str]:
        """Return the unit and the one above it, as far as the organisation data know them."""
        if unit not in self._organisation.units:
            return [self._organisation.unit_list[0].code]
        above = self._organisation.superior(unit)
        return [unit, above.code] if above else [unit]

    def _managers(self, unit: str) -> tuple[str, ...]:
        return audience(self._organisation, ("management",), unit)

    def _scheduled(self, name: str) -> Scheduled:
        try:
            return self._rules.scheduled(name)
        except SupervisionError as error:
            raise _final("SupervisionError", str(error)) from None


def _committee_calls(order: RunOrder, content: dict[str, Any]) -> list[CommitteeCallRow]:
    return [
        CommitteeCallRow(
            run=order.run,
            unit=one["unit"],
            department=one["department"],
            area=area["area"],
            late=one["late_of_due"],
            due=one["due"],
            called_at=order.at,
        )
        for area in content["areas"]
        for one in area["departments"]
        if one["committee"]
    ]


def _confirmed(found: FollowUp, member: MemberRow, person: str) -> Outgoing:
    return Outgoing(
        notice=f"{found.run}.{found.complaint_id}.follow-up.{person}",
        method="internal",
        recipient=person,
        subject=f"回访核实 {found.complaint_id}: 属实 confirmed",
        body=f"{member.unit} 经核实情况属实，请整改并追责。录音等证明的哈希 evidence SHA-256: {found.evidence}\n"
        "What the customer or the spot check reported is true; the unit and the one above are told.",
        written_at=found.at,
    )


def _final(kind: str, message: str) -> ApplicationError:
    return ApplicationError(message, type=kind, non_retryable=True)
