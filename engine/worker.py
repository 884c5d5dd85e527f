"""A worker of ours: what every process that runs workflows and activities has in common."""

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

import structlog
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import Plugin, Worker, WorkerDeploymentConfig

from engine.settings import Settings
from engine.worker_keys import name_of_worker, seen_workers

ACTIVITY_THREADS: Final = 16
"""Activities that run at once in one process; each may hold a database connection."""

DRAIN: Final = timedelta(seconds=20)
"""How long running activities get to finish once the worker was told to stop."""

CACHED_WORKFLOWS: Final = 1000  # 150-180 KB each; one that is not cached costs a replay of about 25 ms.
DEPLOYMENT: Final = "tousu"
UNVERSIONED: Final = "unversioned"


def activity_threads() -> ThreadPoolExecutor:
    """Return the threads for `build_worker`; the caller shuts them down after the worker."""
    return ThreadPoolExecutor(ACTIVITY_THREADS, thread_name_prefix="activity")


def build_worker(
    client: Client,
    settings: Settings,
    *,
    workflows: Sequence[type],
    activities: Sequence[Callable[..., Any]],
    activity_executor: ThreadPoolExecutor,
    plugins: Sequence[Plugin] = (),
) -> Worker:
    """Return a worker on the settings' task queue; converter, sandbox and interceptors come with the client."""
    return Worker(
        client,
        task_queue=settings.task_queue,
        workflows=workflows,
        activities=activities,
        activity_executor=activity_executor,
        plugins=plugins,
        identity=name_of_worker(client),
        max_concurrent_activities=ACTIVITY_THREADS,
        max_cached_workflows=CACHED_WORKFLOWS,
        graceful_shutdown_timeout=DRAIN,
        deployment_config=_deployment(settings),
        # Without a name of our own the SDK hashes the bytecode of every loaded module: 2.6 s of each start.
        build_id=None if settings.build_id else UNVERSIONED,
    )


def _deployment(settings: Settings) -> WorkerDeploymentConfig | None:
    if settings.build_id is None:
        return None
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(deployment_name=DEPLOYMENT, build_id=settings.build_id),
        use_worker_versioning=True,
        # A complaint outlives many releases and must move to the next one; patches and replay tests keep that safe.
        default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE,
    )


async def run_until_stopped(
    client: Client, settings: Settings, *, workflows: Sequence[type], activities: Sequence[Callable[..., Any]]
) -> None:
    """Serve until SIGTERM or SIGINT, then take no new work and let the running activities finish."""
    log = structlog.get_logger("worker")
    with activity_threads() as executor, stop_on_signal() as stop:
        worker = build_worker(client, settings, workflows=workflows, activities=activities, activity_executor=executor)
        async with worker:
            log.info("worker ready", task_queue=settings.task_queue, pid=os.getpid(), build_id=settings.build_id)
            await stop.wait()
            log.info("worker draining", at_most_seconds=DRAIN.total_seconds())
        log.info("worker stopped")


async def is_polling(client: Client, settings: Settings) -> bool:
    """Say whether Temporal has lately seen a worker of this host poll the task queue: a health check."""
    workers = await seen_workers(client, settings.task_queue)
    return any(worker.name.endswith(f"@{socket.gethostname()}") for worker in workers)


@contextmanager
def stop_on_signal() -> Iterator[asyncio.Event]:
    """Give an event that SIGTERM or SIGINT sets, instead of their killing the process."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    signals = (signal.SIGTERM, signal.SIGINT)
    for each in signals:
        loop.add_signal_handler(each, stop.set)
    try:
        yield stop
    finally:
        for each in signals:
            loop.remove_signal_handler(each)
