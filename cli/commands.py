"""One command on the command line for every command of a running complaint: parse, send, print what it became."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from cli import output, session
from cli.errors import CliError
from cli.verb import Verb, choices, is_text, option, parse_instant, python_type, read_text
from cli.verbs import VERBS
from models.case import STAGES_ZH, CaseState
from models.commands import Command
from models.opening import Accepted, workflow_id
from models.slips import SLIP_STATUS_ZH

GROUPS = {
    "extend": "Ask for, approve or refuse further time",
    "review": "The review of a decision by a branch",
    "slip": "The dispatch slips of departments",
    "material": "What the complainant is asked to hand in",
    "sign-off": "Put a text before those who must sign it",
    "regulator": "The body that forwarded a complaint",
    "committee": "What the complaint committee resolves",
    "major": "A major complaint: its contingency plan and its reports",
    "flag": "The restricted flag of a vexatious complainant",
}

FROM_THE_CASE = {
    "request": "the request that waits",
    "pause": "the pause that runs",
    "step": "the step that failed",
    "slip": "the slip that is open",
    "sign_off": "the sign-off that waits, or else the one that is complete",
    "meeting": "the meeting that was held",
}
"""What may be left out when the complaint has just one of it."""


FILLED = {"pack_hash": "the content hash of that pack; found in the release, when left out"}
"""What the command line finds by itself when it is left out."""

_STAGES: Mapping[str, str] = dict([*STAGES_ZH.items(), *SLIP_STATUS_ZH.items()])


def add_to(app: typer.Typer) -> None:
    """Give *app* a command for every verb, those of two words in a group."""
    groups = {name: typer.Typer(help=text, rich_markup_mode=None) for name, text in GROUPS.items()}
    for name, group in groups.items():
        app.add_typer(group, name=name)
    for verb in VERBS:
        if verb.own:
            continue
        group_name, _, name = verb.name.rpartition(" ")
        target = groups.get(group_name, app)
        example = f"Example: tousu {verb.name} C-2026-0042 {verb.example}"
        short = verb.help.split(" (")[0].split(":")[0].rstrip(".")
        target.command(name, help=verb.help, short_help=short, epilog=example)(_function(verb))


async def send(client: Client, complaint_id: str, verb: Verb, command: Command) -> Accepted:
    """Send *command* and return what it became; the id of the command is the update's, so a repetition is answered."""
    for handle in session.addressees(client, complaint_id, verb.child, command):
        try:
            answer: Accepted = await handle.execute_update(
                verb.update, command, id=command.id, result_type=Accepted, rpc_timeout=session.ANSWER_WITHIN
            )
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND or verb.child is None or handle.id == workflow_id(complaint_id):
                raise
        else:
            return answer
    if verb.child == "review":
        raise CliError("NoReview", f"{complaint_id} has no review that still runs (tousu review request)")
    raise CliError("NoSuchChild", f"{complaint_id} has no such {verb.child} that still runs")


def _function(verb: Verb) -> Callable[..., None]:
    def call(**values: Any) -> None:
        complaint_id, as_json = values.pop("complaint_id"), values.pop("as_json")
        read_values(verb, values)
        accepted = session.run(ask_and_send(verb, complaint_id, values))
        if as_json:
            output.json_line({"complaint_id": complaint_id, **accepted.model_dump(mode="json")})
        else:
            with output.in_zone(zone(accepted)):
                typer.echo(sentence(complaint_id, accepted))

    return with_options(call, verb)


def with_options(
    call: Callable[..., None], verb: Verb, *more: inspect.Parameter, optional: bool = False
) -> Callable[..., None]:
    """
    Give *call* the options of *verb*, and *more*: typer reads them off a signature, and the model's fields are it.

    *optional* says that the complaint may be left out.
    """
    parameters = [_complaint(optional=optional), *_own(verb), *more, *_common()]
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    call.__annotations__ = {}
    return call


def read_values(verb: Verb, values: dict[str, Any]) -> None:
    """Put what was meant in the place of what was typed: the text of a file, an instant."""
    for name, field in verb.fields.items():
        if is_text(field) and values[name] is not None:
            values[name] = read_text(values[name])
    if values["at"] is not None:
        values["at"] = parse_instant(values["at"])


async def ask_and_send(verb: Verb, complaint_id: str, values: dict[str, Any]) -> Accepted:
    """Send the command in *values*; what may be left out and was is found, where there is only one of it."""
    for name in FROM_THE_CASE.keys() & verb.fields.keys():
        if values[name] is None:
            values[name] = only_one(await _waiting(complaint_id, name, verb), complaint_id, name)
    command = verb.command(values)
    return await send(await session.client(), complaint_id, verb, command)


