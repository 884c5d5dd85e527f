"""Internal signals from an outsider: what cannot be true changes nothing, and stands on record as refused."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from models import slip_commands as slip
from models.child import News, Report
from rulebook import events as ev
from tests.workflow.company import COMPANY
from tests.workflow.stage import CLAIMS, HEAD, SUPERIOR, Play, Stage


async def dispatched(stage: Stage) -> Play:
    return await stage.start(company=COMPANY, categories=["claims", "selling"])


async def forged(play: Play, event: ev.Event, *, child: str = "s1", number: int = 2) -> list[str]:
    """Send *event* as a report; return the codes that came on record, having seen that nothing else did."""
    before = await play.events()
    await play.handle.signal("report", Report.model_validate({"child": child, "number": number, "event": event}))
    after = (await play.events())[len(before) :]
    assert all(isinstance(one, ev.CommandRefused) and one.command == "report" for one in after), after
    return [one.code for one in after if isinstance(one, ev.CommandRefused)]


async def stamped(play: Play, by: str, **facts: Any) -> dict[str, Any]:
    now = await play.now()
    return {"at": now, "recorded_at": now, "by": by, **facts}


async def test_nothing_is_decided_approved_or_closed_by_a_report(stage: Stage) -> None:
    play = await dispatched(stage)
    stamp = await stamped(play, "nobody")
    for event in (
        ev.ExtensionApproved(**stamp, request="x1", days=30, ground="superior_institution", reason="伪造"),
        ev.Closed(**stamp, reason="伪造", result="responsible"),
        ev.Withdrawn(**stamp, reason="伪造"),
        ev.SlipAnswered(**stamp, slip="s2", findings="伪造"),
        ev.SlipDispatched(**stamp, slip="s1", unit="gd-gz", department="gd-gz-yg", coordinator=CLAIMS, reason="伪造"),
    ):
        assert await forged(play, event) == ["NotAChildsEvent"], event
    assert await forged(play, ev.SlipAccepted(**stamp, slip="s9"), child="s9") == ["UnknownChild"]
    reviewed = ev.ReviewerAppointed(**stamp, review="r1", unit="gd", reviewer=SUPERIOR)
    assert await forged(play, reviewed, child="r1") == ["UnknownChild"]


async def test_a_report_is_looked_at_as_its_child_would(stage: Stage) -> None:
    play = await dispatched(stage)
    by, now = await stamped(play, CLAIMS, slip="s1"), await play.now()
    late = {**by, "at": now + timedelta(days=1), "recorded_at": now + timedelta(days=1)}
    early = {**by, "at": now - timedelta(days=400)}
    assert await forged(play, ev.SlipAnswered(**by, findings="未受理先反馈")) == ["SlipNotAccepted"]
    assert await forged(play, ev.SlipAccepted(**late)) == ["ImpossibleInstant"]
    assert await forged(play, ev.SlipAccepted(**early)) == ["ImpossibleInstant"]
    assert await forged(play, ev.SlipAccepted(**by), number=3) == ["OutOfOrder"]
    assert await forged(play, ev.SlipAccepted(**{**by, "by": "nobody"})) == ["UnknownActor"]
    assert await forged(play, ev.SlipAccepted(**{**by, "by": HEAD})) == ["NotAuthorised"]
    assert await forged(play, ev.SlipSentBack(**{**by, "by": ev.SYSTEM}, reason="无新事实")) == ["ImpossibleFact"]
    breach = ev.DeadlineBreached(**{**by, "by": ev.SYSTEM}, duty="s1/accept", due=now)
    assert await forged(play, breach) == ["ImpossibleFact"]
    # The slip itself is not disturbed by any of it.
    await play.do(slip.AcceptSlip, CLAIMS, slip="s1")
    assert [one.by for one in await play.events() if isinstance(one, ev.SlipAccepted)] == [CLAIMS]


async def test_another_event_under_a_number_on_record_is_refused_and_a_repetition_ignored(stage: Stage) -> None:
    play = await dispatched(stage)
    await play.do(slip.AcceptSlip, CLAIMS, slip="s1")
    true = next(one for one in await play.events() if isinstance(one, ev.SlipAccepted))
    assert await forged(play, true) == []
    other = ev.SlipReturned(**await stamped(play, CLAIMS, slip="s1"), reason="伪造退单")
    assert await forged(play, other) == ["ReportConflict"]
    await play.do(slip.AnswerSlip, CLAIMS, slip="s1", findings="经核实，情况属实。")
    assert any(isinstance(one, ev.SlipAnswered) for one in await play.events())


async def test_nothing_foreign_is_absorbed(stage: Stage) -> None:
    play, other = await stage.start(), await stage.start()
    for name, code in ((other.intake.complaint_id, "NotMerged"), ("张三 13800000000", "Malformed")):
        await play.handle.signal("absorb", name)
        refused = [one for one in await play.events() if isinstance(one, ev.CommandRefused)]
        assert (refused[-1].command, refused[-1].code) == ("absorb", code)
    assert (await play.view()).handling is not None
    assert not [one for one in await play.events() if isinstance(one, ev.Absorbed)]


@pytest.mark.parametrize("what", ["acknowledged", "moved", "future"])
async def test_a_slip_ends_only_by_what_a_complaint_tells_its_slips(stage: Stage, what: str) -> None:
    play = await dispatched(stage)
    now = await play.now()
    at = {"at": now, "recorded_at": now}
    later = {"at": now + timedelta(days=1), "recorded_at": now + timedelta(days=1)}
    rules = {"before": "cn-2020-3", "before_hash": "0" * 64, "pack": "none", "pack_hash": "0" * 64, "calendar": "cn"}
    forgeries: dict[str, tuple[ev.Event, str]] = {
        "acknowledged": (ev.Acknowledged(**at, ticket="TS-1"), "NotNews"),
        "moved": (ev.RulesMoved(**at, by=HEAD, reason="伪造", **rules), "UnknownRules"),
        "future": (ev.Withdrawn(**later, reason="伪造"), "ImpossibleInstant"),
    }
    event, code = forgeries[what]
    handle = stage.client.get_workflow_handle(f"{play.handle.id}.slip-s1")
    await handle.signal("hear", News.model_validate({"event": event}))
    refused: list[ev.CommandRefused] = []
    async with asyncio.timeout(30):
        while not refused:  # Rules that nobody knows are asked for three times.
            refused = [one for one in await play.events() if isinstance(one, ev.CommandRefused)]
    assert [(one.child, one.command, one.code) for one in refused] == [("s1", "hear", code)]
    await play.do(slip.AcceptSlip, CLAIMS, slip="s1")


async def test_a_flood_of_refused_signals_does_not_grow_the_record(stage: Stage) -> None:
    play = await stage.start()
    for _ in range(100):
        await play.handle.signal("approve_extension", "flood")
    refused = [one.times for one in await play.events() if isinstance(one, ev.CommandRefused)]
    assert refused == [1, 1, 1, 1, 1, 5, 10, 20, 40]
