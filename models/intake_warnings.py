"""
What looks wrong in a complaint that was taken in all the same: numbers and addresses that can hardly be right.

The law knows no ground to refuse a complaint over a wrong number (art. 13, 18(4)), so whoever sends it, and whoever works
on it, is warned, by place and rule and without the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from models.delivery import is_mailbox
from models.intake import Intake
from models.particulars import corrected
from models.parties import Contact, IdDocument, OrganisationComplainant
from rulebook import events as ev

WARNINGS_ZH = {
    "mail_address": "邮箱地址无法使用",
    "mail_addresses": "一栏内有多个邮箱地址",
    "phone": "电话号码无法使用",
    "mobile_length": "手机号码应为 11 位",
    "resident_id_form": "居民身份证号码应为 18 位（旧证 15 位）数字，末位可为 X",
    "resident_id_birth": "居民身份证号码中的出生日期不可能",
    "resident_id_check": "居民身份证号码校验码不符",
    "credit_code_form": "统一社会信用代码应为 18 位",
    "credit_code_check": "统一社会信用代码校验码不符",
}
"""What a warning says, in Chinese."""

WARNINGS_EN = {
    "mail_address": "is no address that mail can be sent to",
    "mail_addresses": "holds more than one address; none of them is used",
    "phone": "is no number that can be called",
    "mobile_length": "a mobile number has 11 digits",
    "resident_id_form": "a resident id has 18 digits, an old one 15; the last may be X",
    "resident_id_birth": "the day of birth in it is none",
    "resident_id_check": "its check digit does not fit",
    "credit_code_form": "a credit code has 18 characters",
    "credit_code_check": "its check character does not fit",
}
"""What a warning says, in English."""

_PHONE = re.compile(r"[0-9+()/,;#*. \u3001-]*(?:(?:\u8f6c|\u5206\u673a|ext\.?|x) ?[0-9]{1,8})?", re.IGNORECASE)
_MOBILE = re.compile(r"1[3-9][0-9]*")
_OLD_ID = re.compile(r"[1-9][0-9]{14}")
_ID = re.compile(r"[1-9][0-9]{16}[0-9Xx]")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CREDIT_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_CODE = re.compile(f"[{_CREDIT_LETTERS}]{{18}}")
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_CIVIL_ZONE = ZoneInfo("Asia/Shanghai")


def warnings(intake: Intake) -> tuple[str, ...]:
    """Return every warning about *intake* as ``place: sentence [code]``, in the order of its fields."""
    received_on = intake.received_at.astimezone(_CIVIL_ZONE).date()
    found = _warned(intake, "", received_on)
    return tuple(f"{place}: {WARNINGS_ZH[code]} {WARNINGS_EN[code]} [{code}]" for place, code in found)


def warnings_left(intake: Intake, events: Iterable[ev.Event]) -> tuple[str, ...]:
    """Return the warnings about *intake* that are left after what *events* corrected and changed."""
    happened = tuple(events)
    known = corrected(intake, (one for one in happened if isinstance(one, ev.ParticularsCorrected)))
    changed = {part for one in happened if isinstance(one, ev.ContactChanged) for part in one.parts}
    old = tuple(f"complainant.contact.{part}: " for part in changed)
    return tuple(one for one in warnings(known) if not one.startswith(old))


def _warned(part: BaseModel, path: str, received_on: date) -> Iterator[tuple[str, str]]:
    match part:
        case Contact():
            yield from ((f"{path}phone", code) for code in _phone(part.phone))
            yield from ((f"{path}email", code) for code in _mail(part.email))
        case IdDocument(type="resident_id"):
            yield from ((f"{path}number", code) for code in _resident_id(part.number, received_on))
        case OrganisationComplainant():
            yield from ((f"{path}credit_code", code) for code in _credit_code(part.credit_code))
        case _:
            pass
    for name in type(part).model_fields:
        value = getattr(part, name)
        if isinstance(value, BaseModel):
            yield from _warned(value, f"{path}{name}.", received_on)
        elif isinstance(value, tuple):
            for number, one in enumerate(value):
                if isinstance(one, BaseModel):
                    yield from _warned(one, f"{path}{name}.{number}.", received_on)


def _mail(text: str | None) -> Iterator[str]:
    if text is not None and not is_mailbox(text):
        yield "mail_addresses" if text.count("@") > 1 else "mail_address"


def _phone(text: str | None) -> Iterator[str]:
    if text is None:
        return
    digits = re.sub(r"[^0-9]", "", text)
    if not _PHONE.fullmatch(text) or len(digits) < 3:
        yield "phone"
    elif _MOBILE.fullmatch(text) and len(text) != 11:
        yield "mobile_length"


def _resident_id(number: str, received_on: date) -> Iterator[str]:
    """Look at the number of a resident id (GB 11643-1999)."""
    if _OLD_ID.fullmatch(number):
        birth = f"19{number[6:12]}"
    elif _ID.fullmatch(number):
        birth = number[6:14]
    else:
        yield "resident_id_form"
        return
    try:
        born = date(int(birth[:4]), int(birth[4:6]), int(birth[6:]))
    except ValueError:
        born = None
    if born is None or born.year < 1850 or born > received_on:
        yield "resident_id_birth"
    if len(number) == 18:
        total = sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, number[:17], strict=True))
        if "10X98765432"[total % 11] != number[17].upper():
            yield "resident_id_check"


def _credit_code(text: str | None) -> Iterator[str]:
    """Look at a unified social credit code (GB 32100-2015)."""
    if text is None:
        return
    code = text.upper()
    if not _CREDIT_CODE.fullmatch(code):
        yield "credit_code_form"
        return
    total = sum(
        weight * _CREDIT_LETTERS.index(letter) for weight, letter in zip(_CREDIT_WEIGHTS, code[:17], strict=True)
    )
    if _CREDIT_LETTERS[-total % 31] != code[17]:
        yield "credit_code_check"
