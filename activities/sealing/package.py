"""
A package as bytes: a ZIP that any program opens, and that the same files always make in the same way.

Nothing is compressed, because compressors differ between versions; every date and every attribute is fixed. So a package can
be made again from its files, and a byte that was changed anywhere shows.
"""

from __future__ import annotations

import io
import struct
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
            entries = package.infolist()
            if min((entry.header_offset for entry in entries), default=0):
                # Of a package whose end is gone the library reads the table of a report inside, which is a ZIP too.
                raise BadZipFile
            # Nothing is compressed: what claims more than there is would only fill the memory.
            whole = sum(entry.file_size for entry in entries) <= len(data)
            for entry in entries:
                if not whole or (content := _content(package, entry)) is None:
                    broken.append(entry.filename)
                else:
                    files[entry.filename] = content
    except (*_CHANGED, struct.error):
        raise PackageError("it is no package: its table of contents cannot be read") from None
    return files, broken


_CHANGED = (BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, OverflowError)
"""What the library raises over bytes that were changed."""


def _content(package: ZipFile, entry: ZipInfo) -> bytes | None:
    if entry.compress_type != ZIP_STORED:
        return None
    try:
        return package.read(entry)
    except _CHANGED:
        return None


def first_difference(one: bytes, other: bytes) -> int:
    """Return at which byte, from 1, two packages begin to differ."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs, start=1) if a != b), min(len(one), len(other)) + 1)
