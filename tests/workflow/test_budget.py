"""A complaint's cost stays within a budget, measured where no event is there that production would not have."""

from __future__ import annotations

import re

from engine.settings import ROOT
from tests.workflow.budget import Cost
from tests.workflow.paths import happy_simple
from tests.workflow.stage import Stage

EVENTS = 124
BYTES = 34_000
ACTIONS = 33
TOLD = re.compile(r"takes about (\d+) events, (\d+) KB and (\d+) billable actions")
HELD = re.compile(r"holds it to (\d+), ([\d,]+) bytes and (\d+)")


async def test_a_happy_path_to_closure_stays_within_its_budget(live: Stage) -> None:
    """To closure, the window for a review then open; and docs/workflow.md says what it costs."""
    play = await happy_simple(live)
    assert (await play.view()).stage == "closed"
    cost = Cost.measure(await play.handle.fetch_history())
    assert (cost.events <= EVENTS, cost.size <= BYTES, cost.actions <= ACTIONS) == (True, True, True), str(cost)
    told = TOLD.search((ROOT / "docs/workflow.md").read_text(encoding="utf-8"))
    assert told
    events, kilobytes, actions = map(int, told.groups())
    # A busy machine makes some tasks more or less of the same work.
    assert abs(cost.events - events) <= 10, str(cost)
    assert abs(cost.size - 1_000 * kilobytes) <= 3_000, str(cost)
    assert abs(cost.actions - actions) <= 1, str(cost)


def test_the_budget_is_the_one_that_is_told() -> None:
    held = HELD.search((ROOT / "docs/workflow.md").read_text(encoding="utf-8"))
    assert held
    assert tuple(int(number.replace(",", "")) for number in held.groups()) == (EVENTS, BYTES, ACTIONS)
