"""
The parts of a workbook, which is a ZIP archive of XML files, read without trusting any of it.

A few hundred kilobytes can unpack to gigabytes, an XML file can ask for other files or nest without end: a part is read
piece by piece, within limits on number, size, ratio and depth, and what goes beyond them is refused by name.
"""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from posixpath import join, normpath
from typing import Any
from xml.parsers import expat

MOST_PARTS = 10_000
LARGEST = 2**29
"""Bytes that a part may have once unpacked: half a gigabyte of XML is some ten million cells."""

RATIO = 200
"""How many times larger than packed a large part may be; tables come to thirty, repeated nothing to a thousand."""

_LARGE = 2**20
DEEPEST = 100
_MOST_ELEMENTS = 100_000
_PIECE = 2**16

_DAMAGED = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError, struct.error, expat.ExpatError, EOFError,
    OSError, RuntimeError, NotImplementedError, ValueError, KeyError, OverflowError,
)  # fmt: skip
"""What the readers of ZIP and XML raise for files that are not whole."""


class WorkbookError(ValueError):
    """A workbook that cannot be read; the message is one line without its name."""


Start = Callable[[str, Mapping[str, str]], None]


class Package:
    """The parts of the workbook in *data*; WorkbookError if it is none that can be read."""

    def __init__(self, data: bytes) -> None:
        if data.startswith(b"\xd0\xcf\x11\xe0"):
            raise WorkbookError("is locked with a password, or an old .xls file: save it as .xlsx without a password")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except _DAMAGED:
            raise WorkbookError("is not a workbook that can be read") from None
        parts = self._zip.infolist()
        if len(parts) > MOST_PARTS:
            raise WorkbookError(f"is not a workbook: it has more than {MOST_PARTS:,} parts")
        self._parts = {_name(part.filename): part for part in parts}
        if len(self._parts) != len(parts):
            raise WorkbookError("is damaged: it has two parts of one name")

    def __contains__(self, name: str) -> bool:
        return _name(name) in self._parts

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield the content of the part *name*; WorkbookError if it is missing, damaged, or larger than a table can be."""
        part = self._parts.get(_name(name))
        if part is None:
            raise WorkbookError("is damaged: a part is missing")
        if part.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} or part.flag_bits & 1:
            raise WorkbookError("is locked with a password, or packed in a way that no spreadsheet uses")
        if part.file_size > _LARGE and part.file_size > RATIO * part.compress_size:
            raise WorkbookError(f"is refused: a part unpacks to more than {RATIO} times its size")
        unpacked = 0
        try:
            with self._zip.open(part) as file:
                while piece := file.read(_PIECE):
                    unpacked += len(piece)
                    _refuse_beyond(unpacked)
                    yield piece
        except WorkbookError:
            raise
        except _DAMAGED:
            raise WorkbookError("is damaged or cut off") from None

    def parsed(
        self, name: str, start: Start, end: Start | None = None, text: Callable[[str], None] | None = None
    ) -> Iterator[None]:
        """
        Parse the XML part *name*, and yield after each piece of it.

        *start* and *end* are told each element by its name without namespace, *text* what stands between.
        """
        depth = 0

        def begin(tag: str, attributes: dict[str, str]) -> None:
            nonlocal depth
            depth += 1
            if depth > DEEPEST:
                raise WorkbookError("is refused: its XML is nested too deeply")
            start(tag.rpartition(":")[2], attributes)

        def finish(tag: str) -> None:
            nonlocal depth
            depth -= 1
            if end is not None:
                end(tag.rpartition(":")[2], {})

        def doctype(*_: Any) -> None:
            raise WorkbookError("is refused: its XML declares entities, which no spreadsheet writes")

        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = begin, finish
        parser.StartDoctypeDeclHandler = doctype
        if text is not None:
            parser.CharacterDataHandler = text
        try:
            for piece in self.pieces(name):
                parser.Parse(piece, False)
                yield
            parser.Parse(b"", True)
        except WorkbookError:
            raise
        except _DAMAGED:
            raise WorkbookError("is damaged or cut off") from None
        yield

    def elements(self, name: str, *wanted: str) -> list[tuple[str, dict[str, str]]]:
        """Return the elements of the part *name* that are called so, each with its attributes, in order."""
        found: list[tuple[str, dict[str, str]]] = []

        def start(tag: str, attributes: Mapping[str, str]) -> None:
            if tag in wanted:
                found.append((tag, dict(attributes)))
            if len(found) > _MOST_ELEMENTS:
                raise WorkbookError(f"is refused: it has more than {_MOST_ELEMENTS:,} styles or merged cells")

        for _ in self.parsed(name, start):
            pass
        return found

    def related(self, name: str) -> dict[str, tuple[str, str]]:
        """Return, by its id, the kind and the part of everything to which the part *name* is related."""
        folder, _, last = name.rpartition("/")
        rels = join(folder, "_rels", f"{last}.rels")
        if rels not in self:
            return {}
        return {
            one.get("Id", ""): (one.get("Type", "").rpartition("/")[2], _target(folder, one.get("Target", "")))
            for _, one in self.elements(rels, "Relationship")
            if one.get("TargetMode") != "External"
        }


def _refuse_beyond(unpacked: int) -> None:
    if unpacked > LARGEST:
        raise WorkbookError(f"is too large: more than {LARGEST // 2**20} MB unpacked; split it, or use CSV")


def _target(folder: str, target: str) -> str:
    target = target.replace("\\", "/")
    return normpath(target.lstrip("/") if target.startswith("/") else join(folder, target))


def _name(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()
