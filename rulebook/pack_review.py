"""What a valid pack may still get wrong beside others: checked by hand before it is published, never when it is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from rulebook.ceiling import exceeds
from rulebook.errors import UnsoundPackError
from rulebook.mark import Mark, article
from rulebook.pack import RulePack, load, pack_names, read_pack, rule_pack
from rulebook.pack_checks import ENDS, FACTS, Place
from rulebook.pack_parts import DutyRule, InForce
from rulebook.plain_yaml import line_of
from rulebook.shelves import pack_files

BINDING = frozenset({"statute", "regulator"})
"""The layers of which one pack alone may be in force on a day; of insurers' packs each complaint has its own insurer's."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to say about the part of a pack at *where*."""

    where: Place
    reason: str


@dataclass(frozen=True, slots=True)
class Review:
    """What a check finds: the pack as it would run, and one line, with file and line number, for each warning and mark."""

    pack: RulePack
    warnings: tuple[str, ...]
    marks: tuple[str, ...]


def review(path: Path) -> Review:
    """
    Return the pack in the file at *path*, with what is to be known about it before it is published.

    PackError if it cannot be read; UnsoundPackError, with one line for each fault, if it is valid by itself and still wrong.
    """
    pack = read_pack(path)
    data = load(path)
    own = RulePack.model_validate(data)
    others = [rule_pack(name) for name in pack_names() if name != pack.pack]
    if faults := _lines(path, data, _faults(own, pack, others)):
        raise UnsoundPackError(faults)
    warnings = (Remark(("limits", finding.limit), str(finding)) for finding in exceeds(pack))
    return Review(pack, _lines(path, data, warnings), _lines(path, data, _marks(own)))


def published(name_or_file: str) -> Path:
    """Return the file of a published pack, or the file itself, which ends in ``.yaml``; PackError for an unknown name."""
    path = Path(name_or_file)
    return path if path.suffix == ".yaml" else pack_files()[rule_pack(name_or_file).pack]


def _lines(path: Path, data: Any, remarks: Iterable[Remark]) -> tuple[str, ...]:
    return tuple(
        f"{path.name}:{line_of(data, one.where)}: {'.'.join(map(str, one.where))}: {one.reason}" for one in remarks
    )


def _faults(own: RulePack, whole: RulePack, others: Iterable[RulePack]) -> Iterator[Remark]:
    """Yield what is wrong with *own*, which lies over another pack as *whole*, beside the *others* that are published."""
    yield from _overlaps(own, others)
    yield from _days(own)
    yield from _citations((), own.model_dump(mode="json", by_alias=True))
    yield from _choices(own)
    yield from _unused(own, whole)
    if own.layer == "statute" and not any(duty.id == "decide" for duty in own.duties):
        # The process, the letters and the figures ask for the limit to answer under this name, whatever the law calls it.
        yield Remark(("duties",), "a statute has a duty `decide`: by when the complaint must be answered")


def _overlaps(own: RulePack, others: Iterable[RulePack]) -> Iterator[Remark]:
    for other in others:
        same = (own.jurisdiction, own.layer) == (other.jurisdiction, other.layer)
        if same and own.layer in BINDING and _overlap(own.in_force, other.in_force):
            until = other.in_force.until
            span = f"from {other.in_force.start}" + (f" until {until}" if until else "")
            reason = f"{other.pack} is in force {span} as the {own.layer} of {own.jurisdiction}; a day has one"
            yield Remark(("in_force",), reason)


def _overlap(one: InForce, other: InForce) -> bool:
    return (other.until is None or one.start < other.until) and (one.until is None or other.start < one.until)


def _days(own: RulePack) -> Iterator[Remark]:
    first = min(source.effective for source in own.sources)
    if own.in_force.start < first:
        reason = f"{own.in_force.start} lies before {first}, the day on which the first of its sources takes effect"
        yield Remark(("in_force", "from"), reason)
    for number, source in enumerate(own.sources):
        if source.effective < source.issued:
            reason = f"{source.effective} lies before {source.issued}, the day on which it was issued"
            yield Remark(("sources", number, "effective"), reason)


