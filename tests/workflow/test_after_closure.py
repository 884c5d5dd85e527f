"""A closed complaint under an insurer's own rules ends, and waits only for what somebody can still do."""

from __future__ import annotations

import inspect
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from activities.sealing.index import ArchiveIndex
from engine.time_skipping import TimeSkipper
from models import commands as cmd
from models import handling_commands as hcmd
from models.archive import ArchiveConfig
from rulebook import events as ev
from rulebook.waiting import AFTER_CLOSURE, NOTICES, TOLD_AFTER_CLOSURE
from tests.archive.parts import KEY
from tests.records.parts import COMPANY_PIN, intake
from tests.rulebook.helpers import classified, closed, decided, on, received, said, told
from tests.workflow.company import COMPANY, COMPLETE, decide
from tests.workflow.pasts import CLOSED_THERE, TICKET, Told, past
from tests.workflow.stage import HEAD, SERVICE, Play, Stage
from workflows.case import LASTING, Case
from workflows.effects import _EFFECTS
from workflows.grounds import CLOSED
from workflows.guards import ROWS
from workflows.refusal import Ask
from workflows.rest import kept_open_by

pytestmark = pytest.mark.slow

ELSEWHERE = {
    "absorbed",  # Another complaint's doing.
    "acknowledged",  # The machine's, of a complaint that came closed.
    "exemption_lifted",  # With the contact that reopens the case.
    "recovered",  # With the run that brings the case back.
    "reopened",
    "review_examined",  # The review's own workflow has its commands.
    "reviewer_appointed",
}
"""What befalls a closed complaint without a command of its own."""
MAJOR: Told = (
    ev.Classified,
    0.015,
    SERVICE,
    {"complexity": "simple", "severity": "major", "categories": ("claims",), "reason": "重大"},
)


@pytest.fixture(scope="module")
async def archiving(temporal_env: TimeSkipper, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """A worker that seals the files of complaints at their end."""
    home: Path = tmp_path_factory.mktemp("archiving")
    config = ArchiveConfig(url=f"file://{home / 'archive'}", keys=(KEY,))
    async with Stage.open(temporal_env.client, home, temporal_env, archive=config) as opened:
        yield opened


def packages(play: Play) -> int:
    return len(ArchiveIndex(play.stage.ledger.sessions).of(play.intake.complaint_id))


def made_by(command: type[cmd.Command]) -> set[str]:
    """Return the types of the events that *command* can become, as its effect names them."""
    if command is cmd.MoveRules:
        return {"rules_moved"}
    named = re.findall(r"ev\.([A-Z]\w+)\(", inspect.getsource(_EFFECTS[command]))
    assert named, command.__name__
    return {str(getattr(ev, name).model_fields["type"].default) for name in named}


def test_what_can_come_after_closure_is_what_the_guards_let_through() -> None:
    """A command that is not refused because the case is closed can fulfil a duty then, and no other one can."""
    let_through = {kind for command, rows in ROWS.items() if CLOSED not in rows for kind in made_by(command)}
    assert let_through - NOTICES == AFTER_CLOSURE - ELSEWHERE
    assert let_through >= NOTICES
    assert LASTING - {"decision"} == TOLD_AFTER_CLOSURE


async def test_a_complaint_that_was_closed_elsewhere_ends_and_is_sealed(archiving: Stage) -> None:
    """Nobody can say any more to whom it was given: that breach stays, and after the days for late entries it is over."""
    play = await archiving.start(400, rules=COMPANY, past=past(*CLOSED_THERE))
    dispatch = await play.duty("dispatch")
    assert (dispatch.status, dispatch.breached) == ("open", True)
    await play.forward(days=4)
    assert packages(play) == 0
    await play.forward(days=2)
    assert (await play.handle.result()).breached
    assert packages(play) == 1
    case = archiving.ledger.case(play.intake.complaint_id)
    assert case is not None
    assert case.breaches >= 1


async def test_a_complaint_that_was_handled_here_ends_and_is_sealed(archiving: Stage) -> None:
    play = await archiving.start(company=COMPANY, **COMPLETE)
    await decide(play)
    await play.forward(hours=1)
    await play.close()
    await play.forward(days=31)
    assert packages(play) == 0, "a request that was handed in in time may be entered for five days"
    await play.forward(days=6)
    await play.handle.result()
    assert packages(play) == 1


async def test_a_duty_that_can_still_be_done_keeps_it_open(archiving: Stage) -> None:
    """R016, R172: a major case is reported upwards, and as a whole, though it was closed before it came here."""
    play = await archiving.start(400, rules=COMPANY, past=past(TICKET, MAJOR, *CLOSED_THERE[1:]))
    await play.forward(days=20)
    await play.do(hcmd.ReportUp, HEAD, to="superior_company", document="客服〔2026〕8号")
    await play.forward(days=20)
    assert packages(play) == 0
    await play.do(hcmd.ReportEnd, HEAD, document="客服〔2026〕9号")
    assert {"contingency", "committee", "dispatch"} <= await still_open(play)
    await play.forward(days=6)
    await play.handle.result()
    assert packages(play) == 1


async def still_open(play: Play) -> set[str]:
    return {duty.key for duty in (await play.view()).duties if duty.status == "open"}


def test_a_case_that_was_opened_again_is_reported_anew_as_a_whole() -> None:
    """R172: the report after the first end does not answer for the second, whose duty could otherwise never be met."""
    once = [
        received(),
        classified("Mon 2026-03-02 11:00", "simple", severity="major"),
        decided("Mon 2026-03-02 15:00"),
        told("Mon 2026-03-02 16:00"),
        closed("Tue 2026-03-03 09:00"),
        said(ev.EndReported, "Tue 2026-03-03 10:00", document="1"),
    ]
    again = [said(ev.Reopened, "Wed 2026-03-04 09:00", reason="r"), closed("Thu 2026-03-05 09:00")]
    reported = next(row for row in ROWS[hcmd.ReportEnd] if row.code == "AlreadyReported")
    asks = [
        Ask(Case(intake(), COMPANY_PIN, events), None, None, on("Fri 2026-03-06 09:00"))
        for events in (once, once + again)
    ]
    assert [reported.applies(ask) for ask in asks] == [True, False]
    assert "end_report#2" in {duty.key for duty in kept_open_by(asks[1].case)}
