"""A slip and its complaint have clocks of their own: a moment between the two refuses nobody and loses nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from activities.closure_report import Record, report, to_html
from activities.ledger import Ledger
from engine.settings import SAMPLE_ORGANISATION
from models import commands as cmd
from models import handling_commands as hcmd
from models.actor import actor
from models.organisation import read_organisation
from models.steps import AssignmentFound
from rulebook import events as ev
from tests.fresh_record import fresh_record
from tests.records.parts import COMPANY_PIN, OPENED, intake
from tests.rulebook.helpers import on
from tests.workflow.refusing import FIELDS
from tests.workflow.stage import CLAIMS, SERVICE
from workflows.case import Case
from workflows.effects import effect
from workflows.guards import check
from workflows.refusal import Ask

ORGANISATION = read_organisation(SAMPLE_ORGANISATION)
INTAKE = intake(respondent={"unit": "gd-gz"}, categories=["claims"])
NOW = on("Wed 2026-03-04 15:00")
"""The complaint's present."""
AHEAD = NOW + timedelta(milliseconds=3)
"""The slip's."""


def at(instant: datetime, by: str = ev.SYSTEM) -> dict[str, Any]:
    return {"at": instant, "recorded_at": instant, "by": by}


def answered() -> list[ev.Event]:
    """A complaint about claims whose only slip was answered by a clock that runs ahead."""
    return [
        ev.Received(
            at=INTAKE.received_at,
            recorded_at=OPENED,
            content_hash=INTAKE.content_hash(),
            channel="phone",
            unit="gd-gz",
            categories=("claims",),
        ),
        ev.Acknowledged(**at(OPENED), ticket="TS-20260302-000001"),
        ev.Assigned(**at(OPENED), unit="gd-gz", department="gd-gz-yg", coordinator=CLAIMS, reason="理赔类"),
        ev.SlipDispatched(
            **at(OPENED),
            slip="s1",
            category="claims",
            unit="gd-gz",
            department="gd-gz-yg",
            coordinator=CLAIMS,
            main=True,
            reason="理赔类",
        ),
        ev.SlipAccepted(**at(on("Mon 2026-03-02 11:00"), CLAIMS), slip="s1"),
        ev.SlipAnswered(**at(AHEAD, CLAIMS), slip="s1", findings="经核实，情况属实。"),
    ]


def decide(case: Case, instant: datetime | None = None) -> Ask:
    command = cmd.Decide.model_validate({"id": "decide", "actor": SERVICE, "at": instant, **FIELDS[cmd.Decide]})
    return Ask(case, command, actor(ORGANISATION, SERVICE, "gd-gz", "gd-gz"), NOW)


def test_a_decision_made_now_is_taken_though_the_clock_of_the_findings_runs_ahead() -> None:
    """Whoever decides knows the findings; which of two machines stamped them does not matter."""
    check(decide(Case(INTAKE, COMPANY_PIN, answered())))


@pytest.mark.parametrize("before", [timedelta(hours=1), timedelta(milliseconds=3)])
def test_a_decision_dated_before_the_findings_is_refused(before: timedelta) -> None:
    """An instant that the command gives itself is held against what it rests on, to the moment."""
    with pytest.raises(ApplicationError, match="cannot lie before the findings") as refused:
        check(decide(Case(INTAKE, COMPANY_PIN, answered()), AHEAD - before))
    assert refused.value.type == "OutOfOrder"


def test_the_record_and_the_closure_report_tell_findings_and_decision_alike(tmp_path: Path) -> None:
    """What was recorded first was known first: the case folds to a decision, the chain verifies, the report has both."""
    case = Case(INTAKE, COMPANY_PIN, answered())
    decision = case.append(effect(decide(case)))
    assert decision.at < answered()[-1].at
    assert (case.state.stage, case.state.verified) == ("notifying", True)
    assert {duty.key for duty in case.slip_clocks["s1"].duties if duty.status == "open"} == set()
    url = fresh_record(tmp_path)
    with Ledger.open(url) as ledger:
        ledger.open_case(INTAKE.model_dump(mode="json"), "C-1", INTAKE.content_hash(), OPENED)
        ledger.append("C-1", 1, case.events, COMPANY_PIN)
        assert ledger.verify("C-1").differences == ()
        record = Record.read(ledger, "C-1", ORGANISATION)
    assert record is not None
    page = to_html(report(record)).decode()
    for told in ("经核实，情况属实。", FIELDS[cmd.Decide]["decision"]):
        assert told in page


def test_a_slip_in_place_of_a_returned_one_is_in_time_though_the_return_carries_a_later_instant() -> None:
    """R102: the duty to dispatch anew is met by what was sent in answer to the return."""
    returned = ev.SlipReturned(**at(AHEAD, CLAIMS), slip="s1", reason="非本部门业务。")
    case = Case(INTAKE, COMPANY_PIN, [*answered()[:4], returned])
    anew = {"id": "dispatch", "actor": SERVICE, "category": "claims", "replaces": "s1", "reason": "改派。"}
    found = AssignmentFound(unit="gd-gz", department="gd-gz-yg", coordinator=CLAIMS, reason="理赔类")
    service = actor(ORGANISATION, SERVICE, "gd-gz", "gd-gz")
    sent = case.append(effect(Ask(case, hcmd.Dispatch.model_validate(anew), service, NOW, found=found)))
    assert (sent.at, sent.recorded_at) == (AHEAD, NOW)
    assert [duty.status for duty in case.clock.duties if duty.rule.id == "redispatch"] == ["met"]
