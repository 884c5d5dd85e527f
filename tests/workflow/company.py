"""Plays under an insurer's own rules: who takes part beside those of the stage, and what several plays do."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from models import commands as cmd
from models import handling_commands as hcmd
from models.tables import NoticeRow
from rulebook import events as ev
from rulebook.handling_events import Capacity, Purpose
from tests.workflow.stage import CHAIR, HEAD, SERVICE, SHANGHAI, SUPERIOR, Play

COMPANY = "company-life"
PROVINCE = "p-gd-kf-01"
"""Customer service of the province."""
COUNSEL = "p-gd-fl-01"
"""Legal counsel of the province."""
SALES = "p-gd-gz-gx-01"
"""The coordinator of the city's sales department, to whom selling is routed."""
TEXT = "核查情况说明。"
COMPLETE: dict[str, Any] = {"policy": {"number": "P-0001"}, "basis": "保险法第二十三条。"}
"""With this nothing is lacking that the complainant might be asked for."""
UNREACHABLE: dict[str, Any] = {"complainant": {"kind": "person", "name": "测试人乙", "contact": {}}}
"""A complaint that names no way to reach anybody."""
BY_LETTER: dict[str, Any] = {
    "complainant": {
        "kind": "person",
        "name": "测试人甲",
        "contact": {"phone": "13800000000", "address": "广州市越秀区一号", "preferred": "letter"},
    }
}
"""A complainant who wants a written reply."""
SIGNERS: dict[Capacity, str] = {"countersign": HEAD, "legal": COUNSEL, "general_manager": CHAIR, "leader": HEAD}
"""Who signs for the city in each capacity."""


async def put_up(play: Play, purpose: Purpose, author: str = SERVICE) -> str:
    """Put a text before those who must sign it; return its name."""
    return (await play.do(hcmd.RequestSignOff, author, purpose=purpose, text=TEXT)).ref or ""


async def have_signed(
    play: Play, purpose: Purpose, *capacities: Capacity, author: str = SERVICE, **signers: str
) -> str:
    """Have a text signed in each of *capacities*, by the city's people or by *signers*; return its name."""
    name = await put_up(play, purpose, author)
    for capacity in capacities:
        await play.do(hcmd.SignOff, signers.get(capacity, SIGNERS[capacity]), sign_off=name, capacity=capacity)
    return name


async def meet(play: Play, subject: str, *, lawful: bool = False) -> str:
    """Have the province's complaint committee resolve on *subject*; return the name of the meeting."""
    resolution = "委员会一致通过。"
    members = [CHAIR, SUPERIOR]
    met = await play.do(
        hcmd.RecordCommittee, CHAIR, subject=subject, members=members, resolution=resolution, lawful=lawful
    )
    return met.ref or ""


async def decide(play: Play, **fields: Any) -> None:
    """Have the facts verified and the decision made."""
    await play.find()
    await play.decide(**fields)


async def tell_by_hand(play: Play, kind: ev.NoticeKind, actor: str = SERVICE) -> None:
    """Tell the complainant in another way than by a letter of the machine."""
    await play.do(cmd.RecordNotice, actor, kind=kind, method="phone", proof="录音 0001")


def letters(play: Play) -> dict[str, NoticeRow]:
    """Return the letters on record by their kind, of several of a kind the last one."""
    return {row.kind: row for row in play.stage.ledger.notices(play.intake.complaint_id)}


def told(events: list[ev.Event], kind: ev.NoticeKind) -> list[ev.NoticeGiven]:
    """Return the notices of *kind* that were given."""
    return [event for event in events if isinstance(event, ev.NoticeGiven) and event.kind == kind]


def midnight_after(play: Play, days: int) -> datetime:
    """Return the first instant after the day that lies *days* after the receipt."""
    day = play.intake.received_at.astimezone(SHANGHAI).date() + timedelta(days=days + 1)
    return datetime.combine(day, time(), SHANGHAI)


async def statuses(play: Play, *keys: str) -> dict[str, str]:
    """Return how the duties *keys* stand; one that never opened is missing."""
    return {duty.key: duty.status for duty in (await play.view()).duties if duty.key in keys}


def delivered(play: Play, name: str) -> str:
    """Return the text of what was handed over under *name*, which follows the complaint's id."""
    path = play.stage.home / "outbox" / f"{play.intake.complaint_id}.{name}.txt"
    return path.read_text(encoding="utf-8")


def verified(play: Play) -> bool:
    """Return whether the record is complete, unbroken, and what its projections say."""
    return play.stage.ledger.verify(play.intake.complaint_id).ok
