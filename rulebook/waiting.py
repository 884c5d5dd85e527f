"""
What is still waited for once a complaint is closed: nothing keeps it open that nobody can do any more.

The workflow's end, the archive and the watchdog ask here: what is at rest for one of them is not waited for by another.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rulebook.duty import Duty

AFTER_CLOSURE: Final = frozenset(
    {
        "absorbed",
        "acknowledged",
        "answer_demanded",
        "calendar_adopted",
        "case_summarised",
        "contact_attempted",
        "contact_changed",
        "counting_excluded",
        "end_reported",
        "exemption_lifted",
        "measure_recorded",
        "notice_received",
        "particulars_corrected",
        "recovered",
        "regulator_answered",
        "released",
        "reopened",
        "reported_up",
        "review_decided",
        "review_examined",
        "review_requested",
        "reviewer_appointed",
        "scheme_sought",
        "sign_off_given",
        "sign_off_refused",
        "sign_off_requested",
        "step_retried",
        "step_skipped",
        "vexatious_flagged",
        "vexatious_lifted",
    }
)
"""The events that a closed complaint can still have; every other one is refused, or is past."""

TOLD_AFTER_CLOSURE: Final = frozenset({"withdrawal", "refusal", "merge", "review_decision"})
"""What the complainant may still have to be told then: how the procedure ended, and what a review came to."""

NOTICES: Final = frozenset({"notice_given", "notice_exempted"})


def can_still_come(name: str) -> bool:
    """Return whether the event that rules call *name*, such as ``notice_given.decision``, can befall a closed complaint."""
    kind, _, qualifier = name.partition(".")
    if kind in NOTICES:
        return not qualifier or qualifier in TOLD_AFTER_CLOSURE
    return kind in AFTER_CLOSURE


def waited_for(open_duties: Iterable[Duty]) -> tuple[Duty, ...]:
    """
    Return those of a closed complaint's *open_duties* that it is still waited for.

    A window ends by itself. A duty or target counts as long as something can still fulfil it, and a duty whose deadline lies
    ahead until its breach is on record; one that would only be missed again and again does not.
    """
    return tuple(filter(_holds_open, open_duties))


def _holds_open(duty: Duty) -> bool:
    if duty.kind == "window" or any(map(can_still_come, duty.rule.met_by)):
        return True
    return duty.kind == "duty" and not duty.rule.again and duty.due is not None and not duty.recorded(duty.due)
