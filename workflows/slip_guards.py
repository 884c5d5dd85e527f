"""Who may ask what of a dispatch slip (会办单), and when: every refusal is a row with its code, sentence and condition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models import slip_commands as cmd
from models.actor import Actor
from models.slips import OVER, Slip
from workflows.refusal import Refusal, judged, refused


@dataclass(frozen=True, slots=True)
class SlipAsk:
    """A command to a slip in its moment: who asks what, and when; *barred* says that the person may not act (art. 17)."""

    slip: Slip
    command: Any
    actor: Actor | None
    now: datetime
    barred: bool
    ended: bool

    @property
    def who(self) -> Actor:
        """The person who asks; known, once the first rows have passed."""
        if self.actor is None:
            raise refused("UnknownActor", "the organisation data knows no such person")
        return self.actor


def check(ask: SlipAsk) -> None:
    """Raise the first refusal that applies to *ask*; return if it may be obeyed."""
    for row in (*EVERY, *ROWS[type(ask.command)]):
        if error := judged(row, ask):
            raise error


def _of_department(ask: SlipAsk) -> bool:
    sent = ask.slip.dispatched
    here = (ask.who.unit, ask.who.department) == (sent.unit, sent.department)
    return ask.who.id == sent.coordinator or (here and ask.who.has("coordinator", "department_head"))


def _of_service(ask: SlipAsk) -> bool:
    return ask.who.concerned and ask.who.has("customer_service", "handler")


EVERY: Sequence[Refusal] = (
    Refusal("UnknownActor", "the organisation data knows no such person", lambda ask: ask.actor is None),
    Refusal(
        "NoSuchSlip",
        "the command names another slip",
        lambda ask: ask.command.slip != ask.slip.dispatched.slip,
    ),
    Refusal("FutureInstant", "a fact cannot lie in the future", lambda ask: (ask.command.at or ask.now) > ask.now),
    Refusal(
        "BeforeDispatch",
        "a fact cannot lie before the slip was dispatched",
        lambda ask: ask.command.at is not None and ask.command.at < ask.slip.dispatched.at,
    ),
    Refusal("DirectInterest", "nobody with a direct interest may act on the slip (art. 17)", lambda ask: ask.barred),
    Refusal(
        "SlipEnded",
        "the slip was returned or recalled, or the complaint is decided; dispatch a new one (R102)",
        lambda ask: ask.ended or ask.slip.status in OVER,
    ),
)
"""What is refused of every command."""

DEPARTMENT = Refusal(
    "NotAuthorised",
    "this is for the coordinator or the head of the department that has the slip (R037)",
    lambda ask: not _of_department(ask),
)
SERVICE = Refusal(
    "NotAuthorised",
    "this is for customer service of the unit that handles the complaint, or above it (R006)",
    lambda ask: not _of_service(ask),
)
ANSWERED = Refusal("SlipAnswered", "the slip was answered", lambda ask: ask.slip.status == "answered")
NOT_ACCEPTED = Refusal(
    "SlipNotAccepted", "the department has not accepted the slip", lambda ask: ask.slip.status == "dispatched"
)

ROWS: dict[type[cmd.SlipCommand], Sequence[Refusal]] = {
    cmd.AcceptSlip: (
        DEPARTMENT,
        ANSWERED,
        Refusal("SlipAccepted", "the slip was accepted before", lambda ask: ask.slip.status == "accepted"),
    ),
    cmd.ReturnSlip: (DEPARTMENT, ANSWERED),
    cmd.ReportProgress: (DEPARTMENT, NOT_ACCEPTED, ANSWERED),
    cmd.AnswerSlip: (DEPARTMENT, NOT_ACCEPTED, ANSWERED),
    cmd.SendBackSlip: (
        SERVICE,
        Refusal(
            "SlipNotAnswered",
            "only findings can be sent back for re-investigation (R020)",
            lambda ask: ask.slip.status != "answered",
        ),
    ),
    cmd.RecallSlip: (SERVICE, ANSWERED),
}
"""What is refused of each command, in the order in which it is looked at."""
