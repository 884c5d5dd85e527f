"""``tousu schema``: the JSON Schemas of what systems in other languages send and are answered."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from pydantic import BaseModel

from cli.errors import bad_input
from cli.verbs import BY_NAME
from models.intake import Intake
from models.opening import Accepted, CaseResult, Opening
from models.view import CaseView, ReviewView, SlipView

SENT: dict[str, type[BaseModel]] = {"intake": Intake, "opening": Opening}
"""What a client sends, beside commands."""

ANSWERED: dict[str, type[BaseModel]] = {
    "answer": Accepted,
    "result": CaseResult,
    "view": CaseView,
    "slip-view": SlipView,
    "review-view": ReviewView,
}
"""What it is answered: to an update, at the end of a complaint, to the query of a complaint, a slip and a review."""


def add_to(app: typer.Typer) -> None:
    """Give *app* the command ``schema``."""
    app.command("schema", epilog='Example: tousu schema command "extend request" > extend-request.schema.json')(schema)


def schema(
    what: Annotated[str, typer.Argument(metavar="|".join([*SENT, *ANSWERED, "command"]), help="The payload.")],
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="The command, such as 'extend request'.")] = None,
) -> None:
    """Print the JSON Schema of a payload, for systems in other languages."""
    if what == "command":
        if name is None or name not in BY_NAME:
            raise bad_input(f"name one of the commands: {', '.join(BY_NAME)}")
        found = BY_NAME[name].model.model_json_schema()
    elif name is None and what in {*SENT, *ANSWERED}:
        found = payload_schema(what)
    else:
        raise bad_input(f"schemas: {', '.join([*SENT, *ANSWERED])}, command NAME")
    typer.echo(as_text(found))


def payload_schema(what: str) -> dict[str, Any]:
    """Return the schema of the payload *what*, a key of `SENT` or `ANSWERED`, as it travels."""
    if what in SENT:
        return SENT[what].model_json_schema()
    return ANSWERED[what].model_json_schema(mode="serialization")


def command_schemas() -> dict[str, Any]:
    """Return the schema of every update's argument, by the name of the update."""
    return {verb.update: verb.model.model_json_schema() for verb in BY_NAME.values()}


def as_text(found: dict[str, Any]) -> str:
    """Return *found* as it is printed and kept in docs/schemas."""
    return json.dumps(found, ensure_ascii=False, indent=2)