def _citations(where: Place, part: Any) -> Iterator[Remark]:
    """Yield every citation in *part* that is blank: the types refuse only what is absent or too short."""
    if isinstance(part, Mapping):
        for name, value in part.items():
            if name == "citation" and not str(value).strip():
                yield Remark((*where, name), "an article is missing")
            yield from _citations((*where, name), value)
    elif isinstance(part, list):
        for number, value in enumerate(part):
            yield from _citations((*where, number), value)


def _own_duties(pack: RulePack) -> Iterator[tuple[Place, DutyRule]]:
    yield from ((("duties", number), duty) for number, duty in enumerate(pack.duties))
    if pack.slips:
        yield from ((("slips", "duties", number), duty) for number, duty in enumerate(pack.slips.duties))


def _choices(own: RulePack) -> Iterator[Remark]:
    for where, duty in _own_duties(own):
        reached = {index for facts in _worlds(duty) if (index := _chosen(duty, facts)) is not None}
        for number, choice in enumerate(duty.limits):
            if number not in reached:
                reason = (
                    f"{choice.limit} can never apply: the limits before it, or the duty's own condition, leave nothing"
                )
                yield Remark((*where, "limits", number), reason)


def _worlds(duty: DutyRule) -> Iterator[dict[str, str]]:
    """Yield every combination of the facts that the limits of *duty* look at, known or unknown, under which it can run."""
    names = sorted({fact for choice in duty.limits for fact in choice.when} | set(duty.when))
    for values in product(*((None, *sorted(FACTS.get(name, ENDS))) for name in names)):
        facts = {name: value for name, value in zip(names, values, strict=True) if value is not None}
        # A duty that does not lapse runs on when its conditions cease, and may then choose what they exclude.
        if not duty.lapses or all(_among(facts.get(name), wanted) for name, wanted in duty.when.items()):
            yield facts


def _among(value: str | None, wanted: str | tuple[str, ...]) -> bool:
    return value in ((wanted,) if isinstance(wanted, str) else wanted)


def _chosen(duty: DutyRule, facts: Mapping[str, str]) -> int | None:
    return next((number for number, choice in enumerate(duty.limits) if choice.applies(facts)), None)


def _unused(own: RulePack, whole: RulePack) -> Iterator[Remark]:
    duties = [duty for _, duty in _own_duties(whole)]
    extended = {duty.extension for duty in duties if duty.extension}
    used = {choice.limit for duty in duties for choice in duty.limits}
    used |= {name for key in extended for name in (whole.extensions[key].limit, whole.extensions[key].after)}
    yield from (Remark(("limits", name), "no duty uses this limit") for name in own.limits if name not in used)
    for name in own.extensions:
        if name not in extended:
            yield Remark(("extensions", name), "no duty can be extended by it")
    paused = {name for duty in duties for name in duty.pauses}
    yield from (Remark(("pauses", name), "no duty is paused by it") for name in own.pauses if name not in paused)


def _marks(own: RulePack) -> Iterator[Remark]:
    """Yield every part that is less than verified, with its mark."""
    said: list[tuple[Place, str, Mark]] = [
        *((("sources", number), source.title, source.mark) for number, source in enumerate(own.sources)),
        *((("limits", name), rule.citation, rule.mark) for name, rule in own.limits.items()),
        *((where, duty.citation, duty.mark) for where, duty in _own_duties(own)),
        *((("pauses", name), pause.citation, pause.mark) for name, pause in own.pauses.items()),
        *((("extensions", name), extension.citation, extension.mark) for name, extension in own.extensions.items()),
        *((("rules", name), clause.citation, clause.mark) for name, clause in own.rules.items()),
        *((("retention", name), rule.citation, rule.mark) for name, rule in own.retention.items()),
        *((("returns", name), rule.citation, rule.mark) for name, rule in own.returns.items()),
        *((("schemes", name), scheme.citation, scheme.mark) for name, scheme in own.schemes.items()),
    ]
    yield from (Remark(where, article(citation, mark)) for where, citation, mark in said if mark != "verified")
