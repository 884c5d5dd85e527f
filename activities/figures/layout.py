"""A report as readers see it, whatever the form: headline, trends, a table for each axis, numbers as printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from activities.figures.words import AXES, PROFILES, UNITS, Label, both
from models.wording import people_day
from rulebook.mark import MARKS

Figure = Mapping[str, Any]
"""An indicator in a report, with its values."""

Value = Mapping[str, Any]
"""A value in a report: ``value``, ``top``, ``bottom``, ``items``, ``reason``, ``alert``."""

NONE = "—"
DRAFT = "草稿 DRAFT"
NOT_OVER = "期间未结束 the period is not over"


@dataclass(frozen=True, slots=True)
class AxisTable:
    """The indicators that are split along one axis, a column each, and a row for each group; a cell may be missing."""

    axis: str
    title: Label
    figures: tuple[Figure, ...]
    rows: tuple[tuple[Label, tuple[Value | None, ...]], ...]


def number(figure: Figure, value: Value) -> Decimal | None:
    """Return the value as it is printed: a percent as hundredths, rounded to the indicator's decimals, half up."""
    if value["value"] is None:
        return None
    exact = Decimal(value["value"]) * (100 if figure["unit"] == "percent" else 1)
    return exact.quantize(Decimal(1).scaleb(-figure["decimals"]), ROUND_HALF_UP)


def shown(figure: Figure, value: Value | None) -> str:
    """Return the value for people, such as ``83.33%`` or ``1,204``; a dash where there is none."""
    found = number(figure, value) if value else None
    return NONE if found is None else f"{found:,}" + ("%" if figure["unit"] == "percent" else "")


def parts(figure: Figure, value: Value) -> str:
    """Return what the value was made of, in whole numbers and their own units."""
    if figure["formula"] == "count":
        return ""
    if figure["formula"] in {"mean", "median"}:
        return f"n = {value['items']:,}"
    if value["bottom"] is None:
        return f"{value['top']:,} / {NONE}"
    return f"{value['top']:,} / {value['bottom']:,}"


def change(figure: Figure) -> str:
    """Return how the value moved since the period before: in points for a percent, else in the indicator's unit."""
    now, before = number(figure, figure), number(figure, figure["before"])
    if now is None or before is None:
        return NONE
    moved = now - before
    sign = "+" if moved > 0 else "−" if moved < 0 else "±"
    return f"{sign}{abs(moved):,}" + (" pp" if figure["unit"] == "percent" else "")


def unit(figure: Figure) -> str:
    """Return the unit in which the value is printed."""
    if figure["formula"] == "per":
        return f"每 per {figure['scale']:,}"
    return both(UNITS[figure["unit"]])


def profile(figure: Figure) -> str:
    """Return by whose counting the value is; a profile of an insurer's own by its name."""
    name = figure["profile"]
    return both(PROFILES[name]) if name in PROFILES else str(name)


def source(figure: Figure) -> str:
    """Return the article behind the indicator with its mark."""
    return f"{figure['citation']}{MARKS[figure['mark']]}"


def axis_tables(report: Mapping[str, Any]) -> list[AxisTable]:
    """Return one table for each axis along which something is split, in the order of `AXES`."""
    made = []
    for axis, title in AXES.items():
        figures = tuple(figure for figure in report["figures"] if figure["by"].get(axis))
        if figures:
            made.append(AxisTable(axis, title, figures, _rows(axis, figures)))
    return made


def _rows(axis: str, figures: tuple[Figure, ...]) -> tuple[tuple[Label, tuple[Value | None, ...]], ...]:
    names: dict[tuple[Any, str], Label] = {}
    cells: list[dict[tuple[Any, str], Value]] = []
    for figure in figures:
        # Groups that were put together have no code, like what was not filled in: the name tells them apart.
        keyed = {(group["code"], group["en"]): group for group in figure["by"][axis]}
        names |= {key: {"zh": group["zh"], "en": group["en"]} for key, group in keyed.items() if key not in names}
        cells.append(keyed)
    return tuple((name, tuple(one.get(key) for one in cells)) for key, name in names.items())


def trends(report: Mapping[str, Any]) -> list[Figure]:
    """Return the indicators that are shown over earlier periods."""
    return [figure for figure in report["figures"] if len(figure["trend"]) > 1]


def moment(at: str | None) -> str:
    """Return an instant of the data for people, in the zone it carries, such as ``2026-03-17 (周二) 24:00``."""
    if at is None:
        return NONE
    instant = datetime.fromisoformat(at)
    assert instant.tzinfo is not None  # noqa: S101  # every instant in a report has its offset
    return people_day(instant, instant.tzinfo)


def headline(report: Mapping[str, Any]) -> str:
    """Return the title of a report with its period."""
    return f"{report['title']['zh']} {report['period']['zh']}"


def standing(report: Mapping[str, Any]) -> str:
    """Return in one line whether it is a draft, or which publication it is."""
    if (stamp := report["published"]) is None:
        return DRAFT if report["period"].get("over", True) else f"{DRAFT} · {NOT_OVER}"
    at = datetime.fromisoformat(stamp["at"])
    zones = report["period"]["zones"]
    day = at.astimezone(ZoneInfo(zones[0])) if len(zones) == 1 else at
    line = f"已发布 published, 第 {stamp['version']} 版 version {stamp['version']}, {day.date()}, {stamp['by']}"
    return line + (f"，更正原因 corrected because: {stamp['reason']}" if stamp["reason"] else "")
