"""A complaint's cost stays within a budget, measured where no event is there that production would not have."""

from __future__ import annotations

from tests.workflow.budget import Cost
from tests.workflow.paths import happy_simple
from tests.workflow.stage import Stage

EVENTS = 124
BYTES = 33_000
ACTIONS = 33


async def test_a_happy_path_to_closure_stays_within_its_budget(live: Stage) -> None:
    """Measured: 106 events, 30 KB, 29 billable actions to closure, the window for a review then open (docs/workflow.md)."""
    play = await happy_simple(live)
    assert (await play.view()).stage == "closed"
    cost = Cost.measure(await play.handle.fetch_history())
    assert (cost.events <= EVENTS, cost.size <= BYTES, cost.actions <= ACTIONS) == (True, True, True), str(cost)
