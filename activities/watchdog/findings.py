"""What the watchdog can find: stable codes, each with what it means and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

REMEDIES: Final[Mapping[str, str]] = {
    "DutyUnnoticed": "no workflow noticed that the time was up; see that a worker runs, then the workflow in the Web UI",
    "ProjectionBehind": "what is derived from the events is older than they are; the watchdog computes it anew",
    "WaitsForPerson": "a step waits for a person; do what docs/workflow.md says of its cause, then tousu retry, or --all",
    "RunMissing": "what was owed was not done; the watchdog starts it, or use tousu schedules run-now",
    "RectificationOverdue": "a corrective action is overdue; ask its owner, see tousu rectification list --overdue",
    "PossibleDuplicate": "another complaint has its reference and receipt; merge the two, or find that they are two",
    "CalendarEnds": "next year's working days are unknown; adopt the notice with tousu calendar adopt",
    "ArchiveMissing": "closed for good and not in the archive; do what it waits for, or seal it with tousu archive seal",
    "WorkflowMissing": "the record says the complaint goes on, no workflow runs; bring it back with tousu reopen",
    "ChildMissing": "a slip or review was ended from outside; its complaint starts it anew when the watchdog next runs",
    "RecordMissing": "a complaint runs and the record does not know it; see in the Web UI why its registration fails",
    "OpeningFailed": "a complaint was turned away when it was opened; tell its sender, who corrects it and opens it again",
    "WaitsForOutage": "a step waits for what is away and goes on by itself; bring that back, see docs/workflow.md",
    "RecordBehind": "workflow and record disagree; correct what its step record fails of, see docs/operations.md",
    "TaskStuck": "its workflow task keeps failing; the worker's log says why; correct the code and deploy, nothing is lost",
    "ScheduleMissing": "the schedule is not on the server; tousu schedules apply",
    "SchedulePaused": "somebody paused the schedule; tousu schedules resume when the reason is gone",
    "ScheduleSilent": "the schedule should have fired and did not; tousu schedules apply --anew",
    "WorkerMissing": "nobody serves the task queue; start a worker",
}
"""Every code with its remedy."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something that is not as it should be: *code* for programs, *subject* an opaque id, *detail* what was seen."""

    code: str
    subject: str
    detail: str = ""

    @property
    def told(self) -> str:
        """The line that people read."""
        detail = f" ({self.detail})" if self.detail else ""
        return f"{self.code} {self.subject}{detail}: {REMEDIES[self.code]}"

    def to_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {"code": self.code, "subject": self.subject, "detail": self.detail, "remedy": REMEDIES[self.code]}
