"""A notice is YAML from outside: nothing is made of it before its size, its depth and its aliases were looked at."""

from __future__ import annotations

import pytest

from rulebook.errors import CalendarError
from rulebook.notice import parse_notice
from rulebook.plain_yaml import DEEPEST, LARGEST

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)
)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        pytest.param(BOMB, "anchors and aliases are not taken", id="bomb"),
        pytest.param("[" * 20_000, f"nests deeper than {DEEPEST} levels", id="deep"),
        pytest.param("a: " + "x" * LARGEST, f"is longer than {LARGEST} characters", id="long"),
    ],
)
def test_hostile_yaml_is_refused_in_one_line(text: str, rule: str) -> None:
    with pytest.raises(CalendarError, match=rule) as caught:
        parse_notice(text)
    assert "\n" not in str(caught.value)
