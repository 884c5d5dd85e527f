"""
The mutants of the rulebook's arithmetic: a sample that is the same every time, and how many of them the tests noticed.

``python -m tests.rulebook.mutants sample 400`` prints names for ``mutmut run``; ``… score`` reads what the run has found.
"""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from pathlib import Path

FOUND = Path(__file__).parents[2] / "mutants" / "rulebook"
SEED = 2026
SURVIVED = 0
"""The exit code of tests that noticed nothing; None is a mutant that was not tried."""


def mutants(folder: Path = FOUND) -> dict[str, int | None]:
    """Return every mutant that was made, by name, with the exit code of the tests."""
    metas = sorted(folder.glob("*.meta"))
    return {name: code for meta in metas for name, code in json.loads(meta.read_text())["exit_code_by_key"].items()}


def sample(made: dict[str, int | None], size: int) -> list[str]:
    """Return *size* names, the same ones whenever the same mutants were made."""
    return sorted(random.Random(SEED).sample(sorted(made), min(size, len(made))))  # noqa: S311  # to be repeatable


def score(made: dict[str, int | None]) -> str:
    """Return how many mutants of each file were tried and noticed, and the name of each that survived."""
    tried: Counter[str] = Counter()
    noticed: Counter[str] = Counter()
    for name, code in made.items():
        if code is not None:
            tried[name.split(".")[1]] += 1
            noticed[name.split(".")[1]] += code != SURVIVED
    lines = [f"{file}: {noticed[file]} of {tried[file]} noticed" for file in sorted(tried)]
    lines += [f"survived: {name}" for name, code in made.items() if code == SURVIVED]
    return "\n".join([*lines, f"all: {noticed.total()} of {tried.total()} noticed, {len(made)} made"])


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["sample", size]:
            print(" ".join(sample(mutants(), int(size))))  # noqa: T201  # this is the command line
        case _:
            print(score(mutants()))  # noqa: T201  # this is the command line
