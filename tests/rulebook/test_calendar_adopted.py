"""A notice that comes while a complaint runs: its working days are counted again, both versions stay, nobody is blamed."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from rulebook import events as ev
from rulebook.calendar import WorkingCalendar, calendar
from rulebook.clock import CaseClock, Duty
from rulebook.errors import CalendarError
from rulebook.notice import Notice, parse_notice
from tests.rulebook.helpers import COMPANY, SHANGHAI, on, received, said, told

CN = calendar("cn")
FICTITIOUS = parse_notice(
    """
id: cn-2027
title: 虚构通知，仅供测试 (fictitious, for tests only)
year: 2027
published: 2026-12-15
date_source: recalled
days:
  2027-01-01: off 元旦
  2027-01-02: off 元旦
  2027-01-03: off 元旦
  2026-12-27: work 元旦
  2027-01-04: off 元旦
"""
)
"""A notice that nobody has published: it gives four days off at New Year, and a Sunday of work before."""


def notice_of(published: str) -> Notice:
    """Return the real notice of that day."""
    return next(notice for notice in CN.notices if notice.published == date.fromisoformat(published))


def known_before(notice: Notice) -> WorkingCalendar:
    return CN.as_known_on(notice.published - timedelta(days=1))


def adopted(notice: Notice, at: str, calendar: WorkingCalendar, slip: str | None = None) -> ev.CalendarAdopted:
    known = calendar.with_notice(notice)
    event: ev.CalendarAdopted = said(
        ev.CalendarAdopted,
        at,
        notice=notice,
        calendar=known.version,
        calendar_hash=known.content_hash,
        slip=slip,
    )
    return event


def duty(clock: CaseClock, key: str) -> Duty:
    found = clock.duty(key)
    assert found is not None
    return found


def routed(at: str) -> Any:
    return said(ev.Assigned, at, unit="u", department="d", coordinator="c", reason="r", route="departments")


@pytest.mark.parametrize(
    ("published", "start"),
    [
        pytest.param("2019-03-22", "Wed 2019-03-20 10:00", id="four days off in May 2019, announced in March"),
        pytest.param("2020-01-27", "Mon 2020-01-20 10:00", id="the spring festival of 2020, prolonged while it lasted"),
    ],
)
def test_the_real_notices_move_running_complaints_to_what_later_ones_get_at_once(published: str, start: str) -> None:
    """The notices of 2019-03-22 and 2020-01-27: who adopts one counts like who knew it from the beginning."""
    notice = notice_of(published)
    before, after = known_before(notice), CN.as_known_on(notice.published)
    events = [received(start, severity="major"), routed(start)]
    clock = CaseClock.fold(COMPANY, before, events)
    old = duty(clock, "settle").due
    clock.apply(adopted(notice, f"{datetime.fromisoformat(published):%a %Y-%m-%d} 12:00", before))
    assert duty(clock, "settle").due == duty(CaseClock.fold(COMPANY, after, events), "settle").due != old
    assert [version.due for version in duty(clock, "settle").versions][-2] == old
    assert duty(clock, "settle").versions[-1].reason == "calendar_adopted"


def test_provisional_becomes_final_when_the_notice_comes() -> None:
    """A year-end case: December 2026 is published, January 2027 is not."""
    clock = CaseClock.fold(COMPANY, CN, [received("Wed 2026-12-16 10:00"), routed("Wed 2026-12-16 10:30")])
    settle = duty(clock, "settle")
    assert settle.deadline is not None
    assert (settle.due, settle.deadline.provisional) == (on("Thu 2027-01-07 00:00"), True)
    clock.apply(adopted(FICTITIOUS, "Thu 2026-12-17 09:00", CN))
    assert (settle.due, settle.deadline.provisional) == (on("Fri 2027-01-08 00:00"), False)
    first, second = settle.versions[-2:]
    assert (first.calendar, second.calendar) == ("cn@2025-11-04", "cn@2026-12-15")
    assert ("补班 元旦", date(2026, 12, 27)) in [(day.reason, day.day) for day in second.skipped]


def test_natural_days_are_left_alone() -> None:
    """The statute counts natural days: no notice moves them, and none adds a version (art. 43)."""
    clock = CaseClock.fold(COMPANY, CN, [received("Wed 2026-12-16 10:00")])
    versions = len(duty(clock, "decide").versions)
    clock.apply(adopted(FICTITIOUS, "Thu 2026-12-17 09:00", CN))
    clock.apply(said(ev.Classified, "Thu 2026-12-17 10:00", complexity="simple", reason="r"))
    assert len(duty(clock, "decide").versions) == versions


SHORTENING = parse_notice(
    """
id: cn-2026b
title: 虚构通知，仅供测试 (fictitious, for tests only)
year: 2026
amends: cn-2026
published: 2026-11-20
date_source: recalled
days:
  2026-11-14: work 虚构
  2026-11-15: work 虚构
