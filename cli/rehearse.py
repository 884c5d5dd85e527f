"""``tousu rehearse``: a complaint through its days in seconds, with the dated timeline."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import output, session
from cli.errors import REFUSED, CliError
from cli.move_table import show_change
from cli.proof_recount import recounts
from cli.proof_text import print_recount
from cli.sentences import sentence
from cli.story import Story, read_story
from models.moving import RulesChange, changes_in
from models.proof import DutyProof
from models.proving import prove
from rulebook import events as ev

if TYPE_CHECKING:
    from cli.rehearsal import Played


def add_to(app: typer.Typer) -> None:
    """Give *app* the command ``rehearse``."""
    app.command(
        "rehearse",
        epilog="Example: tousu rehearse samples/stories/2-extended.json --script samples/stories/2-extended.yaml",
    )(rehearse)


def rehearse(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="One complaint as JSON.")],
    script: Annotated[Path, typer.Option("--script", metavar="SCRIPT", help="Who does what on which day, as YAML.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """
    Play a complaint through its days on a server of its own on which time skips, and print the dated timeline.

    Nothing of it reaches your records. The complaint is received tomorrow, or on the day at which its script begins,
    whatever its file says; the days of the script count from there. The exit code is 1 when an expectation of the script
    does not hold.
    """
    played = session.run(_play(read_story(script, file)))
    if as_json:
        output.json_line(to_json(played))
    else:
        show(played)
    if played.failure:
        raise CliError("ExpectationFailed", played.failure, REFUSED)


async def _play(story: Story) -> Played:
    from cli.rehearsal import play, rehearsal_room  # noqa: PLC0415  # a worker with all its libraries: slow to load

    async with rehearsal_room(session.settings()) as room:
        return await play(room, story)


def show(played: Played) -> None:
    """Print the timeline of a rehearsal, that of the one before it first."""
    if played.before:
        show(played.before)
    with output.in_zone(session.zone_of(played.pin.pack)):
        _show(played)


def _show(played: Played) -> None:
    console = output.console()
    shown = output.table(played.title, "日 day", "时间 when", "事件 event", "经办 by")
    lines = [(event.at, sentence(event), event.by) for event in played.events]
    lines += [
        (it.at, f"✗ 被拒绝，未入档 refused, not on record · {it.verb} · {it.code}", it.by) for it in played.refusals
    ]
    for at, text, by in sorted(lines, key=lambda line: line[0]):
        shown.add_row(f"+{day_of(played, at)}", output.instant(at), text, by)
    console.print(shown)
    for change in _moves(played):
        show_change(console, change)
    moved = output.instant(played.intake.received_at)
    for duty in proved(played):
        console.print(f"{duty.key} · {duty.title_zh} {duty.title_en} · {duty.versions[-1].limit.citation}")
        for one in recounts(duty):
            print_recount(console, one, whole=True)
    console.print(f"{played.intake.complaint_id} 在演练中的收到时间 received, for this rehearsal: {moved} (+0)")


def _moves(played: Played) -> tuple[RulesChange, ...]:
    return changes_in(played.intake.complaint_id, played.pin, played.events)


def day_of(played: Played, at: datetime) -> int:
    """Return how many days after the day of receipt *at* lies."""
    return (at.astimezone(played.days.zone).date() - played.days.played).days


def proved(played: Played) -> list[DutyProof]:
    """Return the proof of the duties whose deadlines the script of a rehearsal wants to be shown."""
    if not (played.prove and played.events):
        return []
    proof = prove(played.intake.complaint_id, played.events, played.pin, head_hash="")
    return [duty for duty in proof.duties if duty.key in played.prove]


def to_json(played: Played) -> dict[str, object]:
    """Return a rehearsal as a JSON object."""
    return {
        "before": to_json(played.before) if played.before else None,
        "title": played.title,
        "complaint_id": played.intake.complaint_id,
        "received_at": played.intake.received_at,
        "failure": played.failure,
        "refused": [{"day": day_of(played, it.at), **asdict(it)} for it in played.refusals],
        "proved": [duty.model_dump(mode="json") for duty in proved(played)],
        "moves": [change.model_dump(mode="json") for change in _moves(played)],
        "events": [{"day": day_of(played, event.at), **ev.event_to_json(event)} for event in played.events],
    }
