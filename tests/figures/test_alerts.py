"""The weekly report shows which departments are late, and where the committee must step in (R178, R180)."""

from __future__ import annotations

from typing import Any

from activities.figures.page import to_html
from activities.figures.report import Ask, Report, make
from activities.ledger import Ledger
from engine.settings import SAMPLE_ORGANISATION
from models.figure_files import house_figures
from models.organisation import read_organisation
from rulebook import events as ev
from rulebook.figures import Figure
from rulebook.period import Period
from tests.records.parts import COMPANY_PIN, open_case, received
from tests.rulebook.helpers import on, said

ORGANISATION = read_organisation(SAMPLE_ORGANISATION)
DUE = "Tue 2026-03-17 00:00"
"""10 working days after Mon 2026-03-02 end with Mon 2026-03-16 (R040)."""


def slip(name: str, department: str) -> ev.Event:
    parts: dict[str, Any] = {"unit": "gd-sz", "coordinator": "p-1", "reason": "r"}
    sent: ev.Event = said(ev.SlipDispatched, "Mon 2026-03-02 12:00", slip=name, department=department, **parts)
    return sent


def answered(name: str) -> ev.Event:
    found: ev.Event = said(ev.SlipAnswered, "Mon 2026-03-09 12:00", slip=name, findings="f")
    return found


def missed(name: str) -> ev.Event:
    found: ev.Event = said(ev.DeadlineBreached, DUE, duty=f"{name}/findings", due=on(DUE), slip=name)
    return found


def weekly(ledger: Ledger) -> Report:
    return make(ledger, Ask("weekly", Period.parse("2026-W12")), ORGANISATION, house_figures())


def test_a_department_that_is_more_than_half_late_is_marked(ledger: Ledger) -> None:
    """Two of three late is marked, one of two is not: more than 50 %."""
    late, half = "gd-sz-yg", "gd-sf"
    open_case(ledger)
    sent = [slip("s1", late), slip("s2", late), slip("s3", late), slip("s4", half), slip("s5", half)]
    past = [answered("s3"), answered("s5"), missed("s1"), missed("s2"), missed("s4")]
    ledger.append("C-1", 1, [received(), *sent, *past], COMPANY_PIN)
    made = weekly(ledger)
    figure = next(one for one in made["figures"] if one["id"] == "findings_late")
    groups = {one["code"]: (one["top"], one["bottom"], one["alert"]) for one in figure["by"]["department"]}
    assert groups == {late: (2, 3, True), half: (1, 2, False)}
    assert figure["alert_text"]["citation"].endswith("(R180)")
    page = to_html(made).decode()
    assert "由协调委员会督办" in page
    assert [(row["duty"], row["department"]) for row in made["late"]["rows"] if "findings" in row["duty"]] == [
        ("s1/findings", late),
        ("s2/findings", late),
        ("s4/findings", half),
    ]


def test_a_median_of_units_is_that_of_all_below_them(ledger: Ledger) -> None:
    """Medians cannot be put together from those of cities, so the database takes them over the province."""
    plain = {"zh": "x", "en": "x"}
    figure = Figure.model_validate(
        {"id": "speed", "title": plain, "says": plain, "formula": "median", "population": "cases", "dated_by": "closed",
         "measure": "handling_time", "unit": "days", "by": ["unit"], "reports": ["monthly"], "citation": "xx"}
    )  # fmt: skip
    days = {
        "C-1": ("gd-sz", "Tue 2026-03-03 10:00"),
        "C-2": ("gd-gz", "Thu 2026-03-05 10:00"),
        "C-3": ("gd", "Thu 2026-03-12 10:00"),
    }
    for name, (unit, closed) in days.items():
        open_case(ledger, name)
        assigned = said(ev.Assigned, "Mon 2026-03-02 11:00", unit=unit, department="d", coordinator="p", reason="r")
        end = said(ev.Closed, closed, reason="r", result="responsible")
        ledger.append(name, 1, [received(name), assigned, end], COMPANY_PIN)
    figures = house_figures().with_own(house_figures().model_copy(update={"figures": (figure,)}))
    made = make(ledger, Ask("monthly", Period.parse("2026-03")), ORGANISATION, figures)
    found = next(one for one in made["figures"] if one["id"] == "speed")
    assert [(one["code"], one["value"], one["items"]) for one in found["by"]["unit"]] == [("gd", "3", 3)]
