"""How an encrypted payload is labelled, for whoever seals, opens or refuses one."""

from __future__ import annotations

from typing import Final, Literal

ENCRYPTED: Final = b"binary/encrypted"
"""The encoding of a payload that is encrypted."""

KEY_ID: Final = "encryption-key-id"
"""The metadata field that names the key; a name, never the key."""

WHY_UNOPENED: Final = "unopened-because"
"""The metadata field in which the codec says why it handed a payload through unopened: one of `Unopened`."""

Unopened = Literal["UnknownPayloadKey", "DamagedPayload"]
