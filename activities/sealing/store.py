"""
Where packages lie: a folder or a bucket, by one URL and through one library.

StoreError (RuntimeError): the store could not be reached, or refused; the message is one line and carries no key.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, S3Store

from models.outages import Outage

PATIENCE = timedelta(seconds=10)
"""How long one request may take, and its repetitions together: less than the step of which it is a part."""


ABANDONED = timedelta(hours=1)
"""How old a piece is that nobody writes any more: nothing that a living process writes takes longer than `PATIENCE`."""


class StoreError(RuntimeError, Outage):
    """The store could not be reached, or refused."""


class Store:
    """A folder or a bucket of packages; an object appears whole or not at all, and is never written over."""

    def __init__(self, store: LocalStore | S3Store, folder: Path | None) -> None:
        self._store = store
        self._folder = folder

    @classmethod
    def open(cls, url: str) -> Self:
        """
        Return the store at *url*, ``file:///FOLDER`` or ``s3://BUCKET/PREFIX``; a folder is made, for its owner alone.

        Where the bucket is and who we are come from the variables that every S3 client reads (``AWS_ENDPOINT_URL``,
        ``AWS_REGION``, ``AWS_ACCESS_KEY_ID`` …). StoreError.
        """
        parts = urlsplit(url)
        if parts.scheme == "file":
            folder = Path(unquote(parts.path))
            with _cleanly():
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                return cls(LocalStore(prefix=folder, automatic_cleanup=True), folder)
        # An empty variable counts as unset, as ours do: Compose passes them on, and the library would panic over one.
        for name in [name for name, value in os.environ.items() if name.startswith("AWS_") and not value]:
            del os.environ[name]
        with _cleanly():
            # Options of ours take the place of those that the library would read from this variable.
            in_clear = os.environ.get("AWS_ALLOW_HTTP", "").lower() in {"1", "true"}
            bucket = S3Store.from_url(
                url,
                client_options={"timeout": PATIENCE, "connect_timeout": PATIENCE / 2, "allow_http": in_clear},
                retry_config={"max_retries": 2, "retry_timeout": PATIENCE},
            )
            return cls(bucket, None)

    def put(self, path: str, data: bytes) -> bool:
        """Store *data* under *path*; return False, and change nothing, if something lies there already."""
        with _cleanly():
            try:
                self._store.put(path, data, mode="create")
            except AlreadyExistsError:
                return False
        self.make_durable(path)
        return True

    def get(self, path: str) -> bytes | None:
        """Return what lies under *path*, or None."""
        with _cleanly():
            try:
                return bytes(self._store.get(path).bytes())
            except (FileNotFoundError, ValueError):  # The second one for what cannot be a path here.
                return None

    def delete(self, path: str) -> None:
        """Remove what lies under *path*, if anything does."""
        with _cleanly():
            try:
                self._store.delete(path)
            except FileNotFoundError:
                return

    def paths(self, prefix: str = "") -> list[str]:
        """Return the path of everything under the folder *prefix*, in order."""
        with _cleanly():
            return sorted(found["path"] for batch in self._store.list(prefix or None) for found in batch)

    def remove_pieces(self, prefix: str) -> None:
        """Remove from the folder *prefix* what processes left there that died while they stored something."""
        # The library writes `NAME#1` and links it to its name; it never lists such a piece, which holds all that was said.
        if self._folder is not None:
            with _cleanly():
                for piece in (self._folder / prefix).glob("*#*"):
                    piece.unlink(missing_ok=True)

    def remove_abandoned(self) -> int:
        """Remove the pieces in the whole folder that nobody can be writing any more; return how many there were."""
        if self._folder is None:
            return 0  # A bucket keeps no half object that anybody could read.
        with _cleanly():
            old = [piece for piece in self._folder.rglob("*#*") if _is_old(piece)]
            for piece in old:
                piece.unlink(missing_ok=True)
            return len(old)

    def make_durable(self, path: str) -> None:
        """Let what lies under *path* survive a power cut, and be its owner's alone; a bucket sees to that itself."""
        # The library leaves this to the system: after a power cut the index would name a package that is not there.
        if self._folder is None:
            return
        file = self._folder / path
        with _cleanly():
            file.chmod(0o600)
            for place in (file, *file.parents[: len(Path(path).parents)]):
                descriptor = os.open(place, os.O_RDONLY)
                try:
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)


def _is_old(piece: Path) -> bool:
    with suppress(FileNotFoundError):  # Whoever wrote it has just put it in its place.
        now = datetime.now(UTC)  # noqa: TID251  # by the clock of the file system, not legal time
        return now - datetime.fromtimestamp(piece.stat().st_mtime, UTC) > ABANDONED
    return False


@contextmanager
def _cleanly() -> Iterator[None]:
    try:
        yield
    except BaseError as error:
        # The original carries addresses, the bucket's answer and a page of internals.
        raise StoreError(f"the archive's store failed ({type(error).__name__.removesuffix('Error')})") from None
    except OSError as error:
        raise StoreError(f"the archive's store failed ({error.strerror or type(error).__name__})") from None
