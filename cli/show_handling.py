"""What ``tousu show`` says of a complaint under an insurer's own rules: where it came from, its slips, its sign-offs."""

from __future__ import annotations

from datetime import datetime

from cli import output
from models.slips import SLIP_STATUS_ZH
from models.view import HandlingView, SignOffView, SlipView
from models.vocabulary import LABELS_ZH, labelled


def by_own_rules(view: HandlingView) -> dict[str, str]:
    """Return what there is to say, by its heading; what does not apply is empty."""
    names = ("监管收到 regulator", "转办 forwarded", "公司收到 insurer")
    moments = map(output.instant, map(datetime.fromisoformat, view.forwarded))
    instants = (f"{name} {moment}" for name, moment in zip(names, moments, strict=False))
    answer = [f"答复期限 answer by {view.answer_by}"] if view.answer_by else []
    return {
        "来源 origin": labelled("origin", view.origin) if view.origin else "",
        "监管转办 forwarded": " · ".join([*instants, *answer]),
        "投诉升级 escalated from": view.escalated_from or "",
        "已并入 absorbed": ", ".join(view.absorbed),
        "统计口径 counts": ", ".join(f"{profile} {weight}" for profile, weight in view.counts.items()),
        "会签 sign-offs": "; ".join(map(_sign_off, view.sign_offs)),
        "委员会 committee": ", ".join(view.meetings),
        "投诉人意见 customer": view.customer or "",
        "核查 review": " · ".join(filter(None, (view.review, view.reviewer))),
    }


def _sign_off(view: SignOffView) -> str:
    signed = f" ({', '.join(view.signed)})" if view.signed else ""
    return f"{view.sign_off} {labelled('purpose', view.purpose)} {labelled('sign_off_status', view.status)}{signed}"


def slip_line(view: SlipView) -> str:
    """Return the one line about a dispatch slip."""
    role = "主办 main" if view.main else "协办 co-handling"
    category = LABELS_ZH["category"].get(view.category or "", "")
    status = f"{SLIP_STATUS_ZH.get(view.status, '')} {view.status}"  # type: ignore[call-overload]  # any text may come from a newer worker
    late = " · 逾期 overdue" if view.overdue else ""
    due = f" · 期限 due {output.deadline(view.next_due)}" if view.next_due else ""
    replaced = f" · 已重派 replaced by {view.replaced_by}" if view.replaced_by else ""
    holder = f"{view.unit} / {view.department} / {view.coordinator}"
    return f"会办单 slip {view.slip} · {role} · {category} · {holder} · {status}{replaced}{due}{late}"
