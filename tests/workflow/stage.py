"""How a test opens a complaint, commands it, and lets its days pass."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

import pytest
from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

import activities
from activities.ledger import Ledger
from cli.family import Family
from cli.moments import plain_monday
from engine.settings import SAMPLE_ORGANISATION
from engine.time_skipping import TimeSkipper, skip_delay
from models import commands as cmd
from models import handling_commands as hcmd
from models import slip_commands as slip_cmd
from models.archive import ArchiveConfig
from models.child import review_workflow_id, slip_workflow_id
from models.delivery import OUTBOX_ONLY, DeliveryConfig
from models.intake import Intake
from models.migrations import migrate
from models.opening import WORKFLOW_TYPE, Accepted, CaseResult, Opening, Past, workflow_id
from models.view import CaseView, DutyView
from rulebook import events as ev
from rulebook.pack import pin_for, pin_to
from tests import present
from tests.engine.waiting import PATIENCE
from workflows import WORKFLOWS

SHANGHAI = ZoneInfo("Asia/Shanghai")
SERVICE = "p-gd-gz-kf-01"
"""Customer service of the city that handles the complaint."""
CLAIMS = "p-gd-gz-yg-01"
"""The coordinator of that city's business management, to whom claims are routed."""
SUPERIOR = "p-gd-kf-03"
"""Head of customer service of the province above it."""
SENIOR = "p-hq-zjl-02"
"""Senior manager of head office."""
CALLER = "p-gd-gz-kf-02"
"""The callback team of the city."""
REVIEWERS = {hcmd.AppointReviewer, hcmd.ExamineReview, cmd.DecideReview}
REVIEW: dict[str, Any] = {"outcome": "upheld", "process": "程序合规", "time_limits": "未超时限", "result": "结果适当"}
"""What the superior institution decides on a review."""
DECISION: dict[str, Any] = {
    "liability": "responsible",
    "causes": ["claims_delay"],
    "decision": "向您支付理赔款并致歉。",
    "verification": "经核实，理赔资料齐全，审核超时。",
    "basis": "保险法第二十三条。",
    "reasons": "审核环节延误。",
    "agreed": True,
}
"""What the department decides."""
REVIEWER = "p-gd-kf-01"
"""Who examines the first decision at the province above the city."""
CHAIR = "p-gd-zjl-02"
"""General manager of the province, who chairs its complaint committee."""
HEAD = "p-gd-gz-kf-03"
"""Head of customer service of the city itself."""


def _blocked(outbox: Path) -> bool:
    try:
        outbox.write_text("no letters today")
    except IsADirectoryError:  # A letter left in this instant, and made the folder anew.
        return False
    return True


def _back(away: Path, outbox: Path) -> bool:
    try:
        away.rename(outbox)
    except OSError:  # As above.
        return False
    return True


def _empty(outbox: Path, away: Path) -> None:
    for letter in outbox.iterdir():
        with suppress(FileNotFoundError):  # One that was being written has its name by now.
            letter.replace(away / letter.name)
    with suppress(OSError):  # Another one came meanwhile.
        outbox.rmdir()


