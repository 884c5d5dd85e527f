"""README.md and README.zh-CN.md say the same."""

import re

from tests.repository.parts import blocks, spans, text_of


def both() -> tuple[str, str]:
    return text_of("README.md"), text_of("README.zh-CN.md")


def outline(markdown: str) -> list[int]:
    """The levels of the headings in order, those in code left out."""
    prose = re.sub(r"^```.*?^```", "", markdown, flags=re.MULTILINE | re.DOTALL)
    return [len(marks) for marks in re.findall(r"^(#+) ", prose, re.MULTILINE)]


def test_both_have_the_same_outline() -> None:
    english, chinese = map(outline, both())
    assert english == chinese
    assert len(english) >= 5


def test_both_show_the_same_commands_in_the_same_order() -> None:
    typed = [[command for block in blocks(text) for command in block.commands()] for text in both()]
    assert typed[0] == typed[1]
    assert {"make demo", "make test"} <= set(typed[0])


def test_both_have_the_same_kinds_of_code_blocks() -> None:
    english, chinese = ([block.kind for block in blocks(text)] for text in both())
    assert english == chinese


def test_both_name_the_same_variables_and_files() -> None:
    """In code spans: what a reader copies must not depend on the reader's language."""
    copied = [
        {span for span in spans(text) if re.fullmatch(r"[\w./-]*[A-Z]+_[A-Z_]+|[\w./-]+/[\w./-]*", span)}
        for text in both()
    ]
    assert copied[0] == copied[1]
