"""Whatever comes from outside is decoded or refused by name, and the deadline behind it falls at its instant."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import (
    Client,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
)
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError
from temporalio.worker import Replayer
from temporalio.workflow import _Definition

from engine.codec import EncryptionCodec
from engine.keys import KeyRing, new_key
from engine.plugin import plugin
from engine.server import EmbeddedServer
from models import commands as cmd
from models.opening import workflow_id
from models.sealed import ENCRYPTED, KEY_ID
from rulebook import events as ev
from tests.workflow.company import COMPANY
from tests.workflow.stage import SUPERIOR, Play, Stage
from workflows import WORKFLOWS
from workflows.complaint import ComplaintWorkflow
from workflows.review import ReviewWorkflow
from workflows.slip import SlipWorkflow

FOREIGN = KeyRing.parse(new_key(), source="the test")
SECRET = "13800000000"


def payload(data: bytes, encoding: bytes = b"json/plain", **metadata: bytes) -> Payload:
    return Payload(metadata={"encoding": encoding, **metadata}, data=data)


HOSTILE: Mapping[str, Sequence[Payload]] = {
    "none": [],
    "two": [payload(b"{}"), payload(b"{}")],
    "null": [payload(b"", b"binary/null")],
    "json null": [payload(b"null")],
    "lone surrogate": [payload(rb'{"id": "\ud800", "actor": "p-gd-gz-kf-01"}')],
    "broken json": [payload(b'{"id": ')],
    "no utf-8": [payload(b'"\xff\xfe"')],
    "many values": [payload(b'{"id": [' + b"[]," * 300_000 + b"[]]}")],
    "deep json": [payload(b"[" * 100_000)],
    "deep and closed": [payload(b'{"id":' * 50_000 + b"1" + b"}" * 50_000)],
    "too large": [payload(b'{"id": "' + b"x" * 1_100_000 + b'"}')],
    "unknown encoding": [payload(b"{}", b"binary/" + SECRET.encode())],
    "no encoding": [Payload(data=b"{}")],
    "mark of a text left out": [payload('{"id": "1", "actor": "p-1", "reason": "\ufdd01.reason"}'.encode())],
    "mark in letters": [payload(b'{"id": "1", "actor": "p-1", "reason": "\\uFDD01.reason"}')],
    "encrypted, nothing in it": [payload(b"", ENCRYPTED)],
    "encrypted, key of no form": [payload(b"x" * 40, ENCRYPTED, **{KEY_ID: b"\xff\n"})],
    "foreign key": [EncryptionCodec(FOREIGN).encrypt(payload(b"{}"))],
    "no instant": [payload(b'{"id": "1", "actor": "p-1", "at": "0001-01-01T00:00:00+14:00"}')],
    "past the calendar": [payload(b'{"event": {"type": "withdrawn", "at": "0001-01-01T00:00:00+14:00"}}')],
}


PLAIN = ("none", "two", "json null", "broken json", "foreign key")
AT_ONCE = 10
"""So many updates of one workflow a server takes at once."""


def batched(items: Sequence[tuple[str, str]], size: int) -> list[Sequence[tuple[str, str]]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def outsider(client: Client) -> Client:
    """A client without our codec, which sends payloads as they are."""
    return Client(client.service_client, namespace=client.namespace)


def raw(payloads: Sequence[Payload]) -> list[RawValue]:
    return [RawValue(one) for one in payloads]


def names(kind: type, what: str) -> list[str]:
    return sorted(getattr(_Definition.must_from_class(kind), what))


async def refusal(handle: WorkflowHandle[Any, Any], update: str, payloads: Sequence[Payload]) -> ApplicationError:
    with pytest.raises(WorkflowUpdateFailedError) as caught:
        await handle.execute_update(update, args=raw(payloads))
    assert isinstance(caught.value.cause, ApplicationError)
    return caught.value.cause


async def bombard(stage: Stage, name: str, kind: type[Any]) -> int:
    """Send all that is hostile to every update, signal and query of the workflow *name*; return how many signals."""
    handle = outsider(stage.client).get_workflow_handle(name)
    sent = 0
    for signal in names(kind, "signals"):
        for payloads in HOSTILE.values():
            if payloads or signal not in {"hand_over", "find_children"}:
                await handle.signal(signal, args=raw(payloads))
                sent += 1
    first, *others = names(kind, "updates")
    # All updates decode alike, as a test below says: the first takes everything, the others what differs by its number.
    tried = [(first, what) for what in HOSTILE] + [(one, what) for one in others for what in PLAIN]
    for some in batched(tried, AT_ONCE):
        found = await asyncio.gather(*(refusal(handle, update, HOSTILE[what]) for update, what in some))
        for (update, what), error in zip(some, found, strict=True):
            assert (error.type, error.non_retryable) == ("Malformed", True), (update, what, error)
            assert SECRET not in error.message, (update, what)
    for query in names(kind, "queries"):
        for payloads in filter(None, HOSTILE.values()):
            with pytest.raises(WorkflowQueryFailedError, match="takes no argument"):
                await handle.query(query, args=raw(payloads))
    return sent


def breaches(events: Sequence[ev.Event], duty: str, slip: str | None = None) -> list[ev.DeadlineBreached]:
    return [one for one in events if isinstance(one, ev.DeadlineBreached) and (one.duty, one.slip) == (duty, slip)]


def refused(events: Sequence[ev.Event], child: str | None) -> int:
    return sum(one.times for one in events if isinstance(one, ev.CommandRefused) and one.child == child)


@pytest.mark.long
async def test_no_payload_stops_the_clock_of_a_complaint_or_a_slip(stage: Stage) -> None:
    """Every update, signal and query of both takes everything; then a deadline of each is breached at its instant."""
    play = await stage.start(company=COMPANY, categories=["claims", "selling"])
    slip = f"{play.handle.id}.slip-s1"
    sent = await bombard(stage, play.handle.id, ComplaintWorkflow), await bombard(stage, slip, SlipWorkflow)
    await play.settle()
    due = (await play.duty()).due
    assert due is not None
    play.family.handed_over = True  # So many bytes have the complaint go on in a new run by itself.
    await play.forward_to(due)
    events = await play.events()
    [breach] = breaches(events, "decide")
    assert breach.at == due
    assert (breach.recorded_at - breach.at).total_seconds() < 1
    late = next(one for one in events if isinstance(one, ev.DeadlineBreached) and one.slip == "s1")
    assert late.at == late.due
    # What was counted and not told yet is told when the run or the case ends.
    assert sent[0] * 0.5 <= refused(events, None) <= sent[0]
    assert sent[1] * 0.5 <= refused(events, "s1") <= sent[1]
    codes = {one.code for one in events if isinstance(one, ev.CommandRefused)}
    assert codes == {"Malformed"}


@pytest.mark.slow
async def test_no_payload_stops_the_clock_of_a_review(stage: Stage) -> None:
    play = await stage.start(company=COMPANY)
    await play.find()
    await play.decide()
    await play.close()
    await play.do(cmd.RequestReview, reason="投诉人书面申请核查。")
    sent = await bombard(stage, f"{play.handle.id}.review-r1", ReviewWorkflow)
    await play.settle()
    due = next(
        duty for duty in (await play.view()).duties if duty.key.startswith("review") and duty.status == "open"
    ).due
    assert due is not None
    await play.forward_to(due)
    events = await play.events()
    assert [one.at for one in events if isinstance(one, ev.DeadlineBreached) and one.due == due] == [due]
    assert sent * 0.5 <= refused(events, "r1") <= sent


@pytest.mark.parametrize("kind", WORKFLOWS, ids=lambda kind: kind.__name__)
async def test_an_opening_that_cannot_be_decoded_fails_its_run_at_once(live: Stage, kind: type) -> None:
    """For every workflow that a worker serves; the remedy for a key that the workers lack is in the message."""
    client = outsider(live.client)
    takes_nothing = kind.__name__ == "WatchdogWorkflow"

    async def turned_away(what: str, payloads: Sequence[Payload]) -> None:
        handle = await client.start_workflow(
            _Definition.must_from_class(kind).name or "",
            args=raw(payloads),
            id=f"complaint-H-{uuid.uuid4().hex[:12]}",
            task_queue=live.queue,
        )
        with pytest.raises(WorkflowFailureError) as caught:
            await handle.result()
        cause = caught.value.cause
        assert isinstance(cause, ApplicationError), what
        assert (cause.type, cause.non_retryable) == ("InvalidOpening", True), (what, cause)
        assert SECRET not in cause.message
        if what == "foreign key" and not takes_nothing:
            assert cause.message.endswith(f"encrypted under the key {FOREIGN.current}, which the workers lack")

    await asyncio.gather(
        *(turned_away(what, payloads) for what, payloads in HOSTILE.items() if payloads or not takes_nothing)
    )


def test_every_run_update_signal_and_query_takes_any_number_of_raw_payloads() -> None:
    """One that named its parameter would have the SDK decode it, whose errors are tried again for ever."""
    for kind in WORKFLOWS:
        definition = _Definition.must_from_class(kind)
        handlers: list[Any] = [*definition.updates.values(), *definition.signals.values(), *definition.queries.values()]
        for arg_types, told in [
            (definition.arg_types, kind.__name__),
            *((one.arg_types, f"{kind.__name__}.{one.name}") for one in handlers),
        ]:
            assert arg_types is None, told
        for one in handlers:
            assert one.description, f"say in a few words what {kind.__name__}.{one.name} is for"
            assert re.match(r"[一-鿿]", one.description), one.description


async def test_updates_say_which_field_is_wrong_and_no_value(live: Stage) -> None:
    play = await live.start()
    handle = outsider(live.client).get_workflow_handle(play.handle.id)
    wrong = payload(f'{{"id": "1", "actor": "p-gd-gz-kf-01", "days": "{SECRET}", "reason": ""}}'.encode())
    error = await refusal(handle, "request_extension", [wrong])
    assert "days: " in error.message
    assert "reason: " in error.message
    assert SECRET not in error.message
    assert (await refusal(handle, "request_extension", [])).message == "takes one argument, and was given 0"
    assert (await refusal(handle, "request_extension", [wrong, wrong])).message == "takes one argument, and was given 2"
    await play.handle.terminate()


A, B = new_key(), new_key()


def ring(*keys: str) -> KeyRing:
    return KeyRing.parse(",".join(keys), source="the test")


async def replay(play: Play, keys: KeyRing) -> None:
    await Replayer(workflows=WORKFLOWS, plugins=[plugin(keys)]).replay_workflow(await play.handle.fetch_history())


async def approved_under_b(server: EmbeddedServer, home: Path, workers: KeyRing) -> Play:
    """A case whose extension somebody approves by a signal that is sealed under the key B; everything else is under A."""
    client = await Client.connect(server.address, plugins=[plugin(workers)])
    other = await Client.connect(server.address, plugins=[plugin(ring(B))])
    async with Stage.open(client, home) as stage:
        play = await stage.start(complexity="complex")
        asked = await play.do(cmd.RequestExtension, days=30, reason="需外地取证。")
        approval = {"id": "a1", "actor": SUPERIOR, "request": asked.ref, "reason": "情况特别复杂，同意。"}
        await other.get_workflow_handle(play.handle.id).signal("approve_extension", approval)
        await play.settle()
        # A later command: what it becomes depends on what became of the signal.
        await play.do(cmd.RecordContact, method="phone", reached=False, summary="无人接听。")
        return play


async def test_a_signal_refused_for_want_of_its_key_stays_refused_when_a_worker_has_it(
    temporal_server: EmbeddedServer, tmp_path: Path
) -> None:
    play = await approved_under_b(temporal_server, tmp_path, ring(A))
    await replay(play, ring(A))
    await replay(play, ring(A, B))


async def test_a_signal_taken_in_with_its_key_fails_the_task_of_a_worker_without_it(
    temporal_server: EmbeddedServer, tmp_path: Path
) -> None:
    """The task, and not the run: it is tried again until a worker comes that has the key."""
    play = await approved_under_b(temporal_server, tmp_path, ring(A, B))
    await replay(play, ring(A, B))
    with pytest.raises(RuntimeError, match='"Unreadable"'):
        await replay(play, ring(A))


async def test_a_worker_without_the_key_of_a_running_case_fails_the_task_and_never_the_run(
    temporal_server: EmbeddedServer, tmp_path: Path
) -> None:
    """Its opening was accepted once: it is not a fresh one that can be turned away."""
    play = await approved_under_b(temporal_server, tmp_path, ring(A))
    with pytest.raises(RuntimeError, match='"Unreadable"'):
        await replay(play, ring(B))


async def test_an_id_burnt_by_an_opening_under_a_foreign_key_can_be_used_again(live: Stage) -> None:
    name = workflow_id(f"H-{uuid.uuid4().hex[:12]}")
    for _ in range(2):
        handle = await outsider(live.client).start_workflow(
            "ComplaintWorkflow", args=raw(HOSTILE["foreign key"]), id=name, task_queue=live.queue
        )
        with pytest.raises(WorkflowFailureError):
            await handle.result()
