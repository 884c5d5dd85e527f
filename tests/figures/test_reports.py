"""Reports over a file of closed complaints: they agree with a count of the file itself, in every form, and name nobody."""

from __future__ import annotations

import io
import json
import re
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import openpyxl
import psycopg
import pytest
from sqlalchemy import event

from activities.figures.bases import import_bases
from activities.figures.layout import shown
from activities.figures.page import to_html
from activities.figures.publication import text_of
from activities.figures.report import Ask, Report, make, monthly
from activities.figures.workbook import to_xlsx
from activities.ledger import Ledger
from engine.settings import SAMPLE_ORGANISATION
from models.figure_files import FiguresError, house_figures, read_bases
from models.migrations import migrate
from models.organisation import read_organisation
from rulebook.period import Period
from tests.figures.imported import import_file, moment, rows
from tests.fresh_record import fresh_record
from tests.records.parts import COMPANY_PIN, open_case, slip_story
from tests.rulebook.helpers import on

ORGANISATION = read_organisation(SAMPLE_ORGANISATION)
OCTOBER = Period.parse("2026-10")
AT = on("Tue 2026-11-03 09:00")
BASES = (
    "unit,period,line,policies_in_force,premium,persons_insured\n"
    "hq,2026-10,,1000000,480000000,1400000\n"
    "gd,2026-10,,310000,,\n"
    "hq,2026-Q3,,1240000,1450000000,1390000\n"
    "hq,2026-Q3,medical,260000,310000000,260000\n"
)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def imported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """The record of the file on both databases; no test of this module changes it."""
    folder = tmp_path_factory.mktemp("imported")
    url = f"sqlite:///{folder / 'records.db'}"
    if request.param == "postgresql":
        server, name = request.getfixturevalue("postgres_url"), f"imported_{uuid.uuid4().hex}"
        with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        url = server.replace("/postgres?", f"/{name}?")
    migrate(url)
    with Ledger.open(url) as ledger:
        import_file(ledger)
        (folder / "bases.csv").write_text(BASES, encoding="utf-8")
        import_bases(ledger, read_bases(folder / "bases.csv"), "p-1", AT)
        yield ledger


def report(ledger: Ledger, kind: Any = "monthly", period: str = "2026-10", unit: str | None = None) -> Report:
    return make(ledger, Ask(kind, Period.parse(period), unit), ORGANISATION, house_figures())


def figures(made: Report) -> dict[str, Any]:
    return {figure["id"]: figure for figure in made["figures"]}


def received_in(first: str, last: str) -> list[dict[str, str]]:
    return [row for row in rows() if first <= row["登记日期"] <= last]


def closed_in(first: str, last: str) -> list[dict[str, str]]:
    return [row for row in rows() if first <= row["结案时间"][:10] <= last]


def weight(row: dict[str, str]) -> int:
    return 0 if row["不计"] else 2 if row["升级"] else 1


def minutes(row: dict[str, str]) -> float:
    received = moment(f"{row['登记日期']} {row['登记时间']}")
    return (moment(row["结案时间"]) - received).total_seconds() / 60


def test_the_months_figures_are_those_of_the_file(imported: Ledger) -> None:
    """Counted here from the cells of the file, with nothing of ours in between."""
    found = {name: figure["value"] for name, figure in figures(report(imported)).items()}
    came, went = received_in("2026-10-01", "2026-10-31"), closed_in("2026-10-01", "2026-10-31")
    assert len(came) > 40
    assert len(went) > 40
    counted = [row for row in came if weight(row)]
    quick = [row for row in counted if _day(row["结案时间"]) <= _day(row["登记日期"]) + timedelta(days=9)]
    whole = sum(map(weight, counted))
    days = [minutes(row) / 1440 for row in went if weight(row)]
    marks = [int(row["满意度"]) for row in went if weight(row) and row["满意度"]]
    assert (int(found["received"]), int(found["closed"])) == (len(came), len(went))
    assert int(found["received_company"]) == whole
    assert float(found["closure_rate_9"]) == pytest.approx(sum(map(weight, quick)) / whole, abs=1e-6)
    assert float(found["complaint_rate"]) == pytest.approx(whole * 10_000 / 1_000_000, abs=1e-6)
    assert float(found["handling_days"]) == pytest.approx(sum(days) / len(days), abs=1e-6)
    assert float(found["handling_days_median"]) == pytest.approx(median(days), abs=1e-6)
    assert float(found["satisfaction"]) == pytest.approx(sum(marks) / len(marks), abs=1e-6)
    statutory = [
        row for row in rows() if "2026-10-01" <= str(_day(row["登记日期"]) + timedelta(days=15)) <= "2026-10-31"
    ]
    in_time = [row for row in statutory if _day(row["告知时间"]) <= _day(row["登记日期"]) + timedelta(days=15)]
    # Nobody is left out of the law's own figure.
    assert float(found["statutory_timeliness"]) == pytest.approx(len(in_time) / len(statutory), abs=1e-6)


