"""
The search attributes of a complaint: what an operator filters and sorts by in the Temporal Web UI.

One registry of typed keys. Values are opaque codes and instants: search attributes are never encrypted, so nothing
that names a person belongs here. The embedded server (SQLite) allows 10 keywords, 3 keyword lists, 3 booleans and
3 datetimes in a namespace.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from temporalio.common import SearchAttributeKey

Keyword = SearchAttributeKey[str]
"""The key of an attribute with one code as its value."""

STAGE: Final[SearchAttributeKey[str]] = SearchAttributeKey.for_keyword("TousuStage")
"""The stage of the process the complaint is in."""

SEVERITY: Final[SearchAttributeKey[str]] = SearchAttributeKey.for_keyword("TousuSeverity")
"""How serious it is: general, important, major."""

CATEGORY: Final[SearchAttributeKey[Sequence[str]]] = SearchAttributeKey.for_keyword_list("TousuCategory")
"""One or several of the thirteen complaint categories, as codes."""

UNIT: Final[SearchAttributeKey[str]] = SearchAttributeKey.for_keyword("TousuUnit")
"""The unit that handles it, as its code in the organisation data."""

CHANNEL: Final[SearchAttributeKey[str]] = SearchAttributeKey.for_keyword("TousuChannel")
"""The channel it came in by, as a code."""

PACK: Final[SearchAttributeKey[str]] = SearchAttributeKey.for_keyword("TousuPack")
"""The rule pack it is pinned to, as name and version."""

OVERDUE: Final[SearchAttributeKey[bool]] = SearchAttributeKey.for_bool("TousuOverdue")
"""Whether a duty is breached and still open."""

NEXT_DUE: Final[SearchAttributeKey[datetime]] = SearchAttributeKey.for_datetime("TousuNextDue")
"""The last second of the earliest due day of its open duties, see `last_second`."""

STATUTORY_DUE: Final[SearchAttributeKey[datetime]] = SearchAttributeKey.for_datetime("TousuStatutoryDue")
"""The last second of the day by which the statute wants the decision, see `last_second`."""

WAITS_FOR: Final[SearchAttributeKey[Sequence[str]]] = SearchAttributeKey.for_keyword_list("TousuWaitsFor")
"""Why it waits for a person, as the stable types of the errors that stopped its steps; absent while nothing does."""

OUTAGE: Final[SearchAttributeKey[Sequence[str]]] = SearchAttributeKey.for_keyword_list("TousuOutage")
"""What is away that its steps wait for, as stable types (`models.outages`); absent while nothing is."""

SEARCH_ATTRIBUTES: Final[tuple[SearchAttributeKey[Any], ...]] = (
    STAGE,
    SEVERITY,
    CATEGORY,
    UNIT,
    CHANNEL,
    PACK,
    OVERDUE,
    NEXT_DUE,
    STATUTORY_DUE,
    WAITS_FOR,
    OUTAGE,
)
"""All of them, in the order of the columns that we advise; a server is given exactly these."""


def last_second(due: datetime | None) -> datetime | None:
    """
    Return the last instant, to the second, that is still in time before the exclusive instant *due*.

    Temporal's lists show an instant in the reader's own zone and format. 24:00 of the last day would read as the day after;
    23:59:59 reads as the day that the law means.
    """
    return due - timedelta(seconds=1) if due else None
