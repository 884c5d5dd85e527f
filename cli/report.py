"""The closure report of a complaint, for the file: from its record alone, whether or not a server runs."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import output, session
from cli.cases import AsJson, Id
from cli.errors import CliError, bad_input, unknown_complaint
from models.organisation import read_organisation

if TYPE_CHECKING:
    from activities.closure_report import Report


class Format(StrEnum):
    """In which form the report is written."""

    HTML = "html"
    DOCX = "docx"
    BOTH = "both"


def add_to(app: typer.Typer) -> None:
    """Give *app* the command of this module."""
    app.command("report", epilog="Example: tousu report C-2026-0042 --out reports --format docx")(report)


def report(
    complaint_id: Id,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder to write to; it is made if need be.")],
    form: Annotated[Format, typer.Option("--format", help="A page, a Word document, or both.")] = Format.BOTH,
    draft: Annotated[
        bool, typer.Option("--draft", help="Also of a case that is not closed, marked as a draft.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """
    Write the closure report (结案报告) of a complaint, and print the SHA-256 of each file.

    It holds personal data in full. The same record gives the same files.
    """
    # Here and not above: what draws documents takes longer to load than most commands take to run.
    from activities.closure_report import to_docx, to_html  # noqa: PLC0415

    made = _report(complaint_id, draft=draft)
    files = {Format.HTML: to_html, Format.DOCX: to_docx}
    name = f"closure-report-{complaint_id}" + ("-draft" if made.draft else "")
    for kind in files if form is Format.BOTH else (form,):
        path = _write(out / f"{name}.{kind}", content := files[kind](made))
        sha256 = hashlib.sha256(content).hexdigest()
        if as_json:
            output.json_line({"complaint_id": complaint_id, "path": str(path), "sha256": sha256, "draft": made.draft})
        else:
            typer.echo(f"{sha256}  {path}")


def _report(complaint_id: str, *, draft: bool) -> Report:
    from activities import closure_report  # noqa: PLC0415  # as above

    organisation = read_organisation(session.settings().organisation)
    with session.ledger() as ledger:
        if ledger.intake(complaint_id) is None:
            raise unknown_complaint(complaint_id)
        if not ledger.verify(complaint_id).ok:
            raise CliError(
                "RecordDiffers", f"the record of {complaint_id} does not verify; see tousu verify {complaint_id}"
            )
        record = closure_report.Record.read(ledger, complaint_id, organisation)
    if record is None:
        raise CliError("NotClosed", f"{complaint_id} has just been registered, nothing is on record yet")
    made = closure_report.report(record)
    if made.draft and not draft:
        raise CliError("NotClosed", f"{complaint_id} is not closed; --draft writes a report that says so")
    return made


def _write(path: Path, content: bytes) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise bad_input(f"--out: {path} cannot be written ({error.strerror})") from None
    return path
