"""Whom a reminder reaches while nobody coordinates the complaint yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from activities.delivery import Outbox, Post
from activities.reminders import ReminderActivities
from engine.settings import SAMPLE_ORGANISATION
from models.delivery import OUTBOX_ONLY
from models.organisation import read_organisation
from models.steps import ReminderOrder

HOUSE = read_organisation(SAMPLE_ORGANISATION)


@pytest.mark.parametrize(
    ("unit", "coordinator", "recipient"),
    [
        pytest.param("gd-gz", None, HOUSE.departments["gd-gz-kf"].coordinator, id="the unit's customer service"),
        pytest.param("gd-gz", "p-gd-gz-yg-01", "p-gd-gz-yg-01", id="the coordinator"),
        pytest.param("gone", None, "gone", id="a unit that is no longer known"),
    ],
)
def test_a_reminder_goes_to_a_person_wherever_one_is_known(
    tmp_path: Path, unit: str, coordinator: str | None, recipient: str
) -> None:
    outbox = Outbox(tmp_path / "outbox")
    reminders = ReminderActivities(Post.open(OUTBOX_ONLY, outbox, tmp_path), HOUSE)
    order = ReminderOrder(
        complaint_id="C-1",
        reminder="C-1.reminder.1",
        kind="reminder",
        unit=unit,
        coordinator=coordinator,
        title="作出处理决定",
        citation="办法 第十八条第一款",
        due="2026-03-17 (周二) 24:00",
    )
    reminders.remind(order)
    [reminder] = (tmp_path / "outbox").iterdir()
    assert f"To: {recipient}\n" in reminder.read_text(encoding="utf-8")
