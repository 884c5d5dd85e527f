"""The parts a rule pack is made of: limits, duties, reminders, pauses and the sections of an insurer's own rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from rulebook.errors import LimitError
from rulebook.event import Level
from rulebook.events import CountingGround, NoticeKind, Origin
from rulebook.limit import DAY, Limit, Unit
from rulebook.mark import Mark
from rulebook.pack_checks import EVENT_NAMES, PAUSED_BY


def _event_name(name: str) -> str:
    # Which grounds of a pause there are, the pack itself says: see `pack_checks`.
    if name not in EVENT_NAMES and not name.startswith(PAUSED_BY):
        raise ValueError(f"no event is called {name!r}")
    return name


def zone_name(name: str) -> str:
    """Return *name* if it names a time zone; ValueError otherwise."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("no such time zone") from error
    return name


EventName = Annotated[str, AfterValidator(_event_name)]
Citation = Annotated[str, Field(min_length=2)]
Condition = str | tuple[str, ...]
"""The value that a fact must have, or the values of which it must have one."""


def holds(when: Mapping[str, Condition], facts: Mapping[str, str]) -> bool:
    """Return whether *facts* fulfil all conditions in *when*; a fact that is not known fulfils none."""
    return all(facts.get(name) in ((value,) if isinstance(value, str) else value) for name, value in when.items())


DUTY_FACT = "duty."
"""How a condition on another duty begins: ``duty.early: met`` holds once that duty of the pack has been met in time."""


