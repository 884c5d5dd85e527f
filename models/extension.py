"""An application for further time, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rulebook import events as ev


@dataclass(slots=True)
class Extension:
    """An application for further time and what became of it (art. 18(1))."""

    asked: ev.ExtensionRequested
    approved: ev.ExtensionApproved | None = None
    refused: ev.ExtensionRefused | None = None
    told: ev.NoticeGiven | ev.NoticeExempted | None = None

    @property
    def status(self) -> Literal["requested", "approved", "in_force", "refused"]:
        """Return how far it has come; it is in force only once the complainant has been told."""
        if self.refused:
            return "refused"
        if not self.approved:
            return "requested"
        return "in_force" if self.told else "approved"

    @property
    def pending(self) -> bool:
        """Return whether it still waits for an approval or for the notice."""
        return self.status in {"requested", "approved"}
