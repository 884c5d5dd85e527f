"""What one asks about complaints: where one stands, what happened to it, which there are, and whether the record is true."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table
from temporalio.client import WorkflowQueryFailedError
from temporalio.service import RPCError

from cli import output, session
from cli.errors import REFUSED, bad_input, unknown_complaint
from cli.moments import duration
from cli.sentences import sentence, when
from cli.show_handling import by_own_rules, slip_line
from models.case import STAGES_ZH
from models.organisation import read_organisation
from models.view import SHORTENED, STATUS_ZH, CaseView, DutyView, RefusalView
from models.vocabulary import LABELS_ZH, cause_of, labelled
from rulebook import events as ev

if TYPE_CHECKING:
    from activities.ledger import VerifyReport
    from models.tables import CaseRow, NoticeRow

LISTED, ALL = 100, 2**62
"""How many complaints a table shows unless asked for another number, and more than there can be."""

Id = Annotated[str, typer.Argument(metavar="ID", help="The complaint.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def add_to(app: typer.Typer) -> None:
    """Give *app* the commands of this module."""
    app.command("show", epilog="Example: tousu show C-2026-0042")(show)
    app.command("timeline", epilog="Example: tousu timeline C-2026-0042")(timeline)
    app.command("list", epilog="Example: tousu list --unit gd-sz --due-within 3d")(list_cases)
    app.command("letters", epilog="Example: tousu letters C-2026-0042 --text 1")(letters)


def show(complaint_id: Id, as_json: AsJson = False) -> None:
    """Show where a complaint stands: stage, holder, and every duty with its last day and its article."""
    view = session.run(_view(complaint_id))
    if as_json:
        output.json_line(view.model_dump(mode="json"))
        return
    with output.in_zone(session.zone_of(view.pin.pack if view.pin else None)):
        print_view(view)


def print_view(view: CaseView) -> None:
    """Print *view* for people."""
    console = output.console()
    stage = f"{view.stage_zh} {view.stage}" + (f" · {view.ending}" if view.ending else "")
    facts = {
        "投诉 complaint": view.complaint_id,
        "工单 ticket": view.ticket or "—",
        "阶段 stage": stage,
        "经办 holder": " / ".join(filter(None, (view.unit, view.department, view.coordinator))) or "—",
        "情况 matter": f"{view.complexity} · {view.severity}",
        "规则 rules": f"{view.rules} · {view.calendar or view.pin.calendar}" if view.pin else "—",
        "规则变更 rules moved": "; ".join(
            f"{one.before} → {one.pack} · {output.instant(one.at)} · {one.by}" for one in view.moved
        ),
        "依记录恢复 recovered": "; ".join(
            f"{labelled('run_end', one.ended)} {output.instant(one.ended_at) if one.ended_at else '—'}"
            f" → {output.instant(one.at)} · {one.by}"
            for one in view.recovered
        ),
        "中止 paused": ", ".join(view.paused),
        "延期 extensions": ", ".join(f"{ask.request} {ask.days}日 {ask.status}" for ask in view.extensions),
        "待人工处理 waits for a person": waiting_for(view.waits_for),
        "最近被拒命令 last refusal": _refusal(view.last_refusal),
        "系统故障，自动重试 tried until it is back": ", ".join(
            f"{step} {cause_of(kind)}" for step, kind in view.outages.items()
        ),
        "待补材料 lacks": "、".join(material(view.lacks)),
        "存疑 warnings": "; ".join(view.warnings),
        **by_own_rules(view.handling),
    }
    for name, value in facts.items():
        if value:
            console.print(f"{name}: {escape(value)}")
    console.print(_duties(view.duties))
    for slip in view.slips:
        console.print(slip_line(slip))
        console.print(_duties(slip.duties))


def _refusal(refused: RefusalView | None) -> str:
    if refused is None:
        return ""
    return f"{refused.command} · {refused.code} · {output.instant(refused.at)} · {refused.by}"


def material(codes: Sequence[str]) -> list[str]:
    """Return the Chinese names of what a complaint lacks."""
    names = {**LABELS_ZH["missing"], **LABELS_ZH["unfiled"]}
    return [names[code] for code in codes]


def _duties(duties: Sequence[DutyView]) -> Table:
    shown = output.table(None, "义务 duty", "最后期限 due", "依据 article", "状态 status")
    for duty in duties:
        due = output.deadline(duty.due) if duty.due else ("停算 paused" if duty.versions else "及时 promptly")
        late = " 逾期 breached" if duty.breached else ""
        late += f" {SHORTENED}" if duty.shortened else ""
        provisional = " 暂定 provisional" if duty.provisional else ""
        status = f"{STATUS_ZH.get(duty.status, '')} {duty.status}{late}"
        kind = "目标 target · " if duty.kind == "target" else ""
        shown.add_row(f"{kind}{duty.title_zh}\n{duty.title_en}", due + provisional, duty.citation, status)
    return shown


async def _view(complaint_id: str) -> CaseView:
    try:
        return await session.view(await session.client(), complaint_id)
    except (RPCError, WorkflowQueryFailedError):
        # Ended long ago, or no worker to ask: what was written down is the answer.
        with session.ledger() as ledger:
            if (recorded := session.recorded_view(ledger, complaint_id)) is None:
                raise unknown_complaint(complaint_id) from None
            return recorded


def timeline(complaint_id: Id, as_json: AsJson = False) -> None:
    """Print everything that happened to a complaint, in the order in which it was written down."""
    with session.ledger() as ledger:
        events, row = ledger.events(complaint_id), ledger.case(complaint_id)
    if not events:
        raise unknown_complaint(complaint_id)
    if as_json:
        for seq, event in enumerate(events, start=1):
            output.json_line({"seq": seq, **ev.event_to_json(event)})
        return
    shown = output.table(complaint_id, "#", "时间 when", "事件 event", "经办 by")
    with output.in_zone(session.zone_of(row.pack if row else None)):
        for seq, event in enumerate(events, start=1):
            shown.add_row(str(seq), when(event), escape(sentence(event)), event.by)
    output.console().print(shown)


def list_cases(  # noqa: PLR0917  # typer calls it by name
    stage: Annotated[str | None, typer.Option("--stage", help="Only this stage.", metavar="|".join(STAGES_ZH))] = None,
    unit: Annotated[str | None, typer.Option("--unit", help="Only this handling unit.")] = None,
    below: Annotated[bool, typer.Option("--below", help="With --unit, also every unit below it.")] = False,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only with a duty that is past its deadline.")] = False,
    due_within: Annotated[
        str | None, typer.Option("--due-within", metavar="3d|12h", help="Only with a deadline within this time.")
    ] = None,
    waiting: Annotated[
        bool, typer.Option("--waiting", help="Only where a step waits for a person, with the step and the cause.")
    ] = False,
    cause: Annotated[
        str | None,
        typer.Option("--cause", metavar="|".join(LABELS_ZH["waits_for"]), help="Only what waits for this cause."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help=f"At most so many; {LISTED} in a table, all as JSON.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List complaints of the record, the most urgent first."""
    if stage is not None and stage not in STAGES_ZH:
        raise bad_input(f"--stage: there are {', '.join(STAGES_ZH)}")
    before = None
    if due_within is not None:
        try:
            before = session.now() + duration(due_within)
        except ValueError as error:
            raise bad_input(f"--due-within: {error}") from None
    if below and unit is None:
        raise bad_input("--below goes with --unit")
    units = _units(unit, below=below) if unit else None
    refuse_unknown_cause(cause)
    most = limit or (ALL if as_json else LISTED)
    with session.ledger() as ledger:
        fitting = partial(
            ledger.cases,
            stage=stage,
            units=units,
            overdue=overdue or None,
            due_before=before,
            waiting=waiting,
            cause=cause,
        )
        rows = fitting(limit=most)
        more = len(fitting(limit=ALL, offset=most)) if len(rows) == most else 0
    if more:
        typer.echo(f"… {more} more; use --limit", err=True)
    if as_json:
        for row in rows:
            output.json_line(row.model_dump(mode="json"))
        return
    output.console().print(_list(rows))


