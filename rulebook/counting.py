"""How much one complaint counts for each audience (C8): the company's figures, the regulator's and the annual report's."""

from __future__ import annotations

from collections.abc import Iterable

from rulebook import events as ev
from rulebook.pack import RulePack

PROFILES = ("company", "regulator", "annual")
"""The counting profiles that the house's indicators name; `rulebook/packs/company-life.yaml` says more of each."""

OF_THE_FORWARDER = frozenset({"regulator", "annual"})
"""The profiles whose reader counts what it forwarded (监管转办) by itself, one by one (公司设定)."""

WEIGHED = (ev.Merged, ev.CountingExcluded, ev.Escalated)
"""The events on which a weight depends."""


def weights(pack: RulePack, events: Iterable[ev.Event], *, forwarded: bool) -> dict[str, int]:
    """
    Return how much the complaint of *events* counts under each counting profile of *pack*; nothing for a pack without any.

    Nought where its ground is left out (R080–R082), the profile's weight if it escalates one that was closed as responsible
    (R166, C9), one otherwise. What was merged into another complaint (合并处理, art. 18(3)) counts with that one, under any
    rules; only the regulator and the annual report go on counting one that the regulator *forwarded* (公司设定). What a
    complaint weighs never decides whether and how it is handled.
    """
    happened = list(events)
    if any(isinstance(event, ev.Merged) for event in happened):
        return {name: int(forwarded and name in OF_THE_FORWARDER) for name in pack.counting or PROFILES}
    grounds = {event.ground for event in happened if isinstance(event, ev.CountingExcluded)}
    escalated = any(isinstance(event, ev.Escalated) and event.responsible for event in happened)
    return {
        name: 0 if grounds.intersection(profile.excluded) else profile.escalated if escalated else 1
        for name, profile in pack.counting.items()
    }
