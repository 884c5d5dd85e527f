"""
The command line, held up or killed at one step: ``python -m tests.archive.at_step after MODULE:NAME ACT WORD...``.

*ACT* is ``kill``, or a file to wait for: the step is reached when ``FILE.reached`` is there, and goes on with ``FILE.go``.
It runs years later, when the time of a file is over.
"""

from __future__ import annotations

import importlib
import os
import runpy
import signal
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from cli import session
from engine.settings import ROOT
from tests.archive.parts import LATER


def hook(when: str, place: str, act: Callable[[], None]) -> None:
    """Have *act* done before or after the first call of what is named by *place*."""
    module, _, name = place.partition(":")
    owner: Any = importlib.import_module(module)
    *path, last = name.split(".")
    for part in path:
        owner = getattr(owner, part)
    real, left = getattr(owner, last), [act]

    def hooked(*args: Any, **named: Any) -> Any:
        if when == "before" and left:
            left.pop()()
        done = real(*args, **named)
        if when == "after" and left:
            left.pop()()
        return done

    setattr(owner, last, hooked)


def acting(how: str) -> Callable[[], None]:
    def kill() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def wait() -> None:
        Path(f"{how}.reached").touch()
        while not Path(f"{how}.go").exists():
            time.sleep(0.01)

    return kill if how == "kill" else wait


if __name__ == "__main__":
    when, place, how, *words = sys.argv[1:]
    hook(when, place, acting(how))
    session.now = lambda: datetime.fromisoformat(LATER)
    sys.argv = ["tousu", *words]
    runpy.run_path(str(ROOT / "starter.py"), run_name="__main__")
