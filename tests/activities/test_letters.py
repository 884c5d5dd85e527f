"""Every letter says what its article asks for, in words people understand, and says nothing it was not given."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import pytest

from activities.letters import KINDS, OPTIONAL, TEMPLATES, LetterError, moment, render, required, template_hash
from models.vocabulary import Missing
from rulebook.events import Liability, NoticeKind
from rulebook.pack import rule_pack
from rulebook.pack_parts import PauseRule

DOCUMENT = Path(__file__).parents[2] / "docs" / "letters.md"

COMMON = {
    "addressee": "王示例",
    "ticket": "TS-2026-0001",
    "institution": "示例人寿广东省分公司",
    "written_at": "2026-03-02T03:00:00Z",
}

FACTS: dict[NoticeKind, dict[str, Any]] = {
    "receipt": {
        "received_at": "2026-03-02T02:00:00Z",
        "due": "2026-03-18T00:00:00+08:00",
        "article": "办法 第十八条第一款",
    },
    "extension": {"days": 30, "reason": "等待医院病历", "due": "2026-05-02T00:00:00+08:00"},
    "pause": {
        "ground": {"zh": "鉴定、检测、评估", "en": "an external appraisal, test or assessment"},
        "article": "办法 第十八条第二款",
        "reason": "笔迹鉴定",
        "since": "2026-03-10T01:30:00Z",
    },
    "facts_added": {"due": "2026-03-20T00:00:00+08:00", "article": "办法 第十八条第一款"},
    "decision": {
        "received_at": "2026-03-02T02:00:00Z",
        "verified_at": "2026-03-10T02:00:00Z",
        "evidence": 3,
        "liability": "responsible",
        "verification": "查明的事实",
        "basis": "合同第五条",
        "reasons": "我们的理由",
        "decision": "向您支付理赔款",
        "superior": "示例人寿总公司",
        "decided_by": "branch",
    },
    "late": {"missed": "2026-03-18T00:00:00+08:00"},
    "withdrawal": {"withdrawn_at": "2026-03-05T02:00:00Z"},
    "refusal": {"reason": "提交人未获授权"},
    "merge": {"into": "C-0001", "reason": "同一理赔事项"},
    "review_decision": {"outcome": "upheld", "process": "过程合规", "time_limits": "未超期", "result": "结果适当"},
    "material": {"codes": ("agent_authority", "basis"), "text": "请提供委托书原件"},
    "progress": {
        "text": "已取得病历，正在复核",
        "due": "2026-04-01T00:00:00+08:00",
        "article": "办法 第十八条第一款",
    },
    "final_opinion": {"opinion": "维持处理决定", "review_open": True},
    "holding": {"reason": "尚待医院提供病历", "expected": "2026-06-30"},
    "resolution": {"received_at": "2026-03-02T02:00:00Z"},
}

REFER = "金融申诉专员：您可以向其投诉。The ombudsman: you may refer your complaint there.\n"
OMBUDSMAN = {
    "title": {"zh": "金融申诉专员", "en": "The ombudsman"},
    "text": {"zh": "您可以向其投诉。", "en": "you may refer your complaint there."},
}

REMEDIES = {
    "mediation (art. 19, 23)": "调解：您可以与我公司共同向金融纠纷调解组织申请调解。",
    "arbitration (art. 19)": "仲裁：合同约定仲裁或者双方达成仲裁协议的，您可以申请仲裁。",
    "the courts (art. 19)": "诉讼：您可以依法向人民法院提起诉讼。",
}

CONTENTS: dict[NoticeKind, dict[str, str]] = {
    "receipt": {
        "number (R062)": "投诉单号为 TS-2026-0001",
        "day of receipt (art. 18(1))": "2026-03-02 (周一) 10:00 收到您的投诉",
        "last day (R077)": "2026-03-17 (周二) 24:00 前作出处理决定并告知您（办法 第十八条第一款）",
        "what happens next (art. 17)": "无直接利益关系的人员核实情况，与您联系",
        "where to ask (R057)": "联系电话 Telephone: 95000",
        "what may be handed in later (art. 13, C5)": "请补充：投诉请求、相关依据。是否补充不影响上述办理期限。",
    },
    "extension": {
        "that it was approved (art. 18(1))": "经有权机构或者人员审批，处理期限延长 30 日",
        "reason": "延长原因：等待医院病历",
        "new last day": "2026-05-01 (周五) 24:00 前作出处理决定",
        "article": "第十八条第一款",
    },
    "pause": {
        "what is not counted (art. 18(2))": "鉴定、检测、评估。自 2026-03-10 (周二) 09:30 起至其结束止的时间，不计入",
        "reason": "原因：笔迹鉴定",
        "article": "第十八条第二款",
        "what follows": "结束后处理期限继续计算",
    },
    "facts_added": {
        "what was received": "已收到您就投诉（投诉单号 TS-2026-0001）提出的新的事实和理由",
        "the limit restarts (art. 18(3))": "处理期限自收到之日起重新计算（《银行业保险业消费投诉处理管理办法》第十八条第三",
        "new last day": "2026-03-19 (周四) 24:00 前作出处理决定并告知您（办法 第十八条第一款）",
    },
    "decision": {
        "day of receipt (R133)": "我公司于 2026-03-02 (周一) 10:00 收到您的投诉",
        "decision and liability": "处理决定 Decision\n经核实，我公司对投诉事项负有责任。\n向您支付理赔款\n",
        "what was verified (art. 19)": "\n查明的事实\n",
        "when, and on how much evidence (R133)": (
            "一、核实情况 What we verified\n我公司于 2026-03-10 核实完毕，依据证据材料 3 份。Verified on 2026-03-10.\n"
        ),
        "basis (art. 19)": "二、依据 Basis\n合同第五条\n",
        "reasons (art. 19)": "三、理由 Reasons\n我们的理由\n",
        "remedies (art. 19)": "四、救济途径 Your remedies\n",
        "review of a branch's decision (art. 20)": (
            "自收到本告知书之日起30日内，向作出决定的机构的上级机构（示例人寿总公司）书面申请核查（第二十条）"
        ),
        **REMEDIES,
    },
    "late": {
        "what was missed (art. 18(1))": "应于 2026-03-17 (周二) 24:00 前作出处理决定并告知您，我公司未能按期完成",
        "what happens next (R131)": "接下来：投诉仍在办理，逾期不影响处理结果",
        "what one may do meanwhile": "申请调解、仲裁、提起诉讼，或者向金融监督管理部门反映",
    },
    "withdrawal": {
        "day of receipt": "2026-03-05 (周四) 10:00 收到您撤回投诉",
        "the procedure ends that day (art. 15)": "自当日终止（《银行业保险业消费投诉处理管理办法》第十五条）",
    },
    "refusal": {
        "the only ground (art. 18(4))": "不是由投诉人本人、法定代理人或者受托人提出，我公司不予办理",
        "what was verified": "核实情况：提交人未获授权",
        "article": "第十八条第四款",
        "who may complain": "投诉人本人、法定代理人或者受托人可以随时向我公司提出投诉",
    },
    "merge": {
        "into which complaint (art. 18(3))": "此前的投诉（编号 C-0001）为同一投诉，且没有新的事实和理由，我公司予以合并处理",
        "reason": "说明：同一理赔事项",
        "article": "第十八条第三款",
        "limit": "此前投诉的办理期限不变",
    },
    "review_decision": {
        "outcome (art. 20)": "核查决定 Decision\n维持原处理决定。",
        "process (art. 20)": "一、对处理过程的核查 Process\n过程合规\n",
        "time limits (art. 20)": "二、对处理时限的核查 Time limits\n未超期\n",
        "result (art. 20)": "三、对处理结果的核查 Result\n结果适当\n",
        "remedies (art. 19)": "您仍有异议的，可以依法申请调解、仲裁或者提起诉讼",
    },
    "material": {
        "what is missing (R074)": "\n1. 授权委托书或法定代理关系证明\n2. 相关依据\n",
        "why": "说明：请提供委托书原件",
        "how to hand it in": "提交方式：请交至或者寄至我公司，也可以通过您提出投诉的渠道提交，并注明投诉单号",
        "nothing that is held already (art. 13)": "已经掌握或者能够在内部查询到的材料，无需您提供",
        "the limit keeps running (C5)": "投诉处理期限继续计算，不因补充材料停止或者顺延",
    },
    "progress": {
        "how far it has come (R117)": "办理进展 Progress\n已取得病历，正在复核\n",
        "last day": "2026-03-31 (周二) 24:00 前作出处理决定并告知您（办法 第十八条第一款）",
    },
    "final_opinion": {
        "who fixed it (R138)": "经我公司客户投诉工作协调委员会研究",
        "opinion (R138)": "最终处理意见 Final opinion\n维持处理决定\n",
        "rights stay (art. 19)": "最终处理意见不影响您依法享有的下列权利",
        "review while its window is open (art. 20)": (
            "自收到处理决定之日起30日内，向作出决定的机构的上级机构书面申请核查（第二十条）"
        ),
        **REMEDIES,
    },
    "holding": {
        "why there is none": "原因 Reason\n尚待医院提供病历\n",
        "when one is expected": "预计于 2026-06-30 前作出处理决定并告知您",
        "that nobody need wait for it": "您不必等待我公司的决定，即可依法向法院提起诉讼",
        "the outside schemes of the rules": REFER,
    },
    "resolution": {
        "what was complained of, and when": "于 2026-03-02 (周一) 10:00 收到您的投诉（投诉单号 TS-2026-0001）",
        "that it counts as resolved": "您已表示接受处理结果，我公司认为投诉已经解决",
        "what one may do all the same": "如您此后仍不满意，可以告诉我公司",
        "the outside schemes of the rules": REFER,
    },
}
"""What each letter must say, part by part, with the rule that asks for it."""

TOLD = {"hotline": "95000", "missing": ("demand", "basis"), "schemes": (OMBUDSMAN,)}
"""What a context need not have, but mostly has."""


@pytest.mark.parametrize(("kind", "part"), [(kind, part) for kind in KINDS for part in CONTENTS[kind]])
def test_every_letter_says_each_thing_that_it_must(kind: NoticeKind, part: str) -> None:
    assert CONTENTS[kind][part] in render(kind, {**COMMON, **FACTS[kind], **TOLD}).body


@pytest.mark.parametrize("kind", KINDS)
def test_every_letter_names_whom_it_is_for_who_wrote_it_and_when(kind: NoticeKind) -> None:
    letter = render(kind, {**COMMON, **FACTS[kind]})
    assert letter.body.startswith("尊敬的王示例：\n")
    assert letter.body.endswith("示例人寿广东省分公司\n2026-03-02\n")
    assert "TS-2026-0001" in letter.subject
    assert not re.search(r"[{}]|\n{4}", letter.body)


@pytest.mark.parametrize("kind", KINDS)
def test_every_letter_is_explained_with_every_thing_that_it_says(kind: NoticeKind) -> None:
    """The document is the table that an auditor reads."""
    rows = re.findall(rf"^\| `{kind}` \|.*", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) == 1
    assert [part for part in CONTENTS[kind] if part not in rows[0]] == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_letter_speaks_chinese_first_and_english_second(kind: NoticeKind) -> None:
    letter = render(kind, {**COMMON, **FACTS[kind]})
    paragraphs = [line for line in letter.body.splitlines()[2:] if line]
    assert re.search(r"[\u4e00-\u9fff]", paragraphs[0])
    assert re.search(r"^[A-Z][a-z]+ [a-z]", letter.body, re.MULTILINE)
    assert re.search(r"[A-Z][a-z]+", letter.subject)


@pytest.mark.parametrize("kind", KINDS)
def test_a_letter_with_a_fact_missing_is_not_written_and_names_the_fact(kind: NoticeKind) -> None:
    context = {**COMMON, **FACTS[kind]}
    assert required(kind) == set(context)
    for name in context:
        with pytest.raises(LetterError) as caught:
            render(kind, {key: value for key, value in context.items() if key != name})
        assert str(caught.value) == f"letter {kind}: the context lacks {name}"


@pytest.mark.parametrize("kind", KINDS)
def test_under_rules_that_were_never_read_a_letter_cites_no_law(kind: NoticeKind) -> None:
    """What is only reported or remembered of repealed rules is no law to name, and no promise to make."""
    facts = {name: "" if name == "article" else value for name, value in FACTS[kind].items()}
    letter = render(kind, {**COMMON, **facts, "cites": False})
    assert not re.search(r"《.*办法》|（第|（）|依据：|书面申请核查", letter.body)
    cited = render(kind, {**COMMON, **FACTS[kind]}).body
    assert letter.body != cited or "办法" not in cited


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("receipt", {"due": "2026-03-18T00:00:00"}),
        ("receipt", {"due": "机密"}),
        ("receipt", {"missing": ("机密",)}),
        ("decision", {"liability": "机密"}),
        ("receipt", {"missing": 7}),
        ("late", {"missed": 7}),
        ("material", {"codes": ("机密",)}),
        ("progress", {"due": "2026-03-18T00:00:00"}),
        ("extension", {"due": "0001-01-01T00:00:00+14:00"}),
    ],
)
def test_a_fact_of_the_wrong_form_is_refused_in_one_line_without_it(kind: NoticeKind, change: dict[str, Any]) -> None:
    with pytest.raises(LetterError, match=rf"^letter {kind}: a fact has the wrong form \(\w+\)$"):
        render(kind, {**COMMON, **FACTS[kind], **change})


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_in_the_facts_is_run_as_a_template(kind: NoticeKind) -> None:
    """Complainants write what they like; their words are text."""
    trick = "{{ 7 * 7 }}{% raw %}<b>&"
    facts = {name: trick if isinstance(value, str) and name in TEXTS else value for name, value in FACTS[kind].items()}
    letter = render(kind, {**COMMON, **facts, "addressee": trick})
    assert letter.body.startswith(f"尊敬的{trick}：")
    assert letter.body.count(trick) == 1 + sum(value == trick for value in facts.values())


TEXTS = frozenset(
    {"reason", "decision", "verification", "basis", "reasons", "process", "time_limits", "result", "article"}
    | {"text", "opinion"}
)


def test_a_subject_is_one_line_whatever_the_ticket_holds() -> None:
    subject = render("withdrawal", {**COMMON, **FACTS["withdrawal"], "ticket": "T-1\r\nBcc: x@example.com"}).subject
    assert subject == "投诉撤回确认书（投诉单号 T-1 Bcc: x@example.com）Your complaint is withdrawn"


def test_a_decision_of_head_office_offers_no_review_and_all_else() -> None:
    """Art. 20 knows a review against a branch's decision only."""
    body = render("decision", {**COMMON, **FACTS["decision"], "decided_by": "head_office"}).body
    assert "书面申请核查" not in body
    assert "调解：" in body
    assert "仲裁：" in body
    assert "诉讼：" in body


