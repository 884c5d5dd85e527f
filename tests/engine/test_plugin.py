"""The plugin: client, worker and replayer encrypt, decrypt and sandbox alike."""

import base64
import contextlib
import json
import uuid
from datetime import timedelta

import pytest
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle, WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ApplicationError
from temporalio.worker import Replayer, Worker

from engine.keys import KeyRing, new_key
from engine.plugin import plugin
from engine.server import EmbeddedServer
from engine.settings import Settings
from engine.time_skipping import TimeSkipper
from engine.worker import activity_threads, build_worker
from tests.engine.parts import SECRET, Delivery, Letter, deliver
from tests.engine.waiting import until


async def run_delivery(client: Client, task_queue: str, letter: Letter) -> WorkflowHandle[Delivery, str]:
    settings = Settings.from_environment({"TOUSU_TASK_QUEUE": task_queue})
    with activity_threads() as executor:
        worker = build_worker(client, settings, workflows=[Delivery], activities=[deliver], activity_executor=executor)
        async with worker:
            handle = await client.start_workflow(
                Delivery.run, letter, id=f"delivery-{uuid.uuid4()}", task_queue=task_queue, static_summary=SECRET
            )
            with contextlib.suppress(WorkflowFailureError):
                await handle.result()
    return handle


async def raw_history(server: EmbeddedServer, workflow_id: str) -> str:
    """Return the history as the server stores it, with base64 opened."""
    keyless = await Client.connect(server.address, data_converter=pydantic_data_converter)
    text = (await keyless.get_workflow_handle(workflow_id).fetch_history()).to_json()
    return text + "".join(opened(json.loads(text)))


def opened(node: object) -> list[str]:
    if isinstance(node, dict):
        own = [base64.b64decode(node["data"]).decode(errors="replace")] if isinstance(node.get("data"), str) else []
        return own + [text for value in node.values() for text in opened(value)]
    if isinstance(node, list):
        return [text for value in node for text in opened(value)]
    return []


async def test_a_pydantic_model_travels_through_workflow_and_activity(client: Client, task_queue: str) -> None:
    """The result equals the input after every hop, and the sandbox accepts our modules."""
    handle = await run_delivery(client, task_queue, Letter(text=SECRET))
    assert await handle.result() == SECRET


async def test_the_server_stores_nothing_readable(
    client: Client, temporal_server: EmbeddedServer, task_queue: str
) -> None:
    """Neither input, result nor summary stands in the history in plain text."""
    handle = await run_delivery(client, task_queue, Letter(text=SECRET))
    stored = await raw_history(temporal_server, handle.id)
    assert "encryption-key-id" in stored
    assert SECRET not in stored
    assert json.dumps(SECRET).strip('"') not in stored


async def test_the_message_of_a_failure_is_stored_encrypted(
    client: Client, temporal_server: EmbeddedServer, task_queue: str
) -> None:
    """The caller reads type and message; the history shows the type only."""
    handle = await run_delivery(client, task_queue, Letter(text=SECRET, fail=True))
    with pytest.raises(WorkflowFailureError) as caught:
        await handle.result()
    cause = caught.value.cause.__cause__
    assert isinstance(cause, ApplicationError)
    assert (cause.type, cause.message, list(cause.details)) == ("Undeliverable", SECRET, [SECRET])
    stored = await raw_history(temporal_server, handle.id)
    assert "Undeliverable" in stored
    assert "Encoded failure" in stored
    assert SECRET not in stored
    assert "parts.py" not in stored


async def test_a_stored_history_replays_with_the_same_plugin(client: Client, keys: KeyRing, task_queue: str) -> None:
    """The replayer has the worker's converter and sandbox."""
    handle = await run_delivery(client, task_queue, Letter(text=SECRET))
    text = (await handle.fetch_history()).to_json()
    replayed = await Replayer(workflows=[Delivery], plugins=[plugin(keys)]).replay_workflow(
        WorkflowHistory.from_json(handle.id, text)
    )
    assert replayed.replay_failure is None


async def test_a_history_of_another_key_does_not_replay(client: Client, task_queue: str) -> None:
    """Without the key the replay fails, so a replay test cannot pass by not reading."""
    handle = await run_delivery(client, task_queue, Letter(text=SECRET))
    other = KeyRing.parse(new_key(), source="the test")
    with pytest.raises(RuntimeError, match="UnknownPayloadKey"):
        await Replayer(workflows=[Delivery], plugins=[plugin(other)]).replay_workflow(await handle.fetch_history())


async def test_a_worker_without_the_key_keeps_the_case_until_one_comes_that_has_it(
    client: Client, temporal_server: EmbeddedServer, task_queue: str, caplog: pytest.LogCaptureFixture
) -> None:
    """An unreadable payload stops the workflow task, never the workflow."""
    other = KeyRing.parse(new_key(), source="the test")
    keyless = await Client.connect(temporal_server.address, plugins=[plugin(other)])
    handle = await client.start_workflow(
        Delivery.run,
        Letter(text=SECRET),
        id=f"delivery-{uuid.uuid4()}",
        task_queue=task_queue,
        task_timeout=timedelta(seconds=1),  # The first worker may take a try with it when it goes.
    )
    async with Worker(keyless, task_queue=task_queue, workflows=[Delivery]):
        await until(lambda: has_event(handle, "EVENT_TYPE_WORKFLOW_TASK_FAILED"))
    with activity_threads() as executor:
        async with Worker(
            client, task_queue=task_queue, workflows=[Delivery], activities=[deliver], activity_executor=executor
        ):
            assert await handle.result() == SECRET
    assert SECRET not in caplog.text


async def has_event(handle: WorkflowHandle[Delivery, str], kind: str) -> bool:
    return kind in (await handle.fetch_history()).to_json()


async def test_days_pass_in_moments_on_the_time_skipping_server(temporal_env: TimeSkipper, task_queue: str) -> None:
    """A workflow that waits 60 days ends at once, with its clock 60 days on, converter and sandbox the same."""
    settings = Settings.from_environment({"TOUSU_TASK_QUEUE": task_queue})
    with activity_threads() as executor:
        worker = build_worker(
            temporal_env.client, settings, workflows=[Delivery], activities=[deliver], activity_executor=executor
        )
        async with worker:
            with temporal_env.with_time_skipping_disabled():
                handle = await temporal_env.client.start_workflow(
                    Delivery.run,
                    Letter(text=SECRET, wait_days=60),
                    id=f"delivery-{uuid.uuid4()}",
                    task_queue=task_queue,
                )
            await temporal_env.fast_forward(handle, timedelta(days=60))
            assert await handle.result() == SECRET
    description = await handle.describe()
    assert description.close_time is not None
    assert description.close_time - description.start_time >= timedelta(days=60)
