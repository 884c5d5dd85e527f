"""The error by which whatever somebody asked for is refused: a command, an opening."""

from __future__ import annotations

from temporalio.exceptions import ApplicationError


class Refused(ApplicationError):  # noqa: N818  # an answer, not a failure of ours
    """
    A refusal in our own fixed words: *code* for programs, *sentence* for people; trying again changes nothing.

    It reaches every client, the Web UI and the history unencrypted. So neither may repeat a value that was given.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence, type=code, non_retryable=True)
