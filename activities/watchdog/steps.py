"""Looking, repairing what is safe, writing down and telling: the same for the schedule and for the command line."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from temporalio import activity
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from activities.delivery import Delivery, Outgoing
from activities.ledger import Ledger
from activities.ledger_session import LedgerError
from activities.watchdog.children import complaint_workflow
from activities.watchdog.findings import REMEDIES, Finding
from activities.watchdog.record import of_the_record
from activities.watchdog.server import of_the_server
from models.audience import audience, head_office
from models.organisation import Organisation
from models.supervision import Supervision
from models.supervision_steps import SUPERVISION_WORKFLOW, Firing, Look, Seen, run_id
from rulebook.errors import RulebookError


@dataclass(frozen=True, slots=True)
class Watch:
    """
    What the watchdog needs; without a *client* it looks at the record alone and repairs nothing that needs Temporal.

    *archives* says that files of closed complaints are archived here, so that one which is not there is found.
    """

    ledger: Ledger
    rules: Supervision
    client: Client | None = None
    queue: str = ""
    archives: bool = False

    async def look(self, now: datetime) -> list[Finding]:
        """Return all findings at *now*, in order, one for each code and subject."""
        found = await asyncio.to_thread(of_the_record, self.ledger, self.rules, now, archives=self.archives)
        if self.client is not None:
            found += await of_the_server(self.client, self.ledger, self.rules, self.queue, now)
        # Of what was found twice the later look says more.
        return sorted({(one.code, one.subject): one for one in found}.values())

    async def repair(self, found: Sequence[Finding]) -> list[Finding]:
        """
        Repair what can be repaired without deciding anything, and return it.

        What is derived from events is derived again, what is owed is started, and complaints start slips and reviews anew
        that do not run: all do nothing where nothing is wrong. A paused schedule stays paused, and no complaint is reset or
        brought back: the reason has to be looked at.
        What cannot be repaired stays a finding, and holds up no other.
        """
        return [one for one in found if await self._tried(one)]

    async def _tried(self, one: Finding) -> bool:
        try:
            return await self._repaired(one)
        except (LedgerError, RulebookError, RPCError) as error:
            log = structlog.get_logger("watchdog")
            log.warning("watchdog repair failed", code=one.code, subject=one.subject, error=type(error).__name__)
            return False

    async def _repaired(self, one: Finding) -> bool:
        if one.code == "ProjectionBehind":
            await asyncio.to_thread(self.ledger.rebuild, one.subject)
            return True
        if one.code == "RunMissing" and self.client is not None:
            return await self._start_owed(self.client, one)
        if one.code == "ChildMissing" and self.client is not None:
            await self.client.get_workflow_handle(complaint_workflow(one.subject)).signal("find_children")
            return True
        return False

    async def _start_owed(self, client: Client, one: Finding) -> bool:
        scheduled = next((known for known in self.rules.schedules if one.subject.startswith(f"{known.id}-")), None)
        if scheduled is None:
            return False
        try:
            await client.start_workflow(
                SUPERVISION_WORKFLOW,
                Firing(schedule=scheduled.id),
                id=f"watchdog-{scheduled.id}",
                task_queue=self.queue,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                static_summary=f"巡检补做 owed: {one.subject}",
            )
        except WorkflowAlreadyStartedError:
            return False
        return True


class WatchdogActivities:
    """Lets the watchdog look from within Temporal."""

    def __init__(
        self,
        ledger: Ledger,
        delivery: Delivery,
        organisation: Organisation,
        rules: Supervision,
        *,
        archives: bool,
        sweep: Callable[[], None],
    ) -> None:
        self._ledger = ledger
        self._delivery = delivery
        self._organisation = organisation
        self._rules = rules
        self._archives = archives
        self._sweep = sweep

    @activity.defn(name="watchdog.look")
    async def look(self, look: Look) -> Seen:
        """
        Look, repair what is safe, write findings down, and tell head office of those that are new.

        What processes that died left half-written goes first: it holds names, and nobody reads it.
        """
        await asyncio.to_thread(self._sweep)
        watch = Watch(self._ledger, self._rules, activity.client(), activity.info().task_queue, self._archives)
        found = await watch.look(look.at)
        repaired = await watch.repair(found) if look.repair else []
        new = await asyncio.to_thread(
            self._ledger.findings.note, [(one.code, one.subject, one.told) for one in found], _keys(repaired), look.at
        )
        _report(found)
        if new:
            await asyncio.to_thread(self._tell, new, look.at)
        return Seen(found=dict(Counter(one.code for one in found)), repaired=len(repaired))

    def _tell(self, new: Sequence[str], at: datetime) -> None:
        readers = audience(self._organisation, self._rules.watchdog.recipients, head_office(self._organisation))
        for person in readers:
            self._delivery.deliver(
                Outgoing(
                    notice=f"{run_id('watchdog', f'{at:%Y%m%dT%H%M%S}')}.{person}",
                    method="internal",
                    recipient=person,
                    subject=f"巡检 watchdog: {len(new)} 项新发现 new findings",
                    body="\n".join(new),
                    written_at=at,
                )
            )


def _keys(found: Sequence[Finding]) -> set[tuple[str, str]]:
    return {(one.code, one.subject) for one in found}


def _report(found: Sequence[Finding]) -> None:
    """Set the gauge of every code, so that one that is gone is seen to be gone, and log each finding."""
    counts = Counter(one.code for one in found)
    for code in REMEDIES:
        meter = activity.metric_meter().with_additional_attributes({"code": code})
        meter.create_gauge("tousu_watchdog_findings", "findings of the watchdog").set(counts[code])
    log = structlog.get_logger("watchdog")
    for one in found:
        log.warning("watchdog finding", code=one.code, subject=one.subject)
