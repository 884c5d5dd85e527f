"""What people ask of a dispatch slip (会办单): the department's own commands, and those of customer service about it."""

from __future__ import annotations

from models.commands import Command
from rulebook.scalars import Hashes, Line, Narrative, Reason


class SlipCommand(Command):
    """A command to one slip of a complaint, such as ``s1``."""

    slip: Line


class AcceptSlip(SlipCommand):
    """Take the slip as the department's coordinator (R037, R039)."""


class ReturnSlip(SlipCommand):
    """Return the slip: not the department's business (R102); customer service dispatches anew."""

    reason: Reason


class ReportProgress(SlipCommand):
    """Report progress to customer service, at least every five working days (R040)."""

    text: Narrative


class AnswerSlip(SlipCommand):
    """Report what the department verified (核实情况)."""

    findings: Narrative
    evidence: Hashes = ()


class SendBackSlip(SlipCommand):
    """Send the slip back for re-investigation (返回重新调查), as customer service (R020)."""

    reason: Reason


class RecallSlip(SlipCommand):
    """Take the slip back, as customer service: it is not needed any more."""

    reason: Reason
