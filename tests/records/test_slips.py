"""Dispatch slips (会办单) in the record: what a coordinator looks at every day, computed from events and audited."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Executable, insert, update
from sqlmodel import col

from activities.ledger import Ledger
from models.tables import SlipRow
from rulebook import events as ev
from tests.records.parts import COMPANY_PIN, open_case, slip_story, story, tamper, told
from tests.rulebook.helpers import on


def of_slips(ledger: Ledger, *more: ev.Event, complaint_id: str = "C-1") -> None:
    """Record the story of a complaint of two departments, and what came after it."""
    open_case(ledger, complaint_id)
    ledger.append(complaint_id, 1, [*slip_story(complaint_id), *more], COMPANY_PIN)


def seen(ledger: Ledger, **asked: Any) -> list[tuple[str, str]]:
    return [(row.complaint_id, row.slip) for row in ledger.slips(**asked)]


def test_a_slip_stands_as_its_events_left_it(ledger: Ledger) -> None:
    """Every column of a slip that was sent back, and of one that was returned and replaced."""
    of_slips(ledger)
    rows = {row.slip: row.model_dump() for row in ledger.slips(open_only=False)}
    assert rows["s1"] == {
        "complaint_id": "C-1",
        "slip": "s1",
        "unit": "gd-sz",
        "department": "gd-sz-yg",
        "coordinator": "p-gd-sz-yg-01",
        "category": "claims",
        "main": True,
        "status": "sent_back",
        "open": True,
        "dispatched_at": on("Mon 2026-03-02 12:00"),
        # Five working days after the findings were sent back comes the next progress report (R040).
        "due": on("Sat 2026-03-14 00:00"),
        "overdue": False,
        "replaced_by": None,
    }
    returned = {name: rows["s2"][name] for name in ("status", "open", "due", "replaced_by", "main")}
    assert returned == {"status": "returned", "open": False, "due": None, "replaced_by": "s3", "main": False}


def test_a_slip_that_nobody_accepted_is_overdue_from_its_breach_on(ledger: Ledger) -> None:
    """R039, R105: the deadline of the slip's own clock, not the complaint's."""
    open_case(ledger)
    events = slip_story()
    ledger.append("C-1", 1, events[:5], COMPANY_PIN)
    assert seen(ledger, overdue=True) == []
    ledger.append("C-1", 6, events[5:6], COMPANY_PIN)
    assert seen(ledger, overdue=True) == [("C-1", "s1")]
    (late,) = ledger.slips(overdue=True)
    assert late.due == on("Wed 2026-03-04 00:00")
    case = ledger.case("C-1")
    assert case is not None
    assert not case.overdue


def test_the_duties_of_a_slip_rest_beside_those_of_the_complaint(ledger: Ledger) -> None:
    """With their proofs, under names that tell one slip's from another's."""
    of_slips(ledger)
    keys = {row.key: row.status for row in ledger.duties("C-1")}
    assert (keys["s1/accept"], keys["s3/accept"], keys["decide"]) == ("met_late", "open", "open")
    proofs = {row.duty for row in ledger.deadlines("C-1")}
    assert {"s1/accept", "s1/progress", "s3/accept", "decide"} <= proofs


def test_a_coordinator_sees_what_is_open_the_most_urgent_first(ledger: Ledger) -> None:
    """R039: by department, unit, person, or what falls due before an instant; in pages."""
    of_slips(ledger, complaint_id="C-1")
    of_slips(ledger, complaint_id="C-2")
    # s3 must be accepted by the end of Wed 2026-03-04, s1 must report again by the end of Fri 2026-03-13.
    assert seen(ledger) == [("C-1", "s3"), ("C-2", "s3"), ("C-1", "s1"), ("C-2", "s1")]
    assert seen(ledger, department="gd-sz-yg") == [("C-1", "s1"), ("C-2", "s1")]
    assert seen(ledger, coordinator="p-gd-it-01") == [("C-1", "s3"), ("C-2", "s3")]
    assert seen(ledger, unit="gd-gz") == []
    assert seen(ledger, due_before=on("Thu 2026-03-05 00:00")) == []
    assert seen(ledger, due_before=on("Thu 2026-03-05 00:01")) == [("C-1", "s3"), ("C-2", "s3")]
    assert seen(ledger, limit=2, offset=1) == [("C-2", "s3"), ("C-1", "s1")]
    assert seen(ledger, department="gd-sf", open_only=False) == [("C-1", "s2"), ("C-2", "s2")]


def at(text: str) -> dict[str, Any]:
    return {"at": on(text), "recorded_at": on(text), "by": "p-2"}


SETTLED: dict[str, list[ev.Event]] = {
    "withdrawn": [ev.Withdrawn(**at("Mon 2026-03-09 09:00"), reason="r")],
    "refused": [ev.HandlingRefused(**at("Mon 2026-03-09 09:00"), ground="not_from_complainant_or_agent", reason="r")],
    "merged": [ev.Merged(**at("Mon 2026-03-09 09:00"), into="C-0", reason="r")],
    "decision told": [*(event for event in story() if isinstance(event, ev.DecisionMade)), told("C-1")],
    "decision need not be told": [
        *(event for event in story() if isinstance(event, ev.DecisionMade)),
        ev.NoticeExempted(**at("Mon 2026-03-23 09:00"), kind="decision", reason="r"),
    ],
}


@pytest.mark.parametrize("how", SETTLED)
def test_nobody_is_shown_a_slip_of_a_complaint_that_is_settled(ledger: Ledger, how: str) -> None:
    """Art. 15: what ended, or was decided and told, needs no findings any more; how the slips stood remains."""
    of_slips(ledger, *SETTLED[how])
    assert seen(ledger) == []
    assert [row.status for row in ledger.slips(open_only=False)] == ["sent_back", "returned", "dispatched"]


def test_a_slip_sent_after_a_decision_is_open(ledger: Ledger) -> None:
    """New facts after the decision are work again (art. 18(3))."""
    after = ev.FactsAdded(**at("Tue 2026-03-24 09:00"), summary="新录音")
    again = ev.SlipDispatched(
        **at("Tue 2026-03-24 10:00"), slip="s4", unit="gd-sz", department="gd-sz-yg", coordinator="p", reason="r"
    )
    of_slips(ledger, *SETTLED["decision told"], after, again)
    assert seen(ledger) == [("C-1", "s4")]


def test_the_audit_finds_nothing_in_a_slip_that_was_late(ledger: Ledger) -> None:
    """Its breach is one that the slip's own clock knows, so a complaint with a late slip can be closed."""
    of_slips(ledger)
    assert ledger.verify("C-1").differences == ()


