"""What became of closed complaints under packs, as one JSON object, from which table and chart are made too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import accumulate, groupby
from typing import Any

from cli.what_if_run import Counted
from rulebook.limit import DAY
from rulebook.mark import article
from rulebook.pack_parts import DutyRule
from rulebook.what_if import LEFT_OUT, WhatIf
from rulebook.what_if_tally import GROUPS, DutyTally, LimitTally, PackTally, percentile

SHARES = {"median": 0.5, "p90": 0.9, "p99": 0.99}

Days = dict[date, int]


def report(what_ifs: Sequence[WhatIf], counted: Counted) -> dict[str, Any]:
    """Return the whole result; its shape is described in docs/command-line.md and only ever grows."""
    refusals = sorted(counted.rejected.items(), key=lambda one: min(one[1]))
    return {
        "rows": counted.rows,
        "counted": counted.rows - sum(len(numbers) for _, numbers in refusals),
        "rejected": [
            {"code": reason.code, "reason": reason.reason, "count": len(numbers), "rows": sorted(numbers)}
            for reason, numbers in refusals
        ],
        "packs": [_pack(one, tally) for one, tally in zip(what_ifs, counted.tallies, strict=True)],
    }


def _pack(what_if: WhatIf, tally: PackTally) -> dict[str, Any]:
    pack = what_if.pack
    names = [rule.id for rule in what_if.duties]
    return {
        "pack": pack.pack,
        "hash": pack.content_hash,
        "calendar": what_if.calendar.version,
        "title": {"zh": pack.title.zh, "en": pack.title.en},
        "cases": tally.cases,
        "outside_in_force": tally.outside,
        "duties": [_duty(what_if, rule, counted) for rule, counted in zip(what_if.duties, tally.duties, strict=True)],
        "not_judged": [
            {"duty": duty, "code": code, "reason": dict(zip(("zh", "en"), LEFT_OUT[code], strict=True))}
            for duty, code in what_if.left_out.items()
        ],
        "workload": _workload(names, tally),
        "groups": {name: _group(names, groups) for name, groups in zip(GROUPS, tally.groups, strict=True)},
    }


def _duty(what_if: WhatIf, rule: DutyRule, tally: DutyTally) -> dict[str, Any]:
    pack = what_if.pack
    ordered = [choice.limit for choice in rule.limits if choice.limit in tally.limits]
    return {
        "duty": rule.id,
        "kind": rule.kind,
        "layer": rule.layer or pack.layer,
        "title": {"zh": rule.title.zh, "en": rule.title.en},
        **_figures(tally.total),
        "limits": [
            {
                "limit": name,
                "amount": pack.limit(name).amount,
                "unit": pack.limit(name).unit,
                "citation": article(pack.limit(name).citation, pack.limit(name).mark),
                **_figures(tally.limits[name]),
            }
            for name in dict.fromkeys(ordered)
        ],
    }


def _figures(tally: LimitTally) -> dict[str, Any]:
    late = {name: percentile(tally.days_late, share) for name, share in SHARES.items()}
    return {
        "cases": tally.cases,
        "on_time": tally.cases - tally.late,
        "late": tally.late,
        "provisional": tally.provisional,
        "days_late": {**late, "worst": max(tally.days_late, default=None)},
        "late_by_days": {str(days): tally.days_late[days] for days in sorted(tally.days_late)},
    }


def _workload(names: Sequence[str], tally: PackTally) -> dict[str, Any]:
    still_open = open_by_day(tally)
    due = dict(zip(names, (duty.due for duty in tally.duties), strict=True))
    late = dict(zip(names, (duty.late for duty in tally.duties), strict=True))
    days = sorted({*still_open, *tally.received, *tally.closed, *(day for dues in due.values() for day in dues)})
    months = []
    for month, grouped in groupby(days, key=lambda day: f"{day:%Y-%m}"):
        within = list(grouped)
        opened = [still_open[day] for day in within if day in still_open]
        months.append(
            {
                "month": month,
                "received": sum(tally.received.get(day, 0) for day in within),
                "closed": sum(tally.closed.get(day, 0) for day in within),
                "open_mean": round(sum(opened) / len(opened), 1) if opened else 0.0,
                "open_peak": max(opened, default=0),
                "due": {name: sum(dues.get(day, 0) for day in within) for name, dues in due.items()},
                "late": {name: sum(dues.get(day, 0) for day in within) for name, dues in late.items()},
            }
        )
    return {
        "open": _peak(still_open),
        "received": _peak(tally.received),
        "due": {name: _peak(dues) for name, dues in due.items()},
        "months": months,
    }


def open_by_day(tally: PackTally) -> Days:
    """Return for every day from the first receipt to the last closure how many complaints are open at its end."""
    if not tally.received:
        return {}
    days = list(_days(min(tally.received), max(tally.closed)))
    changes = (tally.received.get(day, 0) - tally.closed.get(day, 0) for day in days)
    return dict(zip(days, accumulate(changes), strict=True))


def _days(first: date, last: date) -> Iterator[date]:
    return (first + count * DAY for count in range((last - first) // timedelta(days=1) + 1))


def _peak(days: Days) -> dict[str, Any]:
    """Return the largest count of *days* and the first day that has it."""
    if not days:
        return {"peak": 0, "on": None}
    most = max(days.values())
    return {"peak": most, "on": min(day for day, count in days.items() if count == most).isoformat()}


def _group(names: Sequence[str], groups: dict[str | None, list[int]]) -> list[dict[str, Any]]:
    """Return each name with its figures, those with the most late cases first; nothing if the data name none."""
    if not groups.keys() - {None}:
        return []
    ordered = sorted(groups.items(), key=lambda one: ([-count for count in one[1][1:]], -one[1][0], one[0] or ""))
    return [
        {"name": name, "cases": counts[0], "late": dict(zip(names, counts[1:], strict=True))}
        for name, counts in ordered
    ]
