"""Closed complaints are told as examples, by a bound chain and without naming anybody (R015, R200): on both databases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from activities.ledger import Ledger
from activities.ledger_session import LedgerError, LedgerMissing
from activities.typical import TypicalCases, TypicalRefused
from models.typical import Chosen, Revised, Sought, Telling, TypicalCase, Withdrawn
from models.typical_tables import TypicalRow
from rulebook import events as ev
from rulebook.period import Period
from tests.archive.parts import rested
from tests.records.parts import NAME, OPENED, PIN, open_case, raw, received, story
from tests.records.test_ledger import statements
from tests.rulebook.helpers import on

AT = on("Mon 2026-03-30 10:00")
BY: dict[str, Any] = {"by": "p-gd-kf-03", "at": AT}


def telling(**changes: Any) -> Telling:
    facts: dict[str, Any] = {
        "title": "理赔资料反复补交",
        "facts": "三次要求补交同一份病历，客户多次往返",
        "lesson": "首次沟通即一次性列明所需资料",
        "cause": "claims_process",
        "keywords": ("一次性告知", "病历"),
    }
    return Telling.model_validate({**facts, **changes})


def closed(ledger: Ledger, complaint_id: str = "C-1", unit: str = "gd-sz", **more: Any) -> None:
    """Record a case of *unit* that was closed on Tue 2026-03-24, and of which no review can be asked any more."""
    open_case(ledger, complaint_id, **more)
    events = [
        one.model_copy(update={"unit": unit}) if isinstance(one, ev.Assigned) else one
        for one in rested(complaint_id)[1:]
    ]
    ledger.append(complaint_id, 1, [received(complaint_id, **more), *events], PIN)


def chosen(ledger: Ledger, complaint_id: str = "C-1", at: str = "Mon 2026-03-30 10:00", **changes: Any) -> TypicalCase:
    return ledger.typical.choose(complaint_id, telling(**changes), by="p-gd-kf-03", at=on(at))


def refusal(work: Callable[[], Any]) -> str:
    with pytest.raises(TypicalRefused) as refused:
        work()
    assert NAME not in str(refused.value)
    return refused.value.code


def test_from_choice_over_revision_to_withdrawal_and_choice_again(ledger: Ledger) -> None:
    """What is told changes by events; what was told before stays; the case's own chain grows by nothing."""
    closed(ledger, policy={"product": "安康一号"})
    before = ledger.timeline("C-1")
    one = chosen(ledger)
    assert (one.chosen.unit, one.chosen.categories, one.chosen.product) == ("gd-sz", ("claims",), "安康一号")
    better = telling(lesson="受理时即列明资料")
    one = ledger.typical.revise("C-1", better, "更准确", **BY)
    assert (one.telling, one.chosen.telling) == (better, telling())
    one = ledger.typical.withdraw("C-1", "流程已取消", **BY)
    assert (one.withdrawn, one.telling) == (Withdrawn(reason="流程已取消", **BY), better)
    assert ledger.typical.find(Sought()) == []
    again = chosen(ledger, at="Tue 2026-03-31 10:00")
    assert (again.withdrawn, again.telling) == (None, telling())
    assert [type(event) for event in again.history] == [Chosen, Revised, Withdrawn, Chosen]
    assert ledger.typical.one("C-1") == again
    assert (ledger.typical.names(), ledger.typical.faults("C-1")) == (["C-1"], [])
    assert ledger.timeline("C-1") == before
    assert ledger.verify("C-1").ok is False  # its letter was never filed here; nothing else
    assert ledger.verify("C-1").differences == ("seq 11: the letter it speaks of is not in the record",)


def revise(found: TypicalCases, **changes: Any) -> Any:
    return found.revise("C-1", telling(**changes), "更准确", **BY)


