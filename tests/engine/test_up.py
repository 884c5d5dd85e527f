"""`make up`: everything runs until Ctrl-C, and nothing that dies goes unnoticed."""

import asyncio
import os
import re
import signal
import sys
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from engine.client import connect
from engine.server import EmbeddedServer, running_server
from engine.settings import ROOT, Settings
from tests.engine.parts import Parked
from tests.engine.waiting import PATIENCE, until

UP = """
import asyncio, sys
from engine.errors import EngineError
from engine.exit import leave
from engine.settings import Settings
from engine.up import up
worker = (sys.executable, "-m", "tests.engine.worker_process")
try:
    asyncio.run(up(Settings.from_environment(), say=print, worker_command=worker, any_port=True))
except EngineError as error:
    print(f"Error: {error} [{type(error).__name__}]")
    leave(1)
leave(0)
"""


class Up:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.said: dict[str, str] = {}

    async def read_until(self, start: str) -> str:
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            while text := (await self.process.stdout.readline()).decode().rstrip():
                name, _, value = re.sub(r"\s{2,}|(?<=address) ", "\t", text).partition("\t")
                self.said[name] = value
                if text.startswith(start):
                    return text
        raise AssertionError(f"nothing said that starts with {start!r}: {self.said}")

    @property
    def worker_pid(self) -> int:
        return int(self.said["Worker"].split()[1].rstrip(","))


@asynccontextmanager
async def running_up(home: Path, task_queue: str, **variables: str) -> AsyncIterator[Up]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        UP,
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONUNBUFFERED": "1",
            "TOUSU_HOME": str(home),
            "TOUSU_TASK_QUEUE": task_queue,
            **variables,
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield Up(process)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_it_works_until_ctrl_c_and_finds_its_cases_again(tmp_path: Path, task_queue: str) -> None:
    """Two runs in one home: a case opened in the first is completed in the second."""
    settings = Settings.from_environment({"TOUSU_HOME": str(tmp_path), "TOUSU_TASK_QUEUE": task_queue})
    async with running_up(tmp_path, task_queue) as up:
        await up.read_until("Stop with Ctrl-C.")
        with await asyncio.to_thread(urllib.request.urlopen, up.said["Temporal Web UI"]) as answer:
            assert answer.status == 200
        namespace = f"{up.said['Temporal HTTP']}/api/v1/namespaces/default"
        with await asyncio.to_thread(urllib.request.urlopen, namespace) as answer:
            assert answer.status == 200
        note = running_server(tmp_path)
        assert note is not None
        assert up.said["Temporal address"] == note.address
        assert up.said["Schedules"].startswith("bulletin created, sample created")
        client = await connect(settings)
        await client.start_workflow(Parked.run, id="parked", task_queue=task_queue)
        up.process.send_signal(signal.SIGINT)
        assert await up.process.wait() == 0
    assert not is_alive(note.pid)
    assert not is_alive(up.worker_pid)
    assert running_server(tmp_path) is None
    async with running_up(tmp_path, task_queue) as up:
        await up.read_until("Stop with Ctrl-C.")
        assert up.said["Schedules"].startswith("bulletin unchanged, sample unchanged")
        handle = (await connect(settings)).get_workflow_handle("parked", result_type=str)
        await handle.execute_update(Parked.release, "found again")
        assert await handle.result() == "found again"


async def test_a_worker_that_dies_ends_it_with_a_message(tmp_path: Path, task_queue: str) -> None:
    """No silent restart: the line names the exit code, the process leaves with 1, and the server goes with it."""
    async with running_up(tmp_path, task_queue) as up:
        await up.read_until("Stop with Ctrl-C.")
        os.kill(up.worker_pid, signal.SIGKILL)
        said = await up.read_until("Error:")
        assert said == "Error: the worker ended by itself with code -9; its log says why [WorkerStopped]"
        assert await up.process.wait() == 1
    assert running_server(tmp_path) is None


async def test_a_server_that_dies_ends_it_with_a_message(tmp_path: Path, task_queue: str) -> None:
    """The worker is drained then, not left behind."""
    async with running_up(tmp_path, task_queue) as up:
        await up.read_until("Stop with Ctrl-C.")
        note = running_server(tmp_path)
        assert note is not None
        os.kill(note.pid, signal.SIGKILL)
        said = await up.read_until("Error:")
        assert said == (
            f"Error: the Temporal server ended by itself; {tmp_path / 'server.log'} says why [ServerFailed]"
        )
        assert await up.process.wait() == 1

    async def worker_gone() -> bool:
        return not is_alive(up.worker_pid)

    await until(worker_gone)


async def test_with_an_outside_server_only_worker_and_codec_are_ours(
    temporal_server: EmbeddedServer, tmp_path: Path, task_queue: str
) -> None:
    """TEMPORAL_ADDRESS set: no second server is started, no Web UI is announced."""
    keys = "a:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    outside = {"TEMPORAL_ADDRESS": temporal_server.address, "TOUSU_KEYS": keys, "TOUSU_SCHEDULES": "off"}
    async with running_up(tmp_path, task_queue, **outside) as up:
        await up.read_until("Stop with Ctrl-C.")
        assert "Temporal Web UI" not in up.said
        assert "Schedules" not in up.said, "they are off"
        assert up.said["Temporal address"] == temporal_server.address
        settings = Settings.from_environment({**outside, "TOUSU_TASK_QUEUE": task_queue})
        client = await connect(settings)
        handle = await client.start_workflow(Parked.run, id=f"parked-{task_queue}", task_queue=task_queue)
        await handle.execute_update(Parked.release, "done")
        assert await handle.result() == "done"
    assert running_server(tmp_path) is None
