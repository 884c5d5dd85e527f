"""``tousu report monthly`` and its like: figures over all complaints, drafts and published ones."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import output, session
from cli.errors import REFUSED, CliError, bad_input
from cli.files import write
from models.actor import PUBLISHERS, actor
from models.figure_files import read_figures
from models.organisation import Organisation, read_organisation
from rulebook.period import Period

if TYPE_CHECKING:
    from activities.figures.report import Ask, Report
    from activities.ledger import Ledger


class FigureForm(StrEnum):
    """In which form a report with figures is written."""

    JSON = "json"
    HTML = "html"
    XLSX = "xlsx"
    ALL = "all"


PeriodText = Annotated[
    str | None,
    typer.Option(
        "--period",
        metavar="PERIOD",
        help="2026-10, 2026-W43, 2026-Q3 or 2026; left out, the last one in which a complaint was received.",
    ),
]
UnitCode = Annotated[
    str | None, typer.Option("--unit", metavar="UNIT", help="This unit with all below it; left out, the whole company.")
]
Out = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="The folder to write to; it is made if need be.")
]
OneForm = Annotated[FigureForm, typer.Option("--format", help="Data, a page, a workbook, or all three.")]
Publish = Annotated[
    bool, typer.Option("--publish", help="Keep it as published; without it, the report is marked as a draft.")
]
By = Annotated[str | None, typer.Option("--by", "--as", metavar="PERSON", help="Who publishes it.")]
Reason = Annotated[str | None, typer.Option("--reason", help="Why one that was published before is published again.")]
AsPublished = Annotated[bool, typer.Option("--as-published", help="As it was published, byte for byte.")]
Version = Annotated[int | None, typer.Option("--version", min=1, help="Which publication; left out, the last one.")]
Compare = Annotated[
    bool, typer.Option("--compare", help="Show what differs between the publication and the record of today.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def _command(kind: str, sentence: str) -> Callable[..., None]:
    def command(
        *,
        period: PeriodText = None,
        unit: UnitCode = None,
        out: Out = None,
        form: OneForm = FigureForm.ALL,
        publish: Publish = False,
        by: By = None,
        reason: Reason = None,
        as_published: AsPublished = False,
        version: Version = None,
        compare: Compare = False,
        as_json: AsJson = False,
    ) -> None:
        _refuse_mixed(publish=publish, as_published=as_published, compare=compare)
        if (by is None) is publish:
            raise bad_input("--publish and --by go together: who publishes it?")
        if reason and not publish:
            raise bad_input("--reason goes with --publish")
        if version and not (as_published or compare):
            raise bad_input("--version goes with --as-published or --compare")
        if out is None and not compare:
            raise bad_input("--out DIR is missing: where should the report be written?")
        settings = session.settings()
        organisation = read_organisation(settings.organisation)
        with session.ledger() as ledger:
            room = _Room(ledger, organisation, _ask(ledger, kind, period, unit), settings.figures)
            if compare:
                room.compare(version, as_json=as_json)
                return
            text = room.published(version) if as_published else room.made(by, reason)
        assert out is not None  # noqa: S101  # refused above
        _write(json.loads(text), text.encode(), out, form, as_json=as_json)

    command.__doc__ = sentence + _REST
    return command


_REST = """

    Figures come from the record alone. What has no base to be set against prints a dash with the reason. The report names no
    person; late cases are listed by their ids.
    """

_EARLIEST_ZONE = timedelta(hours=14)
"""How far ahead of UTC a day begins somewhere."""

REPORTS: Mapping[str, Callable[..., None]] = {
    "weekly": _command("weekly", "Write the weekly report (周报): what came in, what is open, which departments were late."),
    "monthly": _command("monthly", "Write the monthly report (月报): the indicators with their trend, by unit and by type."),
    "annual": _command("annual", "Write the annual report (年报); groups of fewer than five are put together."),
    "regulator": _command("regulator", "Write the regulator's ratios (监管口径): per premium, policies, persons insured."),
}  # fmt: skip

EXAMPLES: Mapping[str, str] = {
    "weekly": "tousu report weekly --period 2026-W43 --out reports",
    "monthly": "tousu report monthly --period 2026-10 --unit gd --out reports   or, to publish it: "
    "tousu report monthly --period 2026-10 --out reports --publish --by p-hq-kf-01",
    "annual": "tousu report annual --period 2026 --out reports",
    "regulator": "tousu report regulator --period 2026-Q3 --out reports",
}


def _refuse_mixed(**asked: bool) -> None:
    given = [f"--{name.replace('_', '-')}" for name, value in asked.items() if value]
    if len(given) > 1:
        raise bad_input(f"{' and '.join(given)} cannot be asked at once")


def _ask(ledger: Ledger, kind: str, named: str | None, unit: str | None) -> Ask:
    from activities.figures.report import PERIODS, Ask, last_receipt  # noqa: PLC0415  # what reads the record loads slowly

    if named is None:
        received = last_receipt(ledger) or session.now()
        period = Period.containing(PERIODS[kind][0], received.astimezone(output.ZONE).date())  # type: ignore[index]
    else:
        period = Period.parse(named)
    return Ask(kind, period, unit)  # type: ignore[arg-type]  # a kind of report names its command


def refuse_stranger(organisation: Organisation, person: str, unit: str | None) -> None:
    """Raise CliError unless *person* may publish the figures of *unit*, or of the whole company."""
    where = unit or organisation.unit_list[0].code
    who = actor(organisation, person, where, where)
    if who is None:
        raise CliError("UnknownActor", "--by: the organisation data know no such person", REFUSED)
    if not who.publishes_figures:
        raise CliError("NotAuthorised", f"--by: {PUBLISHERS}", REFUSED)


class _Room:
    """The record, the organisation and the indicators for one report."""

    def __init__(self, ledger: Ledger, organisation: Organisation, ask: Ask, own: Path | None) -> None:
        self._ledger = ledger
        self._organisation = organisation
        self._ask = ask
        self._own = own

    def made(self, by: str | None, reason: str | None) -> str:
        """Return the text of a new report, published if *by* somebody."""
        from activities.figures.publication import publish, text_of  # noqa: PLC0415  # as above

        if by is not None:
            refuse_stranger(self._organisation, by, self._ask.unit)
        elif (period := self._ask.period).first > (session.now() + _EARLIEST_ZONE).date():
            raise bad_input(f"--period: {period.name} lies in the future, nothing can be on record of it")
        report = self._draft()
        if by is not None:
            report = publish(self._ledger, self._ask, report, by, session.now(), reason=reason)
        return text_of(report)

    def published(self, version: int | None) -> str:
        """Return the text of the report as it was published."""
        from activities.figures.publication import published  # noqa: PLC0415  # as above

        return published(self._ledger, self._ask, version)

    def compare(self, version: int | None, *, as_json: bool) -> None:
        """Print what differs between the publication and today's record; exit code 1 when anything does."""
        from activities.figures.publication import changed_sources, differences  # noqa: PLC0415  # as above

        then, now = json.loads(self.published(version)), self._draft()
        found, sources = differences(then, now), changed_sources(then, now)
        if as_json:
            output.json_line({"published": then["published"], "changed_sources": sources, "differences": len(found)})
            for one in found:
                output.json_line({"figure": one.figure, "group": one.group, "then": one.then, "now": one.now})
        else:
            _show_differences(then, now, found, sources)
        if found:
            raise typer.Exit(REFUSED)

    def _draft(self) -> Report:
        from activities.figures.report import make  # noqa: PLC0415  # as above

        return make(self._ledger, self._ask, self._organisation, read_figures(self._own), session.now())


