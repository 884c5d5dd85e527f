"""
What rests and travels unencrypted, so that a client without our keys can follow a complaint: refusals and answers.

Everything else is left to the codec. Texts of errors that are not our own refusals are, too, in a form on which no SDK
stumbles: a foreign one reads `engine.codec.CONCEALED` instead of the text, and the error's type.
"""

from collections.abc import Sequence
from typing import Any, Final

from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import DefaultFailureConverterWithEncodedAttributes, PayloadConverter

from engine.codec import IN_CLEAR, SEALED
from models.opening import Accepted, CaseResult
from models.refused import Refused
from models.view import CaseView, ReviewView, SlipView

ANSWERS: Final = (Accepted, CaseResult, CaseView, SlipView, ReviewView)
"""What updates, queries and the end of a complaint answer: codes, instants, names of rules and ids of staff."""


class AnswersInClear(PydanticPayloadConverter):
    """Pydantic models as JSON; `ANSWERS` carry the mark by which the codec leaves them as they are."""

    def to_payloads(self, values: Sequence[Any]) -> list[Payload]:
        """Return one payload for each of *values*."""
        payloads = super().to_payloads(values)
        for value, payload in zip(values, payloads, strict=True):
            if isinstance(value, ANSWERS):
                payload.metadata[IN_CLEAR] = b""
        return payloads


class RefusalsInClear(DefaultFailureConverterWithEncodedAttributes):
    """Leaves code and sentence of our own refusals readable; message and stack trace of any other error are sealed."""

    def to_failure(self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure) -> None:
        """Fill *failure* from *exception*; a refusal has neither stack trace nor cause, which may quote anything."""
        if isinstance(exception, Refused):
            failure.message = exception.message
            failure.application_failure_info.type = exception.type or ""
            failure.application_failure_info.non_retryable = True
            return
        super().to_failure(exception, payload_converter, failure)
        failure.encoded_attributes.metadata[SEALED] = b""
