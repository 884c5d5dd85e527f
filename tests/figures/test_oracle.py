"""Every indicator of the house, as the database counts it, is the one counted by hand from the events."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from activities import ledger_chain as chain
from activities.figures.query import Scope, Tally, tally
from activities.figures.report import unit_groups
from activities.ledger import Ledger
from activities.ledger_projection import project, replace
from engine.settings import SAMPLE_ORGANISATION
from models.canonical import canonical
from models.figure_files import house_figures
from models.organisation import Organisation, read_organisation
from models.tables import EventRow, IntakeRow
from rulebook.figures import Figure, value_of
from rulebook.pack import Pin, pin_for
from rulebook.period import Period
from tests.figures.oracle import Answer, Counted, Told, expected
from tests.figures.stories import EARLIEST, records

PERIODS = [Period.parse(text) for text in ("2026-09", "2026-10", "2026-W40", "2026-Q3", "2026")]
FIGURES = [figure for figure in house_figures().figures if figure.formula != "per"]
EXACT = Decimal("0.000001")
QUICK = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck), database=None)
THOROUGH = settings(QUICK, max_examples=2_000)


@cache
def pin(*, company: bool) -> Pin:
    return pin_for(EARLIEST, date(2026, 11, 25), company="company-life" if company else None)


@cache
def sample_organisation() -> Organisation:
    return read_organisation(Path(SAMPLE_ORGANISATION))


def put(session: Session, record: Sequence[Told]) -> None:
    """Let the projections of *record* rest, as the ledger would; the transaction is undone afterwards."""
    for told in record:
        said, name = told.intake, told.intake.complaint_id
        content = canonical(said.model_dump(mode="json", exclude_defaults=True))
        at = told.received.at
        session.add(IntakeRow(complaint_id=name, content=content, content_hash=said.content_hash(), opened_at=at))
        session.flush()
        links: list[EventRow] = []
        for seq, event in enumerate(told.events, start=1):
            before = links[-1].hash if links else chain.GENESIS
            links.append(chain.link(name, seq, event, pin(company=told.company), before))
        replace(session, name, project(links, said.model_dump(mode="json", exclude_defaults=True)))


def agree(figure: Figure, found: Tally, answer: Answer) -> bool:
    value = value_of(figure, found.top, found.bottom)
    if value is None or answer is None:
        return value is None and answer is None
    exact = Fraction(answer)
    return abs(Fraction(value) - exact) <= Fraction(EXACT) / 2


def differences(session: Session, record: Sequence[Told], period: Period) -> list[str]:
    zones, found = ("Asia/Shanghai",), []
    groups = unit_groups(sample_organisation(), "gd")
    whole, branch = Scope(period, None, True, zones), Scope(period, groups, False, zones)
    for figure in FIGURES:
        answer = expected(Counted(record, period.first, period.last), figure.id)
        if not agree(figure, got := tally(session, figure, whole)[None], answer):
            found.append(f"{figure.id} {period.name}: {got} instead of {answer}")
        if figure.population == "cases":  # Of a unit and all below it as well.
            below = [told for told in record if _unit(figure, told) in groups]
            answer = expected(Counted(below, period.first, period.last), figure.id)
            if not agree(figure, got := tally(session, figure, branch)[None], answer):
                found.append(f"{figure.id} {period.name} of gd: {got} instead of {answer}")
    return found


def _unit(figure: Figure, told: Told) -> str:
    return told.intake.respondent.unit if figure.unit_of == "complained_of" else told.unit


class _Undone(Exception):  # noqa: N818  # it is no error
    """Ends a transaction so that nothing of it stays."""


def check(ledger: Ledger, record: Sequence[Told], period: Period) -> None:
    found: list[str] = []
    with suppress(_Undone), ledger.sessions.writing("oracle") as session:
        put(session, record)
        found = differences(session, record, period)
        raise _Undone
    assert found == []


def test_the_database_counts_what_is_counted_by_hand(ledger: Ledger) -> None:
    """Any few complaints, every indicator, weeks to years, the whole company and one branch; on both databases."""

    @QUICK
    @given(records(), st.sampled_from(PERIODS))
    def run(record: list[Told], period: Period) -> None:
        check(ledger, record, period)

    run()


@pytest.mark.long
@pytest.mark.timeout(3_000)
def test_the_database_counts_what_is_counted_by_hand_thousands_of_times(ledger: Ledger) -> None:
    @THOROUGH
    @given(records(8), st.sampled_from(PERIODS))
    def run(record: list[Told], period: Period) -> None:
        check(ledger, record, period)

    run()


def test_every_indicator_of_the_house_is_counted_by_hand() -> None:
    """An indicator that is added must be added to the oracle; those per base divide what is counted there."""
    assert [figure.id for figure in FIGURES if not hasattr(Counted, figure.id)] == []
