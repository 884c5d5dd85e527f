"""
Rule packs: what a jurisdiction's law, or an insurer's own rules, demand, as data.

A pack is one YAML file. It is read once, validated, and identified by the SHA-256 of its content. A published pack is never
edited; a case carries the name and the hash of the pack it was received under (a `Pin`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, time
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import rfc8785
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from rulebook.calendar import WorkingCalendar, calendar, calendar_version
from rulebook.errors import LimitError, NoRulesInForce, PackError
from rulebook.events import NoticeKind
from rulebook.limit import Limit, Unit
from rulebook.pack_checks import EVENT_NAMES, PackPartError, problems

PACKS = Path(__file__).parent / "packs"


def _event_name(name: str) -> str:
    if name not in EVENT_NAMES:
        raise ValueError(f"no event is called {name!r}")
    return name


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("no such time zone") from error
    return name


EventName = Annotated[str, AfterValidator(_event_name)]
Citation = Annotated[str, Field(min_length=2)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(_Part):
    """A sentence in Chinese and in English."""

    zh: str
    en: str


class Source(_Part):
    """A legal text that the pack follows."""

    title: str
    number: str
    issued: date
    effective: date


class InForce(_Part):
    """The days of receipt for which the pack is the law: from *from* on, before *until* if there is one."""

    start: date = Field(alias="from")
    until: date | None = None


class LimitRule(_Part):
    """A limit with the article that sets it."""

    amount: int
    unit: Unit
    citation: Citation
    text: Text

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


class Choice(_Part):
    """One limit of a duty, and the facts under which it applies; without *when* it always does."""

    limit: str
    when: dict[str, str] = Field(default_factory=dict)

    def applies(self, facts: Mapping[str, str]) -> bool:
        """Return whether all conditions hold in *facts*."""
        return all(facts.get(name) == value for name, value in self.when.items())


class Reminder(_Part):
    """How long before the last day a reminder falls, and the time of that day in the pack's zone."""

    before: int = Field(ge=0)
    unit: Literal["nd", "wd"] = "nd"
    at: time = time(9)

    def __str__(self) -> str:
        """Return the name under which a raised reminder is recorded, such as ``5nd``."""
        return f"{self.before}{self.unit}"


class DutyRule(_Part):
    """
    What must be done, by whom, from which event on, and which event fulfils it.

    A *duty* binds the insurer and can be breached; a *window* is a right of the complainant and can only end. A duty without
    limits must be met promptly (及时): it is shown while it is open and never breached.
    """

    id: str
    kind: Literal["duty", "window"]
    title: Text
    who: str
    citation: Citation
    start: tuple[EventName, ...] = Field(min_length=1)
    when: dict[str, str] = Field(default_factory=dict)
    limits: tuple[Choice, ...] = ()
    met_by: tuple[EventName, ...] = Field(min_length=1)
    cancelled_by: tuple[EventName, ...] = ()
    reset_by: tuple[EventName, ...] = ()
    restart_by: tuple[EventName, ...] = ()
    pauses: tuple[str, ...] = ()
    extension: str | None = None
    reminders: tuple[Reminder, ...] = ()
    layer: str = ""

    def choose(self, facts: Mapping[str, str]) -> str | None:
        """Return the id of the first limit that applies under *facts*, or None if the duty is merely prompt."""
        return next((choice.limit for choice in self.limits if choice.applies(facts)), None)


class PauseRule(_Part):
    """A ground on which the law leaves time out, and the notice it demands."""

    title: Text
    citation: Citation
    notice: NoticeKind | None = None


class Ceiling(_Part):
    """The longest a limit can become, all extensions included."""

    amount: int
    unit: Unit


class ExtensionRule(_Part):
    """How a limit can be extended: by how much, after which limit, approved by whom, told how, how often."""

    limit: str
    after: str
    approvers: tuple[Literal["superior_institution", "head_office_senior_manager"], ...] = Field(min_length=1)
    notice: NoticeKind
    at_most: int = Field(ge=1)
    ceiling: Ceiling
    citation: Citation


class Clause(_Part):
    """A rule without a limit of its own, kept for its article and its number."""

    citation: Citation
    text: Text
    at_most: int | None = None
    at_least: int | None = None


