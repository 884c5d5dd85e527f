"""What every event that a command becomes carries: when it is true, when it was written down, and who answers for it."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from models.commands import Command


class Stamp(TypedDict):
    """The three fields that all events share."""

    at: datetime
    recorded_at: datetime
    by: str


def stamp(command: Command, now: datetime) -> Stamp:
    """Return the stamp of what *command* becomes at *now*; a fact reported later keeps its own legal instant."""
    return {"at": command.at or now, "recorded_at": now, "by": command.actor}
