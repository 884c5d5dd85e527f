"""
A process that dies before it keeps the proof of a letter: ``python -m tests.activities.dying_post WAY URL HOME``.

The other side has accepted, nobody here knows: the one gap that neither SMTP nor HTTP can close.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from activities.delivery import Delivery, Outbox, Post
from activities.delivery.post import Proofs
from activities.delivery.smtp import Smtp
from activities.delivery.webhook import Webhook
from models.delivery import Gateway, Relay
from tests.activities.post_office import PHONE, SECRET, SENDER, letter


class LastProof(Proofs):
    """Proofs whose process does not survive the first."""

    def keep(self, notice: str, proof: str) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    way, url, home = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    carrier: Delivery
    if way == "email":
        carrier, outgoing = Smtp(Relay.parse(url), SENDER), letter()
    else:
        carrier, outgoing = Webhook(Gateway.parse(url), SECRET), letter("sms", PHONE)
    Post(Outbox(home / "outbox"), LastProof(home / "proofs"), {way: carrier}).deliver(outgoing)
