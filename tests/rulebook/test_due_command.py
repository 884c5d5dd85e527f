"""``python -m rulebook due`` as a person or a program runs it: one JSON object, or one line and exit code 2."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from contextlib import redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest

from rulebook.command_line import main

ROOT = Path(__file__).parents[2]
WORKED = ("--pack", "cn-2020-3", "--limit", "decide_simple", "--start", "2026-03-02T10:00:00+08:00")
PLAIN = ("--amount", "5", "--unit", "wd")


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "rulebook", *arguments],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def printed(*arguments: str, **variables: str) -> dict[str, Any]:
    """Return the object that the command prints in a process of its own."""
    done = run("due", *arguments, **variables)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") == 1
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def due(*arguments: str) -> dict[str, Any]:
    """Return the object that the command prints, without a process."""
    out = BytesIO()
    with TextIOWrapper(out) as text, redirect_stdout(text):
        assert main(["due", *arguments]) == 0
        found: dict[str, Any] = json.loads(out.getvalue())
    return found


def test_the_worked_example_prints_the_whole_proof() -> None:
    assert printed(*WORKED) == {
        "due": "2026-03-18T00:00:00+08:00",
        "last_day": "2026-03-17",
        "amount": 15,
        "unit": "nd",
        "extended_by": 0,
        "limit": "decide_simple",
        "citation": "办法 第十八条第一款",
        "pack": "cn-2020-3",
        "start": "2026-03-02T10:00:00+08:00",
        "started_by": None,
        "time_zone": "Asia/Shanghai",
        "calendar": "cn@2025-11-04",
        "provisional": False,
        "skipped": [],
        "pauses": [],
        "computed_at": None,
        "reason": None,
    }


@pytest.mark.parametrize(
    ("limit", "last_day"),
    [
        ("decide_complex", "2026-04-01"),
        ("decide_extension", "2026-04-01"),
        ("review_request", "2026-04-01"),
        ("review_decide", "2026-04-01"),
    ],
)
def test_every_limit_of_the_statute_has_an_answer_with_its_article(limit: str, last_day: str) -> None:
    proof = due("--pack", "cn-2020-3", "--limit", limit, "--start", "2026-03-02T10:00:00+08:00")
    assert (proof["last_day"], proof["limit"], proof["amount"]) == (last_day, limit, 30)
    assert proof["citation"].startswith("办法 第")


@pytest.mark.parametrize(
    ("amount", "unit", "expected"),
    [
        ("60", "nd", "2026-05-02T00:00:00+08:00"),
        ("5", "wd", "2026-03-10T00:00:00+08:00"),
        ("24", "h", "2026-03-03T10:00:00+08:00"),
    ],
)
def test_a_limit_can_be_given_without_a_pack(amount: str, unit: str, expected: str) -> None:
    proof = due("--amount", amount, "--unit", unit, "--start", "2026-03-02T02:00:00Z")
    assert (proof["due"], proof["pack"], proof["limit"], proof["citation"]) == (expected, None, None, None)


def test_pauses_are_left_out_and_named_in_the_order_of_time() -> None:
    second, first = "2026-03-12T12:00:00+08:00/2026-03-13T12:00:00+08:00", "2026-03-10/2026-03-11"
    proof = due(*WORKED, "--pause", second, "--pause", first)
    assert proof["last_day"] == "2026-03-19"
    assert [pause["start"] for pause in proof["pauses"]] == ["2026-03-10T00:00:00+08:00", "2026-03-12T12:00:00+08:00"]


def test_the_appraisal_of_the_worked_example_moves_the_last_day_to_the_27th() -> None:
    assert due(*WORKED, "--pause", "2026-03-10/2026-03-20")["last_day"] == "2026-03-27"


def test_an_open_pause_leaves_no_deadline() -> None:
    proof = due(*WORKED, "--pause", "2026-03-10/")
    assert (proof["due"], proof["last_day"]) == (None, None)
    assert proof["pauses"] == [{"start": "2026-03-10T00:00:00+08:00", "end": None, "ground": ""}]


@pytest.mark.parametrize(
    ("start", "known_on", "last_day", "calendar"),
    [
        pytest.param("2019-04-30T10:00:00+08:00", "2019-03-21", "2019-05-03", "cn@2018-12-06", id="before 2019-03-22"),
        pytest.param("2019-04-30T10:00:00+08:00", "2019-03-22", "2019-05-06", "cn@2019-03-22", id="from 2019-03-22 on"),
        pytest.param("2020-01-23T10:00:00+08:00", "2020-01-26", "2020-02-01", "cn@2019-11-21", id="before 2020-01-27"),
        pytest.param("2020-01-23T10:00:00+08:00", "2020-01-27", "2020-02-04", "cn@2020-01-27", id="from 2020-01-27 on"),
    ],
)
def test_a_notice_published_in_mid_year_counts_from_its_publication(
    start: str, known_on: str, last_day: str, calendar: str
) -> None:
    proof = due("--amount", "2", "--unit", "wd", "--start", start, "--known-on", known_on)
    assert (proof["last_day"], proof["calendar"], proof["provisional"]) == (last_day, calendar, False)


def test_the_notice_for_a_year_makes_a_provisional_deadline_final() -> None:
    question = (*PLAIN, "--start", "2025-12-31T10:00:00+08:00")
    before = due(*question, "--known-on", "2025-11-03")
    after = due(*question, "--known-on", "2025-11-04")
    assert (before["last_day"], before["provisional"]) == ("2026-01-07", True)
    assert (after["last_day"], after["provisional"]) == ("2026-01-08", False)


def test_beyond_the_last_published_year_a_working_day_limit_is_provisional() -> None:
    proof = due(*PLAIN, "--start", "2027-01-04T10:00:00+08:00")
    assert (proof["last_day"], proof["provisional"], proof["calendar"]) == ("2027-01-11", True, "cn@2025-11-04")


def test_the_proof_names_the_days_off_and_the_make_up_days_with_their_notice() -> None:
    proof = due("--amount", "1", "--unit", "wd", "--start", "2026-04-30T10:00:00+08:00")
    assert [entry["day"] for entry in proof["skipped"]] == [f"2026-05-0{day}" for day in range(1, 6)]
    assert proof["skipped"][0] == {"day": "2026-05-01", "working": False, "reason": "劳动节", "source": "cn-2026"}


def test_the_answer_is_utf8_whatever_the_locale() -> None:
    assert printed(*WORKED, PYTHONIOENCODING="latin-1", LC_ALL="C")["citation"] == "办法 第十八条第一款"


START = ("--start", "2026-03-02T10:00:00+08:00")
BAD = {
    "naive start": ((*WORKED[:4], "--start", "2026-03-02T10:00:00"), "--start must carry a time zone"),
    "a date as start": ((*WORKED[:4], "--start", "2026-03-02"), "--start must carry a time zone"),
    "no instant": ((*WORKED[:4], "--start", "yesterday"), "--start: not an instant"),
    "no such day": ((*WORKED[:4], "--start", "2026-02-30T10:00:00+08:00"), "--start: not an instant"),
    "unknown pack": (("--pack", "cn-1999-1", "--limit", "decide_simple", *START), "there are au-rg271, cn-2013-8"),
    "a pack outside the folder": (("--pack", "../packs/cn-2020-3", "--limit", "decide_simple", *START), "no rule pack"),
    "an empty pack": (("--pack", "", "--limit", "decide_simple", *START), "no rule pack"),
    "unknown limit": (("--pack", "cn-2020-3", "--limit", "decide", *START), "there are decide_simple, decide_complex"),
    "unknown unit": (("--amount", "5", "--unit", "P5D", *START), "invalid choice"),
    "amount 0": (("--amount", "0", "--unit", "nd", *START), "must be positive"),
    "amount -1": (("--amount", "-1", "--unit", "nd", *START), "must be positive"),
    "a huge amount": (("--amount", "9" * 30, "--unit", "wd", *START), "at most 10,000 working days"),
    "an amount too long to read": (("--amount", "9" * 5000, "--unit", "nd", *START), "invalid int value"),
    "a broken amount": (("--amount", "1.5", "--unit", "nd", *START), "invalid int value"),
    "no limit": (("--pack", "cn-2020-3", *START), "--pack goes with --limit"),
    "a limit without a pack": (("--limit", "decide_simple", *START), "give --pack and --limit"),
    "an amount beside a pack": ((*WORKED, "--amount", "5"), "without --amount"),
    "amount without unit": (("--amount", "5", *START), "give --pack and --limit, or --amount and --unit"),
    "nothing": ((), "--start"),
    "no start": (("--amount", "5", "--unit", "nd"), "required: --start"),
    "pause without end mark": ((*WORKED, "--pause", "2026-03-10"), "--pause: not START/END"),
    "reversed pause": ((*WORKED, "--pause", "2026-03-20/2026-03-10"), "must not end before it starts"),
    "naive pause": ((*WORKED, "--pause", "2026-03-10T10:00:00/2026-03-11T10:00:00"), "--pause must carry a time zone"),
    "a pause from nothing": ((*WORKED, "--pause", "/2026-03-10"), "--pause: not an instant"),
    "a day that is none": ((*WORKED, "--pause", "2026-02-30/2026-03-10"), "--pause: not a date"),
    "no date known on": ((*WORKED, "--known-on", "soon"), "--known-on: not a date"),
    "an empty date known on": ((*WORKED, "--known-on", ""), "--known-on: not a date"),
    "year 9999": ((*WORKED[:4], "--start", "9999-12-31T10:00:00+08:00"), "the years 1 to 9999"),
    "year 9999 in working days": ((*PLAIN, "--start", "9999-12-30T10:00:00+08:00"), "the years 1 to 9999"),
    "year 1": ((*WORKED[:4], "--start", "0001-01-01T00:00:00+14:00"), "the years 1 to 9999"),
    "a pause to the end of time": ((*WORKED, "--pause", "2026-03-10/9999-12-31"), "the years 1 to 9999"),
    "a pause before time": ((*WORKED, "--pause", "0001-01-01/2026-03-10"), "the years 1 to 9999"),
    "an unknown option": ((*WORKED, "--color\nred"), "unrecognized arguments"),
}


@pytest.mark.parametrize(("arguments", "reason"), BAD.values(), ids=BAD)
def test_bad_input_is_one_line_and_exit_code_2(
    arguments: tuple[str, ...], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["due", *arguments])
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert err.startswith("Error: ")
    assert err.count("\n") == 1
    assert reason in err


@pytest.mark.parametrize("name", ["no start", "year 9999"])
def test_bad_input_ends_the_process_with_one_line_and_no_traceback(name: str) -> None:
    arguments, reason = BAD[name]
    done = run("due", *arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("Error: ")
    assert reason in done.stderr


@pytest.mark.parametrize("arguments", [(), ("overdue",)])
def test_a_missing_or_unknown_command_is_bad_input_too(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(arguments)
    out, err = capsys.readouterr()
    assert (code, out, err.count("\n")) == (2, "", 1)


def test_the_help_ends_with_an_example_that_works() -> None:
    shown = run("due", "--help")
    assert shown.returncode == 0
    example = shown.stdout.split("Example:")[1].split()
    assert example[:4] == ["python", "-m", "rulebook", "due"]
    assert printed(*example[4:])["last_day"] == "2026-03-17"


def test_the_command_and_the_dates_in_the_documentation_are_what_one_gets() -> None:
    text = (ROOT / "docs" / "rulebook.md").read_text(encoding="utf-8")
    shown = next(line for line in text.splitlines() if line.startswith("$ python -m rulebook due"))
    start = shown.split("--start ")[1]
    rows = re.findall(r"^\| `(\w+)`[^|]*?(?:from ([\d-]+) to ([\d-]+) )?\| ([\d-]+) \| (\S+) \|", text, re.MULTILINE)
    assert [row[0] for row in rows] == ["decide_simple", "decide_complex", "decide_simple"]
    assert due(*shown.split()[5:])["due"].startswith(rows[0][4][:16])
    for limit, begin, end, last_day, instant in rows:
        pause = ("--pause", f"2026-{begin}/2026-{end}") if begin else ()
        proof = due("--pack", "cn-2020-3", "--limit", limit, "--start", start, *pause)
        assert (proof["last_day"], proof["due"]) == (last_day, instant.replace("+08:00", ":00+08:00"))
