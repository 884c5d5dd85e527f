"""E-mail, handed to a real mail server: readable, proved, sent once, and silent about whom it is for."""

from __future__ import annotations

import hashlib
import logging
import signal
import subprocess
import sys
from email.utils import parsedate_to_datetime
from pathlib import Path
from shutil import rmtree
from typing import Any
from urllib.parse import quote

import pytest

from activities.delivery import DeliveryError, DeliveryRefused, DeliveryUnavailable, Outbox, Post
from activities.delivery.handover import PATIENCE_SECONDS
from activities.delivery.smtp import Smtp
from engine.server import free_ports
from engine.settings import ROOT
from models.delivery import DeliveryConfig, Relay
from tests.activities.post_office import (
    ADDRESS,
    HOST,
    PASSWORD,
    SENDER,
    USER,
    MailServer,
    certificate,
    letter,
    mail_server,
    silent_server,
)
from workflows.base import STEP_TIMEOUT

LOGIN = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}@"


def post(config: DeliveryConfig, home: Path) -> Post:
    return Post.open(config, Outbox(home / "outbox"), home)


def refused(config: DeliveryConfig, home: Path, **changes: Any) -> tuple[type[DeliveryError], str]:
    """Return the error with which a letter is not taken, having seen that it names nobody and leaves nothing behind."""
    with pytest.raises(DeliveryError) as caught:
        post(config, home).deliver(letter(**changes))
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert not any(part in str(caught.value) for part in (*ADDRESS.split("@"), PASSWORD))
    assert [path for folder in ("outbox", "proofs") for path in (home / folder).glob("*")] == []
    return type(caught.value), str(caught.value)


def test_a_letter_arrives_as_it_was_written(tmp_path: Path) -> None:
    """In Chinese and whole, to the complainant alone, from the insurer, dated when it was written."""
    with mail_server() as server:
        post(server.config(), tmp_path).deliver(letter())
        [message], [envelope] = server.messages(), server.arrived
    assert (envelope.mail_from, envelope.rcpt_tos) == (SENDER.address, [ADDRESS])
    assert (message["From"], message["To"]) == (f"示例人寿 <{SENDER.address}>", ADDRESS)
    assert message["Subject"] == "投诉登记回执 TS-20260302-000001"
    assert message.get_content().replace("\r\n", "\n") == letter().body
    assert (message.get_content_type(), message.get_content_charset()) == ("text/plain", "utf-8")
    assert parsedate_to_datetime(message["Date"]) == letter().written_at
    assert message["Auto-Submitted"] == "auto-generated"


def test_the_proof_is_the_servers_reply_to_the_message_that_arrived(tmp_path: Path) -> None:
    """Art. 21: an auditor finds the message in the server's log by its id and compares it by its hash."""
    with mail_server() as server:
        proof = post(server.config(), tmp_path).deliver(letter())
        [message] = server.messages()
        digest = hashlib.sha256(server.content(0)).hexdigest()
    named = hashlib.sha256(b"C-2026-0042.receipt.1").hexdigest()[:40]
    assert message["Message-ID"] == f"<{named}@insurer.example>"
    assert proof == f"smtp 250 (2.0.0 Ok: queued as 4BQ7) message-id:{message['Message-ID']} sha256:{digest}"


@pytest.mark.parametrize(
    ("reply", "shown"),
    [
        pytest.param("250 Ok <wang.xiaoming@mail.example>", "250", id="an address"),
        pytest.param("250 queued for Wang.Xiaoming", "250", id="half of the recipient's"),
        pytest.param("250 收到", "250", id="other than ASCII"),
        pytest.param("250 " + "x" * 81, "250", id="too long"),
        pytest.param("250 2.6.0 id=7f/3 (queue active)", "250 (2.6.0 id=7f/3 (queue active))", id="plain words"),
    ],
)
def test_a_reply_that_may_name_somebody_is_its_code_alone(tmp_path: Path, reply: str, shown: str) -> None:
    with mail_server(enable_SMTPUTF8=True) as server:
        server.replies["DATA"] = reply
        assert post(server.config(), tmp_path).deliver(letter()).startswith(f"smtp {shown} message-id:")


