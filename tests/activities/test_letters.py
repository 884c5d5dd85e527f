"""Every letter says what its article asks for, in words people understand, and says nothing it was not given."""

import re
from datetime import datetime
from typing import Any, get_args

import pytest

from activities.letters import KINDS, OPTIONAL, TEMPLATES, LetterError, moment, render, required, template_hash
from models.vocabulary import Missing
from rulebook.events import Liability, NoticeKind, PauseGround

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
    "pause": {"ground": "external_appraisal", "reason": "笔迹鉴定", "since": "2026-03-10T01:30:00Z"},
    "facts_added": {"due": "2026-03-20T00:00:00+08:00", "article": "办法 第十八条第一款"},
    "decision": {
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
}

ASKED: dict[NoticeKind, tuple[str, ...]] = {
    # What happens, by when, and why (R062, R077).
    "receipt": ("投诉单号", "2026-03-02 (周一) 10:00", "2026-03-17 (周二) 24:00", "第十八条第一款", "无直接利益关系"),
    "extension": ("审批", "30 日", "延长原因：等待医院病历", "2026-05-01 (周五) 24:00", "第十八条第一款"),
    "pause": ("鉴定、检测、评估", "2026-03-10 (周二) 09:30", "不计入处理期限", "笔迹鉴定", "第十八条第二款"),
    "facts_added": ("新的事实和理由", "重新计算", "2026-03-19 (周四) 24:00", "第十八条第三款"),
    "decision": (
        *("第十九条", "我公司对投诉事项负有责任。\n向您支付理赔款\n"),
        *("一、核实情况", "查明的事实", "二、依据", "合同第五条", "三、理由", "我们的理由", "四、救济途径"),
        *("30日内", "上级机构（示例人寿总公司）书面申请核查", "第二十条", "调解：", "仲裁：", "诉讼："),
    ),
    "late": ("2026-03-17 (周二) 24:00", "未能按期完成", "接下来", "不影响处理结果", "第十八条第一款"),
    "withdrawal": ("2026-03-05 (周四) 10:00", "终止", "第十五条"),
    "refusal": ("投诉人本人、法定代理人或者受托人", "不予办理", "提交人未获授权", "第十八条第四款"),
    "merge": ("C-0001", "没有新的事实和理由", "合并处理", "同一理赔事项", "第十八条第三款"),
    "review_decision": ("第二十条", "维持原处理决定", "过程合规", "未超期", "结果适当"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_letter_says_what_its_article_asks_for(kind: NoticeKind) -> None:
    letter = render(kind, {**COMMON, **FACTS[kind]})
    for said in ASKED[kind]:
        assert said in letter.body
    assert letter.body.startswith("尊敬的王示例：\n")
    assert letter.body.endswith("示例人寿广东省分公司\n2026-03-02\n")
    assert "TS-2026-0001" in letter.subject
    assert not re.search(r"[{}]|\n{4}", letter.body)


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


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("receipt", {"due": "2026-03-18T00:00:00"}),
        ("receipt", {"due": "机密"}),
        ("receipt", {"missing": ("机密",)}),
        ("decision", {"liability": "机密"}),
        ("receipt", {"missing": 7}),
        ("late", {"missed": 7}),
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


@pytest.mark.parametrize("ground", get_args(PauseGround))
def test_every_ground_of_a_pause_has_words_and_an_article(ground: PauseGround) -> None:
    body = render("pause", {**COMMON, **FACTS["pause"], "ground": ground}).body
    assert re.search(r"需要进行[\u4e00-\u9fff、]+。", body)
    assert re.search(r"办法》第[一-十]+条", body)


@pytest.mark.parametrize("code", get_args(Missing))
def test_the_receipt_asks_in_words_and_says_that_the_clock_runs_anyway(code: str) -> None:
    """Missing material never stops the statutory clock."""
    body = render("receipt", {**COMMON, **FACTS["receipt"], "missing": (code,), "hotline": "95000"}).body
    assert re.search(r"请补充：[\u4e00-\u9fff、]+。是否补充不影响上述办理期限。", body)
    assert body.endswith("联系电话 Telephone: 95000\n")


def test_a_receipt_without_a_running_deadline_promises_none() -> None:
    assert "办理期限：" not in render("receipt", {**COMMON, **FACTS["receipt"], "due": None}).body


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
