"""What the record knows of a complaint that a file tells of again: whether a row says anything that is new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import ValidationError

from models.intake import Intake
from models.source import Source
from models.values import at_path, leaves


class Recorded(NamedTuple):
    """A complaint that is on record: what was said with its defaults, its hash, and its events, as JSON."""

    intake: Mapping[str, Any]
    content_hash: str
    events: Sequence[Mapping[str, Any]]

    def holds(self, data: Mapping[str, Any]) -> bool:
        """Return whether *data* is the whole complaint, word for word."""
        try:
            return Intake.model_validate(data).content_hash() == self.content_hash
        except ValidationError:
            return False


def tells(sources: Mapping[str, Source], data: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Return whether *data*, a row's by *sources*, says nothing but what the recorded *event* says."""
    return all(same(sources.get(path), given, at_path(event, path)) for path, given in leaves(data))


def same(source: Source | None, given: object, recorded: object) -> bool:
    """Return whether *given*, a row's by *source*, is what is *recorded*: the same value, or the same instant."""
    if given == recorded or (source is not None and source.same(given, recorded)):
        return True
    return _instant(given) is not None and _instant(given) == _instant(recorded)


def _instant(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo else None
