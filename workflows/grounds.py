"""Grounds of refusal that several commands share, and the questions to the case behind them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from temporalio.exceptions import ApplicationError

from models.letter_words import LETTERS, letter_hash
from models.reach import ways
from rulebook import events as ev
from rulebook.duty import Duty
from rulebook.errors import CalendarError
from rulebook.notice import parse_notice
from workflows.case import Case
from workflows.notices import Owed, owed
from workflows.refusal import Ask, Refusal, refused

SKIPPABLE = frozenset({"investigation", "callback", "reminder", "archive"})
"""The steps, by the first part of their names, that a person can take over by doing the same outside the system."""


def request(ask: Ask) -> Any:
    return ask.case.state.extensions.get(ask.command.request)


def needs(*roles: str) -> Refusal:
    return Refusal(
        "NotAuthorised", f"this takes one of the roles {', '.join(roles)}", lambda ask: not ask.who.has(*roles)
    )


def elsewhere(ask: Ask) -> bool:
    assigned = ask.case.state.assigned
    here = assigned is not None and (ask.who.unit, ask.who.department) == (assigned.unit, assigned.department)
    return not here and not coordinates(ask)


def coordinates(ask: Ask) -> bool:
    assigned = ask.case.state.assigned
    return assigned is not None and ask.who.id == assigned.coordinator


def shared(ask: Ask) -> bool:
    """Several departments have slips: then only the main handler talks to the customer (R104)."""
    return len({slip.dispatched.department for slip in ask.case.state.slips.values()}) > 1


def beyond_reach(ask: Ask) -> bool:
    """Nobody gave a name, an address or a policy: there is no way to try (art. 21)."""
    intake = ask.case.intake
    known = ways(intake, ask.command.kind, ask.case.contact) or (intake.policy and intake.policy.number)
    return intake.complainant.kind == "unnamed" and not known


def still_reachable(ask: Ask) -> bool:
    rule = ask.case.pack.unreachable
    if rule is None or beyond_reach(ask):
        return False
    in_vain: list[ev.ContactAttempted] = []
    for contact in ask.case.state.contacts:
        in_vain = [] if contact.reached else [*in_vain, contact]
    days = {ask.case.day(contact.at) for contact in in_vain}
    channels = {contact.method for contact in in_vain}
    return len(in_vain) < rule.attempts or len(days) < rule.days or len(channels) < rule.channels


def misfit(ask: Ask) -> bool:
    try:
        ask.case.clock.calendar.with_notice(parse_notice(ask.command.notice))
    except CalendarError:
        return True
    return False


def window_shut(ask: Ask) -> bool:
    window = ask.case.clock.duty("review_window")
    handed_in = ask.command.at or ask.now
    if window is None or window.status not in {"open", "window_closed"}:
        return True
    return window.due is not None and handed_in >= window.due


def shortens_into_the_past(ask: Ask) -> bool:
    duty = ask.case.decide
    if ask.command.complexity != "simple" or ask.case.state.complexity == "simple" or duty is None:
        return False
    simple = duty.rule.choose({"complexity": "simple", "severity": ask.command.severity})
    first = next((version for version in duty.versions if version.limit == simple), None)
    return first is not None and first.due is not None and first.due <= ask.now


def rests_on(name: str, instant: Callable[[Case], datetime | None]) -> Refusal:
    def too_early(ask: Ask) -> bool:
        # What gives no instant is done now, in knowledge of all that the case holds, even if a slip's clock ran ahead.
        at, before = ask.command.at, instant(ask.case)
        return at is not None and before is not None and at < before

    return Refusal("OutOfOrder", f"it cannot lie before {name}, on which it rests", too_early)


def came_first(ask: Ask) -> bool:
    decision = ask.case.state.decision
    return decision is not None and ask.command.at is not None and ask.command.at < decision.at


def unless_it_came_first(row: Refusal) -> Refusal:
    return Refusal(row.code, row.sentence, lambda ask: row.applies(ask) and not came_first(ask))


def open_duties(ask: Ask) -> list[Duty]:
    return [duty for duty in ask.case.clock.open_duties if duty.kind == "duty"]


@dataclass(frozen=True, slots=True)
class OpenDuties(Refusal):
    """A row that names the duties which are open, each with its citation, before its sentence with the remedy."""

    def verdict(self, ask: Ask) -> ApplicationError | None:
        """Return the refusal that names what is still to be done, None if nothing is."""
        if not self.applies(ask):
            return None
        names = (f"{duty.key} {duty.rule.title.zh} ({duty.rule.citation})" for duty in open_duties(ask))
        return refused(self.code, f"still open: {', '.join(names)}; {self.sentence}")


def closes_on_own_record(ask: Ask) -> bool:
    held = ask.case.state.handling.met_on("close_without_agreement")
    return held is not None and held.by == ask.command.actor and not ask.case.state.agreed


def departs_from_what_was_signed(ask: Ask) -> bool:
    """Say whether a decision has other words than a text that everybody signed, after the newest facts (art. 18(3))."""
    facts_at, words = ask.case.facts_at, letter_hash(ask.command)
    signed = (ask.case.state.handling.signed(purpose) for purpose in LETTERS)
    asked = [one.asked for one in signed if one is not None and (facts_at is None or one.asked.at >= facts_at)]
    return any(one.letter not in {None, words} for one in asked)


def named(ask: Ask) -> list[Owed]:
    kind, ref = ask.command.kind, ask.command.ref
    return [notice for notice in owed(ask.case) if notice.kind == kind and ref in {None, notice.ref}]


CLOSED = Refusal(
    "CaseClosed", "the case is closed; the remedy is a review (art. 20)", lambda ask: ask.case.state.closed is not None
)
OVER = Refusal("CaseEnded", "the procedure has ended (art. 15, 18)", lambda ask: ask.case.over)
DECIDED = Refusal("AlreadyDecided", "the decision has been made", lambda ask: ask.case.state.decision is not None)
TOLD = Refusal(
    "AlreadyTold",
    "the complainant has been told the decision; the remedy is a review (art. 20)",
    lambda ask: ask.case.decided_and_told,
)
OPEN = (CLOSED, OVER)
UNDECIDED = (CLOSED, OVER, DECIDED)
OURS = Refusal(
    "OtherUnit",
    "this is for the unit complained of, the one that handles it, or one above them (属地管理、分级负责, art. 9)",
    lambda ask: not ask.who.concerned,
)
SERVICE = (needs("customer_service", "handler"), OURS)
PASSED = Refusal(
    "DeadlinePassed",
    "the deadline has passed; nothing moves it any more (art. 18)",
    lambda ask: ask.case.too_late(ask.command.at or ask.now),
)
NOW_ONLY = Refusal(
    "InstantNotAllowed",
    "an extension is asked for and settled now, not as of another instant",
    lambda ask: ask.command.at is not None,
)
UNEXTENDED = Refusal(
    "NotInRules",
    "the rules to which the complaint is pinned know no extension",
    lambda ask: ask.case.decide is not None and ask.case.decide.rule.extension is None,
)
TOO_LONG = Refusal(
    "ExtensionTooLong",
    "the rules grant less further time at once (30 days, art. 18)",
    lambda ask: (
        ask.case.extension is not None and ask.command.days > ask.case.pack.limit(ask.case.extension.limit).amount
    ),
)
NO_SUCH_GROUND = Refusal(
    "NotInRules",
    "the rules to which the complaint is pinned leave no time out on this ground",
    lambda ask: ask.case.decide is not None and ask.command.ground not in ask.case.decide.rule.pauses,
)
NO_REQUEST = Refusal("NoSuchRequest", "there is no such extension request", lambda ask: request(ask) is None)
SETTLED = Refusal(
    "AlreadySettled", "the extension request has been settled", lambda ask: request(ask).status != "requested"
)
FORWARDED: Sequence[Refusal] = (
    Refusal("NotForwarded", "no regulator forwarded the complaint", lambda ask: ask.case.intake.forwarding is None),
    Refusal("AlreadyAnswered", "the written report was sent", lambda ask: ask.case.state.handling.answered is not None),
)
NEW_DAY: Sequence[Refusal] = (
    Refusal(
        "DayBeforeDemand",
        "the last day for an answer cannot lie before the day on which it was set; give that day's instant as well",
        lambda ask: ask.command.last_day < ask.case.day(ask.command.at or ask.now),
    ),
    Refusal(
        "NothingChanged",
        "this is the day that stands",
        lambda ask: (
            (stands := ask.case.state.handling.demanded) is not None and stands.last_day == ask.command.last_day
        ),
    ),
)
OTHER_TEXT = Refusal(
    "OtherText",
    "the letter is not the text that was signed; decide in its words, or have the new ones signed (R119, R134)",
    departs_from_what_was_signed,
)
CLOSED_BY_TWO = Refusal(
    "SelfApproval",
    "whoever recorded the committee's meeting does not close the case on its resolution; a colleague does (four eyes, R150)",
    closes_on_own_record,
    since="closed-by-two",
)
NOT_OWED = Refusal("NothingToTell", "no such notice is owed", lambda ask: not named(ask))
TOO_EARLY = Refusal(
    "NoticeTooEarly",
    "nobody can be told before it happened; give the instant at which the notice was sent",
    lambda ask: ask.command.at is not None and any(ask.command.at < notice.since for notice in named(ask)),
)
UNDERWAY = Refusal(
    "DecisionUnderway",
    "the decision is on its way to the complainant; once told, the remedy is a review (art. 20)",
    lambda ask: ask.case.state.decision is not None and not ask.case.stands("notice.decision"),
)
DUTY_OPEN = OpenDuties(
    "DutyOpen",
    "every open duty comes before closure; a notice can be recorded by hand, or exempted (art. 18(2), 21)",
    lambda ask: bool(open_duties(ask)),
)
