"""By which rule a matter finds its unit and its department, and that the reason tells each of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

from models.organisation import Organisation, OrganisationError, read_organisation
from models.organisation_routing import LEVELS, Narrowing
from models.vocabulary import Category, SalesChannel
from rulebook.offices import UnitLevel

SAMPLE = Path(__file__).parents[2] / "samples" / "organisation.yaml"
SERVICE = ("call_centre", "membership_card", "notification")
"""What customer service settles itself (R019)."""


@pytest.fixture(scope="module")
def insurer() -> Organisation:
    return read_organisation(SAMPLE)


def changed(insurer: Organisation, change: Callable[[dict[str, Any]], None]) -> Organisation:
    """The insurer with *change* made to each of its units, read as if from a file."""
    content = insurer.model_dump(by_alias=True)
    for unit in content["units"]:
        change(unit)
    return Organisation.model_validate(content)


def centralising(insurer: Organisation, matter: str, *at: str) -> Organisation:
    """The insurer, but the units *at* centralise *matter*, and nothing else is centralised."""
    return changed(insurer, lambda unit: unit.update(centralises=(matter,) if unit["code"] in at else ()))


@pytest.mark.parametrize(
    ("channel", "unit", "department"),
    [
        pytest.param("personal_agent", "gd-gz", "gd-gz-gx", id="agents-at-the-unit"),
        pytest.param("group", "gd-gz", "hq-tx", id="groups-at-the-nearest-unit-above"),
        pytest.param("bank", "gd-gz", "gd-yb", id="banks-at-the-province"),
        pytest.param("bank", "gd-gz-zc", "gd-yb", id="banks-from-a-county"),
        pytest.param("bank", "zj-hz", "hq-yb", id="banks-where-the-province-has-none"),
        pytest.param("telephone", "gd-gz", "hq-dx", id="telephone"),
        pytest.param("internet", "gd-gz", "gd-gz-gx", id="no-department-of-its-own"),
        pytest.param(None, "gd-gz", "gd-gz-gx", id="unknown"),
    ],
)
@pytest.mark.parametrize("category", ["selling", "sales_service"])
def test_what_was_sold_goes_to_the_department_that_sold(
    insurer: Organisation, category: str, channel: SalesChannel | None, unit: str, department: str
) -> None:
    """R030: by the way of selling and the selling unit's location."""
    assert insurer.route((category,), unit, sales_channel=channel).department == department


@pytest.mark.parametrize("channel", get_args(SalesChannel))
@pytest.mark.parametrize("category", sorted({*get_args(Category)} - {"selling", "sales_service"}))
def test_how_a_policy_was_sold_moves_nothing_else(insurer: Organisation, category: str, channel: SalesChannel) -> None:
    assert insurer.route((category,), "gd-gz", sales_channel=channel) == insurer.route((category,), "gd-gz")


@pytest.mark.parametrize("channel", get_args(SalesChannel))
def test_a_suspected_violation_never_goes_to_those_who_sold(insurer: Organisation, channel: SalesChannel) -> None:
    """R030, R031: sales departments handle non-violation complaints; alone and shared out."""
    categories = ("selling", "suspected_violation", "claims", "sales_service")
    assert insurer.route(categories, "gd-gz", sales_channel=channel).department == "gd-dc"
    shares = insurer.share_out(categories, "gd-gz", sales_channel=channel)
    assert {matter: share.department for matter, share in shares.items()} == {
        "suspected_violation": "gd-dc",
        "claims": "gd-gz-yg",
    }


@pytest.mark.parametrize("category", SERVICE)
@pytest.mark.parametrize("unit", ["hq", "gd", "zj", "gd-gz", "gd-sz", "zj-hz"])
def test_customer_service_keeps_its_own_categories_at_its_own_level(
    insurer: Organisation, category: str, unit: str
) -> None:
    """R019: the province's customer service itself, the centre likewise."""
    assert insurer.route((category,), unit)[:2] == (unit, f"{unit}-kf")


