"""The command line as a whole: one group of commands, each defined beside what it does."""

from __future__ import annotations

import typer

from cli import (
    archive,
    audit,
    calendars,
    cases,
    commands,
    demo,
    figures_data,
    importing,
    moves,
    opening,
    personal,
    prove,
    rectification,
    rehearse,
    reopening,
    report,
    results,
    retrying,
    risks,
    sample,
    schedules,
    schemas,
    service,
    typical,
    verifying,
    views,
    watchdog,
    what_if,
)
from cli.errors import OneLineErrors
from engine.settings import Settings
from rulebook.own_rules import use_rules

app = typer.Typer(
    name="tousu",
    help="Tousu (投诉): insurance complaints under the statutory clock.",
    epilog="Example: tousu open samples/complaints.jsonl   Each command explains itself with --help.",
    cls=OneLineErrors,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=False,
)

PARTS = (
    *(
        opening,
        importing,
        cases,
        verifying,
        personal,
        prove,
        audit,
        report,
        figures_data,
        results,
        risks,
        rectification,
        typical,
    ),
    *(
        archive,
        commands,
        retrying,
        reopening,
        calendars,
        moves,
        schedules,
        sample,
        watchdog,
        views,
        rehearse,
        what_if,
        demo,
        service,
        schemas,
    ),
)


@app.callback()
def _with_own_rules() -> None:
    # Once, before any command: every command may ask for a pack, and none reads a folder by itself.
    use_rules(Settings.rules_in())


for part in PARTS:
    part.add_to(app)
