"""One rule for every text, instant, number and truth value that travels, whatever it travels in."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # ships no types
from pydantic import BaseModel, TypeAdapter, ValidationError
from sqlmodel import SQLModel

import models
import rulebook
from models.commands import RequestExtension
from models.explain import explain
from models.opening import Opening
from rulebook import scalars
from rulebook.scalars import DocumentNumber, Flag, Instant, Line, MailAddress, Phone, Prose, Reason, Text, Whole, Word

MADE_HERE = {
    "models.actor": "made of the organisation data, which is checked",
    "models.archive": "read from packages that are sealed by hash",
    "models.closed": "files of closed complaints are counted and not recorded",
    "models.figure_files": "files of bases are counted and not recorded",
    "models.mapping": "what a mapping makes of a row goes through the shapes of complaints and events",
    "models.moving": "made of the clock",
    "models.proof": "made of the clock",
    "models.signing": "read from packages that are sealed by hash",
    "models.source": "what a mapping makes of a row goes through the shapes of complaints and events",
    "models.view": "made of events",
    "rulebook.authority": "rules, published as files",
    "rulebook.figures": "rules, published as files",
    "rulebook.pack": "rules, published as files",
    "rulebook.pack_keeping": "rules, published as files",
    "rulebook.pack_parts": "rules, published as files",
    "rulebook.retention": "rules, published as files",
    "rulebook.risk": "rules, published as files",
}
"""Rooms whose shapes need not hold to the rules, and why: nothing from outside comes in by them unchecked."""

LOOSE = {("NoticeOrder", "any"), ("NoticeOrder", "str"), ("Notice", "date"), ("NoticeDay", "date"), ("Notice", "int")}
"""Facts of a letter are made of events; a notice is strict about its days and years in all of its fields."""

ARBITRARY = {"str", "datetime", "date", "bool", "int", "float", "decimal", "any", "time", "bytes"}


def shapes() -> list[type[BaseModel]]:
    """Every shape of the project that is no table."""
    for room in (models, rulebook):
        for found in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
            if found.name != "rulebook.__main__":
                importlib.import_module(found.name)
    pending = [BaseModel]
    seen: set[type[BaseModel]] = set()
    while pending:
        for kind in pending.pop().__subclasses__():
            if kind not in seen and not issubclass(kind, SQLModel):
                seen.add(kind)
                pending.append(kind)
    named = (kind for kind in seen if kind.__module__.partition(".")[0] in {"models", "rulebook"})
    return sorted(named, key=lambda kind: (kind.__module__, kind.__qualname__))


def loose(schema: Any, of: type[BaseModel], *, ruled: bool = False) -> Iterator[str]:
    """Yield the kind of every value of *of*, in pydantic's own *schema* of it, that no rule of ours reads."""
    if isinstance(schema, list | tuple):
        for part in schema:
            yield from loose(part, of, ruled=ruled)
    if not isinstance(schema, dict) or (schema.get("type") == "model" and schema["cls"] is not of):
        return
    named = schema.get("type")
    kind = named if isinstance(named, str) else ""
    if kind.startswith("function-"):
        ruled = ruled or getattr(schema["function"]["function"], "__module__", "") == scalars.__name__
    formed = bool(schema.get("strict")) and (kind in {"bool", "int"} or str(schema.get("pattern", "")).startswith("^"))
    if kind in ARBITRARY and not ruled and not formed:
        yield kind
    for name, part in schema.items():
        if name not in {"serialization", "metadata", "ref", "function"}:
            yield from loose(part, of, ruled=ruled)


@pytest.mark.parametrize("kind", shapes(), ids=lambda kind: f"{kind.__module__}.{kind.__qualname__}")
def test_every_value_of_every_shape_that_travels_has_a_rule(kind: type[BaseModel]) -> None:
    """A new field with a bare ``str``, ``datetime``, ``int`` or ``bool`` lets in what the record cannot hold."""
    if kind.__module__ in MADE_HERE and kind.__qualname__ != "Pin":
        return
    bare = {(kind.__qualname__, found) for found in loose(kind.__pydantic_core_schema__, kind)}
    assert bare - LOOSE == set(), f"give it a type of rulebook.scalars or models.identifiers: {kind.__qualname__}"


def test_every_room_that_is_left_out_has_shapes() -> None:
    assert MADE_HERE.keys() - {kind.__module__ for kind in shapes()} == set()


class Bare(BaseModel):
    """A shape without rules."""

    text: str | None
    at: tuple[datetime, ...]
    counts: dict[str, int]
    sure: bool = False
    good: Line = "x"


