"""The archive on the command line: sealed, found, verified offline, refused after one byte, kept, held, destroyed by two."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from pathlib import Path

import pytest

from activities.ledger import Ledger
from cli import session
from cli.errors import BAD_INPUT, REFUSED
from tests.archive.parts import APPROVER, KEY, LATER, LAWYER, OUTSIDER, PROPOSER, closed_case
from tests.cli.conftest import run
from tests.fresh_record import fresh_record
from tests.records.parts import open_case, put_letter


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """An installation with an archive; two complaints are closed, one has just been registered; no server runs."""
    url = fresh_record(tmp_path)
    with Ledger.open(url) as ledger:
        closed_case(ledger)
        closed_case(ledger, "C-2")
        open_case(ledger, "C-3")
        put_letter(ledger, "C-3")
    return {
        "TOUSU_HOME": str(tmp_path),
        "TOUSU_ARCHIVE_URL": f"file://{tmp_path / 'archive'}",
        "TOUSU_ARCHIVE_KEYS": KEY.text,
    }


@pytest.fixture
def years_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands are typed when the time of the files is over."""
    monkeypatch.setattr(session, "now", lambda: datetime.fromisoformat(LATER))


def package(env: dict[str, str], complaint_id: str = "C-1") -> Path:
    result = run("archive", "seal", complaint_id, "--json", env=env)
    assert result.exit_code == 0, result.stderr
    return Path(env["TOUSU_HOME"], "archive", json.loads(result.stdout)["path"])


def test_a_sealed_archive_is_verified_offline_and_refused_after_one_byte_was_changed(
    env: dict[str, str], tmp_path: Path
) -> None:
    """The whole promise: no settings, no database, no server; exit code and line for whoever checks."""
    copy = tmp_path / "for-the-auditor.zip"
    copy.write_bytes(package(env).read_bytes())
    good = run("archive", "verify", str(copy), "--key", KEY.public)
    assert (good.exit_code, good.stderr) == (0, "")
    assert good.stdout == (
        f"{copy}: ok, C-1, 16 events, sealed by test-key, a key you trust\n1 files: none different\n"
    )
    data = bytearray(copy.read_bytes())
    data[len(data) // 2] ^= 1
    copy.write_bytes(data)
    bad = run("archive", "verify", str(copy), "--key", KEY.public)
    assert bad.exit_code == REFUSED
    assert bad.stdout.endswith(": the content was changed, it cannot be read\n1 files: 1 different\n")


def test_without_a_key_it_says_that_none_was_compared(env: dict[str, str]) -> None:
    result = run("archive", "verify", str(package(env)))
    assert result.exit_code == 0
    assert "sealed by test-key, a key that was not compared: give --key" in result.stdout


def test_a_folder_is_verified_whole_and_a_key_may_lie_in_a_file(env: dict[str, str], tmp_path: Path) -> None:
    run("archive", "seal", "--all", env=env)
    public = tmp_path / "keys.txt"
    public.write_text(run("archive", "key", "--public", env=env).stdout, encoding="utf-8")
    result = run("archive", "verify", str(tmp_path / "archive"), "--key", str(public), "--json")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(line["complaint_id"], line["trusted"], line["differences"]) for line in lines] == [
        ("C-1", True, []),
        ("C-2", True, []),
    ]


def test_all_that_is_at_rest_is_sealed_once(env: dict[str, str]) -> None:
    first = run("archive", "seal", "--all", env=env)
    assert [line.split()[0] for line in first.stdout.splitlines()] == ["C-1", "C-2"]
    assert run("archive", "seal", "--all", env=env).stdout == first.stdout


def test_what_was_left_out_of_all_is_counted(env: dict[str, str]) -> None:
    """C-3 is not closed: whoever seals all is told that something was left."""
    assert run("archive", "seal", "--all", env=env).stderr == "in the archive 2  not at rest 1\n"
    assert run("archive", "seal", "C-1", env=env).stderr == ""


def test_what_is_not_at_rest_is_refused_by_name(env: dict[str, str]) -> None:
    result = run("archive", "seal", "C-3", env=env)
    line = "Error: the complaint is not closed [NotAtRest]\n"
    assert (result.exit_code, result.stdout, result.stderr) == (REFUSED, "", line)


def test_packages_are_found(env: dict[str, str]) -> None:
    run("archive", "seal", "--all", env=env)
    found = run(
        "archive", "find", "--unit", "gd-sz", "--closed-from", "2026-03-24", "--closed-to", "2026-03-24", env=env
    )
    assert "C-1" in found.stdout
    assert "2036-03-24 grave" in found.stdout
    assert run("archive", "find", "--closed-from", "2026-03-25", "--json", env=env).stdout == ""
    (one,) = run("archive", "find", "--id", "C-2", "--json", env=env).stdout.splitlines()
    assert json.loads(one)["kept_to"] == "2036-03-24"


