"""``tousu views``: the lists that operators begin with in the Temporal Web UI."""

from __future__ import annotations

from typing import Annotated

import typer

from cli import output, session
from cli.cases import AsJson
from engine.server import NAMESPACE, running_server
from models.operator_views import COLUMNS, operator_views


def add_to(app: typer.Typer) -> None:
    """Give *app* the command of this module."""
    app.command("views", epilog="Example: tousu views --ui https://temporal.example.com")(views)


def views(
    ui: Annotated[
        str | None,
        typer.Option("--ui", metavar="URL", help="The Web UI; that of the running embedded server if left out."),
    ] = None,
    namespace: Annotated[str, typer.Option("--namespace", help="The namespace that the Web UI shows.")] = NAMESPACE,
    as_json: AsJson = False,
) -> None:
    """
    Print links to the lists that operators need: what waits for a person, is overdue, falls due, or was turned away.

    Open one in the Web UI and save it there as a view; the columns to choose stand above the links. Without a Web UI the
    queries are printed, for temporal workflow list --query.
    """
    note = running_server(session.settings().home) if ui is None else None
    address = ui or (note.ui if note else None)
    lists = operator_views(session.now())
    if as_json:
        for one in lists:
            link = one.link(address, namespace) if address else None
            output.json_line({"title": one.title, "query": one.query, "link": link, "columns": list(COLUMNS)})
        return
    typer.echo(f"列 columns: {', '.join(COLUMNS)}")
    for one in lists:
        typer.echo(f"\n{one.title}\n  {one.link(address, namespace) if address else one.query}")