def refuse_unknown_cause(cause: str | None) -> None:
    """Refuse the option ``--cause`` unless it names a cause for which steps wait, or a defect by its Python name."""
    if cause is None or cause in LABELS_ZH["waits_for"] or re.fullmatch(r"[A-Z][A-Za-z]*Error", cause):
        return
    raise bad_input(f"--cause: there are {', '.join(LABELS_ZH['waits_for'])}, and defects such as ValueError")


def _units(unit: str, *, below: bool) -> tuple[str, ...]:
    """Return the codes of *unit*, and with *below* of those under it; OrganisationError when there is no such unit."""
    organisation = read_organisation(session.settings().organisation)
    return organisation.with_below(unit) if below else (organisation.unit(unit).code,)


def _list(rows: Sequence[CaseRow]) -> Table:
    columns = ["投诉 complaint", "工单 ticket", "阶段 stage", "经办 holder", "收到 received", "最近期限 due", "逾期"]
    waits = [waiting_for(row.waits_for or {}) for row in rows]
    shown = output.table(None, *columns, *(["待人工处理 waits for a person"] if any(waits) else []))
    for row, waits_for in zip(rows, waits, strict=True):
        holder = "/".join(filter(None, (row.unit, row.department)))
        named = f"{STAGES_ZH.get(row.stage, '')} {row.stage}"  # type: ignore[call-overload]
        with output.in_zone(session.zone_of(row.pack)):
            received, due = output.instant(row.received_at), output.deadline(row.next_due)
        late = "逾期" if row.overdue else ""
        cells = (row.complaint_id, row.ticket or "—", named, holder, received, due, late)
        shown.add_row(*cells, *([waits_for] if any(waits) else []))
    return shown


