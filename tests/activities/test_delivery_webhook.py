"""Text messages, posted to a real gateway: signed, proved, sent once, and silent about whom they are for."""

from __future__ import annotations

import hashlib
import json
import logging
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC

from activities.delivery import DeliveryError, DeliveryRefused, DeliveryUnavailable, Outbox, Post
from activities.delivery.webhook import Webhook
from engine.settings import ROOT
from models.delivery import DeliveryConfig, Gateway
from tests.activities.post_office import (
    HOST,
    PHONE,
    SECRET,
    Request,
    certificate,
    dripping_gateway,
    gateway_server,
    letter,
    silent_server,
)

LETTER = letter("sms", PHONE)


def post(config: DeliveryConfig, home: Path) -> Post:
    return Post.open(config, Outbox(home / "outbox"), home)


def refused(config: DeliveryConfig, home: Path) -> tuple[type[DeliveryError], str]:
    """Return the error with which a letter is not taken, having seen that it names nobody and leaves nothing behind."""
    with pytest.raises(DeliveryError) as caught:
        post(config, home).deliver(LETTER)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert not any(secret in str(caught.value) for secret in (PHONE, SECRET, "room=sms"))
    assert [path for folder in ("outbox", "proofs") for path in (home / folder).glob("*")] == []
    return type(caught.value), str(caught.value)


def verify(request: Request) -> None:
    """Check a request as a gateway written elsewhere would: with another library, over the bytes that came."""
    version, _, signature = request.headers["Tousu-Signature"].partition("=")
    assert version == "v1"
    code = HMAC(SECRET.encode(), hashes.SHA256())
    code.update(request.headers["Tousu-Timestamp"].encode("ascii"))
    code.update(b".")
    code.update(request.body)
    code.verify(bytes.fromhex(signature))


def test_a_letter_arrives_signed_and_whole(tmp_path: Path) -> None:
    """As canonical JSON (RFC 8785), under the notice's id, at the path that the settings name."""
    with gateway_server() as gateway:
        post(gateway.config(), tmp_path).deliver(LETTER)
        [request] = gateway.arrived
    verify(request)
    assert json.loads(request.body) == {
        "id": LETTER.notice,
        "method": "sms",
        "recipient": PHONE,
        "subject": LETTER.subject,
        "body": LETTER.body,
    }
    assert request.body.startswith('{"body":"王小明：\\n'.encode())
    assert (request.method, request.path) == ("POST", "/letters?room=sms")
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Idempotency-Key"] == LETTER.notice


def test_a_request_that_was_changed_on_the_way_does_not_verify(tmp_path: Path) -> None:
    """The check above can fail: for another body as for another time."""
    with gateway_server() as gateway:
        post(gateway.config(), tmp_path).deliver(LETTER)
        [request] = gateway.arrived
    stamp = request.headers["Tousu-Timestamp"]
    changed = Request(request.method, request.path, request.headers, request.body.replace(b"138", b"139"))
    replayed = Request(
        request.method, request.path, {**request.headers, "Tousu-Timestamp": str(int(stamp) + 1)}, request.body
    )
    for forged in (changed, replayed):
        with pytest.raises(InvalidSignature):
            verify(forged)


def test_the_signature_is_fresh(tmp_path: Path) -> None:
    """A gateway refuses old requests: the time is that of the request, not that of the letter."""
    before = int(time.time())  # noqa: TID251  # what a gateway compares with
    with gateway_server() as gateway:
        post(gateway.config(), tmp_path).deliver(LETTER)
    after = int(time.time())  # noqa: TID251
    assert before <= int(gateway.arrived[0].headers["Tousu-Timestamp"]) <= after


def test_the_proof_is_the_status_the_gateways_id_and_the_hash_of_what_arrived(tmp_path: Path) -> None:
    """Art. 21: an auditor asks the gateway for its id and compares the request by its hash."""
    with gateway_server() as gateway:
        proof = post(gateway.config(), tmp_path).deliver(LETTER)
    assert proof == f"webhook 202 id:gw-17 sha256:{hashlib.sha256(gateway.arrived[0].body).hexdigest()}"


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        pytest.param(b'{"id": 4711}', "id:4711 ", id="a number"),
        pytest.param(b'{"id": "%s"}' % (b"x" * 65), "", id="too long"),
        pytest.param('{"id": "王小明"}'.encode(), "", id="other than ASCII"),
        pytest.param(b'{"id": "sent to you"}', "", id="words"),
        pytest.param(b'{"id": "sms-13800000000-1"}', "", id="the recipient's number"),
        pytest.param(b'{"id": true}', "", id="no id"),
        pytest.param(b"[" * 4_000, "", id="broken and deep"),
        pytest.param(b'["gw-17"]', "", id="no object"),
        pytest.param(b"thank you", "", id="no JSON"),
        pytest.param(b"", "", id="nothing"),
        pytest.param(b"\xff\xfe", "", id="no text"),
    ],
)
def test_an_id_that_may_name_somebody_is_left_out(tmp_path: Path, answer: bytes, shown: str) -> None:
    with gateway_server() as gateway:
        gateway.answer = answer
        assert post(gateway.config(), tmp_path).deliver(LETTER).startswith(f"webhook 202 {shown}sha256:")


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_2xx_is_accepted(tmp_path: Path, status: int) -> None:
    with gateway_server() as gateway:
        gateway.status = status
        assert post(gateway.config(), tmp_path).deliver(LETTER).startswith(f"webhook {status} ")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422])
