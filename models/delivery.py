"""Which way letters leave the house: what the settings say of the mail server and of the gateway, as plain values."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.utils import getaddresses
from ipaddress import ip_address
from typing import Literal, Self
from urllib.parse import SplitResult, unquote, urlsplit

LEAST_SECRET = 32
"""The fewest characters of a secret that signs (RFC 2104 advises no fewer bytes than the hash has)."""

_PORTS = {"smtps": 465, "smtp": 587, "https": 443, "http": 80}
_ATOM = r"[\w!#$%&'*+/=?^`{|}~-]+"
_MAILBOX = re.compile(rf"{_ATOM}(\.{_ATOM})*@[\w-]+(\.[\w-]+)*")
_PRINTABLE = re.compile(r"[!-~]+")


def is_mailbox(text: str) -> bool:
    """Return whether *text* is one plain mail address, without name, quotes, route or anything that reads in two ways."""
    return len(text) <= 254 and _MAILBOX.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Relay:
    """The mail server (SMTP) that takes the insurer's letters and carries them on."""

    host: str
    port: int
    security: Literal["tls", "starttls", "none"]
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, url: str) -> Self:
        """
        Return the relay at *url*: ``smtp://user:password@host:587`` (STARTTLS) or ``smtps://user:password@host:465`` (TLS).

        A relay on this host is talked to without TLS unless ``?starttls=required`` asks for it; any other only with it.
        ValueError, in one line that repeats nothing, for everything else.
        """
        parts, port = _split(url, ("smtp", "smtps"), "smtp://user:password@host:587")
        if parts.path.strip("/"):
            raise ValueError("must end after the port")
        if parts.query not in {"", "starttls=required"} or (parts.query and parts.scheme == "smtps"):
            raise ValueError("knows one option only, starttls=required, and that for smtp:// alone")
        user, password = (unquote(text) if text else None for text in (parts.username, parts.password))
        if (user is None) != (password is None):
            raise ValueError("must hold user and password, or neither")
        if not all(text is None or _PRINTABLE.fullmatch(text) for text in (user, password)):
            raise ValueError("must hold a user and a password of visible ASCII characters")
        host = parts.hostname or ""
        open_door = on_this_host(host) and not parts.query
        security: Literal["tls", "starttls", "none"] = "none" if open_door else "starttls"
        return cls(host, port, "tls" if parts.scheme == "smtps" else security, user, password)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Whom letters come from: an address and, if the insurer likes, a name to show."""

    address: str
    name: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the mailbox in *text*, ``address`` or ``name <address>``; ValueError that repeats nothing."""
        named = getaddresses([text]) if text.isprintable() else []
        if len(named) != 1 or not is_mailbox(named[0][1]) or not named[0][1].isascii():
            raise ValueError("must be one mail address in ASCII, as address or name <address>")
        return cls(named[0][1], named[0][0])

    @property
    def domain(self) -> str:
        """What stands behind the @."""
        return self.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Gateway:
    """The address of the insurer's gateway, to which letters are posted as signed JSON."""

    secure: bool
    host: str
    port: int
    target: str = field(repr=False)
    """Path and query; either may hold a token."""

    @classmethod
    def parse(cls, url: str) -> Self:
        """Return the gateway at *url*: https, or http on this host. ValueError, in one line that repeats nothing."""
        parts, port = _split(url, ("https", "http"), "https://host/path")
        if parts.username is not None or parts.password is not None or parts.fragment:
            raise ValueError("must hold neither user nor fragment")
        host = parts.hostname or ""
        if parts.scheme == "http" and not on_this_host(host):
            raise ValueError("must start with https:// unless the gateway is on this host")
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return cls(parts.scheme == "https", host, port, target)


@dataclass(frozen=True, slots=True)
class DeliveryConfig:
    """
    How letters leave the house; with nothing set, all of them stay in the outbox.

    *relay* and *sender* come together, *gateway* and *secret* as well; ValueError when half is missing.
    """

    relay: Relay | None = None
    sender: Mailbox | None = None
    gateway: Gateway | None = None
    secret: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Refuse half of a pair: its letters would stay in the outbox without a word."""
        if (self.relay is None) != (self.sender is None) or (self.gateway is None) != (self.secret is None):
            raise ValueError("relay and sender, and gateway and secret, must be set together")


OUTBOX_ONLY = DeliveryConfig()
"""Nothing leaves the house."""


def on_this_host(host: str) -> bool:
    """Return whether *host* is a loopback address, so that what is sent there crosses no wire."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _split(url: str, schemes: tuple[str, ...], shape: str) -> tuple[SplitResult, int]:
    parts, port = None, None
    if _PRINTABLE.fullmatch(url):
        try:
            parts = urlsplit(url)
            port = _PORTS.get(parts.scheme) if parts.port is None else parts.port
        except ValueError:  # Its text may quote the password.
            parts = None
    if parts is None or not port or parts.scheme not in schemes or not parts.hostname:
        raise ValueError(f"must look like {shape}") from None
    return parts, port
