"""``tousu sample``: what was drawn to call back or to check, the draw again, and what the calls showed (R153, R159–R163)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer
from pydantic import TypeAdapter, ValidationError
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from cli import output, session
from cli.cases import AsJson
from cli.errors import REFUSED, CliError, bad_input, invalid
from cli.schedules import Run, rules
from models.audience import area_of, callers, head_office
from models.organisation import Organisation, read_organisation
from models.organisation_parts import Person
from models.supervision_steps import FOLLOW_UP_WORKFLOW, FollowUp, Opinion, Sent, Verdict
from rulebook.scalars import Sha256

if TYPE_CHECKING:
    from activities.ledger import Ledger
    from models.supervision_tables import CallRow, MemberRow, RunRow

Complaint = Annotated[str, typer.Argument(metavar="ID", help="The complaint.")]
By = Annotated[str, typer.Option("--as", metavar="PERSON", help="Who does this.")]
Evidence = Annotated[
    str, typer.Option("--evidence", metavar="SHA256", help="The SHA-256 of what proves it, such as a recording.")
]
Mark = Annotated[int | None, typer.Option(min=1, max=5, help="From 1 to 5, when the customer was reached.")]


def add_to(app: typer.Typer) -> None:
    """Give *app* the group ``sample``."""
    group = typer.Typer(
        help="Samples: late cases called back, closed cases checked (抽样回访、抽查).", rich_markup_mode=None
    )
    group.command("show", epilog="Example: tousu sample show sample-2026-10")(show)
    group.command("verify", epilog="Example: tousu sample verify sample-2026-10")(verify)
    group.command(
        "wish", epilog="Example: tousu sample wish C-2026-0042 --on 2026-03-10 --evidence SHA256 --as p-gd-kf-02"
    )(wish)
    group.command(
        "call",
        epilog="Example: tousu sample call sample-2026-10 C-2026-0042 --reached --contacted --opinion acceptable "
        "--attitude 4 --speed 2 --as p-gd-kf-02",
    )(call)
    group.command(
        "follow-up",
        epilog="Example: tousu sample follow-up sample-2026-10 C-2026-0042 --confirmed --evidence SHA256 --as p-gd-kf-03",
    )(follow_up)
    app.add_typer(group, name="sample")


def show(run: Run, as_json: AsJson = False) -> None:
    """Show the cases that were drawn, with what the calls or checks of each have shown so far."""
    with session.ledger() as ledger:
        row, members = _sample(ledger, run)
        calls, found = (
            ledger.supervision.calls(run),
            {one.complaint_id: one for one in ledger.supervision.follow_ups(run)},
        )
    lines: list[dict[str, Any]] = [
        {
            "complaint_id": one.complaint_id,
            "area": one.area,
            "unit": one.unit,
            "fact": one.fact,
            "part": one.part,
            "position": one.position,
            "calls": [_call(made) for made in calls if made.complaint_id == one.complaint_id],
            "confirmed": found[one.complaint_id].confirmed if one.complaint_id in found else None,
        }
        for one in members
    ]
    content = json.loads(row.content)
    if as_json:
        output.json_line({**{name: content[name] for name in ("seed", "population_hash", "share")}, "cases": lines})
        return
    shown = output.table(
        f"{run} 种子 seed {content['seed'][:16]}… 总体 population {content['population_hash'][:16]}…",
        *("投诉 complaint", "范围 area", "机构 unit", "抽取 part", "回访 calls", "核实 confirmed"),
    )
    for line in lines:
        said = "；".join(_said(one) for one in line["calls"]) or "—"
        proof = {None: "—", True: "属实 yes", False: "不属实 no"}[line["confirmed"]]
        shown.add_row(line["complaint_id"], line["area"], line["unit"], _PARTS[line["part"]], said, proof)
    output.console().print(shown)


_PARTS = {"drawn": "抽取 drawn", "not_drawn": "未抽取 not drawn", "kept_out": "剔除 kept out"}


def _call(row: CallRow) -> dict[str, Any]:
    return {name: value for name, value in row.model_dump(mode="json").items() if name not in {"run", "complaint_id"}}


def _said(one: dict[str, Any]) -> str:
    if one["verdict"]:
        return f"核查 {one['verdict']}"
    if not one["reached"]:
        return "未接通 not reached"
    contacted = "已联系" if one["contacted"] else "未联系 no contact"
    violation = " 违规 violation" if one["violation"] else ""
    return f"{contacted} {one['opinion']} 态度 {one['attitude']} 时效 {one['speed']}{violation}"


def verify(run: Run, as_json: AsJson = False) -> None:
    """
    Draw the sample again from its population and its seed, and compare; the exit code is 1 when it differs.

    What the record would put into the population today is said too: a fact that was recorded later may have changed it.
    """
    from activities.supervision.sample import redraw  # noqa: PLC0415  # the database's libraries load slowly
    from models.canonical import digest_text  # noqa: PLC0415

    with session.ledger() as ledger:
        row, members = _sample(ledger, run)
        today = _today(ledger, row)
    found = list(redraw(json.loads(row.content), members))
    if digest_text(row.content) != row.content_hash:
        found.insert(0, "content: its hash is not the one that was put down")
    there = {one.complaint_id for one in members}
    changed = {"more": sorted(today - there), "fewer": sorted(there - today)}
    if as_json:
        output.json_line({"run": run, "ok": not found, "differences": found, "population_today": changed})
    else:
        drawn = sum(one.part == "drawn" for one in members)
        typer.echo(f"{run}: " + (f"一致 the same: {drawn} of {len(members)} drawn" if not found else "不一致 differs"))
        for line in found:
            typer.echo(f"  {line}")
        for name, ids in changed.items():
            if ids:
                typer.echo(f"  今日总体 population today, {name}: {', '.join(ids)}")
    if found:
        raise typer.Exit(REFUSED)


def _today(ledger: Ledger, row: RunRow) -> set[str]:
    from activities.supervision.matters import closed_cases, late_cases  # noqa: PLC0415  # as above

    with ledger.sessions.reading() as reading:
        if json.loads(row.content)["population"] == "late":
            found = late_cases(reading, rules(), row.since, row.until)
        else:
            found = closed_cases(reading, row.since, row.until)
    return {one.complaint_id for one in found}


def _sample(ledger: Ledger, run: str) -> tuple[RunRow, list[MemberRow]]:
    row = ledger.supervision.run(run)
    if row is None or row.kind != "sample":
        raise CliError("UnknownRun", "the record has no such sample; see tousu schedules runs")
    return row, ledger.supervision.members(run)


def wish(
    complaint_id: Complaint,
    evidence: Evidence,
    on: Annotated[datetime, typer.Option("--on", formats=["%Y-%m-%d"], help="The day on which the customer said so.")],
    who: By,
) -> None:
    """
    Note that the customer wished to wait, with what proves it: the case is kept out of later callback samples (R162).

    The callback team or customer service of the province or head office does, never who had a part in the case.
    """
    from activities.supervision.wishes import note_wish  # noqa: PLC0415  # as above
    from models.supervision_tables import WishRow  # noqa: PLC0415  # as above

    _sha256(evidence)
    organisation = read_organisation(session.settings().organisation)
    row = WishRow(complaint_id=complaint_id, evidence=evidence, by=who, at=session.now(), wished_on=on.date())
    with session.ledger() as ledger:
        note_wish(ledger, organisation, rules(), row)
    typer.echo(f"{complaint_id}: 已记录 noted")


def call(
    run: Run,
    complaint_id: Complaint,
    *,
    who: By,
    reached: Annotated[bool, typer.Option("--reached/--not-reached", help="Whether the customer was reached.")],
    contacted: Annotated[
        bool | None,
        typer.Option("--contacted/--no-contact", help="Whether the handler got in touch with the customer."),
    ] = None,
    opinion: Annotated[
        str | None, typer.Option("--opinion", metavar="|".join(get_args(Opinion)), help="On the result.")
    ] = None,
    attitude: Mark = None,
    speed: Mark = None,
    violation: Annotated[
        bool, typer.Option("--violation", help="The customer told of a violation that held the case up.")
    ] = False,
    verdict: Annotated[
        str | None, typer.Option("--verdict", metavar="|".join(get_args(Verdict)), help="What a spot check showed.")
    ] = None,
) -> None:
    """
    Record one attempt to call the customer of a sampled case: contact, opinion, attitude and speed (R161), or a verdict.

    No contact, a violation, a false closure or a wrong result asks for the recordings: see follow-up (R163, R191).
    """
    from models.supervision_tables import CallRow  # noqa: PLC0415  # as above

    _refuse_half(reached, (contacted, opinion, attitude, speed))
    _one_of("--opinion", opinion, get_args(Opinion))
    _one_of("--verdict", verdict, get_args(Verdict))
    row = CallRow(
        run=run,
        complaint_id=complaint_id,
        number=1,
        at=session.now(),
        by=who,
        reached=reached,
        contacted=contacted,
        opinion=opinion,
        attitude=attitude,
        speed=speed,
        violation=violation,
        verdict=verdict,
    )
    typer.echo(f"{complaint_id}: 第{(number := _recorded(row))}次 attempt {number}")
    if contacted is False or violation or verdict in {"false_closure", "wrong_result"}:
        typer.echo("应调取录音核实 pull the recordings, then: tousu sample follow-up (R163)")


def _refuse_half(reached: bool, said: tuple[object, ...]) -> None:
    if reached and None in said:
        raise bad_input("whoever was reached answers all four: --contacted, --opinion, --attitude, --speed (R161)")
    if not reached and any(one is not None for one in said):
        raise bad_input("who was not reached said nothing: leave out the four items")


def _recorded(row: CallRow) -> int:
    """Record the call or check if this person may make it; return its number."""
    with session.ledger() as ledger:
        sample, _ = _sample(ledger, row.run)
        late = json.loads(sample.content)["population"] == "late"
        if (row.verdict is None) != late:
            raise bad_input("--verdict belongs to the check of a closed case, and every such check has one")
        _refuse_caller(ledger, row, late=late)
        return ledger.supervision.call(row).number


def _refuse_caller(ledger: Ledger, row: CallRow, *, late: bool) -> None:
    """Refuse who is not of the area's callback team, or not of head office for a check, or had a part in the case."""
    organisation = read_organisation(session.settings().organisation)
    person = _known(organisation, row.by)
    member = ledger.supervision.member(row.run, row.complaint_id)
    if member is None:
        return  # The record says that it was not drawn.
    team = row.by in callers(organisation, member.area)
    if not (team if late else person.unit in {head_office(organisation), member.area}):
        raise CliError("NotAuthorised", "--as: the callback team of the area calls; the area or head office checks")
    if row.by in ledger.supervision.handled_by(row.complaint_id):
        raise CliError("NotIndependent", "--as: who had a part in the case neither calls back nor checks it")


