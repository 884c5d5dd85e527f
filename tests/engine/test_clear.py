"""What is left in clear, and what is sealed: texts of errors that are not ours, in a form that every SDK survives."""

import json

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.converter import DataConverter, JSONPlainPayloadConverter
from temporalio.exceptions import ApplicationError, FailureError

from engine.clear import ANSWERS, AnswersInClear
from engine.codec import CONCEALED, SEALED, EncryptionCodec
from engine.keys import KeyRing
from engine.plugin import data_converter
from models.opening import Accepted
from models.refused import Refused
from tests.engine.parts import SECRET, Letter

ANSWER = Accepted(event="acknowledged", seq=2, stage="investigating")


def raised(error: BaseException) -> BaseException:
    """Return *error* as it is caught: with a traceback, and with a cause that quotes what somebody wrote."""
    try:
        raise error from ValueError(SECRET)
    except type(error) as caught:
        return caught


async def sent(keys: KeyRing, error: BaseException) -> Failure:
    failure = Failure()
    await data_converter(keys).encode_failure(raised(error), failure)
    return failure


async def test_a_refusal_travels_in_clear_without_cause_and_stack_trace(keys: KeyRing) -> None:
    failure = await sent(keys, Refused("CaseClosed", "the case is closed"))
    assert (failure.message, failure.application_failure_info.type) == ("the case is closed", "CaseClosed")
    assert failure.application_failure_info.non_retryable
    assert not failure.HasField("encoded_attributes")
    assert not failure.HasField("cause")
    assert failure.stack_trace == ""


@pytest.mark.parametrize("error", [ApplicationError(SECRET, type="Driver"), RuntimeError(SECRET)])
async def test_any_other_error_shows_its_type_only(keys: KeyRing, error: BaseException) -> None:
    """Its text, its stack trace and its causes' are sealed; the converter of a client without keys reads a substitute."""
    failure = await sent(keys, error)
    assert SECRET.encode() not in failure.SerializeToString()
    assert b"test_clear.py" not in failure.SerializeToString()
    for each in (failure, failure.cause):
        # The TypeScript SDK throws on an encoding that it does not know, and the type is lost with the text.
        assert each.encoded_attributes.metadata["encoding"] == b"json/plain"
        substitute = JSONPlainPayloadConverter().from_payload(each.encoded_attributes)
        assert substitute == {"message": CONCEALED, "stack_trace": ""}
    kind = getattr(error, "type", "RuntimeError")
    assert (failure.application_failure_info.type, failure.cause.application_failure_info.type) == (kind, "ValueError")
    foreign = await DataConverter.default.decode_failure(failure)
    assert isinstance(foreign, ApplicationError)
    assert (foreign.type, foreign.message) == (kind, CONCEALED)


async def test_with_the_keys_text_and_stack_trace_come_back(keys: KeyRing) -> None:
    ours = await data_converter(keys).decode_failure(await sent(keys, ApplicationError(SECRET, type="Driver")))
    assert isinstance(ours, ApplicationError)
    assert (ours.message, ours.type) == (SECRET, "Driver")
    assert isinstance(ours.__cause__, ApplicationError)
    assert ours.__cause__.message == SECRET
    assert ours.failure is not None
    assert "test_clear.py" in ours.failure.stack_trace


async def test_an_error_that_came_in_and_is_passed_on_is_sealed_again(keys: KeyRing) -> None:
    """A workflow decodes the failure of an activity and fails of it in turn."""
    came = await data_converter(keys).decode_failure(await sent(keys, ApplicationError(SECRET, type="Driver")))
    assert isinstance(came, FailureError)
    passed = await sent(keys, came)
    assert SECRET.encode() not in passed.SerializeToString()
    again = await data_converter(keys).decode_failure(passed)
    assert isinstance(again, ApplicationError)
    assert again.message == SECRET
    assert isinstance(again.__cause__, ApplicationError)
    assert again.__cause__.message == SECRET


async def test_an_answer_stays_as_it_is_and_everything_else_is_sealed(keys: KeyRing) -> None:
    """Nothing travels of the mark by which the converter tells the codec."""
    converter = data_converter(keys)
    answer, letter = await converter.encode([ANSWER, Letter(text=SECRET)])
    assert dict(answer.metadata) == {"encoding": b"json/plain"}
    assert json.loads(answer.data) == ANSWER.model_dump(mode="json")
    assert letter.metadata["encoding"] == b"binary/encrypted"
    assert await converter.decode([answer, letter], [Accepted, Letter]) == [ANSWER, Letter(text=SECRET)]


def test_no_answer_holds_a_field_that_is_marked_as_personal() -> None:
    marked = [one.__name__ for one in ANSWERS if '"personal"' in json.dumps(one.model_json_schema())]
    assert marked == []


def test_a_substitute_is_no_way_around_the_key(keys: KeyRing) -> None:
    """What lies sealed beside it is opened like any sealed payload: changed, it is noticed."""
    codec = EncryptionCodec(keys)
    marked = Payload(metadata={"encoding": b"json/plain", SEALED: b""}, data=b'{"message": "x"}')
    sealed = codec.encrypt(marked)
    assert codec.decrypt(sealed) == marked
    assert codec.decrypt(marked) == marked
    sealed.metadata[SEALED] = sealed.metadata[SEALED][:-1] + bytes([sealed.metadata[SEALED][-1] ^ 1])
    with pytest.raises(Exception, match="was changed"):
        codec.decrypt(sealed)


def test_the_converter_marks_by_the_value_not_by_its_place() -> None:
    marked = [dict(one.metadata) for one in AnswersInClear().to_payloads([Letter(text="x"), ANSWER])]
    assert marked == [{"encoding": b"json/plain"}, {"encoding": b"json/plain", "in-clear": b""}]
