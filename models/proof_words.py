"""Why a deadline changed and why a day counted, in words: Chinese first, English second."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from rulebook.counting_days import CountedDay
from rulebook.deadline import Deadline
from rulebook.limit import UNITS, Unit

FIRST = ("期限开始计算", "the limit began to run")

REASONS: Mapping[str, tuple[str, str]] = {
    "received": ("收到投诉，期限开始计算", "the complaint was received and the limit began to run"),
    "classified": (
        "投诉的繁简或者严重程度有了认定，适用的期限随之确定",
        "the matter was classified, which chose the limit",
    ),
    "intake_examined": (
        "来源和材料查明，适用的期限随之确定",
        "origin and material were examined, which chose the limit",
    ),
    "assigned": ("办理方式确定，适用的期限随之确定", "the route of handling was chosen, and with it the limit"),
    "decision_made": ("作出处理决定，适用的期限随之确定", "the decision was made, which chose the limit"),
    "liability_ruled": ("责任认定改变了适用的期限", "liability was ruled on, which changed the limit"),
    "facts_added": (
        "提出新的事实和理由，期限自收到之日重新计算",
        "new facts and reasons came in: the limit began anew",
    ),
    "clock_paused": ("依法不计入期限的期间开始", "a period began that the law leaves out of the limit"),
    "clock_resumed": ("依法不计入期限的期间结束，期限顺延", "that period ended, and the limit moved by it"),
    "extension": ("延长期限经批准，并在届满前告知投诉人", "an extension was approved and told before the deadline"),
    "notice_received": (
        "告知的送达日查明，期间自送达起算",
        "the day of receipt became known: the period runs from there",
    ),
    "notice_given": (
        "投诉人再次被告知，期间自该次告知起算",
        "the complainant was told again: the period runs from there",
    ),
    "holding_written": (
        "说明尚未答复的函件指定了预计答复日",
        "a holding letter gave the day by which an answer is expected",
    ),
    "deadline_breached": (
        "上一期未按时告知，下一期自该期最后一日起算",
        "the period before was missed: the next one counts from its last day",
    ),
    "answer_demanded": ("转办单位指定了答复期限", "the body that forwarded the complaint set the last day"),
    "measure_recorded": ("措施约定了完成日期", "a day was planned for the measure"),
    "exemption_lifted": ("免于告知的情形消失，须补行告知", "the exemption from telling ended: telling is due again"),
    "calendar_adopted": (
        "放假通知改变了工作日，期限按新日历重新计算",
        "a notice changed the working days: counted anew",
    ),
    "rules_moved": (
        "案件改用其他规则，期限自起算之日按新规则重新计算",
        "the case was moved to other rules: counted from its start by them",
    ),
    "slip_sent_back": ("会办单退回重新调查，期限重新计算", "the slip was sent back to be investigated anew"),
}
"""Why a version of a deadline came into being, by the code in the proof."""

UNITS_ZH: Mapping[Unit, str] = {"nd": "自然日", "wd": "工作日", "h": "小时", "w": "周", "m": "个月"}
COUNTED_ZH: Mapping[Unit, str] = {**UNITS_ZH, "nd": "日", "wd": "日"}
LAYERS_ZH: Mapping[str, str] = {"statute": "法定", "regulator": "监管", "company": "公司", "team": "团队"}
KINDS_ZH: Mapping[str, str] = {"duty": "义务", "window": "权利期间", "target": "目标"}
"""The codes of a proof as people read them."""

_HOUR = 3600


def reason_words(code: str, *, first: bool) -> tuple[str, str]:
    """Return why a version came into being; a code without words of its own is named itself."""
    if first and code not in REASONS:
        return FIRST
    return REASONS.get(code) or (f"因 {code} 重新计算", f"computed again because of {code}")


def limit_words(amount: int, unit: Unit, extended_by: int) -> tuple[str, str]:
    """Return a limit in words, with what it was extended by; a limit of no natural days is a day that an event set."""
    if amount == 0:
        return ("当日", "the same day") if unit == "wd" else ("指定日期", "a day that was set")
    more = (f"，延长 {extended_by} {COUNTED_ZH[unit]}", f", extended by {extended_by}") if extended_by else ("", "")
    english = UNITS[unit].removesuffix("s") if amount == 1 else UNITS[unit]
    return f"{amount} {UNITS_ZH[unit]}{more[0]}", f"{amount} {english}{more[1]}"


def span_words(length: timedelta) -> tuple[str, str]:
    """Return a length of time in words, to the second; nothing is at once."""
    seconds = int(length.total_seconds())
    if not seconds:
        return "即时", "at once"
    days, rest = divmod(seconds, 24 * _HOUR)
    clock = f"{rest // _HOUR:02}:{rest % _HOUR // 60:02}:{rest % 60:02}"
    return (f"{days} 日 {clock}", f"{days} d {clock}") if days else (clock, clock)


def day_words(one: CountedDay, deadline: Deadline, ground: tuple[str, str]) -> tuple[str, str]:
    """Return why the day *one* of *deadline* counted or did not; *ground* names the pause that touches it."""
    zh, en = _plain_words(one, deadline)
    if one.ground is None:
        return zh, en
    if one.kind == "paused":
        return f"{ground[0]}，不计入期限", f"{ground[1]}: left out"
    if deadline.unit == "wd":
        return f"{zh}（{ground[0]}未满全日，仍计）", f"{en} (a pause covers part of it; it counts)"
    hours = _hours(one.left_out.total_seconds())
    return f"{zh}，其中 {hours} 小时不计（{ground[0]}）", f"{en}, {hours} h of it left out ({ground[1]})"


def _plain_words(one: CountedDay, deadline: Deadline) -> tuple[str, str]:
    off = _day_off(one)
    match one.kind:
        case "zero":
            return "起算当日，不计", "the day it starts is day zero"
        case "set":
            return "指定的最后一日", "the last day that was set"
        case "skipped":
            return f"{off[0]}，不计", f"{off[1]}: not counted"
        case "made_up":
            return f"{one.reason}，计入", f"make-up working day ({one.reason}): counted"
        case _:
            return _counted_words(one, deadline, off)


def _counted_words(one: CountedDay, deadline: Deadline, off: tuple[str, str]) -> tuple[str, str]:
    if deadline.unit == "h":
        hours = _hours(one.counted.total_seconds())
        return f"计 {hours} 小时", f"{hours} h counted"
    if deadline.unit == "wd":
        same = deadline.amount + deadline.extended_by == 0
        return ("工作日，即为期限之日", "the working day itself") if same else ("工作日，计入", "working day: counted")
    if one.reason == "workday" or one.reason.startswith("补班"):
        return "计入", "counted"
    return f"{off[0]}，自然日照计", f"{off[1]}: natural days count all the same"


def _day_off(one: CountedDay) -> tuple[str, str]:
    if one.source is None:
        return "周末", "weekend"
    return one.reason, f"holiday {one.reason}"


def _hours(seconds: float) -> str:
    return f"{seconds / _HOUR:.2f}".rstrip("0").rstrip(".")
