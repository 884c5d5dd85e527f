"""
Letters to the complainant: one template for each kind of notice, rendered and nothing else.

What a letter needs is read from its template, so a fact that is missing is named before anything is written. Values are
inserted as text; nothing in them is ever run as a template.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, meta, pass_context
from jinja2.runtime import Context

from models.vocabulary import LABELS_ZH
from models.wording import WEEKDAYS_ZH, people_day
from rulebook.events import NoticeKind

TEMPLATES = Path(__file__).parent / "templates"
LAYOUT = "layout.j2"
KINDS: tuple[NoticeKind, ...] = get_args(NoticeKind)
OPTIONAL: Mapping[str, Any] = {"missing": (), "hotline": None, "cites": True, "schemes": ()}
"""What a context may leave out; *cites* is whether the letter may name articles of Order 2020 No. 3 as the law."""

LABELS: Mapping[str, Mapping[str, str]] = {
    **LABELS_ZH,
    "liability": {
        "responsible": "经核实，我公司对投诉事项负有责任。",
        "non_responsible": "经核实，我公司对投诉事项不负有责任。",
        "litigation": "投诉事项转由诉讼程序解决。",
    },
    "review_outcome": {"upheld": "维持原处理决定。Upheld.", "changed": "变更原处理决定。Changed."},
}


class LetterError(ValueError):
    """A letter cannot be rendered; the message is one line and holds no value."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A rendered letter, with the template and its hash, so that the archive can tell what it was made from."""

    kind: NoticeKind
    template: str
    template_hash: str
    subject: str
    body: str


def moment(instant: datetime | str, time_zone: str) -> str:
    """Return the *instant* of an event as people read it: ``2026-03-02 (周一) 10:00``."""
    local = _local(instant, time_zone)
    return f"{local:%Y-%m-%d} (周{WEEKDAYS_ZH[local.weekday()]}) {local:%H:%M}"


def required(kind: NoticeKind) -> frozenset[str]:
    """Return the names that the context for a letter of *kind* must have."""
    return _named(kind) - set(OPTIONAL)


def template_hash(kind: NoticeKind) -> str:
    """Return the SHA-256 over the layout and the template of *kind*: another hash, another letter."""
    return hashlib.sha256(_source(LAYOUT).encode() + b"\0" + _source(f"{kind}.j2").encode()).hexdigest()


def render(kind: NoticeKind, context: Mapping[str, Any], *, time_zone: str = "Asia/Shanghai") -> Letter:
    """
    Return the letter of *kind*, with the facts in *context* and dates in *time_zone*.

    Instants in *context* are aware datetimes or their ISO 8601 text. Names the letter does not use are ignored.
    `LetterError` when a required fact is missing or cannot be written down.
    """
    if lacking := sorted(required(kind) - set(context)):
        raise LetterError(f"letter {kind}: the context lacks {', '.join(lacking)}")
    facts = {**OPTIONAL, **{name: context[name] for name in _named(kind) & set(context)}, "time_zone": time_zone}
    try:
        template = _environment().get_template(f"{kind}.j2")
        subject = "".join(template.blocks["subject"](template.new_context(facts)))
        body = template.render(facts)
    except (TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise LetterError(f"letter {kind}: a fact has the wrong form ({type(error).__name__})") from None
    # A subject travels in a mail header: it is one line, whatever the facts hold.
    return Letter(kind, f"{kind}.j2", template_hash(kind), " ".join(subject.split()), body.strip() + "\n")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701  # letters are plain text
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(people_day=_people_day, by_day=_by_day, moment=_moment, day=_day, label=_label)
    environment.tests["past"] = _past
    return environment


@cache
def _source(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


@cache
def _named(kind: NoticeKind) -> frozenset[str]:
    parse = _environment().parse
    return frozenset().union(*(meta.find_undeclared_variables(parse(_source(name))) for name in (LAYOUT, f"{kind}.j2")))


def _local(instant: datetime | str, time_zone: str) -> datetime:
    at = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    if at.tzinfo is None:
        raise ValueError("an instant must carry a time zone")
    return at.astimezone(ZoneInfo(time_zone))


@pass_context
def _people_day(context: Context, due: datetime | str) -> str:
    return people_day(_local(due, context["time_zone"]), ZoneInfo(context["time_zone"]))


@pass_context
def _by_day(context: Context, due: datetime | str) -> str:
    local = _local(due, context["time_zone"])
    if local.time() == time():
        return f"by the end of {local.date() - timedelta(days=1)}"
    return f"by {local:%Y-%m-%d %H:%M}"


def _past(due: datetime | str, then: datetime | str) -> bool:
    return _local(due, "UTC") <= _local(then, "UTC")


@pass_context
def _moment(context: Context, instant: datetime | str) -> str:
    return moment(instant, context["time_zone"])


@pass_context
def _day(context: Context, instant: datetime | str) -> str:
    return _local(instant, context["time_zone"]).date().isoformat()


def _label(code: str, vocabulary: str) -> str:
    return LABELS[vocabulary][code]
