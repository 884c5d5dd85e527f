"""
A worker whose first letter of a kind kills it: ``python -m tests.workflow.dying_worker .decision.``.

The letter lies in the outbox, its proof is not yet on record, and the process is gone: the worst moment to die.
"""

from __future__ import annotations

import os
import signal
import sys

import activities
from activities.delivery import Outbox, Outgoing
from engine.exit import leave
from tests import present  # noqa: F401  # its clocks too say what they say there
from worker import main


class LastLetter(Outbox):
    """An outbox whose process does not survive a letter whose id holds the word."""

    word = ".decision."

    def deliver(self, outgoing: Outgoing) -> str:
        proof = super().deliver(outgoing)
        if self.word in outgoing.notice:
            os.kill(os.getpid(), signal.SIGKILL)
        return proof


if __name__ == "__main__":
    LastLetter.word = sys.argv.pop()
    activities.Outbox = LastLetter  # type: ignore[attr-defined]  # the wiring takes it from there
    leave(main())