def test_a_branch_offers_a_review_even_if_nobody_knows_its_superior() -> None:
    body = render("decision", {**COMMON, **FACTS["decision"], "superior": None}).body
    assert "向作出决定的机构的上级机构书面申请核查" in body


def test_an_extension_told_while_the_clock_is_paused_names_no_day() -> None:
    """A clock that stands still has no deadline; the letter says so instead of failing."""
    body = render("extension", {**COMMON, **FACTS["extension"], "due": None}).body
    assert "处理期限目前暂停计算，恢复计算后连同延长的 30 日一并继续计算" in body
    assert "before" not in body
    assert "2026-05" not in body


def test_an_odd_hour_is_not_the_end_of_a_day() -> None:
    late = {**COMMON, **FACTS["late"]}
    assert "a decision by the end of 2026-03-17 and did" in render("late", late).body
    odd = {**late, "missed": "2026-03-18T11:30:00+08:00"}
    assert "a decision by 2026-03-18 11:30 and did" in render("late", odd).body


@pytest.mark.parametrize("kind", KINDS)
def test_verifying_the_facts_is_not_called_a_review(kind: NoticeKind) -> None:
    """核查 is the review of art. 20; what comes before a decision is 核实."""
    body = render(kind, {**COMMON, **FACTS[kind]}).body
    assert "经核查" not in body
    assert "核查情况" not in body


