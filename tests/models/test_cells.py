"""Cells of CSV files: nothing runs in a spreadsheet, and everything reads back as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.cells import marked, shielded, unmarked
from models.mapping import ColumnMapping

LIKELY = st.text(alphabet="'=+-@\t\r \uff1d1a", max_size=6)


@pytest.mark.parametrize(
    "text", ["=1+1", "=HYPERLINK(1)", "@SUM(1)", "+1+cmd|1", "-2+3", "\t=1", " =1", "\uff1d1", "'=1"]
)
def test_what_a_spreadsheet_would_run_is_marked_as_text(text: str) -> None:
    assert marked(text) == f"'{text}"
    assert unmarked(marked(text)) == text


@pytest.mark.parametrize(
    "text", ["", "12", "-5", "+8675500000001", "-0.5", "a=b", "'", "'quoted'", "2026-03-02", "理赔"]
)
def test_plain_text_and_numbers_stay_as_they_are(text: str) -> None:
    assert marked(text) == text
    assert unmarked(text) == text


@given(LIKELY | st.text())
def test_whatever_is_marked_reads_back(text: str) -> None:
    assert unmarked(marked(text)) == text


def test_a_mapping_reads_marked_cells_as_what_they_were() -> None:
    mapping = ColumnMapping.model_validate(
        {"fields": {name: {"column": name} for name in ("complaint_id", "received_at", "channel", "facts")}
         | {"complainant.kind": {"const": "person"}, "complainant.name": {"const": "n"},
            "respondent.unit": {"const": "gd"}}}
    )  # fmt: skip
    [(_, cells)] = mapping.rows(["complaint_id,received_at,channel,facts\n", "C-1,2026-03-02,phone,'=1+1\n"])
    assert isinstance(cells, dict)
    assert cells["facts"] == "=1+1"


@pytest.mark.parametrize("text", ['="13800000001"', "'13800000001", "'+8613800000001", "'''1", '="a""b"', "'X12"])
def test_a_text_that_would_be_read_as_another_is_shielded(text: str) -> None:
    assert unmarked(text) != text
    assert unmarked(shielded(text)) == text
    assert unmarked(marked(text)) == text


@given(LIKELY | st.text())
def test_whatever_is_shielded_reads_back(text: str) -> None:
    assert unmarked(shielded(text)) == text
