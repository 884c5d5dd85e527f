"""YAML from outside, looked through before anything is made of it: no aliases, no depth and no size beyond need."""

from __future__ import annotations

from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.events import AliasEvent, MappingStartEvent, NodeEvent, SequenceStartEvent

from rulebook.errors import RulebookError

LARGEST: Final = 50_000
"""The most characters of a text; the largest notice that was published has a fifth of it."""

DEEPEST: Final = 6
"""The most levels within one another."""


class YamlRefused(RulebookError):  # noqa: N818  # an answer about data, not a failure of ours
    """A text is larger or deeper than any of ours, or repeats itself by aliases."""


def plain_yaml(text: str) -> Any:
    """Return what the YAML *text* says; YamlRefused before anything is made of hostile text, ruamel's errors otherwise."""
    if len(text) > LARGEST:
        raise YamlRefused(f"is longer than {LARGEST} characters")
    depth = 0
    # One event after the other: a text that nests deeper is never read to its end.
    for event in YAML(typ="safe", pure=True).parse(text):
        if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor):
            raise YamlRefused("anchors and aliases are not taken; write each value out")
        depth += isinstance(event, MappingStartEvent | SequenceStartEvent)
        if depth > DEEPEST:
            raise YamlRefused(f"nests deeper than {DEEPEST} levels")
        depth -= type(event).__name__ in {"MappingEndEvent", "SequenceEndEvent"}
    return YAML(typ="safe", pure=True).load(text)
