"""Values in nested JSON by their dotted paths, as mappings name them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def at_path(data: Any, path: str) -> Any:
    """Return the value at the dotted *path* in *data*, a number being a place in a list; None if there is none."""
    for key in path.split("."):
        if isinstance(data, Mapping):
            data = data.get(key)
        elif isinstance(data, list) and key.isdigit() and int(key) < len(data):
            data = data[int(key)]
        else:
            return None
    return data


def leaves(data: Mapping[str, Any], head: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every value of *data* with its dotted path, which *head* begins; a list of plain values is one value."""
    for name, value in data.items():
        path = f"{head}{name}"
        if isinstance(value, Mapping):
            yield from leaves(value, f"{path}.")
        elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
            yield from leaves({str(at): one for at, one in enumerate(value)}, f"{path}.")
        else:
            yield path, value