async def _waiting(complaint_id: str, field: str, verb: Verb) -> Sequence[str]:
    view = await session.view(await session.client(), complaint_id)
    if field == "step":
        # Only the workflow knows for certain: where the step that writes the record waits, the record lacks it.
        return view.failed_steps
    with session.ledger() as ledger:
        return waiting_in(CaseState.fold(await session.recorded(ledger, complaint_id, view.events)), field, verb)


def only_one(waiting: Sequence[str], complaint_id: str, field: str) -> str:
    """Return the one request, slip or step of the complaint that *field* can only mean; CliError if it is not one."""
    if len(waiting) != 1:
        names = f": {', '.join(waiting)}" if waiting else ""
        raise CliError("NotOne", f"{complaint_id} has {len(waiting)} of them; name one with {option(field)}{names}")
    return waiting[0]


def waiting_in(state: CaseState, field: str, verb: Verb) -> list[str]:
    """Return the requests, slips or steps of a complaint that *field* of a command may mean."""
    asked = state.handling.sign_offs.items()
    answered = [name for name, slip in state.slips.items() if slip.status == "answered"]
    return {
        "request": [name for name, ask in state.extensions.items() if ask.status == "requested"],
        "pause": list(state.pauses),
        "step": list(state.failed_steps),
        "slip": answered if verb.name == "slip send-back" else list(state.open_slips),
        "sign_off": [name for name, one in asked if one.status == "requested"]
        or [name for name, one in asked if one.status == "complete"],
        "meeting": list(state.handling.meetings),
    }[field]


def zone(accepted: Accepted) -> ZoneInfo:
    """Return the time zone in which people read the deadline of an answer; an older worker names none."""
    return ZoneInfo(accepted.time_zone) if accepted.time_zone else output.ZONE


def sentence(complaint_id: str, accepted: Accepted) -> str:
    """Return what a person reads after a command was accepted."""
    stage = _STAGES.get(accepted.stage, accepted.stage)
    ref = f" {accepted.ref}" if accepted.ref else ""
    # A review knows of no deadline: its own is the complaint's, see tousu show.
    due = f"  最近期限 next due {output.deadline(accepted.next_due)}" if accepted.next_due else ""
    return f"{complaint_id}  {accepted.event}{ref}  {stage} {accepted.stage}{due}"


def _complaint(*, optional: bool = False) -> inspect.Parameter:
    if optional:
        argument = typer.Argument(metavar="[ID]", help="The complaint.")
        return _parameter("complaint_id", Annotated[str | None, argument], default=None)
    return _parameter("complaint_id", Annotated[str, typer.Argument(metavar="ID", help="The complaint.")])


def _own(verb: Verb) -> list[inspect.Parameter]:
    return [_from_field(name, field) for name, field in verb.fields.items()]


def _from_field(name: str, field: FieldInfo) -> inspect.Parameter:
    kind = python_type(field)
    left_out = name in FROM_THE_CASE or name in FILLED or not field.is_required()
    words = choices(field)
    notes = [FROM_THE_CASE[name] + ", when left out"] if name in FROM_THE_CASE else []
    notes += [FILLED[name]] if name in FILLED else []
    notes += [field.description] if field.description else []
    notes += ["repeatable"] if kind == list[str] else []
    notes += ["@FILE reads a file, - standard input"] if is_text(field) else []
    if field.default not in {PydanticUndefined, None, "", ()} and kind is not bool:
        notes.append(f"default {field.default}")
    flags = f"{option(name)}/--no-{name}" if kind is bool else option(name)
    info = typer.Option(flags, help="; ".join(notes) or None, metavar="|".join(words) or None, show_default=False)
    if left_out:
        return _parameter(name, Annotated[kind | None, info], default=None)
    return _parameter(name, Annotated[kind, info])


def _common() -> list[inspect.Parameter]:
    who = typer.Option("--as", metavar="PERSON", help="Who acts: an id of the organisation data.")
    at = typer.Option("--at", metavar="INSTANT", help="When it happened, with its offset; now, when left out.")
    name = typer.Option("--id", metavar="ID", help="Repeating a command under its id does it once.")
    as_json = typer.Option("--json", help="Print JSON for programs.")
    return [
        _parameter("actor", Annotated[str, who]),
        _parameter("at", Annotated[str | None, at], default=None),
        _parameter("id", Annotated[str | None, name], default=None),
        _parameter("as_json", Annotated[bool, as_json], default=False),
    ]


def _parameter(name: str, annotation: Any, **default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, **default)
