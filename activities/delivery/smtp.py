"""
E-mail by the insurer's own mail server.

The standard library's client does: activities run in threads, so an asynchronous one would gain nothing, and driven command
by command it gives what the proof needs, the server's reply to this letter.
"""

from __future__ import annotations

import hashlib
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from typing import TYPE_CHECKING, Any

from activities.delivery.handover import (
    PATIENCE_SECONDS,
    DeliveryRefused,
    DeliveryUnavailable,
    Outgoing,
    Patience,
    one_line,
)
from models.delivery import Mailbox, Relay, is_mailbox

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

Reply = tuple[int, bytes]

FAREWELL_SECONDS = 1.0
_PLAIN_WORDS = re.compile(r"[\w .:;,=/+()-]{1,80}", re.ASCII)


class Smtp:
    """
    Hands e-mail to the insurer's mail server, which carries it on.

    The message of a letter is the same in every byte however often it is made, its Message-ID follows from the notice's id,
    and its Date is when the letter was written. So a receiver can tell a letter that was handed over again after a crash.
    """

    def __init__(self, relay: Relay, sender: Mailbox, *, patience: float = PATIENCE_SECONDS) -> None:
        self._relay = relay
        self._sender = sender
        self._patience = patience
        self._trust = ssl.create_default_context()

    def deliver(self, outgoing: Outgoing) -> str:
        """
        Send the letter; return the server's reply, the Message-ID and the SHA-256 of the message.

        Whether the letter was sent before is not asked here. DeliveryRefused for what the server refuses for good (5xx) and
        for an address that is none; DeliveryUnavailable for everything else that goes wrong before the server accepts.
        """
        if not is_mailbox(outgoing.recipient):
            raise DeliveryRefused("the complainant's mail address is none that mail can be sent to")
        message = self._message(outgoing)
        content = message.as_bytes()
        with _without_names():
            reply = self._send(outgoing.recipient, content)
        digest = hashlib.sha256(content).hexdigest()
        return f"smtp {_shown(reply, outgoing.recipient)} message-id:{message['Message-ID']} sha256:{digest}"

    def _message(self, outgoing: Outgoing) -> EmailMessage:
        message = EmailMessage(policy=SMTP if outgoing.recipient.isascii() else SMTPUTF8)
        message["From"] = Address(self._sender.name, addr_spec=self._sender.address)
        message["To"] = outgoing.recipient
        message["Subject"] = one_line(outgoing.subject)
        if outgoing.written_at is not None:
            message["Date"] = outgoing.written_at.astimezone(UTC)
        # Hashed, because an id may hold dots in places where a Message-ID may not.
        name = hashlib.sha256(outgoing.notice.encode()).hexdigest()[:40]
        message["Message-ID"] = f"<{name}@{self._sender.domain}>"
        message["Auto-Submitted"] = "auto-generated"  # Keeps the answers of absent people's machines away (RFC 3834).
        message.set_content(outgoing.body, charset="utf-8", cte="base64")
        return message

    def _send(self, recipient: str, content: bytes) -> Reply:
        client = self._connect(Patience(self._patience))
        try:
            self._introduce(client)
            reply = _hand_over(client, self._sender.address, recipient, content)
            _take_leave(client)
        finally:
            client.close()
        return reply

    def _connect(self, patience: Patience) -> _Client:
        relay = self._relay
        if relay.security == "tls":
            return _TlsClient(patience, relay.host, relay.port, context=self._trust)
        return _Client(patience, relay.host, relay.port)

    def _introduce(self, client: _Client) -> None:
        """Make the connection safe before anything is said on it, then log in."""
        if self._relay.security == "starttls":
            client.starttls(context=self._trust)
        if self._relay.user is not None and self._relay.password is not None:
            client.login(self._relay.user, self._relay.password)


class _Client(smtplib.SMTP):
    """
    The library's client, all of whose commands and replies share one patience.

    So a letter whose step has been given up meanwhile is not sent on top of the next attempt's.
    """

    def __init__(self, patience: Patience, host: str, port: int, **more: Any) -> None:
        self.patience = patience
        super().__init__(host, port, timeout=patience.left(), **more)

    def send(self, s: ReadableBuffer | str) -> None:
        self._hurry()
        super().send(s)

    def getreply(self) -> Reply:
        self._hurry()
        return super().getreply()

    def _hurry(self) -> None:
        left = self.patience.left()
        if self.sock is not None:
            self.sock.settimeout(left)


class _TlsClient(_Client, smtplib.SMTP_SSL):
    """The same, with TLS from the start."""


def _hand_over(client: _Client, sender: str, recipient: str, content: bytes) -> Reply:
    client.ehlo_or_helo_if_needed()
    beyond_ascii = not recipient.isascii()
    if beyond_ascii and not client.has_extn("smtputf8"):
        raise DeliveryRefused("the mail server takes no address outside ASCII")
    _accepted(client.mail(sender, ["SMTPUTF8"] if beyond_ascii else []), "the sender")
    _accepted(client.rcpt(recipient), "the recipient")
    return _accepted(client.data(content), "the letter")


def _take_leave(client: _Client) -> None:
    # The letter is accepted: how the conversation ends must not make it count as failed, and be sent again.
    client.patience = Patience(FAREWELL_SECONDS)
    with suppress(OSError, DeliveryUnavailable):
        client.quit()


def _accepted(reply: Reply, what: str) -> Reply:
    if not 200 <= reply[0] < 300:
        raise _failure(reply[0], what)
    return reply


def _failure(code: int, what: str) -> DeliveryRefused | DeliveryUnavailable:
    if 500 <= code < 600:
        return DeliveryRefused(f"the mail server refused {what} for good (code {code})")
    return DeliveryUnavailable(f"the mail server did not take {what} (code {code})")


@contextmanager
def _without_names() -> Iterator[None]:
    """Turn what the client raises into our errors without its texts: they quote addresses and the server's own words."""
    try:
        yield
    except smtplib.SMTPResponseException as error:
        what = "the login" if isinstance(error, smtplib.SMTPAuthenticationError) else "the letter"
        raise _failure(error.smtp_code, what) from None
    except OSError as error:  # All of the client's own errors are, and those of sockets, names and certificates.
        kind = type(error).__name__
        raise DeliveryUnavailable(f"the mail server cannot be reached or breaks off ({kind})") from None


def _shown(reply: Reply, recipient: str) -> str:
    """Return what nobody is named in: the reply's code, with its words if they are plain and without the address."""
    code, said = reply
    words = one_line(said.decode("ascii", "replace"))
    personal = any(part in words.casefold() for part in recipient.casefold().split("@"))
    return f"{code} ({words})" if _PLAIN_WORDS.fullmatch(words) and not personal else str(code)
