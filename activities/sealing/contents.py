"""
What a package holds: the record of one complaint, how the complainant was told, the report on it, and its rules.

Everything comes from the record; no clock is read. The same record gives the same package.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from activities.archive import Archived, to_lines
from activities.closure_report import Record, report, to_docx, to_html
from activities.ledger_chain import event_of, pin_of
from activities.sealing.package import packed
from activities.sealing.rules import rule_files
from models.archive import DECLARED, Filed, Manifest, Rules
from models.canonical import canonical
from models.case import CaseState
from models.intake import Intake
from models.signing import SigningKey
from models.tables import NoticeRow
from rulebook import events as ev
from rulebook.pack import Pin, rule_pack

RECORD, INTAKE, LETTERS = "record.jsonl", "intake.json", "letters.json"
README = """\
投诉档案 File of a complaint

manifest.json 列出每个文件及其 SHA-256；seal.json 是对 manifest.json 的签名（Ed25519）。改动任何一个字节都会被发现。
manifest.json lists every file with its SHA-256; seal.json is the signature over it (Ed25519). Any changed byte shows.

record.jsonl     全部事件、期限及其证明（哈希链） every event, and every deadline with its proof, chained by hashes
intake.json      投诉原文 the complaint as it came in
letters*         告知书及送达证明 letters to the complainant
proofs/          送达凭证 what proves that they were sent
report.html|docx 结案报告 the closure report
rules/           适用的规则和工作日历 the rules and the working calendar that applied

核验，不需要数据库和网络 To verify, without any database or network:  tousu archive verify FILE --key PUBLIC_KEY
"""


def manifest_and_files(
    exported: Archived, record: Record, home: Path, predecessor: str | None
) -> tuple[Manifest, dict[str, bytes]]:
    """Return the manifest and the files of the package of *record*, whose export is *exported*."""
    pins = pins_of(exported)
    files = {
        RECORD: _lines(exported),
        INTAKE: canonical(record.intake.model_dump(mode="json", exclude_defaults=True)).encode(),
        **_letters(record.notices),
        **_proofs(home, record.notices),
        **_reports(record),
        **rule_files(pins),
        "README.txt": README.encode(),
    }
    files = dict(sorted(files.items()))
    state, zone = record.state, record.pack.zone
    if state.received is None or state.closed is None:
        raise ValueError("only the file of a closed complaint is sealed")
    manifest = Manifest(
        complaint_id=record.intake.complaint_id,
        events=exported.head.events,
        head_hash=exported.head.head_hash,
        intake_hash=exported.head.intake_hash,
        predecessor=predecessor,
        unit=state.unit or state.received.unit,
        received_at=state.received.at,
        closed_at=state.closed.at,
        facts=facts_of(state, record.intake),
        days=days_of(record.events, zone),
        recordings=recordings_of(record.events),
        rules=tuple(Rules(pack=name, pack_hash=sha256) for name, sha256 in sorted(_packs(pins).items())),
        calendars=tuple(sorted({pin.calendar for pin in pins})),
        files=tuple(
            Filed(name=name, sha256=hashlib.sha256(content).hexdigest(), size=len(content))
            for name, content in files.items()
        ),
    )
    return manifest, files


def sealed_package(manifest: Manifest, files: Mapping[str, bytes], key: SigningKey) -> bytes:
    """Return the package of *files*, sealed by *key*."""
    declared, sealed = DECLARED
    seal = key.seal(manifest.sha256)
    return packed({declared: manifest.canonical.encode(), sealed: canonical(seal.model_dump()).encode(), **files})


def pins_of(exported: Archived) -> list[Pin]:
    """Return the rules and calendars under which the events were recorded, and the rules to which the case was moved."""
    pins = [pin_of(row) for row in exported.rows]
    # What a move counts by is the calendar of the receipt and the notices that stand in the case itself.
    moved = [
        Pin(pack=move.pack, pack_hash=move.pack_hash, calendar=pin.calendar)
        for row, pin in zip(exported.rows, pins, strict=True)
        if row.type == "rules_moved" and isinstance(move := event_of(row), ev.RulesMoved)
    ]
    return list({pin.model_dump_json(): pin for pin in (*pins, *moved)}.values())


def _packs(pins: Sequence[Pin]) -> dict[str, str]:
    """Return the hash of every pack in *pins* and of those they extend, by name."""
    found = {pin.pack: pin.pack_hash for pin in pins}
    bases = [pack.extends for pack in map(rule_pack, found) if pack.extends]
    return found | {base.pack: base.hash for base in bases}


def facts_of(state: CaseState, intake: Intake) -> dict[str, str]:
    """Return what rules of retention may ask about."""
    recording = any(contact.recording for contact in state.contacts)
    known = {
        "severity": state.severity,
        "complexity": state.complexity,
        "liability": state.liability if state.decision else None,
        "ending": state.ending,
        "origin": intake.origin,
        "channel": intake.channel,
        "recording": "yes" if recording else "no",
    }
    return {name: value for name, value in known.items() if value}


def days_of(events: Sequence[ev.Event], zone: ZoneInfo) -> dict[str, date]:
    """Return the day, in *zone*, of the last event of each type."""
    days = {ev.event_type(event): event.at.astimezone(zone).date() for event in sorted(events, key=lambda one: one.at)}
    return dict(sorted(days.items()))


def recordings_of(events: Sequence[ev.Event]) -> tuple[str, ...]:
    """Return the hashes of the sound recordings that *events* name."""
    found = (getattr(event, "recording", None) for event in events)
    return tuple(dict.fromkeys(one for one in found if one))


def _lines(exported: Archived) -> bytes:
    return "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in to_lines(exported)).encode()


def _letters(notices: Sequence[NoticeRow]) -> dict[str, bytes]:
    about = [notice.model_dump(mode="json", exclude={"body", "complaint_id"}) for notice in notices]
    bodies = {f"letters/{notice.notice}.txt": notice.body.encode() for notice in notices}
    return {LETTERS: canonical(about).encode(), **bodies}


def _proofs(home: Path, notices: Sequence[NoticeRow]) -> dict[str, bytes]:
    """Return what lies in *home* as proof of each letter: the file for the mail room, or the other side's receipt."""
    places = [(home / folder / f"{notice.notice}.txt", folder) for notice in notices for folder in ("outbox", "proofs")]
    return {f"proofs/{folder}/{path.name}": path.read_bytes() for path, folder in places if path.exists()}


def _reports(record: Record) -> dict[str, bytes]:
    made = report(record)
    return {"report.html": to_html(made), "report.docx": to_docx(made)}


def links_of(exported: Archived) -> list[dict[str, object]]:
    """Return the chain without what it said: every column of the events but their bodies."""
    return [row.model_dump(mode="json", exclude={"complaint_id", "body"}) for row in exported.rows]


def letter_hashes(exported: Archived) -> dict[str, tuple[int, str, str]]:
    """Return, by notice, the number of the event that says it was given, the hash of its letter and its proof."""
    told = [(row.seq, event_of(row)) for row in exported.rows if row.type == "notice_given"]
    return {
        event.notice: (seq, event.body_hash, event.proof)
        for seq, event in told
        if isinstance(event, ev.NoticeGiven) and event.body_hash
    }
