"""
What differs between two rule packs, said so that a lawyer can check it: each difference with its articles.

A difference is found once and carries its words in Chinese and in English; text and JSON show the same list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from rulebook.pack import RulePack
from rulebook.pack_diff_parts import FIELDS, Field, parts
from rulebook.words import Language

Section = Literal[
    "in_force", "limits", "duties", "windows", "pauses", "extensions", "notices", "authority", "rules", "other"
]

SECTIONS: Mapping[Section, Mapping[Language, str]] = {
    "in_force": {"zh": "适用时间", "en": "In force"},
    "limits": {"zh": "期限", "en": "Limits"},
    "duties": {"zh": "义务", "en": "Duties"},
    "windows": {"zh": "投诉人可以行使权利的期间", "en": "Windows"},
    "pauses": {"zh": "不计入期限的时间", "en": "Pauses"},
    "extensions": {"zh": "延长", "en": "Extensions"},
    "notices": {"zh": "告知", "en": "Notices"},
    "authority": {"zh": "权限", "en": "Authority"},
    "rules": {"zh": "其他规定", "en": "Other rules"},
    "other": {"zh": "其他", "en": "Other"},
}

CHANGES: Mapping[str, Mapping[Language, str]] = {
    "added": {"zh": "新增", "en": "added"},
    "removed": {"zh": "删除", "en": "removed"},
    "changed": {"zh": "变更", "en": "changed"},
}


NOTHING: tuple[object, ...] = (None, (), {}, [], "", False)
"""What a field says that says nothing."""

UNVERIFIED: Mapping[Language, str] = {
    "zh": "注意：{} 并非全部经原文核对，未核对的规定可能未收录，其“新增”“删除”不等于法律上的新增、删除。",
    "en": "Caution: not all of {} was read in the law itself. What is unverified may be left out of it, so nothing follows "
    "from a part that is only in the other pack.",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: in which section, of which part, in which field; *before* and *after* are words in both languages."""

    section: Section
    part: str
    change: Literal["added", "removed", "changed"]
    field: str
    title: Mapping[Language, str]
    field_title: Mapping[Language, str]
    before: Mapping[Language, str] | None
    after: Mapping[Language, str] | None

    def say(self, language: Language) -> str:
        """Return the difference as one line."""
        named = f"{CHANGES[self.change][language]} {self.part}"
        colon = "：" if language == "zh" else ": "
        what = f"{named} {self.title[language]}" if self.title[language] else named
        if self.change == "changed":
            before, after = (one[language] if one else "—" for one in (self.before, self.after))
            field = self.field_title[language]
            return f"{what}{colon}{field} {before} → {after}" if field else f"{what}{colon}{before} → {after}"
        said = self.after if self.change == "added" else self.before
        return f"{what}{colon}{said[language] if said else '—'}"

    def to_json(self) -> dict[str, Any]:
        """Return the difference as a JSON object."""
        return {
            "section": self.section,
            "part": self.part,
            "change": self.change,
            "field": self.field,
            "before": self.before,
            "after": self.after,
            "zh": self.say("zh"),
            "en": self.say("en"),
        }


