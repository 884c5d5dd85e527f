"""A proof for the terminal: what an auditor reads from top to bottom, Chinese first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from rich.console import Console
from rich.markup import escape

from cli import output
from cli.move_table import show_change
from cli.proof_recount import Recount, recounts
from models.proof import BreachProof, CaseProof, DayProof, DutyProof, Happening, PauseProof, VersionProof
from models.proof_words import COUNTED_ZH, KINDS_ZH, LAYERS_ZH, limit_words, span_words
from models.view import SHORTENED, STATUS_ZH
from models.wording import WEEKDAYS_ZH
from rulebook.mark import article

HASH = 12
"""How much of a hash a line shows; the JSON has all of it."""


def print_proof(proof: CaseProof, sentences: Mapping[int, str]) -> None:
    """Print *proof*; *sentences* says what each event was, by its number."""
    console = output.console()
    console.print(f"[bold]{escape(proof.complaint_id)} 期限证明 proof of time limits[/bold]")
    for line in _head(proof):
        console.print(escape(line))
    for change in proof.moves:
        console.print()
        show_change(console, change)
    for duty in proof.duties:
        console.print()
        _duty(console, duty, sentences)
    if proof.notices:
        console.print("\n日历依据 notices of the calendar")
        for notice in proof.notices:
            title = article(f"{notice.title} {notice.number or ''}".rstrip(), notice.mark)
            console.print(escape(f"  {notice.id}: {title} · {notice.published}"))
            for line in filter(None, (notice.source, notice.note)):
                console.print(escape(f"    {line}"))


def _head(proof: CaseProof) -> Iterator[str]:
    yield f"记录截至 as of: {output.instant(proof.as_of)} · {proof.events} 个事件 events · 末条哈希 head {proof.head_hash}"
    for rules in proof.rules:
        yield f"规则 rules: {rules.pack} · {LAYERS_ZH.get(rules.layer, rules.layer)} {rules.layer} · {rules.hash}"
        yield f"  {rules.title_zh} {rules.title_en}"


def _duty(console: Console, duty: DutyProof, sentences: Mapping[int, str]) -> None:
    late = " · 逾期 breached" if duty.breached else ""
    console.print(f"[bold]{duty.key} · {escape(duty.title_zh)} {escape(duty.title_en)}[/bold]")
    layer = f"{LAYERS_ZH.get(duty.layer, duty.layer)} {duty.layer}"
    facts = {
        "性质 kind": f"{KINDS_ZH[duty.kind]} {duty.kind}",
        "状态 status": f"{STATUS_ZH[duty.status]} {duty.status}{late}",
        "依据 rule": f"{duty.rule} · {duty.citation} · {layer} · {duty.pack} {duty.hash[:HASH]}",
        "起算 start": happened(duty.started_by, sentences),
    }
    for name, value in facts.items():
        console.print(f"  {name}: {escape(value)}")
    if duty.versions:
        _version(console, duty.versions[-1], sentences)
        _earlier(console, duty)
        for one in recounts(duty):
            print_recount(console, one)
    else:
        console.print("  期限 due: 及时，无确定日期 promptly, no day is set")
    for breach in duty.breaches:
        delay = " ".join(dict.fromkeys(span_words(breach.delay)))
        stands = "" if breach.stands else f" · {not_late(breach)}"
        said = f"应于 {output.deadline(breach.due)} · 记录于 recorded {output.instant(breach.recorded_at)}"
        console.print(f"  逾期 breach: {said} · 发现延迟 detected after {delay} · #{breach.seq}{stands}")
    if duty.ended_at:
        console.print(f"  终止 ended: {escape(happened(duty.ended_by, sentences))}")


def _version(console: Console, one: VersionProof, sentences: Mapping[int, str]) -> None:
    zh, en = limit_words(one.limit.amount, one.limit.unit, one.limit.extended_by)
    console.print(f"  期限 limit: {zh} {en} · {one.limit.name} · {escape(one.limit.citation)} · {one.limit.pack}")
    if one.limit.text_zh:
        console.print(escape(f"    {one.limit.text_zh} {one.limit.text_en}"))
    console.print(f"  日历 calendar: {one.calendar} · {provisional(one)}")
    for pause in one.pauses:
        console.print(f"  不计入 left out: {escape(paused(pause))}")
    due = f"{one.last_day} · {one.due.isoformat()}" if one.due else "停算中 paused"
    guess = " · 暂定 provisional" if one.provisional and one.due else ""
    console.print(
        f"  最后期限 due: [bold]{due}[/bold]{guess} · {'逐日核对一致 the days agree' if one.agrees else '不一致 DIFFERS'}"
    )
    console.print(escape(f"  原因 because of: {one.why_zh} {one.why_en}"))
    for event in one.because_of:
        console.print(f"    {escape(happened(event, sentences))}")
    shown = output.table(None, "日 day", "计 count", "说明 why", "通知 notice")
    for day in one.days:
        shown.add_row(
            dated(day.day), number(day, one), f"{day.why_zh} {day.why_en}", article(day.source or "", day.mark)
        )
    console.print(shown)


def _earlier(console: Console, duty: DutyProof) -> None:
    if len(duty.versions) == 1:
        return
    shown = output.table(
        "  期限的历次版本 versions", "版本", "最后期限 due", "期限 limit", "原因 because of", "计算 computed"
    )
    for one in duty.versions:
        zh, en = limit_words(one.limit.amount, one.limit.unit, one.limit.extended_by)
        because = " ".join(f"#{event.seq}" for event in one.because_of)
        shown.add_row(
            str(one.version),
            due_of(one) + ("\n暂定 provisional" if one.provisional and one.due else ""),
            f"{zh}\n{en}\n{one.limit.pack}",
            f"{one.why_zh} {because}\n{one.why_en}",
            output.instant(one.computed_at),
        )
    console.print(shown)


def print_recount(console: Console, one: Recount, *, whole: bool = False) -> None:
    """Print what a notice did to a deadline: the days that are counted differently since, or the *whole* count."""
    before, after = one.before, one.after
    shown = output.table(
        "  放假通知前后对照 before and after the notice",
        "日 day",
        f"第 {before.version} 版 {before.calendar}",
        f"第 {after.version} 版 {after.calendar}",
    )
    for day, old, new in one.days if whole else one.changed:
        shown.add_row(dated(day), _counted(old, before), _counted(new, after))
    shown.add_section()
    shown.add_row(
        "最后期限 due", f"{before.last_day or '停算 paused'}", f"[bold]{after.last_day or '停算 paused'}[/bold]"
    )
    console.print(shown)


def _counted(day: DayProof | None, one: VersionProof) -> str:
    if day is None:
        return "—"
    counted = number(day, one)
    source = f"  ← {article(day.source, day.mark)}" if day.source else ""
    guess = "  暂定 provisional" if day.provisional and day.kind != "zero" else ""
    return escape(f"{counted}  {day.why_zh} {day.why_en}{source}{guess}".strip())


def due_of(one: VersionProof) -> str:
    """Return the last day of a version, and the one that was counted where a notice or other rules put it into the past."""
    if one.shortened_from is None:
        return one.last_day or "停算 paused"
    return f"{output.instant(one.due)}\n{SHORTENED}\n原计 counted {output.deadline(one.shortened_from)}"


def not_late(breach: BreachProof) -> str:
    """Return why a breach that was recorded does not count."""
    return SHORTENED if breach.shortened else "其后的事实表明并未逾期 later facts show that it was not late"


def provisional(one: VersionProof) -> str:
    """Return whether a version may still change with a notice of the calendar, and how far the notices reach."""
    kind = "暂定 provisional" if one.provisional else "确定 final"
    return f"{kind}（已公布至 published up to {one.horizon}）"


def happened(event: Happening | None, sentences: Mapping[int, str]) -> str:
    """Return an event as a line: its instant, number, sentence, who answers for it, and when it was recorded if later."""
    if event is None:
        return "—"
    at, recorded = output.instant(event.at), output.instant(event.recorded_at)
    late = "" if at == recorded else f" · 记录于 recorded {recorded}"
    return f"{at} · #{event.seq} {sentences[event.seq]} · 经办 by {event.by}{late}"


def paused(pause: PauseProof) -> str:
    """Return a period that was left out as a line."""
    end = output.instant(pause.end) if pause.end else "至今 still running"
    events = " ".join(f"#{event.seq}" for event in pause.events)
    return f"{output.instant(pause.start)} → {end} · {pause.title_zh} {pause.title_en} · {pause.citation} · {events}"


def dated(day: date) -> str:
    """Return a date with its weekday."""
    return f"{day} (周{WEEKDAYS_ZH[day.weekday()]})"


def number(day: DayProof, one: VersionProof) -> str:
    """Return what the limit had used up at the end of a day, for people."""
    if day.kind == "zero":
        return "起算日 day 0"
    if day.number is None or one.limit.amount + one.limit.extended_by == 0:
        return "" if day.number is None else "期限日 last day"
    return f"{'累计' if one.limit.unit == 'h' else '第'} {day.number} {COUNTED_ZH[one.limit.unit]}"
