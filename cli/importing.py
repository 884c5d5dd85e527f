"""``tousu import``: complaints that another system has begun go on here, with what happened to them there."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from pydantic import TypeAdapter, ValidationError
from temporalio.client import Client

from cli import output, session
from cli.errors import REFUSED, CliError, bad_input, invalid
from cli.import_known import Recorded
from cli.import_plan import Fault, Importer, Item
from cli.import_rows import ImportFile, read_file
from cli.opening import IN_FLIGHT, progress
from cli.rejected import Rejected, SameComplaint
from cli.starting import open_once, refuse_left_behind
from models.actor import actor
from models.intake import Intake
from models.intake_warnings import warnings
from models.opening import Opening
from models.organisation import Organisation, read_organisation
from models.tabular.written import csv_bytes
from rulebook import events as ev
from rulebook.pack import Pin, rule_pack
from rulebook.scalars import Instant, Line

if TYPE_CHECKING:
    from activities.journal import Journal, Known
    from activities.ledger import Ledger

Result = Literal["imported", "would-import", "already", "done-before", "rejected"]
_INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)
_LINE: TypeAdapter[str] = TypeAdapter(Line)


def add_to(app: typer.Typer) -> None:
    """Give *app* the command ``import``."""
    app.command(
        "import",
        epilog="Example: tousu import old.csv --mapping samples/import-mapping.yaml --as p-hq-kf-01 --dry-run",
    )(import_file)


def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .csv, .jsonl or .xlsx file.")],
    *,
    by: Annotated[str, typer.Option("--as", metavar="PERSON", help="Who answers for the import.")],
    mapping: Annotated[
        Path | None, typer.Option("--mapping", help="What the columns mean; JSON lines do without.")
    ] = None,
    sheet: Annotated[str | None, typer.Option("--sheet", help="The sheet of a workbook; left out, the first.")] = None,
    system: Annotated[
        str, typer.Option("--system", help="Name of the system that the file comes from.")
    ] = "其他系统 another system",
    pack: Annotated[
        str | None, typer.Option("--pack", help="Rules to run under, instead of those in force on the day of receipt.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check every row and start nothing; say which letters would leave.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="OUT.csv", help="Write what is wrong with rows to a CSV file.")
    ] = None,
) -> None:
    """
    Take over complaints from another system, with what happened to them there, and print one JSON line for each.

    A row is a complaint, an event of one, or both. Every row is checked before anything is started; a complaint with a bad
    row is left out whole. Importing a file again goes on where it stopped, and does nothing once all is done. What the
    complainant was not told there, as far as the file says, is told here: see "letters" in a dry run. The exit code is 1
    if any complaint was rejected.
    """
    organisation = read_organisation(session.settings().organisation)
    _refuse_stranger(organisation, by)
    try:
        _LINE.validate_python(system)
    except ValidationError as error:
        raise invalid(error, place="--system") from None
    if pack is not None:
        rule_pack(pack)
    read = read_file(file, mapping, sheet)
    results, faults = session.run(_import(read, system, by, organisation, pack, dry_run=dry_run))
    if report is not None:
        _write_report(report, faults)
    told = "  ".join(f"{name} {count}" for name, count in sorted(results.items())) or "no complaints"
    typer.echo(f"{told}  rows {len(read.lines)}  faults {len(faults)}", err=True)
    if results["rejected"]:
        raise typer.Exit(REFUSED)


def _refuse_stranger(organisation: Organisation, who: str) -> None:
    # Whoever imports writes history: what happened, when, and who did it.
    top = organisation.unit_list[0].code
    person = actor(organisation, who, top, top)
    if person is None:
        raise CliError("UnknownActor", "--as: the organisation data know no such person")
    if not person.imports:
        raise CliError(
            "NotAuthorised", "--as: head office takes complaints over: its consumer protection or its customer service"
        )


async def _import(
    file: ImportFile, system: str, by: str, organisation: Organisation, pack: str | None, *, dry_run: bool
) -> tuple[Counter[Result], list[Fault]]:
    now = session.now()
    results: Counter[Result] = Counter()
    with session.ledger() as ledger:
        journal = ledger.journal
        importer = Importer(
            file,
            system,
            by,
            now,
            recorded=_recorded(ledger, journal),
            twin=Twins(journal),
            pin=_rules(pack, organisation, now),
            people=organisation.people,
        )
        items = list(importer.items())
        faults = [fault for item in items for fault in item.faults]
        done = journal.done(file.digest)
        ready = [item for item in items if not item.faults]
        if not dry_run:
            _refuse_unattributed(file, items)
            if any(item.complaint not in done for item in ready):
                journal.begin(file.digest, system, by, len(items), now)
        # Nothing is asked of the server unless there is something to start.
        client = None if dry_run or all(_settled(item, done) for item in items) else await session.client()
        work = _Work(client, ledger, session.settings().task_queue, file.digest, done, now)
        with progress("迁入 import") as bar:
            task = bar.add_task("importing", total=len(items))
            for start in range(0, len(items), IN_FLIGHT):
                for line in await asyncio.gather(*map(work.do, items[start : start + IN_FLIGHT])):
                    output.json_line(line)
                    results[line["result"]] += 1
                    bar.advance(task)
    return results, faults


@dataclass(frozen=True)
class _Work:
    """Does what the plan says for one complaint after the other, and notes it in the journal."""

    client: Client | None
    ledger: Ledger
    queue: str
    digest: str
    done: frozenset[str]
    now: datetime

    async def do(self, item: Item) -> dict[str, Any]:
        """Return the line that says what became of *item*."""
        line: dict[str, Any] = {"complaint_id": item.complaint, "rows": item.rows}
        if item.faults:
            first = item.faults[0]
            return {
                **line,
                "result": "rejected",
                "row": first.row,
                "column": first.column,
                "code": first.code,
                "reason": first.sentence,
                "faults": len(item.faults),
            }
        if item.repeated:
            line["repeated_rows"] = list(item.repeated)
        if item.complaint in self.done:
            return {**line, "result": "done-before"}
        if item.opening is None:
            return {**line, **await self._already(item)}
        line |= {"stage": item.stage, "breaches": item.breaches, "letters": list(item.letters)}
        if doubts := warnings(item.opening.intake):
            line["warnings"] = list(doubts)
        if self.client is None:
            return {**line, "result": "would-import"}
        return {**line, **await self._start(self.client, item, item.opening)}

    async def _already(self, item: Item) -> dict[str, Any]:
        if item.known is not None and item.known == item.complaint and self.client is not None:
            try:
                await refuse_left_behind(self.client, self.ledger, item.known)
            except Rejected as rejected:
                return {"result": "rejected", "code": rejected.code, "reason": str(rejected)}
        await self._note(item, "already")
        return {"result": "already", **({} if item.known == item.complaint else {"same_as": item.known})}

    async def _start(self, client: Client, item: Item, opening: Opening) -> dict[str, Any]:
        try:
            fresh = await open_once(client, self.ledger, self.queue, opening)
        except SameComplaint as same:
            await self._note(item, "already")
            return {"result": "already", "same_as": same.known}
        except Rejected as rejected:
            return {"result": "rejected", "code": rejected.code, "reason": str(rejected)}
        result: Literal["imported", "already"] = "imported" if fresh else "already"
        await self._note(item, result)
        return {"result": result}

    async def _note(self, item: Item, result: Literal["imported", "already"]) -> None:
        if self.client is not None and item.complaint is not None:
            journal = self.ledger.journal
            await asyncio.to_thread(journal.note, self.digest, item.complaint, result, self.now)


def _settled(item: Item, done: frozenset[str]) -> bool:
    return bool(item.faults) or item.complaint in done


def _refuse_unattributed(file: ImportFile, items: Sequence[Item]) -> None:
    """Start nothing while a row might be an event that a complaint would then lack."""
    lost = [item.rows[0] for item in items if item.faults and item.complaint is None]
    if lost and any(line.told is not None and line.told.intake is None for line in file.lines):
        raise bad_input(
            f"row {lost[0]}: names no complaint, so that one would be imported without it; correct the file first "
            "(--dry-run --report OUT.csv lists all such rows)"
        )


def _recorded(ledger: Ledger, journal: Journal) -> Callable[[str], Recorded | None]:
    from activities.ledger import LedgerDestroyed  # noqa: PLC0415  # the database's libraries take long to load

    known = journal.complaints()

    def of(complaint_id: str) -> Recorded | None:
        try:
            said = ledger.intake(complaint_id) if complaint_id in known else None
        except LedgerDestroyed as error:
            raise ValueError(str(error)) from None
        if said is None:
            return None
        events = [ev.event_to_json(event) for event in ledger.events(complaint_id)]
        if not events:
            return None  # Its workflow has just begun; to start it again tells whether it is the same.
        intake = Intake.model_validate(said)
        return Recorded(intake.model_dump(mode="json"), intake.content_hash(), events)

    return of


class Twins:
    """Finds the complaint that has the same reference in the system it came from, on record or earlier in the file."""

    def __init__(self, journal: Journal) -> None:
        self._by_reference: dict[str, list[tuple[str, datetime]]] = {
            name: [self._of(one) for one in known] for name, known in journal.references().items()
        }

    @staticmethod
    def _of(known: Known) -> tuple[str, datetime]:
        return known.complaint_id, _INSTANT.validate_python(known.received_at)

    def __call__(self, intake: Intake) -> str | None:
        """Return the id of the same complaint under another id, None if there is none; ValueError for another receipt."""
        if intake.source_reference is None:
            return None
        known = self._by_reference.setdefault(intake.source_reference, [])
        others = [one for one in known if one[0] != intake.complaint_id]
        for complaint_id, received_at in others:
            if received_at == intake.received_at:
                return complaint_id
        if others:
            raise ValueError("the reference is another complaint's")
        if not known:
            known.append((intake.complaint_id, intake.received_at))
        return None


def _rules(pack: str | None, organisation: Organisation, now: datetime) -> Callable[[Intake], Pin]:
    def of(intake: Intake) -> Pin:
        return organisation.pin(intake.respondent.unit, intake.received_at, now.date(), pack=pack)

    return of


def _write_report(path: Path, faults: Sequence[Fault]) -> None:
    head = ("row", "column", "complaint_id", "code", "reason")
    found = sorted(faults, key=lambda one: one.row)
    rows = [(fault.row, fault.column, fault.complaint, fault.code, fault.sentence) for fault in found]
    try:
        output.private_bytes(path, csv_bytes([head, *rows]))
    except OSError as error:
        raise bad_input(f"--report: {path} cannot be written ({error.strerror})") from None
