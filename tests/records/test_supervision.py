"""Bulletins, samples and publications in the record: made once from what is there, handed over once, never changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from temporalio.exceptions import ApplicationError

from activities.delivery import Outbox
from activities.figures.publication import publications, publish, published
from activities.figures.report import Ask, make
from activities.ledger import Ledger, LedgerMissing
from activities.supervision.document import documents
from activities.supervision.sample import redraw
from activities.supervision.steps import SupervisionActivities
from engine.settings import SAMPLE_ORGANISATION
from models.figure_files import house_figures
from models.organisation import read_organisation
from models.supervision import read_supervision
from models.supervision_steps import Drawn, FollowUp, OwedQuestion, RunOrder, Sending
from models.supervision_tables import CallRow
from rulebook import events as ev
from rulebook.figures import ReportKind
from rulebook.pack import Pin
from rulebook.period import Period
from tests.calendars import fictitious
from tests.records.parts import COMPANY_PIN, PIN, open_case, raw, slip_story, story
from tests.records.test_risks import take_in
from tests.rulebook.helpers import on

ORGANISATION = read_organisation(SAMPLE_ORGANISATION)
RULES = read_supervision()
MONDAY = on("Mon 2026-03-09 08:30")
SHA = "ab" * 32


@pytest.fixture
def steps(ledger: Ledger, tmp_path: Path) -> SupervisionActivities:
    return SupervisionActivities(ledger, Outbox(tmp_path / "outbox"), ORGANISATION, RULES)


def recorded(ledger: Ledger, complaint_id: str, events: Sequence[ev.Event], pin: Pin = COMPANY_PIN) -> None:
    open_case(ledger, complaint_id)
    ledger.append(complaint_id, 1, events, pin)


def late_slips(ledger: Ledger, complaint_id: str = "C-1") -> None:
    """One slip that nobody took in time, still open; another was returned and sent elsewhere, where it is not late yet."""
    recorded(ledger, complaint_id, slip_story(complaint_id)[:7])


def late_and_closed(ledger: Ledger, complaint_id: str) -> None:
    """The limit of 18 days ended on Thu 2026-03-19; decided the day after, closed on Tue 2026-03-24."""
    recorded(ledger, complaint_id, story(complaint_id), PIN)


def order(schedule: str, period: str, **more: Any) -> RunOrder:
    """As it is given on the morning after the period, which for 2026-W10 is `MONDAY`."""
    kind, over = RULES.scheduled(schedule).kind, Period.parse(period).span(RULES.zone)[1]
    at = over + timedelta(hours=8, minutes=30)
    return RunOrder(schedule=schedule, kind=kind, period=period, at=at, title="通报", **more)


def content(ledger: Ledger, drawn: Drawn) -> dict[str, Any]:
    row = ledger.supervision.run(drawn.run)
    assert row is not None
    found: dict[str, Any] = json.loads(row.content)
    return found


def letters(tmp_path: Path) -> dict[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted((tmp_path / "outbox").glob("*.txt"))}


def test_a_bulletin_names_who_is_late_case_by_case(ledger: Ledger, steps: SupervisionActivities) -> None:
    """R008, R178: overdue, unanswered and returned slips by department, with their instants."""
    late_slips(ledger)
    (area,) = content(ledger, steps.put_down(order("bulletin", "2026-W10")))["areas"]
    assert (area["area"], area["name"]) == ("gd", "广东省分公司")
    figures = {
        one["department"]: (one["overdue"], one["unanswered"], one["returned"], one["due"])
        for one in area["departments"]
    }
    assert figures == {"gd-it": (0, 1, 0, 0), "gd-sf": (0, 0, 1, 0), "gd-sz-yg": (1, 0, 0, 1)}
    by_slip = {one["slip"]: one for one in area["matters"]}
    assert by_slip["s1"]["since"] == "2026-03-02T04:00:00+00:00"
    assert {name: one["state"] for name, one in by_slip.items()} == {
        "s1": "overdue",
        "s2": "returned",
        "s3": "unanswered",
    }


def test_more_than_half_late_calls_the_committee(ledger: Ledger, steps: SupervisionActivities, tmp_path: Path) -> None:
    """R180: the department that is late in one of one; its row, and a notice to each member of the province's committee."""
    late_slips(ledger)
    drawn = steps.put_down(order("bulletin", "2026-W10"))
    (call,) = ledger.supervision.committee_calls(drawn.run)
    assert (call.unit, call.department, call.area, call.late, call.due) == ("gd-sz", "gd-sz-yg", "gd", 1, 1)
    steps.send(Sending(run=drawn.run, at=MONDAY))
    told = [name for name in letters(tmp_path) if ".committee." in name]
    assert told == [f"bulletin-2026-W10.committee.gd-sz.gd-sz-yg.{who}" for who in ("p-gd-kf-03", "p-gd-zjl-02")]


