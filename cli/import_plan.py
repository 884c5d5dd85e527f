"""
What an import would do, complaint by complaint: everything that can be wrong with a row is found before anything is started.

A fault names row, column, a stable code and the broken rule, never what stands in the row.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from cli.import_known import Recorded, same, tells
from cli.import_rows import ImportFile, Line
from models.explain import explain, explain_item, place_of
from models.identifiers import ComplaintId
from models.intake import FutureReceipt, Intake
from models.mapping import EVENTS, ColumnMapping, Told, column_of
from models.opening import Opening, Past
from models.organisation import OrganisationError
from models.values import at_path, leaves
from rulebook import events as ev
from rulebook.errors import RulebookError
from rulebook.pack import Pin
from workflows.case import Case
from workflows.notices import owed
from workflows.past import PastRefused, begun

_ID: TypeAdapter[str] = TypeAdapter(ComplaintId)

ELSEWHERE: Mapping[str, str] = {"template": "elsewhere", "template_hash": "", "body_hash": ""}
"""What is known of a letter that another system sent: neither its template nor its text is on file here."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with a row, and with which of its columns; *complaint* is None while the row names none."""

    row: int
    column: str
    code: str
    sentence: str
    complaint: str | None = None


@dataclass
class Item:
    """One complaint of the file: its rows, and what is to be started, or what is wrong."""

    complaint: str | None
    rows: list[int]
    opening: Opening | None = None
    known: str | None = None
    faults: list[Fault] = field(default_factory=list)
    letters: tuple[str, ...] = ()
    breaches: int = 0
    stage: str | None = None
    repeated: tuple[int, ...] = ()


class _Wrong(Exception):  # noqa: N818  # an answer about rows, not a failure of ours
    def __init__(self, *faults: Fault) -> None:
        super().__init__()
        self.faults = faults


def _wrong(row: int, code: str, sentence: str, column: str = "") -> _Wrong:
    return _Wrong(Fault(row, column, code, sentence))


