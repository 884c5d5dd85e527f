"""What is compared between two packs: the parts of each section, the fields of each part, and their words."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import BaseModel

from rulebook import words
from rulebook.authority import matrix
from rulebook.calendar import calendar
from rulebook.ceiling import longest
from rulebook.limit import Limit
from rulebook.mark import article
from rulebook.pack import RulePack
from rulebook.pack_parts import Choice, DutyRule, Reminder
from rulebook.words import Language

Said = Mapping[Language, str]

OTHER = (
    "jurisdiction",
    "layer",
    "time_zone",
    "calendar",
    "extends",
    "decision_parts",
    "refusal_grounds",
    "unreachable",
    "quiet_hours",
    "routing",
    "counting",
    "sign_offs",
    "retention",
    "returns",
    "schemes",
)
"""What is compared as a whole, for want of words of its own; the title stands above everything."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a part: its *name*, its *title* in both languages, its value in a part, and the words for a value."""

    name: str
    title: Said
    of: Callable[[Any], Any]
    words: Callable[[Any, RulePack, Language], str]

    def say(self, value: Any, pack: RulePack) -> dict[Language, str]:
        """Return *value*, as *pack* has it, in both languages."""
        return {"zh": self.words(value, pack, "zh"), "en": self.words(value, pack, "en")}


@dataclass(frozen=True, slots=True)
class Notice:
    """A kind of notice that a pack asks for, and the parts that ask for it."""

    asked_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Whole:
    """A part of a pack that is compared as it stands."""

    value: Any


def parts(pack: RulePack, section: str) -> Mapping[str, Any]:
    """Return the parts of *pack* that belong to *section*, by name."""
    return _PARTS[section](pack)


def _duties(pack: RulePack, *, windows: bool) -> dict[str, DutyRule]:
    slips = {f"slip/{duty.id}": duty for duty in pack.slips.duties} if pack.slips else {}
    every = {duty.id: duty for duty in pack.duties} | slips
    return {name: duty for name, duty in every.items() if (duty.kind == "window") is windows}


def _notices(pack: RulePack) -> dict[str, Notice]:
    asked: dict[str, list[str]] = {}
    for duty in pack.duties:
        for name in duty.met_by:
            if name.startswith("notice_given."):
                asked.setdefault(name.partition(".")[2], []).append(duty.id)
    for table in (pack.pauses, pack.extensions):
        for name, rule in table.items():
            if rule.notice:
                asked.setdefault(rule.notice, []).append(name)
    return {kind: Notice(tuple(dict.fromkeys(names))) for kind, names in asked.items()}


def _other(pack: RulePack) -> dict[str, Whole]:
    wholes = {name: Whole(plain) for name in OTHER if (plain := _plain(getattr(pack, name)))}
    sources = [article(f"{one.title}（{one.number}，{one.effective}）", one.mark) for one in pack.sources]
    return wholes | {"sources": Whole("; ".join(sources))}


def _authority(pack: RulePack) -> dict[str, Whole]:
    return {str(act): Whole([_plain(rule) for rule in rules]) for act, rules in matrix(pack).items()}


_PARTS: Mapping[str, Callable[[RulePack], Mapping[str, Any]]] = {
    "in_force": lambda pack: {pack.jurisdiction: pack.in_force},
    "limits": lambda pack: pack.limits,
    "duties": lambda pack: _duties(pack, windows=False),
    "windows": lambda pack: _duties(pack, windows=True),
    "pauses": lambda pack: pack.pauses,
    "extensions": lambda pack: pack.extensions,
    "notices": _notices,
    "authority": _authority,
    "rules": lambda pack: pack.rules,
    "other": _other,
}


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    return value


def _amount(value: tuple[int, Any], pack: RulePack, language: Language) -> str:
    said = words.amount(*value, language)
    if value[1] == "nd":
        return said
    days = longest(Limit(*value), calendar(pack.calendar))[0]
    return said + (f"（最长{days}日）" if language == "zh" else f" (at most {days} natural days)")


def _choices(choices: Sequence[Choice], pack: RulePack, language: Language) -> str:
    said = []
    for choice in choices:
        rule = pack.limit(choice.limit)
        text = f"{choice.limit} {_amount((rule.amount, rule.unit), pack, language)}"
        when = words.conditions(choice.when, language) if choice.when else ""
        said.append(f"{text}[{when}]" if when else text)
    return words.listed(said, language)


