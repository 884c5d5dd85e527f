"""
A complaint at the end of the last year whose working days are published: its dates are provisional, then final.

The notice for the year after is made up here and says so.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from temporalio.api.sdk.v1 import WorkflowMetadata

from cli.cases import _duties
from cli.output import ZONE
from cli.rehearsal import Played, Room, play, rehearsal_room
from cli.session import recorded_view
from cli.story import read_story
from engine.settings import Settings
from models.opening import workflow_id
from rulebook import events as ev
from rulebook.calendar import calendar
from rulebook.clock import CaseClock
from rulebook.duty import Duty
from rulebook.slip_clocks import slip_clocks
from tests.cli.conftest import complaint, run

KNOWN = calendar("cn")
YEAR = KNOWN.horizon.year
RECEIVED = next(
    day for day in (date(YEAR, 12, 31) - timedelta(days=count) for count in range(15)) if KNOWN.is_working(day)
)
OFF = [date(YEAR + 1, 1, day) for day in (1, 2, 3)]
NOTICE = f"""\
id: cn-{YEAR + 1}
title: 虚构通知，仅供测试 (fictitious, for tests only)
year: {YEAR + 1}
published: {RECEIVED}
date_source: recalled
days:
""" + "".join(f"  {day}: off 虚构元旦\n" for day in OFF)
PROVISIONAL = "暂定 provisional"


def counted(amount: int, off: list[date]) -> date:
    """Return the last of *amount* weekdays after the receipt that are not *off*, counted one by one."""
    day = RECEIVED
    while amount:
        day += timedelta(days=1)
        amount -= day.weekday() < 5 and day not in off
    return day


BEFORE, AFTER = counted(15, []), counted(15, OFF)
SLIP_BEFORE, SLIP_AFTER = counted(10, []), counted(10, OFF)


@pytest.fixture(scope="module")
async def room(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Room]:
    settings = Settings.from_environment({"TOUSU_HOME": str(tmp_path_factory.mktemp("year-end"))})
    async with rehearsal_room(settings) as opened, opened.on_the_eve_of(RECEIVED) as then:
        yield then


async def played(room: Room, folder: Path, name: str, *steps: dict[str, Any]) -> Played:
    """Play a complaint of two departments, received on the last working day of the year under the insurer's own rules."""
    (folder / "notice.yaml").write_text(NOTICE, encoding="utf-8")
    (folder / f"{name}.json").write_text(
        json.dumps(complaint(name, categories=["claims", "selling"])), encoding="utf-8"
    )
    script = {"title": "跨年", "rules": "company-life", "received": "+0d 10:00", "steps": steps}
    (folder / f"{name}.yaml").write_text(json.dumps(script, default=str), encoding="utf-8")
    told = await play(room, read_story(folder / f"{name}.yaml"))
    assert told.failure is None
    return told


def step(at: str, **rest: Any) -> dict[str, Any]:
    return {"at": at, **rest}


ARRIVED = step("+0d 11:00", expect={"stage": "investigating", "slips": {"s1": "dispatched", "s2": "dispatched"}})
ADOPTED = step("+0d 15:00", **{"do": "adopt-calendar", "as": "p-hq-xb-01", "with": {"notice": "@notice.yaml"}})


def duties(one: Played) -> dict[str, Duty]:
    pack, known = one.pin.open()
    clocks = (CaseClock.fold(pack, known, one.events), *slip_clocks(pack, known, one.events).values())
    return {duty.key: duty for clock in clocks for duty in clock.duties}


