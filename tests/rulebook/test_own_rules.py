"""A folder of rules of one's own stands beside the published ones, whole or not at all (`TOUSU_RULES`, ``--rules``)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from rulebook.calendar import calendar
from rulebook.command_line import main
from rulebook.errors import CalendarError, PackError, RulesFolderError
from rulebook.own_rules import own_folder, use_rules
from rulebook.pack import PACKS, pack_names, pin_for, rule_pack
from tests.rulebook.helpers import on

STATUTE = (PACKS / "cn-2013-8.yaml").read_text(encoding="utf-8")
COMPANY = (PACKS / "company-life.yaml").read_text(encoding="utf-8")
NOTICE = """
id: zz-2026
title: 示例日历
year: 2026
published: 2025-12-01
date_source: document
days:
  2026-03-03: off 示例节
"""


@pytest.fixture(autouse=True)
def _published_alone() -> Iterator[None]:
    yield
    use_rules(None)


def elsewhere(text: str = STATUTE) -> str:
    """The statute of 2013 as that of a jurisdiction of its own, with a calendar of its own."""
    for old, new in (("cn-2013-8", "zz-1"), ("jurisdiction: CN", "jurisdiction: ZZ"), ("calendar: cn", "calendar: zz")):
        text = text.replace(old, new)
    return text


def folder(home: Path, packs: dict[str, str], notices: dict[str, str] | None = None) -> Path:
    """Write a folder of rules."""
    for name, text in packs.items():
        (home / "packs").mkdir(exist_ok=True)
        (home / "packs" / name).write_text(text, encoding="utf-8")
    for name, text in (notices or {}).items():
        (home / "calendars" / name).mkdir(parents=True, exist_ok=True)
        (home / "calendars" / name / "2025-12-01.yaml").write_text(text, encoding="utf-8")
    return home


def whole(home: Path) -> Path:
    return folder(home, {"zz-1.yaml": elsewhere()}, {"zz": NOTICE})


def test_its_packs_and_calendars_stand_beside_the_published_ones(tmp_path: Path) -> None:
    published = pack_names()
    use_rules(whole(tmp_path))
    assert set(pack_names()) - set(published) == {"zz-1"}
    pin = pin_for(on("Mon 2014-03-03 10:00"), date(2026, 3, 2), "ZZ")
    assert (pin.pack, pin.calendar) == ("zz-1", "zz@2025-12-01")
    pack, days = pin.open()
    assert (pack.jurisdiction, days.is_working(date(2026, 3, 3))) == ("ZZ", False)
    assert calendar("cn").is_working(date(2026, 3, 3)), "the published one is as it was"


def test_without_it_nothing_of_it_is_left(tmp_path: Path) -> None:
    use_rules(whole(tmp_path))
    assert own_folder() == tmp_path
    use_rules(None)
    assert "zz-1" not in pack_names()
    with pytest.raises(PackError, match="no rule pack is called 'zz-1'"):
        rule_pack("zz-1")
    with pytest.raises(CalendarError, match="calendar 'zz' is unknown"):
        calendar("zz")


def test_an_insurer_s_own_rules_over_a_published_statute_may_lie_there(tmp_path: Path) -> None:
    use_rules(folder(tmp_path, {"our-life.yaml": COMPANY.replace("pack: company-life", "pack: our-life", 1)}))
    received = on("Mon 2026-03-02 10:00")
    assert pin_for(received, date(2026, 3, 2), company="our-life").pack == "our-life"


WRONG = {
    "a pack with a published name": (
        {"cn-2013-8.yaml": STATUTE},
        {},
        "packs/cn-2013-8.yaml: a pack of this name is published; give yours a name of its own",
    ),
    "another ending": ({"zz-1.yml": STATUTE}, {}, "packs/zz-1.yml: the file of a pack ends in .yaml"),
    "a calendar with a published name": (
        {"zz-1.yaml": elsewhere()},
        {"cn": NOTICE},
        "calendars/cn: a calendar of this name is published; give yours its own",
    ),
    "a broken pack": (
        {"zz-1.yaml": elsewhere().replace("amount: 10", "amount: ten")},
        {"zz": NOTICE},
        "zz-1.yaml:34: limits.decide_simple.amount: ",
    ),
    "a broken calendar": ({}, {"zz": NOTICE.replace("off", "of")}, "zz/2025-12-01.yaml"),
    "a calendar that is not there": ({"zz-1.yaml": elsewhere()}, {}, "calendar 'zz' is unknown"),
    "a second statute for the same days": (
        {"zz-1.yaml": elsewhere().replace("jurisdiction: ZZ", "jurisdiction: CN")},
        {"zz": NOTICE},
        "zz-1.yaml:24: in_force: cn-2013-8 is in force from 2013-11-01 until 2020-03-01 as the statute of CN",
    ),
    "a statute that does not say by when to answer": (
        {"zz-1.yaml": elsewhere().replace("id: decide\n", "id: answer\n")},
        {"zz": NOTICE},
        "duties: a statute has a duty `decide`",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_is_one_clear_line_and_nothing_is_added(tmp_path: Path, wrong: str) -> None:
    packs, notices, reason = WRONG[wrong]
    before = pack_names()
    with pytest.raises((RulesFolderError, PackError, CalendarError)) as caught:
        use_rules(folder(tmp_path, packs, notices))
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)
    assert (pack_names(), own_folder()) == (before, None)


def test_a_folder_that_is_not_there_or_holds_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RulesFolderError, match="there is no such folder of rules"):
        use_rules(tmp_path / "nowhere")
    with pytest.raises(RulesFolderError, match="has the folders packs and calendars, or one of them"):
        use_rules(tmp_path)
    whole(tmp_path)
    (tmp_path / "calendar").mkdir()
    with pytest.raises(RulesFolderError, match="calendar: a folder of rules has no such part"):
        use_rules(tmp_path)


def test_the_command_line_takes_the_folder(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """Received Mon 2026-03-02: ten working days, one of them off in this calendar, last until Tue 2026-03-17."""
    ask = ["due", "--pack", "zz-1", "--limit", "decide_simple", "--start", "2026-03-02T10:00:00+08:00"]
    assert main(["--rules", str(whole(tmp_path)), *ask]) == 0
    said, complaint = capfdbinary.readouterr()
    assert (b'"last_day": "2026-03-17"' in said, b'"mark": "secondary"' in said, complaint) == (True, True, b"")
    assert main(ask) == 2
    assert b"no rule pack is called 'zz-1'" in capfdbinary.readouterr()[1]
    assert main(["--rules", str(tmp_path / "nowhere"), *ask]) == 2
    assert b"there is no such folder of rules" in capfdbinary.readouterr()[1]
