"""Assignment: who takes the complaint, and who somebody is. Both answers come from the organisation data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.ledger import Ledger, LedgerDestroyed
from models.actor import Actor, actor
from models.organisation import Organisation, OrganisationError
from models.organisation_routing import Narrowing
from models.steps import (
    ActorQuestion,
    AssignmentFound,
    AssignmentOrder,
    ChildQuestion,
    EarlierCase,
    PinQuestion,
    RulesQuestion,
    Share,
)
from rulebook import events as ev
from rulebook.errors import NoRulesInForce, PackError
from rulebook.pack import Pin, pinned_pack


class AssignmentActivities:
    """Answers questions about people, departments and the rules in force."""

    def __init__(self, organisation: Organisation, ledger: Ledger) -> None:
        self._organisation = organisation
        self._ledger = ledger

    @property
    def steps(self) -> tuple[Callable[..., Any], ...]:
        """Every activity of this class."""
        return (
            self.assign,
            self.child_known,
            self.earlier,
            self.look_up,
            self.merged_into,
            self.open_rules,
            self.pin,
            self.share_out,
            self.stage_of,
        )

    @activity.defn(name="assignment.assign")
    def assign(self, order: AssignmentOrder) -> AssignmentFound:
        """Return the department and the coordinator; not retried when nobody without an interest is left (art. 17)."""
        with _by_hand():
            found = self._organisation.route(order.categories, order.unit, **_narrowing(order))
            return AssignmentFound(**found._asdict(), route=self._route(order))

    @activity.defn(name="assignment.share_out")
    def share_out(self, order: AssignmentOrder) -> list[Share]:
        """Return who takes each category of a complaint of several, the main one first (R103); errors as for `assign`."""
        with _by_hand():
            route = self._route(order)
            shares = self._organisation.share_out(order.categories, order.unit, **_narrowing(order))
        return [Share(**found._asdict(), category=category, route=route) for category, found in shares.items()]

    def _route(self, order: AssignmentOrder) -> Literal["customer_service", "departments"]:
        alone = self._organisation.settled_by_customer_service(order.categories, order.unit, **_narrowing(order))
        return "customer_service" if alone else "departments"

    @activity.defn(name="assignment.earlier")
    def earlier(self, complaint_id: str) -> EarlierCase | None:
        """Return how an earlier complaint ended, or None if the record has no such one (R166)."""
        case = self._ledger.case(complaint_id)
        return EarlierCase(closed=case.closed_at is not None, result=case.liability) if case else None

    @activity.defn(name="assignment.look_up")
    async def look_up(self, question: ActorQuestion) -> Actor | None:
        """
        Return what the organisation data say of a person at this moment, or None for a stranger.

        It needs no thread, and is answered while every thread waits for a database that is away.
        """
        return actor(self._organisation, question.person, question.unit, question.respondent)

    @activity.defn(name="assignment.pin")
    async def pin(self, question: PinQuestion) -> Pin | None:
        """
        Return the rules in force on the day of receipt where the unit lies (None: none were), and the calendar as known.

        The insurer's own rules, if the organisation data name them, lie over the statute of that day. As with `look_up`,
        no thread is needed.
        """
        try:
            return self._organisation.pin(question.unit, question.received_at, question.opened_at.date())
        except NoRulesInForce:
            return None

    @activity.defn(name="assignment.open_rules")
    def open_rules(self, question: RulesQuestion) -> None:
        """Open rules to which a complaint has moved; PackError where they are not here, or cannot follow."""
        after = pinned_pack(question.pack, question.pack_hash)
        if not after.succeeds(pinned_pack(question.before.pack, question.before.pack_hash)):
            raise PackError("the rules cannot follow those before them")

    @activity.defn(name="assignment.merged_into")
    def merged_into(self, complaint_id: str) -> str | None:
        """Return the complaint into which another was merged, as the record has it; None if it was not."""
        try:
            events = self._ledger.events(complaint_id)
        except LedgerDestroyed:
            return None
        return next((one.into for one in events if isinstance(one, ev.Merged)), None)

    @activity.defn(name="assignment.child_known")
    def child_known(self, question: ChildQuestion) -> bool:
        """Return whether a slip or review of a complaint is on record."""
        return self._ledger.pages.knows(question.complaint_id, question.child)

    @activity.defn(name="assignment.stage_of")
    def stage_of(self, complaint_id: str) -> str | None:
        """Return the stage of another complaint, ``ended`` if it ended without a decision, None if there is no such one."""
        case = self._ledger.case(complaint_id)
        if case is None:
            return None
        return "ended" if case.ending else case.stage


def _narrowing(order: AssignmentOrder) -> Narrowing:
    return Narrowing(excluded=frozenset(order.excluded), at_least=order.at_least, sales_channel=order.sales_channel)


@contextmanager
def _by_hand() -> Iterator[None]:
    try:
        yield
    except OrganisationError as error:
        raise ApplicationError(str(error), type="NobodyToAssign", non_retryable=True) from error