async def seen(room: Room, one: Played, folder: Path) -> dict[str, str]:
    """Return what people read of the complaint, by where they read it."""
    env = {"TOUSU_HOME": str(room.home)}
    complaint_id = one.intake.complaint_id
    page, view = folder / "proof.html", recorded_view(room.ledger, complaint_id)
    assert view is not None
    console = Console(width=200, record=True, file=StringIO())
    console.print(_duties([*view.duties, *(duty for slip in view.slips for duty in slip.duties)]))
    for words in (
        ("prove", complaint_id, "--html", str(page)),
        ("report", "case", complaint_id, "--draft", "--out", str(folder)),
    ):
        assert run(*words, env=env).exit_code == 0
    handle = room.skipper.client.get_workflow_handle(workflow_id(complaint_id))
    metadata = await handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    return {
        "show": console.export_text(),
        "prove": run("prove", complaint_id, "--duty", "settle", env=env).stdout,
        "page": page.read_text(encoding="utf-8"),
        "report": (folder / f"closure-report-{complaint_id}-draft.html").read_text(encoding="utf-8"),
        "operators": metadata.current_details,
    }


async def test_before_the_notice_everybody_reads_that_the_date_is_provisional(room: Room, tmp_path: Path) -> None:
    """Working days of a year without a notice are counted by Monday to Friday, and say so wherever they are shown."""
    one = await played(room, tmp_path, "Y-1", ARRIVED)
    settle, slip = duties(one)["settle"].deadline, duties(one)["s1/findings"].deadline
    assert settle is not None
    assert slip is not None
    assert (settle.last_day, settle.provisional) == (BEFORE, True)
    assert (slip.last_day, slip.provisional) == (SLIP_BEFORE, True)
    for place, text in (await seen(room, one, tmp_path)).items():
        assert str(BEFORE) in text, place
        assert PROVISIONAL in text, place


async def test_the_notice_makes_the_date_final_and_keeps_both_versions(room: Room, tmp_path: Path) -> None:
    """Provisional becomes final for the complaint and its slips; the natural days of the statute stay as they were."""
    one = await played(room, tmp_path, "Y-2", ARRIVED, ADOPTED)
    found = duties(one)
    for key, before, after in (("settle", BEFORE, AFTER), ("s1/findings", SLIP_BEFORE, SLIP_AFTER)):
        old, new = found[key].versions[-2:]
        assert [(old.last_day, old.provisional), (new.last_day, new.provisional)] == [(before, True), (after, False)]
        assert new.reason == "calendar_adopted"
    assert [version.provisional for version in found["decide"].versions] == [False]
    for place, text in (await seen(room, one, tmp_path)).items():
        assert str(AFTER) in text, place
    page = (await seen(room, one, tmp_path))["page"]
    assert page.count("放假通知前后对照") >= 2, "of the complaint's own duty, and of the slips'"
    told = (await seen(room, one, tmp_path))["prove"]
    assert f"{BEFORE} (周" in told
    assert "虚构元旦，不计" in told
    assert "放假通知前后对照 before and after the notice" in told


@pytest.mark.slow
async def test_the_timer_rings_at_the_final_date_and_not_at_the_provisional_one(room: Room, tmp_path: Path) -> None:
    """Nothing is late when the provisional day has passed; the breach comes at the final one, for the slip as well."""
    days = {name: (day - RECEIVED).days for name, day in (("old", BEFORE), ("new", AFTER), ("slip", SLIP_AFTER))}
    one = await played(
        room,
        tmp_path,
        "Y-3",
        ARRIVED,
        ADOPTED,
        step(f"+{(SLIP_BEFORE - RECEIVED).days + 1}d 00:30", expect={"duties": {"s1/findings": "open"}}),
        step(f"+{days['old'] + 1}d 00:30", expect={"duties": {"settle": "open"}}),
        step(f"+{days['new'] + 1}d 00:30", expect={"duties": {"settle": "open"}}),
    )
    breaches = {
        event.duty: (event.due.astimezone(ZONE).date() - RECEIVED).days
        for event in one.events
        if isinstance(event, ev.DeadlineBreached)
    }
    assert (breaches["settle"], breaches["s1/findings"]) == (days["new"] + 1, days["slip"] + 1)
    assert room.ledger.verify("Y-3").ok
