"""The result of a what-if for people: tables, Chinese first."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from rich.console import Console
from rich.markup import escape

from cli import output

UNITS = {"nd": "日 natural days", "wd": "个工作日 working days", "h": "小时 hours", "w": "周 weeks", "m": "个月 months"}
GROUPS = {"unit": "机构 unit", "category": "类别 category", "channel": "渠道 channel"}
KINDS = {"duty": "义务 duty", "target": "目标 target"}
MONTHS = 24
"""More months than this are shown by the year."""

ROW_NUMBERS = 10

Report = dict[str, Any]


def show(found: Report, console: Console, names: int) -> None:
    """Print *found*, of each kind of group the *names* with the most late cases."""
    console.print(f"行 rows {found['rows']:,} · 已计 counted {found['counted']:,} · 未计 rejected {_refused(found):,}")
    for pack in found["packs"]:
        _pack(pack, console, names)
    _rejections(found, console)


def _refused(found: Report) -> int:
    return int(found["rows"] - found["counted"])


def _pack(pack: Report, console: Console, names: int) -> None:
    console.print()
    title = f"{pack['pack']} · {pack['title']['zh']} · 日历 calendar {pack['calendar']}"
    shown = output.table(
        title, "义务 duty", "期限 limit", "件数 cases", "按时 on time", "逾期 late", "逾期率 share",
        "逾期天数 days late: 中位 median", "p90", "p99", "最长 worst", "暂定 provisional",
    )  # fmt: skip
    for duty in pack["duties"]:
        for limit in duty["limits"]:
            shown.add_row(_duty(duty), _limit(limit), *_figures(limit))
        if len(duty["limits"]) > 1:
            shown.add_row(_duty(duty), "合计 all", *_figures(duty))
    console.print(shown)
    if pack["outside_in_force"]:
        outside = f"{pack['outside_in_force']:,}"
        console.print(
            f"收到日不在施行期间、仍照此计算 received outside the days in force, counted all the same: {outside}"
        )
    _not_judged(pack, console)
    _workload(pack, console)
    for kind, title in GROUPS.items():
        _group(pack, kind, title, console, names)


def _duty(duty: Report) -> str:
    return f"{duty['title']['zh']} {duty['duty']}" + ("（目标 target）" if duty["kind"] == "target" else "")


def _limit(limit: Report) -> str:
    return f"{limit['amount']} {UNITS[limit['unit']]}\n{limit['citation']}"


def _figures(figures: Report) -> list[str]:
    days = figures["days_late"]
    return [
        f"{figures['cases']:,}",
        f"{figures['on_time']:,}",
        f"{figures['late']:,}",
        share(figures["late"], figures["cases"]),
        *("—" if days[name] is None else f"{days[name]:,}" for name in ("median", "p90", "p99", "worst")),
        f"{figures['provisional']:,}",
    ]


def share(part: int, whole: int) -> str:
    """Return *part* of *whole* in per cent."""
    return f"{100 * part / whole:.1f}%" if whole else "—"


def _not_judged(pack: Report, console: Console) -> None:
    ordered = sorted(pack["not_judged"], key=lambda one: one["code"])
    for _, grouped in groupby(ordered, key=lambda one: one["code"]):
        same = list(grouped)
        reason = same[0]["reason"]
        duties = "、".join(one["duty"] for one in same)
        console.print(f"未评 not judged: {duties}（{reason['zh']} {reason['en']}）", style="dim")


def _workload(pack: Report, console: Console) -> None:
    load = pack["workload"]
    duties = [duty["duty"] for duty in pack["duties"] if duty["cases"]]
    shown = output.table(
        "每日工作量 workload a day", "期间 period", "收到 received", "结案 closed", "日均在办 open, mean",
        "最高在办 open, peak", *(f"{name} 到期 due／逾期 late" for name in duties),
    )  # fmt: skip
    for period, months in _periods(load["months"]):
        shown.add_row(
            period,
            f"{sum(month['received'] for month in months):,}",
            f"{sum(month['closed'] for month in months):,}",
            f"{sum(month['open_mean'] for month in months) / len(months):,.1f}",
            f"{max(month['open_peak'] for month in months):,}",
            *(
                " ／ ".join(f"{sum(month[kind][name] for month in months):,}" for kind in ("due", "late"))
                for name in duties
            ),
        )
    console.print(shown)
    peaks = [f"在办 open {_peak(load['open'])}", f"收到 received {_peak(load['received'])}"]
    peaks += [f"{name} 到期 due {_peak(load['due'][name])}" for name in duties]
    console.print(f"单日最高 most on one day: {' · '.join(peaks)}")


def _periods(months: list[Report]) -> list[tuple[str, list[Report]]]:
    if len(months) <= MONTHS:
        return [(month["month"], [month]) for month in months]
    return [(year, list(grouped)) for year, grouped in groupby(months, key=lambda month: month["month"][:4])]


def _peak(peak: Report) -> str:
    return f"{peak['peak']:,} ({peak['on'] or '—'})"


def _group(pack: Report, kind: str, title: str, console: Console, names: int) -> None:
    groups = pack["groups"][kind]
    if len(groups) < 2 or not names:  # One name alone says nothing that the table of duties has not said.
        return
    duties = [duty["duty"] for duty in pack["duties"] if duty["cases"]]
    more = f"（共 of {len(groups):,}）" if len(groups) > names else ""
    shown = output.table(
        f"逾期最多的 with the most late ones: {title}{more}", title, "件数 cases",
        *(f"{duty} 逾期 late" for duty in duties),
    )  # fmt: skip
    for group in groups[:names]:
        late = [f"{group['late'][duty]:,} ({share(group['late'][duty], group['cases'])})" for duty in duties]
        shown.add_row(escape(group["name"] or "（未填 none）"), f"{group['cases']:,}", *late)
    console.print(shown)


def _rejections(found: Report, console: Console) -> None:
    if not found["rejected"]:
        return
    console.print()
    shown = output.table("未计的行 rows that are not counted", "代码 code", "原因 reason", "行数 count", "行号 rows")
    for one in found["rejected"]:
        more = " … (--json)" if one["count"] > ROW_NUMBERS else ""
        shown.add_row(
            one["code"], one["reason"], f"{one['count']:,}", ", ".join(map(str, one["rows"][:ROW_NUMBERS])) + more
        )
    console.print(shown)
