"""An organisation file that is wrong is refused with its file, its line, its place and the rule."""

from pathlib import Path

import pytest

from models.organisation import OrganisationError, read_organisation

MATTERS = (
    "selling, sales_service, counter_image, underwriting, policy_maintenance, claims, call_centre, membership_card, "
    "product, payment, notification, system, other, suspected_violation"
)

GOOD = f"""\
name: Example
version: "1"
units:
  - code: hq
    name: Head office
    level: head_office
    departments:
      - {{code: hq-kf, name: CS, kind: customer_service, handles: [{MATTERS}], coordinator: p-1, deputy: p-2}}
  - code: gd
    name: Province
    level: province
    parent: hq
    departments:
      - {{code: gd-kf, name: CS, kind: customer_service, coordinator: p-3}}
people:
  - {{id: p-1, name: One, unit: hq, department: hq-kf, roles: [coordinator]}}
  - {{id: p-2, name: Two, unit: hq, department: hq-kf, roles: [handler, department_head, senior_manager, committee]}}
  - {{id: p-3, name: Three, unit: gd, department: gd-kf, roles: [coordinator]}}
"""


def refused(tmp_path: Path, text: str) -> str:
    file = tmp_path / "organisation.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(OrganisationError) as caught:
        read_organisation(file)
    return str(caught.value).removeprefix(str(file))


def test_the_file_that_the_others_break_is_good(tmp_path: Path) -> None:
    file = tmp_path / "organisation.yaml"
    file.write_text(GOOD, encoding="utf-8")
    assert set(read_organisation(file).people) == {"p-1", "p-2", "p-3"}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("parent: hq", "parent: xx", ":12: units.1.parent: unknown parent [organisation]"),
        ("parent: hq", "parent: gd", ":12: units.1.parent: cycle: the unit is its own superior [organisation]"),
        ("    parent: hq\n", "", ":9: units.1.parent: every unit below the head office needs a parent [organisation]"),
        ("level: province", "level: head_office", ":12: units.1.parent: the head office has no parent [organisation]"),
        ("level: head_office", "level: county", ":4: units.0.parent: every unit below the head office needs a parent"),
        ("code: gd\n", "code: hq\n", ":9: units.1.code: duplicate unit code [organisation]"),
        ("code: gd-kf,", "code: hq-kf,", ":14: units.1.departments.0.code: duplicate department code [organisation]"),
        ("{id: p-2,", "{id: p-1,", ":17: people.1.id: duplicate person id [organisation]"),
        ("unit: gd, dep", "unit: zz, dep", ":18: people.2.unit: unknown unit [organisation]"),
        (
            "unit: gd, department: gd-kf",
            "unit: gd, department: hq-kf",
            ":18: people.2.department: the person's unit has no such department [organisation]",
        ),
        ("coordinator: p-3", "coordinator: p-9", ":14: units.1.departments.0.coordinator: unknown person"),
        (
            "coordinator: p-3",
            "coordinator: p-1",
            ":14: units.1.departments.0.coordinator: the coordinator must belong to the department (R037)",
        ),
        (
            "department: gd-kf, roles: [coordinator]",
            "department: gd-kf, roles: [handler]",
            ":14: units.1.departments.0.coordinator: the coordinator must have the role coordinator (R037)",
        ),
        ("deputy: p-2", "deputy: p-1", ":8: units.0.departments.0.deputy: the deputy must be somebody else"),
        (
            "kind: customer_service, coordinator",
            "kind: legal, coordinator",
            ":13: units.1.departments: a unit needs exactly one customer service department (R006) [organisation]",
        ),
        (
            "claims, ",
            "",
            ":7: units.0.departments: nobody at head office handles claims, so it is routed nowhere [organisation]",
        ),
        (
            "parent: hq\n",
            "parent: hq\n    centralises: [claims]\n",
            ":13: units.1.centralises: the unit centralises claims, but none of its departments handles it (R018)",
        ),
        (
            "parent: hq\n",
            "parent: hq\n    centralises: [songs]\n",
            ":13: units.1.centralises.0",
        ),
        (
            "handler, department_head,",
            "handler,",
            ":15: people: customer service at head office needs somebody with the role department_head (R105)",
        ),
        ("senior_manager, ", "", ":15: people: head office needs somebody with the role senior_manager (R105)"),
        (", committee]", "]", ":15: people: head office needs somebody with the role committee (R105)"),
        ("roles: [handler,", "roles: [king,", ":17: people.1.roles.0:"),
        ("name: Two", "nickname: Two", ":17: people.1.name: is required [missing]"),
        ("name: Example", "name: [", " is not valid YAML"),
        ("version:", "name: Again\nversion:", ":2: gives a key twice"),
    ],
)
def test_each_mistake_is_found_at_its_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in GOOD
    said = refused(tmp_path, GOOD.replace(old, new, 1))
    assert told in said
    assert "\n" not in said


def test_two_departments_of_a_unit_never_handle_the_same(tmp_path: Path) -> None:
    second = (
        "      - {code: hq-yg, name: B, kind: business_management, handles: [claims], coordinator: p-4}\n  - code: gd\n"
    )
    fourth = "people:\n  - {id: p-4, name: Four, unit: hq, department: hq-yg, roles: [coordinator]}\n"
    said = refused(tmp_path, GOOD.replace("  - code: gd\n", second).replace("people:\n", fourth))
    assert (
        said == ":7: units.0.departments: two departments handle claims: one must be the main department [organisation]"
    )


def test_a_unit_never_has_two_departments_that_may_have_sold(tmp_path: Path) -> None:
    """R030: the way of selling names the department."""
    banks = "".join(
        f"      - {{code: gd-yb{number}, name: B, kind: bank_sales, coordinator: p-{number}}}\n" for number in (4, 5)
    )
    people = "".join(
        f"  - {{id: p-{number}, name: B, unit: gd, department: gd-yb{number}, roles: [coordinator]}}\n"
        for number in (4, 5)
    )
    said = refused(tmp_path, GOOD.replace("people:\n", f"{banks}people:\n{people}"))
    assert (
        said
        == ":13: units.1.departments: two departments are bank_sales: nobody could tell which one sold (R030) [organisation]"
    )


@pytest.mark.parametrize(
    "level_and_parent",
    ["level: province\n    parent: gd", "level: head_office"],
    ids=["same-level", "second-head-office"],
)
def test_the_tree_has_one_root_and_goes_down(tmp_path: Path, level_and_parent: str) -> None:
    third = (
        f"  - code: zj\n    name: Other\n    {level_and_parent}\n    departments:\n"
        "      - {code: zj-kf, name: CS, kind: customer_service, coordinator: p-5}\npeople:\n"
        "  - {id: p-5, name: Five, unit: zj, department: zj-kf, roles: [coordinator]}\n"
    )
    said = refused(tmp_path, GOOD.replace("people:\n", third))
    assert "a parent must be of a higher level" in said or "there must be exactly one head office" in said


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(OrganisationError, match=r"cannot be read as a UTF-8 file$"):
        read_organisation(tmp_path / "none.yaml")
