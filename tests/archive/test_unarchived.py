"""The watchdog names who is closed for good and not in the archive, and says what is waited for."""

from __future__ import annotations

from activities.sealing import Archive
from activities.watchdog.record import of_the_record
from models.opening import Opening
from models.supervision import read_supervision
from rulebook import events as ev
from tests.archive.parts import rested
from tests.records.parts import COMPANY_PIN, PIN, intake, open_case
from tests.rulebook.helpers import on, said
from tests.workflow.pasts import CLOSED_THERE, past
from workflows.case import Case
from workflows.past import begun
from workflows.rest import unfinished

RULES = read_supervision()
SHUT = "Mon 2026-04-20 00:00"
"""When the window for a review of the case C-1 closed, of which the record holds nothing later."""


def found(archive: Archive, now: str, *, archives: bool = True) -> list[tuple[str, str]]:
    seen = of_the_record(archive.ledger, RULES, on(now), archives=archives)
    return [(one.subject, one.detail) for one in seen if one.code == "ArchiveMissing"]


def test_a_closed_complaint_that_is_not_in_the_archive_is_found_until_it_is(archive: Archive) -> None:
    assert found(archive, "Mon 2026-04-20 00:15") == [], "its workflow may be at its last step"
    later = "Mon 2026-04-20 00:15:01"
    assert found(archive, later) == [("C-1", "closed 2026-03-24, waits for nobody")]
    assert found(archive, later, archives=False) == [], "no archive is set up"
    archive.seal("C-1")
    assert found(archive, later) == []


def test_what_came_after_the_package_is_not_in_the_archive(archive: Archive) -> None:
    archive.seal("C-1")
    contact = said(ev.ContactAttempted, "Tue 2026-05-05 09:00", by="p-5", method="phone", reached=True, summary="s")
    archive.ledger.append("C-1", len(rested()) + 1, [contact], PIN)
    assert found(archive, "Tue 2026-05-05 10:00") == [("C-1", "closed 2026-03-24, waits for nobody")]
    archive.seal("C-1")
    assert found(archive, "Tue 2026-05-05 10:00") == []


def test_who_is_not_closed_or_whose_window_runs_is_not_named(archive: Archive) -> None:
    archive.seal("C-1")
    for name, events in (("C-2", 12), ("C-3", 15)):
        open_case(archive.ledger, name)
        archive.ledger.append(name, 1, rested(name)[:events], PIN)
    assert found(archive, "Sun 2026-04-19 12:00") == []


IMPORTED = "Mon 2026-03-02 10:00"
PLANNED = said(ev.MeasureRecorded, IMPORTED, by="p-4", measure="refund", status="planned", last_day="2026-05-29")


def imported(archive: Archive, name: str, *more: ev.Event) -> Case:
    """Put a complaint of 2025 on record that was decided, told and closed elsewhere, under the insurer's own rules."""
    said_then = intake(name, received_at="2025-11-03T10:00:00+08:00")
    told = past(*CLOSED_THERE)(said_then.received_at)
    case = begun(Opening(intake=said_then, pin=COMPANY_PIN, past=told), on(IMPORTED))
    for event in more:
        case.append(event)
    archive.ledger.open_case(said_then.model_dump(mode="json"), name, said_then.content_hash(), on(IMPORTED))
    archive.ledger.append(name, 1, case.events, COMPANY_PIN)
    return case


def test_a_complaint_that_was_closed_elsewhere_may_be_sealed_though_nobody_says_to_whom_it_was_given(
    archive: Archive,
) -> None:
    """The dispatch that was never told stays missed, in the package as in the record."""
    case = imported(archive, "H-4")
    (dispatch,) = [row for row in archive.ledger.duties("H-4") if row.rule == "dispatch"]
    assert (dispatch.status, dispatch.breached) == ("open", True)
    assert unfinished(case, on("Sat 2026-03-07 10:00")) is None, "five days for late entries are over"
    assert archive.seal("H-4").complaint_id == "H-4"


def test_what_somebody_can_still_do_keeps_it_from_being_sealed(archive: Archive) -> None:
    case = imported(archive, "H-4", PLANNED)
    assert unfinished(case, on("Mon 2026-07-06 10:00")) == "still open: measure"


def test_it_is_named_once_the_days_for_late_entries_are_over(archive: Archive) -> None:
    """Thirty days: an unreachable complainant may be reached after all for so long."""
    archive.seal("C-1")
    imported(archive, "H-4")
    assert found(archive, "Wed 2026-04-01 10:15") == []
    assert found(archive, "Wed 2026-04-01 10:15:01") == [("H-4", "closed 2025-11-15, waits for nobody")]


def test_what_somebody_can_still_do_is_named(archive: Archive) -> None:
    """The measure was planned for the end of May, and nobody has taken it."""
    archive.seal("C-1")
    imported(archive, "H-4", PLANNED)
    assert found(archive, "Fri 2026-05-29 18:00") == [], "its day lies ahead"
    assert found(archive, "Sat 2026-05-30 00:15:01") == [("H-4", "closed 2025-11-15, waits for measure")]