def _reminders(reminders: Sequence[Reminder], _: RulePack, language: Language) -> str:
    return words.listed((f"{one} {one.at:%H:%M}" + (f" {one.to}" if one.to else "") for one in reminders), language)


def _plainly(value: Any, _: RulePack, language: Language) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return {"zh": "是" if value else "否", "en": "yes" if value else "no"}[language]
    if isinstance(value, str | int | date):
        return str(value)
    if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        return words.listed(value, language)
    return json.dumps(_plain(value), ensure_ascii=False, default=str)


def _field(name: str, zh: str, en: str, say: Callable[[Any, RulePack, Language], str] = _plainly) -> Field:
    return Field(name, {"zh": zh, "en": en}, lambda part: getattr(part, name), say)


def _text(name: str, zh: str, en: str) -> Field:
    return _field(name, zh, en, lambda value, _, language: str(getattr(value, language)))


def _events(name: str, zh: str, en: str) -> Field:
    return _field(name, zh, en, lambda value, _, language: words.events(value, language))


ARTICLE = Field(
    "citation",
    {"zh": "依据", "en": "article"},
    lambda part: article(part.citation, part.mark),
    _plainly,
)
AMOUNT = Field("amount", {"zh": "时长", "en": "length"}, lambda part: (part.amount, part.unit), _amount)

_DUTY: tuple[Field, ...] = (
    _text("title", "名称", "title"),
    _field("kind", "性质", "kind", lambda value, _, language: words.KINDS[value] if language == "zh" else str(value)),
    _field("who", "责任人", "who", lambda value, _, language: words.people([value], language)),
    _events("start", "起算", "starts with"),
    _field("when", "条件", "when", lambda value, _, language: words.conditions(value, language)),
    _field("limits", "期限", "limit", _choices),
    _events("met_by", "完成", "ends with"),
    _events("cancelled_by", "终止", "cancelled by"),
    _events("reset_by", "重新计算", "restarted by"),
    _events("restart_by", "重新起算", "counted anew from"),
    _field(
        "pauses",
        "不计入",
        "left out",
        lambda value, _, language: words.listed((words.name(one, language) for one in value), language),
    ),
    _field("extension", "延长", "extended by"),
    _field("reminders", "提醒", "reminders", _reminders),
    _field("layer", "层级", "layer"),
    _field("again", "反复", "recurs"),
    _field("once", "仅一次", "opens once"),
    _field("lapses", "条件消失即终止", "lapses with its condition"),
    _field("dated_by_event", "由事件定期", "dated by its event"),
    ARTICLE,
)

FIELDS: Mapping[str, tuple[Field, ...]] = {
    "in_force": (_field("start", "自", "from"), _field("until", "至（不含）", "until (exclusive)")),
    "limits": (AMOUNT, ARTICLE, _text("text", "内容", "text")),
    "duties": _DUTY,
    "windows": _DUTY,
    "pauses": (
        _text("title", "名称", "title"),
        _field("notice", "告知", "notice", lambda value, _, language: words.name(value, language) if value else "—"),
        ARTICLE,
    ),
    "extensions": (
        _field("limit", "延长", "by"),
        _field("after", "在…之后", "after"),
        _field("approvers", "审批人", "approved by", lambda value, _, language: words.people(value, language)),
        _field("notice", "告知", "notice", lambda value, _, language: words.name(value, language)),
        _field("at_most", "次数", "times"),
        _field("ceiling", "上限", "ceiling", lambda value, pack, lang: _amount((value.amount, value.unit), pack, lang)),
        ARTICLE,
    ),
    "notices": (
        _field("asked_by", "要求告知的规定", "asked for by", lambda value, _, lang: words.listed(value, lang)),
    ),
    "authority": (_field("value", "规则", "rules"),),
    "rules": (
        _text("text", "内容", "text"),
        _field("at_most", "至多", "at most"),
        _field("at_least", "至少", "at least"),
        ARTICLE,
    ),
    "other": (_field("value", "", ""),),
}
"""The fields that are compared in each section, in the order in which they are told."""