def test_the_login_is_said_under_starttls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The password travels encrypted, to a server whose certificate holds."""
    context, trusted = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with mail_server(starttls=context, require_starttls=True, auth_required=True) as server:
        post(server.config(login=LOGIN, query="?starttls=required"), tmp_path).deliver(letter())
        [envelope] = server.arrived
    assert (server.logins, envelope.rcpt_tos) == ([True], [ADDRESS])


def test_tls_from_the_start_serves_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, trusted = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with mail_server(tls=context) as server:
        post(server.config("smtps", LOGIN), tmp_path).deliver(letter())
    assert (server.logins, len(server.arrived)) == ([True], 1)


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_server_whose_certificate_nobody_vouches_for_learns_nothing(tmp_path: Path, scheme: str) -> None:
    """Neither the password nor the letter: whoever stands between could be anybody."""
    context, _ = certificate(tmp_path)
    tls, starttls = (context, None) if scheme == "smtps" else (None, context)
    with mail_server(tls=tls, starttls=starttls) as server:
        config = server.config(scheme, LOGIN, "?starttls=required" if scheme == "smtp" else "")
        kind, text = refused(config, tmp_path)
    assert kind is DeliveryUnavailable
    assert text == "the mail server cannot be reached or breaks off (SSLCertVerificationError)"
    assert (server.logins, server.commands) == ([], [])


def test_a_server_that_offers_no_starttls_learns_nothing(tmp_path: Path) -> None:
    """Whoever strips the offer from the line does not get the letter in the clear."""
    with mail_server() as server:
        kind, text = refused(server.config(login=LOGIN, query="?starttls=required"), tmp_path)
    assert (kind, text) == (
        DeliveryUnavailable,
        "the mail server cannot be reached or breaks off (SMTPNotSupportedError)",
    )
    assert (server.logins, server.commands) == ([], [])


@pytest.mark.parametrize(
    ("command", "reply", "kind", "text"),
    [
        ("MAIL", "550 5.7.1 no", DeliveryRefused, "the mail server refused the sender for good (code 550)"),
        ("RCPT", f"550 5.1.1 <{ADDRESS}>: unknown", DeliveryRefused, "refused the recipient for good (code 550)"),
        ("DATA", f"554 5.7.1 spam for {ADDRESS}", DeliveryRefused, "refused the letter for good (code 554)"),
        ("MAIL", "451 4.3.0 later", DeliveryUnavailable, "the mail server did not take the sender (code 451)"),
        ("RCPT", f"452 4.2.2 <{ADDRESS}> is full", DeliveryUnavailable, "did not take the recipient (code 452)"),
        ("DATA", "421 4.3.2 shutting down", DeliveryUnavailable, "did not take the letter (code 421)"),
    ],
)
def test_5xx_is_for_good_and_4xx_for_now(
    tmp_path: Path, command: str, reply: str, kind: type[DeliveryError], text: str
) -> None:
    """And of what the server says, which may quote the address, the code alone is told."""
    with mail_server() as server:
        server.replies[command] = reply
        found, told = refused(server.config(), tmp_path)
    assert found is kind
    assert told.endswith(text)
    assert server.arrived == []


def test_a_wrong_password_is_for_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight attempts would lock the account; a person mends it and retries."""
    context, trusted = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with mail_server(starttls=context) as server:
        config = server.config(login="someone:wrong@", query="?starttls=required")
        assert refused(config, tmp_path) == (
            DeliveryRefused,
            "the mail server refused the login for good (code 535)",
        )
    assert server.commands == []


def test_nobody_listening_is_for_now(tmp_path: Path) -> None:
    kind, text = refused(MailServer(free_ports(1)[0]).config(), tmp_path)
    assert (kind, text) == (
        DeliveryUnavailable,
        "the mail server cannot be reached or breaks off (ConnectionRefusedError)",
    )


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_silent_server_is_given_up(scheme: str) -> None:
    with silent_server() as port, pytest.raises(DeliveryUnavailable):
        Smtp(Relay.parse(f"{scheme}://{HOST}:{port}"), SENDER, patience=0.2).deliver(letter())


def test_one_handing_over_ends_within_its_step() -> None:
    """Otherwise a second attempt would start while the first still talks."""
    assert STEP_TIMEOUT.total_seconds() > PATIENCE_SECONDS


def test_the_same_notice_twice_is_sent_once(tmp_path: Path) -> None:
    """Also by another worker with the same home, and after the settings changed: the proof stays what it was."""
    with mail_server() as server:
        proofs = {post(server.config(), tmp_path).deliver(letter()) for _ in range(2)}
        proofs.add(post(DeliveryConfig(), tmp_path).deliver(letter()))
    assert (len(proofs), len(server.arrived)) == (1, 1)
    assert not (tmp_path / "outbox").exists()


def test_what_lies_in_the_outbox_is_not_sent_as_well(tmp_path: Path) -> None:
    """The mail server was set up between two attempts: the mail room has the letter already."""
    proof = post(DeliveryConfig(), tmp_path).deliver(letter())
    with mail_server() as server:
        assert post(server.config(), tmp_path).deliver(letter()) == proof
    assert server.arrived == []


