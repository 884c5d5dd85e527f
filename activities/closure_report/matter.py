"""What the complaint is about: the case at a glance, the parties and the policy, the matter and the main problem."""

from __future__ import annotations

from typing import Literal

from activities.closure_report.parts import Block, Pairs, Section, pairs, prose, section, table
from activities.closure_report.record import Record
from activities.closure_report.words import word, yes
from models.intake import Intake
from models.parties import Contact, IdDocument, Named
from rulebook import events as ev


def summary(record: Record) -> Section:
    """Return the case at a glance."""
    state, intake = record.state, record.intake
    closed = state.closed
    decide = next((duty for duty in record.duties if duty.key == "decide"), None)
    assigned = state.assigned
    return section(
        "案件概况",
        "The case at a glance",
        pairs(
            None,
            ("投诉编号", "complaint", intake.complaint_id),
            ("投诉单号", "ticket", state.ticket),
            ("办理机构", "handled by", record.unit(state.unit)),
            ("主办部门", "department", record.department(assigned.department) if assigned else None),
            ("协调员", "coordinator", record.people([assigned.coordinator]) if assigned else None),
            ("收到时间", "received", record.when(intake.received_at)),
            ("复杂程度", "complexity", word("complexity", state.complexity)),
            ("严重程度", "severity", word("severity", state.severity)),
            ("法定期限", "statutory limit", record.last_day(decide.due) if decide else None),
            ("是否逾期", "a duty was breached", yes(any(duty.breached for duty in record.duties))),
            ("结案结果", "result", word("result", closed.result) if closed else None),
            ("结案时间", "closed", record.when(closed.at) if closed else None),
            ("结案人", "closed by", record.people([closed.by]) if closed else None),
            ("办理阶段", "stage", None if closed else word("stage", state.stage)),
        ),
    )


def parties(record: Record) -> Section:
    """Return the policy basics (R154), who complains, who acts for whom, and against whom."""
    intake, respondent = record.known, record.intake.respondent
    policy, agent, heir, group = intake.policy, intake.agent, intake.heir, intake.group
    return section(
        "保单基本情况与当事人",
        "Policy and parties",
        pairs(
            ("保单", "Policy"),
            ("保单号", "number", policy.number),
            ("产品", "product", policy.product),
            ("险种", "line of business", word("line_of_business", policy.line_of_business)),
            ("销售渠道", "sales channel", word("sales_channel", policy.sales_channel)),
        )
        if policy
        else None,
        _complainant(record),
        _named(("代理人", "Agent"), agent, word("agent_kind", agent.kind), ("授权", "authority", agent.authority))
        if agent
        else None,
        pairs(
            ("继承", "Inheritance"),
            ("被继承人", "deceased", heir.deceased),
            ("关系", "relation", heir.relation),
            ("证明", "proof", heir.proof),
        )
        if heir
        else None,
        pairs(
            ("共同投诉", "Joint complaint"),
            ("人数", "people", str(group.total)),
            ("当面提出", "face to face", yes(group.face_to_face)),
            ("代表", "representatives", "、".join(one.name for one in group.representatives)),
        )
        if group
        else None,
        pairs(
            ("被投诉方", "Complained of"),
            ("机构", "unit", record.unit(respondent.unit)),
            ("人员", "staff", "\n".join(" ".join(filter(None, (s.name, s.person, s.unit))) for s in respondent.staff)),
        ),
    )


def _complainant(record: Record) -> Pairs | None:
    who = record.known.complainant
    label, kind = ("投诉人", "Complainant"), word("complainant", who.kind)
    if who.kind == "person":
        return _named(label, who, kind)
    contact = ("联系方式", "contact", _contact(who.contact))
    if who.kind == "unnamed":
        return pairs(label, ("类型", "kind", kind), ("来源编号", "reference", who.reference), contact)
    return pairs(
        label,
        ("类型", "kind", kind),
        ("名称", "name", who.name),
        ("住所", "address", who.address),
        ("统一社会信用代码", "credit code", who.credit_code),
        ("负责人", "principal", who.principal.name if who.principal else None),
        contact,
    )


def _named(label: tuple[str, str], who: Named, kind: str, *more: tuple[str, str, str | None]) -> Pairs | None:
    return pairs(
        label,
        ("类型", "kind", kind),
        ("姓名", "name", who.name),
        ("证件", "identity document", _document(who.id_document)),
        ("联系方式", "contact", _contact(who.contact)),
        *more,
    )


def particulars(intake: Intake, whose: Literal["complainant", "agent"]) -> str:
    """Return the name and the document of *whose*, a line each, as far as they are known."""
    party = getattr(intake, whose)
    return "\n".join(filter(None, (getattr(party, "name", None), _document(getattr(party, "id_document", None)))))


def _document(document: IdDocument | None) -> str | None:
    return f"{word('id_document_type', document.type)} {document.number}" if document else None


def _contact(contact: Contact | None) -> str | None:
    return "\n".join(filter(None, (contact.phone, contact.email, contact.address))) if contact else None


