"""Whom a reminder slip (催办单) reaches at each level, seen from each level of the organisation (R105)."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from models.ladder import recipients
from models.organisation import Organisation, read_organisation
from rulebook.event import Level

SAMPLE = Path(__file__).parents[2] / "samples" / "organisation.yaml"
COORDINATOR = "p-gd-gz-yg-01"


@pytest.fixture(scope="module")
def insurer() -> Organisation:
    return read_organisation(SAMPLE)


def without(insurer: Organisation, role: str, *people: str) -> Organisation:
    """The insurer, but none of *people* has *role* any more."""
    content = insurer.model_dump(by_alias=True)
    for person in content["people"]:
        if person["id"] in people:
            person["roles"] = tuple(one for one in person["roles"] if one != role)
    return Organisation.model_validate(content)


@pytest.mark.parametrize(
    ("level", "unit", "department", "people"),
    [
        pytest.param("department_head", "gd-gz", "gd-gz-gx", "p-gd-gz-gx-02", id="city: its head of sales"),
        pytest.param("department_head", "gd-gz", "gd-gz-yg", "p-gd-gz-kf-03", id="city: a department without a head"),
        pytest.param("department_head", "gd-gz", None, "p-gd-gz-kf-03", id="city: not yet with a department"),
        pytest.param("department_head", "gd-gz-zc", "gd-gz-zc-kf", "p-gd-gz-kf-03", id="county: nobody below the city"),
        pytest.param("department_head", "hq", "hq-yg", "p-hq-yg-02", id="head office: the head of the department"),
        pytest.param("customer_service_head", "gd-gz-zc", None, "p-gd-gz-kf-03", id="county: the city's head"),
        pytest.param("customer_service_head", "gd-gz", None, "p-gd-gz-kf-03", id="city: its own head"),
        pytest.param("customer_service_head", "gd", None, "p-gd-kf-03", id="province: its own head"),
        pytest.param("customer_service_head", "hq", None, "p-hq-kf-03", id="head office: its own head"),
        pytest.param("general_manager", "gd-gz", None, "p-gd-zjl-02", id="city: the province's general manager"),
        pytest.param("general_manager", "zj", None, "p-zj-zjl-02", id="province: its own general manager"),
        pytest.param("general_manager", "hq", None, "p-hq-zjl-02", id="head office: its senior manager"),
        pytest.param("superior", "gd-gz-zc", None, "p-gd-gz-kf-03", id="county: the city above it"),
        pytest.param("superior", "gd-gz", None, "p-gd-kf-03", id="city: the province above it"),
        pytest.param("superior", "gd", None, "p-hq-kf-03", id="province: head office above it"),
        pytest.param("superior", "hq", None, "p-hq-kf-03", id="head office: nobody is above it"),
        pytest.param("committee", "gd-gz", None, "p-gd-zjl-02 p-gd-kf-03", id="city: the province's committee"),
        pytest.param("committee", "hq", None, "p-hq-zjl-02 p-hq-kf-03", id="head office: its own committee"),
    ],
)
def test_each_level_is_somebody_at_the_unit_or_the_nearest_above(
    insurer: Organisation, level: Level, unit: str, department: str | None, people: str
) -> None:
    assert recipients(insurer, level, unit, department, COORDINATOR) == tuple(people.split())


@pytest.mark.parametrize(
    ("role", "gone", "level", "reached"),
    [
        pytest.param("department_head", ["p-gd-gz-kf-03"], "customer_service_head", "p-gd-kf-03", id="city's head"),
        pytest.param("department_head", ["p-gd-kf-03"], "superior", "p-hq-kf-03", id="the province's head"),
        pytest.param("senior_manager", ["p-gd-zjl-02"], "general_manager", "p-hq-zjl-02", id="the general manager"),
        pytest.param("committee", ["p-gd-zjl-02"], "committee", "p-gd-kf-03", id="one of the committee"),
        pytest.param(
            "committee", ["p-gd-zjl-02", "p-gd-kf-03"], "committee", "p-hq-zjl-02 p-hq-kf-03", id="the whole committee"
        ),
    ],
)
def test_where_a_level_is_vacant_the_nearest_one_above_is_reached(
    insurer: Organisation, role: str, gone: list[str], level: Level, reached: str
) -> None:
    assert recipients(without(insurer, role, *gone), level, "gd-gz", "gd-gz-yg", COORDINATOR) == tuple(reached.split())


def test_the_coordinator_is_the_one_who_has_the_matter_and_before_that_customer_service(insurer: Organisation) -> None:
    assert recipients(insurer, "coordinator", "gd-gz", "gd-gz-yg", COORDINATOR) == (COORDINATOR,)
    assert recipients(insurer, "coordinator", "gd-gz", None, None) == ("p-gd-gz-kf-03",)


@pytest.mark.parametrize("level", get_args(Level))
def test_every_level_reaches_somebody_from_every_unit_and_from_one_that_nobody_knows(
    insurer: Organisation, level: Level
) -> None:
    """A reminder slip that reached nobody would end the ladder in silence."""
    for unit in (*insurer.units, "no-such-unit"):
        assert recipients(insurer, level, unit, None, None)
