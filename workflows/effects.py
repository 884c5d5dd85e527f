"""What an obeyed command makes true: each command becomes the event that will be read years later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from temporalio import workflow

from models import commands as cmd
from rulebook import events as ev
from rulebook.calendar import adoption
from rulebook.notice import parse_notice
from workflows.handling_effects import HANDLING_EFFECTS
from workflows.moving import move
from workflows.notices import owed
from workflows.refusal import Ask
from workflows.stamp import Stamp
from workflows.stamp import stamp as stamp_of


def effect(ask: Ask) -> ev.Event:
    """Return the event that *ask* becomes, stamped with its legal instant, the present instant and the person."""
    return _EFFECTS[type(ask.command)](ask)


def stamp(ask: Ask) -> Stamp:
    """Return when it is true, when it was written down, and who answers for it."""
    return stamp_of(ask.command, ask.now)


def _classify(ask: Ask) -> ev.Event:
    command: cmd.Classify = ask.command
    return ev.Classified(
        **stamp(ask),
        complexity=command.complexity,
        severity=command.severity,
        categories=command.categories,
        reason=command.reason,
    )


def _assign(ask: Ask) -> ev.Event:
    command: cmd.Assign = ask.command
    return ev.Assigned(
        **stamp(ask),
        unit=command.unit,
        department=command.department,
        coordinator=command.coordinator,
        reason=command.reason,
        route=_route(ask),
    )


def _route(ask: Ask) -> Literal["customer_service", "departments"] | None:
    if ask.other is None or not ask.other.department_kind:
        return None
    return "customer_service" if ask.other.department_kind == "customer_service" else "departments"


def _findings(ask: Ask) -> ev.Event:
    return ev.FindingsSubmitted(**stamp(ask), findings=ask.command.findings, evidence=ask.command.evidence)


def _decide(ask: Ask) -> ev.Event:
    command: cmd.Decide = ask.command
    return ev.DecisionMade(
        **stamp(ask),
        decided_by="head_office" if ask.who.level == "head_office" else "branch",
        unit=ask.who.unit,
        liability=command.liability,
        causes=command.causes,
        decision=command.decision,
        verification=command.verification,
        basis=command.basis,
        reasons=command.reasons,
        agreed=command.agreed,
        links=command.links,
    )


def _request_extension(ask: Ask) -> ev.Event:
    number = len(ask.case.state.extensions) + 1
    return ev.ExtensionRequested(**stamp(ask), request=f"x{number}", days=ask.command.days, reason=ask.command.reason)


def _approve_extension(ask: Ask) -> ev.Event:
    asked = ask.case.state.extensions[ask.command.request].asked
    ground = ask.who.approves
    assert ground is not None  # noqa: S101  # the guard lets nobody else through
    return ev.ExtensionApproved(
        **stamp(ask), request=ask.command.request, days=asked.days, ground=ground, reason=ask.command.reason
    )


def _refuse_extension(ask: Ask) -> ev.Event:
    command: cmd.RefuseExtension = ask.command
    return ev.ExtensionRefused(**stamp(ask), request=command.request, code="RefusedBySuperior", reason=command.reason)


def _pause(ask: Ask) -> ev.Event:
    number = ask.case.state.pause_count + 1
    return ev.ClockPaused(**stamp(ask), pause=f"p{number}", ground=ask.command.ground, reason=ask.command.reason)


def _resume(ask: Ask) -> ev.Event:
    return ev.ClockResumed(**stamp(ask), pause=ask.command.pause, reason=ask.command.reason)


def _add_facts(ask: Ask) -> ev.Event:
    command: cmd.AddFacts = ask.command
    return ev.FactsAdded(**stamp(ask), summary=command.summary, evidence=command.evidence)


def _withdraw(ask: Ask) -> ev.Event:
    return ev.Withdrawn(**stamp(ask), reason=ask.command.reason)


def _refuse_handling(ask: Ask) -> ev.Event:
    return ev.HandlingRefused(**stamp(ask), ground=ask.command.ground, reason=ask.command.reason)


def _merge(ask: Ask) -> ev.Event:
    return ev.Merged(**stamp(ask), into=ask.command.into, reason=ask.command.reason)


def _change_contact(ask: Ask) -> ev.Event:
    before = ask.case.known_contact
    new = {name: value for name, value in ask.command.changes.items() if getattr(before, name, None) != value}
    return ev.ContactChanged(**stamp(ask), parts=tuple(new))


def _correct(ask: Ask) -> ev.Event:
    command: cmd.CorrectParticulars = ask.command
    return ev.ParticularsCorrected(
        **stamp(ask),
        whose=command.whose,
        name=command.name,
        document=command.document,
        number=command.number,
        reason=command.reason,
        salt=workflow.uuid4().hex,
    )


def _contact(ask: Ask) -> ev.Event:
    command: cmd.RecordContact = ask.command
    return ev.ContactAttempted(
        **stamp(ask),
        method=command.method,
        reached=command.reached,
        summary=command.summary,
        recording=command.recording,
    )


def _owed_ref(ask: Ask) -> str | None:
    # Told without saying about which of several, it was about the one that is owed the longest.
    command: cmd.RecordNotice | cmd.ExemptNotice = ask.command
    return command.ref or next((notice.ref for notice in owed(ask.case) if notice.kind == command.kind), None)


def _notice(ask: Ask) -> ev.Event:
    command: cmd.RecordNotice = ask.command
    number = len(ask.case.state.notices) + 1
    return ev.NoticeGiven(
        **stamp(ask),
        kind=command.kind,
        notice=f"{ask.case.intake.complaint_id}.{command.kind}.by-hand-{number}",
        method=command.method,
        template="by-hand",
        template_hash="",
        body_hash="",
        proof=command.proof,
        ref=_owed_ref(ask),
    )


def _exempt(ask: Ask) -> ev.Event:
    return ev.NoticeExempted(**stamp(ask), kind=ask.command.kind, reason=ask.command.reason, ref=_owed_ref(ask))


def _confirm(ask: Ask) -> ev.Event:
    command: cmd.ConfirmReceipt = ask.command
    told = next(notice for notice in reversed(ask.case.state.notices) if notice.kind == command.kind)
    notice = told.notice if isinstance(told, ev.NoticeGiven) else ""
    return ev.NoticeReceived(**stamp(ask), kind=command.kind, notice=notice, proof=command.proof)


def _callback(ask: Ask) -> ev.Event:
    command: cmd.RecordCallback = ask.command
    return ev.CalledBack(
        **stamp(ask),
        task=ask.case.state.callback_task or "",
        reached=command.reached,
        satisfaction=command.satisfaction,
        remarks=command.remarks,
        method=command.method,
    )


def _close(ask: Ask) -> ev.Event:
    liability = ask.case.state.liability
    assert liability is not None  # noqa: S101  # the guard demands a decision that was told
    return ev.Closed(**stamp(ask), reason=ask.command.reason, result=liability)


def _request_review(ask: Ask) -> ev.Event:
    return ev.ReviewRequested(**stamp(ask), review="r1", reason=ask.command.reason)


def _decide_review(ask: Ask) -> ev.Event:
    command: cmd.DecideReview = ask.command
    return ev.ReviewDecided(
        **stamp(ask),
        review="r1",
        unit=ask.who.unit,
        outcome=command.outcome,
        process=command.process,
        time_limits=command.time_limits,
        result=command.result,
        liability=command.liability,
        causes=command.causes,
    )


def _retry(ask: Ask) -> ev.Event:
    return ev.StepRetried(**stamp(ask), step=ask.command.step)


def _skip(ask: Ask) -> ev.Event:
    return ev.StepSkipped(**stamp(ask), step=ask.command.step, reason=ask.command.reason)


def _adopt(ask: Ask) -> ev.Event:
    return ev.CalendarAdopted(**stamp(ask), **adoption(ask.case.clock.calendar, parse_notice(ask.command.notice)))


_EFFECTS: dict[type[Any], Callable[[Ask], ev.Event]] = {
    cmd.Classify: _classify,
    cmd.Assign: _assign,
    cmd.SubmitFindings: _findings,
    cmd.Decide: _decide,
    cmd.RequestExtension: _request_extension,
    cmd.ApproveExtension: _approve_extension,
    cmd.RefuseExtension: _refuse_extension,
    cmd.Pause: _pause,
    cmd.Resume: _resume,
    cmd.AddFacts: _add_facts,
    cmd.Withdraw: _withdraw,
    cmd.RefuseHandling: _refuse_handling,
    cmd.Merge: _merge,
    cmd.ChangeContact: _change_contact,
    cmd.CorrectParticulars: _correct,
    cmd.RecordContact: _contact,
    cmd.RecordNotice: _notice,
    cmd.ExemptNotice: _exempt,
    cmd.ConfirmReceipt: _confirm,
    cmd.RecordCallback: _callback,
    cmd.Close: _close,
    cmd.RequestReview: _request_review,
    cmd.DecideReview: _decide_review,
    cmd.MoveRules: move,
    cmd.AdoptCalendar: _adopt,
    cmd.RetryStep: _retry,
    cmd.SkipStep: _skip,
    **HANDLING_EFFECTS,
}
