"""The file of what is done at fixed times: the house's is sound, a mistake has its line, people are found by role."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.settings import SAMPLE_ORGANISATION
from models.audience import area_of, audience, callers
from models.organisation import read_organisation
from models.supervision import SHIPPED, SupervisionError, read_supervision

ORGANISATION = read_organisation(SAMPLE_ORGANISATION)


def test_the_house_s_file_owes_what_the_rules_ask_for() -> None:
    """R160: at least 20 per cent; R178: weekly; R180: more than 50 per cent; R181: by the 10th working day."""
    rules = read_supervision()
    known = {one.id: one for one in rules.schedules}
    assert (known["bulletin"].every, known["bulletin"].above) == ("week", 50)
    assert (known["sample"].every, known["sample"].share) == ("month", 20)
    by = known["publication"].by
    assert by is not None
    assert by.working == 10
    assert known["disclosure"].every == "year"


@pytest.mark.parametrize(
    ("was", "becomes", "line", "reason"),
    [
        ("time_zone: Asia/Shanghai", "time_zone: Asia/Nowhere", 7, "time_zone: is no IANA time zone"),
        ("calendar: cn", "calendar: xx", 8, "calendar: no such working calendar is published"),
        ("  - id: closures", "  - id: sample", 33, "schedules.2.id: is taken already"),
        ('day: {working: 1, at: "08:30"}', 'day: {working: 1, natural: 1, at: "08:30"}', 16, "only one of them"),
        ('day: {working: 1, at: "08:30"}', 'day: {working: 1, at: "25:30"}', 16, "at"),
        ("    above: 50 ", "    abuv: 50 ", 19, "abuv"),
        ("    population: late\n", "", 22, "population and share belong to a sample"),
        ("every_minutes: 30", "every_minutes: 45", 63, "every_minutes divides an hour"),
        ("[management, heads, service]\n", "[everybody]\n", 20, "recipients"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, was: str, becomes: str, line: int, reason: str) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert was in text
    (file := tmp_path / "supervision.yaml").write_text(text.replace(was, becomes, 1), encoding="utf-8")
    with pytest.raises(SupervisionError) as refused:
        read_supervision(file)
    place, _, rest = str(refused.value).partition(": ")
    assert reason in rest, refused.value
    assert place == f"{file}:{line}"


@pytest.mark.parametrize(("unit", "area"), [("gd-sz-lh", "gd"), ("zj", "zj"), ("hq", "hq"), ("unknown", "hq")])
def test_an_area_is_a_province_with_all_below_it(unit: str, area: str) -> None:
    assert area_of(ORGANISATION, unit) == area


def test_people_are_found_by_their_roles() -> None:
    """R159, R179, R183: management, heads of the departments named, the callback team, head office."""
    told = audience(ORGANISATION, ("management", "heads", "service"), "gd", ["gd-sz"], ["gd-gx"])
    assert told == ("p-gd-zjl-02", "p-gd-gx-02", "p-gd-kf-03")
    assert callers(ORGANISATION, "gd") == ("p-gd-kf-02",)
    assert "p-hq-xb-02" in audience(ORGANISATION, ("head_office",), "gd")
    assert audience(ORGANISATION, ("committee",), "gd") == ("p-gd-kf-03", "p-gd-zjl-02") or audience(
        ORGANISATION, ("committee",), "gd"
    ) == ("p-gd-zjl-02", "p-gd-kf-03")