def _day(text: str) -> date:
    return date.fromisoformat(text[:10])


def test_the_groups_are_those_of_the_file(imported: Ledger) -> None:
    """By type, by line and by the unit right below; each complaint in one group."""
    found = figures(report(imported))["received"]["by"]
    came = received_in("2026-10-01", "2026-10-31")
    by_type = Counter(row["投诉类型"] for row in came)
    assert {one["zh"].removesuffix("类"): one["top"] for one in found["category"]} == by_type
    lines = Counter(row["险种"] for row in came)
    assert sorted(one["top"] for one in found["line"]) == sorted(lines.values())
    home = {"广东": "gd", "广州": "gd", "深圳": "gd", "杭州": "zj", "萧山": "zj"}
    assert {one["code"]: one["top"] for one in found["unit"]} == Counter(home[row["被投诉机构"]] for row in came)


def test_a_units_report_has_its_cases_and_those_below_it(imported: Ledger) -> None:
    made = report(imported, unit="gd")
    came = [row for row in received_in("2026-10-01", "2026-10-31") if row["被投诉机构"] in {"广东", "广州", "深圳"}]
    assert figures(made)["received"]["top"] == len(came)
    assert {one["code"] for one in figures(made)["received"]["by"]["unit"]} == {"gd", "gd-gz", "gd-sz"}
    assert figures(made)["complaint_rate"]["bottom"] == 310_000


def test_the_regulators_ratios_are_per_base(imported: Ledger) -> None:
    """By dispute type against all lines, by line against its own base; every complaint once (art. 37)."""
    found = figures(report(imported, "regulator", "2026-Q3"))
    came = received_in("2026-07-01", "2026-09-30")
    medical = [row for row in came if row["险种"] == "医疗"]
    assert float(found["per_premium"]["value"]) == pytest.approx(len(came) * 1e8 / 1.45e9, abs=1e-6)
    by_line = {one["code"]: one for one in found["per_premium"]["by"]["line"]}
    assert float(by_line["medical"]["value"]) == pytest.approx(len(medical) * 1e8 / 3.1e8, abs=1e-6)
    (dispute,) = found["per_policies"]["by"]["dispute_type"]
    assert float(dispute["value"]) == pytest.approx(len(came) * 1e4 / 1_240_000, abs=1e-6)


def test_a_base_that_nobody_imported_is_a_dash_with_its_reason_and_never_nought(imported: Ledger) -> None:
    found = figures(report(imported, "regulator", "2026-Q3"))["per_premium"]
    motor = next(one for one in found["by"]["line"] if one["code"] == "motor")
    assert (motor["value"], motor["bottom"], motor["top"] > 0) == (None, None, True)
    assert motor["reason"]["en"] == "no premium (yuan) imported for hq 2026-Q3 motor"
    assert motor["reason"]["zh"] == "未导入保费收入（元）：hq 2026-Q3 motor"
    assert shown(found, motor) == "—"


def test_a_period_without_complaints_has_counts_of_nought_and_no_rates(imported: Ledger) -> None:
    found = figures(report(imported, period="2020-01"))
    assert (found["received"]["value"], found["closure_rate"]["value"]) == ("0", None)
    assert found["closure_rate"]["reason"]["en"] == "nothing to divide by in this period"


def test_in_reports_for_the_public_small_groups_are_put_together(imported: Ledger) -> None:
    """No group of fewer than five complaints stands alone; nothing is lost from the sum."""
    found = figures(report(imported, "annual", "2026"))["received_year"]
    for axis, groups in found["by"].items():
        alone = [one for one in groups if one["en"] != "others, few each"]
        assert all(one["items"] >= 5 for one in alone), axis
        assert sum(one["top"] for one in groups) == found["top"]


def test_the_number_of_questions_does_not_grow_with_the_record(imported: Ledger, tmp_path: Path) -> None:
    """Three complaints and 180 take as many questions: the database counts, not we."""
    with Ledger.open(fresh_record(tmp_path)) as ledger:
        for name in ("C-1", "C-2", "C-3"):
            open_case(ledger, name)
            ledger.append(name, 1, slip_story(name), COMPANY_PIN)
        assert _questions(ledger) == _questions(imported)


