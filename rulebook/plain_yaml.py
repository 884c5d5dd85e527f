"""
The one reader of YAML: plain values within limits, and one line for what is none.

What is refused is refused while it is read, before anything is made of it: aliases, which turn a few hundred bytes into
gigabytes, tags, directives, and whatever is larger or deeper than any file of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.parser import RoundTripParser
from ruamel.yaml.scanner import RoundTripScanner

from rulebook.errors import RulebookError

LARGEST: Final = 5_000_000
"""The most characters of a file; an insurer with twenty thousand people has an organisation file of half of it."""

DEEPEST: Final = 12
"""The most levels within one another; the files that come with the software have six."""

_CHARACTERS_A_VALUE: Final = 10
"""How many characters a key or a value takes on the average at least: what reading costs is the number of values."""

_LARGEST_NUMBER: Final = 2**53 - 1
"""The largest whole number that every reader of JSON takes for the same: RFC 8785, the base of our hashes."""

NOT_YAML: Final = "is not valid YAML"
TOO_DEEP: Final = f"is nested too deeply: more than {DEEPEST} levels"


class YamlRefused(RulebookError):  # noqa: N818  # an answer about data, not a failure of ours
    """
    A text is not YAML, or not within the limits of ours; the message is the broken *rule*, without any value.

    *line* is counted from 1; None if the rule is about the text as a whole.
    """

    def __init__(self, rule: str, line: int | None = None) -> None:
        super().__init__(rule)
        self.rule = rule
        self.line = line


@lru_cache(16)  # The organisation data are read at every command; nobody changes what was read.
def plain_yaml(text: str, most: int = LARGEST) -> Any:
    """
    Return what the YAML *text* of at most so many characters says; its mappings and lists know their lines.

    YamlRefused for anything that is no plain YAML.
    """
    if len(text) > most:
        raise YamlRefused(f"is longer than {most:,} characters")
    yaml = YAML(typ="rt")
    yaml.Scanner = _PlainScanner
    yaml.Parser = partial(_PlainParser, most // _CHARACTERS_A_VALUE)
    try:
        data = yaml.load(text)
    except YamlRefused:
        raise
    except DuplicateKeyError as error:
        raise YamlRefused("gives a key twice", _line(error)) from None
    except MarkedYAMLError as error:
        problem = str(error.problem or "").partition("\n")[0]
        raise YamlRefused(f"{NOT_YAML}: {problem}" if problem else NOT_YAML, _line(error)) from None
    except YAMLError:
        raise YamlRefused(f"{NOT_YAML}: it holds a character that YAML does not allow") from None
    except (ValueError, ArithmeticError):  # YAML builds days and numbers while it reads.
        raise YamlRefused(f"{NOT_YAML}: it holds a day or a number that does not exist") from None
    except (LookupError, TypeError, AttributeError, AssertionError):  # What the library makes of `+_` and of `? - :`.
        raise YamlRefused(NOT_YAML) from None
    for place in _beyond(data, ()):
        raise YamlRefused("holds a number that is too large, or none at all", line_of(data, place))
    return data


def yaml_file(path: Path, most: int = LARGEST) -> Any:
    """Return what the YAML file at *path* says, as `plain_yaml` does; YamlRefused also for a file that cannot be read."""
    try:
        with path.open("rb") as file:
            # A character has at most four bytes; the rest of an endless file is not asked for.
            data = file.read(4 * most + 4)
        text = data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise YamlRefused("cannot be read as a UTF-8 file") from None
    return plain_yaml(text, most)


def line_of(data: Any, location: Sequence[int | str]) -> int:
    """Return the line on which the part of *data* at *location* begins, or the nearest part around it that has a line."""
    line = 1
    for part in location:
        try:
            line = (data.lc.item(part) if isinstance(part, int) else data.lc.key(part))[0] + 1
            data = data[part]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
    return int(line)


class _PlainScanner(RoundTripScanner):
    """Looks at brackets itself, since it runs a thousand of them ahead of the parser and compares each with all others."""

    def fetch_flow_collection_start(self, *given: Any, **named: Any) -> None:
        super().fetch_flow_collection_start(*given, **named)
        if self.flow_level > DEEPEST:
            raise YamlRefused(TOO_DEEP, self.reader.line + 1)


class _PlainParser(RoundTripParser):
    """Hands on one event after the other, so that a text which goes beyond is never read to its end."""

    def __init__(self, most: int, *, loader: Any) -> None:
        super().__init__(loader=loader)
        self.most = most
        self.values = 0
        self.levels = 0

    def get_event(self) -> Any:
        event = super().get_event()
        if rule := self._broken(event):
            raise YamlRefused(rule, event.start_mark.line + 1)
        return event

    def _broken(self, event: Any) -> str | None:
        if rule := next((rule for rule, refused in _REFUSED if refused(event)), None):
            return rule
        self.values += isinstance(event, NodeEvent)
        self.levels += isinstance(event, MappingStartEvent | SequenceStartEvent)
        self.levels -= isinstance(event, MappingEndEvent | SequenceEndEvent)
        if self.values > self.most:
            return f"holds more than {self.most:,} values"
        return TOO_DEEP if self.levels > DEEPEST else None


_REFUSED: Final[tuple[tuple[str, Callable[[Any], bool]], ...]] = (
    (
        "anchors and aliases are not taken; write each value out",
        lambda event: isinstance(event, AliasEvent) or bool(isinstance(event, NodeEvent) and event.anchor),
    ),
    ("tags are not taken; write plain values", lambda event: getattr(event, "tag", None) is not None),
    (
        "merged mappings are not taken; write each value out",
        lambda event: isinstance(event, ScalarEvent) and event.value == "<<" and event.style is None,
    ),
    (
        "directives are not taken",
        lambda event: isinstance(event, DocumentStartEvent) and bool(event.version or event.tags),
    ),
)
"""What is YAML and not plain, by the rule that says so."""


def _line(error: MarkedYAMLError) -> int | None:
    return error.problem_mark.line + 1 if error.problem_mark else None


def _beyond(data: Any, place: tuple[int | str, ...]) -> Iterator[tuple[int | str, ...]]:
    """Yield the places of numbers that JSON has not, or has not exactly."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _beyond(value, (*place, key))
    elif isinstance(data, list):
        for at, value in enumerate(data):
            yield from _beyond(value, (*place, at))
    elif isinstance(data, int | float) and not abs(data) <= _LARGEST_NUMBER:
        yield place
