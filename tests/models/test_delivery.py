"""The addresses of the mail server and the gateway: what they mean, and what is refused without being repeated."""

from __future__ import annotations

import re

import pytest

from models.delivery import Gateway, Mailbox, Relay, is_mailbox

SHAPE = "must look like smtp://user:password@host:587"


@pytest.mark.parametrize(
    ("url", "relay"),
    [
        ("smtp://mail.example", Relay("mail.example", 587, "starttls")),
        ("smtp://mail.example:25/", Relay("mail.example", 25, "starttls")),
        ("smtp://mail.example?starttls=required", Relay("mail.example", 587, "starttls")),
        ("smtps://mail.example", Relay("mail.example", 465, "tls")),
        (
            "smtps://u%40i.example:p%2Fw%3A%40@mail.example:466",
            Relay("mail.example", 466, "tls", "u@i.example", "p/w:@"),
        ),
        ("smtp://localhost:25", Relay("localhost", 25, "none")),
        ("smtp://127.0.0.1:25", Relay("127.0.0.1", 25, "none")),
        ("smtp://[::1]:25", Relay("::1", 25, "none")),
        ("smtp://[::1]:25?starttls=required", Relay("::1", 25, "starttls")),
        ("smtps://127.0.0.1", Relay("127.0.0.1", 465, "tls")),
    ],
)
def test_a_relay_is_talked_to_in_the_clear_on_this_host_only(url: str, relay: Relay) -> None:
    assert Relay.parse(url) == relay


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("s3cret", SHAPE),
        ("https://mail.example/s3cret", SHAPE),
        ("smtp://", SHAPE),
        ("smtp://u:s3cret@:25", SHAPE),
        ("smtp://mail.example:s3cret", SHAPE),
        ("smtp://mail.example:70000", SHAPE),
        ("smtp://mail.example:0", SHAPE),
        ("smtp://[s3cret", SHAPE),
        ("smtp://mail.example\r\n", SHAPE),
        ("smtp://mail.example/s3cret", "must end after the port"),
        ("smtp://mail.example?starttls=off", "knows one option only, starttls=required, and that for smtp:// alone"),
        (
            "smtps://mail.example?starttls=required",
            "knows one option only, starttls=required, and that for smtp:// alone",
        ),
        ("smtp://s3cret@mail.example", "must hold user and password, or neither"),
        ("smtp://:s3cret@mail.example", "must hold user and password, or neither"),
        ("smtp://u:s3cret%0A@mail.example", "must hold a user and a password of visible ASCII characters"),
    ],
)
def test_a_wrong_relay_is_one_line_without_what_was_written(url: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Relay.parse(url)


@pytest.mark.parametrize(
    ("url", "gateway"),
    [
        ("https://sms.example", Gateway(True, "sms.example", 443, "/")),
        ("https://sms.example:8443/v1/send?room=1", Gateway(True, "sms.example", 8443, "/v1/send?room=1")),
        ("http://127.0.0.1:8080/x", Gateway(False, "127.0.0.1", 8080, "/x")),
        ("http://localhost", Gateway(False, "localhost", 80, "/")),
    ],
)
def test_a_gateway_is_reached_by_https_or_on_this_host(url: str, gateway: Gateway) -> None:
    assert Gateway.parse(url) == gateway


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("s3cret", "must look like https://host/path"),
        ("ftp://sms.example/s3cret", "must look like https://host/path"),
        ("https://sms.example/s3cret x", "must look like https://host/path"),
        ("https://sms.example/王小明", "must look like https://host/path"),
        ("http://sms.example/s3cret", "must start with https:// unless the gateway is on this host"),
        ("http://127.0.0.1.evil.example", "must start with https:// unless the gateway is on this host"),
        ("https://u:s3cret@sms.example", "must hold neither user nor fragment"),
        ("https://sms.example/#s3cret", "must hold neither user nor fragment"),
    ],
)
def test_a_wrong_gateway_is_one_line_without_what_was_written(url: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Gateway.parse(url)


@pytest.mark.parametrize(
    ("text", "mailbox"),
    [
        ("tousu@insurer.example", Mailbox("tousu@insurer.example")),
        ("示例人寿 <tousu@insurer.example>", Mailbox("tousu@insurer.example", "示例人寿")),
        ('"Life, Example" <tousu@insurer.example>', Mailbox("tousu@insurer.example", "Life, Example")),
    ],
)
def test_a_sender_is_an_address_with_or_without_a_name(text: str, mailbox: Mailbox) -> None:
    assert Mailbox.parse(text) == mailbox


@pytest.mark.parametrize(
    "text",
    [
        "",
        "s3cret",
        "示例人寿 s3cret@insurer.example",
        "a@insurer.example, s3cret@insurer.example",
        "a@insurer.example\r\nBcc: s3cret@evil.example",
        "投诉@insurer.example",
    ],
)
def test_a_wrong_sender_is_one_line_without_what_was_written(text: str) -> None:
    with pytest.raises(ValueError, match=r"^must be one mail address in ASCII, as address or name <address>$"):
        Mailbox.parse(text)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("wang.xiao-ming+1@mail.example", True),
        ("王小明@例子.example", True),
        ("a@localhost", True),
        (".a@mail.example", False),
        ("a..b@mail.example", False),
        ("a@mail..example", False),
        ("a b@mail.example", False),
        ("a\u00a0b@mail.example", False),
        ("a,b@mail.example", False),
        ("<a@mail.example>", False),
        ("a@[127.0.0.1]", False),
        ("@mail.example", False),
    ],
)
def test_a_mailbox_reads_in_one_way_only(text: str, is_one: bool) -> None:
    assert is_mailbox(text) is is_one
