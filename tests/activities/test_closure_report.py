"""The closure report says what the record holds, in full and in order, and the same in both forms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from docx import Document
from docx.oxml.ns import qn

from activities.closure_report import SECTIONS, Record, Report, report, to_docx, to_html
from activities.closure_report.document import HEADING
from activities.closure_report.parts import Block, Pairs, Prose
from rulebook import events as ev
from rulebook.clock import CaseClock
from rulebook.pack import pin_to, rule_pack
from rulebook.slip_clocks import slip_clocks
from tests.activities.report_parts import at, opening, record, story
from tests.records.samples import sample
from tests.rulebook.helpers import on


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return record(tmp_path_factory.mktemp("closed"), story())


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return record(tmp_path_factory.mktemp("bare"), story()[:1])


def texts(block: Block) -> Iterator[str]:
    """Every text of a block, headings too."""
    yield from block.label or ()
    if isinstance(block, Prose):
        yield from (block.text, block.note)
    elif isinstance(block, Pairs):
        for label, value in block.rows:
            yield from (*label, value)
    else:
        for column in block.columns:
            yield from column
        for row in block.rows:
            yield from row


def said(made: Report) -> str:
    return "\n".join(text for section in made.sections for block in section.blocks for text in texts(block))


def part(made: Report, name: str) -> str:
    (found,) = [section for section in made.sections if section.label.en == name]
    return "\n".join(text for block in found.blocks for text in texts(block))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def read_page(page: bytes) -> str:
    reader = _Reader()
    reader.feed(page.decode())
    return "\n".join(reader.texts)


def read_document(document: bytes) -> str:
    body = Document(BytesIO(document)).element.body
    return "\n".join(
        "".join("\n" if node.tag == qn("w:br") else node.text or "" for node in paragraph.iter(qn("w:t"), qn("w:br")))
        for paragraph in body.iter(qn("w:p"))
    )


CONTENTS = {
    "The case at a glance": (
        "TS-20260302-000001",
        "重大 major",
        "有责 responsible",
        "2026-03-25 (周三) 10:00",
        "p-gd-kf-01",
    ),
    "Policy and parties": (
        "P-2020-0001",
        "示例终身重大疾病保险",
        "银行代理 bank",
        "王示例",
        "示例证件号",
        "李代理",
        "23",
    ),
    "The matter and the main problem": (
        *(
            "理赔类 claims\n展业类 selling",
            "理赔申请提交两个月仍未赔付。",
            "支付保险金人民币 120,000 元",
            "保险合同第五条",
        ),
        *("监管转办 forwarded", "2026-02-24 (周二) 09:00", "2026-02-27 (周五) 16:00", "2026-03-02 (周一) 10:00"),
        *("深圳金融监管局", "118", "2026-03-20", "代理人身份信息 agent_identity", "ab" * 32, "投诉升级 escalated"),
    ),
    "The investigation": (
        *(
            "监管转办由省公司直接办理",
            "会同有关部门办理 departments",
            "已调取核赔档案",
            "不属本部门",
            "已反馈 answered",
        ),
        *("已退单 returned", "说明进展", "ef" * 32, "鉴定意见已出具", "10 日 days", "上级机构 superior_institution"),
    ),
    "Facts and nature, item by item": (
        *("第 1 项 会办单 s1 业务管理部 gd-sz-yg", "核赔岗漏派。", "第 2 项 核实报告", "未见“随时可退”表述"),
        *("核赔岗漏派，延误 53 日。", "保险法第二十三条", "材料齐全后", "理赔时效", "核赔", "k1"),
    ),
    "Amounts": ("120,000.00", "812.50", "合计 total", "120,812.50", "CNY"),
    "The decision and the measures": (
        *("延误利息 812.50 元", "agreed: 是 yes", "认可金额", "支付保险金", "计划中 planned", "2026-06-30"),
    ),
    "Group, major and difficult cases": (
        *(
            "责任认定 liability",
            "理赔延误属公司责任",
            "群体投诉应急预案",
            "专人接待\n分批答复",
            "粤寿发 2026-31",
            "先行赔付",
        ),
        *("紧急 urgent", "鉴定已完成，正在核定金额", "人数未再增加", "每周向代表通报"),
    ),
    "Time limits and duties": (
        *("作出处理决定并告知投诉人", "办法 第十八条第一款", "cn-2020-3", "2026-04-01\n周三 24:00", "停算 paused"),
        *("2026-04-04\n周六 24:00", "按期完成 met", "clock_resumed"),
    ),
    "Notices and their proof": ("处理决定告知 decision", "outbox sha256:1", "email"),
    "Approvals and sign-offs": (
        "监管书面报告 regulator_report",
        "法律审核 legal",
        "会签完成 complete",
        "EMS 1099",
        "p-hq-kf-01",
    ),
    "Callback and satisfaction": ("4/5", "处理及时，态度好", "安排回访 ordered"),
    "Review": (),
    "Closure and lessons": ("双方一致，款项已付", "有责 responsible", "派工漏单未被发现。", "系统增加未派工清单。"),
    "The record": ("cn-2020-3", "cn@", "tousu verify C-1"),
}
"""What the rules ask a closure report for (R154, R155), as the complaint of these tests has it."""


def test_every_part_of_the_report_is_tested(closed: Record) -> None:
    assert [section.label.en for section in report(closed).sections] == list(CONTENTS)


@pytest.mark.parametrize("name", CONTENTS)
def test_each_part_says_what_the_rules_ask_for(closed: Record, name: str) -> None:
    found = part(report(closed), name)
    assert [wanted for wanted in CONTENTS[name] if wanted not in found] == []


def test_the_report_is_tied_to_the_chain(closed: Record) -> None:
    """An auditor finds the head hash, the number of events and the rules by which the record was kept."""
    seal = part(report(closed), "The record")
    for wanted in (closed.head_hash, closed.content_hash, closed.pack.content_hash, str(len(story()))):
        assert wanted in seal


def test_people_and_units_are_named_and_keep_their_ids(closed: Record) -> None:
    organisation = closed.organisation
    for person in ("p-gd-kf-01", "p-hq-kf-01", "p-gd-sz-yg-01"):
        assert f"{organisation.person(person).name}\n{person}" in said(report(closed))
    assert closed.who("p-left-long-ago") == "p-left-long-ago"
    assert closed.department("no-such") == "no-such"


def test_a_part_about_which_the_record_says_nothing_says_so(bare: Record) -> None:
    made = report(bare)
    silent = [section.label.en for section in made.sections if not section.blocks]
    assert {"The investigation", "Amounts", "Callback and satisfaction", "Review"} <= set(silent)
    assert read_page(to_html(made)).count("无 none") == len(silent)
    assert read_document(to_docx(made)).count("无 none") == len(silent)


SILENT: dict[type[ev.Event], str] = {
    ev.Acknowledged: "its ticket number stands at the top, as the state has it",
    ev.CommandRefused: "nothing came of it",
    ev.Received: "the intake itself is shown",
    ev.VexatiousFlagged: "restricted (C17)",
    ev.VexatiousLifted: "restricted (C17)",
}
"""Events whose words the report does not repeat, with the reason."""


@pytest.mark.parametrize("kind", ev.EVENT_TYPES, ids=lambda kind: kind.__name__)
def test_every_event_is_in_the_report(closed: Record, kind: type[ev.Event]) -> None:
    """Whatever can happen to a complaint is told, or there is a reason why not."""
    event = sample(kind, on("Mon 2026-03-23 12:34"), "独特的记号")
    found = said(report(replace(closed, events=(closed.events[0], event))))
    if kind in SILENT:
        assert "独特的记号" not in found
    else:
        assert re.search(r"2026-03-23(\n周一| \(周一\)) 12:34", found), f"{kind.__name__}: show it, or say why not"
        assert "独特的记号" in found or "独特的记号" not in event.model_dump_json()


@pytest.mark.parametrize("kind", [ev.VexatiousFlagged, ev.VexatiousLifted])
def test_a_restricted_entry_is_there_without_its_content(closed: Record, kind: type[ev.Event]) -> None:
    """The flag is for few to know (R024, C17); that somebody decided something is on file."""
    ask = ev.SignOffRequested(**at("Mon 2026-03-23 12:00"), sign_off="q9", purpose="vexatious", text="缠访认定")
    event = sample(kind, on("Mon 2026-03-23 12:34"), "缠访理由")
    found = said(report(replace(closed, events=(closed.events[0], ask, event))))
    assert found.count("受限内容 restricted") == 2
    assert "缠访" not in found
    assert "vexatious" not in found


def test_amounts_are_added_up_by_currency_and_by_what_is_still_planned(closed: Record) -> None:
    def measure(amount: str, status: str, currency: str = "CNY") -> ev.Event:
        more = {"measure": "m", "status": status, "amount": amount, "currency": currency}
        return ev.MeasureRecorded.model_validate({**at("Mon 2026-03-23 12:00"), **more})

    events = (measure("0.10", "taken"), measure("0.20", "taken"), measure("7", "planned"), measure("5", "taken", "HKD"))
    made = report(replace(closed, events=(closed.events[0], *events)))
    (block,) = next(section for section in made.sections if section.label.en == "Amounts").blocks
    rows: Any = getattr(block, "rows", ())
    assert [row[1:] for row in rows if row[0] == "合计 total"] == [
        ("计划中 planned", "7.00", "CNY"),
        ("已采取 taken", "0.30", "CNY"),
        ("已采取 taken", "5.00", "HKD"),
    ]


def test_the_duties_of_slips_are_dated_too(closed: Record) -> None:
    """Under an insurer's own rules each dispatch slip has a clock of its own (R100–R108)."""
    pack, calendar = pin_to("company-life", date(2026, 3, 2)).open()
    clocks = (CaseClock.fold(pack, calendar, closed.events), *slip_clocks(pack, calendar, closed.events).values())
    duties = tuple(duty for clock in clocks for duty in clock.duties)
    found = part(report(replace(closed, duties=duties, pack=pack)), "Time limits and duties")
    keys = [duty.key for duty in duties]
    assert [key for key in keys if key.startswith("s1/")]
    assert [key for key in keys if f"\n{key}\n" not in found] == []
    assert "公司 company" in found


