"""
The values that every travelling shape is made of, each with its one rule: lines, free text, numbers of people, instants.

What the validators take, the JSON Schema allows, and the other way round. Whatever is changed on the way in is changed in
one way whoever changes it, and a second time changes nothing: a complaint has the same hash before and after a journey.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final, LiteralString

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, Strict
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, PydanticKnownError, core_schema

MOST: Final = 200
"""How many entries a list in a shape may have: links, causes, pieces of evidence."""

_BREAKS: Final = ((0x09, 0x0D), (0x85, 0x85), (0x2028, 0x2029))
_BLANK: Final = (
    *_BREAKS,
    *((0x20, 0x20), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x202F, 0x202F), (0x205F, 0x205F)),
    (0x3000, 0x3000),
)
_UNSEEN: Final = (
    *((0xAD, 0xAD), (0x61C, 0x61C), (0x180E, 0x180E), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x2069)),
    *((0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB)),
)
_CONTROL: Final = ((0x00, 0x08), (0x0E, 0x1F), (0x7F, 0x84), (0x86, 0x9F), (0xFFFE, 0xFFFF))
"""Code points, first and last: what ends a line or moves along it, what leaves a gap, what nobody sees, what is no text."""


def _class(*ranges: tuple[int, int]) -> str:
    return "".join(f"\\u{first:04x}" + (f"-\\u{last:04x}" if last > first else "") for first, last in ranges)


def _letters(*ranges: tuple[int, int]) -> str:
    return "".join(chr(code) for first, last in ranges for code in range(first, last + 1))


_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_NOT_IN_TEXT: Final = re.compile(f"[{_class(*_CONTROL)}]")
_NOT_IN_LINE: Final = re.compile(f"[{_class(*_CONTROL, *_BREAKS)}]")
_VISIBLE: Final = re.compile(f"[^{_class(*_CONTROL, *_BLANK, *_UNSEEN)}]")
_LINE_BREAK: Final = re.compile(r"\r\n|[\r\u000b\u000c\u0085\u2028\u2029]")
_TAKEN_OUT: Final = re.compile(f"[{_class(*_UNSEEN)}]")
_OUT_OF_LINE: Final = re.compile(rf"(?![\u200c\u200d])[{_class(*_UNSEEN)}]")
_ENDS: Final = _letters(*_BLANK)
_LINE_ENDS: Final = _letters(*_BLANK, *_UNSEEN)
_ADDRESS_ENDS: Final = f"{_letters(*_BLANK[len(_BREAKS) :])};,\u3001\u3002"

_HALF_WIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: " ",
    **dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2212), "-"),
}


def _plain_line(text: str) -> str:
    # Joiners stay: they are letters of some scripts, and names are written with them.
    return _OUT_OF_LINE.sub("", text).strip(_LINE_ENDS)


def _plain_number(text: str) -> str:
    return _TAKEN_OUT.sub("", text).translate(_HALF_WIDTH).strip(_ENDS)


def _plain_address(text: str) -> str:
    number = _plain_number(text)
    return number.strip(_ADDRESS_ENDS) or number


def _plain_text(text: str) -> str:
    return _LINE_BREAK.sub("\n", text.replace("\ufeff", "")).strip(_ENDS)


@dataclass(frozen=True)
class TextRule:
    """
    What a text may be: at most *most* characters, and at least *least* once it is *plain*.

    With *breaks* it may have line breaks and tabs; a form feed or a vertical tab, as word processors leave them, becomes a
    line break. No text has other control characters, half a surrogate pair or what no document can carry.
    """

    most: int
    least: int = 1
    breaks: bool = False
    plain: Callable[[str], str] = _plain_line

    def __get_pydantic_core_schema__(self, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return how pydantic reads such a text."""
        written = core_schema.str_schema(strict=True, strip_whitespace=False)
        return core_schema.no_info_after_validator_function(self.read, written)

    def __get_pydantic_json_schema__(self, _core: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Return how JSON Schema says the same."""
        unseen, within = f"[{_class(*_BLANK, *_UNSEEN)}]*", f"[{_class(*_BLANK[len(_BREAKS) :], *_UNSEEN)}]*"
        seen = f"[^{_class(*_CONTROL, *_BLANK, *_UNSEEN)}]"
        rest = f"[^{_class(*_CONTROL, *_BREAKS)}]*{unseen}"
        if self.breaks:
            within, rest = unseen, f"[^{_class(*_CONTROL)}]*"
        form = f"{unseen}{within.join([seen] * self.least)}{rest}" if self.least else f"{unseen}({seen}{rest})?"
        return {"type": "string", "minLength": self.least, "maxLength": self.most, "pattern": f"^{form}$"}

    def read(self, text: str) -> str:
        """Return *text* as it is kept, or raise what pydantic tells of it."""
        if len(text) > self.most:
            raise PydanticKnownError("string_too_long", {"max_length": self.most})
        if _SURROGATE.search(text):
            raise PydanticKnownError("string_unicode")
        found = self.plain(text)
        if (_NOT_IN_TEXT if self.breaks else _NOT_IN_LINE).search(found):
            but = "" if self.breaks else ", nor line breaks and tabs"
            raise PydanticCustomError("control_character", f"must not contain control characters{but}")
        if not self._says_enough(found):
            raise PydanticKnownError("string_too_short", {"min_length": self.least})
        return found

    def _says_enough(self, text: str) -> bool:
        place = 0
        for _ in range(self.least):
            if (letter := _VISIBLE.search(text, place)) is None:
                return False
            place = letter.end()
        return True


Line = Annotated[str, TextRule(200)]
"""One short line of text, such as a name."""

Word = Annotated[str, TextRule(500, least=0)]
"""One line in an event: an id, a code, the number of a document; it may be empty where another system left it so."""

Reference = Annotated[str, TextRule(500, least=2)]
"""The number of a document, a receipt or a record, which anybody can find again."""

Text = Annotated[str, TextRule(20_000, breaks=True, plain=_plain_text)]
"""Text of any practical length."""

Narrative = Annotated[str, TextRule(20_000, least=2, breaks=True, plain=_plain_text)]
"""What was found, decided or said."""

Prose = Annotated[str, TextRule(20_000, least=0, breaks=True, plain=_plain_text)]
"""Text of any practical length that may be left empty."""

Reason = Annotated[str, TextRule(2000, least=2, breaks=True, plain=_plain_text)]
"""Why: a sentence that will be read years later."""

Remark = Annotated[str, TextRule(2000, least=0, breaks=True, plain=_plain_text)]
"""What somebody adds, or nothing."""

Phone = Annotated[str, TextRule(200, plain=_plain_number)]
"""A telephone number as it was given, in half-width characters."""

MailAddress = Annotated[str, TextRule(320, plain=_plain_address)]
"""A mail address as it was given, in half-width characters; whether mail can be sent to it is another question."""

DocumentNumber = Annotated[str, TextRule(200, plain=_plain_number)]
"""The number of a document as it was given, in half-width characters."""

Sha256 = Annotated[str, Strict(), Field(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 digest in lower-case hexadecimal."""

Flag = Annotated[bool, Strict()]
"""Yes or no, and nothing that stands for it."""


@dataclass(frozen=True)
class WholeRule:
    """What a whole number may be: from nothing to the largest that JSON carries exactly; a field may narrow it."""

    most: int = 2**53 - 1

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return how pydantic reads such a number, within what the field has said already."""
        narrowed = handler(source)
        if narrowed["type"] != "int":
            raise TypeError("a whole number is an int")
        least, most = narrowed.get("ge", 0), narrowed.get("le", self.most)
        return core_schema.int_schema(strict=True, ge=max(least, 0), le=min(most, self.most))


Whole = Annotated[int, WholeRule()]
"""A whole number that JSON carries exactly (RFC 8785), and nothing that stands for it."""

Words = Annotated[tuple[Word, ...], Field(max_length=MOST)]
"""Several ids or codes."""

Hashes = Annotated[tuple[Sha256, ...], Field(max_length=MOST)]
"""The digests of several files."""


_MONTH_AND_DAY: Final = r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_HOUR_AND_MINUTE: Final = r"([01][0-9]|2[0-3]):[0-5][0-9]"
_DATE: Final = rf"(19|20|21)[0-9]{{2}}-{_MONTH_AND_DAY}"
_YEAR: Final = r"(19|[2-9][0-9])[0-9]{2}"
_FRACTION: Final = r"(\.[0-9]{1,9})?"
_INSTANT: Final = rf"{_YEAR}-{_MONTH_AND_DAY}T{_HOUR_AND_MINUTE}:[0-5][0-9]{_FRACTION}(Z|[+-]{_HOUR_AND_MINUTE})"
_AMOUNT: Final = r"[0-9]{1,13}(\.[0-9]{1,2})?"
_IS_INSTANT: Final = re.compile(_INSTANT, re.ASCII)
_IS_NAIVE: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?", re.ASCII)
_IS_DAY: Final = re.compile(_DATE, re.ASCII)
_IS_AMOUNT: Final = re.compile(_AMOUNT, re.ASCII)
_YEARS: Final = range(1900, 9999)
_YEARS_OF_DAYS: Final = range(1900, 2200)
"""What lies outside is a typing error, and nearer to the ends of the calendar than a deadline may be counted."""


@dataclass(frozen=True, eq=False)
class ValueRule:
    """How a value that JSON writes as text is *read*, what pydantic then makes of it, and how JSON Schema says the same."""

    read: Callable[[Any], Any]
    core: CoreSchema
    schema: JsonSchemaValue

    def __get_pydantic_core_schema__(self, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return how pydantic reads such a value."""
        return core_schema.no_info_before_validator_function(self.read, self.core)

    def __get_pydantic_json_schema__(self, _core: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Return how JSON Schema says the same."""
        return dict(self.schema)


def _local_instant(value: object) -> datetime:
    found = _instant(value)
    return value if isinstance(value, datetime) else datetime.fromisoformat(value) if isinstance(value, str) else found


def _instant(value: object) -> datetime:
    if isinstance(value, str) and _IS_INSTANT.fullmatch(value):
        value = _parsed(value, datetime.fromisoformat, "instant")
    naive = isinstance(value, str) and _IS_NAIVE.fullmatch(value)
    if naive or (isinstance(value, datetime) and value.utcoffset() is None):
        raise PydanticCustomError("timezone_aware", "must carry a time zone")
    if not isinstance(value, datetime):
        raise PydanticCustomError("instant", "must be an instant with its offset, such as 2026-03-02T09:30:00+08:00")
    try:
        found = value.astimezone(UTC)
    except OverflowError:
        found = None
    if found is None or found.year not in _YEARS:
        raise PydanticCustomError("instant", "must lie in the years 1900 to 9998")
    return found


def _day(value: object) -> date:
    if isinstance(value, str) and _IS_DAY.fullmatch(value):
        value = _parsed(value, date.fromisoformat, "day")
    if not isinstance(value, date) or isinstance(value, datetime):
        raise PydanticCustomError("day", "must be a day, such as 2026-03-02")
    if value.year not in _YEARS_OF_DAYS:
        raise PydanticCustomError("day", "must lie in the years 1900 to 2199")
    return value


def _parsed(text: str, parse: Callable[[str], date], kind: LiteralString) -> date:
    try:
        return parse(text)
    except ValueError:
        raise PydanticCustomError(kind, "names a day that does not exist") from None


def _amount(value: object) -> object:
    text = str(value) if isinstance(value, str | int | float | Decimal) and not isinstance(value, bool) else ""
    if not _IS_AMOUNT.fullmatch(text):
        raise PydanticCustomError("amount", "must be an amount of money, such as 1200.50")
    return Decimal(text)


LocalInstant = Annotated[
    datetime,
    ValueRule(
        _local_instant,
        core_schema.datetime_schema(tz_constraint="aware"),
        {"type": "string", "format": "date-time", "pattern": f"^{_INSTANT}$"},
    ),
]
"""An instant in an answer, which keeps the offset of the rules by which it was counted."""

Instant = Annotated[
    datetime,
    ValueRule(
        _instant,
        core_schema.datetime_schema(tz_constraint="aware"),
        {"type": "string", "format": "date-time", "pattern": f"^{_INSTANT}$"},
    ),
]
"""An instant with its offset (RFC 3339), kept in UTC so that one instant has one form and one hash."""

Day = Annotated[
    date, ValueRule(_day, core_schema.date_schema(), {"type": "string", "format": "date", "pattern": f"^{_DATE}$"})
]
"""A day of the calendar."""

Amount = Annotated[
    Decimal,
    ValueRule(
        _amount,
        core_schema.decimal_schema(),
        {"anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": f"^{_AMOUNT}$"}]},
    ),
]
"""An amount of money with at most two decimal places."""