def test_what_a_package_holds_is_shown(env: dict[str, str]) -> None:
    shown = run("archive", "show", str(package(env)))
    assert shown.exit_code == 0
    assert "complaint_id: C-1\n" in shown.stdout
    assert "files: record.jsonl " in shown.stdout


def test_the_index_is_made_again(env: dict[str, str]) -> None:
    run("archive", "seal", "--all", env=env)
    result = run("archive", "reindex", env=env)
    assert (result.exit_code, result.stdout) == (0, "2 packages and tombstones are in the index.\n")


@pytest.mark.usefixtures("years_later")
def test_a_file_is_held_and_then_destroyed_by_two_persons(env: dict[str, str]) -> None:
    package(env)
    assert "C-1" not in run("archive", "due", "--on", "2036-03-24", env=env).stdout
    assert "C-1" in run("archive", "due", "--on", "2036-03-25", env=env).stdout
    held = run("archive", "hold", "C-1", "--as", LAWYER, "--reason", "诉讼保全", env=env)
    assert held.stdout == "hold 1 on C-1\n"
    ask = ("archive", "propose", "C-1", "--as", PROPOSER, "--reason", "保管期满", "--at", LATER)
    refused = run(*ask, env=env)
    assert (refused.exit_code, refused.stderr) == (
        REFUSED,
        "Error: the file is held (hold 1); lift it first [OnHold]\n",
    )
    assert run("archive", "lift", "1", "--as", LAWYER, "--reason", "判决生效", env=env).exit_code == 0
    assert "诉讼保全" in run("archive", "holds", env=env).stdout
    assert run(*ask, env=env).stdout == f"C-1: 待批准 proposed by {PROPOSER}; kept to 2036-03-24 (grave)\n"
    no = run("archive", "approve", "C-1", "--as", APPROVER, "--at", LATER, env=env, input="n\n")
    assert no.exit_code != 0
    done = run("archive", "approve", "C-1", "--as", APPROVER, "--at", LATER, "--yes", env=env)
    assert done.stdout == f"C-1: 已销毁 destroyed 2041-04-24 (周三) 10:00, approved by {APPROVER}\n"
    everything = run("archive", "verify", "--all", env=env)
    assert everything.stdout.endswith("1 files: none different, 1 destroyed when their time was over\n")
    record = run("verify", "--all", env=env)
    assert record.stdout.endswith("different, 1 destroyed when their time was over\n")
    gone = run("timeline", "C-1", env=env)
    assert gone.stderr.endswith("its chain of hashes is left [LedgerDestroyed]\n")
    assert "已销毁 destroyed" in run("archive", "disposals", env=env).stdout


@pytest.mark.usefixtures("years_later")
def test_who_may_not_decide_is_told_who_may(env: dict[str, str]) -> None:
    package(env)
    result = run("archive", "propose", "C-1", "--as", OUTSIDER, "--reason", "r", "--at", LATER, env=env)
    line = "Error: destruction is proposed by consumer protection or customer service of head office [NotAuthorised]\n"
    assert (result.exit_code, result.stderr) == (REFUSED, line)


@pytest.mark.usefixtures("years_later")
def test_a_proposal_is_refused_with_its_reason(env: dict[str, str]) -> None:
    package(env)
    run("archive", "propose", "C-1", "--as", PROPOSER, "--reason", "保管期满", "--at", LATER, env=env)
    result = run("archive", "refuse", "C-1", "--as", APPROVER, "--reason", "另案待查", "--at", LATER, env=env)
    assert result.stdout.endswith(f"by {APPROVER}: 另案待查\n")


def test_files_are_handed_over_to_the_records_staff_with_a_list(env: dict[str, str], tmp_path: Path) -> None:
    """Each package as it was sealed, and a line for each (R157); what died half-written goes, what is others' stays."""
    run("archive", "seal", "--all", env=env)
    out = tmp_path / "out"
    handover = ("archive", "handover", "--closed-from", "2026-01-01", "--out", str(out))
    assert run(*handover, env=env).exit_code == 0
    package = next(out.glob("*.zip")).name
    for draft in (f".{package}.x1.part", ".handover.csv.x2.part", ".accounts.zip.x3.part"):
        (out / draft).write_text("half")
    result = run(*handover, env=env)
    assert (result.exit_code, result.stdout) == (0, f"2 packages and handover.csv are in {out}\n")
    with (out / "handover.csv").open(encoding="utf-8") as text:
        rows = list(csv.DictReader(text))
    assert [(row["complaint_id"], row["closed"], row["kept_to"]) for row in rows] == [
        ("C-1", "2026-03-24", "2036-03-24"),
        ("C-2", "2026-03-24", "2036-03-24"),
    ]
    assert all((out / row["file"]).exists() for row in rows)
    assert [file.name for file in out.glob(".*")] == [".accounts.zip.x3.part"]
    assert run("archive", "verify", str(out), "--key", KEY.public).exit_code == 0


