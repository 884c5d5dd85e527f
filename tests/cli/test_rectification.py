"""The commands of rectifications and risk warnings, as people type them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from activities.ledger import Ledger
from cli.errors import BAD_INPUT, REFUSED
from models.rectification import REFUSALS
from tests.cli.conftest import run
from tests.fresh_record import fresh_record
from tests.records.parts import whole_case

REFUSALS_BY_CODE = {code: sentence for code, sentence, _ in REFUSALS}
OPEN = (
    *("rectification", "open", "--cause", "claims_process", "--title", "理赔时效", "--plan", "增设复核岗"),
    *("--unit", "gd", "--owner", "p-gd-kf-01"),
)
BY = ("--as", "p-gd-kf-03")


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    url = fresh_record(tmp_path)
    with Ledger.open(url) as ledger:
        whole_case(ledger, "C-001")
    return {"TOUSU_HOME": str(tmp_path)}


def test_a_weakness_is_named_linked_followed_and_closed_by_a_second_person(home: dict[str, str]) -> None:
    first = run(*OPEN, "--due", "2199-01-02", *BY, env=home)
    assert first.exit_code == 0, first.stderr
    assert first.stdout.endswith("至 by 2199-01-02\n")
    name = first.stdout.split()[0]
    assert run("rectification", "link", name, "C-001", *BY, env=home).exit_code == 0
    assert run("rectification", "follow-up", name, "--text", "已上线", "--as", "p-gd-kf-01", env=home).exit_code == 0
    close = ("rectification", "close", name, "--evidence", "验收单 7", "--result", "时效达标")
    refused = run(*close, *BY, env=home)
    assert (refused.exit_code, refused.stderr) == (
        REFUSED,
        f"Error: {REFUSALS_BY_CODE['SecondPersonNeeded']} [SecondPersonNeeded]\n",
    )
    assert run(*close, "--as", "p-hq-kf-03", env=home).stdout.startswith(f"{name}  已完成 closed")
    (line,) = [json.loads(text) for text in run("rectification", "list", "--json", env=home).stdout.splitlines()]
    assert (line["complaints"], line["overdue"], line["closed"]["by"]) == (["C-001"], False, "p-hq-kf-03")
    assert "理赔流程 claims_process" in run("rectification", "list", env=home).stdout
    assert run("rectification", "list", "--overdue", "--json", env=home).stdout == ""
    assert run("rectification", "verify", env=home).stderr == "1 项 rectifications, 0 项有差异 with differences\n"


@pytest.mark.parametrize(
    ("words", "person", "may"),
    [
        (OPEN[1:], "p-gd-gz-yg-01", False),  # Business management of a city below.
        (("follow-up", "--text", "已上线"), "p-gd-kf-02", True),  # Of the unit itself.
        (("follow-up", "--text", "已上线"), "p-zj-gx-01", False),
        (("close", "--evidence", "验收单", "--result", "达标"), "p-zj-gx-01", False),
        (
            ("close", "--evidence", "验收单", "--result", "达标"),
            "p-gd-gz-kf-01",
            False,
        ),  # Customer service of a city below.
        (("close", "--evidence", "验收单", "--result", "达标"), "p-hq-xb-01", True),
        (("link", "C-002"), "p-zj-kf-01", False),
        (("link", "C-002"), "p-gd-kf-02", True),
    ],
)
def test_who_has_nothing_to_do_with_a_unit_mends_nothing_there(
    home: dict[str, str], words: tuple[str, ...], person: str, may: bool
) -> None:
    """R199: who answers for a unit, and those above; neither another province nor the city that is to mend it."""
    with Ledger.open(f"sqlite:///{home['TOUSU_HOME']}/records.db") as ledger:
        whole_case(ledger, "C-002")
    name = run(*OPEN, "--due", "2199-01-02", *BY, env=home).stdout.split()[0]
    run("rectification", "link", name, "C-001", *BY, env=home)
    run("rectification", "follow-up", name, "--text", "已布置", "--as", "p-gd-kf-01", env=home)
    verb, *rest = words
    given = (verb, *rest, "--due", "2199-01-02") if verb == OPEN[1] else (verb, name, *rest)
    result = run("rectification", *given, "--as", person, env=home)
    assert (result.exit_code == 0) is may, result.stderr
    assert may or result.stderr.strip().endswith("[NotAuthorised]")


def test_a_due_date_counts_working_days_when_it_is_asked_to(home: dict[str, str]) -> None:
    result = run(*OPEN, "--within", "5", *BY, env=home)
    assert (result.exit_code, "至 by" in result.stdout) == (0, True)


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        ((*OPEN, *BY), "BadInput", BAD_INPUT),
        ((*OPEN, "--due", "2020-01-01", *BY), "BadInput", BAD_INPUT),
        ((*OPEN, "--due", "2199-01-02", "--as", "p-nobody"), "UnknownActor", REFUSED),
        ((*OPEN, "--cause", "weather", "--due", "2199-01-02", *BY), "UnknownCause", REFUSED),
        ((*OPEN, "--id", "ZG-2026-0007", "--due", "2199-01-02", *BY), "BadInput", BAD_INPUT),
        (("rectification", "link", "ZG-2026-0001", "C-404", *BY), "UnknownComplaint", REFUSED),
        (("rectification", "follow-up", "ZG-2026-0001", "--text", "x", *BY), "LedgerMissing", REFUSED),
    ],
)
def test_what_makes_no_sense_is_one_line(
    home: dict[str, str], words: tuple[str, ...], code: str, exit_code: int
) -> None:
    result = run(*words, env=home)
    assert (result.exit_code, result.stderr.strip().endswith(f"[{code}]")) == (exit_code, True)
    assert run("rectification", "list", "--json", env=home).stdout == ""


def test_causes_by_month_and_risks_are_printed_for_people_and_programs(home: dict[str, str]) -> None:
    months = run("rectification", "trends", "--months", "60", "--json", env=home)
    assert json.loads(months.stdout) == {"month": "2026-03", "causes": {"delay": 1}}
    assert "delay" in run("rectification", "trends", "--months", "60", env=home).stdout
    calm = run("risks", "--on", "2026-03-31", env=home)
    assert calm.stdout == "2026-03-31: 没有集中的投诉 no concentration\n"
    assert run("risks", "--on", "2026-03-31", "--json", env=home).stdout == ""
    assert run("risks", "--since", "2026-01-01", "--json", env=home).stdout == ""
