"""Proven wishes to wait: who is late cannot take the case out of the sample himself (R160, R162)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from activities.delivery import Outbox
from activities.ledger import Ledger, LedgerConflict, LedgerMissing
from activities.supervision.steps import SupervisionActivities
from activities.supervision.wishes import REFUSALS, WishRefused, note_wish
from models.supervision_tables import WishRow
from rulebook import events as ev
from tests.records.parts import COMPANY_PIN, PIN, open_case, slip_story, story
from tests.records.test_supervision import ORGANISATION, RULES, late_and_closed, recorded, sampled
from tests.rulebook.helpers import on

NOTED = on("Wed 2026-03-25 10:00")
SHA, OTHER = "ab" * 32, "cd" * 32


@pytest.fixture
def steps(ledger: Ledger, tmp_path: Path) -> SupervisionActivities:
    return SupervisionActivities(ledger, Outbox(tmp_path / "outbox"), ORGANISATION, RULES)


def wished(complaint_id: str = "C-a", **more: Any) -> WishRow:
    said = {"evidence": SHA, "by": "p-gd-kf-02", "at": NOTED, "wished_on": date(2026, 3, 10), **more}
    return WishRow(complaint_id=complaint_id, **said)


def noted(ledger: Ledger, complaint_id: str = "C-a", **more: Any) -> WishRow:
    return note_wish(ledger, ORGANISATION, RULES, wished(complaint_id, **more))


def test_a_proven_wish_to_wait_keeps_a_case_out(ledger: Ledger, steps: SupervisionActivities) -> None:
    """R162: with its proof on the row; it counts neither among the drawn nor in the share."""
    late_and_closed(ledger, "C-a")
    first = noted(ledger)
    run = sampled(ledger, steps, count=5)
    out = [one for one in ledger.supervision.members(run) if one.part == "kept_out"]
    assert [(one.complaint_id, one.evidence, one.position) for one in out] == [("C-a", SHA, None)]
    assert sum(one.part == "drawn" for one in ledger.supervision.members(run)) == 1
    assert noted(ledger, at=on("Thu 2026-03-26 10:00")) == first, "noted again it is what it was"
    for other in ({"evidence": OTHER}, {"wished_on": date(2026, 3, 9)}):
        with pytest.raises(LedgerConflict, match="another proof"):
            noted(ledger, **other)


@pytest.mark.parametrize("who", ["p-gd-kf-01", "p-gd-kf-02", "p-hq-kf-02", "p-hq-kf-03"])
def test_the_province_and_head_office_note_it(ledger: Ledger, who: str) -> None:
    late_and_closed(ledger, "C-a")
    assert noted(ledger, by=who).by == who


@pytest.mark.parametrize(
    ("who", "code"),
    [
        pytest.param("p-gd-sz-kf-02", "NotAuthorised", id="a handler of the city that was late"),
        pytest.param("p-gd-gz-kf-02", "NotAuthorised", id="another city"),
        pytest.param("p-zj-kf-02", "NotAuthorised", id="the callback team of another province"),
        pytest.param("p-gd-gx-01", "NotAuthorised", id="another department of the province"),
        pytest.param("p-hq-gx-01", "NotAuthorised", id="another department of head office"),
        pytest.param("nobody", "UnknownActor", id="somebody whom nobody knows"),
    ],
)
def test_nobody_else_does(ledger: Ledger, who: str, code: str) -> None:
    late_and_closed(ledger, "C-a")
    refused(ledger, code, by=who)


def refused(ledger: Ledger, code: str, complaint_id: str = "C-a", **more: Any) -> None:
    before = ledger.supervision.wishes(["C-a", "C-b"])
    with pytest.raises(WishRefused) as error:
        noted(ledger, complaint_id, **more)
    assert (error.value.code, str(error.value)) == (code, REFUSALS[code])
    assert ledger.supervision.wishes(["C-a", "C-b"]) == before, "nothing was noted"


@pytest.mark.parametrize("part", ["assigned", "coordinator", "decided and closed"])
def test_who_had_a_part_in_the_case_does_not(ledger: Ledger, part: str) -> None:
    """Also one who may otherwise: the province's own customer service, which had the case for a while."""
    changes = {
        "assigned": (ev.Assigned, {"by": "p-gd-kf-01"}),
        "coordinator": (ev.Assigned, {"coordinator": "p-gd-kf-01"}),
        "decided and closed": (ev.DecisionMade, {"by": "p-gd-kf-01"}),
    }
    kind, update = changes[part]
    events = [one.model_copy(update=update) if isinstance(one, kind) else one for one in story("C-a")]
    recorded(ledger, "C-a", events, PIN)
    refused(ledger, "NotIndependent", by="p-gd-kf-01")
    assert noted(ledger, by="p-gd-kf-02").by == "p-gd-kf-02"


@pytest.mark.parametrize(
    ("day", "code"),
    [
        pytest.param(date(2026, 3, 1), "WishOutOfTime", id="Sunday, the day before the complaint"),
        pytest.param(date(2026, 3, 2), None, id="Monday, the day of receipt"),
        pytest.param(date(2026, 3, 18), None, id="Wednesday, the last day of the limit"),
        pytest.param(date(2026, 3, 19), "WishTooLate", id="Thursday, the first day after it"),
        pytest.param(date(2026, 3, 25), "WishTooLate", id="Wednesday a week later, today"),
        pytest.param(date(2026, 3, 26), "WishOutOfTime", id="Thursday, tomorrow"),
        pytest.param(None, "WishOutOfTime", id="no day"),
    ],
)
def test_a_wish_counts_that_was_made_before_the_limit_ended(ledger: Ledger, day: date | None, code: str | None) -> None:
    late_and_closed(ledger, "C-a")
    if code is None:
        assert noted(ledger, wished_on=day).wished_on == day
    else:
        refused(ledger, code, wished_on=day)


def test_the_stricter_limit_of_the_company_counts(ledger: Ledger) -> None:
    """The limit is the first duty of those that the rules name: `settle` of the company before `decide` of the law."""
    recorded(ledger, "C-a", slip_story("C-a")[:7], COMPANY_PIN)
    dues = {duty.rule: duty.due for duty in ledger.duties("C-a") if duty.rule in RULES.limits}
    assert set(dues) == {"settle", "decide"}
    assert dues["settle"] is not None
    last = dues["settle"].astimezone(RULES.zone).date()
    refused(ledger, "WishTooLate", wished_on=last, at=on("Mon 2026-06-01 10:00"))


def test_one_recording_proves_one_wish(ledger: Ledger) -> None:
    for name in ("C-a", "C-b"):
        late_and_closed(ledger, name)
    noted(ledger)
    refused(ledger, "EvidenceTaken", "C-b")
    assert noted(ledger, "C-b", evidence=OTHER).evidence == OTHER


def test_an_unknown_complaint_has_no_wish(ledger: Ledger) -> None:
    with pytest.raises(LedgerMissing, match="no complaint of this id"):
        noted(ledger)
    open_case(ledger, "C-a")
    with pytest.raises(LedgerMissing, match="no event"):
        noted(ledger)
