"""Workflow code gives the same commands on every replay: no clock, no chance, no I/O, no state beside the instance."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.repository.parts import ROOT

FORBIDDEN_MODULES = {
    "io",
    "logging",
    "os",
    "pathlib",
    "random",
    "secrets",
    "socket",
    "subprocess",
    "threading",
    "time",
    "uuid",
}
FORBIDDEN_METHODS = {"now", "today", "utcnow", "sleep"}
FORBIDDEN_FUNCTIONS = {"open", "print", "input", "id", "hash"}
ALLOWED_OWNERS = {"workflow"}
"""`workflow.now()` and `workflow.sleep()` are the deterministic ones."""

SOURCES = sorted((ROOT / "workflows").glob("*.py"))


def faults(source: str) -> Iterator[str]:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        yield from _imports(node)
        yield from _calls(node)
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and _mutable(node.value) and not _constant(node):
            yield f"line {node.lineno}: state that outlives an instance"


def _imports(node: ast.AST) -> Iterator[str]:
    names = []
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        names = [node.module or ""]
    for name in names:
        if name.split(".")[0] in FORBIDDEN_MODULES:
            yield f"imports {name}"


def _calls(node: ast.AST) -> Iterator[str]:
    if not isinstance(node, ast.Call):
        return
    called = node.func
    if isinstance(called, ast.Attribute) and called.attr in FORBIDDEN_METHODS:
        owner = called.value.id if isinstance(called.value, ast.Name) else "?"
        if owner not in ALLOWED_OWNERS:
            yield f"line {node.lineno}: calls {owner}.{called.attr}()"
    elif isinstance(called, ast.Name) and called.id in FORBIDDEN_FUNCTIONS:
        yield f"line {node.lineno}: calls {called.id}()"


def _mutable(value: ast.expr | None) -> bool:
    return isinstance(value, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp)


def _constant(node: ast.Assign | ast.AnnAssign) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return all(isinstance(target, ast.Name) and target.id.isupper() for target in targets)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_workflow_code_is_deterministic(path: Path) -> None:
    assert list(faults(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    [
        "import random",
        "from time import time",
        "from datetime import datetime\nat = datetime.now()",
        "def f():\n    open('x')",
        "cache = {}",
        "import asyncio\nasync def f():\n    await asyncio.sleep(1)",
    ],
)
def test_the_check_finds_what_would_break_a_replay(source: str) -> None:
    assert list(faults(source))
