"""One complaint weighs differently for the company, the regulator and the annual report, and is handled the same."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from rulebook import events as ev
from rulebook.counting import weights
from tests.rulebook.helpers import COMPANY, PACK, received, said

NOON = "Mon 2026-03-02 12:00"


def escalated(*, responsible: bool) -> Any:
    """Return the escalation of an earlier complaint."""
    return said(ev.Escalated, NOON, earlier="C-1", to="regulator", responsible=responsible)


def excluded(ground: str) -> Any:
    """Return the decision to leave the complaint out of the company's figures."""
    return said(ev.CountingExcluded, NOON, ground=ground, reason="r")


MERGED = said(ev.Merged, NOON, into="C-1", reason="r")


@pytest.mark.parametrize(
    ("events", "company", "others"),
    [
        pytest.param([], 1, 1, id="an ordinary complaint"),
        pytest.param([escalated(responsible=True)], 2, 1, id="escalated, earlier closed as responsible (R166, C9)"),
        pytest.param([escalated(responsible=False)], 1, 1, id="escalated, the earlier one was not responsible"),
        pytest.param([escalated(responsible=True)] * 2, 2, 1, id="escalated further counts no more"),
        pytest.param([MERGED], 0, 0, id="merged: it counts with the one it joined (art. 18(3))"),
        pytest.param([escalated(responsible=True), MERGED], 0, 0, id="merged, though escalated"),
        *(
            pytest.param([excluded(ground)], 0, 1, id=f"{ground} (R080–R082, C8)")
            for ground in get_args(ev.CountingGround)
        ),
        pytest.param(
            [escalated(responsible=True), excluded("settled_on_the_spot")], 0, 1, id="left out, though escalated"
        ),
    ],
)
def test_each_audience_counts_by_its_own_profile(events: list[ev.Event], company: int, others: int) -> None:
    """The weight is in the profile, not in the data (C8, C9)."""
    assert weights(COMPANY, [received(), *events], forwarded=False) == {
        "company": company,
        "regulator": others,
        "annual": others,
    }


def test_a_pack_without_profiles_counts_for_nobody() -> None:
    assert weights(PACK, [received()], forwarded=True) == {}


def test_the_regulator_counts_what_it_forwarded_merged_or_not() -> None:
    """Set by the house: its numbers and ours must agree; the company counts the complaint once."""
    assert weights(COMPANY, [received(), MERGED], forwarded=True) == {"company": 0, "regulator": 1, "annual": 1}
    assert weights(COMPANY, [received(), excluded("settled_on_the_spot"), MERGED], forwarded=True)["company"] == 0
    assert weights(COMPANY, [received()], forwarded=True) == {"company": 1, "regulator": 1, "annual": 1}


@pytest.mark.parametrize("forwarded", [True, False])
def test_what_was_merged_counts_with_the_other_under_the_statute_alone_too(forwarded: bool) -> None:
    """Rules without profiles count each once: the merged one is told by the house's own profiles."""
    others = int(forwarded)
    found = weights(PACK, [received(), MERGED], forwarded=forwarded)
    assert found == {"company": 0, "regulator": others, "annual": others}
