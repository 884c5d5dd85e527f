"""The closure report on the command line: files for the file, hashes for the auditor, one line for every refusal."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from activities.ledger import Ledger
from cli.errors import BAD_INPUT, REFUSED
from rulebook import events as ev
from tests.activities.report_parts import filled, story
from tests.cli.conftest import run
from tests.fresh_record import fresh_record
from tests.records.parts import tamper


def home(folder: Path, events: list[ev.Event]) -> dict[str, str]:
    """An installation whose record holds the complaint C-1 with *events*; no server runs."""
    url = fresh_record(folder)
    with Ledger.open(url) as ledger:
        filled(ledger, events)
    return {"TOUSU_HOME": str(folder)}


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return home(tmp_path_factory.mktemp("closed"), story())


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return home(tmp_path_factory.mktemp("running"), story()[:-1])


def test_both_forms_are_written_and_their_hashes_printed(closed: dict[str, str], tmp_path: Path) -> None:
    """The lines are those that sha256sum --check reads."""
    out = tmp_path / "reports"
    result = run("report", "case", "C-1", "--out", str(out), env=closed)
    assert (result.exit_code, result.stderr) == (0, "")
    files = [out / "closure-report-C-1.html", out / "closure-report-C-1.docx"]
    hashes = [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
    assert result.stdout == "".join(f"{sha256}  {file}\n" for sha256, file in zip(hashes, files, strict=True))
    assert sorted(out.iterdir()) == sorted(files)
    assert "王示例" in files[0].read_text(encoding="utf-8")
    assert run("report", "case", "C-1", "--out", str(out), env=closed).stdout == result.stdout


@pytest.mark.parametrize("form", ["html", "docx"])
def test_one_form_alone_and_as_json(closed: dict[str, str], tmp_path: Path, form: str) -> None:
    result = run("report", "case", "C-1", "--out", str(tmp_path), "--format", form, "--json", env=closed)
    (line,) = [json.loads(text) for text in result.stdout.splitlines()]
    path = tmp_path / f"closure-report-C-1.{form}"
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    assert line == {"complaint_id": "C-1", "path": str(path), "sha256": sha256, "draft": False}
    assert list(tmp_path.iterdir()) == [path]


def test_a_case_that_is_not_closed_is_refused_and_nothing_is_written(running: dict[str, str], tmp_path: Path) -> None:
    result = run("report", "case", "C-1", "--out", str(tmp_path / "out"), env=running)
    line = "Error: C-1 is not closed; --draft writes a report that says so [NotClosed]\n"
    assert (result.exit_code, result.stdout, result.stderr) == (REFUSED, "", line)
    assert not (tmp_path / "out").exists()


def test_a_draft_says_that_it_is_one_in_its_name_too(running: dict[str, str], tmp_path: Path) -> None:
    result = run("report", "case", "C-1", "--out", str(tmp_path), "--format", "html", "--draft", env=running)
    assert result.exit_code == 0
    assert "草稿 DRAFT" in (tmp_path / "closure-report-C-1-draft.html").read_text(encoding="utf-8")


def test_a_closed_case_is_no_draft_even_when_one_would_do(closed: dict[str, str], tmp_path: Path) -> None:
    assert (
        run("report", "case", "C-1", "--out", str(tmp_path), "--format", "html", "--draft", env=closed).exit_code == 0
    )
    assert [path.name for path in tmp_path.iterdir()] == ["closure-report-C-1.html"]


def test_an_unknown_complaint_is_refused(closed: dict[str, str], tmp_path: Path) -> None:
    result = run("report", "case", "X-404", "--out", str(tmp_path), env=closed)
    assert (result.exit_code, result.stderr) == (REFUSED, "Error: there is no complaint X-404 [UnknownComplaint]\n")


def test_a_complaint_of_which_nothing_is_on_record_yet_is_not_closed(tmp_path: Path) -> None:
    env = home(tmp_path, [])
    result = run("report", "case", "C-1", "--out", str(tmp_path / "out"), "--draft", env=env)
    line = "Error: C-1 has just been registered, nothing is on record yet [NotClosed]\n"
    assert (result.exit_code, result.stderr) == (REFUSED, line)


def test_no_report_is_made_from_a_record_that_was_changed(tmp_path: Path) -> None:
    env = home(tmp_path, story())
    tamper(f"sqlite:///{tmp_path / 'records.db'}", "UPDATE event SET \"by\" = 'p-x' WHERE seq = 3")
    result = run("report", "case", "C-1", "--out", str(tmp_path / "out"), env=env)
    line = "Error: the record of C-1 does not verify; see tousu verify C-1 [RecordDiffers]\n"
    assert (result.exit_code, result.stderr) == (REFUSED, line)
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_to_is_named(closed: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    result = run("report", "case", "C-1", "--out", str(tmp_path / "file"), env=closed)
    assert result.exit_code == BAD_INPUT
    assert result.stderr.startswith("Error: --out: ")
    assert result.stderr.endswith(" cannot be written (File exists) [BadInput]\n")
