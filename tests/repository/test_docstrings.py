"""Every public name in rulebook and models says what it is for."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.repository.parts import sources, text_of

Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
FILES = [path for path in sources() if path.parts[0] in {"rulebook", "models"} and "migrations" not in path.parts]


def silent(tree: ast.Module) -> list[str]:
    return [name for name, node in public(tree, "") if not (ast.get_docstring(node) or "").strip()]


def public(node: Documented, name: str) -> Iterator[tuple[str, Documented]]:
    """The module, its public classes and functions, and the public methods of those classes."""
    yield name or "the module", node
    if isinstance(node, ast.Module | ast.ClassDef):
        for child in node.body:
            if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and child.name[0] != "_":
                yield from public(child, f"{name}.{child.name}".lstrip("."))


@pytest.mark.parametrize("path", FILES, ids=str)
def test_every_public_name_has_a_docstring(path: Path) -> None:
    if path.name == "__init__.py" and not text_of(path).strip():
        return
    assert silent(ast.parse(text_of(path))) == []


@pytest.mark.parametrize(
    ("code", "missing"),
    [
        ("x = 1", ["the module"]),
        ('"""M."""\ndef f(): ...', ["f"]),
        ('"""M."""\nclass C:\n    """C."""\n    @property\n    def p(self): ...\n    def _q(self): ...', ["C.p"]),
    ],
)
def test_a_silent_name_is_found(code: str, missing: list[str]) -> None:
    """The check above can fail."""
    assert silent(ast.parse(code)) == missing


def test_both_rooms_are_walked() -> None:
    assert {path.parts[0] for path in FILES} == {"rulebook", "models"}
