"""An exported complaint is audited without its database, and what was doctored is named."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from activities.archive import ArchiveError, audit, read_lines, to_lines
from activities.ledger import Ledger, LedgerMissing
from activities.ledger_chain import GENESIS, row_hash
from models.canonical import canonical, digest_text
from models.tables import EventRow
from tests.fresh_record import fresh_record
from tests.records.parts import COMPANY_PIN, OPENED, open_case, slip_story, whole_case

Line = dict[str, Any]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """Records with one complaint under the statute, and one with dispatch slips under an insurer's own rules."""
    url = fresh_record(tmp_path_factory.mktemp("audit"))
    with Ledger.open(url) as opened:
        whole_case(opened)
        open_case(opened, "C-2")
        opened.append("C-2", 1, slip_story("C-2"), COMPANY_PIN)
        yield opened


def exported(ledger: Ledger, complaint_id: str = "C-1") -> list[Line]:
    """The lines of an export, as a program reads them back."""
    return [json.loads(json.dumps(line)) for line in to_lines(ledger.archived(complaint_id))]


def found(lines: list[Line]) -> tuple[str, ...]:
    (one,) = read_lines(json.dumps(line, ensure_ascii=False) for line in lines)
    return audit(one).differences


def of(lines: list[Line], record: str) -> list[Line]:
    return [line for line in lines if line["record"] == record]


def at(lines: list[Line], seq: int) -> Line:
    return next(line for line in of(lines, "event") if line["seq"] == seq)


def forge(lines: list[Line]) -> list[Line]:
    """Number the events anew and compute every hash again, as somebody could who knows how."""
    previous = GENESIS
    events = of(lines, "event")
    for seq, line in enumerate(events, start=1):
        body = canonical(line["event"])
        line |= {"seq": seq, "body_hash": digest_text(body), "previous_hash": previous}
        content = {name: value for name, value in line.items() if name not in {"record", "event"}}
        line["hash"] = previous = row_hash(EventRow.model_validate({**content, "complaint_id": "C-1", "body": body}))
    lines[0] |= {"events": len(events), "head_hash": previous}
    of(lines, "case")[0] |= {"event_count": len(events), "head_hash": previous}
    return lines


@pytest.mark.parametrize("complaint_id", ["C-1", "C-2"])
def test_an_export_has_no_differences_and_every_row_of_the_record(ledger: Ledger, complaint_id: str) -> None:
    lines = exported(ledger, complaint_id)
    (one,) = read_lines(map(json.dumps, lines))
    report = audit(one)
    head = ledger.timeline(complaint_id)[-1].hash
    assert (report.complaint_id, report.head_hash, report.differences) == (complaint_id, head, ())
    assert len(of(lines, "event")) == report.events == len(ledger.events(complaint_id))
    assert len(of(lines, "duty")) == len(ledger.duties(complaint_id))
    assert len(of(lines, "deadline")) == len(ledger.deadlines(complaint_id))
    assert [line["slip"] for line in of(lines, "slip")] == (["s1", "s2", "s3"] if complaint_id == "C-2" else [])


def test_an_export_that_was_read_is_written_the_same_again(ledger: Ledger) -> None:
    lines = exported(ledger)
    (one,) = read_lines(map(json.dumps, lines))
    again, _, *_ = (line for line in to_lines(one))
    assert again == lines[0]
    assert [at(list(to_lines(one)), seq)["event"] for seq in range(1, 15)] == [
        at(lines, seq)["event"] for seq in range(1, 15)
    ]


def test_a_file_may_hold_several_complaints(ledger: Ledger) -> None:
    lines = [*exported(ledger), *exported(ledger, "C-2")]
    reports = [audit(one) for one in read_lines([json.dumps(line) + "\n" for line in lines] + ["\n"])]
    assert [(report.complaint_id, report.ok) for report in reports] == [("C-1", True), ("C-2", True)]


def test_events_alone_can_be_audited_too(ledger: Ledger) -> None:
    """An archive may have kept no more: chain, breaches and windows, and the count of every deadline."""
    lines = exported(ledger)
    assert found([lines[0], *of(lines, "event")]) == ()


