"""JSON out of files that others made: within limits, without what JSON does not have, and one bad line spoils no other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NoReturn

from models.source import MappingError
from models.tabular.text_file import SPOILED


def json_value(text: str) -> Any:
    """Return the value that *text* is; ValueError, with a sentence, for what is no JSON or is nested without end."""
    try:
        return json.loads(text, parse_constant=_no_constant, object_pairs_hook=_once)
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    except ValueError as error:
        # The library has sentences of its own, also for numbers of thousands of digits.
        raise ValueError(str(error) if str(error).startswith(("is ", "gives ")) else "is not JSON") from None


def _no_constant(_: str) -> NoReturn:
    raise ValueError("is not JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("gives a field twice")
    return found


def json_lines(text: str) -> Iterator[tuple[int, Any]]:
    """Yield the values of JSON lines with their numbers, a MappingError for a line that is none; empty lines are nothing."""
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            if SPOILED in line:
                raise ValueError("is not in utf-8")  # noqa: TRY301  # one of several things that a line can lack
            yield number, json_value(line)
        except ValueError as error:
            yield number, MappingError(f"row {number}: {error}", rule=str(error))
