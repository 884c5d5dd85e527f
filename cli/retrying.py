"""``tousu retry``: have steps that wait for a person tried again, in one complaint or in all of them."""

from __future__ import annotations

import asyncio
import inspect
from collections import Counter
from collections.abc import AsyncIterator
from typing import Annotated, Any

import typer
from temporalio.client import Client

from cli import output, session
from cli.cases import ALL, refuse_unknown_cause
from cli.commands import ask_and_send, read_values, send, sentence, with_options, zone
from cli.errors import REFUSED, as_cli_error, bad_input
from cli.verbs import BY_NAME
from models import search_attributes as sa
from models.opening import RUNNING, complaint_of
from models.vocabulary import LABELS_ZH

VERB = BY_NAME["retry"]
HELP = """
Have a step that waits for a person tried again; with --all, in every complaint that waits.

With --all each step is one line of JSON, retried or refused with its code; --step and --cause take only some of them. The
exit code is 1 if any was refused.
"""
AT_ONCE = 10
"""How many complaints are asked at once."""


def add_to(app: typer.Typer) -> None:
    """Give *app* the command ``retry``."""
    every = typer.Option("--all", help="Every complaint in which a step waits for a person.")
    causes = "|".join(LABELS_ZH["waits_for"])
    cause = typer.Option("--cause", metavar=causes, help="With --all, only what waits for this cause.")
    more = (
        inspect.Parameter("every", inspect.Parameter.KEYWORD_ONLY, annotation=Annotated[bool, every], default=False),
        inspect.Parameter(
            "cause", inspect.Parameter.KEYWORD_ONLY, annotation=Annotated[str | None, cause], default=None
        ),
    )
    example = (
        f"Example: tousu retry C-2026-0042 {VERB.example}   or: tousu retry --all --cause DeliveryRefused --as HEAD"
    )
    app.command("retry", help=HELP, short_help="Have a step that failed tried again", epilog=example)(
        with_options(_retry, VERB, *more, optional=True)
    )


def _retry(**values: Any) -> None:
    complaint_id, as_json, every, cause = (values.pop(name) for name in ("complaint_id", "as_json", "every", "cause"))
    if (complaint_id is None) != every:
        raise bad_input("name one complaint, or give --all")
    if cause is not None and not every:
        raise bad_input("--cause: goes with --all")
    refuse_unknown_cause(cause)
    if every and values["id"] is not None:
        raise bad_input("--id: each complaint has a command of its own with --all")
    read_values(VERB, values)
    if every:
        if session.run(_retry_all(values, cause)):
            raise typer.Exit(REFUSED)
        return
    accepted = session.run(ask_and_send(VERB, complaint_id, values))
    if as_json:
        output.json_line({"complaint_id": complaint_id, **accepted.model_dump(mode="json")})
    else:
        with output.in_zone(zone(accepted)):
            typer.echo(sentence(complaint_id, accepted))


async def _retry_all(values: dict[str, Any], cause: str | None) -> int:
    """Retry what waits in every complaint, as its workflow says; return how many were refused."""
    client = await session.client()
    names = await _listed(client, cause) | _on_record(cause)
    places, counts = asyncio.Semaphore(AT_ONCE), Counter[str]()

    async def one(name: str) -> None:
        async with places:
            async for line in _retry_one(client, name, values, cause):
                output.json_line(line)
                counts[line["result"]] += 1

    await asyncio.gather(*map(one, sorted(names)))
    typer.echo(f"{counts['retried']} retried, {counts['refused']} refused", err=True)
    return counts["refused"]


async def _listed(client: Client, cause: str | None) -> set[str]:
    about = f" = '{cause}'" if cause else " IS NOT NULL"
    query = f"{RUNNING} AND {sa.WAITS_FOR.name}{about}"
    return {complaint_of(one.id) async for one in client.list_workflows(query, page_size=1000)}


def _on_record(cause: str | None) -> set[str]:
    # The server's list follows its workflows a moment later; the record is there, or lacks what the server lists.
    try:
        with session.ledger() as ledger:
            return {row.complaint_id for row in ledger.cases(waiting=True, cause=cause, limit=ALL)}
    except Exception as error:
        if (line := as_cli_error(error)) is None:
            raise
        typer.echo(f"only what the server lists: {line.message} [{line.code}]", err=True)
        return set()


async def _retry_one(
    client: Client, name: str, values: dict[str, Any], cause: str | None
) -> AsyncIterator[dict[str, Any]]:
    """Yield what became of each step of one complaint that waits; whatever goes wrong there stops no other."""
    # The workflow knows what waits now: the record lacks it where the step that writes the record is the one that waits.
    try:
        waits = (await session.view(client, name)).waits_for
    except Exception as error:  # noqa: BLE001
        yield {"complaint_id": name, "step": None, "result": "refused", "code": _code(error)}
        return
    for step, waited in waits.items():
        if (cause and waited != cause) or values["step"] not in {None, step}:
            continue
        line: dict[str, Any] = {"complaint_id": name, "step": step, "result": "retried"}
        try:
            await send(client, name, VERB, VERB.command({**values, "step": step}))
        except Exception as error:  # noqa: BLE001
            line |= {"result": "refused", "code": _code(error)}
        yield line


def _code(error: Exception) -> str:
    line = as_cli_error(error)
    return line.code if line else type(error).__name__
