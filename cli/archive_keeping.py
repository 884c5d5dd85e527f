"""How long archived files are kept: what is due, holds, destruction by two persons, handover to the records staff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import output, session
from cli.archive_session import days, open_archive, parse_day
from cli.cases import AsJson, Id
from cli.errors import bad_input
from cli.verb import parse_instant, read_text
from models.tabular.written import csv_bytes
from models.whole_files import remove_drafts, write_whole

if TYPE_CHECKING:
    from activities.sealing import Archive
    from models.archive_tables import DisposalRow, PackageRow

Actor = Annotated[str, typer.Option("--as", metavar="PERSON", help="Who decides, by the id of the organisation data.")]
At = Annotated[str | None, typer.Option("--at", metavar="INSTANT", help="When; now, when left out.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; names nobody. @FILE or - for long ones.")]

LIST = "handover.csv"
"""The list that goes with the files to the records staff (移交清单)."""


def add_to(group: typer.Typer) -> None:
    """Give *group* the commands of this module."""
    group.command("due", epilog="Example: tousu archive due --on 2031-12-31")(due)
    group.command("hold", epilog='Example: tousu archive hold C-2026-0042 --as LAWYER --reason "诉讼保全"')(hold)
    group.command("lift", epilog='Example: tousu archive lift 1 --as LAWYER --reason "判决生效"')(lift)
    group.command("holds", epilog="Example: tousu archive holds")(holds)
    group.command("propose", epilog='Example: tousu archive propose C-2026-0042 --as PERSON --reason "保管期满"')(
        propose
    )
    group.command("approve", epilog="Example: tousu archive approve C-2026-0042 --as ANOTHER")(approve)
    group.command("refuse", epilog='Example: tousu archive refuse C-2026-0042 --as ANOTHER --reason "另案待查"')(refuse)
    group.command("disposals", epilog="Example: tousu archive disposals")(disposals)
    group.command("handover", epilog="Example: tousu archive handover --closed-from 2026-01-01 --out FOLDER")(handover)


def due(
    on: Annotated[str | None, typer.Option("--on", metavar="DAY", help="On which day; today, when left out.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the files whose time is over, the longest over first; held ones are marked and stay."""
    day = parse_day(on, "--on") or session.now().astimezone(output.ZONE).date()
    with open_archive() as opened:
        found = opened.due(day)
    if as_json:
        for one in found:
            output.json_line(
                {
                    "complaint_id": one.package.complaint_id,
                    "rule": one.kept.rule,
                    "citation": one.kept.citation,
                    "kept_to": one.kept.last_day,
                    "holds": [row.number for row in one.holds],
                    "recordings": one.package.recordings,
                }
            )
        return
    shown = output.table(
        f"{day}", "投诉 complaint", "保管至 kept to", "类别 rule", "依据 citation", "封存 holds", "录音 rec."
    )
    for one in found:
        numbers = ", ".join(str(row.number) for row in one.holds)
        recordings = str(len(one.package.recordings) or "")
        told = (one.package.complaint_id, str(one.kept.last_day), one.kept.rule, one.kept.citation)
        shown.add_row(*told, numbers, recordings)
    output.console().print(shown)


def hold(
    complaint_id: Id,
    actor: Actor,
    reason: Reason,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="DAY", help="The last day of the hold, such as for a policy's records."),
    ] = None,
    at: At = None,
) -> None:
    """Stop the destruction of a complaint's file (封存), until the hold is lifted or its last day is over."""
    last_day = parse_day(until, "--until")
    if last_day is not None and last_day < session.now().astimezone(output.ZONE).date():
        raise bad_input("--until: the day is over, nothing would be held")
    with open_archive() as opened:
        row = opened.place_hold(complaint_id, actor, _instant(at), _text(reason), last_day)
        typer.echo(f"hold {row.number} on {complaint_id}")


def lift(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="The hold.")],
    actor: Actor,
    reason: Reason,
    at: At = None,
) -> None:
    """Lift a hold."""
    with open_archive() as opened:
        row = opened.lift_hold(number, actor, _instant(at), _text(reason))
        typer.echo(f"hold {row.number} on {row.complaint_id} is lifted")


def holds(as_json: AsJson = False) -> None:
    """List the holds, lifted ones included."""
    with open_archive() as opened:
        rows = opened.index.holds()
    if as_json:
        for row in rows:
            output.json_line(row.model_dump(mode="json"))
        return
    shown = output.table(None, "N", "投诉 complaint", "封存 placed", "至 until", "理由 reason", "解除 lifted")
    for row in rows:
        placed = f"{output.instant(row.placed_at)} {row.placed_by}"
        lifted = f"{output.instant(row.lifted_at)} {row.lifted_by} {row.lifted_reason}" if row.lifted_at else "—"
        shown.add_row(str(row.number), row.complaint_id, placed, str(row.last_day or "—"), row.reason, lifted)
    output.console().print(shown)


def propose(complaint_id: Id, actor: Actor, reason: Reason, at: At = None) -> None:
    """Propose to destroy a file whose time is over; another person approves."""
    from activities.sealing import disposal  # noqa: PLC0415  # the database's libraries take long to load

    with open_archive() as opened:
        row = disposal.propose(opened, complaint_id, actor, _instant(at), _text(reason))
        typer.echo(f"{complaint_id}: {_state(row)}; kept to {row.kept_to} ({row.rule})")


