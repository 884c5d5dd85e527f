"""Complaints come over from another system with their past, whole or not at all, and their results go back."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from activities.ledger import Ledger
from cli.errors import BAD_INPUT, REFUSED
from engine.settings import ROOT
from models.intake import Intake
from rulebook import events as ev
from tests.cli.conftest import CLEAN, House, complaint
from tests.present import now, program

SAMPLE = ROOT / "samples/import.csv"
MAPPING = ROOT / "samples/import-mapping.yaml"
FEED = ROOT / "samples/feed-12378.yaml"
BY = ("--as", "p-hq-kf-01")


EXTENDED = datetime.fromisoformat("2026-12-07T08:00:00+08:00")
"""When the extended one is due: 15 days and 30 more end with 26 November; the appraisal took ten days and eight hours."""
NEWEST = datetime.fromisoformat("2026-12-06T00:00:00+08:00")
"""When its newest one is due, 15 days after its receipt."""


def passed(due: datetime) -> bool:
    """Return whether a deadline of the sample lies behind the present: it is an export that grows old."""
    return now() >= due


def rows(path: Path = SAMPLE) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.DictReader(text))


def write(path: Path, table: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, table[0].keys())
        writer.writeheader()
        writer.writerows(table)
    return path


def renamed(path: Path, letter: str, source: Path = SAMPLE) -> Path:
    """The sample again, as other complaints: tests share one record."""
    return write(path, [{**row, "单号": row["单号"].replace("J", letter)} for row in rows(source)])


def ledger(house: House) -> Ledger:
    return Ledger.open(f"sqlite:///{house.home / 'records.db'}")


def outcomes(lines: list[dict[str, Any]]) -> dict[str, str]:
    return {line["complaint_id"]: line["result"] for line in lines}


def test_a_dry_run_starts_nothing_and_says_what_would_happen(house: House, tmp_path: Path) -> None:
    """What the complainant was not told there would be told here: whoever imports sees it before it leaves."""
    file = renamed(tmp_path / "dry.csv", "D")
    found = house.lines("import", str(file), "--mapping", str(MAPPING), *BY, "--dry-run")
    assert [(line["complaint_id"], line["result"], line["stage"], line["breaches"]) for line in found] == [
        ("OLD-D0001", "would-import", "acknowledged", int(passed(EXTENDED))),
        ("OLD-D0002", "would-import", "closed", 1),
        ("OLD-D0003", "would-import", "received", int(passed(NEWEST))),
    ]
    late = [["late"] * passed(EXTENDED), [], ["receipt", *["late"] * passed(NEWEST)]]
    assert [line["letters"] for line in found] == late
    with ledger(house) as record:
        assert record.intake("OLD-D0001") is None


def test_the_sample_comes_over_goes_on_and_is_never_counted_twice(house: House, tmp_path: Path) -> None:
    """
    The extension and the appraisal of the other system count, so that the deadline is theirs; a breach of the past stands.

    The same file again does nothing, in other words (a workbook) nothing either, and what the feed hands out reads back as
    nothing new.
    """
    command = ("import", str(SAMPLE), "--mapping", str(MAPPING), *BY)
    assert set(outcomes(house.lines(*command)).values()) == {"imported"}
    view = house.until("OLD-J0001", "investigating")
    decide = next(duty for duty in view["duties"] if duty["key"] == "decide")
    assert datetime.fromisoformat(decide["due"]) == EXTENDED
    assert view["ticket"] == "旧-2026-0301"
    with ledger(house) as record:
        assert [row.kind for row in record.notices("OLD-J0001")] == ["late"] * passed(EXTENDED)
        breaches = [one for one in record.events("OLD-J0002") if isinstance(one, ev.DeadlineBreached)]
        assert [(one.duty, one.at.isoformat()) for one in breaches] == [("decide", "2026-09-16T16:00:00+00:00")]
        before = {name: len(record.events(name)) for name in ("OLD-J0001", "OLD-J0002")}
        assert all(record.verify(name).ok for name in before)

    assert set(outcomes(house.lines(*command)).values()) == {"done-before"}
    book = Workbook()
    page = book.active
    assert page is not None
    for cells in [list(rows()[0]), *(list(row.values()) for row in rows())]:
        page.append(cells)
    book.save(tmp_path / "again.xlsx")
    again = house.lines("import", str(tmp_path / "again.xlsx"), "--mapping", str(MAPPING), *BY)
    assert set(outcomes(again).values()) == {"already"}

    for form in ("csv", "jsonl", "xlsx"):
        out = tmp_path / f"results.{form}"
        handed = house.run("results", "--mapping", str(FEED), "--format", form, "--out", str(out))
        assert handed.exit_code == 0, handed.stderr
        assert out.stat().st_mode & 0o077 == 0
        back = house.lines("import", str(out), "--mapping", str(FEED), *BY)
        assert outcomes(back)["OLD-J0002"] == "already"
        assert set(outcomes(back).values()) == {"already"}
    with ledger(house) as record:
        assert {name: len(record.events(name)) for name in before} == before


def test_the_feed_goes_on_from_its_cursor_and_tells_a_result_again_when_it_has_grown(house: House) -> None:
    def feed(since: str) -> tuple[list[dict[str, str]], str]:
        result = house.run("results", "--mapping", str(FEED), "--since", since)
        assert result.exit_code == 0, result.stderr
        return [json.loads(line) for line in result.stdout.splitlines()], result.stderr.split()[-1]

    _, cursor = feed("0")
    assert feed(cursor) == ([], cursor)
    received = now() - timedelta(days=2)
    told = {"complaint_id": "IF-1", "by": "p-gd-sz-kf-01", "at": now().isoformat()}
    file = house.home / "feed.jsonl"
    file.write_text(
        json.dumps(complaint("IF-1", received_at=received.isoformat()))
        + "\n"
        + json.dumps({**told, "event": "withdrawn", "reason": "已和解"}),
        encoding="utf-8",
    )
    assert outcomes(house.lines("import", str(file), *BY)) == {"IF-1": "imported"}
    house.until("IF-1", "closed")
    fresh, later = feed(cursor)
    assert [(row["投诉编号"], row["结果"]) for row in fresh] == [("IF-1", "撤回")]
    assert int(later) > int(cursor)
    assert feed(later) == ([], later)


def test_a_fault_below_the_complainant_names_its_column(house: House, tmp_path: Path) -> None:
    """The kind of the complainant stands in the path of the fault, and in no mapping."""
    table = rows(renamed(tmp_path / "column.csv", "P"))
    at = next(place for place, row in enumerate(table) if row["电话"])
    table[at]["电话"] = "1" * 201
    file = write(tmp_path / "column.csv", table)
    result = house.run("import", str(file), "--mapping", str(MAPPING), *BY, "--dry-run")
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(line["row"], line["column"]) for line in found if line["result"] == "rejected"] == [(at + 2, "电话")]


def test_a_bad_row_leaves_its_complaint_out_whole_and_the_report_names_row_column_and_rule(
    house: House, tmp_path: Path
) -> None:
    """An extension with a date that cannot be read must not become a case without its extension."""
    table = rows(renamed(tmp_path / "bad.csv", "B"))
    secret = "张三丰的秘密"
    table[3]["时间"] = secret  # the application for further time
    table[12]["责任"] = secret  # the decision
    table[16]["渠道"] = "飞鸽"
    file, report = write(tmp_path / "bad.csv", table), tmp_path / "report.csv"
    result = house.run("import", str(file), "--mapping", str(MAPPING), *BY, "--report", str(report))
    assert result.exit_code == REFUSED
    assert secret not in result.stdout + result.stderr + report.read_text(encoding="utf-8")
    assert "rejected 3  rows 17  faults 3" in result.stderr
    with report.open(encoding="utf-8", newline="") as text:
        assert [tuple(row.values()) for row in csv.DictReader(text)] == [
            ("5", "时间", "OLD-B0001", "Invalid", "is not a date of the given format"),
            ("14", "责任", "OLD-B0002", "Invalid", "the mapping does not know this value"),
            ("18", "渠道", "OLD-B0003", "Invalid", "the mapping does not know this value"),
        ]
    assert report.stat().st_mode & 0o077 == 0
    with ledger(house) as record:
        assert record.intake("OLD-B0001") is None


@pytest.mark.parametrize(
    ("event", "column", "code"),
    [
        pytest.param({"event": "extension_approved", "request": "x9", "days": 30, "reason": "r",
                      "ground": "superior_institution"}, "request", "NoSuchExtension", id="approved, not asked for"),
        pytest.param({"event": "clock_resumed", "pause": "p1", "reason": "r"}, "pause", "NotPaused", id="no pause"),
        pytest.param({"event": "findings_submitted", "findings": "f", "by": "system"}, "by", "NobodyAnswers", id="nobody"),
        pytest.param({"event": "findings_submitted", "findings": "f", "mood": 1}, "?", "Invalid", id="unknown field"),
        pytest.param({"event": "assigned", "unit": "gd-sz", "department": "gd-sz-yg", "coordinator": "p-gone-01",
                      "reason": "r"}, "coordinator", "UnknownCoordinator", id="a coordinator who is not here"),
        pytest.param({"event": "slip_accepted", "slip": "s1"}, "an event of this type cannot come from another system",
                     "NotImportable", id="a slip"),
        pytest.param({"event": "closed", "reason": "r", "result": "responsible"},
                     "no decision had been made, or told, by then", "NotDecided", id="closed undecided"),
    ],
)  # fmt: skip
def test_an_event_that_cannot_have_happened_is_refused_before_anything_starts(
    house: House, tmp_path: Path, event: dict[str, Any], column: str, code: str
) -> None:
    file = tmp_path / "events.jsonl"
    told = {"complaint_id": "IE-1", "at": now().isoformat(), **event}
    file.write_text(f"{json.dumps(complaint('IE-1'))}\n{json.dumps(told)}", encoding="utf-8")
    result = house.run("import", str(file), *BY)
    (line,) = [json.loads(text) for text in result.stdout.splitlines()]
    assert (result.exit_code, line["code"], line["row"]) == (REFUSED, code, 2)
    assert line["column"] == column
    with ledger(house) as record:
        assert record.intake("IE-1") is None


def test_duplicates_are_skipped_by_name_and_conflicts_refused(house: House, tmp_path: Path) -> None:
    one = complaint("IU-1", source_reference="R-7")
    file = tmp_path / "twice.jsonl"
    file.write_text("\n".join(map(json.dumps, [one, one])), encoding="utf-8")
    (line,) = house.lines("import", str(file), *BY)
    assert (line["result"], line["repeated_rows"]) == ("imported", [2])
    house.until("IU-1", "investigating")

    later = (now() - timedelta(hours=1)).isoformat()
    other = [
        {**one, "complaint_id": "IU-2"},
        {**one, "complaint_id": "IU-3", "received_at": later},
        {**one, "facts": "另一件事。"},
        {"complaint_id": "IU-4", "event": "withdrawn", "at": later, "reason": "r"},
    ]
    file.write_text("\n".join(map(json.dumps, other)), encoding="utf-8")
    result = house.run("import", str(file), *BY, "--dry-run")
    found = [json.loads(text) for text in result.stdout.splitlines()]
    assert [(line["result"], line.get("code"), line.get("same_as")) for line in found] == [
        ("already", None, "IU-1"),
        ("rejected", "ReferenceTaken", None),
        ("rejected", "DifferentContent", None),
        ("rejected", "NoComplaint", None),
    ]


def test_later_events_of_a_complaint_that_runs_here_are_not_slipped_in(house: House, tmp_path: Path) -> None:
    file = tmp_path / "later.jsonl"
    file.write_text(json.dumps(complaint("IL-1")), encoding="utf-8")
    house.lines("import", str(file), *BY)
    house.until("IL-1", "investigating")
    told = {"complaint_id": "IL-1", "event": "withdrawn", "at": now().isoformat(), "reason": "r"}
    file.write_text(json.dumps(told), encoding="utf-8")
    result = house.run("import", str(file), *BY)
    assert json.loads(result.stdout)["code"] == "OtherEvents"
    assert house.lines("show", "IL-1", "--json")[0]["stage"] == "investigating"


def test_a_row_that_names_no_complaint_holds_up_a_file_with_events(house: House, tmp_path: Path) -> None:
    """It might be the extension of a complaint that would then be imported without it."""
    table = rows(renamed(tmp_path / "lost.csv", "N"))
    table[3]["单号"] = ""
    file = write(tmp_path / "lost.csv", table)
    result = house.run("import", str(file), "--mapping", str(MAPPING), *BY)
    assert (result.exit_code, result.stderr.splitlines()[0][:43]) == (
        BAD_INPUT,
        "Error: row 5: names no complaint, so that o",
    )
    with ledger(house) as record:
        assert record.intake("OLD-N0001") is None


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("old.csv", *BY), "a CSV file needs --mapping FILE"),
        (("old.xlsx", *BY), "a workbook needs --mapping FILE"),
        (("old.pdf", *BY), "name a file that ends with .csv, .jsonl or .xlsx"),
        (("old.csv", "--sheet", "x", *BY), "--sheet goes with a workbook"),
        (("old.csv", "--as", "p-nobody"), "--as: the organisation data know no such person"),
        (("old.csv", "--as", "p-gd-kf-03"), "--as: head office takes complaints over"),
        (("old.xlsx", "--mapping", str(MAPPING), *BY), "is not a workbook that can be read"),
        (("none.csv", *BY), "cannot be read"),
    ],
)
def test_a_file_that_makes_no_sense_is_one_line(
    house: House, tmp_path: Path, words: tuple[str, ...], sentence: str
) -> None:
    for name in ("old.csv", "old.xlsx", "old.pdf"):
        (tmp_path / name).write_text("单号\n1\n", encoding="utf-8")
    name, *more = words
    result = house.run("import", str(tmp_path / name), *more)
    assert sentence in result.stderr
    assert (result.stdout, len(result.stderr.splitlines())) == ("", 1)


def test_an_import_that_was_killed_goes_on_and_every_complaint_comes_once(house: House, tmp_path: Path) -> None:
    file = tmp_path / "many.jsonl"
    names = [f"K-{number:03d}" for number in range(60)]
    file.write_text("\n".join(json.dumps(complaint(name)) for name in names), encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if name not in CLEAN}
    words = [sys.executable, *program(ROOT / "starter.py"), "import", str(file), *BY]
    first = subprocess.Popen(
        words, env={**kept, "TOUSU_HOME": str(house.home)}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert first.stdout is not None
    begun = [first.stdout.readline() for _ in range(5)]
    first.kill()
    first.wait(30)
    first.stdout.close()
    assert all(begun)
    second = house.lines("import", str(file), *BY)
    assert [line["complaint_id"] for line in second] == names
    counted = Counter(line["result"] for line in second)
    assert counted["done-before"] >= 5
    assert counted["imported"] + counted["already"] + counted["done-before"] == 60
    assert {line["result"] for line in house.lines("import", str(file), *BY)} == {"done-before"}
    for name in names:
        house.until(name, "investigating")
    with ledger(house) as record:
        received = [one for name in names for one in record.events(name) if isinstance(one, ev.Received)]
    assert len(received) == 60


def test_a_complaint_that_is_just_being_taken_in_is_the_same_complaint(house: House, tmp_path: Path) -> None:
    """Its intake is on record before its first event: an import that is resumed in between contradicts nothing."""
    said = complaint("IB-1", source_reference="IB-1")
    intake = Intake.model_validate(said)
    with ledger(house) as record:
        record.open_case(intake.model_dump(mode="json"), "IB-1", intake.content_hash(), now())
    at = {"complaint_id": "IB-1", "by": "p-gd-sz-kf-01", "at": now().isoformat()}
    withdrawn = {**at, "event": "withdrawn", "reason": "r"}
    file = tmp_path / "begun.jsonl"
    file.write_text("\n".join(map(json.dumps, [said, withdrawn])), encoding="utf-8")
    (line,) = house.lines("import", str(file), *BY)
    assert line["result"] == "imported"
    house.until("IB-1", "closed")
    assert [line["result"] for line in house.lines("import", str(file), *BY)] == ["done-before"]


CLOSED = """
fields:
  complaint_id: {column: n, prefix: CL-}
  received_at: {column: received, format: "%Y-%m-%d", time_zone: Asia/Shanghai, time_of_day: "09:00"}
  channel: {const: phone}
  complainant.kind: {const: unnamed}
  complainant.reference: {column: n}
  respondent.unit:
    {column: unit, values: {广东分公司: gd, 深圳分公司: gd-sz, 浙江分公司: zj, 杭州中心支公司: zj-hz}}
  facts: {const: 见旧系统}
  complexity: {column: complexity}
  categories: {column: category, split: ;, values: {理赔: claims, 保全: policy_maintenance, 续期: payment, 销售: selling}}
