"""
The rules inside a package: the pack's and the calendar's own files, so that the case can be folded again in twenty years.

They are read from the package alone. What is installed here, of the same name or not at all, plays no part.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path, PurePosixPath

from rulebook.calendar import WorkingCalendar, calendar_files, read_calendar
from rulebook.errors import CalendarError, PackError
from rulebook.pack import Pin, RulePack, pack_file, read_packs

PACKS, CALENDARS = "rules/packs/", "rules/calendars/"


def rule_files(pins: Sequence[Pin]) -> dict[str, bytes]:
    """Return the files of the packs in *pins*, of those they extend, and of all notices that their calendars had."""
    files: dict[str, bytes] = {}
    for pin in pins:
        pack, _ = pin.open()
        for name in filter(None, (pack.pack, pack.extends.pack if pack.extends else None)):
            files[f"{PACKS}{name}.yaml"] = pack_file(name).read_bytes()
        for file in calendar_files(pin.calendar):
            files[f"{CALENDARS}{file.parent.name}/{file.name}"] = file.read_bytes()
    return files


@dataclass(frozen=True)
class EnclosedRules:
    """The packs and calendars of one package."""

    packs: Mapping[str, RulePack]
    calendars: Mapping[str, WorkingCalendar]

    def open(self, pin: Pin) -> tuple[RulePack, WorkingCalendar]:
        """Return the pinned pack and calendar; PackError or CalendarError when the package holds others."""
        pack, (name, _, published) = self.packs.get(pin.pack), pin.calendar.partition("@")
        if pack is None or pack.content_hash != pin.pack_hash:
            raise PackError(f"{pin.pack}: the package does not hold the pack with the hash that the case was pinned to")
        known = self.calendars.get(name)
        found = known.as_known_on(date.min if published == "none" else date.fromisoformat(published)) if known else None
        if found is None or found.version != pin.calendar:
            raise CalendarError(f"{pin.calendar}: the package does not hold this calendar")
        return pack, found


def enclosed(files: Mapping[str, bytes]) -> EnclosedRules:
    """Return the rules among the *files* of a package; PackError or CalendarError when they cannot be read."""
    return _read(tuple(sorted((name, files[name]) for name in files if name.startswith((PACKS, CALENDARS)))))


@lru_cache(maxsize=8)
def _read(files: tuple[tuple[str, bytes], ...]) -> EnclosedRules:
    # Kept by content: many packages hold the same rules, and reading YAML is most of what a check costs.
    with tempfile.TemporaryDirectory(prefix="tousu-rules-") as folder:
        for name, content in files:
            if ".." not in PurePosixPath(name).parts:
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        calendars = sorted(Path(folder, CALENDARS).glob("*"))
        return EnclosedRules(
            read_packs(Path(folder, PACKS)), {path.name: read_calendar(path) for path in calendars if path.is_dir()}
        )
