"""What people and the machine do with a complaint, from receipt to review."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from rulebook.event import Complexity, ContactPart, Event, Liability, NoticeKind
from rulebook.scalars import DocumentNumber, Flag, Hashes, Instant, Prose, Whole, Word, Words


class Received(Event):
    """The complaint reached the insurer (收到): the statutory clock starts (art. 18(1))."""

    type: Literal["received"] = "received"
    content_hash: Word
    channel: Word
    unit: Word
    categories: Words = ()
    complexity: Complexity | None = None
    severity: Literal["general", "important", "major"] = "general"
    earlier_complaint: Word | None = None

    def facts(self) -> Mapping[str, str]:
        """Return the severity, and the complexity if whoever took the complaint in judged it."""
        judged = {"complexity": self.complexity} if self.complexity else {}
        return {"severity": self.severity, **judged}


class Imported(Event):
    """
    The complaint came from another system (迁入), with *events* events that happened to it there: the next in the record.

    *source* names that system, *digest* is the SHA-256 of the file and its mapping, *by* the person who had it imported.
    What follows keeps its own legal instants and the people who acted.
    """

    type: Literal["imported"] = "imported"
    source: Word
    digest: Word
    events: Whole


class Acknowledged(Event):
    """The complainant was given a ticket number (R062, R069)."""

    type: Literal["acknowledged"] = "acknowledged"
    ticket: Word


class Classified(Event):
    """Complexity, severity and categories were set or changed, with the reason (art. 18(1), R084)."""

    type: Literal["classified"] = "classified"
    complexity: Complexity
    severity: Literal["general", "important", "major"] = "general"
    categories: Words = ()
    reason: Prose

    def facts(self) -> Mapping[str, str]:
        """Return complexity and severity."""
        return {"complexity": self.complexity, "severity": self.severity}


class Assigned(Event):
    """
    A department and a coordinator without a direct interest took the complaint (art. 17, R037, R107).

    *route* says whether customer service settles it by itself or other departments take part (R124, R125).
    """

    added: ClassVar[frozenset[str]] = frozenset({"route"})

    type: Literal["assigned"] = "assigned"
    unit: Word
    department: Word
    coordinator: Word
    reason: Prose
    route: Literal["customer_service", "departments"] | None = None

    def facts(self) -> Mapping[str, str]:
        """Return the route, where the insurer's rules ask for it."""
        return {"route": self.route} if self.route else {}


class InvestigationOpened(Event):
    """The department was asked to verify the facts (核实)."""

    type: Literal["investigation_opened"] = "investigation_opened"
    task: Word
    department: Word


class FindingsSubmitted(Event):
    """The department reported what it verified."""

    type: Literal["findings_submitted"] = "findings_submitted"
    findings: Prose
    evidence: Hashes = ()


class DecisionMade(Event):
    """
    The insurer decided (处理决定) what it does, on which facts, basis and reasons (art. 19), with the liability of R142.

    The remedies that art. 19 has told as well follow from the law, not from the decision. *decided_by* says whether a branch
    or the head office decided: only a branch's decision can be reviewed (art. 20). *links* are the links of the business
    process that answer for it (责任环节, R022, R028).
    """

    added: ClassVar[frozenset[str]] = frozenset({"links"})

    type: Literal["decision_made"] = "decision_made"
    decided_by: Literal["branch", "head_office"]
    unit: Word
    liability: Liability
    causes: Words
    decision: Prose
    verification: Prose
    basis: Prose
    reasons: Prose
    agreed: Flag
    links: Words = ()

    def facts(self) -> Mapping[str, str]:
        """Return who decided and with which liability."""
        return {"decided_by": self.decided_by, "liability": self.liability}


class NoticeGiven(Event):
    """The complainant was told, and here is the proof (art. 21). *at* is the instant of posting, sending or dialling."""

    type: Literal["notice_given"] = "notice_given"
    kind: NoticeKind
    notice: Word
    method: Word
    template: Word
    template_hash: Word
    body_hash: Word
    proof: Word
    ref: Word | None = None

    def qualifier(self) -> str:
        """Return the kind of notice."""
        return self.kind


class NoticeExempted(Event):
    """The complainant cannot be contacted: the only exemption from telling (art. 21), granted by a person."""

    type: Literal["notice_exempted"] = "notice_exempted"
    kind: NoticeKind
    reason: Prose
    ref: Word | None = None

    def qualifier(self) -> str:
        """Return the kind of notice that cannot be given."""
        return self.kind


class NoticeReceived(Event):
    """The complainant is known to have received a notice: the review window runs from here (art. 20)."""

    type: Literal["notice_received"] = "notice_received"
    kind: NoticeKind
    notice: Word
    proof: Word

    def qualifier(self) -> str:
        """Return the kind of notice."""
        return self.kind


class ContactAttempted(Event):
    """Somebody tried to reach the complainant; every attempt is written down, its *recording* by hash (R115, R151)."""

    added: ClassVar[frozenset[str]] = frozenset({"recording"})

    type: Literal["contact_attempted"] = "contact_attempted"
    method: Word
    reached: Flag
    summary: Prose
    recording: Word | None = None


