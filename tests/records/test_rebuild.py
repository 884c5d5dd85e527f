"""Everything but intake and events can be thrown away."""

from __future__ import annotations

import pytest

from activities.ledger import Ledger, LedgerMissing
from tests.records.parts import COMPANY_PIN, PIN, everything, open_case, slip_story, story, tamper, whole_case

THROW_AWAY = ("DELETE FROM slip", "DELETE FROM deadline_version", "DELETE FROM duty", "DELETE FROM complaint_case")


def test_every_projected_row_can_be_rebuilt_from_events(ledger: Ledger, record_url: str) -> None:
    """Row for row the same, for every length that the case has had."""
    stories = {"C": (story, PIN), "S": (slip_story, COMPANY_PIN)}
    names = [f"{kind}-{length}" for kind, (told, _) in stories.items() for length in range(1, len(told()) + 1)]
    for name in names:
        told, pin = stories[name[0]]
        open_case(ledger, name)
        ledger.append(name, 1, told(name)[: int(name[2:])], pin)
    before = {name: everything(ledger, name) for name in names}
    assert len([row for row in before["S-11"] if "slip" in row]) == 3
    tamper(record_url, *THROW_AWAY)
    assert [everything(ledger, name) for name in ("C-1", "S-11")] == [[], []]
    assert ledger.rebuild() == len(names)
    assert {name: everything(ledger, name) for name in names} == before


def test_one_case_is_rebuilt_alone(ledger: Ledger, record_url: str) -> None:
    whole_case(ledger, "C-1")
    whole_case(ledger, "C-2")
    before = everything(ledger, "C-1")
    tamper(record_url, *THROW_AWAY)
    assert ledger.rebuild("C-1") == 1
    assert everything(ledger, "C-1") == before
    assert ledger.case("C-2") is None


def test_rebuilding_mends_what_was_changed_and_removes_what_was_added(ledger: Ledger, record_url: str) -> None:
    whole_case(ledger)
    tamper(
        record_url,
        "UPDATE complaint_case SET stage = 'received', breaches = 0",
        "DELETE FROM deadline_version WHERE version = 2",
        "UPDATE duty SET title_zh = '其他'",
        "UPDATE notice SET sent_at = written_at, proof = 'other'",
    )
    assert not ledger.verify("C-1").ok
    ledger.rebuild("C-1")
    assert ledger.verify("C-1").ok


def test_a_case_without_events_has_no_projection(ledger: Ledger) -> None:
    open_case(ledger)
    assert ledger.rebuild("C-1") == 1
    assert everything(ledger) == []


def test_an_unknown_case_cannot_be_rebuilt(ledger: Ledger) -> None:
    with pytest.raises(LedgerMissing, match=r"^the record has no complaint of this id$"):
        ledger.rebuild("C-9")
