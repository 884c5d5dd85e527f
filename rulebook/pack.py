"""
Rule packs: what a jurisdiction's law, or an insurer's own rules, demand, as data.

A pack is one YAML file. It is read once, validated, and identified by the SHA-256 of its content. A published pack is never
edited; a case carries the name and the hash of the pack it was received under (a `Pin`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

import rfc8785
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, model_validator

from rulebook.authority import Act, AuthorityRule
from rulebook.calendar import WorkingCalendar, calendar, calendar_version
from rulebook.errors import NoRulesInForce, PackError
from rulebook.events import Capacity, Purpose
from rulebook.pack_checks import PackPartError, problems
from rulebook.pack_keeping import RetentionRule, ReturnRule, Scheme
from rulebook.pack_parts import (
    Clause,
    CountingProfile,
    DutyRule,
    Extends,
    ExtensionRule,
    InForce,
    LimitRule,
    Part,
    PauseRule,
    QuietHours,
    Routing,
    SlipRules,
    Source,
    Text,
    Unreachable,
    event_names,
    zone_name,
)
from rulebook.plain_yaml import YamlRefused, line_of, yaml_file
from rulebook.scalars import Word
from rulebook.shelves import PUBLISHED, pack_files

PACKS = PUBLISHED / "packs"


class RulePack(Part):
    """
    The rules of one jurisdiction, or of one insurer over them, in one version.

    A pack that *extends* another holds, once it is read, the rules of both: see `read_pack`.
    """

    pack: str
    jurisdiction: str
    layer: Literal["statute", "regulator", "company", "team"]
    title: Text
    time_zone: Annotated[str, AfterValidator(zone_name)]
    calendar: str
    in_force: InForce
    sources: tuple[Source, ...] = Field(min_length=1)
    extends: Extends | None = None
    limits: dict[str, LimitRule]
    duties: tuple[DutyRule, ...] = Field(min_length=1)
    pauses: dict[str, PauseRule] = Field(default_factory=dict)
    extensions: dict[str, ExtensionRule] = Field(default_factory=dict)
    rules: dict[str, Clause] = Field(default_factory=dict)
    decision_parts: tuple[str, ...] = ()
    refusal_grounds: tuple[str, ...] = ()
    slips: SlipRules | None = None
    unreachable: Unreachable | None = None
    quiet_hours: QuietHours | None = None
    routing: Routing | None = None
    counting: dict[str, CountingProfile] = Field(default_factory=dict)
    authority: dict[Act, tuple[AuthorityRule, ...]] = Field(default_factory=dict)
    sign_offs: dict[Purpose, tuple[Capacity, ...]] = Field(default_factory=dict)
    retention: dict[str, RetentionRule] = Field(default_factory=dict)
    returns: dict[str, ReturnRule] = Field(default_factory=dict)
    schemes: dict[str, Scheme] = Field(default_factory=dict)

    _own_hash: str | None = PrivateAttr(default=None)
    _base: RulePack | None = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for problem in problems(self, _base_of(self.extends) if self.extends else None):
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
        still finds the hash that running cases are pinned to. Of a pack that extends another only its own content counts,
        which names the other's hash.
        """
        if self._own_hash:
            return self._own_hash
        content = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return hashlib.sha256(rfc8785.dumps(content)).hexdigest()

    @cached_property
    def event_names(self) -> frozenset[str]:
        """The names of all events that do something to a duty of the complaint itself."""
        return event_names(self.duties)

    def limit(self, name: str) -> LimitRule:
        """Return the limit called *name*; PackError lists the names when there is none."""
        try:
            return self.limits[name]
        except KeyError:
            raise PackError(f"{self.pack}: no limit {name!r}; there are {', '.join(self.limits)}") from None

    def retention_for(self, record_class: str) -> RetentionRule | None:
        """Return how long records of *record_class*, such as ``complaint``, are kept; None if the rules do not say."""
        return self.retention.get(record_class)

    def source_of(self, limit: str) -> str:
        """Return the name of the pack that sets *limit*: this one, or the one that it extends."""
        return self._base.pack if self._base and limit in self._base.limits else self.pack

    def cites(self, title: str) -> bool:
        """Return whether the pack follows the text called *title*, read itself: only then a letter may name its articles."""
        return any(source.title == title and source.mark == "verified" for source in self.sources)

    def succeeds(self, other: RulePack) -> bool:
        """
        Return whether a complaint under *other* can be moved here.

        Both must count in one jurisdiction, time zone and calendar, and this must be a statute or lie over one.
        """
        here, there = ((pack.jurisdiction, pack.time_zone, pack.calendar) for pack in (self, other))
        return here == there and (self.layer == "statute" or self.extends is not None)

    def over(self, base: RulePack) -> RulePack:
        """Return this pack with the rules of *base* under its own; *base* is what it was validated to extend."""
        inherited = [duty.model_copy(update={"layer": duty.layer or base.layer}) for duty in base.duties]
        update: dict[str, Any] = {
            "sources": (*base.sources, *self.sources),
            "limits": base.limits | self.limits,
            "duties": (*inherited, *self.duties),
            "pauses": base.pauses | self.pauses,
            "extensions": base.extensions | self.extensions,
            "rules": base.rules | self.rules,
            "retention": base.retention | self.retention,
            "returns": base.returns | self.returns,
            "schemes": base.schemes | self.schemes,
            "decision_parts": base.decision_parts,
            "refusal_grounds": base.refusal_grounds,
        }
        composed = self.model_copy(update=update)
        composed._own_hash, composed._base = self.content_hash, base
        return composed


