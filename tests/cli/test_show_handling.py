"""What people read about a complaint under an insurer's own rules."""

from __future__ import annotations

from cli.show_handling import by_own_rules
from models.view import HandlingView


def test_the_instants_of_a_forwarded_complaint_are_told_in_the_insurers_time() -> None:
    view = HandlingView(forwarded=("2026-03-16T17:00:00+00:00", "2026-03-17T01:30:00+00:00"))
    assert by_own_rules(view)["监管转办 forwarded"] == (
        "监管收到 regulator 2026-03-17 (周二) 01:00 · 转办 forwarded 2026-03-17 (周二) 09:30"
    )
