"""A day that is known from a library says so wherever people read a proof."""

from __future__ import annotations

import pytest

from cli.proof_page import to_html
from cli.proof_text import print_proof
from models.proof import CaseProof
from models.proving import _notices, prove
from rulebook.calendar import calendar
from tests.records.parts import PIN, story

MARK = "〔二手资料 secondary〕"


@pytest.fixture
def proof() -> CaseProof:
    """A proof of which one day was decided by the file for England and Wales."""
    made = prove("C-1", story(), PIN, "a" * 64)
    duty = next(one for one in made.duties if one.key == "decide")
    version = duty.versions[-1]
    named = version.days[1].model_copy(update={"source": "gb-eng-2020", "mark": "secondary"})
    version = version.model_copy(update={"days": (version.days[0], named, *version.days[2:])})
    duties = (duty.model_copy(update={"versions": (version,)}),)
    return made.model_copy(update={"duties": duties, "notices": _notices(calendar("gb-eng"), duties)})


def test_the_notice_of_a_proof_says_where_it_comes_from_and_what_it_leaves_out(proof: CaseProof) -> None:
    (notice,) = proof.notices
    assert (notice.id, notice.mark) == ("gb-eng-2020", "secondary")
    assert notice.source == "holidays 0.109 (Python library), GB-ENG, public holidays"
    assert notice.note is not None
    assert notice.note.startswith("Bank and public holidays of England and Wales; Scotland")
    assert CaseProof.model_validate_json(proof.model_dump_json()) == proof


def test_the_terminal_shows_the_mark_beside_the_day_and_the_file(
    proof: CaseProof, capsys: pytest.CaptureFixture[str]
) -> None:
    print_proof(proof, dict.fromkeys(range(1, 100), "s"))
    lines = capsys.readouterr().out.splitlines()
    assert [MARK in line for line in lines if "│ gb-eng-2020" in line or line.startswith("  gb-eng-2020:")] == [
        True
    ] * 2
    assert "    holidays 0.109 (Python library), GB-ENG, public holidays" in lines


def test_the_page_shows_the_mark_and_the_source_of_the_file(proof: CaseProof) -> None:
    page = to_html(proof, dict.fromkeys(range(1, 100), "s"))
    assert f"Public holidays of England and Wales{MARK}，2026-11-20 公布" in page
    assert "holidays 0.109 (Python library), GB-ENG, public holidays" in page
    assert "Scotland and Northern Ireland have others" in page
