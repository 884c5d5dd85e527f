"""The schedules on a real server: applied once, compared, paused, and made up once after an outage."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, ScheduleActionStartWorkflow, WorkflowExecutionStatus
from temporalio.worker import Worker

import activities
from activities.ledger import Ledger
from engine.keys import KeyRing
from engine.plugin import plugin
from engine.schedules import apply, described, names
from engine.server import EmbeddedServer, free_ports
from engine.settings import SAMPLE_ORGANISATION
from models.delivery import OUTBOX_ONLY
from models.migrations import migrate
from models.supervision import SHIPPED, Supervision, read_supervision
from models.supervision_steps import SUPERVISION_WORKFLOW, Firing, schedule_id
from tests.engine.waiting import until
from tests.records.parts import intake
from tests.records.test_supervision import late_slips
from workflows import WORKFLOWS

ZONE = ZoneInfo("Asia/Shanghai")


def rules_at(folder: Path, *changes: tuple[str, str]) -> Path:
    """The house's file with some *changes*."""
    text = SHIPPED.read_text(encoding="utf-8")
    for was, becomes in changes:
        assert was in text
        text = text.replace(was, becomes, 1)
    (file := folder / "supervision.yaml").write_text(text, encoding="utf-8")
    return file


@pytest.fixture
async def cleared(client: Client) -> AsyncIterator[Client]:
    """The session's server, with no schedule of ours afterwards."""
    yield client
    for name in names(read_supervision()):
        if await described(client, name):
            await client.get_schedule_handle(schedule_id(name)).delete()


async def changes(client: Client, rules: Supervision, **more: bool) -> dict[str, tuple[str, ...]]:
    return {one.name: (one.change, *one.differences) for one in await apply(client, rules, "q", **more)}


async def test_applying_twice_changes_nothing(cleared: Client) -> None:
    rules = read_supervision()
    assert await changes(cleared, rules) == dict.fromkeys(names(rules), ("created",))
    assert await changes(cleared, rules) == dict.fromkeys(names(rules), ("unchanged",))


async def test_what_differs_is_named_and_brought_to_the_file(cleared: Client, tmp_path: Path) -> None:
    await changes(cleared, read_supervision())
    changed = read_supervision(rules_at(tmp_path, ('at: "08:30"', 'at: "07:15"')))
    found = await changes(cleared, changed)
    assert found.pop("bulletin") == ("updated", "definition", "times")
    assert set(found.values()) == {("unchanged",)}
    assert set((await changes(cleared, changed)).values()) == {("unchanged",)}
    there = await described(cleared, "bulletin")
    assert there is not None
    first = there.info.next_action_times[0].astimezone(ZONE)
    assert (first.hour, first.minute) == (7, 15), "local time, wherever the server stands"


async def test_who_paused_a_schedule_keeps_it_paused(cleared: Client, tmp_path: Path) -> None:
    """Neither a change of the file nor making it anew lets it fire again."""
    await changes(cleared, read_supervision())
    await cleared.get_schedule_handle(schedule_id("bulletin")).pause(note="departments change")
    changed = read_supervision(rules_at(tmp_path, ('at: "08:30"', 'at: "07:15"')))
    assert (await changes(cleared, changed))["bulletin"][0] == "updated"
    await changes(cleared, changed, anew=True)
    there = await described(cleared, "bulletin")
    assert there is not None
    assert (there.schedule.state.paused, there.schedule.state.note) == (True, "departments change")


async def test_a_schedule_says_what_it_is_for(cleared: Client) -> None:
    """As a note in the Web UI, also after somebody paused it and let it run again; what it starts says the same."""
    rules = read_supervision()
    await changes(cleared, rules)
    for one in rules.schedules:
        there = await described(cleared, one.id)
        assert there is not None
        note = there.schedule.state.note or ""
        assert note.startswith(f"{one.title} · {one.citation}。每日触发")
        action = there.schedule.action
        assert isinstance(action, ScheduleActionStartWorkflow)
        assert await detail(cleared, action.static_details) == note
    handle = cleared.get_schedule_handle(schedule_id("watchdog"))
    await handle.pause(note="server moves")
    await handle.unpause(note="moved")
    assert (await changes(cleared, rules))["watchdog"] == ("updated", "purpose")
    there = await described(cleared, "watchdog")
    assert there is not None
    assert (there.schedule.state.note or "").startswith("巡检：")


async def detail(client: Client, given: object) -> object:
    """What a described schedule holds as a sealed payload, in the open."""
    return (await client.data_converter.decode([given]))[0] if isinstance(given, Payload) else given


@dataclass
class House:
    """A server of its own that can be killed, a record, and a worker that stays."""

    home: Path
    keys: KeyRing
    port: int
    rules: Path
    ledger: Ledger

    @asynccontextmanager
    async def server(self) -> AsyncIterator[EmbeddedServer]:
        async with EmbeddedServer(self.home, database=self.home / "temporal.db", port=self.port) as server:
            yield server

    async def connected(self) -> Client:
        return await Client.connect(f"127.0.0.1:{self.port}", plugins=[plugin(self.keys)])

    @asynccontextmanager
    async def worker(self, client: Client) -> AsyncIterator[None]:
        with (
            activities.build(self.url, SAMPLE_ORGANISATION, self.home, OUTBOX_ONLY, self.rules) as wired,
            ThreadPoolExecutor(8) as threads,
        ):
            async with Worker(
                client,
                task_queue="q",
                workflows=WORKFLOWS,
                activities=wired,
                activity_executor=threads,
                build_id="tests",
            ):
                yield

    @property
    def url(self) -> str:
        return f"sqlite:///{self.home / 'records.db'}"


