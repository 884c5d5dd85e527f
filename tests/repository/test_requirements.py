"""Every requirement has one row that is true: where it is built and which test shows it, or why it is not."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

import pytest

from rulebook.authority import matrix
from rulebook.pack import RulePack, pack_names, rule_pack
from tests.repository.parts import ROOT, spans, text_of

DOCUMENT = "docs/requirements.md"
REQUIREMENTS = [f"R{number:03}" for number in range(1, 201)]
CONTRADICTIONS = [f"C{number}" for number in range(1, 23)]
REASON = 20
"""A shorter reason says nothing."""

Kind = Literal["built", "organisational", "declined", "open"]


@dataclass(frozen=True)
class Row:
    id: str
    text: str
    kind: str
    where: str
    shown: str


def cells(markdown: str, pattern: str) -> list[list[str]]:
    """Return the cells of every table row whose first cell has the form *pattern*, in the order of the text."""
    lines = (line for line in markdown.splitlines() if re.match(rf"\|\s*{pattern}\b", line))
    return [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]


def row(found: list[str]) -> Row:
    assert len(found) == 5, f"{found[0]}: {len(found)} cells instead of 5"
    return Row(*found)


def requirements(markdown: str) -> list[Row]:
    return [row(found) for found in cells(markdown, r"R\d+")]


def contradictions(markdown: str) -> list[Row]:
    """The rows of the contradictions; one that names no test must give its reason, like a requirement that is not built."""
    read = [row(found) for found in cells(markdown, r"C\d+")]
    return [replace(one, text=one.text and one.kind, kind="built" if named_tests(one) else "declined") for one in read]


def named_tests(one: Row) -> list[tuple[str, str]]:
    return re.findall(r"(tests/[\w/]+\.py)::(\w+)", one.shown)


def faults(rows: list[Row]) -> list[str]:
    """Say what is wrong with each row, its id first."""
    return [f"{one.id}: {fault}" for one in rows for fault in _faults(one)]


def _faults(one: Row) -> Iterator[str]:
    if not one.text:
        yield "says nothing of what is asked, or of what was done about it"
    places = spans(one.where)
    for place in places:
        if wrong := misplaced(place):
            yield wrong
    if one.kind == "built":
        if not places:
            yield "is built, but names no place in the code"
        yield from _untested(one)
    elif one.kind in get_args(Kind):
        if "tests/" in one.shown or "::" in one.shown:
            yield f"is {one.kind}, but names a test"
        if len(one.shown) < REASON:
            yield f"its reason has fewer than {REASON} characters"
    else:
        yield f"no kind {one.kind!r}: {', '.join(get_args(Kind))}"


def _untested(one: Row) -> Iterator[str]:
    tests = named_tests(one)
    if not tests:
        yield "is built, but names no test"
    if len(tests) != len(spans(one.shown)):
        yield "names something that is no test, as in `tests/…/test_….py::test_…`"
    for path, name in tests:
        if name not in functions(path):
            yield f"there is no test {path}::{name}"


@functools.cache
def functions(path: str) -> frozenset[str]:
    """Return the names of the test functions and methods in the file at *path*; none if there is no such file."""
    if not (ROOT / path).is_file():
        return frozenset()
    defined = (
        node for node in ast.walk(ast.parse(text_of(path))) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return frozenset(node.name for node in defined if node.name.startswith("test_"))


def misplaced(place: str) -> str | None:
    """Say why *place* is not there, or nothing: a file, a name in a file, or what a pack calls it."""
    pack, _, rest = place.partition(" ")
    if rest:
        return _not_in_pack(place, pack, *rest.partition(" ")[::2])
    path, _, name = place.partition(":")
    if not (ROOT / path).is_file():
        return f"there is no file {path}"
    if name and not re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text_of(path)):
        return f"{path} does not name {name}"
    return None


def _not_in_pack(place: str, pack: str, kind: str, name: str) -> str | None:
    if pack not in pack_names():
        return f"there is no pack {pack}, as {place} says"
    known = ids(rule_pack(pack))
    if kind not in known:
        return f"a pack has no {kind}, as {place} says: {', '.join(known)}"
    return None if name in known[kind] else f"{pack} has no {kind} {name}"


def ids(pack: RulePack) -> Mapping[str, frozenset[str]]:
    """Return the ids of what *pack* holds, by kind."""
    return {
        "duty": frozenset(duty.id for duty in pack.duties),
        "limit": frozenset(pack.limits),
        "slip": frozenset(duty.id for duty in pack.slips.duties) if pack.slips else frozenset(),
        "act": frozenset(matrix(pack)),
        "counting": frozenset(pack.counting),
        "sign-off": frozenset(pack.sign_offs),
    }


def test_every_requirement_has_exactly_one_row_in_order() -> None:
    assert [found[0] for found in cells(text_of(DOCUMENT), r"R\d+")] == REQUIREMENTS


def test_every_contradiction_has_exactly_one_row_in_order() -> None:
    assert [found[0] for found in cells(text_of(DOCUMENT), r"C\d+")] == CONTRADICTIONS


def test_every_row_of_the_requirements_is_true() -> None:
    wrong = faults(requirements(text_of(DOCUMENT)))
    assert wrong == [], f"{DOCUMENT}:\n" + "\n".join(wrong)


def test_every_row_of_the_contradictions_is_true() -> None:
    wrong = faults(contradictions(text_of(DOCUMENT)))
    assert wrong == [], f"{DOCUMENT}:\n" + "\n".join(wrong)


OURS = "tests/repository/test_requirements.py"
GOOD = Row(
    "R999", "a requirement", "built", "`rulebook/pack.py:pin_for`", f"`{OURS}::test_a_row_that_is_not_true_is_named`"
)
WHY = "people decide this, and no software can"


def test_a_row_that_is_true_has_no_fault() -> None:
    packed = "`company-life duty settle`, `company-life slip accept`, `company-life limit kpi`, `cn-2020-3 act close`"
    assert faults([GOOD, replace(GOOD, where=packed), replace(GOOD, kind="organisational", where="—", shown=WHY)]) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"shown": f"`{OURS}::test_nowhere`"}, f"there is no test {OURS}::test_nowhere"),
        ({"shown": f"`{OURS}::faults`"}, f"there is no test {OURS}::faults"),
        ({"shown": "`tests/test_no.py::test_x`"}, "there is no test tests/test_no.py::test_x"),
        (
            {"shown": f"{GOOD.shown}, `{OURS}:test_x`"},
            "names something that is no test, as in `tests/…/test_….py::test_…`",
        ),
        ({"shown": WHY}, "is built, but names no test"),
        ({"where": "—"}, "is built, but names no place in the code"),
        ({"where": "`rulebook/no.py`"}, "there is no file rulebook/no.py"),
        ({"where": "`rulebook/pack.py:pin_fo`"}, "rulebook/pack.py does not name pin_fo"),
        ({"where": "`no-pack duty decide`"}, "there is no pack no-pack, as no-pack duty decide says"),
        ({"where": "`cn-2020-3 duty settle`"}, "cn-2020-3 has no duty settle"),
        ({"where": "`company-life slip settle`"}, "company-life has no slip settle"),
        (
            {"where": "`cn-2020-3 role handler`"},
            "a pack has no role, as cn-2020-3 role handler says: duty, limit, slip, act, counting, sign-off",
        ),
        ({"text": ""}, "says nothing of what is asked, or of what was done about it"),
        ({"kind": "done"}, "no kind 'done': built, organisational, declined, open"),
        ({"kind": "open", "shown": "soon"}, "its reason has fewer than 20 characters"),
        ({"kind": "declined"}, "is declined, but names a test"),
    ],
)
def test_a_row_that_is_not_true_is_named(change: dict[str, str], fault: str) -> None:
    """The checks above can fail, and say which row it is."""
    assert f"R999: {fault}" in faults([GOOD, replace(GOOD, **change)])


def test_a_line_doctored_to_name_a_missing_test_is_found() -> None:
    """On the document itself: one letter of one test's name is enough."""
    text = text_of(DOCUMENT)
    first = next(one for one in requirements(text) if one.kind == "built")
    (path, name), *_ = named_tests(first)
    line = next(line for line in text.splitlines() if line.startswith(f"| {first.id} |"))
    doctored = text.replace(line, line.replace(f"{path}::{name}", f"{path}::{name}s"))
    assert faults(requirements(doctored)) == [f"{first.id}: there is no test {path}::{name}s"]


def test_a_contradiction_is_resolved_and_has_a_test_or_a_reason() -> None:
    read = contradictions(f"| C1 | a | resolved | — | no |\n| C2 | a |  | {GOOD.where} | {GOOD.shown} |")
    assert faults(read) == [
        "C1: its reason has fewer than 20 characters",
        "C2: says nothing of what is asked, or of what was done about it",
    ]


def test_a_row_with_a_cell_too_many_is_named() -> None:
    with pytest.raises(AssertionError, match="R001: 6 cells instead of 5"):
        requirements("| R001 | a | open | — | b | c |")
