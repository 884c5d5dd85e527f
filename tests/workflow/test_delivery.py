"""Letters leave the house by e-mail: the mailbox gets them, the record their proof, and a person what fails."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from models import commands as cmd
from rulebook import events as ev
from tests.activities.post_office import ADDRESS, MailServer, mail_server
from tests.engine.waiting import until
from tests.workflow.stage import Play, Stage

BY_MAIL: dict[str, Any] = {
    "complainant": {"kind": "person", "name": "王小明", "contact": {"email": ADDRESS, "phone": "13800000000"}}
}


@pytest.fixture
def mailboxes() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
async def house(client: Client, tmp_path: Path, mailboxes: MailServer) -> AsyncIterator[Stage]:
    """A worker that sends e-mail, on a server where a failed attempt is retried in real time."""
    async with Stage.open(client, tmp_path, delivery=mailboxes.config()) as opened:
        yield opened


async def told(play: Play, kind: str) -> ev.NoticeGiven:
    return next(event for event in await play.events() if isinstance(event, ev.NoticeGiven) and event.kind == kind)


async def test_the_receipt_arrives_in_the_complainants_mailbox(house: Stage, mailboxes: MailServer) -> None:
    """With its number (R062); the record holds the letter, the server's reply and the hash of what was sent (art. 21)."""
    play = await house.start(**BY_MAIL)
    ticket = (await play.view()).ticket
    assert ticket is not None
    [message], [envelope] = mailboxes.messages(), mailboxes.arrived
    assert envelope.rcpt_tos == [ADDRESS]
    assert ticket in message["Subject"]
    assert message.get_content().startswith("尊敬的王小明：")
    given = await told(play, "receipt")
    [row] = house.ledger.notices(play.intake.complaint_id)
    assert message.get_content().replace("\r\n", "\n") == row.body
    assert (given.method, row.proof) == ("email", given.proof)
    assert message["Message-ID"] in given.proof
    assert given.proof.endswith(f" sha256:{hashlib.sha256(mailboxes.content(0)).hexdigest()}")
    assert house.ledger.verify(play.intake.complaint_id).ok


async def test_a_refused_mailbox_waits_for_a_person_at_once(house: Stage, mailboxes: MailServer) -> None:
    """One attempt, a stable type without the address, and the letter goes out once when the person retries."""
    mailboxes.replies["RCPT"] = f"550 5.1.1 <{ADDRESS}>: no such mailbox"
    play = await house.start(**BY_MAIL)
    assert (await play.view()).failed_steps == ("notice.receipt",)
    [failed] = [event for event in await play.events() if isinstance(event, ev.StepFailed)]
    assert (failed.step, failed.error) == ("notice.receipt", "DeliveryRefused")
    assert mailboxes.commands.count("RCPT") == 1
    del mailboxes.replies["RCPT"]
    await play.do(cmd.RetryStep, step="notice.receipt")
    assert (await play.view()).failed_steps == ()
    assert (len(mailboxes.arrived), (await told(play, "receipt")).method) == (1, "email")


async def test_a_person_may_tell_another_way_what_a_mailbox_refused(house: Stage, mailboxes: MailServer) -> None:
    """Art. 21 knows more ways than one; what was told by hand is not sent as well."""
    mailboxes.replies["RCPT"] = "550 5.1.1 no such mailbox"
    play = await house.start(**BY_MAIL)
    await play.do(cmd.RecordNotice, kind="receipt", method="phone", proof="录音 0001")
    del mailboxes.replies["RCPT"]
    assert ((await play.view()).failed_steps, (await told(play, "receipt")).proof) == ((), "录音 0001")
    assert mailboxes.arrived == []


async def test_a_server_that_is_busy_is_asked_again(house: Stage, mailboxes: MailServer) -> None:
    """4xx means not now: the machine retries by itself, and one letter arrives."""
    mailboxes.replies["DATA"] = "451 4.3.0 try again later"
    play = await house.start(settle=False, **BY_MAIL)

    async def asked_twice() -> bool:
        return mailboxes.commands.count("DATA") >= 2

    await until(asked_twice)
    [pending] = (await play.handle.describe()).raw_description.pending_activities
    assert pending.last_failure.application_failure_info.type == "DeliveryUnavailable"
    del mailboxes.replies["DATA"]
    await play.settle()
    assert ((await play.view()).failed_steps, len(mailboxes.arrived)) == ((), 1)
    assert (await told(play, "receipt")).method == "email"


async def test_reminders_to_staff_stay_in_the_outbox(house: Stage, mailboxes: MailServer) -> None:
    """Only the complainant is written to: what staff get lies where it always lay."""
    play = await house.start(days_ago=20, **BY_MAIL)
    await play.settle()
    left_here = [path.read_text(encoding="utf-8") for path in (house.home / "outbox").iterdir()]
    assert any("已逾期 overdue" in text for text in left_here)
    assert all(text.startswith("Method: internal\n") for text in left_here)
    assert [envelope.rcpt_tos for envelope in mailboxes.arrived] == [[ADDRESS], [ADDRESS]], "receipt and late notice"
