"""What an insurer's own rules make of a complaint: origin, material, sign-offs, major cases, the customer's answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from rulebook.event import Event, Liability, NoticeKind
from rulebook.scalars import Amount, Day, Flag, Hashes, Prose, Word, Words

Origin = Literal["own", "written", "elsewhere", "superior", "forwarded"]
"""
Where a complaint came from: to customer service itself (*own*), by letter or e-mail (*written*), from another department or
a third body (*elsewhere*), from the superior company (*superior*), or forwarded by the regulator (监管转办, *forwarded*)
(R018, R064, R069, R145).
"""

Purpose = Literal[
    "written_reply", "regulator_report", "public_answer", "records_release", "unreachable", "vexatious", "solution"
]
"""
What a sign-off (会签) is asked for: a written reply (R134), the report to the regulator (R076), an answer on a public site
(R066), records for an outside body (R196), to give up telling the unreachable (R152), a vexatious flag (R024), a solution
(R119).
"""

Capacity = Literal["countersign", "legal", "general_manager", "leader"]
"""In which capacity one signs: customer service (会签), legal (法律审核), the general manager, the department's leader."""

CountingGround = Literal["staff_grievance", "settled_on_the_spot", "litigation_before"]
"""Why the company's own statistics leave a complaint out (R080, R081, R082); it is registered and handled all the same."""


class IntakeExamined(Event):
    """The complaint was looked at on arrival: where it came from, and what the complainant may be asked for (R073–R075)."""

    type: Literal["intake_examined"] = "intake_examined"
    origin: Origin
    lacks: Words = ()

    def facts(self) -> Mapping[str, str]:
        """Return the origin, and whether material is lacking."""
        return {"origin": self.origin, "material": "lacking" if self.lacks else "complete"}


class MaterialRequested(Event):
    """The complainant was to be asked for what is missing (补充提供, R074); no clock of the statute stops for it (C5)."""

    type: Literal["material_requested"] = "material_requested"
    request: Word
    codes: Words
    text: Prose


class MaterialReceived(Event):
    """The complainant handed in what had been asked for."""

    type: Literal["material_received"] = "material_received"
    codes: Words
    evidence: Hashes = ()


class ProgressWritten(Event):
    """What the complainant is to be told about the progress of a complex complaint (R117)."""

    type: Literal["progress_written"] = "progress_written"
    progress: Word
    text: Prose


class AnswerDemanded(Event):
    """The regulator forwarded the complaint and set the last day for a written report (art. 33, R076)."""

    type: Literal["answer_demanded"] = "answer_demanded"
    body: Word
    reference: Word | None = None
    last_day: Day


class RegulatorAnswered(Event):
    """The written report went to the body that forwarded the complaint (R076)."""

    type: Literal["regulator_answered"] = "regulator_answered"
    sign_off: Word
    report: Word
    proof: Word


class SignOffRequested(Event):
    """
    A text was put before those who must sign it; who that is the rules say by its purpose (R066, R134, R152, R196).

    *letter* is the hash of the words for the letter about the decision, where the text has them (R134).
    """

    added: ClassVar[frozenset[str]] = frozenset({"letter"})

    type: Literal["sign_off_requested"] = "sign_off_requested"
    sign_off: Word
    purpose: Purpose
    text: Prose
    letter: Word | None = None


class SignOffGiven(Event):
    """Somebody signed in one capacity; *complete* says that nobody is left to sign."""

    type: Literal["sign_off_given"] = "sign_off_given"
    sign_off: Word
    purpose: Purpose
    capacity: Capacity
    complete: Flag
    remarks: Prose = ""


class SignOffRefused(Event):
    """Somebody refused to sign, with the reason: a new text is needed."""

    type: Literal["sign_off_refused"] = "sign_off_refused"
    sign_off: Word
    purpose: Purpose
    capacity: Capacity
    reason: Prose


class Released(Event):
    """Records were handed to an outside body, or a public answer was published, as signed off (R066, R196)."""

    type: Literal["released"] = "released"
    sign_off: Word
    proof: Word


class CommitteeMet(Event):
    """The complaint committee (客户投诉工作协调委员会) resolved on the complaint (R004, R005, R118, R137, R150)."""

    type: Literal["committee_met"] = "committee_met"
    meeting: Word
    subject: Literal["major", "close_without_agreement", "final_opinion", "liability", "difficult"]
    members: Words
    resolution: Prose
    lawful: Flag = False

    def qualifier(self) -> str:
        """Return the subject."""
        return self.subject


class LiabilityRuled(Event):
    """The committee ruled on liability and causes where departments disagreed (R005); it stands in for the decision's."""

    type: Literal["liability_ruled"] = "liability_ruled"
    meeting: Word
    liability: Liability
    causes: Words

    def facts(self) -> Mapping[str, str]:
        """Return the liability."""
        return {"liability": self.liability}