def _moved(line: Line) -> None:
    line["event"] |= {"at": "2026-03-20T00:00:00+08:00", "recorded_at": "2026-03-20T00:00:00+08:00"}
    line["event"]["due"] = line["event"]["at"]
    line |= {"at": line["event"]["at"], "recorded_at": line["event"]["at"]}


def _breach_moved(lines: list[Line]) -> list[Line]:
    _moved(at(lines, 9))
    return lines


def _removed(lines: list[Line]) -> list[Line]:
    lines.remove(at(lines, 9))
    return lines


def _last_removed(lines: list[Line]) -> list[Line]:
    lines.remove(at(lines, 14))
    return lines


def _other_pack(lines: list[Line]) -> list[Line]:
    for line in of(lines, "event"):
        line["pack_hash"] = "0" * 64
    return lines


def _deadline_moved(lines: list[Line]) -> list[Line]:
    last = [line for line in of(lines, "deadline") if line["duty"] == "decide"][-1]
    last["due"] = "2026-03-22T16:00:00Z"
    return lines


def _closed_earlier(lines: list[Line]) -> list[Line]:
    of(lines, "case")[0]["closed_at"] = "2026-03-17T02:00:00Z"
    return lines


def _duty_hidden(lines: list[Line]) -> list[Line]:
    lines.remove(next(line for line in of(lines, "duty") if line["key"] == "review_window"))
    return lines


FOLDED = "deadline_breached says decide was due"
DOCTORED: dict[str, tuple[Callable[[list[Line]], list[Line]], list[str]]] = {
    "a moved breach": (
        _breach_moved,
        ["seq 9: the row was changed, its hash does not fit", "seq 9: the body was changed, its hash does not fit"],
    ),
    "a moved breach, hashes forged": (
        lambda lines: forge(_breach_moved(lines)),
        [f"seq 9: {FOLDED} 2026-03-20T00:00:00+08:00, the fold says 2026-03-19T00:00:00+08:00"],
    ),
    "a removed event": (_removed, ["seq 9: the row is missing"]),
    "the last event removed": (_last_removed, ["seq 14: the row is missing"]),
    "a removed pause, hashes forged": (
        lambda lines: forge([line for line in lines if line.get("seq") not in {5, 6}]),
        [
            "deadline decide version 2: the row does not follow from the events",
            "deadline decide version 3: the row does not follow from the events",
            "duty tell_pause: the row does not follow from the events",
        ],
    ),
    "another pack hash": (
        _other_pack,
        [f"seq {seq}: the row was changed, its hash does not fit" for seq in range(1, 15)],
    ),
    "another pack hash, hashes forged": (
        lambda lines: forge(_other_pack(lines)),
        ["the events cannot be folded again: cn-2020-3: the pack here has hash"],
    ),
    "a moved deadline": (_deadline_moved, ["deadline decide version 3: due is not what the events say"]),
    "an earlier closure": (_closed_earlier, ["case: closed_at is not what the events say"]),
    "a hidden window": (_duty_hidden, ["duty review_window: the row is missing"]),
    "another intake": (
        lambda lines: [lines[0] | {"intake_hash": "0" * 64}, *lines[1:]],
        ["seq 1: the intake is not the one that was received"],
    ),
    "another head": (
        lambda lines: [lines[0] | {"head_hash": "0" * 64}, *lines[1:]],
        ["head: its hash is not that of the last event"],
    ),
    "fewer events promised": (
        lambda lines: [lines[0] | {"events": 3}, *lines[1:]],
        ["head: it names 3 events, there are 14"],
    ),
}


@pytest.mark.parametrize("name", DOCTORED)
def test_what_was_doctored_is_named(ledger: Ledger, name: str) -> None:
    doctor, expected = DOCTORED[name]
    differences = found(doctor(exported(ledger)))
    missing = [one for one in expected if not any(line.startswith(one) for line in differences)]
    assert not missing, differences


def test_a_complaint_without_events_has_no_differences(tmp_path: Path) -> None:
    url = fresh_record(tmp_path)
    with Ledger.open(url) as opened:
        open_case(opened)
        lines = exported(opened)
    assert lines == [
        {
            "record": "complaint",
            "format": "tousu-export/1",
            "complaint_id": "C-1",
            "intake_hash": lines[0]["intake_hash"],
            "events": 0,
            "head_hash": GENESIS,
        }
    ]
    assert found(lines) == ()


