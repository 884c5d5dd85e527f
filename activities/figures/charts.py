"""The charts of a report as SVG: what came in and went out, rates over time, and the largest groups along an axis."""

from __future__ import annotations

from collections.abc import Sequence

from activities.figures.layout import AxisTable, Figure, number, shown
from activities.figures.words import both
from models.svg import FAINT, Drawing, Plot

WIDTH, LEFT, RIGHT = 720, 60, 24
COLOURS = ("#1f4e79", "#c05621", "#2f855a", "#6b46c1", "#b7791f", "#4a5568")
BARS = 10
"""How many groups a chart shows; the table has all."""

NAME = 24
"""How many letters of a group's name fit beside its bar."""


def trend_charts(figures: Sequence[Figure]) -> list[str]:
    """Return counts as bars side by side, shares as lines on one axis, and every other indicator as bars of its own."""
    counts = [figure for figure in figures if figure["formula"] == "count"]
    shares = [figure for figure in figures if figure["unit"] == "percent"]
    others = [figure for figure in figures if figure not in counts and figure not in shares]
    made = [_bars(counts)] if counts else []
    made += [_lines(shares)] if shares else []
    return made + [_bars([figure]) for figure in others]


def _values(figure: Figure) -> list[float | None]:
    found = [number(figure, value) for value in figure["trend"]]
    return [None if one is None else float(one) for one in found]


def _open(figures: Sequence[Figure], title: str, most: float) -> tuple[Drawing, Plot]:
    drawing = Drawing(WIDTH, title)
    y = 18.0
    for colour, figure in zip(COLOURS, figures, strict=False):
        drawing.rect(LEFT, y - 10, 11, 11, fill=colour)
        drawing.text(LEFT + 17, y, both(figure["title"]), size=12)
        y += 18
    plot = Plot(drawing, y + 2, 150, most, margins=(LEFT, RIGHT))
    periods = [point["period"] for point in figures[0]["trend"]]
    slot = plot.width / len(periods)
    # A name takes some 50 points: where slots are narrower, every second or third is written.
    step = max(1, round(50 / slot + 0.49))
    for place, period in enumerate(periods):
        if (len(periods) - 1 - place) % step == 0:
            x = plot.x + (place + 0.5) * slot
            drawing.text(x, plot.y + plot.height + 17, period, size=11, anchor="middle")
    return drawing, plot


def _bars(figures: Sequence[Figure]) -> str:
    series = [_values(figure) for figure in figures]
    most = max((value for values in series for value in values if value is not None), default=0)
    drawing, plot = _open(figures, " · ".join(both(figure["title"]) for figure in figures), most or 1)
    slot = plot.width / len(series[0])
    width = slot * 0.7 / len(series)
    for number_, (figure, values) in enumerate(zip(figures, series, strict=True)):
        for place, value in enumerate(values):
            if value is not None:
                x = plot.x + place * slot + slot * 0.15 + number_ * width
                tip = f"{figure['trend'][place]['period']}: {shown(figure, figure['trend'][place])}"
                plot.bar(x, width - 1, value, fill=COLOURS[number_ % len(COLOURS)], tip=tip)
    return drawing.svg()


def _lines(figures: Sequence[Figure]) -> str:
    drawing, plot = _open(figures, " · ".join(both(figure["title"]) for figure in figures), 100)
    drawing.text(plot.x + 4, plot.y - 3, "%", size=11)
    for number_, figure in enumerate(figures):
        colour = COLOURS[number_ % len(COLOURS)]
        values = _values(figure)
        slot = plot.width / len(values)
        points: list[tuple[float, float]] = []
        for place, value in enumerate([*values, None]):
            if value is not None:
                points.append((plot.x + (place + 0.5) * slot, plot.at(value)))
                tip = f"{figure['trend'][place]['period']}: {shown(figure, figure['trend'][place])}"
                drawing.rect(points[-1][0] - 2.5, points[-1][1] - 2.5, 5, 5, fill=colour, tip=tip)
            elif points:
                drawing.line(points, colour, 2)
                points = []
    return drawing.svg()


def axis_chart(table: AxisTable) -> str | None:
    """Return the largest groups of *table* by its first indicator as bars; None where there is nothing to compare."""
    figure = table.figures[0]
    rows = [(name, cells[0]) for name, cells in table.rows if cells[0] is not None and cells[0]["value"] is not None]
    rows = sorted(rows, key=lambda row: -float(row[1]["value"]))[:BARS]
    if len(rows) < 2 or float(rows[0][1]["value"]) == 0:
        return None
    drawing = Drawing(WIDTH, f"{both(table.title)}: {both(figure['title'])}")
    drawing.text(8, 18, both(figure["title"]), size=12, bold=True)
    start, room = 250, WIDTH - 250 - 80
    most = float(rows[0][1]["value"])
    for place, (name, value) in enumerate(rows):
        y = 32 + place * 21
        text = both(name)
        drawing.text(start - 8, y + 12, text if len(text) <= NAME else f"{text[: NAME - 1]}…", size=12, anchor="end")
        drawing.rect(start, y, room, 15, fill=FAINT)
        length = room * float(value["value"]) / most
        drawing.rect(start, y, length, 15, fill=COLOURS[0], tip=f"{text}: {shown(figure, value)}")
        drawing.text(start + room + 6, y + 12, shown(figure, value), size=12)
    return drawing.svg()
