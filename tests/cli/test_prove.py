"""The proof on the command line: for people, for programs, and as one page that loads nothing."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel

from activities.ledger import Ledger
from cli.errors import BAD_INPUT, REFUSED
from cli.proof_text import print_proof
from models.moving import DutyChange, DutyStand, RulesChange
from models.proof import BreachProof, CaseProof, DayProof, DutyProof, LimitProof, PauseProof, VersionProof
from models.proving import prove
from rulebook.pack import pin_for
from tests.cli.conftest import run
from tests.fresh_record import fresh_record
from tests.records.parts import COMPANY_PIN, NAME, PIN, open_case, received, slip_story, story, tamper, whole_case
from tests.repository.parts import text_of
from tests.rulebook.helpers import on

MOVE = (RulesChange, DutyChange, DutyStand)
PARTS = (CaseProof, DutyProof, VersionProof, LimitProof, DayProof, PauseProof, BreachProof, *MOVE)


UK_PIN = pin_for(on("Mon 2026-03-02 10:00"), date(2026, 11, 25), "GB")


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An installation whose record holds three complaints; no server runs."""
    home = tmp_path_factory.mktemp("prove")
    url = fresh_record(home)
    with Ledger.open(url) as ledger:
        whole_case(ledger)
        open_case(ledger, "C-2")
        ledger.append("C-2", 1, slip_story("C-2"), COMPANY_PIN)
        open_case(ledger, "C-3")
        open_case(ledger, "C-4")
        ledger.append("C-4", 1, [received("C-4")], UK_PIN)
    return {"TOUSU_HOME": str(home)}


def test_the_law_of_another_jurisdiction_shows_how_firm_it_is(env: dict[str, str]) -> None:
    """Eight weeks from Mon 2026-03-02 in London; what is only remembered says so, and the audit agrees."""
    result = run("prove", "C-4", env=env)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "8 周 8 weeks · decide · DISP 1.6.2R〔凭记忆 recalled〕 · uk-disp" in result.stdout
    assert "3 工作日 3 working days · early · DISP 1.5.1R · uk-disp" in result.stdout
    assert "2026-04-27 (周一) 24:00" in result.stdout
    assert "起算 start: 2026-03-02 (周一) 02:00" in result.stdout, (
        "everything is told in the time of the law that applies"
    )
    assert "2026-03-02 (周一) 02:00" in run("timeline", "C-4", env=env).stdout
    assert run("verify", "C-4", env=env).exit_code == 0


def test_people_read_every_day_with_its_reason(env: dict[str, str]) -> None:
    result = run("prove", "C-1", "--duty", "decide", env=env)
    assert (result.exit_code, result.stderr) == (0, "")
    for text in (
        "起算 start: 2026-03-02 (周一) 10:00 · #1 收到投诉 received",
        "15 自然日 15 natural days · decide_simple · 办法 第十八条第一款 · cn-2020-3",
        "不计入 left out: 2026-03-04 (周三) 09:00 → 2026-03-05 (周四) 09:00 · 鉴定、检测、评估",
        "最后期限 due: 2026-03-18 (周三) 24:00 · 2026-03-19T00:00:00+08:00 · 逐日核对一致",
        "2026-03-02 (周一) │ 起算日 day 0",
        "周末，自然日照计 weekend: natural days count all the same",
        "依法不计入期限的期间结束，期限顺延 #6",
        "发现延迟 detected after 即时 at once · #9",
        "终止 ended: 2026-03-20 (周五) 15:00 · #11 已告知 told",
        "确定 final（已公布至 published up to 2026-12-31）",
    ):
        assert text in result.stdout, text
    assert "review_window" not in result.stdout


