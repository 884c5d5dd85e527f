"""The archive (档案): the file of a complaint as a sealed package that proves itself for years, without this system."""

from __future__ import annotations

from activities.sealing.archive import Archive, ArchiveRefused, RetentionError
from activities.sealing.check import Checked, check
from activities.sealing.step import ArchiveActivities
from activities.sealing.store import Store, StoreError

__all__ = [
    "Archive",
    "ArchiveActivities",
    "ArchiveRefused",
    "Checked",
    "RetentionError",
    "Store",
    "StoreError",
    "check",
]
