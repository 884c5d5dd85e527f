"""Signatures under archived files (Ed25519): the insurer signs with its key, anybody checks with the public half."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from dataclasses import dataclass, field
from typing import Literal, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BaseModel, ConfigDict

from rulebook.scalars import Sha256

KEY_BYTES = 32
KEY_ID = r"[A-Za-z0-9._-]{1,64}"
_PREFIX = b"tousu-seal/1\n"


class Seal(BaseModel):
    """
    A signature over *sha256*, the hash of the canonical JSON of what was sealed.

    *key* is the signing key's id and *public_key* its public half in base64; whether that is the insurer's, only somebody
    who has it from the insurer can tell.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    format: Literal["tousu-seal/1"] = "tousu-seal/1"
    algorithm: Literal["Ed25519"] = "Ed25519"
    sha256: Sha256
    key: str
    public_key: str
    signature: str

    def holds(self) -> bool:
        """Return whether the signature was made over this hash with this key."""
        public, signature = decoded(self.public_key), decoded(self.signature)
        if public is None or signature is None or len(public) != KEY_BYTES:
            return False
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, _PREFIX + self.sha256.encode())
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class SigningKey:
    """The key with which this insurer seals; printing it shows its id only."""

    id: str
    secret: bytes = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> tuple[Self, ...]:
        """
        Return the keys written ``id:base64,id:base64``, of which the first seals and all are trusted.

        ValueError, without the text, when one is not an id and 32 bytes, or there is none.
        """
        return tuple(cls._one(entry) for entry in text.split(","))

    @classmethod
    def _one(cls, text: str) -> Self:
        name, _, encoded = text.strip().partition(":")
        secret = decoded(encoded)
        if not re.fullmatch(KEY_ID, name) or secret is None or len(secret) != KEY_BYTES:
            raise ValueError(f"must be <id>:<base64 of {KEY_BYTES} bytes>, …; make one with `tousu archive key`")
        return cls(name, secret)

    @classmethod
    def new(cls) -> Self:
        """Return a new random key."""
        return cls(f"a{secrets.token_hex(4)}", secrets.token_bytes(KEY_BYTES))

    @property
    def text(self) -> str:
        """The key as `parse` reads it; secret."""
        return f"{self.id}:{encode(self.secret)}"

    @property
    def public(self) -> str:
        """The public half in base64: what an auditor needs."""
        return encode(self._private.public_key().public_bytes_raw())

    def seal(self, sha256: str) -> Seal:
        """Return this key's signature over *sha256*; the same one every time."""
        signature = encode(self._private.sign(_PREFIX + sha256.encode()))
        return Seal(sha256=sha256, key=self.id, public_key=self.public, signature=signature)

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.secret)


def encode(data: bytes) -> str:
    """Return *data* in base64."""
    return base64.b64encode(data).decode()


def decoded(text: str) -> bytes | None:
    """Return what *text* in base64 stands for; None if it is none."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
