"""What docs/payloads.md tells other systems of the codec, held against the codec."""

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.protobuf import json_format
from temporalio.api.common.v1 import Payload, Payloads

from engine.codec import EncryptionCodec
from engine.codec_server import codec_server
from engine.keys import KeyRing
from tests.engine.test_codec_server import call
from tests.repository.parts import blocks, text_of

VECTOR, REQUEST, ANSWER = ("\n".join(b.lines) for b in blocks(text_of("docs/payloads.md")) if b.kind == "json")


@pytest.fixture
def vector() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(VECTOR)
    return found


@pytest.fixture
def ring(vector: dict[str, Any]) -> KeyRing:
    return KeyRing.parse(vector["key"], source="the document")


def test_the_test_vector_is_what_the_layout_says(vector: dict[str, Any]) -> None:
    """Made by hand from key, nonce and associated data, not by our codec."""
    metadata = {name: value.encode() for name, value in vector["inner metadata"].items()}
    plaintext = Payload(metadata=metadata, data=vector["inner data"].encode()).SerializeToString()
    assert plaintext.hex() == vector["plaintext"]
    nonce, key = bytes.fromhex(vector["nonce"]), base64.b64decode(vector["key"].partition(":")[2])
    sealed = AESGCM(key).encrypt(nonce, plaintext, vector["associated data"].encode())
    assert (nonce + sealed).hex() == vector["data"]


def test_the_codec_opens_the_test_vector(vector: dict[str, Any], ring: KeyRing) -> None:
    metadata = {"encoding": b"binary/encrypted", "encryption-key-id": ring.current.encode()}
    opened = EncryptionCodec(ring).decrypt(Payload(metadata=metadata, data=bytes.fromhex(vector["data"])))
    assert (opened.data.decode(), dict(opened.metadata)) == (vector["inner data"], {"encoding": b"json/plain"})


def test_the_codec_server_answers_the_documented_requests_as_documented(ring: KeyRing) -> None:
    with codec_server(ring, ui_port=8233) as url:
        endpoint = url.removeprefix("http://")
        decoded = call(endpoint, "POST", "/decode", REQUEST)
        assert (decoded.status, json.loads(decoded.body)) == (200, json.loads(ANSWER))
        encoded = call(endpoint, "POST", "/encode", ANSWER)
    (sealed,) = json_format.Parse(encoded.body, Payloads()).payloads
    (plain,) = json_format.Parse(ANSWER, Payloads()).payloads
    assert EncryptionCodec(ring).decrypt(sealed) == plain


def test_the_documented_names_of_metadata_are_those_of_a_sealed_payload(ring: KeyRing) -> None:
    sealed = EncryptionCodec(ring).encrypt(Payload(data=b"x"))
    text = text_of("docs/payloads.md")
    assert [name for name in sealed.metadata if f"| metadata `{name}` |" not in text] == []
    assert f"| metadata `encoding` | `{sealed.metadata['encoding'].decode()}` |" in text
