"""A reference with its receipt is one complaint's, on both databases, whoever opens it and whatever dies on the way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from activities.ledger import Ledger
from activities.references import Held
from models.intake import Intake
from models.migrations import migrate
from rulebook import events as ev
from tests.records.parts import OPENED, PIN, intake, open_case, raw, received
from tests.records.test_upgrade import make
from tests.records.test_watchdog import codes
from tests.rulebook.helpers import on

LATER = OPENED + timedelta(minutes=5)


def said(complaint_id: str, **more: object) -> Intake:
    return intake(complaint_id, source_reference="R-1", **more)


def holder(ledger: Ledger) -> str | None:
    """Who has R-1, by asking for it as somebody who never gets it."""
    held = ledger.references.claim(said("C-asks"), LATER)
    if held is None:
        with ledger.sessions.writing("C-asks") as session:
            session.execute(text("DELETE FROM reference_claim WHERE complaint_id = 'C-asks'"))
    return held and held.complaint_id


def test_of_many_at_once_one_gets_it_and_all_others_are_told_who(ledger: Ledger) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: ledger.references.claim(said(f"C-{n}"), OPENED), range(24)))
    (winner,) = [n for n, held in enumerate(found) if held is None]
    assert {held.complaint_id for held in found if held} == {f"C-{winner}"}


def test_claiming_again_renews_and_a_stale_claim_gives_way_to_who_saw_it(ledger: Ledger) -> None:
    """Somebody was killed between claim and start: the same complaint takes it up, another one only while nobody has."""
    assert ledger.references.claim(said("C-1"), OPENED) is None
    seen = Held("C-1", said("C-1").received_at, OPENED)
    assert ledger.references.claim(said("C-2"), LATER) == seen
    assert ledger.references.claim(said("C-1"), LATER) is None
    assert ledger.references.claim(said("C-2"), LATER, over=seen) == seen._replace(claimed_at=LATER), (
        "taken up meanwhile"
    )
    assert ledger.references.claim(said("C-2"), LATER, over=seen._replace(claimed_at=LATER)) is None
    assert holder(ledger) == "C-2"


def test_another_receipt_is_another_complaint_unless_one_wants_the_reference_alone(ledger: Ledger) -> None:
    other = said("C-2", received_at="2026-03-02T10:00:01+08:00")
    assert ledger.references.claim(said("C-1"), OPENED) is None
    held = ledger.references.claim(other, OPENED, alone=True)
    assert held is not None
    assert held.complaint_id == "C-1"
    assert ledger.references.claim(other, OPENED) is None
    assert ledger.references.claim(intake("C-3"), OPENED) is None, "without a reference there is nothing to claim"


def test_what_comes_on_record_past_every_claim_is_kept_and_found_until_it_is_merged(ledger: Ledger) -> None:
    """Another client of the server opened it: nothing is lost, and people look whether the two are one."""
    now = on("Tue 2026-03-03 09:00")
    for name in ("C-1", "C-2"):
        assert open_case(ledger, name, source_reference="R-1") == "stored"
        ledger.append(name, 1, [received(name, source_reference="R-1")], PIN)
    assert holder(ledger) == "C-1"
    assert codes(ledger, now, "PossibleDuplicate") == [("PossibleDuplicate", "C-2")]
    merged = ev.Merged(at=now, recorded_at=now, by="p-gd-sz-kf-01", into="C-1", reason="同一事项")
    ledger.append("C-2", 2, [merged], PIN)
    assert codes(ledger, now, "PossibleDuplicate") == []


def test_who_is_on_record_first_holds_it_whoever_had_claimed(ledger: Ledger) -> None:
    """A claim alone is no complaint; one that comes after all is the twin."""
    assert ledger.references.claim(said("C-1"), OPENED) is None
    open_case(ledger, "C-2", source_reference="R-1")
    assert holder(ledger) == "C-2"
    open_case(ledger, "C-1", source_reference="R-1")
    assert holder(ledger) == "C-2"


def test_what_a_refused_opening_claimed_goes_once_its_id_is_on_record(ledger: Ledger) -> None:
    assert ledger.references.claim(said("C-1"), OPENED) is None
    open_case(ledger, "C-1", source_reference="R-2")
    assert holder(ledger) is None
    assert ledger.references.claim(said("C-1"), OPENED) is None
    assert holder(ledger) is None, "on record with other content, it claims nothing more"


def test_an_older_record_claims_for_what_it_holds(database_url: str) -> None:
    """Of two that were counted twice before, the first opened holds it and the other is found."""
    make(database_url, "0008")
    with raw(database_url) as connection:
        for name, second in (("C-2", 1), ("C-1", 0), ("C-3", 0)):
            reference = {} if name == "C-3" else {"source_reference": "R-1"}
            one = intake(name, **reference)
            connection.execute(
                text(
                    "INSERT INTO intake (complaint_id, content, content_hash, opened_at) VALUES (:id, :said, :hash, :at)"
                ),
                {
                    "id": name,
                    "said": one.model_dump_json(exclude_defaults=True),
                    "hash": one.content_hash(),
                    "at": f"2026-03-02 02:05:0{second}.000000",
                },
            )
    migrate(database_url)
    with Ledger.open(database_url) as ledger:
        assert holder(ledger) == "C-1"
    with raw(database_url) as connection:
        asked = "SELECT complaint_id, twin_of FROM reference_claim ORDER BY complaint_id"
        assert [tuple(row) for row in connection.execute(text(asked))] == [("C-1", None), ("C-2", "C-1")]


def test_the_database_itself_keeps_a_reference_from_two_holders(ledger: Ledger, record_url: str) -> None:
    assert ledger.references.claim(said("C-1"), OPENED) is None
    twice = "INSERT INTO reference_claim SELECT reference, received_at, 'C-2', claimed_at, NULL FROM reference_claim"
    with pytest.raises(Exception, match=r"(?i)unique"), raw(record_url) as connection:
        connection.execute(text(twice))
