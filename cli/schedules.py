"""``tousu schedules``: put on the server what is done at fixed times, see, pause or do it now, and read what came of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import typer
from temporalio.client import Client, ScheduleDescription
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError, RPCStatusCode

from cli import output, session
from cli.cases import AsJson
from cli.errors import CliError, bad_input
from engine import schedules as engine
from models.supervision import Scheduled, Supervision, read_supervision
from models.supervision_steps import SUPERVISION_WORKFLOW, Firing, schedule_id

if TYPE_CHECKING:
    from activities.ledger import Ledger
    from models.supervision_tables import RunRow

RUN_WITHIN = timedelta(minutes=15)

Name = Annotated[str, typer.Argument(metavar="SCHEDULE", help="The schedule, such as bulletin.")]
Run = Annotated[str, typer.Argument(metavar="RUN", help="The run, such as bulletin-2026-W47.")]


def add_to(app: typer.Typer) -> None:
    """Give *app* the group ``schedules``."""
    group = typer.Typer(help="What is done at fixed times to supervise complaints (督导日程).", rich_markup_mode=None)
    group.command("apply", epilog="Example: tousu schedules apply")(apply)
    group.command("list", epilog="Example: tousu schedules list")(listed)
    group.command("pause", epilog='Example: tousu schedules pause bulletin --reason "new departments"')(pause)
    group.command("resume", epilog="Example: tousu schedules resume bulletin")(resume)
    group.command("run-now", epilog="Example: tousu schedules run-now bulletin --period 2026-W47")(run_now)
    group.command("runs", epilog="Example: tousu schedules runs --schedule bulletin")(runs)
    group.command("document", epilog="Example: tousu schedules document bulletin-2026-W47 --out bulletins")(document)
    app.add_typer(group, name="schedules")


def rules() -> Supervision:
    """Return what the settings' file says is done at fixed times."""
    return read_supervision(session.settings().supervision)


