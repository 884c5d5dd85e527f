"""The figures of an imported file are those that one counts by hand from its rows, as benchmarks/real_file does."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from activities.figures.query import Scope, statement
from activities.ledger import Ledger
from benchmarks.real_file.by_hand import Cases, read
from benchmarks.real_file.compare import Outcome, bases, compare, put_bases, questions
from benchmarks.real_file.expected import INDICATORS, before, name_of, span
from benchmarks.real_file.load import Plan, load
from benchmarks.real_file.made_up import made_up
from benchmarks.real_file.raw import Row, parts, raw_rows, write_rows
from engine.settings import ROOT
from models.database import connect
from models.figure_files import house_figures
from rulebook.period import Period
from tests.fresh_record import fresh_record

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
MAPPING = ROOT / "samples" / "texas-import.yaml"
MONTHS = 3


@pytest.fixture
def rows() -> list[Row]:
    return made_up(350, seed=1)


@pytest.fixture
def record(tmp_path: Path) -> str:
    return fresh_record(tmp_path)


def taken_over(url: str, rows: list[Row], folder: Path) -> tuple[int, int]:
    planned = load(Plan(MAPPING, NOW, folder), rows, [url], 1, lambda _: None)
    return planned.taken, planned.refused


def compared(url: str, rows: list[Row]) -> Outcome:
    cases = Cases(read(rows, NOW).cases, NOW)
    asked = questions(cases, MONTHS)
    given = bases(asked)
    with Ledger.open(url) as ledger:
        put_bases(ledger, given, NOW)
        return compare(ledger, cases, given, asked)


def test_figures_of_a_dirty_file_are_those_counted_from_its_rows(
    record_url: str, tmp_path: Path, rows: list[Row]
) -> None:
    """Every number of every indicator, in total, earlier and by every group; on both databases."""
    read_by_hand = read(rows, NOW)
    assert taken_over(record_url, rows, tmp_path) == (len(read_by_hand.cases), read_by_hand.refused)
    assert read_by_hand.refused > 10
    assert any(case.closed is None for case in read_by_hand.cases)
    outcome = compared(record_url, rows)
    assert outcome.differences == []
    assert outcome.compared > 1_000
    with Ledger.open(record_url) as ledger:
        assert all(ledger.verify(case.name).ok for case in read_by_hand.cases[:20])


def test_one_day_in_one_row_is_noticed(record: str, tmp_path: Path, rows: list[Row]) -> None:
    """A complaint closed on its ninth day, and in truth on its tenth, changes a rate and a mean."""
    ninth = next(case for case in read(rows, NOW).cases if case.closed and (case.closed - case.received).days == 9)
    taken_over(record, rows, tmp_path)
    later = {"closed_date": (ninth.received + timedelta(days=10)).isoformat()}
    spoilt = [
        row | later if f"TX-{row['complaint_number']}" == ninth.name and row["closed_date"] else row for row in rows
    ]
    told = "\n".join(compared(record, spoilt).differences)
    for figure in ("closure_rate_9", "handling_days"):
        assert f" {figure} " in told


def test_a_record_without_statistics_looks_at_a_complaint_s_own_duties(record: str) -> None:
    """Nobody runs ANALYZE on an installation's file; all duties of a rule, once for each complaint, take an hour."""
    figure = next(one for one in house_figures().figures if one.id == "closure_rate")
    engine = connect(record)
    with engine.connect() as connection:
        asked = statement(figure, Scope(Period.parse("2020-03"), None, True, ("Asia/Shanghai",)))
        compiled = asked.compile(connection, compile_kwargs={"render_postcompile": True})
        values = tuple(compiled.params[name] for name in compiled.positiontup or ())
        plan = [row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", values)]
    engine.dispose()
    own = "SEARCH duty USING INDEX sqlite_autoindex_duty_1 (complaint_id=?)"
    assert [line for line in plan if " duty " in line] == [own, own]


def test_the_reports_counted_by_hand_are_those_of_the_house() -> None:
    """An indicator, an axis or a report that is added to the house's must be added there."""
    for figure in house_figures().figures:
        by_hand = INDICATORS[figure.id]
        assert (by_hand.axes.split(), by_hand.reports.split(), by_hand.trend) == (
            list(figure.by),
            list(figure.reports),
            figure.trend,
        ), figure.id
    assert INDICATORS.keys() == {figure.id for figure in house_figures().figures}


@pytest.mark.parametrize("name", ["2020-03", "2019-12", "2020-W53", "2021-W01", "2020-Q4", "2020"])
def test_periods_by_hand_are_the_calendar_s(name: str) -> None:
    period = Period.parse(name)
    assert span(name) == (period.kind, period.first, period.last)
    assert before(name) == period.previous().name
    assert {name_of(period.kind, day) for day in (period.first, period.last)} == {name}


def test_a_file_is_read_as_text_from_both_forms(tmp_path: Path) -> None:
    import pyarrow as pa  # takes long to load
    import pyarrow.parquet as pq

    table = {"number": [1, 2], "on": [date(2020, 2, 29), None], "yes": [True, False], "text": ["a, “b”", None]}
    pq.write_table(pa.table(table), tmp_path / "a.parquet")
    found = raw_rows(tmp_path / "a.parquet")
    assert found == [
        {"number": "1", "on": "2020-02-29", "yes": "true", "text": "a, “b”"},
        {"number": "2", "on": "", "yes": "false", "text": ""},
    ]
    assert raw_rows(write_rows(tmp_path / "a.csv", found)) == found


def test_rows_of_one_complaint_stay_together() -> None:
    rows = [{"n": name} for name in "abcabcabcd"]
    found = list(parts(rows, "n", 4))
    assert [[row["n"] for row in part] for part in found] == [list("aaabbb"), list("cccd")]
