"""
A package as bytes: a ZIP that any program opens, and that the same files always make in the same way.

Nothing is compressed, because compressors differ between versions; every date and every attribute is fixed. So a package can
be made again from its files, and a byte that was changed anywhere shows.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

_THE_EPOCH = (1980, 1, 1, 0, 0, 0)
_PRIVATE_FILE = 0o100600 << 16
_UNIX = 3


class PackageError(ValueError):
    """The bytes are no package; the message is one line."""


def packed(files: Mapping[str, bytes]) -> bytes:
    """Return the package of *files*, in their order."""
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_STORED) as package:
        for name, content in files.items():
            entry = ZipInfo(name, _THE_EPOCH)
            entry.create_system, entry.external_attr = _UNIX, _PRIVATE_FILE
            package.writestr(entry, content)
    return made.getvalue()


def unpacked(data: bytes) -> tuple[dict[str, bytes], list[str]]:
    """Return the files in the package *data* in their order, and the names of those that cannot be read; PackageError."""
    files: dict[str, bytes] = {}
    broken: list[str] = []
    try:
        with ZipFile(io.BytesIO(data)) as package:
            for entry in package.infolist():
                try:
                    files[entry.filename] = package.read(entry)
                except (BadZipFile, NotImplementedError, RuntimeError, EOFError):
                    broken.append(entry.filename)
    except (BadZipFile, ValueError, OSError, UnicodeDecodeError):
        raise PackageError("it is no package: its table of contents cannot be read") from None
    return files, broken


def first_difference(one: bytes, other: bytes) -> int:
    """Return at which byte, from 1, two packages begin to differ."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs, start=1) if a != b), min(len(one), len(other)) + 1)