events:
  - event: decision_made
    when: answered
    fields:
      at: {column: answered, format: "%Y-%m-%d", time_zone: Asia/Shanghai, time_of_day: "16:00"}
      decided_by: {const: branch}
      unit: {const: gd}
      liability: {const: responsible}
      causes: {column: category, split: ";"}
      decision: {const: 见旧系统}
      verification: {const: 见旧系统}
      basis: {const: 见旧系统}
      reasons: {const: 见旧系统}
      agreed: {const: true}
  - event: notice_given
    when: answered
    fields:
      at: {column: answered, format: "%Y-%m-%d", time_zone: Asia/Shanghai, time_of_day: "16:00"}
      kind: {const: decision}
      method: {const: letter}
      proof: {const: 见旧系统}
  - event: closed
    when: closed
    fields:
      at: {column: closed, format: "%Y-%m-%d", time_zone: Asia/Shanghai, time_of_day: "18:00"}
      reason: {const: 办结}
      result: {const: responsible}
ignore: [severity, route, channel]
"""


@pytest.mark.slow
def test_figures_of_an_imported_file_agree_with_counting_its_rows_by_hand(house: House, tmp_path: Path) -> None:
    """Complaints, breaches of the 15 or 30 days and units: from the record, and from the file with nothing but dates."""
    table = [{"n": f"{at:03d}", **row} for at, row in enumerate(rows(ROOT / "samples/closed.csv"), start=1)]
    file, mapping = write(tmp_path / "closed.csv", table), tmp_path / "closed.yaml"
    mapping.write_text(CLOSED, encoding="utf-8")
    found = house.lines("import", str(file), "--mapping", str(mapping), *BY)
    assert set(outcomes(found).values()) == {"imported"}
    assert len(found) == len(table) == 60
    codes = {"广东分公司": "gd", "深圳分公司": "gd-sz", "浙江分公司": "zj", "杭州中心支公司": "zj-hz"}
    late: Counter[str] = Counter()
    for row in table:
        taken = (date.fromisoformat(row["answered"]) - date.fromisoformat(row["received"])).days
        late[codes[row["unit"]]] += taken > (30 if row["complexity"] == "complex" else 15)
    for line in found:
        house.until(line["complaint_id"], "closed")
    with ledger(house) as record:
        cases = [record.case(line["complaint_id"]) for line in found]
    recorded: Counter[str] = Counter()
    for case in cases:
        assert case is not None
        recorded[case.unit] += case.breaches > 0
    assert recorded == late
    assert sum(late.values()) > 5
    assert Counter(case.unit for case in cases if case) == Counter(codes[row["unit"]] for row in table)


def test_text_that_looks_like_a_formula_stays_text_in_a_workbook(house: House, tmp_path: Path) -> None:
    file = tmp_path / "formula.jsonl"
    at = {"complaint_id": "XL-1", "by": "p-gd-sz-kf-01", "at": now().isoformat()}
    lines = [complaint("XL-1", source_reference="=1+1"), {**at, "event": "withdrawn", "reason": "r"}]
    file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    house.lines("import", str(file), *BY)
    house.until("XL-1", "closed")
    out = tmp_path / "results.xlsx"
    assert house.run("results", "--mapping", str(FEED), "--format", "xlsx", "--out", str(out)).exit_code == 0
    cells = [cell for row in load_workbook(out).active.iter_rows() for cell in row]
    assert [cell.data_type for cell in cells if cell.value == "=1+1"] == ["s"]
