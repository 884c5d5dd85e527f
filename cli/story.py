"""A story: a complaint and the script of what happens to it, and the story that must have happened before."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from cli.errors import bad_input
from cli.script import Script, read_script
from models.explain import explain
from models.intake import Intake


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
    steps = read_script(script)
    intake = read_complaint(complaint or script.with_suffix(".json"))
    return Story(intake, steps, read_story(script.parent / steps.first) if steps.first else None)


def read_complaint(path: Path) -> Intake:
    """Return the complaint in the JSON file at *path*; CliError with the place and the rule."""
    try:
        return Intake.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except OSError:
        raise bad_input(f"{path}: cannot be read") from None
    except ValidationError as error:
        raise bad_input(f"{path}: {explain(error)}") from None
    except ValueError:
        raise bad_input(f"{path}: is not JSON") from None
