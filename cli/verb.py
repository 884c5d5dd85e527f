"""
A command of a running complaint as the command line knows it: what one types, which update it sends, and an example.

The options of a command are the fields of its model, so that a new field cannot be forgotten here.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import uuid4

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from cli.errors import bad_input, invalid
from cli.files import MOST_OF_ONE, read
from models import commands as cmd
from rulebook.scalars import TextRule

COMMON = frozenset(cmd.Command.model_fields)
"""The fields every command has; their options are ``--id``, ``--as`` and ``--at``."""

SINGULAR = {
    "causes": "cause",
    "categories": "category",
    "codes": "code",
    "members": "member",
    "steps": "step",
    "copies": "copy",
}
"""Options that are given once for each member are named for one of them."""


@dataclass(frozen=True)
class Verb:
    """
    One command: *name* as typed, *update* as the workflow calls it, its *model* and an *example* of its use.

    *child* says that the command goes to a dispatch slip or to the review of the complaint, each a workflow of its own.
    *fill* returns what the command line can add to the fields that were given; *own* says that another module types it.
    """

    name: str
    update: str
    model: type[cmd.Command]
    example: str
    child: Literal["slip", "review"] | None = None
    fill: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
    own: bool = False

    @cached_property
    def fields(self) -> Mapping[str, FieldInfo]:
        """The fields of its own."""
        return {name: field for name, field in self.model.model_fields.items() if name not in COMMON}

    @cached_property
    def help(self) -> str:
        """What it does, with its article: the model's own words."""
        return (self.model.__doc__ or "").strip().replace("*", "")

    def command(self, values: Mapping[str, Any]) -> cmd.Command:
        """Return the command that *values* describe, None meaning left out; CliError names the option that is wrong."""
        given = {name: value for name, value in values.items() if value is not None}
        given.setdefault("id", f"cli-{uuid4()}")
        if self.fill is not None:
            given = {**self.fill(given), **given}
        try:
            return self.model.model_validate(given)
        except ValidationError as error:
            raise invalid(error, names={name: option(name) for name in self.model.model_fields}) from None


def option(field: str) -> str:
    """Return the option for a command's *field*, such as ``--time-limits``."""
    if field == "actor":
        return "--as"
    return f"--{SINGULAR.get(field, field).replace('_', '-')}"


def python_type(field: FieldInfo) -> Any:
    """Return the type by which the command line reads *field*; what it means is left to the model."""
    annotation = field.annotation
    if get_origin(annotation) in {Union, types.UnionType}:
        members = [member for member in get_args(annotation) if member is not type(None)]
        annotation = members[0] if len(members) == 1 else str
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) is tuple:
        return list[str]
    return annotation if annotation in {bool, int} else str


def choices(field: FieldInfo) -> tuple[str, ...]:
    """Return the words that *field* allows, empty when it takes any."""
    pending, found = [field.annotation], list[str]()
    while pending:
        annotation = pending.pop()
        if get_origin(annotation) is Literal:
            found += get_args(annotation)
        else:
            pending += get_args(annotation)
    return tuple(found)


def is_text(field: FieldInfo) -> bool:
    """Return whether *field* is prose, which may come from a file."""
    # The rules of what may be left out lie within its annotation.
    within = [rule for kind in get_args(field.annotation) for rule in getattr(kind, "__metadata__", ())]
    rules = [*field.metadata, *within]
    return any(isinstance(rule, TextRule) and rule.breaks for rule in rules)


def read_text(value: str) -> str:
    """Return *value*, or what the file ``@NAME`` or standard input ``-`` holds."""
    if value == "-":
        return sys.stdin.read().removeprefix("\ufeff").strip()
    if not value.startswith("@"):
        return value
    return file_text(Path(value[1:]))


def file_text(path: Path) -> str:
    """Return what the text file at *path* holds; CliError if it cannot be read."""
    try:
        return read(path, MOST_OF_ONE).decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise bad_input(f"{path}: cannot be read as UTF-8 text") from None


def parse_instant(text: str, name: str = "--at") -> datetime:
    """Return the instant that *text* gives in ISO 8601 with its offset; CliError names the option otherwise."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise bad_input(f"{name}: not an instant such as 2026-03-02T10:00:00+08:00") from None
    if at.tzinfo is None:
        raise bad_input(f"{name}: the offset is missing, such as +08:00")
    return at
