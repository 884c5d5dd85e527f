"""The published schemas are those of the models, and are what an implementation of JSON Schema can use."""

from __future__ import annotations

import json
import re

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # ships no types
from typer.testing import CliRunner

from cli.app import app
from cli.schemas import ANSWERED, SENT
from tests.cli.schemas import FOLDER, files
from tests.repository.parts import text_of


def test_the_schemas_in_the_documents_are_those_of_the_models() -> None:
    kept = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}
    assert kept == files(), "write them anew: python -m tests.cli.schemas"


@pytest.mark.parametrize("name", [*SENT, *ANSWERED])
def test_a_schema_is_printed_as_it_is_kept(name: str) -> None:
    printed = CliRunner().invoke(app, ["schema", name])
    assert printed.exit_code == 0
    assert printed.output == files().get(f"{name}.json", printed.output)
    Draft202012Validator.check_schema(json.loads(printed.output))


def test_the_contract_names_every_schema_and_no_other() -> None:
    named = set(re.findall(r"schemas/([\w-]+\.json)", text_of("docs/contract.md")))
    assert named == set(files())
