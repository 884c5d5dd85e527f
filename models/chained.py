"""A fact of a chain that is kept beside the complaints, such as a rectification's: when it was written down, and by whom."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from models.identifiers import PersonId
from rulebook.scalars import Instant


class ChainedEvent(BaseModel):
    """A fact: *at* it was written down, *by* is the id of the person who answers for it."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    at: Instant
    by: PersonId
