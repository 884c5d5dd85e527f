"""
What happens to a dispatch slip (会办单): one department's share of a complaint, for one category (R100–R108).

Every event names its slip, so that the slip's own clock and the complaint's record tell one slip from another.
"""

from __future__ import annotations

from typing import Literal

from rulebook.event import Event
from rulebook.scalars import Flag, Hashes, Prose, Word, Words


class SlipEvent(Event):
    """A fact about one dispatch slip."""

    slip: Word


class SlipDispatched(SlipEvent):
    """
    The slip went to a department, with the complaint's whole problem (R103).

    *main* marks the main department, *copies* the departments that get a copy, *replaces* the slip that was returned,
    *opinion* is customer service's first opinion (初步处理意见, R017).
    """

    type: Literal["slip_dispatched"] = "slip_dispatched"
    category: Word | None = None
    unit: Word
    department: Word
    coordinator: Word
    main: Flag = False
    copies: Words = ()
    replaces: Word | None = None
    reason: Prose
    opinion: Prose = ""


class SlipAccepted(SlipEvent):
    """The department took the slip; from here it reports progress."""

    type: Literal["slip_accepted"] = "slip_accepted"


class SlipReturned(SlipEvent):
    """The matter is not the department's business: customer service dispatches anew (R102)."""

    type: Literal["slip_returned"] = "slip_returned"
    reason: Prose


class SlipProgressed(SlipEvent):
    """The coordinator reported progress to customer service (R040)."""

    type: Literal["slip_progressed"] = "slip_progressed"
    text: Prose


class SlipAnswered(SlipEvent):
    """The department reported what it verified."""

    type: Literal["slip_answered"] = "slip_answered"
    findings: Prose
    evidence: Hashes = ()


class SlipSentBack(SlipEvent):
    """The findings do not answer the customer's evidence: back for re-investigation (返回重新调查, R020)."""

    type: Literal["slip_sent_back"] = "slip_sent_back"
    reason: Prose


class SlipRecalled(SlipEvent):
    """Customer service took the slip back: it is not needed any more."""

    type: Literal["slip_recalled"] = "slip_recalled"
    reason: Prose
