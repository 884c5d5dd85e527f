"""What is handed over, who can take it, and how that can fail."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from models.outages import Outage

PATIENCE_SECONDS = 12.0
"""How long one handing-over may take: less than its step, so that no second attempt starts while the first still talks."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """
    A letter on its way out.

    *notice* is its stable id: handing the same one over twice must deliver it once. *method* is one of the ways that
    art. 21 knows; *recipient* is the address for that way, empty when the insurer has none. *written_at* dates a letter
    that shows its date outside its text. *page* is the same as one HTML page, for those who read it in the outbox;
    empty when there is none.
    """

    notice: str
    method: str
    recipient: str
    subject: str
    body: str
    written_at: datetime | None = None
    page: str = ""


class Delivery(Protocol):
    """Hands letters over to whatever carries them."""

    def deliver(self, outgoing: Outgoing) -> str:
        """Hand *outgoing* over and return what proves it (art. 21); DeliveryRefused, DeliveryUnavailable."""
        ...


class DeliveryError(Exception):
    """A letter was not taken; the message is one line and names nobody."""


class DeliveryRefused(DeliveryError):  # noqa: N818  # the name is the error type that people see
    """It was refused for good."""


class DeliveryUnavailable(DeliveryError, Outage):  # noqa: N818
    """It was not taken now."""


class Patience:
    """The time that is left for one handing-over, shared by all its steps."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds  # noqa: TID251  # a stopwatch, not legal time

    def left(self) -> float:
        """Return the seconds that are left, for the next thing that may block; DeliveryUnavailable when none are."""
        left = self._end - time.monotonic()  # noqa: TID251
        if left <= 0:
            raise DeliveryUnavailable("handing the letter over took too long")
        return left


def one_line(text: str) -> str:
    """Return *text* fit for a header: its line breaks, controls and runs of blanks become single blanks."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
