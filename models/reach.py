"""By which way a complainant is reached (art. 21): the same answer for who writes a letter and for who waits with it."""

from __future__ import annotations

from models.intake import Intake
from models.parties import Contact
from rulebook.events import NoticeKind


def ways(intake: Intake, kind: NoticeKind, contact: Contact | None = None) -> list[tuple[str, str]]:
    """
    Return the methods, each with its address, by which the complainant, or else the agent, is told of *kind*, best first.

    A refusal reaches whoever submitted the complaint and nobody else (art. 18(4)). The preferred way comes first. Empty when
    the complaint names none. *contact* are the complainant's own details, where newer ones than those of *intake* are known.
    """
    agent = intake.agent.contact if intake.agent else None
    contacts = (agent,) if kind == "refusal" and intake.agent else (contact or intake.complainant.contact, agent)
    return [(method, address) for one in contacts if one for method, address in _ways(one) if address]


def _ways(contact: Contact) -> list[tuple[str, str | None]]:
    named = [("email", contact.mailbox), ("sms", contact.phone), ("letter", contact.address)]
    return sorted(named, key=lambda way: way[0] != contact.preferred)
