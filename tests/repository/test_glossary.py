"""The glossary has each term once, in English and in Chinese, and names places that exist."""

from __future__ import annotations

import re
from collections import Counter

from tests.repository.parts import spans, text_of
from tests.repository.test_requirements import misplaced

DOCUMENT = "docs/glossary.md"
HEADING = "term"


def rows() -> list[list[str]]:
    """The four cells of every term."""
    lines = [line for line in text_of(DOCUMENT).splitlines() if line.startswith("| ")]
    found = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert {len(cells) for cells in found} == {4}
    return [cells for cells in found if cells[0] != HEADING]


def test_every_term_stands_once_in_each_language() -> None:
    for column in (0, 1):
        counts = Counter(cells[column] for cells in rows())
        assert [name for name, times in counts.items() if times > 1] == []


def test_every_term_is_english_beside_chinese_and_says_what_it_means() -> None:
    for term, chinese, meaning, _ in rows():
        assert re.fullmatch(r"[a-z][a-z -]+", term), term
        assert re.search(r"[\u4e00-\u9fff]", chinese), term
        assert len(meaning) > len(term), term


def test_every_place_exists() -> None:
    assert [(cells[0], fault) for cells in rows() for place in spans(cells[3]) if (fault := misplaced(place))] == []
    assert all(len(spans(cells[3])) == 1 for cells in rows())
