"""The result of a what-if as charts, one self-contained SVG."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from cli.what_if_table import GROUPS, UNITS, share
from models.svg import Drawing, Plot

WIDTH, LEFT, RIGHT = 1000, 70, 40
INNER = WIDTH - LEFT - RIGHT
ON_TIME, LATE, PALE = "#2f855a", "#c53030", "#a9bcd0"
COLOURS = ("#2b6cb0", "#c05621", "#6b46c1", "#2c7a7b", "#b7791f", "#702459", "#4a5568", "#276749")
BUCKETS = ((1, 3), (4, 7), (8, 15), (16, 30), (31, 60), (61, 120), (121, None))
NAMES = 10

Report = dict[str, Any]


def chart(found: Report) -> str:
    """Return the charts of *found* as the text of an SVG file."""
    packs = "、".join(pack["pack"] for pack in found["packs"])
    drawing = Drawing(WIDTH, f"What if: {packs}")
    drawing.text(LEFT, 40, f"投诉时限测算 What if · {packs}", size=20, bold=True)
    refused = found["rows"] - found["counted"]
    drawing.text(LEFT, 62, f"已计 counted {found['counted']:,} · 未计 rejected {refused:,}")
    _shares(drawing, found)
    if shown := _distinct(found):
        _days_late(drawing, shown)
        _open(drawing, found["packs"][0])
        for pack, duty in shown:
            _due(drawing, pack, duty)
        for kind, title in GROUPS.items():
            _names(drawing, shown[0], kind, title)
    return drawing.svg()


def _judged(pack: Report) -> list[Report]:
    return [duty for duty in pack["duties"] if duty["cases"]]


def _distinct(found: Report) -> list[tuple[Report, Report]]:
    """Return the judged duties, one that a pack inherits unchanged from another only once."""
    known: list[tuple[Report, Report]] = []
    for pack in found["packs"]:
        for duty in _judged(pack):
            if all(duty != other for _, other in known):
                known.append((pack, duty))
    return known


def _heading(drawing: Drawing, text: str, below: str = "") -> float:
    y = drawing.height + 44
    drawing.text(LEFT, y, text, size=15, bold=True)
    if below:
        drawing.text(LEFT, y + 20, below, size=12)
        y += 20
    return y + 14


def _legend(drawing: Drawing, y: float, entries: Iterable[tuple[str, str]]) -> float:
    for number, (colour, label) in enumerate(entries):
        at = y + 6 + 20 * number
        drawing.rect(LEFT, at, 12, 12, fill=colour)
        drawing.text(LEFT + 18, at + 11, label, size=12)
        y_end = at
    return y_end + 24


def _plot(drawing: Drawing, y: float, height: float, most: float) -> Plot:
    return Plot(drawing, y + 6, height, most, margins=(LEFT, RIGHT))


def _label(pack: Report, duty: Report) -> str:
    goal = "（目标 target）" if duty["kind"] == "target" else ""
    return f"{pack['pack']} · {duty['title']['zh']}{goal} {duty['duty']}"


def _shares(drawing: Drawing, found: Report) -> None:
    y = _heading(drawing, "按时与逾期 On time and late")
    y = _legend(drawing, y, [(ON_TIME, "按时 on time"), (LATE, "逾期 late")])
    for pack in found["packs"]:
        for duty in _judged(pack):
            limits = " / ".join(f"{limit['amount']} {UNITS[limit['unit']]}" for limit in duty["limits"])
            drawing.text(LEFT, y + 14, f"{_label(pack, duty)} · {limits}")
            late = INNER * duty["late"] / duty["cases"]
            drawing.rect(LEFT, y + 22, INNER - late, 18, fill=ON_TIME, tip=f"按时 on time {duty['on_time']:,}")
            drawing.rect(LEFT + INNER - late, y + 22, late, 18, fill=LATE, tip=f"逾期 late {duty['late']:,}")
            drawing.text(LEFT, y + 56, f"{duty['on_time']:,} ({share(duty['on_time'], duty['cases'])})", size=12)
            text = f"{duty['late']:,} ({share(duty['late'], duty['cases'])})"
            drawing.text(LEFT + INNER, y + 56, text, size=12, anchor="end")
            y += 68


def _days_late(drawing: Drawing, shown: Sequence[tuple[Report, Report]]) -> None:
    y = _heading(drawing, "逾期天数 Days late, number of complaints")
    series = list(zip(COLOURS * len(shown), shown, strict=False))
    y = _legend(drawing, y, [(colour, _label(*one)) for colour, one in series])
    counts = [[_between(duty["late_by_days"], *bucket) for bucket in BUCKETS] for _, duty in shown]
    plot = _plot(drawing, y, 190, max(max(row) for row in counts))
    slot = INNER / len(BUCKETS)
    width = slot * 0.8 / len(series)
    for place, (first, last) in enumerate(BUCKETS):
        x = LEFT + place * slot
        words = f"{first}–{last}" if last else f"≥ {first}"
        drawing.text(x + slot / 2, plot.y + plot.height + 18, f"{words} 天 d", size=12, anchor="middle")
        for number, (colour, one) in enumerate(series):
            tip = f"{_label(*one)}: {words}: {counts[number][place]:,}"
            plot.bar(x + slot * 0.1 + number * width, width - 1, counts[number][place], fill=colour, tip=tip)


def _between(days: dict[str, int], first: int, last: int | None) -> int:
    return sum(count for day, count in days.items() if first <= int(day) and (last is None or int(day) <= last))


def _open(drawing: Drawing, pack: Report) -> None:
    months = pack["workload"]["months"]
    peak = pack["workload"]["open"]
    y = _heading(drawing, "每日在办 Open at the end of a day", f"最高 most {peak['peak']:,} ({peak['on'] or '—'})")
    y = _legend(drawing, y, [(PALE, "当月最高 most in the month"), (COLOURS[0], "当月日均 mean of the month")])
    plot = _plot(drawing, y, 170, peak["peak"])
    slot = INNER / len(months)
    for number, month in enumerate(months):
        tip = f"{month['month']}: {month['open_peak']:,}, {month['open_mean']:,}"
        plot.bar(LEFT + number * slot, max(slot - 1, 0.6), month["open_peak"], fill=PALE, tip=tip)
    middle = [(LEFT + (number + 0.5) * slot, plot.at(month["open_mean"])) for number, month in enumerate(months)]
    drawing.line(middle, COLOURS[0], 2)
    _years(drawing, plot, months)


def _due(drawing: Drawing, pack: Report, duty: Report) -> None:
    months, name = pack["workload"]["months"], duty["duty"]
    peak = pack["workload"]["due"][name]
    below = f"{_label(pack, duty)} · 单日最高 most on one day {peak['peak']:,} ({peak['on']})"
    y = _heading(drawing, "每月到期 Due per month", below)
    y = _legend(drawing, y, [(PALE, "到期 due"), (LATE, "其中逾期 late ones")])
    plot = _plot(drawing, y, 120, max(month["due"][name] for month in months))
    slot = INNER / len(months)
    for number, month in enumerate(months):
        x, width = LEFT + number * slot, max(slot - 1, 0.6)
        plot.bar(x, width, month["due"][name], fill=PALE, tip=f"{month['month']}: 到期 due {month['due'][name]:,}")
        plot.bar(x, width, month["late"][name], fill=LATE, tip=f"{month['month']}: 逾期 late {month['late'][name]:,}")
    _years(drawing, plot, months)


def _years(drawing: Drawing, plot: Plot, months: Sequence[Report]) -> None:
    """Write the years, or the months where there are few, below *plot*."""
    slot, at = plot.width / len(months), plot.y + plot.height + 18
    if len(months) <= 12:
        for number, month in enumerate(months):
            drawing.text(plot.x + (number + 0.5) * slot, at, month["month"], size=11, anchor="middle")
        return
    numbered = groupby(enumerate(months), key=lambda one: one[1]["month"][:4])
    for year, within in numbered:
        places = [number for number, _ in within]
        if len(places) * slot >= 30:
            drawing.text(plot.x + (places[0] + len(places) / 2) * slot, at, year, size=11, anchor="middle")
        drawing.line([(plot.x + places[0] * slot, at - 18), (plot.x + places[0] * slot, at - 10)], PALE)


def _names(drawing: Drawing, shown: tuple[Report, Report], kind: str, title: str) -> None:
    pack, duty = shown
    groups = sorted(pack["groups"][kind], key=lambda group: (-group["late"][duty["duty"]], group["name"] or ""))[:NAMES]
    if len(groups) < 2 or not groups[0]["late"][duty["duty"]]:
        return
    y = _heading(drawing, f"逾期最多 The most late ones: {title}", _label(pack, duty))
    y = _legend(drawing, y, [(PALE, "件数 cases"), (LATE, "其中逾期 late ones")])
    most = max(group["cases"] for group in groups)
    for group in groups:
        late = group["late"][duty["duty"]]
        name = group["name"] or "（未填 none）"
        drawing.text(LEFT + 210, y + 14, name if len(name) <= 30 else f"{name[:29]}…", size=12, anchor="end")
        width = INNER - 220 - 150
        drawing.rect(LEFT + 220, y + 2, width * group["cases"] / most, 16, fill=PALE, tip=f"{name}: {group['cases']:,}")
        drawing.rect(LEFT + 220, y + 2, width * late / most, 16, fill=LATE, tip=f"{name}: 逾期 late {late:,}")
        text = f"{late:,} / {group['cases']:,} ({share(late, group['cases'])})"
        drawing.text(LEFT + 228 + width * group["cases"] / most, y + 15, text, size=12)
        y += 24
