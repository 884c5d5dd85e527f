"""Files that a command makes for its user."""

from __future__ import annotations

from pathlib import Path

from cli.errors import bad_input


def write(path: Path, content: bytes) -> Path:
    """Write *content* to *path*, making its folder if need be; CliError when it cannot be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise bad_input(f"--out: {path} cannot be written ({error.strerror})") from None
    return path
