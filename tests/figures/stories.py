"""Complaints with a past, as hypothesis draws them: late and early, withdrawn, merged, forwarded, escalated, left out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from models.intake import Intake
from rulebook import events as ev
from tests.figures.oracle import CHINA, Told, decide_by, end_of

EARLIEST = datetime(2026, 8, 10, tzinfo=UTC)
UNITS = ("gd", "gd-sz", "gd-gz", "hq", "elsewhere")
HOURS = st.integers(0, 24 * 40)


def intake(complaint_id: str, received: datetime, **more: Any) -> Intake:
    return Intake.model_validate(
        {
            "complaint_id": complaint_id,
            "received_at": received.isoformat(),
            "channel": "phone",
            "complainant": {"kind": "person", "name": "示例"},
            "respondent": {"unit": "gd-sz"},
            "facts": "示例",
            **more,
        }
    )


def forwarding(received: datetime) -> dict[str, Any]:
    at = received.isoformat()
    return {"body": "示例", "regulator_received_at": at, "forwarded_at": at, "insurer_received_at": at}


@st.composite
def told(draw: Any, number: int) -> Told:
    """One complaint; its events in the order of time."""
    company = draw(st.booleans())
    received = EARLIEST + timedelta(minutes=draw(st.integers(0, 90 * 24 * 60)))
    if draw(st.booleans()):  # The edges of local days and months, where counting goes wrong.
        local = received.astimezone(CHINA).replace(hour=0, minute=0)
        received = (local + draw(st.sampled_from([timedelta(), timedelta(seconds=-1)]))).astimezone(UTC)
    name = f"H-{number:03}"
    categories = draw(st.sampled_from([(), ("claims",), ("selling", "payment")]))
    dispute = draw(st.sampled_from([None, "claims", "sales"]))
    line = draw(st.sampled_from([None, "illness", "motor"]))
    said = intake(name, received, respondent={"unit": draw(st.sampled_from(UNITS))}, dispute_type=dispute,
                  **({"policy": {"line_of_business": line}} if line else {}),
                  **({"forwarding": forwarding(received)} if draw(st.integers(0, 3)) == 0 else {}))  # fmt: skip
    first = ev.Received(
        at=received,
        recorded_at=received,
        content_hash=said.content_hash(),
        channel="phone",
        unit=said.respondent.unit,
        categories=categories,
        complexity=draw(st.sampled_from([None, "simple", "complex"])),
        severity=draw(st.sampled_from(["general", "general", "major"])),
    )
    story = Told(said, [first, *draw(_handling(first, company=company))], company)
    if draw(st.booleans()) and story.told_at is None and not story.all(ev.Withdrawn | ev.Merged | ev.Closed):  # type: ignore[arg-type]  # a union
        due = end_of(decide_by(story)).astimezone(UTC)
        # Recorded late, as by a process that slept: the fact is dated by the law all the same.
        breach = ev.DeadlineBreached(at=due, recorded_at=due + timedelta(days=90), duty="decide", due=due)
        story = Told(said, sorted([*story.events, breach], key=lambda event: event.at), company)
    return story


@st.composite
def _handling(draw: Any, first: ev.Received, *, company: bool) -> list[ev.Event]:
    at = first.at
    found: list[ev.Event] = []

    def after(start: datetime) -> dict[str, datetime]:
        when = start + timedelta(hours=draw(HOURS))
        return {"at": when, "recorded_at": when}

    route = draw(st.sampled_from([None, "customer_service", "departments"])) if company else None
    if draw(st.booleans()):
        unit = draw(st.sampled_from(UNITS))
        # Before anything else: a route that is known later re-dates what is owed.
        now = {"at": at, "recorded_at": at}
        found.append(ev.Assigned(**now, unit=unit, department="d", coordinator="c", reason="r", route=route))
    if company:
        for number in range(draw(st.integers(0, 2))):
            found += draw(_slip(f"s{number + 1}", at))
        if draw(st.integers(0, 5)) == 0:
            found.append(ev.CountingExcluded(**after(at), ground="settled_on_the_spot", reason="r"))
        if draw(st.integers(0, 4)) == 0:
            found.append(ev.Escalated(**after(at), earlier="E-1", to="media", responsible=draw(st.booleans())))
    found += draw(_ending(at))
    return sorted(found, key=lambda event: event.at)


@st.composite
def _ending(draw: Any, at: datetime) -> list[ev.Event]:
    end = draw(st.sampled_from(["open", "withdrawn", "merged", "told", "closed", "closed"]))
    first = at + timedelta(hours=draw(HOURS))
    last = first + timedelta(hours=draw(HOURS) + 1)
    stamp, later = {"at": first, "recorded_at": first}, {"at": last, "recorded_at": last}
    found: list[ev.Event] = []
    if end == "withdrawn":
        found.append(ev.Withdrawn(**stamp, reason="r"))
        if draw(st.booleans()):
            found.append(ev.Closed(**later, reason="r", result="withdrawn"))
    elif end == "merged":
        found.append(ev.Merged(**stamp, into="E-0", reason="r"))
        if draw(st.booleans()):
            found.append(ev.Closed(**later, reason="r", result="merged"))
    elif end in {"told", "closed"}:
        found.append(_notice(stamp))
        if draw(st.booleans()):
            mark = draw(st.sampled_from([None, 1, 3, 4, 5]))
            found.append(ev.CalledBack(**stamp, task="t", reached=True, satisfaction=mark))
        if end == "closed":
            found.append(ev.Closed(**later, reason="r", result="responsible"))
    return found


@st.composite
def _slip(draw: Any, slip: str, at: datetime) -> list[ev.Event]:
    sent = at + timedelta(hours=draw(HOURS))
    found: list[ev.Event] = [
        ev.SlipDispatched(at=sent, recorded_at=sent, slip=slip, unit="gd-sz", department=draw(st.sampled_from("ab")),
                          coordinator="c", category="claims", reason="r")
    ]  # fmt: skip
    ends = draw(st.sampled_from(["nothing", "accepted", "answered", "returned", "recalled"]))
    first = sent + timedelta(hours=draw(HOURS), seconds=1)
    now = {"at": first, "recorded_at": first, "slip": slip}
    if ends == "returned":
        found.append(ev.SlipReturned(**now, reason="r"))
    elif ends == "recalled":
        found.append(ev.SlipRecalled(**now, reason="r"))
    elif ends != "nothing":
        found.append(ev.SlipAccepted(**now))
        if ends == "answered":
            then = first + timedelta(hours=draw(HOURS), seconds=1)
            found.append(ev.SlipAnswered(at=then, recorded_at=then, slip=slip, findings="f"))
    return found


def _notice(stamp: dict[str, datetime]) -> ev.NoticeGiven:
    parts: dict[str, Any] = dict.fromkeys(("notice", "method", "template", "template_hash", "body_hash", "proof"), "")
    return ev.NoticeGiven(**stamp, kind="decision", **parts)


def records(most: int = 5) -> st.SearchStrategy[list[Told]]:
    """A few complaints."""
    return st.integers(1, most).flatmap(lambda size: st.tuples(*(told(number) for number in range(size))).map(list))