@dataclass
class Stage:
    """The server, the task queue and the record that plays share."""

    client: Client
    queue: str
    ledger: Ledger
    home: Path
    skipper: TimeSkipper | None

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        client: Client,
        home: Path,
        skipper: TimeSkipper | None = None,
        delivery: DeliveryConfig = OUTBOX_ONLY,
        organisation: Path = SAMPLE_ORGANISATION,
        *,
        archive: ArchiveConfig | None = None,
        queue: str | None = None,
        database: str | None = None,
    ) -> AsyncIterator[Self]:
        url = database or f"sqlite:///{home / 'records.db'}"
        migrate(url)
        queue = queue or f"stage-{uuid.uuid4().hex}"
        with (
            activities.build(url, organisation, home, delivery, archive=archive) as wired,
            ThreadPoolExecutor(8) as threads,
            Ledger.open(url) as ledger,
        ):
            worker = Worker(
                client,
                task_queue=queue,
                workflows=WORKFLOWS,
                activities=wired,
                activity_executor=threads,
                build_id="tests",  # The default hashes every loaded module, for seconds.
            )
            async with worker:
                yield cls(client, queue, ledger, home, skipper)

    @property
    def env(self) -> TimeSkipper:
        """The means to let days pass; only the time-skipping server has them."""
        assert self.skipper is not None, "days cannot pass on an ordinary server"
        return self.skipper

    @contextmanager
    def mail_room_closed(self) -> Iterator[None]:
        """Have every letter fail to leave: a file lies where the outbox should be."""
        outbox, away = self.home / "outbox", self.home / "outbox-away"
        outbox.mkdir(exist_ok=True)
        outbox.rename(away)
        while not _blocked(outbox):
            _empty(outbox, away)
        try:
            yield
        finally:
            outbox.unlink()
            while not _back(away, outbox):
                _empty(outbox, away)

    async def start(
        self,
        days_ago: float = 0,
        *,
        settle: bool = True,
        company: str | None = None,
        forwarded: bool = False,
        answer_within: int | None = 10,
        rules: str | None = None,
        past: Callable[[datetime], Past] | None = None,
        **changes: Any,
    ) -> Play:
        """
        Open a complaint received *days_ago* days before the present, as a system would; its *past* is told its receipt.

        Under a *company*'s rules, which know working days and quiet hours, the present is a plain Monday morning. *rules*
        pins a pack by hand.
        """
        real_now = present.now().astimezone(SHANGHAI)  # where a workflow's virtual clock starts
        now = datetime.combine(plain_monday(real_now.date()), time(10), SHANGHAI) if company else real_now
        received = now - timedelta(days=days_ago)
        if forwarded:
            changes = {**forwarded_by_regulator(received, answer_within), **changes}
        intake = Intake.model_validate(
            {
                "complaint_id": f"T-{uuid.uuid4().hex[:12]}",
                "received_at": received.isoformat(),
                "channel": "phone",
                "complainant": {"kind": "person", "name": "测试人甲", "contact": {"phone": "13800000000"}},
                "respondent": {"unit": "gd-gz"},
                "facts": "理赔款迟迟未付。",
                "demand": "尽快支付理赔款。",
                "categories": ["claims"],
                **changes,
            }
        )
        known_on = real_now.date()
        pin = pin_to(rules, known_on) if rules else pin_for(intake.received_at, known_on, company=company)
        opening = Opening(intake=intake, pin=pin, past=past(received) if past else None)
        delay = now - real_now
        with self.skipper.with_time_skipping_disabled() if self.skipper else nullcontext():
            handle = await self.client.start_workflow(
                WORKFLOW_TYPE,
                opening,
                id=workflow_id(intake.complaint_id),
                task_queue=self.queue,
                result_type=CaseResult,
                start_delay=delay or None,
            )
        if delay:
            await skip_delay(self.env, handle, delay)
        play = Play(self, intake, handle)
        if settle:
            await play.settle()
        return play


