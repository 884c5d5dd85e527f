"""The insurer's own rules are named once, in its organisation data, and are published, or nothing starts."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

import pytest
import rfc8785
from ruamel.yaml import YAML

from activities.assignment import AssignmentActivities
from activities.ledger import Ledger
from engine.settings import SAMPLE_ORGANISATION
from models.organisation import (
    Organisation,
    OrganisationError,
    OtherJurisdiction,
    read_organisation,
    refuse_unknown_rules,
)
from models.steps import PinQuestion
from tests.fresh_record import fresh_record

RECEIVED = datetime.fromisoformat("2026-03-02T10:00:00+08:00")


def insurer(rules: str | None) -> Organisation:
    return read_organisation(SAMPLE_ORGANISATION).model_copy(update={"rules": rules})


@pytest.mark.parametrize(
    ("rules", "received", "pack"),
    [
        pytest.param(None, RECEIVED, "cn-2020-3", id="the statute alone"),
        pytest.param("company-life", RECEIVED, "company-life", id="the insurer's over it"),
        pytest.param("company-life", RECEIVED.replace(year=2019), "cn-2013-8", id="before both: the repealed statute"),
        pytest.param("company-life", RECEIVED.replace(year=2013), None, id="before any"),
    ],
)
async def test_a_complaint_runs_under_the_rules_that_its_insurer_names(
    tmp_path: Path, rules: str | None, received: datetime, pack: str | None
) -> None:
    """Whichever system opened it."""
    url = fresh_record(tmp_path)
    with Ledger.open(url) as ledger:
        question = PinQuestion(received_at=received, opened_at=RECEIVED)
        found = await AssignmentActivities(insurer(rules), ledger).pin(question)
    assert (found and found.pack) == pack


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        pytest.param("company-lief", "rules: no rule pack is called 'company-lief'", id="unpublished"),
        pytest.param("cn-2020-3", "rules: cn-2020-3 extends no statute", id="the statute itself"),
    ],
)
def test_rules_that_are_none_are_refused_before_anything_starts(rules: str, sentence: str) -> None:
    with pytest.raises(OrganisationError) as refusal:
        refuse_unknown_rules(insurer(rules))
    assert str(refusal.value).startswith(sentence)
    assert "\n" not in str(refusal.value)


def abroad(*places: tuple[str, str], rules: str | None = None) -> Organisation:
    """The sample insurer with units that lie elsewhere."""
    text = SAMPLE_ORGANISATION.read_text(encoding="utf-8")
    for unit, jurisdiction in places:
        text = text.replace(f"- code: {unit}\n", f"- code: {unit}\n    jurisdiction: {jurisdiction}\n")
    made = Organisation.model_validate(YAML(typ="safe").load(text))
    return made.model_copy(update={"rules": rules})


def test_a_unit_lies_where_it_says_else_where_the_one_above_it_lies_else_in_china() -> None:
    """Inherited like everything of a unit; the nearest word counts."""
    made = abroad(("gd", "SG"), ("gd-sz", "GB"))
    lies = {unit: made.jurisdiction(unit) for unit in ("hq", "gd", "gd-gz", "gd-gz-zc", "gd-sz", "zj-hz", "unknown")}
    assert lies == {
        "hq": "CN", "gd": "SG", "gd-gz": "SG", "gd-gz-zc": "SG", "gd-sz": "GB", "zj-hz": "CN", "unknown": "CN"
    }  # fmt: skip


def test_a_complaint_follows_the_law_of_its_unit_and_the_insurer_s_own_rules_where_they_lie_over_it() -> None:
    made = abroad(("gd-gz", "GB"), rules="company-life")
    packs = {unit: made.pin(unit, RECEIVED, RECEIVED.date()).pack for unit in ("gd-gz", "gd-sz")}
    assert packs == {"gd-gz": "uk-disp", "gd-sz": "company-life"}


def test_a_pack_named_by_hand_is_of_the_unit_s_own_law() -> None:
    """An opening may not contradict where the unit lies."""
    made = abroad(("gd-gz", "GB"))
    assert made.pin("gd-gz", RECEIVED, RECEIVED.date(), pack="uk-disp").pack == "uk-disp"
    with pytest.raises(OtherJurisdiction) as refusal:
        made.pin("gd-gz", RECEIVED, RECEIVED.date(), pack="cn-2020-3")
    assert str(refusal.value) == "cn-2020-3 is a pack of CN; the unit complained of lies in GB"


def test_a_jurisdiction_of_which_no_statute_is_here_is_refused_before_anything_starts() -> None:
    refuse_unknown_rules(abroad(("gd", "SG")))
    with pytest.raises(OrganisationError, match=r"^units\.\d+\.jurisdiction: no statute of FR is here; of AU, CN, GB"):
        refuse_unknown_rules(abroad(("gd", "FR")))


def test_data_that_say_nothing_of_jurisdictions_keep_their_hash() -> None:
    """A report of a complaint closed before there were several names the same organisation data."""
    plain = read_organisation(SAMPLE_ORGANISATION)
    content = plain.model_dump(mode="json", by_alias=True)
    for unit in content["units"]:
        assert unit.pop("jurisdiction") is None
    assert plain.content_hash() == hashlib.sha256(rfc8785.dumps(content)).hexdigest()
    assert abroad(("gd", "SG")).content_hash() != plain.content_hash()


@pytest.mark.parametrize("rules", [None, "company-life"])
def test_published_rules_over_a_statute_are_taken(rules: str | None) -> None:
    refuse_unknown_rules(insurer(rules))
