"""Text messages, and whatever else the insurer's gateway sends: one signed HTTP request for each letter."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import ssl
import time
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from socket import socket

from activities.delivery.handover import (
    PATIENCE_SECONDS,
    DeliveryRefused,
    DeliveryUnavailable,
    Outgoing,
    Patience,
)
from models.canonical import canonical
from models.delivery import Gateway

PASSING = frozenset({408, 409, 425, 429})
"""Refusals that mean "not now": time-out, a request of this id under way, too early, too many."""

ANSWER_BYTES = 4096
ANSWER_SECONDS = 1.0
_SAFE_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_NOT_DIGITS = re.compile(r"\D")


class Webhook:
    """
    Posts each letter to the insurer's gateway as canonical JSON (RFC 8785), signed with the secret that both know.

    ``Tousu-Signature: v1=<hex>`` is the HMAC-SHA-256 of ``Tousu-Timestamp``, a dot and the body. ``Idempotency-Key`` is the
    notice's id: a gateway that sees it again has the letter already. Redirects are not followed: letters go where the
    settings say, and nowhere else.
    """

    def __init__(self, gateway: Gateway, secret: str, *, patience: float = PATIENCE_SECONDS) -> None:
        self._gateway = gateway
        self._secret = secret.encode()
        self._patience = patience
        self._trust = ssl.create_default_context()

    def deliver(self, outgoing: Outgoing) -> str:
        """
        Post the letter; return the status, the gateway's own id for it if it names one, and the SHA-256 of the body.

        Whether the letter was posted before is not asked here. DeliveryRefused for a status of 4xx, unless it means "not
        now"; DeliveryUnavailable for everything else but 2xx.
        """
        body = _body(outgoing)
        try:
            status, answer = self._post(outgoing.notice, body)
        except (OSError, HTTPException) as error:  # Their texts may quote the address that the token is in.
            kind = type(error).__name__
            raise DeliveryUnavailable(f"the gateway cannot be reached or breaks off ({kind})") from None
        if 400 <= status < 500 and status not in PASSING:
            raise DeliveryRefused(f"the gateway refused the letter for good (status {status})")
        if not 200 <= status < 300:
            raise DeliveryUnavailable(f"the gateway did not take the letter (status {status})")
        named = _named(answer, outgoing.recipient)
        return f"webhook {status}{f' id:{named}' if named else ''} sha256:{hashlib.sha256(body).hexdigest()}"

    def _post(self, notice: str, body: bytes) -> tuple[int, bytes]:
        patience = Patience(self._patience)
        connection = self._connection(patience.left())
        try:
            connection.connect()
            line = connection.sock
            line.settimeout(patience.left())
            connection.request("POST", self._gateway.target, body, self._headers(notice, body))
            line.settimeout(patience.left())
            response = connection.getresponse()
            return response.status, _answer(response, line)
        finally:
            connection.close()

    def _connection(self, timeout: float) -> HTTPConnection:
        gateway = self._gateway
        if gateway.secure:
            return HTTPSConnection(gateway.host, gateway.port, timeout=timeout, context=self._trust)
        return HTTPConnection(gateway.host, gateway.port, timeout=timeout)

    def _headers(self, notice: str, body: bytes) -> dict[str, str]:
        stamp = str(int(time.time()))  # noqa: TID251  # tells the gateway a fresh request from a replayed one
        signature = hmac.new(self._secret, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        return {
            "Connection": "close",
            "Content-Type": "application/json",
            "Idempotency-Key": notice,
            "Tousu-Signature": f"v1={signature}",
            "Tousu-Timestamp": stamp,
            "User-Agent": "tousu",
        }


def _body(outgoing: Outgoing) -> bytes:
    letter = {
        "id": outgoing.notice,
        "method": outgoing.method,
        "recipient": outgoing.recipient,
        "subject": outgoing.subject,
        "body": outgoing.body,
    }
    return canonical(letter).encode()


def _answer(response: HTTPResponse, line: socket) -> bytes:
    # The status has been said: what becomes of the rest must not make an accepted letter count as failed, nor hold its
    # step up until it is sent again.
    patience = Patience(ANSWER_SECONDS)
    found = b""
    with suppress(OSError, HTTPException, DeliveryUnavailable):
        while len(found) < ANSWER_BYTES:
            line.settimeout(patience.left())
            if not (more := response.read1(ANSWER_BYTES - len(found))):
                break
            found += more
    return found


def _named(answer: bytes, recipient: str) -> str | None:
    """Return the ``id`` in the gateway's answer if it is short, plain and not the recipient's number."""
    try:
        said = json.loads(answer)
    except (ValueError, RecursionError):
        return None
    named = said.get("id") if isinstance(said, dict) else None
    if isinstance(named, bool) or not isinstance(named, str | int) or not _SAFE_ID.fullmatch(str(named)):
        return None
    number = _NOT_DIGITS.sub("", recipient)
    return None if number and number in _NOT_DIGITS.sub("", str(named)) else str(named)