class Part(BaseModel):
    """A part of a pack: never changed, and without fields that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(Part):
    """A sentence in Chinese and in English."""

    zh: str
    en: str


class Source(Part):
    """A legal text that the pack follows."""

    title: str
    number: str
    issued: date
    effective: date
    mark: Mark = "verified"


class InForce(Part):
    """The days of receipt for which the pack is the law: from *from* on, before *until* if there is one."""

    start: date = Field(alias="from")
    until: date | None = None

    def covers(self, day: date) -> bool:
        """Return whether a complaint received on *day* falls under the pack."""
        return self.start <= day and (self.until is None or day < self.until)

    def within(self, other: InForce) -> bool:
        """Return whether *other* covers every day that this covers."""
        return other.start <= self.start and (
            other.until is None or (self.until is not None and self.until <= other.until)
        )


class LimitRule(Part):
    """A limit with the article that sets it."""

    amount: int
    unit: Unit
    citation: Citation
    text: Text
    mark: Mark = "verified"

    @model_validator(mode="after")
    def _positive(self) -> Self:
        _ = self.limit
        return self

    @cached_property
    def limit(self) -> Limit:
        """The amount and unit as a `Limit`."""
        try:
            return Limit(self.amount, self.unit)
        except LimitError as error:
            raise ValueError(str(error)) from error


class Choice(Part):
    """One limit of a duty, and the facts under which it applies; without *when* it always does."""

    limit: str
    when: dict[str, Condition] = Field(default_factory=dict)

    def applies(self, facts: Mapping[str, str]) -> bool:
        """Return whether all conditions hold in *facts*."""
        return holds(self.when, facts)


class Reminder(Part):
    """
    A step of a duty's reminders: *before* the last day or *after* it, and at which time of that day in the pack's zone.

    ``after: 0`` is the due instant itself, whatever *at* says. *to* is the level that is reminded (R105); None leaves it to
    the coordinator.
    """

    before: int | None = Field(default=None, ge=0)
    after: int | None = Field(default=None, ge=0)
    unit: Literal["nd", "wd"] = "nd"
    at: time = time(9)
    to: Level | None = None

    @model_validator(mode="after")
    def _one_side(self) -> Self:
        if (self.before is None) is (self.after is None):
            raise ValueError("a reminder comes either before or after")
        return self

    def __str__(self) -> str:
        """Return the name under which a raised reminder is recorded, such as ``5nd``, or ``+1wd`` after the deadline."""
        return f"{self.before}{self.unit}" if self.after is None else f"+{self.after}{self.unit}"


class DutyRule(Part):
    """
    What must be done, by whom, from which event on, and which event fulfils it.

    A *duty* binds the insurer and can be breached; a *window* is a right of the complainant and can only end; a *target* is
    dated like a duty, but missing it is no breach. A duty without limits must be met promptly (及时): it is shown while it
    is open and never breached.

    *again*: once met, it starts anew from that instant; missed, from the missed deadline. *once*: a second start event
    opens no second instance. *lapses*: it ends when its conditions hold no longer, and may then open again.
    *dated_by_event*: the event that starts it says the last day, in its field ``last_day``.
    """

    id: str
    kind: Literal["duty", "window", "target"]
    title: Text
    who: str
    citation: Citation
    start: tuple[EventName, ...] = Field(min_length=1)
    when: dict[str, Condition] = Field(default_factory=dict)
    limits: tuple[Choice, ...] = ()
    met_by: tuple[EventName, ...] = Field(min_length=1)
    cancelled_by: tuple[EventName, ...] = ()
    reset_by: tuple[EventName, ...] = ()
    restart_by: tuple[EventName, ...] = ()
    pauses: tuple[str, ...] = ()
    extension: str | None = None
    reminders: tuple[Reminder, ...] = ()
    layer: str = ""
    again: bool = False
    once: bool = False
    lapses: bool = False
    dated_by_event: bool = False
    mark: Mark = "verified"

    @property
    def events(self) -> tuple[str, ...]:
        """Return the names of all events that do something to it."""
        return (*self.start, *self.met_by, *self.cancelled_by, *self.reset_by, *self.restart_by)

    def choose(self, facts: Mapping[str, str]) -> str | None:
        """Return the id of the first limit that applies under *facts*, or None if the duty is merely prompt."""
        return next((choice.limit for choice in self.limits if choice.applies(facts)), None)


class PauseRule(Part):
    """A ground on which the law leaves time out, and the notice it demands."""

    title: Text
    citation: Citation
    notice: NoticeKind | None = None
    mark: Mark = "verified"


class Ceiling(Part):
    """The longest a limit can become, all extensions included."""

    amount: int
    unit: Unit


class ExtensionRule(Part):
    """How a limit can be extended: by how much, after which limit, approved by whom, told how, how often."""

    limit: str
    after: str
    approvers: tuple[Literal["superior_institution", "head_office_senior_manager"], ...] = Field(min_length=1)
    notice: NoticeKind
    at_most: int = Field(ge=1)
    ceiling: Ceiling
    citation: Citation
    mark: Mark = "verified"


class Clause(Part):
    """A rule without a limit of its own, kept for its article and its number."""

    citation: Citation
    text: Text
    at_most: int | None = None
    at_least: int | None = None
    mark: Mark = "verified"


class Extends(Part):
    """The pack over which this one lies, and the content hash that it must have."""

    pack: str
    hash: str = Field(pattern=r"^[0-9a-f]{64}$")


class SlipRules(Part):
    """The duties of a dispatch slip (会办单), each slip under its own clock; their limits are those of the pack."""

    duties: tuple[DutyRule, ...] = Field(min_length=1)


class Unreachable(Part):
    """What must have been tried before the complainant counts as unreachable (R151, R152, C19)."""

    attempts: int = Field(ge=1)
    days: int = Field(ge=1)
    channels: int = Field(ge=1)
    citation: Citation


class QuietHours(Part):
    """When, in the pack's zone, the complainant is not disturbed by *methods*; midnight may lie in between."""

    start: time
    end: time
    methods: tuple[str, ...] = Field(min_length=1)
    citation: Citation

    @model_validator(mode="after")
    def _not_all_day(self) -> Self:
        if self.start == self.end:
            raise ValueError("quiet hours must end at another time than they begin")
        return self

    def ends(self, instant: datetime, method: str, zone: ZoneInfo) -> datetime | None:
        """Return from when on *method* may be used; None if it may be used at *instant*, which must carry a time zone."""
        local = instant.astimezone(zone)
        now = local.time()
        over_midnight = self.end < self.start
        quiet = now >= self.start or now < self.end if over_midnight else self.start <= now < self.end
        if not quiet or method not in self.methods:
            return None
        tomorrow = over_midnight and now >= self.start
        return datetime.combine(local.date() + (DAY if tomorrow else timedelta()), self.end, zone)


class Routing(Part):
    """The level of the organisation that handles a complaint of each origin; the others stay where they came in."""

    levels: dict[Origin, Literal["head_office", "province", "city", "county"]] = Field(min_length=1)
    citation: Citation


class CountingProfile(Part):
    """
    How one audience counts complaints (C8): the weight of an *escalated* one (R166, C9), and what is left out (R080–R082).

    It changes figures only: what is left out is registered and handled like any other complaint.
    """

    escalated: int = Field(ge=1)
    excluded: tuple[CountingGround, ...] = ()
    citation: Citation
    text: Text


def watched(duties: Iterable[DutyRule]) -> frozenset[str]:
    """Return the ids of the duties whose end the conditions of *duties* read."""
    duties = list(duties)
    asked = [duty.when for duty in duties] + [choice.when for duty in duties for choice in duty.limits]
    return frozenset(fact.removeprefix(DUTY_FACT) for when in asked for fact in when if fact.startswith(DUTY_FACT))


def event_names(duties: Iterable[DutyRule]) -> frozenset[str]:
    """Return the names of all events that do something to one of *duties*."""
    return frozenset(name for duty in duties for name in duty.events)
