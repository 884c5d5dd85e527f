"""Weaknesses behind complaints are mended by somebody, by a day, with proof (R199): on both databases."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from activities.ledger import Ledger
from activities.ledger_session import LedgerMissing
from activities.rectifications import RectificationRefused
from models.rectification import Closed, FollowedUp, Linked, Opened, RectificationEvent
from rulebook.causes import causes
from tests.records.parts import open_case, raw, whole_case
from tests.records.test_risks import take_in
from tests.rulebook.helpers import on

AT = on("Mon 2026-03-30 10:00")
DUE = date(2026, 4, 24)


def opened(**changes: Any) -> Opened:
    facts: dict[str, Any] = {
        "at": AT,
        "by": "p-gd-kf-03",
        "cause": "claims_process",
        "title": "理赔时效",
        "plan": "增设复核岗",
        "unit": "gd",
        "owner": "p-gd-kf-01",
        "due": DUE,
    }
    return Opened.model_validate({**facts, **changes})


def followed(by: str = "p-gd-kf-01") -> FollowedUp:
    return FollowedUp(at=AT, by=by, text="已上线")


def closed(by: str = "p-hq-kf-03") -> Closed:
    return Closed(at=AT, by=by, evidence=("验收单 7",), result="时效达标")


def linked(complaint: str = "C-1") -> Linked:
    return Linked(at=AT, by="p-gd-kf-03", complaint=complaint)


def test_from_opening_to_closure_by_a_second_person(ledger: Ledger) -> None:
    """Open on its last day, overdue on the next; closed with evidence by somebody who neither opened nor owns it."""
    open_case(ledger)
    found = ledger.rectifications
    assert found.open(opened()) == "ZG-2026-0001"
    found.append("ZG-2026-0001", linked())
    found.append("ZG-2026-0001", followed())
    assert [one.name for one in found.overdue(DUE)] == []
    assert [one.name for one in found.overdue(date(2026, 4, 25))] == ["ZG-2026-0001"]
    done = found.append("ZG-2026-0001", closed())
    assert (done.complaints, len(done.follow_ups), done.closed) == (["C-1"], 1, closed())
    assert found.overdue(date(2027, 1, 1)) == []
    assert found.faults("ZG-2026-0001") == []
    assert found.open(opened()) == "ZG-2026-0002"
    assert [one.name for one in found.all()] == ["ZG-2026-0002", "ZG-2026-0001"]


def test_an_id_of_ones_own_is_opened_once(ledger: Ledger) -> None:
    found = ledger.rectifications
    assert found.open(opened(), "own-1") == found.open(opened(at=on("Tue 2026-03-31 10:00")), "own-1") == "own-1"
    with pytest.raises(RectificationRefused) as refused:
        found.open(opened(title="另一件事"), "own-1")
    assert refused.value.code == "OpenedAlready"
    assert len(found.all()) == 1


@pytest.mark.parametrize(
    ("before", "event", "code"),
    [
        pytest.param([linked()], linked(), "LinkedAlready", id="linked twice"),
        pytest.param([followed()], closed(), "NothingLinked", id="no complaint"),
        pytest.param([linked()], closed(), "NoFollowUp", id="nothing done"),
        pytest.param([linked(), followed()], closed("p-gd-kf-01"), "SecondPersonNeeded", id="by its owner"),
        pytest.param([linked(), followed()], closed("p-gd-kf-03"), "SecondPersonNeeded", id="by who opened it"),
        pytest.param([linked(), followed(), closed()], followed(), "RectificationClosed", id="after its end"),
        pytest.param([], opened(), "OpenedAlready", id="opened again"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_moves(
    ledger: Ledger, before: list[RectificationEvent], event: RectificationEvent, code: str
) -> None:
    open_case(ledger)
    found = ledger.rectifications
    name = found.open(opened())
    for one in before:
        found.append(name, one)
    as_it_was = found.all()
    with pytest.raises(RectificationRefused) as refused:
        found.append(name, event)
    assert refused.value.code == code
    assert found.all() == as_it_was


def test_only_what_is_there_can_be_linked(ledger: Ledger) -> None:
    name = ledger.rectifications.open(opened())
    with pytest.raises(LedgerMissing):
        ledger.rectifications.append(name, linked())
    with pytest.raises(LedgerMissing):
        ledger.rectifications.append("ZG-2026-0099", followed())


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE rectification_event SET body = '{}'",
        "DELETE FROM rectification_event",
    ],
)
def test_the_database_refuses_to_change_what_was_written_down(ledger: Ledger, record_url: str, change: str) -> None:
    name = ledger.rectifications.open(opened())
    with pytest.raises(DBAPIError, match="rows are only ever added"), raw(record_url) as connection:
        connection.execute(text(change))
    assert ledger.rectifications.faults(name) == []


@pytest.mark.parametrize("record_url", ["sqlite"], indirect=True)
def test_a_changed_row_is_found_by_its_hash(ledger: Ledger, record_url: str) -> None:
    """Somebody who owns the database can take the guard away; the chain tells."""
    open_case(ledger)
    name = ledger.rectifications.open(opened())
    ledger.rectifications.append(name, linked())
    with raw(record_url) as connection:
        connection.execute(text("DROP TRIGGER rectification_event_refuses_update"))
        connection.execute(text("UPDATE rectification_event SET \"by\" = 'p-other' WHERE seq = 1"))
    assert ledger.rectifications.faults(name) == ["seq 1: the row was changed, its hash does not fit"]


def test_what_an_earlier_release_wrote_still_verifies(ledger: Ledger, record_url: str) -> None:
    """The hashes that the release before typical cases gave the same two rows."""
    open_case(ledger)
    name = ledger.rectifications.open(opened())
    ledger.rectifications.append(name, linked())
    with raw(record_url) as connection:
        hashes = connection.execute(text("SELECT hash FROM rectification_event ORDER BY seq")).scalars().all()
    assert hashes == [
        "879c3548cbde4e6a73630b0e5190c9ce47dfbd462ecbc4078fef6c263c393b21",
        "43ed47a42b43a0b26ff4895e1e10a45658401271bcf23f8adaeb4c77d7fc2aac",
    ]


def test_causes_are_counted_by_the_month_of_the_decision(ledger: Ledger) -> None:
    """Shanghai's months; of a case decided again the last decision counts."""
    whole_case(ledger)
    take_in(ledger, "C-2", on("Tue 2026-03-31 23:59"), cause="delay")
    take_in(ledger, "C-3", on("Wed 2026-04-01 00:00"), cause="selling_promise")
    take_in(ledger, "C-4", on("Sat 2026-02-28 12:00"), cause="delay")
    assert ledger.rectifications.trends(date(2026, 3, 1)) == {
        "2026-03": Counter({"delay": 2}),
        "2026-04": Counter({"selling_promise": 1}),
    }


def test_every_cause_has_its_name_in_both_languages() -> None:
    assert all(name.zh and name.en for name in causes().values())
    assert "claims_process" in causes()