@pytest.mark.parametrize(
    ("category", "unit", "department"),
    [
        pytest.param("payment", "gd-gz", "gd-sf", id="R033 payment management of the province"),
        pytest.param("payment", "zj-hz-xs", "zj-sf", id="R033 from a county"),
        pytest.param("payment", "hq", "hq-sf", id="R033 at head office"),
        pytest.param("system", "gd-gz", "gd-it", id="R034 information technology of the province"),
        pytest.param("system", "zj-hz", "hq-it", id="R034 where the province has none"),
    ],
)
def test_money_and_systems_have_departments_of_their_own(
    insurer: Organisation, category: str, unit: str, department: str
) -> None:
    """R033: late or wrong payment goes to payment management; R034: systems go to information technology."""
    found = insurer.departments[insurer.route((category,), unit).department]
    kind = {"payment": "payment_management", "system": "information_technology"}[category]
    assert (found.code, found.kind) == (department, kind)


@pytest.mark.parametrize("at_least", LEVELS)
@pytest.mark.parametrize("category", [*get_args(Category), "suspected_violation"])
def test_nobody_below_a_level_takes_what_that_level_must_handle(
    insurer: Organisation, category: str, at_least: UnitLevel
) -> None:
    """R018, R145: a forwarded complaint is the province's, and somebody has it whatever it is about."""
    for unit in insurer.units:
        found = insurer.level(insurer.route((category,), unit, at_least=at_least).unit)
        assert LEVELS.index(found) <= LEVELS.index(at_least)


def test_a_level_lifts_no_further_than_it_says(insurer: Organisation) -> None:
    assert insurer.route(("claims",), "gd-gz-zc", at_least="province").department == "gd-yg"
    assert insurer.route(("claims",), "gd-gz-zc", at_least="city").department == "gd-gz-yg"
    assert insurer.route((), "gd-gz-zc", at_least="province").department == "gd-kf"
    assert insurer.route(("claims",), "hq", at_least="province").department == "hq-yg"


@pytest.mark.parametrize(
    ("matter", "unit", "department"),
    [
        pytest.param("underwriting", "zj-hz", "zj-yg", id="from-the-city"),
        pytest.param("underwriting", "zj-hz-xs", "zj-yg", id="from-the-county"),
        pytest.param("underwriting", "zj", "zj-yg", id="its-own"),
        pytest.param("claims", "zj-hz", "zj-hz-yg", id="another-matter"),
        pytest.param("underwriting", "gd-gz", "gd-gz-yg", id="another-province"),
    ],
)
def test_centralised_business_goes_up_to_where_it_is_centralised(
    insurer: Organisation, matter: str, unit: str, department: str
) -> None:
    """R018, R027: in the sample Zhejiang centralises underwriting."""
    assert insurer.route((matter,), unit).department == department


def test_the_highest_unit_that_centralises_a_matter_takes_it(insurer: Organisation) -> None:
    """R018: it takes the matter over from every unit below, those that centralise it themselves included."""
    everywhere = centralising(insurer, "claims", "hq", "gd", "gd-gz")
    assert everywhere.route(("claims",), "gd-gz-zc").unit == "hq"
    assert centralising(insurer, "claims", "gd", "gd-gz").route(("claims",), "gd-gz-zc").unit == "gd"


