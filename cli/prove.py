"""The proof of a complaint's deadlines, from its record alone: for the terminal, for programs, and as a page to print."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from cli import output, session
from cli.cases import AsJson, Id
from cli.errors import CliError, bad_input, unknown_complaint
from cli.sentences import sentence

if TYPE_CHECKING:
    from models.proof import CaseProof


def add_to(app: typer.Typer) -> None:
    """Give *app* the command of this module."""
    app.command("prove", epilog="Example: tousu prove C-2026-0042 --duty decide --html proof.html")(prove)


def prove(
    complaint_id: Id,
    duty: Annotated[
        str | None,
        typer.Option("--duty", metavar="KEY", help="Only this duty, such as decide, s1/accept or progress#2."),
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write one page to print or hand over, instead.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """
    Prove a complaint's deadlines day by day: what started each, which days counted and why, and what moved it.

    From the record alone, whether or not a server runs. People appear by their ids, and the complainant not at all.
    """
    if html and as_json:
        raise bad_input("--html and --json are two answers; ask for one")
    made, sentences = _proof(complaint_id)
    if duty is not None:
        made = _only(made, duty)
    with output.in_zone(ZoneInfo(made.time_zone)):
        _answer(made, sentences, html, as_json=as_json)


def _answer(made: CaseProof, sentences: Mapping[int, str], html: Path | None, *, as_json: bool) -> None:
    if as_json:
        output.json_line(made.model_dump(mode="json"))
    elif html:
        _write(html, made, sentences)
    else:
        from cli.proof_text import print_proof  # noqa: PLC0415  # with the tables it needs, only when asked for

        print_proof(made, sentences)


def _proof(complaint_id: str) -> tuple[CaseProof, dict[int, str]]:
    # Here and not above: the database's libraries take longer to load than most commands take to run.
    from activities.ledger_chain import event_of, pin_of  # noqa: PLC0415
    from models.proving import prove as proof_of  # noqa: PLC0415

    with session.ledger() as ledger:
        if ledger.intake(complaint_id) is None:
            raise unknown_complaint(complaint_id)
        if not ledger.verify(complaint_id).ok:
            raise CliError(
                "RecordDiffers", f"the record of {complaint_id} does not verify; see tousu verify {complaint_id}"
            )
        rows = ledger.timeline(complaint_id)
    if not rows:
        raise CliError("NothingRecorded", f"{complaint_id} has just been registered, nothing is on record yet")
    events = [event_of(row) for row in rows]
    made = proof_of(complaint_id, events, pin_of(rows[-1]), rows[-1].hash)
    with output.in_zone(ZoneInfo(made.time_zone)):
        return made, {row.seq: sentence(event) for row, event in zip(rows, events, strict=True)}


def _only(proof: CaseProof, key: str) -> CaseProof:
    """Return *proof* with the duty called *key* alone, and the notices that it needs."""
    duties = tuple(duty for duty in proof.duties if duty.key == key)
    if not duties:
        raise CliError(
            "UnknownDuty", f"there is no duty of this name; there are {', '.join(d.key for d in proof.duties)}"
        )
    named = {day.source for one in duties[0].versions for day in one.days}
    notices = tuple(notice for notice in proof.notices if notice.id in named)
    return proof.model_copy(update={"duties": duties, "notices": notices})


def _write(path: Path, proof: CaseProof, sentences: Mapping[int, str]) -> None:
    from cli.proof_page import to_html  # noqa: PLC0415  # with its template, only when asked for

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(to_html(proof, sentences), encoding="utf-8")
    except OSError as error:
        raise bad_input(f"--html: {path} cannot be written ({error.strerror})") from None
    typer.echo(str(path))
