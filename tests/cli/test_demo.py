"""The demo holds what it promises."""

from pathlib import Path

import pytest
from rich.console import Console

from activities.ledger import Ledger
from cli.demo_archive import seal_one
from cli.demo_crew import crew
from cli.demo_floor import COMPLAINTS, as_if_of_today
from cli.rows import read_rows
from engine.settings import ROOT, SAMPLE_ORGANISATION
from models.organisation import read_organisation
from models.vocabulary import LABELS_ZH
from tests.archive.parts import closed_case
from tests.cli.conftest import run
from tests.fresh_record import fresh_record
from tests.present import now
from tests.records.parts import open_case

ROWS = read_rows(str(COMPLAINTS), None)


def test_the_samples_are_thirty_and_more_over_all_categories_and_channels() -> None:
    intakes = as_if_of_today(ROWS, now())
    assert len(intakes) >= 30
    assert {category for intake in intakes for category in intake.categories} == LABELS_ZH["category"].keys()
    assert {intake.channel for intake in intakes} == LABELS_ZH["channel"].keys()


def test_the_crew_of_every_sample_may_act() -> None:
    """No county unit decides (R144), the province answers the regulator (R145), nobody acts on a complaint of himself."""
    organisation = read_organisation(SAMPLE_ORGANISATION)
    for intake in as_if_of_today(ROWS, now()):
        people = crew(organisation, intake)
        handler = organisation.people[people.handler]
        assert organisation.level(handler.unit) != "county"
        assert intake.channel != "regulator" or organisation.level(handler.unit) in {"province", "head_office"}
        assert not {people.handler, people.caller} & intake.excluded_staff()


@pytest.mark.long
def test_the_demo_ends_well_and_leaves_its_record(tmp_path: Path) -> None:
    result = run("demo", "--home", str(tmp_path / "demo"))
    assert (result.exit_code, result.stderr) == (0, "")
    stories = list((ROOT / "samples" / "stories").glob("*.yaml"))
    assert result.stdout.count("✓ 与脚本一致 as the script expects") == len(stories)
    assert "SIGKILL" in result.stdout
    assert f"verified: {len(ROWS)} chains" in result.stdout
    reports = sorted(path.name for path in (tmp_path / "demo" / "reports").glob("*.*"))
    assert [name.rpartition("-")[2] for name in reports] == ["draft.html", "draft.json", "draft.xlsx"]
    assert "月报（草稿） monthly report, a draft: " in result.stdout
    assert "sealed and verified offline: C-" in result.stdout
    assert "with one byte changed: " in result.stdout


def test_the_seal_of_the_demo_is_verified_and_a_changed_byte_refused(tmp_path: Path) -> None:
    """What the demo leaves is sound, and the command that it prints verifies it."""
    url = fresh_record(tmp_path)
    console = Console(record=True, width=400)
    with Ledger.open(url) as ledger:
        open_case(ledger, "C-0")  # not closed: passed over
        closed_case(ledger)
        organisation = read_organisation(SAMPLE_ORGANISATION)
        assert seal_one(ledger, organisation, tmp_path / "reports", tmp_path, console) is None
    said = console.export_text()
    assert "with one byte changed: " in said
    command = next(line.split() for line in said.splitlines() if "tousu archive verify" in line)
    again = run(*command[1:])
    assert (again.exit_code, again.stderr) == (0, "")
    assert "C-1" in again.stdout
    assert "a key you trust" in again.stdout
