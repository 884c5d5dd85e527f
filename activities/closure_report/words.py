"""The words of the report for the codes of events; a test holds them to those of the timeline."""

from __future__ import annotations

from collections.abc import Mapping

from models.case import STAGES_ZH
from models.slips import SLIP_STATUS_ZH
from models.view import STATUS_ZH
from models.vocabulary import LABELS_ZH

WORDS: Mapping[str, Mapping[str, str]] = {
    **LABELS_ZH,
    "stage": dict(STAGES_ZH.items()),
    "status": dict(STATUS_ZH.items()),
    "slip_status": dict(SLIP_STATUS_ZH.items()),
    "severity": {"general": "一般", "important": "重要", "major": "重大"},
    "complainant": {"person": "自然人", "organisation": "单位", "unnamed": "未具名"},
    "liability": {"responsible": "有责", "non_responsible": "无责", "litigation": "转诉讼"},
    "result": {
        "responsible": "有责",
        "non_responsible": "无责",
        "litigation": "转诉讼",
        "withdrawn": "撤回",
        "refused": "不予办理",
        "merged": "合并处理",
    },
    "decided_by": {"branch": "分支机构", "head_office": "总公司"},
    "approval_ground": {"superior_institution": "上级机构", "head_office_senior_manager": "总公司高级管理人员"},
    "extension_status": {
        "requested": "待审批",
        "approved": "已批准，待告知",
        "in_force": "已生效",
        "refused": "未获批准",
    },
    "route": {"customer_service": "客服直接办理", "departments": "会同有关部门办理"},
    "origin": {
        "own": "客服受理",
        "written": "信函邮件",
        "elsewhere": "其他部门转来",
        "superior": "上级公司转办",
        "forwarded": "监管转办",
    },
    "contact_part": {"phone": "电话", "email": "电子邮件", "address": "地址", "preferred": "首选方式"},
    "notice": {
        "receipt": "登记回执",
        "extension": "延期告知",
        "pause": "不计入期限告知",
        "facts_added": "重新计算期限告知",
        "decision": "处理决定告知",
        "late": "逾期说明",
        "withdrawal": "终止办理告知",
        "refusal": "不予办理告知",
        "merge": "合并处理告知",
        "review_decision": "核查决定告知",
        "material": "补充材料通知",
        "progress": "处理进展告知",
        "final_opinion": "最终处理意见告知",
        "holding": "尚未办结告知",
        "resolution": "解决确认",
    },
    "level": {
        "coordinator": "协调员",
        "department_head": "部门负责人",
        "customer_service_head": "客服负责人",
        "general_manager": "总经理室",
        "superior": "上级机构",
        "committee": "协调委员会",
    },
    "purpose": {
        "written_reply": "书面答复意见书",
        "regulator_report": "监管书面报告",
        "public_answer": "公开答复",
        "records_release": "对外提供资料",
        "unreachable": "无法联系",
        "vexatious": "受限事项",
        "solution": "处理方案",
    },
    "capacity": {
        "countersign": "客服会签",
        "legal": "法律审核",
        "general_manager": "总经理室同意",
        "leader": "负责人同意",
    },
    "subject": {
        "major": "重大投诉",
        "close_without_agreement": "未达成一致的结案",
        "final_opinion": "最终处理意见",
        "liability": "责任认定",
        "difficult": "疑难投诉",
    },
    "reported_to": {"superior_company": "上级公司", "head_office": "总公司", "regulator": "监管机构"},
    "taken_to": {
        "superior_company": "上级公司",
        "media": "媒体",
        "regulator": "监管机构",
        "association": "行业协会、消费者组织",
    },
    "uncounted": {
        "staff_grievance": "内部人员反映管理问题",
        "settled_on_the_spot": "当场解决",
        "litigation_before": "受理前已诉讼或和解",
    },
    "impact": {"ordinary": "影响一般", "large": "影响较大"},
    "outcome": {"upheld": "维持原处理决定", "changed": "变更原处理决定"},
    "measure": {"taken": "已采取", "planned": "计划中"},
    "unit": {"nd": "自然日", "wd": "工作日", "h": "小时", "w": "周", "m": "个月"},
    "layer": {"statute": "法定", "regulator": "监管", "company": "公司", "team": "团队"},
    "kind": {"duty": "义务", "window": "权利期间", "target": "目标"},
}


def word(vocabulary: str, code: str | None) -> str:
    """Return *code* in words with the code behind them, such as ``有责 responsible``; a code without words stays alone."""
    if not code:
        return ""
    name = WORDS[vocabulary].get(code)
    return f"{name} {code}" if name else code


def yes(value: bool) -> str:
    """Return *value* in words."""
    return "是 yes" if value else "否 no"
