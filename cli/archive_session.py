"""The archive as a command opens it: the store, the index, the rules of retention and the people who may decide."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from cli import output, session
from cli.errors import CliError, bad_input
from models.organisation import read_organisation

if TYPE_CHECKING:
    from activities.sealing import Archive
    from activities.sealing.index import Span
    from models.archive import Manifest


@contextmanager
def open_archive() -> Iterator[Archive]:
    """Open the archive for the length of the block; what it refuses becomes the command's one line."""
    # Here and not above: the libraries of the database and the store take longer to load than most commands take to run.
    from activities.sealing import Archive, ArchiveRefused  # noqa: PLC0415

    settings = session.settings()
    if settings.archive is None:
        raise bad_input("no archive is set up; set TOUSU_ARCHIVE_URL and TOUSU_ARCHIVE_KEYS")
    organisation = read_organisation(settings.organisation)
    with session.ledger() as ledger:
        try:
            yield Archive.open(settings.archive, ledger, organisation, settings.home)
        except ArchiveRefused as error:
            raise CliError(error.code, str(error)) from None


def seal_at_rest(archive: Archive, complaint_id: str) -> Manifest:
    """Seal the file of a complaint that has come to rest, by what the process itself asks; ArchiveRefused names the rest."""
    from workflows.case import Case  # noqa: PLC0415  # as above
    from workflows.rest import unfinished  # noqa: PLC0415

    return archive.seal(
        complaint_id,
        unless=lambda record: unfinished(Case(record.intake, record.pin, record.events), session.now()),
    )


def start_of_day(text: str | None, option: str, days: int = 0) -> datetime | None:
    """Return when the day that *text* names begins, *days* later; CliError names the *option* if it names none."""
    day = parse_day(text, option)
    return datetime.combine(day + timedelta(days=days), time(), output.ZONE) if day else None


def parse_day(text: str | None, option: str) -> date | None:
    """Return the day that *text* names; CliError names the *option* if it names none."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise bad_input(f"{option}: not a day such as 2026-03-02") from None


def days(first: str | None, last: str | None, *options: str) -> Span:
    """Return the span from the day *first* to the day *last*, both included; CliError names the two *options*."""
    begin, end = start_of_day(first, options[0]), start_of_day(last, options[1], days=1)
    if begin is not None and end is not None and end <= begin:
        raise bad_input(f"{options[1]}: lies before {options[0]}")
    return begin, end
