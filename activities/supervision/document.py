"""One document of a run, for one area: what its content says, in tables, as plain text and as a page (Chinese first)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from activities.figures import layout
from activities.figures.words import both
from activities.letters import moment
from activities.pages import page_environment
from models.supervision_tables import RunRow
from models.vocabulary import categories_zh
from models.wording import people_day
from rulebook.causes import cause_name
from rulebook.risk import risk_rules

STATES = {
    "overdue": "逾期未复 overdue",
    "late": "逾期已复 late",
    "unanswered": "未复 unanswered",
    "returned": "已退单 returned",
}
FACTS = {"settle": "超公司时限 past the company's limit", "decide": "超法定时限 past the statutory limit"}
FACTS["closed"] = "已结案 closed"


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its heading; no rows is said in words."""

    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Document:
    """What a reader gets: title, where and when it belongs, sentences, tables, and what seals it."""

    title: str
    about: tuple[tuple[str, str], ...]
    sentences: tuple[str, ...]
    tables: tuple[Table, ...]
    seal: str

    def to_text(self) -> str:
        """Return it as plain text."""
        lines = [self.title, "", *(f"{name}: {text}" for name, text in self.about), "", *self.sentences]
        for table in self.tables:
            lines += ["", f"{table.heading}", " | ".join(table.columns)]
            lines += [" | ".join(row) for row in table.rows] or ["— 无 none"]
        return "\n".join([*lines, "", self.seal])

    def to_html(self) -> str:
        """Return it as one page that loads nothing from elsewhere."""
        page: str = _template().render(document=self)
        return page


@dataclass(frozen=True, slots=True)
class _Asked:
    run: RunRow
    content: Mapping[str, Any]
    area: Mapping[str, Any]
    zone: str

    def when(self, at: str | None) -> str:
        return moment(at, self.zone) if at else "—"

    def day(self, at: str | None) -> str:
        return people_day(datetime.fromisoformat(at), ZoneInfo(self.zone)) if at else "—"


def documents(run: RunRow, title: str, zone: str) -> Iterator[tuple[str, Document]]:
    """Yield the areas that *run* has a document for, each with it; the same run gives the same text for ever."""
    content = json.loads(run.content)
    for area in content["areas"]:
        asked = _Asked(run, content, area, zone)
        sentences, tables = _MAKERS[run.kind](asked)
        about = (
            ("期间 period", " + ".join([*run.passed_over, run.period])),
            ("范围 area", f"{area['name']} {area['area']}"),
            ("截至 as of", moment(run.ran_at, zone)),
        )
        seal = f"编号 run {run.run} · 内容哈希 content SHA-256 {run.content_hash}"
        yield area["area"], Document(f"{title}（{run.period}）", about, tuple(sentences), tuple(tables), seal)


def _bulletin(asked: _Asked) -> tuple[list[str], list[Table]]:
    area = asked.area
    called = [one for one in area["departments"] if one["committee"]]
    above = asked.content["above"]
    sentences = [
        f"督办：{one['unit_name']}{one['name']}到期{one['due']}件，逾期{one['late_of_due']}件，超过{above}%，由投诉处理委员会督办。"
        f" The committee supervises {one['unit']}/{one['department'] or '—'}: {one['late_of_due']} of {one['due']} late,"
        f" above {above} %."
        for one in called
    ] or [f"没有部门的逾期率超过{above}%。 No department has more than {above} % late."]
    return sentences, [_departments(area), _matters(asked), *([_risks(area["risks"])] if area.get("risks") else [])]


def _risks(found: Sequence[Mapping[str, Any]]) -> Table:
    titles = {name: rule.title for name, rule in risk_rules().dimensions.items()}
    rows = tuple(
        (
            f"{titles[one['dimension']].zh} {titles[one['dimension']].en}",
            one["value"],
            str(one["count"]),
            f"{one['before'] / one['windows']:.1f}",
            f"{one['first_day']} – {one['last_day']}",
        )
        for one in found
    )
    columns = ("维度 by", "事项 what", "件数 count", "此前平均 mean before", "窗口 window")
    return Table("集中投诉风险预警 Risk warnings", columns, rows)


def _departments(area: Mapping[str, Any]) -> Table:
    columns = (
        "机构 unit",
        "部门 department",
        "到期 due",
        "其中逾期 late of these",
        "逾期率 share",
        *STATES.values(),
        "反馈进展不及时 progress late",
        "督办 committee",
    )
    rows = tuple(
        (
            f"{one['unit_name']} {one['unit']}",
            f"{one['name']} {one['department']}".strip(),
            str(one["due"]),
            str(one["late_of_due"]),
            f"{one['late_of_due'] * 100 / one['due']:.1f} %" if one["due"] else "—",
            *(str(one[state]) for state in STATES),
            str(one["slow"]),
            "是 yes" if one["committee"] else "",
        )
        for one in area["departments"]
    )
    return Table("各部门 departments", columns, rows)


def _matters(asked: _Asked) -> Table:
    columns = (
        "投诉 complaint",
        "会办单 slip",
        "部门 department",
        "类别 category",
        "自 since",
        "期限 due",
        "答复 answered",
        "状态 state",
    )
    rows = tuple(
        (
            one["complaint_id"],
            one["slip"] or "—",
            f"{one['unit']} / {one['department'] or '—'}",
            categories_zh(one["categories"]),
            asked.when(one["since"]),
            asked.day(one["due"]),
            asked.when(one["ended_at"]),
            STATES[one["state"]] + ("；进展反馈不及时 progress late" if one["progress_late"] else ""),
        )
        for one in asked.area["matters"]
    )
    return Table("未按时答复事项 matters not answered in time", columns, rows)