class Pin(BaseModel):
    """The pack and the calendar version a case runs under: names, and the hash that must still match."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pack: Word
    pack_hash: Word
    calendar: Word

    def open(self) -> tuple[RulePack, WorkingCalendar]:
        """Return the pinned pack and calendar; PackError when the pack here is not the one pinned."""
        return pinned_pack(self.pack, self.pack_hash), calendar_version(self.calendar)


def pinned_pack(name: str, content_hash: str) -> RulePack:
    """Return the published pack called *name*; PackError when there is none, or when it has another *content_hash*."""
    given = _GIVEN.get()
    if given is not None:
        pack = given.get(name)
        if pack is None or pack.content_hash != content_hash:
            raise PackError(f"{name}: not among the rules that came with the case")
        return pack
    pack = rule_pack(name)
    if pack.content_hash != content_hash:
        raise PackError(
            f"{name}: the pack here has hash {pack.content_hash[:12]}, the case was pinned to "
            f"{content_hash[:12]}; deploy the version the case was received under"
        )
    return pack


@lru_cache
def rule_pack(name: str) -> RulePack:
    """Return the published pack called *name*, read once; PackError lists the packs when there is none."""
    return read_pack(pack_file(name))


def forget_packs() -> None:
    """Have the files of the packs read anew, because the folder of rules beside the published ones changed."""
    rule_pack.cache_clear()


def pin_for(received_at: datetime, known_on: date, jurisdiction: str = "CN", company: str | None = None) -> Pin:
    """
    Return what a complaint received at *received_at* is pinned to.

    The statute in force that day in its own time zone, and the calendar as known on *known_on*. With *company*, the pack of
    that name, if it extends that statute and is in force itself. NoRulesInForce when no published pack was in force,
    PackError when *company* is no pack that extends another.
    """
    for name in pack_names():
        pack = rule_pack(name)
        day = received_at.astimezone(pack.zone).date()
        if pack.layer == "statute" and pack.jurisdiction == jurisdiction and pack.in_force.covers(day):
            return pin_to(company if company and _applies(company, name, day) else name, known_on)
    raise NoRulesInForce(
        f"no rule pack of {jurisdiction} was in force on {received_at.date()}; name one to pin it by hand"
    )


def _applies(company: str, statute: str, day: date) -> bool:
    pack = rule_pack(company)
    if pack.extends is None:
        raise PackError(f"{company}: it extends no statute, so no complaint can be received under it")
    return pack.extends.pack == statute and pack.in_force.covers(day)


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
    """Return the names of the published packs, and of those in the folder of rules beside them."""
    return sorted(pack_files())


def read_pack(path: Path) -> RulePack:
    """
    Return the pack in the file at *path*, over the published pack that it extends.

    PackError names the file, the line, the place and the reason in one line.
    """
    data = load(path)
    try:
        pack = RulePack.model_validate(data)
    except ValidationError as error:
        raise PackError(_explain(path, data, error)) from error
    if pack.pack != path.stem:
        raise PackError(
            f"{path.name}:{line_of(data, ('pack',))}: pack: the name must be that of the file, {path.stem!r}"
        )
    return pack.over(_base_of(pack.extends)) if pack.extends else pack


def load(path: Path) -> Any:
    """Return the raw content of the file at *path*, which knows its lines; PackError when it is no YAML."""
    try:
        return yaml_file(path)
    except YamlRefused as error:
        line = f":{error.line}" if error.line else ""
        raise PackError(f"{path.name}{line}: {error.rule}") from None


def pack_file(name: str) -> Path:
    """Return the file of the pack called *name*; PackError lists the packs when there is none."""
    try:
        return pack_files()[name]
    except KeyError:
        raise PackError(f"no rule pack is called {name!r}; there are {', '.join(pack_names())}") from None


def read_packs(folder: Path) -> dict[str, RulePack]:
    """
    Return every pack in *folder* by name, each over the one beside it that it extends; what is published plays no part.

    For whoever has the rules of a case as files, such as in an archive. PackError as for `read_pack`.
    """
    token = _BESIDE.set(folder)
    try:
        return {path.stem: read_pack(path) for path in sorted(folder.glob("*.yaml"))}
    finally:
        _BESIDE.reset(token)


@contextmanager
def only(packs: Mapping[str, RulePack]) -> Iterator[None]:
    """Have pinned rules, such as those to which a case was moved, found among *packs* alone within the block."""
    token = _GIVEN.set(packs)
    try:
        yield
    finally:
        _GIVEN.reset(token)


_GIVEN: ContextVar[Mapping[str, RulePack] | None] = ContextVar("_GIVEN", default=None)
"""The rules that came with a case, if it is folded by these alone."""

_BESIDE: ContextVar[Path | None] = ContextVar("_BESIDE", default=None)
"""Where the packs lie that others extend, if not among the published ones."""


def _base_of(extends: Extends) -> RulePack:
    beside = _BESIDE.get()
    known = {file.stem: file for file in beside.glob("*.yaml")} if beside else pack_files()
    path = known.get(extends.pack)
    if path and "extends" in load(path):  # Two that extend each other would never end.
        raise PackPartError(("extends", "pack"), f"{extends.pack} extends a pack itself; extend the statute")
    try:
        base = read_pack(path) if beside and path else rule_pack(extends.pack)
    except PackError as error:
        raise PackPartError(("extends", "pack"), str(error)) from error
    if base.content_hash != extends.hash:
        raise PackPartError(("extends", "hash"), f"{extends.pack} here has hash {base.content_hash}")
    return base


def _explain(path: Path, data: Any, error: ValidationError) -> str:
    first = error.errors()[0]
    cause = first.get("ctx", {}).get("error")
    where = first["loc"] + (cause.where if isinstance(cause, PackPartError) else ())
    place = ".".join(str(part) for part in where) or "pack"
    reason = first["msg"].removeprefix("Value error, ")
    return f"{path.name}:{line_of(data, where)}: {place}: {reason}"
