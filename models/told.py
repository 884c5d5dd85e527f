"""What the complainant was told, or need not be told: kept so that asking costs nothing, however many letters there were."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from rulebook import events as ev

Notice = ev.NoticeGiven | ev.NoticeExempted


@dataclass(slots=True)
class Told:
    """The notices of a case, in order, and which of them stand."""

    notices: list[Notice] = field(default_factory=list)
    _kinds: Counter[str] = field(default_factory=Counter)
    _exempt: Counter[str] = field(default_factory=Counter)
    _about: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, notice: Notice) -> None:
        """Take one more notice into account."""
        self.notices.append(notice)
        self._count(notice, 1)

    def lift(self, kind: ev.NoticeKind, ref: str | None) -> None:
        """Forget that the complainant need not be told about *kind*, for *ref*."""
        lifted = [
            one for one in self.notices if isinstance(one, ev.NoticeExempted) and (one.kind, one.ref) == (kind, ref)
        ]
        if lifted:
            self.notices = [one for one in self.notices if one not in lifted]
            for one in lifted:
                self._count(one, -1)

    def told(self, kind: ev.NoticeKind, ref: str | None = None) -> bool:
        """Return whether the complainant was told (or need not be, art. 21) about *kind*, for *ref* if one is given."""
        return (self._kinds[kind] if ref is None else self._about[kind, ref]) > 0

    def exempt(self, kind: ev.NoticeKind | None = None) -> bool:
        """Return whether the complainant could not be reached, and need not be told about *kind*, or about anything."""
        return (sum(self._exempt.values()) if kind is None else self._exempt[kind]) > 0

    def _count(self, notice: Notice, by: int) -> None:
        self._kinds[notice.kind] += by
        if notice.ref is not None:
            self._about[notice.kind, notice.ref] += by
        if isinstance(notice, ev.NoticeExempted):
            self._exempt[notice.kind] += by