@dataclass(frozen=True)
class Importer:
    """
    Judges the complaints of a file as of *now*.

    *recorded* returns a complaint that is on record, or None; *twin* the id of a complaint on record that has the same
    reference and receipt, and raises `ValueError` when the reference is another's; *pin* the rules of a complaint.
    *people* are the ids of those who work here.
    """

    file: ImportFile
    source: str
    by: str
    now: datetime
    recorded: Callable[[str], Recorded | None]
    twin: Callable[[Intake], str | None]
    pin: Callable[[Intake], Pin]
    people: Container[str]

    def items(self) -> Iterable[Item]:
        """Return one item for each complaint, in the order in which the file first names them; bad rows have their own."""
        for name, lines in self._by_complaint().items():
            item = Item(name if isinstance(name, str) else None, [line.number for line in lines])
            try:
                self._judge(item, lines)
            except _Wrong as wrong:
                item.faults += [replace(fault, complaint=item.complaint) for fault in wrong.faults]
            yield item

    def _by_complaint(self) -> dict[str | int, list[Line]]:
        found: dict[str | int, list[Line]] = {}
        for line in self.file.lines:
            # A row that names no complaint stands for itself; the number of a row is no complaint's id.
            found.setdefault(line.complaint if line.complaint is not None else line.number, []).append(line)
        return found

    def _judge(self, item: Item, lines: Sequence[Line]) -> None:
        first = lines[0]
        if problems := [self._problem(line) for line in lines if line.problem is not None]:
            raise _Wrong(*problems)
        try:
            name = _ID.validate_python(item.complaint)
        except ValidationError as error:
            item.complaint = None  # It may be anything, a person's number too: it is not repeated.
            raise self._invalid(error, first, prefix="complaint_id") from None
        try:
            known = self.recorded(name)
        except ValueError as error:  # What it said was destroyed: it is neither compared nor begun again.
            raise _wrong(first.number, "LedgerDestroyed", str(error), self._column("complaint_id")) from None
        if known is not None:
            for line in lines:
                self._compare(line, known)
            item.known = name
            return
        intake, repeated = self._intake(lines)
        if (twin := self._twin(first.number, intake)) is not None:
            item.known = twin
            return
        events, again = self._events(name, lines)
        item.repeated = tuple(sorted(repeated + again))
        self._begin(item, intake, events, first.number)

    @staticmethod
    def _problem(line: Line) -> Fault:
        problem = line.problem
        return Fault(line.number, problem.column or "" if problem else "", "Invalid", problem.rule if problem else "")

    def _invalid(
        self, error: ValidationError, line: Line, event: int | None = None, told: str = "", prefix: str = ""
    ) -> _Wrong:
        faults = []
        for item in error.errors(include_url=False, include_context=False, include_input=False):
            where = place_of(item) or prefix
            column = self._column(where, event, line.told)
            faults.append(Fault(line.number, column, "Invalid", f"{told}{explain_item(item)}"))
        return _Wrong(*dict.fromkeys(faults))

    def _intake(self, lines: Sequence[Line]) -> tuple[Intake, list[int]]:
        told = [(line, line.told.intake) for line in lines if line.told and line.told.intake is not None]
        if not told:
            raise _wrong(
                lines[0].number, "NoComplaint", "its complaint is neither in the file nor on record", "complaint_id"
            )
        for line, data in told[1:]:
            if data != told[0][1]:
                raise _wrong(line.number, "DifferentContent", f"row {told[0][0].number} tells it with other content")
        line, data = told[0]
        try:
            intake = Intake.model_validate(data)
            intake.refuse_future(self.now)
        except ValidationError as error:
            raise self._invalid(error, line) from None
        except FutureReceipt:
            raise _wrong(
                line.number, "FutureReceipt", "received_at: must not lie in the future", self._column("received_at")
            ) from None
        # A row that also tells an event is no repetition of the complaint.
        return intake, [line.number for line, _ in told[1:] if line.told and not line.told.events]

    def _twin(self, row: int, intake: Intake) -> str | None:
        try:
            return self.twin(intake)
        except ValueError:
            raise _wrong(
                row,
                "ReferenceTaken",
                "a complaint with this reference was received at another instant; look whether they are one",
                self._column("source_reference"),
            ) from None

    def _events(self, name: str, lines: Sequence[Line]) -> tuple[list[tuple[Line, int, ev.Event]], list[int]]:
        found: list[tuple[Line, int, ev.Event]] = []
        repeated: list[int] = []
        faults: list[Fault] = []
        for line in lines:
            for data, at in zip(line.told.events, line.told.places, strict=True) if line.told else ():
                try:
                    event = self._event(name, line, data, at, len(found) + 1)
                except _Wrong as wrong:
                    faults += wrong.faults
                    continue
                if any(_equal(event, other) for _, _, other in found):
                    repeated.append(line.number)
                else:
                    found.append((line, at, event))
        if faults:
            raise _Wrong(*faults)
        return sorted(found, key=lambda one: one[2].at), repeated

    def _event(self, name: str, line: Line, data: Mapping[str, Any], at: int, number: int) -> ev.Event:
        kind = EVENTS[data["type"]]
        given = {"by": self.by, **_left_open(kind, name, number), **data, "recorded_at": self.now}
        try:
            return kind.model_validate(given)
        except ValidationError as error:
            raise self._invalid(error, line, at, told=f"{data['type']}: ") from None

    def _begin(self, item: Item, intake: Intake, events: Sequence[tuple[Line, int, ev.Event]], first: int) -> None:
        past = Past(
            source=self.source, digest=self.file.digest, by=self.by, events=tuple(event for _, _, event in events)
        )
        try:
            opening = Opening(intake=intake, pin=self.pin(intake), past=past)
            case = begun(opening, self.now)
        except ValidationError as error:
            rule = explain(error)
            raise _wrong(first, "TooLarge" if "[too_large]" in rule else "Invalid", rule) from None
        except PastRefused as refusal:
            line, at, event = events[refusal.position]
            field_name = str(refusal).partition(":")[0]
            raise _wrong(
                line.number, refusal.code, f"{ev.event_type(event)}: {refusal}", self._column(field_name, at)
            ) from None
        except (RulebookError, OrganisationError) as error:
            raise _wrong(first, type(error).__name__, str(error), self._column("received_at")) from None
        self._refuse_strangers(case, events)
        item.opening = opening
        item.letters = tuple(notice.kind for notice in owed(case))
        if case.state.ticket is None and not case.closed_or_over:
            item.letters = ("receipt", *item.letters)
        item.breaches = sum(duty.breached for duty in case.clock.duties)
        item.stage = case.state.stage

    def _refuse_strangers(self, case: Case, events: Sequence[tuple[Line, int, ev.Event]]) -> None:
        """Refuse a case that goes on with somebody who is not here; in one that is over they may have left long ago."""
        assigned = case.state.assigned
        if assigned is None or case.closed_or_over or assigned.coordinator in self.people:
            return
        line, at, _ = next(one for one in reversed(events) if isinstance(one[2], ev.Assigned))
        raise _wrong(
            line.number,
            "UnknownCoordinator",
            "assigned: coordinator: the organisation data know no such person; left out, one is assigned here",
            self._column("coordinator", at),
        )

    def _compare(self, line: Line, known: Recorded) -> None:
        """Refuse a row that says anything that the record does not hold."""
        if line.told is None:
            return
        mapping = self.file.mapping
        said = {} if line.told.intake is None or known.holds(line.told.intake) else line.told.intake
        for path, given in leaves(said):
            if not same(mapping.fields.get(path) if mapping else None, given, at_path(known.intake, path)):
                raise _wrong(
                    line.number, "DifferentContent", f"{path}: the record holds another value", self._column(path)
                )
        for data, at in zip(line.told.events, line.told.places, strict=True):
            sources = mapping.events[at].fields if mapping else {}
            if not any(tells(sources, data, event) for event in known.events):
                raise _wrong(
                    line.number,
                    "OtherEvents",
                    f"{data['type']}: the complaint is on record, without such an event; enter it by its command",
                    self._column("at", at),
                )

    def _column(self, path: str, event: int | None = None, told: Told | None = None) -> str:
        """Return the column from which the field at *path* of what was *told* comes; without a mapping, the field itself."""
        mapping: ColumnMapping | None = self.file.mapping
        if mapping is None:
            return path
        fields = mapping.fields if event is None else mapping.events[event].fields
        return column_of(fields, path, told.numbers if told else {})


def _left_open(kind: type[ev.Event], complaint: str, number: int) -> dict[str, Any]:
    """Return what another system seldom knows of an event, for a row that leaves it open."""
    known: dict[type[ev.Event], dict[str, Any]] = {
        ev.NoticeGiven: {"notice": f"{complaint}.elsewhere-{number}", **ELSEWHERE},
        ev.NoticeReceived: {"notice": ""},
        ev.CalledBack: {"task": "elsewhere"},
        ev.ReviewRequested: {"review": "r1"},
        ev.ReviewDecided: {"review": "r1"},
    }
    return known.get(kind, {})


def _equal(one: ev.Event, other: ev.Event) -> bool:
    if type(one) is not type(other):
        return False
    # The id that we gave a letter is no part of what the row said.
    given = {"notice"} if isinstance(one, ev.NoticeGiven) and one.template == ELSEWHERE["template"] else set()
    return one.model_dump(exclude=given) == other.model_dump(exclude=given)
