"""What a report is made from: one complaint as the ledger holds it, read once, and the words for its people and days."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar, overload

from activities.ledger import Ledger
from activities.ledger_chain import event_of, pin_of
from activities.letters import moment
from models.case import CaseState
from models.intake import Intake
from models.organisation import Organisation
from models.particulars import corrected
from models.tables import NoticeRow
from models.wording import people_day
from rulebook import events as ev
from rulebook.clock import CaseClock, Duty
from rulebook.pack import Pin, RulePack
from rulebook.slip_clocks import slip_clocks

A = TypeVar("A", bound=ev.Event)
B = TypeVar("B", bound=ev.Event)
C = TypeVar("C", bound=ev.Event)
D = TypeVar("D", bound=ev.Event)
E = TypeVar("E", bound=ev.Event)


def stacked(day: str) -> str:
    """Return *day* in two lines for a narrow column: the date, then weekday and time."""
    return _DAY.sub(r"\1\n\2 \3", day)


_DAY = re.compile(r"^(\d{4}-\d\d-\d\d) \((周.)\) (\d\d:\d\d)$")


@dataclass(frozen=True, slots=True)
class Record:
    """
    One complaint: what was said, what happened, and what the rules made of it.

    Units and people stand in the record by code and id; *organisation* gives them their names. *pin* is what it was received
    under, *pack* what it runs under now.
    """

    intake: Intake
    events: tuple[ev.Event, ...]
    state: CaseState
    duties: tuple[Duty, ...]
    notices: tuple[NoticeRow, ...]
    pin: Pin
    pack: RulePack
    calendar: str
    content_hash: str
    head_hash: str
    organisation: Organisation

    @classmethod
    def read(cls, ledger: Ledger, complaint_id: str, organisation: Organisation) -> Record | None:
        """Return the complaint; None if the record has no event of it. PackError when its rules are not the ones here."""
        said, rows = ledger.intake(complaint_id), ledger.timeline(complaint_id)
        if said is None or not rows:
            return None
        events = tuple(event_of(row) for row in rows)
        pin = pin_of(rows[-1])
        pack, calendar = pin.open()
        clocks = (CaseClock.fold(pack, calendar, events), *slip_clocks(pack, calendar, events).values())
        intake = Intake.model_validate(said)
        return cls(
            intake=intake,
            events=events,
            state=CaseState.fold(events),
            duties=tuple(duty for clock in clocks for duty in clock.duties),
            notices=tuple(ledger.notices(complaint_id)),
            pin=pin,
            pack=clocks[0].pack,
            calendar=calendar.version,
            content_hash=intake.content_hash(),
            head_hash=rows[-1].hash,
            organisation=organisation,
        )

    @property
    def known(self) -> Intake:
        """What was said, with its particulars as they are known today."""
        return corrected(self.intake, self.of(ev.ParticularsCorrected))

    @overload
    def of(self, one: type[A], /) -> list[A]: ...
    @overload
    def of(self, one: type[A], two: type[B], /) -> list[A | B]: ...
    @overload
    def of(self, one: type[A], two: type[B], three: type[C], /) -> list[A | B | C]: ...
    @overload
    def of(
        self, one: type[A], two: type[B], three: type[C], four: type[D], five: type[E], /
    ) -> list[A | B | C | D | E]: ...
    def of(self, *kinds: type[ev.Event]) -> Sequence[ev.Event]:
        """Return the events of these *kinds* in order."""
        return [event for event in self.events if isinstance(event, kinds)]

    def when(self, instant: datetime | None) -> str:
        """Return *instant* as people read it in the time zone of the rules, such as ``2026-03-17 (周二) 10:05``."""
        return moment(instant, self.pack.time_zone) if instant else ""

    def last_day(self, due: datetime | None) -> str:
        """Return the first instant that is too late as people say it, such as ``2026-03-17 (周二) 24:00``."""
        return people_day(due, self.pack.zone) if due else ""

    def ground(self, name: str) -> str:
        """Return the ground of a pause as the rules call it; what they do not know stays a code."""
        rule = self.pack.pauses.get(name)
        return f"{rule.title.zh} {name}" if rule else name

    def scheme(self, name: str) -> str:
        """Return an outside scheme as the rules call it."""
        scheme = self.pack.schemes.get(name)
        return f"{scheme.title.zh}\n{scheme.title.en}" if scheme else name

    def at(self, event: ev.Event) -> str:
        """Return when *event* was, for a narrow column, and when it was written down where that was another minute."""
        at, recorded = stacked(self.when(event.at)), stacked(self.when(event.recorded_at))
        return at if at == recorded else f"{at}\n记录于 recorded\n{recorded}"

    def who(self, person: str) -> str:
        """Return the person's name and id; the id alone for whom the organisation does not know."""
        if person == ev.SYSTEM:
            return "系统 system"
        known = self.organisation.people.get(person)
        return f"{known.name}\n{person}" if known else person

    def people(self, ids: Iterable[str]) -> str:
        """Return the names and ids of several people, one a line."""
        return "\n".join(self.who(person).replace("\n", " ") for person in ids)

    def unit(self, code: str | None) -> str:
        """Return the unit's name and code."""
        known = self.organisation.units.get(code or "")
        return f"{known.name} {code}" if known else code or ""

    def department(self, code: str | None) -> str:
        """Return the department's name and code."""
        known = self.organisation.departments.get(code or "")
        return f"{known.name} {code}" if known else code or ""

    @property
    def institution(self) -> str:
        """The institution that handles the complaint, by its full name."""
        known = self.organisation.units.get(self.state.unit or self.intake.respondent.unit)
        return f"{self.organisation.name}{known.name}" if known and known.parent else self.organisation.name