"""
)
"""A notice that makes work of a weekend that has passed: no State Council did so, but a deadline then lies behind."""


def test_a_deadline_moved_into_the_past_is_due_at_once_and_nobody_s_breach() -> None:
    """Shortened by notice: it rings at the adoption, is overdue, and does not count as a breach."""
    start = "Mon 2026-11-02 10:00"
    clock = CaseClock.fold(COMPANY, CN, [received(start), routed(start)])
    settle = duty(clock, "settle")
    assert settle.due == on("Tue 2026-11-24 00:00")
    clock.apply(adopted(SHORTENING, "Mon 2026-11-23 09:00", CN))
    assert settle.deadline is not None
    assert (settle.due, settle.deadline.shortened_from) == (on("Mon 2026-11-23 09:00"), on("Fri 2026-11-20 00:00"))
    alarm = next(one for one in [clock.next_alarm(on("Mon 2026-11-23 09:00"))] if one)
    while alarm.duty != "settle" or alarm.kind != "due":
        clock.apply(
            said(ev.ReminderRaised, "Mon 2026-11-23 09:00", duty=alarm.duty, due=alarm.due, before=alarm.before)
            if alarm.kind == "reminder"
            else said(ev.DeadlineBreached, "Mon 2026-11-23 09:00", duty=alarm.duty, due=alarm.due)
        )
        following = clock.next_alarm(on("Mon 2026-11-23 09:00"))
        assert following is not None
        alarm = following
    assert (alarm.at, alarm.shortened) == (on("Mon 2026-11-23 09:00"), True)
    clock.apply(said(ev.DeadlineBreached, "Mon 2026-11-23 09:00", duty="settle", due=alarm.due, shortened=True))
    assert (settle.overdue, settle.breached, settle.shortened) == (True, False, True)
    clock.apply(
        said(
            ev.NoticeGiven,
            "Tue 2026-11-24 09:00",
            kind="decision",
            notice="n",
            method="m",
            template="t",
            template_hash="h",
            body_hash="b",
            proof="p",
        )
    )
    assert (settle.status, settle.breached) == ("met_late", False)


def test_what_was_late_before_the_notice_stays_a_breach() -> None:
    start = "Mon 2026-11-02 10:00"
    clock = CaseClock.fold(COMPANY, CN, [received(start), routed(start)])
    clock.apply(said(ev.DeadlineBreached, "Tue 2026-11-24 00:00", duty="settle", due=on("Tue 2026-11-24 00:00")))
    clock.apply(adopted(SHORTENING, "Wed 2026-11-25 09:00", CN))
    assert (duty(clock, "settle").breached, duty(clock, "settle").shortened) == (True, False)


def test_what_was_met_by_a_deadline_that_had_come_before_the_notice_is_not_late_by_an_earlier_one() -> None:
    """Told on the last day, written down after it; the notice that came in between counts a day less."""
    start = "Mon 2026-11-02 10:00"
    clock = CaseClock.fold(COMPANY, CN, [received(start), routed(start)])
    clock.apply(said(ev.DeadlineBreached, "Tue 2026-11-24 00:00", duty="settle", due=on("Tue 2026-11-24 00:00")))
    clock.apply(adopted(SHORTENING, "Wed 2026-11-25 09:00", CN))
    clock.apply(told("Mon 2026-11-23 16:00", recorded="Wed 2026-11-25 10:00"))
    assert (duty(clock, "settle").status, duty(clock, "settle").breached) == ("met", False)


def test_the_same_notice_twice_changes_nothing_the_second_time() -> None:
    clock = CaseClock.fold(COMPANY, CN, [received("Wed 2026-12-16 10:00"), routed("Wed 2026-12-16 10:30")])
    for at in ("Thu 2026-12-17 09:00", "Fri 2026-12-18 09:00"):
        clock.apply(adopted(FICTITIOUS, at, CN))
    assert len(duty(clock, "settle").versions) == 2


def test_a_slip_adopts_for_itself_and_the_complaint_for_its_own_duties() -> None:
    """C21: each clock changes when its own process has heard of it."""
    sent = {"slip": "s1", "unit": "u", "department": "d", "coordinator": "c", "reason": "r"}
    dispatched = said(ev.SlipDispatched, "Wed 2026-12-16 10:30", **sent)
    slip = CaseClock.fold(COMPANY, CN, [dispatched, adopted(FICTITIOUS, "Thu 2026-12-17 09:00", CN)], slip="s1")
    assert slip.calendar.version == CN.version
    slip.apply(adopted(FICTITIOUS, "Thu 2026-12-17 09:01", CN, slip="s1"))
    assert slip.calendar.version == "cn@2026-12-15"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        pytest.param({"published": date(2025, 1, 1)}, "published: 2025-01-01 is not after 2025-11-04", id="too old"),
        pytest.param({"year": 2028, "id": "cn-2028"}, "year: expected 2027", id="a year too far"),
        pytest.param({"id": "uk-2027"}, "id: expected cn-2027", id="another calendar's"),
    ],
)
def test_a_notice_that_does_not_continue_the_calendar_is_refused(change: dict[str, Any], sentence: str) -> None:
    misfit = FICTITIOUS.model_copy(update=change)
    with pytest.raises(CalendarError, match=sentence):
        CN.with_notice(misfit)


def test_an_event_under_another_calendar_stops_the_fold() -> None:
    """Nothing is counted by a calendar that is not the one that was adopted."""
    event = adopted(FICTITIOUS, "Thu 2026-12-17 09:00", CN).model_copy(update={"calendar_hash": "0" * 64})
    with pytest.raises(CalendarError, match="makes another calendar here than when it was adopted"):
        CaseClock.fold(COMPANY, CN, [received("Wed 2026-12-16 10:00"), event])


def test_the_event_holds_the_whole_notice_and_comes_back_from_its_json() -> None:
    event = adopted(FICTITIOUS, "Thu 2026-12-17 09:00", CN)
    assert ev.event_from_json(json.loads(json.dumps(ev.event_to_json(event)))) == event
    assert event.at.astimezone(SHANGHAI).tzinfo == SHANGHAI


def test_a_calendar_is_made_once_for_all_that_adopt_a_notice() -> None:
    """Ten thousand complaints adopt a notice in one morning; two with other content do not share a calendar."""
    read_again = Notice.model_validate_json(FICTITIOUS.model_dump_json())
    assert CN.with_notice(FICTITIOUS) is CN.with_notice(read_again)
    other = FICTITIOUS.model_copy(update={"days": FICTITIOUS.days[:-1]})
    assert CN.with_notice(other).content_hash != CN.with_notice(FICTITIOUS).content_hash
