"""The lists that operators begin with in the Temporal Web UI, and the columns that go with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from models import search_attributes as sa
from models.child import SLIP_WORKFLOW_TYPE
from models.opening import RUNNING, WORKFLOW_TYPE

COLUMNS: Sequence[str] = (
    "Workflow ID",
    "Status",
    *(key.name for key in (sa.STAGE, sa.UNIT, sa.NEXT_DUE, sa.STATUTORY_DUE, sa.OVERDUE, sa.WAITS_FOR)),
)
"""The columns that we advise, from left to right: *Configure Columns* of the Web UI keeps them in the browser."""

SOON = timedelta(days=3)
"""How far ahead the view of what falls due looks, in natural days."""

_OURS = f"WorkflowType = '{WORKFLOW_TYPE}'"


@dataclass(frozen=True, slots=True)
class OperatorView:
    """One list: its Chinese and English title, and the query of Temporal's visibility that makes it."""

    title: str
    query: str

    def link(self, ui: str, namespace: str) -> str:
        """Return the address of the list in the Web UI at *ui*."""
        return f"{ui.rstrip('/')}/namespaces/{namespace}/workflows?query={quote(self.query, safe='')}"


def operator_views(now: datetime) -> tuple[OperatorView, ...]:
    """Return the lists as of *now*; what falls due is counted from that instant."""
    soon = (now + SOON).astimezone(UTC)
    return (
        OperatorView("待人工处理 waits for a person", f"{RUNNING} AND {sa.WAITS_FOR.name} IS NOT NULL"),
        OperatorView("待系统恢复 waits for the end of an outage", f"{RUNNING} AND {sa.OUTAGE.name} IS NOT NULL"),
        OperatorView("逾期 overdue", f"{RUNNING} AND {sa.OVERDUE.name} = true"),
        OperatorView(
            "三日内到期 due within three days", f"{RUNNING} AND {sa.NEXT_DUE.name} < '{soon:%Y-%m-%dT%H:%M:%SZ}'"
        ),
        OperatorView("重大投诉 major complaints", f"{RUNNING} AND {sa.SEVERITY.name} = 'major'"),
        OperatorView("核查中 in review", f"{RUNNING} AND {sa.STAGE.name} = 'in_review'"),
        OperatorView("会办单逾期 slips overdue", f"WorkflowType = '{SLIP_WORKFLOW_TYPE}' AND {sa.OVERDUE.name} = true"),
        OperatorView("未能立案 openings turned away", f"{_OURS} AND ExecutionStatus = 'Failed'"),
        OperatorView("工作流受阻 stuck tasks", "ExecutionStatus = 'Running' AND TemporalReportedProblems IS NOT NULL"),
    )
