"""The end of the demo: what became of the complaints, and the proof that the killed worker took nothing with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from activities.ledger import Ledger
from cli import output
from models.case import CaseState
from models.intake import Intake
from models.vocabulary import LABELS_ZH
from rulebook import events as ev

_RESULTS = ("有责\nresponsible", "无责\nnon-resp.", "转诉讼\nlitigation", "撤回\nwithdrawn")


@dataclass
class Reckoning:
    """What the record says at the end, beside what it said when the worker was killed."""

    ledger: Ledger
    intakes: Sequence[Intake]
    before: Mapping[str, Sequence[ev.Event]]

    def show(self, console: Console) -> str | None:
        """Print the tables; return what is wrong, or None."""
        after = {intake.complaint_id: self.ledger.events(intake.complaint_id) for intake in self.intakes}
        console.print(self._by_category(after))
        console.print(self._over_the_kill(after))
        reports = list(self.ledger.verify_all())
        events = sum(report.events for report in reports)
        console.print(f"[green]✓[/] 逐案核验 verified: {len(reports)} chains, {events} events, folded again")
        return next(self._problems(after, reports), None)

    def _by_category(self, after: Mapping[str, Sequence[ev.Event]]) -> Table:
        titles = ("类别\ncategory", "件数\ncases", "结案\nclosed", *_RESULTS, "逾期\nbreached", "满意度\nsatisfaction")
        shown = output.table("投诉处理情况 Complaints", *titles)
        by_category: dict[str, list[CaseState]] = {}
        for intake in self.intakes:
            main = intake.categories[0] if intake.categories else "other"
            by_category.setdefault(main, []).append(CaseState.fold(after[intake.complaint_id]))
        for category, states in by_category.items():
            shown.add_row(f"{LABELS_ZH['category'][category]} {category}", *_cells(states))
        shown.add_section()
        shown.add_row("合计 total", *_cells([state for states in by_category.values() for state in states]))
        return shown

    def _over_the_kill(self, after: Mapping[str, Sequence[ev.Event]]) -> Table:
        shown = output.table(
            "工作进程被杀前后 Over the kill",
            "",
            "被杀时 at the kill",
            "结束时 at the end",
            "丢失或重复 lost or repeated",
        )
        lost = sum(1 for name in self.before if list(after[name][: len(self.before[name])]) != list(self.before[name]))
        repeated = sum(count - 1 for count in letters(after).values())
        shown.add_row("事件 events", str(_count(self.before)), str(_count(after)), str(lost))
        told = (str(sum(letters(events).values())) for events in (self.before, after))
        shown.add_row("告知信函 letters", *told, str(repeated))
        return shown

    def _problems(self, after: Mapping[str, Sequence[ev.Event]], reports: Sequence[object]) -> Iterator[str]:
        for name, events in self.before.items():
            if list(after[name][: len(events)]) != list(events):
                yield f"{name}: the record at the kill is not the beginning of the record at the end"
        for (name, kind, _), count in letters(after).items():
            if count > 1:
                yield f"{name}: the letter {kind} went out {count} times"
        for report in self.ledger.verify_all():
            if report.differences:
                yield f"{report.complaint_id}: {report.differences[0]}"
        if len(reports) != len(self.intakes):
            yield f"the record holds {len(reports)} complaints instead of {len(self.intakes)}"


def letters(record: Mapping[str, Sequence[ev.Event]]) -> Counter[tuple[str, str, str | None]]:
    """Return how often each letter went out: by complaint, kind and what it refers to."""
    return Counter(
        (name, event.kind, event.ref)
        for name, events in record.items()
        for event in events
        if isinstance(event, ev.NoticeGiven)
    )


def _count(record: Mapping[str, Sequence[ev.Event]]) -> int:
    return sum(len(events) for events in record.values())


def _cells(states: Sequence[CaseState]) -> list[str]:
    results: Counter[str] = Counter(state.closed.result for state in states if state.closed)
    marks = [state.callback.satisfaction for state in states if state.callback and state.callback.satisfaction]
    named = ("responsible", "non_responsible", "litigation", "withdrawn")
    return [
        str(len(states)),
        str(results.total()),
        *(str(results[name] or "") for name in named),
        str(sum(bool(state.breaches) for state in states) or ""),
        f"{sum(marks) / len(marks):.1f}" if marks else "—",
    ]