def waiting_for(steps: Mapping[str, str]) -> str:
    """Return the *steps* that wait for a person, each with its cause."""
    return "; ".join(f"{step}: {cause_of(cause)}" for step, cause in steps.items())


def letters(
    complaint_id: Id,
    text: Annotated[int | None, typer.Option("--text", metavar="N", help="Print letter N as it went out.")] = None,
    as_json: AsJson = False,
) -> None:
    """List how the complainant was told: letters with the proof that each went out, told by hand, exempted (art. 21)."""
    with session.ledger() as ledger:
        written, events, row = ledger.notices(complaint_id), ledger.events(complaint_id), ledger.case(complaint_id)
    if not written and not events:
        raise unknown_complaint(complaint_id)
    others = _without_letter(events, {letter.notice for letter in written})
    if text is not None:
        if not 1 <= text <= len(written):
            raise bad_input(f"--text: {complaint_id} has {len(written)} letters")
        typer.echo(f"{written[text - 1].subject}\n\n{written[text - 1].body}")
        return
    if as_json:
        for letter in written:
            output.json_line(letter.model_dump(mode="json", exclude={"body", "key"}))
        for event in others:
            output.json_line({"complaint_id": complaint_id, **ev.event_to_json(event)})
        return
    with output.in_zone(session.zone_of(row.pack if row else None)):
        output.console().print(_letters(complaint_id, written, others))


def _letters(
    complaint_id: str, written: Sequence[NoticeRow], others: Sequence[ev.NoticeGiven | ev.NoticeExempted]
) -> Table:
    shown = output.table(complaint_id, "N", "告知 notice", "方式 method", "发出 sent", "证明 proof")
    for number, letter in enumerate(written, start=1):
        kind = labelled("notice", letter.kind)
        shown.add_row(str(number), kind, letter.method, output.instant(letter.sent_at), letter.proof or "—")
    for event in others:
        kind = labelled("notice", event.kind)
        if isinstance(event, ev.NoticeGiven):
            shown.add_row("—", kind, f"{event.method} (人工 by hand)", output.instant(event.at), escape(event.proof))
        else:
            shown.add_row("—", kind, "免于告知 exempted", output.instant(event.at), escape(event.reason))
    return shown


def _without_letter(events: Sequence[ev.Event], letters: Set[str]) -> list[ev.NoticeGiven | ev.NoticeExempted]:
    """Return what a person told by hand, or need not tell."""
    told = [event for event in events if isinstance(event, ev.NoticeGiven | ev.NoticeExempted)]
    return [event for event in told if isinstance(event, ev.NoticeExempted) or event.notice not in letters]


def print_reports(reports: Sequence[VerifyReport], *, as_json: bool) -> None:
    """Print what audits found, and leave with exit code 1 when they found anything."""
    for report in reports:
        if as_json:
            output.json_line(
                {
                    "complaint_id": report.complaint_id,
                    "events": report.events,
                    "head_hash": report.head_hash,
                    "differences": list(report.differences),
                    "destroyed": report.destroyed,
                }
            )
        elif report.differences:
            for difference in report.differences:
                typer.echo(f"{report.complaint_id}: {difference}")
    different = sum(bool(report.differences) for report in reports)
    if not as_json:
        events = sum(report.events for report in reports)
        destroyed = sum(report.destroyed for report in reports)
        gone = f", {destroyed} destroyed when their time was over" if destroyed else ""
        typer.echo(f"{len(reports)} complaints, {events} events: {different or 'none'} different{gone}")
    if different:
        raise typer.Exit(REFUSED)