def matter(record: Record) -> Section:
    """Return the matter and the main problem (R154): what was said, its types, where it came from, what came later."""
    intake, state = record.intake, record.state
    examined = record.of(ev.IntakeExamined)
    origin = examined[-1].origin if examined else intake.origin
    channel = "\n".join(filter(None, (word("channel", intake.channel), intake.channel_detail, intake.source_reference)))
    return section(
        "投诉事项及主要问题",
        "The matter and the main problem",
        pairs(
            None,
            ("投诉类别", "types", _categories(state.categories)),
            ("纠纷类型", "dispute", word("dispute_type", intake.dispute_type)),
            ("来源", "origin", word("origin", origin)),
            ("渠道", "channel", channel),
            ("服务日期", "service on", intake.service_on.isoformat() if intake.service_on else None),
            ("服务地点", "service at", intake.service_place),
            ("涉嫌违规", "suspected violation", yes(intake.suspected_violation)),
            ("此前投诉", "earlier complaint", intake.earlier_complaint),
        ),
        prose("事实", "Facts", intake.facts),
        prose("投诉请求", "Demand", intake.demand),
        prose("依据", "Basis", intake.basis),
        _forwarded(record),
        table(
            ("证据材料", "Evidence"),
            (("名称", "title", 3), ("类型", "kind", 2), ("存放", "kept at", 2), ("SHA-256", "", 4)),
            [(one.title, word("evidence_kind", one.kind), one.reference or "", one.sha256) for one in intake.evidence],
        ),
        *_later(record),
    )


def _forwarded(record: Record) -> Block | None:
    forwarding = record.intake.forwarding
    if forwarding is None:
        return None
    return pairs(
        ("监管转办", "Forwarded by the regulator"),
        ("转办机关", "body", forwarding.body),
        ("文号", "reference", forwarding.reference),
        ("监管收到", "regulator received", record.when(forwarding.regulator_received_at)),
        ("监管转出", "forwarded", record.when(forwarding.forwarded_at)),
        ("本公司收到", "insurer received", record.when(forwarding.insurer_received_at)),
        ("要求答复日", "answer by", forwarding.answer_by.isoformat() if forwarding.answer_by else None),
    )


def _later(record: Record) -> tuple[Block | None, ...]:
    return (
        table(
            ("监管要求", "What the regulator asks"),
            (
                *(("时间", "when", 3), ("转办机关", "body", 4), ("文号", "reference", 3)),
                *(("书面报告期限", "last day", 3), ("经办", "by", 3)),
            ),
            [
                (record.at(one), one.body, one.reference or "", one.last_day.isoformat(), record.who(one.by))
                for one in record.of(ev.AnswerDemanded)
            ],
        ),
        table(
            ("分类记录", "Classification"),
            (
                ("时间", "when", 3),
                ("情况", "matter", 3),
                ("类别", "types", 3),
                ("理由", "reason", 4),
                ("经办", "by", 3),
            ),
            [
                (
                    record.at(one),
                    f"{word('complexity', one.complexity)}\n{word('severity', one.severity)}",
                    _categories(one.categories),
                    one.reason,
                    record.who(one.by),
                )
                for one in record.of(ev.Classified)
            ],
        ),
        table(
            ("补充材料", "Material asked for and handed in"),
            (
                ("时间", "when", 3),
                ("事项", "what", 2),
                ("材料", "material", 4),
                ("说明", "remarks", 4),
                ("经办", "by", 3),
            ),
            [_material(record, one) for one in record.of(ev.IntakeExamined, ev.MaterialRequested, ev.MaterialReceived)],
        ),
        table(
            ("新的事实和理由", "New facts and reasons"),
            (("时间", "when", 3), ("内容", "summary", 6), ("证据", "evidence", 3), ("经办", "by", 3)),
            [
                (record.at(one), one.summary, "\n".join(one.evidence), record.who(one.by))
                for one in record.of(ev.FactsAdded)
            ],
        ),
        _relations(record),
    )


def _relations(record: Record) -> Block | None:
    events = (*record.of(ev.Imported), *record.of(ev.Escalated, ev.Absorbed, ev.CountingExcluded))
    return table(
        ("关联与统计", "Related complaints and counting"),
        (("时间", "when", 3), ("事项", "what", 4), ("说明", "remarks", 5), ("经办", "by", 3)),
        [_related(record, one) for one in events],
    )


def _material(
    record: Record, event: ev.IntakeExamined | ev.MaterialRequested | ev.MaterialReceived
) -> tuple[str, str, str, str, str]:
    match event:
        case ev.IntakeExamined():
            what, codes, text = "受理审查 examined", event.lacks, "" if event.lacks else "材料齐全 complete"
        case ev.MaterialRequested():
            what, codes, text = "要求补充 asked for", event.codes, event.text
        case ev.MaterialReceived():
            what, codes, text = "收到 handed in", event.codes, "\n".join(event.evidence)
    return record.at(event), what, "\n".join(word("missing", code) for code in codes), text, record.who(event.by)


def _related(
    record: Record, event: ev.Imported | ev.Escalated | ev.Absorbed | ev.CountingExcluded
) -> tuple[str, str, str, str]:
    match event:
        case ev.Imported():
            what, text = "自其他系统迁入 imported", f"{event.source}，{event.events} 项 events\nsha256 {event.digest}"
        case ev.Escalated():
            earlier = f"原投诉 earlier {event.earlier}，有责 responsible：{yes(event.responsible)}"
            what, text = f"投诉升级 escalated\n{word('taken_to', event.to)}", earlier
        case ev.Absorbed():
            what, text = "并入 absorbed", event.complaint
        case ev.CountingExcluded():
            what, text = f"公司统计不计入 not counted\n{word('uncounted', event.ground)}", event.reason
    return record.at(event), what, text, record.who(event.by)


def _categories(codes: tuple[str, ...]) -> str:
    return "\n".join(word("category", code) for code in codes)
