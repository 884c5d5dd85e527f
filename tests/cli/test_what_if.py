"""Closed complaints under rule packs, typed as people type it: tables, JSON, charts, and no row lost."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cli import what_if_rows
from cli.errors import BAD_INPUT, REFUSED
from cli.what_if_rows import Chunk, open_closed
from cli.what_if_run import WAITING, count_all
from engine.settings import ROOT
from tests.cli.conftest import run

SAMPLE = ROOT / "samples/closed.csv"
MONDAY = date(2026, 3, 2)
HEADER = ("received", "answered", "closed", "complexity", "unit", "note")


def write(path: Path, rows: Sequence[tuple[str, ...]], header: tuple[str, ...] = HEADER) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def rows(count: int) -> list[tuple[str, ...]]:
    """Return *count* complaints over some years, of a few units, a good part of them late."""
    found: list[tuple[str, ...]] = []
    for number in range(count):
        received = date(2018, 1, 1) + timedelta(days=number * 7 % 2_500)
        answered = received + timedelta(days=number * 13 % 41)
        complexity = ("simple", "complex", "")[number % 3]
        found.append((str(received), str(answered), str(answered), complexity, f"unit {number % 7}", "x"))
    return found


def asked(*words: str, code: int = 0) -> dict[str, Any]:
    """Type a what-if with --json; return its object."""
    result = run("what-if", *words, "--json")
    assert result.exit_code == code, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def duty(found: dict[str, Any], name: str, pack: int = 0) -> dict[str, Any]:
    return next(one for one in found["packs"][pack]["duties"] if one["duty"] == name)


def test_a_file_is_counted_on_time_and_late_and_by_how_much(tmp_path: Path) -> None:
    over = [(MONDAY + timedelta(days=days)).isoformat() for days in (15, 16, 20, 35, 30, 31)]
    kinds = ("simple", "simple", "simple", "simple", "complex", "complex")
    given = [(str(MONDAY), day, day, kind, unit, "") for day, kind, unit in zip(over, kinds, "aabbab", strict=True)]
    found = asked("--pack", "cn-2020-3", "--input", str(write(tmp_path / "closed.csv", given)))
    decide = duty(found, "decide")
    assert (found["rows"], found["counted"], found["rejected"]) == (6, 6, [])
    assert (decide["cases"], decide["on_time"], decide["late"]) == (6, 2, 4)
    assert decide["days_late"] == {"median": 1, "p90": 20, "p99": 20, "worst": 20}
    assert decide["late_by_days"] == {"1": 2, "5": 1, "20": 1}
    by_limit = {one["limit"]: (one["cases"], one["late"]) for one in decide["limits"]}
    assert by_limit == {"decide_simple": (4, 3), "decide_complex": (2, 1)}
    assert found["packs"][0]["groups"]["unit"] == [
        {"name": "b", "cases": 3, "late": {"decide": 3}},
        {"name": "a", "cases": 3, "late": {"decide": 1}},
    ]
    load = found["packs"][0]["workload"]
    assert load["open"] == {"peak": 6, "on": "2026-03-02"}
    assert load["due"] == {"decide": {"peak": 4, "on": "2026-03-17"}}
    months = [(month["month"], month["received"], month["closed"], month["due"]["decide"]) for month in load["months"]]
    assert months == [("2026-03", 6, 3, 4), ("2026-04", 0, 3, 2)]


def test_several_packs_are_judged_side_by_side() -> None:
    found = asked("--pack", "cn-2020-3", "--pack", "company-life", "--input", str(SAMPLE))
    assert [pack["pack"] for pack in found["packs"]] == ["cn-2020-3", "company-life"]
    assert duty(found, "decide") == duty(found, "decide", pack=1)
    assert [one["duty"] for one in found["packs"][1]["duties"]] == ["decide", "settle", "settle_target", "kpi"]
    assert all(one["cases"] == one["on_time"] + one["late"] for pack in found["packs"] for one in pack["duties"])


def test_a_pack_of_one_s_own_is_read_from_its_file(tmp_path: Path) -> None:
    """Yesterday's complaints under tomorrow's rules: 20 instead of 15 natural days."""
    text = (ROOT / "rulebook/packs/cn-2020-3.yaml").read_text(encoding="utf-8")
    changed = text.replace("pack: cn-2020-3", "pack: draft").replace("amount: 15", "amount: 20")
    (draft := tmp_path / "draft.yaml").write_text(changed, encoding="utf-8")
    found = asked("--pack", "cn-2020-3", "--pack", str(draft), "--input", str(SAMPLE))
    assert duty(found, "decide", pack=1)["late"] < duty(found, "decide")["late"]


def as_parquet(path: Path, given: list[tuple[str, ...]]) -> Path:
    columns = dict(zip(HEADER, zip(*given, strict=True), strict=True))
    days = {name: [date.fromisoformat(day) for day in columns[name]] for name in ("received", "answered", "closed")}
    table = pa.table({**columns, **days, "unit": pa.array(columns["unit"]).dictionary_encode()})
    pq.write_table(table, path)
    return path


def test_parquet_and_csv_say_the_same(tmp_path: Path) -> None:
    given = rows(400)
    files = write(tmp_path / "closed.csv", given), as_parquet(tmp_path / "closed.parquet", given)
    by_csv, by_parquet = (asked("--pack", "company-life", "--input", str(file)) for file in files)
    assert by_csv == by_parquet


def test_timestamps_of_parquet_are_instants(tmp_path: Path) -> None:
    """Without a zone in the file, the mapping's holds; a nanosecond breaks nothing."""
    first = datetime(2026, 3, 2, 23, 30)  # noqa: DTZ001
    column = pa.array([first], pa.timestamp("ns"))
    aware = pa.array([datetime(2026, 3, 18, 0, 30, tzinfo=UTC)], pa.timestamp("us", "America/New_York"))
    pq.write_table(pa.table({"in": column, "out": aware}), tmp_path / "closed.parquet")
    (tmp_path / "columns.yaml").write_text(
        "time_zone: Asia/Shanghai\nfields: {received: {column: in}, closed: {column: out}}", encoding="utf-8"
    )
    words = ("--input", str(tmp_path / "closed.parquet"), "--mapping", str(tmp_path / "columns.yaml"))
    assert duty(asked("--pack", "cn-2020-3", *words), "decide")["late_by_days"] == {"1": 1}