def _questions(ledger: Ledger) -> int:
    asked: list[str] = []
    engine = ledger._sessions.engine  # to listen to what it is asked

    def listen(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", listen)
    try:
        report(ledger, period="2026-09")
    finally:
        event.remove(engine, "before_cursor_execute", listen)
    return len([one for one in asked if "SELECT" in one])


def test_the_late_ones_are_listed_by_their_ids(imported: Ledger) -> None:
    late = report(imported)["late"]
    decide = [row["complaint_id"] for row in late["rows"] if row["duty"] == "decide"]
    due = {row["单号"]: _day(row["登记日期"]) + timedelta(days=15) for row in rows()}
    wanted = [
        f"JA-2026-{row['单号']}"
        for row in rows()
        if "2026-10-01" <= str(due[row["单号"]]) <= "2026-10-31" and _day(row["告知时间"]) > due[row["单号"]]
    ]
    assert sorted(decide) == sorted(wanted)
    assert len(wanted) > 5


@pytest.mark.parametrize("kind", ["weekly", "monthly", "annual", "regulator"])
def test_no_form_of_a_report_names_a_person(imported: Ledger, kind: str) -> None:
    """The file's people are called 示例1 to 示例180; what they said is nowhere either."""
    period = {"weekly": "2026-W41", "monthly": "2026-10", "annual": "2026", "regulator": "2026-Q3"}[kind]
    made = report(imported, kind, period)
    texts = [text_of(made), to_html(made).decode(), _cells(to_xlsx(made))]
    assert [text for text in texts if re.search(r"示例\d|结清投诉示例", text)] == []


def _cells(workbook: bytes) -> str:
    book = openpyxl.load_workbook(io.BytesIO(workbook))
    return "\n".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)


def test_the_same_record_gives_the_same_bytes(imported: Ledger) -> None:
    one, other = report(imported), monthly(imported, OCTOBER, ORGANISATION)
    assert text_of(one) == text_of(other)
    assert to_html(one) == to_html(other)
    assert to_xlsx(one) == to_xlsx(other)


def test_the_page_loads_nothing_and_shows_its_charts(imported: Ledger) -> None:
    page = to_html(report(imported)).decode()
    assert "default-src 'none'" in page
    assert not re.search(r"""(?:src|href)\s*=|url\(|@import""", page)
    assert page.count("<svg ") >= 6
    assert page.count("草稿 DRAFT") == 2
    assert "收到投诉" in page
    assert "Complaints received" in page


def test_the_workbook_has_numbers_and_charts(imported: Ledger) -> None:
    """Numbers are numbers: readers go on counting with them."""
    made = report(imported)
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(made)))
    assert book.sheetnames[:4] == ["概览 Summary", "走势 Trend", "按机构 unit", "按投诉渠道 channel"]
    summary = {row[0].value: row[1] for row in book["概览 Summary"].iter_rows(min_row=6)}
    rate = summary["9天投诉结案率 9-day closure rate"]
    assert rate.value == pytest.approx(float(figures(made)["closure_rate_9"]["value"]))
    assert rate.number_format == "0.00%"
    assert summary["协调员平均响应时效 Coordinators' response, mean"].value == "—"
    assert sum(len(sheet._charts) for sheet in book) >= 8  # nowhere else does the library show them
    assert book["概览 Summary"]["A3"].value == "草稿 DRAFT"


def test_the_data_say_what_they_were_made_from(imported: Ledger) -> None:
    made = json.loads(text_of(report(imported)))
    sources = made["sources"]
    assert made["format"] == "tousu-figures/1"
    assert sources["record"]["cases"] == 180
    assert [(one["name"], one["unit"], one["version"]) for one in sources["bases"]] == [
        ("policies_in_force", "gd", 1),
        ("policies_in_force", "hq", 1),
    ]
    assert sources["rules"][0]["pack"] == "company-life"
    assert {len(sources["definitions"]["hash"]), len(sources["inputs_hash"]), len(sources["record"]["head"])} == {64}


@pytest.mark.parametrize(
    ("kind", "period", "unit", "reason"),
    [
        ("monthly", "2026-W41", None, "a monthly report is about a month, 2026-W41 is a week"),
        (
            "regulator",
            "2026-W41",
            None,
            "a regulator report is about a month or a quarter or a year, 2026-W41 is a week",
        ),
        ("monthly", "2026-10", "nowhere", "the organisation data know no such unit"),
    ],
)
def test_a_report_that_makes_no_sense_is_refused(
    imported: Ledger, kind: str, period: str, unit: str | None, reason: str
) -> None:
    with pytest.raises(FiguresError, match=f"^{reason}$"):
        report(imported, kind, period, unit)
