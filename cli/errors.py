"""
What can go wrong on the command line, and how a command ends.

Every expected failure is one line, ``Error: <sentence> [<Code>]``, on standard error. The exit codes:

    0  done
    1  refused, rejected, or a check found a difference
    2  the command or its input makes no sense
    3  the Temporal server or the database cannot be reached
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import typer
from pydantic import ValidationError
from temporalio.client import (
    WorkflowFailureError,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode
from typer.core import TyperGroup
from typer.exceptions import Abort, TyperException

from engine.errors import ConfigError, EngineError, WorkerStopped
from engine.exit import INTERRUPTED
from models.explain import rule
from models.figure_files import FiguresError
from models.organisation import OrganisationError
from models.source import MappingError
from models.supervision import SupervisionError
from rulebook.errors import RulebookError

REFUSED, BAD_INPUT, UNREACHABLE = 1, 2, 3

OF_THE_ITEM = frozenset({RPCStatusCode.INVALID_ARGUMENT, RPCStatusCode.OUT_OF_RANGE})
"""What the server says when the request is at fault, and not the server: another request may well pass."""


class CliError(Exception):
    """A command that ends with one line: *message* for people, *code* for programs, *exit_code* for the shell."""

    def __init__(self, code: str, message: str, exit_code: int = REFUSED) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.exit_code = exit_code


class ScriptError(ValueError):
    """The script of a rehearsal cannot be used; the message is one line."""


def bad_input(message: str) -> CliError:
    """Return the error for input that makes no sense; *message* must not echo a personal value."""
    return CliError("BadInput", message, BAD_INPUT)


def unknown_complaint(complaint_id: str) -> CliError:
    """Return the error for an id that no complaint has."""
    return CliError("UnknownComplaint", f"there is no complaint {complaint_id}")


def invalid(error: ValidationError, *, place: str = "", names: dict[str, str] | None = None) -> CliError:
    """Return the first problem of *error* as a line that names the field, by its option when *names* has one."""
    first = error.errors(include_input=False, include_url=False)[0]
    head, *rest = [str(part) for part in first["loc"]] or [""]
    field = ".".join([(names or {}).get(head, head), *rest])
    return bad_input(": ".join(part for part in (place, field, rule(first)) if part))


def as_cli_error(error: BaseException) -> CliError | None:
    """Return *error* as the line it deserves, or None when it is a bug of ours and its traceback should be seen."""
    if isinstance(error, CliError):
        return error
    for kind, line in _FOREIGN:
        if isinstance(error, kind):
            return line(error)
    for kind, exit_code in (*_OURS, *_of_the_records()):
        if isinstance(error, kind):
            return CliError(getattr(error, "code", type(error).__name__), _one_line(str(error)), exit_code)
    return None


def _usage(error: Any) -> CliError:
    return CliError("Usage", _one_line(error.format_message()), BAD_INPUT)


def _refusal(error: Any) -> CliError:
    cause = error.cause
    if isinstance(cause, ApplicationError):
        return CliError(cause.type or "Refused", _one_line(cause.message))
    return CliError("Refused", "the complaint could not do it; the worker's log says why")


def _failed(error: Any) -> CliError:
    """Return what the workflow for which a command waited failed of: the reason stands below the workflow and its step."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ApplicationError):
        cause = cause.__cause__
    if isinstance(cause, ApplicationError):
        return CliError(cause.type or "Failed", _one_line(cause.message))
    return CliError("Failed", "it did not end as it should; the Web UI says why")


def _no_answer(_: Any = None) -> CliError:
    return CliError("NoAnswer", "no worker answered in time; see that one runs and try again", UNREACHABLE)


def _rpc(error: Any) -> CliError:
    if error.status == RPCStatusCode.NOT_FOUND:
        return CliError("NotRunning", "the complaint is not open on this Temporal server: unknown, or ended long ago")
    if error.status in {RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED, RPCStatusCode.FAILED_PRECONDITION}:
        return _no_answer()
    if error.status in OF_THE_ITEM:
        return CliError("RequestInvalid", "the Temporal server takes no such request; it is too large or malformed")
    return CliError("ServerUnreachable", f"the Temporal server does not answer ({error.status.name})", UNREACHABLE)


def _of_the_records() -> tuple[tuple[type[Exception], int], ...]:
    # Here and not above: the database's libraries take longer to load than most commands take to run.
    from activities.ledger import LedgerError, LedgerUnavailable  # noqa: PLC0415
    from activities.sealing import RetentionError, StoreError  # noqa: PLC0415
    from models.database import DatabaseError, DatabaseUrlError  # noqa: PLC0415

    return (
        (DatabaseUrlError, BAD_INPUT),
        (DatabaseError, UNREACHABLE),
        (LedgerUnavailable, UNREACHABLE),
        (LedgerError, REFUSED),
        (StoreError, UNREACHABLE),
        (RetentionError, BAD_INPUT),
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


_FOREIGN: tuple[tuple[type[Exception], Callable[[Any], CliError]], ...] = (
    (TyperException, _usage),
    (WorkflowUpdateFailedError, _refusal),
    (WorkflowFailureError, _failed),
    (WorkflowUpdateRPCTimeoutOrCancelledError, _no_answer),
    (WorkflowQueryFailedError, _no_answer),
    (RPCError, _rpc),
)
"""Errors of the libraries are put into our words: theirs may quote a password, a payload or a row."""

_OURS: tuple[tuple[type[Exception], int], ...] = (
    (ConfigError, BAD_INPUT),
    (WorkerStopped, REFUSED),
    (EngineError, UNREACHABLE),
    (RulebookError, BAD_INPUT),
    (MappingError, BAD_INPUT),
    (OrganisationError, BAD_INPUT),
    (SupervisionError, BAD_INPUT),
    (FiguresError, BAD_INPUT),
    (ScriptError, BAD_INPUT),
)
"""Our own errors carry their sentence and their code; the first kind that fits sets the exit code."""


class OneLineErrors(TyperGroup):
    """The group of all commands: it ends every expected failure with its line and its exit code."""

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, *more: Any, **extra: Any) -> Any:
        """Run the command line and leave by SystemExit with the command's exit code."""
        extra["standalone_mode"] = False
        try:
            result = super().main(args, prog_name or Path(sys.argv[0]).name, *more, **extra)
        except (KeyboardInterrupt, asyncio.CancelledError):
            sys.exit(INTERRUPTED)
        except Abort:
            typer.echo("Error: nobody agreed, nothing was done [NotConfirmed]", err=True)
            sys.exit(REFUSED)
        except Exception as error:
            if (line := as_cli_error(error)) is None:
                raise
            typer.echo(f"Error: {line.message} [{line.code}]", err=True)
            sys.exit(line.exit_code)
        sys.exit(result if isinstance(result, int) else 0)
