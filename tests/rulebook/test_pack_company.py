"""An insurer's pack lies over the statute's: it adds, it never sets anew, and its hash holds both."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from pathlib import Path

import pytest

from rulebook.errors import PackError
from rulebook.pack import PACKS, Pin, pack_names, pin_for, preload, read_pack, rule_pack
from tests.rulebook.helpers import COMPANY, PACK, SHANGHAI, on

TEXT = (PACKS / "company-life.yaml").read_text(encoding="utf-8")


def pack_with(folder: Path, old: str, new: str) -> Path:
    """Write the insurer's pack to *folder* with the first *old* in it replaced by *new*."""
    assert old in TEXT, f"{old!r} is no longer in the pack"
    path = folder / "company-life.yaml"
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    return path


def test_the_composed_pack_holds_the_rules_of_both_and_knows_whose_is_whose() -> None:
    assert (COMPANY.pack, COMPANY.layer, COMPANY.title.en) == (
        "company-life",
        "company",
        "A life insurer's detailed rules for handling complaints (example)",
    )
    layers = [duty.layer or COMPANY.layer for duty in COMPANY.duties]
    assert layers == sorted(layers, key=["statute", "company"].index)
    assert [duty.id for duty in COMPANY.duties][: len(PACK.duties)] == [duty.id for duty in PACK.duties]
    assert (COMPANY.pauses, COMPANY.extensions) == (PACK.pauses, PACK.extensions)
    assert COMPANY.rules == {
        **PACK.rules,
        **{name: COMPANY.rules[name] for name in ("late_entry", "contact_after_all")},
    }
    assert (COMPANY.decision_parts, COMPANY.refusal_grounds) == (PACK.decision_parts, PACK.refusal_grounds)
    assert COMPANY.sources[: len(PACK.sources)] == PACK.sources
    assert COMPANY.limit("decide_simple") == PACK.limit("decide_simple")
    assert (COMPANY.source_of("decide_simple"), COMPANY.source_of("settle_major")) == ("cn-2020-3", "company-life")
    assert PACK.source_of("decide_simple") == "cn-2020-3"


def test_the_statute_is_untouched_by_what_lies_over_it() -> None:
    """Composing makes a new pack: who runs under the statute alone sees nothing of it."""
    assert {duty.layer for duty in PACK.duties} == {""}
    assert (PACK.slips, PACK.unreachable, PACK.quiet_hours, PACK.routing, PACK.counting) == (None, None, None, None, {})


def test_the_sections_say_what_the_insurer_set() -> None:
    """Unreachable after 3 attempts on 2 days by 2 channels (C19); forwarded complaints go to the province (R018, R145)."""
    tried, routing = COMPANY.unreachable, COMPANY.routing
    assert tried is not None
    assert (tried.attempts, tried.days, tried.channels) == (3, 2, 2)
    assert routing is not None
    assert routing.levels == {"forwarded": "province", "superior": "province"}
    assert {name: (one.escalated, len(one.excluded)) for name, one in COMPANY.counting.items()} == {
        "company": (2, 3),
        "regulator": (1, 0),
        "annual": (1, 0),
    }


@pytest.mark.parametrize(
    ("at", "until"),
    [
        pytest.param("Mon 2026-03-02 20:59:59", None, id="before"),
        pytest.param("Mon 2026-03-02 21:00:00", "Tue 2026-03-03 08:00", id="from the first instant on"),
        pytest.param("Mon 2026-03-02 23:59:59", "Tue 2026-03-03 08:00", id="before midnight"),
        pytest.param("Tue 2026-03-03 00:00:00", "Tue 2026-03-03 08:00", id="after midnight"),
        pytest.param("Tue 2026-03-03 07:59:59", "Tue 2026-03-03 08:00", id="to the last instant"),
        pytest.param("Tue 2026-03-03 08:00:00", None, id="after"),
    ],
)
def test_nobody_is_disturbed_at_night(at: str, until: str | None) -> None:
    """Calls and messages wait until eight in the morning; letters do not wait."""
    quiet = COMPANY.quiet_hours
    assert quiet is not None
    assert (quiet.start, quiet.end) == (time(21), time(8))
    for method in ("sms", "phone"):
        assert quiet.ends(on(at), method, SHANGHAI) == (on(until) if until else None)
    assert quiet.ends(on(at), "email", SHANGHAI) is None


def test_quiet_hours_within_one_day_end_on_that_day() -> None:
    """An insurer may choose a noon rest as well."""
    assert COMPANY.quiet_hours
    noon = COMPANY.quiet_hours.model_copy(update={"start": time(12), "end": time(14)})
    found: list[datetime | None] = [
        noon.ends(on(f"Mon 2026-03-02 {hour}"), "sms", SHANGHAI) for hour in ("11:59", "12:00", "13:59", "14:00")
    ]
    assert found == [None, on("Mon 2026-03-02 14:00"), on("Mon 2026-03-02 14:00"), None]


EXTENSION = """\
extensions:
  decide_extension:
    {limit: kpi, after: kpi, approvers: [superior_institution], notice: late, at_most: 1,
     ceiling: {amount: 18, unit: nd}, citation: 公司}"""

