"""What running complaints show that they wait for: a person, where the record does not know it, or the end of an outage."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence

from sqlmodel import col, select
from temporalio.client import Client, WorkflowExecution
from temporalio.common import SearchAttributeKey

from activities.ledger import AT_ONCE, Ledger
from activities.watchdog.asking import SECOND_LOOK
from activities.watchdog.findings import Finding
from activities.watchdog.record import MOST, told
from models import search_attributes as sa
from models.opening import RUNNING, complaint_of
from models.tables import CaseRow
from models.view import CaseView

Causes = dict[str, frozenset[str]]
"""What complaints wait for, by id."""


def shown(running: Mapping[str, WorkflowExecution], key: SearchAttributeKey[Sequence[str]]) -> Causes:
    """Return what the complaints show under *key*, those that show nothing left out."""
    values = {name: one.typed_search_attributes.get(key) for name, one in running.items()}
    return {name: frozenset(causes) for name, causes in values.items() if causes}


async def still_waiting(
    client: Client, ledger: Ledger, running: Mapping[str, WorkflowExecution]
) -> tuple[Causes, Causes]:
    """
    Return the complaints that wait for a person and whose record does not say so, and those that wait for an outage to end.

    Both for longer than a moment. The first are the worst: it is the step that writes the record that waits.
    """
    people = await asyncio.to_thread(_unrecorded, ledger, shown(running, sa.WAITS_FOR))
    away = shown(running, sa.OUTAGE)
    if people or away:
        await asyncio.sleep(SECOND_LOOK.total_seconds())
    if people:
        people = await asyncio.to_thread(_unrecorded, ledger, await _again(client, sa.WAITS_FOR, people))
    if away:
        away = await _again(client, sa.OUTAGE, away)
    return people, away


async def _again(client: Client, key: SearchAttributeKey[Sequence[str]], before: Causes) -> Causes:
    """Return what those that waited *before* wait for now."""
    listed = client.list_workflows(f"{RUNNING} AND {key.name} IS NOT NULL", page_size=1000)
    return {
        name: causes
        for name, causes in shown({complaint_of(one.id): one async for one in listed}, key).items()
        if name in before
    }


def _unrecorded(ledger: Ledger, causes: Causes) -> Causes:
    names, known = sorted(causes), dict[str, frozenset[str]]()
    with ledger.sessions.reading() as session:
        for start in range(0, len(names), AT_ONCE):
            part = col(CaseRow.complaint_id).in_(names[start : start + AT_ONCE])
            asked = select(CaseRow.complaint_id, CaseRow.waits_for).where(part)
            known |= {name: frozenset((waits or {}).values()) for name, waits in session.exec(asked)}
    return {name: waits for name, waits in causes.items() if not waits <= known.get(name, frozenset())}


def of_waiting(people: Causes, away: Causes, answers: Mapping[str, CaseView]) -> Iterator[Finding]:
    """Yield a finding for each complaint that waits, with its steps where the complaint has answered."""
    for code, waiting, part in (("WaitsForPerson", people, "waits_for"), ("WaitsForOutage", away, "outages")):
        for name, causes in sorted(waiting.items())[:MOST]:
            steps: dict[str, str] = getattr(answers.get(name), part, {})
            yield Finding(code, name, told(steps) or ", ".join(sorted(causes)))
