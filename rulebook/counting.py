"""How much one complaint counts for each audience (C8): the company's figures, the regulator's and the annual report's."""

from __future__ import annotations

from collections.abc import Iterable

from rulebook import events as ev
from rulebook.pack import RulePack


def weights(pack: RulePack, events: Iterable[ev.Event]) -> dict[str, int]:
    """
    Return how much the complaint of *events* counts under each counting profile of *pack*; nothing for a pack without any.

    Nought where its ground is left out (R080–R082), the profile's weight if it escalates one that was closed as responsible
    (R166, C9), one otherwise. What a complaint weighs never decides whether and how it is handled.
    """
    happened = list(events)
    grounds = {event.ground for event in happened if isinstance(event, ev.CountingExcluded)}
    escalated = any(isinstance(event, ev.Escalated) and event.responsible for event in happened)
    return {
        name: 0 if grounds.intersection(profile.excluded) else profile.escalated if escalated else 1
        for name, profile in pack.counting.items()
    }
