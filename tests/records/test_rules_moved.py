"""A case that was moved to other rules, in the record: projected, rebuilt, exported and audited, on both databases."""

from __future__ import annotations

import json
from datetime import date

import pytest

from activities.archive import audit, read_lines, to_lines
from activities.ledger import Ledger
from models.moving import move_to
from rulebook import events as ev
from rulebook.clock import CaseClock
from rulebook.pack import pin_to, rule_pack
from tests.records.parts import COMPANY_PIN, everything, open_case, received, slip_story, tamper
from tests.records.test_rebuild import THROW_AWAY
from tests.rulebook.helpers import on

OLD_PIN = pin_to("cn-2013-8", date(2026, 3, 2))
STATUTE, COMPANY = rule_pack("cn-2020-3"), rule_pack("company-life")


def moved_story(complaint_id: str) -> list[ev.Event]:
    """From the repealed rules to those in force, and on to the insurer's."""
    events = [received(complaint_id)]
    for pack, at in ((STATUTE, "Tue 2026-03-03 09:00"), (COMPANY, "Wed 2026-03-04 09:00")):
        clock = CaseClock.fold(*OLD_PIN.open(), events)
        events.append(move_to(clock, pack, on(at), "p-hq-xb-01", "按新办法办理"))
    return events


def with_slips_moved(complaint_id: str) -> list[ev.Event]:
    """A case with slips, moved to the statute with the slips that were in flight."""
    events = slip_story(complaint_id)
    clock = CaseClock.fold(*COMPANY_PIN.open(), events)
    at = max(event.recorded_at for event in events)
    moved = move_to(clock, STATUTE, at, "p-hq-xb-01", "按法定规则办理")
    slips = [event.slip for event in events if isinstance(event, ev.SlipDispatched)]
    return [*events, moved, *(moved.model_copy(update={"slip": slip}) for slip in slips)]


@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_moved_case_is_projected_rebuilt_and_audited_at_every_length(
    ledger: Ledger, record_url: str, length: int
) -> None:
    """The pin stays that of the receipt; the case's own row names the rules under which it runs."""
    open_case(ledger)
    ledger.append("C-1", 1, moved_story("C-1")[:length], OLD_PIN)
    case = ledger.case("C-1")
    assert case is not None
    assert case.pack == ("cn-2013-8", "cn-2020-3", "company-life")[length - 1]
    assert {row.pack for row in ledger.timeline("C-1")} == {"cn-2013-8"}
    versions = [row.proof["pack"] for row in ledger.deadlines("C-1") if row.duty == "decide"]
    assert versions == ["cn-2013-8", "cn-2020-3"][:length], "the insurer's rules leave the statute's deadline alone"
    assert ledger.verify("C-1").differences == ()
    before = everything(ledger)
    tamper(record_url, *THROW_AWAY)
    assert ledger.rebuild("C-1") == 1
    assert everything(ledger) == before


def test_slips_in_flight_are_projected_under_the_rules_to_which_they_moved(ledger: Ledger) -> None:
    open_case(ledger)
    ledger.append("C-1", 1, with_slips_moved("C-1"), COMPANY_PIN)
    assert {row.due for row in ledger.slips(open_only=False)} == {None}
    assert ledger.verify("C-1").differences == ()


def test_an_export_is_audited_with_the_file_alone_and_a_doctored_move_is_found(ledger: Ledger) -> None:
    """Other rules, other deadlines: whoever changes the event breaks the chain, and the fold besides."""
    open_case(ledger)
    ledger.append("C-1", 1, moved_story("C-1"), OLD_PIN)
    lines = [json.dumps(line) for line in to_lines(ledger.archived("C-1"))]
    [archived] = read_lines(lines)
    assert audit(archived).ok
    doctored = [
        line.replace('"pack": "company-life", "pack_hash"', '"pack": "cn-2013-8", "pack_hash"') for line in lines
    ]
    [archived] = read_lines(doctored)
    assert not audit(archived).ok
