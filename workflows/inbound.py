"""
What comes from outside: raw payloads, decoded here and nowhere else, and refused by name when that cannot be done.

Any Temporal client may send anything. An opening that cannot be decoded fails its run at once (`InvalidOpening`), an update
is refused before it is written to history (`Malformed`), a signal becomes an event (`command_refused`). What the workflow
itself has written, or has obeyed before, is never refused: if a worker cannot read it, because it lacks the key, the
*task* fails and is tried again until a worker can.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from pydantic import ValidationError
from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

from models.commands import Command
from models.explain import explain
from models.opening import Accepted, Opening
from models.sealed import ENCRYPTED, KEY_ID, WHY_UNOPENED
from models.shortening import MARK
from workflows.refusal import refused

MAX_MESSAGE: Final = 1_000_000
"""The most bytes that a command or a signal may have; the largest command, in full-size texts, has half of it."""

MAX_OPENING: Final = 2_000_000
"""The most bytes that an opening may have, as an argument of a workflow can have with Temporal."""

MAX_VALUES: Final = 10_000
"""
The most values and names that a command or a signal may hold; the largest of ours has some hundreds.

A megabyte of empty lists takes two seconds and more to read; a workflow that thinks so long is taken for one that hangs.
"""

MAX_OPENING_VALUES: Final = 50_000
"""The same for an opening; it may bring thousands of events of another system."""

MAX_REASON: Final = 1_000
"""The most characters of a refusal: one wrong row of a long list is told, and not all of them."""

JSON: Final = b"json/plain"
ESCAPED_MARK: Final = b"\\ufdd0"
"""How JSON may write `models.shortening.MARK` in letters, in lower case."""
# Each match ends at a quote or at the end of all, so that no text makes it begin again within a string.
_TEXT: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+\\?(?:"|\Z)', re.DOTALL)
_KEY_NAME: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")


class Malformed(Exception):  # noqa: N818  # it becomes the stable code of a refusal
    """
    A payload that is no message of ours; the sentence names the place and the rule, and never a value.

    *sealed* says that it is encrypted and that this worker cannot open it, which another may.
    """

    def __init__(self, sentence: str, *, sealed: bool = False) -> None:
        super().__init__(sentence)
        self.sealed = sealed


class Unreadable(Exception):  # noqa: N818  # it fails the task, and never the run
    """What was taken in before cannot be read by this worker; one with the key, or with the code of then, can."""


def decode(payloads: Sequence[RawValue], kind: Any, limit: int = MAX_MESSAGE) -> Any:
    """Return the *kind* in the one payload of *payloads*, of at most *limit* bytes; Malformed if it holds none."""
    if len(payloads) != 1:
        raise Malformed(f"takes one argument, and was given {len(payloads)}")
    payload = payloads[0].payload
    encoding = payload.metadata.get("encoding")
    if encoding == ENCRYPTED or WHY_UNOPENED in payload.metadata:
        raise Malformed(_unopened(payload), sealed=True)
    if encoding != JSON:
        raise Malformed("the argument must be encoded as json/plain" if encoding != b"binary/null" else "is null")
    if len(payload.data) > limit:
        raise Malformed(f"the argument is larger than {limit} bytes")
    try:
        return workflow.payload_converter().from_payload(payload, kind)
    except ValidationError as error:
        raise Malformed(_clipped(explain(error))) from None
    except Exception as error:  # noqa: BLE001
        # Whatever a type makes of hostile input: an error that leaves here would be tried again for ever.
        raise Malformed(f"cannot be decoded [{type(error).__name__}]") from None


def _refuse_marks(payloads: Sequence[RawValue], kind: Any) -> None:
    """Raise Malformed for the code point that stands for a text left out: forged, it would stop the record for ever."""
    if isinstance(kind, type) and issubclass(kind, Command | Opening):
        for one in payloads:
            if MARK.encode() in one.payload.data or ESCAPED_MARK in one.payload.data.lower():
                raise Malformed("holds U+FDD0, which is no character of any text")


def values_in(data: bytes) -> int:
    """Return how many values and containers the JSON in *data* has, without reading it; about as many, if it is none."""
    structure = _TEXT.sub(b"", data)
    return 1 + sum(structure.count(mark) for mark in (b",", b"[", b"{"))


def _refuse_many(payloads: Sequence[RawValue], most: int) -> None:
    """Raise Malformed for JSON whose reading would hold the workflow up."""
    if any(values_in(one.payload.data) > most for one in payloads if len(one.payload.data) <= MAX_OPENING):
        raise Malformed(f"the argument holds more than {most:,} values")


def nothing(payloads: Sequence[RawValue]) -> None:
    """Raise Malformed unless there are no *payloads*."""
    if payloads:
        raise Malformed(f"takes no argument, and was given {len(payloads)}")


def unquestioned(payloads: Sequence[RawValue]) -> None:
    """Refuse a query that comes with *payloads* as `Malformed`."""
    try:
        nothing(payloads)
    except Malformed as error:
        raise refused("Malformed", str(error)) from None


def _unopened(payload: Payload) -> str:
    name = payload.metadata.get(KEY_ID, b"")
    key = f"the key {name.decode()}" if _KEY_NAME.fullmatch(name) else "no key of a known form"
    if payload.metadata.get(WHY_UNOPENED) == b"DamagedPayload":
        return f"the argument is encrypted under {key} and does not open with it: it was changed or cut short"
    return f"the argument is encrypted under {key}, which the workers lack"


def _clipped(sentence: str) -> str:
    return sentence if len(sentence) <= MAX_REASON else f"{sentence[:MAX_REASON]}…"


def fresh(payloads: Sequence[RawValue], kind: Any) -> Any:
    """Return the *kind* in the *payloads* of an update that is not in history yet; it is refused as `Malformed`."""
    try:
        _refuse_marks(payloads, kind)
        _refuse_many(payloads, MAX_VALUES)
        return decode(payloads, kind)
    except Malformed as error:
        raise refused("Malformed", str(error)) from None


def taken(payloads: Sequence[RawValue], kind: Any, limit: int = MAX_OPENING) -> Any:
    """Return the *kind* in *payloads* that were taken in before, or come from a workflow of ours; Unreadable."""
    try:
        return decode(payloads, kind, limit)
    except Malformed as error:
        raise Unreadable(str(error)) from None


def given(payloads: Sequence[RawValue], kind: Any, *, child: bool = False) -> Any:
    """
    Return the *kind* in the arguments of a run, None for none; `InvalidOpening` fails a run that has nothing to lose.

    A run that goes on from an earlier one, or that a workflow of ours began as its *child*, fails its task instead.
    """
    info = workflow.info()
    if info.continued_run_id is not None or (child and info.parent is not None):
        return taken(payloads, kind)
    try:
        if kind is None:
            return nothing(payloads)
        return unsealed(payloads, kind, "opening", MAX_OPENING)
    except Malformed as error:
        raise refused("InvalidOpening", str(error)) from None


def unsealed(payloads: Sequence[RawValue], kind: Any, name: str, limit: int = MAX_MESSAGE) -> Any:
    """
    Return what `decode` does for a message called *name*, which is new, or was refused or taken in before.

    A message that one worker refused because it lacked the key stays refused when another, which has the key by then,
    replays the history; and one that was taken in with the key fails the task of a worker that lacks it. So a refusal for
    want of a key leaves a marker in history, and every replay looks for it first. Unreadable, Malformed.
    """
    marker = f"unopened-{name}"
    if workflow.unsafe.is_replaying() and workflow.patched(marker):
        raise Malformed("the argument was encrypted under a key that the workers lacked", sealed=True)
    try:
        _refuse_marks(payloads, kind)
        _refuse_many(payloads, MAX_VALUES if limit == MAX_MESSAGE else MAX_OPENING_VALUES)
        return decode(payloads, kind, limit)
    except Malformed as error:
        if error.sealed and not workflow.patched(marker):
            raise Unreadable(str(error)) from None
        raise


class Inbox:
    """The signals of one run, counted in the order of its history, so that each has a marker of its own."""

    def __init__(self) -> None:
        self._taken = 0

    def open(self, payloads: Sequence[RawValue], kind: Any) -> Any:
        """Return the *kind* in the *payloads* of a signal; Malformed. It is asked first of all, once for each signal."""
        self._taken += 1
        return unsealed(payloads, kind, f"signal-{self._taken}")

    def expect_nothing(self, payloads: Sequence[RawValue]) -> None:
        """Take note of a signal that has no argument; Malformed if it has one."""
        self._taken += 1
        nothing(payloads)


def update(kind: type[Command], zh: str, en: str) -> Any:
    """
    Return the update by which the command *kind* is given, named after it, with what it does in Chinese and English.

    Its workflow refuses (`refuse_unless_allowed`) before anything is written to history, and then obeys (`obey`).
    """

    @workflow.update(name=name_of(kind), description=f"{zh} {en}")
    async def handle(self: Any, *payloads: RawValue) -> Accepted:
        answer: Accepted = await self.obey(taken(payloads, kind, MAX_MESSAGE))
        return answer

    @handle.validator
    def check(self: Any, *payloads: RawValue) -> None:
        self.refuse_unless_allowed(fresh(payloads, kind))

    return handle


def signal(kind: type[Command], zh: str, en: str) -> Any:
    """Return the signal that gives the command *kind* without waiting for an answer; a refusal becomes an event."""

    @workflow.signal(name=name_of(kind), description=f"{zh} {en}")
    async def handle(self: Any, *payloads: RawValue) -> None:
        await self.signalled(kind, payloads)

    return handle


def name_of(kind: type[Command]) -> str:
    """Return the name of the update or signal for *kind*, such as ``request_extension``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.__name__).lower()
