"""What must hold between the parts of a rule pack, and the names that its parts may use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, get_args, get_type_hints

from rulebook.events import (
    EVENT_TYPES,
    Capacity,
    CommitteeMet,
    CustomerResponded,
    MeasureRecorded,
    NoticeKind,
    Origin,
    Purpose,
    ReportedUp,
)

if TYPE_CHECKING:
    from rulebook.pack import RulePack
    from rulebook.pack_parts import Condition, DutyRule, ExtensionRule

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

_YES_OR_NO = frozenset({"yes", "no"})

FACTS_OF_ACTS: Mapping[str, frozenset[str]] = {
    "origin": FACTS["origin"],
    "severity": FACTS["severity"],
    "result": FACTS["liability"],
    "agreed": _YES_OR_NO,
    "delegated": _YES_OR_NO,
    "system": _YES_OR_NO,
    "reply": frozenset({"written", "other"}),
    "purpose": frozenset(get_args(Purpose)),
    "capacity": frozenset(get_args(Capacity)),
}
"""The facts of a case and a command that conditions of the matrix may read, and their values."""

QUALIFIERS: Mapping[str, frozenset[str]] = {
    "notice_given": frozenset(get_args(NoticeKind)),
    "notice_exempted": frozenset(get_args(NoticeKind)),
    "notice_received": frozenset(get_args(NoticeKind)),
    "reported_up": frozenset(get_args(ReportedUp.model_fields["to"].annotation)),
    "exemption_lifted": frozenset(get_args(NoticeKind)),
    "measure_recorded": frozenset(get_args(MeasureRecorded.model_fields["status"].annotation)),
    "committee_met": frozenset(get_args(CommitteeMet.model_fields["subject"].annotation)),
    "customer_responded": frozenset(get_args(get_type_hints(CustomerResponded.qualifier)["return"])),
}
"""What may follow the type of an event in a pack, as in ``notice_given.decision``."""

_TYPES = frozenset(str(kind.model_fields["type"].default) for kind in EVENT_TYPES)

EVENT_NAMES = _TYPES | {f"{kind}.{qualifier}" for kind, names in QUALIFIERS.items() for qualifier in names}
"""The names of events that a pack may use; a misspelt one would be a duty that nothing ever fulfils."""

PAUSED_BY = "clock_paused."
"""How the name of a pause's beginning begins; the ground that follows is one of the pack's own pauses."""

ENDS = frozenset({"met", "met_late", "cancelled", "window_closed"})
"""The ends of a duty that conditions of another may read."""

DATED = frozenset(str(kind.model_fields["type"].default) for kind in EVENT_TYPES if "last_day" in kind.model_fields)
"""The names of events that say a last day."""

Place = tuple[int | str, ...]


class PackPartError(ValueError):
    """Two parts of a pack contradict each other; *where* is the path to the part at fault."""

    def __init__(self, where: Place, reason: str) -> None:
        super().__init__(reason)
        self.where = where


def problems(pack: RulePack, base: RulePack | None) -> Iterator[PackPartError]:
    """Yield what contradicts itself in *pack*, and what contradicts *base*, the pack that it extends."""
    if base is not None:
        yield from _over(pack, base)
    known = _Known(pack, base)
    yield from _duties(("duties",), pack.duties, known)
    if pack.slips is not None:
        yield from _duties(("slips", "duties"), pack.slips.duties, known)
        for number, duty in enumerate(pack.slips.duties):
            yield from _slip(("slips", "duties", number), duty)
    for name, extension in pack.extensions.items():
        yield from _extension(("extensions", name), extension, known)
    for act, rules in pack.authority.items():
        for number, rule in enumerate(rules):
            # A misspelt condition would never hold, and its rule would hold back nobody.
            yield from _conditions(("authority", act, number, "when"), rule.when, FACTS_OF_ACTS)
    until = pack.in_force.until
    if until is not None and until <= pack.in_force.start:
        yield PackPartError(("in_force", "until"), "it must lie after the first day in force")


class _Known:
    """What duties and extensions may refer to: the parts of the pack and those of its base."""

    def __init__(self, pack: RulePack, base: RulePack | None) -> None:
        self.limits = (base.limits if base else {}) | pack.limits
        self.duties = {duty.id for duty in (*(base.duties if base else ()), *pack.duties)}
        self.pauses = (base.pauses if base else {}) | pack.pauses
        self.extensions = (base.extensions if base else {}) | pack.extensions
        self.ends = {f"duty.{name}": ENDS for name in self.duties}


def _over(pack: RulePack, base: RulePack) -> Iterator[PackPartError]:
    """Yield where *pack* says something that is for *base* to say: the law's parts are not redefined."""
    for field in ("jurisdiction", "time_zone", "calendar"):
        if getattr(pack, field) != getattr(base, field):
            yield PackPartError((field,), f"it must be that of {base.pack}, {getattr(base, field)!r}")
    if pack.layer == base.layer:
        yield PackPartError(("layer",), f"{base.pack}, which it extends, is the {base.layer} already")
    if not pack.in_force.within(base.in_force):
        yield PackPartError(("in_force",), f"it must lie within the days in which {base.pack} is in force")
    for place in _set_anew(pack, base):
        yield PackPartError(place, f"{base.pack} sets it, and it cannot be set anew")
    for number, duty in enumerate(pack.duties):
        if duty.layer not in {"", pack.layer}:
            yield PackPartError(("duties", number, "layer"), f"a duty of this pack is of the layer {pack.layer}")