def test_half_late_is_not_more_than_half(ledger: Ledger, steps: SupervisionActivities) -> None:
    """R180 at its edge: two matters, one of them late; then two late of three."""
    late_slips(ledger, "C-1")
    answered = [
        *slip_story("C-2")[:3],
        ev.SlipAccepted(at=on("Mon 2026-03-02 13:00"), recorded_at=on("Mon 2026-03-02 13:00"), by="p-1", slip="s1"),
        ev.SlipAnswered(
            at=on("Tue 2026-03-03 09:00"), recorded_at=on("Tue 2026-03-03 09:00"), by="p-1", slip="s1", findings="f"
        ),
    ]
    recorded(ledger, "C-2", answered)
    assert ledger.supervision.committee_calls(steps.put_down(order("bulletin", "2026-W10")).run) == []
    late_slips(ledger, "C-3")
    both = order("bulletin", "2026-W11", passed_over=("2026-W10",))
    (call,) = ledger.supervision.committee_calls(steps.put_down(both).run)
    assert (call.late, call.due) == (2, 3)


def test_a_bulletin_shows_what_complaints_concentrate_on(
    ledger: Ledger, steps: SupervisionActivities, tmp_path: Path
) -> None:
    """Every area reads of a category or a cause; of a unit the area of that unit alone (R176)."""
    late_slips(ledger)
    for at in range(10):
        take_in(ledger, f"R-{at:03d}", on("Wed 2026-03-04 09:00"), categories=["selling"])
    drawn = steps.put_down(order("bulletin", "2026-W10"))
    (area,) = content(ledger, drawn)["areas"]
    assert [(one["dimension"], one["value"], one["count"]) for one in area["risks"]] == [
        ("unit", "gd-sz", 11),
        ("category", "selling", 10),
    ]
    steps.send(Sending(run=drawn.run, at=MONDAY))
    page = (tmp_path / "outbox" / "bulletin-2026-W10.gd.p-gd-zjl-02.html").read_text(encoding="utf-8")
    assert "集中投诉风险预警" in page
    assert "2026-02-07 – 2026-03-08" in page


def test_a_bulletin_goes_to_management_and_heads(ledger: Ledger, steps: SupervisionActivities, tmp_path: Path) -> None:
    """R179: as text with its page beside it, each copy once, however often the step is repeated."""
    late_slips(ledger)
    run = steps.put_down(order("bulletin", "2026-W10")).run
    sent = steps.send(Sending(run=run, at=MONDAY))
    there = letters(tmp_path)
    assert {"bulletin-2026-W10.gd.p-gd-zjl-02", "bulletin-2026-W10.gd.p-gd-kf-03"} <= set(there)
    assert sent.copies == len(there)
    assert steps.send(Sending(run=run, at=MONDAY + timedelta(days=1))) == sent
    assert letters(tmp_path) == there
    page = (tmp_path / "outbox" / "bulletin-2026-W10.gd.p-gd-zjl-02.html").read_text(encoding="utf-8")
    assert "逾期未复 overdue" in page
    assert "gd-sz-yg" in page
    assert not {"王小明", "示例"}.intersection(page), "no personal data"


def test_a_run_is_put_down_once(ledger: Ledger, steps: SupervisionActivities) -> None:
    """Its identity is its period: done again, after more has happened, it is what it was."""
    late_slips(ledger)
    first = steps.put_down(order("bulletin", "2026-W10"))
    late_slips(ledger, "C-2")
    again = steps.put_down(order("bulletin", "2026-W10").model_copy(update={"at": MONDAY + timedelta(hours=1)}))
    assert again == first
    assert len(ledger.supervision.runs()) == 1


def owed_at(steps: SupervisionActivities, schedule: str, at: str, period: str | None = None) -> list[tuple[str, ...]]:
    found = steps.owed(OwedQuestion(schedule=schedule, at=on(at), period=period))
    return [(one.run, *one.passed_over) for one in found.runs]


