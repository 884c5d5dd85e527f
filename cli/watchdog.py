"""``tousu watchdog``: what is not as it should be, in the record and on the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli import output, session
from cli.cases import AsJson
from cli.errors import REFUSED
from cli.schedules import rules

if TYPE_CHECKING:
    from activities.ledger import Ledger
    from activities.watchdog.findings import Finding


def add_to(app: typer.Typer) -> None:
    """Give *app* the command of this module."""
    app.command("watchdog", epilog="Example: tousu watchdog --without-temporal")(watchdog)


def watchdog(
    without_temporal: Annotated[
        bool, typer.Option("--without-temporal", help="Look at the record alone, when no server answers.")
    ] = False,
    repair: Annotated[
        bool,
        typer.Option(
            "--repair",
            help="Compute projections anew, start what is owed and what was ended alone; nothing else is touched.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """
    Compare what is due in the record with what happened and with the workflows that run; exit 1 when something is wrong.

    Each finding is one line: a stable code, what it is about, and the remedy.
    """
    with session.ledger() as ledger:
        found, repaired = session.run(_look(ledger, without_temporal=without_temporal, repair=repair))
    for one in found:
        if as_json:
            output.json_line({**one.to_json(), "repaired": one in repaired})
        else:
            typer.echo(one.told + ("  [已修复 repaired]" if one in repaired else ""))
    if not found and not as_json:
        typer.echo("无异常 nothing is wrong")
    if len(found) > len(repaired):
        raise typer.Exit(REFUSED)


async def _look(ledger: Ledger, *, without_temporal: bool, repair: bool) -> tuple[list[Finding], list[Finding]]:
    from activities.watchdog.steps import Watch  # noqa: PLC0415  # the database's libraries load slowly

    client = None if without_temporal else await session.client()
    settings = session.settings()
    watch = Watch(ledger, rules(), client, settings.task_queue, archives=settings.archive is not None)
    found = await watch.look(session.now())
    return found, await watch.repair(found) if repair else []
