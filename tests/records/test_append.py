"""An append costs what is new, and leaves what a fold of all events gives: whoever wrote last, and whatever failed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from activities import ledger_append
from activities.folded_case import FoldedCase, FoldedCases
from activities.ledger import Ledger, LedgerConflict
from activities.letters import Letter
from models.canonical import digest_text
from models.shortening import LONGEST
from models.steps import NoticeOrder
from rulebook import events as ev
from tests.cost import calls
from tests.records.parts import (
    COMPANY_PIN,
    OPENED,
    PIN,
    everything,
    open_case,
    put_letter,
    received,
    slip_story,
    story,
    tamper,
)
from tests.records.test_rebuild import THROW_AWAY
from tests.records.test_rules_moved import OLD_PIN, moved_story, with_slips_moved

MINUTE = timedelta(minutes=1)
TOLD = "正在核实。"


def contact(number: int, summary: str = "已告知。") -> ev.Event:
    at = OPENED + number * MINUTE
    return ev.ContactAttempted(at=at, recorded_at=at, by="p-1", method="phone", reached=True, summary=summary)


def progress(number: int) -> list[ev.Event]:
    """Progress that was told: under the insurer's rules the next is due in so many days."""
    at, name = OPENED + number * MINUTE, f"j{number}"
    written = ev.ProgressWritten(at=at, recorded_at=at, by="p-1", progress=name, text="正在核实。")
    told = ev.NoticeGiven(
        at=at,
        recorded_at=at,
        kind="progress",
        notice=f"n{number}",
        method="sms",
        template="t",
        template_hash="",
        body_hash=digest_text(TOLD),
        proof="p",
        ref=name,
    )
    return [written, told]


def put_letters(ledger: Ledger, events: list[ev.Event]) -> None:
    for given in (event for event in events if isinstance(event, ev.NoticeGiven)):
        order = NoticeOrder(
            complaint_id="C-1",
            notice=given.notice,
            kind=given.kind,
            unit="gd-sz",
            time_zone="Asia/Shanghai",
            facts={},
            at=given.at,
        )
        ledger.notice_put(order, Letter("progress", "t", "a" * 64, "进展", TOLD), "sms")


@pytest.mark.parametrize("more", [lambda number: [contact(number)], progress], ids=["contacts", "progress"])
@pytest.mark.parametrize("record_url", ["sqlite"], indirect=True)
def test_an_append_to_a_long_case_takes_no_more_than_one_to_a_short_case(
    ledger: Ledger, more: Callable[[int], list[ev.Event]]
) -> None:
    open_case(ledger)
    complicated = ev.Classified(
        at=OPENED, recorded_at=OPENED, by="p-1", complexity="complex", severity="general", reason="案情复杂"
    )
    written = ledger.append("C-1", 1, [received(), complicated], COMPANY_PIN)
    costs = []
    for first, last in ((1, 40), (42, 400)):
        events = [event for number in range(first, last) for event in more(number)]
        put_letters(ledger, events)
        written = ledger.append("C-1", written + 1, events, COMPANY_PIN)
        for number in (last, last + 1):  # The first one has the database prepare its statements.
            new, before = more(number), written
            put_letters(ledger, new)
            cost = calls(lambda new=new, before=before: ledger.append("C-1", before + 1, new, COMPANY_PIN))  # type: ignore[misc]
            written += len(new)
        costs.append(cost)
    short, long = costs
    assert long <= short * 1.1 + 20
    assert ledger.verify("C-1").ok


STORIES = {
    "a whole case": (story("C-1"), PIN),
    "slips": (slip_story("C-1"), COMPANY_PIN),
    "moved to other rules": (moved_story("C-1"), OLD_PIN),
    "slips, moved": (with_slips_moved("C-1"), COMPANY_PIN),
}


