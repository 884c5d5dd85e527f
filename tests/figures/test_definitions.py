"""Indicators are data: what a file says is checked by its line, and an insurer's own take their place beside the house's."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from engine.settings import ROOT
from models.figure_files import FiguresError, figures_hash, house_figures, read_figures
from rulebook.figures import Figure, value_of

ONE = """
version: "1"
figures:
  - id: claims
    title: {zh: 理赔, en: Claims}
    says: {zh: 理赔, en: Claims}
    formula: count
    population: cases
    dated_by: received
    unit: cases
    citation: 本公司
"""
SHARE = ONE.replace("formula: count", "formula: share\n    part: {within_days: 9}")


def own(folder: Path, text: str) -> Path:
    path = folder / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_file_of_the_house_names_each_indicator_of_the_requirements() -> None:
    """R182, R184–R189, art. 18 and the regulator's three ratios, each with its source."""
    cited = " ".join(figure.citation for figure in house_figures().figures)
    assert [
        name for name in ("R182", "R184", "R185", "R186", "R187", "R188", "R189", "第十八条") if name not in cited
    ] == []
    ratios = {figure.base: figure.scale for figure in house_figures().of("regulator") if figure.formula == "per"}
    assert ratios == {"premium": 100_000_000, "policies_in_force": 10_000, "persons_insured": 10_000}


def test_each_audience_has_its_profile() -> None:
    found = {figure.id: figure.profile for figure in house_figures().figures}
    assert (found["closure_rate"], found["received_regulator"], found["received_year"]) == (
        "company",
        "regulator",
        "annual",
    )


def test_what_was_only_reported_of_a_source_is_marked() -> None:
    """The regulator's bulletins were not read in the original."""
    assert {figure.id for figure in house_figures().figures if figure.mark == "secondary"} == {
        "per_premium",
        "per_policies",
        "per_persons",
    }


def test_own_indicators_replace_and_are_added_in_order(tmp_path: Path) -> None:
    text = ONE.replace("id: claims", "id: received") + ONE.partition("figures:\n")[2]
    figures = read_figures(own(tmp_path, text))
    ids = [figure.id for figure in figures.figures]
    assert ids == [*(figure.id for figure in house_figures().figures), "claims"]
    assert figures.figures[0].title.zh == "理赔"
    assert figures.version == f"{house_figures().version}+1"
    assert figures_hash(figures) != figures_hash(house_figures())


def test_the_sample_can_be_read() -> None:
    figures = read_figures(ROOT / "samples" / "figures.yaml")
    known = {figure.id: figure for figure in figures.figures}
    assert known["closure_rate"].dated_by == "closed"
    assert "dispatch_timeliness" in {figure.id for figure in figures.of("weekly")}


@pytest.mark.parametrize(
    ("text", "line", "rule"),
    [
        (ONE.replace("formula: count", "formula: eval"), 7, "figures.0.formula: Input should be 'count', 'share', "),
        (ONE.replace("id: claims", "id: Claims!"), 4, "figures.0.id: has the wrong form"),
        (ONE + "    python: import os\n", 12, "figures.0.python: unknown field"),
        (ONE.replace("formula: count", "formula: share"), 4, "figures.0: claims: part is missing"),
        (ONE.replace("formula: count", "formula: per"), 4, "figures.0: claims: base is missing"),
        (ONE.replace("formula: count", "formula: mean"), 4, "figures.0: claims: measure is missing"),
        (ONE + "    scale: 3\n", 4, "figures.0: claims: scale does not go with this formula"),
        (
            ONE.replace("dated_by: received", "dated_by: due"),
            4,
            "figures.0: claims: dated_by of cases is one of closed, ",
        ),
        (
            ONE.replace("population: cases", "population: duties").replace("received", "due"),
            4,
            "claims: rules is missing",
        ),
        (ONE + "    select: {where: {response: late}}\n", 4, "figures.0: claims: response is asked of slips"),
        (ONE + "    select: {where: {colour: red}}\n", 12, "figures.0.select.where.colour"),
        (
            SHARE.replace("population: cases", "population: slips").replace(
                "dated_by: received", "dated_by: dispatched"
            ),
            4,
            "figures.0: claims: closed, within_days and in_time are asked of cases",
        ),
        (ONE + ONE.partition("figures:\n")[2], 12, "claims is defined twice"),
        ("version: '1'\nfigures: []\n", 2, "figures: Tuple should have at least 1 item"),
        ("version: [", 1, "is not valid YAML"),
    ],
)
def test_a_mistake_is_found_at_its_line(tmp_path: Path, text: str, line: int, rule: str) -> None:
    path = own(tmp_path, text)
    with pytest.raises(FiguresError) as refused:
        read_figures(path)
    message = str(refused.value)
    assert message.startswith(f"{path}:{line}"), message
    assert rule in message
    assert "\n" not in message


def figure(**changes: object) -> Figure:
    plain = {"zh": "x", "en": "x"}
    base = {"id": "xx", "title": plain, "says": plain, "formula": "count", "population": "cases", "dated_by": "received",
            "unit": "cases", "citation": "xx"}  # fmt: skip
    return Figure.model_validate(base | changes)


@pytest.mark.parametrize(
    ("changes", "top", "bottom", "value"),
    [
        ({}, 7, None, "7"),
        ({"formula": "share", "part": {}, "unit": "percent"}, 2, 3, "0.666667"),
        ({"formula": "share", "part": {}, "unit": "percent"}, 0, 0, None),
        ({"formula": "mean", "measure": "handling_time", "unit": "days"}, 129_600, 1, "1.500000"),
        ({"formula": "mean", "measure": "handling_time", "unit": "hours"}, 5_400, 1, "1.500000"),
        ({"formula": "per", "base": "premium", "scale": 100_000_000, "unit": "ratio"}, 3, 250_000_000, "1.200000"),
        ({"formula": "per", "base": "premium", "scale": 100_000_000, "unit": "ratio"}, 3, None, None),
    ],
)
def test_values_come_from_whole_numbers(
    changes: dict[str, object], top: int, bottom: int | None, value: str | None
) -> None:
    """What cannot be divided has no value; it is never nought."""
    found = value_of(figure(**changes), top, bottom)
    assert found == (None if value is None else Decimal(value))
