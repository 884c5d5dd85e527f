"""Cells of CSV files: text that a spreadsheet would run as a formula is marked as text, and read back as it was."""

from __future__ import annotations

import re

MARK = "'"
"""What a spreadsheet takes for: this is text."""

_RUNS = re.compile(r"[\s']*[=+\-@\uff1d\uff0b\uff0d\uff20]|'*[\t\r]")
"""Half or full width, after spaces too: what one of the usual spreadsheets takes for the beginning of a formula."""

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def marked(text: str) -> str:
    """Return *text* as it is written into a CSV file: with a mark if it begins like a formula and is no plain number."""
    return MARK + text if _looks_run(text) else text


def unmarked(text: str) -> str:
    """Return what was *marked*; what carries no mark stays as it is."""
    return text[1:] if text.startswith(MARK) and _looks_run(text[1:]) else text


def _looks_run(text: str) -> bool:
    return _RUNS.match(text) is not None and _NUMBER.fullmatch(text) is None
