"""What must hold between the parts of a rule pack, and the names that its parts may use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, get_args

from rulebook.events import EVENT_TYPES, NoticeKind, Origin, PauseGround, ReportedUp

if TYPE_CHECKING:
    from rulebook.pack import DutyRule, ExtensionRule, RulePack

FACTS: Mapping[str, frozenset[str]] = {
    "complexity": frozenset({"simple", "complex"}),
    "severity": frozenset({"general", "important", "major"}),
    "decided_by": frozenset({"branch", "head_office"}),
    "liability": frozenset({"responsible", "non_responsible", "litigation"}),
    "route": frozenset({"customer_service", "departments"}),
    "origin": frozenset(get_args(Origin)),
    "material": frozenset({"complete", "lacking"}),
}
"""The facts that conditions may read, and their values."""

QUALIFIERS: Mapping[str, frozenset[str]] = {
    "notice_given": frozenset(get_args(NoticeKind)),
    "notice_exempted": frozenset(get_args(NoticeKind)),
    "notice_received": frozenset(get_args(NoticeKind)),
    "clock_paused": frozenset(get_args(PauseGround)),
    "reported_up": frozenset(get_args(ReportedUp.model_fields["to"].annotation)),
    "exemption_lifted": frozenset(get_args(NoticeKind)),
}
"""What may follow the type of an event in a pack, as in ``notice_given.decision``."""

_TYPES = frozenset(str(kind.model_fields["type"].default) for kind in EVENT_TYPES)

EVENT_NAMES = _TYPES | {f"{kind}.{qualifier}" for kind, names in QUALIFIERS.items() for qualifier in names}
"""The names of events that a pack may use; a misspelt one would be a duty that nothing ever fulfils."""

Place = tuple[int | str, ...]


class PackPartError(ValueError):
    """Two parts of a pack contradict each other; *where* is the path to the part at fault."""

    def __init__(self, where: Place, reason: str) -> None:
        super().__init__(reason)
        self.where = where


def problems(pack: RulePack) -> Iterator[PackPartError]:
    """Yield what contradicts itself in *pack*."""
    seen: set[str] = set()
    for number, duty in enumerate(pack.duties):
        where: Place = ("duties", number)
        if duty.id in seen:
            yield PackPartError((*where, "id"), f"there are two duties {duty.id!r}")
        seen.add(duty.id)
        yield from _references(where, duty, pack)
        yield from _choices(where, duty)
    for name, extension in pack.extensions.items():
        yield from _extension(("extensions", name), extension, pack)
    until = pack.in_force.until
    if until is not None and until <= pack.in_force.start:
        yield PackPartError(("in_force", "until"), "it must lie after the first day in force")


def _references(where: Place, duty: DutyRule, pack: RulePack) -> Iterator[PackPartError]:
    for number, choice in enumerate(duty.limits):
        yield from _unknown((*where, "limits", number, "limit"), "limit", [choice.limit], pack.limits)
        yield from _conditions((*where, "limits", number, "when"), choice.when)
    yield from _conditions((*where, "when"), duty.when)
    yield from _unknown((*where, "pauses"), "pause", duty.pauses, pack.pauses)
    yield from _unknown((*where, "extension"), "extension", filter(None, [duty.extension]), pack.extensions)


def _choices(where: Place, duty: DutyRule) -> Iterator[PackPartError]:
    for number, choice in enumerate(duty.limits[:-1]):
        if not choice.when:
            yield PackPartError((*where, "limits", number), "a limit without a condition hides those after it")
    if duty.limits and duty.limits[-1].when:
        yield PackPartError((*where, "limits", len(duty.limits) - 1), "the last limit must apply without a condition")
    if not duty.limits and (duty.kind == "window" or duty.reminders or duty.extension):
        yield PackPartError((*where,), "a window, a reminder and an extension need a limit")


def _unknown(where: Place, what: str, names: Iterable[str], known: Mapping[str, object]) -> Iterator[PackPartError]:
    return (PackPartError(where, f"no {what} is called {name!r}") for name in names if name not in known)


def _conditions(where: Place, conditions: Mapping[str, str]) -> Iterator[PackPartError]:
    for fact, value in conditions.items():
        if value not in FACTS.get(fact, frozenset()):
            yield PackPartError((*where, fact), f"no fact {fact}={value}")


def _extension(where: Place, extension: ExtensionRule, pack: RulePack) -> Iterator[PackPartError]:
    for field, name in (("limit", extension.limit), ("after", extension.after)):
        yield from _unknown((*where, field), "limit", [name], pack.limits)
    limit, after = pack.limits.get(extension.limit), pack.limits.get(extension.after)
    if limit is None or after is None:
        return
    units = {limit.unit, after.unit, extension.ceiling.unit}
    longest = after.amount + extension.at_most * limit.amount
    if len(units) != 1 or longest != extension.ceiling.amount:
        yield PackPartError((*where, "ceiling"), "the ceiling must be what limit and extensions add up to, in one unit")