def test_a_rejected_row_is_counted_and_listed_and_stops_nothing(tmp_path: Path) -> None:
    given = [
        ("2026-03-02", "2026-03-05", "", "", "a", ""),
        ("secret", "2026-03-05", "", "", "a", ""),
        ("2026-03-02", "2026-03-01", "", "", "a", ""),
        ("2026-03-02", "2026-03-05"),
        ("2026-03-02", "2026-03-05", "", "secret", "a", ""),
        ("2026-03-02", "2026-03-01", "", "", "a", ""),
    ]
    path = write(tmp_path / "closed.csv", given)
    found = asked("--pack", "cn-2020-3", "--input", str(path), code=REFUSED)
    assert (found["rows"], found["counted"]) == (6, 1)
    assert [(one["code"], one["count"], one["rows"]) for one in found["rejected"]] == [
        ("Unreadable", 1, [3]),
        ("BeforeReceipt", 2, [4, 7]),
        ("Malformed", 1, [5]),
        ("UnknownValue", 1, [6]),
    ]
    table = run("what-if", "--pack", "cn-2020-3", "--input", str(path))
    assert table.exit_code == REFUSED
    assert "未计 rejected 5" in table.stdout
    assert "4, 7" in table.stdout
    assert "secret" not in table.stdout + table.stderr + json.dumps(found)


def test_the_table_is_for_people() -> None:
    result = run("what-if", "--pack", "company-life", "--input", str(SAMPLE), "--units", "2")
    text = " ".join(result.stdout.split())
    assert result.exit_code == 0
    for words in (
        "按时 on time",
        "逾期 late",
        "3 个工作日",
        "单日最高 most on one day",
        "（共 of 4）",
        "未评 not judged",
    ):
        assert words in text


