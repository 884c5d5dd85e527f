"""How firm a statement of the rulebook is, and how people see that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Mark = Literal["verified", "secondary", "recalled"]
"""How firm a statement is: read in the text itself, reported, or remembered; only the first is cited as law."""

MARKS: Mapping[Mark, str] = {"verified": "", "secondary": "〔二手资料 secondary〕", "recalled": "〔凭记忆 recalled〕"}
"""What stands behind a citation that is less than verified."""


def article(citation: str, mark: Mark) -> str:
    """Return *citation* as people read it: with its mark, unless it is verified."""
    return citation + MARKS[mark]
