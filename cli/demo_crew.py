"""Who works on a complaint of the demo, out of the organisation data, and what they say."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from temporalio.client import (
    Client,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from cli import session
from cli.commands import send
from cli.verbs import BY_NAME
from models.case import Stage
from models.intake import Intake
from models.organisation import Organisation
from models.organisation_parts import Person
from models.view import CaseView
from rulebook.events import Liability
from rulebook.offices import Role

_LOOK_AGAIN_SECONDS = 0.2

NOT_YET = {"NoCallback"}
"""Refusals that pass by themselves: the machine has not got that far."""

_DECISIONS: Mapping[Liability, str] = {
    "responsible": "我公司向您致歉，并按合同约定更正办理结果。",
    "non_responsible": "维持原办理结果；相关条款和计算依据随信附上。",
    "litigation": "我公司等待法院裁判，并按生效裁判履行。",
}

WITHDRAWN_EVERY = 8
"""Every so many complaints one is withdrawn."""


@dataclass(frozen=True)
class Crew:
    """The handler who decides and closes, and the person who calls the customer back."""

    handler: str
    caller: str


def crew(organisation: Organisation, intake: Intake) -> Crew:
    """Return who may handle *intake*: no county unit decides (R144), what came from above is the province's (R145)."""
    levels = {"province", "head_office"} | (set() if intake.origin in {"forwarded", "superior"} else {"city"})
    chain = [unit for unit in organisation.chain(intake.respondent.unit) if unit.level in levels]

    def first(role: Role) -> Person:
        return next(
            person
            for unit in chain
            for person in organisation.people.values()
            if person.unit == unit.code and role in person.roles and person.id not in intake.excluded_staff()
        )

    return Crew(handler=first("handler").id, caller=first("callback").id)


@dataclass(frozen=True)
class Desk:
    """One complaint on somebody's desk: it is worked to closure through the commands, each sent once."""

    client: Client
    intake: Intake
    crew: Crew
    number: int

    async def work(self) -> None:
        """Work the complaint until it is closed."""
        view = await self.reach("investigating")
        if self.number % WITHDRAWN_EVERY == WITHDRAWN_EVERY - 1:
            await self.do("withdraw", self.crew.handler, reason="投诉人书面撤回")
        else:
            await self.decide(view)
        await self.reach("closed")

    async def decide(self, view: CaseView) -> None:
        """Find, decide, tell, call back and close."""
        liability = get_args(Liability)[self.number % 3]
        await self.do("findings", view.coordinator or "", findings="已调取业务记录并与投诉人核对，事实清楚。")
        await self.do(
            "decide",
            self.crew.handler,
            liability=liability,
            causes=["服务流程"],
            decision=_DECISIONS[liability],
            verification="已调取业务记录并与投诉人核对，事实清楚。",
            basis="保险合同条款及相关规定。",
            reasons="根据核实情况作出处理决定。",
            agreed=True,
        )
        await self.reach("calling_back")
        await self.do("callback", self.crew.caller, reached=True, satisfaction=3 + self.number % 3)
        await self.do("close", self.crew.handler, reason="已告知并回访，投诉人认可")

    async def tell_by_hand(self, step: str) -> None:
        """Take over a notice that the machine could not give, for want of an address."""
        kind, *ref = step.removeprefix("notice.").split(".", 1)
        proof = f"电话告知录音 {self.intake.complaint_id}-{kind}"
        await self.do("notice", self.crew.handler, kind=kind, method="phone", proof=proof, ref=ref[0] if ref else None)

    async def do(self, name: str, person: str, **fields: Any) -> None:
        """Give one command; while no worker answers, give it again under the same id, which does it once."""
        verb = BY_NAME[name]
        command = verb.command({"id": f"demo-{name}-{fields.get('kind', '')}", "actor": person, **fields})
        while True:
            try:
                await send(self.client, self.intake.complaint_id, verb, command)
            except (WorkflowUpdateRPCTimeoutOrCancelledError, RPCError):
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)
            except WorkflowUpdateFailedError as error:
                if not (isinstance(error.cause, ApplicationError) and error.cause.type in NOT_YET):
                    raise
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)
            else:
                return

    async def reach(self, stage: Stage) -> CaseView:
        """Wait until the complaint is in *stage*."""
        while True:
            try:
                view = await session.view(self.client, self.intake.complaint_id)
            except (RPCError, WorkflowQueryFailedError):  # No worker at this moment.
                view = None
            if view is not None and view.stage == stage:
                return view
            for step in view.failed_steps if view else ():
                await self.tell_by_hand(step)
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
