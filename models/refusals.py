"""How often what came as a signal was refused: the first few are told one by one, the others together."""

from __future__ import annotations

from collections.abc import Iterator

from rulebook import events as ev

FEW = 5
"""So many refusals of one command for one reason are each an event; then one tells of as many as there were before it."""

Reason = tuple[str, str]
"""Command and code."""


class Refusals:
    """
    The tally of refused signals, so that a flood of them cannot grow the record.

    What is on record is folded from the events; what was refused since is kept here until it is told.
    """

    def __init__(self) -> None:
        self._told: dict[Reason, int] = {}
        self._untold: dict[Reason, int] = {}

    def apply(self, event: ev.Event) -> None:
        """Take one more event into account."""
        if isinstance(event, ev.CommandRefused):
            reason = (event.command, event.code)
            self._told[reason] = self._told.get(reason, 0) + event.times

    def note(self, command: str, code: str) -> int:
        """Count one more refusal of *command* with *code*; return of how many to tell now, nought to wait for more."""
        reason = (command, code)
        told, waiting = self._told.get(reason, 0), self._untold.get(reason, 0) + 1
        if told >= FEW and waiting < told:
            self._untold[reason] = waiting
            return 0
        self._untold.pop(reason, None)
        return waiting

    def rest(self) -> Iterator[tuple[str, str, int]]:
        """Yield command, code and number of what was refused and not told, each of them once."""
        while self._untold:
            (command, code), times = self._untold.popitem()
            yield command, code, times
