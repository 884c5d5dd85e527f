"""Every command explains itself, and none of the complaint's commands or fields is missing."""

import shlex
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import typer.main

from cli.app import app
from cli.commands import FROM_THE_CASE
from cli.verb import COMMON, option, parse_instant
from cli.verbs import VERBS
from models.commands import Command
from tests.cli.conftest import run
from tests.repository.parts import blocks, text_of

TREE: Any = typer.main.get_command(app)
DOCUMENT = text_of("docs/command-line.md")
PROSE = {("open",), ("rehearse",), ("demo",), ("what-if",)}
"""Commands of which the document says more than a line of a table holds."""


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


def asked(kind: type[Command] = Command) -> Iterator[type[Command]]:
    """Everything that can be asked: the kinds of command of which there is no further kind."""
    kinds = kind.__subclasses__()
    for one in kinds:
        yield from asked(one)
    if not kinds:
        yield kind


def test_every_command_of_a_complaint_can_be_typed() -> None:
    assert Counter(verb.model for verb in VERBS) == Counter(asked())


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_every_field_of_a_command_is_an_option(verb: Any) -> None:
    known = {name for parameter in ALL[tuple(verb.name.split())].params for name in parameter.opts}
    assert {option(name) for name in verb.model.model_fields} <= known
    assert verb.fields.keys() == verb.model.model_fields.keys() - COMMON


def shown() -> dict[tuple[str, ...], list[list[str]]]:
    """The examples in docs/command-line.md, word by word, by the command that each of them types."""
    found: dict[tuple[str, ...], list[list[str]]] = {path: [] for path in ALL}
    for block in blocks(text_of("docs/command-line.md")):
        for line in block.commands():
            program, *argv = shlex.split(line)
            path = next((path for path in ALL if tuple(argv[: len(path)]) == path), None)
            assert program == "tousu", line
            assert path, f"no such command: {line}"
            found[path].append(argv[len(path) :])
    return found


SHOWN = shown()


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_command_is_in_the_document_with_an_example_that_can_be_typed(path: tuple[str, ...]) -> None:
    assert f"| `{' '.join(path)}" in DOCUMENT or path in PROSE, "say in docs/command-line.md what it does"
    assert SHOWN[path], "show in docs/command-line.md how it is typed"
    for argv in SHOWN[path]:
        assert parsed(path, argv) is not None


def test_the_help_of_a_move_says_which_rules_and_which_hash() -> None:
    said = {option.name: option.help for option in ALL["move-rules",].params}
    assert said["to"] == "the name of a rule pack"
    assert said["pack_hash"].startswith("the content hash of that pack")


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_every_command_of_a_complaint_has_one_example_the_one_of_its_help(verb: Any) -> None:
    of_one = [argv for argv in SHOWN[tuple(verb.name.split())] if argv[0] == "C-2026-0042"]
    assert of_one == [["C-2026-0042", *shlex.split(verb.example)]]


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_the_example_is_a_command_that_a_complaint_would_read(verb: Any) -> None:
    """What the case itself tells may be left out; a hash is a hash."""
    values = parsed(tuple(verb.name.split()), ["C-2026-0042", *shlex.split(verb.example.replace("SHA256", "0" * 64))])
    assert values.pop("complaint_id") == "C-2026-0042"
    assert values.pop("as_json") is False
    assert not any(values.pop(name, False) for name in ("dry_run", "every", "cause"))
    values["at"] = values["at"] and parse_instant(values["at"])
    left_out = {name: "x1" for name in FROM_THE_CASE if name in verb.fields and values[name] is None}
    assert isinstance(verb.command(values | left_out), verb.model)


def parsed(path: tuple[str, ...], argv: list[str]) -> dict[str, Any]:
    """What the real parser reads in a call; it ends in an error that names the word at fault."""
    params: dict[str, Any] = ALL[path].make_context(" ".join(path), list(argv)).params
    return params


def test_the_help_of_a_decision_says_what_agreed_means_and_who_closes_without_it() -> None:
    said = " ".join(run("decide", "--help").stdout.split())
    for sentence in (
        "agreed says that the complainant agrees to this decision (R149)",
        "what they say to it afterwards (``response``) counts in its place",
        "Without it only the consumer protection committee closes the case",
        "or whoever may after a meeting of the committee found its handling lawful (R150)",
        "or whoever may once the superior institution has reviewed it",
    ):
        assert sentence in said


def test_a_bare_call_shows_what_there_is() -> None:
    result = run()
    assert (result.exit_code, result.stderr) == (2, "Error: Missing command. [Usage]\n")