def test_a_deadline_missed_is_said_at_the_top_and_where_it_was(tmp_path: Path) -> None:
    due = on("Thu 2026-04-02 00:00")
    breach = ev.DeadlineBreached(at=due, recorded_at=due, duty="decide", due=due)
    plain = [event for event in opening() if isinstance(event, ev.Received)]
    plain[0] = plain[0].model_copy(update={"complexity": "complex"})
    made = report(record(tmp_path, [*plain, breach]))
    assert "是 yes" in part(made, "The case at a glance")
    assert "逾期 breached" in part(made, "Time limits and duties")
    assert "2026-04-01\n周三 24:00" in part(made, "Time limits and duties")


def test_page_and_document_say_all_that_the_report_says(closed: Record) -> None:
    made = report(closed)
    page, document = read_page(to_html(made)), read_document(to_docx(made))
    for section in made.sections:
        for text in (*section.label, *(text for block in section.blocks for text in texts(block))):
            assert text in page
            assert text in document


def test_what_people_wrote_is_text_and_never_markup(closed: Record) -> None:
    page = to_html(report(closed)).decode()
    assert "&lt;b&gt;&amp;{{ 7 * 7 }}" in page
    assert "<b>&" not in page


def test_the_page_loads_nothing_from_elsewhere(closed: Record) -> None:
    page = to_html(report(closed)).decode()
    assert re.findall(r"(?i)<(?:script|link|img|iframe|object)|(?:src|href)=|@import|url\(|https?:", page) == []
    assert "default-src 'none'" in page
    assert "size: A4" in page


