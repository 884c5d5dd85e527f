"""What pyproject.toml names exists, is locked, and says the same as the other files."""

import importlib
import re
import tomllib
from typing import Any

import pytest

from tests.repository.parts import ROOT, compose, repository_files, text_of

PYPROJECT: dict[str, Any] = tomllib.loads(text_of("pyproject.toml"))
PROJECT: dict[str, Any] = PYPROJECT["project"]
SETUPTOOLS: dict[str, Any] = PYPROJECT["tool"]["setuptools"]


@pytest.mark.parametrize("entry", PROJECT["scripts"].values())
def test_every_console_script_leads_to_a_function(entry: str) -> None:
    module, _, function = entry.partition(":")
    assert callable(getattr(importlib.import_module(module), function))


def test_every_package_and_module_of_the_distribution_exists() -> None:
    packages = {name.rstrip("*") for name in SETUPTOOLS["packages"]["find"]["include"]}
    assert {name for name in packages if not (ROOT / name / "__init__.py").is_file()} == set()
    assert {name for name in SETUPTOOLS["py-modules"] if not (ROOT / f"{name}.py").is_file()} == set()


def test_every_pattern_for_data_files_finds_some() -> None:
    patterns = [f"{package}/{glob}" for package, globs in SETUPTOOLS["package-data"].items() for glob in globs]
    assert [pattern for pattern in patterns if not any(path.is_file() for path in ROOT.glob(pattern))] == []


def test_every_data_file_of_a_package_is_in_the_distribution() -> None:
    packed = {
        path.relative_to(ROOT)
        for package, globs in SETUPTOOLS["package-data"].items()
        for glob in globs
        for path in (ROOT / package).glob(glob)
    }
    rooms = {name.rstrip("*") for name in SETUPTOOLS["packages"]["find"]["include"]}
    data = {path for path in repository_files() if path.parts[0] in rooms and path.suffix not in {".py", ".md"}}
    assert data - packed == set()


def test_every_package_that_the_type_checker_names_exists() -> None:
    mypy = PYPROJECT["tool"]["mypy"]
    assert [name for name in mypy["packages"] if not any((ROOT / name).glob("**/*.py"))] == []
    assert [name for name in mypy["modules"] if not (ROOT / f"{name}.py").is_file()] == []


def test_readme_and_licence_exist() -> None:
    assert text_of(PROJECT["readme"]).startswith("# ")
    (licence,) = PROJECT["license-files"]
    assert "Version 2.0, January 2004" in text_of(licence)
    assert PROJECT["license"] == "Apache-2.0"
    assert "APPENDIX: How to apply the Apache License to your work." in text_of(licence)


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("requirements.txt", PROJECT["dependencies"]),
        ("requirements-dev.txt", PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]),
    ],
)
def test_every_dependency_is_locked(lock: str, wanted: list[str]) -> None:
    names = {re.split(r"[\[<>=!~;\s]", one)[0].lower().replace(".", "-") for one in wanted}
    assert names <= set(re.findall(r"^([a-z0-9-]+)(?:\[[\w,-]+\])?==", text_of(lock), re.MULTILINE))


def test_every_dependency_says_what_it_is_for() -> None:
    lines = re.findall(r'^  "[\w.-]+(?:\[\w+\])?[<>=!~].*|^  "[a-z]+",.*', text_of("pyproject.toml"), re.MULTILINE)
    wanted = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]
    assert len(lines) == len(wanted)
    assert [line for line in lines if not re.search(r'",\s+# \w.{5,}', line)] == []


def test_one_version_is_named_everywhere() -> None:
    version = PROJECT["version"]
    changes = re.findall(r"^## \[?([\w.]+)\]?", text_of("CHANGELOG.md"), re.MULTILINE)
    images = {service["image"] for service in compose()["services"].values() if "build" in service}
    assert images == {f"tousu:{version}"}
    assert changes[0] == version or (changes[0] == "Unreleased" and version in text_of("CHANGELOG.md"))
