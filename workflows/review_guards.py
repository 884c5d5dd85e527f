"""Who may ask what of a review (核查, art. 20), and when: every refusal is a row with its code, sentence and condition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models import commands as cmd
from models import handling_commands as hcmd
from models.actor import Actor
from models.handling import Handling
from rulebook import events as ev
from workflows.refusal import Refusal, judged, refused


@dataclass(frozen=True, slots=True)
class ReviewAsk:
    """A command to a review in its moment; *other* is the person whom the command names, *barred* who may not act."""

    requested: ev.ReviewRequested
    handling: Handling
    decided: bool
    command: Any
    actor: Actor | None
    now: datetime
    barred: frozenset[str]
    other: Actor | None = None

    @property
    def who(self) -> Actor:
        """The person who asks; known, once the first rows have passed."""
        if self.actor is None:
            raise refused("UnknownActor", "the organisation data knows no such person")
        return self.actor


def check(ask: ReviewAsk) -> None:
    """Raise the first refusal that applies to *ask*; return if it may be obeyed."""
    for row in (*EVERY, *ROWS[type(ask.command)]):
        if error := judged(row, ask):
            raise error


EVERY: Sequence[Refusal] = (
    Refusal("UnknownActor", "the organisation data knows no such person", lambda ask: ask.actor is None),
    Refusal("FutureInstant", "a fact cannot lie in the future", lambda ask: (ask.command.at or ask.now) > ask.now),
    Refusal(
        "OutOfOrder",
        "it cannot lie before the request for a review, on which it rests",
        lambda ask: ask.command.at is not None and ask.command.at < ask.requested.at,
    ),
    Refusal("ReviewDecided", "the review has been decided", lambda ask: ask.decided),
    Refusal(
        "NotAuthorised", "a review is decided by the superior institution (art. 20)", lambda ask: not ask.who.superior
    ),
    Refusal(
        "TookPart",
        "who took part in the first decision, or is complained of, cannot review it (art. 17, 20)",
        lambda ask: ask.who.id in ask.barred,
    ),
)
"""What is refused of every command."""

ROWS: dict[type[cmd.Command], Sequence[Refusal]] = {
    hcmd.AppointReviewer: (
        Refusal("UnknownReviewer", "the organisation data knows no such reviewer", lambda ask: ask.other is None),
        Refusal(
            "TookPart",
            "the reviewer took part in the first decision, or is complained of (art. 17, 20)",
            lambda ask: ask.command.reviewer in ask.barred,
        ),
        Refusal(
            "NotAuthorised",
            "the reviewer must belong to the superior institution (art. 20)",
            lambda ask: ask.other is not None and not ask.other.superior,
        ),
    ),
    hcmd.ExamineReview: (
        Refusal(
            "NotReviewer",
            "the examination is reported by the reviewer who was appointed",
            lambda ask: ask.handling.reviewer is None or ask.handling.reviewer.reviewer != ask.who.id,
        ),
    ),
    cmd.DecideReview: (
        Refusal(
            "ExaminationMissing",
            "the reviewer has not reported on process, time limits and result (art. 20)",
            lambda ask: ask.handling.examination is None,
        ),
        Refusal(
            "NothingChanged",
            "only a review that changes the decision sets another liability",
            lambda ask: ask.command.outcome == "upheld" and ask.command.liability is not None,
        ),
        Refusal(
            "SelfApproval",
            "who examined the first decision does not decide on the review (four eyes)",
            lambda ask: ask.handling.reviewer is not None and ask.handling.reviewer.reviewer == ask.who.id,
        ),
    ),
}
"""What is refused of each command, in the order in which it is looked at."""
