"""How long files are kept: by classes that are data, the longest one, whole days, counted as the Civil Code counts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from models.data_file import read_model
from rulebook.retention import DEFAULT, KeepingRule, RetentionRules, anniversary, longest

RULES = read_model(DEFAULT, RetentionRules, ValueError)
CLOSED = {"closed": date(2026, 3, 24)}


def kept(facts: dict[str, str], days: dict[str, date] = CLOSED) -> tuple[str, date] | None:
    found = longest(RULES.applying(facts).items(), days)
    return (found.rule, found.last_day) if found else None


def test_an_ordinary_file_is_kept_for_five_years_after_closure() -> None:
    """The house's assumption: art. 28 names no years."""
    assert kept({"severity": "general"}) == ("complaint", date(2031, 3, 24))


def test_a_grave_case_is_kept_longer() -> None:
    assert kept({"severity": "major", "recording": "no"}) == ("grave", date(2036, 3, 24))


def test_a_recording_of_a_grave_case_keeps_the_file_longest() -> None:
    """R065: long term; a recording of another case changes nothing (PIPL art. 19)."""
    assert kept({"severity": "important", "recording": "yes"}) == ("recorded", date(2056, 3, 24))
    assert kept({"severity": "general", "recording": "yes"}) == ("complaint", date(2031, 3, 24))


def test_what_was_never_closed_has_no_end() -> None:
    assert kept({"severity": "general"}, {"received": date(2026, 3, 2)}) is None


@pytest.mark.parametrize(
    ("day", "over"), [(date(2031, 3, 24), False), (date(2031, 3, 25), True)], ids=["last day", "the day after"]
)
def test_the_last_day_is_kept_whole(day: date, over: bool) -> None:
    """The first day is not counted, the period ends with the same day of its last year (Civil Code art. 201, 202)."""
    found = longest(RULES.applying({}).items(), CLOSED)
    assert found is not None
    assert found.over(day) is over


@pytest.mark.parametrize(
    ("day", "years", "last"),
    [
        (date(2024, 2, 29), 5, date(2029, 2, 28)),
        (date(2024, 2, 29), 4, date(2028, 2, 29)),
        (date(2026, 12, 31), 1, date(2027, 12, 31)),
    ],
    ids=["no such day", "leap year again", "end of the year"],
)
def test_the_last_day_of_the_month_stands_for_a_day_that_is_not_there(day: date, years: int, last: date) -> None:
    assert anniversary(day, years) == last


@pytest.mark.parametrize("years", [0, 101])
def test_years_that_make_no_sense_are_refused(years: int) -> None:
    with pytest.raises(ValidationError, match="years"):
        KeepingRule.model_validate({"years": years, "citation": "R157", "text": {"zh": "一", "en": "a"}})


def test_every_class_and_every_act_says_what_it_is_in_both_languages() -> None:
    texts = [rule.text for rule in RULES.classes.values()]
    texts += [rule.text for rules in RULES.authority.values() for rule in rules]
    assert all(text.zh and text.en for text in texts)
    assert Path(DEFAULT).name == "retention.yaml"


@pytest.mark.parametrize(
    ("act", "level", "role", "allowed"),
    [
        ("propose", "head_office", "consumer_protection", True),
        ("propose", "city", "consumer_protection", False),
        ("approve", "head_office", "senior_manager", True),
        ("approve", "head_office", "consumer_protection", False),
        ("hold", "city", "legal", True),
        ("lift", "city", "legal", False),
    ],
)
def test_who_may_do_what_is_data(act: str, level: str, role: str, allowed: bool) -> None:
    assert RULES.may(act, level, frozenset({role}), "legal") is allowed  # type: ignore[arg-type]


def test_an_act_without_a_rule_is_nobodys() -> None:
    rules = RULES.model_copy(update={"authority": {}})
    assert not rules.may("approve", "head_office", frozenset({"senior_manager"}), "management")
