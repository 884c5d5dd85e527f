"""
``tousu report``: the closure report of a complaint, and reports with figures over all of them.

All are made from the record alone, whether or not a server runs.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from cli import figures, output, session
from cli.cases import AsJson, Id
from cli.errors import CliError, bad_input, unknown_complaint
from cli.files import write
from models.organisation import read_organisation

if TYPE_CHECKING:
    from activities.closure_report import Report


class ReportGroup(TyperGroup):
    """The reports; a bare complaint id is told apart from them, since a complaint may be called like one of them."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that *args* name; CliError with the way to write it when they name none."""
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            kinds = ", ".join(name for name in self.commands if name != "case")
            raise bad_input(f"say which report: `tousu report case ID` of one complaint, or one of {kinds}")
        return super().resolve_command(ctx, args)


def add_to(app: typer.Typer) -> None:
    """Give *app* the group ``report``."""
    group = typer.Typer(help="Reports: of one complaint, and with figures.", cls=ReportGroup, rich_markup_mode=None)
    group.command("case", epilog="Example: tousu report case C-2026-0042 --out reports --format docx")(case)
    for name, command in figures.REPORTS.items():
        group.command(name, epilog=f"Example: {figures.EXAMPLES[name]}")(command)
    app.add_typer(group, name="report")


class Form(StrEnum):
    """In which form the report is written."""

    HTML = "html"
    DOCX = "docx"
    BOTH = "both"


def case(
    complaint_id: Id,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder to write to; it is made if need be.")],
    form: Annotated[Form, typer.Option("--format", help="A page, a Word document, or both.")] = Form.BOTH,
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
    files = {Form.HTML: to_html, Form.DOCX: to_docx}
    name = f"closure-report-{complaint_id}" + ("-draft" if made.draft else "")
    for kind in files if form is Form.BOTH else (form,):
        path = write(out / f"{name}.{kind}", content := files[kind](made))
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