def test_news_of_the_complaint_may_reach_a_slip_late(ledger: Ledger) -> None:
    """The slip's process rang its deadline before it heard of the withdrawal that the record already had."""
    open_case(ledger)
    *before, breach = slip_story()[:6]
    withdrawn = ev.Withdrawn(**at("Tue 2026-03-03 23:59"), reason="r")
    ledger.append("C-1", 1, [*before, withdrawn, breach], COMPANY_PIN)
    assert ledger.verify("C-1").differences == ()


ALARMS: dict[str, tuple[dict[str, Any], str]] = {
    "of another deadline": (
        {"due": on("Tue 2026-03-03 00:00"), "at": on("Tue 2026-03-03 00:00")},
        "says s1/accept was due 2026-03-03T00:00:00+08:00, the fold says 2026-03-04T00:00:00+08:00",
    ),
    "of an unknown slip": ({"slip": "s9", "duty": "s9/accept"}, "names s9/accept, the fold knows no such duty"),
    "of another slip": ({"slip": "s3"}, "names s1/accept, the fold knows no such duty"),
    "of no slip": ({"slip": None}, "names s1/accept, the fold knows no such duty"),
    "of a duty that was met": ({"slip": "s2", "duty": "s2/accept"}, "names s2/accept, by the fold it had ended: met"),
}


@pytest.mark.parametrize("what", ALARMS)
def test_a_breach_of_a_slip_must_be_the_one_that_its_clock_knows(ledger: Ledger, what: str) -> None:
    other, expected = ALARMS[what]
    open_case(ledger)
    *before, breach = slip_story()[:6]
    ledger.append("C-1", 1, [*before, breach.model_copy(update=other)], COMPANY_PIN)
    assert ledger.verify("C-1").differences == (f"seq 6: deadline_breached {expected}",)


FORGED = {"complaint_id": "C-1", "slip": "s7", "unit": "u", "department": "d", "coordinator": "p", "main": False}
TAMPERED: dict[str, tuple[Executable | str, list[str]]] = {
    "how it stands": (
        update(SlipRow).where(col(SlipRow.slip) == "s1").values(status="answered", open=False),
        ["slip s1: open is not what the events say", "slip s1: status is not what the events say"],
    ),
    "its deadline": (
        update(SlipRow).where(col(SlipRow.slip) == "s3").values(due=on("Mon 2026-03-30 00:00")),
        ["slip s3: due is not what the events say"],
    ),
    "removed": ("DELETE FROM slip WHERE slip = 's2'", ["slip s2: the row is missing"]),
    "added": (
        insert(SlipRow).values(
            **FORGED, status="dispatched", open=True, dispatched_at=on("Mon 2026-03-02 12:00"), overdue=False
        ),
        ["slip s7: the row does not follow from the events"],
    ),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_the_audit_names_a_slip_that_was_changed_and_rebuilding_mends_it(
    ledger: Ledger, record_url: str, what: str
) -> None:
    change, expected = TAMPERED[what]
    of_slips(ledger)
    tamper(record_url, change)
    assert list(ledger.verify("C-1").differences) == expected
    ledger.rebuild("C-1")
    assert ledger.verify("C-1").ok
