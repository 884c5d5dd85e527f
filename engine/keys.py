"""
The key ring that encrypts payloads.

A ring is written ``id:base64,id:base64``, in the environment with commas, in the key file with one key a line. The
first key encrypts; all decrypt. To rotate, put a new key in front and keep the old one for as long as Temporal
keeps histories that used it. ``python -m engine.keys`` prints a new one.
"""

import base64
import binascii
import os
import re
import secrets
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from rulebook.errors import not_set_up

try:
    from engine.errors import ConfigError
    from engine.server import running_server
    from engine.settings import Settings
    from models.whole_files import drafted, remove_drafts
except ModuleNotFoundError as error:
    if __name__ != "__main__":
        raise
    sys.exit(not_set_up(error))

KEY_BYTES = 32
KEY_FILE = "payload-keys"
_KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True)
class KeyRing:
    """The current key's id and all keys by id; printing a ring shows ids only."""

    current: str
    keys: Mapping[str, bytes] = field(repr=False)

    @classmethod
    def parse(cls, text: str, *, source: str) -> "KeyRing":
        """Return the ring written in *text*; *source* names the variable or file in the `ConfigError`."""
        entries = [entry.strip() for entry in re.split(r"[,\n]", text) if entry.strip()]
        keys: dict[str, bytes] = {}
        for number, entry in enumerate(entries, start=1):
            key_id, _, encoded = entry.partition(":")
            key = _decode(encoded)
            if not _KEY_ID.fullmatch(key_id) or key is None:
                raise ConfigError(
                    f"{source}: key {number} is not <id>:<base64 of {KEY_BYTES} bytes>; "
                    "make one with `python -m engine.keys`"
                )
            if key_id in keys:
                raise ConfigError(f"{source}: key {number} repeats an id; give every key its own id")
            keys[key_id] = key
        if not keys:
            raise ConfigError(f"{source} holds no key; make one with `python -m engine.keys`")
        return cls(current=next(iter(keys)), keys=MappingProxyType(keys))


def _decode(encoded: str) -> bytes | None:
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == KEY_BYTES else None


def new_key() -> str:
    """Return a new random key as ``id:base64``, ready to be put in front of a ring."""
    return f"k{secrets.token_hex(4)}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"


def load_keys(settings: Settings) -> KeyRing:
    """
    Return the ring from ``TOUSU_KEYS``, else, with the embedded server, from the key file in home.

    The file is made only beside a server that runs for the same home. A key that is made up for any other server would
    leave every worker and every later reader unable to read what it encrypted; `ConfigError` then. A key that a process
    was writing when it died goes: nobody may find it.
    """
    if settings.keys is not None:
        return KeyRing.parse(settings.keys.get_secret_value(), source="TOUSU_KEYS")
    if not settings.embedded:
        raise ConfigError(
            "TOUSU_KEYS is not set, and an outside Temporal server is configured; make a key with "
            "`python -m engine.keys` and give the same ring to every process"
        )
    path = settings.home / KEY_FILE
    remove_drafts(settings.home, KEY_FILE)
    if not path.exists():
        if running_server(settings.home) is None:
            raise ConfigError(
                f"{settings.home} holds no payload keys; `tousu up` makes them, or set TOUSU_KEYS or TOUSU_HOME"
            )
        _create(path)
    return _from_file(path)


def make_keys(settings: Settings, histories: Path) -> KeyRing:
    """
    Return the same ring for whoever is about to start the server of home, and make the key file if there is none.

    `ConfigError` when *histories*, the server's database, is there without it: a new key would not open what it holds.
    """
    path = settings.home / KEY_FILE
    if settings.keys is None and settings.embedded and not path.exists():
        if histories.exists():
            raise ConfigError(
                f"{path} is missing, and {histories} was written with its keys; bring the file back from where you keep "
                "keys, or move the database away to begin anew"
            )
        _create(path)
    return load_keys(settings)


def _from_file(path: Path) -> KeyRing:
    if path.stat().st_mode & 0o077:
        raise ConfigError(f"{path} can be read by others than its owner; run `chmod 600 {path}`")
    return KeyRing.parse(path.read_text(encoding="ascii", errors="replace"), source=str(path))


def _create(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # A link appears whole or not at all, and never replaces a key that another process made meanwhile.
    with drafted(path, f"{new_key()}\n") as draft, suppress(FileExistsError):
        os.link(draft, path)


if __name__ == "__main__":
    sys.stdout.write(f"{new_key()}\n")
