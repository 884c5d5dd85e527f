"""What codes are called in reports: Chinese first, then the code in plain English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from activities.closure_report.words import WORDS
from models.organisation import Organisation
from rulebook.figures import Axis, BaseName, Formula, Population, ReportKind, Unit

Label = dict[str, str]
"""A text as reports carry it: ``zh`` and ``en``."""

AXES: Mapping[Axis, Label] = {
    "unit": {"zh": "机构", "en": "unit"},
    "department": {"zh": "部门", "en": "department"},
    "channel": {"zh": "投诉渠道", "en": "channel"},
    "origin": {"zh": "来源", "en": "origin"},
    "category": {"zh": "投诉类别", "en": "category"},
    "dispute_type": {"zh": "纠纷类型", "en": "dispute type"},
    "line": {"zh": "险种", "en": "line of insurance"},
    "product": {"zh": "产品", "en": "product"},
    "sales_channel": {"zh": "销售渠道", "en": "sales channel"},
    "complexity": {"zh": "复杂程度", "en": "complexity"},
    "severity": {"zh": "严重程度", "en": "severity"},
    "result": {"zh": "处理结果", "en": "result"},
}

REPORTS: Mapping[ReportKind, Label] = {
    "weekly": {"zh": "投诉处理周报", "en": "Weekly report on complaints"},
    "monthly": {"zh": "投诉处理月报", "en": "Monthly report on complaints"},
    "annual": {"zh": "投诉处理年报", "en": "Annual report on complaints"},
    "regulator": {"zh": "监管口径投诉统计", "en": "Complaints by the regulator's ratios"},
}

UNITS: Mapping[Unit, Label] = {
    "cases": {"zh": "件", "en": "cases"},
    "slips": {"zh": "单", "en": "slips"},
    "percent": {"zh": "%", "en": "%"},
    "days": {"zh": "天", "en": "days"},
    "hours": {"zh": "小时", "en": "hours"},
    "mark": {"zh": "分", "en": "of 5"},
    "ratio": {"zh": "件/单位", "en": "per unit"},
}

BASES: Mapping[BaseName, Label] = {
    "policies_in_force": {"zh": "有责保单件数", "en": "policies in force"},
    "premium": {"zh": "保费收入（元）", "en": "premium (yuan)"},
    "persons_insured": {"zh": "承保人次", "en": "persons insured"},
}

FORMULAS: Mapping[Formula, Label] = {
    "count": {"zh": "件数", "en": "count"},
    "share": {"zh": "占比", "en": "share"},
    "mean": {"zh": "平均", "en": "mean"},
    "median": {"zh": "中位数", "en": "median"},
    "per": {"zh": "单位投诉量", "en": "per base"},
}

POPULATIONS: Mapping[Population, Label] = {
    "cases": {"zh": "投诉", "en": "complaints"},
    "slips": {"zh": "会办单", "en": "dispatch slips"},
    "duties": {"zh": "时限义务", "en": "duties"},
}

PROFILES: Mapping[str | None, Label] = {
    "company": {"zh": "公司考核口径", "en": "the company's count"},
    "regulator": {"zh": "监管口径", "en": "the regulator's count"},
    "annual": {"zh": "年度披露口径", "en": "annual disclosure"},
    None: {"zh": "逐件", "en": "each once"},
}

DATES: Mapping[str, Label] = {
    "received": {"zh": "收到之日", "en": "day of receipt"},
    "told": {"zh": "告知之日", "en": "day of telling"},
    "closed": {"zh": "结案之日", "en": "day of closure"},
    "open_at_end": {"zh": "期末时点", "en": "end of the period"},
    "dispatched": {"zh": "发单之日", "en": "day of dispatch"},
    "findings_due": {"zh": "反馈期限届满之日", "en": "last day for the findings"},
    "due": {"zh": "期限届满之日", "en": "last day of the limit"},
}

NOT_FILLED: Label = {"zh": "未填", "en": "not filled in"}
FEW: Label = {"zh": "其他（件数较少，合并）", "en": "others, few each"}
NOTHING: Label = {"zh": "期内没有可计的项目", "en": "nothing to divide by in this period"}
OF_ITSELF: Label = {
    "zh": "本级自身没有单独的基数",
    "en": "the unit itself, without those below, has no base of its own",
}
NOT_BY_THIS: Label = {"zh": "没有按此划分的基数", "en": "there is no base along this axis"}
NO_MEDIAN: Label = {"zh": "合并后无法取中位数", "en": "groups put together have no median"}

_VOCABULARIES: Mapping[Axis, str] = {
    "channel": "channel",
    "origin": "origin",
    "category": "category",
    "dispute_type": "dispute_type",
    "line": "line_of_business",
    "sales_channel": "sales_channel",
    "complexity": "complexity",
    "severity": "severity",
    "result": "result",
}


def name_of(axis: Axis, code: str | None, organisation: Organisation) -> Label:
    """Return what *code* is called along *axis*; a code that nobody knows stays what it is."""
    if code is None:
        return NOT_FILLED
    if axis == "unit" and code in organisation.units:
        return {"zh": organisation.units[code].name, "en": code}
    if axis == "department" and (found := organisation.departments.get(code)):
        home = next(unit for unit in organisation.unit_list if found in unit.departments)
        return {"zh": f"{home.name} {found.name}", "en": code}
    known = WORDS[_VOCABULARIES[axis]] if axis in _VOCABULARIES else {}
    return {"zh": known.get(code, code), "en": code.replace("_", " ") if known else code}


def no_base(name: BaseName, unit: str, period: str, line: str) -> Label:
    """Return why a number per base is missing: which base nobody imported."""
    place = f"{unit} {period}" + (f" {line}" if line else "")
    return {
        "zh": f"未导入{BASES[name]['zh']}：{place}",
        "en": f"no {BASES[name]['en']} imported for {place}",
    }


def both(label: Mapping[str, Any]) -> str:
    """Return *label* in both languages, Chinese first; once where both are the same."""
    zh, en = str(label["zh"]), str(label["en"])
    return zh if zh == en else f"{zh} {en}"
