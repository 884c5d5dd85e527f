"""
A review (核查) of a branch's decision: asked for in writing within 30 days, decided by the superior within 30 (art. 20).

The superior institution appoints a reviewer who had no part in the first decision, the reviewer examines process, time
limits and result, and another person decides. The statutory clock and the notice stay with the complaint.
"""

from __future__ import annotations

import asyncio

from temporalio import workflow
from temporalio.common import RawValue

from models import commands as cmd
from models import handling_commands as hcmd
from models import search_attributes as sa
from models.actor import Actor
from models.child import REVIEW, REVIEW_WORKFLOW_TYPE
from models.handling import Handling
from models.naming import named
from models.opening import Accepted
from models.steps import RulesName
from models.view import ReviewView
from rulebook import events as ev
from workflows.cancelling import despite_cancelling
from workflows.child import CaseChild
from workflows.display import Index
from workflows.inbound import unquestioned, update
from workflows.review_guards import ReviewAsk, check
from workflows.stamp import stamp


@workflow.defn(name=REVIEW_WORKFLOW_TYPE)
class ReviewWorkflow(CaseChild):
    """Owns one review until it was decided and the complainant was told."""

    @workflow.init
    def __init__(self, *payloads: RawValue) -> None:
        super().__init__(payloads, REVIEW)
        if self.turned_away:
            return
        self.handling = Handling()
        self.decided = False
        self.index = Index()

    @workflow.run
    async def run(self, *_: RawValue) -> str:
        """Wait until the review was decided and told; return its last stage."""
        if self.turned_away:
            raise self.turned_away
        await despite_cancelling(self.live(), self.refuse_cancelling)
        if not self.over:
            workflow.continue_as_new(self.continued())
        return self.stage

    async def live(self) -> None:
        """Take the review up, and do all that is to be done in this run."""
        await self.take_up()
        await asyncio.gather(self.keep_reporting(), self.keep_shown(), self.keep_short())
        await workflow.wait_condition(workflow.all_handlers_finished)

    @property
    def stage(self) -> str:
        """How far the review has come."""
        if self.decided:
            return "review_decided"
        if self.handling.examination:
            return "review_deciding"
        return "review_examining" if self.handling.reviewer else "review_requested"

    def take(self, event: ev.Event) -> None:
        """Take *event*, new or from an earlier run, into the review."""
        super().take(event)
        self.handling.apply(event)
        self.decided = self.decided or isinstance(event, ev.ReviewDecided)

    async def keep_shown(self) -> None:
        """Keep current details and search attributes true after every event."""
        shown = 0
        while shown != len(self.events):
            shown = len(self.events)
            reviewer = self.handling.reviewer
            workflow.set_current_details(
                f"### 核查 review {self.opening.name} · {self.stage}\n"
                f"- 投诉 complaint: {self.opening.complaint_id}\n"
                f"- 核查人 reviewer: {f'{named(reviewer.unit)} / {named(reviewer.reviewer)}' if reviewer else '—'}\n"
                "- 期限 limit: 办法 第二十条第二款 (30 日 days), on the complaint"
            )
            self.index.show(((sa.STAGE, self.stage),))
            await workflow.wait_condition(lambda seen=shown: self.stopping or len(self.events) > seen)  # type: ignore[misc]

    def refuse_unless_allowed(self, command: cmd.Command) -> None:
        """Refuse *command* as things stand; used by the validators. What comes before they are known waits until then."""
        if self.loaded and self.answered(command) is None:
            self.refuse_without_room()
            other = self.known(command.reviewer) if isinstance(command, hcmd.AppointReviewer) else None
            check(self._ask(command, self.known(command.actor), other))

    async def obey(self, command: cmd.Command) -> Accepted:
        """Do what *command* asks, once."""
        with self.turns.taken():
            await workflow.wait_condition(lambda: self.loaded)
            if (answer := self.answered(command)) is not None:
                return answer
            person = await self.look_up(command.actor)
            other = await self.look_up(command.reviewer) if isinstance(command, hcmd.AppointReviewer) else None
            if (answer := self.answered(command)) is not None:
                return answer
            ask = self._ask(command, person, other)
            check(ask)
            self.take(self.becomes(command, other or ask.who))
            kind, number = ev.event_type(self.events[-1]), len(self.events)
            accepted = Accepted(event=kind, seq=number, stage=self.stage, ref=self.opening.name)
            self.remember(command, accepted)
            await self.heard()
            await self.turns.until_answered()
            return accepted

    def _ask(self, command: cmd.Command, person: Actor | None, other: Actor | None) -> ReviewAsk:
        barred = frozenset(self.opening.barred)
        return ReviewAsk(
            self.opening.requested, self.handling, self.decided, command, person, workflow.now(), barred, other
        )

    def becomes(self, command: cmd.Command, who: Actor) -> ev.Event:
        """Return the event that *command* becomes; *who* is the person whom it names, or else who gives it."""
        stamped, review = stamp(command, workflow.now()), self.opening.name
        match command:
            case hcmd.AppointReviewer():
                return ev.ReviewerAppointed(**stamped, review=review, unit=who.unit, reviewer=who.id)
            case hcmd.ExamineReview():
                return ev.ReviewExamined(
                    **stamped,
                    review=review,
                    process=command.process,
                    time_limits=command.time_limits,
                    result=command.result,
                )
            case cmd.DecideReview():
                return ev.ReviewDecided(
                    **stamped,
                    review=review,
                    unit=who.unit,
                    outcome=command.outcome,
                    process=command.process,
                    time_limits=command.time_limits,
                    result=command.result,
                    liability=command.liability,
                    causes=command.causes,
                )
            case _:
                raise AssertionError(type(command))

    appoint_reviewer = update(
        hcmd.AppointReviewer,
        "指定核查人",
        "Name who examines the first decision, as the superior institution (art. 20).",
    )
    examine_review = update(
        hcmd.ExamineReview,
        "报告核查情况",
        "Report what the examination found on process, time limits and result (art. 20).",
    )
    decide_review = update(
        cmd.DecideReview,
        "作出核查决定",
        "Decide the review on process, time limits and result, as the superior institution (art. 20).",
    )

    @property
    def rules(self) -> RulesName:
        """The rules under which the review was asked for; it has no clock of its own."""
        return RulesName(pack=self.opening.pin.pack, pack_hash=self.opening.pin.pack_hash)

    def follow(self, event: ev.Event) -> None:
        """Act on news of the complaint: other rules, or that the decision was told, after which nothing is left to do."""
        if isinstance(event, ev.RulesMoved):
            self.index.show(((sa.PACK, event.pack),))
        else:
            self.ended = self.decided

    @workflow.query(description="查询核查 Return the review as it stands.")
    def view(self, *payloads: RawValue) -> ReviewView:
        """Return the review as it stands."""
        unquestioned(payloads)
        self.refuse_unless_loaded()
        reviewer = self.handling.reviewer
        return ReviewView(
            review=self.opening.name,
            complaint_id=self.opening.complaint_id,
            stage=self.stage,
            requested_at=self.opening.requested.at,
            reviewer=reviewer.reviewer if reviewer else None,
        )
