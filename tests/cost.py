"""What something costs, counted and not timed: the same on every machine."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any


def calls(ask: Callable[[], Any]) -> int:
    """Return how many functions of Python *ask* calls."""
    count = 0

    def tell(frame: Any, event: str, argument: Any) -> None:  # the interpreter's signature
        nonlocal count
        count += event == "call"

    sys.setprofile(tell)
    try:
        ask()
    finally:
        sys.setprofile(None)
    return count
