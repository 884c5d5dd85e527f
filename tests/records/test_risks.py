"""Concentrations of complaints raise a warning (R176): counted by hand, on both databases."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from activities.ledger import Ledger
from rulebook import events as ev
from rulebook.pack import pin_for
from rulebook.risk import risk_rules
from tests.records.parts import OPENED, PIN, intake
from tests.rulebook.helpers import on

LAST = date(2026, 9, 30)
AT = on("Thu 2026-10-01 09:00")


def take_in(ledger: Ledger, name: str, received: datetime, *, cause: str | None = None, **more: Any) -> None:
    said = intake(name, received_at=received.isoformat(), **more)
    ledger.open_case(said.model_dump(mode="json"), name, said.content_hash(), OPENED)
    stamp: dict[str, Any] = {"at": received, "recorded_at": received}
    events: list[ev.Event] = [
        ev.Received(
            **stamp,
            content_hash=said.content_hash(),
            channel="phone",
            unit=said.respondent.unit,
            categories=said.categories,
        )
    ]
    if cause:
        events.append(
            ev.DecisionMade(
                **stamp,
                by="p-4",
                decided_by="branch",
                unit="gd-sz",
                liability="responsible",
                causes=(cause, "other"),
                decision="d",
                verification="v",
                basis="b",
                reasons="r",
                agreed=True,
            )
        )
    ledger.append(name, 1, events, pin_for(received, received.date()) or PIN)


def day(back: int) -> datetime:
    """Noon so many days before the last day of the window."""
    return datetime.combine(
        LAST - timedelta(days=back), datetime.min.time(), on("Thu 2026-10-01 09:00").tzinfo
    ).replace(hour=12)


def test_a_concentration_is_warned_of_once_a_month_with_its_figures(ledger: Ledger) -> None:
    """
    Twelve in the window of 30 days against six in the 180 days before are a concentration; ten against sixty are none.

    The product needs five. A complaint on the day before the window belongs to the baseline.
    """
    number = iter(range(1000))
    for back in range(12):
        take_in(ledger, f"C-{next(number):04d}", day(back), respondent={"unit": "gd-sz"}, categories=["claims"])
    for back in (30, 50, 80, 110, 140, 209):
        take_in(ledger, f"C-{next(number):04d}", day(back), respondent={"unit": "gd-sz"}, categories=["claims"])
    for back in range(10):
        take_in(ledger, f"C-{next(number):04d}", day(back), respondent={"unit": "zj-hz"}, categories=["payment"])
    for back in range(30, 90):
        take_in(ledger, f"C-{next(number):04d}", day(back), respondent={"unit": "zj-hz"}, categories=["payment"])
    for back in range(5):
        more = {"respondent": {"unit": "gd"}, "policy": {"product": "安康一号", "line_of_business": "medical"}}
        take_in(ledger, f"C-{next(number):04d}", day(back), cause="selling_promise", **more)
    found = ledger.risks.look(LAST, AT)
    assert [(row.dimension, row.value, row.count, row.before) for row in found] == [
        ("category", "claims", 12, 6),
        ("unit", "gd-sz", 12, 6),
        ("cause", "selling_promise", 5, 0),
        ("product", "安康一号", 5, 0),
    ]
    assert {(row.first_day, row.last_day, row.citation) for row in found} == {(date(2026, 9, 1), LAST, "R176 公司设定")}
    again = ledger.risks.look(LAST, AT + timedelta(days=1))
    assert {row.warned_at for row in again} == {AT}
    assert len(ledger.risks.warnings()) == 4
    assert ledger.risks.warnings(since=date(2026, 10, 1)) == []
    take_in(ledger, "C-9999", on("Thu 2026-10-01 12:00"), respondent={"unit": "gd-sz"}, categories=["claims"])
    later = ledger.risks.look(date(2026, 10, 1), AT)
    assert {row.period for row in later} == {"2026-10"}
    assert len(ledger.risks.warnings()) == 4 + len(later)


def test_what_was_merged_into_another_complaint_counts_with_that_one_alone(ledger: Ledger) -> None:
    for at in range(10):
        take_in(ledger, f"C-{at:04d}", day(at), categories=["claims"])
    assert [row.value for row in ledger.risks.look(LAST, AT)] == ["claims", "gd-sz"]
    merged = ev.Merged(at=AT, recorded_at=AT, by="p-1", into="C-0001", reason="r")
    ledger.append("C-0000", 2, [merged], PIN)
    assert ledger.risks.look(date(2026, 10, 1), AT) == []


def test_the_thresholds_are_the_houses_own_and_say_so() -> None:
    rules = risk_rules()
    assert "公司设定" in rules.citation
    assert rules.window(LAST) == (date(2026, 9, 1), LAST)
    assert rules.baseline(LAST) == (date(2026, 3, 5), date(2026, 8, 31))
    assert not rules.concentrated("unit", 9, 0)
    assert rules.concentrated("unit", 10, 0)
    assert rules.concentrated("unit", 10, 30)
    assert not rules.concentrated("unit", 10, 31)
