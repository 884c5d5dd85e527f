"""Short words for tests of the clock: instants with their weekday, events with their stamps, a clock that is wound."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rulebook import events as ev
from rulebook.calendar import calendar
from rulebook.clock import Alarm, CaseClock, Duty
from rulebook.pack import rule_pack

SHANGHAI = ZoneInfo("Asia/Shanghai")
PACK = rule_pack("cn-2020-3")
COMPANY = rule_pack("company-life")
CN = calendar("cn")
DECISION_PARTS: dict[str, Any] = {
    "verification": "v",
    "basis": "b",
    "reasons": "r",
    "decision": "d",
}


def on(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    """Return the instant that *text* names, such as ``Tue 2026-03-17 23:59:59``; its weekday must be right."""
    weekday, _, instant = text.partition(" ")
    found = datetime.fromisoformat(instant).replace(tzinfo=zone)
    assert found.strftime("%a") == weekday, f"{instant} is a {found:%a}"
    return found


def said(kind: type[ev.Event], at: str, /, *, recorded: str | None = None, **fields: Any) -> Any:
    """Return an event of *kind* that happened at *at* and was written down then, or at *recorded*."""
    return kind(at=on(at), recorded_at=on(recorded or at), **fields)


def received(at: str = "Mon 2026-03-02 10:00", recorded: str | None = None, **fields: Any) -> Any:
    """Return the receipt of a complaint."""
    return said(ev.Received, at, recorded=recorded, content_hash="h", channel="phone", unit="u", **fields)


def classified(at: str, complexity: str, recorded: str | None = None, **fields: Any) -> Any:
    """Return a classification."""
    return said(ev.Classified, at, recorded=recorded, complexity=complexity, reason="r", **fields)


def assigned(at: str, route: str | None = "departments") -> Any:
    """Return the assignment of a complaint to customer service or to a department."""
    return said(ev.Assigned, at, unit="u", department="d", coordinator="c", reason="r", route=route)


def closed(at: str) -> Any:
    """Return the closure of a complaint."""
    return said(ev.Closed, at, reason="r", result="responsible")


def dispatched(at: str, slip: str = "s1", **fields: Any) -> Any:
    """Return the dispatch of a slip (会办单)."""
    return said(ev.SlipDispatched, at, slip=slip, unit="u", department="d", coordinator="c", reason="r", **fields)


def told(at: str, kind: str = "decision", *, recorded: str | None = None, **fields: Any) -> Any:
    """Return the notice of *kind* to the complainant."""
    parts: dict[str, Any] = {
        "notice": "n1",
        "method": "sms",
        "template": "t",
        "template_hash": "",
        "body_hash": "",
        "proof": "p",
    }
    return said(ev.NoticeGiven, at, recorded=recorded, kind=kind, **(parts | fields))


def decided(at: str, by: str = "branch") -> Any:
    """Return a decision of a branch or of head office."""
    liability: dict[str, Any] = {"liability": "responsible", "causes": ("c",), "unit": "u", "agreed": True}
    return said(ev.DecisionMade, at, decided_by=by, **liability, **DECISION_PARTS)


def approved(at: str, days: int = 30, request: str = "x1", **fields: Any) -> Any:
    """Return the approval of an extension by the superior institution."""
    ground: dict[str, Any] = {"ground": "superior_institution", "reason": "r"}
    return said(ev.ExtensionApproved, at, request=request, days=days, **(ground | fields))


def paused(at: str, pause: str = "p1", ground: str = "external_appraisal", recorded: str | None = None) -> Any:
    """Return the beginning of a pause."""
    return said(ev.ClockPaused, at, recorded=recorded, pause=pause, ground=ground, reason="r")


def resumed(at: str, pause: str = "p1", recorded: str | None = None) -> Any:
    """Return the end of a pause."""
    return said(ev.ClockResumed, at, recorded=recorded, pause=pause, reason="r")


def facts_added(at: str, recorded: str | None = None) -> Any:
    """Return the arrival of new facts and reasons."""
    return said(ev.FactsAdded, at, recorded=recorded, summary="s")


def fold(*events: ev.Event) -> CaseClock:
    """Return the clock of the statute after *events*."""
    return CaseClock.fold(PACK, CN, events)


def company(*events: ev.Event, slip: str | None = None) -> CaseClock:
    """Return the clock of the insurer's rules over the statute after *events*, or that of one slip."""
    return CaseClock.fold(COMPANY, CN, events, slip)


def duty(clock: CaseClock, key: str = "decide") -> Duty:
    """Return the duty called *key*, which must have been opened."""
    found = clock.duty(key)
    assert found is not None, f"no duty {key}; there are {[one.key for one in clock.duties]}"
    return found


def due(clock: CaseClock, key: str = "decide") -> str | None:
    """Return when the duty called *key* is due, in the form that `on` reads."""
    instant = duty(clock, key).due
    return None if instant is None else f"{instant.astimezone(SHANGHAI):%a %Y-%m-%d %H:%M}"


def answer(alarm: Alarm, now: datetime, slip: str | None = None, *, renewed: bool = False) -> ev.Event:
    """Return the event that records *alarm*, of the complaint or of its *slip*, written down at *now*."""
    stamp: dict[str, Any] = {"at": alarm.at, "recorded_at": max(now, alarm.at), "duty": alarm.duty, "due": alarm.due}
    if alarm.kind == "reminder":
        return ev.ReminderRaised(**stamp, before=alarm.before, to=alarm.to, slip=slip)
    if alarm.kind == "due":
        return ev.DeadlineBreached(**stamp, slip=slip, renewed=renewed)
    return ev.WindowClosed(**stamp)


def ring(clock: CaseClock, until: str | datetime, most: int = 60, *, renew: bool = False) -> list[Alarm]:
    """
    Answer every alarm of *clock* up to *until*, as a process that wakes up only then; return them in order.

    With *renew* a recurring duty that was missed runs anew, as it has since breaches say so.
    """
    now = on(until) if isinstance(until, str) else until
    rung: list[Alarm] = []
    while (alarm := clock.next_alarm(now)) is not None and alarm.at <= now:
        assert len(rung) < most, "the alarms do not end"
        rung.append(alarm)
        missed = clock.duty(alarm.duty)
        recurs = renew and missed is not None and missed.rule.again
        clock.apply(answer(alarm, now, clock.slip, renewed=recurs))
    return rung


def plan(alarms: list[Alarm], key: str) -> list[tuple[str, str | None, str]]:
    """Return what rang for the duty called *key*: its name, the level that is told, and when it was planned."""
    return [
        (alarm.before or alarm.kind, alarm.to, f"{alarm.at.astimezone(SHANGHAI):%a %m-%d %H:%M}")
        for alarm in alarms
        if alarm.duty == key
    ]
