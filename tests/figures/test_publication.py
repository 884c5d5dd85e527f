"""What was published is printed again as it was, and differs visibly from what the record says later."""

from __future__ import annotations

import json
from datetime import UTC
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from activities.figures.bases import import_bases
from activities.figures.layout import standing
from activities.figures.page import to_html
from activities.figures.publication import (
    PeriodNotOver,
    changed_sources,
    differences,
    publications,
    publish,
    published,
    text_of,
)
from activities.figures.report import Ask, Report, make
from activities.figures.uncounted import uncounted
from activities.figures.workbook import to_xlsx
from activities.ledger import Ledger, LedgerConflict, LedgerMissing
from engine.settings import ROOT, SAMPLE_ORGANISATION
from models.figure_files import house_figures, read_bases, read_figures
from models.figure_tables import CountedCase
from models.organisation import read_organisation
from rulebook import events as ev
from rulebook.period import Period
from tests.records.parts import COMPANY_PIN, PIN, open_case, raw, received, slip_story, tamper, whole_case
from tests.rulebook.helpers import on

ORGANISATION = read_organisation(SAMPLE_ORGANISATION)
ASK = Ask("monthly", Period.parse("2026-03"))
AT = on("Fri 2026-04-03 09:00")
LATER = on("Mon 2026-05-04 09:00")


def draft(ledger: Ledger) -> Report:
    return make(ledger, ASK, ORGANISATION, house_figures())


def more(ledger: Ledger) -> None:
    """A complaint of the same month that was recorded later."""
    open_case(ledger, "C-2")
    ledger.append("C-2", 1, slip_story("C-2"), COMPANY_PIN)


def test_a_published_month_is_printed_again_as_it_was(ledger: Ledger) -> None:
    """Byte for byte, whatever was recorded, imported or defined since."""
    whole_case(ledger)
    first = publish(ledger, ASK, draft(ledger), "p-1", AT)
    more(ledger)
    assert published(ledger, ASK) == text_of(first)
    assert json.loads(published(ledger, ASK))["published"] == {
        "version": 1,
        "at": "2026-04-03T09:00:00+08:00",
        "by": "p-1",
        "reason": None,
    }


def test_a_later_computation_differs_visibly(ledger: Ledger, tmp_path: Path) -> None:
    whole_case(ledger)
    first = publish(ledger, ASK, draft(ledger), "p-1", AT)
    assert differences(first, draft(ledger)) == []
    more(ledger)
    now = draft(ledger)
    found = {(one.figure, one.group): (one.then and one.then["value"], one.now and one.now["value"])
             for one in differences(first, now)}  # fmt: skip
    assert found["received", ""] == ("1", "2")
    assert found["received", "unit gd"] == ("1", "2")
    assert found["response_rate", "department gd-sf"] == (None, "1")
    assert ("closed", "") not in found
    assert changed_sources(first, now) == ["rules", "record"]
    path = tmp_path / "bases.csv"
    path.write_text("unit,period,policies_in_force\nhq,2026-03,1000\n", encoding="utf-8")
    import_bases(ledger, read_bases(path), "p-1", LATER)
    assert changed_sources(first, draft(ledger)) == ["bases", "rules", "record"]


def test_a_merged_complaint_counts_with_the_one_it_joined_and_what_was_published_stays(
    ledger: Ledger, record_url: str
) -> None:
    """From its merging on (art. 18(3)); rows that an earlier release counted otherwise are counted anew."""
    whole_case(ledger)
    open_case(ledger, "C-3")
    ledger.append("C-3", 1, [received("C-3")], PIN)
    first = publish(ledger, ASK, draft(ledger), "p-1", AT)
    ledger.append("C-3", 2, [ev.Merged(at=AT, recorded_at=AT, by="p-1", into="C-1", reason="r")], PIN)
    now = draft(ledger)
    found = {(one.figure, one.group): (one.then and one.then["value"], one.now and one.now["value"])
             for one in differences(first, now)}  # fmt: skip
    assert (found["received", ""], found["received_company", ""]) == (("2", "1"), ("2", "1"))
    assert published(ledger, ASK) == text_of(first)
    assert ledger.verify("C-3").ok
    tamper(record_url, "DELETE FROM counted_weight", "UPDATE counted_case SET form = 1")
    assert uncounted(ledger) == ["C-1", "C-3"]
    assert text_of(draft(ledger)) == text_of(now)
    ledger.rebuild()
    assert text_of(draft(ledger)) == text_of(now)


def test_other_definitions_are_seen_as_such(ledger: Ledger) -> None:
    """A closure rate defined anew tomorrow does not touch what was published today."""
    whole_case(ledger)
    first = publish(ledger, ASK, draft(ledger), "p-1", AT)
    now = make(ledger, ASK, ORGANISATION, read_figures(ROOT / "samples" / "figures.yaml"))
    assert changed_sources(first, now) == ["definitions"]
    assert {one.figure for one in differences(first, now)} >= {"bank_claims", "dispatch_timeliness"}
    assert published(ledger, ASK) == text_of(first)


