"""What steps have done is remembered: doing them again does nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from activities.ledger import Ledger, LedgerConflict, LedgerMissing
from models.steps import TaskOrder
from tests.records.parts import LETTER, OPENED, PIN, open_case, put_letter, story
from tests.rulebook.helpers import on


def test_a_case_has_one_ticket_and_each_ticket_one_case(ledger: Ledger) -> None:
    """The day is that of the first asking, in China; numbers rise."""
    open_case(ledger, "C-1")
    open_case(ledger, "C-2")
    assert ledger.ticket("C-1", on("Mon 2026-03-02 00:30")) == "TS-20260302-000001"
    assert ledger.ticket("C-2", OPENED, prefix="KH") == "KH-20260302-000002"
    assert ledger.ticket("C-1", on("Tue 2026-03-03 10:00"), prefix="KH") == "TS-20260302-000001"


def order(kind: str = "investigation", complaint_id: str = "C-1") -> TaskOrder:
    return TaskOrder.model_validate(
        {
            "complaint_id": complaint_id,
            "task": "C-1.task.1",
            "kind": kind,
            "department": "gd-sz-lp",
            "coordinator": "p-3",
            "opened_at": OPENED,
        }
    )


def test_a_task_is_opened_once(ledger: Ledger) -> None:
    open_case(ledger)
    assert [ledger.open_task(order()), ledger.open_task(order())] == ["C-1.task.1"] * 2
    (task,) = ledger.tasks("C-1")
    assert TaskOrder.model_validate(task.model_dump()) == order()


def test_a_task_id_stands_for_one_task(ledger: Ledger) -> None:
    open_case(ledger)
    ledger.open_task(order())
    with pytest.raises(LedgerConflict, match=r"^task C-1\.task\.1 is another task already$"):
        ledger.open_task(order("callback"))
    assert [task.kind for task in ledger.tasks("C-1")] == ["investigation"]


def test_a_letter_is_on_file_before_it_leaves_and_counts_as_sent_when_the_event_says_so(ledger: Ledger) -> None:
    """The instant is that of the event, which alone moves the clock (art. 21), not that at which the letter was written."""
    open_case(ledger)
    put_letter(ledger)
    ledger.append("C-1", 1, story()[:10], PIN)
    (before,) = ledger.notices("C-1")
    assert (before.body, before.sent_at, before.proof) == (LETTER, None, None)
    assert before.written_at == on("Fri 2026-03-20 14:59")
    ledger.append("C-1", 11, story()[10:], PIN)
    (after,) = ledger.notices("C-1")
    assert (after.body, after.sent_at, after.proof) == (LETTER, on("Fri 2026-03-20 15:00"), "outbox sha256:1")


def test_the_letter_that_is_stored_is_the_one_to_send(ledger: Ledger) -> None:
    """A template that changed between two attempts does not change a letter that may be on its way."""
    open_case(ledger)
    put_letter(ledger)
    put_letter(ledger, body="另一版本\n")
    (letter,) = ledger.notices("C-1")
    assert letter.body == LETTER


@pytest.mark.parametrize("step", ["ticket", "task", "letter"])
def test_no_step_for_a_complaint_that_is_not_on_file(ledger: Ledger, step: str) -> None:
    steps: dict[str, Callable[[], object]] = {
        "ticket": lambda: ledger.ticket("C-1", OPENED),
        "task": lambda: ledger.open_task(order()),
        "letter": lambda: put_letter(ledger),
    }
    with pytest.raises(LedgerMissing, match=r"^the record has no complaint of this id$"):
        steps[step]()
    assert (ledger.tasks("C-1"), ledger.notices("C-1")) == ([], [])
