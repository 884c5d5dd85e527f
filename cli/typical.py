"""``tousu typical``: closed complaints that others shall learn from, told without naming anybody (典型案例, R200)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer
from pydantic import TypeAdapter, ValidationError
from rich.markup import escape

from cli import output, session
from cli.cases import AsJson, Id
from cli.chains import verify_chains
from cli.errors import CliError, bad_input, invalid, unknown_complaint
from cli.files import write
from models.actor import TEACHERS, actor
from models.organisation import read_organisation
from models.typical import Revised, Sought, Telling, TypicalCase, TypicalEvent, Withdrawn
from models.vocabulary import Category, categories_zh
from rulebook.causes import cause_name, causes
from rulebook.period import Period
from rulebook.scalars import Line

if TYPE_CHECKING:
    from activities.ledger import Ledger

NOBODY = "Name nobody, and no address or number of anybody"
Who = Annotated[
    str, typer.Option("--as", metavar="PERSON", help="Who does it: customer service or consumer protection.")
]
Why = Annotated[str, typer.Option("--reason", help=f"Why. {NOBODY}.")]
TITLE = typer.Option("--title", help=f"What it is about, in one line. {NOBODY}.")
FACTS = typer.Option("--facts", help=f"What happened, and what became of it. {NOBODY}.")
LESSON = typer.Option("--lesson", help=f"What it teaches (教训). {NOBODY}.")
CAUSE = typer.Option("--cause", help=f"The weakness behind it: one of {', '.join(causes())}.")
KEYWORD = typer.Option("--keyword", help="A word by which others look for it; may be given several times.")
InPeriod = Annotated[
    str | None, typer.Option("--period", help="Chosen in this period, such as 2026-10, 2026-Q3 or 2026.")
]
OfUnit = Annotated[str | None, typer.Option("--unit", help="Of this unit and those below it.")]
AlsoWithdrawn = Annotated[bool, typer.Option("--withdrawn", help="Also those that were withdrawn.")]


def add_to(app: typer.Typer) -> None:
    """Give *app* the group ``typical``."""
    group = typer.Typer(help="Typical cases, from which others learn (典型案例).", no_args_is_help=True)
    group.command(
        "choose",
        epilog="Example: tousu typical choose C-2026-0042 --title 理赔资料反复补交 --facts 三次要求补交同一份病历"
        " --lesson 一次性告知所需资料 --cause claims_process --keyword 一次性告知 --as p-gd-kf-03",
    )(choose)
    group.command(
        "revise",
        epilog="Example: tousu typical revise C-2026-0042 --lesson 首次沟通即列明资料 --reason 更准确 --as p-gd-kf-03",
    )(revise)
    group.command("withdraw", epilog="Example: tousu typical withdraw C-2026-0042 --reason 流程已取消 --as p-gd-kf-03")(
        withdraw
    )
    group.command("list", epilog="Example: tousu typical list --period 2026-10 --unit gd")(list_all)
    group.command("find", epilog="Example: tousu typical find 资料 --category claims --unit gd")(find)
    group.command("show", epilog="Example: tousu typical show C-2026-0042")(show)
    group.command("book", epilog="Example: tousu typical book --period 2026-Q4 --unit gd --out training")(book)
    group.command("verify", epilog="Example: tousu typical verify")(verify)
    app.add_typer(group, name="typical")


def choose(
    complaint_id: Id,
    *,
    title: Annotated[str, TITLE],
    facts: Annotated[str, FACTS],
    lesson: Annotated[str, LESSON],
    who: Who,
    cause: Annotated[str | None, CAUSE] = None,
    keyword: Annotated[list[str] | None, KEYWORD] = None,
) -> None:
    """
    Choose a complaint that is closed as a typical case, and tell it in words of your own that name nobody.

    A text with a name, an address or a number that the complaint tells of somebody is refused; that it leads to nobody in
    another way is up to you. It stays when the complaint's file is destroyed one day, and is never deleted.
    """
    telling = _telling(title=title, facts=facts, lesson=lesson, cause=cause, keywords=keyword or ())
    with session.ledger() as ledger:
        if ledger.intake(complaint_id) is None:
            raise unknown_complaint(complaint_id)
        if (case := ledger.case(complaint_id)) is not None:
            _refuse_unless_may(who, case.unit)
        _say(ledger.typical.choose(complaint_id, telling, by=who, at=session.now()))


def revise(
    complaint_id: Id,
    *,
    reason: Why,
    who: Who,
    title: Annotated[str | None, TITLE] = None,
    facts: Annotated[str | None, FACTS] = None,
    lesson: Annotated[str | None, LESSON] = None,
    cause: Annotated[str | None, CAUSE] = None,
    keyword: Annotated[list[str] | None, KEYWORD] = None,
) -> None:
    """
    Tell a typical case otherwise from now on: what is left out stays as it was.

    What was told before is kept, and what was published with it is not changed.
    """
    given = {"title": title, "facts": facts, "lesson": lesson, "cause": cause, "keywords": keyword}
    with session.ledger() as ledger:
        before = _may_change(ledger, complaint_id, who).telling.model_dump()
        telling = _telling(**before | {name: value for name, value in given.items() if value is not None})
        _say(ledger.typical.revise(complaint_id, telling, _reason(reason), by=who, at=session.now()))


def withdraw(complaint_id: Id, *, reason: Why, who: Who) -> None:
    """Take a typical case back as an example; what was told is kept, and what was published with it is not changed."""
    with session.ledger() as ledger:
        _may_change(ledger, complaint_id, who)
        _say(ledger.typical.withdraw(complaint_id, _reason(reason), by=who, at=session.now()))


def list_all(
    *, period: InPeriod = None, unit: OfUnit = None, withdrawn: AlsoWithdrawn = False, as_json: AsJson = False
) -> None:
    """List the typical cases, those that were chosen last first."""
    _print(_found(period, unit, withdrawn=withdrawn), as_json=as_json)


def find(
    word: Annotated[
        str | None, typer.Argument(metavar="[WORD]", help="What stands in title, text or keywords.")
    ] = None,
    *,
    category: Annotated[
        str | None, typer.Option("--category", metavar="CATEGORY", help=f"One of {', '.join(get_args(Category))}.")
    ] = None,
    product: Annotated[str | None, typer.Option("--product", help="A product, or a part of its name.")] = None,
    cause: Annotated[str | None, CAUSE] = None,
    period: InPeriod = None,
    unit: OfUnit = None,
    withdrawn: AlsoWithdrawn = False,
    as_json: AsJson = False,
) -> None:
    """Find typical cases by a word, a category, a product, a cause, a unit and a period, all of them together."""
    if category is not None and category not in get_args(Category):
        raise bad_input(f"--category: must be one of {', '.join(get_args(Category))}")
    _refuse_unknown(cause)
    found = _found(period, unit, word=word, category=category, product=product, cause=cause, withdrawn=withdrawn)
    _print(found, as_json=as_json)


def show(complaint_id: Id, as_json: AsJson = False) -> None:
    """Show what is told of a complaint, and how that came about."""
    with session.ledger() as ledger:
        one = ledger.typical.one(complaint_id)
    if as_json:
        output.json_line(one.to_json() | {"history": [event.model_dump(mode="json") for event in one.history]})
        return
    first, telling, console = one.chosen, one.telling, output.console()
    lines = {
        "投诉 complaint": f"{complaint_id} · {first.unit} · {categories_zh(first.categories)} · {first.product or '—'}",
        "事项 title": telling.title,
        "情况 what happened": telling.facts,
        "教训 lesson": telling.lesson,
        "原因 cause": cause_name(telling.cause),
        "关键词 keywords": "、".join(telling.keywords) or "—",
        "状态 status": _status(one),
    }
    for name, text in lines.items():
        console.print(f"{name}: {escape(text)}")
    table = output.table(None, "时间 when", "事件 event", "经办 by", "理由 reason")
    for event in one.history:
        table.add_row(output.instant(event.at), EVENTS[_kind(event)], event.by, escape(getattr(event, "reason", "—")))
    console.print(table)


EVENTS = {"chosen": "选定 chosen", "revised": "修订 revised", "withdrawn": "撤回 withdrawn"}


def _kind(event: TypicalEvent) -> str:
    return "revised" if isinstance(event, Revised) else "withdrawn" if isinstance(event, Withdrawn) else "chosen"


def book(
    *,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder to write to; it is made if need be.")],
    period: InPeriod = None,
    unit: OfUnit = None,
) -> None:
    """Write the typical cases as one page for training."""
    from activities import typical_book  # noqa: PLC0415  # the database's libraries load slowly

    organisation = read_organisation(session.settings().organisation)
    made = typical_book.book(_found(period, unit), organisation, period, unit)
    name = "-".join(filter(None, ("typical-cases", period or "all", unit)))
    typer.echo(str(write(out / f"{name}.html", made.to_html().encode())))


def verify() -> None:
    """Check that the rows of every typical case are one unbroken chain; exit code 1 when they are not."""
    with session.ledger() as ledger:
        verify_chains(ledger.typical, "件 typical cases")


def _found(period: str | None, unit: str | None, **more: Any) -> list[TypicalCase]:
    since: datetime | None = None
    until: datetime | None = None
    if period is not None:
        since, until = Period.parse(period).span(output.ZONE)
    units = read_organisation(session.settings().organisation).with_below(unit) if unit is not None else None
    with session.ledger() as ledger:
        return ledger.typical.find(Sought(units=units, since=since, until=until, **more))


def _print(found: Sequence[TypicalCase], *, as_json: bool) -> None:
    if as_json:
        for one in found:
            output.json_line(one.to_json())
        return
    columns = ("投诉 complaint", "选定 chosen", "机构 unit", "类别 category", "事项 title", "原因 cause", "状态 status")
    table = output.table("典型案例 Typical cases", *columns)
    for one in found:
        first = one.chosen
        day = str(first.at.astimezone(output.ZONE).date())
        shown = (categories_zh(first.categories), one.telling.title, cause_name(one.telling.cause), _status(one))
        table.add_row(one.complaint_id, day, first.unit, *map(escape, shown))
    output.console().print(table)


def _telling(**facts: Any) -> Telling:
    _refuse_unknown(facts["cause"])
    try:
        return Telling.model_validate(facts)
    except ValidationError as error:
        options = {name: f"--{name}" for name in Telling.model_fields} | {"keywords": "--keyword"}
        raise invalid(error, names=options) from None


def _reason(text: str) -> str:
    try:
        return TypeAdapter[str](Line).validate_python(text)
    except ValidationError as error:
        raise invalid(error, place="--reason") from None


def _refuse_unknown(cause: str | None) -> None:
    if cause is not None and cause not in causes():
        raise CliError("UnknownCause", f"--cause: one of {', '.join(causes())}")


def _may_change(ledger: Ledger, complaint_id: str, who: str) -> TypicalCase:
    one = ledger.typical.one(complaint_id)
    _refuse_unless_may(who, one.chosen.unit)
    return one


def _refuse_unless_may(who: str, unit: str) -> None:
    person = actor(read_organisation(session.settings().organisation), who, unit, unit)
    if person is None:
        raise CliError("UnknownActor", "--as: the organisation data know no such person")
    if not person.teaches:
        raise CliError("NotAuthorised", f"--as: {TEACHERS}")


def _say(one: TypicalCase) -> None:
    typer.echo(f"{one.complaint_id}  {_status(one)}")


def _status(one: TypicalCase) -> str:
    if one.withdrawn is not None:
        return f"已撤回 withdrawn {one.withdrawn.at.astimezone(output.ZONE).date()}"
    revised = sum(isinstance(event, Revised) for event in one.history)
    return "典型案例 typical" + (f" · 修订{revised}次 revised {revised}×" if revised else "")
