"""The last page of the demo: the month's report over the complaints that were just worked, as a draft that one can open."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from rich.console import Console

from activities.figures.bases import import_bases
from activities.figures.layout import shown
from activities.figures.publication import text_of
from activities.figures.report import monthly
from activities.ledger import Ledger
from cli.figures import FigureForm, files
from cli.files import write
from cli.output import ZONE
from models.figure_files import Base
from models.organisation import Organisation
from rulebook.period import Period

SAMPLE = "示例数据 sample"
POLICIES = 120_000
TOLD = ("received", "closed", "statutory_timeliness", "satisfaction")


def write_report(ledger: Ledger, organisation: Organisation, folder: Path, now: datetime, console: Console) -> None:
    """Write the monthly report on the month of *now* to *folder*; say where it is and what it says."""
    period = Period.containing("month", now.astimezone(ZONE).date())
    top = organisation.unit_list[0].code
    base = Base(unit=top, period=period.name, policies_in_force=POLICIES, source=SAMPLE)
    import_bases(ledger, [base], "demo", now)
    report = monthly(ledger, period, organisation)
    for path, content in files(report, text_of(report).encode(), folder, FigureForm.ALL):
        write(path, content)
    known = {figure["id"]: figure for figure in report["figures"]}
    said = "，".join(f"{known[name]['title']['zh']} {shown(known[name], known[name])}" for name in TOLD)
    console.print(f"月报（草稿） monthly report, a draft: {folder}", soft_wrap=True)
    console.print(f"  {period.name_zh}：{said}；HTML 可直接打开 open it, XLSX, JSON", soft_wrap=True)
