"""The packs of other jurisdictions, walked at their edges: each side of a limit named, with its weekday in its own zone."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from rulebook import events as ev
from rulebook.calendar import calendar
from rulebook.clock import CaseClock, Duty
from rulebook.command_line import main
from rulebook.errors import NoRulesInForce
from rulebook.pack import RulePack, pin_for, rule_pack
from rulebook.pack_diff import diff
from rulebook.pack_review import published, review
from rulebook.returns import returns_of
from rulebook.what_if import WhatIf
from tests.rulebook.helpers import on, ring

HERE = ("uk-disp", "au-rg271", "sg-far-2021", "in-irdai-2024", "ie-cpc", "us-ca-2695")
KNOWN = date(2026, 11, 25)


class There:
    """A complaint in the jurisdiction of one pack: instants are those of its zone."""

    def __init__(self, pack: str, received: str, **facts: Any) -> None:
        self.pack = rule_pack(pack)
        self.clock = CaseClock(self.pack, calendar(self.pack.calendar))
        self.happens(ev.Received, received, content_hash="h", channel="phone", unit="u", **facts)

    def on(self, text: str) -> datetime:
        return on(text, self.pack.zone)

    def happens(self, kind: type[ev.Event], at: str, /, **fields: Any) -> None:
        self.clock.apply(kind(at=self.on(at), recorded_at=self.on(at), **fields))

    def told(self, at: str, kind: str = "decision") -> None:
        proof = dict.fromkeys(("notice", "method", "template", "template_hash", "body_hash", "proof"), "x")
        self.happens(ev.NoticeGiven, at, kind=kind, **proof)

    def decided(self, at: str) -> None:
        parts = dict.fromkeys(("unit", "decision", "verification", "basis", "reasons"), "x")
        self.happens(
            ev.DecisionMade, at, decided_by="head_office", liability="responsible", causes=("c",), agreed=True, **parts
        )
        self.told(at)

    def duty(self, key: str) -> Duty:
        found = self.clock.duty(key)
        assert found is not None, [duty.key for duty in self.clock.duties]
        return found

    def last(self, key: str) -> str:
        """Return the last day of a duty, with its weekday."""
        deadline = self.duty(key).deadline
        assert deadline is not None
        assert deadline.last_day is not None
        return f"{deadline.last_day:%a %Y-%m-%d}"


@pytest.mark.parametrize("name", HERE)
def test_each_pack_is_sound_and_has_its_own_law_in_its_own_days(name: str) -> None:
    pack = review(published(name)).pack
    first = datetime.combine(pack.in_force.start, datetime.min.time(), pack.zone)
    assert pin_for(first, KNOWN, pack.jurisdiction).pack == name
    with pytest.raises(NoRulesInForce):
        pin_for(first.replace(year=first.year - 1), KNOWN, pack.jurisdiction)


@pytest.mark.parametrize("name", HERE)
def test_each_pack_says_at_its_head_what_is_verified_and_what_is_left_out(name: str) -> None:
    head = published(name).read_text(encoding="utf-8").partition("\npack:")[0]
    assert "verified" in head
    assert "What is left out" in head


@pytest.mark.parametrize(
    ("pack", "duty", "received", "last"),
    [
        pytest.param("uk-disp", "decide", "Mon 2026-03-02 10:00", "Mon 2026-04-27", id="UK: eight weeks"),
        pytest.param(
            "uk-disp", "decide", "Mon 2026-03-02 23:59:59", "Mon 2026-04-27", id="UK: the last second of day 0"
        ),
        pytest.param("uk-disp", "early", "Thu 2026-04-02 16:00", "Thu 2026-04-09", id="UK: three days over Easter"),
        pytest.param("uk-disp", "early", "Mon 2026-03-02 10:00", "Thu 2026-03-05", id="UK: three ordinary days"),
        pytest.param("au-rg271", "decide", "Mon 2026-03-02 10:00", "Wed 2026-04-01", id="Australia: thirty days"),
        pytest.param("sg-far-2021", "acknowledge", "Fri 2026-02-13 10:00", "Thu 2026-02-19", id="Singapore: new year"),
        pytest.param("sg-far-2021", "decide", "Mon 2026-03-02 10:00", "Mon 2026-03-30", id="Singapore: twenty days"),
        pytest.param("in-irdai-2024", "decide", "Mon 2026-03-02 10:00", "Mon 2026-03-16", id="India: two weeks"),
        pytest.param("ie-cpc", "acknowledge", "Thu 2026-04-02 10:00", "Fri 2026-04-10", id="Ireland: over Easter"),
        pytest.param("ie-cpc", "update", "Mon 2026-03-30 10:00", "Tue 2026-04-28", id="Ireland: twenty days"),
        pytest.param("ie-cpc", "decide", "Mon 2026-03-30 10:00", "Wed 2026-05-27", id="Ireland: forty days"),
        pytest.param("us-ca-2695", "decide", "Mon 2026-03-02 10:00", "Tue 2026-03-17", id="California: fifteen days"),
    ],
)
def test_the_last_day_is_the_one_that_one_counts_by_hand(pack: str, duty: str, received: str, last: str) -> None:
    assert There(pack, received).last(duty) == last


@pytest.mark.parametrize(
    ("pack", "received", "in_time", "late"),
    [
        ("uk-disp", "Mon 2026-03-02 10:00", "Mon 2026-04-27 23:59:59", "Tue 2026-04-28 00:00:00"),
        ("au-rg271", "Mon 2026-03-02 10:00", "Wed 2026-04-01 23:59:59", "Thu 2026-04-02 00:00:00"),
        ("sg-far-2021", "Mon 2026-03-02 10:00", "Mon 2026-03-30 23:59:59", "Tue 2026-03-31 00:00:00"),
        ("in-irdai-2024", "Mon 2026-03-02 10:00", "Mon 2026-03-16 23:59:59", "Tue 2026-03-17 00:00:00"),
        ("ie-cpc", "Mon 2026-03-30 10:00", "Wed 2026-05-27 23:59:59", "Thu 2026-05-28 00:00:00"),
        ("us-ca-2695", "Mon 2026-03-02 10:00", "Tue 2026-03-17 23:59:59", "Wed 2026-03-18 00:00:00"),
    ],
)
def test_an_answer_is_in_time_until_the_end_of_the_last_day(pack: str, received: str, in_time: str, late: str) -> None:
    """The last second of the last day, and the first instant after it, in the time zone of the pack."""
    for at, status in ((in_time, "met"), (late, "met_late")):
        there = There(pack, received)
        there.decided(at)
        assert there.duty("decide").status == status


def test_the_rows_in_the_documentation_make_a_pack() -> None:
    """What one copies from there is read as it stands."""
    text = (Path(__file__).parents[2] / "docs" / "rulebook.md").read_text(encoding="utf-8")
    whole: dict[str, Any] = {
        "pack": "zz",
        "jurisdiction": "ZZ",
        "layer": "statute",
        "title": {"zh": "法", "en": "Act"},
        "time_zone": "UTC",
        "calendar": "cn",
        "in_force": {"from": "2026-01-01"},
        "sources": [{"title": "Act", "number": "1", "issued": "2026-01-01", "effective": "2026-01-01"}],
        "limits": {},
        "duties": [],
    }
    blocks = re.findall(r"^```yaml\n(.*?)^```", text.partition("## Other jurisdictions")[2], re.MULTILINE | re.DOTALL)
    for block in blocks:
        for section, part in YAML(typ="safe").load(block).items():
            if isinstance(part, list):
                whole[section] += part
            else:
                whole.setdefault(section, {}).update(part)
    pack = RulePack.model_validate(whole)
    assert {"acknowledge", "update", "decide", "expected", "review_window", "arbiter"} <= {
        duty.id for duty in pack.duties
    }
    assert (len(pack.retention), len(pack.returns), len(pack.schemes), len(pack.pauses), len(pack.extensions)) == (
        1,
    ) * 5


HOLDING = [
    ("uk-disp", "Mon 2026-03-02 10:00", "Mon 2026-04-27 10:00"),
    ("au-rg271", "Mon 2026-03-02 10:00", "Wed 2026-04-01 10:00"),
    ("sg-far-2021", "Mon 2026-03-02 10:00", "Mon 2026-03-30 10:00"),
    ("ie-cpc", "Mon 2026-03-30 10:00", "Wed 2026-05-27 10:00"),
]


@pytest.mark.parametrize(("pack", "received", "told"), HOLDING)
def test_a_holding_letter_before_the_limit_ends_fulfils_it_and_sets_the_day_that_is_expected(
    pack: str, received: str, told: str
) -> None:
    """DISP 1.6.2R, RG 271, reg 5(3)(e)(ii), the Irish code: why, and by when."""
    there = There(pack, received)
    there.happens(ev.HoldingWritten, told, holding="w1", reason="r", last_day=date(2026, 6, 30))
    there.told(told, "holding")
    assert (there.duty("decide").status, there.last("expected")) == ("met", "Tue 2026-06-30")
    assert there.duty("expected").kind == "target"
    there.happens(ev.HoldingWritten, "Mon 2026-06-29 10:00", holding="w2", reason="r", last_day=date(2026, 7, 31))
    assert there.last("expected") == "Fri 2026-07-31", "the newest letter counts"
    there.decided("Fri 2026-07-31 23:59:59")
    assert there.duty("expected").status == "met"


def test_a_holding_letter_that_is_late_fulfils_the_limit_late() -> None:
    there = There("uk-disp", "Mon 2026-03-02 10:00")
    there.told("Tue 2026-04-28 00:00:00", "holding")
    assert (there.duty("decide").status, there.duty("decide").breached) == ("met_late", True)


@pytest.mark.parametrize(
    ("accepted", "confirmed"),
    [
        pytest.param("Thu 2026-04-09 23:59:59", True, id="close of the third business day"),
        pytest.param("Fri 2026-04-10 00:00:00", False, id="first instant after it"),
    ],
)
def test_what_is_resolved_by_the_third_business_day_is_confirmed_by_a_summary(
    accepted: str, *, confirmed: bool
) -> None:
    """DISP 1.5.1R, 1.5.4R: received on Maundy Thursday, Good Friday and Easter Monday lie between; later nothing is owed."""
    there = There("uk-disp", "Thu 2026-04-02 16:00")
    there.decided("Tue 2026-04-07 10:00")
    there.happens(ev.CustomerResponded, accepted, accepts=True, impact="ordinary", summary="s")
    found = there.clock.duty("summary_resolution")
    assert (found is not None) is confirmed
    if found is not None:
        there.told("Fri 2026-04-10 10:00", "resolution")
        assert found.status == "met"
        assert there.last("ombudsman") == "Sat 2026-10-10"


def test_the_ombudsman_may_be_asked_for_six_months_after_the_answer() -> None:
    """To the last day of a shorter month; the window closes without a breach, or is used."""
    there = There("uk-disp", "Mon 2026-08-03 10:00")
    there.decided("Mon 2026-08-31 10:00")
    assert (there.last("ombudsman"), there.duty("ombudsman").article) == (
        "Sun 2027-02-28",
        "DISP 2.8.2R〔凭记忆 recalled〕",
    )
    there.happens(ev.SchemeSought, "Sun 2027-02-28 23:59:59", scheme="fos", reference="FOS-1")
    assert there.duty("ombudsman").status == "met"


def test_australia_acknowledges_around_the_clock() -> None:
    """Received Sat 2026-04-04 at 15:00, the night before the clocks go back: 24 hours are 14:00 of Sunday."""
    there = There("au-rg271", "Sat 2026-04-04 15:00")
    assert there.duty("acknowledge").due == there.on("Sun 2026-04-05 14:00")


def test_ireland_writes_every_twenty_working_days_and_a_missed_letter_is_owed_again() -> None:
    """Missed on Tue 2026-04-28, the next one is due twenty working days later; the bank holiday of May does not count."""
    there = There("ie-cpc", "Mon 2026-03-30 10:00")
    there.told("Mon 2026-03-30 10:00", "receipt")
    ring(there.clock, there.on("Wed 2026-04-29 00:00"), renew=True)
    assert (there.duty("update").breached, there.last("update#2")) == (True, "Wed 2026-05-27")


def test_india_asks_once_for_what_is_missing_and_closes_on_silence() -> None:
    there = There("in-irdai-2024", "Mon 2026-03-02 10:00")
    there.happens(ev.IntakeExamined, "Mon 2026-03-02 10:00", origin="own", lacks=("basis",))
    assert (there.last("details"), there.duty("details").kind) == ("Mon 2026-03-09", "target")
    there.decided("Mon 2026-03-16 10:00")
    assert (there.last("silence"), there.duty("details").status) == ("Mon 2026-05-11", "cancelled")


@pytest.mark.parametrize(("origin", "opens"), [("forwarded", True), ("own", False)])
def test_california_answers_the_department_in_twenty_one_days(origin: str, *, opens: bool) -> None:
    """2695.5(a): an inquiry of the Department, and nothing else; a withdrawal does not end it."""
    there = There("us-ca-2695", "Mon 2026-03-02 10:00")
    there.happens(ev.IntakeExamined, "Mon 2026-03-02 10:00", origin=origin)
    assert (there.clock.duty("inquiry") is not None) is opens
    if opens:
        there.happens(ev.Withdrawn, "Tue 2026-03-03 10:00", reason="r")
        assert (there.last("inquiry"), there.duty("inquiry").status) == ("Mon 2026-03-23", "open")
        there.happens(ev.RegulatorAnswered, "Mon 2026-03-23 23:59:59", sign_off="", report="R-1", proof="P-1")
        assert there.duty("inquiry").status == "met"


@pytest.mark.parametrize(
    ("pack", "year", "lasts"),
    [
        ("sg-far-2021", 2026, ["Wed 2026-09-30", "Wed 2027-03-31"]),
        ("uk-disp", 2026, ["Tue 2026-08-11", "Fri 2027-02-12"]),
        ("au-rg271", 2026, []),
    ],
)
def test_half_yearly_returns_fall_due_after_the_period(pack: str, year: int, lasts: list[str]) -> None:
    """Singapore: three months after 30 June and 31 December. UK: thirty business days, the weekends and holidays apart."""
    rules = rule_pack(pack)
    due = returns_of(rules, calendar(rules.calendar), year)
    assert [f"{one.deadline.last_day:%a %Y-%m-%d}" for one in due] == lasts


def test_records_are_kept_as_the_packs_say() -> None:
    kept = {name: rule_pack(name).retention_for("complaint") for name in HERE}
    assert {name: (rule.years, rule.start, rule.mark) for name, rule in kept.items() if rule} == {
        "uk-disp": (3, "received", "recalled"),
        "sg-far-2021": (5, "closed", "secondary"),
    }


@pytest.mark.parametrize("name", HERE)
def test_what_is_not_verified_says_so_wherever_its_article_is_shown(
    name: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    pack = rule_pack(name)
    start = datetime.combine(date(2026, 3, 30), datetime.min.time(), pack.zone)
    for limit, rule in pack.limits.items():
        assert main(["due", "--pack", name, "--limit", limit, "--start", start.isoformat()]) == 0
        proof = json.loads(capfdbinary.readouterr()[0])
        assert proof.get("mark", "verified") == rule.mark
    shown = There(name, "Mon 2026-03-30 10:00").clock.duties
    for duty in shown:
        mark = duty.deadline.mark if duty.deadline else duty.rule.mark
        assert ("〔" in duty.article) is (mark != "verified")


@pytest.mark.parametrize("name", HERE)
def test_what_if_judges_the_limit_to_answer_everywhere(name: str) -> None:
    """Closed complaints know no holding letter: the answer alone counts."""
    asked = WhatIf(rule_pack(name), calendar(rule_pack(name).calendar))
    assert "decide" in {duty.id for duty in asked.duties}


@pytest.mark.parametrize("name", HERE)
def test_two_jurisdictions_are_compared_without_one_following_the_other(name: str) -> None:
    found = diff(rule_pack("cn-2020-3"), rule_pack(name))
    text = found.to_text()
    assert f"两个规则包属于不同法域：cn-2020-3 属 CN，{name} 属 {rule_pack(name).jurisdiction}" in text
    assert "及以前收到的投诉适用" not in text
    assert "decide" in {change.part for change in found.changes}
