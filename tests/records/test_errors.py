"""Errors: every kind can happen, each is one line, and none names a person or quotes a complaint."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from activities.figures.publication import PeriodNotOver, publish
from activities.figures.report import Ask, make
from activities.ledger import Ledger, LedgerConflict, LedgerDestroyed, LedgerError, LedgerMissing
from activities.ledger_pages import RecordBehind
from activities.ledger_session import LedgerRejected, LedgerUnavailable
from activities.letters import Letter
from activities.rectifications import RectificationRefused
from activities.supervision.wishes import WishRefused
from activities.typical import TypicalRefused
from engine.settings import SAMPLE_ORGANISATION
from models.figure_files import house_figures
from models.organisation import read_organisation
from models.steps import NoticeOrder
from models.typical import Telling
from rulebook import events as ev
from rulebook.period import Period
from tests.archive.parts import closed_case
from tests.records.parts import NAME, OPENED, PIN, intake, open_case, story, whole_case
from tests.records.test_rectifications import opened
from tests.records.test_wishes import noted

CONTENT = f"{NAME}，身份证号440301199001011234"


def broken_letter(ledger: Ledger) -> None:
    """A row that the database refuses: PostgreSQL repeats all of it in the details of its error."""
    order = NoticeOrder(
        complaint_id="C-1", notice="n", kind="late", unit="u", time_zone="Asia/Shanghai", facts={}, at=OPENED
    )
    ledger.notice_put(order, Letter("late", "late.j2", "not a hash", CONTENT, CONTENT), "email")


def other_rectification(ledger: Ledger) -> None:
    for title in ("理赔时效", CONTENT):
        ledger.rectifications.open(opened(title=title), "own-1")


def telling_name(ledger: Ledger) -> None:
    closed_case(ledger, "C-2")
    ledger.typical.choose("C-2", Telling(title="例", facts=CONTENT, lesson="略"), by="p-1", at=OPENED)


def published_early(ledger: Ledger) -> None:
    ask = Ask("monthly", Period.parse("2026-03"))
    draft = make(ledger, ask, read_organisation(SAMPLE_ORGANISATION), house_figures())
    publish(ledger, ask, draft, CONTENT, OPENED)


def other_event(ledger: Ledger) -> None:
    ledger.append("C-1", 3, [story()[2].model_copy(update={"reason": CONTENT})], PIN)


def unknown_event(ledger: Ledger) -> None:
    ledger.append("C-9", 1, [ev.Withdrawn(at=OPENED, recorded_at=OPENED, reason=CONTENT)], PIN)


def bad_intake(ledger: Ledger) -> None:
    said = {**intake().model_dump(mode="json"), "name_of_the_person": CONTENT}
    ledger.open_case(said, "C-1", "0" * 64, OPENED)


def destroyed(ledger: Ledger) -> None:
    """The chain is there and the content is not, as `tests/archive/test_disposal.py` brings about."""
    raise LedgerDestroyed


def away(ledger: Ledger) -> None:
    """As `tests/engine/test_outages.py` brings about with a server that is stopped."""
    raise LedgerUnavailable("the record's database is away: OperationalError")


FAILURES: dict[str, tuple[Callable[[Ledger], Any], type[Exception]]] = {
    "a row that the database refuses": (broken_letter, LedgerRejected),
    "another event at a place": (other_event, LedgerConflict),
    "another content for an id": (lambda ledger: open_case(ledger, facts=CONTENT), LedgerConflict),
    "an event without an intake": (unknown_event, LedgerMissing),
    "an intake that is none": (bad_intake, ValidationError),
    "what was destroyed": (destroyed, LedgerDestroyed),
    "a record that is behind": (lambda ledger: ledger.pages.event("C-1", 999), RecordBehind),
    "a database that is away": (away, LedgerUnavailable),
    "another rectification under an id": (other_rectification, RectificationRefused),
    "a wish of a person unknown": (lambda ledger: noted(ledger, "C-1", by=CONTENT), WishRefused),
    "a period that is not over": (published_early, PeriodNotOver),
    "a typical case that names somebody": (telling_name, TypicalRefused),
}


@pytest.mark.parametrize("what", FAILURES)
def test_an_error_names_no_person_and_quotes_nothing(ledger: Ledger, what: str) -> None:
    """Neither in its message nor in the traceback that a log would keep."""
    fail, kind = FAILURES[what]
    whole_case(ledger)
    with pytest.raises(kind) as failed:
        fail(ledger)
    printed = "".join(traceback.format_exception(failed.value))
    assert "440301199001011234" not in printed
    assert NAME not in printed
    if kind is not ValidationError:
        assert "\n" not in str(failed.value)
    assert ledger.events("C-1") == story()


def kinds(kind: type[LedgerError] = LedgerError) -> Iterator[type[LedgerError]]:
    """Every kind of error of which there is no further kind."""
    further = kind.__subclasses__()
    for one in further:
        yield from kinds(one)
    if not further:
        yield kind


def test_every_kind_of_error_is_walked() -> None:
    assert set(kinds()) <= {kind for _, kind in FAILURES.values()}
