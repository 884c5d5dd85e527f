"""What the scheduled workflows hand to their activities and what they bring back; names of periods, areas and codes only."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from models.identifiers import ComplaintId, PersonId
from models.supervision import Kind
from rulebook.scalars import Flag, Instant, Sha256, Whole, Word

SUPERVISION_WORKFLOW: str = "SupervisionWorkflow"
WATCHDOG_WORKFLOW: str = "WatchdogWorkflow"
FOLLOW_UP_WORKFLOW: str = "FollowUpWorkflow"


def run_id(schedule: str, period: str) -> str:
    """Return the identity of what *schedule* does about *period*, such as ``bulletin-2026-W47``: one run, ever."""
    return f"{schedule}-{period}"


def schedule_id(schedule: str) -> str:
    """Return the id under which Temporal knows *schedule*."""
    return f"tousu-{schedule}"


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Firing(_Message):
    """A schedule fired; *period* names what a person asked for by hand, None for whatever is owed."""

    schedule: Word
    period: Word | None = None


class OwedQuestion(_Message):
    """The question what *schedule* owes at the instant *at*, or about *period* alone."""

    schedule: Word
    at: Instant
    period: Word | None = None


class RunOrder(_Message):
    """Do what *schedule* owes about *period*, as things stand *at* an instant; *passed_over* are covered too."""

    schedule: Word
    kind: Kind
    period: Word
    passed_over: tuple[Word, ...] = ()
    at: Instant
    title: Word = ""

    @property
    def run(self) -> str:
        """The identity of the run."""
        return run_id(self.schedule, self.period)


class OwedAnswer(_Message):
    """The runs that are owed, oldest first, and in words when the next one is."""

    runs: tuple[RunOrder, ...] = ()
    next: Word = ""


class Drawn(_Message):
    """What a run put down: the hash of its content, the areas that it has a document for, and its counts by name."""

    run: Word
    content_hash: Word
    areas: tuple[Word, ...]
    counts: dict[Word, Whole]


class Sending(_Message):
    """Hand the documents of *run* over to their readers."""

    run: Word
    at: Instant


class Sent(_Message):
    """How many copies of a run's documents were handed over."""

    run: Word
    copies: Whole


class FollowUp(_Message):
    """
    What the recordings showed when they were pulled after a callback (R163) or a spot check (R191).

    *confirmed* says whether the lack of contact, the violation or the false closure is true; *evidence* is the SHA-256
    of what shows it.
    """

    run: Word
    complaint_id: ComplaintId
    confirmed: Flag
    evidence: Sha256
    by: PersonId
    at: Instant


class Look(_Message):
    """The watchdog looks at the instant *at*."""

    at: Instant
    repair: Flag = True


class Seen(_Message):
    """What the watchdog found: how many findings of each code, and how many of them it repaired."""

    found: dict[Word, Whole]
    repaired: Whole


Opinion = Literal["satisfied", "acceptable", "dissatisfied"]
"""What the customer thinks of the result (R161)."""

Verdict = Literal["sound", "false_closure", "wrong_result"]
"""What a spot check of a closed case showed (R023, R191)."""
