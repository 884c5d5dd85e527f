"""Which way a letter goes: by its method, where that way is set up, and into the outbox otherwise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from activities.delivery import DeliveryUnavailable, Outbox, Post
from engine.server import free_ports
from models.delivery import OUTBOX_ONLY, DeliveryConfig
from tests.activities.post_office import (
    PHONE,
    GatewayServer,
    MailServer,
    gateway_server,
    letter,
    mail_server,
)

METHODS = {"email": "a@mail.example", "sms": PHONE, "letter": "广州市天河区", "internal": "p-gd-gz-yg-01"}


def post(home: Path, *configs: DeliveryConfig) -> Post:
    merged = {
        name: getattr(config, name)
        for config in configs
        for name in ("relay", "sender", "gateway", "secret")
        if getattr(config, name) is not None
    }
    return Post.open(DeliveryConfig(**merged), Outbox(home / "outbox"), home)


def send_all(post: Post) -> dict[str, str]:
    """Send a letter by each method; return the first word of each proof."""
    proofs = {
        method: post.deliver(letter(method, recipient, notice=f"C-1.{method}")) for method, recipient in METHODS.items()
    }
    return {method: proof.split()[0] for method, proof in proofs.items()}


def test_without_settings_everything_stays_in_the_house(tmp_path: Path) -> None:
    assert set(send_all(post(tmp_path, OUTBOX_ONLY)).values()) == {"outbox"}
    assert [path.name for path in tmp_path.iterdir()] == ["outbox"]


def test_each_way_that_is_set_up_takes_its_own_letters_and_no_others(tmp_path: Path) -> None:
    """Reminders to staff stay in the outbox, and so does what goes by post."""
    with mail_server() as mail, gateway_server() as gateway:
        went = send_all(post(tmp_path / "both", mail.config(), gateway.config()))
        assert went == {"email": "smtp", "sms": "webhook", "letter": "outbox", "internal": "outbox"}
        assert (len(mail.arrived), len(gateway.arrived)) == (1, 1)
        assert send_all(post(tmp_path / "mail", mail.config()))["sms"] == "outbox"
        assert send_all(post(tmp_path / "gateway", gateway.config()))["email"] == "outbox"


def test_a_way_that_is_set_up_and_down_does_not_fall_back_to_the_outbox(tmp_path: Path) -> None:
    """Nobody would know that a letter lies there; the step is tried again and then waits for a person."""
    config = MailServer(free_ports(1)[0]).config()
    with pytest.raises(DeliveryUnavailable):
        post(tmp_path, config).deliver(letter())
    assert not (tmp_path / "outbox").exists()


def test_what_was_accepted_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    with gateway_server() as gateway:
        post(tmp_path, gateway.config()).deliver(letter("sms", PHONE))
    [kept] = (tmp_path / "proofs").iterdir()
    assert (kept.stat().st_mode & 0o777, kept.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert PHONE not in kept.read_text()


def test_nothing_is_sent_where_no_proof_can_be_kept(tmp_path: Path) -> None:
    """A full or broken disk is found before the letter leaves, not after."""
    (tmp_path / "proofs").write_text("a file where the folder should be")
    with gateway_server() as gateway, pytest.raises(OSError, match="proofs"):
        post(tmp_path, gateway.config()).deliver(letter("sms", PHONE))
    assert gateway.arrived == []


def test_half_of_a_pair_is_refused() -> None:
    """Its letters would stay in the outbox without a word."""
    whole = GatewayServer(port=1).config()
    with pytest.raises(ValueError, match="must be set together"):
        DeliveryConfig(gateway=whole.gateway)
    with pytest.raises(ValueError, match="must be set together"):
        DeliveryConfig(sender=MailServer(1).config().sender)


def test_no_value_forges_a_line_in_the_head_of_a_letter(tmp_path: Path) -> None:
    """The mail room believes what stands above the first blank line."""
    forged = "1\nTo: somebody@else.example\r\nX: y\u2028Z: z\n\n正文"
    outgoing = replace(letter("sms", forged), subject=forged)
    post(tmp_path).deliver(outgoing)
    [path] = (tmp_path / "outbox").glob("*.txt")
    head = path.read_text(encoding="utf-8").split("\n\n")[0]
    assert [line.partition(":")[0] for line in head.split("\n")] == ["Method", "To", "Subject"]
