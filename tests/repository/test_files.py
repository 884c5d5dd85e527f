"""The files themselves: short, free of machines and download hosts, and locked by hash."""

import ast
import re
from pathlib import Path

import pytest

from tests.repository.parts import ROOT, repository_files, sources, text_of

LOCKS = ("requirements.txt", "requirements-dev.txt")
FUNCTION_LINES = 60
THIS_MACHINE = re.compile(
    "|".join(rf"(?<![\w.~-]){re.escape(str(place))}(?=[/\s'\"`]|$)" for place in (ROOT, Path.home()))
)
DOWNLOAD_HOST = re.compile(r"--(?:extra-)?index-url|--find-links|//[\w.-]+/simple\b")


def texts() -> list[tuple[Path, str]]:
    ours = [path for path in repository_files() if path != Path("tests/repository/test_files.py")]
    read = []
    for path in ours:
        try:
            read.append((path, text_of(path)))
        except UnicodeDecodeError:
            continue
    return read


@pytest.mark.parametrize("pattern", [THIS_MACHINE, DOWNLOAD_HOST], ids=["path of a machine", "download host"])
def test_no_file_names_a_machine_or_a_download_host(pattern: re.Pattern[str]) -> None:
    found = [f"{path}: {match[0]}" for path, text in texts() for match in [pattern.search(text)] if match]
    assert found == []


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (THIS_MACHINE, f"cp {ROOT}/x ."),
        (THIS_MACHINE, f'HOME = "{Path.home()}"'),
        (DOWNLOAD_HOST, "https://index.example/simple"),
        (DOWNLOAD_HOST, "--extra-index-url https://index.example"),
    ],
)
def test_a_path_or_a_host_is_found(pattern: re.Pattern[str], text: str) -> None:
    """The check above can fail."""
    assert pattern.search(text)


@pytest.mark.parametrize("path", sources(), ids=str)
def test_the_functions_of_a_source_file_stay_short(path: Path) -> None:
    text = text_of(path)
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = {
        node.name: length for node in functions if (length := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LINES
    }
    assert long == {}


def locked(name: str) -> dict[str, list[str]]:
    """Package==version of each entry, with its hashes."""
    entries: dict[str, list[str]] = {}
    for line in text_of(name).splitlines():
        if re.match(r"[a-z0-9]", line):
            entries[line.split(" ")[0]] = []
        elif found := re.search(r"--hash=sha256:([0-9a-f]{64})\b", line):
            entries[list(entries)[-1]].append(found[1])
    return entries


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_one_version_and_its_hashes(name: str) -> None:
    entries = locked(name)
    assert entries
    assert [
        entry for entry, hashes in entries.items() if not re.fullmatch(r"[\w.\[\],-]+==[\w.!+-]+", entry) or not hashes
    ] == []


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_names_no_index_and_no_address(name: str) -> None:
    assert [line for line in text_of(name).splitlines() if re.match(r"\s*-(?!-hash=)|.*(://|@ )", line)] == []


def test_development_runs_the_versions_of_production() -> None:
    assert set(locked("requirements.txt")) <= set(locked("requirements-dev.txt"))


def test_no_other_lock_file_is_kept() -> None:
    other = {"uv.lock", "poetry.lock", "Pipfile.lock", "pdm.lock", "pylock.toml"}
    assert [path for path in repository_files() if path.name in other] == []


def test_the_commands_of_the_repository_can_be_run() -> None:
    assert (ROOT / ".ci/run").stat().st_mode & 0o111 == 0o111
