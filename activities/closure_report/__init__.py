"""
The closure report (结案报告, R154, R155): what a case was about and what was done about it, from its record alone.

One structure (`report`), two renderers (`to_html`, `to_docx`). The same record under the same organisation data gives the
same bytes: no clock is read, and every day in the report is a day of the record.
"""

from __future__ import annotations

from activities.closure_report import clockwork, control, matter, work
from activities.closure_report.document import to_docx
from activities.closure_report.page import to_html
from activities.closure_report.parts import Label, Report
from activities.closure_report.record import Record

__all__ = ["Record", "Report", "report", "to_docx", "to_html"]

SECTIONS = (
    matter.summary,
    matter.parties,
    matter.matter,
    work.investigation,
    work.facts,
    work.amounts,
    work.measures,
    control.major,
    clockwork.duties,
    control.notices,
    control.approvals,
    control.callback,
    control.review,
    control.closure,
    clockwork.seal,
)
"""The parts of the report in their order."""


def report(record: Record) -> Report:
    """Return the closure report of *record*, a draft while the case is not closed."""
    as_of = record.events[-1].recorded_at
    return Report(
        title=Label("客户投诉结案报告", "Closure report"),
        complaint_id=record.intake.complaint_id,
        institution=record.institution,
        as_of=as_of,
        as_of_text=record.when(as_of),
        draft=record.state.closed is None,
        sections=tuple(make(record) for make in SECTIONS),
    )
