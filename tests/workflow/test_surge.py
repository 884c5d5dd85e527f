"""In a surge what is urgent goes first, and no unit waits for another's flood (R174)."""

from __future__ import annotations

import asyncio
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from temporalio.client import Client
from temporalio.worker import Worker

import activities
from activities.ledger import Ledger
from cli.starting import priority, start
from engine.settings import SAMPLE_ORGANISATION
from models.intake import Intake
from models.migrations import migrate
from models.opening import Opening
from rulebook.pack import pin_for
from tests.present import now
from tests.records.parts import raw
from tests.workflow.pasts import past, told
from tests.workflow.stage import forwarded_by_regulator
from workflows import WORKFLOWS

pytestmark = pytest.mark.slow

FLOOD, OTHERS, PRESSING = 100, 10, 5
GROUP = {"total": 25, "face_to_face": True, "representatives": []}


def opening(name: str, unit: str, days_ago: float = 1, **changes: Any) -> Opening:
    received = now() - timedelta(days=days_ago)
    intake = Intake.model_validate(
        {
            "complaint_id": f"{name}-{uuid.uuid4().hex[:8]}",
            "received_at": received,
            "channel": "phone",
            "complainant": {"kind": "person", "name": "测试人甲", "contact": {"phone": "13800000000"}},
            "respondent": {"unit": unit},
            "facts": "续期扣款两次。",
            "categories": ["payment"],
            **changes,
        }
    )
    return Opening(intake=intake, pin=pin_for(intake.received_at, received.date()))


def test_the_order_is_major_then_forwarded_or_due_soon_then_the_others_then_what_is_over() -> None:
    """Each unit has its own turn among equals: the fairness key is the unit."""
    received = now() - timedelta(days=1)
    closed = opening("S", "gd", 400)
    tale = past(told("receipt", 0.1))(closed.intake.received_at)
    assert tale.events
    found = [
        priority(one, now())
        for one in (
            opening("S", "gd", group=GROUP),
            opening("S", "zj", **forwarded_by_regulator(received), received_at=received),
            opening("S", "gd-sz", days_ago=13),
            opening("S", "gd-sz", days_ago=40),
            opening("S", "gd-sz"),
        )
    ]
    assert [one.priority_key for one in found] == [1, 2, 2, 2, 3]
    assert [one.fairness_key for one in found] == ["gd", "zj", "gd-sz", "gd-sz", "gd-sz"]


# The worker ends while letters are written: it breaks their threads off, and a file may be open just then.
@pytest.mark.filterwarnings("ignore:Exception ignored in. <_io:pytest.PytestUnraisableExceptionWarning")
async def test_a_flood_of_one_unit_delays_neither_what_is_urgent_nor_other_units(
    client: Client, tmp_path: Path
) -> None:
    """
    The tickets show in which order the complaints were taken up.

    One unit's flood came first, then a few of two other units, then what presses. First in, first out would have taken up
    the flood first of all.
    """
    url, queue = f"sqlite:///{tmp_path / 'records.db'}", f"surge-{uuid.uuid4().hex}"
    migrate(url)
    received = now() - timedelta(days=1)
    flood = [opening("F", "gd-sz") for _ in range(FLOOD)]
    others = [opening("O", unit) for _ in range(OTHERS) for unit in ("zj-hz", "gd-gz")]
    pressing = [
        opening("P", "gd-sz", **forwarded_by_regulator(received), received_at=received) for _ in range(PRESSING)
    ]
    for batch in (flood, others, pressing):
        await asyncio.gather(*(start(client, one, queue) for one in batch))
    with (
        activities.build(url, SAMPLE_ORGANISATION, tmp_path) as wired,
        ThreadPoolExecutor(1) as threads,
        Ledger.open(url) as ledger,
    ):
        small = Worker(
            client,
            task_queue=queue,
            workflows=WORKFLOWS,
            activities=wired,
            activity_executor=threads,
            max_concurrent_activities=1,
            max_concurrent_workflow_tasks=2,
            build_id="tests",
        )
        async with small:
            async with asyncio.timeout(150):
                while len(ledger.journal.complaints()) < FLOOD + 2 * OTHERS + PRESSING:  # noqa: ASYNC110
                    await asyncio.sleep(0.2)
    order = tickets(url)
    place = {name: at for at, name in enumerate(order)}
    last = {
        what: max(place[one.intake.complaint_id] for one in batch)
        for what, batch in (("flood", flood), ("others", others), ("pressing", pressing))
    }
    assert last["pressing"] < 2 * PRESSING
    assert last["others"] < PRESSING + 2 * 3 * OTHERS
    assert last["flood"] > last["others"]


def tickets(url: str) -> list[str]:
    """Return the complaints in the order in which they got their tickets."""
    with raw(url) as connection:
        return list(connection.execute(text("SELECT complaint_id FROM ticket ORDER BY number")).scalars())
