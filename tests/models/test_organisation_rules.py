"""The insurer's own rules are named once, in its organisation data, and are published, or nothing starts."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from activities.assignment import AssignmentActivities
from activities.ledger import Ledger
from engine.settings import SAMPLE_ORGANISATION
from models.migrations import migrate
from models.organisation import Organisation, OrganisationError, read_organisation, refuse_unknown_rules
from models.steps import PinQuestion

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
def test_a_complaint_runs_under_the_rules_that_its_insurer_names(
    tmp_path: Path, rules: str | None, received: datetime, pack: str | None
) -> None:
    """Whichever system opened it."""
    url = f"sqlite:///{tmp_path / 'records.db'}"
    migrate(url)
    with Ledger.open(url) as ledger:
        found = AssignmentActivities(insurer(rules), ledger).pin(PinQuestion(received_at=received, opened_at=RECEIVED))
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


@pytest.mark.parametrize("rules", [None, "company-life"])
def test_published_rules_over_a_statute_are_taken(rules: str | None) -> None:
    refuse_unknown_rules(insurer(rules))