def test_4xx_is_for_good(tmp_path: Path, status: int) -> None:
    """And of what the gateway says, which may quote the number, the status alone is told."""
    with gateway_server() as gateway:
        gateway.status, gateway.answer = status, f'{{"error": "{PHONE} is no number"}}'.encode()
        text = f"the gateway refused the letter for good (status {status})"
        assert refused(gateway.config(), tmp_path) == (DeliveryRefused, text)


@pytest.mark.parametrize("status", [301, 408, 409, 425, 429, 500, 502, 503])
def test_what_may_pass_is_for_now(tmp_path: Path, status: int) -> None:
    with gateway_server() as gateway:
        gateway.status = status
        text = f"the gateway did not take the letter (status {status})"
        assert refused(gateway.config(), tmp_path) == (DeliveryUnavailable, text)


@pytest.mark.parametrize("status", [302, 307, 308])
def test_a_redirect_is_not_followed(tmp_path: Path, status: int) -> None:
    """Whoever answers for the gateway cannot send the letter elsewhere."""
    with gateway_server() as elsewhere, gateway_server() as gateway:
        gateway.status, gateway.headers = status, {"Location": f"http://{HOST}:{elsewhere.port}/letters"}
        kind, _ = refused(gateway.config(), tmp_path)
    assert (kind, len(gateway.arrived), elsewhere.arrived) == (DeliveryUnavailable, 1, [])


def test_a_gateway_whose_certificate_holds_gets_the_letter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, trusted = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with gateway_server(tls=context) as gateway:
        post(gateway.config("https"), tmp_path).deliver(LETTER)
    verify(gateway.arrived[0])


def test_a_gateway_whose_certificate_nobody_vouches_for_learns_nothing(tmp_path: Path) -> None:
    context, _ = certificate(tmp_path)
    with gateway_server(tls=context) as gateway:
        kind, text = refused(gateway.config("https"), tmp_path)
    assert kind is DeliveryUnavailable
    assert text == "the gateway cannot be reached or breaks off (SSLCertVerificationError)"
    assert gateway.arrived == []


def test_nobody_listening_is_for_now(tmp_path: Path) -> None:
    with gateway_server() as gateway:
        config = gateway.config()
    text = "the gateway cannot be reached or breaks off (ConnectionRefusedError)"
    assert refused(config, tmp_path) == (DeliveryUnavailable, text)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_silent_gateway_is_given_up(scheme: str) -> None:
    with silent_server() as port, pytest.raises(DeliveryUnavailable, match=r"\(TimeoutError\)$"):
        Webhook(Gateway.parse(f"{scheme}://{HOST}:{port}"), SECRET, patience=0.2).deliver(LETTER)


def test_an_answer_that_breaks_off_after_its_status_does_not_make_an_accepted_letter_fail(tmp_path: Path) -> None:
    """Failing would send it again and again."""
    with gateway_server() as gateway:
        gateway.headers = {"Content-Length": "100"}
        assert post(gateway.config(), tmp_path).deliver(LETTER).startswith("webhook 202 ")


def test_an_answer_that_comes_drop_by_drop_does_not_hold_an_accepted_letter_up(tmp_path: Path) -> None:
    """Nor has it its letter sent again, when the time of the step has passed."""
    with dripping_gateway(drops=500) as (port, fallen):
        config = DeliveryConfig(gateway=Gateway.parse(f"http://{HOST}:{port}"), secret=SECRET)
        assert post(config, tmp_path).deliver(LETTER).startswith("webhook 202 sha256:")
    assert 0 < len(fallen) < 500


@pytest.mark.parametrize(
    "answer",
    [
        b"[" * 4096,
        b'{"id":' * 600,
        b'{"id": ' + b"9" * 4000 + b"}",
        b'{"id": "\\ud800"}',
        b'{"id": "' + b"x" * 100_000 + b'"}',
        b"\xff\xfe\x00",
        b'{"id": NaN}',
    ],
    ids=["deep", "deep objects", "digits", "half of a character", "too long", "no text", "no number"],
)
def test_a_hostile_answer_is_an_answer_without_an_id(tmp_path: Path, answer: bytes) -> None:
    with gateway_server() as gateway:
        gateway.answer = answer
        assert post(gateway.config(), tmp_path).deliver(LETTER).startswith("webhook 202 sha256:")


def test_the_same_notice_twice_is_sent_once(tmp_path: Path) -> None:
    """Also by another worker with the same home: the proof stays what it was."""
    with gateway_server() as gateway:
        proofs = {post(gateway.config(), tmp_path).deliver(LETTER) for _ in range(2)}
    assert (len(proofs), len(gateway.arrived)) == (1, 1)


def test_a_crash_after_acceptance_sends_the_same_letter_again(tmp_path: Path) -> None:
    """In every byte, under the same key: nothing more can be promised, and a gateway can tell."""
    with gateway_server() as gateway:
        url = f"http://{HOST}:{gateway.port}/"
        command = [sys.executable, "-m", "tests.activities.dying_post", "sms", url, str(tmp_path)]
        assert subprocess.run(command, cwd=ROOT, check=False).returncode == -signal.SIGKILL
        post(gateway.config(), tmp_path).deliver(LETTER)
    first, second = gateway.arrived
    assert first.body == second.body
    assert {first.headers["Idempotency-Key"], second.headers["Idempotency-Key"]} == {LETTER.notice}


def test_neither_logs_nor_settings_name_the_complainant_or_the_secret(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with gateway_server() as gateway:
        gateway.status = 404
        refused(gateway.config(), tmp_path)
        gateway.status = 202
        post(gateway.config(), tmp_path).deliver(LETTER)
    assert not any(secret in caplog.text for secret in (PHONE, "13800000000", SECRET, "room=sms"))
    assert not any(secret in repr(gateway.config()) for secret in (SECRET, "room=sms"))