def test_what_was_missed_is_owed_once(ledger: Ledger, steps: SupervisionActivities) -> None:
    """An outage over three Mondays: one bulletin that covers three weeks, and begins with the first of them."""
    assert owed_at(steps, "bulletin", "Mon 2026-03-09 08:30") == [], "nothing can be told of an empty record"
    open_case(ledger)
    assert owed_at(steps, "bulletin", "Mon 2026-03-09 08:30") == [("bulletin-2026-W10",)]
    done = steps.put_down(order("bulletin", "2026-W10"))
    assert owed_at(steps, "bulletin", "Tue 2026-03-10 08:30") == [("bulletin-2026-W10",)], "it was not handed over"
    steps.send(Sending(run=done.run, at=MONDAY))
    assert owed_at(steps, "bulletin", "Tue 2026-03-10 08:30") == []
    assert owed_at(steps, "bulletin", "Wed 2026-04-01 14:00") == [("bulletin-2026-W13", "2026-W11", "2026-W12")]
    steps.put_down(order("bulletin", "2026-W13", passed_over=("2026-W11", "2026-W12")))
    row = ledger.supervision.run("bulletin-2026-W13")
    assert row is not None
    assert (row.since, row.until) == (on("Mon 2026-03-09 00:00"), on("Mon 2026-03-30 00:00"))


def test_a_notice_that_was_adopted_here_moves_the_day(ledger: Ledger, steps: SupervisionActivities) -> None:
    """The Monday that it gives off is no working day: the bulletin is owed on the Tuesday."""
    open_case(ledger)
    # Eight weeks at the most are made up, from when the record began.
    assert owed_at(steps, "bulletin", "Mon 2026-11-16 08:30")[0][:2] == ("bulletin-2026-W46", "2026-W39")
    ledger.publish_notice(fictitious(date(2026, 11, 2)), "p-hq-xb-02", MONDAY)
    assert owed_at(steps, "bulletin", "Mon 2026-11-16 08:30")[0][:2] == ("bulletin-2026-W45", "2026-W38")
    assert owed_at(steps, "bulletin", "Tue 2026-11-17 08:30")[0][:2] == ("bulletin-2026-W46", "2026-W39")


def test_samples_that_were_missed_are_drawn_one_after_the_other(ledger: Ledger, steps: SupervisionActivities) -> None:
    """Also those before a month that somebody drew by hand."""
    open_case(ledger)
    steps.send(Sending(run=steps.put_down(order("sample", "2026-03")).run, at=MONDAY))
    steps.send(Sending(run=steps.put_down(order("sample", "2026-06")).run, at=MONDAY))
    missed = [("sample-2026-04",), ("sample-2026-05",)]
    assert owed_at(steps, "sample", "Mon 2026-07-06 14:00") == missed
    assert owed_at(steps, "sample", "Wed 2026-08-05 14:00") == [*missed, ("sample-2026-07",)]


def test_a_bulletin_by_hand_loses_no_week_before_it(ledger: Ledger, steps: SupervisionActivities) -> None:
    """Weeks 10 and 11 were missed, week 12 was made by hand: one bulletin still speaks of both."""
    open_case(ledger)
    (asked,) = steps.owed(OwedQuestion(schedule="bulletin", at=on("Mon 2026-03-23 09:00"), period="2026-W12")).runs
    steps.send(Sending(run=steps.put_down(asked).run, at=asked.at))
    assert owed_at(steps, "bulletin", "Tue 2026-03-24 08:30") == [("bulletin-2026-W11", "2026-W10")]
    steps.send(Sending(run=steps.put_down(order("bulletin", "2026-W11", passed_over=("2026-W10",))).run, at=MONDAY))
    assert owed_at(steps, "bulletin", "Wed 2026-03-25 08:30") == []


@pytest.mark.parametrize(
    ("period", "code"), [("2026-13", "PeriodError"), ("2026-10", "PeriodError"), ("2026-W11", "PeriodNotOver")]
)
def test_a_period_by_hand_is_over_and_of_its_kind(steps: SupervisionActivities, period: str, code: str) -> None:
    with pytest.raises(ApplicationError) as refused:
        owed_at(steps, "bulletin", "Mon 2026-03-09 08:30", period)
    assert (refused.value.type, refused.value.non_retryable) == (code, True)


