"""
Who turns payloads into values: everywhere at once with the type that is expected, for what reaches a workflow by itself.

The SDK decodes what comes to a workflow before the workflow sees it, and an error there is tried again for ever: one
payload from outside would stop a complaint's clock. So handlers and runs take their arguments raw, any number of them, and
decode inside (`workflows.inbound`), where what cannot be decoded is refused.
"""

import dataclasses
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.common import RawValue
from temporalio.converter import EncodingPayloadConverter, FailureConverter, PayloadConverter
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from engine.clear import AnswersInClear
from engine.codec import unopened
from engine.errors import DamagedPayload, UnknownPayloadKey
from models.sealed import ENCRYPTED, KEY_ID, WHY_UNOPENED


class _Unopened(EncodingPayloadConverter):
    """Raises for a payload that the codec could not open; it makes none."""

    @property
    def encoding(self) -> str:
        return ENCRYPTED.decode()

    def to_payload(self, value: Any) -> Payload | None:  # noqa: ARG002
        return None

    def from_payload(self, payload: Payload, type_hint: type | None = None) -> Any:  # noqa: ARG002
        damaged = payload.metadata.get(WHY_UNOPENED) == DamagedPayload.__name__.encode()
        raise unopened(DamagedPayload if damaged else UnknownPayloadKey, payload.metadata.get(KEY_ID, b""))


class Converter(AnswersInClear):
    """Pydantic models as JSON, answers in clear; `PayloadError` for what the codec handed through unopened."""

    def __init__(self) -> None:
        super().__init__()
        self.converters = {**self.converters, ENCRYPTED: _Unopened()}


class RawArguments(PayloadConverter):
    """Inside a workflow: hands arguments through raw where no type is expected, as of handlers that take any number."""

    def __init__(self, inner: PayloadConverter) -> None:
        self.inner = inner

    def to_payloads(self, values: Sequence[Any]) -> list[Payload]:
        return self.inner.to_payloads(values)

    def from_payloads(self, payloads: Sequence[Payload], type_hints: list[type] | None = None) -> list[Any]:
        if type_hints is None:
            return [RawValue(payload) for payload in payloads]
        return self.inner.from_payloads(payloads, type_hints)


class Runner(SandboxedWorkflowRunner):
    """The sandbox, whose workflows take their arguments raw."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        return super().create_instance(
            dataclasses.replace(
                det,
                payload_converter_factory=partial(_raw, det.payload_converter_factory),
                failure_converter_class=_readable(det.failure_converter_class),
            )
        )


def _raw(factory: Callable[[], PayloadConverter]) -> PayloadConverter:
    return RawArguments(factory())


@lru_cache
def _readable(kind: type[FailureConverter]) -> type[FailureConverter]:
    class Readable(kind):  # type: ignore[valid-type,misc]
        """Reads what a failure holds, which has no type either, as everywhere else."""

        def from_failure(self, failure: Failure, payload_converter: PayloadConverter) -> BaseException:
            plain = payload_converter.inner if isinstance(payload_converter, RawArguments) else payload_converter
            found: BaseException = super().from_failure(failure, plain)
            return found

    return Readable
