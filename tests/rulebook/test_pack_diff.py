"""``python -m rulebook diff``: every difference between two packs, with its articles, in Chinese first and in English."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from rulebook import words
from rulebook.command_line import main
from rulebook.pack import PACKS, RulePack, pack_names, rule_pack
from rulebook.pack_diff import SECTIONS, Diff, diff, handover
from rulebook.pack_diff_parts import FIELDS, OTHER
from rulebook.pack_parts import Clause, DutyRule, ExtensionRule, LimitRule, Part, PauseRule
from tests.rulebook.helpers import COMPANY, PACK
from tests.rulebook.test_due_command import run

OLD = rule_pack("cn-2013-8")
TEXT = (PACKS / "cn-2020-3.yaml").read_text(encoding="utf-8")
REPORTED = "2013年第8号令（条款号未核对）〔二手资料 secondary〕"


def said(found: Diff, section: str, language: words.Language) -> list[str]:
    """Return what is told in one section."""
    return [change.say(language) for change in found.changes if change.section == section]


def with_changes(**changes: Any) -> RulePack:
    return PACK.model_copy(update=changes)


def duty(**changes: Any) -> tuple[DutyRule, ...]:
    """Return the statute's duties, the first of them changed."""
    return (PACK.duties[0].model_copy(update=changes), *PACK.duties[1:])


def test_the_old_statute_and_the_new_are_explained_to_a_lawyer() -> None:
    """Amounts in days with their articles, how the duty to decide ends, and what has no counterpart."""
    found = diff(OLD, PACK)
    assert said(found, "limits", "zh")[:2] == [
        "变更 decide_simple：时长 10个工作日（最长22日） → 15日（自然日）",
        f"变更 decide_simple：依据 {REPORTED} → 办法 第十八条第一款",
    ]
    assert said(found, "limits", "en")[0] == (
        "changed decide_simple: length 10 working days (at most 22 natural days) → 15 natural days"
    )
    assert (
        "变更 decide 作出处理决定并告知投诉人：完成 作出处理决定 → 告知投诉人（处理决定）、免予告知（处理决定）"
        in said(found, "duties", "zh")
    )
    (extension,) = said(found, "extensions", "en")
    assert extension == (
        "added decide_extension: by decide_extension; after decide_complex; approved by superior institution, head office "
        "senior manager; notice extension; times 1; ceiling 60 natural days; article 办法 第十八条第一款"
    )
    assert [one.partition("：")[0] for one in said(found, "pauses", "zh")] == [
        "新增 external_appraisal 鉴定、检测、评估",
        "新增 mediation 调解",
    ]
    assert [one.split()[1] for one in said(found, "windows", "zh")] == ["review_window"]
    assert [one.split()[1].rstrip("：") for one in said(found, "notices", "zh")][-1].startswith("extension")


def test_the_text_is_chinese_first_then_english_with_a_caution_for_what_was_never_read() -> None:
    text = diff(OLD, PACK).to_text()
    chinese, english = text.index("适用时间"), text.index("In force")
    assert chinese < english
    assert text.splitlines()[2] == "2020-02-29 及以前收到的投诉适用 cn-2013-8，2020-03-01 起收到的适用 cn-2020-3。"
    assert text.splitlines()[3].startswith("注意：cn-2013-8 并非全部经原文核对")
    assert "Received on 2020-02-29 or before: cn-2013-8. Received on 2020-03-01 or after: cn-2020-3." in text
    assert "Caution: not all of cn-2013-8 was read in the law itself." in text
    assert "cn-2020-3 并非" not in text


def test_a_pack_does_not_differ_from_itself() -> None:
    for name in pack_names():
        found = diff(rule_pack(name), rule_pack(name))
        assert found.changes == ()
        assert "没有差别" in found.to_text()


