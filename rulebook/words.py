"""The words of a pack in Chinese and English, for people who compare packs: units, events, approvers, facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from rulebook.limit import Unit
from rulebook.pack_parts import Condition

Language = Literal["zh", "en"]

UNITS: Mapping[Unit, Mapping[Language, str]] = {
    "nd": {"zh": "{}日（自然日）", "en": "{} natural days"},
    "wd": {"zh": "{}个工作日", "en": "{} working days"},
    "h": {"zh": "{}小时", "en": "{} hours"},
    "w": {"zh": "{}周", "en": "{} weeks"},
    "m": {"zh": "{}个月", "en": "{} months"},
}

KINDS: Mapping[str, str] = {"duty": "义务", "window": "投诉人的权利", "target": "目标"}

WHO: Mapping[str, str] = {
    "handling_unit": "办理机构",
    "superior_institution": "上级机构",
    "head_office_senior_manager": "总公司高级管理人员",
    "complainant": "投诉人",
    "customer_service": "客户服务部门",
    "department": "承办部门",
    "committee": "客户投诉工作协调委员会",
}

EVENTS: Mapping[str, str] = {
    "acknowledged": "告知已受理",
    "answer_demanded": "监管要求书面答复",
    "assigned": "分派",
    "classified": "分类",
    "clock_paused": "期限中止",
    "closed": "结案",
    "committee_met": "委员会议定",
    "contact_attempted": "联系投诉人",
    "contingency_started": "启动应急预案",
    "customer_responded": "投诉人答复",
    "decision_made": "作出处理决定",
    "end_reported": "报告处理结果",
    "exemption_lifted": "恢复联系",
    "facts_added": "提出新的事实和理由",
    "findings_submitted": "提交核实情况",
    "handling_refused": "不予办理",
    "holding_written": "说明尚未答复",
    "intake_examined": "审查投诉材料",
    "investigation_opened": "开展调查",
    "material_received": "收到补充材料",
    "measure_recorded": "记录整改措施",
    "merged": "合并处理",
    "notice_exempted": "免予告知",
    "notice_given": "告知投诉人",
    "notice_received": "投诉人收到告知",
    "received": "收到投诉",
    "regulator_answered": "答复监管部门",
    "reopened": "重新办理",
    "reported_up": "上报",
    "review_requested": "申请核查",
    "scheme_sought": "诉诸外部机构",
    "slip_accepted": "接收会办单",
    "slip_answered": "答复会办单",
    "slip_dispatched": "发出会办单",
    "slip_progressed": "会办进展",
    "slip_recalled": "撤回会办单",
    "slip_returned": "退回会办单",
    "slip_sent_back": "会办单退回重办",
    "withdrawn": "撤回投诉",
}
"""The types of event that packs name; one that is missing here is shown by its own name."""

QUALIFIERS: Mapping[str, str] = {
    "decision": "处理决定",
    "extension": "延长期限",
    "pause": "期限中止",
    "refusal": "不予办理",
    "review_decision": "核查决定",
    "material": "补充材料",
    "progress": "进展",
    "final_opinion": "最终处理意见",
    "holding": "尚未答复的说明",
    "resolution": "快速解决确认",
    "external_appraisal": "鉴定、检测、评估",
    "mediation": "调解",
    "complexity": "复杂程度",
    "complex": "情况复杂",
    "simple": "情况简单",
    "decided_by": "决定机构",
    "branch": "分支机构",
    "head_office": "总公司",
}


def amount(count: int, unit: Unit, language: Language) -> str:
    """Return an amount of time in words, such as ``10个工作日``."""
    said = UNITS[unit][language].format(count)
    return said.removesuffix("s") if count == 1 else said


def event(name: str, language: Language) -> str:
    """Return the event *name* of a pack, ``notice_given.decision``, in words."""
    kind, _, qualifier = name.partition(".")
    if language == "en":
        return _english(kind) + (f" ({_english(qualifier)})" if qualifier else "")
    return EVENTS.get(kind, kind) + (f"（{QUALIFIERS.get(qualifier, qualifier)}）" if qualifier else "")


def events(names: Iterable[str], language: Language) -> str:
    """Return several events in words."""
    return listed((event(name, language) for name in names), language)


def people(codes: Iterable[str], language: Language) -> str:
    """Return who is meant by *codes*, in words."""
    return listed((WHO.get(code, code) if language == "zh" else _english(code) for code in codes), language)


def name(code: str, language: Language) -> str:
    """Return a code of a pack, such as a kind of notice, in words."""
    return QUALIFIERS.get(code, code) if language == "zh" else _english(code)


def conditions(when: Mapping[str, Condition], language: Language) -> str:
    """Return the conditions of a choice or a duty in words; nothing for none."""
    parts = (
        f"{name(fact, language)}={'/'.join(name(one, language) for one in ([value] if isinstance(value, str) else value))}"
        for fact, value in when.items()
    )
    return listed(parts, language)


def listed(parts: Iterable[str], language: Language) -> str:
    """Return *parts* as one list; a dash for none."""
    return ("、" if language == "zh" else ", ").join(parts) or "—"


def _english(code: str) -> str:
    return code.replace("_", " ")
