"""
The codes of a complaint and their Chinese names.

Codes are what systems exchange: stable, lower-case English. Names are what people read, in letters and on screens.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

Channel = Literal[
    "phone",
    "visit",
    "letter",
    "email",
    "fax",
    "web",
    "app",
    "sms",
    "regulator",
    "superior_company",
    "other_department",
    "media",
    "association",
    "outbound_callback",
]
"""By which way the complaint came (R055, R056, R069, R071)."""

Category = Literal[
    "selling",
    "sales_service",
    "counter_image",
    "underwriting",
    "policy_maintenance",
    "claims",
    "call_centre",
    "membership_card",
    "product",
    "payment",
    "notification",
    "system",
    "other",
]
"""The thirteen types of complaint, in the order of R085–R097."""

DisputeType = Literal[
    "sales",
    "underwriting",
    "policy_service",
    "claims",
    "surrender",
    "renewal",
    "telephone_disturbance",
    "personal_information",
    "other",
]
"""The regulator's axis: what the dispute is about."""

LineOfBusiness = Literal[
    "ordinary_life",
    "participating_life",
    "universal_life",
    "unit_linked",
    "annuity",
    "illness",
    "medical",
    "accident",
    "motor",
    "household_property",
    "commercial_property",
    "liability",
    "guarantee",
    "credit",
    "agricultural",
    "freight",
    "other",
]
"""The regulator's axis: the line of insurance."""

SalesChannel = Literal["personal_agent", "group", "bank", "telephone", "internet", "broker", "counter", "other"]
"""How the policy was sold."""

IdDocumentType = Literal[
    "resident_id", "passport", "mainland_travel_permit", "residence_permit", "household_register", "other"
]
"""Which document identifies a person (art. 13)."""

ContactMethod = Literal["phone", "sms", "email", "letter", "visit"]
"""How the complainant prefers to be told (art. 21)."""

AgentKind = Literal["entrusted", "statutory"]
"""Whether the agent acts by mandate (art. 14) or by law, as a guardian does (art. 18(4))."""

EvidenceKind = Literal["document", "image", "recording", "video", "chat_record", "other"]
"""What a piece of evidence is (R112)."""

CallbackWish = Literal["signed_by_another", "misled", "premium_withheld", "other"]
"""What the customer complained of in a callback by the company (R071)."""

Missing = Literal[
    "complainant_name",
    "identity",
    "contact",
    "organisation_address",
    "organisation_credit_code",
    "organisation_principal",
    "agent_identity",
    "agent_contact",
    "agent_authority",
    "heir_proof",
    "group_representatives",
    "demand",
    "basis",
    "signature",
]
"""What the insurer may still ask for (art. 13, 14); never a ground to refuse or to stop the clock."""

Unfiled = Literal["visit_form", "key_information_checklist", "callback_task"]
"""What the insurer itself must still put on file."""

