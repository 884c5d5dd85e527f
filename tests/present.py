"""
What is "now" for tests, and the means to have it be another day.

``TESTS_BEGIN=2027-02-05T23:50+08:00 pytest …`` runs all that begins at the present as if it began then: `now` says so, and
so do the clocks of commands, of rehearsals and of workflows, whose servers stay where they are. `make test-dates` does this
for the days on which dates go wrong.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

BEGIN, LATER_BY = "TESTS_BEGIN", "TESTS_LATER_BY"


def _later() -> timedelta:
    """Return by how much tests live later than their machine; processes that a test starts are told the same."""
    if LATER_BY not in os.environ:
        begin = os.environ.get(BEGIN)
        there = datetime.fromisoformat(begin) - datetime.now(UTC) if begin else timedelta()  # noqa: TID251
        os.environ[LATER_BY] = str(there.total_seconds())
    return timedelta(seconds=float(os.environ[LATER_BY]))


LATER = _later()


def now() -> datetime:
    """Return the present of the tests: the real one, unless they begin on another day."""
    return datetime.now(UTC) + LATER  # noqa: TID251


def program(path: Path) -> list[str]:
    """Return the words behind ``python`` that run the script at *path* in the present of the tests."""
    return ["-m", "tests.later", str(path)] if LATER else [str(path)]


def live_later() -> None:
    """Have every clock of this process say `now`; what workflows wait for are lengths of time and stays as it is."""
    from temporalio.testing import TimeSkipper
    from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

    from cli import session
    from engine.played_days import lived_later

    create, present = SandboxedWorkflowRunner.create_instance, TimeSkipper.get_current_time

    def create_later(self: SandboxedWorkflowRunner, det: Any) -> Any:
        return lived_later(create(self, det), LATER)

    async def present_later(self: TimeSkipper, handle: Any) -> datetime:
        return await present(self, handle) + LATER

    SandboxedWorkflowRunner.create_instance = create_later  # type: ignore[method-assign]
    TimeSkipper.get_current_time = present_later  # type: ignore[method-assign]
    session.now = now


if LATER:
    live_later()
