"""The words of a decision that others sign before it is told: what they are, and the hash that binds the letter to them."""

from __future__ import annotations

from typing import Any

from models.canonical import digest
from rulebook.events import Purpose

LETTER_PARTS = ("decision", "verification", "basis", "reasons")
"""What the letter about a decision tells in the decider's own words (art. 19)."""

LETTERS: tuple[Purpose, ...] = ("written_reply", "solution")
"""The texts that are signed before a decision is made (R119, R134)."""

_HEADINGS = ("处理决定 Decision", "核实情况 Verified", "依据 Basis", "理由 Reasons")


def letter_hash(source: Any) -> str:
    """Return the SHA-256, in hexadecimal, of the words that *source*, a decision or a text to sign, has for the letter."""
    return digest({part: getattr(source, part) for part in LETTER_PARTS})


def with_words(text: str, source: Any) -> str:
    """Return *text* followed by the words for the letter, so that whoever signs has read them."""
    parts = (f"{heading}\n{getattr(source, part)}" for heading, part in zip(_HEADINGS, LETTER_PARTS, strict=True))
    return "\n\n".join((text, *parts))
