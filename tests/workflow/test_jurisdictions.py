"""Another jurisdiction takes data and no Python: a made-up one, with a week of its own, is worked to its end."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.settings import SAMPLE_ORGANISATION
from engine.time_skipping import TimeSkipper
from models import commands as cmd
from models import handling_commands as hcmd
from models.intake import Intake
from models.opening import WORKFLOW_TYPE, CaseResult, workflow_id
from models.proving import prove
from rulebook import events as ev
from rulebook.calendar import calendar
from rulebook.own_rules import use_rules
from rulebook.pack import rule_pack
from rulebook.returns import returns_of
from tests.present import now
from tests.repository.parts import ROOT
from tests.rulebook import oracle
from tests.workflow.company import letters
from tests.workflow.refusing import ELSEWHERE, assert_refused, each
from tests.workflow.stage import CLAIMS, SERVICE, SUPERIOR, Play, Stage

RULES = Path(__file__).parent / "elsewhere"
DUBAI = ZoneInfo("Asia/Dubai")
TEXT = "核查情况说明。"


@pytest.fixture(scope="module")
async def elsewhere(temporal_env: TimeSkipper, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """A worker whose organisation has one city in the made-up jurisdiction, all else being in China."""
    home = tmp_path_factory.mktemp("elsewhere")
    organisation = home / "organisation.yaml"
    units = SAMPLE_ORGANISATION.read_text(encoding="utf-8")
    organisation.write_text(units.replace("- code: gd-gz\n", "- code: gd-gz\n    jurisdiction: ZZ\n"), encoding="utf-8")
    use_rules(RULES)
    try:
        async with Stage.open(temporal_env.client, home, temporal_env, organisation=organisation) as opened:
            yield opened
    finally:
        use_rules(None)


async def opened(stage: Stage, **changes: Any) -> Play:
    """A complaint as a system in another language opens it: it says nothing of rules."""
    intake = Intake.model_validate(
        {
            "complaint_id": f"Z-{uuid.uuid4().hex[:12]}",
            "received_at": now().astimezone(DUBAI).isoformat(),
            "channel": "phone",
            "complainant": {"kind": "person", "name": "测试人甲", "contact": {"phone": "13800000000"}},
            "respondent": {"unit": "gd-gz"},
            "facts": "理赔款迟迟未付。",
            "categories": ["claims"],
            **changes,
        }
    )
    with stage.env.with_time_skipping_disabled():
        handle = await stage.client.start_workflow(
            WORKFLOW_TYPE,
            {"intake": intake.model_dump(mode="json", exclude_defaults=True)},
            id=workflow_id(intake.complaint_id),
            task_queue=stage.queue,
            result_type=CaseResult,
        )
    play = Play(stage, intake, handle)
    await play.settle()
    return play


def day(play: Play, weeks: float) -> date:
    """Return the day that lies *weeks* after the day of receipt in the zone of the made-up law."""
    return play.intake.received_at.astimezone(DUBAI).date() + timedelta(weeks=weeks)


def end_of(last: date) -> datetime:
    return datetime.combine(last + timedelta(days=1), time(), DUBAI)


def works_there(day: date) -> bool:
    """Sunday to Thursday, but for the one day off that the made-up calendar knows, copied by hand."""
    return day.strftime("%a") not in {"Fri", "Sat"} and day != date(2026, 12, 31)


async def proved(play: Play) -> dict[str, Any]:
    """Return the duties of the proof by key, having seen that it agrees with the record, and that its audit holds."""
    ledger = play.stage.ledger
    report = ledger.verify(play.intake.complaint_id)
    assert report.ok, report
    pin = (await play.view()).pin
    assert pin is not None
    made = prove(play.intake.complaint_id, await play.events(), pin, "0" * 64)
    for duty in made.duties:
        for version in duty.versions:
            assert version.agrees, duty.key
    return {duty.key: duty for duty in made.duties}


async def test_a_complaint_there_is_worked_under_its_own_law_to_the_end(elsewhere: Stage) -> None:
    """Acknowledged, kept informed, told why there is no answer, decided, and every deadline proved: all of it data."""
    play = await opened(elsewhere)
    view = await play.view()
    assert view.pin is not None
    assert (view.pin.pack, view.pin.calendar) == ("zz-complaints", "zz@2025-12-01")
    acknowledge = await play.duty("acknowledge")
    received = play.intake.received_at.astimezone(DUBAI).date()
    assert (acknowledge.status, acknowledge.due) == ("met", end_of(oracle.counted(received, 2, works_there)))
    assert (await play.duty()).due == end_of(day(play, 3))

    await play.forward(days=6)
    await play.do(hcmd.WriteProgress, text="正在向医院调取病历。")
    assert (await play.duty("update")).status == "met"
    assert (await play.duty("update#2")).due == end_of((await play.now()).astimezone(DUBAI).date() + timedelta(weeks=1))

    await play.forward(days=6)
    expected = day(play, 4)
    await play.do(hcmd.WriteHolding, reason="尚待医院提供病历。", last_day=expected)
    assert (await play.duty()).status == "met"
    assert ((await play.duty("expected")).due, (await play.duty("expected")).status) == (end_of(expected), "open")
    assert (await play.duty("arbiter")).status == "open", "whoever is put off may turn outside at once"

    await play.forward(days=1)
    await play.find()
    await play.decide()
    assert (await play.duty("expected")).status == "met"
    assert (await play.duty("review_window")).status == "open"
    told = {kind: letter.body for kind, letter in letters(play).items()}
    assert {"receipt", "progress", "holding", "decision"} <= set(told)
    assert "尚待医院提供病历。" in told["holding"]
    assert "仲裁官：您可以向其申诉。The arbiter: you may turn there." in told["holding"]
    assert not any("办法" in body for body in told.values()), "nobody is told of a law that is not theirs"

    await play.close()
    await play.do(hcmd.RecordScheme, scheme="arbiter", reference="ARB-2026-1")
    assert (await play.duty("arbiter")).status == "met"
    duties = await proved(play)
    assert duties["arbiter"].versions[-1].limit.citation == "Act 1 s 7〔凭记忆 recalled〕"
    assert "凭记忆 recalled" in next(one.citation for one in (await play.view()).duties if one.key == "arbiter")
    await play.forward(days=32)
    assert (await play.handle.result()).breached is False


async def test_a_pause_an_extension_and_a_review_of_its_own_law(elsewhere: Stage) -> None:
    """A ground of its own leaves time out; weeks extend weeks; the review has a month, and working days of its own week."""
    play = await opened(elsewhere)
    assert await play.refused(cmd.Pause, ground="mediation", reason=TEXT) == "NotInRules"
    begun = await play.now()
    await play.do(cmd.Pause, ground="site_visit", reason=TEXT)
    await play.forward(days=2)
    await play.do(cmd.Resume, pause="p1", reason=TEXT)
    moved = await play.now() - begun
    assert timedelta(days=2) <= moved < timedelta(days=2, minutes=5)
    after_pause = (await play.duty()).due
    assert after_pause is not None
    assert timedelta(days=2) <= after_pause - end_of(day(play, 3)) < timedelta(days=2, minutes=5)
    assert "需要进行现场查勘。" in letters(play)["pause"].body
    assert "依据：Act 1 s 8。" in letters(play)["pause"].body

    assert await play.refused(cmd.RequestExtension, days=3, reason=TEXT) == "ExtensionTooLong"
    await play.do(cmd.RequestExtension, days=2, reason=TEXT)
    await play.do(cmd.ApproveExtension, SUPERIOR, request="x1", reason=TEXT)
    extended = (await play.duty()).due
    assert extended is not None
    assert extended - after_pause == timedelta(weeks=2)
    assert await play.refused(cmd.RequestExtension, days=1, reason=TEXT) == "ExtensionUsed"

    await play.find()
    await play.decide()
    await play.do(cmd.RequestReview, reason="不服。")
    asked = (await play.now()).astimezone(DUBAI).date()
    assert (await play.duty("review_decide")).due == end_of(oracle.counted(asked, 20, works_there))
    await proved(play)


async def test_an_update_that_is_missed_is_owed_again_from_the_missed_day(elsewhere: Stage) -> None:
    """Each week without an update is a breach of its own; the next counts from the last day that was missed."""
    play = await opened(elsewhere)
    await play.forward_to(end_of(day(play, 2)) + timedelta(minutes=1))
    breached = [event for event in await play.events() if isinstance(event, ev.DeadlineBreached)]
    assert [(one.duty, one.due, one.renewed) for one in breached] == [
        ("update", end_of(day(play, 1)), True),
        ("update#2", end_of(day(play, 2)), True),
    ]
    assert (await play.duty("update#3")).due == end_of(day(play, 3))
    await play.do(hcmd.WriteProgress, text="正在向医院调取病历。")
    statuses = [(await play.duty(key)).status for key in ("update", "update#2", "update#3", "update#4")]
    assert statuses == ["met_late", "met_late", "met", "open"]
    await proved(play)


async def test_facts_and_lateness_there_are_told_without_the_law_of_elsewhere(elsewhere: Stage) -> None:
    play = await opened(elsewhere)
    await play.forward(days=2)
    await play.do(cmd.AddFacts, summary="补充病历。")
    again = (await play.now()).astimezone(DUBAI).date() + timedelta(weeks=3)
    assert (await play.duty()).due == end_of(again)
    await play.forward_to(end_of(again) + timedelta(minutes=1))
    assert (await play.duty()).breached
    late = letters(play)["late"].body
    assert "办法" not in late
    assert "仲裁官" in late


async def test_what_makes_no_sense_there_is_refused(elsewhere: Stage) -> None:
    play = await opened(elsewhere)
    await assert_refused(
        play,
        each("DayPast", hcmd.WriteHolding, last_day=day(play, 0))
        + each("NotAuthorised", hcmd.WriteHolding, by=CLAIMS)
        + each("NotAuthorised", hcmd.RecordScheme, by=CLAIMS, scheme="arbiter")
        + each("OtherUnit", hcmd.WriteHolding, by=ELSEWHERE)
        + each("OtherUnit", hcmd.RecordScheme, by=ELSEWHERE, scheme="arbiter")
        + each("UnknownScheme", hcmd.RecordScheme)
        + each("NotInRules", hcmd.RecordResponse, hcmd.Dispatch),
    )
    await play.find()
    await play.decide()
    assert await play.refused(hcmd.WriteHolding, reason=TEXT, last_day=day(play, 9)) == "AlreadyDecided"
    await play.close()
    assert await play.refused(hcmd.WriteHolding, reason=TEXT, last_day=day(play, 9)) == "CaseClosed"
    other = await opened(elsewhere)
    with elsewhere.mail_room_closed():  # Otherwise it would end before anybody could ask for anything.
        ask = cmd.Withdraw.model_validate({"id": "withdraw", "actor": SERVICE, "reason": TEXT})
        await other.handle.execute_update("withdraw", ask)
        assert await other.refused(hcmd.WriteHolding, reason=TEXT, last_day=day(other, 9)) == "CaseEnded"
    await other.handle.terminate()


async def test_a_unit_that_names_no_jurisdiction_follows_the_one_above_it(elsewhere: Stage) -> None:
    """The county below the city lies where the city lies; another city is still in China."""
    for unit, pack in (("gd-gz-zc", "zz-complaints"), ("gd-sz", "cn-2020-3")):
        play = await opened(elsewhere, respondent={"unit": unit})
        pin = (await play.view()).pin
        assert pin is not None
        assert pin.pack == pack
        await play.handle.terminate()


def test_its_returns_and_records_are_read_from_its_pack(elsewhere: Stage) -> None:
    assert elsewhere.queue
    pack = rule_pack("zz-complaints")
    (yearly,) = returns_of(pack, calendar("zz"), 2026)
    assert yearly.deadline.last_day == date(2027, 2, 28)
    kept = pack.retention_for("complaint")
    assert kept is not None
    assert (kept.years, kept.start) == (7, "closed")


def test_not_a_line_of_python_knows_of_it() -> None:
    """Neither the code nor its published data: the folder is all there is of this jurisdiction."""
    rooms = ("rulebook", "models", "workflows", "activities", "engine", "cli")
    sources = [path for room in rooms for path in (ROOT / room).rglob("*") if path.suffix in {".py", ".yaml", ".j2"}]
    assert sources
    assert [path for path in sources if re.search(r"zz-complaints|\bZZ\b", path.read_text(encoding="utf-8"))] == []
