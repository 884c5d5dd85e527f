"""A failure is one line on standard error with a stable code, and the exit code says what kind it is."""

from pathlib import Path

import pytest
import typer
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode
from typer.testing import CliRunner

from activities.ledger import LedgerError
from cli.errors import BAD_INPUT, REFUSED, UNREACHABLE, OneLineErrors, as_cli_error
from engine.errors import ConfigError, NotConnected
from models.database import DatabaseUrlError, SchemaError
from rulebook.errors import PackError
from tests.cli.conftest import run

AS = ("--as", "p-gd-sz-kf-01")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["shwo", "C-1"], "Error: No such command 'shwo'. Did you mean 'show'? [Usage]"),
        (["show"], "Error: Missing argument 'ID'. [Usage]"),
        (["close", "C-1", "--reason", "已办结"], "Error: Missing option '--as'. [Usage]"),
        (
            ["list", "--limit", "0"],
            "Error: Invalid value for '--limit': Input should be greater than or equal to 1 [Usage]",
        ),
        (["list", "--stage", "lost"], None),
        (["list", "--due-within", "soon"], "Error: --due-within: must be a length such as 3d, 12h or 30m [BadInput]"),
        (["verify"], "Error: name one complaint, or give --all [BadInput]"),
        (
            ["close", "C-1", *AS, "--reason", "已办结", "--at", "yesterday"],
            "Error: --at: not an instant such as 2026-03-02T10:00:00+08:00 [BadInput]",
        ),
        (
            ["close", "C-1", *AS, "--reason", "已办结", "--at", "2026-03-02T10:00"],
            "Error: --at: the offset is missing, such as +08:00 [BadInput]",
        ),
        (
            ["extend", "request", "C-1", *AS, "--days", "367", "--reason", "取证"],
            "Error: --days: Input should be less than or equal to 366 [BadInput]",
        ),
        (
            ["close", "C-1", *AS, "--reason", "@no-such-file"],
            "Error: no-such-file: cannot be read: No such file or directory [BadInput]",
        ),
        (
            ["calendar", "adopt", "no-such.yaml", "--as", "p-1"],
            "Error: no-such.yaml: cannot be read: No such file or directory [BadInput]",
        ),
        (["open", "no-such.json"], "Error: no-such.json: cannot be read: No such file or directory [BadInput]"),
        (
            ["open", "rows.csv"],
            "Error: a CSV file needs --mapping FILE, which says what its columns mean; see samples/mapping.yaml [BadInput]",
        ),
        (
            ["schema", "letter"],
            "Error: schemas: intake, opening, answer, result, view, slip-view, review-view, command NAME [BadInput]",
        ),
        (["demo", "--home", "."], "Error: --home: the folder is not empty [BadInput]"),
        (["list", "--unit", "nowhere"], "Error: the organisation data know no such unit [OrganisationError]"),
        (
            ["close", "C-1", "--as", "p-gd-sz-kf-01", "--reason", "x"],
            "Error: --reason: is too short, write at least 2 characters [BadInput]",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_is_one_line_and_exit_code_2(words: list[str], line: str | None) -> None:
    result = run(*words)
    assert (result.exit_code, result.stdout) == (BAD_INPUT, "")
    assert result.stderr.count("\n") == 1
    assert line is None or result.stderr == f"{line}\n"


def test_records_that_are_not_there_are_exit_code_3(tmp_path: Path) -> None:
    result = run("list", env={"TOUSU_HOME": str(tmp_path)})
    line = (
        f"Error: there is no record at {tmp_path / 'records.db'}; `tousu up` or `tousu migrate` makes one, "
        "TOUSU_HOME names another installation [SchemaError]\n"
    )
    assert (result.exit_code, result.stderr) == (UNREACHABLE, line)


def test_a_wrong_setting_is_exit_code_2() -> None:
    result = run("list", env={"TOUSU_LOG_LEVEL": "loud"})
    assert (result.exit_code, result.stderr.endswith("[ConfigError]\n")) == (BAD_INPUT, True)


@pytest.mark.parametrize(
    ("error", "code", "exit_code"),
    [
        (ConfigError("x"), "ConfigError", BAD_INPUT),
        (NotConnected("x"), "NotConnected", UNREACHABLE),
        (RPCError("x", RPCStatusCode.NOT_FOUND, b""), "NotRunning", REFUSED),
        (RPCError("x", RPCStatusCode.UNAVAILABLE, b""), "ServerUnreachable", UNREACHABLE),
        (RPCError("x", RPCStatusCode.DEADLINE_EXCEEDED, b""), "NoAnswer", UNREACHABLE),
        (WorkflowUpdateFailedError(ApplicationError("x", type="CaseClosed")), "CaseClosed", REFUSED),
        (DatabaseUrlError("x"), "DatabaseUrlError", BAD_INPUT),
        (SchemaError("x"), "SchemaError", UNREACHABLE),
        (LedgerError("x"), "LedgerError", REFUSED),
        (PackError("x"), "PackError", BAD_INPUT),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_kind_of_failure_has_its_code_and_its_exit_code(error: Exception, code: str, exit_code: int) -> None:
    line = as_cli_error(error)
    assert line is not None
    assert (line.code, line.exit_code) == (code, exit_code)


def test_a_bug_of_ours_is_not_dressed_up_as_an_expected_failure() -> None:
    assert as_cli_error(KeyError("x")) is None


@pytest.mark.parametrize("answer", ["", "n\n"])
def test_who_does_not_confirm_is_told_that_nothing_was_done(answer: str) -> None:
    """Asked before a file is destroyed: no answer is no."""
    app = typer.Typer(cls=OneLineErrors)
    app.command("burn")(lambda: typer.confirm("Destroy it?", abort=True, err=True))
    app.command("keep")(lambda: None)
    result = CliRunner().invoke(app, ["burn"], input=answer)
    assert result.exit_code == REFUSED
    assert result.stderr.splitlines()[-1].endswith("Error: nobody agreed, nothing was done [NotConfirmed]")
