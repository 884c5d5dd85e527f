"""The updates that the insurer's own rules add to those of the statute: one for each command, with its validator."""

from __future__ import annotations

from temporalio import workflow

from models import handling_commands as cmd
from models.opening import Accepted
from workflows.handlers import Handlers


class HandlingHandlers(Handlers):
    """Every update that only a complaint under an insurer's own rules obeys."""

    @workflow.update
    async def dispatch(self, command: cmd.Dispatch) -> Accepted:
        """Send a dispatch slip (会办单) to a department, by category or by name (R100–R103)."""
        return await self.obey(command)

    @dispatch.validator
    def _check_dispatch(self, command: cmd.Dispatch) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def request_material(self, command: cmd.RequestMaterial) -> Accepted:
        """Ask the complainant for what is missing (补充提供, R074); no statutory clock stops for it (C5)."""
        return await self.obey(command)

    @request_material.validator
    def _check_request_material(self, command: cmd.RequestMaterial) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def record_material(self, command: cmd.RecordMaterial) -> Accepted:
        """Record what the complainant handed in (R074)."""
        return await self.obey(command)

    @record_material.validator
    def _check_record_material(self, command: cmd.RecordMaterial) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def write_progress(self, command: cmd.WriteProgress) -> Accepted:
        """Tell the complainant how the complaint stands (R117); the letter follows by itself."""
        return await self.obey(command)

    @write_progress.validator
    def _check_write_progress(self, command: cmd.WriteProgress) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def write_holding(self, command: cmd.WriteHolding) -> Accepted:
        """Tell the complainant why there is no answer yet, and by when one is expected; the letter follows by itself."""
        return await self.obey(command)

    @write_holding.validator
    def _check_write_holding(self, command: cmd.WriteHolding) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def record_scheme(self, command: cmd.RecordScheme) -> Accepted:
        """Record that the complainant took the complaint to an outside scheme, such as an ombudsman."""
        return await self.obey(command)

    @record_scheme.validator
    def _check_record_scheme(self, command: cmd.RecordScheme) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def request_sign_off(self, command: cmd.RequestSignOff) -> Accepted:
        """Put a text before those who must sign it (会签): opinion letter (R134), release (R196), public answer (R066)."""
        return await self.obey(command)

    @request_sign_off.validator
    def _check_request_sign_off(self, command: cmd.RequestSignOff) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def sign_off(self, command: cmd.SignOff) -> Accepted:
        """Sign in one capacity, as another person than the author (four eyes)."""
        return await self.obey(command)

    @sign_off.validator
    def _check_sign_off(self, command: cmd.SignOff) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def refuse_sign_off(self, command: cmd.RefuseSignOff) -> Accepted:
        """Refuse to sign in one capacity, with the reason; a new text is needed then."""
        return await self.obey(command)

    @refuse_sign_off.validator
    def _check_refuse_sign_off(self, command: cmd.RefuseSignOff) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def demand_answer(self, command: cmd.DemandAnswer) -> Accepted:
        """Set or change the last day on which the body that forwarded the complaint wants a written report (R076)."""
        return await self.obey(command)

    @demand_answer.validator
    def _check_demand_answer(self, command: cmd.DemandAnswer) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def answer_regulator(self, command: cmd.AnswerRegulator) -> Accepted:
        """Record that the written report, as signed off, went to the body that forwarded the complaint (R076)."""
        return await self.obey(command)

    @answer_regulator.validator
    def _check_answer_regulator(self, command: cmd.AnswerRegulator) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def release(self, command: cmd.Release) -> Accepted:
        """Record that records were handed out, or a public answer was published, as signed off (R066, R196)."""
        return await self.obey(command)

    @release.validator
    def _check_release(self, command: cmd.Release) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def record_committee(self, command: cmd.RecordCommittee) -> Accepted:
        """Record what the complaint committee (客户投诉工作协调委员会) resolved (R004, R118, R137, R150)."""
        return await self.obey(command)

    @record_committee.validator
    def _check_record_committee(self, command: cmd.RecordCommittee) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def rule_liability(self, command: cmd.RuleLiability) -> Accepted:
        """Rule on liability and causes where departments disagree, by a meeting of the committee (R005)."""
        return await self.obey(command)

    @rule_liability.validator
    def _check_rule_liability(self, command: cmd.RuleLiability) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def start_contingency(self, command: cmd.StartContingency) -> Accepted:
        """Put the contingency plan for major complaints into action (应急预案, art. 29, R177)."""
        return await self.obey(command)

    @start_contingency.validator
    def _check_start_contingency(self, command: cmd.StartContingency) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def report_up(self, command: cmd.ReportUp) -> Accepted:
        """Report a major case to the superior company, the head office or the regulator (R169–R172, R177)."""
        return await self.obey(command)

    @report_up.validator
    def _check_report_up(self, command: cmd.ReportUp) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def report_end(self, command: cmd.ReportEnd) -> Accepted:
        """Report the whole course of a major case after its end (R172)."""
        return await self.obey(command)

    @report_end.validator
    def _check_report_end(self, command: cmd.ReportEnd) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def exclude_from_count(self, command: cmd.ExcludeFromCount) -> Accepted:
        """Leave the complaint out of the company's own statistics (R080–R082); it is handled all the same (C8)."""
        return await self.obey(command)

    @exclude_from_count.validator
    def _check_exclude_from_count(self, command: cmd.ExcludeFromCount) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def flag_vexatious(self, command: cmd.FlagVexatious) -> Accepted:
        """Put the complainant on file as vexatious (无理缠访, R024) until a day, as signed off; no right is lost (C17)."""
        return await self.obey(command)

    @flag_vexatious.validator
    def _check_flag_vexatious(self, command: cmd.FlagVexatious) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def lift_vexatious(self, command: cmd.LiftVexatious) -> Accepted:
        """Take the vexatious flag back."""
        return await self.obey(command)

    @lift_vexatious.validator
    def _check_lift_vexatious(self, command: cmd.LiftVexatious) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def record_response(self, command: cmd.RecordResponse) -> Accepted:
        """Record what the customer said to the decision (R136, R137)."""
        return await self.obey(command)

    @record_response.validator
    def _check_record_response(self, command: cmd.RecordResponse) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def give_final_opinion(self, command: cmd.GiveFinalOpinion) -> Accepted:
        """Answer with the committee's final opinion a customer who is not to be satisfied (R138)."""
        return await self.obey(command)

    @give_final_opinion.validator
    def _check_give_final_opinion(self, command: cmd.GiveFinalOpinion) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def delegate_closure(self, command: cmd.DelegateClosure) -> Accepted:
        """Leave the closure of a forwarded complaint to a city, as the province (R145)."""
        return await self.obey(command)

    @delegate_closure.validator
    def _check_delegate_closure(self, command: cmd.DelegateClosure) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def describe_fault(self, command: cmd.DescribeFault) -> Accepted:
        """Describe what was wrong with the system: type 12 cannot be closed without it (R096)."""
        return await self.obey(command)

    @describe_fault.validator
    def _check_describe_fault(self, command: cmd.DescribeFault) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def record_measure(self, command: cmd.RecordMeasure) -> Accepted:
        """Record a measure taken, or planned for a day, with its amount in yuan if it has one (R120, R154)."""
        return await self.obey(command)

    @record_measure.validator
    def _check_record_measure(self, command: cmd.RecordMeasure) -> None:
        self.refuse_unless_allowed(command)

    @workflow.update
    async def summarise(self, command: cmd.Summarise) -> Accepted:
        """Summarise the case: lessons, and trend and stability measures of a group or difficult one (R154, R155)."""
        return await self.obey(command)

    @summarise.validator
    def _check_summarise(self, command: cmd.Summarise) -> None:
        self.refuse_unless_allowed(command)
