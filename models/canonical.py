"""One way to write a value down, so that its hash means the same in ten years and in another language (RFC 8785)."""

from __future__ import annotations

import hashlib
from typing import Any

import rfc8785


def canonical(value: Any) -> str:
    """
    Return the JSON value *value* as canonical JSON text (RFC 8785).

    ValueError for what JSON cannot carry exactly: NaN, whole numbers beyond 2**53, other types.
    """
    try:
        return rfc8785.dumps(value).decode()
    except rfc8785.CanonicalizationError as error:
        # The library's message repeats the value, which may be personal.
        raise ValueError(f"the value has no canonical JSON form: {type(error).__name__}") from None


def digest_text(text: str) -> str:
    """Return the SHA-256 of *text* in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def digest(value: Any) -> str:
    """Return the SHA-256 of the canonical JSON of *value*, in hexadecimal; ValueError as in `canonical`."""
    return digest_text(canonical(value))
