"""When the complainant may be told on the way, and what is noted of the answer: for every pack that asks for it."""

from __future__ import annotations

from collections.abc import Sequence

from models import commands as base
from models import handling_commands as cmd
from workflows.grounds import OPEN, OURS, SERVICE, UNDECIDED, needs
from workflows.refusal import Refusal


def asked_for(*events: str) -> Refusal:
    """Refuse unless the rules, whoever's they are, ask for one of *events*."""
    return Refusal(
        "NotInRules",
        "the complaint is pinned to rules that know nothing of this",
        lambda ask: not any(map(ask.case.knows, events)),
    )


TELLING_ROWS: dict[type[base.Command], Sequence[Refusal]] = {
    cmd.WriteProgress: (asked_for("notice_given.progress"), *UNDECIDED, *SERVICE),
    cmd.WriteHolding: (
        asked_for("holding_written", "notice_given.holding"),
        *UNDECIDED,
        *SERVICE,
        Refusal(
            "DayPast",
            "the day by which an answer is expected lies after today",
            lambda ask: ask.command.last_day <= ask.case.day(ask.now),
        ),
    ),
    cmd.RecordScheme: (
        Refusal(
            "UnknownScheme",
            "the rules of this complaint name no such outside scheme",
            lambda ask: ask.command.scheme not in ask.case.pack.schemes,
        ),
        *SERVICE,
    ),
    cmd.RecordResponse: (
        asked_for("customer_responded"),
        *OPEN,
        Refusal(
            "NotTold",
            "the complainant has not been told the decision (art. 18)",
            lambda ask: not ask.case.decided_and_told,
        ),
        needs("customer_service", "handler", "callback"),
        OURS,
    ),
}
"""What is refused of each of these commands, in the order in which it is looked at."""