def test_a_correction_is_a_further_version_with_its_reason(ledger: Ledger) -> None:
    whole_case(ledger)
    first = publish(ledger, ASK, draft(ledger), "p-1", AT)
    with pytest.raises(LedgerConflict, match=r"was published before \(version 1\) and has not changed$"):
        publish(ledger, ASK, draft(ledger), "p-1", LATER, reason="again")
    more(ledger)
    with pytest.raises(
        LedgerConflict, match=r"^the monthly report 2026-03 was published before; a further version takes a reason$"
    ):
        publish(ledger, ASK, draft(ledger), "p-1", LATER)
    second = publish(ledger, ASK, draft(ledger), "p-2", LATER, reason="补录一件")
    assert (published(ledger, ASK, 1), published(ledger, ASK)) == (text_of(first), text_of(second))
    assert [(row.version, row.published_by, row.reason) for row in publications(ledger)] == [
        (1, "p-1", None),
        (2, "p-2", "补录一件"),
    ]


def test_what_was_never_published_is_said(ledger: Ledger) -> None:
    with pytest.raises(LedgerMissing, match=r"^the monthly report 2026-03 was never published$"):
        published(ledger, ASK)


@pytest.mark.parametrize(
    "statement", ["UPDATE figure_publication SET content = '{}'", "DELETE FROM figure_publication"]
)
def test_the_database_refuses_to_change_a_publication(ledger: Ledger, record_url: str, statement: str) -> None:
    whole_case(ledger)
    publish(ledger, ASK, draft(ledger), "p-1", AT)
    with pytest.raises(DBAPIError, match="rows are only ever added"), raw(record_url) as connection:
        connection.execute(text(statement))


def test_cases_of_an_earlier_release_are_counted_before_they_are_reported(ledger: Ledger, record_url: str) -> None:
    """An upgrade leaves what is counted empty; nobody need think of it, and no audit minds."""
    whole_case(ledger)
    more(ledger)
    wanted = text_of(draft(ledger))
    tamper(record_url, "DELETE FROM counted_weight", "DELETE FROM counted_slip", "DELETE FROM counted_case")
    assert uncounted(ledger) == ["C-1", "C-2"]
    assert all(report.ok for report in ledger.verify_all())
    assert text_of(draft(ledger)) == wanted
    assert uncounted(ledger) == []


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        (
            "UPDATE counted_case SET satisfaction = 5 WHERE complaint_id = 'C-1'",
            "counted case: satisfaction is not what",
        ),
        ("UPDATE counted_slip SET response = 'late' WHERE slip = 's2'", "counted slip s2: response is not what"),
        ("DELETE FROM counted_slip WHERE slip = 's1'", "counted slip s1: the row is missing"),
        (
            "INSERT INTO counted_weight (complaint_id, profile, weight) VALUES ('C-1', 'company', 0)",
            "counted weight company: the row does not follow from the events",
        ),
    ],
)
def test_an_audit_finds_what_was_changed_to_make_figures_look_better(
    ledger: Ledger, record_url: str, change: str, difference: str
) -> None:
    whole_case(ledger)
    more(ledger)
    tamper(record_url, change)
    found = [line for report in ledger.verify_all() for line in report.differences]
    assert [line[: len(difference)] for line in found] == [difference]


def test_what_is_counted_holds_no_personal_data(ledger: Ledger) -> None:
    """Codes, days and lengths: the only free text is the name of a product."""
    kinds = {name: str(column.type) for name, column in CountedCase.__table__.columns.items()}  # type: ignore[attr-defined]
    assert not {"name", "phone", "facts", "coordinator", "complainant"} & kinds.keys()


def test_a_publication_bears_the_day_of_the_place_where_it_counts() -> None:
    """Published by hand at 05:34 in Shanghai, which is still the evening before in UTC."""
    stamp = {"version": 1, "at": "2026-11-29T21:34:00+00:00", "by": "p-hq-kf-01", "reason": None}
    assert "2026-11-30" in standing({"published": stamp, "period": {"zones": ["Asia/Shanghai"]}})
    assert "2026-11-29" in standing({"published": stamp, "period": {"zones": ["Asia/Shanghai", "Europe/London"]}})


@pytest.mark.parametrize(
    ("at", "over"),
    [
        pytest.param("Tue 2026-03-31 23:59:59", False, id="the last second of the month"),
        pytest.param("Wed 2026-04-01 00:00", True, id="the first instant after it"),
    ],
)
def test_only_a_period_that_is_over_is_published(ledger: Ledger, at: str, *, over: bool) -> None:
    """What is published stays for good; until then a draft says that its period is not over: 期间未结束."""
    whole_case(ledger)
    made = make(ledger, ASK, ORGANISATION, house_figures(), on(at).astimezone(UTC))
    assert made["period"]["over"] is over
    assert ("期间未结束" in to_html(made).decode()) is not over
    sheet = load_workbook(BytesIO(to_xlsx(made)))["概览 Summary"]
    assert sheet["A3"].value == ("草稿 DRAFT" if over else "草稿 DRAFT · 期间未结束 the period is not over")
    if over:
        assert publish(ledger, ASK, made, "p-1", on(at))["period"]["over"]
        return
    with pytest.raises(PeriodNotOver, match="2026-03 is not over yet"):
        publish(ledger, ASK, made, "p-1", on(at))
    assert publications(ledger) == []
