"""AES-256-GCM around payloads, so that Temporal stores and shows nothing of a person that it can read."""

import json
import os
from collections.abc import Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

from engine.errors import DamagedPayload, PayloadError, UnknownPayloadKey
from engine.keys import KeyRing
from models.sealed import ENCRYPTED, KEY_ID, WHY_UNOPENED

SEALED: Final = "sealed"
"""The metadata in which the attributes of an error lie encrypted, beside harmless ones that every SDK can read."""
IN_CLEAR: Final = "in-clear"
"""The metadata by which our own converter says that a payload stays as it is; it does not travel."""
CONCEALED: Final = "Encoded failure"
"""What a client without our keys reads instead of the text of an error that is not a refusal."""
_NONCE_BYTES: Final = 12
_FORMAT: Final = b"tousu-payload-1:"
_SUBSTITUTE: Final = json.dumps({"message": CONCEALED, "stack_trace": ""}).encode()


class EncryptionCodec(PayloadCodec):
    """
    Encrypts with the ring's current key and decrypts with any of its keys.

    A payload that is not ours passes through decoding unchanged: it was written by a client without the codec, and
    refusing it would wedge the case without unwriting what the history already holds. So does one that cannot be opened,
    with the reason in its metadata: the codec sees a whole workflow task at once, and only who reads the payload knows
    whether it may be refused. `engine.converter` raises the reason to everybody else.
    """

    def __init__(self, keys: KeyRing) -> None:
        self.ring = keys
        self._current = keys.current
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.keys.items()}

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self.encrypt(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._opened(payload) for payload in payloads]

    def _opened(self, payload: Payload) -> Payload:
        try:
            return self.decrypt(payload)
        except PayloadError as error:
            reason = type(error).__name__.encode()
            return Payload(metadata={**payload.metadata, WHY_UNOPENED: reason}, data=payload.data)

    def encrypt(self, payload: Payload) -> Payload:
        """
        Return *payload*, metadata included, sealed under the current key and a fresh random 96-bit nonce.

        What our converter marked is left in clear, or sealed beside a substitute that every SDK can read.
        """
        if IN_CLEAR in payload.metadata:
            return Payload(metadata={"encoding": payload.metadata["encoding"]}, data=payload.data)
        key_id = self._current.encode()
        nonce = os.urandom(_NONCE_BYTES)
        # Bound to format and key id only: the codec server, which must open it too, does not know the workflow.
        sealed = nonce + self._ciphers[self._current].encrypt(nonce, payload.SerializeToString(), _FORMAT + key_id)
        if SEALED in payload.metadata:
            return Payload(metadata={"encoding": b"json/plain", KEY_ID: key_id, SEALED: sealed}, data=_SUBSTITUTE)
        return Payload(metadata={"encoding": ENCRYPTED, KEY_ID: key_id}, data=sealed)

    def decrypt(self, payload: Payload) -> Payload:
        """Return the payload inside; raise `UnknownPayloadKey` or `DamagedPayload`, neither showing its content."""
        if payload.metadata.get("encoding") == ENCRYPTED:
            return self._open(payload.metadata.get(KEY_ID, b""), payload.data)
        if sealed := payload.metadata.get(SEALED, b""):
            return self._open(payload.metadata.get(KEY_ID, b""), sealed)
        return payload

    def _open(self, key_id: bytes, sealed: bytes) -> Payload:
        cipher = self._ciphers.get(key_id.decode("ascii", errors="replace"))
        if cipher is None:
            raise unopened(UnknownPayloadKey, key_id)
        try:
            return Payload.FromString(cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _FORMAT + key_id))
        except (InvalidTag, ValueError, DecodeError):
            raise unopened(DamagedPayload, key_id) from None


def unopened(kind: type[PayloadError], key_id: bytes) -> PayloadError:
    """Return the error of *kind* for a payload sealed under the key *key_id*, with the remedy."""
    name = ascii(key_id.decode("ascii", errors="replace")[:64])
    if kind is DamagedPayload:
        return kind(f"a payload does not open with its key {name}: it was changed, or another key has this id")
    return kind(f"a payload was encrypted with key {name}, which is not in the ring; add it to TOUSU_KEYS")
