"""What a monthly publication tells beside its figures: typical cases and problems, to each area its own (R015, R181)."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from activities.delivery import Outbox
from activities.ledger import Ledger
from activities.supervision.document import Document, documents
from activities.supervision.steps import SupervisionActivities
from models.supervision_steps import Sending
from models.supervision_tables import RunRow
from rulebook.period import Period
from tests.records.test_rectifications import closed as mended
from tests.records.test_rectifications import followed, linked, opened
from tests.records.test_risks import take_in
from tests.records.test_supervision import ORGANISATION, RULES, content, letters, order
from tests.records.test_typical import BY, chosen, closed
from tests.rulebook.helpers import on

DUE = on("Wed 2026-04-15 09:00")


@pytest.fixture
def steps(ledger: Ledger, tmp_path: Path) -> SupervisionActivities:
    return SupervisionActivities(ledger, Outbox(tmp_path / "outbox"), ORGANISATION, RULES)


def areas(ledger: Ledger, steps: SupervisionActivities, period: str = "2026-03") -> dict[str, dict[str, Any]]:
    drawn = steps.put_down(order("publication", period).model_copy(update={"at": DUE}))
    return {one["area"]: one for one in content(ledger, drawn)["areas"]}


def told(found: dict[str, Any]) -> list[str]:
    return [one["complaint_id"] for one in found["typical"]]


def test_a_publication_tells_the_months_typical_cases_to_their_area(
    ledger: Ledger, steps: SupervisionActivities, tmp_path: Path
) -> None:
    """A province reads those of its cities, head office all; not what was chosen in another month or withdrawn since."""
    for name, unit in (("C-1", "gd-sz"), ("C-2", "zj-hz"), ("C-3", "gd-sz"), ("C-4", "gd"), ("C-5", "nowhere")):
        closed(ledger, name, unit)
    chosen(ledger, "C-1", "Tue 2026-03-31 23:59:59", facts="三次补交\n客户不满")
    chosen(ledger, "C-2", "Sun 2026-03-01 00:00")
    chosen(ledger, "C-3", "Wed 2026-04-01 00:00")
    chosen(ledger, "C-4")
    chosen(ledger, "C-5")
    ledger.typical.withdraw("C-4", "流程已取消", **BY)
    found = areas(ledger, steps)
    assert {area: told(one) for area, one in found.items()} == {
        "gd": ["C-1"],
        "zj": ["C-2"],
        "hq": ["C-1", "C-5", "C-2"],
    }
    steps.send(Sending(run="publication-2026-03", at=DUE))
    text = letters(tmp_path)["publication-2026-03.gd.p-gd-zjl-02"]
    page = (tmp_path / "outbox" / "publication-2026-03.gd.p-gd-zjl-02.html").read_text(encoding="utf-8")
    for words in (
        "典型案例 typical cases",
        "三次补交 客户不满",
        "首次沟通即一次性列明所需资料",
        "理赔流程 the claims process",
    ):
        assert words in text
        assert words in page
    assert "C-2" not in text


def test_a_publication_tells_what_complaints_concentrate_on(ledger: Ledger, steps: SupervisionActivities) -> None:
    """The month's warnings, also of its last days, at which no bulletin looked; of a unit its own area and head office."""
    for at in range(10):
        take_in(ledger, f"R-{at:03d}", on("Mon 2026-03-30 09:00"), categories=["selling"])
    ledger.risks.look(date(2026, 4, 12), DUE)
    found = {area: one["problems"]["risks"] for area, one in areas(ledger, steps).items()}
    assert {
        area: [(one["dimension"], one["value"], one["period"]) for one in risks] for area, risks in found.items()
    } == {
        "gd": [("unit", "gd-sz", "2026-03"), ("category", "selling", "2026-03")],
        "zj": [("category", "selling", "2026-03")],
        "hq": [("unit", "gd-sz", "2026-03"), ("category", "selling", "2026-03")],
    }


def rectification(ledger: Ledger, name: str, at: str, due: str, ended: str | None = None, **more: Any) -> None:
    ledger.rectifications.open(opened(at=on(at), due=date.fromisoformat(due), **more), name)
    if ended is not None:
        for event in (linked(), followed(), mended().model_copy(update={"at": on(ended)})):
            ledger.rectifications.append(name, event)