def test_control_characters_and_turned_text_cannot_break_or_disguise_the_report(closed: Record) -> None:
    clean = ev.FindingsSubmitted(**at("Mon 2026-03-23 12:00"), findings="甲乙丙丁")
    # No event takes such a text any more; the report must hold all the same against a record that was written by hand.
    event = clean.model_copy(update={"findings": "甲\x00乙\x1b\u202e丙\r\n丁"})
    made = report(replace(closed, events=(closed.events[0], event)))
    shown = "甲\ufffd乙\ufffd\ufffd丙\n丁"
    assert shown in read_page(to_html(made))
    assert shown in read_document(to_docx(made))


def test_the_same_record_gives_the_same_bytes(closed: Record, tmp_path: Path) -> None:
    """Two ledgers with the same events, two runs: a hash on paper can be checked years later."""
    again = record(tmp_path, story())
    assert to_html(report(again)) == to_html(report(closed))
    assert to_docx(report(again)) == to_docx(report(closed))
    other = replace(closed, head_hash="0" * 64)
    assert to_docx(report(other)) != to_docx(report(closed))


def test_the_document_carries_the_dates_of_the_record_and_no_trace_of_the_machine(closed: Record) -> None:
    made = report(closed)
    packed = to_docx(made)
    with ZipFile(BytesIO(packed)) as archive:
        assert {member.date_time for member in archive.infolist()} == {(2026, 3, 25, 2, 0, 0)}
        names = archive.namelist()
        assert "docProps/thumbnail.jpeg" not in names
        assert "docProps/app.xml" not in names
        assert b"python-docx" not in archive.read("docProps/core.xml")
    about = Document(BytesIO(packed)).core_properties
    assert about.author == about.last_modified_by == made.institution == "示例人寿保险股份有限公司广东省分公司"
    assert about.created == about.modified == made.as_of
    assert (about.title, about.comments, about.language) == ("客户投诉结案报告 C-1", "", "zh-CN")


