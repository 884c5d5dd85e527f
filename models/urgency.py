"""
Which complaint goes first when there are more than can be handled at once (投诉数量激增, R174).

The order is the company's own setting (公司设定): major complaints first (art. 29), then what the regulator forwarded
(art. 33) or the statute wants soon (art. 18), then the others. What was closed in another system waits for nobody. Among
equals every unit has its turn.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

Urgency = Literal[1, 2, 3, 4, 5]
"""1 goes first; Temporal knows these five levels."""

MAJOR: Urgency = 1
PRESSING: Urgency = 2
ORDINARY: Urgency = 3
OVER: Urgency = 5

SOON = timedelta(days=3)
"""A statutory deadline that is nearer than this presses, and so does one that has passed."""


def urgency(
    *, severity: str, forwarded: bool, statutory_due: datetime | None, now: datetime, over: bool = False
) -> Urgency:
    """
    Return how urgent a complaint is at *now*.

    *severity* is that of its classification, *forwarded* says that the regulator sent it, *statutory_due* is its earliest
    open statutory deadline, *over* says that nobody waits for anything any more.
    """
    if over:
        return OVER
    if severity == "major":
        return MAJOR
    if forwarded or (statutory_due is not None and statutory_due - now < SOON):
        return PRESSING
    return ORDINARY
