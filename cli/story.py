"""A story: a complaint and the script of what happens to it, and the story that must have happened before."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from cli.errors import bad_input
from cli.files import MOST_OF_ONE, read
from cli.json_text import json_value
from cli.script import Script, read_script
from models.explain import explain
from models.intake import Intake
from models.tabular.text_file import SPOILED, decoded


@dataclass(frozen=True)
class Story:
    """What is played: *intake* by *script*, after *before*."""

    intake: Intake
    script: Script
    before: Story | None = None


def read_story(script: Path, complaint: Path | None = None) -> Story:
    """
    Return the story of *script* and of the *complaint* beside it, or in the file that is named.

    CliError or ScriptError with the place and the rule.
    """
    return _story(script, complaint or script.with_suffix(".json"), frozenset())


def _story(script: Path, complaint: Path, later: frozenset[Path]) -> Story:
    if script.resolve() in later:
        raise bad_input(f"{script}: first: comes before itself")
    steps = read_script(script)
    intake = read_complaint(complaint)
    if steps.first is None:
        return Story(intake, steps)
    first = script.parent / steps.first
    return Story(intake, steps, _story(first, first.with_suffix(".json"), later | {script.resolve()}))


def read_complaint(path: Path) -> Intake:
    """Return the complaint in the JSON file at *path*; CliError with the place and the rule."""
    text = decoded(read(path, MOST_OF_ONE), "utf-8")
    if SPOILED in text:
        raise bad_input(f"{path}: is not utf-8 text")
    try:
        return Intake.model_validate(json_value(text))
    except ValidationError as error:
        raise bad_input(f"{path}: {explain(error)}") from None
    except ValueError as error:
        raise bad_input(f"{path}: {error}") from None