def _set_anew(pack: RulePack, base: RulePack) -> Iterator[Place]:
    for field in ("limits", "pauses", "extensions", "rules", "retention", "returns", "schemes"):
        yield from ((field, name) for name in getattr(pack, field) if name in getattr(base, field))
    yield from ((field,) for field in ("decision_parts", "refusal_grounds") if getattr(pack, field))
    theirs = {duty.id for duty in base.duties}
    yield from (("duties", number, "id") for number, duty in enumerate(pack.duties) if duty.id in theirs)


def _duties(where: Place, duties: Iterable[DutyRule], known: _Known) -> Iterator[PackPartError]:
    seen: set[str] = set()
    for number, duty in enumerate(duties):
        here: Place = (*where, number)
        if duty.id in seen:
            yield PackPartError((*here, "id"), f"there are two duties {duty.id!r}")
        seen.add(duty.id)
        yield from _references(here, duty, known)
        yield from _choices(here, duty)
        yield from _dating(here, duty)
        yield from _reminders(here, duty)


def _references(where: Place, duty: DutyRule, known: _Known) -> Iterator[PackPartError]:
    for number, choice in enumerate(duty.limits):
        yield from _unknown((*where, "limits", number, "limit"), "limit", [choice.limit], known.limits)
        yield from _conditions((*where, "limits", number, "when"), choice.when, {**FACTS, **known.ends})
    yield from _conditions((*where, "when"), duty.when, {**FACTS, **known.ends})
    for field in ("start", "met_by", "cancelled_by", "reset_by", "restart_by"):
        grounds = [name.removeprefix(PAUSED_BY) for name in getattr(duty, field) if name.startswith(PAUSED_BY)]
        yield from _unknown((*where, field), "pause", grounds, known.pauses)
    yield from _unknown((*where, "pauses"), "pause", duty.pauses, known.pauses)
    yield from _unknown((*where, "extension"), "extension", filter(None, [duty.extension]), known.extensions)


def _choices(where: Place, duty: DutyRule) -> Iterator[PackPartError]:
    for number, choice in enumerate(duty.limits[:-1]):
        if not choice.when:
            yield PackPartError((*where, "limits", number), "a limit without a condition hides those after it")
    if duty.limits and duty.limits[-1].when:
        yield PackPartError((*where, "limits", len(duty.limits) - 1), "the last limit must apply without a condition")


def _dating(where: Place, duty: DutyRule) -> Iterator[PackPartError]:
    if duty.dated_by_event:
        if duty.limits or duty.extension or duty.pauses:
            yield PackPartError((*where, "dated_by_event"), "the event sets the day: no limit, extension or pause does")
        for field in ("start", "reset_by", "restart_by"):
            if any(name.partition(".")[0] not in DATED for name in getattr(duty, field)):
                yield PackPartError((*where, field), f"only {' or '.join(sorted(DATED))} says a last day")
    elif not duty.limits and (duty.kind != "duty" or duty.reminders or duty.extension or duty.again):
        yield PackPartError((*where,), "a window, a target, a reminder, an extension and a recurring duty need a limit")


def _slip(where: Place, duty: DutyRule) -> Iterator[PackPartError]:
    # A slip's clock knows the slip's events and hardly any of the complaint's: nothing else may change its dates.
    if any(not name.startswith("slip_") for name in duty.start):
        yield PackPartError((*where, "start"), "a slip's duty starts with an event of the slip")
    if duty.kind == "window" or duty.pauses or duty.extension:
        yield PackPartError(where, "a slip knows no window, pause or extension")
    if duty.when or any(choice.when for choice in duty.limits):
        yield PackPartError(where, "a slip knows none of the complaint's facts, so it knows no condition")


def _reminders(where: Place, duty: DutyRule) -> Iterator[PackPartError]:
    seen: set[str] = set()
    for number, reminder in enumerate(duty.reminders):
        if str(reminder) in seen:
            yield PackPartError((*where, "reminders", number), f"there are two reminders {reminder}")
        seen.add(str(reminder))
        if duty.kind == "window" and reminder.after is not None:
            yield PackPartError((*where, "reminders", number), "nobody is reminded of a window that has ended")


def _unknown(where: Place, what: str, names: Iterable[str], known: Mapping[str, object]) -> Iterator[PackPartError]:
    return (PackPartError(where, f"no {what} is called {name!r}") for name in names if name not in known)


def _conditions(
    where: Place, conditions: Mapping[str, Condition], facts: Mapping[str, frozenset[str]] = FACTS
) -> Iterator[PackPartError]:
    for fact, wanted in conditions.items():
        for value in (wanted,) if isinstance(wanted, str) else wanted:
            if value not in facts.get(fact, frozenset()):
                yield PackPartError((*where, fact), f"no fact {fact}={value}")


def _extension(where: Place, extension: ExtensionRule, known: _Known) -> Iterator[PackPartError]:
    for field, name in (("limit", extension.limit), ("after", extension.after)):
        yield from _unknown((*where, field), "limit", [name], known.limits)
    limit, after = known.limits.get(extension.limit), known.limits.get(extension.after)
    if limit is None or after is None:
        return
    units = {limit.unit, after.unit, extension.ceiling.unit}
    longest = after.amount + extension.at_most * limit.amount
    if len(units) != 1 or longest != extension.ceiling.amount:
        yield PackPartError((*where, "ceiling"), "the ceiling must be what limit and extensions add up to, in one unit")
