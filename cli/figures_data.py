"""``tousu figures``: the indicators that reports show, what complaints are set against, and what was published."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli import output, session
from cli.figures import AsJson, refuse_stranger
from models.figure_files import figures_hash, read_bases, read_figures
from models.organisation import read_organisation


def add_to(app: typer.Typer) -> None:
    """Give *app* the group ``figures``."""
    group = typer.Typer(help="Indicators, their bases, and what was published.", rich_markup_mode=None)
    group.command("list", epilog="Example: tousu figures list samples/figures.yaml")(listed)
    group.command("base", epilog="Example: tousu figures base samples/bases.csv --by p-hq-kf-01")(base)
    group.command("published", epilog="Example: tousu figures published")(published)
    app.add_typer(group, name="figures")


def listed(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="Your own indicators; left out, those that the settings name."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """
    Check your own indicators, and list them with those of the house.

    What is wrong with the file is told with its line.
    """
    from activities.figures import words  # noqa: PLC0415  # it needs what draws letters, which takes long to load

    figures = read_figures(file or session.settings().figures)
    if as_json:
        for figure in figures.figures:
            output.json_line(figure.model_dump(mode="json", exclude_defaults=True))
        return
    titles = ("编号 id", "指标 indicator", "公式 formula", "口径 profile", "报告 reports", "来源 source")
    table = output.table(f"指标 indicators {figures.version} · {figures_hash(figures)}", *titles)
    for figure in figures.figures:
        name = f"{figure.title.zh}\n{figure.title.en}"
        formula = words.both(words.FORMULAS[figure.formula])
        table.add_row(
            figure.id, name, formula, figure.profile or "—", ", ".join(figure.reports) or "—", figure.citation
        )
    output.console().print(table)


def base(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or YAML: unit, period, line, and the numbers.")],
    by: Annotated[str, typer.Option("--by", "--as", metavar="PERSON", help="Who imports them.")],
    as_json: AsJson = False,
) -> None:
    """
    Import what complaints are set against: policies in force, premium in yuan, persons insured.

    A number that was imported before with another value becomes a further version; the earlier ones stay.
    """
    from activities.figures.bases import import_bases  # noqa: PLC0415  # what writes the record takes long to load

    bases = read_bases(file)
    organisation = read_organisation(session.settings().organisation)
    refuse_stranger(organisation, by, None)
    with session.ledger() as ledger:
        done = import_bases(ledger, bases, by, session.now())
    if unknown := sorted({one.unit for one in bases} - organisation.units.keys()):
        typer.echo(f"the organisation data know no unit {', '.join(unknown)}; no report will use its numbers", err=True)
    if as_json:
        output.json_line({"new": done.new, "corrected": done.corrected, "already": done.already})
    else:
        typer.echo(f"{file.name}: {done.new} new, {done.corrected} corrected, {done.already} already there")


def published(as_json: AsJson = False) -> None:
    """List the reports that were published, with their versions and hashes."""
    from activities.figures.publication import publications  # noqa: PLC0415  # as above

    with session.ledger() as ledger:
        rows = publications(ledger)
    if as_json:
        for row in rows:
            output.json_line(row.model_dump(mode="json", exclude={"content"}))
        return
    titles = (
        "期间 period",
        "报告 report",
        "机构 unit",
        "版本 version",
        "发布 published",
        "发布人 by",
        "原因 reason",
        "SHA-256",
    )
    table = output.table("已发布 published", *titles)
    for row in rows:
        cells = (row.period, row.report, row.unit or "全公司 all", str(row.version), output.instant(row.published_at))
        table.add_row(*cells, row.published_by, row.reason or "—", row.content_hash)
    output.console().print(table)