def test_an_unknown_complaint_cannot_be_exported(ledger: Ledger) -> None:
    with pytest.raises(LedgerMissing, match=r"^the record has no complaint of this id$"):
        ledger.archived("C-9")


HEAD = json.dumps(
    {
        "record": "complaint",
        "format": "tousu-export/1",
        "complaint_id": "C-1",
        "intake_hash": "0" * 64,
        "events": 1,
        "head_hash": "0" * 64,
    }
)
BAD = {
    "nothing": ([], "there is no complaint in it"),
    "no JSON": (["{"], "line 1: is not JSON"),
    "no object": (["[]"], "line 1: is not a JSON object"),
    "a timeline": (['{"seq": 1, "type": "received"}'], "line 1: it says no record; write the file with tousu export"),
    "an unknown record": (['{"record": "letter"}'], "line 1: record: must be one of complaint, event, case, "),
    "a record of no known type": (['{"record": []}'], "line 1: record: must be one of complaint, event, case, "),
    "events first": (['{"record": "event"}'], "line 1: it does not begin with a complaint; "),
    "another format": ([HEAD.replace("export/1", "export/9")], "line 1: format: has the wrong form"),
    "an event without its content": (
        [HEAD, '{"record": "event"}'],
        "line 2: event: must be the event as a JSON object",
    ),
    "an event without its rules": ([HEAD, '{"record": "event", "event": {}}'], "line 2: at: is required"),
    "an unknown field": ([HEAD, '{"record": "case", "王小明": 1}'], "line 2: 1 fields are unknown"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_export_is_refused_at_its_line_without_its_values(name: str) -> None:
    lines, message = BAD[name]
    with pytest.raises(ArchiveError) as raised:
        list(read_lines(lines))
    assert str(raised.value).startswith(message)
    assert "王小明" not in str(raised.value)


HOSTILE: dict[str, tuple[str, Any, str]] = {
    "a number without end": ("seq", 10**30, "seq: is too large"),
    "an instant beyond the last year": ("at", "9999-12-31T23:59:59-14:00", "at: lies outside the years 1 to 9999"),
    "half of a character": ("by", "\ud800", "by: is not Unicode text"),
    "half of one within a hash": ("previous_hash", "\udfff", "previous_hash: is not Unicode text"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_value_over_which_no_hash_can_be_made_is_refused_at_its_line(ledger: Ledger, name: str) -> None:
    field, value, rule = HOSTILE[name]
    lines = exported(ledger)
    second = at(lines, 2)
    second[field] = value
    with pytest.raises(ArchiveError) as raised:
        list(read_lines(map(json.dumps, lines)))
    assert str(raised.value) == f"line {lines.index(second) + 1}: {rule}"


def test_a_file_that_promises_rows_without_end_is_one_difference(ledger: Ledger) -> None:
    lines = exported(ledger)
    lines[0]["events"] = 10**15
    assert found(lines) == (f"seq 15 to {10**15}: the rows are missing",)
    lines = exported(ledger)
    at(lines, 14)["seq"] = 10**15
    assert f"seq 14 to {10**15 - 1}: the rows are missing" in found(lines)


def _naive(line: Line) -> None:
    line["at"] = "2026-03-02T10:00:00"


def _again(line: Line) -> None:
    line["seq"] = 1


@pytest.mark.parametrize(
    ("change", "message"),
    [(_naive, "line 3: at: must carry a time zone"), (_again, "line 3: seq: must be greater than that of the event")],
)
def test_an_event_that_cannot_be_one_is_refused(ledger: Ledger, change: Callable[[Line], None], message: str) -> None:
    lines = exported(ledger)
    change(lines[2])
    with pytest.raises(ArchiveError, match=f"^{message}"):
        list(read_lines(map(json.dumps, lines)))


def test_an_export_says_when_its_events_were_recorded(ledger: Ledger) -> None:
    assert at(exported(ledger), 1)["recorded_at"] in {OPENED.isoformat(), "2026-03-02T02:05:00Z"}
