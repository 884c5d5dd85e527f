"""
Which payload keys a worker holds, told to the Temporal server beside the worker's name, and compared by every client.

What a client encrypts with a key that the workers lack can never be read, and the caller would not notice: so a client
asks who serves its task queue before it starts anything. The server keeps the identity of whoever polls a queue; a
worker's is ``<pid>@<host> keys <id>=<mark>,…``, its current key first. A mark is the start of a hash of the key: it
tells two keys of one id apart and gives nothing of them away.
"""

import hashlib
import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from engine.codec import EncryptionCodec
from engine.errors import KeysDiffer
from engine.keys import KeyRing

_SEPARATOR: Final = " keys "
_MARK_LENGTH: Final = 8
_MOST_CHARACTERS: Final = 900  # The server refuses an identity of more than 1,000.
_CUT: Final = "…"

_LATELY: Final = timedelta(seconds=70)
"""A worker that has nothing to do polls again after 60 seconds at the latest."""


@dataclass(frozen=True)
class SeenWorker:
    """A worker that polled a task queue: its name, when by the server's clock, and the keys that it published, if any."""

    name: str
    at: datetime
    keys: tuple[str, ...]

    @classmethod
    def parse(cls, identity: str, at: datetime) -> "SeenWorker":
        """Return what *identity* says."""
        name, _, keys = identity.partition(_SEPARATOR)
        return cls(name, at, tuple(keys.split(",")) if keys else ())


def name_of_worker(client: Client) -> str:
    """Return the identity under which a worker of this process polls with *client*."""
    name = f"{os.getpid()}@{socket.gethostname()}"
    codec = client.data_converter.payload_codec
    if not isinstance(codec, EncryptionCodec):
        return name
    told = f"{name}{_SEPARATOR}{','.join(marked(codec.ring))}"
    return told if len(told) <= _MOST_CHARACTERS else f"{told[:_MOST_CHARACTERS]}{_CUT}"


def marked(ring: KeyRing) -> tuple[str, ...]:
    """Return each key of *ring* as ``<id>=<mark>``, the current one first."""
    return tuple(
        f"{key_id}={hashlib.sha256(b'tousu payload key ' + key).hexdigest()[:_MARK_LENGTH]}"
        for key_id, key in ring.keys.items()
    )


async def seen_workers(client: Client, task_queue: str) -> list[SeenWorker]:
    """Return who polled *task_queue* for workflow tasks in the last five minutes; RPCError if the server does not tell."""
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=task_queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    pollers = (await client.workflow_service.describe_task_queue(request)).pollers
    return [SeenWorker.parse(poller.identity, poller.last_access_time.ToDatetime()) for poller in pollers]


async def refuse_other_keys(client: Client, task_queue: str) -> None:
    """
    Return if the workers of *task_queue* can read what *client* encrypts, and *client* what they encrypt.

    `KeysDiffer` if not. Where no worker is seen, or the server does not tell, there is nothing to compare.
    """
    codec = client.data_converter.payload_codec
    if not isinstance(codec, EncryptionCodec):
        return
    try:
        workers = await seen_workers(client, task_queue)
    except RPCError:
        return
    ours = marked(codec.ring)
    # The server's times are compared with each other, never with our clock.
    last = max((worker.at for worker in workers), default=None)
    for worker in workers:
        if last is None or last - worker.at > _LATELY or not worker.keys or worker.keys[-1].endswith(_CUT):
            continue
        if ours[0] not in worker.keys or worker.keys[0] not in ours:
            raise KeysDiffer(
                f"our payload keys are {', '.join(ours)}, those of worker {worker.name} are {', '.join(worker.keys)}; "
                "give both the same TOUSU_KEYS, or work in the home of that worker"
            )
