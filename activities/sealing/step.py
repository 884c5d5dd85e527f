"""The last step of a complaint: its file is sealed for the archive, once it has come to rest (R157)."""

from __future__ import annotations

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.sealing.archive import Archive, ArchiveRefused
from models.archive import ArchiveOrder, Archiving

NEEDS_A_PERSON = {"RecordBroken", "PackageBroken", "AlreadyApproved"}
"""Refusals that another attempt would only meet again."""


class ArchiveActivities:
    """Seals files, where an archive is set up."""

    def __init__(self, archive: Archive | None) -> None:
        self._archive = archive

    @activity.defn(name="archive.seal")
    def seal(self, order: ArchiveOrder) -> Archiving:
        """
        Seal the file of the complaint, once for what the record holds; return where it lies.

        Not retried when the record, or the package that is there, does not verify: a person has to look. Nothing happens
        where no archive is set up.
        """
        if self._archive is None:
            return Archiving(events=order.events)
        try:
            manifest = self._archive.seal(order.complaint_id, order.events)
        except ArchiveRefused as error:
            raise ApplicationError(str(error), type=error.code, non_retryable=error.code in NEEDS_A_PERSON) from error
        return Archiving(events=manifest.events, path=manifest.path)