def _show_differences(then: Report, now: Report, found: list[Any], sources: list[str]) -> None:
    from activities.figures.layout import headline, parts, shown, standing  # noqa: PLC0415  # as above

    known = {figure["id"]: figure for report in (then, now) for figure in report["figures"]}
    typer.echo(f"{headline(then)}: {standing(then)}")
    typer.echo(f"来源有变 changed since: {', '.join(sources) or '无 nothing'}")
    if not found:
        typer.echo("与现有记录重算一致 the same as computed from today's record")
        return
    table = output.table(None, "指标 indicator", "分组 group", "发布时 published", "现在 now")
    for one in found:
        figure = known[one.figure]
        cells = (_cell(figure, value, shown, parts) for value in (one.then, one.now))
        table.add_row(f"{one.title['zh']} {one.figure}", one.group or "合计 total", *cells)
    output.console().print(table)


def _cell(figure: Any, value: Any, shown: Any, parts: Any) -> str:
    if value is None:
        return "—"
    made = "" if figure["formula"] in {"mean", "median"} else parts(figure, value)
    return f"{shown(figure, value)}  ({made})" if made else str(shown(figure, value))


def _write(report: Report, text: bytes, out: Path, form: FigureForm, *, as_json: bool) -> None:
    for path, content in files(report, text, out, form):
        write(path, content)
        sha256 = hashlib.sha256(content).hexdigest()
        if as_json:
            stamp = report["published"]
            told = {"report": report["report"], "period": report["period"]["name"], "unit": report["unit"]["code"]}
            version = stamp["version"] if stamp else None
            output.json_line(
                {**told, "status": report["status"], "version": version, "path": str(path), "sha256": sha256}
            )
        else:
            typer.echo(f"{sha256}  {path}")


def files(report: Report, text: bytes, out: Path, form: FigureForm) -> Iterator[tuple[Path, bytes]]:
    """Give each file of *report* in *form* with its content; *text* is its data as they are kept."""
    # Here and not above: what draws pages and workbooks takes longer to load than most commands take to run.
    from activities.figures.page import to_html  # noqa: PLC0415
    from activities.figures.workbook import to_xlsx  # noqa: PLC0415

    stamp = report["published"]
    place = "" if report["unit"]["whole"] else f"-{report['unit']['code']}"
    state = f"v{stamp['version']}" if stamp else "draft"
    name = f"complaints-{report['report']}-{report['period']['name']}{place}-{state}"
    wanted = tuple(one for one in FigureForm if one is not FigureForm.ALL) if form is FigureForm.ALL else (form,)
    for one in wanted:
        match one:
            case FigureForm.JSON:
                content = text
            case FigureForm.HTML:
                content = to_html(report)
            case _:
                content = to_xlsx(report)
        yield out / f"{name}.{one}", content
