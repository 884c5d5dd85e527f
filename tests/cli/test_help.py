"""Every command explains itself, and none of the complaint's commands or fields is missing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from cli.app import app
from cli.verb import COMMON, option
from cli.verbs import VERBS
from engine.settings import ROOT
from models.commands import Command
from tests.cli.conftest import run

TREE: Any = typer.main.get_command(app)


def commands(node: Any = TREE, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, child in node.commands.items():
        if hasattr(child, "commands"):
            yield from commands(child, (*path, name))
        else:
            yield (*path, name), child


ALL = dict(commands())


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_help_ends_with_an_example_of_the_command(path: tuple[str, ...]) -> None:
    result = run(*path, "--help")
    text = " ".join(result.stdout.split())
    assert result.exit_code == 0
    assert f"tousu {' '.join(path)}" in text.partition("Example: ")[2], text


def test_every_command_of_a_complaint_can_be_typed() -> None:
    assert {verb.model for verb in VERBS} == set(Command.__subclasses__())


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_every_field_of_a_command_is_an_option(verb: Any) -> None:
    known = {name for parameter in ALL[tuple(verb.name.split())].params for name in parameter.opts}
    assert {option(name) for name in verb.model.model_fields} <= known
    assert verb.fields.keys() == verb.model.model_fields.keys() - COMMON


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_command_is_in_the_document(path: tuple[str, ...]) -> None:
    text = Path(ROOT, "docs", "command-line.md").read_text(encoding="utf-8")
    assert f"`{' '.join(path)}" in text, "say in docs/command-line.md what it does"


def test_a_bare_call_shows_what_there_is() -> None:
    result = run()
    assert (result.exit_code, result.stderr) == (2, "Error: Missing command. [Usage]\n")
