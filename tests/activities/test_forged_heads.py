"""Nothing that comes from outside writes a further line into the head of a letter: neither past the model, nor below it."""

from __future__ import annotations

from email import message_from_bytes, policy
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import BaseModel, ValidationError

from activities.delivery import DeliveryRefused, Outbox
from activities.delivery.smtp import Smtp
from activities.letters import KINDS, render
from models.commands import ChangeContact
from models.intake import Intake
from models.opening import Opening
from models.reach import ways
from tests.activities.post_office import ADDRESS, SENDER, letter, mail_server
from tests.activities.test_letters import COMMON, FACTS
from tests.models.test_intake import LEAST

BREAKS: Final = {
    "line feed": "\n",
    "carriage return": "\r",
    "both": "\r\n",
    "vertical tab": "\v",
    "form feed": "\f",
    "file separator": "\x1c",
    "group separator": "\x1d",
    "record separator": "\x1e",
    "next line": "\x85",
    "line separator": "\u2028",
    "paragraph separator": "\u2029",
    "nothing, then line feed": "\x00\n",
}
FORGED: Final = "Bcc: spy@evil.example"
HEADS: Final = ["Method", "To", "Subject"]

parametrized = pytest.mark.parametrize("broken", BREAKS.values(), ids=BREAKS)


def texts(part: Any) -> list[str]:
    """Every text that is said anywhere in *part*."""
    if isinstance(part, dict):
        return [text for one in part.values() for text in texts(one)]
    if isinstance(part, list):
        return [text for one in part for text in texts(one)]
    return [part] if isinstance(part, str) else []


def head_of(file: Path) -> list[str]:
    """The lines before the first empty one, by whatever a reader may take for the end of a line."""
    lines = file.read_bytes().decode().splitlines()
    return lines[: lines.index("")]


def contact(**parts: str) -> dict[str, Any]:
    return {**LEAST, "complainant": {"kind": "person", "name": "示例甲", "contact": {"preferred": "letter", **parts}}}


def told_by(place: str, text: str) -> tuple[type[BaseModel], dict[str, Any]]:
    """What comes from outside with *text* in a single line of it."""
    changed = {"id": "1", "actor": "p-hq-kf-01"}
    found: dict[str, tuple[type[BaseModel], dict[str, Any]]] = {
        "complaint id": (Intake, {**LEAST, "complaint_id": text}),
        "id of an opening": (Opening, {"intake": {**LEAST, "complaint_id": text}}),
        "name": (Intake, {**LEAST, "complainant": {"kind": "person", "name": text}}),
        "agent": (Intake, {**LEAST, "agent": {"name": text}}),
        "phone": (Intake, contact(phone=text)),
        "mail address": (Intake, contact(email=text)),
        "postal address": (Intake, contact(address=text)),
        "unit": (Intake, {**LEAST, "respondent": {"unit": text}}),
        "reference": (Intake, {**LEAST, "source_reference": text}),
        "phone entered later": (ChangeContact, {**changed, "phone": text}),
        "mail address entered later": (ChangeContact, {**changed, "email": text}),
        "postal address entered later": (ChangeContact, {**changed, "address": text}),
    }
    return found[place]


PLACES: Final = [
    *(
        "complaint id",
        "id of an opening",
        "name",
        "agent",
        "phone",
        "mail address",
        "postal address",
        "unit",
        "reference",
    ),
    *("phone entered later", "mail address entered later", "postal address entered later"),
]


@parametrized
@pytest.mark.parametrize("place", PLACES)
def test_what_comes_from_outside_is_one_line_or_refused(tmp_path: Path, place: str, broken: str) -> None:
    kind, data = told_by(place, f"13800000001{broken}{FORGED}")
    try:
        taken = kind.model_validate(data)
    except ValidationError:
        return
    assert all(len(text.splitlines()) <= 1 for text in texts(taken.model_dump(mode="json")))
    for method, recipient in ways(taken, "decision") if isinstance(taken, Intake) else ():
        notice = f"C-1.{method}"
        Outbox(tmp_path).deliver(letter(method, recipient, notice=notice))
        assert [line.partition(":")[0] for line in head_of(tmp_path / f"{notice}.txt")] == HEADS


@parametrized
@pytest.mark.parametrize("field", ["method", "recipient", "subject"])
def test_the_outbox_writes_three_lines_of_head_whatever_it_is_given(tmp_path: Path, field: str, broken: str) -> None:
    outgoing = letter(**{field: f"甲{broken}{FORGED}{broken}{broken}乙"})
    Outbox(tmp_path).deliver(outgoing)
    head = head_of(tmp_path / f"{outgoing.notice}.txt")
    assert [line.partition(":")[0] for line in head] == HEADS
    assert head[["method", "recipient", "subject"].index(field)].endswith(f": 甲 {FORGED} 乙")


@parametrized
@pytest.mark.parametrize("kind", KINDS)
def test_the_subject_of_every_letter_is_one_line(kind: Any, broken: str) -> None:
    """Facts that are texts are all given a break; what cannot be written down so is no letter at all."""
    forged = {name: f"{fact}{broken}{FORGED}" for name, fact in COMMON.items() if name != "written_at"}
    subject = render(kind, {**COMMON, **FACTS[kind], **forged}).subject
    assert FORGED in subject
    assert len(subject.splitlines()) == 1


@parametrized
def test_no_mail_carries_a_forged_header(broken: str) -> None:
    """Below the check of the address the library itself raises for a break, or writes it so that it breaks nothing."""
    with mail_server() as server:
        relay = server.config().relay
        assert relay is not None
        mail = Smtp(relay, SENDER)
        mail.deliver(letter(subject=f"回执{broken}{FORGED}"))
        with pytest.raises(DeliveryRefused):
            mail.deliver(letter(recipient=f"{ADDRESS}{broken}{FORGED}"))
        [message] = server.messages()
    assert (message["Subject"], message["Bcc"]) == (f"回执 {FORGED}", None)
    try:
        content = mail._message(letter(recipient=f"{ADDRESS}{broken}{FORGED}")).as_bytes()
    except ValueError:
        return
    assert message_from_bytes(content, policy=policy.default)["Bcc"] is None
    assert not any(line.startswith(FORGED.encode()) for line in content.splitlines())
