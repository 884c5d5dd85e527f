"""The sample complaints show what the system takes in: every channel, every category, everybody who may complain."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import get_args

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # ships no types

from models.intake import Intake
from models.organisation import read_organisation
from models.vocabulary import Category, Channel

SAMPLES = Path(__file__).parents[2] / "samples"
LINES = (SAMPLES / "complaints.jsonl").read_text(encoding="utf-8").splitlines()
INTAKES = [Intake.model_validate_json(line) for line in LINES]


def test_they_cover_every_channel_every_category_and_every_kind_of_party() -> None:
    assert len(INTAKES) >= 32
    assert {intake.channel for intake in INTAKES} == set(get_args(Channel))
    assert {category for intake in INTAKES for category in intake.categories} == set(get_args(Category))
    assert {intake.complainant.kind for intake in INTAKES} == {"person", "organisation", "unnamed"}
    for field in (
        "agent",
        "heir",
        "group",
        "forwarding",
        "earlier_complaint",
        "suspected_violation",
        "outbound_callback",
    ):
        assert any(getattr(intake, field) for intake in INTAKES), field
    assert any(intake.excluded_staff() for intake in INTAKES)


def test_their_ids_are_unique_and_their_receipts_fixed() -> None:
    assert len({intake.complaint_id for intake in INTAKES}) == len(INTAKES)
    latest = max(intake.received_at for intake in INTAKES)
    assert latest < datetime.fromisoformat("2026-11-20T00:00:00+08:00")


def test_each_is_routed_to_a_coordinator_without_a_direct_interest() -> None:
    organisation = read_organisation(SAMPLES / "organisation.yaml")
    for intake in INTAKES:
        matters = intake.matters(intake.categories)
        found = organisation.route(matters, intake.respondent.unit, excluded=intake.excluded_staff())
        assert organisation.person(found.coordinator).department == found.department
        assert found.coordinator not in intake.excluded_staff()


def test_the_published_schema_accepts_what_the_model_accepts() -> None:
    """A system in another language checks its payload against the schema before it sends."""
    validator = Draft202012Validator(Intake.model_json_schema())
    for line in LINES:
        assert not list(validator.iter_errors(json.loads(line)))


def test_they_name_nobody_real() -> None:
    """Sample people carry 示例 in their names, and no number is one that could ring or identify somebody."""
    text = "\n".join(LINES)
    assert not re.search(r"\b(1[3-9]\d{9}|\d{17}[\dX])\b", text)
    assert set(re.findall(r"[\w.]+@([\w.]+)", text)) == {"example.com"}
    people = [intake.complainant.name for intake in INTAKES if intake.complainant.kind == "person"]
    assert people
    assert all(name.endswith("示例") for name in people)