BROKEN = {
    "a statute's duty": ("- id: dispatch\n", "- id: decide\n", "- id: decide", "duties.1.id: cn-2020-3 sets it"),
    "a statute's limit": (
        "  kpi:\n",
        "  decide_simple:\n",
        "decide_simple:",
        "limits.decide_simple: cn-2020-3 sets it",
    ),
    "a statute's pause": (
        "unreachable:",
        "pauses: {mediation: {title: {zh: 调, en: m}, citation: 公司}}\nunreachable:",
        "pauses: {mediation",
        "pauses.mediation: cn-2020-3 sets it",
    ),
    "a statute's extension": (
        "unreachable:",
        f"{EXTENSION}\nunreachable:",
        "  decide_extension:",
        "extensions.decide_extension: cn-2020-3 sets it",
    ),
    "grounds to refuse": (
        "unreachable:",
        "refusal_grounds: [too_late]\nunreachable:",
        "refusal_grounds",
        "refusal_grounds: cn-2020-3 sets it",
    ),
    "another content": (
        "hash: c6b547f6",
        "hash: d6b547f6",
        "  hash:",
        "extends.hash: cn-2020-3 here has hash c6b547f6",
    ),
    "half a hash": ("  hash: c6b547f66da1", "  hash: ", "  hash:", "extends.hash: String should match"),
    "nothing to extend": (
        "  pack: cn-2020-3",
        "  pack: cn-2013-1",
        "  pack: cn-2013-1",
        "extends.pack: no rule pack is called 'cn-2013-1'",
    ),
    "itself": (
        "  pack: cn-2020-3",
        "  pack: company-life",
        "  pack: company-life",
        "extends.pack: company-life extends a pack itself",
    ),
    "another zone": (
        "time_zone: Asia/Shanghai",
        "time_zone: Asia/Urumqi",
        "Urumqi",
        "time_zone: it must be that of cn-2020-3, 'Asia/Shanghai'",
    ),
    "another country": ("jurisdiction: CN", "jurisdiction: HK", "HK", "jurisdiction: it must be that of cn-2020-3"),
    "another calendar": ("calendar: cn", "calendar: hk", "hk", "calendar: it must be that of cn-2020-3"),
    "as law": (
        "layer: company",
        "layer: statute",
        "layer: statute",
        "layer: cn-2020-3, which it extends, is the statute",
    ),
    "a duty as law": (
        "  - id: dispatch\n",
        "  - id: dispatch\n    layer: statute\n",
        "layer: statute",
        "duties.1.layer: a duty of this pack is of the layer company",
    ),
    "before the law": ("from: 2020-03-01", "from: 2020-02-29", "from: 2020-02-29", "in_force: it must lie within"),
    "a slip's unknown limit": (
        "{limit: slip_accept}",
        "{limit: soon}",
        "limit: soon",
        "slips.duties.0.limits.0.limit: no limit is called 'soon'",
    ),
    "a slip's unknown event": ("[slip_dispatched]", "[slip_sent]", "slip_sent]", "no event is called 'slip_sent'"),
    "a slip that starts with the case": (
        "start: [slip_dispatched]",
        "start: [received]",
        "start: [received]",
        "slips.duties.0.start: a slip's duty starts with an event of the slip",
    ),
    "a slip with a condition": (
        "[{limit: slip_accept}]",
        "[{limit: slip_accept, when: {severity: major}}, {limit: slip_accept}]",
        "- id: accept",
        "slips.duties.0: a slip knows none of the complaint's facts",
    ),
    "an unknown fact in a list": (
        "[forwarded, superior, elsewhere, written]",
        "[forwarded, elsewhere, typed]",
        "typed",
        "duties.0.when.origin: no fact origin=typed",
    ),
    "a reminder on both sides": (
        "{before: 1, unit: wd, to: coordinator}",
        "{before: 1, after: 1, to: coordinator}",
        "after: 1,",
        "reminders.0: a reminder comes either before or after",
    ),
    "a reminder of nobody": (
        "{before: 1, unit: wd, to: coordinator}",
        "{before: 1, unit: wd, to: nobody}",
        "nobody",
        "reminders.0.to: Input should be 'coordinator'",
    ),
    "two steps alike": (
        "{after: 2, unit: wd, to: general_manager}",
        "{after: 0, to: general_manager}",
        "{after: 0, to: general_manager}",
        "reminders.2: there are two reminders +0nd",
    ),
    "a day set twice": (
        "    dated_by_event: true\n",
        "    dated_by_event: true\n    limits: [{limit: kpi}]\n",
        "dated_by_event: true",
        "dated_by_event: the event sets the day",
    ),
    "a day that no event says": (
        "    reset_by: [answer_demanded]\n",
        "    reset_by: [facts_added]\n",
        "reset_by: [facts_added]",
        "reset_by: only answer_demanded or holding_written or measure_recorded says a last day",
    ),
    "a target without a limit": (
        "    limits: [{limit: kpi}]\n",
        "",
        "- id: kpi",
        "a window, a target, a reminder, an extension and a recurring duty need a limit",
    ),
    "quiet for ever": ('end: "08:00"', 'end: "21:00"', "quiet_hours:", "quiet_hours: quiet hours must end"),
    "unreachable at once": ("attempts: 3", "attempts: 0", "attempts: 0", "unreachable.attempts: Input should be"),
    "a complaint that weighs nothing": ("escalated: 2", "escalated: 0", "escalated: 0", "counting.company.escalated: "),
    "an unknown ground": ("staff_grievance,", "annoying,", "annoying", "counting.company.excluded.0: Input should be"),
    "a power under a misspelt condition": (
        '{origin: [forwarded, superior], delegated: "no"}',
        '{origin: [forwarded, superior], deligated: "no"}',
        "deligated",
        "authority.decide.1.when.deligated: no fact deligated=no",
    ),
    "a power of an unknown role": (
        "roles: [committee]",
        "roles: [comittee]",
        "comittee",
        "authority.record_committee.0.roles.0: Input should be",
    ),
    "an unknown level": ("forwarded: province", "forwarded: moon", "moon", "routing.levels.forwarded: Input should be"),
}