def test_the_document_is_set_for_chinese_and_for_paper(closed: Record) -> None:
    document = Document(BytesIO(to_docx(report(closed))))
    for name in ("Normal", "Title", "Heading 1", "Heading 2"):
        fonts = document.styles[name].element.rPr.rFonts
        assert fonts.get(qn("w:eastAsia")) in {"宋体", HEADING}
        assert not [key for key in fonts.attrib if key.endswith("Theme")]
    page = document.sections[0]
    size = (page.page_width, page.page_height)
    assert [round(side.cm, 1) for side in size if side] == [21.0, 29.7]
    fields = [field.get(qn("w:instr")) for field in page.footer._element.iter(qn("w:fldSimple"))]
    assert fields == ["PAGE", "NUMPAGES"]
    assert len(document.tables) > 20
    assert all(table.style and table.style.name == "Table Grid" for table in document.tables)


def test_a_case_that_is_not_closed_is_a_draft_on_every_page(closed: Record, tmp_path: Path) -> None:
    draft = report(record(tmp_path, [event for event in story() if not isinstance(event, ev.Closed)]))
    assert draft.draft
    assert to_html(draft).decode().count("草稿 DRAFT") == 2
    document = Document(BytesIO(to_docx(draft)))
    assert "草稿 DRAFT" in document.sections[0].header.paragraphs[0].text
    assert document.core_properties.comments == "草稿 DRAFT"
    final = report(closed)
    assert not final.draft
    assert "草稿" not in to_html(final).decode()
    assert "草稿" not in Document(BytesIO(to_docx(final))).sections[0].header.paragraphs[0].text


def test_a_report_of_the_rules_of_a_pack_names_that_pack(closed: Record) -> None:
    assert rule_pack("cn-2020-3").title.zh in part(report(closed), "The record")
    assert len(SECTIONS) == len(CONTENTS)
