"""Which way imports may point, and a walk that finds those that point the other way."""

import ast
from collections.abc import Iterator
from pathlib import Path

LAYERS = (
    {"rulebook"},
    {"models"},
    {"activities", "workflows"},
    {"engine"},
    {"cli"},
    {"worker", "starter"},
)
OURS = {name for layer in LAYERS for name in layer}
MAY_CALL = {("workflows", "activities")}  # workflows name activities, only to call them
FORBIDDEN = {
    "rulebook": ("temporalio", "sqlalchemy", "sqlmodel", "psycopg", "socket", "random"),
    "workflows": (
        "sqlmodel",
        "sqlalchemy",
        "psycopg",
        "socket",
        "random",
        "models.tables",
        "models.archive_tables",
        "models.chained_tables",
        "models.figure_tables",
        "models.journal_tables",
        "models.rectification_tables",
        "models.risk_tables",
        "models.supervision_tables",
        "models.typical_tables",
    ),
}
CLOCKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.monotonic"}


def faults(root: Path, files: list[Path]) -> list[str]:
    """Return one line for every import or call in *files*, relative to *root*, that the house forbids."""
    found: list[str] = []
    for path in files:
        room = path.parts[0].removesuffix(".py")
        if room in OURS:
            tree = ast.parse((root / path).read_text(encoding="utf-8"))
            found += [f"{path}:{line}: {reason}" for line, reason in _faults_of(tree, room, path)]
    return found


def _faults_of(tree: ast.Module, room: str, path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        for module in _imported(node, path):
            barred = any(f"{module}.".startswith(f"{name}.") for name in FORBIDDEN.get(room, ()))
            if barred or not _may_import(room, module.partition(".")[0]):
                yield getattr(node, "lineno", 0), f"{room} may not import {module}"
        if room in FORBIDDEN and isinstance(node, ast.Attribute):
            called = ".".join(ast.unparse(node).split(".")[-2:])
            if called in CLOCKS:
                yield node.lineno, f"{room} may not read a clock with {called}"


def _imported(node: ast.AST, path: Path) -> list[str]:
    """The modules that *node* may load; of `from a import b` also a.b, which may be a module."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    package = list(path.parent.parts)
    base = [*package[: len(package) - node.level + 1], *(node.module or "").split(".")] if node.level else [node.module]
    start = ".".join(part for part in base if part)
    return (
        [start, *(f"{start}.{alias.name}" for alias in node.names)] if start else [alias.name for alias in node.names]
    )


def _may_import(room: str, other: str) -> bool:
    if other not in OURS or other == room or (room, other) in MAY_CALL:
        return True
    level = {name: number for number, layer in enumerate(LAYERS) for name in layer}
    return level[other] < level[room]
