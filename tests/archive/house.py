"""An installation with an archive, on which several processes work at once, or die."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from typer.testing import Result

from activities.ledger import Ledger
from activities.sealing import Archive
from models.archive import ArchiveConfig
from tests.archive.parts import APPROVER, KEY, LATER, ORGANISATION, PROPOSER
from tests.cli.conftest import run
from tests.engine.waiting import PATIENCE
from tests.forked import Forked, forked

PROPOSE = ("archive", "propose", "C-1", "--as", PROPOSER, "--reason", "保管期满", "--at", LATER)
APPROVE = ("archive", "approve", "C-1", "--as", APPROVER, "--at", LATER, "--yes")


@dataclass(frozen=True)
class House:
    """The home, the record and the store of an installation."""

    home: Path
    ledger: Ledger
    database: str
    url: str

    @property
    def env(self) -> dict[str, str]:
        return {
            "TOUSU_HOME": str(self.home),
            "TOUSU_DATABASE_URL": self.database,
            "TOUSU_ARCHIVE_URL": self.url,
            "TOUSU_ARCHIVE_KEYS": KEY.text,
        }

    @property
    def archive(self) -> Archive:
        return Archive.open(ArchiveConfig(url=self.url, keys=(KEY,)), self.ledger, ORGANISATION, self.home)

    def run(self, *words: str) -> Result:
        """Type a command here."""
        return run(*words, env=self.env)

    def do(self, *words: str) -> str:
        """Type a command that succeeds; return what it says."""
        result = self.run(*words)
        assert result.exit_code == 0, result.stderr
        return result.stdout

    def start(self, when: str, place: str, act: str, *words: str, **more: str) -> Forked:
        """Type a command in a process of its own that is killed or held up at a step."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TOUSU_")}
        return forked("tests.archive.at_step", when, place, act, *words, env={**kept, **self.env, **more})

    def killed(self, when: str, place: str, *words: str) -> None:
        """Type a command whose process does not survive a step."""
        process = self.start(when, place, "kill", *words)
        out, err = process.communicate(PATIENCE)
        assert process.returncode == -signal.SIGKILL, out + err

    @contextmanager
    def held_up(self, when: str, place: str, *words: str, **more: str) -> Iterator[list[str]]:
        """Hold a command up at a step for the block, then let it go on; its exit code, output and error are given after."""
        gate = self.home / f"gate-{time.monotonic_ns()}"  # a name
        process = self.start(when, place, str(gate), *words, **more)
        said: list[str] = []
        try:
            _wait_for(gate.with_name(f"{gate.name}.reached"), process)
            yield said
        finally:
            gate.with_name(f"{gate.name}.go").touch()
            out, err = process.communicate(PATIENCE)
        said += [str(process.returncode), out, err]


def _wait_for(file: Path, process: Forked) -> None:
    give_up = time.monotonic() + PATIENCE  # noqa: TID251  # a stopwatch, not legal time
    while not file.exists():
        assert process.returncode is None, "".join(process.communicate(PATIENCE))
        assert time.monotonic() < give_up, "the step was not reached"  # noqa: TID251
        time.sleep(0.02)
