"""What an obeyed command of the insurer's own rules makes true."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from models import handling_commands as cmd
from models.child import slip_name
from models.letter_words import letter_hash, with_words
from models.slips import Slip
from rulebook import events as ev
from workflows.refusal import Ask, refused
from workflows.stamp import Stamp
from workflows.stamp import stamp as stamp_of


def stamp(ask: Ask) -> Stamp:
    """Return when it is true, when it was written down, and who answers for it."""
    return stamp_of(ask.command, ask.now)


def _dispatch(ask: Ask) -> ev.Event:
    command: cmd.Dispatch = ask.command
    found = ask.found
    if found is None:
        raise refused("NobodyNamed", "name a category, or unit, department and coordinator")
    return ev.SlipDispatched(
        **_sent(ask),
        slip=slip_name(len(ask.case.state.slips) + 1, len(ask.case.state.recoveries)),
        category=command.category,
        unit=found.unit,
        department=found.department,
        coordinator=found.coordinator,
        main=not ask.case.state.slips or _was_main(ask),
        copies=command.copies,
        replaces=command.replaces,
        reason=command.reason,
        opinion=command.opinion,
    )


def _sent(ask: Ask) -> Stamp:
    sent, replaced = stamp(ask), _replaced(ask)
    if ask.command.at is None and replaced is not None and replaced.returned is not None:
        # The slip's clock may run a moment ahead of ours; what takes its place was sent after it came back all the same.
        sent["at"] = max(sent["at"], replaced.returned.at)
    return sent


def _replaced(ask: Ask) -> Slip | None:
    return ask.case.state.slips.get(ask.command.replaces or "")


def _was_main(ask: Ask) -> bool:
    replaced = _replaced(ask)
    return replaced is not None and replaced.dispatched.main


def _request_material(ask: Ask) -> ev.Event:
    number = len(ask.case.state.handling.requests) + 1
    return ev.MaterialRequested(**stamp(ask), request=f"m{number}", codes=ask.command.codes, text=ask.command.text)


def _record_material(ask: Ask) -> ev.Event:
    return ev.MaterialReceived(**stamp(ask), codes=ask.command.codes, evidence=ask.command.evidence)


def _progress(ask: Ask) -> ev.Event:
    number = len(ask.case.state.handling.progress) + 1
    return ev.ProgressWritten(**stamp(ask), progress=f"j{number}", text=ask.command.text)


def _holding(ask: Ask) -> ev.Event:
    number = len(ask.case.state.handling.holdings) + 1
    return ev.HoldingWritten(
        **stamp(ask), holding=f"w{number}", reason=ask.command.reason, last_day=ask.command.last_day
    )


def _scheme(ask: Ask) -> ev.Event:
    return ev.SchemeSought(**stamp(ask), scheme=ask.command.scheme, reference=ask.command.reference)


def _request_sign_off(ask: Ask) -> ev.Event:
    number = len(ask.case.state.handling.sign_offs) + 1
    command: cmd.RequestSignOff = ask.command
    bound = command.decision is not None
    return ev.SignOffRequested(
        **stamp(ask),
        sign_off=f"g{number}",
        purpose=command.purpose,
        text=with_words(command.text, command) if bound else command.text,
        letter=letter_hash(command) if bound else None,
    )


def _sign(ask: Ask) -> ev.Event:
    command: cmd.SignOff = ask.command
    state = ask.case.state.handling.sign_offs[command.sign_off]
    signed = {given.capacity for given in state.given} | {command.capacity}
    return ev.SignOffGiven(
        **stamp(ask),
        sign_off=command.sign_off,
        purpose=state.asked.purpose,
        capacity=command.capacity,
        complete=signed >= set(ask.case.pack.sign_offs[state.asked.purpose]),
        remarks=command.remarks,
    )


def _refuse_sign_off(ask: Ask) -> ev.Event:
    command: cmd.RefuseSignOff = ask.command
    return ev.SignOffRefused(
        **stamp(ask),
        sign_off=command.sign_off,
        purpose=ask.case.state.handling.sign_offs[command.sign_off].asked.purpose,
        capacity=command.capacity,
        reason=command.reason,
    )


def _demand_answer(ask: Ask) -> ev.Event:
    forwarding = ask.case.intake.forwarding
    assert forwarding is not None  # noqa: S101  # the guard demands that a regulator forwarded it
    return ev.AnswerDemanded(
        **stamp(ask), body=forwarding.body, reference=ask.command.reference, last_day=ask.command.last_day
    )


def _answer_regulator(ask: Ask) -> ev.Event:
    command: cmd.AnswerRegulator = ask.command
    return ev.RegulatorAnswered(**stamp(ask), sign_off=command.sign_off, report=command.report, proof=command.proof)


def _release(ask: Ask) -> ev.Event:
    return ev.Released(**stamp(ask), sign_off=ask.command.sign_off, proof=ask.command.proof)


def _committee(ask: Ask) -> ev.Event:
    command: cmd.RecordCommittee = ask.command
    number = len(ask.case.state.handling.meetings) + 1
    return ev.CommitteeMet(
        **stamp(ask),
        meeting=f"k{number}",
        subject=command.subject,
        members=command.members,
        resolution=command.resolution,
        lawful=command.lawful,
    )


def _rule_liability(ask: Ask) -> ev.Event:
    command: cmd.RuleLiability = ask.command
    return ev.LiabilityRuled(**stamp(ask), meeting=command.meeting, liability=command.liability, causes=command.causes)


def _contingency(ask: Ask) -> ev.Event:
    command: cmd.StartContingency = ask.command
    return ev.ContingencyStarted(**stamp(ask), plan=command.plan, lead=command.lead, steps=command.steps)


def _report_up(ask: Ask) -> ev.Event:
    command: cmd.ReportUp = ask.command
    return ev.ReportedUp(
        **stamp(ask), to=command.to, document=command.document, urgent=command.urgent, proposal=command.proposal
    )


def _report_end(ask: Ask) -> ev.Event:
    return ev.EndReported(**stamp(ask), document=ask.command.document)


def _exclude(ask: Ask) -> ev.Event:
    return ev.CountingExcluded(**stamp(ask), ground=ask.command.ground, reason=ask.command.reason)


def _flag(ask: Ask) -> ev.Event:
    command: cmd.FlagVexatious = ask.command
    return ev.VexatiousFlagged(
        **stamp(ask),
        sign_off=command.sign_off,
        reason=command.reason,
        evidence=command.evidence,
        until=command.until,
    )


def _lift(ask: Ask) -> ev.Event:
    return ev.VexatiousLifted(**stamp(ask), reason=ask.command.reason)


def _response(ask: Ask) -> ev.Event:
    command: cmd.RecordResponse = ask.command
    return ev.CustomerResponded(**stamp(ask), accepts=command.accepts, impact=command.impact, summary=command.summary)


def _final_opinion(ask: Ask) -> ev.Event:
    return ev.FinalOpinionGiven(**stamp(ask), meeting=ask.command.meeting, opinion=ask.command.opinion)


def _delegate(ask: Ask) -> ev.Event:
    return ev.ClosureDelegated(**stamp(ask), unit=ask.command.unit, reason=ask.command.reason)


def _fault(ask: Ask) -> ev.Event:
    return ev.FaultDescribed(**stamp(ask), fault=ask.command.fault)


def _measure(ask: Ask) -> ev.Event:
    command: cmd.RecordMeasure = ask.command
    return ev.MeasureRecorded(
        **stamp(ask),
        measure=command.measure,
        status=command.status,
        last_day=command.planned_for,
        amount=command.amount,
    )


def _summary(ask: Ask) -> ev.Event:
    command: cmd.Summarise = ask.command
    return ev.CaseSummarised(
        **stamp(ask),
        summary=command.summary,
        improvements=command.improvements,
        trend=command.trend,
        stability=command.stability,
    )


HANDLING_EFFECTS: dict[type[Any], Callable[[Ask], ev.Event]] = {
    cmd.Dispatch: _dispatch,
    cmd.RequestMaterial: _request_material,
    cmd.RecordMaterial: _record_material,
    cmd.WriteProgress: _progress,
    cmd.WriteHolding: _holding,
    cmd.RecordScheme: _scheme,
    cmd.RequestSignOff: _request_sign_off,
    cmd.SignOff: _sign,
    cmd.RefuseSignOff: _refuse_sign_off,
    cmd.DemandAnswer: _demand_answer,
    cmd.AnswerRegulator: _answer_regulator,
    cmd.Release: _release,
    cmd.RecordCommittee: _committee,
    cmd.RuleLiability: _rule_liability,
    cmd.StartContingency: _contingency,
    cmd.ReportUp: _report_up,
    cmd.ReportEnd: _report_end,
    cmd.ExcludeFromCount: _exclude,
    cmd.FlagVexatious: _flag,
    cmd.LiftVexatious: _lift,
    cmd.RecordResponse: _response,
    cmd.GiveFinalOpinion: _final_opinion,
    cmd.DelegateClosure: _delegate,
    cmd.DescribeFault: _fault,
    cmd.RecordMeasure: _measure,
    cmd.Summarise: _summary,
}
"""What each command becomes."""