def apply(
    anew: Annotated[
        bool, typer.Option("--anew", help="Take each away and make it again: brings back one that stopped silently.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bring the schedules on the server to what the file says, and show what differed; doing it again changes nothing."""
    for one in session.run(_apply(anew=anew)):
        if as_json:
            output.json_line({"schedule": one.name, "change": one.change, "differences": list(one.differences)})
        else:
            typer.echo(f"{one.name}: {one.change}" + (f" ({', '.join(one.differences)})" if one.differences else ""))


async def _apply(*, anew: bool) -> list[engine.Applied]:
    return await engine.apply(await session.client(), rules(), session.settings().task_queue, anew=anew)


def listed(as_json: AsJson = False) -> None:
    """List the schedules: what is owed when, what was done last, and whether the server's is paused or differs."""
    known = rules()
    there = session.run(_described(known))
    with session.ledger() as ledger, output.in_zone(known.zone):
        lines = [_line(known, ledger, one, there[one.id]) for one in known.schedules]
    lines.append({"schedule": "watchdog", "title": str(known.watchdog.title), "last": None, **there["watchdog"]})
    lines[-1]["owed"] = f"every {known.watchdog.every_minutes} minutes"
    if as_json:
        for line in lines:
            output.json_line(line)
        return
    shown = output.table(
        f"督导日程 schedules · {known.time_zone}",
        "编号 id",
        "名称 title",
        "应办 owed",
        "最近 last",
        "下次触发 next firing",
        "状态 state",
    )
    with output.in_zone(known.zone):
        for line in lines:
            when = output.instant(datetime.fromisoformat(line["next"])) if line["next"] else "—"
            shown.add_row(line["schedule"], line["title"], line["owed"], line["last"] or "—", when, line["state"])
    output.console().print(shown)


def _line(known: Supervision, ledger: Ledger, one: Scheduled, there: dict[str, Any]) -> dict[str, Any]:
    calendar = known.known_days(ledger.calendar_notices())
    newest, now = ledger.supervision.owed(one, calendar, known.zone, session.now())
    last = ledger.supervision.newest(one.id)
    following = f"{newest.next().name}: {output.instant(one.day.rule.due(newest.next(), calendar, known.zone))}"
    return {
        "schedule": one.id,
        "title": str(one.title),
        "owed": "；".join([*(f"{late.period.name}: 待办 now" for late in now), following]),
        "last": last.run if last else None,
        **there,
    }


async def _described(known: Supervision) -> dict[str, dict[str, Any]]:
    client = await session.client()
    wanted = engine.wanted(known, session.settings().task_queue)
    return {
        name: {**_state(await engine.described(client, name), schedule, known.zone), "time_zone": known.time_zone}
        for name, schedule in wanted.items()
    }


def _state(there: ScheduleDescription | None, wanted: Any, zone: ZoneInfo) -> dict[str, Any]:
    if there is None:
        return {"state": "未设置 missing", "next": None}
    found = list(engine.differences(there, wanted))
    state = "暂停 paused" if there.schedule.state.paused else "运行 running"
    if there.schedule.state.paused and there.schedule.state.note:
        state += f" ({there.schedule.state.note})"
    upcoming = there.info.next_action_times
    return {
        "state": state + (f"；与文件不同 differs: {', '.join(found)}" if found else ""),
        "next": upcoming[0].astimezone(zone).isoformat() if upcoming else None,
    }


def pause(
    name: Name,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why, for whoever looks; no names of people.")
    ],
) -> None:
    """Stop a schedule from firing until it is resumed; what is owed meanwhile is done then."""
    session.run(_set(name, reason, paused=True))
    typer.echo(f"{name}: 暂停 paused")


def resume(name: Name) -> None:
    """Let a paused schedule fire again."""
    session.run(_set(name, None, paused=False))
    typer.echo(f"{name}: 运行 running")


async def _set(name: str, reason: str | None, *, paused: bool) -> None:
    handle = (await _known(name)).get_schedule_handle(schedule_id(name))
    try:
        await (handle.pause(note=reason) if paused else handle.unpause())
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise
        raise CliError("ScheduleMissing", f"{name} is not on the server; run tousu schedules apply") from None


async def _known(name: str) -> Client:
    if name not in engine.names(rules()):
        raise bad_input(f"there is no schedule of this id; there are {', '.join(engine.names(rules()))}")
    return await session.client()


def run_now(
    name: Name,
    period: Annotated[
        str | None, typer.Option("--period", metavar="PERIOD", help="One period that is over, such as 2026-W47.")
    ] = None,
) -> None:
    """Do now what a schedule owes, or what it makes of one period; what was done before is not done again."""
    if name == engine.WATCHDOG:
        raise bad_input("the watchdog looks now by `tousu watchdog`, with `--repair` it also starts what is owed")
    rules().scheduled(name)
    if period is not None:
        _refuse_by_hand(name, period)
    typer.echo(session.run(_run_now(name, period)))


def _refuse_by_hand(name: str, period: str) -> None:
    """Raise CliError for a period of which nothing is made, before a workflow is started that could only fail of it."""
    from activities.supervision.steps import ByHandRefused, period_by_hand  # noqa: PLC0415  # the database loads slowly

    try:
        with session.ledger() as ledger:
            period_by_hand(ledger.supervision, rules(), rules().scheduled(name), period, session.now())
    except ByHandRefused as refused:
        raise CliError(refused.code, str(refused)) from None


async def _run_now(name: str, period: str | None) -> str:
    client = await _known(name)
    done: str = await client.execute_workflow(
        SUPERVISION_WORKFLOW,
        Firing(schedule=name, period=period),
        id=f"supervision-{name}-by-hand-{uuid4().hex[:8]}",
        task_queue=session.settings().task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
        static_summary=f"{rules().scheduled(name).title} · {period or '应办事项 what is owed'}",
        execution_timeout=RUN_WITHIN,
        result_type=str,
    )
    return done


def runs(
    schedule: Annotated[str | None, typer.Option("--schedule", metavar="SCHEDULE", help="Those of one only.")] = None,
    as_json: AsJson = False,
) -> None:
    """List what was done, the newest period first: each run with its hash, its copies and the committee's calls."""
    zone = rules().zone
    with session.ledger() as ledger:
        lines = [_run(ledger, row) for row in ledger.supervision.runs(schedule)]
    if as_json:
        for line in lines:
            output.json_line(line)
        return
    shown = output.table(
        f"已办 runs · {zone.key}", "编号 run", "时间 ran at", "送达 copies", "督办 committee", "内容哈希 SHA-256"
    )
    for line in lines:
        copies = "—" if line["copies"] is None else str(line["copies"])
        calls = "、".join(line["committee"]) or "—"
        with output.in_zone(zone):
            ran_at = output.instant(datetime.fromisoformat(line["ran_at"]))
        shown.add_row(line["run"], ran_at, copies, calls, line["content_hash"][:16])
    output.console().print(shown)


def _run(ledger: Ledger, row: RunRow) -> dict[str, Any]:
    sent = ledger.supervision.sent(row.run)
    return {
        "run": row.run,
        "ran_at": row.ran_at.isoformat(),
        "passed_over": row.passed_over,
        "copies": len(sent.proofs) if sent else None,
        "committee": [f"{call.unit}/{call.department or '—'}" for call in ledger.supervision.committee_calls(row.run)],
        "content_hash": row.content_hash,
    }


def document(
    run: Run,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Write each area's page there.")] = None,
    area: Annotated[str | None, typer.Option("--area", metavar="UNIT", help="One area only, such as gd.")] = None,
) -> None:
    """Print the documents of a run, or write them as pages; the same run gives the same documents for ever."""
    from activities.supervision.document import documents  # noqa: PLC0415  # the database's libraries load slowly

    known = rules()
    with session.ledger() as ledger:
        row = ledger.supervision.run(run)
    if row is None:
        raise CliError("UnknownRun", "the record has no such run; see tousu schedules runs")
    made = {
        name: one
        for name, one in documents(row, str(known.scheduled(row.schedule).title), known.time_zone)
        if area in {None, name}
    }
    if not made:
        raise CliError("NoDocument", "the run has no document for this; nothing was found to tell")
    for name, one in made.items():
        if out is None:
            typer.echo(one.to_text())
            continue
        path = out / f"{run}.{name}.html"
        with output.private_file(path) as file:
            file.write(one.to_html())
        typer.echo(str(path))
