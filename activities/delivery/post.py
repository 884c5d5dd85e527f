"""Which way a letter goes, and what was accepted already."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import structlog

from activities.delivery.handover import Delivery, Outgoing
from activities.delivery.outbox import Outbox
from activities.delivery.smtp import Smtp
from activities.delivery.webhook import Webhook
from models.delivery import DeliveryConfig
from models.whole_files import write_whole


class Proofs:
    """What proves that a letter was accepted outside, kept as one file for each notice id."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, notice: str) -> str | None:
        """Return the proof that was kept, or None."""
        path = self._path(notice)
        return path.read_text(encoding="utf-8") if path.exists() else None

    def prepare(self) -> None:
        """Make the folder; OSError if it cannot be made, which is better known before a letter leaves."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def keep(self, notice: str, proof: str) -> None:
        """Keep *proof*; a failure is logged and no more, because the letter has left and must not leave again."""
        try:
            write_whole(self._path(notice), proof)
        except OSError:
            structlog.get_logger(__name__).exception("proof not kept", notice=notice)

    def _path(self, notice: str) -> Path:
        return self._folder / f"{notice}.txt"


class Post:
    """
    Sends e-mail by SMTP and text messages to the gateway, where they are set up, and lays all else in the outbox.

    Each letter is handed over once: what was accepted is remembered under the notice's id, and a repetition returns its
    proof, also when the settings have changed since. One gap remains, because neither SMTP nor HTTP can close it: a process
    that dies, or a line that breaks, after the other side accepted and before the proof was kept. Then the same letter is
    handed over again, under the same Message-ID or Idempotency-Key, by which the receiver can tell.
    """

    def __init__(self, outbox: Outbox, proofs: Proofs, carriers: Mapping[str, Delivery]) -> None:
        self._outbox = outbox
        self._proofs = proofs
        self._carriers = carriers

    @classmethod
    def open(cls, config: DeliveryConfig, outbox: Outbox, home: Path) -> Post:
        """Return the post as *config* sets it up, with its proofs in *home*."""
        carriers: dict[str, Delivery] = {}
        if config.relay and config.sender:
            carriers["email"] = Smtp(config.relay, config.sender)
        if config.gateway and config.secret:
            carriers["sms"] = Webhook(config.gateway, config.secret)
        return cls(outbox, Proofs(home / "proofs"), carriers)

    def deliver(self, outgoing: Outgoing) -> str:
        """Hand *outgoing* over, once for each id, and return what proves it (art. 21)."""
        if (proof := self._proofs.of(outgoing.notice)) is not None:
            return proof
        carrier = self._carriers.get(outgoing.method)
        if carrier is None or self._outbox.holds(outgoing.notice):
            return self._outbox.deliver(outgoing)
        self._proofs.prepare()
        proof = carrier.deliver(outgoing)
        self._proofs.keep(outgoing.notice, proof)
        return proof
