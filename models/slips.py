"""Where a dispatch slip (会办单) stands: the fold of its events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from rulebook import events as ev

SlipStatus = Literal["dispatched", "accepted", "answered", "sent_back", "returned", "recalled", "ended"]

SLIP_STATUS_ZH: Mapping[SlipStatus, str] = {
    "dispatched": "待接收",
    "accepted": "办理中",
    "answered": "已反馈",
    "sent_back": "退回重查",
    "returned": "已退单",
    "recalled": "已收回",
    "ended": "随投诉终结",
}
"""How a slip stands, as people read it."""


OVER = frozenset({"returned", "recalled"})
"""How a slip stands of which nothing is asked any more."""


@dataclass(slots=True)
class Slip:
    """
    One department's share of a complaint as its events left it.

    *over* once the decision was told, which ends it; *ended* once the complaint came to an end without a decision.
    """

    dispatched: ev.SlipDispatched
    status: SlipStatus = "dispatched"
    progress: list[ev.SlipProgressed] = field(default_factory=list)
    answer: ev.SlipAnswered | None = None
    returned: ev.SlipReturned | None = None
    replaced_by: str | None = None
    over: bool = False
    ended: bool = False

    @property
    def shown(self) -> SlipStatus:
        """Return the status that people see: what a department had before it when the complaint ended waits for nobody."""
        return "ended" if self.ended and self.status in {"dispatched", "accepted", "sent_back"} else self.status

    @property
    def open(self) -> bool:
        """Return whether somebody must still act on it: the department, or customer service when it was returned."""
        if self.status == "returned":
            return self.replaced_by is None
        return self.status in {"dispatched", "accepted", "sent_back"}

    def outdate(self) -> None:
        """Take new facts into account: what was answered without them answers nothing any more (art. 18(3))."""
        self.answer = None
        if self.status == "answered":
            self.status = "recalled" if self.over else "sent_back"

    def apply(self, event: ev.SlipEvent) -> None:
        """Take one more event of this slip into account."""
        match event:
            case ev.SlipAccepted():
                self.status = "accepted"
            case ev.SlipProgressed():
                self.progress.append(event)
            case ev.SlipAnswered():
                self.status, self.answer = "answered", event
            case ev.SlipSentBack():
                self.status, self.answer = "sent_back", None
            case ev.SlipReturned():
                self.status, self.returned = "returned", event
            case ev.SlipRecalled():
                self.status = "recalled"
            case _:
                pass


def slips_with(slips: dict[str, Slip], event: ev.SlipEvent) -> None:
    """Take *event* into *slips*: a new slip, or one more fact about a known one."""
    if isinstance(event, ev.SlipDispatched):
        slips[event.slip] = Slip(event)
        if event.replaces in slips:
            slips[event.replaces].replaced_by = event.slip
    elif event.slip in slips:
        slips[event.slip].apply(event)