@pytest.mark.parametrize("liability", get_args(Liability))
def test_every_liability_has_words(liability: Liability) -> None:
    assert "投诉事项" in render("decision", {**COMMON, **FACTS["decision"], "liability": liability}).body


@pytest.mark.parametrize("ground", rule_pack("cn-2020-3").pauses.values(), ids=lambda ground: ground.title.en)
def test_every_ground_of_a_pause_has_words_and_an_article(ground: PauseRule) -> None:
    """The pack's own: another jurisdiction has other grounds."""
    facts = {"ground": ground.title.model_dump(), "article": ground.citation}
    body = render("pause", {**COMMON, **FACTS["pause"], **facts}).body
    assert re.search(r"需要进行[\u4e00-\u9fff、]+。", body)
    assert re.search(r"依据：办法 第[一-十]+条", body)


@pytest.mark.parametrize("code", get_args(Missing))
def test_the_receipt_asks_in_words_and_says_that_the_clock_runs_anyway(code: str) -> None:
    """Missing material never stops the statutory clock."""
    body = render("receipt", {**COMMON, **FACTS["receipt"], "missing": (code,), "hotline": "95000"}).body
    assert re.search(r"请补充：[\u4e00-\u9fff、]+。是否补充不影响上述办理期限。", body)
    assert body.endswith("联系电话 Telephone: 95000\n")


