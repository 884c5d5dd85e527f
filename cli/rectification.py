"""``tousu rectification``: corrective actions, by whom and by when, and causes by month (R199, R200)."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from cli import output, session
from cli.calendars import with_published
from cli.cases import AsJson
from cli.chains import verify_chains
from cli.errors import CliError, bad_input, invalid, unknown_complaint
from models.actor import FOLLOWERS, MENDERS, Actor, actor
from models.organisation import read_organisation
from models.rectification import Closed, FollowedUp, Linked, Opened, Rectification
from rulebook.calendar import calendar
from rulebook.causes import causes

Who = Annotated[str, typer.Option("--as", metavar="PERSON", help="Who does it, by the organisation data.")]
OWN_ID = re.compile(r"(?!ZG-)[A-Za-z0-9][A-Za-z0-9._-]{2,63}")
"""An id that a system of the company's gives; ours count up by the year."""

Name = Annotated[str, typer.Argument(metavar="ID", help="The rectification, such as ZG-2026-0001.")]


def add_to(app: typer.Typer) -> None:
    """Give *app* the group ``rectification``."""
    group = typer.Typer(help="Corrective actions for the root causes of complaints (溯源整改).", no_args_is_help=True)
    group.command(
        "open",
        epilog="Example: tousu rectification open --cause claims_process --title 理赔时效 --plan 增设复核岗 --unit gd"
        " --owner p-gd-kf-03 --within 20 --as p-hq-kf-03",
    )(open_one)
    group.command("link", epilog="Example: tousu rectification link ZG-2026-0001 C-2026-0042 --as p-hq-kf-03")(link)
    group.command(
        "follow-up", epilog="Example: tousu rectification follow-up ZG-2026-0001 --text 已上线 --as p-gd-kf-03"
    )(follow_up)
    group.command(
        "close",
        epilog="Example: tousu rectification close ZG-2026-0001 --evidence 验收单-7 --result 时效达标 --as p-hq-kf-02",
    )(close)
    group.command("list", epilog="Example: tousu rectification list --overdue")(list_all)
    group.command("verify", epilog="Example: tousu rectification verify")(verify)
    group.command("trends", epilog="Example: tousu rectification trends --months 6")(trends)
    app.add_typer(group, name="rectification")


def open_one(
    *,
    cause: Annotated[str, typer.Option("--cause", help=f"One of {', '.join(causes())}.")],
    title: Annotated[str, typer.Option("--title", help="The weakness, in one line that names nobody.")],
    plan: Annotated[str, typer.Option("--plan", help="What is to be done.")],
    unit: Annotated[str, typer.Option("--unit", help="The unit in which it is corrected.")],
    owner: Annotated[str, typer.Option("--owner", metavar="PERSON", help="Who answers for it.")],
    who: Who,
    due: Annotated[
        datetime | None, typer.Option("--due", formats=["%Y-%m-%d"], metavar="DATE", help="The last day for it.")
    ] = None,
    within: Annotated[
        int | None, typer.Option("--within", min=1, max=250, help="The last day, as working days from today.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--id", help="An id of your own, under which it is opened only once.")
    ] = None,
) -> None:
    """Open a rectification: what is weak, what is to be done, by whom and by when."""
    if (due is None) == (within is None):
        raise bad_input("give either --due or --within")
    if name is not None and not OWN_ID.fullmatch(name):
        raise bad_input("--id: letters, digits, dots and hyphens, at least three; those that begin with ZG- are ours")
    if cause not in causes():
        raise CliError("UnknownCause", f"--cause: one of {', '.join(causes())}")
    organisation = read_organisation(session.settings().organisation)
    if owner not in organisation.people or unit not in organisation.units:
        raise CliError("UnknownActor", "--owner or --unit: the organisation data know no such person or unit")
    now = session.now()
    today = now.astimezone(output.ZONE).date()
    with session.ledger() as ledger:
        if due is not None:
            last = due.date()
        else:
            known = with_published(calendar(), ledger.calendar_notices())
            last = known.nth_working_day(today, within or 0)
        if last < today:
            raise bad_input("--due: lies in the past")
        facts = {"cause": cause, "title": title, "plan": plan, "unit": unit, "owner": owner, "due": last}
        event = _made(Opened, who, now, **facts)
        _refuse_unless(_seen(who, unit).mends, MENDERS)
        made = ledger.rectifications.open(event, name)
    typer.echo(f"{made}  至 by {last}")


def link(
    name: Name, complaint_id: Annotated[str, typer.Argument(metavar="COMPLAINT", help="A complaint.")], *, who: Who
) -> None:
    """Link a complaint in which the weakness showed."""
    event = _made(Linked, who, session.now(), complaint=complaint_id)
    with session.ledger() as ledger:
        if ledger.intake(complaint_id) is None:
            raise unknown_complaint(event.complaint)
        _refuse_unless(_seen(who, ledger.rectifications.one(name).opened.unit).mends, MENDERS)
        _told(ledger.rectifications.append(name, event))


