"""The largest opening that may be sent is taken in by the real server; one byte more is refused before anything is sent."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from temporalio.service import RPCError, RPCStatusCode

from activities.ledger import Ledger
from cli.errors import REFUSED
from engine.client import connect
from engine.settings import Settings
from models.opening import OPENING_BYTES, workflow_id
from rulebook import events as ev
from tests.cli.conftest import House, complaint
from tests.present import now

BY: Final = ("--as", "p-hq-kf-01")
TEXT: Final = 20_000
"""The most characters that a finding has; in Chinese three times as many bytes."""
FULL: Final = 24
"""So many findings of full size fit, and no more."""


def told(complaint_id: str, last: int) -> Iterator[dict[str, Any]]:
    """A complaint with a past of findings in full size, and a last one of so many bytes."""
    received = now().replace(microsecond=1) - timedelta(days=1)
    about = {"complaint_id": complaint_id, "by": "p-gd-sz-yg-01"}
    yield complaint(complaint_id, received_at=received.isoformat())
    yield {
        **about,
        "at": received.isoformat(),
        "event": "assigned",
        "unit": "gd-sz",
        "department": "gd-sz-yg",
        "coordinator": "p-gd-sz-yg-01",
        "reason": "理赔",
    }
    for number, text in enumerate([*["核" * TEXT] * FULL, "核" * (last // 3) + "x" * (last % 3)], start=1):
        at = received + timedelta(seconds=number)
        yield {**about, "at": at.isoformat(), "event": "findings_submitted", "findings": text}


def imported(house: House, complaint_id: str, last: int, *more: str) -> tuple[int, dict[str, Any]]:
    """Import that complaint; return the exit code and its line."""
    file: Path = house.home / "largest.jsonl"
    file.write_text(
        "\n".join(json.dumps(one, ensure_ascii=False) for one in told(complaint_id, last)), encoding="utf-8"
    )
    result = house.run("import", str(file), *BY, *more)
    (line,) = [json.loads(text) for text in result.stdout.splitlines()]
    return result.exit_code, line


def size_told(line: dict[str, Any]) -> int:
    told = re.fullmatch(
        rf"past: with the complaint it has (\d+) bytes as JSON, at most {OPENING_BYTES} can be sent \[too_large\]",
        line["reason"],
    )
    assert told, line
    return int(told[1])


async def started(house: House, complaint_id: str) -> bool:
    client = await connect(Settings.from_environment({"TOUSU_HOME": str(house.home)}))
    try:
        await client.get_workflow_handle(workflow_id(complaint_id)).describe()
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True


def test_an_opening_at_the_limit_is_taken_in_and_one_byte_more_is_not_sent(house: House) -> None:
    _, line = imported(house, "BIG-1", 3 * TEXT, "--dry-run")
    fits = 3 * TEXT - (size_told(line) - OPENING_BYTES)
    assert 0 < fits < 3 * TEXT

    code, line = imported(house, "BIG-1", fits + 1)
    assert (code, line["result"], line["code"], line["row"]) == (REFUSED, "rejected", "TooLarge", 1)
    assert size_told(line) == OPENING_BYTES + 1
    assert not asyncio.run(started(house, "BIG-1"))
    with Ledger.open(f"sqlite:///{house.home / 'records.db'}") as record:
        assert record.intake("BIG-1") is None

    code, line = imported(house, "BIG-1", fits)
    assert (code, line["result"]) == (0, "imported")
    assert house.until("BIG-1", "deciding")["events"] > FULL
    with Ledger.open(f"sqlite:///{house.home / 'records.db'}") as record:
        found = [one.findings for one in record.events("BIG-1") if isinstance(one, ev.FindingsSubmitted)]
        assert [len(text.encode()) for text in found] == [*[3 * TEXT] * FULL, fits]
        assert record.verify("BIG-1").ok