def test_the_charts_are_one_svg_file_that_needs_no_other(tmp_path: Path) -> None:
    svg = tmp_path / "chart.svg"
    given = [(str(MONDAY), str(MONDAY + timedelta(days=20)), "", "", name, "") for name in ("<甲&乙>", "b", "b")]
    path = write(tmp_path / "closed.csv", given)
    result = run("what-if", "--pack", "cn-2020-3", "--input", str(path), "--svg", str(svg))
    assert result.exit_code == 0, result.stderr
    text = svg.read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)  # noqa: S314  # our own file
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "".join(root.itertext()).count("<甲&乙>") >= 1
    assert "href" not in text
    assert "<script" not in text


def test_a_file_of_no_rows_has_a_table_and_a_chart(tmp_path: Path) -> None:
    path = write(tmp_path / "closed.csv", [])
    result = run("what-if", "--pack", "cn-2020-3", "--input", str(path), "--svg", str(tmp_path / "chart.svg"))
    assert result.exit_code == 0, result.stderr
    assert (tmp_path / "chart.svg").read_text(encoding="utf-8").endswith("</svg>\n")


def test_a_name_is_shown_and_never_obeyed(tmp_path: Path) -> None:
    """Neither the markup of our tables nor the escape codes of a terminal may hide or change anything."""
    given = [("2026-03-02", "2026-03-05", "", "", name, "") for name in ("[red]a", "\x1b[2Jb")]
    result = run("what-if", "--pack", "cn-2020-3", "--input", str(write(tmp_path / "closed.csv", given)))
    assert "[red]a" in result.stdout
    assert "\ufffd[2Jb" in result.stdout


def test_a_file_that_is_damaged_further_on_is_one_line(tmp_path: Path) -> None:
    (path := as_parquet(tmp_path / "closed.parquet", rows(400))).write_bytes(
        b"PAR1" + bytes(400) + path.read_bytes()[404:]
    )
    result = run("what-if", "--pack", "cn-2020-3", "--input", str(path))
    assert (result.exit_code, len(result.stderr.splitlines())) == (BAD_INPUT, 1)
    assert "is damaged after row 0" in result.stderr


def test_a_column_of_lists_or_bytes_is_named(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    for value in ([["2026-03-02"]], [b"2026-03-02"]):
        pq.write_table(pa.table({"received": value, "closed": ["2026-03-03"]}), tmp_path / "closed.parquet")
        result = run("what-if", "--pack", "cn-2020-3", "--input", str(tmp_path / "closed.parquet"))
        assert (result.exit_code, len(result.stderr.splitlines())) == (BAD_INPUT, 1)
        assert "column received: holds lists, records or bytes" in result.stderr


def test_a_row_in_another_encoding_is_one_rejected_row(tmp_path: Path) -> None:
    words = write(tmp_path / "closed.csv", rows(4))
    words.write_bytes(words.read_bytes() + "2026-03-02,2026-03-05,,,深圳,\n".encode("gb18030"))
    with words.open("a", encoding="utf-8") as more:
        more.write("2026-03-02,2026-03-05,,,深圳,\n")
    found = asked("--pack", "cn-2020-3", "--input", str(words), code=REFUSED)
    assert (found["rows"], found["counted"]) == (6, 5)
    assert [(one["code"], one["rows"]) for one in found["rejected"]] == [("Malformed", [6])]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        pytest.param("2026-03-02T23:30:00+0000", True, id="offset without colon"),
        pytest.param("2026-03-02T23:30:00Z", True, id="Z"),
        pytest.param("20260302", False, id="digits for a day"),
        pytest.param("20110101123451", False, id="digits for an instant"),
        pytest.param("2011010112345", False, id="a count of milliseconds"),
        pytest.param("2026-W10-1", False, id="a day of a week"),
    ],
)
def test_digits_are_no_day_and_an_offset_is_read(tmp_path: Path, written: str, read: bool) -> None:
    path = write(tmp_path / "closed.csv", [(written, "2026-03-18T10:00:00+00:00", "", "", "a", "")])
    found = asked("--pack", "cn-2020-3", "--input", str(path), code=0 if read else REFUSED)
    assert [one["code"] for one in found["rejected"]] == ([] if read else ["Unreadable"])


