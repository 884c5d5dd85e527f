"""``tousu what-if``: closed complaints under one or more rule packs, without Temporal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cli import output
from cli.errors import REFUSED, bad_input
from cli.what_if_chart import chart
from cli.what_if_report import report
from cli.what_if_rows import open_closed
from cli.what_if_run import count_all, named_pack, processors, what_if
from cli.what_if_table import show
from models.closed import read_closed_mapping


def add_to(app: typer.Typer) -> None:
    """Give *app* the command ``what-if``."""
    app.command(
        "what-if",
        epilog="Example: tousu what-if --pack cn-2020-3 --pack company-life --input closed.csv --mapping columns.yaml",
    )(ask)


def ask(
    *,
    packs: Annotated[
        list[str], typer.Option("--pack", metavar="NAME|FILE", help="A rule pack, or a file .yaml; repeatable.")
    ],
    file: Annotated[Path, typer.Option("--input", metavar="FILE", help="Closed complaints, CSV or Parquet.")],
    mapping: Annotated[
        Path | None, typer.Option("--mapping", help="What the columns mean; left out, they have the fields' names.")
    ] = None,
    unit_column: Annotated[
        str | None, typer.Option("--unit-column", metavar="COLUMN", help="The column that holds the unit.")
    ] = None,
    units: Annotated[int, typer.Option("--units", min=0, help="How many units the table shows.")] = 10,
    svg: Annotated[Path | None, typer.Option("--svg", metavar="FILE", help="Write charts to this file.")] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, max=64, help="Processes; as many as there are processors.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """
    Count how closed complaints would have fared under rule packs: on time, late, by how much, and the work a day.

    Each complaint is judged by its receipt, its answer and its closure, under each pack, whenever that was in force. The
    exit code is 1 if any row was rejected; the rest is counted all the same.
    """
    if len(set(packs)) != len(packs):
        raise bad_input("--pack: one pack is named twice")
    for name in packs:
        named_pack(name)
    chosen = read_closed_mapping(mapping) if mapping else None
    with open_closed(file, chosen, unit_column) as opened, _progress(opened.rows) as tell:
        counted = count_all(packs, opened, jobs or processors(), tell)
    found = report([what_if(name) for name in packs], counted)
    if svg is not None:
        _write(svg, chart(found))
    if as_json:
        output.json_line(found)
    else:
        show(found, output.console(), units)
    if found["rejected"]:
        raise typer.Exit(REFUSED)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise bad_input(f"{path}: cannot be written: {error.strerror}") from None


@contextmanager
def _progress(rows: int | None) -> Iterator[Callable[[int], None]]:
    console = output.console(stderr=True)
    columns = (TextColumn("投诉 complaints"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("counting", total=rows)
        yield lambda done: bar.advance(task, done)
