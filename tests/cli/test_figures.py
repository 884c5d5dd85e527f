"""`tousu report monthly` and `tousu figures`: what is typed, what is printed, what lies in the folder."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from activities.ledger import Ledger
from cli.errors import BAD_INPUT, REFUSED
from engine.settings import ROOT
from models.actor import PUBLISHERS
from tests.cli.conftest import run
from tests.fresh_record import fresh_record
from tests.records.parts import COMPANY_PIN, open_case, slip_story, whole_case

MARCH = ("report", "monthly", "--period", "2026-03")
BY = ("--publish", "--by", "p-hq-kf-01")


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """An installation whose record holds one closed complaint; no server runs."""
    url = fresh_record(tmp_path)
    with Ledger.open(url) as ledger:
        whole_case(ledger)
    return {"TOUSU_HOME": str(tmp_path)}


def record_another(env: dict[str, str]) -> None:
    with Ledger.open(f"sqlite:///{env['TOUSU_HOME']}/records.db") as ledger:
        open_case(ledger, "C-2")
        ledger.append("C-2", 1, slip_story("C-2"), COMPANY_PIN)


def test_a_draft_in_three_forms_with_their_hashes(env: dict[str, str], tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run(*MARCH, "--out", str(out), env=env)
    assert (result.exit_code, result.stderr) == (0, "")
    files = [out / f"complaints-monthly-2026-03-draft.{form}" for form in ("json", "html", "xlsx")]
    hashes = [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
    assert result.stdout == "".join(f"{sha256}  {file}\n" for sha256, file in zip(hashes, files, strict=True))
    assert json.loads(files[0].read_text(encoding="utf-8"))["status"] == "draft"
    assert "草稿 DRAFT" in files[1].read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("kind", "period", "unit"),
    [
        ("weekly", "2026-W10", "gd"),
        ("annual", "2026", None),
        ("regulator", "2026-Q1", None),
        ("regulator", "2026-03", "gd-sz"),
    ],
)
def test_each_kind_of_report_can_be_written(
    env: dict[str, str], tmp_path: Path, kind: str, period: str, unit: str | None
) -> None:
    place = ("--unit", unit) if unit else ()
    result = run(
        "report",
        kind,
        "--period",
        period,
        *place,
        "--out",
        str(tmp_path / "out"),
        "--format",
        "html",
        "--json",
        env=env,
    )
    (line,) = [json.loads(text) for text in result.stdout.splitlines()]
    name = f"complaints-{kind}-{period}{f'-{unit}' if unit else ''}-draft.html"
    assert (Path(line["path"]).name, line["status"], line["unit"]) == (name, "draft", unit or "hq")


def test_a_published_month_comes_back_byte_for_byte_and_is_compared(env: dict[str, str], tmp_path: Path) -> None:
    """Published, changed since, printed as it was, compared, and published again with the reason."""
    first, again = tmp_path / "first", tmp_path / "again"
    assert run(*MARCH, "--out", str(first), *BY, env=env).exit_code == 0
    same = run(*MARCH, "--compare", env=env)
    assert same.exit_code == 0
    assert same.stdout.endswith("与现有记录重算一致 the same as computed from today's record\n")
    record_another(env)
    assert run(*MARCH, "--out", str(again), "--as-published", env=env).exit_code == 0
    for form in ("json", "html", "xlsx"):
        name = f"complaints-monthly-2026-03-v1.{form}"
        assert (first / name).read_bytes() == (again / name).read_bytes()
    differs = run(*MARCH, "--compare", "--json", env=env)
    assert differs.exit_code == REFUSED
    head, *lines = [json.loads(text) for text in differs.stdout.splitlines()]
    assert (head["differences"], head["changed_sources"]) == (len(lines), ["rules", "record"])
    received = next(one for one in lines if (one["figure"], one["group"]) == ("received", ""))
    assert (received["then"]["value"], received["now"]["value"]) == ("1", "2")
    table = run(*MARCH, "--compare", env=env).stdout
    assert "来源有变 changed since: rules, record" in table
    assert run(*MARCH, "--out", str(again), *BY, "--reason", "补录一件", env=env).exit_code == 0
    assert (again / "complaints-monthly-2026-03-v2.json").is_file()
    listed = run("figures", "published", "--json", env=env).stdout.splitlines()
    assert [json.loads(line)["version"] for line in listed] == [1, 2]
    assert "补录一件" in run("figures", "published", env=env).stdout


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        (("--period", "2026-13", "--out", "x"), BAD_INPUT, "a year has the months 01 to 12 [PeriodError]"),
        (("--period", "2026-W10", "--out", "x"), BAD_INPUT,
         "a monthly report is about a month, 2026-W10 is a week [FiguresError]"),
        (("--period", "2026-03"), BAD_INPUT, "--out DIR is missing: where should the report be written? [BadInput]"),
        (("--period", "2026-03", "--out", "x", "--publish"), BAD_INPUT,
         "--publish and --by go together: who publishes it? [BadInput]"),
        (("--period", "2026-03", "--out", "x", "--by", "p-1"), BAD_INPUT,
         "--publish and --by go together: who publishes it? [BadInput]"),
        (("--period", "2026-03", "--compare", "--as-published"), BAD_INPUT,
         "--as-published and --compare cannot be asked at once [BadInput]"),
        (("--period", "2026-03", "--out", "x", "--version", "2"), BAD_INPUT,
         "--version goes with --as-published or --compare [BadInput]"),
        (("--period", "2026-03", "--out", "x", "--reason", "r"), BAD_INPUT, "--reason goes with --publish [BadInput]"),
        (("--period", "2026-03", "--out", "x", "--unit", "nowhere"), BAD_INPUT,
         "the organisation data know no such unit [FiguresError]"),
        (("--period", "2026-03", "--out", "x", "--as-published"), REFUSED,
         "the monthly report 2026-03 was never published [LedgerMissing]"),
        (("--period", "2099-01", "--out", "x"), BAD_INPUT,
         "--period: 2099-01 lies in the future, nothing can be on record of it [BadInput]"),
        (("--period", "2099-01", "--out", "x", "--publish", "--by", "p-hq-kf-01"), REFUSED,
         "2099-01 is not over yet; until then there are drafts of the monthly report 2099-01 [PeriodNotOver]"),
        (("--period", "2026-03", "--out", "x", "--publish", "--by", "p-nobody"), REFUSED,
         "--by: the organisation data know no such person [UnknownActor]"),
        (("--period", "2026-03", "--out", "x", "--publish", "--by", "p-gd-sz-kf-01"), REFUSED,
         f"--by: {PUBLISHERS} [NotAuthorised]"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_or_is_not_allowed_is_one_line(
    env: dict[str, str], tmp_path: Path, words: tuple[str, ...], code: int, line: str
) -> None:
    result = run("report", "monthly", *(str(tmp_path / "x") if word == "x" else word for word in words), env=env)
    assert (result.exit_code, result.stdout, result.stderr) == (code, "", f"Error: {line}\n")
    assert not (tmp_path / "x").exists()


def test_a_city_publishes_its_own_figures(env: dict[str, str], tmp_path: Path) -> None:
    words = ("--unit", "gd-sz", "--out", str(tmp_path / "out"), "--publish", "--by", "p-gd-sz-kf-01")
    assert run(*MARCH, *words, env=env).exit_code == 0
    assert (tmp_path / "out" / "complaints-monthly-2026-03-gd-sz-v1.xlsx").is_file()


def test_a_bare_id_is_told_how_a_closure_report_is_written(env: dict[str, str]) -> None:
    """A complaint may be called like a kind of report, so `report` always says which it is about."""
    result = run("report", "C-1", "--out", "x", env=env)
    line = "say which report: `tousu report case ID` of one complaint, or one of weekly, monthly, annual, regulator"
    assert (result.exit_code, result.stderr) == (BAD_INPUT, f"Error: {line} [BadInput]\n")


def test_bases_are_imported_and_used(env: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "bases.csv"
    path.write_text("unit,period,policies_in_force\nhq,2026-03,10000\nmoon,2026-03,5\n", encoding="utf-8")
    first = run("figures", "base", str(path), "--by", "p-hq-kf-01", env=env)
    assert (first.exit_code, first.stdout) == (0, "bases.csv: 2 new, 0 corrected, 0 already there\n")
    assert first.stderr == "the organisation data know no unit moon; no report will use its numbers\n"
    again = run("figures", "base", str(path), "--by", "p-hq-kf-01", "--json", env=env)
    assert json.loads(again.stdout) == {"new": 0, "corrected": 0, "already": 2}
    run(*MARCH, "--out", str(tmp_path / "out"), "--format", "json", env=env)
    report = json.loads((tmp_path / "out" / "complaints-monthly-2026-03-draft.json").read_text(encoding="utf-8"))
    rate = next(figure for figure in report["figures"] if figure["id"] == "complaint_rate")
    assert (rate["value"], rate["top"], rate["bottom"]) == ("1", 1, 10_000)


def test_only_head_office_imports_bases(env: dict[str, str]) -> None:
    sample = str(ROOT / "samples" / "bases.csv")
    result = run("figures", "base", sample, "--by", "p-gd-sz-kf-01", env=env)
    assert (result.exit_code, result.stdout) == (REFUSED, "")
    assert result.stderr.endswith(" [NotAuthorised]\n")


def test_own_indicators_are_listed_and_stand_in_reports(env: dict[str, str], tmp_path: Path) -> None:
    sample = str(ROOT / "samples" / "figures.yaml")
    listed = [json.loads(line) for line in run("figures", "list", sample, "--json", env=env).stdout.splitlines()]
    assert listed[-1]["id"] == "dispatch_timeliness"
    assert "bank_claims" in run("figures", "list", sample, env=env).stdout
    own = {**env, "TOUSU_FIGURES": sample}
    assert run(*MARCH, "--out", str(tmp_path / "out"), "--format", "json", env=own).exit_code == 0
    report = json.loads((tmp_path / "out" / "complaints-monthly-2026-03-draft.json").read_text(encoding="utf-8"))
    assert "dispatch_timeliness" in {figure["id"] for figure in report["figures"]}
    assert report["sources"]["definitions"]["version"].endswith("+sample-1")


def test_a_mistake_in_own_indicators_is_told_with_its_line(env: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("version: x\nfigures:\n  - id: one\n", encoding="utf-8")
    result = run("figures", "list", str(path), env=env)
    assert (result.exit_code, result.stderr) == (
        BAD_INPUT,
        f"Error: {path}:3: figures.0.title: is required [missing] [FiguresError]\n",
    )
