"""
A sample that anybody can draw again: from the same cases and the same seed always the same sample (R153, R160).

The cases are put in the order of SHA-256(seed ‖ line feed ‖ id) and the first of them are taken. The seed is made by
chance when the population is known and is written down with the population's hash, so nobody could choose the cases
through the seed, and nobody can change either afterwards without it being seen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable

import rfc8785


def order(seed: str, ids: Iterable[str]) -> list[str]:
    """Return *ids* in the order in which they are drawn with *seed*."""
    return sorted(ids, key=lambda one: (_rank(seed, one), one))


def size(count: int, percent: int) -> int:
    """Return how many of *count* are at least *percent* per cent, rounded up: one of five at 20 (R160)."""
    return -(-count * percent // 100)


def draw(seed: str, ids: Collection[str], percent: int, always: Collection[str] = ()) -> list[str]:
    """Return the sample of *ids* in its order: at least *percent* per cent by chance, and all that are in *always*."""
    certain = [one for one in order(seed, ids) if one in set(always)]
    rest = [one for one in order(seed, ids) if one not in set(always)]
    return certain + rest[: size(len(rest), percent)]


def population_hash(rows: Iterable[tuple[str, ...]]) -> str:
    """Return the SHA-256 (hex) over the canonical JSON of *rows* in their order by text, whatever order they come in."""
    return hashlib.sha256(rfc8785.dumps([list(row) for row in sorted(rows)])).hexdigest()


def _rank(seed: str, one: str) -> str:
    return hashlib.sha256(f"{seed}\n{one}".encode()).hexdigest()
