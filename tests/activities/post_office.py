"""Real servers on loopback to which letters are delivered: SMTP with and without TLS, HTTP, and one that never answers."""

from __future__ import annotations

import ssl
import threading
from asyncio import WriteTransport
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from socket import create_server
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from activities.delivery import Outgoing
from engine.server import free_ports
from models.delivery import DeliveryConfig, Gateway, Mailbox, Relay

HOST = "127.0.0.1"
SENDER = Mailbox("tousu@insurer.example", "示例人寿")
ADDRESS = "wang.xiaoming@mail.example"
PHONE = "138 0000 0000"
USER, PASSWORD = "tousu@insurer.example", "p@ss/w0rd:x"
SECRET = "0123456789abcdef0123456789abcdef"


def letter(method: str = "email", recipient: str = ADDRESS, **changes: Any) -> Outgoing:
    """A receipt on its way to a complainant of whom nothing may show up anywhere else."""
    return Outgoing(
        **{
            "notice": "C-2026-0042.receipt.1",
            "method": method,
            "recipient": recipient,
            "subject": "投诉登记回执 TS-20260302-000001",
            "body": "王小明：\n.您的投诉已登记。\n\nYour complaint is on file.\n",
            "written_at": datetime(2026, 3, 2, 2, 5, tzinfo=UTC),
            **changes,
        }
    )


@dataclass
class MailServer:
    """What arrived at the mail server, and what it answers: *replies* by command, for as long as they stand there."""

    port: int
    replies: dict[str, str] = field(default_factory=dict)
    arrived: list[Envelope] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    logins: list[bool] = field(default_factory=list)
    breaks_off: bool = False
    """Whether the line breaks after a message was taken and before the client hears of it."""

    def config(self, scheme: str = "smtp", login: str = "", query: str = "") -> DeliveryConfig:
        relay = Relay.parse(f"{scheme}://{login}{HOST}:{self.port}{query}")
        return DeliveryConfig(relay=relay, sender=SENDER)

    def messages(self) -> list[EmailMessage]:
        """Return what arrived as a mail program reads it."""
        return [message_from_bytes(self.content(each), policy=policy.default) for each in range(len(self.arrived))]

    def content(self, number: int) -> bytes:
        content = self.arrived[number].original_content
        assert content is not None
        return content

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = self._reply("MAIL", "250 2.1.0 Ok")
        if reply.startswith("250"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return reply

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = self._reply("RCPT", "250 2.1.5 Ok")
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        reply = self._reply("DATA", "250 2.0.0 Ok: queued as 4BQ7")
        if reply.startswith("250"):
            self.arrived.append(envelope)
        if self.breaks_off:
            assert isinstance(server.transport, WriteTransport)
            server.transport.abort()
        return reply

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        return self._reply("QUIT", "221 2.0.0 Bye")

    def _reply(self, command: str, usual: str) -> str:
        self.commands.append(command)
        return self.replies.get(command, usual)

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        right = data == LoginPassword(USER.encode(), PASSWORD.encode())
        self.logins.append(right)
        return AuthResult(success=right, handled=False)


@contextmanager
def mail_server(
    *,
    kind: type[MailServer] = MailServer,
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
    **options: Any,
) -> Iterator[MailServer]:
    """Run a mail server that speaks TLS from the start with *tls*, and after STARTTLS with *starttls*."""
    server = kind(free_ports(1)[0])
    controller = Controller(
        server,
        hostname=HOST,
        port=server.port,
        ssl_context=tls,
        tls_context=starttls,
        authenticator=server.authenticate,
        auth_require_tls=tls is None,  # The server cannot see TLS that was there from the start.
        **options,
    )
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


@dataclass(frozen=True)
class Request:
    """One HTTP request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class GatewayServer:
    """What arrived at the gateway, and what it answers."""

    port: int = 0
    status: int = 202
    answer: bytes = b'{"id": "gw-17"}'
    headers: dict[str, str] = field(default_factory=dict)
    arrived: list[Request] = field(default_factory=list)

    def config(self, scheme: str = "http") -> DeliveryConfig:
        return DeliveryConfig(gateway=Gateway.parse(f"{scheme}://{HOST}:{self.port}/letters?room=sms"), secret=SECRET)


@contextmanager
def gateway_server(*, tls: ssl.SSLContext | None = None) -> Iterator[GatewayServer]:
    """Run a gateway."""
    gateway = GatewayServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            gateway.arrived.append(Request("POST", self.path, dict(self.headers.items()), body))
            self.send_response(gateway.status)
            for name, value in {"Content-Length": str(len(gateway.answer)), **gateway.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(gateway.answer)

        do_GET = do_POST  # noqa: N815  # what a redirect that is followed may become

        def log_message(self, format: str, *_: Any) -> None:  # noqa: A002
            """Say nothing."""

    with ThreadingHTTPServer((HOST, 0), Handler) as server:
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        gateway.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield gateway
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def silent_server() -> Iterator[int]:
    """Give the port of a server that takes connections and never says a word."""
    with create_server((HOST, 0)) as listening:
        yield listening.getsockname()[1]


@contextmanager
def dripping_gateway(drops: int) -> Iterator[tuple[int, list[bytes]]]:
    """Run a gateway that accepts one letter and then answers byte by byte; give its port and the bytes that have left."""
    fallen: list[bytes] = []

    def drip() -> None:
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            connection.recv(65536)
            connection.sendall(f"HTTP/1.1 202 Accepted\r\nContent-Length: {drops}\r\n\r\n".encode())
            for _ in range(drops):
                connection.sendall(b" ")
                fallen.append(b" ")
                threading.Event().wait(0.02)

    with create_server((HOST, 0)) as listening:
        thread = threading.Thread(target=drip)
        thread.start()
        yield listening.getsockname()[1], fallen
        thread.join()


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Make a certificate for loopback that signs itself; return the server's side of it and the file that clients trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)  # noqa: TID251  # certificates are valid in the real present
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    trusted, private = folder / "trusted.pem", folder / "private.pem"
    trusted.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, private)
    return context, trusted