@pytest.mark.parametrize(
    ("schedule", "period", "lived"),
    [
        pytest.param("bulletin", "2026-W09", False, id="the week that ended on the day before"),
        pytest.param("bulletin", "2026-W10", True, id="the week of the first complaint"),
        pytest.param("sample", "1999-01", False, id="a month of another century"),
        pytest.param("sample", "2026-02", False, id="the month before"),
        pytest.param("disclosure", "2025", False, id="the year before"),
    ],
)
def test_nothing_is_made_by_hand_of_a_time_before_the_record(
    ledger: Ledger, steps: SupervisionActivities, schedule: str, period: str, *, lived: bool
) -> None:
    """The first complaint was taken in on Mon 2026-03-02; zeros would be published for good."""
    before_the_record(steps, schedule, period)
    open_case(ledger)
    if lived:
        assert owed_at(steps, schedule, "Mon 2026-03-09 08:30", period) == [(f"{schedule}-{period}",)]
    else:
        before_the_record(steps, schedule, period)


def before_the_record(steps: SupervisionActivities, schedule: str, period: str) -> None:
    with pytest.raises(ApplicationError) as refused:
        owed_at(steps, schedule, "Mon 2026-03-09 08:30", period)
    assert (refused.value.type, refused.value.non_retryable) == ("BeforeTheRecord", True)


def sampled(ledger: Ledger, steps: SupervisionActivities, schedule: str = "sample", count: int = 11) -> str:
    for number in range(count):
        late_and_closed(ledger, f"C-{number}")
    return steps.put_down(order(schedule, "2026-03")).run


def test_a_fifth_of_the_late_cases_is_drawn_and_can_be_drawn_again(
    ledger: Ledger, steps: SupervisionActivities
) -> None:
    """R159, R160: three of eleven whose limit ended in the month, and anybody can draw the same three."""
    run = sampled(ledger, steps)
    members = ledger.supervision.members(run)
    assert (len(members), sum(one.part == "drawn" for one in members)) == (11, 3)
    assert {one.fact for one in members} == {"decide"}
    row = ledger.supervision.run(run)
    assert row is not None
    assert list(redraw(json.loads(row.content), members)) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("UPDATE sample_member SET part = 'not_drawn' WHERE part = 'drawn'", "is not_drawn, drawn again it is drawn"),
        ("DELETE FROM sample_member WHERE part = 'not_drawn'", "population: its hash is not the one"),
        ("UPDATE sample_member SET fact = 'settle'", "population: its hash is not the one"),
    ],
)
def test_a_sample_that_was_changed_is_found(
    ledger: Ledger, steps: SupervisionActivities, record_url: str, change: str, fault: str
) -> None:
    run = sampled(ledger, steps)
    unguarded(record_url, "sample_member", change)
    row = ledger.supervision.run(run)
    assert row is not None
    assert any(fault in line for line in redraw(json.loads(row.content), ledger.supervision.members(run)))


def unguarded(url: str, table: str, change: str) -> None:
    """Change what rests, as the database's owner could: the guards of *table* are taken away first."""
    with raw(url) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"DROP TRIGGER {table}_is_append_only ON {table}"))
        else:
            for what in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER {table}_refuses_{what}"))
        connection.execute(text(change))


def test_closed_cases_are_sampled_and_the_unreachable_always(ledger: Ledger, steps: SupervisionActivities) -> None:
    """R023, R153: one of eleven by chance (five per cent, rounded up), and whoever was closed without being reached."""
    unreached = [
        ev.NoticeExempted(at=one.at, recorded_at=one.recorded_at, by="p-9", kind="decision", reason="r")
        if isinstance(one, ev.NoticeGiven)
        else one
        for one in story("C-u")
    ]
    recorded(ledger, "C-u", unreached, PIN)
    run = sampled(ledger, steps, "closures")
    drawn = {one.complaint_id: one.certain for one in ledger.supervision.members(run) if one.part == "drawn"}
    assert len(drawn) == 2
    assert drawn["C-u"]


def called(run: str, complaint_id: str, **more: Any) -> CallRow:
    told = {"reached": True, "contacted": True, "opinion": "acceptable", "attitude": 4, "speed": 2, "violation": False}
    return CallRow(run=run, complaint_id=complaint_id, number=1, at=MONDAY, by="p-gd-kf-02", **{**told, **more})


