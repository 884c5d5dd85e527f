"""
Text out of bytes in the encoding that a mapping names, so that bytes which are not of it spoil their own row only.

A byte order mark says more than any mapping: a file that has one is read by it, and the mark is no part of the text.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

SPOILED = "\udcff"
"""Stands for bytes that are not of the encoding; no encoding gives it by itself."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    ("\ufeff".encode("gb18030"), "gb18030"),
)


def _spoilt(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return SPOILED, error.end


codecs.register_error("tousu-spoiled", _spoilt)


class TextFileError(ValueError):
    """A file cannot be read as text at all; the message is one line without its name."""


def _known(encoding: str) -> str:
    try:
        found = codecs.lookup(encoding)
        "".encode(encoding)  # base64 and the like have a codec and give no text
    except LookupError:
        raise TextFileError(f"{encoding} is no encoding of text") from None
    return "utf-8" if found.name == "utf-8-sig" else encoding


def _by_mark(head: bytes, encoding: str) -> str:
    known = _known(encoding)
    return next((name for mark, name in _MARKS if head.startswith(mark)), known)


def decoded(data: bytes, encoding: str) -> str:
    """Return the text of *data* without its byte order mark, `SPOILED` in place of what is not of *encoding*."""
    try:
        return data.decode(_by_mark(data[:4], encoding), errors="tousu-spoiled").removeprefix("\ufeff")
    except UnicodeError:  # Some decoders end at an odd byte whatever they are told.
        raise TextFileError(f"is not {encoding} text") from None


@contextmanager
def opened(path: Path, encoding: str) -> Iterator[TextIO]:
    """Open the file at *path* as `decoded` reads it, its line breaks as they are; OSError if it cannot be opened."""
    with path.open("rb") as raw:
        by = _by_mark(raw.read(4), encoding)
        raw.seek(0)
        with io.TextIOWrapper(raw, encoding=by, errors="tousu-spoiled", newline="") as text:
            if text.read(1) != "\ufeff":
                text.seek(0)
            yield text
