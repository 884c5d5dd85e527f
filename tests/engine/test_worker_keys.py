"""A client and the workers of its task queue: the same payload keys, or nothing is started."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from temporalio.client import Client

from engine.client import connect
from engine.errors import KeysDiffer
from engine.keys import KeyRing, new_key
from engine.plugin import plugin
from engine.server import EmbeddedServer
from engine.settings import Settings
from engine.worker import activity_threads, build_worker
from engine.worker_keys import marked, name_of_worker, refuse_other_keys, seen_workers
from tests.engine.parts import Delivery, deliver
from tests.engine.waiting import until

FIRST, SECOND = new_key(), new_key()


@asynccontextmanager
async def worker_with(server: EmbeddedServer, keys: str, task_queue: str) -> AsyncIterator[None]:
    """Keep a worker with *keys* until the server has seen it."""
    client = await Client.connect(server.address, plugins=[plugin(KeyRing.parse(keys, source="the test"))])
    settings = Settings.from_environment({"TOUSU_TASK_QUEUE": task_queue})
    seen_before = len(await seen_workers(client, task_queue))

    async def seen() -> bool:
        return len(await seen_workers(client, task_queue)) > seen_before

    with activity_threads() as threads:
        async with build_worker(
            client, settings, workflows=[Delivery], activities=[deliver], activity_executor=threads
        ):
            await until(seen)
            yield


def settings_with(server: EmbeddedServer, keys: str, task_queue: str) -> Settings:
    return Settings.from_environment(
        {"TEMPORAL_ADDRESS": server.address, "TOUSU_KEYS": keys, "TOUSU_TASK_QUEUE": task_queue}
    )


@pytest.mark.parametrize(
    ("worker", "client"),
    [
        pytest.param(FIRST, FIRST, id="one key"),
        pytest.param(f"{FIRST},{SECOND}", f"{SECOND},{FIRST}", id="each has the current key of the other"),
    ],
)
async def test_a_client_that_its_workers_can_read_connects(
    temporal_server: EmbeddedServer, task_queue: str, worker: str, client: str
) -> None:
    """While keys are rotated the rings differ, and both sides read each other."""
    async with worker_with(temporal_server, worker, task_queue):
        await connect(settings_with(temporal_server, client, task_queue))


@pytest.mark.parametrize(
    ("worker", "client"),
    [
        pytest.param(FIRST, SECOND, id="strangers"),
        pytest.param(FIRST, f"{SECOND},{FIRST}", id="the worker cannot read us"),
        pytest.param(f"{SECOND},{FIRST}", FIRST, id="we cannot read the worker"),
        pytest.param(FIRST, f"{FIRST.split(':')[0]}:{SECOND.split(':')[1]}", id="another key under the same id"),
    ],
)
async def test_a_client_with_other_keys_starts_nothing(
    temporal_server: EmbeddedServer, task_queue: str, worker: str, client: str
) -> None:
    """The line names both sides' key ids and the remedy, and holds no key."""
    async with worker_with(temporal_server, worker, task_queue):
        with pytest.raises(KeysDiffer) as caught:
            await connect(settings_with(temporal_server, client, task_queue))
        ours, theirs = (", ".join(marked(KeyRing.parse(keys, source="the test"))) for keys in (client, worker))
        assert str(caught.value).startswith(f"our payload keys are {ours}, those of worker ")
        assert str(caught.value).endswith(
            f" are {theirs}; give both the same TOUSU_KEYS, or work in the home of that worker"
        )
        assert not any(keys.split(":")[1][:10] in str(caught.value) for keys in (worker, client))


async def test_without_a_worker_there_is_nothing_to_compare(temporal_server: EmbeddedServer, task_queue: str) -> None:
    """A complaint may be opened before its worker is there."""
    await connect(settings_with(temporal_server, FIRST, task_queue))


async def test_a_ring_too_long_to_be_told_is_not_compared(temporal_server: EmbeddedServer, task_queue: str) -> None:
    """The server takes an identity of a thousand characters; what was cut cannot be missed."""
    ring = ",".join(f"{number:064d}:{base64.b64encode(bytes([number]) * 32).decode()}" for number in range(20))
    client = await Client.connect(temporal_server.address, plugins=[plugin(KeyRing.parse(ring, source="the test"))])
    assert len(name_of_worker(client)) <= 1000
    async with worker_with(temporal_server, ring, task_queue):
        other = await Client.connect(temporal_server.address, plugins=[plugin(KeyRing.parse(FIRST, source="the test"))])
        await refuse_other_keys(other, task_queue)
