"""Export and audit on the command line: one line for each difference, and exit codes that a script can read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from activities.ledger import Ledger
from cli.errors import BAD_INPUT, REFUSED
from tests.cli.conftest import run
from tests.fresh_record import fresh_record
from tests.records.parts import COMPANY_PIN, open_case, slip_story, tamper, whole_case


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """An installation whose record holds two complaints; no server runs."""
    url = fresh_record(tmp_path)
    with Ledger.open(url) as ledger:
        whole_case(ledger)
        open_case(ledger, "C-2")
        ledger.append("C-2", 1, slip_story("C-2"), COMPANY_PIN)
    return {"TOUSU_HOME": str(tmp_path)}


def test_an_export_is_audited_without_any_record(env: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "archive" / "C-1.jsonl"
    written = run("export", "C-1", "--out", str(file), env=env)
    told = f"{file}: 1 complaints, {len(file.read_text(encoding='utf-8').splitlines())} lines; only you may read them\n"
    assert (written.exit_code, written.stdout, written.stderr) == (0, told, "")
    assert file.stat().st_mode & 0o777 == 0o600
    elsewhere = {"TOUSU_HOME": str(tmp_path / "elsewhere")}
    result = run("audit", str(file), env=elsewhere)
    assert (result.exit_code, result.stdout) == (0, "1 complaints, 14 events: none different\n")
    assert not (tmp_path / "elsewhere").exists()


def test_standard_output_and_input_carry_the_same(env: dict[str, str]) -> None:
    printed = run("export", "--all", env=env).stdout
    result = run("audit", "-", "--json", input=printed)
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(line["complaint_id"], line["events"], line["differences"]) for line in lines] == [
        ("C-1", 14, []),
        ("C-2", 11, []),
    ]


def test_a_doctored_file_is_named_line_by_line_and_ends_with_1(env: dict[str, str], tmp_path: Path) -> None:
    lines = run("export", "C-1", env=env).stdout.splitlines()
    file = tmp_path / "doctored.jsonl"
    file.write_text("\n".join(line for line in lines if '"seq": 9,' not in line), encoding="utf-8")
    result = run("audit", str(file))
    assert (result.exit_code, result.stdout.splitlines()) == (
        REFUSED,
        ["C-1: seq 9: the row is missing", "1 complaints, 13 events: 1 different"],
    )


def test_all_complaints_of_the_record_are_audited_as_if_exported(env: dict[str, str], tmp_path: Path) -> None:
    assert run("audit", "--all", env=env).stdout == "2 complaints, 25 events: none different\n"
    tamper(f"sqlite:///{tmp_path / 'records.db'}", "UPDATE duty SET layer = 'company' WHERE key = 'decide'")
    result = run("audit", "--all", env=env)
    assert result.exit_code == REFUSED
    assert "C-1: duty decide: layer is not what the events say\n" in result.stdout


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "cannot be read: No such file or directory"),
        ("{", "line 1: is not JSON"),
        ("", "there is no complaint in it"),
        (b"\xff\xfe", "is not UTF-8 text"),
    ],
    ids=["missing", "not JSON", "empty", "not text"],
)
def test_a_file_that_is_no_export_is_one_line_and_2(tmp_path: Path, text: str | bytes | None, reason: str) -> None:
    file = tmp_path / "file.jsonl"
    if text is not None:
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    result = run("audit", str(file))
    line = f"Error: {file}: {reason} [BadInput]\n"
    assert (result.exit_code, result.stdout, result.stderr) == (BAD_INPUT, "", line)


def test_a_timeline_is_no_export_and_the_error_says_what_is(env: dict[str, str]) -> None:
    timeline = run("timeline", "C-1", "--json", env=env).stdout
    result = run("audit", "-", input=timeline)
    line = "Error: -: line 1: it says no record; write the file with tousu export [BadInput]\n"
    assert (result.exit_code, result.stderr) == (BAD_INPUT, line)


@pytest.mark.parametrize("command", ["export", "audit"])
@pytest.mark.parametrize("words", [(), ("C-1", "--all")], ids=["neither", "both"])
def test_one_or_all_must_be_named(env: dict[str, str], command: str, words: tuple[str, ...]) -> None:
    result = run(command, *words, env=env)
    assert (result.exit_code, result.stdout) == (BAD_INPUT, "")
    assert result.stderr.endswith(", or give --all [BadInput]\n")


def test_an_unknown_complaint_is_not_exported(env: dict[str, str]) -> None:
    result = run("export", "X-404", env=env)
    assert (result.exit_code, result.stderr) == (REFUSED, "Error: there is no complaint X-404 [UnknownComplaint]\n")


def test_a_file_that_cannot_be_written_is_named(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    result = run("export", "C-1", "--out", str(tmp_path / "file" / "x"), env=env)
    assert (result.exit_code, result.stdout) == (BAD_INPUT, "")
    assert "cannot be written" in result.stderr
