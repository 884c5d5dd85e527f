"""A run that goes on takes its events from the record: page by page, without long texts, with what was answered."""

from __future__ import annotations

from datetime import timedelta

import pytest

from activities.ledger import Ledger, LedgerConflict
from activities.ledger_pages import RecordBehind
from models.loading import PAGE_BYTES, Answers, EventPage, PageOrder
from models.opening import Accepted, Done
from models.shortening import LONGEST, MARK, in_full, shortened, shortened_in
from rulebook import events as ev
from tests.records.parts import OPENED, PIN, open_case, slip_story, story

TEXT = "说明" * LONGEST


def contact(number: int, summary: str) -> ev.ContactAttempted:
    at = OPENED + timedelta(days=30, minutes=number)
    return ev.ContactAttempted(at=at, recorded_at=at, by="p-1", method="phone", reached=True, summary=summary)


def everything(ledger: Ledger, complaint_id: str, count: int, child: str | None = None) -> list[EventPage]:
    found: list[EventPage] = []
    known, after = 0, 0
    while known < count:
        found.append(
            ledger.pages.page(PageOrder(complaint_id=complaint_id, child=child, count=count, known=known, after=after))
        )
        known, after = known + len(found[-1].events), found[-1].after or 0
    return found


def done(number: int, answer: int) -> Done:
    return Done(
        id=f"c-{number}", digest="0" * 64, answer=Accepted(event="contact_attempted", seq=answer, stage="closed")
    )


def test_the_pages_are_the_events_in_order_but_for_long_texts(ledger: Ledger) -> None:
    open_case(ledger)
    events = [
        *story(),
        *(contact(number, f"{number}" + TEXT[: LONGEST - 10 + 5 * (number % 5)]) for number in range(900)),
    ]
    answers = [done(number, number) for number in range(10, len(events) + 1)]
    for start in range(0, len(events), 300):
        ledger.append("C-1", start + 1, events[start : start + 300], PIN, answers if start == 0 else ())
    pages = everything(ledger, "C-1", len(events))
    assert len(pages) > 1
    assert all(len(page.model_dump_json().encode()) < PAGE_BYTES + 10_000 for page in pages)
    assert [one for page in pages for one in page.done] == answers
    assert [page.after is None for page in pages] == [False] * (len(pages) - 1) + [True]
    loaded = [event for page in pages for event in page.events]
    assert loaded == [shortened(event, number) for number, event in enumerate(events, start=1)]
    cut = [event for event in loaded if shortened_in(event)]
    assert 0 < len(cut) < 900
    assert all(len(event.summary) < 40 for event in cut if isinstance(event, ev.ContactAttempted))


def test_the_whole_text_is_found_where_the_mark_says(ledger: Ledger) -> None:
    open_case(ledger)
    added = ev.FactsAdded(
        at=OPENED + timedelta(days=30),
        recorded_at=OPENED + timedelta(days=30),
        summary=TEXT,
        evidence=("ab" * 32,),
    )
    ledger.append("C-1", 1, [*story(), added], PIN)
    number = len(story()) + 1
    short = everything(ledger, "C-1", number)[-1].events[-1]
    assert isinstance(short, ev.FactsAdded)
    assert (short.summary, short.evidence) == (f"{MARK}{number}.summary", ("ab" * 32,))
    facts = {"summary": short.summary, "pieces": [short.summary, "e-1"], "count": 2}
    found = in_full(facts, lambda number: ledger.pages.event("C-1", number))
    assert found == {"summary": TEXT, "pieces": [TEXT, "e-1"], "count": 2}


def test_the_record_takes_no_event_whose_text_was_left_out(ledger: Ledger) -> None:
    open_case(ledger)
    ledger.append("C-1", 1, story(), PIN)
    count = len(ledger.events("C-1"))
    with pytest.raises(LedgerConflict, match="left out"):
        ledger.append("C-1", count + 1, [shortened(contact(1, TEXT), 7)], PIN)
    assert len(ledger.events("C-1")) == count


def test_a_record_that_is_behind_says_so(ledger: Ledger) -> None:
    open_case(ledger)
    ledger.append("C-1", 1, story(), PIN)
    count = len(story())
    with pytest.raises(RecordBehind):
        ledger.pages.page(PageOrder(complaint_id="C-1", count=count + 1))
    with pytest.raises(RecordBehind):
        ledger.pages.event("C-1", count + 1)


def test_what_was_answered_comes_with_the_events(ledger: Ledger) -> None:
    open_case(ledger)
    events = [*story(), contact(1, "一"), contact(2, "二")]
    first, second = done(1, len(events) - 1), done(2, len(events))
    ledger.append("C-1", 1, events, PIN, [first, second])
    ledger.append("C-1", 1, events, PIN, [first, second])
    assert [one for page in everything(ledger, "C-1", len(events)) for one in page.done] == [first, second]
    assert [one for page in everything(ledger, "C-1", len(events) - 1) for one in page.done] == [first]


def test_a_slip_has_its_own_events_and_answers(ledger: Ledger) -> None:
    open_case(ledger)
    events = slip_story()
    ledger.append("C-1", 1, events, PIN)
    own = [event for event in events if getattr(event, "slip", None) == "s1"]
    answer = done(1, 2)
    ledger.pages.keep(Answers(complaint_id="C-1", child="s1", count=len(own), done=(answer,)))
    pages = everything(ledger, "C-1", len(own), "s1")
    assert [event for page in pages for event in page.events] == own
    assert [one for page in pages for one in page.done] == [answer]
    with pytest.raises(RecordBehind):
        ledger.pages.keep(Answers(complaint_id="C-1", child="s1", count=len(own) + 1, done=()))


def test_the_extent_is_what_a_complaint_is_brought_back_from(ledger: Ledger) -> None:
    """How many events, by which rules, of what was said; nothing of a complaint of which nothing happened yet."""
    open_case(ledger)
    assert (ledger.pages.extent("C-1"), ledger.pages.begun_at("C-1")) == (None, None)
    events = story()
    ledger.append("C-1", 1, events, PIN)
    first = ledger.timeline("C-1")[0]
    held = ledger.pages.extent("C-1")
    assert held is not None
    assert (held.events, held.pin, held.destroyed, held.ended) == (len(events), PIN, False, "forgotten")
    assert held.recorded_at == events[-1].recorded_at
    assert isinstance(events[0], ev.Received)
    assert held.content_hash == events[0].content_hash
    assert ledger.pages.begun_at("C-1") == first.recorded_at == events[0].recorded_at