@dataclass
class Play:
    """One complaint under test."""

    stage: Stage
    intake: Intake
    handle: WorkflowHandle[Any, CaseResult]

    @cached_property
    def family(self) -> Family:
        return Family(self.stage.client, self.handle, self.intake.complaint_id)

    async def view(self) -> CaseView:
        return await self.family.view()

    async def events(self) -> list[ev.Event]:
        """Return the record's events, once it holds all that the workflow knows."""
        await self.settle()
        return self.stage.ledger.events(self.intake.complaint_id)

    async def settle(self) -> None:
        """Wait until the machine has done what it can do at this instant: no activity and no task is under way."""
        async with asyncio.timeout(PATIENCE):
            while not await self._at_rest():  # noqa: ASYNC110  # the server has no event for it
                await asyncio.sleep(0.01)

    async def _at_rest(self) -> bool:
        return await self.family.at_rest()

    async def addressee(self, command: type[cmd.Command], fields: dict[str, Any]) -> WorkflowHandle[Any, Any]:
        """Return the workflow that obeys *command*: the complaint, its slip, or its review."""
        complaint_id = self.intake.complaint_id
        if issubclass(command, slip_cmd.SlipCommand):
            return self.stage.client.get_workflow_handle(slip_workflow_id(complaint_id, fields["slip"]))
        if command in REVIEWERS and (review := (await self.view()).handling.review):
            return self.stage.client.get_workflow_handle(review_workflow_id(complaint_id, review))
        return self.handle

    async def children(self) -> list[WorkflowHandle[Any, Any]]:
        """Return the handles of the slips and the review that run."""
        return await self.family.children()

    async def do(self, command: type[cmd.Command], actor: str = SERVICE, **fields: Any) -> Accepted:
        name = _snake(command.__name__)
        ask = command.model_validate({"id": uuid.uuid4().hex, "actor": actor, **fields})
        answer: Accepted = await (await self.addressee(command, fields)).execute_update(name, ask, result_type=Accepted)
        await self.settle()
        return answer

    async def refused(self, command: type[cmd.Command], actor: str = SERVICE, **fields: Any) -> str:
        """Return the code with which the command is refused, having seen that nothing moved."""
        before = (await self.view()).events
        with pytest.raises(WorkflowUpdateFailedError) as caught:
            await self.do(command, actor, **fields)
        cause = caught.value.cause
        assert isinstance(cause, ApplicationError)
        assert (await self.view()).events == before
        return cause.type or ""

    async def now(self) -> datetime:
        if self.stage.skipper is None:
            return present.now().astimezone(SHANGHAI)
        return (await self.stage.env.get_current_time(self.handle)).astimezone(SHANGHAI)

    async def forward(self, **span: float) -> None:
        await self.forward_by(timedelta(**span))

    async def forward_to(self, instant: datetime) -> None:
        await self.forward_by(instant - await self.now())

    async def forward_by(self, span: timedelta) -> None:
        """Let time pass for the complaint and its children."""
        await self.family.forward(self.stage.env, span, self.settle)

    async def duty(self, key: str = "decide") -> DutyView:
        return next(duty for duty in (await self.view()).duties if duty.key == key)

    async def find(self) -> None:
        """Have the facts verified: by the department, or by each that has a slip."""
        if slips := (await self.view()).slips:
            for one in slips:
                await self.do(slip_cmd.AcceptSlip, one.coordinator, slip=one.slip)
                await self.do(slip_cmd.AnswerSlip, one.coordinator, slip=one.slip, findings="经核实，情况属实。")
            return
        await self.do(cmd.SubmitFindings, CLAIMS, findings="经核实，理赔资料齐全，审核超时。")

    async def decide(self, actor: str = SERVICE, **fields: Any) -> None:
        await self.do(cmd.Decide, actor, **{**DECISION, **fields})

    async def close(self) -> None:
        """Call the customer back and close."""
        await self.do(cmd.RecordCallback, CALLER, reached=True, satisfaction=4)
        await self.do(cmd.Close, reason="处理完毕，客户认可。")

    async def examine(self, superior: str = SUPERIOR, reviewer: str = REVIEWER) -> None:
        """Have the superior institution appoint a reviewer, who reports on the first decision."""
        await self.do(hcmd.AppointReviewer, superior, reviewer=reviewer)
        examined = {name: text for name, text in REVIEW.items() if name != "outcome"}
        await self.do(hcmd.ExamineReview, reviewer, **examined)

    async def finish(self) -> CaseResult:
        """Let the rest of the process happen: callback, closure, the end of the window for a review."""
        if (await self.view()).stage == "calling_back":
            await self.close()
        await self.stage.env.fast_forward(self.handle, timedelta(days=40))
        return await self.handle.result()


def forwarded_by_regulator(received: datetime, answer_within: int | None = 10) -> dict[str, Any]:
    """Return what a complaint that the regulator forwarded has beside the usual; it wants an answer in so many days."""
    answer_by = None if answer_within is None else (received + timedelta(days=answer_within)).date().isoformat()
    return {
        "channel": "regulator",
        "forwarding": {
            "body": "金融监管局",
            "reference": "转办〔2026〕7号",
            "regulator_received_at": (received - timedelta(days=6)).isoformat(),
            "forwarded_at": (received - timedelta(days=1)).isoformat(),
            "insurer_received_at": received.isoformat(),
            "answer_by": answer_by,
        },
    }


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def kinds(events: list[ev.Event]) -> list[str]:
    return [ev.event_type(event) for event in events]