LABELS_ZH: Mapping[str, Mapping[str, str]] = {
    "channel": {
        "phone": "电话",
        "visit": "来访",
        "letter": "信函",
        "email": "电子邮件",
        "fax": "传真",
        "web": "网站",
        "app": "手机应用",
        "sms": "短信",
        "regulator": "监管转办",
        "superior_company": "上级公司转办",
        "other_department": "其他部门转办",
        "media": "媒体",
        "association": "行业协会或消费者组织",
        "outbound_callback": "回访中提出",
    },
    "category": {
        "selling": "展业类",
        "sales_service": "销售机构/销售人员服务类",
        "counter_image": "柜面形象类",
        "underwriting": "承保类",
        "policy_maintenance": "保全类",
        "claims": "理赔类",
        "call_centre": "电话中心类",
        "membership_card": "会员卡类",
        "product": "公司产品类",
        "payment": "收付费类",
        "notification": "通知服务类",
        "system": "系统类",
        "other": "其他类",
    },
    "dispute_type": {
        "sales": "销售纠纷",
        "underwriting": "承保纠纷",
        "policy_service": "保全纠纷",
        "claims": "理赔纠纷",
        "surrender": "退保纠纷",
        "renewal": "续收续保纠纷",
        "telephone_disturbance": "电话扰民",
        "personal_information": "个人信息保护",
        "other": "其他",
    },
    "line_of_business": {
        "ordinary_life": "普通人寿保险",
        "participating_life": "分红型人寿保险",
        "universal_life": "万能型人寿保险",
        "unit_linked": "投资连结保险",
        "annuity": "年金保险",
        "illness": "疾病保险",
        "medical": "医疗保险",
        "accident": "意外伤害保险",
        "motor": "机动车辆保险",
        "household_property": "家庭财产保险",
        "commercial_property": "企业财产保险",
        "liability": "责任保险",
        "guarantee": "保证保险",
        "credit": "信用保险",
        "agricultural": "农业保险",
        "freight": "货物运输保险",
        "other": "其他保险",
    },
    "sales_channel": {
        "personal_agent": "个人代理",
        "group": "团险",
        "bank": "银行代理",
        "telephone": "电话销售",
        "internet": "互联网",
        "broker": "保险经纪",
        "counter": "柜面直销",
        "other": "其他",
    },
    "id_document_type": {
        "resident_id": "居民身份证",
        "passport": "护照",
        "mainland_travel_permit": "来往内地（大陆）通行证",
        "residence_permit": "居住证或永久居留身份证",
        "household_register": "户口簿",
        "other": "其他证件",
    },
    "contact_method": {"phone": "电话", "sms": "短信", "email": "电子邮件", "letter": "信函", "visit": "当面"},
    "agent_kind": {"entrusted": "受托人", "statutory": "法定代理人"},
    "evidence_kind": {
        "document": "书面材料",
        "image": "图片",
        "recording": "录音",
        "video": "录像",
        "chat_record": "聊天记录",
        "other": "其他",
    },
    "callback_wish": {
        "signed_by_another": "反映代签名",
        "misled": "反映销售误导",
        "premium_withheld": "反映截留、挪用保费",
        "other": "其他诉求",
    },
    "complexity": {"simple": "事实清楚、争议情况简单", "complex": "情况复杂"},
    "missing": {
        "complainant_name": "投诉人姓名或名称",
        "identity": "投诉人身份信息",
        "contact": "投诉人联系方式",
        "organisation_address": "单位住所",
        "organisation_credit_code": "统一社会信用代码",
        "organisation_principal": "法定代表人或主要负责人姓名",
        "agent_identity": "代理人身份信息",
        "agent_contact": "代理人有效联系方式",
        "agent_authority": "授权委托书或法定代理关系证明",
        "heir_proof": "继承关系证明",
        "group_representatives": "推选的代表",
        "demand": "投诉请求",
        "basis": "相关依据",
        "signature": "书面材料上的签名或者盖章",
    },
    "unfiled": {
        "visit_form": "来访人签字的来访受理表",
        "key_information_checklist": "营销员涉嫌违规关键信息一览表",
        "callback_task": "回访任务编号",
    },
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
    "ending": {"withdrawn": "撤回", "refused": "不予办理", "merged": "合并处理"},
    "pause_ground": {"external_appraisal": "鉴定、检测、评估", "mediation": "调解"},
    "sign_off_status": {"requested": "会签中", "complete": "已会签", "refused": "会签未通过"},
    "run_end": {
        "terminated": "被终止",
        "cancelled": "被取消",
        "failed": "失败",
        "timed_out": "超时",
        "completed": "已完成",
        "forgotten": "服务器已无记载",
    },
    "waits_for": {
        "AlreadyApproved": "档案已批准销毁",
        "CalendarError": "工作日历不符",
        "DeliveryRefused": "信函被拒收",
        "LedgerConflict": "记录中已有不同内容",
        "LedgerDestroyed": "记录内容已销毁",
        "LedgerMissing": "记录中无此投诉",
        "LedgerRejected": "数据库拒绝写入",
        "LetterError": "信函无法生成",
        "LimitError": "期限规则无法计算",
        "NoAddress": "无可用联系方式",
        "NobodyToAssign": "无可分派的协调员",
        "NotAtRest": "投诉尚未办结",
        "OrganisationError": "组织机构数据不符",
        "PackError": "规则包不符",
        "PackageBroken": "档案包被改动",
        "RecordBehind": "记录尚缺事件",
        "RecordBroken": "记录校验不通过",
        "RecordIncomplete": "记录不完整",
    },
    "outage": {
        "DeliveryUnavailable": "投递服务不可用",
        "DiskFull": "磁盘已满",
        "FilesUnavailable": "文件无法读写",
        "LedgerUnavailable": "数据库不可用",
        "StoreError": "档案存储不可用",
        "TimeoutError": "未在时限内应答",
    },
}
"""The Chinese name of every code, by vocabulary."""


def labelled(vocabulary: str, code: str) -> str:
    """Return *code* with its Chinese name before it, as people read it; the code alone where *vocabulary* lacks it."""
    name = LABELS_ZH[vocabulary].get(code)
    return f"{name} {code}" if name else code


def cause_of(kind: str) -> str:
    """Return the stable type of an error for which a step waits, with its Chinese name."""
    return labelled("outage" if kind in LABELS_ZH["outage"] else "waits_for", kind)


def categories_zh(codes: Iterable[str]) -> str:
    """Return the Chinese names of the categories *codes* in one text; a dash for none."""
    return "、".join(LABELS_ZH["category"].get(code, code) for code in codes) or "—"
