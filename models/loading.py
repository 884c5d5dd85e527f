"""What a workflow that continues in a new run asks of the record, page by page, and what it is given."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from models.opening import Done
from rulebook.events import AnyEvent, RunEnd
from rulebook.pack import Pin
from rulebook.scalars import Flag, Instant, Sha256, Whole, Word

PAGE_BYTES = 400_000
"""How many bytes of events one page carries at most, as JSON; sealed it stays below half a megabyte."""

BATCH_BYTES = 400_000
"""How many bytes of events are written to the record at once."""

BATCH_EVENTS = 500
"""How many events are written to the record at once: more would take longer than a step may."""


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class PageOrder(_Message):
    """
    Give the events of a complaint, or of its *child*, that follow number *after* of the complaint's record.

    The record must hold *count* events of it in all, *known* of which came on earlier pages; otherwise it is behind.
    """

    complaint_id: Word
    child: Word | None = None
    count: Whole = Field(ge=0)
    known: Whole = Field(default=0, ge=0)
    after: Whole = Field(default=0, ge=0)


class EventPage(_Message):
    """
    Events in order, their long texts left out (`models.shortening`), and what the commands behind them were answered.

    *after* is where the next page begins; None says that this is the last one.
    """

    events: tuple[AnyEvent, ...]
    done: tuple[Done, ...] = ()
    after: Whole | None = None


class Extent(_Message):
    """
    What the record and the server know of a complaint that is to be brought back.

    The record has *events* of it, the last one *recorded_at*, under the rules *pin*, and of what was said the hash
    *content_hash*; *destroyed* says that its content is gone, and *absorbed* which complaints were merged into it, by their
    own records. Its last run *run* has *ended* so, at *ended_at*, as far as the server still knows; a step of it was
    *writing* the record then.
    """

    events: Whole
    recorded_at: Instant
    pin: Pin
    content_hash: Sha256
    destroyed: Flag = False
    absorbed: tuple[Word, ...] = ()
    ended: RunEnd = "forgotten"
    ended_at: Instant | None = None
    run: Word = ""
    writing: Flag = False


class EventQuestion(_Message):
    """Which event, in full, is number *number* of the record of a complaint."""

    complaint_id: Word
    number: Whole = Field(ge=1)


class EventInFull(_Message):
    """An event with all that it says."""

    event: AnyEvent


class Answers(_Message):
    """
    What the commands of a complaint's *child* were answered, to be kept for their repetition.

    The record must hold *count* events of the child; otherwise it is behind.
    """

    complaint_id: Word
    child: Word
    count: Whole = Field(ge=1)
    done: tuple[Done, ...]
