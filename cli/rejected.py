"""Answers to an opening that opens nothing."""

from __future__ import annotations


class Rejected(Exception):  # noqa: N818  # an answer, not a failure of ours
    """A complaint that is not opened, with a stable *code*."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class SameComplaint(Rejected):
    """A complaint that is not opened because it is open already as *known*: the same reference, the same receipt."""

    def __init__(self, known: str) -> None:
        super().__init__(
            "ReferenceTaken", "source_reference: a complaint with this reference and receipt is open already"
        )
        self.known = known
