"""A rule pack is read whole or refused with its file, line, place and reason; a published one never changes."""

from __future__ import annotations

import re
from datetime import date, time
from pathlib import Path

import pytest

from rulebook.calendar import calendar
from rulebook.errors import PackError
from rulebook.pack import PACKS, Pin, RulePack, pack_names, pin_for, read_pack, rule_pack
from rulebook.pack_parts import DutyRule, Reminder
from tests.rulebook.helpers import PACK, on

PUBLISHED = {
    "cn-2013-8": "45271c15f224a6ade81e2ba186d888181497cc7bbfce1f8942d050798904e9e7",
    "cn-2020-3": "c6b547f66da11a280f6d63b8f7be90a008f43cc62c3c261e32df84ad8171c59c",
    "company-life": "ba3d586bff17799b78f0319f723209ce271a166200d49324f7e925c682d3848e",
    "uk-disp": "4e149aed6b33337ab3f3488a695239b2729eb3ca468c70991094b9c3eeeeed4f",
    "au-rg271": "bb184282b4d34257886abf461b017b6de9a1b68e09d3d62fb6c482b668342656",
    "sg-far-2021": "58ee481170e572217cbfabea17471ead100f8ba03e8ba0f7e6a84351859c04f0",
    "in-irdai-2024": "0fc82f9efa1c9dbb412efd86183fbce4f19278e40792e612850263d07fb15522",
    "ie-cpc": "db522f8c716895b8f13b2e76f05bc0643bd5e0d29500766076db824562cb8634",
    "us-ca-2695": "2c2e737cf1c6bf0e08cd96ce2912d0120798f1c5fd0aa43d8e684cd5f74daa59",
}
"""Published packs never change: a difference here means that the edit belongs into a new file with a new name."""

TEXT = (PACKS / "cn-2020-3.yaml").read_text(encoding="utf-8")


