"""
The names by which a running complaint is addressed: an update for each command, with its validator, and two signals.

A Java or Go system sends the same names. The signals are for systems and the Temporal Web UI; they pass the same guard.
"""

from __future__ import annotations

from typing import Any

from temporalio import workflow

from models import commands as cmd
from models.opening import Accepted
from workflows.commands import Commands


class Handlers(Commands):
    """Every update and signal of a complaint."""

    @workflow.update
    async def classify(self, command: cmd.Classify) -> Accepted:
        """Set complexity, severity and categories (art. 18(1), R084)."""
        return await self.obey(command)

    @classify.validator
    def _check_classify(self, command: cmd.Classify) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def assign(self, command: cmd.Assign) -> Accepted:
        """Give the complaint to a department and a coordinator by hand (R102, R107)."""
        return await self.obey(command)

    @assign.validator
    def _check_assign(self, command: cmd.Assign) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def submit_findings(self, command: cmd.SubmitFindings) -> Accepted:
        """Report what was verified (核实情况)."""
        return await self.obey(command)

    @submit_findings.validator
    def _check_submit_findings(self, command: cmd.SubmitFindings) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def decide(self, command: cmd.Decide) -> Accepted:
        """Decide, with the four parts of art. 19, the liability (R142) and at least one cause (R148)."""
        return await self.obey(command)

    @decide.validator
    def _check_decide(self, command: cmd.Decide) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def request_extension(self, command: cmd.RequestExtension) -> Accepted:
        """Ask for at most 30 further natural days (art. 18(1))."""
        return await self.obey(command)

    @request_extension.validator
    def _check_request_extension(self, command: cmd.RequestExtension) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def approve_extension(self, command: cmd.ApproveExtension) -> Accepted:
        """Approve an extension as the superior institution or a head-office senior manager (art. 18(1))."""
        return await self.obey(command)

    @approve_extension.validator
    def _check_approve_extension(self, command: cmd.ApproveExtension) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def refuse_extension(self, command: cmd.RefuseExtension) -> Accepted:
        """Refuse an extension, with the reason."""
        return await self.obey(command)

    @refuse_extension.validator
    def _check_refuse_extension(self, command: cmd.RefuseExtension) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def pause(self, command: cmd.Pause) -> Accepted:
        """Leave a period out of the limit: external appraisal (art. 18(2)) or mediation (art. 23)."""
        return await self.obey(command)

    @pause.validator
    def _check_pause(self, command: cmd.Pause) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def resume(self, command: cmd.Resume) -> Accepted:
        """End the period that is left out of the limit."""
        return await self.obey(command)

    @resume.validator
    def _check_resume(self, command: cmd.Resume) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def add_facts(self, command: cmd.AddFacts) -> Accepted:
        """Record that the complainant brought new facts and reasons: the limit restarts (art. 18(3))."""
        return await self.obey(command)

    @add_facts.validator
    def _check_add_facts(self, command: cmd.AddFacts) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def withdraw(self, command: cmd.Withdraw) -> Accepted:
        """Record the complainant's withdrawal (art. 15)."""
        return await self.obey(command)

    @withdraw.validator
    def _check_withdraw(self, command: cmd.Withdraw) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def refuse_handling(self, command: cmd.RefuseHandling) -> Accepted:
        """Refuse to handle (不予办理) what neither the complainant nor a representative or agent brought (art. 18(4))."""
        return await self.obey(command)

    @refuse_handling.validator
    def _check_refuse_handling(self, command: cmd.RefuseHandling) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def merge(self, command: cmd.Merge) -> Accepted:
        """Handle this complaint within an earlier one: the same matter without new facts (art. 18(3))."""
        return await self.obey(command)

    @merge.validator
    def _check_merge(self, command: cmd.Merge) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def change_contact(self, command: cmd.ChangeContact) -> Accepted:
        """Record new contact details of the complainant; every later letter goes there (art. 13, 21)."""
        return await self.obey(command)

    @change_contact.validator
    def _check_change_contact(self, command: cmd.ChangeContact) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def correct_particulars(self, command: cmd.CorrectParticulars) -> Accepted:
        """Correct the name or the document of the complainant or the agent (PIPL art. 46, R198)."""
        return await self.obey(command)

    @correct_particulars.validator
    def _check_correct_particulars(self, command: cmd.CorrectParticulars) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def record_contact(self, command: cmd.RecordContact) -> Accepted:
        """Write down an attempt to reach the complainant (R115, R151)."""
        return await self.obey(command)

    @record_contact.validator
    def _check_record_contact(self, command: cmd.RecordContact) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def record_notice(self, command: cmd.RecordNotice) -> Accepted:
        """Record that a person told the complainant, with the proof; *at* is when it was sent (art. 21)."""
        return await self.obey(command)

    @record_notice.validator
    def _check_record_notice(self, command: cmd.RecordNotice) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def exempt_notice(self, command: cmd.ExemptNotice) -> Accepted:
        """Record that the complainant cannot be contacted, the only exemption from telling (art. 21, R152)."""
        return await self.obey(command)

    @exempt_notice.validator
    def _check_exempt_notice(self, command: cmd.ExemptNotice) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def confirm_receipt(self, command: cmd.ConfirmReceipt) -> Accepted:
        """Record when the complainant received the decision: the review window runs from then (art. 20)."""
        return await self.obey(command)

    @confirm_receipt.validator
    def _check_confirm_receipt(self, command: cmd.ConfirmReceipt) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def record_callback(self, command: cmd.RecordCallback) -> Accepted:
        """Report the customer callback (回访) and the satisfaction, from 1 (very poor) to 5 (very good) (R164)."""
        return await self.obey(command)

    @record_callback.validator
    def _check_record_callback(self, command: cmd.RecordCallback) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def close(self, command: cmd.Close) -> Accepted:
        """Close the case after its checks (R144–R150)."""
        return await self.obey(command)

    @close.validator
    def _check_close(self, command: cmd.Close) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def request_review(self, command: cmd.RequestReview) -> Accepted:
        """Record the complainant's written request for a review of a branch's decision (核查, art. 20)."""
        return await self.obey(command)

    @request_review.validator
    def _check_request_review(self, command: cmd.RequestReview) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def decide_review(self, command: cmd.DecideReview) -> Accepted:
        """Decide a review on process, time limits and result, as the superior institution (art. 20)."""
        return await self.obey(command)

    @decide_review.validator
    def _check_decide_review(self, command: cmd.DecideReview) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def move_rules(self, command: cmd.MoveRules) -> Accepted:
        """Move the complaint to other rules, from its receipt on; every earlier version of a deadline is kept."""
        return await self.obey(command)

    @move_rules.validator
    def _check_move_rules(self, command: cmd.MoveRules) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def adopt_calendar(self, command: cmd.AdoptCalendar) -> Accepted:
        """Count working days by a notice that was published while the complaint runs; natural days stay as they are."""
        return await self.obey(command)

    @adopt_calendar.validator
    def _check_adopt_calendar(self, command: cmd.AdoptCalendar) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def retry_step(self, command: cmd.RetryStep) -> Accepted:
        """Have a failed machine step tried again."""
        return await self.obey(command)

    @retry_step.validator
    def _check_retry_step(self, command: cmd.RetryStep) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def skip_step(self, command: cmd.SkipStep) -> Accepted:
        """Take over a failed machine step oneself, with the reason."""
        return await self.obey(command)

    @skip_step.validator
    def _check_skip_step(self, command: cmd.SkipStep) -> None:
        self.refuse_unless_allowed(command)

    @workflow.signal(name="approve_extension")
    async def approve_extension_by_signal(self, *payloads: Any) -> None:
        """Approve an extension without waiting for an answer (art. 18(1)); a refusal is recorded as an event."""
        await self._signalled(cmd.ApproveExtension, payloads)

    @workflow.signal(name="refuse_extension")
    async def refuse_extension_by_signal(self, *payloads: Any) -> None:
        """Refuse an extension without waiting for an answer; a refused refusal is recorded as an event."""
        await self._signalled(cmd.RefuseExtension, payloads)
