"""The words of the report for the codes of events."""

from __future__ import annotations

from collections.abc import Mapping

from models.case import STAGES_ZH
from models.slips import SLIP_STATUS_ZH
from models.view import STATUS_ZH
from models.vocabulary import LABELS_ZH

WORDS: Mapping[str, Mapping[str, str]] = {
    **LABELS_ZH,
    "stage": dict(STAGES_ZH.items()),
    "status": dict(STATUS_ZH.items()),
    "slip_status": dict(SLIP_STATUS_ZH.items()),
}


def word(vocabulary: str, code: str | None) -> str:
    """Return *code* in words with the code behind them, such as ``有责 responsible``; a code without words stays alone."""
    if not code:
        return ""
    name = WORDS[vocabulary].get(code)
    return f"{name} {code}" if name else code


def yes(value: bool) -> str:
    """Return *value* in words."""
    return "是 yes" if value else "否 no"