@pytest.mark.parametrize(
    ("delay", "said"), [(timedelta(hours=5), "05:00:00"), (timedelta(days=2), "2 日 00:00:00 2 d 00:00:00")]
)
def test_a_delay_that_reads_alike_in_both_languages_is_said_once(
    delay: timedelta, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    proof = prove("C-1", story(), PIN, "a" * 64)
    duty = next(one for one in proof.duties if one.breaches)
    late = duty.model_copy(update={"breaches": [duty.breaches[0].model_copy(update={"delay": delay})]})
    print_proof(proof.model_copy(update={"duties": [late]}), dict.fromkeys(range(1, proof.events + 1), ""))
    assert f"发现延迟 detected after {said} · #" in capsys.readouterr().out


def test_programs_read_one_object_of_the_documented_shape(env: dict[str, str]) -> None:
    result = run("prove", "C-2", "--json", env=env)
    (line,) = result.stdout.splitlines()
    made = CaseProof.model_validate_json(line)
    assert (made.format, made.complaint_id, made.events) == ("tousu-proof/1", "C-2", 11)
    assert {"decide", "s1/accept", "s1/progress#2"} <= {duty.key for duty in made.duties}


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_every_field_of_the_shape_is_documented(part: type[BaseModel]) -> None:
    proof = text_of("docs/command-line.md").partition("### Proof")[2].partition("### Audit")[0]
    assert [name for name in part.model_fields if f"`{name}`" not in proof] == []


@pytest.mark.parametrize("key", ["decide", "s1/accept", "s1/progress#2"])
def test_one_duty_is_named_by_its_key(env: dict[str, str], key: str) -> None:
    made = json.loads(run("prove", "C-2", "--duty", key, "--json", env=env).stdout)
    assert [duty["key"] for duty in made["duties"]] == [key]


def test_the_page_loads_nothing_and_names_no_complainant(env: dict[str, str], tmp_path: Path) -> None:
    for complaint_id in ("C-1", "C-2"):
        file = tmp_path / "out" / f"{complaint_id}.html"
        result = run("prove", complaint_id, "--html", str(file), env=env)
        assert (result.exit_code, result.stdout) == (0, f"{file}\n")
        page = file.read_text(encoding="utf-8")
        assert re.findall(r"(?:src|href)=|url\(|@import|<script", page) == []
        assert NAME not in page
        assert "期限证明" in page
        assert "逐日计算的结果与记录的期限一致" in page
        assert "不一致" not in page


def test_the_page_shows_the_days_as_a_calendar(env: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "proof.html"
    run("prove", "C-1", "--duty", "decide", "--html", str(file), env=env)
    page = file.read_text(encoding="utf-8")
    assert '<td class="zero"><span class="date"><span>2026-03-02</span></span><span class="n">起算日</span>' in page
    assert (
        '<td class="counted last"><span class="date"><span>03-18</span></span><span class="n">第 15 日</span>' in page
    )
    assert "<h2>1. 作出处理决定并告知投诉人" in page
    assert "<h2>2." not in page


def test_the_same_record_gives_the_same_page(env: dict[str, str], tmp_path: Path) -> None:
    files = [tmp_path / "a.html", tmp_path / "b.html"]
    for file in files:
        run("prove", "C-2", "--html", str(file), env=env)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_an_unknown_duty_is_refused_with_those_there_are(env: dict[str, str]) -> None:
    result = run("prove", "C-1", "--duty", "settle", env=env)
    line = "Error: there is no duty of this name; there are decide, tell_pause, review_window [UnknownDuty]\n"
    assert (result.exit_code, result.stdout, result.stderr) == (REFUSED, "", line)


def test_an_unknown_complaint_and_one_without_events_are_refused(env: dict[str, str]) -> None:
    unknown = run("prove", "X-404", env=env)
    assert (unknown.exit_code, unknown.stderr) == (REFUSED, "Error: there is no complaint X-404 [UnknownComplaint]\n")
    line = "Error: C-3 has just been registered, nothing is on record yet [NothingRecorded]\n"
    assert run("prove", "C-3", env=env).stderr == line


def test_two_answers_at_once_make_no_sense(env: dict[str, str], tmp_path: Path) -> None:
    result = run("prove", "C-1", "--json", "--html", str(tmp_path / "x.html"), env=env)
    assert (result.exit_code, result.stdout) == (BAD_INPUT, "")
    assert not (tmp_path / "x.html").exists()


def test_a_page_that_cannot_be_written_is_named(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    result = run("prove", "C-1", "--html", str(tmp_path / "file" / "x.html"), env=env)
    assert (result.exit_code, result.stdout) == (BAD_INPUT, "")
    assert "cannot be written" in result.stderr


def test_a_record_that_was_changed_is_not_proved(tmp_path: Path) -> None:
    url = fresh_record(tmp_path)
    with Ledger.open(url) as ledger:
        whole_case(ledger)
    tamper(url, "UPDATE event SET \"by\" = 'p-x' WHERE seq = 3")
    result = run("prove", "C-1", env={"TOUSU_HOME": str(tmp_path)})
    line = "Error: the record of C-1 does not verify; see tousu verify C-1 [RecordDiffers]\n"
    assert (result.exit_code, result.stdout, result.stderr) == (REFUSED, "", line)