def pack_with(folder: Path, old: str, new: str, text: str = TEXT) -> Path:
    """Write the statute's pack to *folder* with the first *old* in it replaced by *new*."""
    assert old in text, f"{old!r} is no longer in the pack"
    path = folder / "cn-2020-3.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def line_of(path: Path, part: str) -> int:
    """Return the number of the first line of the file that contains *part*."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if part in line)


def test_the_statute_says_what_the_order_says() -> None:
    limits = {name: (rule.amount, rule.unit, rule.citation) for name, rule in PACK.limits.items()}
    assert limits == {
        "decide_simple": (15, "nd", "办法 第十八条第一款"),
        "decide_complex": (30, "nd", "办法 第十八条第一款"),
        "decide_extension": (30, "nd", "办法 第十八条第一款"),
        "review_request": (30, "nd", "办法 第二十条第一款"),
        "review_decide": (30, "nd", "办法 第二十条第二款"),
    }
    assert (PACK.layer, PACK.jurisdiction, PACK.time_zone) == ("statute", "CN", "Asia/Shanghai")
    assert PACK.refusal_grounds == ("not_from_complainant_or_agent",), "art. 18(4) knows one ground"
    assert PACK.decision_parts == ("verification", "basis", "reasons", "remedies"), "the four parts of art. 19"
    assert PACK.extensions["decide_extension"].approvers == ("superior_institution", "head_office_senior_manager")
    assert set(PACK.pauses) == {"external_appraisal", "mediation"}, "art. 18(2) and 23 know no other pause"
    assert (PACK.rules["representatives"].at_most, PACK.rules["major"].at_least) == (5, 20)


def test_every_rule_of_the_statute_cites_its_article() -> None:
    tables = (PACK.limits, PACK.pauses, PACK.extensions, PACK.rules)
    citations = [duty.citation for duty in PACK.duties] + [part.citation for table in tables for part in table.values()]
    assert all(re.match(r"办法 第[一二三四五六七八九十]+条", citation) for citation in citations)


BROKEN = {
    "unknown field": (
        "    amount: 15\n",
        "    amount: 15\n    colour: red\n",
        "colour",
        "limits.decide_simple.colour: Extra inputs",
    ),
    "unknown field at the top": ("calendar: cn\n", "calendar: cn\nowner: me\n", "owner: me", "owner: Extra inputs"),
    "missing citation": (
        "    unit: nd\n    citation: 办法 第十八条第一款\n",
        "    unit: nd\n",
        "decide_simple:",
        "limits.decide_simple.citation: Field required",
    ),
    "empty citation": (
        "citation: 办法 第二十三条",
        'citation: ""',
        'citation: ""',
        "pauses.mediation.citation: String should",
    ),
    "a limit of nothing": (
        "amount: 15",
        "amount: 0",
        "decide_simple:",
        "limits.decide_simple: a limit must be positive",
    ),
    "unknown unit": (
        "unit: nd",
        "unit: P1D",
        "P1D",
        "limits.decide_simple.unit: Input should be 'nd', 'wd', 'h', 'w' or 'm'",
    ),
    "unknown limit": (
        "limit: decide_complex}",
        "limit: decide_later}",
        "decide_later",
        "duties.0.limits.0.limit: no limit is called 'decide_later'",
    ),
    "unknown event": ("[received]", "[recieved]", "[recieved]", "duties.0.start.0: no event is called 'recieved'"),
    "unknown qualifier": (
        "[notice_given.decision, ",
        "[notice_given.decison, ",
        "decison",
        "duties.0.met_by.0: no event is called 'notice_given.decison'",
    ),
    "a qualifier where there is none": ("[withdrawn,", "[withdrawn.late,", "withdrawn.late", "'withdrawn.late'"),
    "unknown fact": ("complexity: complex", "complexity: tricky", "tricky", "complexity: no fact complexity=tricky"),
    "unknown pause": (
        "pauses: [external_appraisal,",
        "pauses: [holiday,",
        "[holiday,",
        "duties.0.pauses: no pause is called",
    ),
    "unknown extension": (
        "extension: decide_extension",
        "extension: more",
        ": more",
        "duties.0.extension: no extension",
    ),
    "unknown zone": ("Asia/Shanghai", "Asia/Beijing", "Asia/Beijing", "time_zone: no such time zone"),
    "a zone outside the data": ("Asia/Shanghai", "../etc", "../etc", "time_zone: no such time zone"),
    "ceiling mismatch": (
        "{amount: 60, unit: nd}",
        "{amount: 61, unit: nd}",
        "61",
        "decide_extension.ceiling: the ceiling must",
    ),
    "ceiling in another unit": ("{amount: 60, unit: nd}", "{amount: 60, unit: wd}", "wd}", "ceiling: the ceiling must"),
    "extension after nothing": (
        "after: decide_complex",
        "after: later",
        "after: later",
        "after: no limit is called 'later'",
    ),
    "two duties alike": (
        "- id: tell_pause",
        '- id: "decide"',
        '"decide"',
        "duties.1.id: there are two duties 'decide'",
    ),
    "a limit out of reach": (
        "      - {when: {complexity: complex}, limit: decide_complex}\n",
        "      - {limit: decide_complex}\n",
        "- {limit: decide_complex}",
        "duties.0.limits.0: a limit without a condition hides those after it",
    ),
    "a window without an end": (
        "    limits: [{limit: review_request}]\n",
        "",
        "- id: review_window",
        "duties.3: a window,",
    ),
    "no last limit": (
        "    limits: [{limit: review_request}]\n",
        "    limits: [{limit: review_request, when: {liability: responsible}}]\n",
        "limit: review_request",
        "duties.3.limits.0: the last limit must apply without a condition",
    ),
    "in force backwards": (
        "in_force: {from: 2020-03-01}",
        "in_force: {from: 2020-03-01, until: 2020-03-01}",
        "in_force:",
        "in_force.until: it must lie after the first day in force",
    ),
    "another name": (
        "pack: cn-2020-3",
        "pack: cn-2020-4",
        "pack: cn-2020-4",
        "pack: the name must be that of the file",
    ),
    "duplicate key": ("    amount: 15\n", "    amount: 15\n    amount: 16\n", "amount: 16", "gives a key twice"),
    "bad YAML": ("layer: statute", "layer: [statute", "title:", "is not valid YAML: "),
}


@pytest.mark.parametrize(("old", "new", "mark", "reason"), BROKEN.values(), ids=BROKEN)
def test_a_broken_pack_is_refused_in_one_line_with_file_line_place_and_reason(
    tmp_path: Path, old: str, new: str, mark: str, reason: str
) -> None:
    path = pack_with(tmp_path, old, new)
    with pytest.raises(PackError) as refusal:
        read_pack(path)
    message = str(refusal.value)
    place = re.match(r"cn-2020-3\.yaml:(\d+): ", message)
    assert place, message
    assert reason in message
    assert "\n" not in message
    assert int(place[1]) == line_of(path, mark), message


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param("pack: 投诉".encode("gb18030"), "cannot be read as a UTF-8 file", id="not UTF-8"),
        pytest.param(b"", "1: pack: Input should be", id="empty"),
        pytest.param(b"- a\n- b\n", "1: pack: Input should be", id="a list"),
        pytest.param(b"a: \x07\n", "is not valid YAML: ", id="a control character"),
        pytest.param(b"issued: 2020-02-30\n", "is not valid YAML: ", id="a day that does not exist"),
        pytest.param(b"a: &x [1]\nb: *y\n", "anchors and aliases are not taken", id="an unknown alias"),
    ],
)
def test_a_file_that_is_no_pack_is_refused_in_one_line(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "cn-2020-3.yaml"
    path.write_bytes(content)
    with pytest.raises(PackError) as refusal:
        read_pack(path)
    assert str(refusal.value).startswith("cn-2020-3.yaml:")
    assert reason in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"^none\.yaml: cannot be read as a UTF-8 file$"):
        read_pack(tmp_path / "none.yaml")


def test_an_unknown_pack_or_limit_lists_the_known_ones() -> None:
    with pytest.raises(PackError, match=r"no rule pack is called '\.\./cn-2020-3'; there are au-rg271, cn-2013-8"):
        rule_pack("../cn-2020-3")
    with pytest.raises(PackError, match="cn-2020-3: no limit 'x'; there are decide_simple, decide_complex"):
        PACK.limit("x")


def test_a_pack_survives_the_way_through_json_with_its_hash() -> None:
    again = RulePack.model_validate_json(PACK.model_dump_json(by_alias=True))
    assert again == PACK
    assert again.content_hash == PACK.content_hash == read_pack(PACKS / "cn-2020-3.yaml").content_hash


def test_a_published_pack_never_changes_and_every_pack_is_pinned_here() -> None:
    assert {name: rule_pack(name).content_hash for name in pack_names()} == PUBLISHED


def test_comments_and_layout_do_not_change_the_hash_and_content_does(tmp_path: Path) -> None:
    relaid = pack_with(tmp_path, "in_force: {from: 2020-03-01}", "# when\nin_force:\n  from: 2020-03-01")
    assert read_pack(relaid).content_hash == PACK.content_hash
    spelt_out = pack_with(tmp_path, "in_force: {from: 2020-03-01}", "in_force: {from: 2020-03-01, until: null}")
    assert read_pack(spelt_out).content_hash == PACK.content_hash
    changed = pack_with(tmp_path, "amount: 15", "amount: 14")
    assert read_pack(changed).content_hash != PACK.content_hash


def test_what_a_pack_may_leave_out_never_changes_its_meaning() -> None:
    """The hash leaves defaults out, so these are as immutable as the packs themselves."""
    reminder = Reminder(before=1)
    assert (reminder.unit, reminder.at, reminder.after, reminder.to) == ("nd", time(9), None, None)
    fields = {name: field for name, field in DutyRule.model_fields.items() if not field.is_required()}
    optional = {name: field.get_default(call_default_factory=True) for name, field in fields.items()}
    assert optional == {
        "when": {},
        "limits": (),
        "cancelled_by": (),
        "reset_by": (),
        "restart_by": (),
        "pauses": (),
        "extension": None,
        "reminders": (),
        "layer": "",
        "again": False,
        "once": False,
        "lapses": False,
        "dated_by_event": False,
        "mark": "verified",
    }


def test_a_pin_opens_the_pack_and_the_calendar_it_was_made_with() -> None:
    pin = Pin(pack="cn-2020-3", pack_hash=PACK.content_hash, calendar="cn@2024-11-12")
    pack, known = pin.open()
    assert (pack, known) == (PACK, calendar("cn").as_known_on(date(2024, 11, 12)))


def test_a_pin_whose_pack_has_changed_names_both_hashes() -> None:
    pin = Pin(pack="cn-2020-3", pack_hash="0" * 64, calendar="cn@2024-11-12")
    with pytest.raises(PackError, match=f"has hash {PACK.content_hash[:12]}, the case was pinned to 000000000000"):
        pin.open()


@pytest.mark.parametrize("received", ["Sun 2020-03-01 00:00", "Mon 2026-03-02 10:00"])
def test_a_complaint_is_pinned_to_the_statute_of_its_day_of_receipt(received: str) -> None:
    pin = pin_for(on(received), date(2026, 3, 2))
    assert pin == Pin(pack="cn-2020-3", pack_hash=PACK.content_hash, calendar="cn@2025-11-04")