@pytest.mark.parametrize(("old", "new", "mark", "reason"), BROKEN.values(), ids=BROKEN)
def test_a_broken_company_pack_is_refused_in_one_line_with_file_line_place_and_reason(
    tmp_path: Path, old: str, new: str, mark: str, reason: str
) -> None:
    path = pack_with(tmp_path, old, new)
    with pytest.raises(PackError) as refusal:
        read_pack(path)
    message = str(refusal.value)
    place = re.match(r"company-life\.yaml:(\d+): ", message)
    assert place, message
    assert reason in message
    assert "\n" not in message
    assert mark in path.read_text(encoding="utf-8").splitlines()[int(place[1]) - 1], message


def test_what_a_slip_reads_is_checked_where_it_stands(tmp_path: Path) -> None:
    """References of slips are looked up like those of duties."""
    broken = pack_with(tmp_path, "met_by: [slip_accepted, ", "met_by: [slip_acepted, ")
    with pytest.raises(PackError, match=r"slips\.duties\.0\.met_by\.0: no event is called 'slip_acepted'"):
        read_pack(broken)


def test_the_hash_is_that_of_the_company_s_own_content_which_names_the_statute_s(tmp_path: Path) -> None:
    """A change in either pack gives another hash: here by its own content, there because the statute must match."""
    same = pack_with(tmp_path, "# An insurer's", "# One insurer's")
    assert read_pack(same).content_hash == COMPANY.content_hash == rule_pack("company-life").content_hash
    assert read_pack(same) == COMPANY
    changed = pack_with(tmp_path, "amount: 9", "amount: 8")
    assert read_pack(changed).content_hash != COMPANY.content_hash
    assert COMPANY.content_hash != PACK.content_hash


def test_a_pin_opens_the_composed_pack() -> None:
    pin = pin_for(on("Mon 2026-03-02 10:00"), date(2026, 3, 2), company="company-life")
    assert pin == Pin(pack="company-life", pack_hash=COMPANY.content_hash, calendar="cn@2025-11-04")
    pack, _ = pin.open()
    assert {"decide", "settle"} <= {duty.id for duty in pack.duties}


def test_without_a_company_the_statute_applies_and_outside_its_days_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """The company's pack is taken only where it lies over the statute of that day and is in force itself."""
    day, known = on("Mon 2026-03-02 10:00"), date(2026, 3, 2)
    assert pin_for(day, known).pack == "cn-2020-3"
    assert pin_for(on("Sun 2020-03-01 00:00"), known, company="company-life").pack == "company-life"
    assert pin_for(on("Sat 2020-02-29 23:59:59"), known, company="company-life").pack == "cn-2013-8"
    late = COMPANY.model_copy(update={"in_force": COMPANY.in_force.model_copy(update={"start": date(2026, 3, 3)})})
    packs = {name: rule_pack(name) for name in pack_names()} | {"company-life": late}
    monkeypatch.setattr("rulebook.pack.rule_pack", packs.__getitem__)
    assert pin_for(day, known, company="company-life").pack == "cn-2020-3"
    assert pin_for(on("Tue 2026-03-03 00:00"), known, company="company-life").pack == "company-life"


def test_a_company_pack_that_is_none_is_refused() -> None:
    """A setting that names the wrong pack must not pass for a choice."""
    day, known = on("Mon 2026-03-02 10:00"), date(2026, 3, 2)
    with pytest.raises(PackError, match="cn-2020-3: it extends no statute"):
        pin_for(day, known, company="cn-2020-3")
    with pytest.raises(PackError, match="no rule pack is called 'company-lief'"):
        pin_for(day, known, company="company-lief")


def test_preloading_reads_composed_packs_too() -> None:
    """The first complaint must not wait for files."""
    preload()
    hits = rule_pack.cache_info().misses
    assert rule_pack("company-life") == COMPANY
    assert rule_pack.cache_info().misses == hits
