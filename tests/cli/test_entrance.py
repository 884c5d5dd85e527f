"""The doors of the processes: what a newcomer's shell lacks is one line, never a traceback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cli.errors import UNREACHABLE
from engine.server import running_server
from engine.settings import ROOT
from tests.cli.conftest import House

DOORS = (["starter.py", "list"], ["worker.py"], ["-m", "rulebook", "check"], ["-m", "engine.keys"])


def typed(*words: str, cwd: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TOUSU_", "TEMPORAL_", "PYTHON"))}
    return subprocess.run(
        [sys.executable, *words],
        check=False,
        cwd=cwd,
        env={**kept, **variables},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


@pytest.mark.parametrize("door", DOORS, ids=" ".join)
def test_a_python_without_our_dependencies_is_told_what_to_do(door: list[str]) -> None:
    """As before the environment is active: -S leaves the installed packages out."""
    ended = typed("-S", *door)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("Error: this Python has no ")
    assert ended.stderr.endswith("; run `make setup`, then `. .venv/bin/activate` [NotSetUp]\n")
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("encoding", ["ascii", pytest.param("latin-1", marks=pytest.mark.slow)])
def test_an_output_that_cannot_show_chinese_shows_escapes(encoding: str) -> None:
    """The command does its work all the same, its JSON is JSON, and one line says why it looks so."""
    table = typed("starter.py", "packs", PYTHONIOENCODING=encoding)
    assert (table.returncode, table.stderr.count("\n")) == (0, 1)
    assert "cannot show Chinese; for text set PYTHONIOENCODING=utf-8" in table.stderr
    assert "\\u89c4\\u5219 rule packs" in table.stdout
    lines = typed("starter.py", "figures", "list", "--json", PYTHONIOENCODING=encoding)
    assert lines.returncode == 0
    assert any("投诉" in json.dumps(json.loads(line), ensure_ascii=False) for line in lines.stdout.splitlines())


def test_help_of_the_rulebook_is_shown_anywhere() -> None:
    ended = typed("-m", "rulebook", "--help", PYTHONIOENCODING="ascii")
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.slow
def test_a_folder_without_an_installation_is_named(tmp_path: Path) -> None:
    """A worker and a command that are started in the wrong folder say so, and make nothing there."""
    for script in ("worker.py", "starter.py"):
        ended = typed(str(ROOT / script), *(["open", "-"] if script == "starter.py" else []), cwd=tmp_path)
        assert ended.returncode != 0
        assert ended.stderr.startswith(f"Error: no Temporal server runs for {tmp_path / '.tousu'}; ")
        assert ended.stderr.endswith(" [NotConnected]\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_up_a_second_time_is_one_line_and_the_first_goes_on(house: House) -> None:
    """In the same home, typed as `make up` types it."""
    before = running_server(house.home)
    assert before is not None
    ended = typed("starter.py", "up", TOUSU_HOME=str(house.home))
    assert (ended.returncode, ended.stdout) == (UNREACHABLE, "")
    assert ended.stderr == (
        f"Error: an embedded server already runs for {house.home} (process {before.pid} at {before.address}); "
        "stop it first [ServerFailed]\n"
    )
    assert running_server(house.home) == before
    assert house.run("list").exit_code == 0


@pytest.mark.slow
@pytest.mark.parametrize("door", [["starter.py", "up"], ["worker.py"]], ids=" ".join)
def test_ctrl_c_while_it_is_starting_ends_it_without_a_traceback(door: list[str], tmp_path: Path) -> None:
    """Wherever it was by then: while it loads, while it connects, or while the server starts."""
    for late in range(3):
        process = subprocess.Popen(
            [sys.executable, "-X", "importtime", *door],
            cwd=ROOT,
            env={**os.environ, "TOUSU_HOME": str(tmp_path / "home")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # A run of the tests in the background ignores the signal, and would hand that down.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
        )
        assert process.stderr is not None
        for line in process.stderr:
            if line.split()[-1] == ("pydantic", "temporalio.client", "engine.server")[late]:
                break
        process.send_signal(signal.SIGINT)
        try:
            _, rest = process.communicate(timeout=60)
        finally:
            process.kill()
        said = [line for line in rest.splitlines() if not line.startswith("import time:")]
        assert "Traceback" not in rest, said