def follow_up(
    name: Name, *, text: Annotated[str, typer.Option("--text", help="What has been done so far.")], who: Who
) -> None:
    """Write down what has been done so far."""
    event = _made(FollowedUp, who, session.now(), text=text)
    with session.ledger() as ledger:
        first = ledger.rectifications.one(name).opened
        _refuse_unless(who == first.owner or _seen(who, first.unit).concerned, FOLLOWERS)
        _told(ledger.rectifications.append(name, event))


def close(
    name: Name,
    *,
    evidence: Annotated[list[str], typer.Option("--evidence", help="What proves it; may be given several times.")],
    result: Annotated[str, typer.Option("--result", help="What has changed.")],
    who: Who,
) -> None:
    """Close a rectification, as a second person who has seen the evidence."""
    event = _made(Closed, who, session.now(), evidence=tuple(evidence), result=result)
    with session.ledger() as ledger:
        _refuse_unless(_seen(who, ledger.rectifications.one(name).opened.unit).mends, MENDERS)
        _told(ledger.rectifications.append(name, event))


def list_all(
    *,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those whose last day has passed.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the rectifications, the most pressing first."""
    today = session.now().astimezone(output.ZONE).date()
    with session.ledger() as ledger:
        found = ledger.rectifications.overdue(today) if overdue else ledger.rectifications.all()
    if as_json:
        for one in found:
            output.json_line(_json(one, today))
        return
    columns = (
        "编号 id",
        "原因 cause",
        "事项 title",
        "机构 unit",
        "责任人 owner",
        "期限 due",
        "投诉 complaints",
        "状态 status",
    )
    table = output.table("溯源整改 Rectifications", *columns)
    for one in found:
        first = one.opened
        table.add_row(
            one.name,
            f"{causes()[first.cause].zh} {first.cause}",
            first.title,
            first.unit,
            first.owner,
            str(first.due),
            str(len(one.complaints)),
            _status(one, today),
        )
    output.console().print(table)


def verify() -> None:
    """Check that every rectification's rows are one unbroken chain; exit code 1 when one is not."""
    with session.ledger() as ledger:
        verify_chains(ledger.rectifications, "项 rectifications")


def trends(
    *,
    months: Annotated[int, typer.Option("--months", min=1, max=60, help="How many months, up to this one.")] = 12,
    as_json: AsJson = False,
) -> None:
    """Count the main causes that decisions named, month by month."""
    today = session.now().astimezone(output.ZONE).date()
    first = date((today.year * 12 + today.month - months) // 12, (today.month - months) % 12 + 1, 1)
    with session.ledger() as ledger:
        found = ledger.rectifications.trends(first)
    if as_json:
        for month, counts in found.items():
            output.json_line({"month": month, "causes": dict(sorted(counts.items()))})
        return
    named = sorted({cause for counts in found.values() for cause in counts})
    table = output.table("投诉原因趋势 Causes by month", "原因 cause", *found)
    for cause in named:
        table.add_row(cause, *(str(counts[cause] or "") for counts in found.values()))
    output.console().print(table)


def _seen(who: str, unit: str) -> Actor:
    """Return the person as seen from *unit*."""
    person = actor(read_organisation(session.settings().organisation), who, unit, unit)
    if person is None:
        raise CliError("UnknownActor", "--as: the organisation data know no such person")
    return person


def _refuse_unless(may: bool, rule: str) -> None:  # the verdict, and the rule that it is about
    if not may:
        raise CliError("NotAuthorised", f"--as: {rule}")


def _made(kind: Any, who: str, at: datetime, **facts: Any) -> Any:
    if who not in read_organisation(session.settings().organisation).people:
        raise CliError("UnknownActor", "--as: the organisation data know no such person")
    try:
        return kind.model_validate({"at": at, "by": who, **facts})
    except ValidationError as error:
        raise invalid(error) from None


def _told(one: Rectification) -> None:
    typer.echo(f"{one.name}  {_status(one, session.now().astimezone(output.ZONE).date())}")


def _status(one: Rectification, today: date) -> str:
    if one.closed is not None:
        return f"已完成 closed {one.closed.at.astimezone(output.ZONE).date()}"
    return "逾期 overdue" if one.overdue(today) else "进行中 open"


def _json(one: Rectification, today: date) -> dict[str, Any]:
    first: dict[str, Any] = one.opened.model_dump(mode="json", exclude={"type"})
    return {
        "rectification": one.name,
        **first,
        "complaints": one.complaints,
        "follow_ups": [event.model_dump(mode="json", exclude={"type"}) for event in one.follow_ups],
        "closed": one.closed.model_dump(mode="json", exclude={"type"}) if one.closed else None,
        "overdue": one.overdue(today),
    }