def test_a_callback_holds_all_four_items_or_none(ledger: Ledger, steps: SupervisionActivities) -> None:
    """R161: contact, opinion, attitude, speed; the database refuses half an answer, and a case that was not drawn."""
    run = sampled(ledger, steps)
    one, *_ = [row.complaint_id for row in ledger.supervision.members(run) if row.part == "drawn"]
    nobody = {"reached": False, "contacted": None, "opinion": None, "attitude": None, "speed": None}
    assert ledger.supervision.call(called(run, one, **nobody)).number == 1
    assert ledger.supervision.call(called(run, one)).number == 2
    with pytest.raises(Exception, match=r"IntegrityError|sample_call_whole"):
        ledger.supervision.call(called(run, one, speed=None))
    with pytest.raises(LedgerMissing, match="not drawn"):
        ledger.supervision.call(called(run, "C-none"))
    assert len(ledger.supervision.calls(run)) == 2


def test_who_had_a_part_in_a_case_is_known(ledger: Ledger) -> None:
    """Assigned by p-2 to p-3, decided and closed by p-4: none of them calls its customer back, or checks it."""
    late_and_closed(ledger, "C-own")
    assert ledger.supervision.handled_by("C-own") == {"p-2", "p-3", "p-4"}


def test_what_the_recordings_confirm_goes_to_the_managers(
    ledger: Ledger, steps: SupervisionActivities, tmp_path: Path
) -> None:
    """R163: to the unit's general manager's office and the superior, once; and it stands in the month's publication."""
    run = sampled(ledger, steps)
    one, *_ = [row.complaint_id for row in ledger.supervision.members(run) if row.part == "drawn"]
    found = FollowUp(
        run=run, complaint_id=one, confirmed=True, evidence=SHA, by="p-gd-kf-03", at=on("Fri 2026-03-27 10:00")
    )
    assert steps.follow_up(found) == steps.follow_up(found)
    assert [name for name in letters(tmp_path) if "follow-up" in name] == [f"{run}.{one}.follow-up.p-gd-zjl-02"]
    with pytest.raises(ApplicationError, match="another result"):
        steps.follow_up(found.model_copy(update={"confirmed": False}))
    areas = content(ledger, steps.put_down(order("publication", "2026-03")))["areas"]
    assert {area["area"]: area["confirmed"] for area in areas if area["confirmed"]} == {"gd": [one]}


def test_a_publication_counts_by_kind_and_in_hours(ledger: Ledger, steps: SupervisionActivities) -> None:
    """R181, R182: received, past their limit, by category; how many hours the coordinators took to take a slip."""
    late_slips(ledger)
    late_and_closed(ledger, "C-2")
    found = content(ledger, steps.put_down(order("publication", "2026-03")))
    figures = {one["id"]: one for one in found["report"]["figures"]}
    assert figures["received"]["value"] == "2"
    assert {one["code"]: one["value"] for one in figures["received"]["by"]["category"]} == {"claims": "2"}
    assert figures["statutory_timeliness"]["value"] == "0"
    (hours,) = figures["response_hours_median"]["by"]["department"]
    assert (hours["code"], hours["value"]) == ("gd-sf", "21")


@pytest.mark.parametrize(("schedule", "kind", "period", "at"), [
    ("publication", "monthly", "2026-03", "2026-04-01T08:30:00+08:00"),
    ("disclosure", "annual", "2025", "2026-01-01T08:30:00+08:00"),
])  # fmt: skip
def test_what_the_schedule_publishes_is_the_report_as_published(
    ledger: Ledger, steps: SupervisionActivities, *, schedule: str, kind: ReportKind, period: str, at: str
) -> None:
    """`tousu report … --as-published` prints it, however often the step is repeated and whatever came since."""
    late_slips(ledger)
    drawn = steps.put_down(order(schedule, period))
    ask = Ask(kind, Period.parse(period))
    told = published(ledger, ask)
    assert json.loads(told) == content(ledger, drawn)["report"]
    assert json.loads(told)["published"] == {
        "version": 1,
        "at": at,
        "by": f"{schedule}-{period}",
        "reason": None,
    }
    late_slips(ledger, "C-2")
    assert steps.put_down(order(schedule, period)) == drawn
    assert published(ledger, ask) == told


