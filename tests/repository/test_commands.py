"""Every command, module, file and variable that a text names exists."""

import importlib
import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer.main

from activities.watchdog.findings import REMEDIES
from engine.settings import PREFIX, Settings
from tests.repository.parts import ROOT, command_lines, compose, documents, our_calls, repository_files, spans, text_of

MAKE_TARGETS = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.MULTILINE))
VARIABLES = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields if name != "temporal"}


def command_tree() -> Any:
    return typer.main.get_command(importlib.import_module("starter").app)


def fault(tree: Any, argv: list[str]) -> str | None:
    """Say what is wrong with a call, or nothing."""
    node, rest = tree, list(argv)
    while rest and hasattr(node, "commands") and re.fullmatch(r"[a-z][a-z-]*", rest[0]):
        if rest[0] not in node.commands:
            return f"no command {rest[0]!r}"
        node = node.commands[rest.pop(0)]
    known = {option for parameter in node.params for option in parameter.opts + parameter.secondary_opts} | {"--help"}
    unknown = [word for word in rest if re.match(r"--[a-z]", word) and word.partition("=")[0] not in known]
    return f"no option {unknown[0]!r}" if unknown else None


def test_every_call_of_the_command_line_that_a_text_shows_exists() -> None:
    tree = command_tree()
    calls = list(our_calls())
    assert len({tuple(argv) for _, argv in calls}) >= 4, "demo, up, migrate and codec at least"
    faults = [f"{place}: {' '.join(argv)}: {wrong}" for place, argv in calls if (wrong := fault(tree, argv))]
    assert faults == []


@pytest.mark.parametrize("argv", [["dmeo"], ["demo", "--fsat"]], ids=" ".join)
def test_a_command_or_option_that_does_not_exist_is_found(argv: list[str]) -> None:
    """The check above can fail."""
    assert fault(command_tree(), argv)


def test_every_script_that_is_run_exists() -> None:
    run = [(place, word) for place, argv in command_lines() for word in argv if re.fullmatch(r"[\w/]+\.py", word)]
    assert [f"{place}: {name}" for place, name in run if not (ROOT / name).is_file()] == []


def test_every_module_that_is_run_exists() -> None:
    run = [
        (place, module)
        for place, argv in command_lines()
        for python, flag, module in zip(argv, argv[1:], argv[2:], strict=False)
        if python.rpartition("/")[2].startswith("python") and flag == "-m" and re.fullmatch(r"(?!pip$)[\w.]+", module)
    ]
    assert [f"{place}: {module}" for place, module in run if importlib.util.find_spec(module) is None] == []


def test_every_option_of_the_worker_exists() -> None:
    options = {word for _, argv in command_lines() if "worker.py" in argv for word in argv if word.startswith("--")}
    said = subprocess.run(
        [sys.executable, "worker.py", "--help"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    assert {option for option in options if option not in said} == set()


def test_every_make_target_that_a_text_names_exists() -> None:
    named = {(place, argv[1]) for place, argv in command_lines() if len(argv) > 1 and argv[0] == "make"}
    assert {
        (place, target) for place, target in named if re.match(r"[a-z]", target) and target not in MAKE_TARGETS
    } == set()


def test_make_alone_lists_every_target() -> None:
    listed = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    assert set(re.findall(r"^  make ([a-z-]+) ", listed, re.MULTILINE)) == MAKE_TARGETS


def test_every_file_that_a_text_names_exists() -> None:
    top = {path.parts[0] for path in repository_files() if len(path.parts) > 1}
    named = [
        (path, span)
        for path in documents()
        for span in spans(text_of(path))
        if re.fullmatch(r"[\w.-]+(/[\w.-]+)*/?", span)
    ]
    inside = [(path, span) for path, span in named if "/" in span and span.split("/")[0] in top]
    assert [f"{path}: {span}" for path, span in inside if not (ROOT / span).exists()] == []


def test_every_link_between_texts_leads_somewhere() -> None:
    links = [(path, link) for path in documents() for link in re.findall(r"\]\((?!\w+:|#)([^)#\s]+)", text_of(path))]
    assert [f"{path}: {link}" for path, link in links if not (ROOT / path.parent / link).exists()] == []


def test_every_variable_of_ours_that_is_named_is_a_setting() -> None:
    places = [Path(name) for name in ("docker-compose.yml", ".env.example", "Dockerfile", "Makefile")] + documents()
    named = {(str(path), name) for path in places for name in re.findall(r"TOUSU_[A-Z_]*[A-Z]", text_of(path))}
    assert {(place, name) for place, name in named if name not in VARIABLES} == set()


def test_every_setting_is_explained_to_operators() -> None:
    explained = set(re.findall(r"^\| `(TOUSU_[A-Z_]+)`", text_of("docs/operations.md"), re.MULTILINE))
    assert explained == VARIABLES


def test_every_finding_of_the_watchdog_is_explained_with_what_to_do() -> None:
    rows = re.findall(r"^\| `([A-Z][A-Za-z]+)` \| ([^|]+) \| ([^|]+) \|$", text_of("docs/operations.md"), re.MULTILINE)
    assert {code for code, _, _ in rows} == REMEDIES.keys()
    assert len(rows) == len(REMEDIES)


def test_every_service_is_explained_to_operators() -> None:
    explained = set(re.findall(r"^\| `([a-z-]+)` \|", text_of("docs/operations.md"), re.MULTILINE))
    assert explained == set(compose()["services"])
