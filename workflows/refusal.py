"""A command in its moment, and a reason to refuse it: code, sentence, condition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from temporalio.exceptions import ApplicationError

from models.actor import Actor
from models.refused import Refused
from models.steps import AssignmentFound
from rulebook.errors import RulebookError
from workflows.case import Case


@dataclass(frozen=True, slots=True)
class Ask:
    """
    A command in its moment: who asks what of which case, and when.

    *other* is the person whom the command names, *members* are those who by the command sat on the committee (None for each
    stranger), *found* is the department that the organisation data name for it. *fresh* says that the command is not in
    history yet: only then may what this worker lacks refuse it.
    """

    case: Case
    command: Any
    actor: Actor | None
    now: datetime
    other: Actor | None = None
    members: tuple[Actor | None, ...] = ()
    found: AssignmentFound | None = None
    fresh: bool = False

    @property
    def who(self) -> Actor:
        """The person who asks; known, once the first rows have passed."""
        if self.actor is None:
            raise refused("UnknownActor", "the organisation data knows no such person")
        return self.actor


@dataclass(frozen=True, slots=True)
class Refusal:
    """
    One reason to refuse: a stable code, a sentence with the remedy, and the condition under which it applies.

    *since* names the patch that brought a row which came later: what a run obeyed before it knew the row stays obeyed.
    """

    code: str
    sentence: str
    applies: Callable[[Any], bool]
    since: str | None = field(default=None, kw_only=True)

    def verdict(self, ask: Any) -> ApplicationError | None:
        """Return the error that refuses *ask*, None if this row has nothing against it."""
        return refused(self.code, self.sentence) if self.applies(ask) else None


def judged(row: Refusal, ask: Any) -> ApplicationError | None:
    """
    Return what *row* has against *ask*; a command that it cannot even compare is `Malformed`.

    An error that left a handler would be tried again for ever, and the clock with it. Only rules that are not here
    (RulebookError) do that: a worker that has them can go on.
    """
    try:
        return row.verdict(ask)
    except RulebookError:
        raise
    except (ValueError, ArithmeticError, LookupError, TypeError):
        return refused("Malformed", "the command holds something that cannot be judged")


def refused(code: str, sentence: str) -> Refused:
    """Return the error by which a refused command fails its caller."""
    return Refused(code, sentence)