def test_a_receipt_without_a_running_deadline_promises_none() -> None:
    assert "办理期限：" not in render("receipt", {**COMMON, **FACTS["receipt"], "due": None}).body


@pytest.mark.parametrize("code", get_args(Missing))
def test_a_request_for_material_names_it_in_words(code: str) -> None:
    body = render("material", {**COMMON, **FACTS["material"], "codes": (code,)}).body
    assert re.search(r"\n1\. [\u4e00-\u9fff、]+\n", body)
    assert code not in body


def test_progress_told_after_the_last_day_promises_no_day() -> None:
    """The letter owns up to the delay instead of naming a day that is over."""
    late = {**COMMON, **FACTS["progress"], "written_at": "2026-04-01T00:00:00+08:00"}
    body = render("progress", late).body
    assert "处理期限已于 2026-03-31 (周二) 24:00 届满（办法 第十八条第一款），我公司未能按期完成，谨致歉意" in body
    assert "We decide and tell you by" not in body
    in_time = render("progress", {**late, "written_at": "2026-03-31T23:59:59+08:00"}).body
    assert "We decide and tell you by the end of 2026-03-31." in in_time


def test_progress_told_while_the_clock_is_paused_names_no_day() -> None:
    body = render("progress", {**COMMON, **FACTS["progress"], "due": None}).body
    assert "处理期限目前暂停计算，恢复计算后继续" in body
    assert "2026-03-31" not in body


