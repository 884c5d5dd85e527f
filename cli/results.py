"""``tousu results``: what became of complaints, in the shape in which another system takes it, such as the 12378 feed."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cli import session
from cli.errors import CliError, bad_input
from cli.feed_rows import Row, rows_of
from cli.output import private_bytes
from models.intake import Intake
from models.mapping import ColumnMapping, read_mapping
from models.source import MappingError
from models.tabular.written import TableError, csv_bytes, workbook_bytes
from rulebook import events as ev

if TYPE_CHECKING:
    from activities.ledger import Ledger

Format = Literal["jsonl", "csv", "xlsx"]


def add_to(app: typer.Typer) -> None:
    """Give *app* the command ``results``."""
    app.command(
        "results",
        epilog="Example: tousu results --mapping samples/feed-12378.yaml --since 0 --out results.csv --format csv",
    )(results)


def results(
    *,
    mapping: Annotated[Path, typer.Option("--mapping", help="What the columns mean, as for tousu import.")],
    since: Annotated[
        int, typer.Option("--since", metavar="CURSOR", help="Only what came after this; see the line at the end.")
    ] = 0,
    form: Annotated[Format, typer.Option("--format", help="How the rows are written.")] = "jsonl",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write to a file that only you may read.")
    ] = None,
) -> None:
    """
    Write the results of complaints that were decided or have ended, each as its record stands now.

    The columns are those of the mapping, and nothing else leaves. A complaint comes again when its record has grown. The
    last line, on standard error, is the cursor from which the next call goes on; a call that failed is simply made again.
    In CSV, text that a spreadsheet would run as a formula begins with an apostrophe; an import takes it off again.
    """
    by = read_mapping(mapping)
    if form == "xlsx" and out is None:
        raise bad_input("--format xlsx needs --out FILE")
    with session.ledger() as ledger:
        ledger.journal.number_results(session.now())
        if since > ledger.journal.last_result():
            raise CliError(
                "CursorAhead",
                "--since: no result has this number yet; if the record was restored from a backup, "
                "go on from the cursor that you had when it was made, or from 0",
            )
        found = list(ledger.journal.results(since))
        rows = [row for _, complaint_id in found for row in _rows(ledger, by, complaint_id)]
    _write(_written(form, by.ordered, rows), out)
    cursor = max((number for number, _ in found), default=since)
    typer.echo(f"complaints {len(found)}  rows {len(rows)}  cursor {cursor}", err=True)


def _rows(ledger: Ledger, mapping: ColumnMapping, complaint_id: str) -> Iterator[Row]:
    intake = Intake.model_validate(ledger.intake(complaint_id)).model_dump(mode="json")
    events = [ev.event_to_json(event) for event in ledger.events(complaint_id)]
    try:
        yield from rows_of(mapping, intake, events)
    except MappingError as error:
        raise CliError("NotExpressible", f"{complaint_id}, column {error.column}: {error}") from None


def _written(form: Format, columns: Sequence[str], rows: Sequence[Row]) -> bytes:
    if form == "jsonl":
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    table = [list(columns), *([row[name] for name in columns] for row in rows)]
    try:
        return csv_bytes(table, mark=True) if form == "csv" else workbook_bytes("results", table)
    except TableError as error:
        raise CliError("NotExpressible", str(error)) from None


def _write(data: bytes, out: Path | None) -> None:
    if out is None:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
        return
    try:
        private_bytes(out, data)
    except OSError as error:
        raise bad_input(f"--out: {out} cannot be written ({error.strerror})") from None
