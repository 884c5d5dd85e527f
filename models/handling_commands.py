"""What an insurer's own rules let people ask of a running complaint, beside the commands of the statute."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from models.commands import Command
from models.identifiers import DepartmentCode, PersonId, UnitCode
from models.letter_words import LETTER_PARTS, LETTERS
from models.vocabulary import Category
from rulebook.events import Capacity, CountingGround, Liability, Purpose
from rulebook.scalars import (
    MOST,
    Amount,
    Day,
    Flag,
    Hashes,
    Line,
    Narrative,
    Prose,
    Reason,
    Reference,
    Remark,
    Sha256,
    Word,
)


class Dispatch(Command):
    """
    Send a dispatch slip (会办单) to a department, by category or by name (R100–R103).

    With *category* the organisation data say who handles it; *unit*, *department* and *coordinator* name somebody instead.
    *replaces* is the slip that was returned (R102). *copies* are departments that get a copy. *opinion* is the first opinion
    on the matter (初步处理意见, R017).
    """

    category: Category | Literal["suspected_violation"] | None = None
    unit: UnitCode | None = None
    department: DepartmentCode | None = None
    coordinator: PersonId | None = None
    copies: tuple[DepartmentCode, ...] = Field(default=(), max_length=MOST)
    replaces: Line | None = None
    reason: Reason
    opinion: Prose = ""


class RequestMaterial(Command):
    """Ask the complainant for what is missing (补充提供, R074); no statutory clock stops for it (C5)."""

    codes: tuple[Line, ...] = Field(min_length=1, max_length=MOST)
    text: Narrative


class RecordMaterial(Command):
    """Record what the complainant handed in (R074)."""

    codes: tuple[Line, ...] = Field(min_length=1, max_length=MOST)
    evidence: Hashes = ()


class WriteProgress(Command):
    """Tell the complainant how the complaint stands (R117); the letter follows by itself."""

    text: Narrative


class WriteHolding(Command):
    """Tell the complainant, before the limit ends, why there is no answer yet and by which *last_day* one is expected."""

    reason: Narrative
    last_day: Day


class RecordScheme(Command):
    """Record that the complainant took the complaint to an outside scheme of the rules, such as an ombudsman."""

    scheme: Line
    reference: Reference


class RequestSignOff(Command):
    """
    Put a text before those who must sign it (会签): opinion letter (R134), release (R196), public answer (R066).

    An opinion letter, or a solution, may carry the very words of the decision that they sign: *decision*, *verification*,
    *basis* and *reasons*, all four. The decision is then made in these words and in no others.
    """

    purpose: Purpose
    text: Narrative
    decision: Narrative | None = None
    verification: Narrative | None = None
    basis: Narrative | None = None
    reasons: Narrative | None = None

    @model_validator(mode="after")
    def _words_of_one_letter(self) -> Self:
        given = [getattr(self, part) is not None for part in LETTER_PARTS]
        if any(given) and not (all(given) and self.purpose in LETTERS):
            raise PydanticCustomError(
                "letter_words",
                "decision, verification, basis and reasons go together, with an opinion letter or a solution",
            )
        return self


class SignOff(Command):
    """Sign in one capacity, as another person than the author (four eyes)."""

    sign_off: Line
    capacity: Capacity
    remarks: Remark = ""


class RefuseSignOff(Command):
    """Refuse to sign in one capacity, with the reason; a new text is needed then."""

    sign_off: Line
    capacity: Capacity
    reason: Reason


class DemandAnswer(Command):
    """
    Set or change the last day on which the body that forwarded the complaint wants a written report (art. 33, R076).

    *reference* is the number of the letter that sets it. No other deadline moves: the earliest of all comes first.
    """

    last_day: Day
    reference: Reference


class AnswerRegulator(Command):
    """Record that the written report, signed off where the rules say so, went to the body that forwarded it (R076)."""

    sign_off: Word = ""
    report: Reference
    proof: Reference


class Release(Command):
    """Record that records were handed out, or a public answer was published, as signed off (R066, R196)."""

    sign_off: Line
    proof: Reference


class RecordCommittee(Command):
    """Record what the complaint committee (客户投诉工作协调委员会) resolved (R004, R118, R137, R150)."""

    subject: Literal["major", "close_without_agreement", "final_opinion", "liability", "difficult"]
    members: tuple[Line, ...] = Field(min_length=2, max_length=MOST)
    resolution: Narrative
    lawful: Flag = False


class RuleLiability(Command):
    """Rule on liability and causes where departments disagree, by a meeting of the committee (R005)."""

    meeting: Line
    liability: Liability
    causes: tuple[Line, ...] = Field(min_length=1, max_length=MOST)


class StartContingency(Command):
    """Put the contingency plan for major complaints into action (应急预案, art. 29, R177)."""

    plan: Reference
    lead: Line
    steps: tuple[Line, ...] = Field(min_length=1, max_length=MOST)


class ReportUp(Command):
    """Report a major case to the superior company, the head office or the regulator (R169–R172, R177)."""

    to: Literal["superior_company", "head_office", "regulator"]
    document: Reference
    urgent: Flag = False
    proposal: Prose = ""


class ReportEnd(Command):
    """Report the whole course of a major case after its end (R172)."""

    document: Reference


class ExcludeFromCount(Command):
    """Leave the complaint out of the company's own statistics (R080–R082); it is handled all the same (C8)."""

    ground: CountingGround
    reason: Reason


class FlagVexatious(Command):
    """Put the complainant on file as vexatious (无理缠访, R024) until a day, as signed off; no right is lost (C17)."""

    sign_off: Line
    reason: Reason
    evidence: tuple[Sha256, ...] = Field(min_length=1, max_length=MOST)
    until: Day


class LiftVexatious(Command):
    """Take the vexatious flag back."""

    reason: Reason


class RecordResponse(Command):
    """Record what the customer said to the decision (R136, R137)."""

    accepts: Flag
    impact: Literal["ordinary", "large"] = "ordinary"
    summary: Narrative


class GiveFinalOpinion(Command):
    """Answer with the committee's final opinion a customer who is not to be satisfied (R138)."""

    meeting: Line
    opinion: Narrative


class DelegateClosure(Command):
    """Leave the closure of a forwarded complaint to a city, as the province (R145)."""

    unit: UnitCode
    reason: Reason


class DescribeFault(Command):
    """Describe what was wrong with the system: type 12 cannot be closed without it (R096)."""

    fault: Narrative


class RecordMeasure(Command):
    """Record a measure taken, or planned for a day, with its amount in yuan if it has one (R120, R154)."""

    measure: Narrative
    status: Literal["taken", "planned"]
    planned_for: Day | None = None
    amount: Amount | None = None


class Summarise(Command):
    """Summarise the case: lessons, and trend and stability measures of a group or difficult one (R154, R155)."""

    summary: Narrative
    improvements: Prose = ""
    trend: Prose = ""
    stability: Prose = ""


class AppointReviewer(Command):
    """Name who examines the first decision, as the superior institution: nobody who took part in it (art. 20)."""

    reviewer: Line


class ExamineReview(Command):
    """Report what the examination found on process, time limits and result, as the reviewer (art. 20)."""

    process: Narrative
    time_limits: Narrative
    result: Narrative