@pytest.mark.parametrize(
    ("withdrawn", "work", "code"),
    [
        pytest.param(False, lambda it: it.choose("C-1", telling(), **BY), "ChosenAlready", id="chosen twice"),
        pytest.param(False, revise, "NothingRevised", id="nothing changes"),
        pytest.param(True, lambda it: revise(it, title="新题"), "NoTypicalCase", id="revised after its end"),
        pytest.param(True, lambda it: it.withdraw("C-1", "再次", **BY), "NoTypicalCase", id="withdrawn twice"),
        pytest.param(
            False, lambda it: revise(it, facts=f"客户{NAME}三次补交"), "NamesSomebody", id="named in a revision"
        ),
        pytest.param(
            False, lambda it: it.revise("C-1", telling(title="t"), NAME, **BY), "NamesSomebody", id="in a reason"
        ),
        pytest.param(False, lambda it: it.withdraw("C-1", f"{NAME}请求", **BY), "NamesSomebody", id="on withdrawal"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_moves(
    ledger: Ledger, withdrawn: bool, work: Callable[[TypicalCases], Any], code: str
) -> None:
    closed(ledger)
    chosen(ledger)
    if withdrawn:
        ledger.typical.withdraw("C-1", "流程已取消", **BY)
    before = ledger.typical.one("C-1")
    assert refusal(lambda: work(ledger.typical)) == code
    assert ledger.typical.one("C-1") == before


@pytest.mark.parametrize("field", ["title", "facts", "lesson", "keywords"])
def test_a_text_that_names_the_complainant_is_refused_by_its_field(ledger: Ledger, field: str) -> None:
    """The message says where, and not what."""
    closed(ledger)
    words: Any = (NAME,) if field == "keywords" else f"客户 {NAME} 三次补交"
    with pytest.raises(
        TypicalRefused, match=rf"^{field}: names somebody of the complaint.*tell it without$"
    ) as refused:
        chosen(ledger, **{field: words})
    assert (refused.value.code, NAME in str(refused.value)) == ("NamesSomebody", False)
    assert ledger.typical.names() == []


@pytest.mark.parametrize("name", [NAME, "欧阳示例"])
def test_a_name_that_was_corrected_is_refused_as_the_first_one_is(ledger: Ledger, name: str) -> None:
    """R198: both may be somebody's."""
    at = on("Tue 2026-03-03 10:00")
    first, *rest = rested()
    correction = ev.ParticularsCorrected(at=at, recorded_at=at, by="p-1", name="欧阳示例", reason="r", salt="ab" * 16)
    open_case(ledger)
    ledger.append("C-1", 1, [first, *rest[:3], correction, *rest[3:]], PIN)
    assert refusal(lambda: chosen(ledger, facts=f"{name}三次补交")) == "NamesSomebody"
    assert chosen(ledger).complaint_id == "C-1"


REVIEW = on("Wed 2026-03-25 10:00")


@pytest.mark.parametrize(
    ("events", "code"),
    [
        pytest.param(story()[:-1], "NotClosed", id="not closed yet"),
        pytest.param(
            [*story(), ev.ReviewRequested(at=REVIEW, recorded_at=REVIEW, by="complainant", review="r1", reason="不服")],
            "NotClosed",
            id="under review",
        ),
        pytest.param(story(), "ReviewPossible", id="a review may be asked for"),
        pytest.param(
            [
                *story()[:2],
                ev.Merged(at=OPENED, recorded_at=OPENED, by="p-1", into="C-2", reason="同一事项"),
                story()[-1],
            ],
            "MergedAway",
            id="merged into another",
        ),
    ],
)
def test_only_what_is_over_is_an_example(ledger: Ledger, events: list[ev.Event], code: str) -> None:
    open_case(ledger)
    ledger.append("C-1", 1, events, PIN)
    assert refusal(lambda: chosen(ledger)) == code
    assert ledger.typical.names() == []


def test_of_what_is_not_there_nothing_is_told(ledger: Ledger) -> None:
    asked: tuple[Callable[[], Any], ...] = (
        lambda: chosen(ledger, "C-404"),
        lambda: ledger.typical.withdraw("C-1", "无", **BY),
        lambda: ledger.typical.one("C-1"),
        lambda: ledger.typical.faults("C-1"),
    )
    closed(ledger)
    for work in asked:
        with pytest.raises(LedgerMissing):
            work()


def library(ledger: Ledger) -> None:
    closed(ledger, "C-1", policy={"product": "安康一号"})
    closed(ledger, "C-2", unit="gd")
    closed(ledger, "C-3", unit="zj-hz")
    closed(ledger, "C-4")
    chosen(ledger, "C-1", "Tue 2026-03-31 23:59:59")
    chosen(ledger, "C-2", "Wed 2026-04-01 00:00:00", title="Late callback", keywords=("Callback",), cause="training")
    chosen(ledger, "C-3", "Thu 2026-04-02 10:00")
    chosen(ledger, "C-4", "Fri 2026-04-03 10:00")
    ledger.typical.withdraw("C-4", "流程已取消", **BY)


def month(name: str) -> dict[str, Any]:
    since, until = Period.parse(name).span(AT.tzinfo)  # type: ignore[arg-type]  # Shanghai's
    return {"since": since, "until": until}


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        ({}, ["C-3", "C-2", "C-1"]),
        ({"withdrawn": True}, ["C-4", "C-3", "C-2", "C-1"]),
        ({"word": "一次性告知"}, ["C-3", "C-1"]),
        ({"word": "callBACK"}, ["C-2"]),
        ({"word": "没有的词"}, []),
        ({"category": "claims"}, ["C-3", "C-2", "C-1"]),
        ({"category": "payment"}, []),
        ({"product": "安康"}, ["C-1"]),
        ({"cause": "training"}, ["C-2"]),
        ({"units": ("gd", "gd-sz")}, ["C-2", "C-1"]),
        ({"units": ()}, []),
        (month("2026-03"), ["C-1"]),
        (month("2026-04"), ["C-3", "C-2"]),
        ({**month("2026-04"), "units": ("gd",), "word": "late"}, ["C-2"]),
    ],
)
def test_cases_are_found_by_what_one_asks(ledger: Ledger, sought: dict[str, Any], found: list[str]) -> None:
    """Those that were chosen last first; a month begins at its first instant in Shanghai."""
    library(ledger)
    assert [one.complaint_id for one in ledger.typical.find(Sought(**sought))] == found


def test_a_search_costs_one_question_however_many_there_are(ledger: Ledger) -> None:
    library(ledger)
    with statements() as asked:
        assert ledger.typical.find(Sought(**month("2026-04")))
    assert len([statement for statement in asked if statement.startswith("SELECT")]) == 1


@pytest.mark.parametrize("change", ["UPDATE typical_event SET body = '{}'", "DELETE FROM typical_event"])
def test_the_database_refuses_to_change_what_was_told(ledger: Ledger, record_url: str, change: str) -> None:
    closed(ledger)
    chosen(ledger)
    with pytest.raises(DBAPIError, match="rows are only ever added"), raw(record_url) as connection:
        connection.execute(text(change))
    assert ledger.typical.faults("C-1") == []


@pytest.mark.parametrize("record_url", ["sqlite"], indirect=True)
def test_sqlite_refuses_to_replace_what_was_told(ledger: Ledger, record_url: str) -> None:
    closed(ledger)
    chosen(ledger)
    with pytest.raises(DBAPIError, match="rows are only ever added"), raw(record_url) as connection:
        connection.execute(text("INSERT OR REPLACE INTO typical_event SELECT * FROM typical_event"))


@pytest.mark.parametrize("record_url", ["sqlite"], indirect=True)
def test_a_changed_row_is_found_by_its_hash(ledger: Ledger, record_url: str) -> None:
    """Somebody who owns the database can take the guard away; the chain tells."""
    closed(ledger)
    chosen(ledger)
    revise(ledger.typical, title="新题")
    with raw(record_url) as connection:
        connection.execute(text("DROP TRIGGER typical_event_refuses_update"))
        connection.execute(text("UPDATE typical_event SET \"by\" = 'p-other' WHERE seq = 1"))
    assert ledger.typical.faults("C-1") == ["seq 1: the row was changed, its hash does not fit"]


def test_a_typical_case_of_no_complaint_is_refused_by_the_database(ledger: Ledger, record_url: str) -> None:
    closed(ledger)
    one = chosen(ledger)
    row = TypicalRow(
        complaint_id="C-404",
        seq=1,
        type="chosen",
        at=AT,
        by="p-1",
        body=one.chosen.model_dump_json(),
        previous_hash="0" * 64,
        hash="0" * 64,
    )
    with pytest.raises(DBAPIError, match=r"(?i)foreign key"), raw(record_url) as connection:
        connection.execute(insert(TypicalRow).values(row.model_dump()))


def test_every_refusal_is_an_answer_of_the_record() -> None:
    assert issubclass(TypicalRefused, LedgerError)