class RulePack(_Part):
    """The rules of one jurisdiction, or of one insurer over them, in one version."""

    pack: str
    jurisdiction: str
    layer: Literal["statute", "regulator", "company", "team"]
    title: Text
    time_zone: Annotated[str, AfterValidator(_zone)]
    calendar: str
    in_force: InForce
    sources: tuple[Source, ...] = Field(min_length=1)
    limits: dict[str, LimitRule]
    duties: tuple[DutyRule, ...] = Field(min_length=1)
    pauses: dict[str, PauseRule] = Field(default_factory=dict)
    extensions: dict[str, ExtensionRule] = Field(default_factory=dict)
    rules: dict[str, Clause] = Field(default_factory=dict)
    decision_parts: tuple[str, ...] = ()
    refusal_grounds: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for problem in problems(self):
            raise problem
        return self

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone in which days begin and end."""
        return ZoneInfo(self.time_zone)

    @cached_property
    def content_hash(self) -> str:
        """
        SHA-256 of the pack's content in canonical JSON, in hexadecimal; comments and order of keys do not count.

        What a pack leaves at its default is left out, so that a later version of this model, with one more optional field,
        still finds the hash that running cases are pinned to.
        """
        content = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return hashlib.sha256(rfc8785.dumps(content)).hexdigest()

    @cached_property
    def event_names(self) -> frozenset[str]:
        """The names of all events that open, meet, cancel or restart a duty."""
        return frozenset(
            name
            for duty in self.duties
            for names in (duty.start, duty.met_by, duty.cancelled_by, duty.reset_by, duty.restart_by)
            for name in names
        )

    def limit(self, name: str) -> LimitRule:
        """Return the limit called *name*; PackError lists the names when there is none."""
        try:
            return self.limits[name]
        except KeyError:
            raise PackError(f"{self.pack}: no limit {name!r}; there are {', '.join(self.limits)}") from None


class Pin(BaseModel):
    """The pack and the calendar version a case runs under: names, and the hash that must still match."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pack: str
    pack_hash: str
    calendar: str

    def open(self) -> tuple[RulePack, WorkingCalendar]:
        """Return the pinned pack and calendar; PackError when the pack here is not the one pinned."""
        pack = rule_pack(self.pack)
        if pack.content_hash != self.pack_hash:
            raise PackError(
                f"{self.pack}: the pack here has hash {pack.content_hash[:12]}, the case was pinned to "
                f"{self.pack_hash[:12]}; deploy the version the case was received under"
            )
        return pack, calendar_version(self.calendar)


@lru_cache
def rule_pack(name: str) -> RulePack:
    """Return the published pack called *name*, read once; PackError lists the packs when there is none."""
    path = PACKS / f"{name}.yaml"
    if path not in PACKS.glob("*.yaml"):
        raise PackError(f"no rule pack is called {name!r}; there are {', '.join(pack_names())}")
    return read_pack(path)


def pin_for(received_at: datetime, known_on: date, jurisdiction: str = "CN") -> Pin:
    """
    Return what a complaint received at *received_at* is pinned to.

    The statute in force that day in its own time zone, and the calendar as known on *known_on*. NoRulesInForce when no
    published pack was in force.
    """
    for name in pack_names():
        pack = rule_pack(name)
        day = received_at.astimezone(pack.zone).date()
        within = pack.in_force.start <= day and (pack.in_force.until is None or day < pack.in_force.until)
        if pack.layer == "statute" and pack.jurisdiction == jurisdiction and within:
            return pin_to(name, known_on)
    raise NoRulesInForce(
        f"no rule pack of {jurisdiction} was in force on {received_at.date()}; name one to pin it by hand"
    )


def pin_to(name: str, known_on: date) -> Pin:
    """
    Return the pin to the pack called *name*, whenever it was in force, and to its calendar as known on *known_on*.

    For complaints that come from elsewhere and are to run under rules chosen by hand. PackError when there is no such pack.
    """
    pack = rule_pack(name)
    version = calendar(pack.calendar).as_known_on(known_on).version
    return Pin(pack=pack.pack, pack_hash=pack.content_hash, calendar=version)


def preload() -> None:
    """
    Read every published pack and its calendar now, so that no later question has to.

    For processes with many threads: the first questions would otherwise all read the same files at once.
    """
    for name in pack_names():
        calendar(rule_pack(name).calendar)


def pack_names() -> list[str]:
    """Return the names of the published packs."""
    return sorted(path.stem for path in PACKS.glob("*.yaml"))


def read_pack(path: Path) -> RulePack:
    """Return the pack in the file at *path*; PackError names the file, the line, the place and the reason in one line."""
    try:
        data = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise PackError(f"{path.name}: cannot be read: {error.__class__.__name__}") from error
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"{mark.line + 1}:" if mark else ""
        problem = str(getattr(error, "problem", None) or "a character that YAML does not allow").splitlines()[0]
        raise PackError(f"{path.name}:{line} not YAML: {problem}") from error
    except ValueError as error:  # YAML builds the dates: one that does not exist ends here.
        raise PackError(f"{path.name}: not YAML: {error}") from error
    try:
        pack = RulePack.model_validate(data)
    except ValidationError as error:
        raise PackError(_explain(path, data, error)) from error
    if pack.pack != path.stem:
        raise PackError(f"{path.name}:{_line(data, ('pack',))}: pack: the name must be that of the file, {path.stem!r}")
    return pack


def _explain(path: Path, data: Any, error: ValidationError) -> str:
    first = error.errors()[0]
    cause = first.get("ctx", {}).get("error")
    where = first["loc"] + (cause.where if isinstance(cause, PackPartError) else ())
    place = ".".join(str(part) for part in where) or "pack"
    reason = first["msg"].removeprefix("Value error, ")
    return f"{path.name}:{_line(data, where)}: {place}: {reason}"


def _line(data: Any, location: tuple[int | str, ...]) -> int:
    line = 1
    for part in location:
        try:
            line = (data.lc.item(part) if isinstance(part, int) else data.lc.key(part))[0] + 1
            data = data[part]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
    return int(line)
