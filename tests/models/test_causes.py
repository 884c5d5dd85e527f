"""Every error type for which a step can wait for a person has a Chinese name, in whatever way it is raised."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any

from models.outages import OUTAGES, Outage
from models.vocabulary import LABELS_ZH
from tests.repository.parts import repository_files, text_of

ROOMS = {"activities", "models", "rulebook"}
"""The rooms that steps call: what is raised there may be the type of the error that stops one."""

NEVER = {
    "files that are read before a worker serves, or by a command": {
        *("DatabaseError", "DatabaseUrlError", "FiguresError", "MappingError", "MomentError", "OtherJurisdiction"),
        *("PackPartError", "RetentionError", "SchemaError", "SupervisionError", "TableError", "TextFileError"),
        *("RulesFolderError", "UnsoundPackError", "WorkbookError", "YamlRefused"),
    },
    "openings": {"FutureReceipt", "NoRulesInForce"},
    "raised as one of their kinds alone, or with a code in the place of their name": {
        *("ArchiveRefused", "ChainRefused", "DeliveryError", "LedgerError", "Refused", "RulebookError"),
    },
    "exported files": {"ArchiveError"},
    "periods of reports": {"PeriodError", "PeriodNotOver"},
    "supervision, rectifications and lessons": {
        *("BeforeTheRecord", "ByHandRefused", "EvidenceTaken", "MergedAway", "NamesSomebody", "NotClosed"),
        *("NotIndependent", "OpenedAlready", "RectificationRefused", "ReviewPossible", "TypicalRefused"),
        *("WishOutOfTime", "WishRefused", "WishTooLate"),
    },
    "packages, where it is caught": {"PackageError"},
    "holds on a file and its destruction": {
        *("IndexBroken", "NoSuchHold", "NotArchived", "NotProposed", "NotSealed", "OnHold", "SamePerson", "StillKept"),
        *("TombstoneBroken", "UnknownComplaint"),
    },
    "commands": {"NotAuthorised", "UnknownActor"},
}
"""What stops no step of a complaint: by what it is about instead."""


def modules() -> Iterator[tuple[ModuleType, ast.Module]]:
    """Every module of the rooms."""
    for path in repository_files():
        if path.suffix == ".py" and path.parts[0] in ROOMS and not {"migrations", "__main__.py"} & {*path.parts}:
            yield importlib.import_module(".".join(path.with_suffix("").parts)), ast.parse(text_of(path))


def error(module: ModuleType, node: ast.expr) -> type[BaseException] | None:
    """Return the error class that *node* names in *module*, if it names one of ours."""
    kind: Any = module
    for part in ast.unparse(node).split("."):
        kind = getattr(kind, part, None) or vars(module).get(part)
    ours = inspect.isclass(kind) and issubclass(kind, BaseException) and kind.__module__.partition(".")[0] in ROOMS
    return kind if ours else None


def types(module: ModuleType, node: ast.AST) -> Iterator[str]:
    """Yield the types that *node* gives an error beside its class: as a literal, or as the code of an error that has one."""
    match node:
        case ast.keyword(arg="type", value=ast.Constant(value=str(literal))) if literal[:1].isupper():
            yield literal
        case ast.Call(func=name, args=[ast.Constant(value=str(code)), *_]) if kind := error(module, name):
            if "code" in inspect.signature(kind.__init__).parameters:
                yield code


@cache
def raised() -> frozenset[str]:
    """Return the types of all errors that the rooms can raise: of each class its name, however it comes to be raised."""
    found = set()
    for module, tree in modules():
        found |= {kind for node in ast.walk(tree) for kind in types(module, node)}
        classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
        kinds = [error(module, ast.Name(node.name)) for node in classes]
        found |= {kind.__name__ for kind in kinds if kind and not issubclass(kind, Outage)}
    return frozenset(found)


def test_every_cause_for_which_a_step_waits_has_a_name_and_no_other() -> None:
    elsewhere = set().union(*NEVER.values())
    assert {"NoAddress", "NobodyToAssign", "LedgerRejected", "RecordBroken", "LetterError"} <= raised()
    assert raised() - OUTAGES - elsewhere == LABELS_ZH["waits_for"].keys()


def test_every_outage_has_a_chinese_name_and_nothing_else_has() -> None:
    assert LABELS_ZH["outage"].keys() == OUTAGES


def test_whatever_is_said_never_to_stop_a_step_is_raised_somewhere() -> None:
    assert set().union(*NEVER.values()) - raised() == set()
