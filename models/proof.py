"""
What the proof of a complaint's deadlines consists of: plain data, the same for people, programs and pages.

It names people by their ids only and says nothing of the complainant or the matter, so that it can be handed to a lawyer, a
court or a regulator. Shapes are stable: a field is added, never renamed.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

from models.moving import RulesChange
from rulebook.counting_days import DayKind
from rulebook.duty import Status
from rulebook.limit import Unit
from rulebook.mark import Mark

FORMAT: Literal["tousu-proof/1"] = "tousu-proof/1"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Happening(_Part):
    """An event of the record: its number, type, legal instant, when it was recorded, and who answers for it."""

    seq: int
    type: str
    at: datetime
    recorded_at: datetime
    by: str


class RuleSource(_Part):
    """A pack under which the complaint runs, and the legal texts that it follows."""

    pack: str
    hash: str
    layer: str
    title_zh: str
    title_en: str
    sources: tuple[str, ...]


class CalendarNotice(_Part):
    """
    A State Council notice, or a file of another jurisdiction's calendar, that decided a day of this proof.

    *mark* says how firm its days are, *source* where they come from, *note* what they leave out.
    """

    id: str
    title: str
    number: str | None
    published: date
    url: str | None
    mark: Mark = "verified"
    source: str | None = None
    note: str | None = None


class LimitProof(_Part):
    """The limit that applied, its article and words, and the pack that sets it; *name* is ``set_by_event`` for a set day."""

    name: str
    amount: int
    unit: Unit
    extended_by: int
    citation: str
    text_zh: str | None
    text_en: str | None
    pack: str
    hash: str


class DayProof(_Part):
    """
    One calendar day of the count: see `rulebook.counting_days.CountedDay`.

    *why_zh* and *why_en* say in words why the day counted or did not; *source* is the id of the notice that says so, *mark*
    how firm that notice is.
    """

    day: date
    kind: DayKind
    number: int | None
    reason: str
    source: str | None
    provisional: bool
    counted: timedelta
    left_out: timedelta
    ground: str | None
    why_zh: str
    why_en: str
    mark: Mark = "verified"


class PauseProof(_Part):
    """A period that was left out; *events* are those that began and ended it."""

    start: datetime
    end: datetime | None
    ground: str
    title_zh: str
    title_en: str
    citation: str
    events: tuple[Happening, ...]


class VersionProof(_Part):
    """
    One version of a deadline with everything it was computed from.

    *because_of* is the event that made it necessary, *why_zh* and *why_en* say why in words. *agrees* says that the count of
    *days* arrives at *due*, or at *shortened_from* where a notice or other rules put the deadline into the past.
    """

    version: int
    due: datetime | None
    last_day: str | None
    limit: LimitProof
    start: datetime
    started_by: Happening | None
    calendar: str
    horizon: date
    provisional: bool
    pauses: tuple[PauseProof, ...]
    days: tuple[DayProof, ...]
    agrees: bool
    reason: str
    why_zh: str
    why_en: str
    because_of: tuple[Happening, ...]
    computed_at: datetime | None
    shortened_from: datetime | None = None


class BreachProof(_Part):
    """
    A deadline that passed unmet: the legal instant, when the system recorded it, and the delay between the two.

    *stands* is false when a fact recorded later showed that the duty had been met by then, or had another deadline; and when
    it is *shortened*: a notice or other rules had put the deadline into the past.
    """

    due: datetime
    recorded_at: datetime
    delay: timedelta
    stands: bool
    seq: int
    shortened: bool = False


class DutyProof(_Part):
    """One duty, window or target: its rule, every version of its deadline, its breaches, and what met or ended it."""

    key: str
    kind: Literal["duty", "window", "target"]
    slip: str | None
    rule: str
    title_zh: str
    title_en: str
    who: str
    citation: str
    layer: str
    pack: str
    hash: str
    started_at: datetime
    started_by: Happening | None
    status: Status
    breached: bool
    due: datetime | None
    last_day: str | None
    versions: tuple[VersionProof, ...]
    breaches: tuple[BreachProof, ...]
    ended_at: datetime | None
    ended_by: Happening | None


class CaseProof(_Part):
    """
    The proof of one complaint; *head_hash* ends the chain of the events from which it was made.

    *moves* are its moves to other rules, each with what it changed; *rules* are all that held at one time.
    """

    format: Literal["tousu-proof/1"] = FORMAT
    complaint_id: str
    as_of: datetime
    events: int
    head_hash: str
    time_zone: str
    calendar: str
    rules: tuple[RuleSource, ...]
    notices: tuple[CalendarNotice, ...]
    duties: tuple[DutyProof, ...]
    moves: tuple[RulesChange, ...] = ()
