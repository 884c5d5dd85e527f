"""``tousu calendar``: publish a notice about working days to every complaint that runs, and list what is known."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import typer
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode

from cli import output, session
from cli.commands import send
from cli.errors import REFUSED, CliError, as_cli_error, bad_input
from cli.opening import progress
from cli.verb import file_text
from cli.verbs import BY_NAME
from models.actor import ADOPTERS, actor
from models.opening import RUNNING, complaint_of
from models.organisation import read_organisation
from rulebook.calendar import UNPUBLISHED, WorkingCalendar, calendar
from rulebook.errors import CalendarError
from rulebook.notice import Notice, parse_notice

IN_FLIGHT = 20
"""How many complaints adopt at once."""

RESULTS = ("adopted", "already", "elsewhere", "ended", "failed")
"""What became of a complaint; *elsewhere* counts by another calendar."""


def add_to(app: typer.Typer) -> None:
    """Give *app* the group ``calendar``."""
    group = typer.Typer(help="The working calendar under running complaints.", rich_markup_mode=None)
    group.command("adopt", epilog="Example: tousu calendar adopt 2026-11-10.yaml --as p-hq-xb-01")(adopt)
    group.command("list", epilog="Example: tousu calendar list")(listed)
    app.add_typer(group, name="calendar")


def adopt(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The notice, as it will lie in the calendar.")],
    who: Annotated[str, typer.Option("--as", metavar="PERSON", help="Who adopts it, of head office.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """
    Publish a notice (放假通知): running complaints count their working days anew, and later ones from the beginning.

    It may be broken off and given again: a complaint adopts a notice once. Natural days never move. The exit code is 1 when
    a complaint could not adopt it; give the command again once the reason is gone.
    """
    text, notice = _read(file)
    _refuse_stranger(who)
    with session.ledger() as ledger:
        known = with_published(calendar(notice.calendar), ledger.calendar_notices())
        if not known.knows(notice):
            _refuse_misfit(file, known, notice)
        ledger.publish_notice(notice, who, session.now())
    results = session.run(_adopt_all(text, notice, who))
    if as_json:
        output.json_line({"notice": notice.id, **{name: results[name] for name in RESULTS}})
    else:
        typer.echo(f"{notice.id}: " + ", ".join(f"{results[name]} {name}" for name in RESULTS))
    if results["failed"]:
        raise typer.Exit(REFUSED)


def _refuse_stranger(who: str) -> None:
    organisation = read_organisation(session.settings().organisation)
    top = organisation.unit_list[0].code
    person = actor(organisation, who, top, top)
    if person is None:
        raise CliError("UnknownActor", "--as: the organisation data know no such person", REFUSED)
    if not person.adopts_calendars:
        raise CliError("NotAuthorised", f"--as: {ADOPTERS}", REFUSED)


def with_published(shipped: WorkingCalendar, published: list[Notice]) -> WorkingCalendar:
    """Return the *shipped* calendar with the notices that were *published* to running complaints since."""
    for notice in published:
        if notice.calendar == shipped.id and not shipped.knows(notice):
            shipped = shipped.with_notice(notice)
    return shipped


def _read(file: Path) -> tuple[str, Notice]:
    text = file_text(file)
    try:
        return text, parse_notice(text, file.name)
    except CalendarError as error:
        raise bad_input(str(error)) from None


def _refuse_misfit(file: Path, known: WorkingCalendar, notice: Notice) -> None:
    try:
        known.with_notice(notice)
    except CalendarError as error:
        raise bad_input(f"{file.name}: {error}") from None


async def _adopt_all(text: str, notice: Notice, who: str) -> Counter[str]:
    client = await session.client()
    results: Counter[str] = Counter()
    total = (await client.count_workflows(RUNNING)).count
    with progress() as bar:
        task = bar.add_task("adopting", total=total)
        async for batch in _batches(client):
            for result in await asyncio.gather(*(_adopt(client, one, text, notice, who) for one in batch)):
                results[result] += 1
                bar.advance(task)
    return results


async def _batches(client: Client) -> AsyncIterator[list[str]]:
    """Give the ids of the complaints that run, some at a time."""
    batch: list[str] = []
    async for one in client.list_workflows(RUNNING):
        batch.append(complaint_of(one.id))
        if len(batch) == IN_FLIGHT:
            yield batch
            batch = []
    if batch:
        yield batch


async def _adopt(client: Client, complaint_id: str, text: str, notice: Notice, who: str) -> str:
    verb = BY_NAME["adopt-calendar"]
    command = verb.command({"id": f"calendar-{notice.id}", "actor": who, "notice": text})
    try:
        name, _, version = ((await session.view(client, complaint_id)).calendar or "").partition("@")
        if name not in {"", notice.calendar}:
            return "elsewhere"
        if version not in {"", UNPUBLISHED} and version >= notice.published.isoformat():
            return "already"
        await send(client, complaint_id, verb, command)
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return "ended"
        _say(complaint_id, error)
        return "failed"
    except WorkflowUpdateFailedError as error:
        _say(complaint_id, error)
        return "failed"
    return "adopted"


def _say(complaint_id: str, error: Exception) -> None:
    line = as_cli_error(error)
    typer.echo(f"{complaint_id}: {line.message} [{line.code}]" if line else f"{complaint_id}: {error}", err=True)


def listed(as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False) -> None:
    """List the notices that were published to running complaints, beyond those that came with this release."""
    with session.ledger() as ledger:
        notices = ledger.calendar_notices()
    if as_json:
        for notice in notices:
            output.json_line(notice.model_dump(mode="json"))
        return
    shown = output.table(
        "放假通知 notices", "编号 id", "年份 year", "公布 published", "标题 title", "随版本 in the release"
    )
    for notice in notices:
        shipped = calendar(notice.calendar).knows(notice)
        shown.add_row(
            notice.id, str(notice.year), str(notice.published), notice.title, "是 yes" if shipped else "否 no"
        )
    output.console().print(shown)
