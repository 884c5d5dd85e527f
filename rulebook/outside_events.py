"""What the law of many places asks for when an answer takes long: a holding letter, and the way to an outside scheme."""

from __future__ import annotations

from typing import Literal

from rulebook.event import Event
from rulebook.scalars import Day, Prose, Word


class HoldingWritten(Event):
    """
    The complainant is to be told that there is no answer yet, why, and that one is expected by *last_day*.

    The letter follows by itself, as the notice ``holding``, and names the schemes of the pack.
    """

    type: Literal["holding_written"] = "holding_written"
    holding: Word
    reason: Prose
    last_day: Day


class SchemeSought(Event):
    """The complainant took the complaint to *scheme*, one of those in the pack; *reference* is its number there."""

    type: Literal["scheme_sought"] = "scheme_sought"
    scheme: Word
    reference: Word
