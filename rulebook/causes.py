"""What rectifications mend (溯源整改, R199): the vocabulary of causes, as data."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from pydantic import TypeAdapter

from rulebook.pack_parts import Text
from rulebook.plain_yaml import yaml_file

DEFAULT = Path(__file__).parent / "defaults" / "causes.yaml"
_CAUSES: TypeAdapter[dict[str, Text]] = TypeAdapter(dict[str, Text])


@lru_cache(maxsize=1)
def causes() -> Mapping[str, Text]:
    """Return every cause by its code, with its name in Chinese and English."""
    return _CAUSES.validate_python(yaml_file(DEFAULT))


def cause_name(code: str | None) -> str:
    """Return how people call the cause *code*, which may be one that is not used any more; a dash for none."""
    known = causes().get(code or "")
    return f"{known.zh} {known.en}" if known else code or "—"
