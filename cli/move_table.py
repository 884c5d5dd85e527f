"""What a move to other rules changed, as a table for people."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from cli import output
from models.moving import CHANGES, DutyStand, RulesChange
from models.view import STATUS_ZH


def show_change(console: Console, change: RulesChange, *, foreseen: bool = False) -> None:
    """Print *change*; *foreseen* says that it has not been made."""
    title = "规则变更预演，尚未执行 what would change; nothing was done" if foreseen else "规则变更 rules moved"
    console.print(
        escape(f"{title} · {change.complaint_id} · {change.before} → {change.pack} · {output.instant(change.at)}")
    )
    shown = output.table(None, "义务 duty", f"变更前 {change.before}", f"变更后 {change.pack}", "变化 change")
    for one in change.duties:
        zh, en = CHANGES[one.change]
        shown.add_row(
            escape(f"{one.key} · {one.title_zh}\n{one.title_en}"), _stand(one.before), _stand(one.after), f"{zh}\n{en}"
        )
    console.print(shown)


def _stand(one: DutyStand | None) -> str:
    if one is None:
        return "—"
    status = f"{STATUS_ZH[one.status]} {one.status}" + (" · 逾期 breached" if one.breached else "")
    return escape(f"{one.last_day or '无确定日期 no day set'}\n{one.citation} · {one.pack}\n{status}")
