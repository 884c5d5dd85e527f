"""
How many deadlines a second one core dates: the bare instant, with its whole proof, and whole cases folded.

    python -m benchmarks.deadlines

Each figure is the median of several runs over starts spread over 2026, by processor time. Exit code 1 when one
lies below its floor.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from rulebook import events as ev
from rulebook.calendar import calendar
from rulebook.clock import CaseClock
from rulebook.deadline import date_limit
from rulebook.limit import Limit, Pause, due_after
from rulebook.pack import rule_pack

T = TypeVar("T")

RUNS = 7
PLAIN_FLOOR = 50_000
PROOF_FLOOR = 10_000

PACK = rule_pack("cn-2020-3")
CN = calendar("cn")
STARTS = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=4 * count, seconds=count) for count in range(2_000)]
LIMITS = (Limit.natural_days(15), Limit.working_days(15), Limit.hours(48))
LEFT_OUT = timedelta(days=3), timedelta(days=13)


def plain(start: datetime) -> None:
    """Date one deadline of each unit, without its proof."""
    for limit in LIMITS:
        due_after(limit, start, PACK.zone, CN)


def proven(start: datetime) -> None:
    """Date one deadline of each unit with everything an auditor needs."""
    for limit in LIMITS:
        date_limit(limit, start, PACK.zone, CN).to_json()


def paused(start: datetime) -> None:
    """Date one deadline of each unit with a pause of ten days in it, with its proof."""
    pauses = [Pause(start + LEFT_OUT[0], start + LEFT_OUT[1], "mediation")]
    for limit in LIMITS:
        date_limit(limit, start, PACK.zone, CN, pauses).to_json()


def case(start: datetime) -> list[ev.Event]:
    """Return a case with a pause, an extension and a decision: 12 events."""
    day = timedelta(days=1)

    def event(kind: type[ev.Event], days: int, /, **fields: Any) -> ev.Event:
        return kind(at=start + days * day, recorded_at=start + days * day, **fields)

    told: dict[str, Any] = dict.fromkeys(("notice", "method", "template", "template_hash", "body_hash", "proof"), "x")
    parts: dict[str, Any] = dict.fromkeys(("unit", "verification", "basis", "reasons"), "x")
    ground: dict[str, Any] = {"ground": "superior_institution", "reason": "x"}
    return [
        event(ev.Received, 0, content_hash="x", channel="phone", unit="x"),
        event(ev.Acknowledged, 0, ticket="x"),
        event(ev.Classified, 1, complexity="complex", reason="x"),
        event(ev.Assigned, 1, unit="x", department="x", coordinator="x", reason="x"),
        event(ev.ClockPaused, 3, pause="p1", ground="external_appraisal", reason="x"),
        event(ev.NoticeGiven, 3, kind="pause", **told),
        event(ev.ClockResumed, 13, pause="p1", reason="x"),
        event(ev.ExtensionRequested, 20, request="x1", days=30, reason="x"),
        event(ev.ExtensionApproved, 21, request="x1", days=30, **ground),
        event(ev.NoticeGiven, 21, kind="extension", ref="x1", **told),
        event(
            ev.DecisionMade,
            40,
            decided_by="branch",
            liability="responsible",
            causes=(),
            decision="x",
            agreed=True,
            **parts,
        ),
        event(ev.NoticeGiven, 41, kind="decision", **told),
    ]


def folded(events: list[ev.Event]) -> None:
    """Fold a whole case and ask when to wake."""
    CaseClock.fold(PACK, CN, events).next_alarm(events[-1].recorded_at)


def per_second(act: Callable[[T], None], inputs: Sequence[T], each: int) -> float:
    """Return the median over the runs of how many of the *each* results of one *act* come about in a second."""
    rates = []
    for _ in range(RUNS):
        begun = time.process_time()
        for one in inputs:
            act(one)
        rates.append(each * len(inputs) / (time.process_time() - begun))
    return statistics.median(rates)


def main() -> int:
    """Print the figures; return 1 when one lies below its floor."""
    cases = [case(start) for start in STARTS[:200]]
    figures = [
        ("deadlines, plain", per_second(plain, STARTS, len(LIMITS)), PLAIN_FLOOR),
        ("deadlines with proof", per_second(proven, STARTS, len(LIMITS)), PROOF_FLOOR),
        ("deadlines with proof, paused", per_second(paused, STARTS, len(LIMITS)), PROOF_FLOOR),
        ("whole cases folded (12 events)", per_second(folded, cases, 1), 0),
    ]
    for name, rate, floor in figures:
        sys.stdout.write(f"{name:<32}{rate:>10,.0f} per second{f'   (floor {floor:,})' if floor else ''}\n")
    return int(any(rate < floor for _, rate, floor in figures))


if __name__ == "__main__":
    sys.exit(main())
