"""What supervisors type: schedules, bulletins, samples and the watchdog, on a running installation of their own."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from activities.ledger import Ledger
from engine.server import EmbeddedServer
from models.supervision import SHIPPED
from tests.cli.conftest import House, running_house
from tests.records.test_supervision import SHA, late_and_closed, late_slips

CALLER = "p-gd-kf-02"
"""The callback team of the province."""
HEAD = "p-gd-kf-03"


@pytest.fixture(scope="module")
async def _home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Path]:
    home = tmp_path_factory.mktemp("supervision")
    async with EmbeddedServer(home):
        yield home


@pytest.fixture(scope="module")
def office(_home: Path) -> Iterator[House]:
    """A worker, and a record in which six cases of March 2026 were late and closed, and a slip still is late."""
    with running_house(_home) as house, Ledger.open(f"sqlite:///{_home / 'records.db'}") as ledger:
        for number in range(6):
            late_and_closed(ledger, f"C-late-{number}")
        late_slips(ledger, "C-slip")
        yield house


def said(house: House, *words: str) -> str:
    result = house.run(*words)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def drawn(house: House, run: str) -> list[str]:
    (shown,) = house.lines("sample", "show", run, "--json")
    return [one["complaint_id"] for one in shown["cases"] if one["part"] == "drawn"]


def test_schedules_are_applied_listed_paused_and_resumed(office: House) -> None:
    assert {line["change"] for line in office.lines("schedules", "apply", "--json")} == {"created"}
    assert {line["change"] for line in office.lines("schedules", "apply", "--json")} == {"unchanged"}
    said(office, "schedules", "pause", "bulletin", "--reason", "departments change")
    states = {line["schedule"]: line["state"] for line in office.lines("schedules", "list", "--json")}
    assert states["bulletin"] == "暂停 paused (departments change)"
    assert states["sample"] == "运行 running"
    said(office, "schedules", "resume", "bulletin")
    assert "暂停" not in said(office, "schedules", "list")
    assert "apply --anew" not in said(office, "schedules", "apply", "--anew")


def test_a_bulletin_is_made_now_and_read(office: House, tmp_path: Path) -> None:
    """Asked for twice it is made once; its document is printed, or written as a page."""
    run = said(office, "schedules", "run-now", "bulletin").strip()
    assert run.startswith("bulletin-20")
    again = said(office, "schedules", "run-now", "bulletin")
    assert "nothing is owed" in again
    assert again.endswith("08:30 Asia/Shanghai\n")
    (line,) = office.lines("schedules", "runs", "--schedule", "bulletin", "--json")
    assert (line["run"], line["committee"]) == (run, ["gd-sz/gd-sz-yg"])
    assert line["copies"] > 1
    assert "C-slip" in said(office, "schedules", "document", run)
    path = Path(said(office, "schedules", "document", run, "--area", "gd", "--out", str(tmp_path)).strip())
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert said(office, "schedules", "runs")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("run-now", "nothing"), "there is no schedule of this id; there are bulletin, sample"),
        (("run-now", "watchdog"), "the watchdog looks now by `tousu watchdog`"),
        (("run-now", "sample", "--period", "2026-W10"), "sample is made for every month [PeriodError]"),
        (("run-now", "sample", "--period", "2099-01"), "2099-01 is not over yet [PeriodNotOver]"),
        (
            ("run-now", "sample", "--period", "1999-01"),
            "1999-01 was over before the record began; nothing can be told of it",
        ),
        (("document", "bulletin-1999-W01"), "the record has no such run; see tousu schedules runs [UnknownRun]"),
        (("pause", "nothing", "--reason", "x"), "there is no schedule of this id"),
    ],
)
def test_what_makes_no_sense_is_one_line(office: House, words: tuple[str, ...], error: str) -> None:
    result = office.run("schedules", *words)
    assert result.exit_code in {1, 2}
    assert error in result.stderr
    assert result.stderr.count("\n") == 1


def test_times_are_in_the_zone_of_the_schedules_and_name_it(office: House, tmp_path: Path) -> None:
    """Another zone in the file: lists have it, as people read them and as JSON, not the zone of whoever asks."""
    assert "Asia/Shanghai" in said(office, "schedules", "list")
    text = SHIPPED.read_text(encoding="utf-8").replace("time_zone: Asia/Shanghai", "time_zone: America/Chicago", 1)
    (file := tmp_path / "supervision.yaml").write_text(text, encoding="utf-8")
    elsewhere = {"TOUSU_SUPERVISION": str(file)}
    for words in (("schedules", "list"), ("schedules", "runs")):
        assert "America/Chicago" in office.run(*words, env=elsewhere).stdout
    told = office.run("schedules", "list", "--json", env=elsewhere).stdout.splitlines()
    assert told
    for line in map(json.loads, told):
        assert line["time_zone"] == "America/Chicago"
        assert line["next"] is None or line["next"].endswith(("-06:00", "-05:00"))


@pytest.fixture(scope="module")
def sample(office: House) -> str:
    return said(office, "schedules", "run-now", "sample", "--period", "2026-03").strip()


def test_a_sample_is_drawn_again(office: House, sample: str) -> None:
    assert said(office, "sample", "verify", sample) == "sample-2026-03: 一致 the same: 2 of 6 drawn\n"
    (found,) = office.lines("sample", "verify", sample, "--json")
    assert found == {"run": sample, "ok": True, "differences": [], "population_today": {"more": [], "fewer": []}}
    assert len(drawn(office, sample)) == 2
    assert "抽取 drawn" in said(office, "sample", "show", sample)


def test_the_callback_team_records_the_four_items(office: House, sample: str) -> None:
    """R161: all four, by the area's own team; who is of another place, or leaves one out, is refused."""
    one = drawn(office, sample)[0]
    whole = ("--reached", "--contacted", "--opinion", "acceptable", "--attitude", "4", "--speed", "2")
    assert "第1次 attempt 1" in said(office, "sample", "call", sample, one, "--not-reached", "--as", CALLER)
    assert "第2次 attempt 2" in said(office, "sample", "call", sample, one, *whole, "--as", CALLER)
    for words, code in (
        ((*whole, "--as", "p-zj-kf-02"), "NotAuthorised"),
        ((*whole[:-2], "--as", CALLER), "BadInput"),
        ((*whole, "--verdict", "sound", "--as", CALLER), "BadInput"),
        (
            ("--reached", "--contacted", "--opinion", "fine", "--attitude", "4", "--speed", "2", "--as", CALLER),
            "BadInput",
        ),
        ((*whole, "--as", "nobody"), "UnknownActor"),
    ):
        result = office.run("sample", "call", sample, one, *words)
        assert result.exit_code != 0
        assert f"[{code}]" in result.stderr
    assert "已联系 acceptable" in said(office, "sample", "show", sample)
    nothing = office.run("sample", "follow-up", sample, one, "--confirmed", "--evidence", SHA, "--as", HEAD)
    assert "[NothingToFollow]" in nothing.stderr


