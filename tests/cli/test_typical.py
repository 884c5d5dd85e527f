"""Typical cases, as people type them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from activities.ledger import Ledger
from activities.typical import NOT_CLOSED
from cli.errors import BAD_INPUT, REFUSED
from models.actor import TEACHERS
from models.typical import REFUSALS
from tests.archive.parts import closed_case
from tests.cli.conftest import run
from tests.fresh_record import fresh_record
from tests.present import now
from tests.records.parts import NAME, open_case

REFUSALS_BY_CODE = {code: sentence for code, sentence, _ in REFUSALS}
TOLD = ("--title", "理赔资料反复补交", "--facts", "三次要求补交同一份病历", "--lesson", "首次沟通即列明所需资料")
MORE = ("--cause", "claims_process", "--keyword", "一次性告知", "--keyword", "病历")
BY = ("--as", "p-gd-kf-03")
CHOOSE = ("typical", "choose", "C-001", *TOLD, *MORE)


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    url = fresh_record(tmp_path)
    with Ledger.open(url) as ledger:
        closed_case(ledger, "C-001", policy={"product": "安康一号"})
        open_case(ledger, "C-002")
    return {"TOUSU_HOME": str(tmp_path)}


def said(home: dict[str, str], *words: str) -> str:
    result = run(*words, env=home)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def lines(home: dict[str, str], *words: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said(home, *words, "--json").splitlines()]


def test_a_case_is_chosen_revised_found_shown_and_withdrawn(home: dict[str, str]) -> None:
    assert said(home, *CHOOSE, *BY) == "C-001  典型案例 typical\n"
    revise = ("typical", "revise", "C-001", "--lesson", "受理时即列明资料", "--reason", "更准确")
    assert said(home, *revise, "--as", "p-hq-xb-01") == "C-001  典型案例 typical · 修订1次 revised 1×\n"
    (one,) = lines(home, "typical", "list", "--unit", "gd", "--period", f"{now().year}")
    assert (one["title"], one["lesson"], one["cause"], one["keywords"]) == (
        "理赔资料反复补交",
        "受理时即列明资料",
        "claims_process",
        ["一次性告知", "病历"],
    )
    assert (one["unit"], one["categories"], one["product"]) == ("gd-sz", ["claims"], "安康一号")
    for words in (("病历",), ("--category", "claims", "--product", "安康"), ("--cause", "claims_process")):
        assert lines(home, "typical", "find", *words) == [one]
    for words in (("保全",), ("--category", "payment"), ("--unit", "zj"), ("--period", "2020-01")):
        assert lines(home, "typical", "find", *words) == []
    shown = said(home, "typical", "show", "C-001")
    for part in ("受理时即列明资料", "理赔流程 the claims process", "修订 revised", "更准确", "p-hq-xb-01"):
        assert part in shown
    (full,) = lines(home, "typical", "show", "C-001")
    assert [event["type"] for event in full["history"]] == ["chosen", "revised"]
    withdraw = ("typical", "withdraw", "C-001", "--reason", "流程已取消")
    assert said(home, *withdraw, *BY).startswith("C-001  已撤回 withdrawn ")
    assert lines(home, "typical", "list") == []
    assert [line["withdrawn"]["reason"] for line in lines(home, "typical", "list", "--withdrawn")] == ["流程已取消"]
    assert "已撤回 withdrawn" in said(home, "typical", "list", "--withdrawn")
    assert run("typical", "verify", env=home).stderr == "1 件 typical cases, 0 件有差异 with differences\n"


@pytest.mark.parametrize(
    ("who", "code"),
    [
        pytest.param("p-gd-sz-kf-01", None, id="customer service of the unit"),
        pytest.param("p-gd-kf-01", None, id="of its province"),
        pytest.param("p-hq-kf-01", None, id="of head office"),
        pytest.param("p-hq-xb-02", None, id="consumer protection"),
        pytest.param("p-zj-kf-03", "NotAuthorised", id="of another province"),
        pytest.param("p-gd-sz-lh-kf-01", "NotAuthorised", id="of a unit below"),
        pytest.param("p-gd-sz-yg-01", "NotAuthorised", id="another department"),
        pytest.param("p-gd-zjl-02", "NotAuthorised", id="management"),
        pytest.param("p-nobody", "UnknownActor", id="nobody"),
    ],
)
def test_the_right_office_chooses(home: dict[str, str], who: str, code: str | None) -> None:
    """R015: the unit's own customer service or consumer protection, and those above it."""
    result = run(*CHOOSE, "--as", who, env=home)
    assert (result.exit_code, len(lines(home, "typical", "list"))) == ((0, 1) if code is None else (REFUSED, 0))
    if code == "NotAuthorised":
        assert result.stderr == f"Error: --as: {TEACHERS} [NotAuthorised]\n"
    elif code:
        assert result.stderr.endswith(f"[{code}]\n")