def test_a_crash_after_publishing_publishes_nothing_twice(ledger: Ledger, steps: SupervisionActivities) -> None:
    """The report is there and the run is not; more came in since: the run tells what was published, by whomever."""
    late_slips(ledger)
    ask = Ask("monthly", Period.parse("2026-03"))
    first = publish(
        ledger, ask, make(ledger, ask, ORGANISATION, house_figures()), "p-hq-kf-01", on("Wed 2026-04-01 00:00")
    )
    late_slips(ledger, "C-2")
    found = content(ledger, steps.put_down(order("publication", "2026-03")))
    assert found["report"] == first
    assert [row.version for row in publications(ledger)] == [1]


def test_a_publication_goes_to_every_area(ledger: Ledger, steps: SupervisionActivities, tmp_path: Path) -> None:
    """R183: managers, heads and customer service of every area, as text with its page beside it, each copy once."""
    late_slips(ledger)
    run = steps.put_down(order("publication", "2026-03")).run
    sent = steps.send(Sending(run=run, at=MONDAY))
    there = letters(tmp_path)
    assert sent.copies == len(there)
    assert {f"{run}.gd.p-gd-zjl-02", f"{run}.gd.p-gd-kf-03", f"{run}.hq.p-hq-kf-01"} <= set(there)
    assert steps.send(Sending(run=run, at=MONDAY + timedelta(days=1))) == sent
    told = there[f"{run}.gd.p-gd-zjl-02"]
    page = (tmp_path / "outbox" / f"{run}.gd.p-gd-zjl-02.html").read_text(encoding="utf-8")
    for words in (
        "投诉响应率",
        "按机构 by unit",
        "广东省分公司",
        "tousu report monthly --period 2026-03 --as-published",
    ):
        assert words in told
        assert words in page


def test_the_same_run_reads_the_same_for_ever(ledger: Ledger, steps: SupervisionActivities) -> None:
    late_slips(ledger)
    run = steps.put_down(order("bulletin", "2026-W10")).run
    row = ledger.supervision.run(run)
    assert row is not None
    ((area, document),) = documents(row, "通报", "Asia/Shanghai")
    late_slips(ledger, "C-2")
    again = ledger.supervision.run(run)
    assert again is not None
    assert dict(documents(again, "通报", "Asia/Shanghai"))[area] == document
    assert row.content_hash in document.to_text()
    assert "2026-03-02 (周一) 12:00" in document.to_text()


def test_markup_in_what_is_told_stays_text(ledger: Ledger, steps: SupervisionActivities) -> None:
    events = slip_story("C-1")
    events[1] = events[1].model_copy(update={"department": "<b>x</b>"})
    recorded(ledger, "C-1", events[:6])
    row = ledger.supervision.run(steps.put_down(order("bulletin", "2026-W10")).run)
    assert row is not None
    ((_, document),) = documents(row, "通报", "Asia/Shanghai")
    assert "&lt;b&gt;x&lt;/b&gt;" in document.to_html()
    assert "<b>x" not in document.to_html()


def test_a_period_without_anything_is_done_and_tells_nobody(ledger: Ledger, steps: SupervisionActivities) -> None:
    drawn = steps.put_down(order("sample", "2026-03"))
    assert steps.send(Sending(run=drawn.run, at=MONDAY)).copies == 0
    assert ledger.supervision.sent(drawn.run) is not None


@pytest.mark.parametrize("table", ["supervision_run", "sample_member", "supervision_sent", "committee_call"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET run = run"])
def test_the_database_refuses_to_change_what_was_put_down(
    ledger: Ledger, steps: SupervisionActivities, record_url: str, table: str, statement: str
) -> None:
    late_slips(ledger, "C-s")
    steps.send(Sending(run=steps.put_down(order("bulletin", "2026-W10")).run, at=MONDAY))
    sampled(ledger, steps, count=2)
    with pytest.raises(DBAPIError, match="rows are only ever added"), raw(record_url) as connection:
        connection.execute(text(statement.format(table)))


def test_the_events_stay_what_they_were(ledger: Ledger, steps: SupervisionActivities) -> None:
    """Supervision adds nothing to a case and takes nothing from it."""
    late_slips(ledger)
    before = ledger.timeline("C-1")
    steps.send(Sending(run=steps.put_down(order("bulletin", "2026-W10")).run, at=MONDAY))
    assert [row.hash for row in ledger.timeline("C-1")] == [row.hash for row in before]
    assert ledger.verify("C-1").ok
