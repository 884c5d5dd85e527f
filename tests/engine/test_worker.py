"""The worker as a process: it says when it is ready, drains when told to, and loses nothing when killed."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import WorkerConfig

from engine.client import connect
from engine.server import EmbeddedServer
from engine.settings import ROOT, SAMPLE_ORGANISATION, Settings
from engine.worker import activity_threads, build_worker, is_polling
from models.migrations import migrate
from tests.engine.parts import Delivery, Letter, Parked, SlowDelivery, deliver
from tests.engine.waiting import PATIENCE, until


@pytest.fixture(scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Path]:
    folder = tmp_path_factory.mktemp("home")
    async with EmbeddedServer(folder):
        yield folder


def settings_for(home: Path, task_queue: str) -> Settings:
    return Settings.from_environment({"TOUSU_HOME": str(home), "TOUSU_TASK_QUEUE": task_queue})


class WorkerProcess:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[dict[str, object]] = []

    async def line(self, event: str) -> dict[str, object]:
        assert self.process.stderr is not None
        async with asyncio.timeout(PATIENCE):
            while text := await self.process.stderr.readline():
                self.lines.append(json.loads(text))
                if self.lines[-1]["event"] == event:
                    return self.lines[-1]
        raise AssertionError(f"no line {event!r} in {self.lines}")


@asynccontextmanager
async def worker_process(home: Path, task_queue: str) -> AsyncIterator[WorkerProcess]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.engine.worker_process",
        cwd=ROOT,
        env={**os.environ, "TOUSU_HOME": str(home), "TOUSU_TASK_QUEUE": task_queue},
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield WorkerProcess(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def exists(path: Path) -> bool:
    return await asyncio.to_thread(path.exists)


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
async def test_a_worker_told_to_stop_finishes_its_activity_first(
    home: Path, task_queue: str, tmp_path: Path, told: signal.Signals
) -> None:
    """The letter that is being delivered is delivered once, and the process leaves with code 0."""
    client = await connect(settings_for(home, task_queue))
    async with worker_process(home, task_queue) as worker:
        ready = await worker.line("worker ready")
        assert (ready["task_queue"], ready["pid"], ready["level"]) == (task_queue, worker.process.pid, "info")
        handle = await client.start_workflow(
            SlowDelivery.run, str(tmp_path), id=f"slow-{task_queue}", task_queue=task_queue
        )
        await until(lambda: exists(tmp_path / "started"))
        worker.process.send_signal(told)
        await worker.line("worker draining")
        await worker.line("worker stopped")
        assert await worker.process.wait() == 0
    assert await exists(tmp_path / "finished")
    history = (await handle.fetch_history()).to_json()
    assert history.count("EVENT_TYPE_ACTIVITY_TASK_COMPLETED") == 1
    assert str(tmp_path) not in json.dumps(worker.lines)


async def test_a_killed_worker_loses_no_workflow(home: Path, task_queue: str) -> None:
    """After SIGKILL another process takes the waiting case up and completes it."""
    client = await connect(settings_for(home, task_queue))
    async with worker_process(home, task_queue) as worker:
        await worker.line("worker ready")
        handle = await client.start_workflow(Parked.run, id=f"parked-{task_queue}", task_queue=task_queue)
        worker.process.kill()
    async with worker_process(home, task_queue) as worker:
        await worker.line("worker ready")
        await handle.execute_update(Parked.release, "released")
        assert await handle.result() == "released"


async def test_the_health_check_sees_a_worker_of_this_host(home: Path, task_queue: str) -> None:
    """Nobody polls a queue of its own; soon after a worker started, somebody does."""
    settings = settings_for(home, task_queue)
    client = await connect(settings)
    assert not await is_polling(client, settings)
    async with worker_process(home, task_queue) as worker:
        await worker.line("worker ready")
        await until(lambda: is_polling(client, settings))


async def test_every_line_of_a_worker_process_is_one_json_object(home: Path, task_queue: str) -> None:
    """Also those of the SDK; none of them holds what the letter says."""
    client = await connect(settings_for(home, task_queue))
    async with worker_process(home, task_queue) as worker:
        await worker.line("worker ready")
        await client.execute_workflow(
            Delivery.run, Letter(text="personal"), id=f"delivery-{task_queue}", task_queue=task_queue
        )
        worker.process.terminate()
        await worker.line("worker stopped")
    assert {"via structlog", "via logging", "via the SDK", "from the workflow"} <= {
        str(line["event"]) for line in worker.lines
    }
    assert "personal" not in json.dumps(worker.lines)


async def test_worker_py_says_in_one_line_what_is_wrong_with_its_settings(tmp_path: Path) -> None:
    """Exit code 2, the variable's name, the stable type, and no traceback."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(ROOT / "worker.py"),
        cwd=tmp_path,
        env={**os.environ, "TOUSU_LOG_FORMAT": "loud"},
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    expected = "Error: TOUSU_LOG_FORMAT: Input should be 'json' or 'console' [ConfigError]\n"
    assert (process.returncode, said.decode()) == (2, expected)


def built(client: Client, **variables: str) -> WorkerConfig:
    settings = Settings.from_environment(variables)
    with activity_threads() as executor:
        return build_worker(
            client, settings, workflows=[Delivery], activities=[deliver], activity_executor=executor
        ).config()


async def test_a_build_id_makes_the_worker_part_of_a_deployment(client: Client) -> None:
    """TOUSU_BUILD_ID switches versioning on, and running cases move on to the newer build."""
    deployment = built(client, TOUSU_BUILD_ID="4f2a").get("deployment_config")
    assert deployment is not None
    assert deployment.version == WorkerDeploymentVersion(deployment_name="tousu", build_id="4f2a")
    assert deployment.use_worker_versioning
    assert deployment.default_versioning_behavior == VersioningBehavior.AUTO_UPGRADE


async def test_without_a_build_id_there_is_no_versioning(client: Client) -> None:
    """A development machine has nothing to deploy."""
    config = built(client, TOUSU_TASK_QUEUE="q")
    assert config.get("deployment_config") is None
    assert (config.get("task_queue"), config.get("max_cached_workflows")) == ("q", 1000)
    assert config.get("graceful_shutdown_timeout") == timedelta(seconds=20)


async def test_a_worker_says_which_limits_of_the_insurer_can_exceed_the_statute(home: Path, tmp_path: Path) -> None:
    """C2: told whenever rules are loaded; the statute stays the ceiling all the same."""
    organisation = tmp_path / "organisation.yaml"
    sample = SAMPLE_ORGANISATION.read_text(encoding="utf-8")
    organisation.write_text(sample.replace("\nunits:\n", "\nrules: company-life\nunits:\n", 1), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "worker.py",
        cwd=ROOT,
        env={
            **os.environ,
            "TOUSU_HOME": str(home),
            "TOUSU_TASK_QUEUE": "ceiling",
            "TOUSU_ORGANISATION": str(organisation),
        },
        stderr=asyncio.subprocess.PIPE,
    )
    worker = WorkerProcess(process)
    migrate(f"sqlite:///{home / 'records.db'}")
    try:
        await worker.line("worker ready")
    finally:
        process.terminate()
        await process.wait()
    found = [
        line["finding"] for line in worker.lines if line["event"] == "a limit of the insurer can exceed the statute"
    ]
    assert any(str(one).startswith("settle_departments (duty settle) can last ") for one in found)
    assert all(str(one).endswith("the statute stays the ceiling") for one in found)
