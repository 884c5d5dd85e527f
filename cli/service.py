"""What operators type: servers, health, keys, rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Annotated

import typer
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.client import Client

from cli import output, session
from cli.errors import REFUSED, CliError, as_cli_error
from engine import keys
from engine.client import connect
from engine.codec_server import codec_server
from engine.up import CODEC_PORT, UI_PORT, up
from engine.worker import stop_on_signal
from engine.worker_keys import refuse_other_keys
from models.search_attributes import SEARCH_ATTRIBUTES
from rulebook.calendar import WorkingCalendar, calendar
from rulebook.pack import pack_names, rule_pack

PING_PATIENCE = timedelta(seconds=5)


def add_to(app: typer.Typer) -> None:
    """Give *app* the commands of this module."""
    app.command("up", epilog="Example: tousu up")(start_up)
    app.command("codec", epilog="Example: tousu codec --port 8081 --ui-port 8080")(codec)
    app.command("migrate", epilog="Example: TOUSU_DATABASE_URL=postgresql://… tousu migrate")(migrate)
    app.command("ping", epilog="Example: tousu ping || exit 1")(ping)
    app.command("packs", epilog="Example: tousu packs --json")(packs)
    key = typer.Typer(help="Keys that encrypt payloads.", rich_markup_mode=None)
    key.command("new", epilog="Example: tousu key new")(new_key)
    app.add_typer(key, name="key")


def start_up() -> None:
    """Keep a Temporal server with its Web UI, a worker and the codec server running until Ctrl-C."""
    _migrate()
    session.run(up(session.settings(), say=typer.echo))


def codec(
    port: Annotated[int, typer.Option("--port", help="Where it listens on loopback.")] = CODEC_PORT,
    ui_port: Annotated[int, typer.Option("--ui-port", help="The port of the Web UI that may ask it.")] = UI_PORT,
) -> None:
    """Serve the codec by which the Temporal Web UI, in an operator's browser, reads encrypted payloads; until Ctrl-C."""
    with codec_server(keys.load_keys(session.settings()), ui_port=ui_port, port=port) as url:
        typer.echo(f"Codec server {url}")
        session.run(_until_stopped())


async def _until_stopped() -> None:
    with stop_on_signal() as stop:
        await stop.wait()


def migrate() -> None:
    """Bring the database of the records to the present schema; doing it again changes nothing."""
    _migrate()
    typer.echo("The records have the present schema.")


def _migrate() -> None:
    from models.migrations import migrate as migrate_to_head  # noqa: PLC0415  # slow to load, and rarely needed

    migrate_to_head(session.settings().database_url.get_secret_value())


def ping(as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False) -> None:
    """
    Say whether the server knows us, its workers have our payload keys, and the records have the present schema.

    The exit code is 1 when something is not as it should be.
    """
    found = {"temporal": _trouble(lambda: session.run(_ask_server()))}
    if found["temporal"] is None:  # Without an answer there are no workers to compare with.
        found["keys"] = _trouble(lambda: session.run(_ask_workers()))
    found["records"] = _trouble(_ask_records)
    if as_json:
        output.json_line({"ok": not any(found.values()), **{name: wrong or "ok" for name, wrong in found.items()}})
    else:
        for name, wrong in found.items():
            typer.echo(f"{name}: {wrong or 'ok'}")
    if any(found.values()):
        raise typer.Exit(REFUSED)


def _trouble(ask: Callable[[], None]) -> str | None:
    try:
        ask()
    except Exception as error:
        if (line := as_cli_error(error)) is None:
            raise
        return f"{line.message} [{line.code}]"
    return None


async def _client() -> Client:
    return await connect(session.settings(), patience=PING_PATIENCE, compare_keys=False)


async def _ask_server() -> None:
    client = await _client()
    request = ListSearchAttributesRequest(namespace=client.namespace)
    there = (await client.operator_service.list_search_attributes(request)).custom_attributes
    if missing := [key.name for key in SEARCH_ATTRIBUTES if key.name not in there]:
        raise CliError(
            "SearchAttributesMissing", f"namespace {client.namespace} lacks {', '.join(missing)}; `tousu up` adds them"
        )


async def _ask_workers() -> None:
    await refuse_other_keys(await _client(), session.settings().task_queue)


def _ask_records() -> None:
    with session.ledger() as ledger:
        ledger.cases(limit=1)


def new_key() -> None:
    """Print a new random key, to be put in front of TOUSU_KEYS or of the key file."""
    typer.echo(keys.new_key())


def packs(as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False) -> None:
    """List the rule packs with their hashes, and the versions of their calendars with the last day that each knows."""
    rules = [rule_pack(name) for name in pack_names()]
    calendars = [calendar(name) for name in sorted({pack.calendar for pack in rules})]
    if as_json:
        output.json_line(
            {
                "packs": [
                    {
                        "pack": pack.pack,
                        "hash": pack.content_hash,
                        "layer": pack.layer,
                        "from": pack.in_force.start,
                        "until": pack.in_force.until,
                    }
                    for pack in rules
                ],
                "calendars": [{"version": known.version, "horizon": known.horizon} for known in _versions(calendars)],
            }
        )
        return
    console = output.console()
    shown = output.table("规则 rule packs", "名称 pack", "层级 layer", "施行 in force", "标题 title", "哈希 SHA-256")
    for pack in rules:
        until = f" – {pack.in_force.until}" if pack.in_force.until else ""
        shown.add_row(pack.pack, pack.layer, f"{pack.in_force.start}{until}", pack.title.zh, pack.content_hash[:16])
    console.print(shown)
    days = output.table("工作日历 working calendars", "版本 version", "公布至 known until", "依据 notice")
    for known in _versions(calendars):
        days.add_row(known.version, str(known.horizon), known.notices[-1].title)
    console.print(days)


def _versions(calendars: Iterable[WorkingCalendar]) -> list[WorkingCalendar]:
    return [whole.as_known_on(notice.published) for whole in calendars for notice in whole.notices]
