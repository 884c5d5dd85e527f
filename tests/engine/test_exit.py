"""Leaving: the exit code is the one that was meant, and what was written arrives."""

import os
import subprocess
import sys

import pytest

from engine.server import EmbeddedServer
from engine.settings import ROOT

WITH_CLIENT = """
import asyncio, sys
from temporalio.client import Client
from engine.exit import leave
async def main():
    client = await Client.connect(sys.argv[1])
    await client.count_workflows("")
asyncio.run(main())
sys.stdout.write("written")
sys.stderr.write("and said")
leave(int(sys.argv[2]))
"""


@pytest.mark.parametrize("code", [0, 1, 2])
async def test_a_process_that_used_a_client_leaves_with_its_code(temporal_server: EmbeddedServer, code: int) -> None:
    """Output that was not flushed yet is not lost."""
    process = subprocess.run(  # noqa: ASYNC221
        [sys.executable, "-c", WITH_CLIENT, temporal_server.address, str(code)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert (process.returncode, process.stdout, process.stderr) == (code, "written", "and said")


def test_a_reader_that_went_away_does_not_change_the_code() -> None:
    """`starter.py list | head -1` is no error."""
    script = "import sys; from engine.exit import leave; sys.stdout.write('x' * 10); leave(3)"
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    process = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, env=buffered, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert (process.wait(), errors) == (3, b"")


def test_logs_that_wait_in_a_handler_are_written() -> None:
    """Logging is shut down before the process goes."""
    script = (
        "import logging, logging.handlers, sys; from engine.exit import leave\n"
        "target = logging.StreamHandler(sys.stdout)\n"
        "logging.getLogger().addHandler(logging.handlers.MemoryHandler(100, target=target))\n"
        "logging.getLogger().warning('kept')\n"
        "leave(0)"
    )
    assert subprocess.check_output([sys.executable, "-c", script], cwd=ROOT, text=True) == "kept\n"