def test_a_shape_without_rules_is_found() -> None:
    assert sorted(loose(Bare.__pydantic_core_schema__, Bare)) == ["bool", "datetime", "int", "str", "str"]


def read(kind: Any, value: object) -> Any:
    return TypeAdapter(kind).validate_python(value)


def refused(kind: Any, value: object) -> str:
    with pytest.raises(ValidationError) as caught:
        read(kind, value)
    return str(caught.value.errors()[0]["type"])


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2026-03-02T09:30:00+08:00", datetime(2026, 3, 2, 1, 30, tzinfo=UTC)),
        ("2026-03-02T01:30:00Z", datetime(2026, 3, 2, 1, 30, tzinfo=UTC)),
        ("2026-03-02T01:30:00.1234567Z", datetime(2026, 3, 2, 1, 30, 0, 123456, tzinfo=UTC)),
        (datetime(2026, 3, 2, 1, 30, tzinfo=UTC), datetime(2026, 3, 2, 1, 30, tzinfo=UTC)),
    ],
)
def test_an_instant_has_its_offset_and_is_kept_in_utc(given: object, kept: datetime) -> None:
    found = read(Instant, given)
    assert (found, found.tzinfo) == (kept, UTC)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("20261120", "instant"),
        ("1795000000", "instant"),
        (1795000000, "instant"),
        (1795000000000, "instant"),
        (1795000000.5, "instant"),
        (True, "instant"),
        ("2026-11-20", "instant"),
        ("2026-11-20T24:00:00Z", "instant"),
        ("2026-02-30T09:00:00Z", "instant"),
        ("2026-11-20 09:00:00+08:00", "instant"),
        ("2026-11-20T09:00+08:00", "instant"),
        ("2026-11-20T09:00:00+08:00[Asia/Shanghai]", "instant"),
        ("0001-01-01T00:00:00+08:00", "instant"),
        (datetime.max.replace(tzinfo=UTC), "instant"),
        ("2026-11-20T09:00:00", "timezone_aware"),
        (datetime(2026, 11, 20), "timezone_aware"),  # noqa: DTZ001  # what is refused
    ],
    ids=str,
)
def test_digits_days_and_naive_times_are_no_instants(given: object, code: str) -> None:
    assert refused(Instant, given) == code
    with pytest.raises(ValidationError):
        TypeAdapter(Instant).validate_json(json.dumps(given, default=str))


@pytest.mark.parametrize(
    "given", [20261120, "20261120", "2026-11-20T00:00:00Z", datetime(2026, 11, 20, tzinfo=UTC), "2026-02-30"]
)
def test_a_day_is_a_day_and_no_number(given: object) -> None:
    assert refused(scalars.Day, given) == "day"


@pytest.mark.parametrize(
    ("kind", "given"),
    [(Flag, "no"), (Flag, 1), (Flag, "true"), (Whole, True), (Whole, "1"), (Whole, 1.0), (Whole, -1), (Whole, 2**53)],
)
def test_a_word_is_no_truth_value_and_a_truth_value_no_number(kind: Any, given: object) -> None:
    with pytest.raises(ValidationError):
        read(kind, given)
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_json(json.dumps(given))


def test_a_field_narrows_what_a_number_may_be() -> None:
    for days in (0, 367):
        with pytest.raises(ValidationError):
            RequestExtension.model_validate({"id": "1", "actor": "p-hq-kf-01", "days": days, "reason": "取证"})


@pytest.mark.parametrize("given", [True, "1e3", "NaN", "-1", "1.555", 1.555, "１２", " 1 "])
def test_an_amount_is_plain_digits(given: object) -> None:
    assert refused(scalars.Amount, given) == "amount"


@pytest.mark.parametrize("kind", [Line, Word, Text, Prose, Reason, Phone, MailAddress, DocumentNumber])
@pytest.mark.parametrize(
    "given", ["甲\x00乙", "甲\x1b乙", "甲\x7f乙", "甲\x90乙", "甲\uffff乙", "甲\ud800乙", 5, b"ab", None]
)
def test_no_text_holds_control_characters_or_half_a_character(kind: Any, given: object) -> None:
    assert refused(kind, given) in {"control_character", "string_unicode", "string_type"}