def test_no_contact_asks_for_the_recordings(office: House, sample: str) -> None:
    """R163: what they confirm goes to the managers; a wrong hash and a person without the office are refused."""
    one = drawn(office, sample)[1]
    asked = (
        "--reached",
        "--no-contact",
        "--opinion",
        "dissatisfied",
        "--attitude",
        "1",
        "--speed",
        "1",
        "--as",
        CALLER,
    )
    assert "follow-up (R163)" in said(office, "sample", "call", sample, one, *asked)
    follow = ("sample", "follow-up", sample, one, "--confirmed")
    assert "[BadInput]" in office.run(*follow, "--evidence", "x", "--as", HEAD).stderr
    assert "[NotAuthorised]" in office.run(*follow, "--evidence", SHA, "--as", CALLER).stderr
    assert "属实 confirmed, 1 份" in said(office, *follow, "--evidence", SHA, "--as", HEAD)


def test_a_wrong_result_goes_to_the_managers_to_be_corrected(office: House) -> None:
    """R023, R191: a closed case is checked by head office; a wrong result is told to who must correct it."""
    run = said(office, "schedules", "run-now", "closures", "--period", "2026-03").strip()
    one = drawn(office, run)[0]
    check = ("sample", "call", run, one, "--not-reached", "--as", "p-hq-xb-02")
    assert "[BadInput]" in office.run(*check).stderr, "a check has a verdict"
    assert "[NotAuthorised]" in office.run(*check[:-1], "p-zj-kf-02", "--verdict", "sound").stderr
    assert "follow-up" in said(office, *check, "--verdict", "wrong_result")
    said(office, "sample", "follow-up", run, one, "--confirmed", "--evidence", SHA, "--as", "p-hq-xb-02")
    letter = (office.home / "outbox" / f"{run}.{one}.follow-up.p-gd-zjl-02.txt").read_text(encoding="utf-8")
    assert "整改" in letter


def test_a_wish_to_wait_needs_its_proof_and_a_stranger_to_the_case(office: House) -> None:
    """R162: noted by the province, of a day before the limit ended; who is of the unit that was late is refused."""
    wish = ("sample", "wish", "C-late-0", "--on", "2026-03-10", "--evidence")
    for words, code in (
        ((*wish, "no", "--as", CALLER), "BadInput"),
        ((*wish, SHA, "--as", "p-gd-sz-kf-02"), "NotAuthorised"),
        ((*wish, SHA, "--as", "nobody"), "UnknownActor"),
        (("sample", "wish", "C-late-0", "--on", "2026-03-19", "--evidence", SHA, "--as", CALLER), "WishTooLate"),
    ):
        result = office.run(*words)
        assert result.exit_code != 0
        assert f"[{code}]" in result.stderr
        assert result.stderr.count("\n") == 1
    assert said(office, *wish, SHA, "--as", CALLER) == "C-late-0: 已记录 noted\n"
    taken = office.run("sample", "wish", "C-late-1", "--on", "2026-03-10", "--evidence", SHA, "--as", CALLER)
    assert (taken.exit_code, "[EvidenceTaken]" in taken.stderr) == (1, True)
    unknown = office.run("sample", "wish", "C-unknown", "--on", "2026-03-10", "--evidence", SHA, "--as", CALLER)
    assert (unknown.exit_code, "[LedgerMissing]" in unknown.stderr) == (1, True)


def test_the_watchdog_leaves_with_one_when_something_is_wrong(office: House) -> None:
    """With and without Temporal: the six cases of the record have no workflow, and the slip's deadlines passed unnoticed."""
    result = office.run("watchdog", "--without-temporal", "--json")
    found = {(one["code"], one["subject"]) for one in map(json.loads, result.stdout.splitlines())}
    assert result.exit_code == 1
    assert ("DutyUnnoticed", "C-slip") in found
    lines = office.run("watchdog").stdout.splitlines()
    assert any(line.startswith("WorkflowMissing C-slip (unknown to the server): ") for line in lines)
    assert not any(line.startswith(("WorkerMissing", "ScheduleMissing")) for line in lines)
