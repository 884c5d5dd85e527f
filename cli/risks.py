"""``tousu risks``: what so many complaints have in common that the company is warned (风险预警, R176)."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli import output, session
from cli.cases import AsJson
from rulebook.risk import risk_rules

if TYPE_CHECKING:
    from models.risk_tables import RiskRow


def add_to(app: typer.Typer) -> None:
    """Give *app* the command ``risks``."""
    app.command("risks", epilog="Example: tousu risks   or: tousu risks --on 2026-10-31 --json")(risks)


def risks(
    on: Annotated[
        datetime | None,
        typer.Option("--on", formats=["%Y-%m-%d"], metavar="DATE", help="Last day of the window; left out, today."),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            "--since", formats=["%Y-%m-%d"], metavar="DATE", help="Look at nothing anew; show the warnings kept since."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """
    Count complaints by unit, category, product, line of business and cause, and warn of what concentrates.

    A window is compared with those before it, by the thresholds in rulebook/defaults/risk.yaml. A warning is kept once a
    month with the figures on which it was raised first; the command may run as often as one likes.
    """
    now = session.now()
    day: date = on.date() if on else now.astimezone(output.ZONE).date()
    with session.ledger() as ledger:
        found = ledger.risks.warnings(since.date()) if since else ledger.risks.look(day, now)
    if as_json:
        for row in found:
            output.json_line(row.model_dump(mode="json"))
        return
    if not found:
        typer.echo(f"{since.date() if since else day}: 没有集中的投诉 no concentration")
        return
    titles = risk_rules().dimensions
    table = output.table(
        "集中投诉风险预警 Risk warnings", "维度 by", "事项 what", "件数 count", "此前平均 mean", "窗口 window"
    )
    for row in found:
        title = next(rule.title for name, rule in titles.items() if name == row.dimension)
        table.add_row(f"{title.zh} {title.en}", row.value, str(row.count), f"{row.mean:.1f}", _window(row))
    output.console().print(table)


def _window(row: RiskRow) -> str:
    return f"{row.first_day} – {row.last_day}"
