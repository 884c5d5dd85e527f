"""``tousu verify``: whether the record is true, and whether it holds all that running complaints know."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer
from temporalio.service import RPCError

from cli import session
from cli.cases import AsJson, print_reports
from cli.errors import UNREACHABLE, as_cli_error, bad_input, unknown_complaint
from engine.errors import EngineError

if TYPE_CHECKING:
    from activities.ledger import Ledger, VerifyReport
    from activities.watchdog.asking import Compared


def add_to(app: typer.Typer) -> None:
    """Give *app* the command of this module."""
    app.command("verify", epilog="Example: tousu verify --all")(verify)


def verify(
    complaint_id: Annotated[str | None, typer.Argument(metavar="[ID]", help="The complaint.")] = None,
    all_of_them: Annotated[bool, typer.Option("--all", help="Every complaint of the record.")] = False,
    offline: Annotated[bool, typer.Option("--offline", help="With --all, ask no running complaint.")] = False,
    as_json: AsJson = False,
) -> None:
    """
    Check the chain of a complaint's events and compute its duties again; exit code 1 when anything differs.

    What was recorded at the time and what the events say today must agree in every deadline and every breach. It checks this
    database, its letters and intakes too; tousu audit checks a file that tousu export printed, without any database. With
    --all every running complaint is asked whether it has events that its record lacks; exit code 3 when one could not be.
    """
    if (complaint_id is None) != all_of_them:
        raise bad_input("name one complaint, or give --all")
    if offline and not all_of_them:
        raise bad_input("--offline: goes with --all")
    with session.ledger() as ledger:
        if complaint_id is not None and not ledger.known([complaint_id]):
            raise unknown_complaint(complaint_id)
        reports = [ledger.verify(complaint_id)] if complaint_id else list(ledger.verify_all())
        all_asked = True
        if all_of_them and not offline:
            reports, all_asked = _compared(ledger, reports)
    print_reports(reports, as_json=as_json)
    if not all_asked:
        raise typer.Exit(UNREACHABLE)


def _compared(ledger: Ledger, reports: list[VerifyReport]) -> tuple[list[VerifyReport], bool]:
    """Return *reports* with what running complaints know and the record does not, and whether each of them answered."""
    from activities.ledger import VerifyReport  # noqa: PLC0415  # the database's libraries take long to load
    from activities.ledger_chain import GENESIS  # noqa: PLC0415  # as above

    try:
        found = session.run(_asked(ledger))
    except (EngineError, RPCError) as error:
        if (line := as_cli_error(error)) is None:
            raise
        typer.echo(f"running complaints were not compared with the record: {line.message} [{line.code}]", err=True)
        return reports, False
    if found.silent:
        typer.echo(
            f"{len(found.silent)} of {found.asked} running complaints gave no answer and were not compared", err=True
        )
    known = {report.complaint_id: report for report in reports}
    for name, events in found.apart.items():
        report = known.get(name) or VerifyReport(name, 0, GENESIS, ())
        known[name] = replace(report, differences=(*report.differences, str(events)))
    return [known[name] for name in sorted(known)], not found.silent


async def _asked(ledger: Ledger) -> Compared:
    from activities.watchdog.asking import compared  # noqa: PLC0415  # as above

    return await compared(await session.client(), ledger, session.settings().task_queue)