def test_an_insurer_s_rules_show_what_they_add_to_the_statute() -> None:
    found = diff(PACK, COMPANY)
    assert {change.change for change in found.changes if change.section == "limits"} == {"added"}
    assert "slip/accept" in {change.part for change in found.changes}
    assert {change.section for change in found.changes} >= {"duties", "authority", "rules", "other"}
    lost = {change.part for change in diff(COMPANY, PACK).changes if change.change == "removed"}
    assert lost >= {"settle_departments", "slip/accept", "quiet_hours"}


LIMIT = PACK.limits["decide_simple"]
EXTENSION = PACK.extensions["decide_extension"]
CHANGES: dict[str, tuple[RulePack, list[str]]] = {
    "amount": (
        with_changes(limits=PACK.limits | {"decide_simple": LIMIT.model_copy(update={"amount": 20})}),
        ["changed decide_simple: length 15 natural days → 20 natural days"],
    ),
    "unit": (
        with_changes(limits=PACK.limits | {"decide_simple": LIMIT.model_copy(update={"amount": 36, "unit": "h"})}),
        ["changed decide_simple: length 15 natural days → 36 hours (at most 2 natural days)"],
    ),
    "mark": (
        with_changes(limits=PACK.limits | {"decide_simple": LIMIT.model_copy(update={"mark": "recalled"})}),
        ["changed decide_simple: article 办法 第十八条第一款 → 办法 第十八条第一款〔凭记忆 recalled〕"],
    ),
    "start": (
        with_changes(duties=duty(start=("acknowledged",))),
        ["changed decide Decide and tell the complainant: starts with received → acknowledged"],
    ),
    "restart": (
        with_changes(duties=duty(reset_by=())),
        ["changed decide Decide and tell the complainant: restarted by facts added → —"],
    ),
    "who": (
        with_changes(duties=duty(who="department")),
        ["changed decide Decide and tell the complainant: who handling unit → department"],
    ),
    "recurring": (
        with_changes(duties=duty(again=True)),
        ["changed decide Decide and tell the complainant: recurs no → yes"],
    ),
    "reminders": (
        with_changes(duties=duty(reminders=PACK.duties[0].reminders[:1])),
        ["changed decide Decide and tell the complainant: reminders 5nd 09:00, 1nd 09:00, 0nd 09:00 → 5nd 09:00"],
    ),
    "condition": (
        with_changes(duties=duty(when={"complexity": ("complex", "simple")})),
        ["changed decide Decide and tell the complainant: when — → complexity=complex/simple"],
    ),
    "approvers": (
        with_changes(
            extensions={"decide_extension": EXTENSION.model_copy(update={"approvers": ("superior_institution",)})}
        ),
        [
            "changed decide_extension: approved by superior institution, head office senior manager → superior institution"
        ],
    ),
    "the notice of a pause": (
        with_changes(
            pauses=PACK.pauses | {"mediation": PACK.pauses["mediation"].model_copy(update={"notice": "pause"})}
        ),
        [
            "changed mediation mediation: notice — → pause",
            "changed pause: asked for by tell_pause, external_appraisal → tell_pause, external_appraisal, mediation",
        ],
    ),
    "days": (
        with_changes(in_force=PACK.in_force.model_copy(update={"until": date(2027, 1, 1)})),
        ["changed CN: until (exclusive) — → 2027-01-01"],
    ),
    "a number in a rule": (
        with_changes(rules=PACK.rules | {"major": PACK.rules["major"].model_copy(update={"at_least": 10})}),
        ["changed major: at least 20 → 10"],
    ),
    "one day": (
        with_changes(limits=PACK.limits | {"decide_simple": LIMIT.model_copy(update={"amount": 1})}),
        ["changed decide_simple: length 15 natural days → 1 natural day"],
    ),
    "the parts of a decision": (
        with_changes(decision_parts=("verification", "basis")),
        ["changed decision_parts: verification, basis, reasons, remedies → verification, basis"],
    ),
    "zone": (with_changes(time_zone="Asia/Tokyo"), ["changed time_zone: Asia/Shanghai → Asia/Tokyo"]),
}