def follow_up(
    run: Run,
    complaint_id: Complaint,
    evidence: Evidence,
    who: By,
    confirmed: Annotated[bool, typer.Option("--confirmed/--unfounded", help="Whether it is true.")],
) -> None:
    """Record what the recordings showed; what is true goes to the unit's general manager and the one above (R163)."""
    _sha256(evidence)
    organisation = read_organisation(session.settings().organisation)
    with session.ledger() as ledger:
        _sample(ledger, run)
        asked = [one for one in ledger.supervision.calls(run) if one.complaint_id == complaint_id]
        member = ledger.supervision.member(run, complaint_id)
    if not any(one.contacted is False or one.violation or one.verdict not in {None, "sound"} for one in asked):
        raise CliError("NothingToFollow", "no call told of a lack of contact, a violation or a false closure")
    area = member.area if member else head_office(organisation)
    if not {"department_head", "auditor", "senior_manager"}.intersection(_person(who).roles) or area_of(
        organisation, _person(who).unit
    ) not in {area, head_office(organisation)}:
        raise CliError(
            "NotAuthorised", "--as: a head of department, senior manager or auditor of the province or head office"
        )
    found = FollowUp(
        run=run, complaint_id=complaint_id, confirmed=confirmed, evidence=evidence, by=who, at=session.now()
    )
    sent = session.run(_follow_up(found))
    typer.echo(f"{complaint_id}: {'属实 confirmed' if confirmed else '不属实 unfounded'}, {sent.copies} 份 notices")


async def _follow_up(found: FollowUp) -> Sent:
    client = await session.client()
    done: Sent = await client.execute_workflow(
        FOLLOW_UP_WORKFLOW,
        found,
        id=f"{found.run}.{found.complaint_id}.follow-up",
        task_queue=session.settings().task_queue,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        static_summary=f"回访核实 {found.run} {found.complaint_id}",
        result_type=Sent,
    )
    return done


def _person(who: str) -> Person:
    return _known(read_organisation(session.settings().organisation), who)


def _known(organisation: Organisation, who: str) -> Person:
    if who not in organisation.people:
        raise CliError("UnknownActor", "--as: the organisation data know no such person")
    return organisation.people[who]


def _one_of(name: str, word: str | None, words: tuple[str, ...]) -> None:
    if word is not None and word not in words:
        raise bad_input(f"{name}: must be one of {', '.join(words)}")


def _sha256(text: str) -> None:
    try:
        TypeAdapter[str](Sha256).validate_python(text)
    except ValidationError as error:
        raise invalid(error, place="--evidence") from None