class ContactChanged(Event):
    """
    New contact details of the complainant are known; later letters go there (art. 13, 21).

    *parts* says which of them changed. The details are no part of the record: a number that can be guessed can be guessed
    from its hash as well.
    """

    type: Literal["contact_changed"] = "contact_changed"
    parts: tuple[ContactPart, ...]


class ParticularsCorrected(Event):
    """
    What was known of the complainant or the agent was wrong and is corrected (更正, 个人信息保护法 art. 46).

    What is None stays as it was; the complaint as it came in stays beside it. *salt* is random: when what the record said
    is destroyed, the hash that remains tells nothing to whoever tries names.
    """

    type: Literal["particulars_corrected"] = "particulars_corrected"
    whose: Literal["complainant", "agent"] = "complainant"
    name: Word | None = None
    document: Word | None = None
    number: DocumentNumber | None = None
    reason: Prose
    salt: Word

    @property
    def parts(self) -> tuple[str, ...]:
        """What was corrected, by its name."""
        return tuple(name for name in ("name", "document", "number") if getattr(self, name) is not None)


class Withdrawn(Event):
    """The complainant withdrew; the procedure ends on the day the request is received (撤回, art. 15)."""

    type: Literal["withdrawn"] = "withdrawn"
    reason: Prose


class HandlingRefused(Event):
    """不予办理: the complaint came from neither the complainant, nor a representative, nor an agent (art. 18(4))."""

    type: Literal["handling_refused"] = "handling_refused"
    ground: Literal["not_from_complainant_or_agent"]
    reason: Prose


class Merged(Event):
    """The same complaint, repeated without new facts, is handled within an earlier one (合并处理, art. 18(3))."""

    type: Literal["merged"] = "merged"
    into: Word
    reason: Prose


CallbackMethod = Literal["phone", "email", "online"]
"""By which way the customer was asked (R165)."""


class CalledBack(Event):
    """The customer callback (回访) with the satisfaction that was expressed (R164), and by which way it was asked (R165)."""

    added: ClassVar[frozenset[str]] = frozenset({"method"})
    type: Literal["called_back"] = "called_back"
    task: Word
    reached: Flag
    satisfaction: Whole | None = Field(default=None, ge=1, le=5)
    remarks: Prose = ""
    method: CallbackMethod = "phone"


class CallbackOpened(Event):
    """A callback was ordered from the callback team (R164)."""

    type: Literal["callback_opened"] = "callback_opened"
    task: Word


class Closed(Event):
    """The case was closed after its checks (R144–R150)."""

    type: Literal["closed"] = "closed"
    reason: Prose
    result: Liability | Literal["withdrawn", "refused", "merged"]


class ReviewRequested(Event):
    """The complainant asked the superior institution in writing to review a branch's decision (核查, art. 20)."""

    type: Literal["review_requested"] = "review_requested"
    review: Word
    reason: Prose


class ReviewDecided(Event):
    """
    The superior institution, *unit*, decided on process, time limits and result (art. 20).

    *liability* and *causes* stand in for the first decision's, where the review changed them.
    """

    added: ClassVar[frozenset[str]] = frozenset({"liability", "causes"})

    type: Literal["review_decided"] = "review_decided"
    review: Word
    unit: Word
    outcome: Literal["upheld", "changed"]
    process: Prose
    time_limits: Prose
    result: Prose
    liability: Liability | None = None
    causes: Words = ()


class StepFailed(Event):
    """A machine step exhausted its retries; a person decides (retry, or skip with a reason)."""

    type: Literal["step_failed"] = "step_failed"
    step: Word
    error: Word


class StepRetried(Event):
    """A person had a failed machine step tried again."""

    type: Literal["step_retried"] = "step_retried"
    step: Word


class StepSkipped(Event):
    """A person took over a failed machine step, with the reason."""

    type: Literal["step_skipped"] = "step_skipped"
    step: Word
    reason: Prose


class CommandRefused(Event):
    """
    A command that came as a signal was refused; as an update it would have failed its caller.

    *command* is the name of the command, or of the signal that carries none. *times* is how many refusals for the same
    reason this event tells of: the first few are told one by one, the others together. *child* is the slip or the review
    that refused it, None for the complaint itself.
    """

    added: ClassVar[frozenset[str]] = frozenset({"times", "child"})

    type: Literal["command_refused"] = "command_refused"
    command: Word
    code: Word
    times: Whole = 1
    child: Word | None = None


RunEnd = Literal["terminated", "cancelled", "failed", "timed_out", "completed", "forgotten"]
"""How the last run of a complaint's workflow ended; ``forgotten`` is a run that the server does not know any more."""


class Recovered(Event):
    """
    The complaint was brought back from its record, because its workflow had ended before the complaint did.

    *ended* and *ended_at* say how and when its last run ended, as the Temporal server told then, and *run* which that was.
    No clock stopped meanwhile: what fell due is recorded after this, at its own instant.
    """

    type: Literal["recovered"] = "recovered"
    reason: Prose
    ended: RunEnd
    ended_at: Instant | None = None
    run: Word = ""
