"""The audit names what was changed, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Executable, insert, update
from sqlmodel import col

from activities.ledger import Ledger, LedgerMissing
from activities.ledger_chain import GENESIS, link
from models.canonical import canonical, digest_text
from models.tables import CaseRow, DeadlineRow, DutyRow, EventRow, IntakeRow, NoticeRow
from rulebook import events as ev
from tests.records.parts import PIN, intake, open_case, put_letter, received, story, tamper, whole_case
from tests.rulebook.helpers import on

CHANGED = canonical(intake(facts="另一事实").model_dump(mode="json", exclude_defaults=True))


def test_an_untouched_case_has_no_differences(ledger: Ledger) -> None:
    whole_case(ledger)
    report = ledger.verify("C-1")
    assert report.ok
    assert (report.complaint_id, report.events, report.differences) == ("C-1", 14, ())
    assert report.head_hash == ledger.timeline("C-1")[-1].hash


def test_a_case_without_events_has_no_differences_and_no_head(ledger: Ledger) -> None:
    open_case(ledger)
    report = ledger.verify("C-1")
    assert (report.events, report.head_hash, report.differences) == (0, "0" * 64, ())


def test_an_unknown_case_cannot_be_audited(ledger: Ledger) -> None:
    with pytest.raises(LedgerMissing, match=r"^the record has no complaint of this id$"):
        ledger.verify("C-9")


def test_all_cases_are_audited_and_the_changed_one_is_named(ledger: Ledger, record_url: str) -> None:
    for name in ("C-1", "C-2", "C-3"):
        whole_case(ledger, name)
    tamper(record_url, "UPDATE event SET body = replace(body, '理赔', '保全') WHERE complaint_id = 'C-2'")
    found = {report.complaint_id: report.ok for report in ledger.verify_all()}
    assert found == {"C-1": True, "C-2": False, "C-3": True}


TAMPERED: dict[str, tuple[list[str | Executable], list[str]]] = {
    "a body": (
        ["UPDATE event SET body = replace(body, '理赔', '保全') WHERE seq = 3"],
        ["seq 3: the body was changed, its hash does not fit"],
    ),
    "an instant": (
        [update(EventRow).where(col(EventRow.seq) == 9).values(at=on("Fri 2026-03-20 00:00"))],
        ["seq 9: the row was changed, its hash does not fit", "seq 9: at differs from the body"],
    ),
    "who did it": (
        [update(EventRow).where(col(EventRow.seq) == 10).values(by="p-9")],
        ["seq 10: the row was changed, its hash does not fit", "seq 10: by differs from the body"],
    ),
    "the rules": (
        ["UPDATE event SET pack = 'other' WHERE seq = 9"],
        ["seq 9: the row was changed, its hash does not fit"],
    ),
    "a removed row": (["DELETE FROM event WHERE seq = 5"], ["seq 5: the row is missing"]),
    "the first row removed": (["DELETE FROM event WHERE seq = 1"], ["seq 1: the row is missing"]),
    "the last rows removed": (
        ["DELETE FROM event WHERE seq >= 13"],
        ["seq 13: the row is missing", "seq 14: the row is missing"],
    ),
    "all rows removed": (
        ["DELETE FROM event"],
        [f"seq {seq}: the row is missing" for seq in range(1, 15)],
    ),
    "two rows swapped": (
        [update(EventRow).where(col(EventRow.seq) == old).values(seq=new) for old, new in ((6, 99), (7, 6), (99, 7))],
        [
            "seq 6: it is not bound to the row before it",
            "seq 6: the row was changed, its hash does not fit",
            "seq 7: it is not bound to the row before it",
            "seq 7: the row was changed, its hash does not fit",
            "seq 8: it is not bound to the row before it",
        ],
    ),
    "the intake": (
        [update(IntakeRow).values(content=CHANGED)],
        ["intake: the content was changed, its hash does not fit"],
    ),
    "the intake with its hash": (
        [update(IntakeRow).values(content=CHANGED, content_hash=digest_text(CHANGED))],
        ["seq 1: the intake is not the one that was received"],
    ),
    "a projected case": (
        [update(CaseRow).values(received_at=on("Tue 2026-03-03 10:00"), breaches=0)],
        ["case: breaches is not what the events say", "case: received_at is not what the events say"],
    ),
    "a projected breach": (
        [update(DutyRow).where(col(DutyRow.key) == "decide").values(breached=False, status="met")],
        ["duty decide: breached is not what the events say", "duty decide: status is not what the events say"],
    ),
    "a deadline's version removed": (
        ["DELETE FROM deadline_version WHERE duty = 'decide' AND version = 2"],
        ["deadline decide version 2: the row is missing"],
    ),
    "a deadline's version added": (
        [insert(DeadlineRow).values(complaint_id="C-1", duty="decide", version=4, provisional=False, proof={})],
        ["deadline decide version 4: the row does not follow from the events"],
    ),
    "a proof": (
        ["UPDATE deadline_version SET proof = '{}' WHERE duty = 'decide' AND version = 3"],
        ["deadline decide version 3: proof is not what the events say"],
    ),
    "the case's row removed": (
        ["DELETE FROM deadline_version", "DELETE FROM duty", "DELETE FROM complaint_case"],
        [
            "case: the row is missing",
            *(f"deadline decide version {version}: the row is missing" for version in (1, 2, 3)),
            "deadline review_window version 1: the row is missing",
            *(f"duty {key}: the row is missing" for key in ("decide", "review_window", "tell_pause")),
        ],
    ),
    "a letter": (
        ["UPDATE notice SET body = '另一封信'"],
        ["seq 11: the letter is not the one that was sent, its hash does not fit"],
    ),
    "a letter's proof": (
        ["UPDATE notice SET proof = 'other'"],
        ["seq 11: the letter's proof is not the one that was recorded"],
    ),
    "when a letter was sent": (
        [update(NoticeRow).values(sent_at=on("Wed 2026-03-18 15:00"))],
        ["seq 11: the letter's time of sending is not the one that was recorded"],
    ),
    "a letter that never left": (
        [
            (
                "INSERT INTO notice SELECT 'C-1.late.1', complaint_id, 'late', method, subject, body, body_hash, "
                "template, template_hash, written_at, sent_at, proof FROM notice"
            )
        ],
        ["letter C-1.late.1: it is marked as sent, and no event says so"],
    ),
    "a letter removed": (["DELETE FROM notice"], ["seq 11: the letter it speaks of is not in the record"]),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_the_audit_names_what_was_changed(ledger: Ledger, record_url: str, what: str) -> None:
    changes, expected = TAMPERED[what]
    whole_case(ledger)
    tamper(record_url, *changes)
    assert list(ledger.verify("C-1").differences) == expected


def test_a_chain_written_anew_is_found_by_the_head_that_the_case_remembers(ledger: Ledger, record_url: str) -> None:
    """Somebody who rewrites the last event with hashes that fit must rewrite the case too."""
    whole_case(ledger)
    *_, before, _last = ledger.timeline("C-1")
    other = link("C-1", 14, story()[-1].model_copy(update={"reason": "另一理由"}), PIN, before.hash)
    tamper(record_url, "DELETE FROM event WHERE seq = 14", insert(EventRow).values(other.model_dump()))
    assert ledger.verify("C-1").differences == ("case: head_hash is not what the events say",)


DUE = on("Wed 2026-03-18 00:00")
MET = ev.NoticeExempted(
    at=on("Mon 2026-03-09 09:00"), recorded_at=on("Mon 2026-03-09 09:00"), kind="decision", reason="r"
)
ALARMS: dict[str, tuple[list[ev.Event], dict[str, Any], list[str]]] = {
    "as the fold says": ([], {}, []),
    "another deadline": (
        [],
        {"due": on("Tue 2026-03-17 00:00"), "at": on("Tue 2026-03-17 00:00")},
        [
            (
                "seq 2: deadline_breached says decide was due 2026-03-17T00:00:00+08:00, "
                "the fold says 2026-03-18T00:00:00+08:00"
            )
        ],
    ),
    "another instant": (
        [],
        {"at": on("Wed 2026-03-18 00:01")},
        [
            (
                "seq 2: deadline_breached is dated 2026-03-17T16:01:00+00:00, "
                "the deadline it names is 2026-03-17T16:00:00+00:00"
            )
        ],
    ),
    "before it was true": (
        [],
        {"recorded_at": on("Tue 2026-03-17 23:59:59")},
        [
            (
                "seq 2: deadline_breached was recorded 2026-03-17T15:59:59+00:00, "
                "before the deadline 2026-03-17T16:00:00+00:00"
            )
        ],
    ),
    "an unknown duty": (
        [],
        {"duty": "sing"},
        ["seq 2: deadline_breached names sing, the fold knows no such duty"],
    ),
    "a duty that was met": ([MET], {}, ["seq 3: deadline_breached names decide, by the fold it had ended: met"]),
}


@pytest.mark.parametrize("what", ALARMS)
def test_a_breach_must_be_the_one_that_the_fold_knows(ledger: Ledger, what: str) -> None:
    """The breach was recorded by a process; the audit computes it again from the events before it."""
    before, other, expected = ALARMS[what]
    open_case(ledger)
    breach = {"at": DUE, "recorded_at": on("Wed 2026-03-18 03:00"), "duty": "decide", "due": DUE, **other}
    ledger.append("C-1", 1, [received(), *before, ev.DeadlineBreached(**breach)], PIN)
    assert list(ledger.verify("C-1").differences) == expected


def test_a_letter_that_was_sent_but_not_filed_is_named(ledger: Ledger) -> None:
    """What the record says was told must be there to be read."""
    open_case(ledger)
    ledger.append("C-1", 1, story(), PIN)
    assert ledger.verify("C-1").differences == ("seq 11: the letter it speaks of is not in the record",)
    put_letter(ledger)
    assert ledger.verify("C-1").differences == ("seq 11: the letter's proof is not the one that was recorded",)
    ledger.rebuild("C-1")
    assert ledger.verify("C-1").ok


def test_a_case_under_rules_that_are_not_here_says_so(ledger: Ledger, record_url: str) -> None:
    """A pack with another hash is not used silently: the chain is checked, the fold is declined."""
    open_case(ledger)
    row = link("C-1", 1, received(), PIN.model_copy(update={"pack_hash": "f" * 64}), GENESIS)
    tamper(record_url, insert(EventRow).values(row.model_dump()))
    (line,) = ledger.verify("C-1").differences
    assert line.startswith("the events cannot be folded again: cn-2020-3: the pack here has hash ")
