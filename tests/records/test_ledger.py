"""What the ledger takes in, what it refuses, and what it answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from activities.ledger import Ledger, LedgerConflict, LedgerMissing
from models.canonical import digest
from models.intake import Intake
from rulebook import events as ev
from rulebook.errors import PackError
from tests.records.parts import OPENED, PIN, everything, intake, open_case, received, story, whole_case
from tests.rulebook.helpers import on


def test_what_was_said_is_kept_word_for_word(ledger: Ledger) -> None:
    """Its text hashes to the hash that the receipt carries, and it reads back as the same intake."""
    assert open_case(ledger) == "stored"
    kept = ledger.intake("C-1")
    assert kept is not None
    assert digest(kept) == intake().content_hash()
    assert Intake.model_validate(kept) == intake()


def test_opening_twice_is_harmless(ledger: Ledger) -> None:
    open_case(ledger)
    assert open_case(ledger) == "already"


def test_one_id_cannot_have_two_contents(ledger: Ledger) -> None:
    open_case(ledger)
    with pytest.raises(LedgerConflict, match=r"^the record has a complaint of this id with other content$"):
        open_case(ledger, facts="另一事实")
    assert ledger.intake("C-1") == intake().model_dump(mode="json", exclude_defaults=True)


@pytest.mark.parametrize("changed", [{"complaint_id": "C-2"}, {"content_hash": "0" * 64}], ids=str)
def test_an_intake_must_fit_its_id_and_its_hash(ledger: Ledger, changed: dict[str, str]) -> None:
    named = {"complaint_id": "C-1", "content_hash": intake().content_hash()} | changed
    with pytest.raises(LedgerConflict, match=r"^the intake does not fit the id or the hash that came with it$"):
        ledger.open_case(intake().model_dump(mode="json"), opened_at=OPENED, **named)
    assert ledger.intake(named["complaint_id"]) is None


def test_events_come_back_as_they_were_given(ledger: Ledger) -> None:
    events = whole_case(ledger)
    assert ledger.events("C-1") == events
    assert [row.seq for row in ledger.timeline("C-1")] == list(range(1, 15))


@pytest.mark.parametrize(("first", "last"), [(1, 6), (4, 6), (1, 14), (5, 9)])
def test_events_that_are_there_already_stay(ledger: Ledger, first: int, last: int) -> None:
    """A batch may come again, whole or in part, alone or with new events behind it."""
    open_case(ledger)
    ledger.append("C-1", 1, story()[:6], PIN)
    before = ledger.timeline("C-1")
    assert ledger.append("C-1", first, story()[first - 1 : last], PIN) == max(6, last)
    assert ledger.timeline("C-1")[:6] == before
    assert ledger.events("C-1") == story()[: max(6, last)]


def test_a_place_is_taken_once(ledger: Ledger) -> None:
    """Another event at a place that is taken is refused, with everything behind it."""
    open_case(ledger)
    ledger.append("C-1", 1, story()[:4], PIN)
    before = everything(ledger)
    with pytest.raises(LedgerConflict, match=r"^the record has another event as number 3$"):
        ledger.append("C-1", 3, [story()[4], *story()[3:]], PIN)
    assert ledger.events("C-1") == story()[:4]
    assert everything(ledger) == before


@pytest.mark.parametrize("first", [0, 4])
def test_no_place_is_left_empty(ledger: Ledger, first: int) -> None:
    open_case(ledger)
    ledger.append("C-1", 1, story()[:2], PIN)
    with pytest.raises(LedgerConflict, match=rf"^the record has 2 events, number {first} cannot come next$"):
        ledger.append("C-1", first, story()[2:3], PIN)
    assert ledger.events("C-1") == story()[:2]


@pytest.mark.parametrize(
    ("first", "reason"),
    [
        (story()[1], "the first event is not the receipt of the complaint"),
        (received("C-2"), "the receipt is that of another intake"),
    ],
    ids=["not the receipt", "another receipt"],
)
def test_a_case_begins_with_the_receipt_of_its_intake(ledger: Ledger, first: ev.Event, reason: str) -> None:
    open_case(ledger)
    with pytest.raises(LedgerConflict, match=rf"^{reason}$"):
        ledger.append("C-1", 1, [first], PIN)
    assert ledger.events("C-1") == []


def test_no_event_without_an_intake(ledger: Ledger) -> None:
    with pytest.raises(LedgerMissing, match=r"^the record has no complaint of this id$"):
        ledger.append("C-1", 1, story(), PIN)


def test_no_event_under_rules_that_are_not_here(ledger: Ledger) -> None:
    """Without the pinned pack no deadline could be proved, so nothing is written."""
    open_case(ledger)
    with pytest.raises(PackError, match=r"^cn-2020-3: the pack here has hash"):
        ledger.append("C-1", 1, story(), PIN.model_copy(update={"pack_hash": "f" * 64}))
    assert ledger.events("C-1") == []


def test_an_unknown_complaint_has_nothing(ledger: Ledger) -> None:
    assert (ledger.intake("C-9"), ledger.case("C-9"), ledger.events("C-9"), ledger.notices("C-9")) == (
        None,
        None,
        [],
        [],
    )


def test_a_case_is_projected_with_every_who_and_when(ledger: Ledger) -> None:
    """The expected values are those of the story, not of the code that projects them."""
    whole_case(ledger)
    case = ledger.case("C-1")
    assert case is not None
    found = case.model_dump(exclude={"head_hash", "pack_hash", "calendar"})
    assert found == {
        "complaint_id": "C-1",
        "stage": "closed",
        "ending": None,
        "ticket": "TS-20260302-000001",
        "unit": "gd-sz",
        "department": "gd-sz-lp",
        "coordinator": "p-3",
        "channel": "phone",
        "complexity": "simple",
        "severity": "important",
        "categories": ["claims"],
        "received_at": on("Mon 2026-03-02 10:00"),
        "next_due": None,
        "statutory_due": None,
        "overdue": False,
        "breaches": 1,
        "waits_for": None,
        "assigned_at": on("Mon 2026-03-02 12:00"),
        "assigned_by": "p-2",
        "liability": "responsible",
        "decided_at": on("Fri 2026-03-20 14:00"),
        "decided_by": "p-4",
        "ended_at": None,
        "ended_by": None,
        "closed_at": on("Tue 2026-03-24 10:00"),
        "closed_by": "p-4",
        "pack": "cn-2020-3",
        "event_count": 14,
        "updated_at": on("Tue 2026-03-24 10:00"),
    }


def test_duties_and_every_version_of_their_deadlines_are_projected(ledger: Ledger) -> None:
    """The pause of one day moves the deadline by one day; the version before it is kept, with its proof."""
    whole_case(ledger)
    decide, *_ = ledger.duties("C-1")
    assert (decide.key, decide.status, decide.breached, decide.met_at) == (
        "decide",
        "met_late",
        True,
        on("Fri 2026-03-20 15:00"),
    )
    versions = [row for row in ledger.deadlines("C-1") if row.duty == "decide"]
    assert [(row.version, row.due, row.reason) for row in versions] == [
        (1, on("Wed 2026-03-18 00:00"), "received"),
        (2, None, "clock_paused"),
        (3, on("Thu 2026-03-19 00:00"), "clock_resumed"),
    ]
    assert versions[0].proof["last_day"] == "2026-03-17"
    assert versions[2].computed_at == on("Thu 2026-03-05 09:00")


def test_a_withdrawal_is_projected_with_who_and_when(ledger: Ledger) -> None:
    open_case(ledger)
    gone = ev.Withdrawn(at=on("Tue 2026-03-03 09:00"), recorded_at=on("Tue 2026-03-03 10:00"), by="p-7", reason="r")
    ledger.append("C-1", 1, [*story()[:2], gone], PIN)
    case = ledger.case("C-1")
    assert case is not None
    assert (case.ending, case.ended_at, case.ended_by, case.stage) == ("withdrawn", gone.at, "p-7", "closing")
    assert case.updated_at == gone.recorded_at


def many(ledger: Ledger) -> None:
    """Four cases: received on different days, one of them overdue, one assigned, one closed."""
    for name, day in (
        ("C-1", "Mon 2026-03-02 10:00"),
        ("C-2", "Wed 2026-03-04 10:00"),
        ("C-3", "Tue 2026-03-03 10:00"),
    ):
        more = {"received_at": on(day).isoformat()}
        open_case(ledger, name, **more)
        ledger.append(name, 1, [received(name, day, **more)], PIN)
    due = on("Wed 2026-03-18 00:00")
    ledger.append("C-1", 2, [ev.DeadlineBreached(at=due, recorded_at=due, duty="decide", due=due)], PIN)
    at = on("Thu 2026-03-05 10:00")
    ledger.append(
        "C-2", 2, [ev.Assigned(at=at, recorded_at=at, unit="gd", department="d", coordinator="p", reason="r")], PIN
    )
    whole_case(ledger, "C-4")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        pytest.param({}, ["C-1", "C-3", "C-2", "C-4"], id="the most urgent first, undated ones last"),
        pytest.param({"limit": 2}, ["C-1", "C-3"], id="the first page"),
        pytest.param({"limit": 2, "offset": 2}, ["C-2", "C-4"], id="the second page"),
        pytest.param({"stage": "received"}, ["C-1", "C-3"], id="a stage"),
        pytest.param({"units": ("gd",)}, ["C-2"], id="a unit"),
        pytest.param({"units": ("gd", "gd-sz")}, ["C-1", "C-3", "C-2", "C-4"], id="a unit with one below"),
        pytest.param({"units": ()}, [], id="no unit"),
        pytest.param({"overdue": True}, ["C-1"], id="overdue"),
        pytest.param({"overdue": False}, ["C-3", "C-2", "C-4"], id="not overdue"),
        pytest.param({"due_before": on("Thu 2026-03-19 00:00")}, ["C-1"], id="due before an instant, exclusive"),
        pytest.param({"due_before": on("Thu 2026-03-19 00:01")}, ["C-1", "C-3"], id="due before a later one"),
        pytest.param({"stage": "received", "overdue": True, "units": ("gd",)}, [], id="every condition holds"),
    ],
)
def test_cases_are_found_by_what_one_asks(ledger: Ledger, asked: dict[str, Any], found: list[str]) -> None:
    many(ledger)
    assert [case.complaint_id for case in ledger.cases(**asked)] == found


@contextmanager
def statements() -> Iterator[list[str]]:
    """Everything that is asked of any database meanwhile."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_a_list_costs_one_question_however_long_it_is(ledger: Ledger) -> None:
    many(ledger)
    with statements() as asked:
        ledger.cases()
    assert len([statement for statement in asked if statement.startswith("SELECT")]) == 1