def test_a_crash_after_acceptance_sends_the_same_message_again(tmp_path: Path) -> None:
    """In every byte, under the same Message-ID: nothing more can be promised, and a receiver can tell."""
    with mail_server() as server:
        url = f"smtp://{HOST}:{server.port}"
        command = [sys.executable, "-m", "tests.activities.dying_post", "email", url, str(tmp_path)]
        assert subprocess.run(command, cwd=ROOT, check=False).returncode == -signal.SIGKILL
        assert list((tmp_path / "proofs").glob("*")) == []
        post(server.config(), tmp_path).deliver(letter())
        first, second = server.messages()
        assert server.content(0) == server.content(1)
    assert first["Message-ID"] == second["Message-ID"]


def test_a_reply_that_is_lost_sends_the_same_message_again(tmp_path: Path) -> None:
    """Nobody here can know that it was accepted."""
    with mail_server() as server:
        server.breaks_off = True
        kind, _ = refused(server.config(), tmp_path)
        server.breaks_off = False
        post(server.config(), tmp_path).deliver(letter())
        assert server.content(0) == server.content(1)
    assert kind is DeliveryUnavailable


def test_a_proof_that_cannot_be_kept_does_not_make_an_accepted_letter_fail(
    tmp_path: Path,
) -> None:
    """Failing would send it again and again; the workflow keeps the proof all the same."""

    class Thief(MailServer):
        def _reply(self, command: str, usual: str) -> str:
            rmtree(tmp_path / "proofs", ignore_errors=True)
            return super()._reply(command, usual)

    with mail_server(kind=Thief) as server:
        assert post(server.config(), tmp_path).deliver(letter()).startswith("smtp 250 ")


@pytest.mark.parametrize("farewell", ["421 4.3.2 shutting down", "554 5.5.0 what"])
def test_how_the_conversation_ends_does_not_matter(tmp_path: Path, farewell: str) -> None:
    with mail_server() as server:
        server.replies["QUIT"] = farewell
        assert post(server.config(), tmp_path).deliver(letter()).startswith("smtp 250 ")
    assert server.commands[-1] == "QUIT"


@pytest.mark.parametrize(
    "subject", ["回执\r\nBcc: spy@evil.example", "回执\nBcc: spy@evil.example", "回执\u2028\x00Bcc: spy@evil.example"]
)
def test_a_subject_is_one_line(tmp_path: Path, subject: str) -> None:
    with mail_server() as server:
        post(server.config(), tmp_path).deliver(letter(subject=subject))
        [message] = server.messages()
    assert message["Subject"] == "回执 Bcc: spy@evil.example"
    assert message["Bcc"] is None


@pytest.mark.parametrize(
    "recipient",
    [
        f"{ADDRESS}\r\nRCPT TO:<spy@evil.example>",
        f"{ADDRESS}\nBcc: spy@evil.example",
        f"spy,{ADDRESS}",
        f"<spy@evil.example>{ADDRESS}",
        f'"spy@evil.example"{ADDRESS}',
        "spy@evil.example@mail.example",
        "mail.example",
        "",
        "a" * 250 + "@mail.example",
    ],
)
def test_an_address_that_reads_in_two_ways_is_refused_before_anything_is_said(tmp_path: Path, recipient: str) -> None:
    with mail_server() as server:
        kind, text = refused(server.config(), tmp_path, recipient=recipient)
    assert (kind, text) == (DeliveryRefused, "the complainant's mail address is none that mail can be sent to")
    assert server.commands == []


def test_an_address_in_chinese_is_written_to_where_the_server_can(tmp_path: Path) -> None:
    with mail_server() as server:
        post(server.config(), tmp_path).deliver(letter(recipient="王小明@例子.example"))
        [envelope], [message] = server.arrived, server.messages()
    assert envelope.rcpt_tos == ["王小明@例子.example"]
    assert (message["To"], message["Subject"]) == ("王小明@例子.example", letter().subject)


def test_an_address_in_chinese_is_refused_where_the_server_cannot(tmp_path: Path) -> None:
    with mail_server(enable_SMTPUTF8=False) as server:
        kind, text = refused(server.config(), tmp_path, recipient="王小明@例子.example")
    assert (kind, text) == (DeliveryRefused, "the mail server takes no address outside ASCII")


def test_neither_logs_nor_settings_name_the_complainant_or_the_password(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with mail_server() as server:
        config = server.config(login=LOGIN)
        caplog.set_level(logging.DEBUG)
        refused(config, tmp_path)  # A server that offers no login to a client that has one.
        post(server.config(), tmp_path).deliver(letter())
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("mail")]
    assert not any(ADDRESS in line or PASSWORD in line for line in ours)
    assert not any(secret in repr(config.relay) for secret in (USER, PASSWORD))