def test_a_publication_tells_what_is_mended_and_what_is_late(ledger: Ledger, steps: SupervisionActivities) -> None:
    """Opened in the month, or open after its last day when the month ended, whatever became of it since."""
    closed(ledger)
    rectification(ledger, "new", "Tue 2026-03-31 23:59:59", "2026-05-01")
    rectification(ledger, "late", "Mon 2026-02-02 10:00", "2026-03-31")
    rectification(ledger, "mended-later", "Mon 2026-02-02 10:00", "2026-03-30", "Wed 2026-04-01 00:00")
    rectification(ledger, "mended-before", "Mon 2026-02-02 10:00", "2026-03-30", "Tue 2026-03-31 23:59:59")
    rectification(ledger, "not-due", "Mon 2026-02-02 10:00", "2026-04-01")
    rectification(ledger, "next-month", "Wed 2026-04-01 00:00", "2026-04-02")
    rectification(ledger, "elsewhere", "Mon 2026-03-02 10:00", "2026-03-03", unit="zj-hz")
    found = areas(ledger, steps)
    lines = {
        area: [(line["rectification"], line["opened"], line["overdue"]) for line in one["problems"]["rectifications"]]
        for area, one in found.items()
    }
    late = [("late", False, True)]
    assert lines["gd"] == [*late, ("new", True, False), ("mended-later", False, True)]
    assert lines["zj"] == [("elsewhere", True, True)]
    assert sorted(lines["hq"]) == sorted([*lines["gd"], *lines["zj"]])


def document(row: RunRow, area: str) -> Document:
    return dict(documents(row, "公布", "Asia/Shanghai"))[area]


def test_what_was_published_is_never_rewritten(ledger: Ledger, steps: SupervisionActivities) -> None:
    """A revision and a withdrawal after the publication change nothing in it, however often the step is repeated."""
    closed(ledger)
    chosen(ledger)
    before = areas(ledger, steps)
    row = ledger.supervision.run("publication-2026-03")
    assert row is not None
    read = document(row, "gd")
    ledger.typical.revise("C-1", before_telling(ledger), "更准确", **BY)
    ledger.typical.withdraw("C-1", "流程已取消", **BY)
    assert areas(ledger, steps) == before
    again = ledger.supervision.run("publication-2026-03")
    assert again is not None
    assert (again.content_hash, document(again, "gd")) == (row.content_hash, read)


def before_telling(ledger: Ledger) -> Any:
    return ledger.typical.one("C-1").telling.model_copy(update={"title": "新题"})


def test_what_was_put_down_before_there_were_typical_cases_reads_as_it_did(
    ledger: Ledger, steps: SupervisionActivities
) -> None:
    """Its content has no such part, and its document no such table."""
    areas(ledger, steps)
    row = ledger.supervision.run("publication-2026-03")
    assert row is not None
    said = json.loads(row.content)
    for area in said["areas"]:
        del area["typical"], area["problems"]
    old = RunRow(**row.model_dump() | {"content": json.dumps(said)})
    headings = [table.heading for table in document(old, "gd").tables]
    new = [table.heading for table in document(row, "gd").tables]
    added = ["典型案例 typical cases", "集中投诉风险预警 Risk warnings", "溯源整改 rectifications"]
    assert [heading for heading in new if heading not in headings] == added


def test_a_yearly_disclosure_tells_of_no_single_complaint(ledger: Ledger, steps: SupervisionActivities) -> None:
    closed(ledger)
    chosen(ledger, at="Mon 2025-12-15 10:00")
    drawn = steps.put_down(order("disclosure", "2025"))
    assert all("typical" not in area and "problems" not in area for area in content(ledger, drawn)["areas"])


def test_a_month_ends_at_its_last_instant_in_the_zone_of_the_rules() -> None:
    """What the tests above walk is the edge of the month."""
    since, until = Period.parse("2026-03").span(RULES.zone)
    assert (since, until) == (on("Sun 2026-03-01 00:00"), on("Wed 2026-04-01 00:00"))
    assert isinstance(until, datetime)