@pytest.mark.parametrize(("new", "lines"), CHANGES.values(), ids=CHANGES)
def test_one_change_is_told_once(new: RulePack, lines: list[str]) -> None:
    assert [change.say("en") for change in diff(PACK, new).changes] == lines
    assert all(change.say("zh").startswith("变更 ") for change in diff(PACK, new).changes)


def test_an_authority_that_changes_names_its_act() -> None:
    rules = {act: rules for act, rules in COMPANY.authority.items() if act != "close"}
    found = diff(COMPANY, COMPANY.model_copy(update={"authority": rules}))
    assert [(one.section, one.part, one.change) for one in found.changes] == [("authority", "close", "removed")]


@pytest.mark.parametrize(
    ("start", "until", "sentence"),
    [
        pytest.param(date(2027, 1, 1), None, "There are days on which both are in force.", id="overlap"),
        pytest.param(date(2013, 1, 1), date(2020, 3, 1), "next was in force before cn-2020-3.", id="earlier"),
    ],
)
def test_the_handover_says_whether_days_have_both_rules(start: date, until: date | None, sentence: str) -> None:
    days = PACK.in_force.model_copy(update={"start": start, "until": until})
    assert handover(PACK, with_changes(pack="next", in_force=days))["en"] == sentence


def test_the_handover_says_whether_days_have_no_rules() -> None:
    later = with_changes(in_force=PACK.in_force.model_copy(update={"start": date(2020, 4, 1)}))
    assert handover(OLD, later) == {
        "zh": "2020-03-01 至 2020-04-01 前收到的投诉，两个规则包都不适用。",
        "en": "From 2020-03-01 until 2020-04-01 neither is in force.",
    }


def test_nothing_of_a_pack_escapes_the_comparison() -> None:
    """A new section of packs, or a new field of a part, must be compared."""
    apart = {"pack", "title", "sources"} | set(SECTIONS) | {"slips"}
    assert set(RulePack.model_fields) - apart == set(OTHER)
    shown: dict[str, type[Part]] = {
        "limits": LimitRule,
        "duties": DutyRule,
        "pauses": PauseRule,
        "extensions": ExtensionRule,
        "rules": Clause,
    }
    for section, kind in shown.items():
        names = {field.name for field in FIELDS[section]} | {"mark", "unit", "id"}
        assert set(kind.model_fields) <= names, section


def test_every_event_of_the_published_packs_has_a_chinese_name() -> None:
    named = {name.partition(".")[0] for pack in map(rule_pack, pack_names()) for name in pack.event_names}
    named |= {
        name.partition(".")[0] for duty in (COMPANY.slips.duties if COMPANY.slips else ()) for name in duty.events
    }
    assert named - set(words.EVENTS) == set()


def test_the_command_prints_text_or_json_and_takes_files(tmp_path: Path) -> None:
    copy = tmp_path / "cn-2020-9.yaml"
    changed = TEXT.replace("pack: cn-2020-3", "pack: cn-2020-9").replace("amount: 15", "amount: 20")
    copy.write_text(changed, encoding="utf-8")
    done = run("diff", "cn-2020-3", str(copy))
    assert (done.returncode, done.stderr) == (0, "")
    assert "  变更 decide_simple：时长 15日（自然日） → 20日（自然日）" in done.stdout.splitlines()
    done = run("diff", "cn-2020-3", str(copy), "--json")
    (change,) = json.loads(done.stdout)["changes"]
    assert change == {
        "section": "limits",
        "part": "decide_simple",
        "change": "changed",
        "field": "amount",
        "before": {"zh": "15日（自然日）", "en": "15 natural days"},
        "after": {"zh": "20日（自然日）", "en": "20 natural days"},
        "zh": "变更 decide_simple：时长 15日（自然日） → 20日（自然日）",
        "en": "changed decide_simple: length 15 natural days → 20 natural days",
    }


def test_a_pack_that_is_not_there_is_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "cn-2020-3", "nix"]) == 2
    assert "no rule pack is called 'nix'" in capsys.readouterr().err