def _sample(asked: _Asked) -> tuple[list[str], list[Table]]:
    area, content = asked.area, asked.content
    counts = (
        f"总体{area['population']}件，其中因客户要求延后（有证明）剔除{area['kept_out']}件，抽取{area['drawn']}件"
        f"（不低于{content['share']}%）。 Population {area['population']}, kept out on a proven wish to wait"
        f" {area['kept_out']}, drawn {area['drawn']} (at least {content['share']} %)."
    )
    sentences = [counts, f"随机种子 seed {content['seed']} · 总体哈希 population SHA-256 {content['population_hash']}"]
    if content["population"] == "late":
        sentences.append(
            "回访四项：承办人是否联系、对处理结果的意见、态度、时效。"
            " Ask whether the handler got in touch, the opinion on the result, attitude and speed."
            " Record it with tousu sample call."
        )
    else:
        sentences.append(
            "核对是否虚假结案、无责结论是否属实，无法联系的客户再次回访。"
            " Check for false closure and wrong results, call the unreachable again."
            " Record it with tousu sample call --verdict."
        )
    rows = tuple(
        (
            one["complaint_id"],
            one["unit"],
            FACTS.get(one["fact"], one["fact"]) + ("；未能联系 never reached" if one["certain"] else ""),
            asked.when(one["at"]) if one["fact"] == "closed" else asked.day(one["at"]),
        )
        for one in area["cases"]
    )
    out = tuple((one["complaint_id"], one["evidence"]) for one in area["out"])
    return sentences, [
        Table("抽取的案件 cases drawn", ("投诉 complaint", "机构 unit", "事由 fact", "时点 instant"), rows),
        Table("剔除的案件 cases kept out", ("投诉 complaint", "证明 evidence SHA-256"), out),
    ]


def _publication(asked: _Asked) -> tuple[list[str], list[Table]]:
    report = asked.content["report"]
    sentence = (
        f"{layout.headline(report)}（{report['unit']['zh']}）：{layout.standing(report)}。"
        f" 数据与图表 data and charts: tousu report {report['report']} --period {report['period']['name']}"
        f" --as-published --version {report['published']['version']} --out DIR"
    )
    confirmed = Table(
        "经核实的未联系或者违规 confirmed after callbacks",
        ("投诉 complaint",),
        tuple((one,) for one in asked.area["confirmed"]),
    )
    figures = [_indicators(report), *map(_split, layout.axis_tables(report))]
    # What was put down before there were typical cases has none, and reads as it did.
    told = [_typical(asked.area["typical"]), *_problems(asked.area["problems"])] if "typical" in asked.area else []
    return [sentence], [*figures, *told, confirmed]


def _typical(found: Sequence[Mapping[str, Any]]) -> Table:
    columns = (
        "投诉 complaint",
        "机构 unit",
        "类别 category",
        "产品 product",
        "事项 title",
        "情况 what happened",
        "教训 lesson",
        "原因 cause",
        "关键词 keywords",
    )
    rows = tuple(
        (
            one["complaint_id"],
            f"{one['unit_name']} {one['unit']}",
            categories_zh(one["categories"]),
            one["product"] or "—",
            *(" ".join(one[name].split()) for name in ("title", "facts", "lesson")),
            cause_name(one["cause"]),
            "、".join(one["keywords"]) or "—",
        )
        for one in found
    )
    return Table("典型案例 typical cases", columns, rows)


def _problems(found: Mapping[str, Any]) -> Iterator[Table]:
    yield _risks(found["risks"])
    columns = (
        "编号 id",
        "机构 unit",
        "原因 cause",
        "事项 title",
        "投诉 complaints",
        "期限 due",
        "本月立项 opened this month",
        "月末逾期 overdue at its end",
    )
    rows = tuple(
        (
            one["rectification"],
            f"{one['unit_name']} {one['unit']}",
            cause_name(one["cause"]),
            one["title"],
            str(one["complaints"]),
            one["due"],
            "是 yes" if one["opened"] else "",
            "逾期 overdue" if one["overdue"] else "",
        )
        for one in found["rectifications"]
    )
    yield Table("溯源整改 rectifications", columns, rows)


def _indicators(report: Mapping[str, Any]) -> Table:
    columns = ("指标 indicator", "单位 unit", "本期 value", "构成 parts", "上期 before", "变化 change", "依据 source")
    rows = tuple(
        (
            both(one["title"]),
            layout.unit(one),
            layout.shown(one, one) + (f" {both(one['alert_text'])}" if one["alert"] else ""),
            # A number that has no base says why, never nought.
            both(one["reason"]) if one["reason"] else layout.parts(one, one),
            layout.shown(one, one["before"]),
            layout.change(one),
            layout.source(one),
        )
        for one in report["figures"]
    )
    return Table("指标 indicators", columns, rows)


def _split(table: layout.AxisTable) -> Table:
    columns = (both(table.title), *(both(one["title"]) for one in table.figures))
    rows = tuple(
        (both(name), *(layout.shown(one, cell) for one, cell in zip(table.figures, cells, strict=True)))
        for name, cells in table.rows
    )
    return Table(f"按{table.title['zh']} by {table.title['en']}", columns, rows)


_MAKERS: Mapping[str, Callable[[_Asked], tuple[Sequence[str], Sequence[Table]]]] = {
    "bulletin": _bulletin,
    "sample": _sample,
    "publication": _publication,
}


@cache
def _template() -> Any:
    return page_environment(Path(__file__).parent).get_template("page.html.j2")
