"""A book of typical cases for training (典型案例汇编, R200): one page, one part for each case."""

from __future__ import annotations

from collections.abc import Sequence

from activities.supervision.document import Document, Table
from models.canonical import digest
from models.organisation import Organisation
from models.typical import TypicalCase
from models.vocabulary import categories_zh
from rulebook.causes import cause_name

TITLE = "典型案例汇编 Typical cases"


def book(found: Sequence[TypicalCase], organisation: Organisation, period: str | None, unit: str | None) -> Document:
    """Return the book of the cases *found*, in their order, for *unit* with all below it, None for the whole company."""
    top = organisation.unit(unit) if unit else organisation.unit_list[0]
    about = (
        ("期间 period", period or "全部 all"),
        ("范围 unit", f"{top.name} {top.code}"),
        ("件数 cases", str(len(found))),
    )
    seal = f"内容哈希 content SHA-256 {digest([one.to_json() for one in found])}"
    return Document(
        TITLE, about, (), tuple(_part(number, one, organisation) for number, one in enumerate(found, 1)), seal
    )


def _part(number: int, one: TypicalCase, organisation: Organisation) -> Table:
    first, telling = one.chosen, one.telling
    unit = organisation.units.get(first.unit)
    rows = (
        ("投诉 complaint", one.complaint_id),
        ("机构 unit", f"{unit.name} {unit.code}" if unit else first.unit),
        ("类别 category", categories_zh(first.categories)),
        ("产品 product", first.product or "—"),
        ("情况 what happened", telling.facts),
        ("原因 cause", cause_name(telling.cause)),
        ("教训 lesson", telling.lesson),
        ("关键词 keywords", "、".join(telling.keywords) or "—"),
    )
    return Table(f"{number}. {telling.title}", ("项目 item", "内容 what is told"), rows)
