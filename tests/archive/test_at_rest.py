"""Sealing by hand asks what the process asks before its last step, and names in one line what is missing."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from activities.ledger import Ledger
from cli.errors import REFUSED
from rulebook import events as ev
from rulebook.pack import Pin
from tests.archive.parts import KEY, rested
from tests.cli.conftest import run
from tests.fresh_record import fresh_record
from tests.records.parts import COMPANY_PIN, NAME, PIN, intake, open_case, put_letter
from tests.rulebook.helpers import on, said
from workflows.case import Case
from workflows.ending import Ending
from workflows.rest import at_rest, unfinished

REVIEW = said(ev.ReviewRequested, "Mon 2026-03-30 10:00", review="r1", reason="不服处理决定")
WITHDRAWN = (
    said(ev.Withdrawn, "Tue 2026-03-03 10:00", by="p-1", reason="撤回"),
    said(ev.Closed, "Tue 2026-03-03 10:01", by="p-1", reason="r", result="withdrawn"),
)


def told_of_pause(events: list[ev.Event]) -> list[ev.Event]:
    """The events from the closure on, without the window's end."""
    return [event for event in events if not isinstance(event, ev.WindowClosed)]


@pytest.mark.parametrize(
    ("events", "line"),
    [
        pytest.param(
            rested()[:13],
            "the complaint is not closed; still open: review_window, tell_pause; still to be told: receipt, pause p1",
            id="not closed",
        ),
        pytest.param(told_of_pause(rested()), "still open: review_window", id="the window for a review is open"),
        pytest.param([*told_of_pause(rested()), REVIEW], "still open: review_decide", id="a review is under way"),
        pytest.param([rested()[0], *WITHDRAWN], "still to be told: withdrawal", id="a letter is owed"),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, events: list[ev.Event], line: str) -> None:
    """By codes alone: no word of the complaint."""
    url = fresh_record(tmp_path)
    with Ledger.open(url) as ledger:
        open_case(ledger)
        if any(isinstance(event, ev.DecisionMade) for event in events):
            put_letter(ledger)
        ledger.append("C-1", 1, events, PIN)
    env = {
        "TOUSU_HOME": str(tmp_path),
        "TOUSU_ARCHIVE_URL": f"file://{tmp_path / 'archive'}",
        "TOUSU_ARCHIVE_KEYS": KEY.text,
    }
    result = run("archive", "seal", "C-1", env=env)
    assert (result.exit_code, result.stdout, result.stderr) == (REFUSED, "", f"Error: {line} [NotAtRest]\n")
    assert NAME not in result.stderr
    assert list((tmp_path / "archive").rglob("*.zip")) == []
    assert run("archive", "seal", "--all", env=env).stderr == "in the archive 0  not at rest 1\n"


@pytest.mark.parametrize(
    ("pin", "now", "line"),
    [
        pytest.param(PIN, "Mon 2026-04-20 00:00", None, id="the law knows no late entries"),
        pytest.param(
            COMPANY_PIN,
            "Fri 2026-04-24 23:59:59",
            "what was handed in in time may be entered until 2026-04-24 (周五) 24:00",
            id="last second of the fifth day after the window",
        ),
        pytest.param(COMPANY_PIN, "Sat 2026-04-25 00:00:00", None, id="first instant after it"),
    ],
)
def test_late_entries_are_waited_for_as_the_process_does(pin: Pin, now: str, line: str | None) -> None:
    """The window closed on Mon 2026-04-20 00:00, and the insurer's rules give five days more (late_entry)."""
    assert unfinished(Case(intake(), pin, rested()), on(now)) == line


def test_what_comes_in_meanwhile_does_not_begin_the_wait_anew() -> None:
    """As in the process, which waits from when the case came to rest."""
    contact = said(ev.ContactAttempted, "Thu 2026-04-23 09:00", method="phone", reached=True, summary="来电")
    case = Case(intake(), COMPANY_PIN, [*rested(), contact])
    assert unfinished(case, on("Sat 2026-04-25 00:00")) is None


def test_the_process_asks_the_same() -> None:
    """There is one place that decides; what the process asks names it."""
    asked = vars(Ending)["at_rest"]
    assert isinstance(asked, property)
    assert asked.fget is not None
    assert inspect.getclosurevars(asked.fget).globals["at_rest"] is at_rest