@dataclass(frozen=True, slots=True)
class Diff:
    """Two packs and every difference between them, in the order of the sections."""

    old: RulePack
    new: RulePack
    changes: tuple[Change, ...]

    def to_text(self) -> str:
        """Return the whole comparison, first in Chinese, then in English."""
        return "\n\n".join("\n".join(self._lines(language)) for language in ("zh", "en"))

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as a JSON object."""
        packs = {
            name: {"pack": pack.pack, "hash": pack.content_hash, "title": pack.title.model_dump()}
            for name, pack in (("old", self.old), ("new", self.new))
        }
        return {**packs, "handover": handover(self.old, self.new), "changes": [one.to_json() for one in self.changes]}

    def _lines(self, language: Language) -> Iterator[str]:
        for sign, pack in (("-", self.old), ("+", self.new)):
            yield f"{sign} {pack.pack} {getattr(pack.title, language)}"
        yield handover(self.old, self.new)[language]
        for pack in (self.old, self.new):
            if not verified(pack):
                yield UNVERIFIED[language].format(pack.pack)
        if not self.changes:
            yield "没有差别" if language == "zh" else "no difference"
        for section, title in SECTIONS.items():
            found = [one for one in self.changes if one.section == section]
            if found:
                yield ""
                yield title[language]
                yield from (f"  {one.say(language)}" for one in found)


def diff(old: RulePack, new: RulePack) -> Diff:
    """Return what differs between *old* and *new*, each read over the pack that it extends."""
    return Diff(old, new, tuple(_changes(old, new)))


def handover(old: RulePack, new: RulePack) -> dict[Language, str]:
    """Return from which day of receipt on *new* follows *old*, that days have both or neither, or that places differ."""
    if old.jurisdiction != new.jurisdiction:
        return {
            "zh": f"两个规则包属于不同法域：{old.pack} 属 {old.jurisdiction}，{new.pack} 属 {new.jurisdiction}，互不承接。",
            "en": f"Two jurisdictions: {old.pack} of {old.jurisdiction}, {new.pack} of {new.jurisdiction}; neither follows.",
        }
    until, start = old.in_force.until, new.in_force.start
    if until == start:
        before = start - timedelta(days=1)
        return {
            "zh": f"{before} 及以前收到的投诉适用 {old.pack}，{start} 起收到的适用 {new.pack}。",
            "en": f"Received on {before} or before: {old.pack}. Received on {start} or after: {new.pack}.",
        }
    if until is not None and until < start:
        return {
            "zh": f"{until} 至 {start} 前收到的投诉，两个规则包都不适用。",
            "en": f"From {until} until {start} neither is in force.",
        }
    if new.in_force.until is not None and new.in_force.until <= old.in_force.start:
        return {"zh": f"{new.pack} 先于 {old.pack} 施行。", "en": f"{new.pack} was in force before {old.pack}."}
    return {"zh": "两个规则包的适用时间有重叠。", "en": "There are days on which both are in force."}


def verified(pack: RulePack) -> bool:
    """Return whether every text that *pack* follows, and every part of it, was read in the law itself."""
    marks = [
        *(source.mark for source in pack.sources),
        *(rule.mark for rule in pack.limits.values()),
        *(duty.mark for duty in pack.duties),
        *(rule.mark for rule in pack.pauses.values()),
        *(rule.mark for rule in pack.extensions.values()),
        *(rule.mark for rule in pack.rules.values()),
        *(rule.mark for rule in pack.retention.values()),
        *(rule.mark for rule in pack.returns.values()),
        *(scheme.mark for scheme in pack.schemes.values()),
    ]
    return set(marks) == {"verified"}


def _changes(old: RulePack, new: RulePack) -> Iterator[Change]:
    for section in SECTIONS:
        was, now = parts(old, section), parts(new, section)
        for name in dict.fromkeys((*was, *now)):
            yield from _of_part(section, name, was.get(name), now.get(name), (old, new))


def _of_part(section: Section, name: str, was: Any, now: Any, packs: tuple[RulePack, RulePack]) -> Iterator[Change]:
    fields: Sequence[Field] = FIELDS[section]
    title = _title(now if now is not None else was)
    if was is not None and now is not None:
        for field in fields:
            if (before := field.of(was)) != (after := field.of(now)):
                said = [field.say(value, pack) for value, pack in zip((before, after), packs, strict=True)]
                yield Change(section, name, "changed", field.name, title, field.title, said[0], said[1])
        return
    pack = packs[0] if now is None else packs[1]
    part = was if now is None else now
    kind: Literal["added", "removed"] = "removed" if now is None else "added"
    # What came or went is told by all that it says; empty fields would only hide the rest.
    told = [(field, field.of(part)) for field in fields]
    filled = [(field, value) for field, value in told if field.name != "title" and value not in NOTHING]
    lines = [(field, field.say(value, pack)) for field, value in filled]
    whole: dict[Language, str] = {
        "zh": _joined("zh", lines),
        "en": _joined("en", lines),
    }
    empty: dict[Language, str] = {"zh": "", "en": ""}
    before, after = (whole, None) if now is None else (None, whole)
    yield Change(section, name, kind, "", title, empty, before, after)


def _joined(language: Language, lines: Iterable[tuple[Field, Mapping[Language, str]]]) -> str:
    parted = "；" if language == "zh" else "; "
    return parted.join(f"{field.title[language]} {said[language]}".strip() for field, said in lines)


def _title(part: Any) -> dict[Language, str]:
    title = getattr(part, "title", None)
    return {"zh": getattr(title, "zh", ""), "en": getattr(title, "en", "")}