def test_a_new_key_is_one_that_is_taken(env: dict[str, str]) -> None:
    made = run("archive", "key").stdout.strip()
    public = run("archive", "key", "--public", env={**env, "TOUSU_ARCHIVE_KEYS": f"{made},{KEY.text}"}).stdout
    assert public.splitlines()[1] == f"test-key {KEY.public}"


def test_a_complaint_that_is_sealed_by_an_older_key_stays_trusted(env: dict[str, str]) -> None:
    package(env)
    made = run("archive", "key").stdout.strip()
    result = run("archive", "verify", "--all", env={**env, "TOUSU_ARCHIVE_KEYS": f"{made},{KEY.text}"})
    assert (result.exit_code, "a key you trust" in result.stdout) == (0, True)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("seal",), "name complaints, or give --all"),
        (("verify",), "name packages, or give --all"),
        (("verify", "nowhere.zip"), "nowhere.zip: cannot be read: No such file or directory"),
        (("verify", "nowhere.zip", "--key", "x"), "--key: neither a public key in base64 nor a file that holds one"),
        (("due", "--on", "soon"), "--on: not a day such as 2026-03-02"),
        (("show", "nowhere.zip"), "nowhere.zip: there is no such file, nor does the archive hold it"),
    ],
)
def test_input_that_makes_no_sense_is_one_line_and_2(env: dict[str, str], words: tuple[str, ...], reason: str) -> None:
    result = run("archive", *words, env=env)
    assert (result.exit_code, result.stdout, result.stderr) == (BAD_INPUT, "", f"Error: {reason} [BadInput]\n")


def test_without_an_archive_it_says_how_to_set_one_up(tmp_path: Path) -> None:
    result = run("archive", "find", env={"TOUSU_HOME": str(tmp_path)})
    line = "Error: no archive is set up; set TOUSU_ARCHIVE_URL and TOUSU_ARCHIVE_KEYS [BadInput]\n"
    assert (result.exit_code, result.stderr) == (BAD_INPUT, line)


def test_retention_rules_that_are_wrong_are_named_by_file_and_line(env: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "retention.yaml"
    file.write_text(
        "classes:\n  complaint: {years: 0, citation: R157, text: {zh: 一, en: a}}\nauthority: {}\n", "utf-8"
    )
    result = run("archive", "find", env={**env, "TOUSU_RETENTION": str(file)})
    assert result.exit_code == BAD_INPUT
    assert result.stderr.startswith(f"Error: {file}:2: classes.complaint.years: ")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("propose", "C-1", "--as", PROPOSER, "--reason", "r", "--at", LATER), "--at: lies in the future"),
        (("approve", "C-1", "--as", APPROVER, "--yes", "--at", LATER), "--at: lies in the future"),
        (
            ("hold", "C-1", "--as", LAWYER, "--reason", "r", "--until", "2026-01-01"),
            "--until: the day is over, nothing would be held",
        ),
        (
            ("find", "--closed-from", "2026-03-02", "--closed-to", "2026-03-01"),
            "--closed-to: lies before --closed-from",
        ),
        (
            ("handover", "--out", "x", "--closed-from", "2026-03-02", "--closed-to", "2026-03-01"),
            "--closed-to: lies before --closed-from",
        ),
        (("find", "--unit", "xx"), "the organisation data know no such unit"),
    ],
)
def test_days_and_units_that_make_no_sense_are_refused(env: dict[str, str], words: tuple[str, ...], line: str) -> None:
    """Nobody destroys a file today by the date of a day to come."""
    package(env)
    result = run("archive", *words, env=env)
    assert (result.exit_code, result.stdout) == (BAD_INPUT, "")
    assert line in result.stderr
    assert result.stderr.count("\n") == 1
    assert run("archive", "disposals", "--json", env=env).stdout == ""


def test_packages_of_a_province_are_those_of_its_cities(env: dict[str, str]) -> None:
    run("archive", "seal", "--all", env=env)
    for words, found in (
        (("--unit", "gd"), 2),
        (("--unit", "gd-sz"), 2),
        (("--unit", "zj"), 0),
        (("--received-from", "2026-03-02", "--received-to", "2026-03-02"), 2),
        (("--received-to", "2026-03-01"), 0),
    ):
        lines = run("archive", "find", *words, "--json", env=env).stdout.splitlines()
        assert len(lines) == found, words
