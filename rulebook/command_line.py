"""
The rulebook on the command line.

``python -m rulebook due …`` prints one deadline with its proof as a JSON object.
``python -m rulebook check …`` says whether a rule pack is sound, what can exceed the statute, and what is not verified.
``python -m rulebook diff …`` explains what differs between two packs.
``python -m rulebook freeze …`` writes the public holidays that a library knows into a calendar's file, for good.
``python -m rulebook returns …`` lists the periodic returns of a year with their last days.
``python -m rulebook show …`` says how long records are kept, and whom the complainant may turn to.

With ``--rules DIR`` in front, the packs and calendars in that folder stand beside the published ones.

Bad input is one line on standard error and exit code 2.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NoReturn
from zoneinfo import ZoneInfo

from rulebook.calendar import calendar
from rulebook.deadline import Deadline, date_limit
from rulebook.errors import LimitError, RulebookError, UnsoundPackError
from rulebook.freeze import Asked, freeze, week_named
from rulebook.limit import UNITS, Limit, Pause, midnight, require_aware
from rulebook.mark import Mark
from rulebook.own_rules import use_rules
from rulebook.pack import read_pack, rule_pack
from rulebook.pack_diff import diff
from rulebook.pack_review import published, review
from rulebook.returns import keeping, returns_of

DEFAULT_ZONE = "Asia/Shanghai"
BAD_INPUT = 2
YEARS = (1900, 2200)
"""The years of which returns are listed; any other is a typing error."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise LimitError(" ".join(message.split()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code: 0, or 2 for bad input."""
    try:
        asked = _parser().parse_args(arguments)
        use_rules(asked.rules.expanduser().absolute() if asked.rules else None)
        answer: str = asked.answer(asked)
    except UnsoundPackError as error:
        for fault in error.faults:
            print(f"Error: {fault}", file=sys.stderr)  # noqa: T201  # this is the command line
        return BAD_INPUT
    except RulebookError as error:
        print(f"Error: {error}", file=sys.stderr)  # noqa: T201  # this is the command line
        return BAD_INPUT
    # JSON is UTF-8 (RFC 8259), whatever the terminal's locale says.
    sys.stdout.buffer.write(answer.encode() + b"\n")
    return 0


def _check(asked: argparse.Namespace) -> str:
    found = review(published(asked.pack))
    pack = found.pack
    over = f" over {pack.extends.pack}" if pack.extends else ""
    valid = f"{pack.pack}: a valid pack of the layer {pack.layer}{over}, hash {pack.content_hash}"
    warnings = (f"Warning: {line}" for line in found.warnings)
    return "\n".join([valid, *warnings, *(f"Mark: {line}" for line in found.marks)])


def _diff(asked: argparse.Namespace) -> str:
    compared = diff(*(read_pack(published(name)) for name in (asked.old, asked.new)))
    return json.dumps(compared.to_json(), ensure_ascii=False) if asked.json else compared.to_text()


def _freeze(asked: argparse.Namespace) -> str:
    first, dash, last = asked.years.partition("-")
    if not (first.isdecimal() and (last if dash else first).isdecimal()):
        raise LimitError("--years: not years such as 2020-2028")
    wanted = Asked(
        calendar=asked.calendar,
        country=asked.country,
        subdivision=asked.subdiv,
        years=(int(first), int(last or first)),
        published=_day("--published", asked.published),
        title=asked.title,
        note=asked.note,
        week=week_named(asked.week) if asked.week else None,
        without=tuple(asked.without),
        amends=asked.amends,
    )
    return str(freeze(wanted, asked.folder) if asked.folder else freeze(wanted))


def _returns(asked: argparse.Namespace) -> str:
    pack = rule_pack(asked.pack)
    due = returns_of(pack, calendar(pack.calendar), _year(asked.year))
    if asked.json:
        return json.dumps([one.to_json() for one in due], ensure_ascii=False)
    return "\n".join(map(str, due)) or f"{pack.pack}: {asked.year} 无定期报送 no return for a period of {asked.year}"


def _show(asked: argparse.Namespace) -> str:
    return keeping(rule_pack(asked.pack))


def _due(asked: argparse.Namespace) -> str:
    return json.dumps(_deadline(asked).to_json(), ensure_ascii=False)


def _deadline(asked: argparse.Namespace) -> Deadline:
    if asked.pack is not None:
        if asked.limit is None or asked.amount is not None or asked.unit:
            raise LimitError("--pack goes with --limit, and without --amount and --unit")
        pack = rule_pack(asked.pack)
        rule = pack.limit(asked.limit)
        limit, zone, name = rule.limit, pack.zone, pack.calendar
        citation: str | None = rule.citation
        mark: Mark = rule.mark
    else:
        if asked.limit is not None or asked.amount is None or not asked.unit:
            raise LimitError("give --pack and --limit, or --amount and --unit")
        limit, zone, name, citation = Limit(asked.amount, asked.unit), ZoneInfo(DEFAULT_ZONE), "cn", None
        mark = "verified"
    days = calendar(name)
    if asked.known_on is not None:
        days = days.as_known_on(_day("--known-on", asked.known_on))
    start = _instant("--start", asked.start)
    pauses = [_pause(text, zone) for text in asked.pause]
    return date_limit(limit, start, zone, days, pauses, name=asked.limit, citation=citation, pack=asked.pack, mark=mark)