@pytest.fixture
def house(tmp_path: Path, keys: KeyRing) -> Iterator[House]:
    migrate(url := f"sqlite:///{tmp_path / 'records.db'}")
    with Ledger.open(url) as ledger:
        late_slips(ledger)
        yield House(tmp_path, keys, free_ports(1)[0], SHIPPED, ledger)


async def executions(client: Client, query: str) -> list[tuple[str, WorkflowExecutionStatus | None]]:
    return [(one.id, one.status) async for one in client.list_workflows(query)]


def soon(least_seconds: int) -> datetime:
    """The first full minute that is at least some seconds away."""
    now = datetime.now(ZONE) + timedelta(seconds=least_seconds)  # noqa: TID251  # the server's own clock
    return now.replace(second=0, microsecond=0) + timedelta(minutes=1)


@pytest.mark.slow
async def test_a_firing_missed_while_the_server_was_dead_is_made_up_once(house: House) -> None:
    """
    SIGKILL before the firing, another start after it: the bulletin is made once, and a later firing makes none.

    What is owed is a week of the past; late slips of March are in it because they are still open.
    """
    firing = soon(8)
    house.rules = rules_at(house.home, ('at: "08:30"', f'at: "{firing:%H:%M}"'))
    rules = read_supervision(house.rules)
    async with house.server() as server:
        client = await house.connected()
        await apply(client, rules, "q")
        for other in set(names(rules)) - {
            "bulletin"
        }:  # Their time may come too, and the watchdog makes up what is owed.
            await client.get_schedule_handle(schedule_id(other)).delete()

        async def armed() -> bool:
            there = await described(client, "bulletin")
            return there is not None and there.info.next_action_times[0] == firing

        await until(armed)
        os.kill(server.pid, signal.SIGKILL)
        await asyncio.sleep(max(0.0, (firing - datetime.now(ZONE)).total_seconds()) + 2)  # noqa: TID251
    assert house.ledger.supervision.runs() == [], "nothing ran while the server was dead"
    async with house.server():
        client = await house.connected()
        async with house.worker(client):

            async def done() -> bool:
                rows = house.ledger.supervision.runs("bulletin")
                return bool(rows) and house.ledger.supervision.sent(rows[0].run) is not None

            await until(done)
            (row,) = house.ledger.supervision.runs("bulletin")
            await client.get_schedule_handle(schedule_id("bulletin")).trigger()

            async def fired_again() -> bool:
                found = await executions(client, f"WorkflowType = '{SUPERVISION_WORKFLOW}'")
                return len(found) == 2 and all(status == WorkflowExecutionStatus.COMPLETED for _, status in found)

            await until(fired_again)
            made = await executions(client, "WorkflowType = 'BulletinWorkflow'")
    assert made == [(row.run, WorkflowExecutionStatus.COMPLETED)]
    assert len(house.ledger.supervision.runs()) == 1
    assert [call.department for call in house.ledger.supervision.committee_calls(row.run)] == ["gd-sz-yg"]
    copies = list((house.home / "outbox").glob(f"{row.run}.gd.*.txt"))
    assert len(copies) == len({path.name for path in copies}) > 1


async def test_a_worker_that_dies_between_putting_down_and_handing_over_loses_nothing(house: House) -> None:
    """The outbox is shut: the run is on record, nothing is sent; opened again, the same run is handed over."""
    async with house.server():
        client = await house.connected()
        outbox = house.home / "outbox"
        outbox.write_text("closed")
        async with house.worker(client):
            handle = await client.start_workflow(
                SUPERVISION_WORKFLOW, Firing(schedule="bulletin"), id="by-hand", task_queue="q", result_type=str
            )

            async def put_down() -> bool:
                return bool(house.ledger.supervision.unsent("bulletin"))

            await until(put_down)
        (row,) = house.ledger.supervision.unsent("bulletin")
        outbox.unlink()
        async with house.worker(client):
            assert await handle.result() == row.run
    assert house.ledger.supervision.sent(row.run) is not None
    (again,) = house.ledger.supervision.runs("bulletin")
    assert again.content_hash == row.content_hash


async def test_every_kind_of_run_is_done_by_hand(house: House) -> None:
    """From the yearly disclosure to the samples: each ends, and asked again says that it was done."""
    said = intake("C-2025")
    house.ledger.open_case(
        said.model_dump(mode="json"), "C-2025", said.content_hash(), datetime(2025, 12, 31, 12, tzinfo=ZONE)
    )
    async with house.server():
        client = await house.connected()
        async with house.worker(client):
            for schedule, period in (
                ("sample", "2026-03"),
                ("closures", "2026-03"),
                ("publication", "2026-03"),
                ("disclosure", "2025"),
            ):
                told = [
                    await client.execute_workflow(
                        SUPERVISION_WORKFLOW,
                        Firing(schedule=schedule, period=period),
                        id=f"{schedule}-by-hand-{number}",
                        task_queue="q",
                        result_type=str,
                    )
                    for number in range(2)
                ]
                assert told == [f"{schedule}-{period}", "已办 done before"]