@pytest.mark.parametrize("kind", [Line, Word, Phone, MailAddress, DocumentNumber])
@pytest.mark.parametrize("inside", ["\n", "\r", "\t", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_what_is_one_line_holds_no_line_break_and_no_tab(kind: Any, inside: str) -> None:
    """A phone number with a line break would forge a line in the head of a letter."""
    assert refused(kind, f"1{inside}2") == "control_character"
    assert read(kind, f"{inside}12{inside}") == "12"


def test_what_was_pasted_from_a_word_processor_gets_its_line_breaks() -> None:
    assert read(Text, "\ufeff一\x0b二\x0c三\r\n四\r五\u2028六\t七 \n") == "一\n二\n三\n四\n五\n六\t七"


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        (Phone, "\u202d13800000001\u202c", "13800000001"),
        (Phone, "138\u200b00000001", "13800000001"),
        (Phone, "１３８００００００１２", "13800000012"),
        (Phone, "（020）－12345678", "(020)-12345678"),
        (MailAddress, "\u200bzhang@example.com；", "zhang@example.com"),
        (MailAddress, "ｚｈａｎｇ＠example.com", "zhang@example.com"),
        (DocumentNumber, "11010519491231002\u200dＸ", "11010519491231002X"),
        (Line, "示例甲\u00a0\u200b", "示例甲"),
        (Line, "阿\u200b卜\u2067杜", "阿卜杜"),
        (Line, "می\u200cخواهم", "می\u200cخواهم"),
        (Line, "葛\U000e0100城", "葛\U000e0100城"),
        (Line, "买买提·吐尔逊", "买买提·吐尔逊"),
    ],
)
def test_what_nobody_sees_is_taken_out_and_names_keep_their_letters(kind: Any, given: str, kept: str) -> None:
    """Zero-width joiners and variants of characters belong to some names; marks of direction and empty spaces do not."""
    assert read(kind, given) == kept


FREE = [Text, Prose, Reason, scalars.Narrative, scalars.Remark]
RULED = [Line, Word, scalars.Reference, Phone, MailAddress, DocumentNumber, *FREE]
BREAKS, UNSEEN = "\t\n\r\x0b\x0c\x85\u2028\u3000", "\u200b\u200d\u202e\ufeff"
LETTERS = st.sampled_from(f"甲a1@;,. {BREAKS}{UNSEEN}\x00\x1f\x9f\uffff１；葛\U000e0100\U0001f600")


def schema_of(kind: Any) -> Draft202012Validator:
    """The published schema; in ECMA-262, unlike here, ``$`` never stands before a line break."""
    published = TypeAdapter(kind).json_schema()
    return Draft202012Validator({**published, "pattern": re.sub(r"\$$", r"\\Z", published["pattern"])})


READERS: dict[str, tuple[TypeAdapter[Any], Any]] = {
    str(kind): (TypeAdapter(kind), schema_of(kind)) for kind in [*RULED, Instant]
}


@pytest.mark.parametrize("kind", RULED)
@given(text=st.text(LETTERS, max_size=6))
def test_schema_and_validator_agree_and_a_second_time_changes_nothing(kind: Any, text: str) -> None:
    reader, schema = READERS[str(kind)]
    try:
        kept = reader.validate_python(text)
    except ValidationError:
        assert not schema.is_valid(text)
    else:
        assert schema.is_valid(text)
        assert reader.validate_python(kept) == kept
        assert reader.validate_json(json.dumps(kept)) == kept


DAYS, HOURS = r"(18|19|20|21|99)\d\d-[01]\d-[0-3]\d", r"[0-2]\d:[0-5]\d(:[0-6]\d(\.\d{1,10})?)?"


@given(text=st.from_regex(rf"{DAYS}[T ]{HOURS}(Z|[+-][0-2]\d:?[0-5]\d|)", fullmatch=True))
def test_the_schema_of_an_instant_lets_through_what_is_one(text: str) -> None:
    reader, schema = READERS[str(Instant)]
    told = None
    try:
        reader.validate_python(text)
    except ValidationError as error:
        told = str(error)
    # A pattern cannot know how long a month is, nor where a year ends elsewhere.
    if told is None or not re.search("does not exist|must lie in", told):
        assert schema.is_valid(text) is (told is None)


def test_the_names_of_unknown_fields_are_not_told() -> None:
    """Whoever sends a name or a number as a key must not read it in a log."""
    with pytest.raises(ValidationError) as caught:
        Opening.model_validate({"intake": {"zhangsan": 1}, "mobile13800000001": 2})
    told = explain(caught.value)
    assert "?: unknown field [extra_forbidden]" in told
    assert "intake.?: unknown field [extra_forbidden]" in told
    assert "zhangsan" not in told
    assert "13800000001" not in told
