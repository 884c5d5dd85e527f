"""
Asking running complaints how far they are: what the record lacks, it cannot tell by itself.

The number of a complaint's events is compared with the number of those on record. A step that is under way is given a
moment; what then still differs is behind.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Final, NamedTuple

from sqlmodel import col, func, select
from temporalio.client import Client

from activities.ledger import AT_ONCE, Ledger
from models.opening import RUNNING, complaint_of, workflow_id
from models.tables import EventRow
from models.view import CaseView

TOGETHER: Final = 20
"""How many complaints are asked at once."""

ANSWER_WITHIN: Final = timedelta(seconds=10)
"""How long a complaint may take to answer before it counts as silent."""

CONSPICUOUS, SAMPLE = 200, 50
"""How many complaints one look asks at most: of those that show that something is wrong, and of all the others."""

SECOND_LOOK: Final = timedelta(seconds=2)
"""After this time what differs is looked at again before it is a finding: record and visibility follow a moment later."""


class Held(NamedTuple):
    """How many events of a complaint are on record, and the instant at which the last of them was recorded."""

    events: int = 0
    last: datetime | None = None


class Apart(NamedTuple):
    """How many events the workflow of a complaint has, and how many its record has, which are not as many."""

    happened: int
    recorded: int

    def __str__(self) -> str:
        return f"the workflow has {self.happened} events, the record {self.recorded}"


async def views(client: Client, names: Sequence[str]) -> dict[str, CaseView]:
    """
    Return how each of the complaints sees itself now; those that give no answer are left out.

    They are asked a few at a time. If none of the first ones answers, no worker does, and the others are not asked.
    """
    answers: dict[str, CaseView] = {}
    for start in range(0, len(names), TOGETHER):
        part = names[start : start + TOGETHER]
        found = await asyncio.gather(*(_view(client, name) for name in part))
        answers |= {name: view for name, view in zip(part, found, strict=True) if view is not None}
        if not answers:
            break
    return answers


async def _view(client: Client, name: str) -> CaseView | None:
    try:
        asked = client.get_workflow_handle(workflow_id(name))
        answer: CaseView = await asked.query("view", result_type=CaseView, rpc_timeout=ANSWER_WITHIN)
    except Exception:  # noqa: BLE001  # whatever one complaint answers, or fails to, says nothing of the others
        return None
    return answer


def held(ledger: Ledger, names: Iterable[str]) -> dict[str, Held]:
    """Return what the record holds of each of the complaints."""
    wanted = sorted(names)
    found = dict.fromkeys(wanted, Held())
    with ledger.sessions.reading() as session:
        for start in range(0, len(wanted), AT_ONCE):
            asked = (
                select(EventRow.complaint_id, func.max(EventRow.seq), func.max(EventRow.recorded_at))
                .where(col(EventRow.complaint_id).in_(wanted[start : start + AT_ONCE]))
                .group_by(col(EventRow.complaint_id))
            )
            found |= {name: Held(events, last) for name, events, last in session.exec(asked)}
    return found


async def apart(ledger: Ledger, answers: dict[str, CaseView], before: dict[str, Held]) -> dict[str, Apart]:
    """
    Return the complaints whose workflow and record do not have as many events.

    *before* is what was on record before *answers* were asked for. A workflow may be ahead for a moment; that it has fewer
    events than the record had is never so, unless it was set back by hand.
    """
    differ = [name for name, view in answers.items() if view.events != before[name].events]
    if not differ:
        return {}
    await asyncio.sleep(SECOND_LOOK.total_seconds())
    after = await asyncio.to_thread(held, ledger, differ)
    return {
        name: Apart(answers[name].events, after[name].events)
        for name in differ
        if after[name].events < answers[name].events or answers[name].events < before[name].events
    }


class Compared(NamedTuple):
    """How the running complaints that were asked compare with their record: which are apart, and which gave no answer."""

    asked: int
    apart: dict[str, Apart]
    silent: frozenset[str]


async def compared(client: Client, ledger: Ledger, queue: str) -> Compared:
    """Ask every running complaint that the workers of *queue* serve, and compare it with its record."""
    listed = client.list_workflows(RUNNING, page_size=1000)
    names = [complaint_of(one.id) async for one in listed if one.task_queue == queue]
    Random(len(names)).shuffle(names)  # noqa: S311  # The first ones stand for all; the oldest may wait for a lost key.
    before = await asyncio.to_thread(held, ledger, names)
    answers = await views(client, names)
    return Compared(len(names), await apart(ledger, answers, before), frozenset(names) - answers.keys())


def chosen(conspicuous: Iterable[str], others: Iterable[str], now: datetime) -> list[str]:
    """
    Return whom to ask at *now*: the *conspicuous*, and a few of the *others* drawn anew each time.

    In no order, so that those who are asked first stand for all. The same instant gives the same choice.
    """
    first, rest = sorted(conspicuous), sorted(others)
    chance = Random(now.isoformat())  # noqa: S311  # a repeatable sample, not a secret
    drawn = chance.sample(first, min(CONSPICUOUS, len(first))) + chance.sample(rest, min(SAMPLE, len(rest)))
    chance.shuffle(drawn)
    return drawn