@pytest.mark.parametrize(
    ("categories", "unit", "narrowing", "expected"),
    [
        pytest.param(("claims",), "gd-gz", {}, ("p-gd-gz-yg-01", "handles claims"), id="plain"),
        pytest.param((), "gd-gz", {}, ("p-gd-gz-kf-01", "not yet classified: customer service"), id="unclassified"),
        pytest.param(
            ("selling",),
            "gd-gz",
            {"sales_channel": "bank"},
            ("p-gd-yb-01", "selling, sold by bank: bank_sales; nearest unit above gd-gz that can"),
            id="sold-by-bank",
        ),
        pytest.param(
            ("underwriting",),
            "zj-hz-xs",
            {},
            ("p-zj-yg-01", "handles underwriting; centralised at zj"),
            id="centralised",
        ),
        pytest.param(
            ("claims",),
            "gd-gz",
            {"at_least": "province"},
            ("p-gd-yg-01", "handles claims; no unit below the level province may handle it"),
            id="forwarded",
        ),
        pytest.param(
            ("other",),
            "gd-gz",
            {"at_least": "province"},
            (
                "p-hq-pp-01",
                "handles other; no unit below the level province may handle it; nearest unit above gd that can",
            ),
            id="forwarded-and-further-up",
        ),
        pytest.param(
            ("underwriting",),
            "zj-hz",
            {"excluded": {"p-zj-yg-01"}, "at_least": "province"},
            ("p-hq-yg-01", "handles underwriting; centralised at zj; nearest unit above zj that can"),
            id="centralised-and-an-interest",
        ),
        pytest.param(
            ("selling",),
            "gd-gz",
            {"sales_channel": "personal_agent", "excluded": {"p-gd-gz-gx-01"}},
            (
                "p-gd-gz-gx-02",
                "selling, sold by personal_agent: personal_sales; deputy, because the coordinator has a direct interest",
            ),
            id="the-deputy-of-those-who-sold",
        ),
        pytest.param(
            ("selling",),
            "gd-gz",
            {"sales_channel": "bank", "excluded": {"p-gd-yb-01", "p-hq-yb-01"}},
            ("p-gd-gz-gx-01", "handles selling, because nobody of bank_sales can"),
            id="nobody-without-an-interest-among-those-who-sold",
        ),
    ],
)
def test_the_reason_tells_every_step(
    insurer: Organisation, categories: tuple[str, ...], unit: str, narrowing: Narrowing, expected: tuple[str, str]
) -> None:
    found = insurer.route(categories, unit, **narrowing)
    assert (found.coordinator, found.reason) == expected


def test_a_complaint_of_several_categories_is_shared_out_the_main_one_first(insurer: Organisation) -> None:
    """R103: one share for each category, by the same rules as a complaint of that category alone."""
    narrowing: Narrowing = {"sales_channel": "bank", "excluded": frozenset({"p-gd-gz-yg-01"}), "at_least": "city"}
    shares = insurer.share_out(("selling", "claims", "call_centre", "claims"), "gd-gz-zc", **narrowing)
    assert list(shares) == ["selling", "claims", "call_centre"]
    assert [share.department for share in shares.values()] == ["gd-yb", "gd-yg", "gd-gz-kf"]
    for category, share in shares.items():
        assert share == insurer.route((category,), "gd-gz-zc", **narrowing)


def test_a_complaint_without_a_category_has_nothing_to_share_out(insurer: Organisation) -> None:
    assert insurer.share_out((), "gd-gz") == {}


def test_a_share_that_nobody_may_take_is_not_left_out(insurer: Organisation) -> None:
    with pytest.raises(OrganisationError, match="assign the complaint by hand"):
        insurer.share_out(("claims", "selling"), "gd-gz", excluded=frozenset(insurer.people))


@pytest.mark.parametrize(
    ("categories", "alone"),
    [
        pytest.param(SERVICE, True, id="its-own-three"),
        pytest.param(("call_centre", "claims"), False, id="one-of-them-another-department's"),
        pytest.param(("call_centre", "suspected_violation"), False, id="a-suspected-violation"),
        pytest.param((), True, id="not-yet-classified"),
        pytest.param(("other",), False, id="media"),
    ],
)
def test_customer_service_settles_alone_what_is_its_own(
    insurer: Organisation, categories: tuple[str, ...], alone: bool
) -> None:
    """R019, R124, R125."""
    assert insurer.settled_by_customer_service(categories, "gd-gz") is alone


def test_a_suspected_violation_is_never_settled_by_customer_service_alone(insurer: Organisation) -> None:
    """R031: not even where customer service looks after violations."""

    def hand_over(unit: dict[str, Any]) -> None:
        for department in unit["departments"]:
            department["handles"] = tuple(one for one in department["handles"] if one != "suspected_violation")
            if department["kind"] == "customer_service":
                department["handles"] += ("suspected_violation",)

    without = changed(insurer, hand_over)
    assert without.departments[without.route(("suspected_violation",), "gd").department].kind == "customer_service"
    assert not without.settled_by_customer_service(("suspected_violation",), "gd")
