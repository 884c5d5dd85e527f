"""Files that a command makes for its user, and files of others that it reads, up to a size."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from cli.errors import bad_input

STDIN: Final = "-"
MOST_BYTES: Final = 256 * 1024 * 1024
"""The most bytes of a file of complaints; about a hundred thousand of them."""
MOST_OF_ONE: Final = 2 * 1024 * 1024
"""The most bytes of a file that holds one complaint or one text."""


def read(source: Path | str, most: int = MOST_BYTES) -> bytes:
    """Return what *source* (``-``: standard input) holds; CliError for what cannot be read or has more than *most* bytes."""
    try:
        if str(source) == STDIN:
            data = sys.stdin.buffer.read(most + 1)
        else:
            with Path(source).open("rb") as file:
                data = file.read(most + 1)  # The rest of an endless file is not asked for.
    except OSError as error:
        raise bad_input(f"{source}: cannot be read: {error.strerror}") from None
    if len(data) > most:
        raise bad_input(f"{source}: is larger than {most // 1024**2} MB")
    return data


def write(path: Path, content: bytes) -> Path:
    """Write *content* to *path*, making its folder if need be; CliError when it cannot be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise bad_input(f"--out: {path} cannot be written ({error.strerror})") from None
    return path
