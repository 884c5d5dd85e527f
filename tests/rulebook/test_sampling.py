"""A sample that anybody can draw again, of at least the share that the rules ask for (R160)."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.sampling import draw, order, population_hash, size

IDS = st.sets(st.text("ABC-0123456789", min_size=1, max_size=8), max_size=60)


@pytest.mark.parametrize(
    ("count", "taken"), [(0, 0), (1, 1), (5, 1), (6, 2), (10, 2), (11, 3), (100, 20), (101, 21), (100_000, 20_000)]
)
def test_a_share_is_rounded_up(count: int, taken: int) -> None:
    """R160: twenty per cent or more, never less."""
    assert size(count, 20) == taken


@given(IDS, st.text(min_size=1, max_size=8), st.integers(1, 100))
def test_at_least_the_share_is_drawn_whatever_the_order_of_the_cases(ids: set[str], seed: str, percent: int) -> None:
    drawn = draw(seed, sorted(ids), percent)
    assert drawn == draw(seed, sorted(ids, reverse=True), percent)
    assert len(drawn) * 100 >= len(ids) * percent
    assert len(set(drawn)) == len(drawn)
    assert set(drawn) <= ids


@given(IDS, st.integers(1, 100))
def test_what_is_certain_is_always_drawn(ids: set[str], percent: int) -> None:
    """R153: whoever was never reached is called again."""
    certain = sorted(ids)[: len(ids) // 3]
    assert set(certain) <= set(draw("s", ids, percent, certain))


def test_the_order_is_the_one_that_is_documented() -> None:
    """SHA-256 of the seed, a line feed and the id; computed here by hand."""
    ids = [f"C-{number}" for number in range(20)]
    by_hand = sorted(ids, key=lambda one: hashlib.sha256(b"seed\n" + one.encode()).digest())
    assert order("seed", ids) == by_hand
    assert order("another", ids) != by_hand


def test_every_case_is_drawn_as_often_as_any_other() -> None:
    """Over 2,000 seeds each of ten cases is among the two drawn about 400 times."""
    ids = [f"C-{number}" for number in range(10)]
    times = dict.fromkeys(ids, 0)
    for seed in range(2000):
        for one in draw(str(seed), ids, 20):
            times[one] += 1
    assert all(330 < count < 470 for count in times.values()), times


def test_the_hash_of_a_population_tells_any_change() -> None:
    rows = [("C-1", "gd", "settle", "2026-10-02"), ("C-2", "gd", "settle", "2026-10-03")]
    assert population_hash(rows) == population_hash(rows[::-1])
    assert population_hash(rows) != population_hash(rows[:1])
    assert population_hash(rows) != population_hash([rows[0], ("C-2", "gd", "settle", "2026-10-04")])
