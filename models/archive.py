"""The shapes of the archive (档案): a sealed package, what remains of one that was destroyed, and how they are reached."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from models.canonical import canonical, digest_text
from models.identifiers import ComplaintId
from models.signing import Seal, SigningKey
from rulebook.retention import DEFAULT
from rulebook.scalars import Instant, Sha256

PACKAGE_SUFFIX, TOMBSTONE_SUFFIX = ".zip", ".tombstone.json"
DECLARED = ("manifest.json", "seal.json")
"""The files of a package that the manifest does not list: itself, and the signature over it."""


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class _Sealable(_Shape):
    @property
    def canonical(self) -> str:
        """Return the canonical JSON, over which the seal is made."""
        return canonical(self.model_dump(mode="json"))

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of the canonical JSON."""
        return digest_text(self.canonical)


class Filed(_Shape):
    """One file of a package."""

    name: str
    sha256: Sha256
    size: int = Field(ge=0)


class Rules(_Shape):
    """A rule pack that the case ran under; its file lies in the package."""

    pack: str
    pack_hash: Sha256


class Manifest(_Sealable):
    """
    What a package holds, and of which case; its hash names the package.

    *events* and *head_hash* are the length and the last link of the chain of events. *facts* are what retention may ask
    about, *days* the day of the last event of each type in the time zone of the rules. *recordings* are the hashes of sound
    recordings that the case names and that are kept elsewhere. *predecessor* is the package of the same case that was sealed
    before, when a case was opened again.
    """

    format: Literal["tousu-archive/1"] = "tousu-archive/1"
    complaint_id: ComplaintId
    events: int = Field(ge=1)
    head_hash: Sha256
    intake_hash: Sha256
    predecessor: Sha256 | None = None
    unit: str
    received_at: Instant
    closed_at: Instant
    facts: dict[str, str]
    days: dict[str, date]
    recordings: tuple[Sha256, ...] = ()
    rules: tuple[Rules, ...]
    calendars: tuple[str, ...]
    files: tuple[Filed, ...]

    @property
    def path(self) -> str:
        """Where the package lies in its store: opaque, by year of closure, and named by its content."""
        folder = folder_of(self.days["closed"], self.complaint_id)
        return f"{folder}/{number_of(self.events)}{self.sha256}{PACKAGE_SUFFIX}"


class Link(_Shape):
    """One event of a destroyed case: everything that its hash covers, and nothing that it said."""

    seq: int = Field(ge=1)
    type: str
    at: Instant
    recorded_at: Instant
    by: str
    pack: str
    pack_hash: Sha256
    calendar: str
    body_hash: Sha256
    previous_hash: Sha256
    hash: Sha256


class Tombstone(_Sealable):
    """
    What remains of a package that was destroyed: who proposed and approved it, when, why, and the chain without its content.

    *package* is the hash of the destroyed manifest, *rule* and *citation* the class whose time was over with *kept_to*.
    """

    format: Literal["tousu-tombstone/1"] = "tousu-tombstone/1"
    complaint_id: ComplaintId
    package: Sha256
    events: int = Field(ge=1)
    head_hash: Sha256
    intake_hash: Sha256
    predecessor: Sha256 | None = None
    unit: str
    received_at: Instant
    closed_at: Instant
    rule: str
    citation: str
    kept_to: date
    proposed_by: str
    proposed_at: Instant
    reason: str
    approved_by: str
    approved_at: Instant
    recordings: tuple[Sha256, ...] = ()
    chain: tuple[Link, ...]


class Sealed(BaseModel):
    """A tombstone with the seal over it, as it is stored."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    tombstone: Tombstone
    seal: Seal


class ArchiveOrder(_Shape):
    """Seal the file of a complaint that has come to rest, with at least *events* events."""

    complaint_id: str
    events: int


class Archiving(_Shape):
    """What became of an order: the file holds *events* events and lies under *path*; None where no archive is set up."""

    events: int
    path: str | None = None


class ArchiveConfig(BaseModel):
    """
    Where packages are stored, with which key they are sealed, and where the insurer's rules of retention lie.

    The first of *keys* seals, all of them are trusted.
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True, hide_input_in_errors=True)

    url: str
    keys: tuple[SigningKey, ...] = Field(min_length=1)
    retention: Path = DEFAULT


def folder_of(closed: date, complaint_id: str) -> str:
    """Return where the packages of a complaint lie that was *closed* that day: opaque, and by year."""
    return f"{closed.year}/{complaint_id}"


def folders_of(complaint_id: str, received_at: datetime, until: datetime) -> list[str]:
    """Return every folder in which packages of a complaint may lie that was received and closed between the two instants."""
    # A day more at both ends: the year is that of the rules' time zone.
    first, last = (received_at - timedelta(days=1)).year, (until + timedelta(days=1)).year
    return [folder_of(date(year, 1, 1), complaint_id) for year in range(first, last + 1)]


def number_of(events: int) -> str:
    """Return how the name of a package with so many *events* begins."""
    return f"{events:06d}-"


def refuse_url(url: str) -> None:
    """Raise ValueError unless *url* names a folder (``file:///…``) or a bucket (``s3://bucket/prefix``)."""
    parts: Any = urlsplit(url)
    if parts.scheme == "file" and not parts.netloc and len(parts.path) > 1:
        return
    if parts.scheme == "s3" and parts.netloc and not parts.username and not parts.query:
        return
    raise ValueError("must be file:///FOLDER or s3://BUCKET/PREFIX; credentials come from the AWS_ variables")