def test_a_final_opinion_offers_a_review_only_while_one_can_be_asked_for() -> None:
    """Art. 20: a branch's decision, within 30 days of receiving it; every other remedy stays."""
    body = render("final_opinion", {**COMMON, **FACTS["final_opinion"], "review_open": False}).body
    assert "核查" not in body
    assert [remedy for remedy in REMEDIES.values() if remedy not in body] == []


def test_dates_are_told_in_the_time_zone_of_the_rules() -> None:
    instant = datetime.fromisoformat("2026-03-17T16:00:00+00:00")
    assert moment(instant, "Asia/Shanghai") == "2026-03-18 (周三) 00:00"
    late = {**COMMON, "missed": instant}
    assert "2026-03-17 (周二) 24:00" in render("late", late).body
    assert "2026-03-17 (周二) 11:00" in render("late", late, time_zone="America/Chicago").body


def test_every_template_has_its_own_hash_and_belongs_to_a_kind() -> None:
    """The archive tells years later from which template a letter was made."""
    assert {file.stem for file in TEMPLATES.iterdir()} == {*KINDS, "layout"}
    hashes = {kind: template_hash(kind) for kind in KINDS}
    assert len(set(hashes.values())) == len(KINDS)
    letter = render("late", {**COMMON, **FACTS["late"]})
    assert (letter.template, letter.template_hash) == ("late.j2", hashes["late"])
    assert not set(OPTIONAL) & required("receipt")
