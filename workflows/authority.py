"""Rows of guards that ask the pack's authority matrix: who may do what, at which level, in which case."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio.exceptions import ApplicationError

from models.reach import ways
from rulebook.authority import Act, applying
from rulebook.event import Event
from rulebook.events import Purpose
from workflows.refusal import Ask, Refusal, refused


@dataclass(frozen=True, slots=True)
class Authorisation(Refusal):
    """A row whose code and sentence are those of the rule that refused."""

    act: Act = "close"

    def verdict(self, ask: Ask) -> ApplicationError | None:
        """Return the refusal of the first rule that does not allow it; of this row, if no rule speaks about it at all."""
        if not self.applies(ask):
            return None
        rules = list(applying(ask.case.pack, self.act, facts_of(ask)))
        on_record = evidence(ask)
        for rule in rules:
            if not rule.allows(ask.who.level, ask.who.roles, ask.who.department_kind, on_record):
                return refused(rule.code, f"{rule.text.zh} {rule.text.en} ({rule.citation})")
        return None if rules else refused(self.code, self.sentence)


def authorised(act: Act) -> Authorisation:
    """Return the row that refuses *act* to whom the rules of the complaint do not allow it."""
    return Authorisation("NotAuthorised", "the rules of this complaint give this to nobody", lambda _: True, act)


def authorised_without_agreement() -> Authorisation:
    """
    Return the row about closing a case to which the customer does not agree (R150).

    Whoever could not be reached has not disagreed: then it takes the leader's consent to tell nobody (R152), and no more.
    """
    return Authorisation(
        "CommitteeOnly",
        "without the customer's agreement only the committee closes (R150)",
        _disagrees,
        "close_without_agreement",
    )


def _disagrees(ask: Ask) -> bool:
    state = ask.case.state
    # What the superior institution has reviewed needs no committee to find it lawful.
    return state.decision is not None and not state.agreed and not _unreached(ask) and state.review_decided is None


def _unreached(ask: Ask) -> bool:
    return ask.case.state.exempt("decision") and ask.case.state.handling.response is None


def facts_of(ask: Ask) -> dict[str, str]:
    """Return what the conditions of the matrix may read of the case and the command."""
    case, state = ask.case, ask.case.state
    delegated = state.handling.delegated_to
    asked = state.handling.sign_offs.get(getattr(ask.command, "sign_off", ""))
    told_by = ways(case.intake, "decision", case.contact)
    facts = {
        "origin": case.intake.origin,
        "severity": state.severity,
        "result": state.liability or "",
        "agreed": "yes" if state.agreed else "no",
        "delegated": "yes" if delegated is not None and delegated == ask.who.unit else "no",
        "system": "yes" if "system" in state.categories else "no",
        "reply": "written" if told_by and told_by[0][0] == "letter" else "other",
        "purpose": asked.asked.purpose if asked else getattr(ask.command, "purpose", ""),
        "capacity": getattr(ask.command, "capacity", ""),
    }
    return {name: value for name, value in facts.items() if value}


def evidence(ask: Ask) -> frozenset[str]:
    """
    Return what is on record of all that a rule may need.

    What was signed, or resolved by the committee, before the newest facts (art. 18(3)) was about another decision; of
    several meetings on one subject the newest counts.
    """
    state, handling, facts_at = ask.case.state, ask.case.state.handling, ask.case.facts_at

    def stands(event: Event | None) -> bool:
        return event is not None and (facts_at is None or event.at >= facts_at)

    found_lawful = handling.met_on("close_without_agreement")

    def signed(purpose: Purpose) -> bool:
        text = handling.signed(purpose)
        return text is not None and stands(text.asked)

    found = {
        "sign_off:written_reply": signed("written_reply"),
        "sign_off:solution": signed("solution"),
        "committee:major": stands(handling.met_on("major")),
        "committee:close_without_agreement": found_lawful is not None and found_lawful.lawful and stands(found_lawful),
        "liability": state.liability is not None and state.decision is not None and bool(state.decision.causes),
        "fault": handling.fault is not None,
    }
    return frozenset(name for name, there in found.items() if there)
