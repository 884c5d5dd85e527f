"""The record outside its database: exported for an archive, and audited from there by whoever keeps it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TextIO

import typer

from cli import session
from cli.cases import AsJson, print_reports
from cli.errors import bad_input, unknown_complaint
from cli.files import STDIN
from cli.output import private_file

if TYPE_CHECKING:
    from activities.archive import Archived
    from activities.ledger import Ledger, VerifyReport

LONGEST: Final = 4_000_000
"""The most characters of a line; the longest event has a tenth of it."""

All = Annotated[bool, typer.Option("--all", help="Every complaint of the record.")]


def add_to(app: typer.Typer) -> None:
    """Give *app* the commands of this module."""
    app.command("export", epilog="Example: tousu export C-2026-0042 --out C-2026-0042.jsonl")(export)
    app.command("audit", epilog="Example: tousu audit C-2026-0042.jsonl")(audit)


def export(
    complaint_id: Annotated[str | None, typer.Argument(metavar="[ID]", help="The complaint.")] = None,
    all_of_them: All = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write to a file that only you may read.")
    ] = None,
) -> None:
    """
    Print a complaint's record as JSON lines: events with their rules and hashes, and what was made of them.

    For archives, and for tousu audit. It holds what was written in the events, personal data included.
    """
    from activities.archive import to_lines  # noqa: PLC0415  # the database's libraries take long to load

    if (complaint_id is None) != all_of_them:
        raise bad_input("name one complaint, or give --all")
    lines = complaints = 0
    with session.ledger() as ledger, _to(out) as text:
        for one in _of_record(ledger, complaint_id):
            for line in to_lines(one):
                typer.echo(json.dumps(line, ensure_ascii=False), file=text)
                lines += 1
            complaints += 1
    if out is not None:
        typer.echo(f"{out}: {complaints} complaints, {lines} lines; only you may read them")


def audit(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="What tousu export printed; - is standard input.")
    ] = None,
    all_of_them: All = False,
    as_json: AsJson = False,
) -> None:
    """
    Fold exported events again, offline, and report every difference; exit code 1 when there is one.

    It needs the file alone: the rules and the calendar are those that the events name. tousu verify asks the database
    instead, and checks its letters and intakes too. With --all the record's complaints are audited as if exported.
    """
    if (file is None) != all_of_them:
        raise bad_input("name one file, or give --all")
    if file is not None:
        print_reports(list(_of_file(file)), as_json=as_json)
        return
    from activities.archive import audit as audited  # noqa: PLC0415  # as above

    with session.ledger() as ledger:
        reports = [audited(one) for one in _of_record(ledger, None)]
    print_reports(reports, as_json=as_json)


@contextmanager
def _to(out: Path | None) -> Iterator[TextIO | None]:
    """Open *out* for its owner alone; None stands for standard output."""
    if out is None:
        yield None
        return
    try:
        with private_file(out) as text:
            yield text
    except OSError as error:
        raise bad_input(f"--out: {out} cannot be written ({error.strerror})") from None


def _of_record(ledger: Ledger, complaint_id: str | None) -> Iterator[Archived]:
    if complaint_id is None:
        yield from ledger.archived_all()
        return
    if ledger.intake(complaint_id) is None:
        raise unknown_complaint(complaint_id)
    yield ledger.archived(complaint_id)


def _of_file(file: Path) -> Iterator[VerifyReport]:
    from activities import archive  # noqa: PLC0415  # as above

    try:
        yield from map(archive.audit, archive.read_lines(_lines(file)))
    except archive.ArchiveError as error:
        raise bad_input(f"{file}: {error}") from None


def _each(file: Path, text: TextIO) -> Iterator[str]:
    while line := text.readline(LONGEST + 1):
        if len(line) > LONGEST:
            raise bad_input(f"{file}: a line is longer than {LONGEST:,} characters")
        yield line


def _lines(file: Path) -> Iterable[str]:
    try:
        if str(file) == STDIN:
            yield from _each(file, sys.stdin)
            return
        with file.open(encoding="utf-8-sig") as text:
            yield from _each(file, text)
    except OSError as error:
        raise bad_input(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise bad_input(f"{file}: is not UTF-8 text") from None
