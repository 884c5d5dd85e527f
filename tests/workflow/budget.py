"""What a complaint costs: its events, its bytes, and the actions that Temporal Cloud would bill."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory

BILLED = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
    EventType.EVENT_TYPE_TIMER_STARTED,
    EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
    EventType.EVENT_TYPE_MARKER_RECORDED,
}
"""The events behind which there is a billed action; local activities (markers) are billed once a task, at most."""


@dataclass(frozen=True)
class Cost:
    """What one run cost, and of what the events were."""

    events: int
    size: int
    actions: int
    of: Counter[str]

    @classmethod
    def measure(cls, history: WorkflowHistory) -> Cost:
        of = Counter(event.event_type for event in history.events)
        return cls(
            events=len(history.events),
            size=sum(event.ByteSize() for event in history.events),
            actions=sum(of[kind] for kind in BILLED),
            of=Counter({EventType.Name(kind).removeprefix("EVENT_TYPE_"): count for kind, count in of.items()}),
        )

    def __str__(self) -> str:
        parts = ", ".join(f"{count} {kind}" for kind, count in self.of.most_common())
        return f"{self.events} events, {self.size} bytes, {self.actions} actions: {parts}"
