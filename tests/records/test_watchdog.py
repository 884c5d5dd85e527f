"""What the watchdog sees in the record alone, on both databases; it writes down since when, and repairs what is derived."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from activities.delivery import Outbox
from activities.ledger import Ledger
from activities.supervision.steps import SupervisionActivities
from activities.watchdog.findings import REMEDIES, Finding
from activities.watchdog.record import going_on, of_the_record
from activities.watchdog.steps import Watch
from models.supervision import read_supervision
from models.supervision_steps import Sending
from rulebook import events as ev
from tests.records.parts import COMPANY_PIN, intake, open_case, raw, received, slip_story, whole_case
from tests.records.test_rectifications import closed, followed, linked, opened
from tests.records.test_supervision import ORGANISATION, order
from tests.rulebook.helpers import on

RULES = read_supervision()


def codes(ledger: Ledger, now: datetime, *among: str) -> list[tuple[str, str]]:
    found = of_the_record(ledger, RULES, now)
    return [(one.code, one.subject) for one in found if one.code in (among or REMEDIES)]


def test_a_deadline_that_nobody_noticed_is_found(ledger: Ledger) -> None:
    """The slip was to be accepted by the end of Tue 2026-03-03, and the record holds neither acceptance nor breach."""
    open_case(ledger)
    ledger.append("C-1", 1, slip_story()[:5], COMPANY_PIN)
    assert unnoticed(ledger, "Wed 2026-03-04 00:15") == []
    assert unnoticed(ledger, "Wed 2026-03-04 00:15:01") == ["s1/accept due 2026-03-03T16:00Z"]
    ledger.append("C-1", 6, slip_story()[5:6], COMPANY_PIN)
    assert unnoticed(ledger, "Wed 2026-03-04 09:00") == [], "the breach is on record now"


def test_a_withdrawn_complaint_goes_on_until_it_is_closed(ledger: Ledger) -> None:
    """Its letter may still have to leave: if no workflow runs for it, somebody must hear of it."""
    open_case(ledger)
    at = on("Mon 2026-03-02 11:00")
    ledger.append("C-1", 1, [received(), ev.Withdrawn(at=at, recorded_at=at, by="p-1", reason="自愿撤回")], COMPANY_PIN)
    long_after = datetime(9999, 1, 1, tzinfo=UTC)
    assert going_on(ledger, long_after).keys() == {"C-1"}
    ledger.append(
        "C-1", 3, [ev.Closed(at=at, recorded_at=at, by="p-1", reason="撤回", result="withdrawn")], COMPANY_PIN
    )
    assert going_on(ledger, long_after) == {}


def test_a_step_that_has_waited_for_a_person_too_long_is_found_with_its_cause(ledger: Ledger) -> None:
    open_case(ledger)
    at = on("Mon 2026-03-02 11:00")
    failed = ev.StepFailed(at=at, recorded_at=at, step="notice.receipt", error="NoAddress")
    ledger.append("C-1", 1, [*slip_story()[:2], failed], COMPANY_PIN)
    assert codes(ledger, on("Mon 2026-03-02 11:10"), "WaitsForPerson") == []
    [found] = [one for one in of_the_record(ledger, RULES, on("Mon 2026-03-02 12:00")) if one.code == "WaitsForPerson"]
    assert found == Finding("WaitsForPerson", "C-1", "notice.receipt: NoAddress")
    later = on("Mon 2026-03-02 13:00")
    ledger.append("C-1", 4, [ev.StepRetried(at=later, recorded_at=later, step="notice.receipt")], COMPANY_PIN)
    assert codes(ledger, on("Tue 2026-03-03 12:00"), "WaitsForPerson") == []


def test_how_long_a_step_has_waited_counts_from_its_last_failure_and_from_nothing_else(ledger: Ledger) -> None:
    """What else happens to the complaint makes the wait no shorter, and each step waits for itself."""
    open_case(ledger)

    def failed(at: str, step: str = "notice.receipt", error: str = "NoAddress") -> ev.StepFailed:
        return ev.StepFailed(at=on(at), recorded_at=on(at), step=step, error=error)

    def found(now: str) -> list[str]:
        looked = of_the_record(ledger, RULES, on(now))
        return [one.detail for one in looked if one.code == "WaitsForPerson"]

    called = on("Mon 2026-03-02 11:59")
    contact = ev.ContactAttempted(
        at=called, recorded_at=called, by="p-gd-sz-kf-01", method="phone", reached=False, summary="无人接听"
    )
    ledger.append("C-1", 1, [*slip_story()[:2], failed("Mon 2026-03-02 11:00"), contact], COMPANY_PIN)
    assert found("Mon 2026-03-02 11:15") == []
    assert found("Mon 2026-03-02 12:00") == ["notice.receipt: NoAddress"]
    ledger.append("C-1", 5, [failed("Mon 2026-03-02 12:10", "dispatch", "NobodyToAssign")], COMPANY_PIN)
    assert found("Mon 2026-03-02 12:20") == ["notice.receipt: NoAddress"]
    assert found("Mon 2026-03-02 12:30") == ["notice.receipt: NoAddress, dispatch: NobodyToAssign"]
    again = on("Mon 2026-03-02 13:00")
    retried = ev.StepRetried(at=again, recorded_at=again, by="p-gd-sz-kf-01", step="notice.receipt")
    ledger.append("C-1", 6, [retried, failed("Mon 2026-03-02 13:01")], COMPANY_PIN)
    assert found("Mon 2026-03-02 13:10") == ["dispatch: NobodyToAssign"]


def unnoticed(ledger: Ledger, now: str) -> list[str]:
    """What is found about the duties of the slip."""
    found = of_the_record(ledger, RULES, on(now))
    return [one.detail for one in found if one.code == "DutyUnnoticed" and one.detail.startswith("s1/")]


async def test_a_projection_behind_its_events_is_computed_anew(ledger: Ledger, record_url: str) -> None:
    """Safe: what is derived follows from the events alone."""
    whole_case(ledger)
    now = on("Wed 2026-03-25 09:00")
    assert codes(ledger, now, "ProjectionBehind") == []
    with raw(record_url) as connection:
        connection.execute(text("UPDATE complaint_case SET event_count = 3"))
    watch = Watch(ledger, RULES)
    found = await watch.look(now)
    assert Finding("ProjectionBehind", "C-1", "3 of 14 events") in found
    assert [one.code for one in await watch.repair(found)] == ["ProjectionBehind"]
    assert codes(ledger, now, "ProjectionBehind") == []


async def test_a_file_that_was_destroyed_is_no_fault_and_no_repair_holds_up_another(
    ledger: Ledger, record_url: str
) -> None:
    """A lawful disposal leaves the chain alone; what cannot be repaired stays a finding."""
    whole_case(ledger)
    whole_case(ledger, "C-2")
    now = on("Wed 2026-03-25 09:00")
    with raw(record_url) as connection:
        connection.execute(text("UPDATE complaint_case SET event_count = 3"))
    watch = Watch(ledger, RULES)
    found = [Finding("ProjectionBehind", "C-0", "a case that is not there"), *await watch.look(now)]
    assert [(one.code, one.subject) for one in await watch.repair(found)] == [
        ("ProjectionBehind", "C-1"),
        ("ProjectionBehind", "C-2"),
    ]


def test_a_run_that_was_owed_and_is_not_there_is_found(ledger: Ledger, tmp_path: Path) -> None:
    """A schedule that stopped silently is seen by what it did not do, without any question to Temporal."""
    steps = SupervisionActivities(ledger, Outbox(tmp_path), ORGANISATION, RULES)
    now = on("Mon 2026-03-09 08:45:01")
    assert not [code for code, _ in codes(ledger, now) if code == "RunMissing"], "the record has not begun"
    open_case(ledger)
    assert ("RunMissing", "bulletin-2026-W10") in codes(ledger, now)
    run = steps.put_down(order("bulletin", "2026-W10")).run
    assert ("RunMissing", "bulletin-2026-W10") in codes(ledger, now), "put down, and not handed over"
    steps.send(Sending(run=run, at=now))
    assert ("RunMissing", "bulletin-2026-W10") not in codes(ledger, now)
    assert ("RunMissing", "bulletin-2026-W11") in codes(ledger, now + timedelta(days=7))


def test_a_run_of_a_later_period_hides_none_before_it(ledger: Ledger, tmp_path: Path) -> None:
    """Somebody draws June by hand: the samples of March to May are still missed."""
    steps = SupervisionActivities(ledger, Outbox(tmp_path), ORGANISATION, RULES)
    now = on("Mon 2026-07-06 09:00")
    open_case(ledger)
    steps.send(Sending(run=steps.put_down(order("sample", "2026-06")).run, at=now))
    missing = [subject for code, subject in codes(ledger, now) if code == "RunMissing" and "sample" in subject]
    assert missing == ["sample-2026-03", "sample-2026-04", "sample-2026-05"]


def test_a_publication_past_its_last_day_says_so(ledger: Ledger) -> None:
    """R181: by the 10th working day."""
    said = intake()
    ledger.open_case(said.model_dump(mode="json"), "C-1", said.content_hash(), on("Fri 2026-02-27 10:00"))
    found = {one.subject: one.detail for one in of_the_record(ledger, RULES, on("Mon 2026-03-16 09:00"))}
    assert "past the last day" in found["publication-2026-02"]


def test_a_rectification_past_its_day_is_found_until_it_is_closed(ledger: Ledger) -> None:
    """R199: open on its last day is in time, the day after it is not; closed with evidence it is gone."""
    open_case(ledger)
    name = ledger.rectifications.open(opened())
    assert codes(ledger, on("Fri 2026-04-24 23:59:59"), "RectificationOverdue") == []
    next_day = on("Sat 2026-04-25 00:00")
    assert codes(ledger, next_day, "RectificationOverdue") == [("RectificationOverdue", name)]
    for event in (linked(), followed(), closed()):
        ledger.rectifications.append(name, event)
    assert codes(ledger, next_day, "RectificationOverdue") == []


@pytest.mark.parametrize(
    ("now", "found"), [("Mon 2026-11-30 09:00", False), ("Tue 2026-12-01 09:00", True), ("Fri 2027-01-01 09:00", True)]
)
def test_a_calendar_that_ends_is_found_in_december(ledger: Ledger, now: str, *, found: bool) -> None:
    """Next year's days are published in November or December; without them deadlines stay provisional."""
    assert bool(codes(ledger, on(now), "CalendarEnds")) is found


def test_a_finding_is_told_once_and_kept_when_it_is_gone(ledger: Ledger) -> None:
    first, later = on("Mon 2026-03-09 09:00"), on("Mon 2026-03-09 09:30")
    lines = [("DutyUnnoticed", "C-1", "one"), ("TaskStuck", "complaint-C-2", "two")]
    assert ledger.findings.note(lines, set(), first) == ["one", "two"]
    assert ledger.findings.note(lines, set(), first) == ["one", "two"], "the same look again, after a crash"
    assert ledger.findings.note(lines[:1], {lines[0][:2]}, later) == []
    (row,) = ledger.findings.open()
    assert (row.code, row.first_seen, row.last_seen, row.repaired_at) == ("DutyUnnoticed", first, later, later)
    assert ledger.findings.note([], set(), later + timedelta(hours=1)) == []
    assert ledger.findings.open() == []
    assert ledger.findings.note(lines[:1], set(), later + timedelta(hours=2)) == ["one"], "it is back"