def test_who_may_not_choose_may_not_change_either(home: dict[str, str]) -> None:
    said(home, *CHOOSE, *BY)
    for words in (("revise", "C-001", "--title", "新题"), ("withdraw", "C-001")):
        result = run("typical", *words, "--reason", "无", "--as", "p-zj-kf-03", env=home)
        assert (result.exit_code, result.stderr) == (REFUSED, f"Error: --as: {TEACHERS} [NotAuthorised]\n")
    assert lines(home, "typical", "list")[0]["title"] == "理赔资料反复补交"


@pytest.mark.parametrize(
    ("words", "line", "exit_code"),
    [
        (
            ("typical", "choose", "C-001", "--title", f"{NAME}的理赔", *TOLD[2:], *BY),
            "title: names somebody of the complaint, or has an address or number of theirs; tell it without [NamesSomebody]",
            REFUSED,
        ),
        (("typical", "choose", "C-002", *TOLD, *BY), f"{NOT_CLOSED} [NotClosed]", REFUSED),
        (("typical", "choose", "C-404", *TOLD, *BY), "there is no complaint C-404 [UnknownComplaint]", REFUSED),
        (
            ("typical", "withdraw", "C-001", "--reason", "无", *BY),
            "no typical case is told of this complaint [LedgerMissing]",
            REFUSED,
        ),
        (("typical", "choose", "C-001", "--title", "", *TOLD[2:], *BY), "--title: ", BAD_INPUT),
        (("typical", "choose", "C-001", *TOLD, "--cause", "weather", *BY), "--cause: one of ", REFUSED),
        (("typical", "find", "--category", "weather"), "--category: must be one of ", BAD_INPUT),
        (("typical", "list", "--period", "2026-13"), "a year has the months 01 to 12 [PeriodError]", BAD_INPUT),
        (
            ("typical", "list", "--unit", "nowhere"),
            "the organisation data know no such unit [OrganisationError]",
            BAD_INPUT,
        ),
        (("typical", "show", "C-001"), "no typical case is told of this complaint [LedgerMissing]", REFUSED),
        (("list", "--below"), "--below goes with --unit [BadInput]", BAD_INPUT),
    ],
)
def test_what_makes_no_sense_is_one_line(
    home: dict[str, str], words: tuple[str, ...], line: str, exit_code: int
) -> None:
    """Nothing of what was typed is repeated, and nothing moves."""
    result = run(*words, env=home)
    assert result.exit_code == exit_code, result.stderr
    assert result.stderr.startswith(f"Error: {line}")
    assert result.stderr.count("\n") == 1
    assert NAME not in result.stderr
    assert lines(home, "typical", "list", "--withdrawn") == []


def test_a_refusal_of_the_case_has_its_sentence(home: dict[str, str]) -> None:
    said(home, *CHOOSE, *BY)
    result = run(*CHOOSE, *BY, env=home)
    assert (result.exit_code, result.stderr) == (
        REFUSED,
        f"Error: {REFUSALS_BY_CODE['ChosenAlready']} [ChosenAlready]\n",
    )


def test_a_book_for_training_is_one_page(home: dict[str, str], tmp_path: Path) -> None:
    """Markup in what was told stays text; another province's book is empty."""
    said(home, "typical", "choose", "C-001", *TOLD[:4], "--lesson", "<b>列明</b>", *BY)
    path = Path(said(home, "typical", "book", "--unit", "gd", "--out", str(tmp_path / "training")).strip())
    assert path.name == "typical-cases-all-gd.html"
    page = path.read_text(encoding="utf-8")
    for part in ("典型案例汇编", "1. 理赔资料反复补交", "三次要求补交同一份病历", "安康一号", "&lt;b&gt;列明"):
        assert part in page
    assert NAME not in page
    other = Path(said(home, "typical", "book", "--unit", "zj", "--out", str(tmp_path / "training")).strip())
    assert "理赔资料" not in other.read_text(encoding="utf-8")


def test_a_province_lists_the_complaints_of_its_cities(home: dict[str, str]) -> None:
    """R015: the daily look of a province over all units below it."""
    assert [line["complaint_id"] for line in lines(home, "list", "--unit", "gd", "--below")] == ["C-001"]
    assert lines(home, "list", "--unit", "gd") == []
    assert lines(home, "list", "--unit", "zj", "--below") == []
