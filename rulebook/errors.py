"""
The rulebook's errors.

RulebookError (ValueError)
├── PackError           a rule pack cannot be read, or is not the one a case was pinned to
│   ├── NoRulesInForce    no published pack was in force on a day of receipt
│   └── UnsoundPackError  a pack is valid by itself and still wrong, each fault with its line
├── RulesFolderError    a folder of a deployer's own rules is not there, or holds what has no place in it
├── LimitError          a limit, an instant or a pause makes no sense
└── CalendarError       a calendar file cannot be read, or a version is unknown
"""

from __future__ import annotations


class RulebookError(ValueError):
    """Something in the rulebook or in a question to it makes no sense; the message is one line."""


class PackError(RulebookError):
    """A rule pack cannot be read, or differs from the one a case was pinned to."""


class NoRulesInForce(PackError):  # noqa: N818  # its name is its public code
    """No published pack was in force on a day of receipt."""


class UnsoundPackError(PackError):
    """A pack is valid by itself and still wrong; *faults* are its lines, one for each fault."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


class RulesFolderError(RulebookError):
    """A folder of a deployer's own rules is not there, or holds what has no place in it."""


class LimitError(RulebookError):
    """A limit, an instant or a pause makes no sense."""


class CalendarError(RulebookError):
    """A calendar file cannot be read, or a calendar version is unknown."""


def not_set_up(missing: ModuleNotFoundError) -> str:
    """Return the line for somebody whose Python lacks what we depend on; raise *missing* if it is a part of ours."""
    name = (missing.name or "").partition(".")[0]
    if name in {"rulebook", "models", "activities", "workflows", "engine", "cli"}:
        raise missing
    return f"Error: this Python has no {name}; run `make setup`, then `. .venv/bin/activate` [NotSetUp]"