def _instant(option: str, text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise LimitError(f"{option}: not an instant such as 2026-03-02T10:00:00+08:00") from None
    require_aware(instant, option)
    return instant


def _day(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise LimitError(f"{option}: not a date such as 2026-03-02") from None


def _year(text: str) -> int:
    if not (text.isascii() and text.isdigit() and YEARS[0] <= int(text) <= YEARS[1]):
        raise LimitError(f"--year: not a year from {YEARS[0]} to {YEARS[1]}")
    return int(text)


def _pause(text: str, zone: ZoneInfo) -> Pause:
    start, slash, end = text.partition("/")
    if not slash:
        raise LimitError("--pause: not START/END")
    return Pause(_edge(start, zone), _edge(end, zone) if end else None)


def _edge(text: str, zone: ZoneInfo) -> datetime:
    if len(text) == len("2026-03-02"):
        return midnight(_day("--pause", text), zone)
    return _instant("--pause", text)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m rulebook", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rules", type=Path, metavar="DIR", help="a folder with packs and calendars of one's own")
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser)
    due = commands.add_parser(
        "due",
        help="print a deadline with its proof",
        epilog="Example: python -m rulebook due --pack cn-2020-3 --limit decide_simple --start 2026-03-02T10:00:00+08:00",
    )
    due.set_defaults(answer=_due)
    due.add_argument("--pack", help="a published rule pack, such as cn-2020-3")
    due.add_argument("--limit", help="a limit of that pack, such as decide_simple")
    due.add_argument("--amount", type=int, help="how many, without a pack")
    due.add_argument("--unit", choices=UNITS, help="natural days, working days, hours, weeks or months")
    due.add_argument("--start", required=True, help="an instant with its offset")
    due.add_argument(
        "--pause",
        action="append",
        default=[],
        metavar="START/END",
        help="left out of the limit; instants or dates; repeatable",
    )
    due.add_argument("--known-on", metavar="DATE", help="count by the calendar as it was known that day")
    check = commands.add_parser(
        "check",
        help="say whether a rule pack is sound, what can exceed the statute's limits, and what is not verified",
        epilog="Example: python -m rulebook check company-life",
    )
    check.set_defaults(answer=_check)
    check.add_argument("pack", metavar="FILE|NAME", help="a file that ends in .yaml, or a published rule pack")
    compare = commands.add_parser(
        "diff",
        help="explain what differs between two rule packs, in Chinese and in English",
        epilog="Example: python -m rulebook diff cn-2013-8 cn-2020-3",
    )
    compare.set_defaults(answer=_diff)
    compare.add_argument("old", metavar="FILE|NAME", help="a file that ends in .yaml, or a published rule pack")
    compare.add_argument("new", metavar="FILE|NAME", help="the pack that follows it")
    compare.add_argument("--json", action="store_true", help="print one JSON object")
    _add_freeze(commands)
    periodic = commands.add_parser(
        "returns",
        help="list the periodic returns of a year with their last days, articles and marks",
        epilog="Example: python -m rulebook returns --pack sg-far-2021 --year 2026",
    )
    periodic.set_defaults(answer=_returns)
    periodic.add_argument("--pack", required=True, help="a published rule pack")
    periodic.add_argument("--year", required=True, help="the year in which the periods lie")
    periodic.add_argument("--json", action="store_true", help="print one JSON array")
    show = commands.add_parser(
        "show",
        help="say how long records are kept, which returns are due and whom the complainant may turn to",
        epilog="Example: python -m rulebook show uk-disp",
    )
    show.set_defaults(answer=_show)
    show.add_argument("pack", metavar="NAME", help="a published rule pack")
    return parser


def _add_freeze(commands: argparse._SubParsersAction[_Parser]) -> None:
    freeze = commands.add_parser(
        "freeze",
        help="write the public holidays that the library `holidays` knows into a calendar's file, for good",
        epilog="Example: python -m rulebook freeze --calendar gb-eng --country GB --subdiv ENG --years 2020-2028 "
        '--published 2026-11-20 --title "Public holidays of England and Wales"',
    )
    freeze.set_defaults(answer=_freeze)
    freeze.add_argument("--calendar", required=True, help="the calendar's id: small letters and hyphens")
    freeze.add_argument("--country", required=True, help="the country, by its ISO 3166 code")
    freeze.add_argument("--subdiv", help="a part of it, as the library calls it")
    freeze.add_argument("--years", required=True, metavar="FIRST-LAST", help="the years that the file arranges")
    freeze.add_argument("--published", required=True, metavar="DATE", help="when everyone could know that release")
    freeze.add_argument("--title", required=True, help="what the calendar is, in one line")
    freeze.add_argument("--note", help="what it leaves out")
    freeze.add_argument("--week", help="the weekdays that are worked, such as sun-thu or mon,wed,fri")
    freeze.add_argument(
        "--without", action="append", default=[], metavar="NAME", help="a holiday to leave out; repeatable"
    )
    freeze.add_argument("--amends", metavar="ID", help="write only what differs from this earlier file")
    freeze.add_argument("--folder", type=Path, help="where the calendars lie, if not in the rulebook")