def approve(
    complaint_id: Id,
    actor: Actor,
    at: At = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
) -> None:
    """
    Approve the destruction of a file, and destroy it: the packages, the letters, and what the record holds of what was said.

    The chain of hashes stays, with a sealed tombstone that says who decided, when and why. It cannot be undone. Given again
    after it was broken off, it goes on.
    """
    from activities.sealing import disposal  # noqa: PLC0415  # as above

    if not yes:
        typer.confirm(f"Destroy the file of {complaint_id} for good?", abort=True, err=True)
    with open_archive() as opened:
        row = disposal.approve(opened, complaint_id, actor, _instant(at))
        typer.echo(f"{complaint_id}: {_state(row)}")


def refuse(complaint_id: Id, actor: Actor, reason: Reason, at: At = None) -> None:
    """Refuse a proposal to destroy, or take one's own back."""
    from activities.sealing import disposal  # noqa: PLC0415  # as above

    with open_archive() as opened:
        row = disposal.refuse(opened, complaint_id, actor, _instant(at), _text(reason))
        typer.echo(f"{complaint_id}: {_state(row)}")


def disposals(as_json: AsJson = False) -> None:
    """List the proposals to destroy, and what became of them."""
    with open_archive() as opened:
        rows = opened.index.disposals()
    if as_json:
        for row in rows:
            output.json_line(row.model_dump(mode="json"))
        return
    shown = output.table(None, "投诉 complaint", "保管至 kept to", "提出 proposed", "理由 reason", "状态 state")
    for row in rows:
        proposed = f"{output.instant(row.proposed_at)} {row.proposed_by}"
        shown.add_row(row.complaint_id, f"{row.kept_to} {row.rule}", proposed, row.reason, _state(row))
    output.console().print(shown)


def _state(row: DisposalRow) -> str:
    if row.executed_at:
        return f"已销毁 destroyed {output.instant(row.executed_at)}, approved by {row.approved_by}"
    if row.refused_at:
        return f"已驳回 refused {output.instant(row.refused_at)} by {row.refused_by}: {row.refused_reason}"
    if row.approved_at:
        return f"销毁未完成 approved by {row.approved_by} and not finished; approve again"
    return f"待批准 proposed by {row.proposed_by}"


def handover(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder for the records staff.")],
    closed_from: Annotated[
        str | None, typer.Option("--closed-from", metavar="DAY", help="Closed on this day or later.")
    ] = None,
    closed_to: Annotated[
        str | None, typer.Option("--closed-to", metavar="DAY", help="Closed on this day or earlier.")
    ] = None,
) -> None:
    """Copy packages into a folder for the records staff (档案移交), checked, with a list of what was handed over."""
    closed = days(closed_from, closed_to, "--closed-from", "--closed-to")
    with open_archive() as opened:
        rows = [row for row in opened.index.find(closed=closed) if row.tombstone is None]
        _prepare(out, rows)
        listed = [_handed(opened, row, out) for row in rows]
    _listed(listed, out)
    typer.echo(f"{len(listed)} packages and {LIST} are in {out}")


COLUMNS = ("complaint_id", "unit", "received", "closed", "kept_to", "rule", "events", "file", "sha256")
"""The columns of the list; the last one is the hash by which the seal of each package can be compared."""


def _listed(rows: Sequence[Mapping[str, Any]], out: Path) -> None:
    """Write the list last and at once: packages without one were not handed over."""
    _write(out / LIST, csv_bytes([COLUMNS, *([row[name] for name in COLUMNS] for row in rows)]))


def _prepare(out: Path, rows: Sequence[PackageRow]) -> None:
    """Make the folder, and take away what a handover that died left half-written in it."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise bad_input(f"--out: {out} cannot be written ({error.strerror})") from None
    for name in (*(Path(row.path).name for row in rows), LIST):  # The folder may hold what others are writing.
        remove_drafts(out, escape(name))


def _write(file: Path, data: bytes) -> None:
    """Write *data* so that under its name it is whole, whatever dies; the same again takes its place."""
    try:
        write_whole(file, data)
    except OSError as error:
        raise bad_input(f"--out: {file} cannot be written ({error.strerror})") from None


def _handed(opened: Archive, row: PackageRow, out: Path) -> dict[str, Any]:
    from activities.sealing import check  # noqa: PLC0415  # as above

    data, kept = opened.store.get(row.path), opened.kept(row)
    found = check(data, row.path, opened.trusted).differences if data is not None else ("there is no such file",)
    if data is None or found:
        raise bad_input(f"{row.path}: {found[0]}; see tousu archive verify --all")
    file = out / Path(row.path).name
    _write(file, data)
    values = (row.complaint_id, row.unit, _day(row.received_at), _day(row.closed_at))
    more = (kept.last_day if kept else "", kept.rule if kept else "", row.events, file.name, row.sha256)
    return dict(zip(COLUMNS, (*values, *more), strict=True))


def _day(at: datetime) -> date:
    return at.astimezone(output.ZONE).date()


def _instant(at: str | None) -> datetime:
    """Return when somebody decided; CliError for a day to come, on which the time of a file might be over."""
    instant, now = parse_instant(at) if at else session.now(), session.now()
    if instant > now:
        raise bad_input("--at: lies in the future")
    return instant


def _text(reason: str) -> str:
    text = read_text(reason).strip()
    if not text:
        raise bad_input("--reason: say why")
    return text
