"""What the complainant may still have to be told about, found without looking at all that ever happened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from models.case import CaseState
from rulebook import events as ev

_REFS: dict[type[ev.Event], tuple[ev.NoticeKind, str]] = {
    ev.ClockPaused: ("pause", "pause"),
    ev.MaterialRequested: ("material", "request"),
    ev.ProgressWritten: ("progress", "progress"),
    ev.HoldingWritten: ("holding", "holding"),
}
"""Which notice follows each of these events, and the field by whose value the notice refers to it."""


class Untold:
    """The events that each ask for a notice of their own: those of which nobody was told, or only need not be told."""

    def __init__(self) -> None:
        self._open: dict[str, dict[str, Any]] = defaultdict(dict)

    def take(self, event: ev.Event, state: CaseState) -> None:
        """Take one more *event* into account, which *state* knows already."""
        if isinstance(event, ev.NoticeGiven):
            if event.ref is not None:
                self._open[event.kind].pop(event.ref, None)
        elif isinstance(event, ev.DeadlineBreached):
            # Nobody is told that we are late by a deadline which other rules put into the past.
            if event.duty == "decide" and not event.shortened:
                self._add("late", str(len(state.breaches)), event, state)
        elif (asks := _REFS.get(type(event))) is not None:
            kind, name = asks
            self._add(kind, getattr(event, name), event, state)

    def of(self, kind: ev.NoticeKind) -> Iterator[tuple[str, Any]]:
        """Yield each reference of *kind* of which nobody was told, with its event, in the order in which they came."""
        yield from self._open[kind].items()

    def _add(self, kind: ev.NoticeKind, ref: str, event: ev.Event, state: CaseState) -> None:
        # Another system may have told before it says that it had to.
        if not any(isinstance(one, ev.NoticeGiven) for one in _notices(state, kind, ref)):
            self._open[kind][ref] = event


def _notices(state: CaseState, kind: ev.NoticeKind, ref: str) -> list[Any]:
    if not state.told(kind, ref):
        return []
    return [one for one in state.notices if (one.kind, one.ref) == (kind, ref)]
