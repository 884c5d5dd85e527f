"""``tousu move-rules``: move a running complaint to other rules, and see what that changes, before it or from the record."""

from __future__ import annotations

import inspect
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import output, session
from cli.commands import read_values, send, sentence, with_options
from cli.errors import REFUSED, CliError, unknown_complaint
from cli.move_table import show_change
from cli.verbs import BY_NAME
from models.commands import MoveRules
from models.moving import RulesChange, change_of, move_to
from models.opening import Accepted
from rulebook.clock import CaseClock
from rulebook.pack import rule_pack

if TYPE_CHECKING:
    from models.commands import Command
    from rulebook import events as ev
    from rulebook.pack import Pin

VERB = BY_NAME["move-rules"]
HELP = """
Move a running complaint to other rules from its receipt on, and print every deadline before and after, with its article.

Earlier versions of each deadline stay on record with their own rules. A deadline that the move puts into the past is due
at the move and is nobody's breach; what was late before stays late.
"""
LOOKS, BETWEEN_LOOKS = 50, 0.2
"""How often the command looks whether the record holds what it did, and how many seconds it waits in between."""


def add_to(app: typer.Typer) -> None:
    """Give *app* the command ``move-rules``."""
    only_show = typer.Option("--dry-run", help="Only show what would change, from the record.")
    dry_run = inspect.Parameter(
        "dry_run", inspect.Parameter.KEYWORD_ONLY, annotation=Annotated[bool, only_show], default=False
    )
    example = f"Example: tousu {VERB.name} C-2026-0042 {VERB.example}"
    app.command(VERB.name, help=HELP, epilog=example)(with_options(_move_rules, VERB, dry_run))


def _move_rules(**values: Any) -> None:
    complaint_id, as_json, dry_run = (values.pop(name) for name in ("complaint_id", "as_json", "dry_run"))
    read_values(VERB, values)
    command = VERB.command(values)
    accepted = None if dry_run else session.run(_move(complaint_id, command))
    change = _foreseen(complaint_id, command) if accepted is None else _recorded(complaint_id, accepted)
    if as_json:
        done = {"accepted": accepted.model_dump(mode="json")} if accepted else {}
        output.json_line({"dry_run": dry_run, **done, **(change.model_dump(mode="json") if change else {})})
        return
    if accepted:
        typer.echo(sentence(complaint_id, accepted))
    if change:
        show_change(output.console(), change, foreseen=dry_run)
    else:
        typer.echo(f"the record of {complaint_id} is still being written; see tousu prove {complaint_id}", err=True)


async def _move(complaint_id: str, command: Command) -> Accepted:
    return await send(await session.client(), complaint_id, VERB, command)


def _foreseen(complaint_id: str, command: Command) -> RulesChange:
    assert isinstance(command, MoveRules)  # noqa: S101  # by the verb's own model
    pin, events = _record(complaint_id)
    pack, clock = rule_pack(command.to), CaseClock.fold(*pin.open(), events)
    if pack.content_hash == clock.pack.content_hash:
        raise CliError("SameRules", f"{complaint_id} runs under these rules", REFUSED)
    if not pack.succeeds(clock.pack):
        raise CliError(
            "OtherJurisdiction", f"no complaint under {clock.pack.pack} can be moved to {pack.pack}", REFUSED
        )
    return change_of(complaint_id, pin, events, move_to(clock, pack, session.now(), command.actor, command.reason))


def _recorded(complaint_id: str, accepted: Accepted) -> RulesChange | None:
    """Return what the move changed, from the record, which is written a moment after the answer; None if it is not yet."""
    for _ in range(LOOKS):
        pin, events = _record(complaint_id)
        if len(events) >= accepted.seq:
            moved = events[accepted.seq - 1]
            return change_of(complaint_id, pin, events[: accepted.seq - 1], moved)  # type: ignore[arg-type]  # by its number
        time.sleep(BETWEEN_LOOKS)
    return None


def _record(complaint_id: str) -> tuple[Pin, list[ev.Event]]:
    from activities.ledger_chain import event_of, pin_of  # noqa: PLC0415  # the database's libraries take long to load

    with session.ledger() as ledger:
        rows = ledger.timeline(complaint_id)
    if not rows:
        raise unknown_complaint(complaint_id)
    return pin_of(rows[-1]), [event_of(row) for row in rows]
