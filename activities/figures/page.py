"""A report as one HTML page: charts drawn in it, nothing loaded from elsewhere, and a browser prints it on A4."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Template
from markupsafe import Markup

from activities.figures import charts, layout, words
from activities.figures.report import Report
from activities.pages import page_environment

ROWS = 30
"""How many groups a table on paper shows; the workbook and the data have all."""

LATE_ROWS = 100


def to_html(report: Report) -> bytes:
    """Return *report* as a page in UTF-8; names out of the record are text in it, never markup."""
    tables = layout.axis_tables(report)
    page = _template().render(
        report=report,
        tables=[(table, _drawn(charts.axis_chart(table))) for table in tables],
        trends=[_drawn(chart) for chart in charts.trend_charts(layout.trends(report))],
        rows=ROWS,
        late_rows=LATE_ROWS,
    )
    return page.encode()


def _drawn(svg: str | None) -> Markup | None:
    # The drawing escapes every text that it writes.
    return Markup(svg) if svg else None  # noqa: S704  # see above


@cache
def _template() -> Template:
    environment = page_environment(Path(__file__).parent)
    names: dict[str, Any] = {name: getattr(layout, name) for name in _LAYOUT}
    names |= {name: getattr(words, name) for name in ("AXES", "FORMULAS", "POPULATIONS", "DATES", "BASES", "both")}
    environment.globals.update(names)
    environment.filters["moment"] = layout.moment
    return environment.get_template("page.html.j2")


_LAYOUT = ("shown", "parts", "change", "unit", "profile", "source", "headline", "standing", "DRAFT", "NONE")