@pytest.mark.parametrize("name", STORIES)
def test_events_that_come_one_by_one_are_projected_like_all_at_once(ledger: Ledger, name: str) -> None:
    events, pin = STORIES[name]
    open_case(ledger)
    put_letter(ledger)
    for number, event in enumerate(events, start=1):
        assert ledger.append("C-1", number, [event], pin) == number
        assert ledger.verify("C-1").differences == ()
    one_by_one, letters = everything(ledger), ledger.notices("C-1")
    ledger.rebuild("C-1")
    assert (everything(ledger), ledger.notices("C-1")) == (one_by_one, letters)


@pytest.mark.parametrize("name", ["a whole case", "slips, moved"])
def test_two_processes_that_write_in_turn_see_each_other(ledger: Ledger, record_url: str, name: str) -> None:
    """What one remembers is used only if the chain still ends where it left it."""
    events, pin = STORIES[name]
    open_case(ledger)
    put_letter(ledger)
    with Ledger.open(record_url) as other:
        for number, event in enumerate(events, start=1):
            (ledger, other)[number // 2 % 2].append("C-1", number, [event], pin)
        assert other.verify("C-1").differences == ()
    assert ledger.events("C-1") == events


def test_what_was_not_committed_is_forgotten(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure after the fold leaves neither the record nor what this process remembers ahead of the other."""
    events = story()
    open_case(ledger)
    ledger.append("C-1", 1, events[:4], PIN)

    def fails(*_: object) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(ledger_append, "keep_done", fails)
        with pytest.raises(OSError, match="no space"):
            ledger.append("C-1", 5, [contact(1), *events[4:6]], PIN)
    put_letter(ledger)
    assert ledger.append("C-1", 5, events[4:], PIN) == len(events)
    assert ledger.verify("C-1").differences == ()


def test_projections_that_somebody_threw_away_come_back_whole(ledger: Ledger, record_url: str) -> None:
    open_case(ledger)
    ledger.append("C-1", 1, story()[:5], PIN)
    tamper(record_url, *THROW_AWAY)
    ledger.append("C-1", 6, story()[5:6], PIN)
    assert ledger.verify("C-1").differences == ()


def test_a_link_that_went_is_seen_by_a_process_that_remembers_nothing(ledger: Ledger, record_url: str) -> None:
    open_case(ledger)
    ledger.append("C-1", 1, story()[:6], PIN)
    tamper(record_url, "DELETE FROM event WHERE seq = 3")
    with (
        Ledger.open(record_url) as other,
        pytest.raises(LedgerConflict, match=r"^the record has 5 events, and the last of them is number 6$"),
    ):
        other.append("C-1", 7, story()[6:7], PIN)


def test_as_many_events_are_kept_folded_as_there_is_room_for(ledger: Ledger) -> None:
    """The case that was written longest ago goes first; the newest stays, however long it is."""
    for name in ("C-1", "C-2", "C-3"):
        open_case(ledger, name)
        ledger.append(name, 1, story(name), PIN)
    cases = FoldedCases(most_events=30)
    heads = {name: ledger.timeline(name)[-1] for name in ("C-1", "C-2", "C-3")}
    for name in heads:
        cases.keep(name, FoldedCase.of(ledger.timeline(name)))
    assert [cases.take(name, head, PIN) is not None for name, head in heads.items()] == [False, True, True]
    assert cases.take("C-2", heads["C-2"], PIN) is None
    small = FoldedCases(most_events=1)
    small.keep("C-1", FoldedCase.of(ledger.timeline("C-1")))
    assert small.take("C-1", heads["C-1"], COMPANY_PIN) is None
    small.keep("C-1", FoldedCase.of(ledger.timeline("C-1")))
    assert small.take("C-1", heads["C-1"], PIN) is not None


def test_long_texts_are_not_kept(ledger: Ledger) -> None:
    open_case(ledger)
    long = contact(1, "说" * (LONGEST + 1))
    ledger.append("C-1", 1, [received(), long], PIN)
    [_, kept] = FoldedCase.of(ledger.timeline("C-1"))._events
    assert isinstance(kept, ev.ContactAttempted)
    assert len(kept.summary) < LONGEST
    assert ledger.events("C-1")[1] == long
