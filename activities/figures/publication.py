"""
Publishing a report, printing it again as it was, and comparing it with what the record says today.

What was published is kept byte for byte. A correction is a further version with its reason; the earlier ones stay.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from activities.figures.report import Ask, Report, is_over
from activities.ledger import Ledger, LedgerConflict, LedgerMissing
from models.canonical import digest_text
from models.figure_tables import PublicationRow


class PeriodNotOver(LedgerConflict):
    """What is published stays for good, so it is published of a period that is over."""


def text_of(report: Report) -> str:
    """Return *report* as the text of its JSON file: the bytes that are kept and hashed."""
    return json.dumps(report, ensure_ascii=False, indent=2) + "\n"


def publish(ledger: Ledger, ask: Ask, draft: Report, by: str, at: datetime, *, reason: str | None = None) -> Report:
    """
    Keep *draft* as published by *by* at *at*, and return it as it now stands.

    A report that was published before takes a *reason*; LedgerConflict without one, or when nothing in it has changed.
    PeriodNotOver when its period was not over *at* that instant.
    """
    if not is_over(draft, at):
        raise PeriodNotOver(f"{ask.period.name} is not over yet; until then there are drafts of {_name(ask)}")
    draft = {**draft, "period": {**draft["period"], "over": True}}
    with ledger.sessions.writing(f"figures {ask.kind} {ask.period.name}") as session:
        last = _last(session, ask)
        if last is not None and not differences(json.loads(last.content), draft):
            raise LedgerConflict(f"{_name(ask)} was published before (version {last.version}) and has not changed")
        if last is not None and not reason:
            raise LedgerConflict(f"{_name(ask)} was published before; a further version takes a reason")
        version = last.version + 1 if last else 1
        stamp = {"version": version, "at": at.isoformat(), "by": by, "reason": reason}
        report = {**draft, "status": "published", "published": stamp}
        content = text_of(report)
        sources = draft["sources"]
        session.add(
            PublicationRow(
                report=ask.kind,
                period=ask.period.name,
                unit=ask.unit or "",
                version=version,
                published_at=at,
                published_by=by,
                reason=reason,
                definitions_hash=sources["definitions"]["hash"],
                inputs_hash=sources["inputs_hash"],
                record_head=sources["record"]["head"],
                content=content,
                content_hash=digest_text(content),
            )
        )
    return report


def published(ledger: Ledger, ask: Ask, version: int | None = None) -> str:
    """
    Return the text of the report as it was published, the last *version* unless one is named.

    LedgerMissing if it never was; LedgerConflict if what rests is not what was published.
    """
    with ledger.sessions.reading() as session:
        row = _last(session, ask, version)
    if row is None:
        raise LedgerMissing(f"{_name(ask)} was never published" + (f" as version {version}" if version else ""))
    if digest_text(row.content) != row.content_hash:
        raise LedgerConflict(f"{_name(ask)} version {row.version} was changed, its hash does not fit")
    return row.content


def publications(ledger: Ledger) -> list[PublicationRow]:
    """Return every report that was published, by period, kind, unit and version."""
    order = (PublicationRow.period, PublicationRow.report, PublicationRow.unit, PublicationRow.version)
    with ledger.sessions.reading() as session:
        return list(session.exec(select(PublicationRow).order_by(*map(col, order))))


def _last(session: Session, ask: Ask, version: int | None = None) -> PublicationRow | None:
    asked = select(PublicationRow).where(
        PublicationRow.report == ask.kind,
        PublicationRow.period == ask.period.name,
        PublicationRow.unit == (ask.unit or ""),
    )
    if version is not None:
        asked = asked.where(PublicationRow.version == version)
    return session.exec(asked.order_by(col(PublicationRow.version).desc()).limit(1)).first()


def _name(ask: Ask) -> str:
    return f"the {ask.kind} report {ask.period.name}" + (f" of {ask.unit}" if ask.unit else "")


@dataclass(frozen=True, slots=True)
class Difference:
    """One number that is not what it was: which, in which group, then and now (None where there was none)."""

    figure: str
    title: Mapping[str, str]
    group: str
    then: Mapping[str, Any] | None
    now: Mapping[str, Any] | None


def differences(then: Report, now: Report) -> list[Difference]:
    """Return each value, the earlier periods' left aside, in which two reports about the same period differ."""
    return list(_differences(then, now))


def _differences(then: Report, now: Report) -> Iterator[Difference]:
    before, after = _values(then), _values(now)
    titles = {figure["id"]: figure["title"] for report in (then, now) for figure in report["figures"]}
    for key in dict.fromkeys([*before, *after]):
        one, other = before.get(key), after.get(key)
        if one != other:
            yield Difference(key[0], titles[key[0]], key[1], one, other)


def _values(report: Report) -> dict[tuple[str, str], dict[str, Any]]:
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for figure in report["figures"]:
        found[figure["id"], ""] = _numbers(figure)
        for axis, groups in figure["by"].items():
            for group in groups:
                found[figure["id"], f"{axis} {group['code'] or group['en']}"] = _numbers(group)
    return found


def _numbers(value: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value[name] for name in ("value", "top", "bottom")}


def changed_sources(then: Report, now: Report) -> list[str]:
    """Return which of the things behind the two reports differ: definitions, organisation, bases, rules, record."""
    return [name for name in ("definitions", "organisation", "bases", "rules", "record") if _differ(name, then, now)]


def _differ(name: str, then: Report, now: Report) -> bool:
    one, other = then["sources"][name], now["sources"][name]
    return bool(one["head"] != other["head"] if name == "record" else one != other)
