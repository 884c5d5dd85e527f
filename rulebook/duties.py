"""All duties of a clock, and those among them that something new can still change: they are few, however long the case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from rulebook.duty import Duty, Status
from rulebook.limit import in_utc

_LIVE = frozenset({"open", "window_closed"})
"""How a duty stands that something new can still change; a window that was closed too early opens again."""


class Duties(dict[str, Duty]):
    """The duties by their keys, in the order in which they opened."""

    def __init__(self, duties: Mapping[str, Duty] | None = None) -> None:
        super().__init__(duties or {})
        self._live = {duty.key: duty for duty in self.values() if duty.status in _LIVE}
        self._newest = {duty.id: duty for duty in self.values()}
        self._last_end = max((in_utc(duty.ended_at) for duty in self.values() if duty.ended_at), default=None)

    def add(self, duty: Duty) -> None:
        """Take in one that has just opened."""
        self[duty.key] = self._live[duty.key] = self._newest[duty.id] = duty

    def end(self, duty: Duty, status: Status, at: datetime) -> None:
        """Have *duty* end at *at*."""
        duty.status, duty.ended_at = status, at
        self._last_end = max(self._last_end or in_utc(at), in_utc(at))
        if status not in _LIVE:
            self._live.pop(duty.key, None)

    @property
    def open(self) -> list[Duty]:
        """Those that still run."""
        return [duty for duty in self._live.values() if duty.status == "open"]

    def touched(self, at: datetime) -> list[Duty]:
        """Return those that a fact of *at* can concern: one that had ended by then stays as it is."""
        late = self._last_end is not None and in_utc(at) < self._last_end
        return list((self if late else self._live).values())

    def newest(self, rule: str) -> Duty | None:
        """Return the one of *rule* that opened last, None if none ever did."""
        return self._newest.get(rule)
