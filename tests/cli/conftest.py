"""An installation of its own for the tests of the command line: a server, a worker process and records in a folder."""

import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer import testing
from typer.testing import CliRunner, Result

from cli.app import app
from engine.server import EmbeddedServer
from engine.settings import ROOT
from models.migrations import migrate
from tests.engine.waiting import PATIENCE
from tests.present import LATER_BY, now, program

CLEAN = {name: None for name in os.environ if name.startswith(("TOUSU_", "TEMPORAL_"))}

# The runner makes all commands anew each time, which takes three times as long as most of them.
testing._get_command = cache(testing._get_command)  # type: ignore[attr-defined]


def run(*words: str, env: dict[str, str] | None = None, input: str | None = None) -> Result:  # noqa: A002
    """Type a command."""
    return CliRunner().invoke(app, list(words), prog_name="tousu", env={**CLEAN, **(env or {})}, input=input)


GOES_ON_TO = {"investigating": "investigation_opened"}
"""What the machine does by itself a moment after it has brought a complaint to a stage."""


@dataclass(frozen=True)
class House:
    """A running installation."""

    home: Path
    worker: int
    """The worker's process."""

    def run(self, *words: str, input: str | None = None, env: dict[str, str] | None = None) -> Result:  # noqa: A002
        return run(*words, env={"TOUSU_HOME": str(self.home), **(env or {})}, input=input)

    def lines(self, *words: str, input: str | None = None) -> list[dict[str, Any]]:  # noqa: A002
        """Type a command that succeeds; return its lines of JSON."""
        result = self.run(*words, input=input)
        assert result.exit_code == 0, (result.stderr, result.stdout)
        return [json.loads(line) for line in result.stdout.splitlines()]

    def until(self, complaint_id: str, stage: str) -> dict[str, Any]:
        """Ask until the machine has brought the complaint to *stage* and written everything down."""
        give_up = time.monotonic() + PATIENCE  # noqa: TID251 - a stopwatch, not legal time
        while True:
            view = self.lines("show", complaint_id, "--json")[0]
            timeline = self.run("timeline", complaint_id, "--json")  # Unknown, until the record holds its first event.
            told = [json.loads(line)["type"] for line in timeline.stdout.splitlines()]
            if (
                view["stage"] == stage
                and len(told) == view["events"]
                and GOES_ON_TO.get(stage, stage) in {stage, *told}
            ):
                return view
            assert time.monotonic() < give_up, f"{complaint_id} is not {stage} but {view['stage']}"  # noqa: TID251
            time.sleep(0.05)  # The worker is a process of its own, and may need this core.


@pytest.fixture(scope="package")
async def _server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Path]:
    home = tmp_path_factory.mktemp("house")
    async with EmbeddedServer(home):
        yield home


@contextmanager
def running_house(home: Path, later: timedelta | None = None) -> Iterator[House]:
    """Keep a worker at work on the server and the records in *home*, in the present of the tests or some time *later*."""
    migrate(f"sqlite:///{home / 'records.db'}")
    kept = {name: value for name, value in os.environ.items() if name not in CLEAN}
    with (home / "worker.log").open("wb") as log:
        worker = subprocess.Popen(
            [
                sys.executable,
                *(program(ROOT / "worker.py") if later is None else ["-m", "tests.later", str(ROOT / "worker.py")]),
            ],
            cwd=ROOT,
            env={**kept, "TOUSU_HOME": str(home), **({LATER_BY: str(later.total_seconds())} if later else {})},
            stdout=log,
            stderr=log,
        )
    try:
        _wait_until_ready(home / "worker.log", worker)
        yield House(home, worker.pid)
    finally:
        worker.terminate()
        worker.wait(30)


def _wait_until_ready(log: Path, worker: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + PATIENCE  # noqa: TID251 - a stopwatch, not legal time
    while "worker ready" not in (said := log.read_text(encoding="utf-8")):
        assert worker.poll() is None, said
        assert time.monotonic() < give_up, said  # noqa: TID251
        time.sleep(0.05)


@pytest.fixture(scope="package")
def house(_server: Path) -> Iterator[House]:
    with running_house(_server) as running:
        yield running


def complaint(complaint_id: str, **changes: Any) -> dict[str, Any]:
    """Return a complaint that is in order, received yesterday by the clock of the real server, so that its limit runs."""
    return {
        "complaint_id": complaint_id,
        "received_at": (now() - timedelta(days=1)).isoformat(),
        "channel": "phone",
        "complainant": {"kind": "person", "name": "示例甲", "contact": {"phone": "0755-00000001"}},
        "respondent": {"unit": "gd-sz"},
        "facts": "理赔款迟迟未付。",
        "categories": ["claims"],
        **changes,
    }
