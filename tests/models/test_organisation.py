"""Who handles what, who stands above whom, who may approve: the organisation's answers."""

from pathlib import Path

import pytest

from models import organisation as organisations
from models.organisation import Organisation, OrganisationError, install, installed, read_organisation
from models.organisation_parts import MATTERS

SAMPLE = Path(__file__).parents[2] / "samples" / "organisation.yaml"


@pytest.fixture(scope="module")
def insurer() -> Organisation:
    return read_organisation(SAMPLE)


def test_the_sample_has_all_levels_all_kinds_of_departments_and_some_forty_people(insurer: Organisation) -> None:
    assert {unit.level for unit in insurer.units.values()} == {"head_office", "province", "city", "county"}
    assert {department.kind for department in insurer.units["hq"].departments} >= {
        "customer_service",
        "personal_sales",
        "group_sales",
        "bank_sales",
        "phone_sales",
        "sales_supervision",
        "business_management",
        "payment_management",
        "information_technology",
        "brand",
        "legal",
        "consumer_protection",
    }
    assert len(insurer.people) >= 40


def test_units_know_their_superiors(insurer: Organisation) -> None:
    assert [unit.code for unit in insurer.chain("gd-gz-zc")] == ["gd-gz-zc", "gd-gz", "gd", "hq"]
    superior = insurer.superior("gd")
    assert superior is not None
    assert superior.code == "hq"
    assert insurer.superior("hq") is None
    assert insurer.level("gd-sz") == "city"
    assert insurer.is_superior("gd", "gd-gz-zc")
    assert not insurer.is_superior("gd-gz-zc", "gd")
    assert not insurer.is_superior("zj", "gd-gz")
    assert not insurer.is_superior("gd", "gd")
    assert set(insurer.with_below("gd-sz")) == {"gd-sz", "gd-sz-lh"}
    assert set(insurer.with_below("hq")) == set(insurer.units)
    with pytest.raises(OrganisationError, match="no such unit"):
        insurer.with_below("nowhere")


@pytest.mark.parametrize(
    ("person", "unit", "ground"),
    [
        pytest.param("p-hq-zjl-02", "gd-gz", "head_office_senior_manager", id="head-office-manager-for-a-city"),
        pytest.param("p-hq-zjl-02", "hq", "head_office_senior_manager", id="head-office-manager-for-head-office"),
        pytest.param("p-gd-kf-03", "gd-gz", "superior_institution", id="head-of-provincial-customer-service"),
        pytest.param("p-gd-zjl-02", "gd-gz-zc", "superior_institution", id="provincial-manager-two-levels-up"),
        pytest.param("p-hq-xb-02", "gd", "superior_institution", id="head-of-consumer-protection"),
        pytest.param("p-gd-kf-03", "gd", None, id="own-unit"),
        pytest.param("p-gd-zjl-02", "gd", None, id="own-unit-even-as-its-manager"),
        pytest.param("p-zj-zjl-02", "gd-gz", None, id="another-province"),
        pytest.param("p-gd-gz-kf-03", "gd", None, id="from-below"),
        pytest.param("p-hq-kf-03", "hq", None, id="head-office-department-for-head-office"),
        pytest.param("p-hq-gx-02", "gd", None, id="head-of-sales"),
        pytest.param("p-gd-kf-01", "gd-gz", None, id="handler-of-the-superior"),
    ],
)
def test_only_the_superior_institution_or_a_head_office_senior_manager_approves(
    insurer: Organisation, person: str, unit: str, ground: str | None
) -> None:
    """Art. 18(1)."""
    assert insurer.may_approve_extension(person, unit) == ground


@pytest.mark.parametrize(
    ("categories", "unit", "excluded", "coordinator"),
    [
        pytest.param(("claims",), "gd-gz", (), "p-gd-gz-yg-01", id="at-the-unit"),
        pytest.param(("claims", "selling"), "gd-gz", (), "p-gd-gz-yg-01", id="the-main-category-decides"),
        pytest.param(("claims",), "gd-gz-zc", (), "p-gd-gz-yg-01", id="county-to-city"),
        pytest.param(("other",), "gd-gz-zc", (), "p-hq-pp-01", id="up-to-head-office"),
        pytest.param(("selling",), "gd-gz", ("p-gd-gz-gx-01",), "p-gd-gz-gx-02", id="deputy"),
        pytest.param(("claims",), "gd-gz", ("p-gd-gz-yg-01",), "p-gd-yg-01", id="no-deputy-one-level-up"),
        pytest.param(("selling",), "gd-gz", ("p-gd-gz-gx-01", "p-gd-gz-gx-02"), "p-gd-gx-01", id="both-one-level-up"),
        pytest.param(("selling", "suspected_violation"), "gd-gz", (), "p-gd-dc-01", id="violation-first"),
        pytest.param((), "gd-gz-zc", (), "p-gd-gz-zc-kf-01", id="unclassified-to-customer-service"),
    ],
)
def test_a_complaint_goes_to_the_department_that_can_and_to_nobody_with_an_interest(
    insurer: Organisation,
    categories: tuple[str, ...],
    unit: str,
    excluded: tuple[str, ...],
    coordinator: str,
) -> None:
    """R030–R037, R106; art. 17, R107."""
    found = insurer.route(categories, unit, excluded=frozenset(excluded))
    person = insurer.person(coordinator)
    assert (found.coordinator, found.department, found.unit) == (coordinator, person.department, person.unit)


def test_the_reason_of_an_assignment_tells_the_detour(insurer: Organisation) -> None:
    excluded = frozenset({"p-gd-gz-gx-01"})
    assert insurer.route(("selling",), "gd-gz-zc", excluded=excluded).reason == (
        "handles selling; nearest unit above gd-gz-zc that can; deputy, because the coordinator has a direct interest"
    )


@pytest.mark.parametrize("matter", MATTERS)
def test_every_matter_of_every_unit_is_routed_somewhere(insurer: Organisation, matter: str) -> None:
    for unit in insurer.units:
        assert matter in insurer.departments[insurer.route((matter,), unit).department].handles


def test_when_everybody_has_an_interest_a_person_must_assign(insurer: Organisation) -> None:
    with pytest.raises(OrganisationError, match="assign the complaint by hand"):
        insurer.route(("claims",), "gd-gz", excluded=frozenset(insurer.people))


def test_an_unknown_unit_or_person_is_an_error_that_does_not_repeat_it(insurer: Organisation) -> None:
    with pytest.raises(OrganisationError, match=r"^the organisation data know no such unit$"):
        insurer.route(("claims",), "张三")
    with pytest.raises(OrganisationError, match=r"^the organisation data know no such person$"):
        insurer.may_approve_extension("张三", "gd")


def test_a_process_without_organisation_data_says_so(insurer: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(organisations, "_installed", [])
    with pytest.raises(OrganisationError, match="no organisation data in this process"):
        installed()
    install(insurer)
    assert installed() is insurer


def test_the_hash_follows_the_content(insurer: Organisation) -> None:
    renamed = insurer.model_copy(update={"version": "2026-12-01"})
    assert read_organisation(SAMPLE).content_hash() == insurer.content_hash()
    assert renamed.content_hash() != insurer.content_hash()