class ContingencyStarted(Event):
    """The contingency plan for major complaints was put into action (应急预案, art. 29, R177)."""

    type: Literal["contingency_started"] = "contingency_started"
    plan: Word
    lead: Word
    steps: Words


class ReportedUp(Event):
    """A major case was reported to the superior company or the regulator (R016, R169–R172, R177)."""

    type: Literal["reported_up"] = "reported_up"
    to: Literal["superior_company", "head_office", "regulator"]
    document: Word
    urgent: Flag = False
    proposal: Prose = ""

    def qualifier(self) -> str:
        """Return to whom."""
        return self.to


class EndReported(Event):
    """The whole course of a major case was reported after its end (R172)."""

    type: Literal["end_reported"] = "end_reported"
    document: Word


class Escalated(Event):
    """
    The customer took an earlier complaint further (投诉升级, R166): to a superior company, the media or an outside body.

    *responsible* says that the earlier case was closed as such; how much it weighs is for a counting profile to say.
    """

    type: Literal["escalated"] = "escalated"
    earlier: Word
    to: Literal["superior_company", "media", "regulator", "association"]
    responsible: Flag


class CountingExcluded(Event):
    """The company's statistics leave the complaint out (R080–R082); the law's do not (art. 2, C8)."""

    type: Literal["counting_excluded"] = "counting_excluded"
    ground: CountingGround
    reason: Prose


class Absorbed(Event):
    """Another complaint about the same matter was merged into this one (合并处理, art. 18(3))."""

    type: Literal["absorbed"] = "absorbed"
    complaint: Word


class VexatiousFlagged(Event):
    """
    The complainant was put on file as vexatious (无理缠访, R024).

    Restricted, reasoned, ending with the day *until*, and without effect on the right to complain (C17).
    """

    type: Literal["vexatious_flagged"] = "vexatious_flagged"
    sign_off: Word
    reason: Prose
    evidence: Hashes
    until: Day


class VexatiousLifted(Event):
    """The flag was taken back."""

    type: Literal["vexatious_lifted"] = "vexatious_lifted"
    reason: Prose


class CustomerResponded(Event):
    """What the customer said to the decision (R136, R137): agreement makes it an agreed one (R149)."""

    type: Literal["customer_responded"] = "customer_responded"
    accepts: Flag
    impact: Literal["ordinary", "large"] = "ordinary"
    summary: Prose

    def qualifier(self) -> Literal["accepts", "refuses", "refuses_large"]:
        """Return the answer, and whether the impact of a refusal is large (R137)."""
        if self.accepts:
            return "accepts"
        return "refuses_large" if self.impact == "large" else "refuses"


class FinalOpinionGiven(Event):
    """The committee fixed the final opinion for a customer who is not to be satisfied (R138)."""

    type: Literal["final_opinion_given"] = "final_opinion_given"
    meeting: Word
    opinion: Prose


class ExemptionLifted(Event):
    """The complainant was reached after all: what need not be told must be told again (R152, C19)."""

    type: Literal["exemption_lifted"] = "exemption_lifted"
    kind: NoticeKind
    ref: Word | None = None

    def qualifier(self) -> str:
        """Return the kind of notice."""
        return self.kind


class Reopened(Event):
    """A case closed over an unreachable complainant was opened again, because contact was made (C19)."""

    type: Literal["reopened"] = "reopened"
    reason: Prose


class ClosureDelegated(Event):
    """The province left the closure of a forwarded complaint to a city (R145)."""

    type: Literal["closure_delegated"] = "closure_delegated"
    unit: Word
    reason: Prose


class FaultDescribed(Event):
    """What was wrong with the system: a complaint of type 12 cannot be closed without it (R096)."""

    type: Literal["fault_described"] = "fault_described"
    fault: Prose


class MeasureRecorded(Event):
    """
    A measure for the customer or the company, taken, or planned for its *last_day*, with its amount if it has one.

    Requirements R120, R121 and R154.
    """

    type: Literal["measure_recorded"] = "measure_recorded"
    measure: Prose
    status: Literal["taken", "planned"]
    last_day: Day | None = None
    amount: Amount | None = None
    currency: Word = "CNY"

    def qualifier(self) -> str:
        """Return whether it was taken or planned."""
        return self.status


class CaseSummarised(Event):
    """The summary after the case: lessons, and for group and difficult cases trend and stability measures (R154, R155)."""

    type: Literal["case_summarised"] = "case_summarised"
    summary: Prose
    improvements: Prose = ""
    trend: Prose = ""
    stability: Prose = ""


class ReviewerAppointed(Event):
    """The superior institution named who examines the first decision: nobody who took part in it (art. 20)."""

    type: Literal["reviewer_appointed"] = "reviewer_appointed"
    review: Word
    unit: Word
    reviewer: Word


class ReviewExamined(Event):
    """What the reviewer found on process, time limits and result (art. 20)."""

    type: Literal["review_examined"] = "review_examined"
    review: Word
    process: Prose
    time_limits: Prose
    result: Prose