def test_an_hour_in_a_format_counts_in_the_zone_of_the_mapping(tmp_path: Path) -> None:
    """It was read and dropped: 23:30 in London is the next day in Shanghai. Midnight is an instant like any other."""
    (tmp_path / "columns.yaml").write_text(
        "time_zone: Europe/London\nfields:\n"
        '  received: {column: in, format: "%Y-%m-%d %H:%M"}\n  closed: {column: out, format: "%Y-%m-%d %H:%M"}\n',
        encoding="utf-8",
    )
    (tmp_path / "closed.csv").write_text(
        "sep=;\nin;out\n2026-03-02 23:30;2026-03-18 10:00\n2026-03-02 00:00;2026-03-03 00:00\n", encoding="utf-16"
    )
    words = ("--input", str(tmp_path / "closed.csv"), "--mapping", str(tmp_path / "columns.yaml"))
    # Received on 3 March in China, so in time until 18 March, 24:00; received on the 2nd, it would be late.
    found = asked("--pack", "cn-2020-3", *words)
    assert (found["counted"], duty(found, "decide")["late_by_days"]) == (2, {})


def test_another_column_can_stand_for_the_unit() -> None:
    found = asked("--pack", "cn-2020-3", "--input", str(SAMPLE), "--unit-column", "channel")
    groups = found["packs"][0]["groups"]
    assert groups["unit"] == groups["channel"]


@pytest.mark.parametrize(
    ("name", "content", "words", "reason"),
    [
        ("a.csv", "received,note\n", (), "no columns received and answered or closed"),
        ("a.csv", "received,closed\n", ("--unit-column", "desk"), "column desk: is missing"),
        ("a.parquet", "received,closed\n", (), "is not a Parquet file"),
        ("a.csv", "received,closed\n", ("--pack", "cn-2020-3"), "one pack is named twice"),
        ("a.csv", "received,closed\n", ("--pack", "no-such-pack"), "no rule pack is called 'no-such-pack'"),
        ("a.csv", "received,closed\n", ("--svg", "no/such/folder/a.svg"), "cannot be written"),
        ("a.csv", "received,closed\n", ("--mapping", "no-such.yaml"), "cannot be read"),
        ("a.csv", "received,closed\n", ("--input", "no-such.csv"), "no-such.csv: cannot be read"),
        ("a.csv", "received,closed\n", ("--input", "no-such.parquet"), "no-such.parquet: cannot be read"),
    ],
)
def test_what_makes_no_sense_is_one_line(
    tmp_path: Path, name: str, content: str, words: tuple[str, ...], reason: str
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    result = run("what-if", "--pack", "cn-2020-3", "--input", str(tmp_path / name), *words)
    assert result.exit_code == BAD_INPUT
    assert reason in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_several_processes_count_what_one_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than one chunk, so that the work is really shared; among the rows some that are rejected."""
    monkeypatch.setattr(what_if_rows, "CHUNK", chunk := 1000)
    given = rows(2 * chunk + 10)
    given[5] = given[chunk + 5] = ("", "", "", "", "no day", "")
    given[6] = ("", "", "", "", "", "")  # An empty row is none.
    words = ("--pack", "company-life", "--input", str(write(tmp_path / "closed.csv", given)))
    alone, together = (asked(*words, "--jobs", jobs, code=REFUSED) for jobs in ("1", "2"))
    assert alone == together
    assert alone["rejected"][0]["rows"] == [7, chunk + 7]


def test_no_more_than_a_few_chunks_are_ever_in_memory(tmp_path: Path) -> None:
    """However long the file is: chunks are read only as they are counted."""
    jobs, ahead = 2, []
    read = counted = 0

    def watched(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        nonlocal read
        for chunk in chunks:
            read += 1
            ahead.append(read - counted)
            yield chunk

    def done(_: int) -> None:
        nonlocal counted
        counted += 1

    path = write(tmp_path / "closed.csv", rows(600))
    with open_closed(path, None, None, size=20) as file:
        found = count_all(["cn-2020-3"], replace(file, chunks=watched(file.chunks)), jobs, done)
    assert (found.rows, read, counted) == (600, 30, 30)
    assert max(ahead) <= jobs * WAITING + 1
