"""``tousu open``: complaints from a file become running workflows, one result line for each."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cli import output, session
from cli.acceptance import Acceptance
from cli.errors import REFUSED, UNREACHABLE, CliError
from cli.rows import Row, read_rows
from cli.sample_files import dated_from_today, is_sample
from cli.starting import Outcome, open_row
from models.organisation import read_organisation
from rulebook.pack import rule_pack

if TYPE_CHECKING:
    from activities.ledger import Ledger

IN_FLIGHT = 20
"""Starts that are under way at once: enough to hide the way to the server, few enough to leave it to others too."""


def add_to(app: typer.Typer) -> None:
    """Give *app* the command ``open``."""
    app.command(
        "open",
        epilog="Example: tousu open samples/complaints.jsonl   or: tousu open complaints.csv --mapping columns.yaml",
    )(open_file)


def open_file(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="JSON, JSON lines or CSV; - reads standard input.")],
    mapping: Annotated[
        Path | None, typer.Option("--mapping", help="What the columns of a CSV file mean; makes the input CSV.")
    ] = None,
    pack: Annotated[
        str | None,
        typer.Option("--pack", help="Rules to run under, instead of those in force on the day of receipt."),
    ] = None,
) -> None:
    """
    Open complaints and print one JSON line for each: opened, already-open, sent, or rejected with the reason.

    A bad row never stops the rest. Opening the same complaint again changes nothing; the same id with other content is
    rejected. Our own samples are dated from today. The exit code is 1 if any was rejected, and 3 if any was only sent,
    because no worker took it in so far.
    """
    rows = read_rows(file, mapping)
    if pack is not None:
        rule_pack(pack)
    results = session.run(_open_all(rows, pack, sample=is_sample(file)))
    if results["rejected"]:
        raise typer.Exit(REFUSED)
    if results["sent"]:
        raise CliError(
            "NotAccepted",
            f"{results['sent']} of {len(rows)} are sent, and no worker has taken them in; see that one runs "
            "(`tousu ping`), and open the file again to hear what became of them",
            UNREACHABLE,
        )


async def _open_all(rows: Sequence[Row], pack: str | None, *, sample: bool) -> Counter[str]:
    now = session.now()
    settings = session.settings()
    organisation = read_organisation(settings.organisation)
    client = await session.client()
    results: Counter[str] = Counter()
    acceptance = Acceptance(client)
    with session.ledger() as ledger, progress() as bar:
        if sample:
            rows = dated_from_today(rows, now, lambda name: _receipt(ledger, name))
            typer.echo("示例投诉，收到日期按今天推算 samples, their receipts dated from today", err=True)
        task = bar.add_task("opening", total=len(rows))

        async def one(row: Row) -> Outcome:
            return await open_row(
                *(client, ledger, settings.task_queue, row, now),
                organisation=organisation,
                pack=pack,
                acceptance=acceptance,
            )

        async for outcome in in_order(rows, one):
            output.json_line(outcome.to_json())
            results[outcome.result] += 1
            bar.advance(task)
    return results


def _receipt(ledger: Ledger, complaint_id: str) -> datetime | None:
    known = ledger.case(complaint_id)
    return known.received_at if known else None


async def in_order(rows: Sequence[Row], work: Callable[[Row], Awaitable[Outcome]]) -> AsyncIterator[Outcome]:
    """Give the outcomes of *rows* in their order, a bounded number of them being worked on at once."""
    pending: deque[asyncio.Task[Outcome]] = deque()
    last: dict[tuple[str, str], asyncio.Task[Outcome]] = {}

    async def after(earlier: set[asyncio.Task[Outcome]], row: Row) -> Outcome:
        if earlier:
            await asyncio.wait(earlier)  # The first of two rows with one id or reference wins, always.
        return await work(row)

    try:
        for row in rows:
            said = row.data if isinstance(row.data, dict) else {}
            names = [
                (name, str(said[name])) for name in ("complaint_id", "source_reference") if said.get(name) is not None
            ]
            task = asyncio.create_task(after({last[name] for name in names if name in last}, row))
            last.update(dict.fromkeys(names, task))
            pending.append(task)
            if len(pending) >= IN_FLIGHT:
                yield await pending.popleft()
        while pending:
            yield await pending.popleft()
    finally:
        for task in pending:
            task.cancel()


def progress(what: str = "投诉 complaints") -> Progress:
    """Return a bar for a terminal, silent elsewhere."""
    console = output.console(stderr=True)
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
