"""
How long a run may grow, and how its commands wait while it hands over to the next.

Temporal ends a run whose history grows without end, and takes no update any more from a run that has had two thousand. A
run therefore hands over by its own count, long before. Commands that come while it does so are obeyed and put on record,
but wait for their answers: Temporal lets ten updates of a workflow be under way. In the very task that ends the run all of
them are answered, so that none is lost, none holds it up, and nothing of them is carried.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from temporalio import workflow


@dataclass(frozen=True, slots=True)
class Limits:
    """
    When a run hands over: after so many commands, bytes or events of its history beyond those that it began with.

    *most* is the number of commands from which on they wait even when the record cannot be written; *patience* how long they
    wait before the run goes on instead. *room* is how many bytes it grows at most by commands: beyond them a run that cannot
    hand over takes no more. Temporal ends one of fifty megabytes; the record is given once more all that came, and ten
    commands may be on their way.
    """

    commands: int = 1_000
    most: int = 1_700
    size: int = 4_000_000
    events: int = 4_000
    patience: timedelta = timedelta(seconds=30)
    room: int = 12_000_000


LIMITS = Limits()
"""The limits of every run; a test may put others in their place before it starts a worker."""


class Turns:
    """The commands of one run, and how far its history has grown since it began its work."""

    def __init__(self) -> None:
        self.holding = False
        self._taken = 0
        self._under_way = 0
        self._waiting = 0
        self._began_with = (0, 0)
        self._suggested = False

    def begin(self) -> None:
        """Count from here on: what a run was given to begin with makes no run too long."""
        info = workflow.info()
        self._began_with = info.get_current_history_length(), info.get_current_history_size()
        self._suggested = info.is_continue_as_new_suggested()

    @property
    def long(self) -> bool:
        """Whether the run has grown so long that the case should go on in a new one."""
        info, (events, size) = workflow.info(), self._began_with
        return (
            self._taken >= LIMITS.commands
            or info.get_current_history_length() - events >= LIMITS.events
            or info.get_current_history_size() - size >= LIMITS.size
            or (info.is_continue_as_new_suggested() and not self._suggested)
        )

    @property
    def full(self) -> bool:
        """Whether the run can hardly take another command."""
        return self._taken >= LIMITS.most

    @property
    def out_of_room(self) -> bool:
        """Whether the history has no room for another command, because the record cannot take what came before."""
        return workflow.info().get_current_history_size() - self._began_with[1] >= LIMITS.room

    @property
    def patience(self) -> timedelta:
        """How long answers are held back at most."""
        return LIMITS.patience

    @property
    def settled(self) -> bool:
        """Whether every command that was taken has been answered, or waits for nothing but its answer."""
        return self._under_way == self._waiting

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Count a command from when it comes to when it is answered."""
        self._taken += 1
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    async def until_answered(self) -> None:
        """Wait with the answer to a command that was obeyed until the run no longer holds answers back."""
        if not self.holding:
            return
        self._waiting += 1
        try:
            await workflow.wait_condition(lambda: not self.holding)
        finally:
            self._waiting -= 1
